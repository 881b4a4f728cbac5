"""What the API says of terminologies, maps and their editions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from maxa.api.counted import labels_of, parts_of
from maxa.api.parameters import CURRENT
from maxa.errors import UnknownMap, UnknownTerminology
from maxa.gateway.reading import Bound, day_of
from maxa.map_ids import map_id
from maxa.persian.dates import jalali
from maxa.shelf.catalogue import Catalogue, Edition, TerminologyEntry

if TYPE_CHECKING:  # the command line reads maps too, and needs no web framework for it
    from maxa.api.answering import Asked


def find_terminology(catalogue: Catalogue, name: str) -> TerminologyEntry:
    """Raises :class:`UnknownTerminology` with the nearest ids; a map is named as what it is."""
    try:
        return catalogue.terminology(name, parameter="terminology")
    except UnknownTerminology as error:
        mapped = catalogue.find(map_id(name), kind="map")
        if mapped is not None:
            error.detail_fa = f"«{mapped.id}» نگاشت است، نه واژگان؛ آن را در /maps بجویید."
            error.detail_en = f"{mapped.id} is a map, not a terminology: it stands below /maps."
            error.suggestions = [mapped.id]
        raise


def find_map(catalogue: Catalogue, name: str) -> TerminologyEntry:
    """Raises :class:`UnknownMap` with the nearest ids, among them the map in the other direction."""
    wanted = map_id(name)
    entry = catalogue.find(wanted, kind="map")
    if entry is None:
        near = catalogue.nearest_ids(wanted, kind="map")
        turned = catalogue.find("→".join(reversed(wanted.split("→"))), kind="map")
        if turned is not None:
            near = [turned.id, *(one for one in near if one != turned.id)]
        shown = wanted.strip()[:60]
        hint = ("؛ همان نگاشت را با reverse=true بپرسید", "; ask that map with reverse=true") if turned else ("", "")
        raise UnknownMap(
            f"نگاشت «{shown}» شناخته نیست{hint[0]}.", f"There is no map {shown!r}{hint[1]}.", "map_id", suggestions=near
        )
    return entry


def edition_named(entry: TerminologyEntry, version: str) -> Edition:
    """The edition that a path names. Raises :class:`UnknownVersion`."""
    if version.strip().casefold() == CURRENT:
        return entry.current
    return entry.edition(version=version)


def bind(asked: Asked, entry: TerminologyEntry) -> Bound:
    """The edition that ``version`` or ``date`` name, opened."""
    return asked.reading.open(entry)


def edition_before(entry: TerminologyEntry, edition: Edition) -> Edition | None:
    """The one that came before it in time, whenever either was published (docs/adr/0008-history.md)."""
    line = entry.in_time
    place = next(at for at, one in enumerate(line) if one.ordinal == edition.ordinal)
    return line[place - 1] if place else None


def release_item(entry: TerminologyEntry, edition: Edition) -> dict[str, Any]:
    """One edition, as the catalogue knows it."""
    before = edition_before(entry, edition)
    return {
        "terminology": entry.id,
        "version": edition.version,
        "current": edition is entry.current,
        "previous": before.version if before else None,
        "circular_number": edition.circular_number,
        "circular_date": edition.circular_date,
        "in_force": jalali(edition.in_force),
        "published_on": day_of(edition.published_at),
        "published_at": edition.published_at.isoformat(),
        "serial": edition.serial,
        "active_count": edition.active_count,
        "retired_count": edition.retired_count,
        "withdrawn": edition.withdrawn,
        "reverses": edition.reverses,
        "digest": edition.digest,
        "size": edition.size,
        "sha256": edition.sha256,
    }


def release_details(bound: Bound) -> dict[str, Any]:
    """An edition with its parts and the headings of its columns."""
    return {
        **release_item(bound.entry, bound.edition),
        "parts": parts_of(bound.release),
        "labels": labels_of(bound.release),
    }


def terminology_item(entry: TerminologyEntry, edition: Edition) -> dict[str, Any]:
    return {
        "id": entry.id,
        "title_fa": entry.title_fa or None,
        "title_en": entry.title_en or None,
        "release": release_item(entry, edition),
    }


def terminology_details(asked: Asked, bound: Bound) -> dict[str, Any]:
    """A terminology with its parts, headings, and the maps that lead out of it and into it."""
    entry = bound.entry
    return {
        **terminology_item(entry, bound.edition),
        "parts": parts_of(bound.release),
        "labels": labels_of(bound.release),
        "release_count": len(entry.editions),
        "maps_out": [m.id for m in asked.catalogue.maps if m.source.casefold() == entry.id.casefold()],
        "maps_in": [m.id for m in asked.catalogue.maps if m.target.casefold() == entry.id.casefold()],
    }


def map_item(entry: TerminologyEntry, edition: Edition) -> dict[str, Any]:
    return {**terminology_item(entry, edition), "source": entry.source, "target": entry.target}
