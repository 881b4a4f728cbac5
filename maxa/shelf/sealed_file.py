"""The format of a sealed release: one read-only SQLite file, written in one pass and never changed.

A codes file holds ``concept`` (active and retired), ``past`` (the closed versions of each row, from which the net
change since any release is told), and the search index (:mod:`maxa.shelf.search_index`). A map file holds ``pair`` and ``past``.
``manifest`` names terminology, version, circular, counts and digests. Format 2: analysed search index.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from maxa.errors import Unavailable
from maxa.persian.fold import code_key
from maxa.shelf.search_index import INDEX_SCHEMA, Analysing, Indexed, IndexWriter

APPLICATION_ID = 0x4D415841  # "MAXA"
FORMAT = 2
PAGE_SIZE = 4096

_CODES_SCHEMA = """
CREATE TABLE concept (
    id INTEGER PRIMARY KEY, code TEXT NOT NULL, code_key TEXT NOT NULL, part TEXT NOT NULL,
    title_fa TEXT NOT NULL, title_en TEXT NOT NULL, active INTEGER NOT NULL, parent TEXT, replaced_by TEXT,
    properties TEXT, since INTEGER NOT NULL, hash INTEGER NOT NULL);
"""
_CODES_INDEXES = """
CREATE UNIQUE INDEX concept_code ON concept(code);
CREATE INDEX concept_key ON concept(code_key);
CREATE INDEX concept_since ON concept(since);
CREATE INDEX concept_parent ON concept(parent) WHERE parent IS NOT NULL;
CREATE INDEX concept_replaced_by ON concept(replaced_by) WHERE replaced_by IS NOT NULL;
CREATE VIEW change_log AS
    SELECT code, since AS release, active, hash FROM concept
    UNION ALL SELECT code, since, active, hash FROM past;
"""
_MAP_SCHEMA = """
CREATE TABLE pair (
    id INTEGER PRIMARY KEY, source TEXT NOT NULL, target TEXT NOT NULL, part TEXT NOT NULL,
    relationship TEXT NOT NULL, active INTEGER NOT NULL, properties TEXT,
    since INTEGER NOT NULL, hash INTEGER NOT NULL);
