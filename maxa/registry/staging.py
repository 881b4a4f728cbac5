"""Load an importer's spooled rows into the staging tables, by COPY, with the hash that versions are told apart by."""

from __future__ import annotations

import hashlib
from typing import Any

import orjson
from sqlalchemy import Engine, delete, func, select, text
from sqlalchemy.orm import Session

from importers.rows import CONCEPT_FIELDS, MAP_FIELDS, Extract, Table
from importers.rows import Finding as ImportFinding
from maxa.errors import BadWorkbook
from maxa.registry.models import (
    Concept,
    Finding,
    MappingByPart,
    Release,
    StagedConcept,
    StagedMapping,
    Submission,
    SubmissionTable,
    Terminology,
)
from maxa.registry.transaction import transaction

PAIR_SEPARATOR = "\x1f"

_PLACE = ("file_id", "sheet", "row", '"column"', "doubt")
CONCEPT_COLUMNS = (
    "submission_id", "terminology_id", "part", "code", "status", "title_fa", "title_en", "parent", "replaced_by",
    "properties", "content_hash", *_PLACE,
)  # fmt: skip
MAPPING_COLUMNS = (
    "submission_id", "terminology_id", "part", "code", "status", "source_code", "target_code", "relationship",
    "properties", "content_hash", *_PLACE,
)  # fmt: skip


def content_hash(content: list[Any], *, active: bool) -> bytes:
    """sha256 of the content as canonical JSON; a retired row hashes its active form and a mark (see RETIRED_HASH)."""
    digest = hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).digest()
    return digest if active else hashlib.sha256(digest + b"retired").digest()


RETIRED_HASH = "sha256({table}.content_hash || 'retired'::bytea)"  # the same rule in SQL


def concept_hash(
    part: str, fa: str, en: str, parent: str | None, replaced_by: str | None, properties: str | None, *, active: bool
) -> bytes:
    """``properties`` as :func:`canonical_properties` gives them."""
    return content_hash([part, fa, en, parent, replaced_by, properties], active=active)


def canonical_properties(properties: dict[str, Any]) -> str | None:
    """JSON with sorted keys, without what is empty; ``None`` where nothing is left."""
    kept = {k: v for k, v in properties.items() if v is not None and v != ""}
    return orjson.dumps(kept, option=orjson.OPT_SORT_KEYS).decode() if kept else None


def _concept_record(fields: list[Any], ids: tuple[int, int, str], file_id: int) -> tuple[Any, ...]:
    code, fa, en, status, parent, replaced_by, properties, sheet, row, column, doubt = fields
    kept = canonical_properties(properties)
    hashed = concept_hash(ids[2], fa, en, parent, replaced_by, kept, active=status == "active")
    place = (file_id, sheet, row, column, orjson.dumps(doubt).decode() if doubt else None)
    return (*ids, code, status, fa, en, parent, replaced_by, kept, hashed, *place)


def _mapping_record(fields: list[Any], ids: tuple[int, int, str], file_id: int) -> tuple[Any, ...]:
    source, target, relationship, properties, sheet, row, column, doubt, status = fields
    kept = canonical_properties(properties)
    hashed = content_hash([ids[2], relationship, kept], active=status == "active")
    place = (file_id, sheet, row, column, orjson.dumps(doubt).decode() if doubt else None)
    code = f"{source}{PAIR_SEPARATOR}{target}"
    return (*ids, code, status, source, target, relationship, kept, hashed, *place)


