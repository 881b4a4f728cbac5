"""What an amendment does not name stays: columns that its sheet lacks, or leaves empty throughout."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from maxa.registry.guards.draft import Draft, live_of, staged_of
from maxa.registry.guards.headings import headings_of
from maxa.registry.models import SubmissionTable
from maxa.registry.staging import canonical_properties, concept_hash, content_hash

_TEXT = "_text"  # beside a number's field stands what was no number (importers.records)
USUAL = "equivalent"  # the relationship of a pair whose list does not say any


@dataclass(frozen=True)
class _Layer:
    """Columns of a row besides its properties, and what stands in them where nothing is said; SQL that tells whether a
    sheet's rows say anything in them."""

    fields: dict[str, str | None]
    unsaid: str


_CONCEPTS = _Layer(
    {"title_fa": "", "title_en": "", "parent": None, "replaced_by": None},
    "bool_and(s.title_fa = '') AS title_fa, bool_and(s.title_en = '') AS title_en,"
    " bool_and(s.parent IS NULL) AS parent, bool_and(s.replaced_by IS NULL) AS replaced_by",
)
_PAIRS = _Layer({"relationship": USUAL}, f"bool_and(s.relationship = '{USUAL}') AS relationship")

# What each sheet says nothing of; and the properties that it does name.
_GIVEN = """
    SELECT s.file_id, s.sheet, {unsaid},
           (SELECT array_agg(DISTINCT k) FROM {staged} x, json_object_keys(x.properties) k
            WHERE x.submission_id = :id AND x.terminology_id = :tid AND x.part = :part AND x.file_id = s.file_id
              AND x.sheet = s.sheet) AS named
    FROM {staged} s WHERE s.submission_id = :id AND s.terminology_id = :tid AND s.part = :part
    GROUP BY s.file_id, s.sheet ORDER BY s.file_id, s.sheet
"""
_ROWS = """
    SELECT s.id, s.status, s.part, {own}, s.properties, c.status AS was, {current}, c.properties AS c_properties,
           f.name AS file
    FROM {staged} s JOIN submission_file f ON f.id = s.file_id
    LEFT JOIN {live} c ON c.terminology_id = s.terminology_id AND c.code = s.code AND {standing}
    WHERE s.submission_id = :id AND s.terminology_id = :tid AND s.part = :part AND s.file_id = :file_id
      AND s.sheet = :sheet
"""
_KEEP = """
    UPDATE {staged} s SET {set_fields}, properties = CAST(k.properties AS json), content_hash = k.content_hash
    FROM kept k WHERE s.id = k.id
"""


def keep_what_is_not_named(draft: Draft, table: SubmissionTable) -> None:
    """A column that an amendment's sheet lacks, or leaves empty throughout, leaves what the current edition says.

    What the sheet itself gave is noted in ``table.kept`` the first time, so that the rest can be taken anew from another
    edition when the base has moved. A code that is brought back does not keep its successor. A map's list keeps what the
    lists before it say; decisions of the committee lie over both.
    """
    layer = _layer(table)
    if table.kept is None:
        sql = _GIVEN.format(unsaid=layer.unsaid, staged=staged_of(table))
        table.kept = [
            {"file_id": r.file_id, "sheet": r.sheet, "blank": _blank(table, layer, r), "named": r.named or []}
            for r in draft.session.execute(text(sql), _values(draft, table))
        ]
        draft.session.flush()
    table.kept = [{**sheet, "filled_in": _keep(draft, table, layer, sheet)} for sheet in table.kept]


def _layer(table: SubmissionTable) -> _Layer:
    return _PAIRS if table.terminology.kind == "map" else _CONCEPTS


def _blank(table: SubmissionTable, layer: _Layer, row: Any) -> list[str]:
    """Fields that the sheet says nothing of. A staged pair always has a relationship; how many were given one is counted
    by the importer, for all sheets of the list together."""
    blank = [field for field in layer.fields if getattr(row, field)]
    all_given = table.rows > 0 and table.filled.get("relationship", 0) >= table.rows
    return [field for field in blank if not (field == "relationship" and all_given)]


