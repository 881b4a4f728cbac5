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
from collections.abc import Iterator
from typing import Any, NamedTuple, Protocol

import orjson

from maxa.errors import Unavailable
from maxa.persian.fold import fold
from maxa.shelf.index_text import START, Pieces, index_text

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
_LONGEST_TERM = 32_768  # bytes; FTS5 cuts what is longer, be it within a character
_MOST_VALUES = 500  # of one property; one with more is a text and no filter
_LONGEST_VALUE = 80  # characters
_FIRST_TOKEN, _LAST_TOKEN = "\ue000", "\uf8ff"  # private-use characters: never part of a word


class Indexed(NamedTuple):
    """As much of a concept as the index takes."""

    title_fa: str
    title_en: str
    part: str
    properties: str | None


# Rows of ``words`` (id, fa, en) and of ``title`` (id, fa, en)
Analysed = tuple[list[tuple[int, str, str]], list[tuple[int, str, str]]]


class AnalyserLost(Unavailable):
    """The process that analyses has gone; what was written so far is of no use."""


class Analysing(Protocol):
    """Analyses concepts block by block, here or elsewhere: what is given may be told with a later block, in its order."""

    def take(self, first: int, concepts: list[Indexed]) -> list[Analysed]: ...

    def rest(self) -> list[Analysed]: ...

    def filters(self) -> list[tuple[Any, ...]]: ...

    def close(self) -> None: ...


class Analyser:
    """Analyses at once."""

    def __init__(self) -> None:
        self._pieces = Pieces()
        self._filters = _Filters()

    def take(self, first: int, concepts: list[Indexed]) -> list[Analysed]:
        words, titles = [], []
        pieces, filters = self._pieces, self._filters
        for number, (title_fa, title_en, part, properties) in enumerate(concepts, start=first):
            fa, rank_fa = index_text(title_fa, pieces)
            en, rank_en = index_text(title_en, pieces)
            if part or properties:
                en = f"{en} {filters.tokens(part, properties)}"
            words.append((number, fa, en))
            titles.append((number, rank_fa, rank_en))
        return [(words, titles)]

    def rest(self) -> list[Analysed]:
        return []

    def filters(self) -> list[tuple[Any, ...]]:
        return self._filters.rows()

    def close(self) -> None:
        """Nothing is held."""


class IndexWriter:
    """Fills the index of one file; :meth:`add` in the order of ids, then :meth:`finish`, and :meth:`close` at any rate."""

    def __init__(self, connection: sqlite3.Connection, analyser: Analysing | None = None) -> None:
        self._connection = connection
        self._analyser = analyser or Analyser()
        connection.execute(_WORDS)
        # Merging segments while writing costs twice what one merge at the end does.
        connection.execute("INSERT INTO words(words, rank) VALUES ('automerge', 0)")
        connection.execute("INSERT INTO words(words, rank) VALUES ('hashsize', 16777216)")

    def add(self, first: int, concepts: list[Indexed]) -> None:
        self._write(self._analyser.take(first, concepts))

    def flush(self) -> None:
        """Write what is still being analysed. Called before other tables change, it leaves the same bytes as analysing
        at once: FTS5 begins a segment where they do."""
        self._write(self._analyser.rest())

    def _write(self, analysed: list[Analysed]) -> None:
        for words, titles in analysed:
            self._connection.executemany("INSERT INTO words(rowid, fa, en) VALUES (?,?,?)", words)
            self._connection.executemany("INSERT INTO title VALUES (?,?,?)", titles)

    def finish(self) -> None:
        self.flush()
        self._connection.execute("INSERT INTO words(words) VALUES ('optimize')")
        self._connection.executemany("INSERT INTO word VALUES (?,?)", self._counted())
        self._connection.executemany("INSERT INTO filter VALUES (?,?,?,?)", self._analyser.filters())

    def close(self) -> None:
        self._analyser.close()

    def _counted(self) -> Iterator[tuple[str, int]]:
        """Each word and in how many concepts it stands, as the index itself tells it, in the order of words."""
        self._connection.execute("CREATE VIRTUAL TABLE temp.counted USING fts5vocab(main, words, row)")
        terms = self._connection.execute("SELECT CAST(term AS BLOB), doc FROM temp.counted").fetchall()
        self._connection.execute("DROP TABLE temp.counted")
        for term, n in terms:
            if len(term) < _LONGEST_TERM:
                word = term.decode()
                if not (word[0].isdigit() or word[0] == START or _FIRST_TOKEN <= word[0] <= _LAST_TOKEN):
                    yield word, n


class _Filters:
    """Which property texts can be asked for: those of properties that have few of them."""

    def __init__(self) -> None:
        self._known: dict[str, dict[str, list[Any]]] = {}  # name → value → [token, count]; names of few values
        self._too_many: set[str] = set()
        self._next = ord(_FIRST_TOKEN)

    def tokens(self, part: str, properties: str | None) -> str:
        """Tokens of a concept's part and property texts, divided by spaces."""
        found = [self._token(PART, part)] if part else []
        if properties:
            for name, value in orjson.loads(properties).items():
                if type(value) is str:
                    found.append(self._token(name, value))
                elif type(value) is list:
                    found += [self._token(name, one) for one in value if type(one) is str]
        return " ".join(found)

    def _token(self, name: str, value: str) -> str:
        known = self._known.get(name)
        counted = known.get(value) if known else None
        if counted is None:
            counted = self._new(name, value)
        counted[1] += 1
        return counted[0]

    def _new(self, name: str, value: str) -> list[Any]:
        """The token of a value that is seen for the first time, ``""`` for one that can't be asked for."""
        if name in self._too_many or not 0 < len(value) <= _LONGEST_VALUE:
            return ["", 0]
        known = self._known.setdefault(name, {})
        if len(known) >= _MOST_VALUES or self._next > ord(_LAST_TOKEN):
            self._too_many.add(name)
            del self._known[name]
            return ["", 0]
        known[value] = counted = [chr(self._next), 0]
        self._next += 1
        return counted

    def rows(self) -> list[tuple[Any, ...]]:
        return sorted(
            (fold(name), value, token, n) for name, known in self._known.items() for value, (token, n) in known.items()
        )
