"""The net changes of an edition since a client's copy, page by page.

What a client holds may be the state just before a release or the one that the release made (both were served within
the span that its ``FromDate`` names), so changes are told against several *bases*: a code is told when it now differs
from what it was in any of them. Applied to a copy of any base, the reply gives this edition's list.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from maxa.shelf.release import CONCEPT_COLUMNS, Concept, SealedRelease

_FEW = 5_000  # up to so many touched codes are sorted anew for each page; more are met soon enough in code order
_COUNTS_KEPT = 64
_COLUMNS = ", ".join(f"c.{name}" for name in CONCEPT_COLUMNS.split(", "))


class Change(NamedTuple):
    """Net change of a code: ``kind`` is added, changed, retired or restored."""

    kind: str
    concept: Concept


@dataclass(frozen=True, slots=True)
class Bases:
    """States that a copy may be in: just before each of the releases ``first``…``last`` (ordinals, both included)."""

    first: int
    last: int


class ChangesSince:
    """Net changes in ``release`` against ``bases``, in code order."""

    def __init__(self, release: SealedRelease, bases: Bases) -> None:
        self._release = release
        self._bases = bases
        # A code that no release since its base touched is as it was; ids are our own integers, never a caller's text.
        differs = " OR ".join(
            f"(c.since >= {base} AND NOT EXISTS (SELECT 1 FROM past p WHERE p.code = c.code AND p.since < {base}"  # noqa: S608
            f" AND p.until >= {base} AND p.active = c.active AND p.hash = c.hash))"
            for base in range(bases.first, bases.last + 1)
        )
        self._where = f"({differs})"
        self._touched = int(release.rows("SELECT count(*) FROM concept WHERE since >= ?", (bases.first,))[0][0])

    def count(self) -> int:
        """How many codes :meth:`page` tells in all; counted once a process."""
        if not self._touched:
            return 0
        known = self._release.change_counts
        count = known.get(self._bases)
        if count is None:
            query = f"SELECT count(*) FROM concept c WHERE c.since >= ? AND {self._where}"  # noqa: S608
            count = int(self._release.rows(query, (self._bases.first,))[0][0])
            if len(known) >= _COUNTS_KEPT:
                known.clear()
            known[self._bases] = count
        return count

    def page(self, *, after: str | None, limit: int) -> list[Change]:
        """Up to ``limit`` changes of codes after ``after``. Kinds are told against the oldest base that differs."""
        if not self._touched:
            return []
        since = "c.since" if self._touched <= _FEW else "+c.since"  # the plus keeps SQLite on the index of codes
        query = (
            f"SELECT {_COLUMNS}, c.hash FROM concept c WHERE {since} >= ? AND {self._where} AND c.code > ?"  # noqa: S608
            " ORDER BY c.code LIMIT ?"
        )
        changes = []
        for *fields, hashed in self._release.rows(query, (self._bases.first, after or "", limit)):
            concept = Concept(*fields)
            changes.append(Change(self._kind(concept, hashed), concept))
        return changes

    def _kind(self, concept: Concept, hashed: int) -> str:
        now = (int(concept.active), hashed)
        for base in range(self._bases.first, min(self._bases.last, concept.since) + 1):
            kind = change_kind(self._release.state_before(concept.code, base), now)
            if kind is not None:
                return kind
        return "changed" if concept.active else "retired"


def change_kind(before: tuple[int, int] | None, after: tuple[int, int]) -> str | None:
    """Kind of the net change between two (active, content hash) states; ``None`` when nothing changed.

    What is retired now is told as retired, whatever it was: a client that holds active codes removes it, one that
    holds all takes over its new content. That covers a code that came and went, and a retired one that was corrected.
    """
    if before == after:
        return None
    if not after[0]:
        return "retired"
    if before is None:
        return "added"
    return "changed" if before[0] else "restored"
