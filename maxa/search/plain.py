"""Plain search: all words must be there, in any order, the last one may be a beginning; ranked as the file is sealed.

The way in for the gateway: another engine may take this module's place without a change in the callers.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from maxa.errors import BadParameter
from maxa.shelf.release import Concept, SealedRelease
from maxa.shelf.words import count_words, match_words, search_words

EXACT_TO = 1_000  # totals are exact up to here (CONTRACT.md §3)
MOST_WORDS = 32
LONGEST_QUERY = 500  # characters


class Hit(NamedTuple):
    """``source`` is the place of the release in what was searched."""

    source: int
    concept: Concept


@dataclass(frozen=True, slots=True)
class Found:
    """One page of hits. ``read_to`` tells to which rank each release has been read: hand it back for the next page,
    of which there is none when it is None. ``total`` is exact only if ``total_is_exact``; otherwise there are more."""

    hits: list[Hit]
    total: int
    total_is_exact: bool
    read_to: tuple[int, ...] | None


def words_of(text: str) -> list[str]:
    """Folded words of a query, without those that hold no letter and no digit.

    Raises :class:`BadParameter` for a query too long to be honoured whole: cutting it would widen it unseen.
    """
    words = search_words(text)
    if len(text) > LONGEST_QUERY or len(words) >= MOST_WORDS:
        raise BadParameter(
            f"عبارت جست‌وجو بلند است: حداکثر {LONGEST_QUERY} نویسه و {MOST_WORDS - 1} واژه بنویسید.",
            f"The search text is too long: at most {LONGEST_QUERY} characters and {MOST_WORDS - 1} words.",
            "Search",
        )
    return [word for word in words if word]


def find(
    releases: Sequence[SealedRelease],
    words: list[str],
    *,
    limit: int,
    read_to: tuple[int, ...] | None = None,
    status: str = "all",
    count: bool = True,
) -> Found:
    """The next ``limit`` hits of ``words`` in ``releases``: active first, shorter title first, then in the order of
    the releases and of their codes. ``read_to`` goes on where an earlier page ended; ``count=False`` leaves the total
    out. Raises :class:`Unavailable` when a release can't be read."""
    if not words:
        return Found([], 0, True, None)
    ranks = list(read_to or (0,) * len(releases))
    lists = []
    for source, release in enumerate(releases):
        matches = match_words(release, words, limit=limit + 1, after=ranks[source], status=status)
        lists.append([(not c.active, len(c.title), source, rank, c) for rank, c in matches])
    hits = []
    for _, _, source, rank, concept in islice(heapq.merge(*lists), limit):
        hits.append(Hit(source, concept))
        ranks[source] = rank
    total, exact = _total(releases, words, status) if count else (0, False)
    more = sum(map(len, lists)) > limit
    return Found(hits, total, exact, tuple(ranks) if more else None)


def _total(releases: Sequence[SealedRelease], words: list[str], status: str) -> tuple[int, bool]:
    total = 0
    for release in releases:
        total += count_words(release, words, upto=EXACT_TO + 1 - total, status=status)
        if total > EXACT_TO:
            return EXACT_TO, False
    return total, True
