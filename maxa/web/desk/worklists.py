"""Which codes of a map's source a filter lists. What takes reading whole lists is reckoned once an edition and kept for
the process; a page takes a few look-ups."""

from __future__ import annotations

import threading
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from maxa.registry import deciding
from maxa.registry.deciding import Editions, Work
from maxa.registry.models import Terminology
from maxa.registry.transaction import transaction

FILTERS = ("unmapped", "conflicting", "decided", "all")
MOST_MAPS = 16  # of which the work is kept: a list of 100,000 codes takes 8 MB


class WorkLists:
    """The work of each map, in its current edition."""

    def __init__(self) -> None:
        self._held: OrderedDict[int, Work] = OrderedDict()  # the least recently asked for first
        self._lock = threading.Lock()
        self._reckoning = threading.Lock()

    def of(self, engine: Engine, terminology: Terminology) -> Work:
        """In a transaction of its own: reading whole lists has settings that pages do not want."""
        with transaction(engine) as session:
            editions = deciding.editions_of(session, terminology)
        held = self._known(terminology.id, editions)
        if held is not None:
            return held
        with self._reckoning:  # one reckons, the others wait for it
            held = self._known(terminology.id, editions)
            if held is None:
                with transaction(engine) as session:
                    held = deciding.work_of(session, terminology)
                self._keep(terminology.id, held)
            return held

    def _known(self, number: int, editions: Editions) -> Work | None:
        with self._lock:
            held = self._held.get(number)
            if held is None or held.editions != editions:
                return None
            self._held.move_to_end(number)
            return held

    def _keep(self, number: int, work: Work) -> None:
        with self._lock:
            self._held[number] = work
            self._held.move_to_end(number)
            while len(self._held) > MOST_MAPS:
                self._held.popitem(last=False)


@dataclass(frozen=True, slots=True)
class Listing:
    """The codes that a filter lists, in code order. ``pending``: decided, and not published yet; ``among``: those that a
    search found, sorted, or None for all."""

    work: Work
    show: str
    pending: frozenset[str]
    among: tuple[str, ...] | None = None

    def count(self, show: str) -> int:
        """How many codes another filter lists, without a search."""
        if show == "all":
            return self.work.active
        if show == "decided":
            return len(self.pending.union(self.work.decided))
        codes = self.work.unmapped if show == "unmapped" else self.work.conflicting
        return len(codes) - sum(1 for code in self.pending if _holds(codes, code))

    def mark(self, code: str) -> str:
        """What is to be said of a code first: ``pending``, ``conflicting``, ``decided``, or nothing."""
        if code in self.pending:
            return "pending"
        if _holds(self.work.conflicting, code):
            return "conflicting"
        return "decided" if _holds(self.work.decided, code) else ""

    def page(self, session: Session, terminology: Terminology, *, after: str, limit: int) -> list[str]:
        """Up to ``limit`` codes after ``after``."""
        found: list[str] = []
        for code in self._after(session, terminology, after, limit):
            found.append(code)
            if len(found) == limit:
                break
        return found

    def _after(self, session: Session, terminology: Terminology, after: str, limit: int) -> Iterator[str]:
        if self.among is not None:
            known = None if self.show == "all" else self._codes()
            for code in self.among[bisect_right(self.among, after) :]:
                if self._listed(code) and (known is None or _holds(known, code)):
                    yield code
            return
        if self.show == "all":
            yield from deciding.active_codes(session, terminology, after=after, limit=limit)
            return
        codes = self._codes()
        for place in range(bisect_right(codes, after), len(codes)):
            if self._listed(codes[place]):
                yield codes[place]

    def _codes(self) -> Sequence[str]:
        if self.show == "decided":
            return sorted(self.pending.union(self.work.decided))
        return self.work.unmapped if self.show == "unmapped" else self.work.conflicting

    def _listed(self, code: str) -> bool:
        """What was decided meanwhile is no work any more, be it that it is not published yet."""
        return self.show not in ("unmapped", "conflicting") or code not in self.pending


def _holds(codes: Sequence[str], code: str) -> bool:
    place = bisect_left(codes, code)
    return place < len(codes) and codes[place] == code
