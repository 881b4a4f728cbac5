"""The audit trail: who did what, when and why, with filters, and as CSV."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from maxa.errors import MaxaError
from maxa.persian.dates import parse_day
from maxa.registry.trail import HEADINGS, Wanted, actors_and_actions, events, rows
from maxa.registry.transaction import transaction
from maxa.sheets.plain_text import csv_line
from maxa.web.desk.audit_words import ACTIONS, details, subject_as_kept, subject_of
from maxa.web.desk.door import actor, desk, engine
from maxa.web.desk.leaving import attachment, written_down
from maxa.web.desk.room import room

PAGE = 100
_FILTERS = ("actor", "action", "subject", "since", "until")


@room.get("/audit")
def audit_trail() -> ResponseReturnValue:
    actor().require("audit")
    wanted, problem = _wanted()
    before = min(request.args.get("before", 2**63 - 1, type=int), 2**63 - 1)
    with transaction(engine()) as session:
        found = events(session, wanted, before=before, limit=PAGE + 1)
        people, kinds = actors_and_actions(session)
    chosen = {name: request.args.get(name, "")[:100] for name in _FILTERS}
    kept: dict[str, Any] = {name: value for name, value in chosen.items() if value}
    more = url_for("desk.audit_trail", before=found[PAGE - 1].id, **kept) if len(found) > PAGE else None
    html = render_template(
        "desk/audit.html", rows=found[:PAGE], people=people, kinds=kinds, chosen=chosen, more=more, error=problem,
        file=url_for("desk.audit_file", **kept), ACTIONS=ACTIONS, details=details, subject_of=subject_of,
    )  # fmt: skip
    return html, problem.status if problem else 200


@room.get("/audit.csv")
def audit_file() -> ResponseReturnValue:
    actor().require("audit")
    wanted, problem = _wanted()
    if problem is not None:
        raise problem
    with transaction(engine()) as session:
        made = written_down(_lines(rows(session, wanted)), desk().settings.work)
    return attachment(made, "audit.csv", "text/csv; charset=utf-8", size=made.size)


def _lines(found: Iterable[tuple[str, ...]]) -> Iterator[bytes]:
    yield ("\ufeff" + csv_line(HEADINGS)).encode()
    for row in found:
        yield csv_line(row).encode("utf-8", "replace")


def _wanted() -> tuple[Wanted, MaxaError | None]:
    """What the filters say; a day that is none is told, and filters nothing."""
    args = request.args
    try:
        since, until = (_day(name) for name in ("since", "until"))
    except MaxaError as error:
        return Wanted(), error
    named = {name: args.get(name, "").replace("\0", "").strip()[:200] for name in ("actor", "action", "subject")}
    named["subject"] = subject_as_kept(named["subject"])
    return Wanted(**named, since=since, until=until), None


def _day(name: str) -> date | None:
    text = request.args.get(name, "").strip()
    return parse_day(text, parameter=name) if text else None
