"""Ids of terminologies that a workbook or a person gives: one that is almost another's is a slip of the pen."""

from __future__ import annotations

from rapidfuzz import fuzz, process
from sqlalchemy import select

import importers
from importers.declare import TerminologyBy
from importers.terminologies import TERMINOLOGIES
from maxa.registry.guards.draft import Draft
from maxa.registry.models import Release, Terminology

_NEAR = 85  # of 100: LCN and LNC are 67 alike, ICD-10 and ICD10 are 91
_SHORT = 4  # letters, below which one letter more, less or swapped is all the difference there can be


def check_names(draft: Draft) -> None:
    """A terminology (or an end of a map) that has no edition yet and is not declared, but is spelled like another one."""
    session = draft.session
    held = set(session.scalars(select(Terminology.name).join(Release, Release.terminology_id == Terminology.id)))
    known = {name for name in held | set(TERMINOLOGIES) | _declared() if name and "→" not in name}
    keys = {name: _key(name) for name in known}
    given = {
        name
        for table in draft.tables
        for name in (
            (table.terminology.source, table.terminology.target)
            if table.terminology.kind == "map"
            else (table.terminology.name,)
        )
    }
    for name in sorted(given - known):
        near = _near(name, keys)
        if near is not None:
            draft.tell("near-terminology", terminology=name, near=near, confirm=f"new:{name}")


def _declared() -> set[str]:
    """Terminologies that the sources name; where each row names its own, those that they know."""
    names: set[str] = set()
    for source in importers.SOURCES.values():
        for sheet in source.sheets:
            ends = [end for pairs in sheet.pairs for end in (pairs.source, pairs.target)]
            for one in (sheet.terminology, *(also.terminology for also in sheet.also), *ends):
                names |= set(one.known) if isinstance(one, TerminologyBy) else {one}
    return names


def _key(name: str) -> str:
    return name.casefold().removeprefix("thritaehr.")


def _near(name: str, keys: dict[str, str]) -> str | None:
    key = _key(name)
    alike = {known: other for known, other in keys.items() if _digits(other) == _digits(key)}
    best = process.extractOne(key, alike, scorer=fuzz.ratio, score_cutoff=_NEAR)
    if best is not None:
        return str(best[2])
    if len(key) <= _SHORT:
        return next((known for known, other in sorted(alike.items()) if sorted(other) == sorted(key)), None)
    return None


def _digits(key: str) -> str:
    """ICD10 and ICD11 are two terminologies, not two spellings of one."""
    return "".join(c for c in key if c.isdigit())
