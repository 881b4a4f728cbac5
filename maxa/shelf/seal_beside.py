"""Seal releases in a second process: a list and its map are independent files, and a machine has two cores or more.

The child gets the database's URL through a pipe (it may hold a password), says nothing, and dies with its parent.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import orjson
from sqlalchemy import Engine

from maxa.child import Child, start_child
from maxa.errors import MaxaError, Unavailable
from maxa.registry.engine import make_engine
from maxa.settings import PROJECT
from maxa.shelf.seal import seal_release


def start_sealing(engine: Engine, shelf: Path, release_ids: list[int]) -> Child:
    """Begin to seal these releases in a child; :func:`wait_for_sealing` ends it."""
    child = start_child(
        [sys.executable, "-m", "maxa.shelf.seal_beside"],
        death_signal=signal.SIGKILL,
        cwd=PROJECT,
        stdin=subprocess.PIPE,
    )
    task = {"url": engine.url.render_as_string(hide_password=False), "shelf": str(shelf), "releases": release_ids}
    if child.stdin is not None:
        child.stdin.write(orjson.dumps(task))
        child.stdin.close()
    return child


def wait_for_sealing(child: Child) -> None:
    """Raises :class:`Unavailable` when the child could not seal; what it left undone is done at the next projection."""
    if child.wait() != 0:
        raise Unavailable(
            "مهر کردن یکی از ویرایش‌ها ناتمام ماند؛ گزارش سرور را ببینید. در آغاز بعدی ادامه می‌یابد.",
            "Sealing one of the releases broke off: look into the server's log. The next start goes on with it.",
        )


def main() -> None:
    task = orjson.loads(sys.stdin.buffer.read())
    engine = make_engine(task["url"])
    try:
        for release_id in task["releases"]:
            seal_release(engine, Path(task["shelf"]), release_id)
    except MaxaError as error:
        sys.stderr.write(f"{error.detail_en}\n")
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
