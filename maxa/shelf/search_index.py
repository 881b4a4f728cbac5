"""Writes the search index of a sealed file (DESIGN §5): full text, ranked titles, word list, and property filters.

Tables: ``words`` (FTS5, contentless; columns ``fa`` and ``en``; row ids are the concepts' ids, and so static rank),
``title`` (both titles as words divided by spaces, for ranking and phrases), ``word`` (each word of the titles and in how
many concepts it stands; words of digits are left out, they are countless), ``filter`` (the property texts that can be
asked for as ``modality:CT``, each with the one-character token that stands for it in ``words``). Codes have their own
indexes in ``concept``.

Measured on 50,000 drug-like concepts: no positions in the index and prefixes of one to three letters take 174 bytes a
concept; positions add 60, prefixes of four letters 29, codes as words 40. Positions are not needed: the order of
words is read off ``title``.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from typing import Any, NamedTuple

import orjson

from maxa.persian.fold import fold
from maxa.shelf.index_text import START, index_text

INDEX_SCHEMA = """
CREATE TABLE title (id INTEGER PRIMARY KEY, fa TEXT NOT NULL, en TEXT NOT NULL);
CREATE TABLE word (word TEXT PRIMARY KEY, n INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE filter (
    name TEXT NOT NULL, value TEXT NOT NULL, token TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (name, value)
    ) WITHOUT ROWID;
"""
# Tokens come analysed: the tokenizer has only to divide at spaces, and knows no letters beyond ASCII.
_WORDS = (
    "CREATE VIRTUAL TABLE words USING fts5("
    "fa, en, content='', columnsize=0, detail=column, tokenize='ascii', prefix='1 2 3')"
)
PART = "part"
_MOST_VALUES = 500  # of one property; one with more is a text and no filter
_LONGEST_VALUE = 80  # characters
_FIRST_TOKEN, _LAST_TOKEN = 0xE000, 0xF8FF  # private-use characters: never part of a word


class Indexed(NamedTuple):
    """As much of a concept as the index takes."""

    title_fa: str
    title_en: str
    part: str
    properties: str | None


class IndexWriter:
    """Fills the index of one file; :meth:`add` in the order of ids, then :meth:`finish`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._counts: Counter[str] = Counter()
        self._filters = _Filters()
        connection.execute(_WORDS)
        # Merging segments while writing costs twice what one merge at the end does.
        connection.execute("INSERT INTO words(words, rank) VALUES ('automerge', 0)")
        connection.execute("INSERT INTO words(words, rank) VALUES ('hashsize', 16777216)")

    def add(self, first: int, concepts: list[Indexed]) -> None:
        words, titles = [], []
        for number, (title_fa, title_en, part, properties) in enumerate(concepts, start=first):
            fa, rank_fa = index_text(title_fa)
            en, rank_en = index_text(title_en)
            self._counts.update({*fa, *en})
            if part or properties:
                en = en + self._filters.tokens(part, properties)
            words.append((number, " ".join(fa), " ".join(en)))
            titles.append((number, rank_fa, rank_en))
        self._connection.executemany("INSERT INTO words(rowid, fa, en) VALUES (?,?,?)", words)
        self._connection.executemany("INSERT INTO title VALUES (?,?,?)", titles)

    def finish(self) -> None:
        self._connection.execute("INSERT INTO words(words) VALUES ('optimize')")
        counted = sorted((word, n) for word, n in self._counts.items() if not word[0].isdigit() and word[0] != START)
        self._connection.executemany("INSERT INTO word VALUES (?,?)", counted)
        self._connection.executemany("INSERT INTO filter VALUES (?,?,?,?)", self._filters.rows())


class _Filters:
    """Which property texts can be asked for: those of properties that have few of them."""

    def __init__(self) -> None:
        self._tokens: dict[str, dict[str, str]] = {}
        self._counts: Counter[str] = Counter()
        self._too_many: set[str] = set()
        self._next = _FIRST_TOKEN

    def tokens(self, part: str, properties: str | None) -> list[str]:
        values = orjson.loads(properties) if properties else {}
        found = [self._token(PART, part)] if part else []
        for name, value in values.items():
            for one in value if isinstance(value, list) else (value,):
                if type(one) is str and 0 < len(one) <= _LONGEST_VALUE:
                    found.append(self._token(name, one))
        return [token for token in found if token]

    def _token(self, name: str, value: str) -> str:
        if name in self._too_many:
            return ""
        known = self._tokens.setdefault(name, {})
        token = known.get(value)
        if token is None:
            if len(known) >= _MOST_VALUES or self._next > _LAST_TOKEN:
                self._too_many.add(name)
                return ""
            token = known[value] = chr(self._next)
            self._next += 1
        self._counts[token] += 1
        return token

    def rows(self) -> list[tuple[Any, ...]]:
        return sorted(
            (fold(name), value, token, self._counts[token])
            for name, known in self._tokens.items()
            if name not in self._too_many
            for value, token in known.items()
        )
