"""Folders in the work folder for what someone sent, while a process is at it. They go with the block; those of a process
that was killed go when the next one begins.

A folder is named ``<kind>-<pid>-<birth>-<random>``. The kernel gives a pid again, so the instant at which the process
began tells whether it is still the same one.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal, get_args

Kind = Literal["list", "look", "import", "marking"]
_NAMED = re.compile(rf"(?:{'|'.join(get_args(Kind))})-(\d+)(?:-(\d+))?-[^-]+\Z")
_BIRTH = 19  # of the fields of /proc/<pid>/stat that come after the name: proc(5), starttime


@contextmanager
def work_folder(workdir: Path, kind: Kind) -> Iterator[Path]:
    """A new folder in ``workdir``, which is made when it is not there; what killed processes left there is swept first."""
    workdir.mkdir(parents=True, exist_ok=True)
    sweep(workdir)
    me = os.getpid()
    folder = Path(tempfile.mkdtemp(prefix=f"{kind}-{me}-{_birth(me) or 0}-", dir=workdir.absolute()))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def sweep(workdir: Path) -> None:
    """Delete the folders of processes that were killed: nothing that was sent is kept there."""
    for folder in workdir.glob("*"):
        named = _NAMED.match(folder.name)
        if named and not _lives(int(named[1]), int(named[2] or 0)):
            shutil.rmtree(folder, ignore_errors=True)


def _lives(pid: int, birth: int) -> bool:
    """Whether the process lives, and is the one that began then (0: not known)."""
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:  # another account's, which the system may hide
        pass
    return not birth or _birth(pid) in (birth, None)


def _birth(pid: int) -> int | None:
    """Ticks after the machine's start; None when the system does not tell."""
    with suppress(OSError, ValueError, IndexError):
        return int(Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[_BIRTH])
    return None
