"""Set-based merging of a draft into the versioned rows, and its reversal. Only rows whose content changed are touched."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from maxa.registry.models import Release, Submission, SubmissionTable
from maxa.registry.staging import RETIRED_HASH
from maxa.registry.transaction import read_whole_lists


class Counts(NamedTuple):
    added: int = 0
    changed: int = 0
    retired: int = 0
    restored: int = 0

    @property
    def any(self) -> bool:
        return sum(self) > 0

    def __add__(self, other: object) -> Counts:
        if not isinstance(other, Counts):
            return NotImplemented
        return Counts(*(a + b for a, b in zip(self, other, strict=True)))


_CONTENT = {
    "concept": "part, code, title_fa, title_en, parent, replaced_by, properties",
    "mapping": "part, code, source_code, target_code, relationship, properties",
}

# Close current rows whose content differs, telling what they were.
_CLOSE_CHANGED = """
    WITH closed AS (
        UPDATE {live} c SET until = :n FROM {staged} s
        WHERE s.submission_id = :sid AND s.terminology_id = :tid AND s.part = :part
          AND c.terminology_id = :tid AND c.code = s.code AND c.until IS NULL AND c.content_hash <> s.content_hash
        RETURNING c.status AS before, s.status AS after)
    SELECT before, after, count(*) FROM closed GROUP BY 1, 2
"""
# Open a row for each staged code that has no current one: new, or just closed. A code whose staged row was equal
# has kept its current row.
_OPEN = """
    INSERT INTO {live} (terminology_id, since, status, content_hash, {content})
    SELECT :tid, :n, s.status, s.content_hash, {s_content} FROM {staged} s
    WHERE s.submission_id = :sid AND s.terminology_id = :tid AND s.part = :part
      AND NOT EXISTS (SELECT 1 FROM {live} c WHERE c.terminology_id = :tid AND c.code = s.code AND c.until IS NULL)
"""
_OPEN_ALL = """
    INSERT INTO {live} (terminology_id, since, status, content_hash, {content})
    SELECT :tid, :n, s.status, s.content_hash, {s_content} FROM {staged} s
    WHERE s.submission_id = :sid AND s.terminology_id = :tid AND s.part = :part
"""
# What a full list no longer names is retired: its active row is closed, a retired one with the same content opened.
_RETIRE = """
    WITH gone AS (
        UPDATE {live} c SET until = :n
        WHERE c.terminology_id = :tid AND c.part = :part AND c.until IS NULL AND c.status = 'active'
          AND NOT EXISTS (SELECT 1 FROM {staged} s WHERE s.submission_id = :sid AND s.terminology_id = :tid
                          AND s.code = c.code)
        RETURNING c.*)
    INSERT INTO {live} (terminology_id, since, status, content_hash, {content})
    SELECT :tid, :n, 'retired', {retired_hash}, {content} FROM gone
"""


def _sql(pattern: str, live: str) -> str:
    content = _CONTENT[live]
    return pattern.format(
        live=live, staged=f"staged_{live}", content=content,
        s_content=", ".join(f"s.{c.strip()}" for c in content.split(",")), retired_hash=RETIRED_HASH.format(table="gone"),
    )  # fmt: skip


def merge_table(session: Session, submission: Submission, table: SubmissionTable, ordinal: int) -> Counts:
    """Merge one part's staged rows as release ``ordinal``; a full list also retires what it does not name."""
    live = "mapping" if table.terminology.kind == "map" else "concept"
    values = {"sid": submission.id, "tid": table.terminology_id, "part": table.part, "n": ordinal}
    empty = session.scalar(
        text(f"SELECT NOT EXISTS (SELECT 1 FROM {live} WHERE terminology_id = :tid AND until IS NULL)"),  # noqa: S608
        {"tid": table.terminology_id},
    )
    if empty:
        opened = _rowcount(session, _sql(_OPEN_ALL, live), values)
        return Counts(added=opened)
    read_whole_lists(session)
    closed = session.execute(text(_sql(_CLOSE_CHANGED, live)), values).all()
    kinds = {(before, after): count for before, after, count in closed}
    changed = kinds.get(("active", "active"), 0) + kinds.get(("retired", "retired"), 0)
    retired, restored = kinds.get(("active", "retired"), 0), kinds.get(("retired", "active"), 0)
    opened = _rowcount(session, _sql(_OPEN, live), values)
    if submission.scope == "full":
        retired += _rowcount(session, _sql(_RETIRE, live), values)
    return Counts(added=opened - sum(kinds.values()), changed=changed, retired=retired, restored=restored)


