"""The words of an edition that are nearest to one that it does not have.

rapidfuzz finds the few that come into question; :mod:`maxa.search.distance` weighs them.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from operator import itemgetter
from typing import NamedTuple, Protocol

from rapidfuzz import process
from rapidfuzz.distance import OSA

from maxa.search.distance import FORBIDDEN, NEIGHBOUR, SOUNDS_ALIKE, VOWEL, distance
from maxa.search.keyboard import NEIGHBOURS, SOUND, SOUNDS
from maxa.search.known import known_words
from maxa.search.romanized import has_vowel, persian_pattern
from maxa.search.sounding import consonants, rough_sound, vowel_places
from maxa.search.synonyms import synonyms

_AS_BEGINNING = 0.2  # for the beginning of a word, beside the whole one
_SYNONYM = 0.1
_MOST_WEIGHED = 60
_MOST_COMPARED, _MOST_BEGUN = 8_000, 2_000  # words: a few milliseconds
_LEAST_BEGUN = 5  # letters of a misspelled beginning
_MOST, _MOST_SOFT = 1.2, 1.5  # of a word of six letters and more: one other letter, or else vowels and sounds alone
_REMEMBERED = 4_096
_ENDINGS = ("ات", "ان", "یان", "ها", "های", "s", "es")
_LEAST_BEFORE = 4  # letters before an ending
_NEGATIONS = ("non", "un", "in", "غیر", "نا", "بی")
_Sounds = tuple[list[str], list[str]]  # words as they sound, and as they are written
_LEAST_SOUND = 4  # consonants that tell a word by themselves; of fewer, the vowels stand in the same places


class Near(NamedTuple):
    cost: float
    word: str


class WordList:
    """The words of one script, with how many concepts hold each; by their length and first letter, as they sound."""

    def __init__(self, words: Iterable[tuple[str, int]]) -> None:
        self.counts = dict(words)
        self.by_length: dict[int, _Sounds] = {}
        self.by_first: dict[tuple[int, str], _Sounds] = {}
        self.by_sound: dict[str, list[str]] = {}
        for word in self.counts:
            sound = word.translate(SOUND)
            size = len(word)
            for sounds, held in (
                self.by_length.setdefault(size, ([], [])),
                self.by_first.setdefault((size, sound[0]), ([], [])),
            ):
                sounds.append(sound)
                held.append(word)
            self.by_sound.setdefault(rough_sound(word), []).append(word)

    def likeliest(self, sounds: str, sizes: range, most: int) -> list[_Sounds]:
        """Words of such lengths; of more than ``most``, those whose first letter is likelier, or not another one."""
        found = [self.by_length[size] for size in sizes if size in self.by_length]
        if sum(len(words) for words, _ in found) <= most:
            return found
        found = []
        near = sorted(one.translate(SOUND) for one in NEIGHBOURS.get(sounds[0], ()))
        for letter in dict.fromkeys([*sounds[:2], *near]):
            same = [self.by_first[size, letter] for size in sizes if (size, letter) in self.by_first]
            most -= sum(len(words) for words, _ in same)
            if most < 0 and found:
                break
            found += same
        return found


class WordLists(Protocol):
    """Where words are looked for: :class:`maxa.search.vocabulary.Vocabulary`."""

    def word_list(self, among: int, *, latin: bool) -> WordList: ...

    def word(self, word: str) -> int: ...


def most_cost(length: int, *, beside: bool = False) -> float:
    """What a word of so many letters may cost and still be the same word misspelled; ``beside`` others that are known,
    a short one may cost more."""
    if length < 3:
        return 0.0
    return {3: NEIGHBOUR + 0.05 if beside else 0.25, 4: 0.7, 5: 1.0}.get(length, _MOST_SOFT)


def _is_slip(typed: str, meant: str, cost: float, most: float) -> bool:
    """Whether ``typed`` may be ``meant`` misspelled: no second letter is another one, and it says no less and no more."""
    longer, shorter = (typed, meant) if len(typed) > len(meant) else (meant, typed)
    if len(shorter) >= _LEAST_BEFORE and longer.startswith(shorter) and longer[len(shorter) :] in _ENDINGS:
        return True
    if cost > most or (cost > _MOST and distance(typed, meant, most=VOWEL) > most):
        return False
    return not (_negates(typed, meant, cost) or _negates(meant, typed, cost))


def _negates(one: str, other: str, cost: float) -> bool:
    """Whether ``one`` is ``other`` with a prefix that turns it into its contrary (``noncontrast``)."""
    return any(
        one.startswith(prefix) and not other.startswith(prefix) and distance(one[len(prefix) :], other) < cost
        for prefix in _NEGATIONS
    )


def nearest(lists: WordLists, word: str, *, beginning: bool, beside: bool = False, among: int = -1) -> list[Near]:
    """Nearest first; of two that are as near, the one that more concepts hold; of the editions whose bits are in ``among``.
    ``beside`` tells that the query has other words, which are known: what they say narrows what a short word may mean. A
    short Latin word is an abbreviation, and another letter makes it another one."""
    if not word.isalpha():
        return []
    beside = beside and not word.isascii()
    if len(word) == 2 and beside:
        return [near for near in _alike(word) if lists.word(near.word) & among]
    most = most_cost(len(word), beside=beside)
    if most == 0.0:
        return []
    sounds = word.translate(SOUND)
    edits = 1 if len(word) < 5 else 2 if len(word) < 8 else 3
    at_most = _nearest_known(word, edits)  # a slip of a known word is that one alone
    of_editions, of_synonyms = lists.word_list(among, latin=word.isascii()), _synonym_words(latin=word.isascii())
    found: dict[str, float] = {}
    for extra, words in ((0.0, of_editions), (_SYNONYM, of_synonyms)):
        for near in _of_like_length(words, sounds, edits):
            plain = _cost(word, near, min(most, at_most))
            cost = plain + extra
            if plain <= at_most and _is_slip(word, near, cost, most):
                found[near] = min(cost, found.get(near, cost))
    if beginning and len(word) >= _LEAST_BEGUN:
        for near in _beginnings(of_editions, word, sounds, edits):
            plain = _cost(word, near, min(most, at_most))
            cost = plain + _AS_BEGINNING
            if plain <= at_most and near not in found and _is_slip(word, near, cost, most):
                found[near] = cost
    counts = of_editions.counts
    ordered = sorted(found.items(), key=lambda one: (one[1], -counts.get(one[0], 0), one[0]))
    return [Near(cost, near) for near, cost in ordered if near != word]


def _cost(typed: str, meant: str, most: float) -> float:
    """Above ``most`` not told exactly, but for endings."""
    ending = typed.startswith(meant) or meant.startswith(typed)
    return distance(typed, meant, cutoff=FORBIDDEN if ending else most)


def same_sound(lists: WordLists, word: str, among: int = -1) -> list[str]:
    """Words of the other script with the same consonants, those of like length first."""
    sound = consonants(word)
    if not sound or (word.isascii() and not has_vowel(word)):
        return []
    found = [other for other in _sounding(lists, word, among) if consonants(other) == sound]
    spelled = vowel_places(word)
    found = [
        other
        for other, (letters, places) in ((other, vowel_places(other)) for other in found)
        if min(letters, spelled[0]) >= _LEAST_SOUND or places == spelled[1]
    ]
    return sorted(dict.fromkeys(found), key=lambda other: (abs(len(other) - len(word)), other))


def spelled_by_ear(lists: WordLists, word: str, among: int = -1) -> list[str]:
    """Persian words that a Latin one spells (``ghand`` → ``قند``), those that more concepts hold first."""
    pattern = persian_pattern(word)
    if pattern is None:
        return []
    found = [other for other in dict.fromkeys(_sounding(lists, word, among)) if pattern.fullmatch(other)]
    counts = lists.word_list(among, latin=False).counts
    return sorted(found, key=lambda other: (-counts.get(other, 0), other))


def _sounding(lists: WordLists, word: str, among: int) -> list[str]:
    """Words of the other script that may be the same."""
    sound, latin = rough_sound(word), not word.isascii()
    return [
        *lists.word_list(among, latin=latin).by_sound.get(sound, []),
        *_synonym_words(latin=latin).by_sound.get(sound, []),
    ]


def is_synonym(word: str) -> bool:
    """Whether a word has synonyms by itself."""
    return word in _synonym_words(latin=word.isascii()).counts


def _alike(word: str) -> list[Near]:
    """Words of two letters that are pronounced alike: ``سح`` → ``سه``."""
    found = [a + b for a in _same(word[0]) for b in _same(word[1])]
    return [Near(SOUNDS_ALIKE, other) for other in found if other != word]


def _same(letter: str) -> str:
    return next((group for group in SOUNDS if letter in group), letter)


def _of_like_length(words: WordList, sounds: str, edits: int) -> list[str]:
    """The words that sound nearest."""
    held = words.likeliest(sounds, range(len(sounds) - edits, len(sounds) + edits + 1), _MOST_COMPARED)
    return _within(held, sounds, edits)


def _within(held: list[_Sounds], sounds: str, edits: int) -> list[str]:
    found: list[tuple[float, str]] = []
    for heard, words in held:
        hits = process.extract(sounds, heard, scorer=OSA.distance, score_cutoff=edits, limit=None)
        found += [(far, words[place]) for _, far, place in hits]
    found.sort(key=itemgetter(0))
    return [word for _, word in found[:_MOST_WEIGHED]]


def _beginnings(words: WordList, word: str, sounds: str, edits: int) -> list[str]:
    """Beginnings of longer words; the first letter is one of the first two that were typed."""
    size = len(word)
    longer = [one for one in sorted(words.by_length) if one > size]
    begun: dict[str, str] = {}
    compared = 0
    for letter in dict.fromkeys(sounds[:2]):
        for heard, written in (words.by_first[one, letter] for one in longer if (one, letter) in words.by_first):
            compared += len(heard)
            if compared > _MOST_BEGUN:
                break
            for sound, other in zip(heard, written, strict=True):
                begun[other[:size]] = sound[:size]
    return _within([(list(begun.values()), list(begun))], sounds, edits)


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
    near = _of_like_length(_lists_of_known[word.isascii()], word.translate(SOUND), edits)
    return min((distance(word, one) for one in near), default=FORBIDDEN)
