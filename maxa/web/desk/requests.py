"""Requests for codes: the list, one request with what the search would answer to each row, answers, comments, files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import current_app, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.exc import DBAPIError

from maxa.collecting_requests import collect_requests
from maxa.errors import BadParameter, MaxaError, WrongState
from maxa.registry import actions
from maxa.registry.actions.requests import Answered, Reply
from maxa.registry.models import CodeRequest, RequestRow
from maxa.registry.requests import (
    Wanted,
    answers_of,
    choices,
    comments_on,
    count_open,
    listed,
    request_or_error,
    requests,
    rows_of,
)
from maxa.registry.transaction import transaction
from maxa.requests.asking import MOST_ROWS
from maxa.requests.place import RequestDesk
from maxa.search.api import SearchHit, search
from maxa.shelf.catalogue import Catalogue
from maxa.shelf.reading import Shelf
from maxa.web.desk.door import actor, attempt, engine
from maxa.web.desk.leaving import attachment
from maxa.web.desk.request_files import FILES, request_file
from maxa.web.desk.room import room
from maxa.web.formats import number as shown_number
from maxa.web.paging import page_number

PAGE = 30
ROWS_IN_A_PAGE = 50
CANDIDATES = 3
COLLECTED_BY_A_PAGE = 20
MINE = "mine"
_FILTERS = ("state", "terminology", "organisation", "reviewer", "find")


@room.get("/requests")
def request_list() -> ResponseReturnValue:
    collect()
    page = page_number()
    chosen = {name: request.args.get(name, "").strip()[:200] for name in _FILTERS}
    if "state" not in request.args:
        chosen["state"] = "open"
    wanted = Wanted(**{**chosen, "reviewer": actor().name if chosen["reviewer"] == MINE else chosen["reviewer"]})
    kept: dict[str, Any] = {name: value for name, value in chosen.items() if value or name == "state"}
    with transaction(engine()) as session:
        rows = requests(session, wanted, offset=(page - 1) * PAGE, limit=PAGE + 1)
        return render_template(
            "desk/requests.html", rows=rows[:PAGE], more=len(rows) > PAGE, page=page, chosen=chosen,
            offered=choices(session), open=count_open(session), mine=MINE,
            address=lambda n: url_for("desk.request_list", **kept, page=n),
        )  # fmt: skip


@room.get("/requests/<int:number>")
def one_request(number: int) -> ResponseReturnValue:
    return _request_page(number, page_number(), unanswered=request.args.get("rows") == "unanswered")


def _request_page(number: int, page: int, *, unanswered: bool, problem: MaxaError | None = None) -> str:
    """With ``problem`` the form of this request comes back as it was sent, over the rows as they are now."""
    with transaction(engine()) as session:
        one = request_or_error(session, number)
        rows = rows_of(
            session, number, unanswered=unanswered, offset=(page - 1) * ROWS_IN_A_PAGE, limit=ROWS_IN_A_PAGE + 1
        )  # fmt: skip
        shown = rows[:ROWS_IN_A_PAGE]
        kept: dict[str, Any] = {"rows": "unanswered"} if unanswered else {}
        return render_template(
            "desk/request.html", one=one, counts=listed(session, one), rows=shown, more=len(rows) > ROWS_IN_A_PAGE,
            page=page, unanswered=unanswered, candidates=_candidates(one, shown), answers=answers_of(session, number),
            comments=comments_on(session, number), may_answer=actor().may("answer", {one.terminology} - {""} or None),
            lists=sorted((entry.id for entry in _catalogue().codes), key=str.casefold), files=FILES,
            address=lambda n: url_for("desk.one_request", number=number, page=n, **kept), problem=problem,
            typed=request.form if problem else {}, ticked=request.form.getlist("row") if problem else [],
        )  # fmt: skip


@room.post("/requests/<int:number>/review")
def request_review(number: int) -> ResponseReturnValue:
    def take() -> None:
        actions.review_request(engine(), actor=actor(), request_id=number)
        collect()

    return attempt(take, done=gettext("این درخواست در دست شماست."), back=_back(number))


@room.post("/requests/<int:number>/answer")
def request_answer(number: int) -> ResponseReturnValue:
    """One row by the button of a candidate; else the rows that are ticked, or all that wait, by what the form says. Where
    the request has changed since its page was made, nothing is saved and the form comes back."""
    done: list[Answered] = []

    def answer() -> None:
        picked = request.form.get("pick", "")
        replies = _picked(picked) if picked else _chosen(number)
        done.append(
            actions.answer_request(engine(), actor=actor(), request_id=number, replies=replies, seen=_seen())
        )  # fmt: skip
        collect()

    try:
        reply = attempt(answer, done=gettext("پاسخ ثبت شد."), back=_back(number), passing=(WrongState,))
    except WrongState as error:
        page = _number(request.form.get("back-page", ""), otherwise=1)
        unanswered = request.form.get("back-rows") == "unanswered"
        return _request_page(number, page, unanswered=unanswered, problem=error), error.status
    if done and done[0].unannounced:
        _warn_of(done[0].unannounced)
    return reply


@room.post("/requests/<int:number>/comments")
def request_comment(number: int) -> ResponseReturnValue:
    return attempt(
        lambda: actions.comment_on_request(
            engine(), actor=actor(), request_id=number, text=request.form.get("text", "")
        ),
        done=gettext("یادداشت گذاشته شد."),
        back=url_for("desk.one_request", number=number),
    )  # fmt: skip


@room.get("/requests/<int:number>/rows.<any(csv, xlsx):form>")
def request_rows_file(number: int, form: str) -> ResponseReturnValue:
    with transaction(engine()) as session:
        one = request_or_error(session, number)
        content, media_type = request_file(one, rows_of(session, number), form)
        return attachment(content, f"request-{one.tracking}.{form}", media_type)


def collect() -> None:
    """What came since the worker's last minute is here at once, and answers are shown at once; more than a few are left to
    the worker. What was answered is in the registry: nothing that fails here is told as if it were not."""
    place: RequestDesk = current_app.extensions["maxa.requests"]
    try:
        collect_requests(engine(), place.spool, most=COLLECTED_BY_A_PAGE)
    except (OSError, MaxaError, DBAPIError) as error:  # the worker tries again
        current_app.logger.error("requests can't be read or shown: %s", error)


def _catalogue() -> Catalogue:
    shelf: Shelf = current_app.extensions["maxa.shelf"]
    return shelf.catalogue()


def _candidates(one: CodeRequest, rows: Sequence[RequestRow]) -> dict[int, list[SearchHit]]:
    """Position → active codes that the row may mean, by its title, else by its code; in its own list, else in any."""
    shelf: Shelf = current_app.extensions["maxa.shelf"]
    catalogue = shelf.catalogue()
    where = [one.terminology] if catalogue.find(one.terminology) else []
    found: dict[int, list[SearchHit]] = {}
    for row in rows:
        if row.answer_id is not None:
            continue
        for terminologies in (where, []) if where else ([],):
            hits = _search(shelf, catalogue, row.title or row.code, terminologies)
            if hits:
                found[row.position] = hits
                break
    return found


def _search(shelf: Shelf, catalogue: Catalogue, words: str, terminologies: Sequence[str]) -> list[SearchHit]:
    try:
        return search(
            shelf, catalogue, words[:200], terminologies=terminologies, limit=CANDIDATES, status="active"
        ).hits  # fmt: skip
    except MaxaError:
        return []  # a help only: the row can be answered without


def _picked(text: str) -> dict[int, Reply]:
    """``position:terminology:code``, as the button of a candidate says."""
    place, _, rest = text.partition(":")
    terminology, _, code = rest.partition(":")
    return {_position(place): Reply("existing", terminology, code)}


def _chosen(number: int) -> dict[int, Reply]:
    """A row's own code goes before the one that is typed for all rows."""
    form = request.form
    kind, terminology, reason = (form.get(name, "").strip() for name in ("kind", "terminology", "reason"))
    if form.get("every"):
        with transaction(engine()) as session:
            places = [row.position for row in rows_of(session, number, unanswered=True)]
    else:
        places = [_position(text) for text in form.getlist("row")[:MOST_ROWS]]
    common = form.get("code", "").strip()
    return {
        place: Reply(kind, terminology, form.get(f"code-{place}", "").strip() or common, reason) for place in places
    }


def _seen() -> int:
    """The revision that the form was made of; a form that does not say is of none."""
    return _number(request.form.get("revision", ""), otherwise=0)


def _number(text: str, *, otherwise: int) -> int:
    return max(int(text), otherwise) if text.isascii() and text.isdigit() and len(text) < 10 else otherwise


def _position(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 6):
        raise BadParameter("سطری که برگزیده‌اید نیست.", "There is no such row.", "row")
    return int(text)


def _back(number: int) -> str:
    """To the rows that the person was looking at."""
    kept: dict[str, Any] = {
        name: request.form[f"back-{name}"] for name in ("page", "rows") if request.form.get(f"back-{name}")
    }
    return url_for("desk.one_request", number=number, **kept)


def _warn_of(codes: list[str]) -> None:
    told = "، ".join(codes[:10])
    flash(
        gettext(
            "%(count)s کد هنوز در هیچ فهرستی نیست (%(codes)s): پاسخ ثبت شد، و وقتی منتشر شود پیوند می‌گیرد.",
            count=shown_number(len(codes)), codes=told,
        ),
        "warn",
    )  # fmt: skip
