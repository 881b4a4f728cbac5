"""Set-based merging of a draft into the versioned rows, and its reversal. Only rows whose content changed are touched.

Where the committee ever decided anything on a map, its rows lie in two layers: what the lists say (``listed_mapping``),
which drafts are merged into, and what is published (``mapping``), which is that with the decisions over it
(maxa.registry.decided).
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.orm import Session

from maxa.registry.counts import Counts, counts_of
from maxa.registry.decided import has_layers, open_decisions, publish_decided, restore_decisions, split_layers
from maxa.registry.models import DECISIONS, Submission, SubmissionTable, Terminology
from maxa.registry.staging import RETIRED_HASH
from maxa.registry.transaction import read_whole_lists

_PAIR = "part, code, source_code, target_code, relationship, properties"
# table of versioned rows → where its drafts are staged, and the columns of its content
_LAYERS = {
    "concept": ("staged_concept", "part, code, title_fa, title_en, parent, replaced_by, properties"),
    "listed_mapping": ("staged_mapping", _PAIR),
    "mapping": ("staged_mapping", _PAIR),
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
    staged, content = _LAYERS[live]
    columns = content.split(", ")

    def of(row: str) -> str:
        return ", ".join(f"{row}.{column}" for column in columns)

    return pattern.format(
        live=live, staged=staged, content=content, s_content=of("s"), gone_content=of("gone"), w_content=of("w"),
        retired_hash=RETIRED_HASH.format(table="gone"),
    )  # fmt: skip


def merge_tables(session: Session, submission: Submission, tables: Sequence[SubmissionTable], ordinal: int) -> Counts:
    """Merge what a submission carries for one terminology, all its parts, as release ``ordinal``: staged rows, and of a
    map its decisions. A full list also retires what it does not name. Counts are of what is published."""
    terminology = tables[0].terminology
    decides = submission.scope == DECISIONS
    layered = _is_layered(session, terminology)
    if not layered and not decides:
        live = _live(terminology)
        return sum((_merge(session, submission, table, ordinal, live) for table in tables), Counts())
    if not layered:
        split_layers(session, terminology.id)
    if decides:
        open_decisions(session, submission, terminology.id, ordinal)
    else:
        for table in tables:
            _merge(session, submission, table, ordinal, "listed_mapping")
    return publish_decided(session, terminology.id, ordinal)


def _live(terminology: Terminology) -> str:
    return "mapping" if terminology.kind == "map" else "concept"


def _is_layered(session: Session, terminology: Terminology) -> bool:
    return terminology.kind == "map" and has_layers(session, terminology.id)


def _merge(session: Session, submission: Submission, table: SubmissionTable, ordinal: int, live: str) -> Counts:
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
    counts = counts_of(kinds, added=opened - sum(kinds.values()))
    if submission.scope == "full":
        counts += Counts(retired=_rowcount(session, _sql(_RETIRE, live), values))
    return counts


def _rowcount(session: Session, sql: str, values: dict[str, object]) -> int:
    return session.execute(text(sql), values).rowcount  # type: ignore[attr-defined]


# The rows that stood at release :k (0: none), with a draft's parts (none: :sid is 0) in place of theirs. A code that did
# not stand then is retired, since a code once published never disappears.
_WANTED = """
    CREATE TEMP TABLE wanted ON COMMIT DROP AS
    WITH drafted AS (
        SELECT status, content_hash, {content} FROM {staged}
        WHERE submission_id = :sid AND terminology_id = :tid AND part = ANY(CAST(:parts AS text[]))),
    stood AS (
        SELECT CASE WHEN left_out THEN 'retired' ELSE status END AS status,
               CASE WHEN left_out AND status = 'active' THEN {retired_hash} ELSE content_hash END AS content_hash, {content}
        FROM (SELECT *, :full AND part = ANY(CAST(:parts AS text[])) AS left_out FROM {live}
              WHERE terminology_id = :tid AND since <= :k AND (until IS NULL OR until > :k)) gone
        WHERE NOT EXISTS (SELECT 1 FROM drafted d WHERE d.code = gone.code)),
    then_ AS (SELECT * FROM drafted UNION ALL SELECT * FROM stood)
    SELECT * FROM then_
    UNION ALL
    SELECT 'retired', CASE WHEN gone.status = 'active' THEN {retired_hash} ELSE gone.content_hash END, {gone_content}
    FROM {live} gone WHERE gone.terminology_id = :tid AND gone.until IS NULL
      AND NOT EXISTS (SELECT 1 FROM then_ WHERE then_.code = gone.code)
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
    """Open release ``ordinal`` with the rows that stood at release ``at`` (0: before the first one); of a map, also with
    what its lists said and the decisions that stood then. Counts are of what is published."""
    values = {"tid": terminology.id, "k": at, "n": ordinal, "sid": 0, "parts": [], "full": False}
    if not _is_layered(session, terminology):
        return _restore(session, _live(terminology), values)
    _restore(session, "listed_mapping", values)
    restore_decisions(session, terminology.id, at, ordinal)
    return _restore(session, "mapping", values)


def merge_into(
    session: Session, submission: Submission, tables: Sequence[SubmissionTable], at: int, ordinal: int
) -> Counts:
    """Open release ``ordinal`` with the rows that stood at release ``at``, in which the drafted parts of ``tables``, all
    of one terminology, stand in place of their own: what :func:`merge_tables` would have made of them then."""
    terminology = tables[0].terminology
    values = {
        "tid": terminology.id, "k": at, "n": ordinal, "sid": submission.id, "parts": [t.part for t in tables],
        "full": submission.scope == "full",
    }  # fmt: skip
    if not _is_layered(session, terminology):
        return _restore(session, _live(terminology), values)
    _restore(session, "listed_mapping", values)
    restore_decisions(session, terminology.id, at, ordinal)
    return publish_decided(session, terminology.id, ordinal)


def _restore(session: Session, live: str, values: dict[str, object]) -> Counts:
    read_whole_lists(session)
    session.execute(text(_sql(_WANTED, live)), values)
    closed = session.execute(text(_sql(_CLOSE_UNWANTED, live)), values).all()
    kinds = {(before, after): count for before, after, count in closed}
    opened = _rowcount(session, _sql(_OPEN_WANTED, live), values)
    session.execute(text("DROP TABLE wanted"))
    return counts_of(kinds, added=opened - sum(kinds.values()))
