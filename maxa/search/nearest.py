"""The words of an edition that are nearest to one that it does not have.

Letters that sound alike in Persian are nearly the same; a neighbouring key, two letters in each other's place, a letter
twice and a vowel cost less than another letter. rapidfuzz finds the few that come into question.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import OSA

from maxa.search.keyboard import NEIGHBOURS, SOUND, SOUNDS
from maxa.search.known import known_words
from maxa.search.lexicon import Lexicon
from maxa.search.romanized import has_vowel, persian_pattern
from maxa.search.sounding import consonants, rough_sound, vowel_places
from maxa.search.synonyms import synonyms
from maxa.shelf.index_text import PAIR, START

_VOWELS = frozenset("اویآeaiouyh")
_SOUNDS_ALIKE, _VOWEL, _TWICE, _NEIGHBOUR, _SWAPPED, _FIRST = 0.2, 0.5, 0.3, 0.6, 0.7, 0.3
_AS_BEGINNING = 0.2  # for the beginning of a word, beside the whole one
_SYNONYM = 0.1
_MOST_WEIGHED = 60
_LEAST_BEGUN = 5  # letters of a misspelled beginning
_MOST, _MOST_SOFT = 1.2, 1.5  # of a word of six letters and more: one other letter, or else vowels and sounds alone
_FORBIDDEN = 99.0
_REMEMBERED = 4_096
_ENDINGS = ("ات", "ان", "یان", "ها", "های", "s", "es")
_LEAST_BEFORE = 4  # letters before an ending
_NEGATIONS = ("non", "un", "in", "غیر", "نا", "بی")
_LEAST_SOUND = 4  # consonants that tell a word by themselves; of fewer, the vowels stand in the same places


class Near(NamedTuple):
    cost: float
    word: str


class WordList:
    """The words of one script by their length, as they sound; remembered with the lexicon."""

    def __init__(self, words: Iterable[tuple[str, int]]) -> None:
        self.by_length: dict[int, list[tuple[str, str]]] = {}
        self.counts = dict(words)
        self.by_sound: dict[str, list[str]] = {}
        for word in self.counts:
            self.by_length.setdefault(len(word), []).append((word.translate(SOUND), word))
            self.by_sound.setdefault(rough_sound(word), []).append(word)


def most_cost(length: int, *, beside: bool = False) -> float:
    """What a word of so many letters may cost and still be the same word misspelled; ``beside`` others that are known,
    a short one may cost more."""
    if length < 3:
        return 0.0
    return {3: _NEIGHBOUR + 0.05 if beside else 0.25, 4: 0.7, 5: 1.0}.get(length, _MOST_SOFT)


def _is_slip(typed: str, meant: str, cost: float, most: float) -> bool:
    """Whether ``typed`` may be ``meant`` misspelled: no second letter is another one, and it says no less and no more."""
    longer, shorter = (typed, meant) if len(typed) > len(meant) else (meant, typed)
    if len(shorter) >= _LEAST_BEFORE and longer.startswith(shorter) and longer[len(shorter) :] in _ENDINGS:
        return True
    if cost > most or (cost > _MOST and distance(typed, meant, most=_VOWEL) > most):
        return False
    return not (_negates(typed, meant, cost) or _negates(meant, typed, cost))


def _negates(one: str, other: str, cost: float) -> bool:
    """Whether ``one`` is ``other`` with a prefix that turns it into its contrary (``noncontrast``)."""
    return any(
        one.startswith(prefix) and not other.startswith(prefix) and distance(one[len(prefix) :], other) < cost
        for prefix in _NEGATIONS
    )


def nearest(lexicon: Lexicon, word: str, *, beginning: bool, limit: int, beside: bool = False) -> list[Near]:
    """Nearest first; of two that are as near, the one that more concepts hold. ``beside`` tells that the query has other
    words, which are known: what they say narrows what a short word may mean. A short Latin word is an abbreviation, and
    another letter makes it another one."""
    if not word.isalpha():
        return []
    beside = beside and not word.isascii()
    if len(word) == 2 and beside:
        return _alike(lexicon, word)[:limit]
    most = most_cost(len(word), beside=beside)
    if most == 0.0:
        return []
    sounds = word.translate(SOUND)
    edits = 1 if len(word) < 5 else 2 if len(word) < 8 else 3
    at_most = _nearest_known(word, edits)  # a slip of a known word is that one alone
    lists = (word_list(lexicon, latin=word.isascii()), _synonym_words(latin=word.isascii()))
    found: dict[str, float] = {}
    for extra, words in zip((0.0, _SYNONYM), lists, strict=True):
        for size in range(len(word) - edits, len(word) + edits + 1):
            for near in _within(words.by_length.get(size, []), sounds, edits):
                plain = distance(word, near)
                cost = plain + extra
                if plain <= at_most and _is_slip(word, near, cost, most):
                    found[near] = min(cost, found.get(near, cost))
    if beginning and len(word) >= _LEAST_BEGUN:
        for near in _beginnings(lists[0], word, sounds, edits):
            plain = distance(word, near)
            cost = plain + _AS_BEGINNING
            if plain <= at_most and near not in found and _is_slip(word, near, cost, most):
                found[near] = cost
    counts = lists[0].counts
    ordered = sorted(found.items(), key=lambda one: (one[1], -counts.get(one[0], 0), one[0]))
    return [Near(cost, near) for near, cost in ordered[:limit] if near != word]


def same_sound(lexicon: Lexicon, word: str, limit: int) -> list[str]:
    """Words of the other script with the same consonants, those of like length first."""
    sound = consonants(word)
    if not sound or (word.isascii() and not has_vowel(word)):
        return []
    found = [other for other in _sounding(lexicon, word) if consonants(other) == sound]
    spelled = vowel_places(word)
    found = [
        other
        for other, (letters, places) in ((other, vowel_places(other)) for other in found)
        if min(letters, spelled[0]) >= _LEAST_SOUND or places == spelled[1]
    ]
    return sorted(dict.fromkeys(found), key=lambda other: (abs(len(other) - len(word)), other))[:limit]


def spelled_by_ear(lexicon: Lexicon, word: str, limit: int) -> list[str]:
    """Persian words that a Latin one spells (``ghand`` → ``قند``), those that more concepts hold first."""
    pattern = persian_pattern(word)
    if pattern is None:
        return []
    found = [other for other in dict.fromkeys(_sounding(lexicon, word)) if pattern.fullmatch(other)]
    counts = word_list(lexicon, latin=False).counts
    return sorted(found, key=lambda other: (-counts.get(other, 0), other))[:limit]


def _sounding(lexicon: Lexicon, word: str) -> list[str]:
    """Words of the other script that may be the same."""
    sound, latin = rough_sound(word), not word.isascii()
    return [
        *word_list(lexicon, latin=latin).by_sound.get(sound, []),
        *_synonym_words(latin=latin).by_sound.get(sound, []),
    ]


def _alike(lexicon: Lexicon, word: str) -> list[Near]:
    """Words of two letters that are pronounced alike: ``سح`` → ``سه``."""
    found = [a + b for a in _same(word[0]) for b in _same(word[1])]
    return [Near(_SOUNDS_ALIKE, other) for other in found if other != word and lexicon.count(other)]


def _same(letter: str) -> str:
    return next((group for group in SOUNDS if letter in group), letter)


def _within(words: list[tuple[str, str]], sounds: str, edits: int) -> list[str]:
    if not words:
        return []
    hits = process.extract(
        sounds, [sound for sound, _ in words], scorer=OSA.distance, score_cutoff=edits, limit=_MOST_WEIGHED
    )
    return [words[place][1] for _, _, place in hits]


def _beginnings(words: WordList, word: str, sounds: str, edits: int) -> list[str]:
    begun: dict[str, None] = {}
    for size, held in words.by_length.items():
        if size > len(word):
            begun.update(dict.fromkeys(other[: len(word)] for _, other in held))
    return _within([(other.translate(SOUND), other) for other in begun], sounds, edits)


def distance(typed: str, meant: str, *, most: float = _FORBIDDEN) -> float:
    """Weighted edit distance: what it costs to have typed ``typed`` for ``meant``; of edits that cost ``most`` each, no
    dearer ones are taken."""

    def one_of(cost: float) -> float:
        return cost if cost <= most else _FORBIDDEN

    rows = [[0.0] * (len(meant) + 1) for _ in range(len(typed) + 1)]
    for i in range(1, len(typed) + 1):
        rows[i][0] = rows[i - 1][0] + one_of(_one(typed, i - 1))
    for j in range(1, len(meant) + 1):
        rows[0][j] = rows[0][j - 1] + one_of(_one(meant, j - 1))
    for i, a in enumerate(typed, 1):
        row, above = rows[i], rows[i - 1]
        for j, b in enumerate(meant, 1):
            cost = above[j - 1] + one_of(_instead(a, b, first=i == j == 1))
            cost = min(cost, above[j] + one_of(_one(typed, i - 1)), row[j - 1] + one_of(_one(meant, j - 1)))
            if i > 1 and j > 1 and a == meant[j - 2] and b == typed[i - 2] and a != b:
                cost = min(cost, rows[i - 2][j - 2] + one_of(_SWAPPED))
            row[j] = cost
    return rows[-1][-1]


def _one(text: str, at: int) -> float:
    """A letter too many or too few."""
    letter = text[at]
    if at and text[at - 1] == letter:
        return _TWICE
    return _VOWEL if at and letter in _VOWELS else 1.0


def _instead(a: str, b: str, *, first: bool) -> float:
    if a == b:
        return 0.0
    if a.translate(SOUND) == b.translate(SOUND):
        return _SOUNDS_ALIKE
    more = _FIRST if first else 0.0
    if a in _VOWELS and b in _VOWELS:
        return _VOWEL + more
    return (_NEIGHBOUR if b in NEIGHBOURS.get(a, ()) else 1.0) + more


def word_list(lexicon: Lexicon, *, latin: bool) -> WordList:
    """The words of an edition's titles that are of letters only."""
    if lexicon.lists is None:
        rows = lexicon.release.rows("SELECT word, n FROM word WHERE length(word) > 2")
        words = [(word, n) for word, n in rows if word.isalpha() and word[-1] != PAIR and word[0] != START]
        lexicon.lists = {
            True: WordList(one for one in words if one[0].isascii()),
            False: WordList(one for one in words if not one[0].isascii()),
        }
    lists: dict[bool, WordList] = lexicon.lists
    return lists[latin]


_lists_of_synonyms: dict[bool, WordList] = {}


def _synonym_words(*, latin: bool) -> WordList:
    if not _lists_of_synonyms:
        words = [(word, 0) for word in synonyms().single_words() if len(word) > 2 and word.isalpha()]
        for script in (True, False):
            _lists_of_synonyms[script] = WordList(one for one in words if one[0].isascii() == script)
    return _lists_of_synonyms[latin]


_lists_of_known: dict[bool, WordList] = {}


@lru_cache(maxsize=_REMEMBERED)
def _nearest_known(word: str, edits: int) -> float:
    """What it costs at least to have typed ``word`` for one that is known to be right."""
    if not _lists_of_known:
        words = [(word, 0) for word in known_words().single_words() if len(word) > 2 and word.isalpha()]
        for script in (True, False):
            _lists_of_known[script] = WordList(one for one in words if one[0].isascii() == script)
    by_length, sounds = _lists_of_known[word.isascii()].by_length, word.translate(SOUND)
    near = [
        distance(word, one)
        for size in range(len(word) - edits, len(word) + edits + 1)
        for one in _within(by_length.get(size, []), sounds, edits)
    ]
    return min(near, default=_FORBIDDEN)
