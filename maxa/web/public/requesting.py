"""The pages of requests: report a missing code or a difference between lists, and follow what becomes of it."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from datetime import datetime
from urllib.parse import quote, urlsplit

from flask import Blueprint, current_app, redirect, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import RequestEntityTooLarge

from maxa.access.clients import RateLimit
from maxa.errors import BadBody, BodyTooLarge, MaxaError, Unavailable
from maxa.listcheck.running import read_rows
from maxa.requests.asking import LONGEST, LONGEST_NOTE, LONGEST_ORGANISATION, MOST_ROWS, asking_of
from maxa.requests.pasted import pasted_rows
from maxa.requests.place import RequestDesk
from maxa.requests.telling import found
from maxa.requests.tracking import read_tracking
from maxa.settings import Settings
from maxa.web.headers import compress_and_tag
from maxa.web.paging import page_number
from maxa.web.public.checking import MOST_SECONDS, name_of
from maxa.web.public.reading import catalogue, shelf
from maxa.web.throttle import Throttle, sender

requesting = Blueprint("requesting", __name__)
requesting.after_request(compress_and_tag)
filings = Throttle(RateLimit(10, "minute"))
followings = Throttle(RateLimit(120, "minute"))
ROWS_IN_A_PAGE = 200
_FIELDS = ("kind", "terminology", "rows", "organisation", "client_id", "note")
_OURS = ("same-origin", "none")  # Sec-Fetch-Site of our own form, and of an address that was typed
_turns = threading.BoundedSemaphore(2)


def request_desk() -> RequestDesk:
    place: RequestDesk = current_app.extensions["maxa.requests"]
    return place


@requesting.get("/requests")
def form() -> ResponseReturnValue:
    """The form, with what a link to it says filled in; with ``number``, the way to a request."""
    number = request.args.get("number")
    if number is None:
        return _form(_prefilled(request.args))
    tracking = read_tracking(number)
    # what is no number is told at its address
    return redirect(f"/requests/{tracking or quote(number.strip()[:60] or '-', safe='')}", 303)


@requesting.post("/requests")
def file() -> ResponseReturnValue:
    """Take a request in and lead to its page; with ``draft`` show the form with these rows filled in."""
    place = request_desk()
    place.require_here()
    _check_origin()
    request.max_form_memory_size = request.max_content_length  # thousands of pasted rows are one field
    try:
        typed = {name: request.form.get(name, "") for name in _FIELDS}
    except RequestEntityTooLarge:
        return _form(_prefilled({}), _too_large())
    if request.form.get("draft"):
        return _form(typed)
    try:
        filings.take(sender(request))
        asking = asking_of(typed, _rows(typed["rows"], request.files.get("file")), catalogue())
        filed = place.file(asking, sender=sender(request))
    except MaxaError as error:
        return _form(typed, error)
    return redirect(f"/requests/{filed.tracking}?{'again' if filed.existing else 'new'}=1", 303)


@requesting.get("/requests/<tracking>")
def follow(tracking: str) -> ResponseReturnValue:
    spool = request_desk().spool
    followings.take(sender(request))
    try:
        told = found(spool, tracking, shelf(), catalogue())
    except MaxaError as error:
        return _form(_prefilled({}), error, number=tracking)
    page = page_number()
    received, updated = (datetime.fromisoformat(at) if at else None for at in (told["received_at"], told["updated_at"]))
    reply = current_app.make_response(
        render_template(
            "public/request.html", told=told, items=told["items"][(page - 1) * ROWS_IN_A_PAGE : page * ROWS_IN_A_PAGE],
            page=page, more=len(told["items"]) > page * ROWS_IN_A_PAGE, new="new" in request.args,
            again="again" in request.args, received_at=received, updated_at=updated,
        )
    )  # fmt: skip
    reply.headers["Cache-Control"] = "no-store"  # whoever has the address sees it: it stays in no cache
    reply.headers["X-Robots-Tag"] = "noindex"
    return reply


def _form(typed: Mapping[str, str], error: MaxaError | None = None, *, number: str = "") -> ResponseReturnValue:
    place = request_desk()
    html = render_template(
        "public/requests.html", typed=typed, error=error, number=number, is_here=place.is_here, centre=place.centre,
        lists=sorted(catalogue().terminologies, key=lambda entry: entry.id.casefold()), most_rows=MOST_ROWS,
        longest_organisation=LONGEST_ORGANISATION, longest_note=LONGEST_NOTE,
        most_megabytes=current_app.config["MAX_CONTENT_LENGTH"] >> 20,
    )  # fmt: skip
    if error is None:
        return html
    headers: dict[str, str] = error.data.get("headers", {})
    return html, error.status, headers


def _too_large() -> BodyTooLarge:
    megabytes = current_app.config["MAX_CONTENT_LENGTH"] >> 20
    return BodyTooLarge(
        f"این فرم با پرونده‌اش از اندازهٔ مجاز ({megabytes} مگابایت) بزرگ‌تر است؛ آن را چند درخواست کنید.",
        f"The form with its file is larger than the {megabytes} MB allowed: make several requests of it.",
    )


def _prefilled(given: Mapping[str, str]) -> dict[str, str]:
    """What a link from the search or from a code says."""
    told = {name: given.get(name, "")[:LONGEST_NOTE] for name in _FIELDS}
    code, title = (given.get(name, "")[: LONGEST[name]].strip() for name in ("code", "title"))
    if code or title:
        told["rows"] = "\t".join(part for part in (code, title) if part)
    return told


def _rows(pasted: str, file: FileStorage | None) -> Iterable[dict[str, str]]:
    """Of the uploaded list, if there is one, then those that were pasted."""
    uploaded = _uploaded(file) if file is not None and file.filename else []
    return [*uploaded, *pasted_rows(pasted)]


def _uploaded(file: FileStorage) -> list[dict[str, str]]:
    chosen: Settings = current_app.extensions["maxa.settings"]
    if not _turns.acquire(blocking=False):
        raise Unavailable(
            "اکنون فهرست‌های دیگری خوانده می‌شود؛ اندکی دیگر دوباره بفرستید.",
            "Other lists are being read just now: send yours again in a moment.",
            data={"headers": {"Retry-After": "5"}},
        )
    try:
        return read_rows(
            file.save, filename=name_of(file), workdir=chosen.work, most=MOST_ROWS + 1, memory=chosen.import_memory,
            seconds=min(chosen.import_seconds, MOST_SECONDS),
        )  # fmt: skip
    finally:
        _turns.release()


def _check_origin() -> None:
    """There is nobody signed in whom another site could borrow, but its visitors' addresses it could. Every browser of the
    last years says where a form came from; what says nothing is no browser, and is counted by its address."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    ours = site in _OURS if site is not None else origin is None or urlsplit(origin).netloc == request.host
    if not ours:
        raise BadBody(
            "این درخواست از سایت دیگری آمده است؛ فرم همین صفحه را پر کنید: ‎/requests‎",
            "This request came from another site: fill in the form at /requests.",
        )
