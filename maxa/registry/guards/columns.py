"""A column that a bad export left blank, or filled with zeros, must not wipe what the current edition says."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, text

from importers.rows import NOTHING
from maxa.registry.guards.draft import Draft, list_name, live_of, staged_of, units_of
from maxa.registry.guards.headings import headings_of
from maxa.registry.guards.keeping import USUAL
from maxa.registry.models import State, Submission, SubmissionTable

_SUSPECT = 0.10  # of the rows: a column that is filled less often than this may have been emptied
_EMPTIED = 0.90  # of the codes that had a value: so many without one are no correction but an accident
_HALF = 0.5
_NO_PROPERTIES = ("code", "title_fa", "title_en", "status", "parent", "replaced_by", "relationship")
_OWN_COLUMNS = {"map": ("relationship",), "codes": ("title_fa", "title_en", "parent", "replaced_by")}
_OF_RETIRED = "replaced_by"  # a successor stands with retired codes alone
_NOTHING_LEFT: dict[str, Any] = {"lost_fa": "خالی یا صفر", "lost_en": "empty or zero"}
_LOST: dict[str, dict[str, Any]] = {
    "relationship": {
        "lost_fa": "«برابر»، چنان‌که در فهرستی بی این ستون،",
        "lost_en": "“equivalent”, as in a list without it",
    }
}
_TEXT = "_text"  # beside a number's field stands what was no number; the two are one column


def check_emptied_columns(draft: Draft, table: SubmissionTable) -> None:
    """Of the codes (pairs) that the list names and the edition holds: how many had a value, and how many lose it. A map is
    held against what the lists before it said. A pair's relationship is lost when it becomes the usual one.

    The importers' counts tell which columns are worth asking for, so that a sound list costs nothing here. Columns that
    the list before it had filled and that are missing now are asked for as well.
    """
    suspects = _suspects(draft, table)
    if not suspects:
        return
    figures = _figures(draft, table, suspects)
    headings = dict(zip(sorted(suspects), headings_of(draft, suspects), strict=True))
    for field in suspects:
        held, lost = figures[field]
        if held and lost >= _EMPTIED * held:
            name = list_name(table)
            draft.tell(
                "emptied-column", heading=headings[field], held=held, name=name, figure=lost,
                confirm=f"emptied:{name}:{field}={lost}", **units_of(table), **_LOST.get(field, _NOTHING_LEFT),
            )  # fmt: skip


def _suspects(draft: Draft, table: SubmissionTable) -> list[str]:
    if not table.rows:
        return []
    before = _filled_before(draft, table)
    given = {n for n in (*table.filled, *before) if n not in _NO_PROPERTIES}
    names = {n for n in given if n.removesuffix(_TEXT) not in given - {n}} | set(_OWN_COLUMNS[table.terminology.kind])
    return sorted(name for name in names if _is_suspect(table.filled.get(name, 0) / table.rows, before.get(name)))


def _is_suspect(share: float, before: float | None) -> bool:
    if share > _SUSPECT:
        return False
    return before is None or share < _HALF * before


def _filled_before(draft: Draft, table: SubmissionTable) -> dict[str, float]:
    """Field → share of the rows that had it in the last full list of the part; nothing where there is none."""
    last = draft.session.scalar(
        select(SubmissionTable)
        .join(Submission, Submission.id == SubmissionTable.submission_id)
        .where(
            SubmissionTable.terminology_id == table.terminology_id, SubmissionTable.part == table.part,
            SubmissionTable.rows > 0, SubmissionTable.filled != {}, Submission.scope == "full",
            Submission.state == State.PUBLISHED, Submission.id != draft.submission.id,
        )
        .order_by(Submission.closed_at.desc())
        .limit(1)
    )  # fmt: skip
    if last is None:
        return {}
    return {name: count / last.rows for name, count in last.filled.items()}


_FIGURES = """
    SELECT {counts} FROM {live} c JOIN {staged} s
        ON s.submission_id = :id AND s.terminology_id = c.terminology_id AND s.code = c.code
    WHERE c.terminology_id = :tid AND {standing} AND s.part = :part AND c.status = s.status
"""


def _figures(draft: Draft, table: SubmissionTable, fields: list[str]) -> dict[str, tuple[int, int]]:
    """Field → codes that have a value, and codes of these that lose it."""
    counts = []
    values: dict[str, object] = {
        "id": draft.submission.id, "tid": table.terminology_id, "part": table.part, "nothing": ["", *NOTHING],
    }  # fmt: skip
    own = _OWN_COLUMNS[table.terminology.kind]
    for n, field in enumerate(fields):
        if field not in own:
            values[f"f{n}"] = field
        had, has = (
            _is_filled(alias, field, f"CAST(:f{n} AS text)" if field not in own else "") for alias in ("c", "s")
        )
        status = f"c.status = '{'retired' if field == _OF_RETIRED else 'active'}'"
        counts += [
            f"count(*) FILTER (WHERE {status} AND {had})",
            f"count(*) FILTER (WHERE {status} AND {had} AND NOT {has})",
        ]
    sql = _FIGURES.format(
        counts=", ".join(counts), live=live_of(table), staged=staged_of(table),
        standing=draft.standing(table.terminology_id),
    )  # fmt: skip
    row = list(draft.session.execute(text(sql), values).one())
    return {field: (row[2 * n], row[2 * n + 1]) for n, field in enumerate(fields)}


def _is_filled(alias: str, field: str, name: str) -> str:
    """``name``: SQL of a property's name; empty for a column of its own."""
    if field == "relationship" and not name:
        return f"({alias}.relationship <> '{USUAL}')"
    if not name:
        return _says(f"{alias}.{field}")
    beside = f"{alias}.properties->>({name} || '{_TEXT}')"
    return f"({_says(f'{alias}.properties->>{name}')} OR {_says(beside)})"


def _says(value: str) -> str:
    return f"(lower(btrim(coalesce({value}, ''))) <> ALL(CAST(:nothing AS text[])))"
