"""Search one, several or all terminologies: pages of hits, totals, and what was searched instead.

A page's place is ``(offset in the merged heads, rank of each edition's tail …)``: see :mod:`maxa.search.rank`.
"""

from __future__ import annotations

import heapq
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from operator import itemgetter
from typing import NamedTuple

from maxa.errors import BadParameter
from maxa.search.instead import Instead, Kept, left_open, read_again, searched_instead
from maxa.search.lexicon import lexicon_of
from maxa.search.plan import Plan, plan_for, typed_code
from maxa.search.query import Query, plain_query, read_query
from maxa.search.rank import DENIED, EXACT_CODE, HEAD, Head, Ranked, count_of, head_of, ranks_of, tail_of
from maxa.shelf.release import CONCEPT_COLUMNS, Concept, SealedRelease

EXACT_TO = 1_000  # totals are exact up to here (CONTRACT.md §3)
MOST_WORDS = 32
LONGEST_QUERY = 500  # characters
_TAIL_STEP = 64
_Answer = tuple[Plan, Head, frozenset[int]]
_ONE_CONCEPT = f"SELECT id, {CONCEPT_COLUMNS} FROM concept WHERE id IN (SELECT value FROM json_each(?))"  # noqa: S608
_LENGTHS = (
    "SELECT id, length(CASE title_fa WHEN '' THEN title_en ELSE title_fa END) FROM concept"
    " WHERE id IN (SELECT value FROM json_each(?))"
)


class Hit(NamedTuple):
    """``source`` is the place of the release in what was searched."""

    source: int
    concept: Concept


@dataclass(frozen=True, slots=True)
class Found:
    """One page of hits. ``read_to`` tells how far has been read: hand it back for the next page, of which there is none
    when it is None. ``counts`` are the hits of each release, each exact up to :data:`EXACT_TO`; ``total`` is exact only
    if ``total_is_exact``, otherwise there are more. ``query`` is what was searched: another one than was asked where
    ``instead`` tells so."""

    hits: list[Hit]
    total: int
    total_is_exact: bool
    read_to: tuple[int, ...] | None
    query: Query
    counts: tuple[int, ...] = ()
    instead: Instead | None = None


def ask(text: str, *, literal: bool = False, parameter: str = "Search") -> Query:
    """Raises :class:`BadParameter` (naming ``parameter``) for a query too long to be honoured whole: cutting it would widen it unseen."""
    if len(text) > LONGEST_QUERY or len(text.split()) >= MOST_WORDS:
        raise BadParameter(
            f"عبارت جست‌وجو بلند است: حداکثر {LONGEST_QUERY} نویسه و {MOST_WORDS - 1} واژه بنویسید.",
            f"The search text is too long: at most {LONGEST_QUERY} characters and {MOST_WORDS - 1} words.",
            parameter,
        )
    return plain_query(text, literal=True) if literal else read_query(text)


@dataclass(slots=True)
class _Source:
    """One release that has hits."""

    place: int
    release: SealedRelease
    plan: Plan
    low: int
    high: int
    head: Head = field(default_factory=lambda: Head([], None, 0))
    in_head: frozenset[int] = frozenset()
    hits: list[Ranked] = field(default_factory=list)  # of the head
    late: list[int] = field(default_factory=list)  # of the head too, but read with the tail; in static rank


