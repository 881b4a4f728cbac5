"""Bring rows of earlier releases back as a new one, set-based: for withdrawals, and for editions of the past."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import text
from sqlalchemy.orm import Session

from maxa.registry.counts import Counts, counts_of
from maxa.registry.decided import publish_decided, restore_decisions
from maxa.registry.history import standing
from maxa.registry.merge import is_layered, layer_sql, observed_rows, rowcount
from maxa.registry.models import Submission, SubmissionTable, Terminology
from maxa.registry.parts import needs_parts, split_parts, unite_parts
from maxa.registry.transaction import read_whole_lists

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
        WHERE NOT EXISTS (SELECT 1 FROM drafted d WHERE {d_gone})),
    then_ AS (SELECT * FROM drafted UNION ALL SELECT * FROM stood)
    SELECT * FROM then_
    UNION ALL
    SELECT 'retired', CASE WHEN gone.status = 'active' THEN {retired_hash} ELSE gone.content_hash END, {gone_content}
    FROM {live} gone WHERE gone.terminology_id = :tid AND gone.until IS NULL
      AND NOT EXISTS (SELECT 1 FROM then_ WHERE {then__gone})
"""
# Of some parts the rows that stood at release :ks, each part at its own; what else they hold now is retired. A code that is
# another part's by now stays with that one.
_WANTED_PARTS = """
    CREATE TEMP TABLE wanted ON COMMIT DROP AS
    WITH stood AS (
        SELECT DISTINCT ON ({r_key}) r.status, r.content_hash, {r_content}
        FROM {live} r JOIN unnest(CAST(:parts AS text[]), CAST(:ks AS int[])) AS x (part, k) ON x.part = r.part
        WHERE r.terminology_id = :tid AND r.since <= x.k AND (r.until IS NULL OR r.until > x.k)
        ORDER BY {r_key}, r.status = 'active' DESC, x.k DESC, r.part COLLATE "C"),
    kept AS (SELECT code, part, status FROM {live}
             WHERE terminology_id = :tid AND until IS NULL AND part <> ALL(CAST(:parts AS text[])))
    SELECT * FROM stood
    WHERE NOT EXISTS (SELECT 1 FROM kept WHERE {kept_stood} AND (kept.status = 'active' OR stood.status = 'retired'))
    UNION ALL
    SELECT 'retired', CASE WHEN gone.status = 'active' THEN {retired_hash} ELSE gone.content_hash END, {gone_content}
    FROM {live} gone WHERE gone.terminology_id = :tid AND gone.until IS NULL AND gone.part = ANY(CAST(:parts AS text[]))
      AND NOT EXISTS (SELECT 1 FROM stood WHERE {stood_gone})
"""
_CLOSE_UNWANTED = """
    WITH closed AS (
        UPDATE {live} c SET until = :n FROM wanted w
        WHERE c.terminology_id = :tid AND {c_w} AND c.until IS NULL AND c.content_hash <> w.content_hash
        RETURNING c.status AS before, w.status AS after)
    SELECT before, after, count(*) FROM closed GROUP BY 1, 2
"""
_OPEN_WANTED = """
    INSERT INTO {live} (terminology_id, since, status, content_hash, {content})
    SELECT :tid, :n, w.status, w.content_hash, {w_content} FROM wanted w
    WHERE NOT EXISTS (SELECT 1 FROM {live} c WHERE c.terminology_id = :tid AND {c_w} AND c.until IS NULL)
"""


def restore_rows(session: Session, terminology: Terminology, at: int, ordinal: int) -> Counts:
    """Open release ``ordinal`` with the rows that stood at release ``at`` (0: before the first one); of a map, also with
    what its lists said and the decisions that stood then. Counts are of what is published."""
    values = {"tid": terminology.id, "k": at, "n": ordinal, "sid": 0, "parts": [], "full": False}
    for live in layers(session, terminology)[1:]:
        _restore(session, _WANTED, live, values)
    if is_layered(session, terminology):
        restore_decisions(session, terminology.id, at, ordinal)
    return _restore(session, _WANTED, layers(session, terminology)[0], values)


