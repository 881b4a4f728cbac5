"""Look-ups by words in a sealed release's full-text index."""

from __future__ import annotations

import re

from maxa.persian.fold import fold
from maxa.shelf.release import CONCEPT_COLUMNS, Concept, SealedRelease

_NO_WORD = re.compile(r"[\W_]")


def search_words(text: str) -> list[str]:
    """Folded words of a query as the index holds them; no operators here."""
    words = fold(text[:1_000]).split()[:32]
    return [word if word.isalnum() else _NO_WORD.sub(" ", word).strip() for word in words]


def match_words(
    release: SealedRelease,
    words: list[str],
    *,
    limit: int,
    after: int = 0,
    status: str = "all",
    beginning: bool = True,
) -> list[tuple[int, Concept]]:
    """Concepts that hold all ``words`` (folded), in static rank after rank ``after``, each with its rank. With
    ``beginning`` the last word may be the beginning of one."""
    low, high = _ranks(release, status)
    query = (
        f"SELECT id, {CONCEPT_COLUMNS} FROM concept WHERE id IN"  # noqa: S608
        " (SELECT rowid FROM words WHERE words MATCH ? AND rowid BETWEEN ? AND ? ORDER BY rowid LIMIT ?) ORDER BY id"
    )
    rows = release.rows(query, (_match_all(words, beginning), max(low, after + 1), high, limit))
    return [(rank, Concept(*fields)) for rank, *fields in rows]


def count_words(release: SealedRelease, words: list[str], *, upto: int = 1_001, status: str = "all") -> int:
    """How many concepts hold all ``words``, counted no further than ``upto``."""
    low, high = _ranks(release, status)
    rows = release.rows(
        "SELECT count(*) FROM (SELECT 1 FROM words WHERE words MATCH ? AND rowid BETWEEN ? AND ? LIMIT ?)",
        (_match_all(words, True), low, high, upto),
    )
    return int(rows[0][0])


def _ranks(release: SealedRelease, status: str) -> tuple[int, int]:
    """First and last row id of a status: rows are sealed in static rank, so the active ones come first."""
    active, total = release.count("active"), release.count("all")
    return {"active": (1, active), "retired": (active + 1, total), "all": (1, total)}[status]


def _match_all(words: list[str], beginning: bool) -> str:
    quoted = [f'"{word}"' for word in words if word]
    return " AND ".join(quoted) + ("*" if beginning else "")
