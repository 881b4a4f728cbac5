"""Another spelling of the same code or title is not another one (FACTS §6)."""

from __future__ import annotations

from collections.abc import Iterable

from maxa.persian.fold import code_key, code_spelling, title_key
from maxa.shelf.release import Concept, SealedRelease

LONGEST_CODE = 200  # characters; no list has longer ones
_LONGEST_REMEMBERED = 300
_SAME_KEY = 50


def same_title(value: str, concept: Concept) -> bool:
    """Whether a value is one of a concept's titles but for letters' forms, spaces, half-spaces, digits and case."""
    key = _title_key(value)
    return bool(key) and (
        key == _title_key(concept.title_fa) or (bool(concept.title_en) and key == _title_key(concept.title_en))
    )


def _title_key(text: str) -> str:
    # Long texts are folded each time: title_key remembers what it saw, and a caller may send megabytes.
    return title_key(text) if len(text) <= _LONGEST_REMEMBERED else title_key.__wrapped__(text)


def spelled_alike(release: SealedRelease, code: str, same_key: Iterable[Concept] | None = None) -> Concept | None:
    """The one code that differs from ``code`` in letter case, digits' script, spaces or invisible marks alone; None
    when there is none or more than one. ``same_key``: the concepts with its :func:`code_key`, if they are at hand."""
    if len(code) > LONGEST_CODE:
        return None
    if same_key is None:
        same_key = release.with_key(code_key(code), _SAME_KEY)
    spelling = ""
    alike = []
    for concept in same_key:
        spelling = spelling or code_spelling(code)
        if code_spelling(concept.code) == spelling:
            alike.append(concept)
    return alike[0] if len(alike) == 1 else None
