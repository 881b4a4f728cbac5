"""The dashboard: what is asked of this server by the day, what is asked in vain, and the mirrors by their serials; on
screen and as CSV."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from maxa.errors import NotFound
from maxa.persian.dates import jalali, jalali_instant
from maxa.registry import usage
from maxa.registry.transaction import transaction
from maxa.registry.usage import Period
from maxa.sheets.plain_text import csv_line
from maxa.usage.tally import OUTCOMES, SERVICES
from maxa.web.desk.day_chart import day_chart
from maxa.web.desk.door import engine
from maxa.web.desk.leaving import attachment
from maxa.web.desk.room import room
from maxa.web.language import direction

PERIODS = (7, 30, 90)
_DAYS = 30
_SHOWN = 50  # rows of a table; its CSV has them all
_MOST_WORDS = 5_000  # in the CSV

Row = tuple[Any, ...]


@room.get("/dashboard")
def dashboard() -> ResponseReturnValue:
    days = _days()
    period = Period.of(days)
    with transaction(engine()) as session:
        by_day: dict[date, Counter[str]] = defaultdict(Counter)
        outcomes: Counter[str] = Counter()
        for day, service, outcome, n in usage.requests_by_day(session, period):
            by_day[day][service] += n
            outcomes[outcome] += n
        failures: dict[str, Counter[str]] = defaultdict(Counter)
        kinds: Counter[str] = Counter()
        for terminology, issue, n in usage.issues(session, period):
            failures[terminology][issue] += n
            kinds[issue] += n
        used = [service for service in SERVICES if any(counts[service] for counts in by_day.values())]
        chart = day_chart(by_day, period.days(), used, rightwards=direction() == "ltr")
        return render_template(
            "desk/dashboard.html", period=period, days=days, periods=PERIODS, by_day=by_day, used=used, chart=chart,
            outcomes=outcomes, outcome_names=OUTCOMES, since=usage.counting_since(session),
            clients=usage.use_of_clients(session, period)[:_SHOWN],
            issues=sorted(failures.items(), key=lambda one: -one[1].total())[:_SHOWN],
            issue_kinds=[issue for issue, _ in kinds.most_common()],
            words=usage.words_without_result(session, period, _SHOWN),
            mirrors=usage.mirrors(session), dropped=usage.dropped_bytes(session, period),
            file=lambda table: url_for("desk.dashboard_file", table=table, days=days),
        )  # fmt: skip


def _days() -> int:
    """What is chosen; anything else is a month."""
    text = request.args.get("days", "")
    return next((days for days in PERIODS if text == str(days)), _DAYS)


@room.get("/dashboard/<table>.csv")
def dashboard_file(table: str) -> ResponseReturnValue:
    if table not in _TABLES:
        raise NotFound(f"جدول «{table[:40]}» نیست.", f"There is no table {table[:40]!r}.")
    headings, read = _TABLES[table]
    with transaction(engine()) as session:
        rows = list(read(session, Period.of(_days())))

    def content() -> Iterator[bytes]:
        yield ("\ufeff" + csv_line(headings)).encode()
        for row in rows:
            yield csv_line(row).encode("utf-8", "replace")

    return attachment(content(), f"{table}.csv", "text/csv; charset=utf-8")


def _requests(session: Session, period: Period) -> Iterator[Row]:
    for day, service, outcome, n in usage.requests_by_day(session, period):
        yield jalali(day), day.isoformat(), service, outcome, n


def _clients(session: Session, period: Period) -> Iterator[Row]:
    for one in usage.use_of_clients(session, period):
        yield one.client, one.requests, one.refused, one.limited, one.failed


def _words(session: Session, period: Period) -> Iterator[Row]:
    yield from usage.words_without_result(session, period, _MOST_WORDS)


def _mirrors(session: Session, _: Period) -> Iterator[Row]:
    for one in usage.mirrors(session):
        behind = "" if one.behind is None else one.behind
        yield one.name, one.serial, behind, jalali_instant(one.seen_at), one.seen_at.isoformat(timespec="seconds")


_TABLES: dict[str, tuple[Row, Callable[[Session, Period], Any]]] = {
    "requests": (("day", "day_gregorian", "service", "outcome", "requests"), _requests),
    "clients": (("client", "requests", "refused", "limited", "failed"), _clients),
    "issues": (("terminology", "issue", "count"), usage.issues),
    "words": (("words", "searched", "found_instead"), _words),
    "mirrors": (("mirror", "serial", "behind", "seen", "seen_utc"), _mirrors),
}
