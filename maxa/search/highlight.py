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
_WORD = re.compile(rf"([0-9۰-۹٠-٩]+(?:[./٫,٬][0-9۰-۹٠-٩]+)+|(?:[^\W_]|[{_MARKS}])+|[%٪])")
_MOST_SEEN = 512
_MOST_TOGETHER = 4  # written words that a query may write as one
_HALF_SPACE = ZWNJ
_BETWEEN = " \u200c-_.'"
_SPECIAL = re.compile("[&<>]")


@lru_cache(maxsize=2_048)
def _parts_of(title: str) -> tuple[str, ...]:
    """What stands before the first written word, the word, what stands before the next one, and so on."""
    return tuple(_WORD.split(title))


@dataclass(frozen=True, slots=True)
class Marker:
    """What to mark: ``whole`` words in any of their forms, and words that begin with ``beginning``."""

    whole: frozenset[str]
    beginning: str
    first: frozenset[str] = frozenset()  # the first letters of all of them
    _seen: dict[str, tuple[bool, tuple[str, ...]]] = field(default_factory=dict, compare=False)

    def mark(self, title: str) -> str:
        """``title`` with what matched marked; without a match, the title escaped."""
        parts = _parts_of(title)
        spans = self._spans(parts)
        if _SPECIAL.search(title):
            parts = tuple(escape(part, quote=False) for part in parts)
        if not spans:
            return "".join(parts)
        told = list(parts)
        for first, last in spans:
            told[first] = "<em>" + told[first]
            told[last] += "</em>"
        return "".join(told)

    def marks(self, title: str) -> bool:
        """Whether there is anything to mark."""
        parts = _parts_of(title)
        seen = self._seen
        return any((seen.get(word) or self._word(word))[0] for word in parts[1::2]) or bool(self._spans(parts))

    def _spans(self, parts: tuple[str, ...]) -> list[tuple[int, int]]:
        """Places of the first and the last part of what is to be marked, from left to right; what the query writes as one
        is marked as one."""
        spans: list[tuple[int, int]] = []
        seen, letters = self._seen, self.first
        at, end = 1, len(parts)
        while at < end:
            marked, forms = seen.get(parts[at]) or self._word(parts[at])
            may_begin = bool(forms) and forms[0][:1] in letters
            if not (marked or may_begin):
                at += 2
                continue
            last, between = 0, parts[at + 1]
            if may_begin and between == ZWNJ:
                last = self._together(parts, at, _HALF_SPACE)
            if not last and marked:
                last = self._endings(parts, at) if between == ZWNJ else at
            elif not last and may_begin and len(between) < 2 and between in _BETWEEN:
                last = self._together(parts, at, _BETWEEN)
            if last:
                spans.append((at, last))
                at = last
            at += 2
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

    def _forms_at(self, parts: tuple[str, ...], at: int) -> tuple[str, ...]:
        word = parts[at]
        return (self._seen.get(word) or self._word(word))[1]

    def _endings(self, parts: tuple[str, ...], at: int) -> int:
        """The place of the last ending that is written to a word with a half-space, or of the word itself."""
        word, last = self._forms_at(parts, at)[0], at
        while last + 2 < len(parts) and parts[last + 1] == ZWNJ:
            ending = self._forms_at(parts, last + 2)
            if not ending or not may_stand_apart(ending[0], word):
                break
            last += 2
        return last

    def _together(self, parts: tuple[str, ...], at: int, glue: str) -> int:
        """The place of the last word that is one in the query with the word at ``at`` and those between, with only one sign
        of ``glue`` between them; 0 when none is. Words with nothing between are neighbours too, but for a half-space."""
        one = self._forms_at(parts, at)[0]
        for last in range(at + 2, min(len(parts), at + 2 * _MOST_TOGETHER), 2):
            between = parts[last - 1]
            if len(between) > 1 or between not in glue or (glue is _HALF_SPACE and not between):
                break
            forms = self._forms_at(parts, last)
            if not forms:
                break
            before, one = one, one + forms[0]
            if one in self.whole or (
                self.beginning and len(self.beginning) > len(before) and one.startswith(self.beginning)
            ):
                return last
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
