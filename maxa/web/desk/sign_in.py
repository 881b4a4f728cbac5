"""Signing in and out, one's own sessions and password."""

from __future__ import annotations

from flask import current_app, flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from maxa.errors import BadParameter, MaxaError, NotAllowed, NotAuthenticated, TooManyRequests
from maxa.registry import actions
from maxa.registry.actions.sessions import open_sessions
from maxa.registry.passwords import SHORTEST
from maxa.registry.transaction import transaction
from maxa.web.desk.cookies import drop_token, set_token
from maxa.web.desk.door import actor, attempt, before_all_else, engine, is_safe_next, open_to_all, signed_in
from maxa.web.desk.room import room
from maxa.web.throttle import sender


@room.get("/sign-in")
@open_to_all
def sign_in() -> ResponseReturnValue:
    target = _next()
    if g.signed_in is not None:
        return redirect(target, 303)
    return _form(target)


@room.post("/sign-in")
@open_to_all
def sign_in_post() -> ResponseReturnValue:
    name, password = request.form.get("name", ""), request.form.get("password", "")
    try:
        token, who = actions.sign_in(
            engine(), name=name, password=password, address=sender(request),
            agent=request.user_agent.string,
        )  # fmt: skip
    except (NotAuthenticated, TooManyRequests) as error:
        return _form(_next(), name=name[:200], error=error)
    if g.signed_in is not None:  # whoever sat here before
        actions.end_session(engine(), actor=g.signed_in.actor, session_id=g.signed_in.session_id)
    session.clear()  # what a stranger may have put into this browser is worth nothing now
    reply = current_app.redirect(url_for("desk.password") if who.must_change else _next(), 303)
    set_token(reply, token)
    return reply


@room.post("/sign-out")
@before_all_else
def sign_out() -> ResponseReturnValue:
    who = signed_in()
    actions.end_session(engine(), actor=who.actor, session_id=who.session_id)
    session.clear()
    flash(gettext("از میز بیرون رفتید."), "good")
    reply = current_app.redirect(url_for("desk.sign_in"), 303)
    drop_token(reply)
    return reply


def _form(target: str, *, name: str = "", error: MaxaError | None = None) -> ResponseReturnValue:
    html = render_template("desk/sign_in.html", target=target, name=name, error=error)
    headers = error.data.get("headers", {}) if error else {}
    return html, error.status if error else 200, headers


def _next() -> str:
    target = request.values.get("next", "")
    return target if is_safe_next(target) else url_for("desk.submission_list")


@room.get("/password")
@before_all_else
def password() -> ResponseReturnValue:
    return render_template("desk/password.html", must=signed_in().must_change, shortest=SHORTEST, error=None)


@room.post("/password")
@before_all_else
def password_post() -> ResponseReturnValue:
    who, form = signed_in(), request.form
    try:
        if form.get("new", "") != form.get("again", ""):
            raise BadParameter(
                "گذرواژهٔ تازه را دو بار یکسان ننوشتید.", "The new password was not typed the same twice.", "again"
            )
        actions.change_password(
            engine(), actor=who.actor, old=form.get("old", ""), new=form.get("new", ""),
            address=sender(request), session_id=who.session_id,
        )  # fmt: skip
    except (BadParameter, NotAllowed, TooManyRequests) as error:
        html = render_template("desk/password.html", must=who.must_change, shortest=SHORTEST, error=error)
        return html, error.status, error.data.get("headers", {})
    flash(gettext("گذرواژه عوض شد؛ نشست‌های دیگرتان پایان یافت."), "good")
    return redirect(url_for("desk.submission_list"), 303)


@room.get("/sessions")
def session_list() -> ResponseReturnValue:
    with transaction(engine()) as held:
        mine = open_sessions(held, name=actor().name)
    return render_template("desk/sessions.html", sessions=mine, this=signed_in().session_id)


@room.post("/sessions/<int:number>/end")
def session_end(number: int) -> ResponseReturnValue:
    if number == signed_in().session_id:
        return sign_out()
    return attempt(
        lambda: actions.end_session(engine(), actor=actor(), session_id=number),
        done=gettext("نشست پایان یافت."), back=url_for("desk.session_list"),
    )  # fmt: skip
