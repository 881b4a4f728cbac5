"""Reads of the requests: the desk's list, one request, what its followers see, and whether a code may be answered."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from maxa.errors import NotFound
from maxa.persian.dates import TEHRAN
from maxa.registry.models import (
    ALIVE,
    CodeRequest,
    Concept,
    RequestAnswer,
    RequestComment,
    RequestRow,
    StagedConcept,
    State,
    Submission,
    Terminology,
)

OPEN = ("received", "in_review")
STATES = (*OPEN, "answered")
ANSWERS = ("assigned", "existing", "refused")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Empty fields filter nothing. ``state`` is one of :data:`STATES`, or ``open``."""

    state: str = ""
    reviewer: str = ""
    terminology: str = ""
    organisation: str = ""
    find: str = ""  # in tracking number, organisation, note, and the rows' codes and titles

    @property
    def terms(self) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = []
        if self.state:
            found.append(CodeRequest.state.in_(OPEN if self.state == "open" else (self.state,)))
        for column, value in (
            (CodeRequest.reviewer, self.reviewer),
            (CodeRequest.terminology, self.terminology),
            (CodeRequest.organisation, self.organisation),
        ):
            if value:
                found.append(column == value)
        if self.find:
            found.append(_mentions(self.find))
        return found


def _mentions(words: str) -> ColumnElement[bool]:
    def has(column: Any) -> ColumnElement[bool]:
        return func.lower(column).contains(words.lower(), autoescape=True)

    rows = exists().where(
        and_(RequestRow.request_id == CodeRequest.id, or_(has(RequestRow.code), has(RequestRow.title)))
    )
    return or_(has(CodeRequest.tracking), has(CodeRequest.organisation), has(CodeRequest.note), rows)


@dataclass(frozen=True, slots=True)
class Listed:
    request: CodeRequest
    rows: int
    answered: int


def requests(session: Session, wanted: Wanted, *, offset: int = 0, limit: int) -> list[Listed]:
    """Oldest first while open, since whoever waits longest is next; the newest first of all others."""
    order = CodeRequest.id.asc() if wanted.state in ("open", *OPEN) else CodeRequest.id.desc()
    found = list(session.scalars(select(CodeRequest).where(*wanted.terms).order_by(order).offset(offset).limit(limit)))
    counts = _counts(session, [one.id for one in found])
    return [Listed(one, *counts.get(one.id, (0, 0))) for one in found]


def _counts(session: Session, ids: Collection[int]) -> dict[int, tuple[int, int]]:
    rows = session.execute(
        select(RequestRow.request_id, func.count(), func.count(RequestRow.answer_id))
        .where(RequestRow.request_id.in_(ids))
        .group_by(RequestRow.request_id)
    )
    return {number: (total, answered) for number, total, answered in rows}


def listed(session: Session, request: CodeRequest) -> Listed:
    return Listed(request, *_counts(session, [request.id]).get(request.id, (0, 0)))


def count_open(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(CodeRequest).where(CodeRequest.state.in_(OPEN))) or 0


def choices(session: Session) -> dict[str, list[str]]:
    """What the filters offer: terminologies, organisations and reviewers of all requests."""
    columns = {
        "terminology": CodeRequest.terminology, "organisation": CodeRequest.organisation,
        "reviewer": CodeRequest.reviewer,
    }  # fmt: skip
    return {
        name: [one for one in session.scalars(select(column).distinct().order_by(column)) if one]
        for name, column in columns.items()
    }


def request_or_error(session: Session, request_id: int, *, lock: bool = False) -> CodeRequest:
    """Raises :class:`NotFound`."""
    query = select(CodeRequest).where(CodeRequest.id == request_id)
    found = session.scalar(query.with_for_update() if lock else query)
    if found is None:
        raise NotFound(f"درخواستی با شمارهٔ {request_id} نیست.", f"There is no request {request_id}.")
    return found


def rows_of(
    session: Session, request_id: int, *, unanswered: bool = False, offset: int = 0, limit: int | None = None
) -> list[RequestRow]:
    query: Select[Any] = select(RequestRow).where(RequestRow.request_id == request_id)
    if unanswered:
        query = query.where(RequestRow.answer_id.is_(None))
    return list(session.scalars(query.order_by(RequestRow.position).offset(offset).limit(limit)))


def answers_of(session: Session, request_id: int, *, limit: int = 200) -> list[RequestAnswer]:
    """Every answer that was given, also those that a later one took the place of; newest first."""
    query = select(RequestAnswer).where(RequestAnswer.request_id == request_id)
    return list(session.scalars(query.order_by(RequestAnswer.id.desc()).limit(limit)))


def comments_on(session: Session, request_id: int) -> list[RequestComment]:
    query = select(RequestComment).where(RequestComment.request_id == request_id)
    return list(session.scalars(query.order_by(RequestComment.id)))


def state_of(session: Session, request: CodeRequest) -> dict[str, Any]:
    """What whoever has the tracking number may see: no person of the committee, no comment."""
    return {
        "tracking": request.tracking, "digest": request.digest, "kind": request.kind, "terminology": request.terminology,
        "organisation": request.organisation, "note": request.note, "state": request.state, "revision": request.revision,
        "received_at": request.received_at.isoformat(timespec="seconds"),
        "updated_at": request.updated_at.isoformat(timespec="seconds"),
        "rows": [
            {"code": row.code, "title": row.title, "note": row.note, "answer": _told(row.answer)}
            for row in rows_of(session, request.id)
        ],
    }  # fmt: skip


def _told(answer: RequestAnswer | None) -> dict[str, Any] | None:
    if answer is None:
        return None
    return {
        "kind": answer.kind, "terminology": answer.terminology, "code": answer.code, "reason": answer.reason,
        "at": answer.at.isoformat(timespec="seconds"), "pending": answer.pending,
        "expected": answer.expected.isoformat() if answer.expected else None,
    }  # fmt: skip


def published(session: Session, terminology: Terminology, codes: Collection[str]) -> dict[str, str]:
    """Those of ``codes`` that the current edition has, by code: active or retired."""
    rows = session.execute(
        select(Concept.code, Concept.status).where(
            Concept.terminology_id == terminology.id, Concept.code.in_(codes), Concept.until.is_(None)
        )
    )
    found: dict[str, str] = {}
    for code, status in rows:
        found[code] = status
    return found


def announced(session: Session, terminology: Terminology, codes: Collection[str]) -> dict[str, date | None]:
    """Those of ``codes`` that a list on its way has, with the day of its edition where it is known."""
    on_the_way = [state for state in ALIVE if state != State.PUBLISHED]
    rows = session.execute(
        select(StagedConcept.code, Submission)
        .join(Submission, Submission.id == StagedConcept.submission_id)
        .where(
            Submission.state.in_(on_the_way),
            StagedConcept.terminology_id == terminology.id,
            StagedConcept.code.in_(codes),
            StagedConcept.status == "active",
        )
        .order_by(Submission.id)
    )
    return {code: _day_of(submission) for code, submission in rows.unique()}


def _day_of(submission: Submission) -> date | None:
    if submission.publish_at is not None:
        return submission.publish_at.astimezone(TEHRAN).date()
    return submission.circular.day if submission.circular else submission.day
