"""The process that reads one workbook: ``python -m importers.child``, started by extraction.py and by nothing else.

Progress goes to standard output, results to files in the working folder. Whatever a hostile workbook does, it does it here.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from importers.handover import leave_extract, leave_refusal
from importers.inspection import leave_inspection
from importers.profile import Profile
from importers.reading import read_workbook
from importers.refusals import refusal
from importers.survey import survey
from maxa.errors import BadWorkbook
from maxa.limited import take_task


def main() -> None:
    task = take_task()
    workdir = Path.cwd()
    try:
        _DO[task["do"]](task, workdir)
    except BadWorkbook as refused:
        leave_refusal(refused, workdir)
    except MemoryError:
        leave_refusal(refusal("too-large", limit=task["memory"] >> 20), workdir)


def _path(task: dict[str, Any]) -> Path:
    return Path(os.fsdecode(bytes.fromhex(task["path"])))


def _extract(task: dict[str, Any], workdir: Path) -> None:
    extract = read_workbook(
        _path(task),
        source=task["source"],
        workdir=workdir,
        filename=task["filename"],
        profile=Profile.from_dict(task["profile"]),
        progress=_Progress(),
    )
    leave_extract(extract, workdir)


def _inspect(task: dict[str, Any], workdir: Path) -> None:
    seen = survey(
        _path(task),
        source=task["source"],
        filename=task["filename"],
        profile=Profile.from_dict(task["profile"]),
    )
    leave_inspection(seen, workdir)


_DO: dict[str, Callable[[dict[str, Any], Path], None]] = {"extract": _extract, "inspect": _inspect}


class _Progress:
    """Writes ``done total`` lines, one for each hundredth."""

    def __init__(self) -> None:
        self._last = -1

    def __call__(self, done: int, total: int) -> None:
        hundredth = done * 100 // total
        if hundredth > self._last:
            self._last = hundredth
            sys.stdout.buffer.write(b"%d %d\n" % (done, total))
            sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
