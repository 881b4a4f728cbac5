"""What it costs to have typed one word for another.

Letters that sound alike in Persian are nearly the same; a neighbouring key, two letters in each other's place, a letter
twice and a vowel cost less than another letter.
"""

from __future__ import annotations

from functools import lru_cache

from maxa.search.keyboard import NEIGHBOURS, SOUND

VOWELS = frozenset("اویآeaiouyh")
SOUNDS_ALIKE, VOWEL, TWICE, NEIGHBOUR, SWAPPED, FIRST = 0.2, 0.5, 0.3, 0.6, 0.7, 0.3
FORBIDDEN = 99.0
_REMEMBERED = 4_096


def distance(typed: str, meant: str, *, most: float = FORBIDDEN, cutoff: float = FORBIDDEN) -> float:
    """Weighted edit distance: what it costs to have typed ``typed`` for ``meant``; of edits that cost ``most`` each, no
    dearer ones are taken. Above ``cutoff`` it is not told exactly."""

    def one_of(cost: float) -> float:
        return cost if cost <= most else FORBIDDEN

    rows = [[0.0] * (len(meant) + 1) for _ in range(len(typed) + 1)]
    for i in range(1, len(typed) + 1):
        rows[i][0] = rows[i - 1][0] + one_of(_one(typed, i - 1))
    for j in range(1, len(meant) + 1):
        rows[0][j] = rows[0][j - 1] + one_of(_one(meant, j - 1))
    before = 0.0
    for i, a in enumerate(typed, 1):
        row, above = rows[i], rows[i - 1]
        least = min(above)
        if min(least, before) > cutoff:
            return FORBIDDEN
        before = least
        for j, b in enumerate(meant, 1):
            cost = above[j - 1] + one_of(_instead(a, b, first=i == j == 1))
            cost = min(cost, above[j] + one_of(_one(typed, i - 1)), row[j - 1] + one_of(_one(meant, j - 1)))
            if i > 1 and j > 1 and a == meant[j - 2] and b == typed[i - 2] and a != b:
                cost = min(cost, rows[i - 2][j - 2] + one_of(SWAPPED))
            row[j] = cost
    return rows[-1][-1]


def _one(text: str, at: int) -> float:
    """A letter too many or too few."""
    letter = text[at]
    if at and text[at - 1] == letter:
        return TWICE
    return VOWEL if at and letter in VOWELS else 1.0


@lru_cache(maxsize=_REMEMBERED)
def _instead(a: str, b: str, *, first: bool) -> float:
    if a == b:
        return 0.0
    if a.translate(SOUND) == b.translate(SOUND):
        return SOUNDS_ALIKE
    more = FIRST if first else 0.0
    if a in VOWELS and b in VOWELS:
        return VOWEL + more
    return (NEIGHBOUR if b in NEIGHBOURS.get(a, ()) else 1.0) + more
