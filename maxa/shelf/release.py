"""Read one sealed release. Connections are per thread; everything here is a look-up in a read-only file."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from maxa.errors import Unavailable
from maxa.shelf.catalogue import Edition
from maxa.shelf.remembered import Remembered
from maxa.shelf.sealed_file import PAIR_SEPARATOR, Manifest, open_sealed, read_manifest, sha256_of


class Concept(NamedTuple):
    """One code of an edition; ``properties`` is canonical JSON text or None, ``since`` a release ordinal."""

    code: str
    title_fa: str
    title_en: str
    active: bool
    part: str
    parent: str | None
    replaced_by: str | None
    properties: str | None
    since: int

    @property
    def title(self) -> str:
        """The title that is published: the Persian one, or the Latin where a list has no other."""
        return self.title_fa or self.title_en

    def property_values(self) -> dict[str, Any]:
        return orjson.loads(self.properties) if self.properties else {}


class Published(NamedTuple):
    """As much of a :class:`Concept` as a coded text is held against."""

    title_fa: str
    title_en: str
    active: bool


class Brief(NamedTuple):
    """As much of a :class:`Concept` as is said of a code at the end of a map's pair."""

    title: str
    active: int
    replaced_by: str | None


class Pair(NamedTuple):
    source: str
    target: str
    relationship: str
    active: bool
    part: str
    properties: str | None
    since: int


class Signature(NamedTuple):
    """Tells a file that was touched from the one that was verified."""

    inode: int
    size: int
    mtime_ns: int

    @classmethod
    def of(cls, path: Path) -> Signature:
        stat = os.stat(path)
        return cls(stat.st_ino, stat.st_size, stat.st_mtime_ns)


CONCEPT_COLUMNS = "code, title_fa, title_en, active, part, parent, replaced_by, properties, since"
_ONE_CONCEPT = f"SELECT {CONCEPT_COLUMNS} FROM concept WHERE code = ?"  # noqa: S608
_PUBLISHED = "SELECT code, title_fa, title_en, active FROM concept WHERE code IN (SELECT value FROM json_each(?))"
_BRIEF = (
    "SELECT code, CASE title_fa WHEN '' THEN title_en ELSE title_fa END, active, replaced_by FROM concept"
    " WHERE code IN (SELECT value FROM json_each(?))"
)
_LONGEST_REMEMBERED = 2_000  # characters of a concept's texts
_remembered: Remembered[Concept] = Remembered(4_096)  # 6 MB a process
_PAIR = "source, target, relationship, active, part, properties, since"
# Columns of the closed version that stood just before release :k, joined to the current row.
_BEFORE = "SELECT active, hash FROM past WHERE code = ? AND since < ? AND until >= ? ORDER BY since DESC LIMIT 1"


