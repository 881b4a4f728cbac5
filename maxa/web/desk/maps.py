"""Maps: every map with what is left to decide on it, and its work list: one source code after the other, with what may be
meant by it. Decisions gather in the person's draft (:mod:`maxa.registry.actions.deciding`)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from maxa.errors import BadParameter, MaxaError, NotFound, UnknownMap, WrongState
from maxa.registry import actions, deciding, decisions
from maxa.registry.actions.deciding import find_draft
from maxa.registry.actions.decision_sets import map_named
from maxa.registry.decision_file import HOLDS, NO_TARGET, NOT, RELATIONSHIPS, make_decision
from maxa.registry.models import Terminology
from maxa.registry.transaction import transaction
from maxa.web.desk.door import actor, attempt, desk, engine
from maxa.web.desk.map_panel import Sent, candidates_of, names_of_source, panel_of, release_now, source_codes_found
from maxa.web.desk.naming import map_address
from maxa.web.desk.room import room
from maxa.web.desk.wording import said_at_the_desk
from maxa.web.desk.worklists import FILTERS, Listing

PAGE = 30
_LONGEST = 200
_MOST_CHOSEN = 50
_DIGITS = 19  # of 2**63, which no number of a decision reaches
VERDICTS = (*RELATIONSHIPS, NOT, NO_TARGET)


@room.get("/maps")
def map_list() -> ResponseReturnValue:
    with transaction(engine()) as session:
        maps = [one for one in decisions.maps(session) if _is_known(session, one)]
        pending = {one.id: len(deciding.pending_codes(session, one)) for one in maps}
    rows = [(one, desk().work.of(engine(), one), pending[one.id]) for one in maps]
    return render_template("desk/maps.html", rows=rows, map_address=map_address)


def _is_known(session: Session, terminology: Terminology) -> bool:
    try:
        return map_named(session, terminology.name).id == terminology.id
    except UnknownMap:
        return False


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address of a work list says."""

    show: str
    find: str
    after: str
    code: str
    q: str

    @classmethod
    def of(cls, given: Any) -> Asked:
        texts = {name: given.get(name, "").strip()[:_LONGEST] for name in ("show", "find", "after", "code", "q")}
        return cls(**{**texts, "show": texts["show"] if texts["show"] in FILTERS else FILTERS[0]})

    def kept(self, **over: Any) -> dict[str, Any]:
        """For ``url_for``: only what says something."""
        told = {"show": self.show, "find": self.find, "after": self.after, **over}
        return {name: value for name, value in told.items() if value}


@room.get("/maps/<path:name>")
def map_work(name: str) -> ResponseReturnValue:
    return _work_page(name, Asked.of(request.args))


def _work_page(name: str, given: Asked, *, problem: MaxaError | None = None) -> ResponseReturnValue:
    """The work list with the panel of the code that is asked for, else of its first. With a ``problem``, the form is as it
    was sent."""
    with transaction(engine()) as session:
        terminology = map_named(session, name)
    work = desk().work.of(engine(), terminology)
    with transaction(engine()) as session:
        pending = frozenset(deciding.pending_codes(session, terminology))
        listing = Listing(work, given.show, pending, source_codes_found(terminology, given.find))
        codes = listing.page(session, terminology, after=given.after, limit=PAGE + 1)
        code = given.code or (codes[0] if codes else "")
        if given.code and given.code not in codes[:PAGE]:  # the list begins with the code that is looked at
            codes = [given.code, *listing.page(session, terminology, after=given.code, limit=PAGE)]
        following = listing.page(session, terminology, after=code, limit=1) if code else []
        me, sent = actor(), _sent() if problem is not None else Sent()
        draft = find_draft(session, terminology, me.name)
        html = render_template(
            "desk/map_work.html", terminology=terminology, name=map_address(terminology.name), given=given, work=work,
            rows=deciding.listed(session, terminology, codes[:PAGE]),
            panel=panel_of(session, terminology, code, person=me.name, q=given.q, sent=sent) if code else None,
            counts={show: listing.count(show) for show in FILTERS},
            marks={one: listing.mark(one) for one in codes},
            following=following[0] if following else None, filters=FILTERS, verdicts=VERDICTS, draft=draft,
            drafted=draft.tables[0].rows if draft else 0, error=problem,
            next_after=codes[PAGE - 1] if len(codes) > PAGE else None,
            last=deciding.last_saved(session, terminology, draft.id) if draft else None,
            may=me.may("decide", [terminology.name]), names=names_of_source(terminology), moved=bool(given.after),
        )  # fmt: skip
    return html, problem.status if problem is not None else 200


