"""The words of several editions at once, each with a bit for every edition that has it.

A query that no edition can answer is seen here, before any of them is asked; what a written word may mean is looked for
once among all words, and each candidate knows its editions.
"""

from __future__ import annotations

import re
import threading
import weakref
from bisect import bisect_left
from collections.abc import Iterable, Sequence

from maxa.persian.analysis import Item, Word
from maxa.search.expression import Expressions, either
from maxa.search.lexicon import MOST_COMPLETIONS, WordCount
from maxa.search.nearest import WordList
from maxa.search.query import Words
from maxa.search.synonyms import synonyms
from maxa.shelf.index_text import PAIR, START
from maxa.shelf.release import SealedRelease

_LAST = "\U0010ffff"
_TOKENS = re.compile(r'"([^"]*)"( \*)?|\(|\)|AND|OR')
_MOST_KEPT = 4  # vocabularies; one that holds more editions than are asked serves as well
_MOST_LISTS = 16  # of the words of some of a vocabulary's editions; a few megabytes each
_MOST_REMEMBERED = 4_096


class Vocabulary:
    """``bits`` tell editions apart: bit *n* is the *n*-th of ``releases``. Where more editions may be meant than match
    (a word that begins so, a synonym that adds nothing), they are told besides: a bit that is not there is sure."""

    def __init__(self, releases: Sequence[SealedRelease]) -> None:
        self._releases = [weakref.ref(release) for release in releases]
        self.all = (1 << len(releases)) - 1
        bits: dict[str, int] = {}
        self._counts: dict[str, tuple[int, ...]] = {}  # in how many concepts of each of the editions that have a word
        for place, release in enumerate(releases):
            bit = 1 << place
            for word, n in release.rows("SELECT word, n FROM word"):
                bits[word] = bits.get(word, 0) | bit
                if word.isalpha() and len(word) > 2 and word[0] != START and word[-1] != PAIR:
                    self._counts[word] = (*self._counts.get(word, ()), n)
        self.bits = bits
        self._sorted = sorted(bits)
        self._lists: dict[int, dict[bool, WordList]] = {}
        self._lock = threading.Lock()
        self._remembered: dict[tuple[tuple[Item, ...], bool], int] = {}

    def forget(self) -> None:
        self._remembered.clear()

    def of(self, releases: Sequence[SealedRelease]) -> list[int] | None:
        """The bit of each of ``releases``; None where one is not among these."""
        places = {id(release): 1 << n for n, ref in enumerate(self._releases) if (release := ref()) is not None}
        found = [places.get(id(release)) for release in releases]
        return [bit for bit in found if bit] if all(found) else None

    @property
    def is_dead(self) -> bool:
        """Whether one of its editions is gone: none that is opened anew is the same."""
        return any(release() is None for release in self._releases)

    def word_list(self, among: int, *, latin: bool) -> WordList:
        """The words of one script in the editions of ``among``: what else is known here changes nothing."""
        return self._lists_among(among & self.all)[latin]

    def size(self, among: int) -> int:
        """How many words may be a misspelled one in the editions of ``among``."""
        return sum(len(words.counts) for words in self._lists_among(among & self.all).values())

    def _lists_among(self, among: int) -> dict[bool, WordList]:
        with self._lock:
            found = self._lists.pop(among, None)
            if found is None:
                held = [(word, n) for word in self._sorted if (n := self._count(word, among))]
                found = {latin: WordList(one for one in held if one[0].isascii() is latin) for latin in (True, False)}
                if len(self._lists) >= _MOST_LISTS:
                    del self._lists[next(iter(self._lists))]
            self._lists[among] = found  # the last one asked for is the last one to go
            return found

    def _count(self, word: str, among: int) -> int:
        """In how many concepts of the editions of ``among`` a word stands."""
        bits = self.bits[word]
        if not bits & among or word not in self._counts:
            return 0
        counts = self._counts[word]
        return sum(n for place, n in zip(places_of(bits), counts, strict=True) if among >> place & 1)

    def word(self, word: str) -> int:
        """The editions that have a word; of a number, all."""
        if word[:1].isdigit() and not word.endswith(PAIR):
            return self.all
        return self.bits.get(word, 0)

    def matching(self, items: tuple[Item, ...], *, beginning: bool) -> int:
        """The editions that may hold all words of ``items``, in any of their forms."""
        found = self._remembered.get((items, beginning))
        if found is None:
            expression = _AllForms(self, literal=False).words(Words(items, beginning=beginning))
            found = self._evaluated(expression) if expression else 0
            if len(self._remembered) >= _MOST_REMEMBERED:
                self._remembered.clear()
            self._remembered[items, beginning] = found
        return found

    def _evaluated(self, expression: str) -> int:
        """The editions that have the words of an expression of AND, OR and parentheses."""
        stack: list[tuple[int, str]] = []
        value, operator = self.all, "AND"
        for token in _TOKENS.finditer(expression):
            text = token[0]
            if text in ("AND", "OR"):
                operator = text
            elif text == "(":
                stack.append((value, operator))
                value, operator = self.all, "AND"
            else:
                found = value
                if text == ")":
                    value, operator = stack.pop()
                else:
                    found = self.beginning(token[1]) if token[2] else self.word(token[1])
                value = value & found if operator == "AND" else value | found
        return value

    def synonyms(self, words: list[Word]) -> int:
        """The editions that have another form of words."""
        forms = synonyms().of(tuple(word.stem for word in words))
        expression = either(_AllForms(self, literal=False).forms(forms)) if forms else None
        return self._evaluated(expression) if expression else 0

    def beginning(self, text: str) -> int:
        """The editions that have a word that begins so."""
        if text[:1].isdigit():
            return self.all
        found = 0
        for at in range(bisect_left(self._sorted, text), len(self._sorted)):
            if found == self.all or not self._sorted[at].startswith(text):
                break
            found |= self.bits[self._sorted[at]]
        return found

    def begun(self, text: str, among: int) -> dict[str, int]:
        """The words that begin so in editions of ``among``, each with those that have it; without pairs written as one."""
        found: dict[str, int] = {}
        for at in range(bisect_left(self._sorted, text), len(self._sorted)):
            word = self._sorted[at]
            if not word.startswith(text):
                break
            if word[-1] != PAIR and (bits := self.bits[word] & among):
                found[word] = bits
        return found

    # --- what expressions ask a word list -----------------------------------------------------------------------------

    count = word

    def completions(self, beginning: str) -> tuple[WordCount, ...]:
        at = bisect_left(self._sorted, beginning)
        few = self._sorted[at : at + MOST_COMPLETIONS + 1]
        return tuple(WordCount(word, 1) for word in few if word.startswith(beginning))

    def next_letters(self, beginning: str) -> tuple[str, ...]:
        found: list[str] = []
        size = len(beginning) + 1
        at = bisect_left(self._sorted, beginning)
        while at < len(self._sorted) and self._sorted[at].startswith(beginning):
            longer = self._sorted[at][:size]
            if len(longer) == size and longer.isalnum():
                found.append(longer)
            at = bisect_left(self._sorted, longer + _LAST, at + 1) if len(longer) == size else at + 1
        return tuple(found)

    def has_everywhere(self, word: str) -> bool:
        return False

    def finds(self, expression: str) -> bool:
        return False

    def adds(self, other: str, to: str) -> bool:
        return True


