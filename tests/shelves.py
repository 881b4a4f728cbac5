"""Build small shelves for reader tests, through the same writer that seals releases at the centre."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

from maxa.persian.dates import TEHRAN, jalali, parse_day
from maxa.shelf.catalogue import EMPTY, Catalogue, Edition, TerminologyEntry, load_catalogue, write_catalogue
from maxa.shelf.code_index import write_code_index
from maxa.shelf.durable import new_file
from maxa.shelf.release import pair_code
from maxa.shelf.sealed_file import (
    Manifest,
    PastRow,
    SealedConcept,
    SealedFileWriter,
    SealedPair,
    file_name,
    sha256_of,
)

START = datetime(2026, 1, 1, 9, 0, tzinfo=TEHRAN)


def concept(code: str, title_fa: str, title_en: str = "", **over: Any) -> SealedConcept:
    """An active concept; ``properties`` may be a dict, ``since`` is its release ordinal (1 by default)."""
    properties = over.pop("properties", None)
    fields = {
        "code": code, "part": "", "title_fa": title_fa, "title_en": title_en, "active": True, "parent": None,
        "replaced_by": None, "since": 1,
        "properties": orjson.dumps(properties, option=orjson.OPT_SORT_KEYS).decode() if properties else None,
    } | over  # fmt: skip
    content = [fields[k] for k in sorted(fields) if k != "since"]
    digest = hashlib.sha256(orjson.dumps(content)).digest()
    return SealedConcept(**fields, hash=int.from_bytes(digest[:8], signed=True))


def pair(source: str, target: str, relationship: str = "equivalent", **over: Any) -> SealedPair:
    properties = over.pop("properties", None)
    fields = {
        "part": "", "active": True, "since": 1,
        "properties": orjson.dumps(properties, option=orjson.OPT_SORT_KEYS).decode() if properties else None,
    } | over  # fmt: skip
    content = {name: value for name, value in fields.items() if name != "since"}
    digest = hashlib.sha256(f"{source} {target} {relationship} {content}".encode()).digest()
    hashed = int.from_bytes(digest[:8], signed=True)
    return SealedPair(source=source, target=target, relationship=relationship, hash=hashed, **fields)


def _key(row: SealedConcept | SealedPair) -> str:
    return row.code if isinstance(row, SealedConcept) else pair_code(row.source, row.target)


def _static_rank(row: SealedConcept | SealedPair) -> tuple[bool, int, str]:
    title = (row.title_fa or row.title_en) if isinstance(row, SealedConcept) else ""
    return not row.active, len(title), _key(row)


class ShelfBuilder:
    """Publishes editions one after another, an hour apart; the past is derived from what was published before."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.catalogue: Catalogue = EMPTY
        self._rows: dict[str, dict[str, Any]] = {}
        self._past: dict[str, list[PastRow]] = {}

    def publish(
        self,
        terminology: str,
        rows: list[SealedConcept] | list[SealedPair],
        *,
        day: str = "1402/02/18",
        version: str | None = None,
        circular: str | None = "110/37",
        title_fa: str = "",
        title_en: str = "",
        at: datetime | None = None,
        withdraws: str | None = None,
        layout: list[dict[str, Any]] | None = None,
    ) -> Edition:
        """Seal ``rows`` as the next edition (all rows, retired ones included) and list it in the catalogue."""
        kind = "map" if "→" in terminology else "codes"
        before = self.catalogue.find(terminology, kind=kind)
        ordinal = before.current.ordinal + 1 if before else 1
        in_force: date = parse_day(day)
        version = version or jalali(in_force).replace("/", "-")
        source, _, target = terminology.partition("→")
        manifest = Manifest(
            kind=kind, terminology=terminology, version=version, ordinal=ordinal, title_fa=title_fa or terminology,
            title_en=title_en or terminology, source=source if target else "", target=target,
            circular_number=circular, circular_date=day if circular else None, in_force=in_force.isoformat(),
            layout=layout or [],
        )  # fmt: skip
        name = file_name(terminology, version)
        with new_file(self.folder / name) as temporary:
            writer = SealedFileWriter(temporary, manifest)
            settled = self._settle(terminology, rows, ordinal)
            if kind == "map":
                writer.add_pairs(settled)
            else:
                writer.add_concepts(settled)
            writer.add_past(self._past.get(terminology, []))
            sealed = writer.finish()
            size, sha256 = temporary.stat().st_size, sha256_of(temporary)
        serial = self.catalogue.serial + 1
        at = at or START + timedelta(hours=serial)
        edition = Edition(
            terminology, version, ordinal, name, size, sha256, sealed.digest, circular, manifest.circular_date,
            in_force, at, serial, sealed.active_count, sealed.retired_count, reverses=withdraws,
        )  # fmt: skip
        self._list(edition, manifest, before, withdraws)
        return edition

    def _settle(self, terminology: str, rows: list[Any], ordinal: int) -> list[Any]:
        """``since`` of each row, and the past, by what the edition before held."""
        held = self._rows.setdefault(terminology, {})
        past = self._past.setdefault(terminology, [])
        settled = {}
        for row in rows:
            code = _key(row)
            old = held.get(code)
            if old is not None and old.hash == row.hash:
                settled[code] = old
                continue
            if old is not None:
                past.append(PastRow(code, old.since, ordinal, old.active, old.hash))
            settled[code] = row._replace(since=ordinal)
        self._rows[terminology] = settled
        return sorted(settled.values(), key=_static_rank)

    def _list(
        self, edition: Edition, manifest: Manifest, before: TerminologyEntry | None, withdraws: str | None
    ) -> None:
        editions = before.editions if before else ()
        if withdraws is not None:
            mark = {"withdrawn": True, "withdrawn_serial": edition.serial, "withdrawn_at": edition.published_at}
            editions = tuple(replace(e, **mark) if e.version == withdraws else e for e in editions)
        editions = (*editions, edition)
        entry = TerminologyEntry(
            manifest.terminology, manifest.kind, manifest.title_fa, manifest.title_en, manifest.source, manifest.target,
            editions,
        )  # fmt: skip
        others = tuple(t for t in self.catalogue.terminologies if t.id != entry.id)
        catalogue = Catalogue(edition.serial, edition.published_at, (*others, entry))
        index = write_code_index(self.folder, catalogue, self.catalogue.code_index)
        self.catalogue = replace(catalogue, code_index=index)
        write_catalogue(self.folder, self.catalogue)
        self.catalogue = load_catalogue((self.folder / "catalogue.json").read_bytes())
