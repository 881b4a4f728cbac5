"""What one request reads: one catalogue, taken when it begins, and one edition of each terminology (DESIGN §4)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from itertools import takewhile
from typing import Any, NamedTuple

import orjson

from maxa.errors import UnknownVersion
from maxa.persian.dates import jalali
from maxa.shelf.catalogue import Catalogue, Edition, TerminologyEntry
from maxa.shelf.reading import CodesWhere, Shelf
from maxa.shelf.release import Concept, SealedRelease
from maxa.shelf.states import states_in_time

ALL = "*"
_NO_PROPERTIES = orjson.Fragment(b"{}")


class Bound(NamedTuple):
    """An edition opened for this request."""

    entry: TerminologyEntry
    edition: Edition
    release: SealedRelease


@dataclass(frozen=True, slots=True)
class Reading:
    """The catalogue of one request, and the edition that its ``Version=`` or ``Date=`` asks for."""

    shelf: Shelf
    catalogue: Catalogue
    version: str | None = None
    on: date | None = None

    def bind(self, terminology: str, *, parameter: str = "Terminology") -> Bound:
        """Raises :class:`UnknownTerminology`, :class:`UnknownVersion`, :class:`Unavailable`."""
        return self.open(self.catalogue.terminology(terminology, parameter=parameter))

    def open(self, entry: TerminologyEntry) -> Bound:
        edition = entry.edition(version=self.version, on=self.on)
        return Bound(entry, edition, self.shelf.release(edition))

    def editions(self) -> list[tuple[TerminologyEntry, Edition]]:
        """Every terminology that has the edition asked for, in the catalogue's order.

        Raises :class:`UnknownVersion` when a version is named that none has.
        """
        found = []
        for entry in self.catalogue.codes:
            try:
                found.append((entry, entry.edition(version=self.version, on=self.on)))
            except UnknownVersion:
                continue
        if not found and self.version is not None:
            shown = self.version[:40]
            raise UnknownVersion(
                f"هیچ واژگانی ویرایش «{shown}» ندارد.", f"No terminology has an edition {shown!r}.", "Version"
            )
        return found

    def as_of(self, serial: int) -> Reading:
        """What was to be read under the catalogue of an earlier ``serial``: a cursor may be older than today's."""
        return self if serial >= self.catalogue.serial else replace(self, catalogue=self.catalogue.as_of(serial))

    def choosing(self, version: str | None, on: str | None) -> Reading:
        """The same catalogue, read at another edition (``on`` is an ISO day)."""
        return replace(self, version=version, on=date.fromisoformat(on) if on is not None else None)

    def where(self) -> CodesWhere | None:
        return self.shelf.where(self.catalogue)


@lru_cache(maxsize=4_096)
def day_of(instant: datetime) -> str:
    """Jalali day, 1402/02/18; instants of publications are few, and converting one costs more than a look-up."""
    return jalali(instant)


def changed_by(bound: Bound, concept: Concept) -> Edition | None:
    """The edition that last changed a code, in time: one that was published once more over history is not it
    (docs/adr/0008-history.md)."""
    entry = bound.entry
    if concept.since in entry.out_of_step:
        states = states_in_time(bound.release, concept.code, entry.line_to(bound.edition))
        if states:
            return states[0].edition
    return entry.by_ordinal.get(concept.since)


def retired_by(bound: Bound, concept: Concept) -> Edition | None:
    """The edition that retired a code that is not active, in time as :func:`changed_by`."""
    entry = bound.entry
    if not entry.out_of_step:
        return entry.by_ordinal.get(bound.release.retired_since(concept))
    states = states_in_time(bound.release, concept.code, entry.line_to(bound.edition))
    retired = [*takewhile(lambda state: not state.active, states)]
    return retired[-1].edition if retired else None


def set_by(bound: Bound, concept: Concept) -> tuple[str | None, str | None]:
    """Circular and Jalali day of the publication that last changed a code."""
    edition = changed_by(bound, concept)
    return (edition.circular_number, day_of(edition.published_at)) if edition is not None else (None, None)


def coded_text(terminology: str, concept: Concept) -> dict[str, Any]:
    """A ``DO_CODED_TEXT`` as published (FACTS §6)."""
    return {"Value": concept.title, "Terminology_id": terminology, "Coded_string": concept.code}


def coding(bound: Bound, concept: Concept) -> dict[str, Any]:
    """A coding with all that the edition says of it (CONTRACT.md §3)."""
    circular, changed_on = set_by(bound, concept)
    return {
        "Value": concept.title,
        "Terminology_id": bound.entry.id,
        "Coded_string": concept.code,
        "Value_en": concept.title_en or None,
        "Status": "active" if concept.active else "retired",
        "ReplacedBy": concept.replaced_by,
        "Parent": concept.parent,
        "Properties": orjson.Fragment(concept.properties) if concept.properties else _NO_PROPERTIES,
        "Version": bound.edition.version,
        "CircularNumber": circular,
        "ChangedOn": changed_on,
    }
