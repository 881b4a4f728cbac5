"""Codes of a map's target that may be meant by a code of its source: found by the search that everyone uses, in the
target's current edition, by the source's titles and by less and less of them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from maxa.errors import UnknownTerminology
from maxa.search.find import Found, ask, find
from maxa.search.highlight import highlight
from maxa.search.query import plain_query
from maxa.shelf.catalogue import Catalogue
from maxa.shelf.reading import Shelf
from maxa.shelf.release import SealedRelease

SUGGESTED, FOUND = 9, 20
_MOST_WORDS = 12  # of a title: more of them never stand together elsewhere
_ENOUGH = 6  # candidates by which no shorter text is tried
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_BREAK = re.compile(r"[,،؛;:/|–—]|\s-\s")


@dataclass(frozen=True, slots=True)
class Candidate:
    """``by``: the text by which it was found; ``highlight`` as :mod:`maxa.search.highlight` makes it."""

    code: str
    title_fa: str
    title_en: str
    highlight: str
    by: str


def release_of(shelf: Shelf, catalogue: Catalogue, terminology: str) -> SealedRelease | None:
    """The current edition; None while none is on the shelf."""
    try:
        entry = catalogue.terminology(terminology)
    except UnknownTerminology:
        return None
    return shelf.release(entry.current)


def suggested(release: SealedRelease, titles: Sequence[str], without: Collection[str]) -> list[Candidate]:
    """By the titles as they are, then by less of them; those that a fuller text found come first."""
    found: dict[str, Candidate] = {}
    for text in _texts(titles):
        if len(found) >= _ENOUGH:
            break
        # whatever signs a title holds, its words alone are looked for, and nothing else is guessed instead
        hits = find([release], replace(plain_query(text), plain=False), limit=SUGGESTED, status="active", count=False)
        for one in _candidates(hits, text):
            if one.code not in without:
                found.setdefault(one.code, one)
    return list(found.values())[:SUGGESTED]


def searched(release: SealedRelease, text: str) -> list[Candidate]:
    """What a person looks for by hand. Raises :class:`BadParameter` for a text that is too long."""
    return list(_candidates(find([release], ask(text, parameter="q"), limit=FOUND, status="active", count=False), text))


def named(release: SealedRelease, codes: Collection[str]) -> list[Candidate]:
    """Codes that were chosen before, as candidates; those that the edition does not have active are left out."""
    held = release.concepts_of(codes)
    return [
        Candidate(code, held[code].title_fa, held[code].title_en, "", "")
        for code in codes
        if code in held and held[code].active
    ]


def _candidates(found: Found, by: str) -> Iterator[Candidate]:
    for hit in found.hits:
        one = hit.concept
        yield Candidate(
            one.code, one.title_fa, one.title_en, highlight(one.title_fa, one.title_en, found.query), by
        )  # fmt: skip


def _texts(titles: Sequence[str]) -> list[str]:
    """Of each title, from the whole to a word; both titles at each step."""
    steps = [list(_shortened(title)) for title in titles if title.strip()]
    longest = max(map(len, steps), default=0)
    return _distinct(texts[n] for n in range(longest) for texts in steps if n < len(texts))


def _shortened(title: str) -> Iterator[str]:
    bare = " ".join(_BRACKETS.sub(" ", title).split())
    first = next((piece.strip() for piece in _BREAK.split(bare) if piece.strip()), bare)
    words = first.split()
    yield " ".join(title.split()[:_MOST_WORDS])
    yield " ".join(bare.split()[:_MOST_WORDS])
    yield " ".join(words[:_MOST_WORDS])
    if len(words) > 3:
        yield " ".join(words[: (len(words) + 1) // 2])
    yield " ".join(words[:2])
    if words:
        yield max(words, key=len)


def _distinct(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(text for text in texts if text))
