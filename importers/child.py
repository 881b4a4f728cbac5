"""The process that reads one workbook: ``python -m importers.child``, started by extraction.py and by nothing else.

It takes its task as one line of JSON on standard input, limits its own memory and time before it touches the file, and
dies with its parent. Progress goes to standard output, results to files in the working folder. Whatever a hostile
workbook does, it does it here.
"""

from __future__ import annotations

import ctypes
import gc
import os
import resource
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson

from importers.handover import leave_extract, leave_refusal
from importers.inspection import leave_inspection
from importers.profile import Profile
from importers.reading import read_workbook
from importers.refusals import refusal
from importers.survey import survey
from maxa.errors import BadWorkbook

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def main() -> None:
    task = orjson.loads(sys.stdin.buffer.readline())
    _die_with_parent(task["parent"])
    _limit(task["memory"], task["seconds"])
    gc.disable()  # rows make no cycles, and looking for some among a million of them costs a third more time
    workdir = Path(task["workdir"])
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


def _die_with_parent(parent: int) -> None:
    """The signal is tied to the parent's thread that started us, which waits for us all the while."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends us
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    if os.getppid() != parent:  # gone before the kernel knew of our wish
        os._exit(1)


def _limit(memory: int, seconds: int) -> None:
    """Address space and processor time. A core file of a broken workbook helps nobody."""
    grace = 5  # at the hard limit the kernel kills; at the soft one, a little before, it says why
    for name, soft, hard in (
        (resource.RLIMIT_AS, memory, memory),
        (resource.RLIMIT_CPU, seconds, seconds + grace),
        (resource.RLIMIT_CORE, 0, 0),
    ):
        _, ceiling = resource.getrlimit(name)
        if ceiling != resource.RLIM_INFINITY:
            soft, hard = min(soft, ceiling), min(hard, ceiling)
        resource.setrlimit(name, (soft, hard))


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
