"""Reads for deciding on a map code by code: what is left to do, and all that is known of one source code.

Lists of codes are reckoned once an edition (:class:`Work`); what changes with each decision is small and read by request.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from maxa.registry import decisions
from maxa.registry.decided import has_layers, standing_decisions
from maxa.registry.models import Terminology
from maxa.registry.staging import PAIR_SEPARATOR
from maxa.registry.transaction import read_whole_lists

Editions = tuple[int, ...]
_AFTER_SEPARATOR = chr(ord(PAIR_SEPARATOR) + 1)
_OPEN = "('draft', 'in_review', 'approved')"


class Work(NamedTuple):
    """Of one edition of a map and of the lists at its ends: figures, and sorted source codes. ``unmapped``: active, without
    a pair and not decided to have none; ``conflicting``: some decision stands against lists or codes; ``decided``: some
    decision stands. ``conflicts`` and ``standing`` count decisions' conflicts and decisions."""

    editions: Editions
    pairs: int
    active: int
    unmapped: list[str]
    conflicting: list[str]
    decided: list[str]
    conflicts: int
    standing: int


def editions_of(session: Session, terminology: Terminology) -> Editions:
    """Ordinals of the latest editions of the map, its source and its target: while they stay, so does its work."""
    ids = (terminology.id, *ends_of(session, terminology))
    rows = session.execute(
        text("SELECT terminology_id, max(ordinal) FROM release WHERE terminology_id = ANY(:ids) GROUP BY 1"),
        {"ids": [one for one in ids if one is not None]},
    )
    found: dict[int | None, int] = {number: ordinal for number, ordinal in rows}  # noqa: C416
    return tuple(found.get(one, 0) for one in ids)


def ends_of(session: Session, terminology: Terminology) -> tuple[int | None, int | None]:
    """The terminologies that the map leads from and to; None for one that has no list yet."""
    names = terminology.source.lower(), terminology.target.lower()
    rows = session.execute(
        select(func.lower(Terminology.name), Terminology.id).where(
            func.lower(Terminology.name).in_(names), Terminology.kind == "codes"
        )
    )
    found: dict[str, int] = {name: number for name, number in rows}  # noqa: C416
    return found.get(names[0]), found.get(names[1])


def work_of(session: Session, terminology: Terminology) -> Work:
    """Reads whole lists: half a second for a hundred thousand codes. In a transaction of its own."""
    editions = editions_of(session, terminology)
    read_whole_lists(session)
    found = [one.source for one in decisions.conflicts(session, terminology)]
    standing = session.execute(
        text(f"SELECT source_code FROM ({standing_decisions()}) d"), {"tid": terminology.id}  # noqa: S608
    ).scalars().all()  # fmt: skip
    pairs = session.scalar(
        text("SELECT count(*) FROM mapping WHERE terminology_id = :tid AND until IS NULL AND status = 'active'"),
        {"tid": terminology.id},
    )
    return Work(
        editions, int(pairs or 0), sum(part.active for part in decisions.coverage(session, terminology)),
        [one.code for one in decisions.unmapped(session, terminology)], sorted(set(found)), sorted(set(standing)),
        len(found), len(standing),
    )  # fmt: skip


def pending_codes(session: Session, terminology: Terminology) -> set[str]:
    """Source codes on which something is decided that is not published yet, in whosever draft."""
    return set(
        session.scalars(
            text(
                "SELECT DISTINCT d.source_code FROM submission s JOIN mapping_decision d ON d.submission_id = s.id"  # noqa: S608
                f" WHERE s.state IN {_OPEN} AND s.scope = 'decisions' AND d.terminology_id = :tid"
            ),
            {"tid": terminology.id},
        )
    )


class Listed(NamedTuple):
    """A source code as a work list shows it. ``status`` None: its terminology does not have it (any more)."""

    code: str
    title_fa: str
    title_en: str
    status: str | None
    pairs: int


# LIMIT keeps the planner from reading a freshly loaded list, of which it knows nothing yet, as a whole.
_LISTED = f"""
    SELECT w.code, coalesce(c.title_fa, ''), coalesce(c.title_en, ''), c.status,
        (SELECT count(*) FROM mapping m WHERE m.terminology_id = :tid AND m.until IS NULL AND m.status = 'active'
            AND m.code >= w.code || '{PAIR_SEPARATOR}' AND m.code < w.code || '{_AFTER_SEPARATOR}') AS pairs
    FROM unnest(CAST(:codes AS text[])) WITH ORDINALITY AS w(code, place)
    LEFT JOIN LATERAL (SELECT title_fa, title_en, status FROM concept
                       WHERE terminology_id = :source AND code = w.code AND until IS NULL LIMIT 1) c ON true
    ORDER BY w.place
"""  # noqa: S608


def listed(session: Session, terminology: Terminology, codes: Collection[str]) -> list[Listed]:
    """The codes in the order given: for a page of them."""
    source, _ = ends_of(session, terminology)
    values = {"tid": terminology.id, "source": source, "codes": list(codes)}
    return [Listed(*row) for row in session.execute(text(_LISTED), values)]


