"""Pairs that several parts of a map carry (docs/adr/0018-pairs-of-several-parts.md).

What the lists say of a map is the union of its parts. Once two of them carried the same pair, its rows are kept by part in
``part_mapping``, versioned by the ordinals of the map's releases, and drafts are merged into that. What lies above, the
``observed`` rows, is at every release

    of each pair, the row of the first part, in the binary order of their names, that lists it as active; retired where none does

A map whose parts have no pair in common needs no such layer: each of its rows has one part that can say something of it.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import text
from sqlalchemy.orm import Session

from maxa.registry.counts import Counts, counts_of
from maxa.registry.models import DECISIONS, Submission, Terminology
from maxa.registry.staging import RETIRED_HASH
from maxa.registry.transaction import read_whole_lists

_CONTENT = "part, code, source_code, target_code, relationship, properties"
_COLUMNS = f"terminology_id, since, until, status, content_hash, {_CONTENT}"
_UNION = f"""
    SELECT DISTINCT ON (code) status, content_hash, {_CONTENT} FROM ({{by_part}}) p
    ORDER BY code, status = 'active' DESC, part COLLATE "C"
"""  # noqa: S608


def united(by_part: str, observed: str) -> str:
    """SQL of what lists say of a map, one row a pair, from SQL of what those of each part say. ``observed`` is SQL of what
    they said until now: a pair that no part carries any more stays as it was, retired."""
    return f"""
        SELECT u.code, u.source_code, u.target_code, u.status,
            CASE WHEN o.code IS NULL OR u.status = 'active' THEN u.part ELSE o.part END AS part,
            CASE WHEN o.code IS NULL OR u.status = 'active' THEN u.relationship ELSE o.relationship END AS relationship,
            CASE WHEN o.code IS NULL OR u.status = 'active' THEN u.properties ELSE o.properties END AS properties,
            CASE WHEN o.code IS NULL OR u.status = 'active' THEN u.content_hash
                 WHEN o.status = 'active' THEN {RETIRED_HASH.format(table="o")} ELSE o.content_hash END AS content_hash
        FROM ({_UNION.format(by_part=by_part)}) u LEFT JOIN ({observed}) o ON o.code = u.code
    """  # noqa: S608


_PARTS = "SELECT DISTINCT unnest(parts) FROM release WHERE terminology_id = :tid"
# Whatever another part ever said of a pair can come back by a withdrawal, so that retired and past rows count, too.
_IN_COMMON = """
    SELECT EXISTS (SELECT 1 FROM staged_mapping s JOIN observed_mapping o ON o.code = s.code AND o.part <> s.part
                   WHERE s.submission_id = :sid AND s.terminology_id = :tid AND o.terminology_id = :tid)
        OR :several AND EXISTS (
            SELECT 1 FROM staged_mapping s WHERE s.submission_id = :sid AND s.terminology_id = :tid
            GROUP BY s.code HAVING min(s.part) <> max(s.part))
"""


def needs_parts(session: Session, terminology: Terminology, submission: Submission, drafted: Collection[str]) -> bool:
    """Whether rows of a map are kept by part, or must be once a draft of the parts ``drafted`` is merged into it."""
    if terminology.kind != "map" or terminology.parted:
        return terminology.parted
    if submission.scope == DECISIONS:
        return False
    values = {"tid": terminology.id, "sid": submission.id, "several": len(set(drafted)) > 1}
    if len(set(drafted).union(session.scalars(text(_PARTS), values))) < 2:
        return False
    read_whole_lists(session)
    return bool(session.scalar(text(_IN_COMMON), values))


def split_parts(session: Session, terminology: Terminology) -> None:
    """From now on keep the rows of a map by part: until now each pair was one part's."""
    if terminology.parted:
        return
    session.execute(
        text(
            f"INSERT INTO part_mapping ({_COLUMNS}) SELECT {_COLUMNS} FROM observed_mapping"  # noqa: S608
            " WHERE terminology_id = :tid ORDER BY id"
        ),
        {"tid": terminology.id},
    )
    terminology.parted = True
    session.flush()


_BY_PART = f"SELECT status, content_hash, {_CONTENT} FROM part_mapping WHERE terminology_id = :tid AND until IS NULL"  # noqa: S608
_UNITE = f"CREATE TEMP TABLE united ON COMMIT DROP AS {_UNION.format(by_part=_BY_PART)}"
_CLOSE = """
    WITH closed AS (
        UPDATE {observed} c SET until = :n FROM united u
        WHERE c.terminology_id = :tid AND c.code = u.code AND c.until IS NULL AND u.status = 'active'
          AND c.content_hash <> u.content_hash
        RETURNING c.status AS before)
    SELECT before, count(*) AS pairs FROM closed GROUP BY 1
"""
_OPEN = f"""
    INSERT INTO {{observed}} (terminology_id, since, status, content_hash, {_CONTENT})
    SELECT :tid, :n, status, content_hash, {_CONTENT} FROM united u
    WHERE NOT EXISTS (SELECT 1 FROM {{observed}} c WHERE c.terminology_id = :tid AND c.code = u.code AND c.until IS NULL)
"""  # noqa: S608
_RETIRE = f"""
    WITH gone AS (
        UPDATE {{observed}} c SET until = :n
        WHERE c.terminology_id = :tid AND c.until IS NULL AND c.status = 'active'
          AND NOT EXISTS (SELECT 1 FROM united u WHERE u.code = c.code AND u.status = 'active')
        RETURNING c.*)
    INSERT INTO {{observed}} (terminology_id, since, status, content_hash, {_CONTENT})
    SELECT :tid, :n, 'retired', {RETIRED_HASH.format(table="gone")}, {_CONTENT} FROM gone
"""  # noqa: S608


def unite_parts(session: Session, terminology_id: int, ordinal: int, observed: str) -> Counts:
    """Bring the rows of the table ``observed``, as release ``ordinal``, to what the lists of all parts say."""
    values = {"tid": terminology_id, "n": ordinal}
    read_whole_lists(session)
    session.execute(text(_UNITE), values)
    closed = {row.before: row.pairs for row in session.execute(text(_CLOSE.format(observed=observed)), values)}
    opened = _rowcount(session, _OPEN.format(observed=observed), values)
    retired = _rowcount(session, _RETIRE.format(observed=observed), values)
    session.execute(text("DROP TABLE united"))
    kinds = {(before, "active"): pairs for before, pairs in closed.items()}
    return counts_of(kinds, added=opened - sum(closed.values())) + Counts(retired=retired)


def _rowcount(session: Session, sql: str, values: dict[str, int]) -> int:
    return session.execute(text(sql), values).rowcount  # type: ignore[attr-defined]
