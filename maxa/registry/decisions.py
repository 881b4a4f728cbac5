"""Reads of what the committee decided on maps: the decisions, where lists say otherwise, and codes without a target."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from maxa.registry.decided import standing_decisions
from maxa.registry.models import State, Terminology
from maxa.registry.transaction import read_whole_lists

STANDING, ENDED, REJECTED = "standing", "ended", "rejected"
STATES = (STANDING, State.DRAFT, State.IN_REVIEW, State.APPROVED, ENDED, REJECTED)
OPEN_STATES = (STANDING, State.DRAFT, State.IN_REVIEW, State.APPROVED)
_STEP = 2_000


class Decided(NamedTuple):
    """A decision and what became of it. ``since``/``until``: versions of the map's editions; ``lists``: what the lists
    say now: agrees, otherwise, nothing (they do not carry the pair), or None for what does not stand."""

    id: int
    map: str
    source: str
    target: str | None
    verdict: str
    relationship: str | None
    properties: dict[str, Any] | None
    part: str
    reason: str
    actor: str
    at: datetime
    submission: int
    state: str
    since: str | None
    until: str | None
    revokes: int | None
    lists: str | None


_DECISIONS = """
    SELECT d.id, t.name AS map, d.source_code AS source, d.target_code AS target, d.verdict, d.relationship, d.properties,
        d.part, d.reason, d.actor, d.at, d.submission_id AS submission,
        CASE WHEN s.until IS NULL AND s.since IS NOT NULL THEN 'standing'
             WHEN sub.state IN ('draft', 'in_review', 'approved') THEN sub.state
             WHEN sub.state = 'published' THEN 'ended' ELSE 'rejected' END AS state,
        opened.version AS since, closed.version AS until, d.revokes,
        CASE WHEN s.until IS NOT NULL OR s.since IS NULL THEN NULL
             WHEN d.verdict = 'no-target' THEN CASE WHEN EXISTS (
                 SELECT 1 FROM listed_mapping p WHERE p.terminology_id = d.terminology_id AND p.until IS NULL
                   AND p.source_code = d.source_code AND p.status = 'active') THEN 'otherwise' ELSE 'agrees' END
             WHEN d.verdict = 'not' THEN CASE WHEN o.status = 'active' THEN 'otherwise' ELSE 'agrees' END
             WHEN o.status IS NULL OR o.status = 'retired' THEN 'nothing'
             WHEN o.relationship = d.relationship AND (d.properties IS NULL
                 OR CAST(d.properties AS text) = coalesce(CAST(o.properties AS text), '{}')) THEN 'agrees'
             ELSE 'otherwise' END AS lists
    FROM mapping_decision d JOIN terminology t ON t.id = d.terminology_id JOIN submission sub ON sub.id = d.submission_id
    LEFT JOIN LATERAL (SELECT since, until FROM decision_standing x WHERE x.decision_id = d.id
                       ORDER BY x.since DESC LIMIT 1) s ON true
    LEFT JOIN release opened ON opened.terminology_id = d.terminology_id AND opened.ordinal = s.since
    LEFT JOIN release closed ON closed.terminology_id = d.terminology_id AND closed.ordinal = s.until
    LEFT JOIN listed_mapping o ON o.terminology_id = d.terminology_id AND o.code = d.code AND o.until IS NULL
    WHERE (CAST(:tid AS int) IS NULL OR d.terminology_id = :tid)
      AND (CAST(:source AS text) IS NULL OR d.source_code = :source)