"""
_MAP_INDEXES = """
CREATE UNIQUE INDEX pair_source ON pair(source, target);
CREATE INDEX pair_target ON pair(target, source);
CREATE INDEX pair_since ON pair(since);
"""
_COMMON_SCHEMA = """
CREATE TABLE manifest (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE past (
    code TEXT NOT NULL, since INTEGER NOT NULL, until INTEGER NOT NULL, active INTEGER NOT NULL, hash INTEGER NOT NULL,
    PRIMARY KEY (code, since)) WITHOUT ROWID;
"""
_BATCH = 2_000
PAIR_SEPARATOR = "\x1f"  # joins source and target into the one ``code`` of a map's ``past`` rows


class SealedConcept(NamedTuple):
    """A concept as it is sealed: ``since`` is the ordinal of the release that last changed it, ``hash`` the first
    eight bytes of its content hash as a signed integer; ``properties`` canonical JSON or None."""

    code: str
    part: str
    title_fa: str
    title_en: str
    active: bool
    parent: str | None
    replaced_by: str | None
    properties: str | None
    since: int
    hash: int


class SealedPair(NamedTuple):
    """A pair of a map as it is sealed."""

    source: str
    target: str
    part: str
    relationship: str
    active: bool
    properties: str | None
    since: int
    hash: int


class PastRow(NamedTuple):
    """A closed version of a row: it stood from release ``since`` until release ``until`` replaced it."""

    code: str
    since: int
    until: int
    active: bool
    hash: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a sealed file says of itself. ``digest`` is over the canonical rows, ``history_digest`` over the rest.

    ``layout`` is how the list looks as a workbook (importers/layouts.py); files sealed before there were layouts have
    none.
    """

    kind: str  # "codes" | "map"
    terminology: str
    version: str
    ordinal: int
    title_fa: str
    title_en: str
    source: str
    target: str
    circular_number: str | None
    circular_date: str | None  # Jalali, 1402/02/18
    in_force: str  # ISO day
    active_count: int = 0
    retired_count: int = 0
    digest: str = ""
    history_digest: str = ""
    layout: list[dict[str, Any]] = field(default_factory=list)


def folder_name(terminology: str) -> str:
    """ASCII name of a terminology's folder: ``LNC→RVU3`` → ``LNC--RVU3`` (DESIGN §4)."""
    name = terminology.replace("→", "--").replace("/", "_")
    return "".join(c if c.isascii() and (c.isalnum() or c in "._-") else f"%{ord(c):x}" for c in name)


def file_name(terminology: str, version: str) -> str:
    """Path of a sealed release, relative to the shelf."""
    return f"{folder_name(terminology)}/{version}.maxa"


class SealedFileWriter:
    """Writes one release. Rows must come in static rank (active first, shorter title first, then code: DESIGN §5),
    the past in any order. The file is complete only after :meth:`finish`. With ``beside`` a second process analyses
    the titles meanwhile; the file is the same."""

    def __init__(self, path: Path, manifest: Manifest, *, beside: bool = False) -> None:
        self.manifest = manifest
        self._written = 0
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.executescript(
            f"PRAGMA page_size={PAGE_SIZE}; PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-16384;"
            f"PRAGMA application_id={APPLICATION_ID}; PRAGMA user_version={FORMAT}; BEGIN;"
            + (_CODES_SCHEMA + INDEX_SCHEMA if manifest.kind == "codes" else _MAP_SCHEMA)
            + _COMMON_SCHEMA
        )
        self._index: IndexWriter | None = None
        if manifest.kind == "codes":
            self._index = IndexWriter(self._connection, _analyser_beside() if beside else None)

    def add_concepts(self, concepts: Iterable[SealedConcept]) -> None:
        rows = iter(concepts)
        while batch := list(islice(rows, _BATCH)):
            first, self._written = self._written + 1, self._written + len(batch)
            self._connection.executemany(
                "INSERT INTO concept(code, part, title_fa, title_en, active, parent, replaced_by, properties, since, hash,"
                " code_key) VALUES (?,?,?,?,?,?,?,?,?,?,?)",
                [(*c, code_key(c.code)) for c in batch],
            )
            if self._index is not None:
                self._index.add(first, [Indexed(c.title_fa, c.title_en, c.part, c.properties) for c in batch])
        if self._index is not None:
            self._index.flush()

    def add_pairs(self, pairs: Iterable[SealedPair]) -> None:
        self._connection.executemany(
            "INSERT INTO pair(source, target, part, relationship, active, properties, since, hash)"
            " VALUES (?,?,?,?,?,?,?,?)",
            ((p.source, p.target, p.part, p.relationship, int(p.active), p.properties, p.since, p.hash) for p in pairs),
        )

    def add_past(self, rows: Iterable[PastRow]) -> None:
        self._connection.executemany(
            "INSERT INTO past(code, since, until, active, hash) VALUES (?,?,?,?,?)",
            ((r.code, r.since, r.until, int(r.active), r.hash) for r in rows),
        )

    def finish(self, *, progress: Callable[[str], None] | None = None) -> Manifest:
        """Index, digest, compact; returns the manifest with counts and digests filled in."""
        connection, codes = self._connection, self.manifest.kind == "codes"
        say = progress or (lambda _: None)
        say("index")
        _run_in_transaction(connection, _CODES_INDEXES if codes else _MAP_INDEXES)
        if self._index is not None:
            self._index.finish()
        table = "concept" if codes else "pair"
        active, total = connection.execute(f"SELECT coalesce(sum(active), 0), count(*) FROM {table}").fetchone()  # noqa: S608
        say("digest")
        digests = digests_of(connection, self.manifest.kind)
        filled = Manifest(
            **{
                **asdict(self.manifest),
                "active_count": active,
                "retired_count": total - active,
                "digest": digests[0],
                "history_digest": digests[1],
            }
        )
        connection.executemany(
            "INSERT INTO manifest VALUES (?, ?)",
            sorted((k, orjson.dumps(v).decode()) for k, v in asdict(filled).items()),
        )
        connection.execute("COMMIT")
        say("compact")
        connection.execute("VACUUM")
        connection.close()
        return filled

    def close(self) -> None:
        self._connection.close()
        if self._index is not None:
            self._index.close()


def _analyser_beside() -> Analysing | None:
    from maxa.shelf.index_beside import AnalyserBeside  # a program, too: its module must not be imported before it runs

    try:
        return AnalyserBeside()
    except OSError:  # no room for a second process: the first one does it all
        return None


def _run_in_transaction(connection: sqlite3.Connection, script: str) -> None:
    """Statement by statement, since ``executescript`` would commit what is open."""
    for statement in filter(None, map(str.strip, script.split(";"))):
        connection.execute(statement)


_CANONICAL = {
    "codes": "SELECT since, hash, code, part, title_fa, title_en, active, parent, replaced_by, properties"
    " FROM concept ORDER BY code",
    "map": "SELECT since, hash, source, target, part, relationship, active, properties"
    " FROM pair ORDER BY source, target",
}


def digests_of(connection: sqlite3.Connection, kind: str) -> tuple[str, str]:
    """``(digest, history digest)`` of a sealed file's rows, sha256 in hex.

    The first is over the content in code order, each row a JSON array (code, part, title_fa, title_en, active, parent,
    replaced_by, properties; or source, target, part, relationship, active, properties) and a line feed: the same for
    the same content, whatever its history. The second is over when each row last changed and over all closed versions.
    """
    content, history = hashlib.sha256(), hashlib.sha256()
    dump, lines = orjson.dumps, orjson.OPT_APPEND_NEWLINE
    for since, hashed, *row in connection.execute(_CANONICAL[kind]):
        content.update(dump(row, option=lines))
        history.update(b"%d %d\n" % (since, hashed))
    for past in connection.execute("SELECT code, since, until, active, hash FROM past ORDER BY code, since"):
        history.update(dump(past, option=lines))
    return content.hexdigest(), history.hexdigest()


def open_sealed(path: Path, *, mmap: int = 1 << 40) -> sqlite3.Connection:
    """Open a sealed file for reading in this thread. Raises :class:`Unavailable` when it is not one that we read."""
    try:
        connection = sqlite3.connect(
            f"{path.as_uri()}?mode=ro&immutable=1", uri=True, isolation_level=None, cached_statements=64
        )
    except sqlite3.Error:
        raise _unreadable(path.name, "باز نمی‌شود", "it can't be opened") from None
    try:
        application_id = connection.execute("PRAGMA application_id").fetchone()[0]
        found = connection.execute("PRAGMA user_version").fetchone()[0]
    except sqlite3.Error:
        connection.close()
        raise _unreadable(path.name, "پروندهٔ SQLite سالم نیست", "it is no sound SQLite file") from None
    if application_id != APPLICATION_ID or found != FORMAT:
        connection.close()
        if application_id != APPLICATION_ID:
            raise _unreadable(path.name, "ویرایش مهرشدهٔ مکسا نیست", "it is no sealed release")
        fa, en = (
            ("در مرکز «maxa shelf rebuild» آن را از نو مهر می‌کند", "`maxa shelf rebuild` at the centre seals it anew")
            if found < FORMAT
            else ("نرم‌افزار را روزآمد کنید", "upgrade the software")
        )
        raise _unreadable(
            path.name,
            f"قالب آن {found} است و این نسخه قالب {FORMAT} را می‌خواند؛ {fa}",
            f"its format is {found}, this version reads format {FORMAT}: {en}",
        )
    connection.execute(f"PRAGMA mmap_size={mmap}")
    connection.execute("PRAGMA cache_size=-512")
    connection.execute("PRAGMA query_only=1")
    return connection


def format_of(path: Path) -> int:
    """The format that a file's header tells (``user_version``), without opening it as a database."""
    with path.open("rb") as file:
        return int.from_bytes(file.read(64)[60:64])


def read_manifest(connection: sqlite3.Connection) -> Manifest:
    """What a later version adds to the manifest of this format is passed over."""
    known = Manifest.__dataclass_fields__
    return Manifest(
        **{
            key: orjson.loads(value)
            for key, value in connection.execute("SELECT key, value FROM manifest")
            if key in known
        }
    )


def _unreadable(name: str, why_fa: str, why_en: str) -> Unavailable:
    return Unavailable(
        f"پروندهٔ ویرایش «{name}» به کار نمی‌آید: {why_fa}. «maxa shelf check» را اجرا کنید.",
        f"The sealed release {name!r} can't be used: {why_en}. Run `maxa shelf check`.",
    )


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