def layers(session: Session, terminology: Terminology) -> list[str]:
    """The tables that hold versioned rows of a terminology, what is published first."""
    if terminology.kind != "map":
        return ["concept"]
    listed = ["listed_mapping"] if is_layered(session, terminology) else []
    return ["mapping", *listed, *(["part_mapping"] if terminology.parted else [])]


def restore_parts(
    session: Session,
    terminology: Terminology,
    parts: Mapping[str, int],
    ordinal: int,
    *,
    decisions_at: int | None = None,
) -> Counts:
    """Open release ``ordinal`` with rows of these parts as they stood at a release each (0: none), and the others as they
    are; ``decisions_at``: also the decisions that stood at that release. Counts are of what is published."""
    layered = is_layered(session, terminology)
    observed = observed_rows(terminology, layered=layered)
    counts = Counts()
    if parts:
        values = {"tid": terminology.id, "n": ordinal, "parts": list(parts), "ks": list(parts.values())}
        if terminology.parted:
            _restore(session, _WANTED_PARTS, "part_mapping", values)
            counts = unite_parts(session, terminology.id, ordinal, observed)
        else:
            counts = _restore(session, _WANTED_PARTS, observed, values)
    if decisions_at is not None:
        restore_decisions(session, terminology.id, decisions_at, ordinal)
    return publish_decided(session, terminology.id, ordinal) if layered else counts


def merge_into(
    session: Session, submission: Submission, tables: Sequence[SubmissionTable], at: int, ordinal: int
) -> Counts:
    """Open release ``ordinal`` with the rows that stood at release ``at``, in which the drafted parts of ``tables``, all
    of one terminology, stand in place of their own: what merging them (maxa.registry.merge) would have made then."""
    terminology = tables[0].terminology
    parts = [table.part for table in tables]
    values = {
        "tid": terminology.id, "k": at, "n": ordinal, "sid": submission.id, "parts": parts,
        "full": submission.scope == "full",
    }  # fmt: skip
    layered = is_layered(session, terminology)
    observed = observed_rows(terminology, layered=layered)
    if needs_parts(session, terminology, submission, parts):
        split_parts(session, terminology)
        _restore(session, _WANTED, "part_mapping", values)
        counts = unite_parts(session, terminology.id, ordinal, observed)
    else:
        counts = _restore(session, _WANTED, observed, values)
    if not layered:
        return counts
    restore_decisions(session, terminology.id, at, ordinal)
    return publish_decided(session, terminology.id, ordinal)


def _restore(session: Session, wanted: str, live: str, values: dict[str, object]) -> Counts:
    read_whole_lists(session)
    session.execute(text(layer_sql(wanted, live)), values)
    closed = session.execute(text(layer_sql(_CLOSE_UNWANTED, live)), values).all()
    kinds = {(before, after): count for before, after, count in closed}
    opened = rowcount(session, layer_sql(_OPEN_WANTED, live), values)
    session.execute(text("DROP TABLE wanted"))
    return counts_of(kinds, added=opened - sum(kinds.values()))


# Codes that came later than an edition of the past were unknown then, not retired. (A pair that its list carries and that was
# decided against may have been closed only to be retired: it was not published then.)
_NOT_KNOWN_THEN = """
    c.terminology_id = :tid
    AND NOT EXISTS (SELECT 1 FROM {live} then_ WHERE then_.terminology_id = :tid AND {then__c} AND {standing})
    AND NOT EXISTS (SELECT 1 FROM {staged} s WHERE s.submission_id = :sid AND s.terminology_id = :tid AND {s_c}
                    AND (c.status = 'active' OR s.status = 'retired'))
"""


def leave_out_later(session: Session, submission: Submission, terminology: Terminology, at: int, ordinal: int) -> None:
    """From release ``ordinal``, which was made of the one ``at`` and a draft, take what neither of them has."""
    values = {"tid": terminology.id, "sid": submission.id, "n": ordinal}
    for live in layers(session, terminology):
        unknown = layer_sql(_NOT_KNOWN_THEN.replace("{standing}", standing("then_", at)), live)
        session.execute(text(f"DELETE FROM {live} c WHERE c.since = :n AND {unknown}"), values)  # noqa: S608
        session.execute(
            text(f"UPDATE {live} c SET until = :n WHERE c.until IS NULL AND c.since < :n AND {unknown}"),  # noqa: S608
            values,
        )