"""


def decisions(
    session: Session,
    *,
    terminology: Terminology | None = None,
    states: tuple[str, ...] = OPEN_STATES,
    source: str | None = None,
    submission: int | None = None,
    after: int = 0,
    limit: int | None = None,
) -> list[Decided]:
    """Decisions of one map or of all, in the order of their numbers; by default those that stand or are on their way."""
    rows = session.execute(
        text(
            f"SELECT * FROM ({_DECISIONS}) x WHERE state = ANY(:states) AND id > :after"  # noqa: S608
            " AND (CAST(:submission AS bigint) IS NULL OR submission = :submission) ORDER BY id LIMIT :limit"
        ),
        {
            "tid": terminology.id if terminology else None, "source": source, "states": [str(s) for s in states],
            "submission": submission, "after": after, "limit": limit,
        },
    )  # fmt: skip
    return [Decided(*row) for row in rows]


class Conflict(NamedTuple):
    """A standing decision that the lists, or the codes it names, stand against; the decision is what is published.

    ``kind``: *differs* (the list gives the pair another relationship or other properties), *carries* (it carries a pair
    that was decided not to hold, or of a code that has no target), *dropped* (it carried the decided pair and no longer
    does), *source-retired*, *target-retired*, *source-unknown*, *target-unknown*. ``listed`` is the pair as the list has
    it, ``since`` the map's edition since when; ``known``: the committee saw just that when it decided.
    """

    map: str
    kind: str
    decision: int
    source: str
    target: str | None
    verdict: str
    relationship: str | None
    properties: dict[str, Any] | None
    reason: str
    actor: str
    listed: dict[str, Any] | None
    since: str | None
    known: bool
    successor: str | None


_OBSERVED = """
    jsonb_strip_nulls(jsonb_build_object('status', o.status, 'relationship', o.relationship, 'properties', o.properties))
"""
_CONFLICTS = f"""
    WITH d AS MATERIALIZED ({standing_decisions()}),
    o AS (SELECT * FROM listed_mapping WHERE terminology_id = :tid AND until IS NULL),
    found AS (
        SELECT d.id, d.target_code AS target, o.since, {_OBSERVED} AS listed, d.seen = {_OBSERVED} AS known,
            CASE WHEN d.verdict = 'not' THEN 'carries' WHEN o.status = 'retired' THEN 'dropped' ELSE 'differs' END AS kind,
            NULL AS successor
        FROM d JOIN o ON o.code = d.code
        WHERE d.verdict = 'not' AND o.status = 'active'
           OR d.verdict = 'holds' AND (
               o.status = 'retired' AND d.seen->>'status' = 'active'
               OR o.status = 'active' AND (o.relationship <> d.relationship OR d.properties IS NOT NULL
                   AND CAST(d.properties AS text) <> coalesce(CAST(o.properties AS text), '{{}}')))
        UNION ALL
        SELECT d.id, o.target_code, o.since, {_OBSERVED}, coalesce(d.seen->'targets' ? o.target_code, false), 'carries', NULL
        FROM d JOIN o ON o.source_code = d.source_code AND o.status = 'active'
        WHERE d.verdict = 'no-target' AND NOT EXISTS (SELECT 1 FROM d own WHERE own.code = o.code)
        UNION ALL
        SELECT d.id, d.target_code, NULL, NULL, false,
            CASE WHEN c.code IS NULL THEN 'source-unknown' ELSE 'source-retired' END, c.replaced_by
        FROM d LEFT JOIN concept c ON c.terminology_id = :source AND c.code = d.source_code AND c.until IS NULL
        WHERE d.verdict <> 'not' AND c.status IS DISTINCT FROM 'active'
          AND EXISTS (SELECT 1 FROM concept WHERE terminology_id = :source AND until IS NULL)
        UNION ALL
        SELECT d.id, d.target_code, NULL, NULL, false,
            CASE WHEN c.code IS NULL THEN 'target-unknown' ELSE 'target-retired' END, c.replaced_by
        FROM d LEFT JOIN concept c ON c.terminology_id = :target AND c.code = d.target_code AND c.until IS NULL
        WHERE d.verdict = 'holds' AND c.status IS DISTINCT FROM 'active'
          AND EXISTS (SELECT 1 FROM concept WHERE terminology_id = :target AND until IS NULL))
    SELECT CAST(:name AS text) AS map, f.kind, f.id AS decision, d.source_code, f.target, d.verdict, d.relationship,
        d.properties, d.reason, d.actor, f.listed, r.version AS since, coalesce(f.known, false) AS known, f.successor
    FROM found f JOIN d ON d.id = f.id LEFT JOIN release r ON r.terminology_id = :tid AND r.ordinal = f.since
    ORDER BY d.source_code COLLATE "C", f.target COLLATE "C" NULLS FIRST, f.kind