def terminology_named(engine: Engine, table: Table) -> int:
    """Id of the terminology; it is made, with the titles that the source declares, when it is new. Until it is published
    the newest draft names it, and its first publication settles that (:func:`settle_name`).

    In a transaction of its own: two imports that name new terminologies must not wait for each other to their ends.
    """
    with transaction(engine) as session:
        session.execute(
            text(
                "INSERT INTO terminology(name, kind, title_fa, title_en, source, target)"
                " VALUES (:name, :kind, :title_fa, :title_en, :source, :target)"
                " ON CONFLICT (lower(name)) DO UPDATE SET name = excluded.name, title_fa = excluded.title_fa,"
                " title_en = excluded.title_en, source = excluded.source, target = excluded.target"
                " WHERE NOT EXISTS (SELECT 1 FROM release r WHERE r.terminology_id = terminology.id)"
                " AND (terminology.name, terminology.title_fa, terminology.title_en, terminology.source,"
                " terminology.target) <> (:name, :title_fa, :title_en, :source, :target)"
            ),
            {**_named(table), "kind": "map" if table.kind == "map" else "codes"},
        )
        return session.scalars(
            select(Terminology.id).where(func.lower(Terminology.name) == table.terminology.lower())
        ).one()


def _named(table: Table) -> dict[str, str]:
    return {
        "name": table.terminology, "title_fa": table.title_fa or table.terminology,
        "title_en": table.title_en or table.terminology, "source": table.source, "target": table.target,
    }  # fmt: skip


def settle_name(session: Session, terminology: Terminology, table: SubmissionTable) -> None:
    """A terminology that was never published is called what the list says that is its first, not what a draft said that
    was rejected or that failed."""
    published = select(Release.id).where(Release.terminology_id == terminology.id)
    if table.named is not None and not session.scalar(select(published.exists())):
        for field, value in table.named.items():
            setattr(terminology, field, value)
        session.flush()


def clear_draft(session: Session, submission_id: int, *, keep_findings: bool = False) -> None:
    """Remove a submission's staged rows, and unless told otherwise its tables and findings, so that importing may
    begin anew."""
    kept: tuple[type[Finding | SubmissionTable], ...] = () if keep_findings else (Finding, SubmissionTable)
    for model in (StagedConcept, StagedMapping, *kept):
        session.execute(delete(model).where(model.submission_id == submission_id))


_NUL = b"\\u0000"  # as JSON writes it


def _refuse_nul(lines: bytes, is_map: bool) -> None:
    """PostgreSQL holds no NUL. Importers remove it from texts, so one that comes this far is a fault of theirs."""
    fields = MAP_FIELDS if is_map else CONCEPT_FIELDS
    for line in lines.splitlines():
        values = orjson.loads(line)
        if _holds_nul(values):
            row = dict(zip(fields, values, strict=False))
            place = f"«{row['sheet']}» {row['column']}{row['row']}".replace("\0", "")
            raise BadWorkbook(
                f"در {place} نویسه‌ای (NUL) هست که در متن جایی ندارد؛ آن خانه را از نو بنویسید.",
                f"There is a NUL character at {place}, which has no place in a text: enter that cell anew.",
                data={"reason": "nul-character", "sheet": row["sheet"].replace("\0", ""), "row": row["row"]},
            )


def _holds_nul(value: Any) -> bool:
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any(_holds_nul(one) for pair in value.items() for one in pair)
    return isinstance(value, list) and any(map(_holds_nul, value))


