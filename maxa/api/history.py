"""What became of one code over the editions in time, newest first."""

from __future__ import annotations

from typing import Any

from maxa.api.counted import labels_of
from maxa.diff import change_of
from maxa.errors import MaxaError
from maxa.gateway.reading import Bound, day_of
from maxa.persian.dates import jalali
from maxa.shelf.catalogue import Edition
from maxa.shelf.reading import Shelf
from maxa.shelf.release import Concept, SealedRelease
from maxa.shelf.states import CameWith, concept_state, states_in_time


def states_of(shelf: Shelf, bound: Bound, concept: Concept) -> list[CameWith]:
    """The states of a code up to the edition that is read, newest first, as editions followed each other in time."""
    return states_in_time(_newest(shelf, bound), concept.code, bound.entry.line_to(bound.edition))


def history_of(
    shelf: Shelf, bound: Bound, concept: Concept, states: list[CameWith], most: int
) -> list[dict[str, Any]]:  # fmt: skip
    """The newest ``most`` of the states of a code. What it said in a former state is read in the edition that brought it;
    where that file can't be read, titles and fields are null."""
    said: dict[int, Concept | None] = {}
    if states:
        said[states[0].edition.ordinal] = concept  # the newest state is the one that is read
    told = []
    for place, state in enumerate(states[:most]):
        earlier = states[place + 1] if place + 1 < len(states) else None
        for needed in (state, earlier):
            if needed is not None and needed.edition.ordinal not in said:
                said[needed.edition.ordinal] = _as_of(shelf, concept.code, needed.edition)
        told.append(_item(bound, state, earlier, said))
    return told


def _newest(shelf: Shelf, bound: Bound) -> SealedRelease:
    """The file that knows of all editions, those too that were brought in after the one that is read."""
    if bound.edition is bound.entry.current or not bound.entry.out_of_step:
        return bound.release
    try:
        return shelf.release(bound.entry.current)
    except MaxaError:
        return bound.release


def _as_of(shelf: Shelf, code: str, edition: Edition) -> Concept | None:
    try:
        return shelf.release(edition).concept(code)
    except MaxaError:
        return None


def _item(
    bound: Bound, state: CameWith, earlier: CameWith | None, said: dict[int, Concept | None]
) -> dict[str, Any]:  # fmt: skip
    edition = state.edition
    now, before = said.get(edition.ordinal), said.get(earlier.edition.ordinal) if earlier else None
    return {
        "version": edition.version,
        "circular_number": edition.circular_number,
        "circular_date": edition.circular_date,
        "in_force": jalali(edition.in_force),
        "published_on": day_of(edition.published_at),
        "withdrawn": edition.withdrawn,
        "change": _kind(state, earlier),
        "status": "active" if state.active else "retired",
        "title_fa": (now.title_fa or None) if now else None,
        "title_en": (now.title_en or None) if now else None,
        "fields": _fields(bound, now, before) if now and (before or earlier is None) else None,
    }


def _kind(state: CameWith, earlier: CameWith | None) -> str:
    if earlier is None:
        return "added"
    if state.active == earlier.active:
        return "changed"
    return "restored" if state.active else "retired"


def _fields(bound: Bound, now: Concept, before: Concept | None) -> list[dict[str, Any]]:
    change = change_of(now.code, concept_state(before) if before else None, concept_state(now))
    return field_items(change.fields() if change else [], labels_of(bound.release))


def field_items(fields: list[Any], labels: dict[str, str]) -> list[dict[str, Any]]:
    """Changed fields, each with its heading; an empty field is null."""
    return [
        {"field": one.field, "label": labels.get(one.field), "before": one.before, "after": one.after}
        for one in fields
    ]  # fmt: skip
