"""Analyse the titles of a large list in a second process, while this one writes what is analysed (DESIGN §5).

Blocks go to the child and come back in turn, one ahead of what is written: the child is sent a block only when it has
told the one before, so that neither can wait for the other for ever. It says nothing else, and dies with its parent.
"""

from __future__ import annotations

import fcntl
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, NoReturn

import orjson

from maxa.child import start_child
from maxa.shelf.search_index import Analysed, Analyser, AnalyserLost, Indexed

_PROJECT = Path(__file__).parents[2]
_LENGTH = 8  # bytes
_BLOCK = 1 << 20  # bytes


class AnalyserBeside:
    """An :class:`Analyser` whose work is done by a child; :meth:`close` ends that, whatever happened."""

    def __init__(self) -> None:
        self._child = start_child(
            [sys.executable, "-m", "maxa.shelf.index_beside"],
            death_signal=signal.SIGKILL,
            cwd=_PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._asked = False
        for pipe in (self._child.stdin, self._child.stdout):
            _widen(pipe)

    @property
    def pid(self) -> int:
        return self._child.pid

    def take(self, first: int, concepts: list[Indexed]) -> list[Analysed]:
        before = self._answers()
        self._ask([first, [tuple(concept) for concept in concepts]])
        self._asked = True
        return before

    def rest(self) -> list[Analysed]:
        return self._answers()

    def filters(self) -> list[tuple[Any, ...]]:
        self._ask(None)
        return [tuple(row) for row in self._answer()]

    def _answers(self) -> list[Analysed]:
        if not self._asked:
            return []
        self._asked = False
        words, titles = self._answer()
        return [(words, titles)]

    def _ask(self, what: Any) -> None:
        try:
            _write(self._child.stdin, what)
        except BrokenPipeError:
            _broke_off()

    def _answer(self) -> Any:
        try:
            return _read(self._child.stdout)
        except EOFError:
            _broke_off()

    def close(self) -> None:
        self._child.kill()
        self._child.wait()
        for pipe in (self._child.stdin, self._child.stdout):
            if pipe is not None:
                with suppress(BrokenPipeError):
                    pipe.close()


def _broke_off() -> NoReturn:
    raise AnalyserLost(
        "ساختن نمایهٔ جستجوی یکی از ویرایش‌ها ناتمام ماند؛ گزارش سرور را ببینید. در آغاز بعدی ادامه می‌یابد.",
        "Building the search index of one of the releases broke off: look into the server's log. The next start goes on"
        " with it.",
    )


def _write(pipe: IO[bytes] | None, what: Any) -> None:
    """One message: its length in eight bytes, and it in JSON."""
    assert pipe is not None
    content = orjson.dumps(what)
    pipe.write(len(content).to_bytes(_LENGTH))
    pipe.write(content)
    pipe.flush()


def _read(pipe: IO[bytes] | None) -> Any:
    """Raises EOFError at the end, and when a message is broken off."""
    assert pipe is not None
    length = int.from_bytes(pipe.read(_LENGTH))
    content = pipe.read(length)
    if not length or len(content) < length:
        raise EOFError
    return orjson.loads(content)


def _widen(pipe: IO[bytes] | None) -> None:
    """Let a pipe hold a block, where the system grants it: fewer turns from one process to the other."""
    if pipe is not None and hasattr(fcntl, "F_SETPIPE_SZ"):
        with suppress(OSError):
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _BLOCK)


def main() -> None:
    analyser = Analyser()
    with suppress(EOFError):
        while True:
            asked = _read(sys.stdin.buffer)
            _write(sys.stdout.buffer, analyser.filters() if asked is None else analyser.take(*asked)[0])


if __name__ == "__main__":
    main()
