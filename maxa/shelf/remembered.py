"""The last few thousand answers of sealed files, kept in memory.

Nothing here can go stale: a sealed file never changes, and what is remembered is named by the file's own digest, or hangs on
the catalogue or the release that it was read from. It is worth its few megabytes because prescriptions repeat the same
codes, and because every question put to SQLite hands the interpreter to another thread four times, which on a busy server
costs far more than the look-up itself.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Remembered(Generic[T]):
    """Two generations of at most ``size`` answers each: what is asked for again moves into the younger one, and when
    that is full the older one is forgotten. Safe to share between threads; the worst that a race costs is an answer."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._young: dict[Hashable, T] = {}
        self._old: dict[Hashable, T] = {}

    def get(self, key: Hashable) -> T | None:
        found = self._young.get(key)
        if found is None:
            found = self._old.get(key)
            if found is not None:
                self.keep(key, found)
        return found

    def keep(self, key: Hashable, value: T) -> None:
        young = self._young
        if len(young) >= self._size:
            self._old, self._young = young, {}
            young = self._young
        young[key] = value

    def clear(self) -> None:
        """For measuring what an answer costs."""
        self._young, self._old = {}, {}

    def __len__(self) -> int:
        return len(self._young) + len(self._old)