def _rowcount(session: Session, sql: str, values: dict[str, object]) -> int:
    return session.execute(text(sql), values).rowcount  # type: ignore[attr-defined]


# Undo release :m by release :n. Rows that :m opened are closed; what it closed is opened again as it was; codes that
# it added stay as retired, since a code once published never disappears.
_UNDO_CLOSE = """
    UPDATE {live} c SET until = :n WHERE c.terminology_id = :tid AND c.since = :m AND c.until IS NULL
"""
_UNDO_OPEN = """
    INSERT INTO {live} (terminology_id, since, status, content_hash, {content})
    SELECT :tid, :n, old.status, old.content_hash, {old_content} FROM {live} old
    WHERE old.terminology_id = :tid AND old.until = :m
"""
_UNDO_ADDED = """
    INSERT INTO {live} (terminology_id, since, status, content_hash, {content})
    SELECT :tid, :n, 'retired', {retired_hash}, {new_content} FROM {live} new
    WHERE new.terminology_id = :tid AND new.since = :m AND new.status = 'active'
      AND NOT EXISTS (SELECT 1 FROM {live} old WHERE old.terminology_id = :tid AND old.until = :m AND old.code = new.code)
"""
_UNDO_ADDED_RETIRED = """
    UPDATE {live} c SET until = NULL WHERE c.terminology_id = :tid AND c.since = :m AND c.until = :n
      AND c.status = 'retired'
      AND NOT EXISTS (SELECT 1 FROM {live} old WHERE old.terminology_id = :tid AND old.until = :m AND old.code = c.code)
"""


def reverse_release(session: Session, release: Release, ordinal: int) -> Counts:
    """Open release ``ordinal`` with the rows that stood before ``release``, the latest one of its terminology."""
    live = "mapping" if release.terminology.kind == "map" else "concept"
    values = {"tid": release.terminology_id, "m": release.ordinal, "n": ordinal}
    content = _CONTENT[live]

    def sql(pattern: str) -> str:
        return pattern.format(
            live=live, content=content, retired_hash=RETIRED_HASH.format(table="new"),
            old_content=", ".join(f"old.{c.strip()}" for c in content.split(",")),
            new_content=", ".join(f"new.{c.strip()}" for c in content.split(",")),
        )  # fmt: skip

    read_whole_lists(session)
    session.execute(text(sql(_UNDO_CLOSE)), values)
    session.execute(text(sql(_UNDO_ADDED_RETIRED)), values)
    session.execute(text(sql(_UNDO_OPEN)), values)
    session.execute(text(sql(_UNDO_ADDED)), values)
    back = session.execute(
        text(
            f"SELECT a.status, b.status, count(*) FROM {live} a JOIN {live} b ON b.terminology_id = a.terminology_id"  # noqa: S608
            " AND b.code = a.code AND b.since = :n WHERE a.terminology_id = :tid AND a.since = :m AND a.until = :n"
            " GROUP BY 1, 2"
        ),
        values,
    ).all()
    kinds = {(before, after): count for before, after, count in back}
    return Counts(
        added=0,
        changed=kinds.get(("active", "active"), 0) + kinds.get(("retired", "retired"), 0),
        retired=kinds.get(("active", "retired"), 0),
        restored=kinds.get(("retired", "active"), 0),
    )
