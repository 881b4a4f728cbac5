"""Reads of the registry for the desk, the command line and sealing. Nothing here writes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from maxa.errors import NotFound
from maxa.registry.differences import terminology_named
from maxa.registry.models import (
    Client,
    Finding,
    Publication,
    Release,
    Shelving,
    Submission,
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


def finding_counts(session: Session, submission_id: int, *, file: str | None = None) -> list[tuple[str, str, int]]:
    """``(severity, rule, count)``, errors first, then by count; of the whole submission or of one of its workbooks.
    Cases that are not listed one by one are counted too."""
    order = func.array_position(text("ARRAY['error','warning','info']"), Finding.severity)
    rows = session.execute(
        select(Finding.severity, Finding.rule, func.sum(Finding.cases))
        .where(Finding.submission_id == submission_id, *([Finding.file == file] if file is not None else []))
        .group_by(Finding.severity, Finding.rule)
        .order_by(order, func.sum(Finding.cases).desc(), Finding.rule)
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


def submissions(session: Session, *, limit: int | None = 50, state: str | None = None) -> list[Submission]:
    """Newest first."""
    query = select(Submission).order_by(Submission.id.desc()).limit(limit)
    if state is not None:
        query = query.where(Submission.state == state)
    return list(session.scalars(query).unique())


def count_submissions(session: Session, *, state: str | None = None) -> int:
    query = select(func.count()).select_from(Submission)
    return session.scalar(query if state is None else query.where(Submission.state == state)) or 0


def releases(
    session: Session, terminology: str | None = None, *, offset: int = 0, limit: int | None = None
) -> list[Release]:
    """Editions, newest first, of one terminology or of all."""
    query = select(Release).join(Terminology, Terminology.id == Release.terminology_id)
    if terminology is not None:
        query = query.where(Release.terminology_id == terminology_named(session, terminology).id)
    query = query.order_by(Release.serial.desc(), Terminology.name, Release.ordinal.desc())
    return list(session.scalars(query.offset(offset).limit(limit)).unique())


def pending_serials(session: Session) -> list[int]:
    """Publications that the shelf does not show yet, oldest first."""
    shown = select(Shelving.serial)
    return list(
        session.scalars(select(Publication.serial).where(Publication.serial.not_in(shown)).order_by(Publication.serial))
    )


def client_records(session: Session) -> list[dict[str, Any]]:
    """All API clients as the clients file holds them."""
    return [client.record for client in session.scalars(select(Client).order_by(Client.id))]
