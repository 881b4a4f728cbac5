"""What was sent in: the list with its states and filters, one submission with all that is known of it, its progress, its
files as they were sent in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, selectinload

from maxa.errors import NotFound
from maxa.persian.dates import TEHRAN
from maxa.persian.fold import latin_digits
from maxa.registry import decisions, queries
from maxa.registry.actions.comments import comments_on
from maxa.registry.actions.review import touched
from maxa.registry.circulars import number_key
from maxa.registry.differences import Counts, draft_counts, drafted
from maxa.registry.history import day_of
from maxa.registry.models import (
    DECISIONS,
    Circular,
    Finding,
    Release,
    Shelving,
    State,
    Submission,
    SubmissionFile,
    SubmissionLetter,
    SubmissionTable,
    Terminology,
)
from maxa.registry.requests import count_open
from maxa.registry.transaction import transaction
from maxa.registry.usage import MirrorStanding, mirrors
from maxa.registry.versions import free_version
from maxa.sheets.findings_table import Group, grouped
from maxa.web.desk.door import actor, desk, engine
from maxa.web.desk.leaving import attachment, content_of
from maxa.web.desk.naming import map_address
from maxa.web.desk.room import room
from maxa.web.desk.watching import Watched, watched
from maxa.web.paging import page_number

PAGE = 30
COMPARED = (State.DRAFT, State.IN_REVIEW, State.APPROVED)
_PLACES = 200  # findings of a rule that a page lists


@room.get("/")
def home() -> ResponseReturnValue:
    return redirect(url_for("desk.submission_list"), 303)


@room.get("/submissions")
def submission_list() -> ResponseReturnValue:
    page = page_number()
    chosen = {name: request.args.get(name, "").replace("\0", "").strip()[:100] for name in ("state", "by", "find")}
    with transaction(engine()) as session:
        query = _filtered(chosen).options(selectinload(Submission.files), selectinload(Submission.tables))
        rows = list(
            session.scalars(query.order_by(Submission.id.desc()).offset((page - 1) * PAGE).limit(PAGE + 1)).unique()
        )
        people = list(session.scalars(select(Submission.created_by).distinct().order_by(Submission.created_by)))
        by_state = dict(session.execute(select(Submission.state, func.count()).group_by(Submission.state)).all())
        return render_template(
            "desk/submissions.html", rows=rows[:PAGE], more=len(rows) > PAGE, page=page, chosen=chosen, people=people,
            by_state=by_state, open_requests=count_open(session), address=lambda n: url_for("desk.submission_list", **_set(chosen), page=n),
        )  # fmt: skip


def _set(chosen: dict[str, str]) -> dict[str, Any]:
    return {name: value for name, value in chosen.items() if value}


def _filtered(chosen: dict[str, str]) -> Any:
    query = select(Submission)
    if chosen["state"]:
        query = query.where(Submission.state == chosen["state"])
    if chosen["by"]:
        query = query.where(Submission.created_by == chosen["by"])
    if chosen["find"]:
        query = query.where(_found(chosen["find"]))
    return query


def _found(text: str) -> Any:
    """By its number, its circular's, the name of a file, or a terminology that it touches."""
    small = text.lower()
    files = select(SubmissionFile.submission_id).where(func.lower(SubmissionFile.name).contains(small, autoescape=True))
    tables = (
        select(SubmissionTable.submission_id)
        .join(Terminology, Terminology.id == SubmissionTable.terminology_id)
        .where(func.lower(Terminology.name).contains(small, autoescape=True))
    )
    letters = select(Circular.id).where(Circular.number_key == number_key(text))
    any_of: list[Any] = [Submission.id.in_(files), Submission.id.in_(tables), Submission.circular_id.in_(letters)]
    digits = latin_digits(text)
    if digits.isascii() and digits.isdigit() and len(digits) < 19:
        any_of.append(Submission.id == int(digits))
    return or_(*any_of)


@dataclass(frozen=True, slots=True)
class Whole:
    """One submission as its page shows it."""

    submission: Submission
    groups: list[Group]
    counts: list[tuple[Terminology, list[str], Counts, str]]  # last: the version that it would have, published now
    comments: list[Any]
    releases: list[Release]
    visible: bool
    asked: list[tuple[Finding, bool]]
    errors: int
    watch: Watched
    mirrors: list[MirrorStanding]  # that tell their serial; of what is published


def whole(session: Session, number: int) -> Whole:
    submission = queries.submission_or_error(session, number)
    found = queries.findings(session, number)
    releases = list(
        session.scalars(select(Release).where(Release.submission_id == number).order_by(Release.id)).unique()
    )
    visible = bool(releases) and session.get(Shelving, releases[0].serial) is not None
    compared = submission.state in COMPARED
    in_force = day_of(submission) or datetime.now(TEHRAN).date()
    return Whole(
        submission=submission,
        groups=grouped(found),
        counts=[
            (t, parts, draft_counts(session, submission, t), free_version(session, t.id, in_force))
            for t, parts in (drafted(session, submission) if compared else [])
        ],
        comments=comments_on(session, number),
        releases=releases,
        visible=visible,
        asked=[(f, f.confirm in submission.confirmed) for f in found if f.confirm],
        errors=sum(1 for f in found if f.severity == "error"),
        watch=watched(session, submission),
        mirrors=mirrors(session) if releases else [],
    )


@room.get("/submissions/<int:number>")
def submission(number: int) -> ResponseReturnValue:
    with transaction(engine()) as session:
        shown = whole(session, number)
        names = touched(shown.submission)
        me, own = actor(), shown.submission.created_by == actor().name
        may = {
            "submit": me.may("submit", names), "approve": me.may("approve", names), "publish": me.may("publish", names),
            "reject": me.may("reject") if own else me.may("approve", names), "import": me.may("import"),
            "own": own and not desk().settings.one_person, "override": me.is_administrator,
        }  # fmt: skip
        return render_template(
            "desk/submission.html", shown=shown, one=shown.submission, may=may, decided=_decided(session, shown.submission),
            map_address=map_address, places=_PLACES,
        )  # fmt: skip


def _decided(session: Session, submission: Submission) -> list[decisions.Decided]:
    """What a set of decisions holds, up to one more than the page lists."""
    if submission.scope != DECISIONS:
        return []
    return decisions.decisions(session, submission=submission.id, states=decisions.STATES, limit=_PLACES + 1)


@room.get("/submissions/<int:number>/files/<int:file_id>")
def submission_file(number: int, file_id: int) -> ResponseReturnValue:
    with transaction(engine()) as session:
        file = file_of(session, number, file_id)
    return attachment(content_of(engine(), file), file.name, size=file.size)


@room.get("/submissions/<int:number>/letter")
def submission_letter(number: int) -> ResponseReturnValue:
    with transaction(engine()) as session:
        letter = session.get(SubmissionLetter, number)
        if letter is None:
            raise NotFound("این فهرست ابلاغیه‌ای همراه ندارد.", "No letter came with this submission.")
    return attachment(content_of(engine(), letter), letter.name, size=letter.size)


def file_of(session: Session, number: int, file_id: int) -> SubmissionFile:
    file = session.get(SubmissionFile, file_id)
    if file is None or file.submission_id != number:
        raise NotFound("این فهرست چنین پرونده‌ای ندارد.", "The submission has no such file.")
    return file
