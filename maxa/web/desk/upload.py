"""Upload: the circular, one or more workbooks, the letter. What was received is kept before anything is read, and the
import runs in the worker: whoever leaves the page loses nothing."""

from __future__ import annotations

import contextlib
from collections import defaultdict
from datetime import date

from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from importers import SOURCES
from importers.profile import Profile
from maxa.errors import BadParameter, MaxaError, NotAllowed, Unavailable
from maxa.persian.dates import jalali, parse_day
from maxa.registry import actions
from maxa.registry.actions.receiving import SCOPES, Letter, Received, Workbook
from maxa.registry.circulars import known_circulars, number_key
from maxa.registry.models import Circular, State, Terminology
from maxa.registry.queries import submission_or_error
from maxa.registry.transaction import transaction
from maxa.web.desk.arriving import LARGEST_LETTER, as_sent
from maxa.web.desk.door import actor, attempt, desk, engine, takes_files
from maxa.web.desk.refusals import gone_to, is_part
from maxa.web.desk.room import room

MOST_FILES = 20


@room.get("/upload")
def upload() -> ResponseReturnValue:
    actor().require("import")
    return _form({}, None), 200


@room.post("/upload")
@takes_files
def upload_post() -> ResponseReturnValue:
    actor().require("import")
    said = {name: value.strip()[:500] for name, value in request.form.items() if name != "csrf_token"}
    try:
        received = _receive(said)
    except (NotAllowed, Unavailable):
        raise
    except MaxaError as error:
        if is_part():
            raise
        return _form(said, error), error.status
    number = received.submission_id
    if received.existing:
        flash(gettext("همین کارپوشه‌ها پیش‌تر رسیده است؛ چیزی تغییر نکرد."), "info")
    with transaction(engine()) as session:
        importing = submission_or_error(session, number).state == State.IMPORTING
    if importing:
        queue_import(number)
    return gone_to(url_for("desk.submission", number=number))


@room.post("/submissions/<int:number>/again")
def submission_again(number: int) -> ResponseReturnValue:
    def again() -> None:
        actions.retry_import(engine(), actor=actor(), submission_id=number)
        queue_import(number)

    back = url_for("desk.submission", number=number)
    return attempt(again, done=gettext("همان کارپوشه‌ها از نو وارد می‌شود."), back=back)


def queue_import(number: int) -> None:
    """The worker takes up what is not queued at its next start."""
    with contextlib.suppress(Unavailable):
        desk().queue("import_submission", submission_id=number)


def _form(said: dict[str, str], error: MaxaError | None) -> str:
    with transaction(engine()) as session:
        letters = _letters(session)
        names = list(
            session.scalars(select(Terminology.name).where(Terminology.kind == "codes").order_by(Terminology.name))
        )
    return render_template(
        "desk/upload.html", typed=defaultdict(str, said), error=error, letters=letters, terminologies=names, sources=SOURCES.values(),
        largest=desk().settings.max_workbook, largest_letter=LARGEST_LETTER, most=desk().settings.max_upload,
        most_files=MOST_FILES, plain_day=jalali,
    )  # fmt: skip


def _letters(session: Session) -> list[tuple[str, date, str]]:
    """Known circulars and those that came in, newest first: number, day, subject."""
    found = {(number_key(one.number), one.day): (one.number, one.day, one.subject) for one in known_circulars()}
    for row in session.scalars(select(Circular)):
        found.setdefault((row.number_key, row.day), (row.number, row.day, row.subject))
    return sorted(found.values(), key=lambda one: one[1], reverse=True)


def _receive(said: dict[str, str]) -> Received:
    books = [file for file in request.files.getlist("workbook") if file.filename]
    if not books:
        raise BadParameter("کارپوشه‌ای انتخاب نشده است.", "No workbook was chosen.", "workbook")
    if len(books) > MOST_FILES:
        raise BadParameter(
            f"بیش از {MOST_FILES} کارپوشه در یک فهرست.", f"More than {MOST_FILES} workbooks at once.", "workbook"
        )
    number, day = _circular(said)
    profile = Profile(
        terminology=said.get("terminology", ""), part=said.get("part", ""), title_fa=said.get("title_fa", ""),
        title_en=said.get("title_en", ""),
    )  # fmt: skip
    letter = request.files.get("letter")
    scope = said.get("scope", "full")
    return actions.receive_submission(
        engine(), actor=actor(), circular=number, day=day, note=said.get("note", ""),
        workbooks=[Workbook(f.filename or "", as_sent(f), said.get("source") or None, profile) for f in books],
        letter=Letter(letter.filename, as_sent(letter, largest=LARGEST_LETTER)) if letter and letter.filename else None,
        scope=scope if scope in SCOPES else "", history=said.get("history") == "yes",
    )  # fmt: skip


def _circular(said: dict[str, str]) -> tuple[str | None, date | None]:
    """Typed, or chosen from the list, whose entries name the day as well: ``110/37، 1402/02/18``."""
    typed, _, its_day = (piece.strip() for piece in said.get("circular", "").replace(",", "،").partition("،"))
    day = said.get("day") or its_day
    return typed or None, parse_day(day, parameter="day") if day else None