def find(
    releases: Sequence[SealedRelease],
    query: Query,
    *,
    limit: int,
    read_to: tuple[int, ...] | None = None,
    instead: Kept | None = None,
    status: str = "all",
    count: bool = True,
    literal: bool = False,
    exact_to: int = EXACT_TO,
) -> Found:
    """The next ``limit`` hits of ``query`` in ``releases``. ``read_to`` goes on where an earlier page ended, and with
    ``instead`` in what was searched there in the place of ``query``; nothing else is searched by then. With
    ``literal`` only the words as typed are searched; ``count=False`` leaves the total out. Raises :class:`Unavailable`
    when a release can't be read."""
    other = read_again(instead, releases, query, status) if instead else None
    if other is not None:
        query = other.query
    sources = _sources(releases, query, status, literal)
    if read_to is None and query.plain and not literal and _all_deny(sources):
        other = left_open(releases, query, status) if sources else searched_instead(releases, query, status)
        others = _sources(releases, other.query, status, literal) if other else []
        if other is not None and others:
            query, sources = other.query, others
        else:
            other = None
    _retired_last(sources)
    place = list(read_to) if read_to else [0] * (len(releases) + 1)
    hits, place, more = _page(sources, place, limit)
    counts, exact = _counts(sources, len(releases), exact_to) if count else ((), False)
    total = sum(counts)
    if total > exact_to:
        total, exact = exact_to, False
    return Found(hits, total, exact, tuple(place) if more else None, query, counts, other)


def _all_deny(sources: list[_Source]) -> bool:
    """Whether nothing is found but titles that deny what was typed."""
    return all(hit.tier == 2 * DENIED for source in sources for hit in source.head.hits)


def _sources(releases: Sequence[SealedRelease], query: Query, status: str, literal: bool) -> list[_Source]:
    found = []
    for place, release in enumerate(releases):
        low, high = ranks_of(release, status, query.status)
        if low > high:
            continue
        answered = lexicon_of(release).answered
        asked = (query, literal, low, high)
        known = answered.get(asked)
        if known is None:
            known = _answer(release, query, literal, low, high)
            answered.keep(asked, known)
        plan, head, in_head = known
        if head.hits:
            found.append(_Source(place, release, plan, low, high, head, in_head, head.hits))
    return found


def _retired_last(sources: list[_Source]) -> None:
    """While tails have active hits, what is retired is read with the tails, but for an exact code."""
    if not any(source.head.active_after for source in sources):
        return
    for source in sources:
        hits = source.head.hits
        source.late = sorted(hit.id for hit in hits if not hit.active and hit.tier != EXACT_CODE)
        if source.late:
            source.hits = [hit for hit in hits if hit.active or hit.tier == EXACT_CODE]
            source.in_head = frozenset(hit.id for hit in source.hits)


def _answer(release: SealedRelease, query: Query, literal: bool, low: int, high: int) -> _Answer:
    plan = plan_for(query, release, literal=literal)
    if plan is None:
        code = typed_code(query) if query.plain else ""
        if not code:
            return Plan(_NOTHING), Head([], None, 0), frozenset()
        plan = Plan(_NOTHING, code=code)
    plan.code = plan.code or query.code
    head = head_of(release, plan, low, high)
    return plan, head, frozenset(hit.id for hit in head.hits)


_NOTHING = '"\ufdd0"'  # no word holds this character


def _page(sources: list[_Source], place: list[int], limit: int) -> tuple[list[Hit], list[int], bool]:
    """``limit`` hits from ``place`` on, the place after them, and whether there are more."""
    ordered = _merged_heads(sources, place[0] + limit + 1)
    chosen = ordered[place[0] : place[0] + limit]
    place[0] += len(chosen)
    hits = _concepts(sources, chosen)
    if len(chosen) == limit and place[0] < len(ordered):
        return hits, place, True
    tails = _merged_tails(sources, place)
    for hit, source, rank in islice(tails, limit - len(chosen)):
        hits.append(hit)
        place[source.place + 1] = rank
    return hits, place, next(tails, None) is not None


