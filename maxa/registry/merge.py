"""Set-based merging of a draft into the versioned rows, and its reversal. Only rows whose content changed are touched."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from maxa.registry.models import Submission, SubmissionTable, Terminology
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
    opened = _rowcount(session, _sql(_OPEN, live), values)
    counts = _counts(kinds, added=opened - sum(kinds.values()))
    if submission.scope == "full":
        counts += Counts(retired=_rowcount(session, _sql(_RETIRE, live), values))
    return counts


def _rowcount(session: Session, sql: str, values: dict[str, object]) -> int:
    return session.execute(text(sql), values).rowcount  # type: ignore[attr-defined]


# The rows that stood at release :k (0: none). A code that did not stand then is retired, since a code once published
# never disappears.
_WANTED = """
    CREATE TEMP TABLE wanted ON COMMIT DROP AS
    SELECT status, content_hash, {content} FROM {live}
    WHERE terminology_id = :tid AND since <= :k AND (until IS NULL OR until > :k)
    UNION ALL
    SELECT 'retired', CASE WHEN gone.status = 'active' THEN {retired_hash} ELSE gone.content_hash END, {gone_content}
    FROM {live} gone WHERE gone.terminology_id = :tid AND gone.until IS NULL
      AND NOT EXISTS (SELECT 1 FROM {live} then_ WHERE then_.terminology_id = :tid AND then_.code = gone.code
                      AND then_.since <= :k AND (then_.until IS NULL OR then_.until > :k))
"""
_CLOSE_UNWANTED = """
    WITH closed AS (
        UPDATE {live} c SET until = :n FROM wanted w
        WHERE c.terminology_id = :tid AND c.code = w.code AND c.until IS NULL AND c.content_hash <> w.content_hash
        RETURNING c.status AS before, w.status AS after)
    SELECT before, after, count(*) FROM closed GROUP BY 1, 2
"""
_OPEN_WANTED = """
    INSERT INTO {live} (terminology_id, since, status, content_hash, {content})
    SELECT :tid, :n, w.status, w.content_hash, {w_content} FROM wanted w
    WHERE NOT EXISTS (SELECT 1 FROM {live} c WHERE c.terminology_id = :tid AND c.code = w.code AND c.until IS NULL)
"""


def restore_rows(session: Session, terminology: Terminology, at: int, ordinal: int) -> Counts:
    """Open release ``ordinal`` with the rows that stood at release ``at`` (0: before the first one)."""
    live = "mapping" if terminology.kind == "map" else "concept"
    values = {"tid": terminology.id, "k": at, "n": ordinal}
    columns = [c.strip() for c in _CONTENT[live].split(",")]

    def sql(pattern: str) -> str:
        return pattern.format(
            live=live, content=_CONTENT[live], retired_hash=RETIRED_HASH.format(table="gone"),
            gone_content=", ".join(f"gone.{c}" for c in columns), w_content=", ".join(f"w.{c}" for c in columns),
        )  # fmt: skip

    read_whole_lists(session)
    session.execute(text(sql(_WANTED)), values)
    closed = session.execute(text(sql(_CLOSE_UNWANTED)), values).all()
    session.execute(text(sql(_OPEN_WANTED)), values)
    session.execute(text("DROP TABLE wanted"))
    return _counts({(before, after): count for before, after, count in closed})


def _counts(kinds: dict[tuple[str, str], int], *, added: int = 0) -> Counts:
    return Counts(
        added=added,
        changed=kinds.get(("active", "active"), 0) + kinds.get(("retired", "retired"), 0),
        retired=kinds.get(("active", "retired"), 0),
        restored=kinds.get(("retired", "active"), 0),
    )
