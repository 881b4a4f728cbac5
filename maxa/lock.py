"""A file that one process at a time may hold; the kernel lets go of it however its holder ends, kill -9 included."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path

POLL_SECONDS = 0.02


class PidLock:
    """An exclusive ``flock`` on ``path``, which names its holder's pid for whoever is refused.

    The lock belongs to the open file: a child that inherits :attr:`fd` goes on holding it after we are gone.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.fd: int | None = None

    def acquire(self, *, wait: float = 0.0) -> bool:
        """Take the lock, trying for up to ``wait`` seconds. False: someone else has it. Raises OSError for the file."""
        if self.fd is not None:
            return True
        deadline = time.monotonic() + wait
        fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        if os.geteuid() == 0:  # a command run by sudo must not shut a folder's owner out of its lock
            owner = self.path.parent.stat()
            os.fchown(fd, owner.st_uid, owner.st_gid)
        while True:
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    os.close(fd)
                    return False
                time.sleep(POLL_SECONDS)
            else:
                break
        os.ftruncate(fd, 0)
        os.pwrite(fd, f"{os.getpid()}\n".encode(), 0)
        self.fd = fd
        return True

    def release(self) -> None:
        """Close our hold of it. The file stays: removing it would let two processes lock two different files."""
        if self.fd is not None:
            os.close(self.fd)
            self.fd = None

    def holder(self) -> int | None:
        """The pid that took the lock last, where it can be read."""
        try:
            return int(self.path.read_text("ascii").strip())
        except (OSError, ValueError):
            return None
