"""What the start page tells: the lists with what is current of each, and what was published last."""

from __future__ import annotations

from dataclasses import dataclass

from maxa.api.publications import Event, events
from maxa.shelf.catalogue import Catalogue, TerminologyEntry

LATEST = 8
RECORD_PREFIX = "thritaehr."  # value sets of the health record: many, and short (FACTS §7)


@dataclass(frozen=True, slots=True)
class Start:
    lists: list[TerminologyEntry]
    value_sets: list[TerminologyEntry]
    maps: list[TerminologyEntry]
    latest: list[Event]
    code_count: int


def start_of(catalogue: Catalogue) -> Start:
    lists = sorted(catalogue.codes, key=lambda entry: (-entry.current.active_count, entry.id.casefold()))
    return Start(
        lists=[entry for entry in lists if not _is_value_set(entry)],
        value_sets=sorted((e for e in catalogue.codes if _is_value_set(e)), key=lambda entry: entry.id.casefold()),
        maps=sorted(catalogue.maps, key=lambda entry: entry.id.casefold()),
        latest=events(catalogue, 0)[: -LATEST - 1 : -1],
        code_count=sum(entry.current.active_count for entry in catalogue.codes),
    )


def _is_value_set(entry: TerminologyEntry) -> bool:
    return entry.id.casefold().startswith(RECORD_PREFIX)
