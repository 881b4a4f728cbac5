"""Mark the words of a query in a title as it was published.

The result is HTML: ``<em>`` around what matched, everything else escaped, so that a page may show it as it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from html import escape

from maxa.persian.analysis import Item, items_of
from maxa.persian.endings import may_stand_apart
from maxa.persian.fold import ZWNJ
from maxa.search.query import Query
from maxa.search.synonyms import key_of, synonyms
from maxa.shelf.index_text import EMPTY_WORDS

# A number with its decimals, or a word with the marks that stand on it (tatweel, diacritics, joiners).
_MARKS = "\u0610-\u061a\u0640\u064b-\u065f\u0670\u200d\u0300-\u036f"
_WORD = re.compile(rf"[0-9۰-۹٠-٩]+(?:[./٫,٬][0-9۰-۹٠-٩]+)+|(?:[^\W_]|[{_MARKS}])+|[%٪]")
_MOST_SEEN = 512
_MOST_TOGETHER = 4  # written words that a query may write as one
_HALF_SPACE = frozenset(ZWNJ)
_BETWEEN = frozenset(" \u200c-_.'")
_SPECIAL = re.compile("[&<>]")


Words = tuple[tuple[int, int, str], ...]  # where each written word of a title begins and ends


@lru_cache(maxsize=2_048)
def _words_of(title: str) -> Words:
    return tuple((match.start(), match.end(), match.group()) for match in _WORD.finditer(title))


@dataclass(frozen=True, slots=True)
class Marker:
    """What to mark: ``whole`` words in any of their forms, and words that begin with ``beginning``."""

    whole: frozenset[str]
    beginning: str
    first: frozenset[str] = frozenset()  # the first letters of all of them
    _seen: dict[str, tuple[bool, tuple[str, ...]]] = field(default_factory=dict, compare=False)

    def mark(self, title: str) -> str:
        """``title`` with what matched marked; without a match, the title escaped."""
        pieces, at = [], 0
        for start, end in self._spans(title):
            pieces += [title[at:start], "<em>", title[start:end], "</em>"]
            at = end
        pieces.append(title[at:])
        if _SPECIAL.search(title):
            pieces = [
                piece if n % 2 else escape(piece, quote=False) for n, piece in enumerate(pieces)
            ]  # odd ones are marks
        return "".join(pieces)

    def marks(self, title: str) -> bool:
        """Whether there is anything to mark."""
        return bool(self._spans(title))

    def _spans(self, title: str) -> list[tuple[int, int]]:
        """Spans to mark, from left to right; what the query writes as one is marked as one."""
        written = _words_of(title)
        seen = self._seen
        told = [seen.get(word) or self._word(word) for _, _, word in written]
        forms = [form for _, form in told]
        spans: list[tuple[int, int]] = []
        n, first, halved = 0, self.first, ZWNJ in title
        while n < len(written):
            may_begin = bool(forms[n]) and forms[n][0][:1] in first
            if not may_begin and not told[n][0]:
                n += 1
                continue
            together = self._together(title, written, forms, n, _HALF_SPACE) if halved and may_begin else 0
            if together:
                spans.append((written[n][0], written[n + together - 1][1]))
                n += together
                continue
            together = 1
            if told[n][0]:
                last = n + self._endings(title, written, forms, n)
                spans.append((written[n][0], written[last][1]))
                together = last - n + 1
            elif together := self._together(title, written, forms, n, _BETWEEN) if may_begin else 0:
                spans.append((written[n][0], written[n + together - 1][1]))
            n += together or 1
        return spans

    def _word(self, written: str) -> tuple[bool, tuple[str, ...]]:
        """Whether a written word is to be marked, and its forms; titles repeat their words."""
        found = self._seen.get(written)
        if found is None:
            forms = _forms(written)
            begun = self.beginning
            marked = not self.whole.isdisjoint(forms) or (bool(begun) and any(form.startswith(begun) for form in forms))
            if len(self._seen) >= _MOST_SEEN:
                self._seen.clear()
            found = self._seen[written] = marked, forms
        return found

    @staticmethod
    def _endings(title: str, written: Words, forms: list[tuple[str, ...]], n: int) -> int:
        """How many endings are written to the ``n``-th word with a half-space."""
        at = n
        while at + 1 < len(written) and title[written[at][1] : written[at + 1][0]] == ZWNJ and forms[at + 1]:
            if not may_stand_apart(forms[at + 1][0], forms[n][0]):
                break
            at += 1
        return at - n

    def _together(self, title: str, written: Words, forms: list[tuple[str, ...]], n: int, glue: frozenset[str]) -> int:
        """How many words from the ``n``-th on, with only ``glue`` between them, are one in the query; 0 when none."""
        if not forms[n]:
            return 0
        one, reach = forms[n][0], 1
        while n + reach < len(written) and reach < _MOST_TOGETHER and forms[n + reach]:
            between = title[written[n + reach - 1][1] : written[n + reach][0]]
            if len(between) > 1 or not glue.issuperset(between) or (glue is _HALF_SPACE and not between):
                break
            before, one = one, one + forms[n + reach][0]
            reach += 1
            if one in self.whole or (
                self.beginning and len(self.beginning) > len(before) and one.startswith(self.beginning)
            ):
                return reach
        return 0


@lru_cache(maxsize=32_768)
def _forms(written: str) -> tuple[str, ...]:
    """Every form of a written word, the one as written first."""
    found: list[str] = []
    for item in items_of(written):
        found += [item.one] if item.one else []
        for word in item.words:
            found += (word.written, word.text, word.stem)
        found += item.extras
    return tuple(dict.fromkeys(found))


@lru_cache(maxsize=2_048)
def marker_of(query: Query, *, with_synonyms: bool) -> Marker:
    """What to mark for a query: its words, what they are written as one, and their synonyms."""
    words = [word for item in query.words for word in item.words]
    whole: set[str] = set()
    for item in query.words:
        whole |= _marked_forms(item)
    for at in range(len(words)):
        one = words[at].written
        for reach in range(at + 1, min(len(words), at + _MOST_TOGETHER) + 1):
            if reach - at > 1:
                one += words[reach - 1].written
                whole.add(one)
            if not with_synonyms:
                continue
            for form in synonyms().of(key_of(tuple(words[at:reach]))):
                whole |= {word.stem for word in form.words} | {word.written for word in form.words}
                whole.add(form.joined)
    if len(words) > 1:
        whole -= EMPTY_WORDS
    beginning = words[-1].written if words else ""
    whole.discard("")
    return Marker(frozenset(whole), beginning, frozenset(form[0] for form in (*whole, beginning) if form))


def _marked_forms(item: Item) -> set[str]:
    forms = {item.joined}
    for word in item.words:
        forms |= {word.written, word.text, word.stem}
    return forms


def highlight(title_fa: str, title_en: str, query: Query) -> str:
    """The title with what matched marked: the Persian one, unless only the Latin one holds what was typed."""
    typed, marker = marker_of(query, with_synonyms=False), marker_of(query, with_synonyms=True)
    if typed.whole == marker.whole:
        marked = marker.mark(title_fa or title_en)
        if "<em>" in marked or not (title_fa and title_en):
            return marked
        latin = marker.mark(title_en)
        return latin if "<em>" in latin else marked
    if title_fa and title_en and not typed.marks(title_fa) and typed.marks(title_en):
        return marker.mark(title_en)
    marked = marker.mark(title_fa or title_en)
    if "<em>" not in marked and title_fa and title_en:
        latin = marker.mark(title_en)
        return latin if "<em>" in latin else marked
    return marked