class SealedRelease:
    """One edition, opened once a process and shared by its threads. Raises :class:`Unavailable` when the file is
    missing, truncated, tampered with, or of another format version."""

    def __init__(self, path: Path, edition: Edition, *, verify: bool = True) -> None:
        self.path = path
        self.edition = edition
        self._local = threading.local()
        self._past_is_empty: bool | None = None
        self.change_counts: dict[Any, int] = {}  # kept by maxa.shelf.changes
        self.lexicon: Any = None  # kept by maxa.search.lexicon
        self.next_look = 0.0  # kept by maxa.shelf.reading
        if verify:
            self.verify_bytes()
        self.manifest = self._read_manifest()

    def verify_bytes(self) -> None:
        """Size and sha256 against the catalogue; then :meth:`is_untouched` is a stat."""
        if not self.edition.kept:
            raise _not_kept(self.edition)
        try:
            self.signature = Signature.of(self.path)
            sound = self.signature.size == self.edition.size and sha256_of(self.path) == self.edition.sha256
        except OSError:
            raise self._unavailable("در قفسه نیست", "it is missing from the shelf") from None
        if not sound:
            raise self._unavailable(
                "با فهرست نمی‌خواند (بریده یا دست‌خورده است)", "it does not match the catalogue (cut or tampered with)"
            )

    def is_untouched(self) -> bool:
        try:
            return Signature.of(self.path) == self.signature
        except OSError:
            return False

    def _read_manifest(self) -> Manifest:
        try:
            manifest = read_manifest(self._connection)
        except (sqlite3.Error, TypeError, ValueError):
            raise self._unavailable("شناسنامهٔ آن خوانده نمی‌شود", "its manifest can't be read") from None
        edition = self.edition
        if (manifest.terminology, manifest.version, manifest.digest) != (
            edition.terminology,
            edition.version,
            edition.digest,
        ):
            raise self._unavailable("ویرایش دیگری است", "it is another edition than the catalogue says")
        return manifest

    def _unavailable(self, why_fa: str, why_en: str) -> Unavailable:
        e = self.edition
        return Unavailable(
            f"ویرایش {e.version} از «{e.terminology}» در دسترس نیست: پروندهٔ آن {why_fa}.",
            f"Edition {e.version} of {e.terminology} is unavailable: {why_en}. Run `maxa shelf check`.",
        )

    @property
    def _connection(self) -> sqlite3.Connection:
        try:
            return self._local.connection
        except AttributeError:
            self._local.connection = open_sealed(self.path)
            return self._local.connection

    def rows(self, query: str, parameters: tuple[Any, ...] | dict[str, Any] = ()) -> list[Any]:
        """Rows of a query over the sealed tables. Raises :class:`Unavailable` when the file can't be read."""
        try:
            return self._connection.execute(query, parameters).fetchall()
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.ProgrammingError | sqlite3.InterfaceError):
                raise
            raise self._unavailable("خوانده نمی‌شود", "it can't be read") from None

    def _concepts(self, query: str, parameters: tuple[Any, ...]) -> list[Concept]:
        return [Concept(*row) for row in self.rows(query, parameters)]

    # --- codes ---------------------------------------------------------------------------------------------------

    def concept(self, code: str) -> Concept | None:
        """The code exactly as published, active or retired."""
        key = (self.edition.sha256, code)
        found = _remembered.get(key)
        if found is None:
            rows = self.rows(_ONE_CONCEPT, (code,))
            if rows:
                found = Concept(*rows[0])
                if len(found.title_fa) + len(found.title_en) + len(found.properties or "") <= _LONGEST_REMEMBERED:
                    _remembered.keep(key, found)
        return found

    def published(self, codes: Collection[str]) -> dict[str, Published]:
        """Titles and status of those of ``codes`` that the edition has exactly so, by code; for many codes at half
        the cost of one by one."""
        if len(codes) == 1:
            (code,) = codes
            found = self.concept(code)
            return {code: Published(found.title_fa, found.title_en, found.active)} if found else {}
        rows = self.rows(_PUBLISHED, (json_array(codes),))
        return {code: Published(title_fa, title_en, active) for code, title_fa, title_en, active in rows}

    def concepts_of(self, codes: Collection[str]) -> dict[str, Concept]:
        """Those of ``codes`` that the edition has exactly so, by code."""
        query = f"SELECT {CONCEPT_COLUMNS} FROM concept WHERE code IN (SELECT value FROM json_each(?))"  # noqa: S608
        return {concept.code: concept for concept in self._concepts(query, (json_array(codes),))}

    def briefly(self, codes: Collection[str]) -> dict[str, Brief]:
        """As :meth:`concepts_of`, without what a list of thousands can do without."""
        return {code: Brief(title, active, to) for code, title, active, to in self.rows(_BRIEF, (json_array(codes),))}

    def with_any_key(self, keys: Iterable[str]) -> list[Concept]:
        """As :meth:`with_key` for several keys at once, in code order."""
        query = (
            f"SELECT {CONCEPT_COLUMNS} FROM concept WHERE code_key IN (SELECT value FROM json_each(?))"  # noqa: S608
            " ORDER BY code"
        )
        return self._concepts(query, (json_array(keys),))

    def with_key(self, key: str, limit: int = 8) -> list[Concept]:
        """Codes whose letters and digits are those of ``key`` (see :func:`code_key`)."""
        return self._concepts(
            f"SELECT {CONCEPT_COLUMNS} FROM concept WHERE code_key = ? ORDER BY code LIMIT ?",  # noqa: S608
            (key, limit),
        )

    def between(self, low: str, high: str, limit: int = 16) -> list[Concept]:
        """Codes from ``low`` to ``high``, both included, in code order."""
        query = f"SELECT {CONCEPT_COLUMNS} FROM concept WHERE code BETWEEN ? AND ? ORDER BY code LIMIT ?"  # noqa: S608
        return self._concepts(query, (low, high, limit))

    def around(self, code: str, each_side: int = 4) -> list[Concept]:
        """The neighbours of ``code`` in code order, nearest first on each side."""
        below = self._concepts(
            f"SELECT {CONCEPT_COLUMNS} FROM concept WHERE code < ? ORDER BY code DESC LIMIT ?", (code, each_side)  # noqa: S608
        )  # fmt: skip
        above = self._concepts(
            f"SELECT {CONCEPT_COLUMNS} FROM concept WHERE code > ? ORDER BY code LIMIT ?", (code, each_side)  # noqa: S608
        )  # fmt: skip
        return below + above

    def page(self, *, after: str | None, limit: int, status: str = "active") -> list[Concept]:
        """Codes after ``after`` in code order (binary order of UTF-8); ``status`` is active, retired or all."""
        where = {"active": "active = 1 AND ", "retired": "active = 0 AND ", "all": ""}[status]
        query = f"SELECT {CONCEPT_COLUMNS} FROM concept WHERE {where}code > ? ORDER BY code LIMIT ?"  # noqa: S608
        return self._concepts(query, (after or "", limit))

    def codings(self, *, after: str | None, limit: int, status: str = "active") -> list[Any]:
        """As :meth:`page`, but bare rows (code, title, active) for long downloads."""
        where = {"active": "active = 1 AND ", "retired": "active = 0 AND ", "all": ""}[status]
        query = (
            "SELECT code, CASE title_fa WHEN '' THEN title_en ELSE title_fa END, active"  # noqa: S608
            f" FROM concept WHERE {where}code > ? ORDER BY code LIMIT ?"
        )
        return self.rows(query, (after or "", limit))

    def everything(self, *, status: str = "active", step: int = 2_000) -> Iterator[list[Concept]]:
        """The whole list in code order, in lists of up to ``step``."""
        after: str | None = None
        while rows := self.page(after=after, limit=step, status=status):
            yield rows
            after = rows[-1].code

    def count(self, status: str = "active") -> int:
        m = self.manifest
        return {"active": m.active_count, "retired": m.retired_count, "all": m.active_count + m.retired_count}[status]

    def selected(
        self,
        *,
        after: str | None,
        limit: int,
        status: str = "active",
        part: str | None = None,
        parent: str | None = None,
    ) -> list[Concept]:
        """As :meth:`page`, of one part or of one parent's children."""
        where, values = _selecting(status, part, parent)
        query = f"SELECT {CONCEPT_COLUMNS} FROM concept WHERE {where}code > ? ORDER BY code LIMIT ?"  # noqa: S608
        return self._concepts(query, (*values, after or "", limit))

    def count_selected(self, *, status: str = "active", part: str | None = None, parent: str | None = None) -> int:
        if part is None and parent is None:
            return self.count(status)
        where, values = _selecting(status, part, parent)
        return int(self.rows(f"SELECT count(*) FROM concept WHERE {where}1", values)[0][0])  # noqa: S608

    def count_active(self, codes: Collection[str], *, part: str | None = None) -> int:
        """How many of ``codes`` are active here."""
        where, values = _selecting("active", part, None)
        query = f"SELECT count(*) FROM concept WHERE {where}code IN (SELECT value FROM json_each(?))"  # noqa: S608
        return int(self.rows(query, (*values, json_array(codes)))[0][0])

    def parts(self) -> list[tuple[str, int, int]]:
        """(part, active rows, retired rows) of each part, in its order; a list without parts has one of no name."""
        table = "concept" if self.manifest.kind == "codes" else "pair"
        return self.rows(f"SELECT part, sum(active), sum(1 - active) FROM {table} GROUP BY part ORDER BY part")  # noqa: S608

    def children(self, code: str, limit: int = 1_000) -> list[Concept]:
        return self._concepts(
            f"SELECT {CONCEPT_COLUMNS} FROM concept WHERE parent = ? ORDER BY code LIMIT ?",  # noqa: S608
            (code, limit),
        )

    def replaced(self, code: str, limit: int = 1_000) -> list[Concept]:
        """Codes that name ``code`` as the one in their place."""
        query = f"SELECT {CONCEPT_COLUMNS} FROM concept WHERE replaced_by = ? ORDER BY code LIMIT ?"  # noqa: S608
        return self._concepts(query, (code, limit))

    def count_replaced(self, code: str) -> int:
        return int(self.rows("SELECT count(*) FROM concept WHERE replaced_by = ?", (code,))[0][0])

    def retired_since(self, concept: Concept) -> int:
        """Ordinal of the release that retired a code that is not active in this edition."""
        ordinal = concept.since
        for since, active in self.rows(
            "SELECT since, active FROM past WHERE code = ? ORDER BY since DESC", (concept.code,)
        ):
            if active:
                break
            ordinal = since
        return ordinal

    def state_before(self, code: str, since: int) -> tuple[int, int] | None:
        """(active, content hash) of a code just before release ``since`` closed that state; None when there was none."""
        if self._past_is_empty is None:
            self._past_is_empty = not self.rows("SELECT 1 FROM past LIMIT 1")
        if self._past_is_empty:
            return None
        rows = self.rows(_BEFORE, (code, since, since))
        return rows[0] if rows else None

    # --- maps ----------------------------------------------------------------------------------------------------

    def targets(self, source: str) -> list[Pair]:
        """Active pairs from a code of the source terminology."""
        query = f"SELECT {_PAIR} FROM pair WHERE source = ? AND active = 1 ORDER BY target"  # noqa: S608
        return [Pair(*row) for row in self.rows(query, (source,))]

    def sources(self, target: str) -> list[Pair]:
        """Active pairs to a code of the target terminology."""
        query = f"SELECT {_PAIR} FROM pair WHERE target = ? AND active = 1 ORDER BY source"  # noqa: S608
        return [Pair(*row) for row in self.rows(query, (target,))]


def _selecting(status: str, part: str | None, parent: str | None) -> tuple[str, tuple[str, ...]]:
    """Conditions, each with its AND, and what they are held against."""
    where = {"active": "active = 1 AND ", "retired": "active = 0 AND ", "all": ""}[status]
    named = [(name, value) for name, value in (("part", part), ("parent", parent)) if value is not None]
    return where + "".join(f"{name} = ? AND " for name, _ in named), tuple(value for _, value in named)


def _not_kept(edition: Edition) -> Unavailable:
    return Unavailable(
        f"ویرایش {edition.version} از «{edition.terminology}» در این آینه نیست، چون تنها ویرایش‌های تازه‌تر را نگه می‌دارد؛ "
        "از مرکز بپرسید.",
        f"Edition {edition.version} of {edition.terminology} is not on this mirror, which keeps newer ones only: ask the "
        "centre.",
    )


def json_array(values: Iterable[str]) -> str:
    """For SQLite's json_each, which would cut a text at a NUL: no code holds one."""
    return orjson.dumps([v for v in values if "\0" not in v]).decode()


def pair_code(source: str, target: str) -> str:
    """The one key of a map's pair in ``past``."""
    return f"{source}{PAIR_SEPARATOR}{target}"
