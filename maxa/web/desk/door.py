"""The way in: who asks, whether the request is their own (CSRF), and how often; and the registry behind it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import Flask, Response, current_app, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_wtf.csrf import CSRFError, CSRFProtect
from sqlalchemy import Engine
from werkzeug.exceptions import RequestEntityTooLarge

from maxa.access.clients import RateLimit
from maxa.errors import (
    BadBody,
    BaseMoved,
    HasErrors,
    MaxaError,
    NeedsConfirmation,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    TooManyRequests,
    Unavailable,
    WrongState,
)
from maxa.queue import defer
from maxa.registry.actions.sessions import SignedIn, resume
from maxa.registry.engine import make_engine
from maxa.registry.people import Actor
from maxa.settings import Settings
from maxa.web.desk.arriving import require_room, too_much
from maxa.web.desk.cookies import PATH, TOKEN
from maxa.web.desk.room import room
from maxa.web.desk.showing import STATES
from maxa.web.desk.wording import either_at_the_desk, said_at_the_desk
from maxa.web.desk.worklists import WorkLists
from maxa.web.formats import number
from maxa.web.throttle import Throttle, sender

WRITES = RateLimit(120, "minute")  # of one address, in each process
_LONGEST_TOKEN = 200
_LARGEST_NUMBER = 2**63 - 1
View = TypeVar("View", bound=Callable[..., Any])

csrf = CSRFProtect()


class Desk:
    """The registry of one process; ``app.extensions["maxa.desk"]``."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._engine: Engine | None = None
        self._lock = threading.Lock()
        self.writes = Throttle(WRITES)
        self.work = WorkLists()

    @property
    def url(self) -> str:
        if self.settings.database_url is None:
            raise Unavailable(
                "میز کمیته پایگاه داده می‌خواهد: مدیر سرور باید نشانی آن را (MAXA_DATABASE_URL) بدهد.",
                "The desk needs the registry: the operator has to name it (MAXA_DATABASE_URL).",
            )
        return self.settings.database_url

    @property
    def engine(self) -> Engine:
        """Made when the first page asks, so that nothing is shared over a fork."""
        with self._lock:
            if self._engine is None:
                self._engine = make_engine(
                    self.url, name="maxa desk", pool_size=2, lock_seconds=20, statement_seconds=300, idle_seconds=120
                )
            return self._engine

    def queue(self, task: str, *, once: str | None = None, **arguments: Any) -> None:
        defer(self.url, task, once=once, **arguments)


def desk() -> Desk:
    found: Desk = current_app.extensions["maxa.desk"]
    return found


def engine() -> Engine:
    return desk().engine


def signed_in() -> SignedIn:
    """Of this request; views other than :func:`open_to_all` ones always have it."""
    who: SignedIn | None = g.get("signed_in")
    if who is None:
        raise _sign_in_first()
    return who


def actor() -> Actor:
    return signed_in().actor


def open_to_all(view: View) -> View:
    """Of a view that needs no account: signing in."""
    view.open_to_all = True  # type: ignore[attr-defined]
    return view


def before_all_else(view: View) -> View:
    """Of a view that is there while a one-time password waits to be changed."""
    view.before_all_else = True  # type: ignore[attr-defined]
    return view


def takes_files(view: View) -> View:
    """Of a view that takes bodies as large as workbooks."""
    view.takes_files = True  # type: ignore[attr-defined]
    return view


def install_door(app: Flask) -> None:
    """Forms have tokens; they are asked for in :func:`_enter`, and of no address but the desk's."""
    app.config.update(WTF_CSRF_CHECK_DEFAULT=False, WTF_CSRF_TIME_LIMIT=None)
    csrf.init_app(app)


@room.context_processor
def _who() -> dict[str, Any]:
    who: SignedIn | None = g.get("signed_in")
    return {"me": who.actor if who else None, "either": either_at_the_desk, "said": said_at_the_desk}


@room.before_request
def _enter() -> ResponseReturnValue | None:
    view = current_app.view_functions[str(request.endpoint)]
    writes = request.method not in ("GET", "HEAD", "OPTIONS")
    if writes:
        desk().writes.take(sender(request))
    token = request.cookies.get(TOKEN, "")
    g.signed_in = resume(engine(), token=token) if 0 < len(token) <= _LONGEST_TOKEN else None
    if not getattr(view, "open_to_all", False):
        if g.signed_in is None:
            return _to_sign_in(writes)
        if g.signed_in.must_change and not getattr(view, "before_all_else", False):
            return redirect(url_for("desk.password"), 303)
        actor().require("read")
    _refuse_what_no_database_holds()
    if writes:
        try:
            if getattr(view, "takes_files", False):
                _take_files()
            csrf.protect()
        except CSRFError:
            raise BadBody(
                "این صفحه کهنه شده است یا درخواست از جای دیگری آمده است؛ صفحه را از نو باز کنید و دوباره بفرستید.",
                "This page is out of date, or the request came from elsewhere: open the page anew and send it again.",
            ) from None
        _refuse_nul(value for _, value in request.form.items(multi=True))
    return None


