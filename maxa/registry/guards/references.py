"""Parents and successors: they should be there, not retired, and not lead back to where they began."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from sqlalchemy import text

from maxa.registry.guards.draft import SHOWN, Draft, Staged

_MOST_IN_CHAIN = 8  # codes of a circle that a sentence names

# The terminology as it will be once the draft is published. ``staged`` is the row of the workbook, ``touched`` tells
# whether this submission has to do with the code at all.
_AFTER = """
    WITH after_ AS (
        SELECT s.code, s.status, s.{ref} AS ref, s.id AS staged, true AS touched FROM staged_concept s
        WHERE s.submission_id = :id AND s.terminology_id = :tid
        UNION ALL
        SELECT c.code, CASE WHEN c.part = ANY(CAST(:replaced AS text[])) THEN 'retired' ELSE c.status END, c.{ref}, NULL,
               c.part = ANY(CAST(:replaced AS text[])) AND c.status = 'active'
        FROM concept c WHERE c.terminology_id = :tid AND {standing}
          AND NOT EXISTS (SELECT 1 FROM staged_concept s WHERE s.submission_id = :id AND s.terminology_id = :tid
                          AND s.code = c.code))
    SELECT a.code, a.status, a.ref, a.staged, t.code IS NOT NULL AS known, t.status AS other_status,
           coalesce(t.touched, false) AS other_touched
    FROM after_ a LEFT JOIN after_ t ON t.code = a.ref WHERE a.ref IS NOT NULL ORDER BY a.staged, a.code
"""
_ANY_HELD = """
    SELECT EXISTS (SELECT 1 FROM concept c WHERE c.terminology_id = :tid AND {standing} AND c.{ref} IS NOT NULL
                   AND (c.parent IS NOT NULL OR c.replaced_by IS NOT NULL))
"""  # the last condition is that of the index concept_references
_PLACES = """
    SELECT s.id, s.code, s.sheet, s.row, s."column", f.name AS file FROM staged_concept s
    JOIN submission_file f ON f.id = s.file_id WHERE s.id = ANY(:ids)
"""


class Reference(NamedTuple):
    """A code that refers to another one, as it will stand. ``staged`` is None for a code that the draft leaves alone."""

    code: str
    status: str
    ref: str
    staged: int | None
    known: bool
    other_status: str | None
    other_touched: bool


def check_references(draft: Draft, terminology_id: int) -> None:
    """What the draft itself says is held against all rules; of the other codes, what it breaks by retiring a code."""
    for ref, check in (("parent", _check_parents), ("replaced_by", _check_successors)):
        found = _references(draft, terminology_id, ref)
        if found:
            check(draft, terminology_id, found)


def _references(draft: Draft, terminology_id: int, ref: str) -> list[Reference]:
    standing = draft.standing(terminology_id)
    values = {"id": draft.submission.id, "tid": terminology_id, "replaced": draft.replaced(terminology_id)}
    staged = getattr(draft.staged.get(terminology_id, Staged()), ref)
    if not staged and not draft.session.scalar(text(_ANY_HELD.format(ref=ref, standing=standing)), values):
        return []
    rows = draft.session.execute(text(_AFTER.format(ref=ref, standing=standing)), values)
    return [Reference(*row) for row in rows]


def _check_parents(draft: Draft, terminology_id: int, found: list[Reference]) -> None:
    active = [one for one in found if one.status == "active"]
    missing = [one for one in active if one.staged is not None and not one.known]
    retired = [
        one for one in active
        if one.other_status == "retired" and (one.staged is not None or one.other_touched)
    ]  # fmt: skip
    name = _terminology(draft, terminology_id)
    _tell(draft, "unknown-parent", missing, lambda one: {"other": one.ref, "terminology": name})
    _tell(draft, "retired-parent", retired, lambda one: {"other": one.ref})
    _tell_circles(draft, "parent-circle", found)


def _check_successors(draft: Draft, terminology_id: int, found: list[Reference]) -> None:
    by_code = {one.code: one for one in found}
    missing = [one for one in found if one.staged is not None and not one.known]
    name = _terminology(draft, terminology_id)
    _tell(draft, "unknown-successor", missing, lambda one: {"other": one.ref, "terminology": name})
    circles = _tell_circles(draft, "successor-circle", found)
    dead: list[tuple[Reference, str]] = []
    for one in found:
        if one.code in circles:
            continue
        last = _last(one, by_code, circles)
        if last is not None and last.other_status == "retired" and (one.staged is not None or last.other_touched):
            dead.append((one, last.ref))
    ends = {one.code: end for one, end in dead}
    _tell(draft, "retired-successor", [one for one, _ in dead], lambda one: {"other": ends[one.code]})


def _last(one: Reference, by_code: dict[str, Reference], circles: set[str]) -> Reference | None:
    """The last reference of a chain; ``None`` where it runs into a circle."""
    while one.ref in by_code:
        if one.ref in circles:
            return None
        one = by_code[one.ref]
    return one


def _tell_circles(draft: Draft, rule: str, found: list[Reference]) -> set[str]:
    """Tell circles that the draft closes; gives the codes of all circles that there are."""
    leads = {one.code: one.ref for one in found}
    chains = circles_of(leads)
    staged = {one.code: one for one in found if one.staged is not None}
    told, words = [], {}
    for chain in chains:
        first = next((code for code in chain if code in staged), None)
        if first is not None:
            at = chain.index(first)
            told.append(staged[first])
            words[first] = _arrows([*chain[at:], *chain[:at], first])
    _tell(draft, rule, told, lambda one: {"chain": words[one.code]})
    return {code for chain in chains for code in chain}


def circles_of(leads: dict[str, str]) -> list[list[str]]:
    """Circles of a relation in which each code leads to one other at most, each once."""
    seen: dict[str, int] = {}
    circles = []
    for walk, start in enumerate(leads):
        path: list[str] = []
        code = start
        while code in leads and code not in seen:
            seen[code] = walk
            path.append(code)
            code = leads[code]
        if seen.get(code) == walk and code in path:
            circles.append(path[path.index(code) :])
    return circles


def _arrows(codes: list[str]) -> str:
    shown = codes if len(codes) <= _MOST_IN_CHAIN else [*codes[: _MOST_IN_CHAIN - 1], "…", codes[-1]]
    return " → ".join(shown)


def _tell(draft: Draft, rule: str, told: Iterable[Reference], data: Callable[[Reference], dict[str, Any]]) -> None:
    """Findings at the rows of the workbook, and without a place for codes that the draft does not name."""
    told = list(told)
    places = _places(draft, [one.staged for one in told[:SHOWN] if one.staged is not None])
    by_code = {one.code: one for one in told}
    rows = [places.get(one.staged or 0) or _Unplaced(one.code) for one in told[:SHOWN]]
    draft.tell_each(rule, rows, lambda row: data(by_code[row.code]), total=len(told))


class _Unplaced(NamedTuple):
    code: str
    file: str | None = None
    sheet: str | None = None
    row: int | None = None
    column: str | None = None


def _places(draft: Draft, ids: list[int]) -> dict[int, Any]:
    if not ids:
        return {}
    return {row.id: row for row in draft.session.execute(text(_PLACES), {"ids": ids})}


def _terminology(draft: Draft, terminology_id: int) -> str:
    return next(t.terminology.name for t in draft.tables if t.terminology_id == terminology_id)
