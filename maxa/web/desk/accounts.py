"""Accounts of the committee's staff: made and reset with passwords that are shown once, roles, what they keep, sessions."""

from __future__ import annotations

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select

from maxa.errors import BadParameter, MaxaError, NotFound
from maxa.map_ids import map_id
from maxa.registry import actions
from maxa.registry.actions.sessions import open_sessions
from maxa.registry.models import Account, Terminology
from maxa.registry.people import KEEPING_ROLES
from maxa.registry.transaction import transaction
from maxa.web.desk.door import actor, attempt, engine
from maxa.web.desk.room import room

_MOST_KEPT = 100


@room.get("/accounts")
def account_list() -> ResponseReturnValue:
    actor().require("administer")
    with transaction(engine()) as session:
        rows = list(session.scalars(select(Account).order_by(Account.name)))
        for row in rows:
            _ = row.stewardships
        open_now = {one.account for one in open_sessions(session)}
        return render_template("desk/accounts.html", rows=rows, open_now=open_now)


@room.get("/new-account")
def account_new() -> ResponseReturnValue:
    actor().require("administer")
    return _form("", None)


@room.post("/new-account")
def account_new_post() -> ResponseReturnValue:
    name = request.form.get("name", "")
    try:
        once = actions.add_account(
            engine(), actor=actor(), name=name, roles=request.form.getlist("role"), keeps=_keeps()
        )
    except BadParameter as error:
        return _form(name[:100], error)
    return render_template("desk/one_time.html", account=name.strip(), once=once)


def _form(name: str, error: MaxaError | None) -> ResponseReturnValue:
    html = render_template(
        "desk/account_new.html", typed=name, error=error, held=request.form.getlist("role"), names=_names(),
        keeping=KEEPING_ROLES, kept=[],
    )  # fmt: skip
    return html, error.status if error else 200


def _names() -> list[str]:
    with transaction(engine()) as session:
        return list(session.scalars(select(Terminology.name).order_by(Terminology.name)))


def _keeps() -> list[tuple[str, str]]:
    """Pairs of the form's rows; a row without a terminology is none."""
    names, roles = request.form.getlist("terminology"), request.form.getlist("keeps")
    pairs = zip(names[:_MOST_KEPT], roles[:_MOST_KEPT], strict=False)
    return [(map_id(name), role) for name, role in pairs if name.strip()]


@room.get("/accounts/<name>")
def account(name: str) -> ResponseReturnValue:
    actor().require("administer")
    with transaction(engine()) as session:
        row = session.get(Account, name)
        if row is None:
            raise NotFound(f"حساب «{name[:60]}» نیست.", f"There is no account {name[:60]!r}.")
        return render_template(
            "desk/account.html", row=row, kept=list(row.stewardships), keeping=KEEPING_ROLES,
            sessions=open_sessions(session, name=name), names=list(session.scalars(select(Terminology.name))),
        )  # fmt: skip


@room.post("/accounts/<name>/roles")
def account_roles(name: str) -> ResponseReturnValue:
    roles, keeps = request.form.getlist("role"), _keeps()
    return attempt(
        lambda: actions.change_roles(engine(), actor=actor(), name=name, roles=roles, keeps=keeps),
        done=gettext("نقش‌ها ذخیره شد."), back=url_for("desk.account", name=name),
    )  # fmt: skip


@room.post("/accounts/<name>/disabled")
def account_disabled(name: str) -> ResponseReturnValue:
    disabled = request.form.get("do") != "enable"
    return attempt(
        lambda: actions.disable_account(engine(), actor=actor(), name=name, disabled=disabled),
        done=gettext("حساب بسته شد و نشست‌هایش پایان یافت.") if disabled
        else gettext("حساب باز شد."),
        back=url_for("desk.account", name=name),
    )  # fmt: skip


@room.post("/accounts/<name>/password")
def account_password(name: str) -> ResponseReturnValue:
    once = actions.reset_password(engine(), actor=actor(), name=name)
    return render_template("desk/one_time.html", account=name, once=once)


@room.post("/accounts/<name>/sessions/<int:number>/end")
def account_session_end(name: str, number: int) -> ResponseReturnValue:
    actor().require("administer")
    return attempt(
        lambda: actions.end_session(engine(), actor=actor(), session_id=number),
        done=gettext("نشست پایان یافت."), back=url_for("desk.account", name=name),
    )  # fmt: skip