def _values(draft: Draft, table: SubmissionTable) -> dict[str, Any]:
    return {"id": draft.submission.id, "tid": table.terminology_id, "part": table.part}


def _keep(draft: Draft, table: SubmissionTable, layer: _Layer, sheet: dict[str, Any]) -> bool:
    """Whether rows of the sheet hold, now or from an earlier comparison, what it did not give."""
    sql = _ROWS.format(
        own=", ".join(f"s.{f}" for f in layer.fields), current=", ".join(f"c.{f} AS c_{f}" for f in layer.fields),
        staged=staged_of(table), live=live_of(table), standing=draft.standing(table.terminology_id),
    )  # fmt: skip
    rows = draft.session.execute(
        text(sql), {**_values(draft, table), "file_id": sheet["file_id"], "sheet": sheet["sheet"]}
    )
    kept: set[str] = set()
    codes = 0
    changed = []
    file = None
    for row in rows:
        file = row.file
        merged, taken = _merged(row, layer, sheet)
        kept |= taken
        codes += bool(taken)
        changed.append(merged)
    if not changed or not (kept or sheet.get("filled_in")):
        return False
    _update(draft, table, layer, changed)
    if kept:
        fields = ", ".join(headings_of(draft, kept))
        draft.tell(
            "fields-kept", place={"file": file, "sheet": sheet["sheet"]}, sheet=sheet["sheet"], count=codes,
            fields_fa=fields.replace(", ", "، "), fields_en=fields,
        )  # fmt: skip
    return True


def _merged(row: Any, layer: _Layer, sheet: dict[str, Any]) -> tuple[dict[str, Any], set[str]]:
    """The row with what it does not name taken from the edition, and the names of the fields that were."""
    values: dict[str, Any] = {field: getattr(row, field) for field in layer.fields}
    taken: set[str] = set()
    for field in sheet["blank"]:
        nothing = layer.fields[field]
        restored = field == "replaced_by" and row.status == "active"
        values[field] = nothing if restored or row.was is None else getattr(row, f"c_{field}")
        if values[field] not in (nothing, "", None):
            taken.add(field)
    named = {name.removesuffix(_TEXT) for name in sheet["named"]}
    own = {k: v for k, v in (row.properties or {}).items() if k in sheet["named"]}
    others = {k: v for k, v in (row.c_properties or {}).items() if k.removesuffix(_TEXT) not in named}
    taken |= others.keys()
    properties = canonical_properties({**others, **own})
    return {"id": row.id, **values, "properties": properties, "content_hash": _hash(row, values, properties)}, taken


def _hash(row: Any, values: dict[str, Any], properties: str | None) -> bytes:
    active = row.status == "active"
    if "relationship" in values:
        return content_hash([row.part, values["relationship"], properties], active=active)
    return concept_hash(
        row.part, values["title_fa"], values["title_en"], values["parent"], values["replaced_by"], properties,
        active=active,
    )  # fmt: skip


def _update(draft: Draft, table: SubmissionTable, layer: _Layer, rows: Iterable[dict[str, Any]]) -> None:
    session = draft.session
    columns = ", ".join(f"{field} text" for field in layer.fields)
    session.execute(
        text(f"CREATE TEMP TABLE kept (id bigint, {columns}, properties text, content_hash bytea) ON COMMIT DROP")
    )
    cursor = session.connection().connection.cursor()
    with cursor.copy("COPY kept FROM STDIN") as copy:
        for row in rows:
            copy.write_row([row["id"], *(row[f] for f in layer.fields), row["properties"], row["content_hash"]])
    set_fields = ", ".join(f"{field} = k.{field}" for field in layer.fields)
    session.execute(text(_KEEP.format(staged=staged_of(table), set_fields=set_fields)))
    session.execute(text("DROP TABLE kept"))
