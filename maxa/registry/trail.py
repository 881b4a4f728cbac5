"""The audit trail as it is read: filtered, newest first, and as a CSV that no spreadsheet takes for formulas."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import orjson
from sqlalchemy import Select, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from maxa.persian.dates import TEHRAN, jalali_instant
from maxa.registry.models import AuditEvent


@dataclass(frozen=True, slots=True)
class Wanted:
    """Empty fields filter nothing. ``since`` and ``until`` are days in Tehran, both included."""

    actor: str = ""
    action: str = ""
    subject: str = ""  # from its beginning, in any letter case
    since: date | None = None
    until: date | None = None


def _query(wanted: Wanted) -> Select[Any]:
    query = select(AuditEvent).order_by(AuditEvent.id.desc())
    if wanted.actor:
        query = query.where(AuditEvent.actor == wanted.actor)
    if wanted.action:
        query = query.where(AuditEvent.action == wanted.action)
    if wanted.subject:
        # "submission 7" is not "submission 70"
        named = wanted.subject.strip()
        pattern = "".join(f"/{letter}" if letter in "/%_" else letter for letter in named) + " %"
        subject = func.lower(AuditEvent.subject)  # as its index has it
        query = query.where((subject == func.lower(named)) | subject.like(func.lower(pattern), escape="/"))
    if wanted.since:
        query = query.where(AuditEvent.at >= _midnight(wanted.since))
    if wanted.until:
        query = query.where(AuditEvent.at < _midnight(wanted.until + timedelta(days=1)))
    return query


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), TEHRAN)


def events(session: Session, wanted: Wanted, *, before: int | None = None, limit: int) -> list[AuditEvent]:
    """Newest first; ``before`` is the id of the last one of the page before."""
    query = _query(wanted)
    if before is not None:
        query = query.where(AuditEvent.id < before)
    return list(session.scalars(query.limit(limit)))


def actors_and_actions(session: Session) -> tuple[list[str], list[str]]:
    return _values(session, AuditEvent.actor), _values(session, AuditEvent.action)


def _values(session: Session, column: InstrumentedAttribute[str]) -> list[str]:
    """All that a column holds, in order. Each is found from the one before it by the column's index, since they are few
    and the trail is long."""
    told = select(func.min(column).label("value")).cte("told", recursive=True)
    after = select(func.min(column)).where(column > told.c.value).scalar_subquery()
    told = told.union_all(select(after).where(told.c.value.is_not(None)))
    return list(session.scalars(select(told.c.value).where(told.c.value.is_not(None))))


HEADINGS = ("id", "at", "at_utc", "actor", "action", "subject", "detail")


def rows(session: Session, wanted: Wanted) -> Iterator[tuple[str, ...]]:
    """All of them, newest first, as texts in the order of :data:`HEADINGS`."""
    for event in session.scalars(_query(wanted).execution_options(yield_per=1_000)):
        detail = orjson.dumps(event.detail, option=orjson.OPT_SORT_KEYS).decode() if event.detail else ""
        yield (
            str(event.id), jalali_instant(event.at), event.at.isoformat(timespec="milliseconds"), event.actor,
            event.action, event.subject, detail,
        )  # fmt: skip