def active_codes(session: Session, terminology: Terminology, *, after: str, limit: int) -> list[str]:
    """Active codes of the source terminology after ``after``."""
    source, _ = ends_of(session, terminology)
    return list(
        session.scalars(
            text(
                "SELECT code FROM concept WHERE terminology_id = :source AND until IS NULL AND status = 'active'"
                " AND code > :after ORDER BY code LIMIT :limit"
            ),
            {"source": source, "after": after, "limit": limit},
        )
    )


class End(NamedTuple):
    """One code at an end of a map, as the registry has it now."""

    code: str
    title_fa: str
    title_en: str
    status: str
    part: str
    replaced_by: str | None
    properties: dict[str, Any] | None


def concepts(session: Session, terminology_id: int | None, codes: Collection[str]) -> dict[str, End]:
    if not codes:
        return {}
    rows = session.execute(
        text(
            "SELECT code, title_fa, title_en, status, part, replaced_by, properties FROM concept"
            " WHERE terminology_id = :id AND until IS NULL AND code = ANY(:codes)"
        ),
        {"id": terminology_id, "codes": list(codes)},
    )
    return {row.code: End(*row) for row in rows}


class PairNow(NamedTuple):
    """A pair of a source code: what is published (None: nothing), and what the lists say (None: they do not carry it)."""

    target: str
    published: str | None
    listed: str | None
    properties: dict[str, Any] | None


# A map on which nothing was ever decided has one layer, ``mapping`` (maxa.registry.decided).
_PAIRS = """
    SELECT coalesce(m.target_code, o.target_code) AS target, m.relationship AS published, o.relationship AS listed,
        coalesce(m.properties, o.properties) AS properties
    FROM (SELECT * FROM mapping WHERE {active}) m FULL JOIN (SELECT * FROM {layer} WHERE {active}) o ON o.code = m.code
    ORDER BY 1
"""
_ACTIVE = "terminology_id = :tid AND until IS NULL AND status = 'active' AND code >= :low AND code < :high"


def pairs_of_code(session: Session, terminology: Terminology, source: str) -> list[PairNow]:
    layer = "listed_mapping" if has_layers(session, terminology.id) else "mapping"
    rows = session.execute(text(_PAIRS.format(active=_ACTIVE, layer=layer)), _values(terminology, source))
    return [PairNow(*row) for row in rows]


def _values(terminology: Terminology, source: str) -> dict[str, Any]:
    """All subjects of one source code lie side by side in the index of codes."""
    return {"tid": terminology.id, "low": source + PAIR_SEPARATOR, "high": source + _AFTER_SEPARATOR}


class Latest(NamedTuple):
    actor: str
    at: datetime


_STATE = """
    SELECT 'd' || d.id || coalesce('-' || s.until, '') FROM mapping_decision d
    JOIN submission sub ON sub.id = d.submission_id AND sub.state <> 'rejected'
    LEFT JOIN decision_standing s ON s.decision_id = d.id
    WHERE d.terminology_id = :tid AND d.code >= :low AND d.code < :high
    UNION ALL
    SELECT 'p' || id FROM mapping WHERE terminology_id = :tid AND until IS NULL AND code >= :low AND code < :high
    UNION ALL
    SELECT 'l' || id FROM listed_mapping WHERE terminology_id = :tid AND until IS NULL AND code >= :low AND code < :high
"""
_LATEST = """
    SELECT actor, at FROM mapping_decision WHERE terminology_id = :tid AND code >= :low AND code < :high
    ORDER BY id DESC LIMIT 1
"""


def state_of_code(session: Session, terminology: Terminology, source: str) -> str:
    """Another text whenever the pairs of the code or the decisions on it have changed, in whosever draft: who decides
    sends back the one that was seen."""
    found = sorted(session.scalars(text(_STATE), _values(terminology, source)))
    return hashlib.sha256("\n".join(found).encode()).hexdigest()[:16]


def latest_on_code(session: Session, terminology: Terminology, source: str) -> Latest | None:
    row = session.execute(text(_LATEST), _values(terminology, source)).first()
    return Latest(*row) if row else None


def last_reason(session: Session, terminology: Terminology, actor: str) -> str:
    """What somebody gave last as the reason of a decision on the map."""
    return (
        session.scalar(
            text(
                "SELECT reason FROM mapping_decision WHERE terminology_id = :tid AND actor = :actor ORDER BY id DESC LIMIT 1"
            ),
            {"tid": terminology.id, "actor": actor},
        )
        or ""
    )


def last_saved(session: Session, terminology: Terminology, submission_id: int) -> tuple[str, list[int]] | None:
    """The source code of a draft's newest decision, and the numbers of all that the draft holds on that code."""
    rows = session.execute(
        text(
            "SELECT d.source_code, d.id FROM mapping_decision d JOIN (SELECT source_code FROM mapping_decision"
            " WHERE submission_id = :sid AND terminology_id = :tid ORDER BY id DESC LIMIT 1) l USING (source_code)"
            " WHERE d.submission_id = :sid AND d.terminology_id = :tid ORDER BY d.id"
        ),
        {"sid": submission_id, "tid": terminology.id},
    ).all()
    return (rows[0].source_code, [row.id for row in rows]) if rows else None
