"""Type-ahead: how a query may go on, and the concepts that are likeliest meant; one look-up a letter typed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from maxa.search.find import Hit, ask, find
from maxa.search.highlight import highlight
from maxa.shelf.release import SealedRelease

MOST_SUGGESTED = 20
DEFAULT = 8


@dataclass(frozen=True, slots=True)
class Suggestion:
    """``source`` is the place of the release in what was searched; ``highlight`` is HTML as in search."""

    source: int
    code: str
    title: str
    active: bool
    highlight: str


def suggest(releases: Sequence[SealedRelease], text: str, *, limit: int = DEFAULT) -> list[Suggestion]:
    """At most ``limit`` concepts with titles that differ, active ones before retired ones, in the order of search."""
    if not text.strip():
        return []
    limit = min(limit, MOST_SUGGESTED)
    found = find(releases, ask(text), limit=2 * limit, count=False)
    suggestions: list[Suggestion] = []
    seen: set[str] = set()
    for hit in found.hits:
        if hit.concept.title in seen or len(suggestions) == limit:
            continue
        seen.add(hit.concept.title)
        suggestions.append(_suggestion(hit, highlight(hit.concept.title_fa, hit.concept.title_en, found.query)))
    return suggestions


def _suggestion(hit: Hit, marked: str) -> Suggestion:
    concept = hit.concept
    return Suggestion(hit.source, concept.code, concept.title, bool(concept.active), marked)
