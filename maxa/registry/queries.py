"""Reads of the registry for the desk, the command line and sealing. Nothing here writes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from maxa.errors import NotFound
from maxa.registry.models import (
    Client,
    Finding,
    Publication,
    Release,
    Shelving,
    Submission,
    SubmissionTable,
    Terminology,
)


def submission_or_error(session: Session, submission_id: int, *, lock: bool = False) -> Submission:
    """The submission; with ``lock`` its row is held until the transaction ends. Raises :class:`NotFound`."""
    query = select(Submission).where(Submission.id == submission_id)
    if lock:
        query = query.with_for_update(of=Submission)
    row = session.scalar(query)
    if row is None:
        raise NotFound(
            f"فهرستی با شمارهٔ {submission_id} نیست («maxa submissions»).",
            f"There is no submission {submission_id} (see `maxa submissions`).",
        )
    return row


def finding_counts(session: Session, submission_id: int) -> list[tuple[str, str, int]]:
    """``(severity, rule, count)``, errors first, then by count."""
    order = func.array_position(text("ARRAY['error','warning','info']"), Finding.severity)
    rows = session.execute(
        select(Finding.severity, Finding.rule, func.count())
        .where(Finding.submission_id == submission_id)
        .group_by(Finding.severity, Finding.rule)
        .order_by(order, func.count().desc(), Finding.rule)
    )
    return [(severity, rule, count) for severity, rule, count in rows]


def findings(
    session: Session,
    submission_id: int,
    *,
    rule: str | None = None,
    severity: str | None = None,
    limit: int | None = None,
) -> list[Finding]:
    """Findings in the order of severity, then as they stand in the workbook."""
    order = func.array_position(text("ARRAY['error','warning','info']"), Finding.severity)
    query = select(Finding).where(Finding.submission_id == submission_id)
    if rule:
        query = query.where(Finding.rule == rule)
    if severity:
        query = query.where(Finding.severity == severity)
    return list(session.scalars(query.order_by(order, Finding.id).limit(limit)))


def submissions(session: Session, *, limit: int = 50) -> list[Submission]:
    return list(session.scalars(select(Submission).order_by(Submission.id.desc()).limit(limit)).unique())


def releases(session: Session, terminology: str | None = None) -> list[Release]:
    """Editions, newest first, of one terminology or of all."""
    query = select(Release).join(Terminology, Terminology.id == Release.terminology_id)
    if terminology is not None:
        known = session.scalar(select(Terminology).where(func.lower(Terminology.name) == terminology.lower()))
        if known is None:
            raise NotFound(f"واژگان «{terminology}» نیست.", f"There is no terminology {terminology!r}.")
        query = query.where(Release.terminology_id == known.id)
    return list(session.scalars(query.order_by(Release.serial.desc(), Terminology.name)).unique())


def pending_serials(session: Session) -> list[int]:
    """Publications that the shelf does not show yet, oldest first."""
    shown = select(Shelving.serial)
    return list(
        session.scalars(select(Publication.serial).where(Publication.serial.not_in(shown)).order_by(Publication.serial))
    )


def draft_changes(session: Session, submission_id: int, *, limit: int | None = None) -> list[dict[str, Any]]:
    """What a draft would change against the current editions, one entry a code, in terminology and code order.

    ``{"terminology", "part", "code", "change", "before": {...} | None, "after": {...} | None}``.
    """
    changes: list[dict[str, Any]] = []
    tables = session.scalars(
        select(SubmissionTable).where(SubmissionTable.submission_id == submission_id).order_by(SubmissionTable.id)
    ).unique()
    scope = session.scalar(select(Submission.scope).where(Submission.id == submission_id))
    for table in tables:
        left = None if limit is None else limit - len(changes)
        if left is not None and left <= 0:
            break
        changes += _table_changes(session, submission_id, table, scope == "full", left)
    return changes


_SHOWN = {
    "concept": "title_fa, title_en, part, status, parent, replaced_by, properties",
    "mapping": "source_code, target_code, relationship, status, properties",
}
_DRAFT_CHANGES = """
    SELECT coalesce(s.code, c.code) AS code,
        CASE WHEN c.code IS NULL THEN 'added'
             WHEN s.code IS NULL THEN 'retired'
             WHEN c.status = 'retired' AND s.status = 'active' THEN 'restored'
             WHEN c.status = 'active' AND s.status = 'retired' THEN 'retired'
             ELSE 'changed' END AS change,
        CASE WHEN c.code IS NOT NULL THEN (SELECT to_json(x) FROM (SELECT {c_shown}) x) END AS before,
        CASE WHEN s.code IS NOT NULL THEN (SELECT to_json(x) FROM (SELECT {s_shown}) x) END AS after
    FROM (SELECT * FROM staged_{live} WHERE submission_id = :sid AND terminology_id = :tid AND part = :part) s
    FULL JOIN (SELECT * FROM {live} WHERE terminology_id = :tid AND until IS NULL) c ON c.code = s.code
    WHERE (s.code IS NOT NULL AND c.code IS NULL)
       OR (s.code IS NOT NULL AND c.code IS NOT NULL AND s.content_hash <> c.content_hash)
       OR (:full AND s.code IS NULL AND c.status = 'active' AND c.part = :part)
    ORDER BY coalesce(s.code, c.code) LIMIT :limit
