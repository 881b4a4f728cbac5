"""What is asked of the readers, by days in Tehran: added up by the worker, read by the dashboard."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from maxa.persian.dates import TEHRAN
from maxa.registry.models import (
    MirrorSeen,
    Publication,
    UsageDropped,
    UsageIssue,
    UsageRequest,
    UsageSpool,
    UsageWords,
)

KEPT_DAYS = 400  # counts of requests and failures
WORDS_KEPT_DAYS = 90
MIRRORS_KEPT_DAYS = 90  # after a mirror was last seen
LEAST_ASKED = 3  # times, before words are shown
MOST_WORDS_A_DAY = 10_000
MOST_MIRRORS = 1_000
_SPOOLS_KEPT_DAYS = 30


def today(now: datetime | None = None) -> date:
    return (now or datetime.now(UTC)).astimezone(TEHRAN).date()


# --- what the worker adds --------------------------------------------------------------------------------------------


def add_requests(session: Session, day: date, counts: Iterable[tuple[str, str, str, int]]) -> None:
    """``counts``: (service, client, outcome, n)."""
    rows = [{"day": day, "service": s, "client": c, "outcome": o, "count": n} for s, c, o, n in counts]
    _add(session, UsageRequest, rows, ("day", "service", "client", "outcome"), ("count",))


def add_issues(session: Session, day: date, counts: Iterable[tuple[str, str, int]]) -> None:
    """``counts``: (terminology, issue, n)."""
    rows = [{"day": day, "terminology": t, "issue": i, "count": n} for t, i, n in counts]
    _add(session, UsageIssue, rows, ("day", "terminology", "issue"), ("count",))


def add_words(session: Session, day: date, counts: Iterable[tuple[str, int, int]]) -> None:
    """``counts``: (words, n, of these something else was found). A day has so many words; then only known ones grow."""
    rows: list[dict[str, Any]] = [{"day": day, "words": w, "count": n, "instead": i} for w, n, i in counts]
    if not rows:
        return
    held = session.scalar(select(func.count()).where(UsageWords.day == day)) or 0
    if held + len(rows) > MOST_WORDS_A_DAY:
        named = [row["words"] for row in rows]
        known = set(session.scalars(select(UsageWords.words).where(UsageWords.day == day, UsageWords.words.in_(named))))
        room = max(0, MOST_WORDS_A_DAY - held)
        new = sorted((row for row in rows if row["words"] not in known), key=lambda row: -row["count"])[:room]
        rows = [row for row in rows if row["words"] in known] + new
    _add(session, UsageWords, rows, ("day", "words"), ("count", "instead"))


def add_dropped(session: Session, day: date, size: int) -> None:
    _add(session, UsageDropped, [{"day": day, "bytes": size}], ("day",), ("bytes",))


def note_mirrors(session: Session, told: Iterable[tuple[str, int, datetime]]) -> None:
    """``told``: (name, serial, when). Where there is no room for a new name, one goes that was seen on a single day, the
    one not seen for longest first: anyone can make names up, and mirrors come back."""
    rows = {
        name: {"name": name, "serial": serial, "first_seen_at": at, "seen_at": at} for name, serial, at in told
    }  # fmt: skip
    if not rows:
        return
    held = {
        name: (first, last)
        for name, first, last in session.execute(
            select(MirrorSeen.name, MirrorSeen.first_seen_at, MirrorSeen.seen_at).order_by(
                MirrorSeen.seen_at, MirrorSeen.name
            )
        )
    }
    new = [name for name in rows if name not in held]
    room = max(0, MOST_MIRRORS - len(held))
    passing = [name for name, (first, last) in held.items() if name not in rows and today(first) == today(last)]
    gone = passing[: max(0, len(new) - room)]
    session.execute(delete(MirrorSeen).where(MirrorSeen.name.in_(gone)))
    kept_out = set(new[room + len(gone) :])
    taken = [row for name, row in rows.items() if name not in kept_out]
    if not taken:
        return
    statement = insert(MirrorSeen)
    given = statement.excluded
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["name"], set_={"serial": given.serial, "seen_at": given.seen_at},
            where=MirrorSeen.seen_at <= given.seen_at,
        ),
        taken,
    )  # fmt: skip


def _add(session: Session, table: Any, rows: list[dict[str, Any]], keys: Sequence[str], sums: Sequence[str]) -> None:
    if not rows:
        return
    statement = insert(table)
    grown = {name: getattr(table, name) + statement.excluded[name] for name in sums}
    session.execute(statement.on_conflict_do_update(index_elements=list(keys), set_=grown), rows)


def read_to(session: Session, name: str) -> int:
    """How far a spool file was collected."""
    return session.scalar(select(UsageSpool.read_to).where(UsageSpool.name == name)) or 0


def note_read(session: Session, name: str, place: int) -> None:
    statement = insert(UsageSpool).values(name=name, read_to=place, at=datetime.now(UTC))
    given = statement.excluded
    session.execute(
        statement.on_conflict_do_update(index_elements=["name"], set_={"read_to": given.read_to, "at": given.at})
    )


def forget_old(session: Session, *, now: datetime | None = None, spools: Iterable[str] = ()) -> None:
    """Remove what is kept no longer, and how far files were read that are gone for long (``spools`` are still there)."""
    at = now or datetime.now(UTC)
    for table in (UsageRequest, UsageIssue, UsageDropped):
        session.query(table).where(table.day <= today(at) - timedelta(days=KEPT_DAYS)).delete()
    session.query(UsageWords).where(UsageWords.day <= today(at) - timedelta(days=WORDS_KEPT_DAYS)).delete()
    session.query(MirrorSeen).where(MirrorSeen.seen_at < at - timedelta(days=MIRRORS_KEPT_DAYS)).delete()
    session.query(UsageSpool).where(
        UsageSpool.at < at - timedelta(days=_SPOOLS_KEPT_DAYS), UsageSpool.name.not_in(list(spools))
    ).delete()


# --- what the dashboard reads ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Period:
    """Days in Tehran, both included."""

    first: date
    last: date

    @classmethod
    def of(cls, days: int, now: datetime | None = None) -> Period:
        last = today(now)
        return cls(last - timedelta(days=days - 1), last)

    def days(self) -> list[date]:
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]


def requests_by_day(session: Session, period: Period) -> list[tuple[date, str, str, int]]:
    """(day, service, outcome, n), oldest first."""
    found = session.execute(
        select(UsageRequest.day, UsageRequest.service, UsageRequest.outcome, func.sum(UsageRequest.count))
        .where(UsageRequest.day.between(period.first, period.last))
        .group_by(UsageRequest.day, UsageRequest.service, UsageRequest.outcome)
        .order_by(UsageRequest.day, UsageRequest.service, UsageRequest.outcome)
    )
    return [(day, service, outcome, int(n)) for day, service, outcome, n in found]


@dataclass(frozen=True, slots=True)
class ClientUse:
    """Requests of one client (``-``: whoever named none) by what became of them."""

    client: str
    requests: int
    refused: int
    limited: int
    failed: int


def use_of_clients(session: Session, period: Period, client: str | None = None) -> list[ClientUse]:
    """Most requests first; of one ``client`` alone where it is named."""
    columns = [
        func.coalesce(func.sum(UsageRequest.count).filter(UsageRequest.outcome == outcome), 0)
        for outcome in ("refused", "limited", "failed")
    ]
    total = func.sum(UsageRequest.count)
    query = (
        select(UsageRequest.client, total, *columns)
        .where(UsageRequest.day.between(period.first, period.last))
        .group_by(UsageRequest.client)
        .order_by(total.desc(), UsageRequest.client)
    )
    if client is not None:
        query = query.where(UsageRequest.client == client)
    return [ClientUse(row[0], *map(int, row[1:])) for row in session.execute(query)]


def issues(session: Session, period: Period) -> list[tuple[str, str, int]]:
    """(terminology, issue, n), most first."""
    total = func.sum(UsageIssue.count)
    found = session.execute(
        select(UsageIssue.terminology, UsageIssue.issue, total)
        .where(UsageIssue.day.between(period.first, period.last))
        .group_by(UsageIssue.terminology, UsageIssue.issue)
        .order_by(total.desc(), UsageIssue.terminology, UsageIssue.issue)
    )
    return [(terminology, issue, int(n)) for terminology, issue, n in found]


def words_without_result(session: Session, period: Period, limit: int) -> list[tuple[str, int, int]]:
    """(words, n, of these something else was found), most first; only what was asked :data:`LEAST_ASKED` times."""
    total = func.sum(UsageWords.count)
    found = session.execute(
        select(UsageWords.words, total, func.sum(UsageWords.instead))
        .where(UsageWords.day.between(period.first, period.last))
        .group_by(UsageWords.words)
        .having(total >= LEAST_ASKED)
        .order_by(total.desc(), UsageWords.words)
        .limit(limit)
    )
    return [(words, int(n), int(instead)) for words, n, instead in found]


def dropped_bytes(session: Session, period: Period) -> int:
    found = session.scalar(
        select(func.sum(UsageDropped.bytes)).where(UsageDropped.day.between(period.first, period.last))
    )
    return int(found or 0)


@dataclass(frozen=True, slots=True)
class MirrorStanding:
    """``behind``: publications that it lacks; None where it tells a serial that was never published here."""

    name: str
    serial: int
    seen_at: datetime
    behind: int | None


def mirrors(session: Session) -> list[MirrorStanding]:
    """All that told their serial lately, those furthest behind first."""
    newest = session.scalar(select(func.max(Publication.serial))) or 0
    rows = session.scalars(select(MirrorSeen).order_by(MirrorSeen.serial, MirrorSeen.name))
    return [
        MirrorStanding(one.name, one.serial, one.seen_at, newest - one.serial if one.serial <= newest else None)
        for one in rows
    ]


def counting_since(session: Session) -> date | None:
    """The first day that is kept; None before anything was counted."""
    return session.scalar(text("SELECT min(day) FROM usage_request"))
