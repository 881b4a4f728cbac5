"""Mark the words of a query in a title as it was published.

The result is HTML: ``<em>`` around what matched, everything else escaped, so that a page may show it as it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from html import escape

from maxa.persian.analysis import Item, items_of
from maxa.search.query import Query
from maxa.search.synonyms import key_of, synonyms
from maxa.shelf.index_text import EMPTY_WORDS

# A number with its decimals, or a word with the marks that stand on it (tatweel, diacritics, joiners).
_MARKS = "\u0610-\u061a\u0640\u064b-\u065f\u0670\u200d\u0300-\u036f"
_WORD = re.compile(rf"[0-9۰-۹٠-٩]+(?:[./٫,٬][0-9۰-۹٠-٩]+)+|(?:[^\W_]|[{_MARKS}])+|[%٪]")
_MOST_TOGETHER = 4  # written words that a query may write as one
_BETWEEN = frozenset(" \u200c-_.'")


@dataclass(frozen=True, slots=True)
class Marker:
    """What to mark: ``whole`` words in any of their forms, and words that begin with ``beginning``."""

    whole: frozenset[str]
    beginning: str

    def mark(self, title: str) -> str:
        """``title`` with what matched marked; without a match, the title escaped."""
        pieces, at = [], 0
        for start, end in self._spans(title):
            pieces += [escape(title[at:start], quote=False), "<em>", escape(title[start:end], quote=False), "</em>"]
            at = end
        pieces.append(escape(title[at:], quote=False))
        return "".join(pieces)

    def _spans(self, title: str) -> list[tuple[int, int]]:
        """Spans to mark, from left to right; what the query writes as one is marked as one."""
        written = [(match.start(), match.end()) for match in _WORD.finditer(title)]
        forms = [_forms(title[start:end]) for start, end in written]
        spans, n = [], 0
        while n < len(written):
            together = self._together(title, written, forms, n)
            if together:
                spans.append((written[n][0], written[n + together - 1][1]))
                n += together
                continue
            if any(form in self.whole for form in forms[n]) or (
                self.beginning and any(form.startswith(self.beginning) for form in forms[n])
            ):
                spans.append(written[n])
            n += 1
        return spans

    def _together(self, title: str, written: list[tuple[int, int]], forms: list[tuple[str, ...]], n: int) -> int:
        """How many words from the ``n``-th on are one in the query; 0 when none."""
        if not forms[n]:
            return 0
        one, reach, found = forms[n][0], 1, 0
        while n + reach < len(written) and reach < _MOST_TOGETHER and forms[n + reach]:
            between = title[written[n + reach - 1][1] : written[n + reach][0]]
            if len(between) > 1 or not _BETWEEN.issuperset(between):
                break
            before, one = one, one + forms[n + reach][0]
            reach += 1
            if one in self.whole or (
                self.beginning and len(self.beginning) > len(before) and one.startswith(self.beginning)
            ):
                found = reach
        return found


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


@lru_cache(maxsize=1_024)
def marker_of(query: Query) -> Marker:
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
            for form in synonyms().of(key_of(tuple(words[at:reach]))):
                whole |= {word.stem for word in form.words} | {word.written for word in form.words}
                whole.add(form.joined)
    if len(words) > 1:
        whole -= EMPTY_WORDS
    beginning = words[-1].written if words else ""
    return Marker(frozenset(whole - {""}), beginning)


def _marked_forms(item: Item) -> set[str]:
    forms = {item.joined}
    for word in item.words:
        forms |= {word.written, word.text, word.stem}
    return forms


def highlight(title_fa: str, title_en: str, query: Query) -> str:
    """The title with what matched marked: the Persian one, unless only the Latin one holds a match."""
    marker = marker_of(query)
    marked = marker.mark(title_fa or title_en)
    if "<em>" not in marked and title_fa and title_en:
        latin = marker.mark(title_en)
        return latin if "<em>" in latin else marked
    return marked
