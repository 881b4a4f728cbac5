"""Spool files: each process appends whole lines to a file of its own, and lets go of it when it is large or the process
ends. The writer holds a lock on its file, which the kernel takes away however it ends: what nobody holds is finished."""

from __future__ import annotations

import fcntl
import os
import secrets
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

ROTATE = 1 << 20  # bytes, after which a file is let go of
MOST = 64 << 20  # bytes of all files, when nobody collects them
LONGEST_LINE = 1 << 20
READ_AT_ONCE = 4 << 20
_ENDING = ".jsonl"
_UNBORN_SECONDS = 60.0


class Spool:
    """The file of this process below ``folder``. Its parent must exist: a home that is gone is not made anew."""

    def __init__(self, folder: Path, *, rotate: int = ROTATE, most: int = MOST) -> None:
        self.folder = folder
        self._rotate, self._most = rotate, most
        self._file: int | None = None
        self._size = 0

    def append(self, lines: Iterable[bytes]) -> int:
        """Write whole lines. Returns how many bytes of old files had to go to make room. Raises OSError; a line that
        could not be written whole is the last of its file, so that no other is damaged by it."""
        dropped = 0
        for line in lines:
            file = self._file
            if file is None:
                dropped += self._make_room()
                file = self._begin()
            try:
                if os.write(file, line) < len(line):
                    raise OSError("a line was written in part")
            except OSError:
                self.close()
                raise
            self._size += len(line)
            if self._size >= self._rotate:
                self.close()
        return dropped

    def close(self) -> None:
        """Let go of the file; also after a fork, where it stays the parent's."""
        file, self._file = self._file, None
        if file is not None:
            os.close(file)

    def _begin(self) -> int:
        self.folder.mkdir(mode=0o700, exist_ok=True)
        name = f"{time.time_ns():020}-{secrets.token_hex(6)}{_ENDING}"
        unborn = self.folder / f".{name}"
        file = os.open(unborn, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            if os.geteuid() == 0:  # a server that was tried as root must not shut the service out
                owner = self.folder.stat()
                os.fchown(file, owner.st_uid, owner.st_gid)
            fcntl.flock(file, fcntl.LOCK_EX)  # before anyone sees it
            os.rename(unborn, self.folder / name)
        except OSError:
            os.close(file)
            raise
        self._file, self._size = file, 0
        return file

    def _make_room(self) -> int:
        """Remove the oldest finished files until there is room for one more; what is removed is told by its size."""
        sizes = {}
        for path in spool_files(self.folder):
            with suppress(FileNotFoundError):
                sizes[path] = path.stat().st_size
        total, dropped = sum(sizes.values()), 0
        for path, size in sizes.items():
            if total <= self._most - self._rotate:
                break
            with suppress(OSError):
                if _is_finished(path):
                    path.unlink()
                    total -= size
                    dropped += size
        return dropped


def spool_files(folder: Path) -> list[Path]:
    """Oldest first; none where there is no folder."""
    try:
        return sorted(path for path in folder.iterdir() if path.suffix == _ENDING and not path.name.startswith("."))
    except FileNotFoundError:
        return []


def sweep_unborn(folder: Path) -> None:
    """Remove files whose process was killed before it had named them."""
    for path in folder.glob(f".*{_ENDING}"):
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > _UNBORN_SECONDS and _is_finished(path):
                path.unlink()


@dataclass(frozen=True, slots=True)
class Portion:
    """Lines of a file from some place on. ``read_to`` is where to go on; with ``finished`` there is nothing more to come
    and the file can go. ``damaged`` counts lines that were too long or cut."""

    lines: list[bytes]
    read_to: int
    finished: bool
    damaged: int = 0


def read_portion(path: Path, start: int) -> Portion:
    """The next whole lines, at most some megabytes. Raises OSError."""
    with path.open("rb") as file:
        # Looked at first: what is let go of is never written to again.
        let_go = _can_lock(file.fileno())
        file.seek(start)
        content = file.read(READ_AT_ONCE)
        to_the_end = len(content) < READ_AT_ONCE
    whole, _, rest = content.rpartition(b"\n")
    read = len(content) - len(rest)
    lines = whole.split(b"\n") if read else []
    good = [line for line in lines if len(line) <= LONGEST_LINE]
    damaged = len(lines) - len(good)
    if not read and not to_the_end:  # one endless line: passed over piece by piece
        return Portion([], start + len(content), False, 1)
    finished = let_go and to_the_end
    return Portion(good, start + read, finished, damaged + (1 if finished and rest else 0))


def _is_finished(path: Path) -> bool:
    with path.open("rb") as file:
        return _can_lock(file.fileno())


def _can_lock(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
