"""API clients: made with secrets that are shown once, the services that they may use, their limits."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any

from flask import current_app, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from maxa.access.clients import (
    LONGEST_USERNAME,
    MOST_REQUESTS,
    SECONDS_IN,
    SERVICES,
    Client,
    RateLimit,
    User,
    client_as_dict,
    hash_secret,
    is_client_id,
    new_pid,
    new_secret,
    require_storable,
)
from maxa.errors import BadParameter, MaxaError, NotFound, Unavailable
from maxa.persian.dates import TEHRAN
from maxa.persian.fold import latin_digits
from maxa.projection import project_clients
from maxa.registry import actions
from maxa.registry.models import Client as Row
from maxa.registry.transaction import transaction
from maxa.registry.usage import Period, use_of_clients
from maxa.web.desk.door import actor, attempt, desk, engine
from maxa.web.desk.room import room

_MONTH = 30  # days
_MOST_DIGITS = 12  # of a limit, with zeros before it


@room.get("/clients")
def client_list() -> ResponseReturnValue:
    actor().require("administer")
    with transaction(engine()) as session:
        rows = list(session.scalars(select(Row).order_by(Row.id)))
        today = {one.client: one for one in use_of_clients(session, Period.of(1))}
        month = {one.client: one for one in use_of_clients(session, Period.of(_MONTH))}
    return render_template("desk/clients.html", rows=rows, today=today, month=month)


@room.get("/new-client")
def client_new() -> ResponseReturnValue:
    actor().require("administer")
    return _form({}, None)


@room.post("/new-client")
def client_new_post() -> ResponseReturnValue:
    """The secrets are in this one answer, which nothing keeps: neither the registry nor a cache."""
    actor().require("administer")
    said = {name: request.form.get(name, "").strip()[:200] for name in ("id", "name", "user", "requests", "per")}
    secret, pid, password = new_secret(), new_pid(), new_secret()
    try:
        made = _made(said, secret=secret, pid=pid, password=password)
        actions.add_client(
            engine(), actor=actor(), client_id=made.client_id, name=made.name, record=client_as_dict(made)
        )
    except BadParameter as error:
        return _form(said, error)
    _project_or_say_later()
    shown = [("client_id", made.client_id), ("client_secret", secret), ("pid", pid)]
    if made.users:
        shown += [("username", made.users[0].username), ("password", password)]
    return render_template("desk/secrets.html", client=made.client_id, shown=shown)


def _made(said: dict[str, str], *, secret: str, pid: str, password: str) -> Client:
    if not is_client_id(said["id"]):
        raise BadParameter(
            "شناسهٔ برنامه تنها حرف و رقم لاتین و . _ @ - دارد، تا ۱۲۸ نویسه.",
            "A client id has Latin letters, digits and . _ @ - only, at most 128.",
            "id",
        )
    if len(said["user"]) > LONGEST_USERNAME:
        raise BadParameter(
            f"نام کاربر حداکثر {LONGEST_USERNAME} نویسه دارد.",
            f"A user's name has {LONGEST_USERNAME} characters at most.",
            "user",
        )
    users = (User(said["user"], hash_secret(password)),) if said["user"] else ()
    return Client(
        client_id=said["id"], name=said["name"] or said["id"], secret_hash=hash_secret(secret), pid=pid, users=users,
        services=_services(), rate_limit=_limit(said),
    )  # fmt: skip


def _services() -> tuple[str, ...]:
    chosen = tuple(service for service in SERVICES if service in request.form.getlist("service"))
    if not chosen:
        raise BadParameter("دست‌کم یک سرویس برگزینید.", "Choose one service at least.", "service")
    return chosen


def _limit(said: dict[str, str]) -> RateLimit | None:
    text = latin_digits(said["requests"])
    if not text:
        return None
    is_number = text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS
    if not (is_number and 0 < int(text) <= MOST_REQUESTS and said["per"] in SECONDS_IN):
        raise BadParameter(
            f"سقف درخواست عددی از 1 تا {MOST_REQUESTS:,} در دقیقه یا در ثانیه است.",
            f"The limit is a number from 1 to {MOST_REQUESTS:,}, a minute or a second.",
            "requests",
        )
    return RateLimit(int(text), said["per"])


def _form(said: dict[str, str], error: MaxaError | None) -> ResponseReturnValue:
    chosen = request.form.getlist("service") if error else SERVICES
    html = render_template(
        "desk/client_new.html", typed=defaultdict(str, said), error=error, services=SERVICES, chosen=chosen
    )
    return html, error.status if error else 200


@room.get("/clients/<client_id>")
def client(client_id: str) -> ResponseReturnValue:
    actor().require("administer")
    with transaction(engine()) as session:
        row = _row(session, client_id)
        [today, month] = [use_of_clients(session, Period.of(days), row.id) for days in (1, _MONTH)]
        return render_template(
            "desk/client.html", row=row, services=SERVICES, today=today[0] if today else None,
            month=month[0] if month else None, share=_share(row, today[0].requests if today else 0),
        )  # fmt: skip


def _share(row: Row, requests: int) -> float | None:
    """Per cent of what the limit has allowed since midnight in Tehran, over all worker processes; None without one."""
    limit = row.record.get("rate_limit")
    if not limit:
        return None
    now = datetime.now(TEHRAN)
    since = now.hour * 3_600 + now.minute * 60 + now.second + 1
    allowed = limit["requests"] / SECONDS_IN[limit["per"]] * since * desk().settings.web_workers
    return round(100 * requests / allowed, 1)


def _row(session: Session, client_id: str) -> Row:
    row = session.get(Row, client_id)
    if row is None:
        raise NotFound(f"کاربر سرویس «{client_id[:60]}» نیست.", f"There is no client {client_id[:60]!r}.")
    return row


@room.post("/clients/<client_id>")
def client_post(client_id: str) -> ResponseReturnValue:
    """Services and limit; or open and close, by the button that was pressed."""
    actor().require("administer")
    said = {name: request.form.get(name, "").strip()[:200] for name in ("requests", "per")}
    done = {
        "disable": gettext("برنامه بسته شد؛ توکن‌هایش دیگر پذیرفته نیست."),
        "enable": gettext("برنامه باز شد."),
    }.get(request.form.get("do", ""), gettext("ذخیره شد."))

    def change() -> None:
        fields: dict[str, Any]
        closes = request.form.get("do") == "disable"
        if request.form.get("do") in ("disable", "enable"):
            fields = {"disabled": closes}
        else:
            limit = _limit(said)
            fields = {
                "services": list(_services()),
                "rate_limit": {"requests": limit.requests, "per": limit.per} if limit else None,
            }
        actions.change_client(engine(), actor=actor(), client_id=client_id, check=require_storable, **fields)
        if not closes:
            _project_or_say_later()
        elif not _project():  # whoever closes a client must not believe that its tokens are dead
            raise Unavailable(
                "بستن برنامه ثبت شد ولی سرویس‌ها هنوز از آن آگاه نشده‌اند و توکن‌هایش را می‌پذیرند: فایل برنامه‌ها نوشته نشد."
                " کارگر هر دقیقه دوباره می‌کوشد؛ تا آن زمان مدیر سرور گزارش آن را ببیند.",
                "The client is closed in the registry, but the services do not know it yet and accept its tokens: the clients"
                " file could not be written. The worker tries again each minute; until then the operator should look into"
                " its log.",
            )

    return attempt(change, done=done, back=url_for("desk.client", client_id=client_id))


@room.post("/clients/<client_id>/secret")
def client_secret(client_id: str) -> ResponseReturnValue:
    actor().require("administer")
    secret = new_secret()
    actions.change_client(
        engine(),
        actor=actor(),
        client_id=client_id,
        check=require_storable,
        secret_hash=hash_secret(secret),
        revoke=True,
    )
    _project_or_say_later()
    return render_template(
        "desk/secrets.html", client=client_id, shown=[("client_id", client_id), ("client_secret", secret)]
    )


def _project() -> bool:
    """Whether the services know now what was committed. It stands either way, and so do the secrets that a page shows
    this once; the worker tries again."""
    try:
        project_clients(engine(), desk().settings)
    except (MaxaError, OSError, DBAPIError) as error:
        current_app.logger.error("the clients file can't be written: %s", error)
        return False
    return True


def _project_or_say_later() -> None:
    if not _project():
        flash(gettext("ثبت شد، ولی سرویس‌ها هنوز از آن آگاه نشده‌اند؛ کارگر هر دقیقه دوباره می‌کوشد."), "warn")
