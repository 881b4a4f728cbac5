"""Mark the words of a query in a title as it was published.

The result is HTML: ``<em>`` around what matched, everything else escaped, so that a page may show it as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape

from maxa.persian.fold import ZWNJ, fold

# A word as the index sees it: letters and digits with the marks that stand on them (tatweel, diacritics, joiners).
_WORD = re.compile(r"(?:[^\W_]|[\u0610-\u061a\u0640\u064b-\u065f\u0670\u200d\u0300-\u036f])+")


def highlight(title: str, words: list[str]) -> str:
    """``title`` with the folded ``words`` marked; the last one also where it is only the beginning of a word."""
    wanted = [part for word in words for part in word.split()]
    if not wanted:
        return escape(title, quote=False)
    whole, beginning = frozenset(wanted), wanted[-1]
    pieces, at = [], 0
    for start, end in _marked(title, whole, beginning):
        pieces += [escape(title[at:start], quote=False), "<em>", escape(title[start:end], quote=False), "</em>"]
        at = end
    pieces.append(escape(title[at:], quote=False))
    return "".join(pieces)


def _marked(title: str, whole: frozenset[str], beginning: str) -> Iterator[tuple[int, int]]:
    """Spans to mark, from left to right. Words joined by half-spaces also match as one (``می‌شود``, ``میشود``)."""
    for spans in _joined_words(title):
        matching = [span for span in spans if _matches(title[slice(*span)], whole, beginning)]
        start, end = spans[0][0], spans[-1][1]
        joined = fold(title[start:end]).replace(" ", "")
        if len(spans) > 1 and (joined in whole or (not matching and joined.startswith(beginning))):
            yield start, end
        else:
            yield from matching


def _matches(written: str, whole: frozenset[str], beginning: str) -> bool:
    """One written word may fold to several (a ligature, a fraction): any of them will do."""
    return any(word in whole or word.startswith(beginning) for word in fold(written).split())


def _joined_words(title: str) -> Iterator[list[tuple[int, int]]]:
    """Spans of words, those with only half-spaces between them together."""
    group: list[tuple[int, int]] = []
    for match in _WORD.finditer(title):
        if group and title[group[-1][1] : match.start()].strip(ZWNJ):
            yield group
            group = []
        group.append(match.span())
    if group:
        yield group
