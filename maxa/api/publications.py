"""What was published since a serial: every edition, and every mark of withdrawal (CONTRACT.md §6)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from maxa.api.answering import Answer, Asked
from maxa.api.editions import release_item
from maxa.api.parameters import DEFAULT_PAGE
from maxa.gateway.reading import day_of
from maxa.shelf.catalogue import Catalogue, Edition, TerminologyEntry


class Event(NamedTuple):
    serial: int
    kind: str  # "published" | "withdrawn"
    entry: TerminologyEntry
    edition: Edition
    at: datetime


def events(catalogue: Catalogue, after: int) -> list[Event]:
    """In the order of serials; within one, what was withdrawn stands before what took its place."""
    found = []
    for entry in catalogue.terminologies:
        for edition in entry.editions:
            if edition.serial > after:
                found.append(Event(edition.serial, "published", entry, edition, edition.published_at))
            if (edition.withdrawn_serial or 0) > after and edition.withdrawn_at is not None:
                serial = edition.withdrawn_serial or 0
                found.append(Event(serial, "withdrawn", entry, edition, edition.withdrawn_at))
    return sorted(found, key=lambda e: (e.serial, e.kind == "published", e.entry.id.casefold(), e.edition.ordinal))


def list_changes(asked: Asked) -> Answer:
    """Whole publications only: a page may grow over ``page_size`` rather than tear one apart, so that its ``serial`` may
    be sent as the next ``after``. After a serial that is still to come (another shelf's, or one that was restored from a
    backup) nothing is told but the true serial."""
    after, size = asked.get("after", 0), asked.get("page_size", DEFAULT_PAGE)
    found = events(asked.catalogue, after)
    upto = len(found)
    if upto > size:
        upto = size
        while upto < len(found) and found[upto].serial == found[upto - 1].serial:
            upto += 1
    items = [_item(event) for event in found[:upto]]
    reached = found[upto - 1].serial if upto < len(found) else asked.catalogue.serial
    return Answer.of({
        "after": after,
        "serial": reached,
        "more": upto < len(found),
        "items": items,
    })  # fmt: skip


def _item(event: Event) -> dict[str, Any]:
    return {
        "serial": event.serial,
        "event": event.kind,
        "at": event.at.isoformat(),
        "on": day_of(event.at),
        "kind": event.entry.kind,
        "title_fa": event.entry.title_fa or None,
        "release": release_item(event.entry, event.edition),
    }
