"""The word list of one edition: is there such a word, which words begin so, which are the property filters.

Answers are remembered: a clinic types the same words all day. Nothing is read before it is asked for.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import Any, NamedTuple

from maxa.persian.analysis import items_of
from maxa.persian.fold import fold
from maxa.shelf.index_text import PAIR
from maxa.shelf.release import SealedRelease
from maxa.shelf.remembered import Remembered

MOST_COMPLETIONS = 24
_MOST_REMEMBERED = 20_000
_MOST_ANSWERED = 128  # and as many of the generation before
_FEW_CONCEPTS, _FEW_WORDS = 1_000, 4_000
_LAST = "\U0010ffff"


class WordCount(NamedTuple):
    word: str
    n: int


class Lexicon:
    """One a process and edition (:func:`lexicon_of`); what races put in twice is the same."""

    def __init__(self, release: SealedRelease) -> None:
        self.release = release
        self._counts: dict[str, int] = {}
        self._completions: dict[str, tuple[WordCount, ...]] = {}
        self._longer: dict[str, tuple[str, ...]] = {}
        self._adds: dict[tuple[str, str], bool] = {}
        self._filters: dict[str, dict[str, tuple[str, int]]] | None = None
        self._all: list[WordCount] | None = None  # every word, where they are few; sorted
        self.answered: Remembered[Any] = Remembered(_MOST_ANSWERED)  # queries and their heads, kept by maxa.search.find

    def count(self, word: str) -> int:
        """In how many concepts a word stands; words that begin with a digit are not counted and taken to be there."""
        found = self._counts.get(word)
        if found is None:
            if word[:1].isdigit() and not word.endswith(PAIR):
                return 1
            if self._few_words():
                return self._counts.get(word, 0)
            rows = self.release.rows("SELECT n FROM word WHERE word = ?", (word,))
            found = rows[0][0] if rows else 0
            if len(self._counts) >= _MOST_REMEMBERED:
                self._counts.clear()
            self._counts[word] = found
        return found

    def _few_words(self) -> list[WordCount]:
        """Every word of a short list, all read at once: a search over all lists asks hundreds of them. ``[]`` for a long
        one. SQLite orders text by its UTF-8 bytes, which is the order of code points."""
        if self._all is None:
            rows = []
            if self.release.count("all") <= _FEW_CONCEPTS:
                rows = self.release.rows("SELECT word, n FROM word ORDER BY word LIMIT ?", (_FEW_WORDS + 1,))
            few = [WordCount(*row) for row in rows] if len(rows) <= _FEW_WORDS else []
            self._counts.update(few)
            self._all = few
        return self._all

    def has_everywhere(self, word: str) -> bool:
        """Whether every concept has the word: beside others it need not be asked for."""
        return not word[:1].isdigit() and self.count(word) == self.release.count("all")

    def completions(self, beginning: str) -> tuple[WordCount, ...]:
        """Words that begin so, written-as-one pairs among them, in the order of the alphabet, at most one more than
        :data:`MOST_COMPLETIONS`."""
        found = self._completions.get(beginning)
        if found is None and (words := self._few_words()):
            at = bisect_left(words, WordCount(beginning, 0))
            few = words[at : at + MOST_COMPLETIONS + 1]
            return tuple(one for one in few if one.word.startswith(beginning))
        if found is None:
            rows = self.release.rows(
                "SELECT word, n FROM word WHERE word >= ? AND word < ? LIMIT ?",
                (beginning, beginning + _LAST, MOST_COMPLETIONS + 1),
            )
            found = tuple(WordCount(*row) for row in rows)
            if len(self._completions) >= _MOST_REMEMBERED:
                self._completions.clear()
            self._completions[beginning] = found
        return found

    def next_letters(self, beginning: str) -> tuple[str, ...]:
        """The beginnings that are one letter longer, of words that the edition has; without pairs."""
        found = self._longer.get(beginning)
        if found is None:
            size = len(beginning) + 1
            rows = self.release.rows(
                "SELECT DISTINCT substr(word, 1, ?) FROM word WHERE word >= ? AND word < ? AND substr(word, -1) != ?",
                (size, beginning, beginning + _LAST, PAIR),
            )
            found = tuple(text for (text,) in rows if len(text) == size and text.isalnum())
            if len(self._longer) >= _MOST_REMEMBERED:
                self._longer.clear()
            self._longer[beginning] = found
        return found

    def finds(self, expression: str) -> bool:
        return bool(self.release.rows("SELECT 1 FROM words WHERE words MATCH ? LIMIT 1", (expression,)))

    def adds(self, other: str, to: str) -> bool:
        """Whether the expression ``other`` finds a concept that ``to`` does not: titles in two languages hold most
        synonyms together, and a second long list costs as much as the first."""
        found = self._adds.get((other, to))
        if found is None:
            found = bool(
                self.release.rows("SELECT 1 FROM words WHERE words MATCH ? LIMIT 1", (f"({other}) NOT ({to})",))
            )
            if len(self._adds) >= _MOST_REMEMBERED:
                self._adds.clear()
            self._adds[other, to] = found
        return found

    @property
    def filters(self) -> dict[str, dict[str, tuple[str, int]]]:
        """Property name → value → (token, how many concepts)."""
        if self._filters is None:
            found: dict[str, dict[str, tuple[str, int]]] = {}
            for name, value, token, n in self.release.rows("SELECT name, value, token, n FROM filter"):
                found.setdefault(name, {})[value] = (token, n)
            for field, heading in self._headings():
                if field in found:
                    found.setdefault(heading, found[field])
            self._filters = found
        return self._filters

    def _headings(self) -> list[tuple[str, str]]:
        """Column headings of the workbook, where the manifest tells them: ``گروه:هورمون`` is ``group:هورمون``."""
        layout = getattr(self.release.manifest, "layout", None) or []
        return [
            (fold(column["field"]), fold(column["heading"]).replace(" ", "_"))
            for sheet in layout
            for column in sheet.get("columns", ())
        ]

    def filter_tokens(self, name: str, value: str) -> list[str] | None:
        """Tokens of the values of a property that are ``value``, or else hold its words; None without such a property."""
        values = self.filters.get(name) or self._filter_called(name)
        if values is None:
            return None
        asked = fold(value)
        exact = [token for text, (token, _) in values.items() if fold(text) == asked]
        if exact:
            return exact
        words = {word.stem for item in items_of(value) for word in item.words}
        if not words:
            return []
        return [token for text, (token, _) in values.items() if words <= _stems(text)]

    def _filter_called(self, part: str) -> dict[str, tuple[str, int]] | None:
        """``form`` for ``dosage_form``, where no other property is called so."""
        found = [values for name, values in self.filters.items() if part in name.split("_")]
        return found[0] if found and all(values is found[0] for values in found) else None


def _stems(text: str) -> frozenset[str]:
    return frozenset(word.stem for item in items_of(text) for word in item.words)


def lexicon_of(release: SealedRelease) -> Lexicon:
    lexicon: Lexicon | None = release.lexicon
    if lexicon is None:
        lexicon = release.lexicon = Lexicon(release)
    return lexicon