class RowsLoader:
    """Copies one workbook's rows into the staging tables, block by block as they are spooled."""

    def __init__(self, engine: Engine, session: Session, submission: Submission, file_id: int) -> None:
        self._engine, self._session = engine, session
        self._submission_id, self._file_id = submission.id, file_id
        self._is_full = submission.scope == "full"
        self._ids: dict[str, int] = {}

    def take(self, table: Table, lines: bytes) -> None:
        """COPY the rows of ``lines`` (importers.rows: one JSON array a line)."""
        if not lines:
            return
        if table.terminology not in self._ids:
            self._ids[table.terminology] = terminology_named(self._engine, table)
        is_map = table.kind == "map"
        columns, into = (MAPPING_COLUMNS, "staged_mapping") if is_map else (CONCEPT_COLUMNS, "staged_concept")
        make = _mapping_record if is_map else _concept_record
        if _NUL in lines:
            _refuse_nul(lines, is_map)
        ids = (self._submission_id, self._ids[table.terminology], table.part)
        cursor = self._session.connection().connection.cursor()
        with cursor.copy(f"COPY {into} ({', '.join(columns)}) FROM STDIN") as copy:
            for line in lines.splitlines():
                copy.write_row(make(orjson.loads(line), ids, self._file_id))

    def finish(self, extract: Extract, file_name: str) -> None:
        """Note what the workbook carried, and its findings, once all rows are taken."""
        for table in extract.tables:
            if not table.rows and not self._empties(table):
                continue
            terminology_id = self._ids.get(table.terminology) or terminology_named(self._engine, table)
            _note_table(self._session, self._submission_id, terminology_id, table)
        add_findings(self._session, self._submission_id, extract.findings, file_name)

    def _empties(self, table: Table) -> bool:
        """Whether a table without rows says something: a full list of a part that holds pairs or codes now."""
        live = MappingByPart if table.kind == "map" else Concept
        held = (
            select(live.id)
            .join(Terminology, Terminology.id == live.terminology_id)
            .where(
                func.lower(Terminology.name) == table.terminology.lower(), live.part == table.part,
                live.until.is_(None), live.status == "active",
            )
        )  # fmt: skip
        return self._is_full and bool(self._session.scalar(select(held.exists())))


def _note_table(session: Session, submission_id: int, terminology_id: int, table: Table) -> None:
    e = table.expected
    expected = {
        "min_rows": e.min_rows, "max_rows": e.max_rows,
        "max_retired_share": e.max_retired_share, "max_changed_share": e.max_changed_share,
        "max_added_share": e.max_added_share,
    }  # fmt: skip
    row = session.query(SubmissionTable).filter_by(
        submission_id=submission_id, terminology_id=terminology_id, part=table.part
    ).one_or_none()  # fmt: skip
    if row is None:
        session.add(
            SubmissionTable(
                submission_id=submission_id, terminology_id=terminology_id, part=table.part, rows=table.rows,
                expected=expected, filled=dict(getattr(table, "filled", {})), named=_named(table),
            )
        )  # fmt: skip
    else:  # the same part in a second workbook of the submission
        row.rows += table.rows
        more = getattr(table, "filled", {})
        row.filled = {name: row.filled.get(name, 0) + more.get(name, 0) for name in {**row.filled, **more}}
    session.flush()


def add_findings(session: Session, submission_id: int, findings: list[ImportFinding], file_name: str | None) -> None:
    session.add_all(
        Finding(
            submission_id=submission_id, rule=f.rule, severity=str(f.severity), message_fa=f.message_fa,
            message_en=f.message_en, file=f.file or file_name, sheet=f.sheet, row=f.row, column=f.column,
            heading=f.heading, value=f.value,
        )
        for f in findings
    )  # fmt: skip
    session.flush()


def digest_of_draft(session: Session, submission_id: int) -> str:
    """sha256 over all staged rows in code order, and all decisions: what an approval binds to."""
    digest = hashlib.sha256()
    for table in ("staged_concept", "staged_mapping"):
        rows = session.execute(
            text(
                "SELECT terminology_id, part, count(*), encode(sha256(string_agg(convert_to(code, 'UTF8') || content_hash,"  # noqa: S608
                f" ''::bytea ORDER BY code)), 'hex') FROM {table} WHERE submission_id = :id GROUP BY 1, 2 ORDER BY 1, 2"
            ),
            {"id": submission_id},
        )
        for row in rows:
            digest.update(orjson.dumps(list(row)))
    decided = session.execute(
        text(
            "SELECT id, code, verdict, relationship, CAST(properties AS text), part, reason, revokes FROM mapping_decision"
            " WHERE submission_id = :id ORDER BY id"
        ),
        {"id": submission_id},
    )
    for row in decided:
        digest.update(orjson.dumps(list(row)))
    return digest.hexdigest()
