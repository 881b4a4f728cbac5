"""Amendments change only what they name: not other codes, and not fields of which their workbook says nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import text

from maxa.registry.guards.draft import PLACE, SHOWN, Draft, live_of, staged_of
from maxa.registry.guards.headings import headings_of
from maxa.registry.models import SubmissionTable
from maxa.registry.staging import canonical_properties, concept_hash

_FIELDS = ("title_fa", "title_en", "parent", "replaced_by")
_TEXT = "_text"  # beside a number's field stands what was no number (importers.records)

# What each sheet says nothing of: fields that are empty in all of its rows; and the properties that it does name.
_GIVEN = """
    SELECT s.file_id, s.sheet, bool_and(s.title_fa = '') AS title_fa, bool_and(s.title_en = '') AS title_en,
           bool_and(s.parent IS NULL) AS parent, bool_and(s.replaced_by IS NULL) AS replaced_by,
           (SELECT array_agg(DISTINCT k) FROM staged_concept x, json_object_keys(x.properties) k
            WHERE x.submission_id = :id AND x.terminology_id = :tid AND x.part = :part AND x.file_id = s.file_id
              AND x.sheet = s.sheet) AS named
    FROM staged_concept s WHERE s.submission_id = :id AND s.terminology_id = :tid AND s.part = :part
    GROUP BY s.file_id, s.sheet ORDER BY s.file_id, s.sheet
"""
_ROWS = """
    SELECT s.id, s.status, s.part, s.title_fa, s.title_en, s.parent, s.replaced_by, s.properties,
           c.status AS was, c.title_fa AS c_title_fa, c.title_en AS c_title_en, c.parent AS c_parent,
           c.replaced_by AS c_replaced_by, c.properties AS c_properties, f.name AS file
    FROM staged_concept s JOIN submission_file f ON f.id = s.file_id
    LEFT JOIN concept c ON c.terminology_id = s.terminology_id AND c.code = s.code AND {standing}
    WHERE s.submission_id = :id AND s.terminology_id = :tid AND s.part = :part AND s.file_id = :file_id
      AND s.sheet = :sheet
"""
_KEEP = """
    UPDATE staged_concept s SET title_fa = k.title_fa, title_en = k.title_en, parent = k.parent,
        replaced_by = k.replaced_by, properties = CAST(k.properties AS json), content_hash = k.content_hash
    FROM kept k WHERE s.id = k.id
