"""What became of codes over the editions, told from sealed files alone: the states of one code, and the differences
between two editions.

A sealed file names, for each row, the release that last changed it (``since``), so of two editions only the rows that
changed after the older one are looked at; their earlier content is read in the older edition's own file. "Older" and
"newer" are meant by ordinal: an edition of history has a higher one than those that followed it in time, and lacks the
codes and pairs that came with them (docs/adr/0008-history.md).
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import orjson

from maxa.diff import KINDS, Change, change_of, flat_concept, flat_pair
from maxa.shelf.catalogue import Edition
from maxa.shelf.pairs import PAIR_COLUMNS
from maxa.shelf.release import CONCEPT_COLUMNS, Concept, Pair, SealedRelease, json_array, pair_code
from maxa.shelf.sealed_file import PAIR_SEPARATOR

_STEP = 2_000
_FEW = 5_000  # up to so many touched rows are sorted anew for each page; more are met soon enough in code order


State = Mapping[str, Any] | None
Candidate = tuple[str, State, State]  # code, state before, state after


class CameWith(NamedTuple):
    """A state that a code came to with ``edition`` and kept until another edition, later in time, brought the next."""

    edition: Edition
    active: bool


_NO_END = 1 << 60
_ROWS_OF = (
    "SELECT since, until, active, hash FROM past WHERE code = :code"  # noqa: S608
    f" UNION ALL SELECT since, {_NO_END}, active, hash FROM concept WHERE code = :code"
)


def states_in_time(release: SealedRelease, code: str, line: Iterable[Edition]) -> list[CameWith]:
    """The states of a code over ``line``, editions as they followed each other in time; newest first, none like its
    neighbour. Editions that were published after ``release`` are not known to it and passed over."""
    rows = release.rows(_ROWS_OF, {"code": code})
    states: list[CameWith] = []
    last: tuple[int, int] | None = None
    for edition in line:
        if edition.ordinal > release.edition.ordinal:
            continue
        here = next((row[2:] for row in rows if row[0] <= edition.ordinal < row[1]), None)
        if here is not None and here != last:
            states.append(CameWith(edition, bool(here[0])))
            last = here
    return states[::-1]


def concept_state(concept: Concept) -> dict[str, Any]:
    """The state of a concept as :mod:`maxa.diff` compares it."""
    return flat_concept(
        title_fa=concept.title_fa, title_en=concept.title_en, status=_status(concept.active), part=concept.part,
        parent=concept.parent, replaced_by=concept.replaced_by, properties=concept.property_values(),
    )  # fmt: skip


def pair_state(pair: Pair) -> dict[str, Any]:
    return flat_pair(
        source=pair.source, target=pair.target, relationship=pair.relationship, status=_status(pair.active),
        part=pair.part, properties=orjson.loads(pair.properties) if pair.properties else None,
    )  # fmt: skip


def _status(active: bool) -> str:
    return "active" if active else "retired"


@dataclass(slots=True)
class Counts:
    """Changes by kind, and changed fields of codes that stood in both editions."""

    kinds: Counter[str] = field(default_factory=Counter)
    fields: Counter[str] = field(default_factory=Counter)

    def add(self, change: Change) -> None:
        self.kinds[change.kind] += 1
        if change.before is not None and change.after is not None:
            self.fields.update(one.field for one in change.fields())

    def as_dict(self) -> dict[str, Any]:
        return {**{kind: self.kinds[kind] for kind in KINDS}, "fields": dict(sorted(self.fields.items()))}


class Differences:
    """What differs between two editions of one terminology or map, in code order; ``before`` may be the newer one,
    or None: then everything is added."""

    def __init__(self, before: SealedRelease | None, after: SealedRelease) -> None:
        self._backwards = before is not None and before.edition.ordinal > after.edition.ordinal
        self._older, self._newer = (after, before) if self._backwards and before is not None else (before, after)
        self._since = self._older.edition.ordinal if self._older else 0
        self._is_map = after.manifest.kind == "map"
        table = "pair" if self._is_map else "concept"
        touched = self._newer.rows(f"SELECT count(*) FROM {table} WHERE since > ?", (self._since,))[0][0]  # noqa: S608
        # The plus keeps SQLite on the index of codes, where many rows are asked for in their order.
        self._since_column = "since" if touched <= _FEW else "+since"

    def changes(self, *, after: str = "", kind: str | None = None, part: str | None = None) -> Iterator[Change]:
        """Changes of codes after ``after``, of one kind or of one part (as it is, or else as it was). The ``code`` of
        a map's change is its source and target, joined by ``PAIR_SEPARATOR``."""
        for code, was, is_ in self._candidates(after):
            change = change_of(code, was, is_)
            if change is None or (kind is not None and change.kind != kind):
                continue
            if part is not None and (change.after or change.before or {}).get("part", "") != part:
                continue
            yield change

    def counts(self) -> dict[str, Counts]:
        """Counts of each part. It reads every change: some 10 µs each."""
        found: dict[str, Counts] = {}
        for change in self.changes():
            part = (change.after or change.before or {}).get("part", "")
            found.setdefault(part, Counts()).add(change)
        return found

    def _candidates(self, after: str) -> Iterator[Candidate]:
        if self._older is None or self._newer.edition.before is None:
            return self._touched(after)
        lacked = self._lacked_pairs(after) if self._is_map else self._lacked(after)
        return heapq.merge(self._touched(after), lacked, key=lambda one: one[0])

    def _touched(self, after: str) -> Iterator[Candidate]:
        """What the newer edition holds otherwise than the older one, or in addition."""
        read, was = (self._pairs, self._pairs_before) if self._is_map else (self._concepts, self._concepts_before)
        while page := read(after):
            earlier = was(list(page))
            for code, state in page.items():
                older = earlier.get(code)
                yield (code, state, older) if self._backwards else (code, older, state)
            if len(page) < _STEP:
                return
            after = next(reversed(page))

    def _lacked(self, after: str) -> Iterator[Candidate]:
        """Codes that the older edition holds and the newer one, being of history, does not know."""
        query = (
            "SELECT p.code FROM past p WHERE p.code > ? AND p.since <= ? AND p.until > ?"
            " AND NOT EXISTS (SELECT 1 FROM concept c WHERE c.code = p.code) ORDER BY p.code LIMIT ?"
        )
        while codes := [code for (code,) in self._newer.rows(query, (after, self._since, self._since, _STEP))]:
            earlier = self._concepts_before(codes)
            for code in codes:
                state = earlier.get(code)
                yield (code, None, state) if self._backwards else (code, state, None)
            after = codes[-1]

    def _lacked_pairs(self, after: str) -> Iterator[Candidate]:
        """As :meth:`_lacked`; a map's file tells nothing of the past, so the older one is read through."""
        if self._older is None:
            return
        query = f"SELECT {PAIR_COLUMNS} FROM pair WHERE (source, target) > (?, ?) ORDER BY source, target LIMIT ?"  # noqa: S608
        while True:
            source, _, target = after.partition(PAIR_SEPARATOR)
            page = [Pair(*row) for row in self._older.rows(query, (source, target, _STEP))]
            held = {pair_code(pair.source, pair.target): pair for pair in page}
            known = self._pairs_of(self._newer, list(held))
            for code, pair in held.items():
                if code not in known:
                    state = pair_state(pair)
                    yield (code, None, state) if self._backwards else (code, state, None)
            if len(page) < _STEP:
                return
            after = next(reversed(held))

    def _concepts(self, after: str) -> dict[str, dict[str, Any]]:
        query = (
            f"SELECT {CONCEPT_COLUMNS} FROM concept WHERE {self._since_column} > ? AND code > ?"  # noqa: S608
            " ORDER BY code LIMIT ?"
        )
        rows = (Concept(*row) for row in self._newer.rows(query, (self._since, after, _STEP)))
        return {concept.code: concept_state(concept) for concept in rows}

    def _concepts_before(self, codes: list[str]) -> dict[str, dict[str, Any]]:
        if self._older is None:
            return {}
        return {code: concept_state(concept) for code, concept in self._older.concepts_of(codes).items()}

    def _pairs(self, after: str) -> dict[str, dict[str, Any]]:
        source, _, target = after.partition(PAIR_SEPARATOR)
        query = (
            f"SELECT {PAIR_COLUMNS} FROM pair WHERE {self._since_column} > ? AND (source, target) > (?, ?)"  # noqa: S608
            " ORDER BY source, target LIMIT ?"
        )
        rows = (Pair(*row) for row in self._newer.rows(query, (self._since, source, target, _STEP)))
        return {pair_code(pair.source, pair.target): pair_state(pair) for pair in rows}

    def _pairs_before(self, codes: list[str]) -> dict[str, dict[str, Any]]:
        return self._pairs_of(self._older, codes) if self._older is not None else {}

    @staticmethod
    def _pairs_of(release: SealedRelease, codes: list[str]) -> dict[str, dict[str, Any]]:
        columns = ", ".join(f"p.{name}" for name in PAIR_COLUMNS.split(", "))
        query = (
            f"SELECT {columns} FROM (SELECT value FROM json_each(?)) j"  # noqa: S608
            f" JOIN pair p ON p.source = substr(j.value, 1, instr(j.value, char({ord(PAIR_SEPARATOR)})) - 1)"
            f" AND p.target = substr(j.value, instr(j.value, char({ord(PAIR_SEPARATOR)})) + 1)"
        )
        rows = (Pair(*row) for row in release.rows(query, (json_array(codes),)))
        return {pair_code(pair.source, pair.target): pair_state(pair) for pair in rows}