@room.get("/maps/<path:name>/candidates")
def map_candidates(name: str) -> ResponseReturnValue:
    """The candidates alone, for the page that asks while one types."""
    given = Asked.of(request.args)
    chosen = request.args.getlist("target")[:_MOST_CHOSEN]
    with transaction(engine()) as session:
        terminology = map_named(session, name)
        source, _ = deciding.ends_of(session, terminology)
        concept = deciding.concepts(session, source, [given.code]).get(given.code)
        pairs = deciding.pairs_of_code(session, terminology, given.code)
    release = release_now(terminology.target)
    found = candidates_of(release, concept, given.q, {p.target for p in pairs}, chosen) if release is not None else []
    return render_template(
        "desk/map_candidates.html", candidates=found, chosen=chosen, shown=len(pairs), q=given.q,
        on_shelf=release is not None, terminology=terminology,
    )  # fmt: skip


def _sent() -> Sent:
    form = request.form
    return Sent(form.getlist("target")[:_MOST_CHOSEN], form.get("verdict", ""), form.get("reason", ""))


# --- what is saved ------------------------------------------------------------------------------------------------------


@room.post("/maps/<path:name>/decide")
def map_decide(name: str) -> ResponseReturnValue:
    """Save, and go on to the next row; what can't be saved is shown with the form as it was sent."""
    actor().require("decide")
    form, given = request.form, Asked.of(request.form)
    try:
        actions.decide_on_code(
            engine(), actor=actor(), map_name=name, decisions=_decisions(given.code), seen=form.get("seen", ""),
        )  # fmt: skip
    except (BadParameter, WrongState) as error:
        return _work_page(name, given, problem=error)
    flash(gettext("دربارهٔ %(code)s ثبت شد.", code=given.code), "good")
    following = form.get("following", "")[:_LONGEST]
    return redirect(url_for("desk.map_work", name=name, **given.kept(code=following)), 303)


def _decisions(code: str) -> list[Any]:
    form = request.form
    verdict, reason = form.get("verdict", ""), form.get("reason", "")
    targets = list(dict.fromkeys(form.getlist("target")))
    if verdict not in VERDICTS:
        raise BadParameter(
            "نوع ارتباط را برگزینید: برابر، عام‌تر، خاص‌تر، مرتبط، برقرار نیست یا بی‌همتا.",
            "Choose the relationship: equivalent, broader, narrower, related, does not hold, or no equivalent.",
            "verdict",
        )
    if verdict == NO_TARGET:
        if targets:
            raise BadParameter(
                "برای کدی که همتا ندارد کدی برنگزینید؛ نشان کدها را بردارید.",
                "A code that has no equivalent takes no code: clear those that are chosen.",
                "target",
            )
        return [make_decision({"source": code, "verdict": NO_TARGET, "reason": reason})]
    if not targets:
        raise BadParameter(
            "دست‌کم یک کد مقصد برگزینید، یا «همتا ندارد».", "Choose a target code, or “no equivalent”.", "target"
        )
    if len(targets) > _MOST_CHOSEN:
        raise BadParameter(
            f"بیش از {_MOST_CHOSEN} کد در یک تصمیم.", f"More than {_MOST_CHOSEN} codes in one decision.", "target"
        )
    holds = verdict in RELATIONSHIPS
    return [
        make_decision({
            "source": code, "target": target, "verdict": HOLDS if holds else NOT, "relationship": verdict if holds else "",
            "reason": reason,
        })
        for target in targets
    ]  # fmt: skip


def _back(name: str, given: Asked) -> str:
    return url_for("desk.map_work", name=name, **given.kept(code=given.code))


def _do(name: str, action: Callable[[], Any], done: str) -> ResponseReturnValue:
    """As :func:`attempt`; what is not there (any more) is told on the page, too."""
    back = _back(name, Asked.of(request.form))
    try:
        return attempt(action, done=done, back=back)
    except NotFound as error:
        flash(said_at_the_desk(error), "bad")
        return redirect(back, 303)


@room.post("/maps/<path:name>/take-back")
def map_take_back(name: str) -> ResponseReturnValue:
    given = request.form.getlist("number")[:_MOST_CHOSEN]
    numbers = [int(one) for one in given if one.isascii() and one.isdigit() and len(one) < _DIGITS]
    return _do(
        name,
        lambda: actions.take_back_decisions(engine(), actor=actor(), map_name=name, numbers=numbers),
        gettext("تصمیم از پیش‌نویس برداشته شد."),
    )


@room.post("/maps/<path:name>/revoke")
def map_revoke(name: str) -> ResponseReturnValue:
    form = request.form
    number = form.get("number", 0, type=int) or 0
    return _do(
        name,
        lambda: actions.revoke_decision(
            engine(), actor=actor(), map_name=name, number=min(max(number, 0), 2**63 - 1), reason=form.get("reason", ""),
            seen=form.get("seen", ""),
        ),
        gettext("لغو تصمیم %(number)s در پیش‌نویس شماست.", number=number),
    )  # fmt: skip


@room.post("/maps/<path:name>/hand-over")
def map_hand_over(name: str) -> ResponseReturnValue:
    """To the draft as a whole, compared with what is current: there it is sent for review."""
    number = actions.settle_decisions(engine(), actor=actor(), map_name=name)
    return redirect(url_for("desk.submission", number=number), 303)
