"""The nearest codes to one that a terminology does not have: at most five, nearest first, the same on every machine.

What costs little is done for every code; what costs more is counted, not timed, so that the answer to a batch does
not depend on how busy the server is: the first codes of a batch get the whole care (see :class:`Budget`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz.distance import OSA, Prefix

from maxa.gateway.spelling import LONGEST_CODE, same_title
from maxa.persian.fold import code_key
from maxa.shelf.release import Concept, SealedRelease
from maxa.shelf.words import match_words, search_words

MOST_SUGGESTED = 5
_NEIGHBOURS = 3  # looked at on each side, in code order
_NEAR = 2  # characters that may differ
_LONGEST_EDITED = 20  # longer codes have too many one-edit neighbours to ask for
_TITLE_WORDS = 12
_SAME_WORDS = 20
_DIGITS = "0123456789"
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(slots=True)
class Budget:
    """How much of the costlier looking around one request may still ask for, with the cost of each on one slow core."""

    edits: int = 500  # unknown codes looked for among those that differ by a character or a swap: 0.3 ms
    titles: int = 300  # titles looked for among a terminology's: 0.4 ms
    elsewhere: int = 20_000  # other terminologies asked whether they have a code: 15 µs
    ids: int = 100  # unknown terminologies for which the nearest ids are sought: 0.2 ms


def nearest_codes(
    release: SealedRelease, code: str, value: str, budget: Budget, alike: SameKeys | None = None
) -> list[Concept]:
    """Active concepts whose code is nearest to ``code``; one that bears the title ``value`` comes first, and of two
    that are as near, the one that shares words with it, then the one that begins alike."""
    if len(code) > LONGEST_CODE:
        return []
    key = code_key(code)
    found: dict[str, Concept] = {}
    if key:
        alike = alike or SameKeys(release, [code])
        for spelled in with_other_zeros(key):
            _add(found, alike.concepts(spelled))
        _add(found, (c for c in release.around(code, _NEIGHBOURS) if _distance(key, code_key(c.code)) <= _NEAR))
        if len(key) <= _LONGEST_EDITED and budget.edits > 0:
            budget.edits -= 1
            _add(found, release.with_any_key(one_edit_away(key)))
    if value and budget.titles > 0:
        budget.titles -= 1
        _add(found, with_title(release, value))
    if len(found) < 2:
        return list(found.values())
    words = frozenset(search_words(value)) - {""} if value else frozenset()

    def rank(concept: Concept) -> tuple[bool, int, int, int, str]:
        near = code_key(concept.code)
        shared = len(words.intersection(search_words(f"{concept.title_fa} {concept.title_en}"))) if words else 0
        same = bool(value) and same_title(value, concept)
        return not same, _distance(key, near), -shared, -Prefix.similarity(key, near), concept.code

    return sorted(found.values(), key=rank)[:MOST_SUGGESTED]


class SameKeys:
    """The concepts whose letters and digits are those of some codes, leading zeros apart, fetched all at once."""

    def __init__(self, release: SealedRelease, codes: Iterable[str]) -> None:
        keys = {spelled for code in codes if len(code) <= LONGEST_CODE for spelled in with_other_zeros(code_key(code))}
        self._found: dict[str, list[Concept]] = {}
        for concept in release.with_any_key(sorted(keys)):
            self._found.setdefault(code_key(concept.code), []).append(concept)

    def concepts(self, key: str) -> list[Concept]:
        return self._found.get(key, [])


def with_title(release: SealedRelease, value: str) -> list[Concept]:
    """Concepts that bear a title, but for its spelling."""
    words = [w for w in search_words(value) if w][:_TITLE_WORDS]
    if not words:
        return []
    return [c for c in match_words(release, words, limit=_SAME_WORDS) if same_title(value, c)]


def _add(found: dict[str, Concept], concepts: Iterable[Concept]) -> None:
    for concept in concepts:
        if concept.active:
            found.setdefault(concept.code, concept)


def with_other_zeros(key: str) -> list[str]:
    """The key, and where it is a number, with other leading zeros: spreadsheets drop them (FACTS §8)."""
    if not key.isdigit():
        return [key]
    bare = key.lstrip("0")
    return list(dict.fromkeys((key, bare, "0" + bare, "00" + bare, "000" + bare)))


def _distance(key: str, other: str) -> int:
    if key.lstrip("0") == other.lstrip("0"):
        return 0
    return OSA.distance(key, other, score_cutoff=_NEAR)


def one_edit_away(key: str) -> list[str]:
    """Every key with two neighbours swapped, or one character left out, replaced or put in: digits where the key is
    of digits, letters too where it holds letters."""
    alphabet = _DIGITS if key.isdigit() else _DIGITS + _LETTERS
    splits = [(key[:i], key[i:]) for i in range(len(key) + 1)]
    swapped = {a + b[1] + b[0] + b[2:] for a, b in splits if len(b) > 1}
    left_out = {a + b[1:] for a, b in splits if b}
    replaced = {a + c + b[1:] for a, b in splits if b for c in alphabet}
    put_in = {a + c + b for a, b in splits for c in alphabet}
    return sorted((swapped | left_out | replaced | put_in) - {key, ""})
