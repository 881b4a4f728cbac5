"""What one written word may mean, other than it says: with other spaces, on the other keyboard layout, in the other script,
in its nearest spelling, or a word that is near. Each reading knows the editions that may hold it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import reduce
from operator import or_
from typing import NamedTuple

from maxa.persian.analysis import Item, items_of
from maxa.search.keyboard import other_layouts
from maxa.search.known import known_words
from maxa.search.lexicon import MOST_COMPLETIONS
from maxa.search.nearest import is_synonym, nearest, same_sound, spelled_by_ear
from maxa.search.negation import NEGATIONS
from maxa.search.pieces import key_of_pieces, words_of
from maxa.search.sounding import spelled_letters
from maxa.search.synonyms import key_of, related, synonyms
from maxa.search.vocabulary import Vocabulary

SPACES, LAYOUT, LETTERS, SPELLING = "spaces", "layout", "letters", "spelling"
FEWER, RELATED, ANY, BEGUN, CODE = "fewer-words", "related-word", "any-word", "beginnings", "code-and-words"
COSTS = {CODE: 0.3, BEGUN: 0.45, SPACES: 0.4, FEWER: 0.5, LAYOUT: 0.6, LETTERS: 0.7, SPELLING: 0.6, RELATED: 0.65}
_BY_EAR = 0.75  # Persian in Latin letters, letter by letter
_SAME_SOUND = 1.15  # a name in the other script: less likely than a vowel left out, likelier than a wrong letter
_MOST_READINGS = 4  # of one word in one edition
_MOST_WAYS = 64
_NO_BEGINNINGS = frozenset({*NEGATIONS, "with"})  # "with" is not the beginning of "without"
_LEAST_BEGUN = {True: 4, False: 3}  # letters of a word that is only begun, Latin or Persian
_SHORT = 3  # letters of a word that other words narrow
EVERYWHERE = -1
# Steps, of some 50 µs each. What is remembered costs as much: answers depend on the lists alone.
_STEPS = 200
_MATCHED, _COMPARED = 2, 8
_WORDS_A_STEP = 3_000


class Reading(NamedTuple):
    """``bits`` are the editions that may hold ``text``; without a ``kind`` it is as typed."""

    cost: float
    text: str
    kind: str = ""
    bits: int = EVERYWHERE


class Way(NamedTuple):
    """A reading of several written words."""

    cost: float
    bits: int
    readings: tuple[Reading, ...]


class Readings:
    """The readings of words in the editions whose bits are in ``among``; remembered for one search."""

    def __init__(self, vocabulary: Vocabulary, among: int) -> None:
        self.vocabulary = vocabulary
        self.among = among
        self.steps = _STEPS
        self._known: dict[tuple[str, bool], int] = {}
        self._found: dict[tuple[str, bool, int, bool], list[Reading]] = {}

    def may_hold(self, text: str, *, beginning: bool = True) -> int:
        self.steps -= _MATCHED
        return self.vocabulary.matching(tuple(items_of(text)), beginning=beginning) & self.among

    def knows(self, piece: str, last: bool) -> int:
        """The editions that know a word by itself, or the beginning of one if it is the last."""
        found = self._known.get((piece, last))
        if found is None:
            found = self.may_hold(piece)
            words = words_of([piece])
            if found and not last:
                told = self.vocabulary.synonyms(words)
                for word in words:
                    told |= self.vocabulary.word(word.stem) | self.vocabulary.word(word.written)
                found &= told
            self._known[piece, last] = found
        return found

    def of(self, piece: str, last: bool, *, beside: int = 0, right: bool = False) -> list[Reading]:
        """What one written word may mean; in the editions of ``beside`` other words are known. One that is known to be
        ``right`` may be said in the other script, and is not misspelled."""
        asked = (piece, last, beside, right)
        found = self._found.get(asked)
        if found is None:
            found = self._found[asked] = few_in_each(self._all(*asked), _MOST_READINGS, self.among)
        return found

    def _all(self, piece: str, last: bool, beside: int, right: bool) -> list[Reading]:
        found: list[Reading] = []
        if not right:
            found += [Reading(COSTS[LAYOUT], text, LAYOUT, self.knows(text, last)) for text in other_layouts(piece)]
        for item in items_of(piece):
            if len(item.words) == 1:
                others = related().get(key_of(item.words), [])
                found += [Reading(COSTS[RELATED], text, RELATED, self.may_hold(text)) for text in others]
            if not right:
                found += self._of_word(item, last, beside)
                found += self._begun(item, last)
        if right:
            others = known_words().others(key_of_pieces([piece])) or []
            found += [other_form(piece, text, self.knows(text, False)) for text in others]
        return found

    def _of_word(self, item: Item, last: bool, beside: int) -> list[Reading]:
        if len(item.words) > 1 and not item.joined:
            return []
        word = item.one or item.words[0].written
        found = few_in_each(self._split(word), 2, self.among)
        by_ear = [
            Reading(_BY_EAR, text, LETTERS, self._there(text, last))
            for text in spelled_by_ear(self.vocabulary, word, self.among)
        ]
        sounding = [
            Reading(_SAME_SOUND, text, LETTERS, self._there(text, last))
            for text in same_sound(self.vocabulary, word, self.among)
        ]
        found += [*few_in_each(by_ear, 2, self.among), *few_in_each(sounding, 2, self.among)]
        if len(item.words) > 1:
            spelled = spelled_letters([one.text for one in item.words])
            found += [Reading(COSTS[LETTERS], text, LETTERS, self.spelled(text)) for text in spelled]
        found += self.near(word, last, beside)
        if len(item.words) > 1:
            parts = [self._part(one.written, last and n == len(item.words) - 1) for n, one in enumerate(item.words)]
            for way in together(parts):
                text = " ".join(one.text for one in way.readings)
                found.append(Reading(way.cost, text, SPELLING, way.bits))
        return found

    def _begun(self, item: Item, last: bool) -> list[Reading]:
        """``متفور 500``: words that begin so; the last word of a query is read so without being told."""
        word = item.one
        if last or len(item.words) > 1 or not word.isalpha() or len(word) < _LEAST_BEGUN[word.isascii()]:
            return []
        words = self.vocabulary.begun(word, self.among)
        if not words or not _NO_BEGINNINGS.isdisjoint(words) or word in _NO_BEGINNINGS:
            return []
        only, bits = min(words, key=len), reduce(or_, words.values())
        found = [Reading(COSTS[BEGUN], f"{word}*", BEGUN, bits)]
        if only != word and len(words) <= MOST_COMPLETIONS and all(one.startswith(only) for one in words):
            found.insert(0, Reading(COSTS[BEGUN], only, BEGUN, words[only]))
            found[1] = found[1]._replace(bits=bits & ~words[only])
        return [one for one in found if one.bits]

    def near(self, word: str, last: bool, beside: int = 0) -> list[Reading]:
        """Nearest words; none when the search has cost enough."""
        if self.steps < 0:
            return []
        self.steps -= _COMPARED + self.vocabulary.size(self.among) // _WORDS_A_STEP
        found = {
            near.word: (near.cost, EVERYWHERE)
            for near in nearest(self.vocabulary, word, beginning=last, among=self.among)
        }
        if beside and len(word) <= _SHORT:
            for near in nearest(self.vocabulary, word, beginning=last, beside=True, among=self.among):
                found.setdefault(near.word, (near.cost, beside))
        return [
            Reading(COSTS[SPELLING] + cost, text, SPELLING, self._there(text, last) & bits)
            for text, (cost, bits) in found.items()
        ]

    def _there(self, text: str, last: bool) -> int:
        """The editions that have a word, or what means the same."""
        bits = self.vocabulary.word(text) | (self.vocabulary.beginning(text) if last else 0)
        return (bits | self.may_hold(text, beginning=last) if is_synonym(text) else bits) & self.among

    def spelled(self, text: str) -> int:
        """The editions that know an abbreviation."""
        if self.vocabulary.word(text) & self.among or synonyms().of((text,)):
            return self.knows(text, False)
        return 0

    def _part(self, word: str, last: bool) -> list[Reading]:
        there = self.vocabulary.word(word) & self.among
        near = few_in_each(self.near(word, last), 2, self.among)
        return [Reading(0.0, word, "", there), *_elsewhere(near, there)]

    def _split(self, word: str) -> Iterator[Reading]:
        """``سرمخون`` → ``سرم خون``, where an edition has both; into halves first."""
        if len(word) < 5 or not word.isalpha():
            return
        for at in sorted(range(2, len(word) - 1), key=lambda at: abs(2 * at - len(word))):
            left, right = word[:at], word[at:]
            bits = self.vocabulary.word(left) & self.among
            if bits and (bits := bits & (self.vocabulary.word(right) | self.vocabulary.beginning(right))):
                yield Reading(COSTS[SPACES], f"{left} {right}", SPACES, bits)

    def or_as_typed(self, piece: str, known: int, last: bool, *, beside: int = 0, right: bool = False) -> list[Reading]:
        """A piece as typed where it is ``known``, else its readings."""
        found = [Reading(0.0, piece, "", known)] if known else []
        if known != self.among:
            found += _elsewhere(self.of(piece, last, beside=beside, right=right), known)
        return found


def _elsewhere(readings: Iterable[Reading], known: int) -> list[Reading]:
    return [one._replace(bits=one.bits & ~known) for one in readings if one.bits & ~known]


def other_form(typed: str, text: str, bits: int) -> Reading:
    kind = RELATED if typed.isascii() == text.isascii() else LETTERS
    return Reading(COSTS[kind], text, kind, bits)


def few_in_each(readings: Iterable[Reading], most: int, among: int) -> list[Reading]:
    """The cheapest readings, ``most`` in each edition; one of each text."""
    held = [among] + [0] * most  # held[n]: the editions that have n readings or more
    found: dict[str, Reading] = {}
    for one in sorted(readings, key=lambda reading: reading.cost):
        bits = one.bits & among & ~held[most]
        before = found.get(one.text)
        bits &= ~before.bits if before else EVERYWHERE
        if not bits:
            continue
        for n in range(most, 0, -1):
            held[n] |= held[n - 1] & bits
        found[one.text] = before._replace(bits=before.bits | bits) if before else one._replace(bits=bits)
    return list(found.values())


def together(choices: list[list[Reading]], bits: int = EVERYWHERE) -> list[Way]:
    """One reading of each, where an edition may hold them all; the cheapest."""
    found = [Way(0.0, bits, ())]
    for options in choices:
        found = [
            Way(way.cost + one.cost, way.bits & one.bits, (*way.readings, one))
            for way in found
            for one in options
            if way.bits & one.bits
        ]
        found.sort(key=lambda way: way.cost)
        del found[_MOST_WAYS:]
    return found
