"""``POST /requests`` and ``GET /requests/{tracking}``: report a missing code or a difference, and follow the answer."""

from __future__ import annotations

from typing import Any

from flask import current_app, request

from maxa.access.clients import RateLimit
from maxa.api.answering import Answer, Asked, no_body
from maxa.api.request_schemas import IDEMPOTENCY_KEY, LONGEST_KEY
from maxa.errors import BadBody, BadParameter, UnknownParameter
from maxa.requests.asking import asking_of
from maxa.requests.place import RequestDesk
from maxa.requests.telling import found
from maxa.web.throttle import Throttle, sender

_FIELDS = ("kind", "terminology", "organisation", "client_id", "note", "rows")
_ROW_FIELDS = ("code", "title", "note")
_EXAMPLE = '{"kind": "missing-code", "organisation": "…", "rows": [{"title": "…"}]}'
filings = Throttle(RateLimit(60, "minute"))  # of a client, else of an address; in each process
followings = Throttle(RateLimit(120, "minute"))  # as pages do: what is asked often may be guessing


def file_request(asked: Asked) -> Answer:
    place = _desk()
    place.require_here()
    client: str | None = request.environ.get("maxa.client")
    who = client or sender(request)
    filings.take(who)  # what is refused has cost as much to read
    key = _key()
    given = _fields(asked)
    rows = [_row(place, row) for place, row in enumerate(given.pop("rows"), start=1)]
    if client is not None:
        given["client_id"] = client
    asking = asking_of(given, rows, asked.catalogue, authenticated=client is not None, channel="api")
    filed = place.file(asking, sender=who, key=key)
    return Answer.of(
        {
            "tracking": filed.tracking, "address": f"/requests/{filed.tracking}", "received_at": filed.received_at,
            "rows": filed.rows, "existing": filed.existing,
        }
    )  # fmt: skip


def request_state(asked: Asked, tracking: str) -> Answer:
    spool = _desk().spool
    client: str | None = request.environ.get("maxa.client")
    followings.take(client or sender(request))
    return Answer.of(found(spool, tracking, asked.shelf, asked.catalogue))


def _desk() -> RequestDesk:
    place: RequestDesk = current_app.extensions["maxa.requests"]
    return place


def _key() -> str:
    key = request.headers.get(IDEMPOTENCY_KEY)
    if key is None:
        return ""
    if not 0 < len(key) <= LONGEST_KEY or not key.isascii() or not key.isprintable() or " " in key:
        raise BadParameter(
            f"{IDEMPOTENCY_KEY} از ۱ تا {LONGEST_KEY} نویسهٔ ASCII بی‌فاصله است.",
            f"{IDEMPOTENCY_KEY} has 1 to {LONGEST_KEY} ASCII characters without a space.",
            IDEMPOTENCY_KEY,
        )
    return key


def _fields(asked: Asked) -> dict[str, Any]:
    if asked.body.elements is None and not asked.body.pairs:
        raise no_body(_EXAMPLE)
    given = dict(asked.body.pairs)
    if asked.body.elements is not None or not isinstance(given.get("rows"), list):
        raise BadBody(
            f"بدنه یک شیء است که «rows» آن آرایه است؛ برای نمونه {_EXAMPLE}.",
            f"The body is an object whose 'rows' is an array; for example {_EXAMPLE}.",
            "rows",
        )
    _refuse_unknown(given, _FIELDS)
    return given


def _row(place: int, row: Any) -> dict[str, Any]:
    if not isinstance(row, dict) or not {"code", "title"} & row.keys():
        raise BadBody(
            f"rows[{place}] شیئی با «code» یا «title» نیست.", f"rows[{place}] is no object with a code or a title.",
            f"rows[{place}]",
        )  # fmt: skip
    _refuse_unknown(row, _ROW_FIELDS, f"rows[{place}].")
    return row


def _refuse_unknown(given: dict[str, Any], known: tuple[str, ...], where: str = "") -> None:
    """A field that is mistyped must not be lost without a word."""
    for name in given:
        if name not in known:
            shown = f"{where}{name[:60]}"
            raise UnknownParameter(
                f"فیلد «{shown}» شناخته نیست.", f"There is no field {shown!r}.", shown, suggestions=list(known)
            )
