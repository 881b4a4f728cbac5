"""Where a mirror gets things from. Nothing that comes out of a source is trusted: lengths are bounded here, contents are
verified by whoever asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a file as it comes: where it really starts (a server may ignore what was asked), and its bytes."""

    start: int
    chunks: Iterator[bytes]


class Source(Protocol):
    """``name`` is shown to people. Both methods raise :class:`maxa.mirror.troubles.SourceTrouble`, and its subclass
    ``NotThere`` where the source has no such file."""

    name: str

    def metadata(self, name: str, limit: int) -> bytes:
        """A whole metadata file, at most ``limit`` bytes; a longer one raises :class:`Refused`."""

    def piece(self, name: str, start: int, length: int) -> AbstractContextManager[Piece]:
        """From ``start`` up to ``length`` bytes of a target, by its hashed name. It may give fewer or more."""

    def clock(self) -> float | None:
        """What the source says the time is (seconds since 1970), as a hint for people only."""

    def close(self) -> None: ...