"""  # noqa: S608


def conflicts(session: Session, terminology: Terminology) -> Iterator[Conflict]:
    """Conflicts of a map, in the order of its codes."""
    read_whole_lists(session)
    source, target = (codes_id(session, name) for name in (terminology.source, terminology.target))
    rows = session.execute(
        text(_CONFLICTS), {"tid": terminology.id, "name": terminology.name, "source": source, "target": target}
    )
    yield from (Conflict(*row) for row in rows)


def maps(session: Session) -> list[Terminology]:
    return list(session.scalars(select(Terminology).where(Terminology.kind == "map").order_by(Terminology.name)))


def codes_id(session: Session, name: str) -> int | None:
    return session.scalar(
        select(Terminology.id).where(func.lower(Terminology.name) == name.lower(), Terminology.kind == "codes")
    )


class Coverage(NamedTuple):
    """Of one part of the source terminology: active codes; with an active pair; decided to have no target; neither."""

    part: str
    active: int
    mapped: int
    no_target: int
    unmapped: int


class Unmapped(NamedTuple):
    """``decision``: the number of the decision that the code has no target, None where nothing is decided."""

    code: str
    title_fa: str
    title_en: str
    part: str
    decision: int | None


_SOURCES = f"""
    WITH mapped AS (SELECT DISTINCT source_code FROM mapping
                    WHERE terminology_id = :tid AND until IS NULL AND status = 'active'),
    decided AS (SELECT id, source_code FROM ({standing_decisions()}) x WHERE verdict = 'no-target')
    SELECT c.code, c.title_fa, c.title_en, c.part, d.id AS decision, m.source_code IS NOT NULL AS mapped FROM concept c
    LEFT JOIN mapped m ON m.source_code = c.code LEFT JOIN decided d ON d.source_code = c.code
    WHERE c.terminology_id = :source AND c.until IS NULL AND c.status = 'active'
      AND (CAST(:part AS text) IS NULL OR c.part = :part)
"""  # noqa: S608


def coverage(session: Session, terminology: Terminology, *, part: str | None = None) -> list[Coverage]:
    """How much of the source terminology the map covers, by its parts."""
    read_whole_lists(session)
    rows = session.execute(
        text(
            "SELECT part, count(*) AS active, count(*) FILTER (WHERE mapped) AS mapped,"  # noqa: S608
            " count(*) FILTER (WHERE NOT mapped AND decision IS NOT NULL) AS no_target,"
            f" count(*) FILTER (WHERE NOT mapped AND decision IS NULL) AS unmapped FROM ({_SOURCES}) x"
            ' GROUP BY part ORDER BY part COLLATE "C"'
        ),
        _source_values(session, terminology, part),
    )
    return [Coverage(*row) for row in rows]


def unmapped(
    session: Session,
    terminology: Terminology,
    *,
    part: str | None = None,
    decided: bool = False,
    after: str = "",
    limit: int | None = None,
) -> Iterator[Unmapped]:
    """Active codes of the source terminology without an active pair, in code order; with ``decided`` also those that
    were decided to have none."""
    read_whole_lists(session)
    rows = session.execute(
        text(
            f"SELECT code, title_fa, title_en, part, decision FROM ({_SOURCES}) x WHERE NOT mapped"  # noqa: S608
            " AND (:decided OR decision IS NULL) AND code > :after ORDER BY code LIMIT :limit"
        ),
        {**_source_values(session, terminology, part), "decided": decided, "after": after, "limit": limit},
        execution_options={"yield_per": _STEP},
    )
    yield from (Unmapped(*row) for row in rows)


def _source_values(session: Session, terminology: Terminology, part: str | None) -> dict[str, Any]:
    return {"tid": terminology.id, "source": codes_id(session, terminology.source), "part": part}
