"""What became of one code over the editions, newest first."""

from __future__ import annotations

from typing import Any

from maxa.diff import change_of
from maxa.errors import MaxaError
from maxa.gateway.reading import Bound, day_of
from maxa.persian.dates import jalali
from maxa.sheets.layout import labels as labels_of
from maxa.shelf.catalogue import Edition
from maxa.shelf.reading import Shelf
from maxa.shelf.release import Concept
from maxa.shelf.states import Stood, concept_state, states_of


def history_of(shelf: Shelf, bound: Bound, concept: Concept, most: int) -> tuple[list[dict[str, Any]], int]:
    """The newest ``most`` states of a code, and how many there are. What it said in a former state is read in the
    edition that brought it; where that file can't be read, titles and fields are null."""
    states = states_of(bound.release, concept.code, concept.since, active=concept.active)
    said: dict[int, Concept | None] = {concept.since: concept}
    told = []
    for place, state in enumerate(states[:most]):
        earlier = states[place + 1] if place + 1 < len(states) else None
        for needed in (state, earlier):
            if needed is not None and needed.since not in said:
                said[needed.since] = _as_of(shelf, bound, concept.code, needed.since)
        told.append(_item(bound, state, earlier, said))
    return told, len(states)


def _as_of(shelf: Shelf, bound: Bound, code: str, ordinal: int) -> Concept | None:
    edition = bound.entry.by_ordinal.get(ordinal)
    if edition is None:
        return None
    try:
        return shelf.release(edition).concept(code)
    except MaxaError:
        return None


def _item(
    bound: Bound, state: Stood, earlier: Stood | None, said: dict[int, Concept | None]
) -> dict[str, Any]:  # fmt: skip
    edition: Edition | None = bound.entry.by_ordinal.get(state.since)
    now, before = said.get(state.since), said.get(earlier.since) if earlier else None
    return {
        "version": edition.version if edition else None,
        "circular_number": edition.circular_number if edition else None,
        "circular_date": edition.circular_date if edition else None,
        "in_force": jalali(edition.in_force) if edition else None,
        "published_on": day_of(edition.published_at) if edition else None,
        "withdrawn": edition.withdrawn if edition else False,
        "change": _kind(state, earlier),
        "status": "active" if state.active else "retired",
        "title_fa": (now.title_fa or None) if now else None,
        "title_en": (now.title_en or None) if now else None,
        "fields": _fields(bound, now, before) if now and (before or earlier is None) else None,
    }


def _kind(state: Stood, earlier: Stood | None) -> str:
    if earlier is None:
        return "added"
    if state.active == earlier.active:
        return "changed"
    return "restored" if state.active else "retired"


def _fields(bound: Bound, now: Concept, before: Concept | None) -> list[dict[str, Any]]:
    change = change_of(now.code, concept_state(before) if before else None, concept_state(now))
    return field_items(change.fields() if change else [], labels_of(bound.release.manifest))


def field_items(fields: list[Any], labels: dict[str, str]) -> list[dict[str, Any]]:
    """Changed fields, each with its heading; an empty field is null."""
    return [
        {"field": one.field, "label": labels.get(one.field), "before": one.before, "after": one.after}
        for one in fields
    ]  # fmt: skip
