"""How the desk says no without anything typed being lost: a form that htmx sends stays on the page with its files, and of
any other one that comes after its session has ended, the texts are shown for copying."""

from __future__ import annotations

import structlog
from flask import Response, g, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import validate_csrf
from werkzeug.exceptions import RequestEntityTooLarge

from maxa.errors import BadBody, MaxaError, NotAuthenticated, Unavailable
from maxa.web.desk.arriving import drain
from maxa.web.desk.room import room
from maxa.web.pages import error_page

log = structlog.get_logger("maxa.desk")

_NEVER_SHOWN = ("csrf_token", "password", "old", "new", "again", "confirm", "when", "scope")
_WORTH_COPYING = 3  # letters


def is_part() -> bool:
    """Whether htmx asks: for a part of a page, and not for a page."""
    return request.headers.get("HX-Request") == "true"


def gone_to(address: str) -> ResponseReturnValue:
    """To another page after a form was taken, also when htmx sent it."""
    if is_part():
        return Response(status=204, headers={"HX-Redirect": address})
    return redirect(address, 303)


@room.errorhandler(MaxaError)
def refuse(error: MaxaError) -> Response:
    if isinstance(error, Unavailable) and "reason" in error.data and g.get("signed_in") is None:
        log.error("the registry can't be reached", why=error.detail_en, reason=error.data["reason"])
        error = Unavailable(
            "پایگاه دادهٔ میز کمیته پاسخ نمی‌دهد؛ گزارش سرور علت را دارد. سرویس‌های خواندنی کار می‌کنند.",
            "The desk's database does not answer; the server's log says why. The reading services go on working.",
        )
    takes_files = request.endpoint == "desk.upload_post"
    if not takes_files:
        return _answer(error, takes_files=False)
    if g.get("signed_in") is not None:
        drain()
        return _answer(error, takes_files=True)
    reply = _answer(error, takes_files=True)
    # of a stranger nothing more is read; gunicorn itself closes what has more to send than it drains in a moment
    reply.headers["Connection"] = "close"
    return reply


def _answer(error: MaxaError, *, takes_files: bool) -> Response:
    if takes_files and is_part():
        request.environ["maxa.error"] = error.code
        html = render_template(
            "desk/upload_refused.html", error=error, ended=isinstance(error, NotAuthenticated),
            stale=isinstance(error, BadBody),
        )  # fmt: skip
        return Response(html, error.status, headers=error.data.get("headers", {}))
    if isinstance(error, NotAuthenticated) and request.method == "POST" and not is_part() and not takes_files:
        typed = _typed()
        if typed:
            request.environ["maxa.error"] = error.code
            return Response(render_template("desk/session_ended.html", error=error, typed=typed), error.status)
    return error_page(error)


def _typed() -> list[str]:
    """What a person wrote into a form of ours; nothing that another site made their browser send."""
    try:
        validate_csrf(request.form.get("csrf_token"))
    except (ValueError, RequestEntityTooLarge):  # the library's own kind of it; and a form larger than any of ours
        return []
    return [
        value.strip()[:4_000]
        for name, value in request.form.items()
        if name not in _NEVER_SHOWN and len(value.strip()) >= _WORTH_COPYING
    ]
