"""Review: findings with their places, differences against the current edition, the marked workbook; and the decisions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from maxa.diff import KINDS
from maxa.errors import BadParameter, Unavailable
from maxa.persian.dates import TEHRAN, parse_instant
from maxa.registry import actions, differences, queries
from maxa.registry.models import Submission, Terminology
from maxa.registry.transaction import transaction
from maxa.sheets.differences import csv_chunks, workbook_chunks
from maxa.sheets.findings_table import SEVERITIES, findings_csv, place_of
from maxa.sheets.mark import MEDIA_TYPE
from maxa.sheets.mending import advice_for
from maxa.web.desk.door import actor, attempt, desk, engine
from maxa.web.desk.leaving import attachment, written_down
from maxa.web.desk.naming import fields_of, names_of, shown_code, title_of
from maxa.web.desk.room import room
from maxa.web.language import language
from maxa.web.paging import page_number

PAGE = 50
FINDINGS_PAGE = 100


@room.get("/submissions/<int:number>/findings")
def finding_list(number: int) -> ResponseReturnValue:
    rule, severity = (request.args.get(name, "")[:60] for name in ("rule", "severity"))
    page = page_number()
    with transaction(engine()) as session:
        one = queries.submission_or_error(session, number)
        counts = queries.finding_counts(session, number)
        found = queries.findings(
            session, number, rule=rule or None, severity=severity if severity in SEVERITIES else None
        )
        start = (page - 1) * FINDINGS_PAGE
        chosen: dict[str, Any] = {"rule": rule, "severity": severity}
        return render_template(
            "desk/findings.html", one=one, counts=counts, rows=found[start : start + FINDINGS_PAGE], page=page,
            more=len(found) > start + FINDINGS_PAGE, chosen=chosen, place_of=place_of,
            advice=advice_for(rule) if rule else None,
            address=lambda n: url_for("desk.finding_list", number=number, page=n, **{k: v for k, v in chosen.items() if v}),
        )  # fmt: skip


@room.get("/submissions/<int:number>/findings.csv")
def findings_file(number: int) -> ResponseReturnValue:
    with transaction(engine()) as session:
        queries.submission_or_error(session, number)
        content = b"".join(findings_csv(queries.findings(session, number)))
    return attachment(content, f"findings-{number}.csv", "text/csv; charset=utf-8")


def _compared(session: Session, number: int) -> tuple[Submission, Terminology, dict[str, Any]]:
    """The submission, the terminology that was asked for (default: its first), and the filters."""
    one = queries.submission_or_error(session, number)
    differences.require_draft(one)
    carried = [terminology for terminology, _ in differences.drafted(session, one)]
    wanted = request.args.get("terminology", "")
    chosen = next((t for t in carried if t.name == wanted), carried[0] if carried else None)
    if chosen is None:
        raise BadParameter("این فهرست چیزی ندارد که سنجیده شود.", "There is nothing to compare.", "terminology")
    kinds = [kind for kind in request.args.getlist("kind") if kind in KINDS]
    filters = {
        "kinds": kinds or None,
        "part": request.args.get("part") or None,
        "query": request.args.get("find", "").strip()[:200] or None,
    }
    return one, chosen, filters


@room.get("/submissions/<int:number>/changes")
def changes(number: int) -> ResponseReturnValue:
    with transaction(engine()) as session:
        one, terminology, filters = _compared(session, number)
        carried = differences.drafted(session, one)
        found = list(
            differences.draft_changes(
                session, one, terminology, after=request.args.get("after"), limit=PAGE + 1, **filters
            )
        )
        counts = differences.draft_counts(session, one, terminology, **filters)
        shown = found[:PAGE]
        kept: dict[str, Any] = {
            "terminology": terminology.name, "kind": filters["kinds"] or [], "part": filters["part"] or "",
            "find": filters["query"] or "",
        }  # fmt: skip
        return render_template(
            "desk/changes.html", one=one, terminology=terminology, carried=carried, counts=counts, changes=shown,
            names=names_of(terminology), kept=kept, kinds=KINDS,
            parts=next((parts for t, parts in carried if t.id == terminology.id), []),
            next_page=url_for("desk.changes", number=number, after=shown[-1].code, **kept) if len(found) > PAGE else None,
            shown_code=shown_code, title_of=title_of, fields_of=fields_of,
        )  # fmt: skip


@room.get("/submissions/<int:number>/changes.<any(csv, xlsx):kind>")
def changes_file(number: int, kind: str) -> ResponseReturnValue:
    """All of what the page shows in pieces, as the filters are."""
    with transaction(engine()) as session:
        _, terminology, filters = _compared(session, number)
        title = gettext("%(name)s: تغییرهای فهرست %(number)s", name=terminology.name, number=number)
        is_map, names, told = terminology.kind == "map", names_of(terminology), language()
        again = queries.submission_or_error(session, number)
        found = differences.draft_changes(session, again, terminology, **filters)
        if kind == "csv":
            blocks = csv_chunks(found, labels=names, is_map=is_map, language=told)
        else:
            blocks = workbook_chunks(found, title=title, labels=names, is_map=is_map, language=told)
        made = written_down(blocks, desk().settings.work)
    media = "text/csv; charset=utf-8" if kind == "csv" else MEDIA_TYPE
    return attachment(made, f"changes-{number}-{terminology.name.replace('→', '--')}.{kind}", media, size=made.size)


# --- decisions -------------------------------------------------------------------------------------------------------


def _decide(number: int, action: Callable[[], Any], done: str) -> ResponseReturnValue:
    return attempt(action, done=done, back=url_for("desk.submission", number=number))


@room.post("/submissions/<int:number>/submit")
def submit(number: int) -> ResponseReturnValue:
    confirm = request.form.getlist("confirm")
    return _decide(
        number,
        lambda: actions.submit_for_review(engine(), submission_id=number, actor=actor(), confirm=confirm),
        gettext("برای بررسی فرستاده شد."),
    )


@room.post("/submissions/<int:number>/approve")
def approve(number: int) -> ResponseReturnValue:
    """Publish now, or at the instant of the form. What is approved for now is published here and sealed by the worker."""
    form = request.form

    def approve_it() -> None:
        at = _publish_at()
        actions.approve_submission(
            engine(), submission_id=number, actor=actor(), publish_at=at, one_person=desk().settings.one_person,
            override_reason=form.get("override") or None, confirm=form.getlist("confirm"),
        )  # fmt: skip
        if at is None:
            _publish(number)

    later = form.get("when") == "later"
    done = gettext("تأیید شد و در زمان گفته‌شده منتشر می‌شود.") if later else (
        gettext("تأیید و منتشر شد."))  # fmt: skip
    return _decide(number, approve_it, done)


def _publish_at() -> datetime | None:
    if request.form.get("when") != "later":
        return None
    text = f"{request.form.get('day', '').strip()} {request.form.get('time', '').strip() or '00:00'}"
    at = parse_instant(f"{text}:00" if text.count(":") == 1 else text, parameter="day")
    if at <= datetime.now(TEHRAN):
        raise BadParameter(
            "زمان انتشار گذشته است؛ روزی در آینده بنویسید یا «هم‌اکنون» را برگزینید.",
            "The time to publish has passed: give one to come, or choose to publish now.",
            "day",
        )
    return at


@room.post("/submissions/<int:number>/publish")
def publish(number: int) -> ResponseReturnValue:
    return _decide(number, lambda: _publish(number), gettext("منتشر شد."))


def _publish(number: int) -> None:
    actions.publish_submission(engine(), submission_id=number, actor=actor(), now=True)
    seal()


def seal() -> None:
    """Tell the worker; one that does not live finds it at its start."""
    try:
        desk().queue("project")
    except Unavailable:
        return


@room.post("/submissions/<int:number>/reject")
def reject(number: int) -> ResponseReturnValue:
    reason = request.form.get("reason", "")[:4_000]
    return _decide(
        number,
        lambda: actions.reject_submission(engine(), submission_id=number, actor=actor(), reason=reason),
        gettext("فهرست بسته شد."),
    )


@room.post("/submissions/<int:number>/comments")
def comment(number: int) -> ResponseReturnValue:
    said = request.form.get("text", "")
    return _decide(
        number,
        lambda: actions.comment_on(engine(), actor=actor(), submission_id=number, text=said),
        gettext("یادداشت گذاشته شد."),
    )
