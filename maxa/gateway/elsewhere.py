"""Where else a code may belong: other terminologies, by the shared index of codes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from maxa.errors import UnknownVersion
from maxa.gateway.reading import Bound, Reading, coded_text
from maxa.gateway.spelling import LONGEST_CODE, same_title, spelled_alike
from maxa.gateway.suggestions import Budget
from maxa.persian.fold import code_key
from maxa.shelf.release import Concept


def in_other_terminologies(
    reading: Reading, code: str, value: str, but: str | None, budget: Budget
) -> Iterator[tuple[Bound, Concept]]:
    """Terminologies other than ``but`` that have this code under this title. Number ranges overlap (FACTS §7), so a
    code alone says nothing."""
    if not value.strip() or not code.strip() or len(code) > LONGEST_CODE:
        return
    where = reading.where()
    if where is None:
        return
    for terminology in where.terminologies(code_key(code)):
        if terminology == but:
            continue
        if budget.elsewhere <= 0:
            return
        budget.elsewhere -= 1
        bound = _bound(reading, terminology)
        if bound is None:
            continue
        concept = bound.release.concept(code.strip()) or spelled_alike(bound.release, code)
        if concept is not None and same_title(value, concept):
            yield bound, concept


def in_terminologies_like(
    reading: Reading, ids: list[str], code: str, value: str, budget: Budget
) -> list[dict[str, Any]]:
    """A triple for each of the terminologies that may be meant: as published where it has the code, else as sent."""
    triples = []
    for terminology in ids:
        bound = _bound(reading, terminology)
        concept = None
        if bound is not None and code.strip() and budget.elsewhere > 0:
            budget.elsewhere -= 1
            concept = bound.release.concept(code.strip()) or spelled_alike(bound.release, code)
        if concept is not None:
            triples.append(coded_text(terminology, concept))
        else:
            triples.append({"Value": value, "Terminology_id": terminology, "Coded_string": code})
    return triples


def _bound(reading: Reading, terminology: str) -> Bound | None:
    entry = reading.catalogue.find(terminology)
    try:
        return reading.open(entry) if entry is not None else None
    except UnknownVersion:
        return None
