"""How many codes a release added, changed, retired and restored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Counts(NamedTuple):
    added: int = 0
    changed: int = 0
    retired: int = 0
    restored: int = 0

    @property
    def any(self) -> bool:
        return sum(self) > 0

    def __add__(self, other: object) -> Counts:
        if not isinstance(other, Counts):
            return NotImplemented
        return Counts(*(a + b for a, b in zip(self, other, strict=True)))


def counts_of(kinds: Mapping[tuple[str, str], int], *, added: int = 0) -> Counts:
    """``kinds``: (status before, status after) → rows."""
    return Counts(
        added=added,
        changed=kinds.get(("active", "active"), 0) + kinds.get(("retired", "retired"), 0),
        retired=kinds.get(("active", "retired"), 0),
        restored=kinds.get(("retired", "active"), 0),
    )
