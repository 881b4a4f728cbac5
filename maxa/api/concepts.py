"""Codes: the list of an edition, and all that is known of one code."""

from __future__ import annotations

from typing import Any

import orjson

from maxa.api.answering import Answer, Asked
from maxa.api.counted import check_part, counted, labels_of
from maxa.api.editions import bind, find_terminology
from maxa.api.history import history_of, states_of
from maxa.api.paging import Page
from maxa.api.parameters import DEFAULT_HISTORY
from maxa.errors import MaxaError, UnknownCode, UnknownVersion
from maxa.gateway.reading import Bound, Reading, changed_by, day_of
from maxa.gateway.spelling import spelled_alike
from maxa.gateway.suggestions import Budget, nearest_codes
from maxa.shelf.catalogue import Edition
from maxa.shelf.pairs import pairs_of
from maxa.shelf.release import Concept, Pair, SealedRelease

MOST_CHILDREN = 1_000
MOST_REPLACED = 1_000
MOST_PAIRS = 1_000  # of each map; `translate` gives all
_MOST_ANCESTORS = 20
NOTHING = orjson.Fragment(b"{}")


def list_concepts(asked: Asked, terminology: str) -> Answer:
    entry = find_terminology(asked.catalogue, terminology)
    page = Page("concepts", asked)
    bound = page.bind(asked, entry)
    status, part, parent = page.text("status") or "active", page.text("part"), page.text("parent")
    check_part(part, bound.release)
    rows = bound.release.selected(after=page.after, limit=page.size + 1, status=status, part=part, parent=parent)
    more = len(rows) > page.size
    items = [concept_item(bound, concept) for concept in rows[: page.size]]
    total = counted(
        bound.release,
        f"concepts {status} {part!r} {parent!r}",
        lambda: bound.release.count_selected(status=status, part=part, parent=parent),
    )
    last = items[-1]["code"] if more else None
    return Answer.of({
        "terminology": entry.id, "version": bound.edition.version, "items": items,
        "page": page.told(total=total, items=items, last=last, bounds=[bound]),
    })  # fmt: skip


def concept_item(bound: Bound, concept: Concept, changed_in: Edition | None = None) -> dict[str, Any]:
    """A code as its edition has it; ``changed_in`` is the edition that last changed it, where that is known already."""
    changed_in = changed_in or changed_by(bound, concept)
    return {
        "code": concept.code,
        "title": concept.title,
        "title_fa": concept.title_fa or None,
        "title_en": concept.title_en or None,
        "status": status_of(concept),
        "part": concept.part,
        "parent": concept.parent,
        "replaced_by": concept.replaced_by,
        "properties": orjson.Fragment(concept.properties) if concept.properties else NOTHING,
        "changed_in": changed_in.version if changed_in else None,
        "changed_on": day_of(changed_in.published_at) if changed_in else None,
        "circular_number": changed_in.circular_number if changed_in else None,
    }


def status_of(concept: Concept) -> str:
    return "active" if concept.active else "retired"


def show_concept(asked: Asked, terminology: str, code: str) -> Answer:
    bound = bind(asked, find_terminology(asked.catalogue, terminology))
    concept = find_code(bound, code)
    children = bound.release.selected(after=None, limit=MOST_CHILDREN, status="all", parent=concept.code)
    replaces = bound.release.replaced(concept.code, MOST_REPLACED)
    states = states_of(asked.shelf, bound, concept)
    history = history_of(asked.shelf, bound, concept, states, asked.get("history", DEFAULT_HISTORY))
    return Answer.of({
        "terminology": bound.entry.id,
        "version": bound.edition.version,
        **concept_item(bound, concept, states[0].edition if states else None),
        "labels": labels_of(bound.release),
        "ancestors": [_brief(c) for c in _ancestors(bound.release, concept)],
        "children": [_brief(c) for c in children],
        "child_count": bound.release.count_selected(status="all", parent=concept.code),
        "replaces": [_brief(c) for c in replaces],
        "replaces_count": len(replaces) if len(replaces) < MOST_REPLACED else bound.release.count_replaced(concept.code),
        "history": history,
        "history_count": len(states),
        "maps_out": _maps(asked, bound, concept, reverse=False),
        "maps_in": _maps(asked, bound, concept, reverse=True),
    })  # fmt: skip


