"""Look-ups by whole words in a sealed release's full-text index, without ranking: for suggestions to a wrong code.

Searching as people do it is in :mod:`maxa.search`.
"""

from __future__ import annotations

from maxa.persian.analysis import items_of
from maxa.shelf.index_text import EMPTY_WORDS
from maxa.shelf.release import CONCEPT_COLUMNS, Concept, SealedRelease

_LONGEST = 1_000  # characters
_MOST_WORDS = 32


def search_words(text: str) -> list[str]:
    """Words of a text as the index holds them; no operators here."""
    return [word.stem for item in items_of(text[:_LONGEST]) for word in item.words][:_MOST_WORDS]


def match_words(release: SealedRelease, words: list[str], *, limit: int) -> list[Concept]:
    """Concepts that hold all ``words``, in static rank."""
    wanted = [word for word in words if word not in EMPTY_WORDS] or words
    query = (
        f"SELECT {CONCEPT_COLUMNS} FROM concept WHERE id IN"  # noqa: S608
        " (SELECT rowid FROM words WHERE words MATCH ? ORDER BY rowid LIMIT ?) ORDER BY id"
    )
    rows = release.rows(query, (" AND ".join(f'"{word}"' for word in wanted), limit))
    return [Concept(*row) for row in rows]