def _merged_heads(sources: list[_Source], wanted: int) -> list[tuple[int, int]]:
    """(place in ``sources``, id) of all heads, best first; those after the ``wanted`` first are in no order."""
    if len(sources) == 1:
        return [(0, hit.id) for hit in sources[0].hits]
    kept = [((hit.tier != 0, not hit.active, hit.tier), n, hit.id) for n, s in enumerate(sources) for hit in s.hits]
    kept.sort()
    if len(kept) <= wanted:
        best, rest = kept, []
    else:  # titles' lengths are read of those alone that may be among the first
        last = kept[wanted - 1][0]
        first = bisect_right(kept, last, key=itemgetter(0))
        best, rest = kept[:first], kept[first:]
    numbers: dict[int, list[int]] = {}
    for _, n, number in best:
        numbers.setdefault(n, []).append(number)
    ranked = []
    lengths = {n: dict(sources[n].release.rows(_LENGTHS, (_array(ids[:wanted]),))) for n, ids in numbers.items()}
    for told, n, number in best:
        length = lengths[n].get(number)
        if length is None:  # of one list, more than wanted: what stands before is as good and shorter
            rest.append((told, n, number))
        else:
            ranked.append((told, length, n, number))
    ranked.sort()
    return [(n, number) for *_, n, number in ranked] + [(n, number) for _, n, number in rest]


def _array(ids: Iterable[int]) -> str:
    return "[" + ",".join(map(str, ids)) + "]"


def _concepts(sources: list[_Source], chosen: list[tuple[int, int]]) -> list[Hit]:
    found: dict[tuple[int, int], Hit] = {}
    for n in {n for n, _ in chosen}:
        source = sources[n]
        ids = _array(number for at, number in chosen if at == n)
        for number, *fields in source.release.rows(_ONE_CONCEPT, (ids,)):
            found[n, number] = Hit(source.place, Concept(*fields))
    return [found[one] for one in chosen]


def _merged_tails(sources: list[_Source], place: list[int]) -> Iterator[tuple[Hit, _Source, int]]:
    """What comes after the heads, in static rank over all releases: active first, shorter title first."""
    streams = [_tail(source, place[source.place + 1]) for source in sources]
    merged = heapq.merge(
        *streams, key=lambda one: (not one[0].concept.active, len(one[0].concept.title), one[1].place, one[2])
    )
    yield from merged


def _tail(source: _Source, rank: int) -> Iterator[tuple[Hit, _Source, int]]:
    late = [number for number in source.late if number > rank]
    if source.head.tail_after is None:
        yield from _of_tail(source, late)
        return
    after = max(rank, source.head.tail_after)
    while True:
        ids = tail_of(source.release, source.plan, after, source.low, source.high, _TAIL_STEP)
        wanted = [number for number in ids if number not in source.in_head]
        last = len(ids) < _TAIL_STEP
        if late:
            wanted = sorted({*wanted, *(number for number in late if last or number <= ids[-1])})
            late = [] if last else [number for number in late if number > ids[-1]]
        yield from _of_tail(source, wanted)
        if last:
            return
        after = ids[-1]


def _of_tail(source: _Source, ids: list[int]) -> Iterator[tuple[Hit, _Source, int]]:
    for number, *fields in source.release.rows(_ONE_CONCEPT + " ORDER BY id", (_array(ids),)) if ids else ():
        yield Hit(source.place, Concept(*fields)), source, number


def _counts(sources: list[_Source], releases: int, exact_to: int) -> tuple[tuple[int, ...], bool]:
    counts = [0] * releases
    exact = True
    for source in sources:
        total = source.head.total
        if total is None:
            head = source.head
            total = exact_to + 1 if exact_to <= head.more_than else _counted(source, exact_to + 1)
            if total <= exact_to:
                head.total = total
            else:
                head.more_than = max(head.more_than, exact_to)
        counts[source.place] = min(total, exact_to)
        exact = exact and total <= exact_to
    return tuple(counts), exact


def _counted(source: _Source, upto: int) -> int:
    """Hits of a source, no further than ``upto``: those up to where the tail begins are known."""
    plan, after = source.plan, source.head.tail_after
    if plan.least >= upto and source.low == 1 and source.high == source.release.count("all"):
        return upto
    if plan.alone and source.low == 1 and source.high == source.release.count("all"):
        return min(lexicon_of(source.release).count(plan.alone), upto)
    if after is None or upto <= HEAD:
        return count_of(source.release, plan, source.low, source.high, upto)
    return HEAD + count_of(source.release, plan, after + 1, source.high, upto - HEAD)