def _take_files() -> None:
    """The whole body is read here, into the work folder (maxa.web.desk.arriving)."""
    settings = desk().settings
    request.max_content_length = settings.max_upload
    require_room(settings.work, request.content_length)
    try:
        request.form  # noqa: B018 - parsed at first use
    except RequestEntityTooLarge:
        raise too_much(settings.max_upload) from None


def _refuse_what_no_database_holds() -> None:
    for value in (request.view_args or {}).values():
        if isinstance(value, int) and value > _LARGEST_NUMBER:
            raise NotFound("این نشانی وجود ندارد.", "There is nothing at this address.")
    _refuse_nul(
        [*(value for _, value in request.args.items(multi=True)), *map(str, (request.view_args or {}).values())]
    )


def _refuse_nul(texts: Iterable[str]) -> None:
    if any("\0" in text for text in texts):
        raise BadBody("نویسهٔ تهی (NUL) در متن پذیرفته نیست.", "A text holds a NUL character, which none may.")


def _to_sign_in(writes: bool) -> ResponseReturnValue:
    if writes:
        raise _sign_in_first()
    here = request.full_path.rstrip("?")
    if request.headers.get("HX-Request") == "true":  # a part of a page can't show a form: the whole page goes there
        reply = Response(status=204)
        reply.headers["HX-Redirect"] = url_for("desk.sign_in")
        return reply
    return redirect(f"{url_for('desk.sign_in')}?{urlencode({'next': here})}", 303)


def _sign_in_first() -> NotAuthenticated:
    return NotAuthenticated(
        "نشست شما به پایان رسیده است؛ از نو وارد شوید: ‎/desk/sign-in‎",
        "Your session has ended: sign in again at /desk/sign-in.",
    )


@room.after_request
def _keep_nothing(reply: Response) -> Response:
    reply.headers["Cache-Control"] = "no-store"
    return reply


def is_safe_next(target: str) -> bool:
    """Whether to go there after signing in: a page of the desk on this server, and nothing that a browser could take
    for another host."""
    return (
        (target == PATH or target.startswith((f"{PATH}/", f"{PATH}?")))
        and "//" not in target.partition("?")[0]
        and "\\" not in target
        and target.isprintable()
    )


_PASSED_ON = (NotAllowed, NotAuthenticated, NotFound, Unavailable, TooManyRequests)


def attempt(
    action: Callable[[], Any], *, done: str, back: str, passing: tuple[type[MaxaError], ...] = ()
) -> ResponseReturnValue:
    """Do it and go back to a page, which says how it went. What the person can't mend there is a page of its own; what is
    ``passing``, the caller answers."""
    try:
        action()
    except MaxaError as error:
        if isinstance(error, (*_PASSED_ON, *passing)):
            raise
        flash(_told(error), "warn" if isinstance(error, NeedsConfirmation | BaseMoved) else "bad")
    else:
        flash(done, "good")
    return redirect(back, 303)


def _told(error: MaxaError) -> str:
    """What the registry says to both of its surfaces names commands; here there are none."""
    if isinstance(error, NeedsConfirmation) and "confirm" in error.data:
        return gettext("این رقم‌ها را یکایک تأیید کنید: %(figures)s", figures="، ".join(error.data["confirm"]))
    if isinstance(error, HasErrors) and error.data.get("scope") == "decisions":
        return gettext(
            "%(count)s خطا هست: تصمیم‌های نادرست را از پیش‌نویس بردارید یا از نو بگیرید.",
            count=number(error.data["errors"]),
        )
    if isinstance(error, HasErrors) and "errors" in error.data:
        return gettext(
            "فهرست %(count)s خطا دارد: کارپوشه را درست کنید و دوباره بارگذاری کنید.", count=number(error.data["errors"])
        )
    if isinstance(error, WrongState) and error.data.get("state") in STATES:
        now = STATES[error.data["state"]][0]
        return gettext(
            "این فهرست اکنون «%(state)s» است؛ شاید پیش‌تر، یا در برگهٔ دیگری، این کار انجام شده است.", state=now
        )
    return said_at_the_desk(error)
