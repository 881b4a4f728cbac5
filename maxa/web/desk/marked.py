"""The marked workbook: made by the worker, with a page that waits for it."""

from __future__ import annotations

from pathlib import Path

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from maxa.errors import WrongState
from maxa.made import Made, marked_of
from maxa.registry.jobs import seconds_since, standing_of
from maxa.registry.models import State, SubmissionFile
from maxa.registry.queries import submission_or_error
from maxa.registry.transaction import transaction
from maxa.sheets.mark import MEDIA_TYPE
from maxa.web.desk.door import desk, engine
from maxa.web.desk.leaving import WrittenDown, attachment
from maxa.web.desk.room import room
from maxa.web.desk.submissions import file_of

_NOT_READ = (State.IMPORTING, State.FAILED)


@room.get("/submissions/<int:number>/marked/<int:file_id>")
def marked_file(number: int, file_id: int) -> ResponseReturnValue:
    """The workbook when it is ready (but not on a page that waited for it, ``?page=1``); else it is asked for."""
    with transaction(engine()) as session:
        file, made = _of(session, number, file_id)
        status = standing_of(session, once=_once(made)).status
    if made.is_ready and "page" not in request.args:
        return _given(file, made)
    went_wrong = made.refused() is not None or status == "failed"
    if not made.is_ready and status not in ("todo", "doing") and ("again" in request.args or not went_wrong):
        made.forget_refusal()
        desk().queue("mark_workbook", once=_once(made), file_id=file_id)
    return _page("desk/marked.html", number, file, made)


@room.get("/submissions/<int:number>/marked/<int:file_id>/ready")
def marked_ready(number: int, file_id: int) -> ResponseReturnValue:
    """The part of the page that htmx asks for each second."""
    with transaction(engine()) as session:
        file, made = _of(session, number, file_id)
    return _page("desk/making.html", number, file, made)


def _of(session: Session, number: int, file_id: int) -> tuple[SubmissionFile, Made]:
    if submission_or_error(session, number).state in _NOT_READ:
        raise WrongState("این فهرست هنوز خوانده نشده است.", "This submission is not read yet.")
    file = file_of(session, number, file_id)
    return file, marked_of(session, desk().settings, file)


def _page(template: str, number: int, file: SubmissionFile, made: Made) -> str:
    with transaction(engine()) as session:
        standing = standing_of(session, once=_once(made))
        seconds = seconds_since(session, standing.at) if standing.at else 0
    return render_template(
        template, number=number, file=file, ready=made.is_ready, refused=made.refused(), standing=standing,
        seconds=seconds,
    )  # fmt: skip


def _once(made: Made) -> str:
    return made.path.stem


def _given(file: SubmissionFile, made: Made) -> ResponseReturnValue:
    content = made.path.open("rb")  # pruned meanwhile or not, what is open can be read
    content.seek(0, 2)
    whole = WrittenDown(content)
    return attachment(whole, f"{Path(file.name).stem}-marked.xlsx", MEDIA_TYPE, size=whole.size)
