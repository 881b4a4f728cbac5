"""Columns that nobody knows, mapped by hand: what the worker saw in a workbook, and importing it again as it is mapped."""

from __future__ import annotations

import contextlib
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from importers import SOURCES
from importers.heading_keys import heading_key
from importers.profile import Profile, fields_of
from maxa.errors import BadParameter, MaxaError, NotAllowed, NotFound, Unavailable
from maxa.registry.actions.importing_again import Mapped, import_again
from maxa.registry.jobs import standing_of
from maxa.registry.models import SeenWorkbook
from maxa.registry.queries import submission_or_error
from maxa.registry.transaction import transaction
from maxa.web.desk.door import actor, desk, engine
from maxa.web.desk.room import room
from maxa.web.desk.submissions import file_of
from maxa.web.desk.upload import queue_import

LEAVE_OUT = "-"  # in the form: the column is not to be read; an empty choice leaves it as it is


@room.get("/submissions/<int:number>/columns/<int:file_id>")
def columns(number: int, file_id: int) -> ResponseReturnValue:
    actor().require("import")
    return _page(number, file_id, None)


def _page(number: int, file_id: int, error: MaxaError | None) -> ResponseReturnValue:
    with transaction(engine()) as session:
        one = submission_or_error(session, number)
        file = file_of(session, number, file_id)
        held = session.get(SeenWorkbook, file_id)
        if held is None:
            with contextlib.suppress(Unavailable):
                desk().queue("look_at_workbook", once=f"look-{file_id}", file_id=file_id)
        seen: dict[str, Any] | None = held.seen if held else None
        source = request.values.get("source") or file.source or _resembled(seen or {})
        declared = SOURCES.get(source or "")
        html = render_template(
            "desk/columns.html", one=one, file=file, seen=seen, failure=held.failure if held else None,
            waiting=held is None, standing=standing_of(session, once=f"look-{file_id}"), source=source or "", sources=SOURCES.values(),
            fields=fields_of(declared.sheets) if declared else [], error=error, profile=Profile.from_dict(file.profile),
            headings=dict(fields_of(declared.sheets)) if declared else {}, leave_out=LEAVE_OUT,
        )  # fmt: skip
    return html, error.status if error else 200


def _resembled(seen: dict[str, Any]) -> str:
    """The source that a workbook is, or resembles most."""
    nearest = next((one["source"] for one in seen.get("candidates", ())), "")
    return seen.get("source") or seen.get("likely") or nearest


@room.get("/submissions/<int:number>/columns/<int:file_id>/ready")
def columns_ready(number: int, file_id: int) -> ResponseReturnValue:
    """Asked for each second until the worker has looked."""
    actor().require("import")
    with transaction(engine()) as session:
        file_of(session, number, file_id)
        ready = session.get(SeenWorkbook, file_id) is not None
    return "", 200 if ready else 204, {"HX-Refresh": "true"} if ready else {}


@room.post("/submissions/<int:number>/columns/<int:file_id>")
def columns_post(number: int, file_id: int) -> ResponseReturnValue:
    actor().require("import")
    try:
        with transaction(engine()) as session:
            file_of(session, number, file_id)
            held = session.get(SeenWorkbook, file_id)
            if held is None or held.seen is None:
                raise NotFound("این کارپوشه هنوز دیده نشده است.", "This workbook was not looked at yet.")
            seen = held.seen
        columns = _chosen(seen)
        _require_fields(columns, request.form.get("source", ""))
        mapped = Mapped(
            columns=columns, source=request.form.get("source") or None,
            terminology=request.form.get("terminology", "").strip()[:100],
            part=request.form.get("part", "").strip()[:100],
        )  # fmt: skip
        received = import_again(engine(), actor=actor(), submission_id=number, mapped={file_id: mapped})
    except (NotAllowed, NotFound, Unavailable):
        raise
    except MaxaError as error:
        return _page(number, file_id, error)
    if received.existing:
        flash(gettext("با همین ستون‌ها پیش‌تر وارد شده است."), "info")
    else:
        queue_import(received.submission_id)
        flash(gettext("با ستون‌هایی که گفتید از نو وارد می‌شود؛ این نگاشت برای بار دیگر به یاد می‌ماند."), "good")
    return redirect(url_for("desk.submission", number=received.submission_id), 303)


def _require_fields(columns: dict[str, str], source: str) -> None:
    """The form offers the fields of one source; another one chosen meanwhile has others."""
    declared = SOURCES.get(source)
    known = {name for name, _ in fields_of(declared.sheets)} if declared else set()
    wrong = [field for field in columns.values() if field and field not in known]
    if declared is not None and wrong:
        raise BadParameter(
            f"«{source}» فیلدی به نام «{wrong[0]}» ندارد.", f"{source} has no field {wrong[0]!r}.", "field",
            suggestions=sorted(known),
        )  # fmt: skip


def _chosen(seen: dict[str, Any]) -> dict[str, str]:
    """Heading → field of what was chosen in the form, whose fields are numbered as the columns stand in what was seen:
    headings hold anything, and never become names of fields."""
    chosen: dict[str, str] = {}
    keys: set[str] = set()
    for at, column in enumerate(column for sheet in seen["sheets"] for column in sheet["columns"]):
        field = request.form.get(f"field-{at}", "")
        key = heading_key(column["heading"])
        if field and key and key not in keys:
            keys.add(key)
            chosen[column["heading"]] = "" if field == LEAVE_OUT else field[:100]
    return chosen