"""


def keep_what_is_not_named(draft: Draft, table: SubmissionTable) -> None:
    """A column that an amendment's sheet lacks, or leaves empty throughout, leaves what the current edition says.

    What the sheet itself gave is noted in ``table.kept`` the first time, so that the rest can be taken anew from another
    edition when the base has moved. A code that is brought back does not keep its successor.
    """
    if table.kept is None:
        table.kept = [
            {"file_id": r.file_id, "sheet": r.sheet, "blank": [f for f in _FIELDS if getattr(r, f)], "named": r.named or []}
            for r in draft.session.execute(text(_GIVEN), _values(draft, table))
        ]  # fmt: skip
        draft.session.flush()
    table.kept = [{**sheet, "filled_in": _keep(draft, table, sheet)} for sheet in table.kept]


def _values(draft: Draft, table: SubmissionTable) -> dict[str, Any]:
    return {"id": draft.submission.id, "tid": table.terminology_id, "part": table.part}


def _keep(draft: Draft, table: SubmissionTable, sheet: dict[str, Any]) -> bool:
    """Whether rows of the sheet hold, now or from an earlier comparison, what it did not give."""
    rows = draft.session.execute(
        text(_ROWS.format(standing=draft.standing(table.terminology_id))),
        {**_values(draft, table), "file_id": sheet["file_id"], "sheet": sheet["sheet"]},
    )
    kept: set[str] = set()
    codes = 0
    changed = []
    file = None
    for row in rows:
        file = row.file
        merged, taken = _merged(row, sheet)
        kept |= taken
        codes += bool(taken)
        changed.append(merged)
    if not changed or not (kept or sheet.get("filled_in")):
        return False
    _update(draft, changed)
    if kept:
        fields = ", ".join(headings_of(draft, kept))
        draft.tell(
            "fields-kept", place={"file": file, "sheet": sheet["sheet"]}, sheet=sheet["sheet"], count=codes,
            fields_fa=fields.replace(", ", "، "), fields_en=fields,
        )  # fmt: skip
    return True


def _merged(row: Any, sheet: dict[str, Any]) -> tuple[dict[str, Any], set[str]]:
    """The row with what it does not name taken from the edition, and the names of the fields that were."""
    values: dict[str, Any] = {field: getattr(row, field) for field in _FIELDS}
    taken: set[str] = set()
    for field in sheet["blank"]:
        restored = field == "replaced_by" and row.status == "active"
        values[field] = ("" if field.startswith("title") else None) if restored or row.was is None else getattr(
            row, f"c_{field}"
        )  # fmt: skip
        if values[field]:
            taken.add(field)
    named = {name.removesuffix(_TEXT) for name in sheet["named"]}
    own = {k: v for k, v in (row.properties or {}).items() if k in sheet["named"]}
    others = {k: v for k, v in (row.c_properties or {}).items() if k.removesuffix(_TEXT) not in named}
    taken |= others.keys()
    properties = canonical_properties({**others, **own})
    hashed = concept_hash(
        row.part, values["title_fa"], values["title_en"], values["parent"], values["replaced_by"], properties,
        active=row.status == "active",
    )  # fmt: skip
    return {"id": row.id, **values, "properties": properties, "content_hash": hashed}, taken


def _update(draft: Draft, rows: list[dict[str, Any]]) -> None:
    session = draft.session
    session.execute(
        text(
            "CREATE TEMP TABLE kept (id bigint, title_fa text, title_en text, parent text, replaced_by text,"
            " properties text, content_hash bytea) ON COMMIT DROP"
        )
    )
    cursor = session.connection().connection.cursor()
    with cursor.copy("COPY kept FROM STDIN") as copy:
        for row in rows:
            copy.write_row(
                [row["id"], *(row[f] for f in _FIELDS), row["properties"], row["content_hash"]]
            )  # fmt: skip
    session.execute(text(_KEEP))
    session.execute(text("DROP TABLE kept"))


_UNCHANGED = """
    SELECT s.code, {place}, count(*) OVER () AS total FROM {staged} s
    JOIN submission_file f ON f.id = s.file_id
    JOIN {live} c ON c.terminology_id = s.terminology_id AND c.code = s.code AND {standing}
        AND c.content_hash = s.content_hash
    WHERE s.submission_id = :id AND s.terminology_id = :tid AND s.part = :part ORDER BY s.id LIMIT :shown
"""
_RESTORED = """
    SELECT s.code, {place}, count(*) OVER () AS total FROM staged_concept s
    JOIN submission_file f ON f.id = s.file_id
    JOIN concept c ON c.terminology_id = s.terminology_id AND c.code = s.code AND {standing} AND c.status = 'retired'
    WHERE s.submission_id = :id AND s.terminology_id = :tid AND s.part = :part AND s.status = 'active'
    ORDER BY s.id LIMIT :shown
"""


def check_amendment(draft: Draft, table: SubmissionTable) -> None:
    """Rows of an amendment that would change nothing are told, and codes that it brings back."""
    live = live_of(table)
    for rule, rows in _amended(draft, table, live):
        draft.tell_each(rule, rows, lambda row: {"code": row.code.replace("\x1f", " → ")}, total=rows[0].total)


def _amended(draft: Draft, table: SubmissionTable, live: str) -> Iterator[tuple[str, list[Any]]]:
    patterns = [("row-changes-nothing", _UNCHANGED)] + ([("code-restored", _RESTORED)] if live == "concept" else [])
    standing = draft.standing(table.terminology_id)
    for rule, pattern in patterns:
        sql = text(pattern.format(place=PLACE, live=live, staged=staged_of(table), standing=standing))
        rows = draft.session.execute(sql, {**_values(draft, table), "shown": SHOWN}).all()
        if rows:
            yield rule, list(rows)
