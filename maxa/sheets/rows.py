"""Rows of a sealed release for writing out, in code order and in little memory; and which fields they fill."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import orjson

from maxa.shelf.release import SealedRelease
from maxa.shelf.sealed_file import Manifest

_STEP = 2_000
_CONCEPTS = (
    "SELECT code, part, title_fa, title_en, active, parent, replaced_by, properties FROM concept"
    " WHERE code > ? AND part IN (SELECT value FROM json_each(?)) ORDER BY code LIMIT ?"
)
_PAIRS = (
    "SELECT source, target, part, relationship, active, properties FROM pair"
    " WHERE (source, target) > (?, ?) AND part IN (SELECT value FROM json_each(?)) ORDER BY source, target LIMIT ?"
)
_PARTS = "SELECT DISTINCT part FROM {table} ORDER BY part"
_PROPERTIES = "SELECT DISTINCT j.key FROM {table} t, json_each(t.properties) j WHERE t.part = ? ORDER BY j.key"
_LINKS = "SELECT max(parent IS NOT NULL), max(replaced_by IS NOT NULL) FROM concept WHERE part = ?"

_LONG = {
    "concept": "SELECT code FROM concept WHERE length(title_fa) > ?1 OR length(title_en) > ?1 OR (length(properties) > ?1"
    " AND EXISTS (SELECT 1 FROM json_each(properties) j WHERE length(j.value) > ?1)) LIMIT 1",
    "pair": "SELECT source FROM pair WHERE length(properties) > ?1"
    " AND EXISTS (SELECT 1 FROM json_each(properties) j WHERE length(j.value) > ?1) LIMIT 1",
}

Flat = dict[str, Any]


def concepts(release: SealedRelease, parts: Iterable[str]) -> Iterator[Flat]:
    """``{"code", "part", "title_fa", "title_en", "status", "parent", "replaced_by", <property>: value, …}`` for each
    code of these parts, active or retired."""
    wanted, after = orjson.dumps(list(parts)).decode(), ""
    while rows := release.rows(_CONCEPTS, (after, wanted, _STEP)):
        for code, part, title_fa, title_en, active, parent, replaced_by, properties in rows:
            row: Flat = orjson.loads(properties) if properties else {}
            row.update(
                code=code, part=part, title_fa=title_fa, title_en=title_en, status="active" if active else "retired",
                parent=parent, replaced_by=replaced_by, terminology=release.manifest.terminology,
            )  # fmt: skip
            yield row
        after = rows[-1][0]


def pairs(release: SealedRelease, parts: Iterable[str]) -> Iterator[Flat]:
    """``{"source", "target", "part", "relationship", "status", <property>: value, …}`` for each pair of these parts."""
    wanted, source, target = orjson.dumps(list(parts)).decode(), "", ""
    ends = {"source_terminology": release.manifest.source, "target_terminology": release.manifest.target}
    while rows := release.rows(_PAIRS, (source, target, wanted, _STEP)):
        for source, target, part, relationship, active, properties in rows:
            row: Flat = orjson.loads(properties) if properties else {}
            row.update(
                source=source, target=target, part=part, relationship=relationship,
                status="active" if active else "retired", **ends,
            )  # fmt: skip
            yield row


def rows_of(release: SealedRelease, parts: Iterable[str]) -> Iterator[Flat]:
    return (pairs if release.manifest.kind == "map" else concepts)(release, parts)


def parts_of(release: SealedRelease) -> list[str]:
    """Parts that have rows, in order."""
    return [part for (part,) in release.rows(_PARTS.format(table=_table(release.manifest)))]


def codes_of(release: SealedRelease, part: str) -> Iterator[str]:
    """The codes of a part, or the source codes of a map's."""
    name = "source" if release.manifest.kind == "map" else "code"
    query = f"SELECT {name} FROM {_table(release.manifest)} WHERE part = ?"  # noqa: S608
    return (code for (code,) in release.rows(query, (part,)))


def filled_fields(release: SealedRelease, part: str) -> list[str]:
    """Properties that rows of the part have, and ``parent``, ``replaced_by`` where any row has one."""
    found = [key for (key,) in release.rows(_PROPERTIES.format(table=_table(release.manifest)), (part,))]
    if release.manifest.kind != "map":
        parent, replaced_by = release.rows(_LINKS, (part,))[0]
        found += [name for name, has in (("parent", parent), ("replaced_by", replaced_by)) if has]
    return found


def _table(manifest: Manifest) -> str:
    return "pair" if manifest.kind == "map" else "concept"


def code_with_text_over(release: SealedRelease, longest: int) -> str | None:
    """A code with a title or property of more characters than this, if there is one."""
    rows = release.rows(_LONG[_table(release.manifest)], (longest,))
    return rows[0][0] if rows else None