def find_code(bound: Bound, code: str) -> Concept:
    """The code, in another spelling too where that makes out one. Raises :class:`UnknownCode` with the nearest."""
    concept = bound.release.concept(code) or spelled_alike(bound.release, code)
    if concept is not None:
        return concept
    near = nearest_codes(bound.release, code, "", Budget())
    shown = code.strip()[:60]
    raise UnknownCode(
        f"«{bound.entry.id}» (ویرایش {bound.edition.version}) کد «{shown}» ندارد.",
        f"{bound.entry.id} (edition {bound.edition.version}) has no code {shown!r}.",
        "code",
        suggestions=[c.code for c in near],
    )


def _brief(concept: Concept) -> dict[str, Any]:
    return {"code": concept.code, "title": concept.title, "status": status_of(concept)}


def _ancestors(release: SealedRelease, concept: Concept) -> list[Concept]:
    """From the parent upwards; a parent that is not in the list, or stands above itself, ends it."""
    found: list[Concept] = []
    seen = {concept.code}
    while concept.parent and concept.parent not in seen and len(found) < _MOST_ANCESTORS:
        above = release.concept(concept.parent)
        if above is None:
            break
        seen.add(above.code)
        found.append(above)
        concept = above
    return found


def _maps(asked: Asked, bound: Bound, concept: Concept, *, reverse: bool) -> list[dict[str, Any]]:
    """The maps that relate the code to others, each in its edition of ``date``, else its current one: ``version``
    names an edition of the terminology and none of a map."""
    reading = Reading(asked.shelf, asked.catalogue, None, asked.get("date") if not asked.get("version") else None)
    told = []
    for entry in asked.catalogue.maps:
        if (entry.target if reverse else entry.source).casefold() != bound.entry.id.casefold():
            continue
        try:
            held = reading.open(entry)
        except UnknownVersion:
            continue  # no edition of this map was in force that day
        pairs = pairs_of(held.release, [concept.code], reverse=reverse).get(concept.code, [])
        if pairs:
            ends = other_ends(reading, entry.source if reverse else entry.target, pairs, reverse=reverse)
            told.append({
                "map": entry.id, "version": held.edition.version, "pair_count": len(pairs),
                "pairs": [pair_end(pair, ends, reverse=reverse) for pair in pairs[:MOST_PAIRS]],
            })  # fmt: skip
    return told


def other_ends(reading: Reading, terminology: str, pairs: list[Pair], *, reverse: bool) -> dict[str, Concept]:
    """The concepts at the other end of pairs, by code; none where their terminology is not on the shelf."""
    entry = reading.catalogue.find(terminology)
    if entry is None:
        return {}
    try:
        far = reading.open(entry)
    except MaxaError:
        return {}  # the pairs are told all the same, without titles
    return far.release.concepts_of({pair.source if reverse else pair.target for pair in pairs})


def pair_end(pair: Pair, ends: dict[str, Concept], *, reverse: bool) -> dict[str, Any]:
    """The other end of a pair, as its terminology has it now: a retired code is told as such, with its successor."""
    code = pair.source if reverse else pair.target
    concept = ends.get(code)
    return {
        "code": code,
        "title": concept.title if concept else None,
        "status": status_of(concept) if concept else None,
        "replaced_by": concept.replaced_by if concept else None,
        "relationship": pair.relationship,
        "part": pair.part,
        "properties": orjson.Fragment(pair.properties) if pair.properties else NOTHING,
    }
