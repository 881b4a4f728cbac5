"""The order of editions in time, which is not that of their ordinals once history was brought in. Pure.

Ordinals are given at publication and only grow. An edition of history was published later than the one that followed it
in time; its ``before`` holds the ordinal of that one (docs/adr/0008-history.md).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, TypeVar


class Placed(Protocol):
    @property
    def ordinal(self) -> int: ...

    @property
    def before(self) -> int | None: ...


E = TypeVar("E", bound=Placed)


def in_order(editions: Iterable[E]) -> list[E]:
    """Oldest first. Each edition of history is put where it was when it was published: directly before another one."""
    line: list[E] = []
    for edition in sorted(editions, key=lambda one: one.ordinal):
        places = (at for at, other in enumerate(line) if other.ordinal == edition.before)
        at = next(places, None) if edition.before is not None else None
        line.insert(len(line) if at is None else at, edition)
    return line