class _AllForms(Expressions):
    """Expressions with every form that one of the editions may have."""

    every_form = True


_kept: list[Vocabulary] = []
_lock = threading.Lock()  # for _kept, the one asked for last first
_building = threading.Lock()


def vocabulary_of(releases: Sequence[SealedRelease]) -> tuple[Vocabulary, list[int]]:
    """The vocabulary that holds ``releases``, and the bit of each. What it tells of them does not depend on what else it
    holds."""
    found = _held(releases)
    if found is None:
        with _building:  # one thread builds it, the others wait for that one
            found = _held(releases)
            if found is None:
                vocabulary = Vocabulary(releases)
                with _lock:
                    _kept.insert(0, vocabulary)
                    del _kept[_MOST_KEPT:]
                found = vocabulary, vocabulary.of(releases) or []
    return found


def _held(releases: Sequence[SealedRelease]) -> tuple[Vocabulary, list[int]] | None:
    with _lock:
        _kept[:] = [vocabulary for vocabulary in _kept if not vocabulary.is_dead]
        for vocabulary in _kept:
            bits = vocabulary.of(releases)
            if bits is not None:
                _kept.remove(vocabulary)
                _kept.insert(0, vocabulary)
                return vocabulary, bits
    return None


def forget_answers() -> None:
    """For measurements: keep the words, forget what was asked of them."""
    for vocabulary in tuple(_kept):
        vocabulary.forget()


def places_of(bits: int) -> Iterable[int]:
    """The places of the bits that are set, from the first."""
    while bits:
        low = bits & -bits
        yield low.bit_length() - 1
        bits ^= low