"""


def _table_changes(
    session: Session, submission_id: int, table: SubmissionTable, full: bool, limit: int | None
) -> list[dict[str, Any]]:
    live = "mapping" if table.terminology.kind == "map" else "concept"
    names = [n.strip() for n in _SHOWN[live].split(",")]
    sql = _DRAFT_CHANGES.format(
        live=live, c_shown=", ".join(f"c.{n}" for n in names), s_shown=", ".join(f"s.{n}" for n in names)
    )
    rows = session.execute(
        text(sql),
        {"sid": submission_id, "tid": table.terminology_id, "part": table.part, "full": full, "limit": limit},
    )
    return [
        {"terminology": table.terminology.name, "part": table.part, "code": r.code.replace("\x1f", " → "),
         "change": r.change, "before": r.before, "after": r.after}
        for r in rows
    ]  # fmt: skip


def client_records(session: Session) -> list[dict[str, Any]]:
    """All API clients as the clients file holds them."""
    return [client.record for client in session.scalars(select(Client).order_by(Client.id))]


_DRAFT_COUNTS = """
    SELECT count(*) FILTER (WHERE c.code IS NULL) AS added,
        count(*) FILTER (WHERE c.code IS NOT NULL AND s.code IS NOT NULL AND c.status = s.status
                         AND s.content_hash <> c.content_hash) AS changed,
        count(*) FILTER (WHERE c.status = 'active' AND ((s.code IS NULL AND :full) OR s.status = 'retired')) AS retired,
        count(*) FILTER (WHERE c.status = 'retired' AND s.status = 'active') AS restored
    FROM (SELECT * FROM staged_{live} WHERE submission_id = :sid AND terminology_id = :tid AND part = :part) s
    FULL JOIN (SELECT * FROM {live} WHERE terminology_id = :tid AND until IS NULL) c ON c.code = s.code
    WHERE s.code IS NOT NULL OR c.part = :part
"""


def draft_counts(session: Session, submission_id: int) -> dict[str, dict[str, int]]:
    """``{"LNC/clinical": {"added": n, "changed": n, "retired": n, "restored": n}, …}`` for a draft."""
    full = session.scalar(select(Submission.scope).where(Submission.id == submission_id)) == "full"
    counts = {}
    for table in session.scalars(
        select(SubmissionTable).where(SubmissionTable.submission_id == submission_id).order_by(SubmissionTable.id)
    ).unique():
        live = "mapping" if table.terminology.kind == "map" else "concept"
        row = session.execute(
            text(_DRAFT_COUNTS.format(live=live)),
            {"sid": submission_id, "tid": table.terminology_id, "part": table.part, "full": full},
        ).one()
        name = f"{table.terminology.name}/{table.part}" if table.part else table.terminology.name
        counts[name] = dict(row._mapping)
    return counts
