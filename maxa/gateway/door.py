"""The way in to the four services: paths, methods, access, parameters, and one place where errors become replies.

Every reply below these paths comes in the envelope, whatever went wrong (CONTRACT.md §1).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from time import perf_counter
from typing import TYPE_CHECKING, Any

import structlog
from flask import Response
from rapidfuzz import fuzz, process
from werkzeug.wrappers import Request

from maxa.access.check import Access
from maxa.errors import BadBody, InternalError, MaxaError, MethodNotAllowed, NotFound, Unavailable
from maxa.gateway.batch import validate_many, validate_one
from maxa.gateway.envelope import Exchange, Reply, failure, success
from maxa.gateway.listing import list_codings
from maxa.gateway.lookup import look_up
from maxa.gateway.parameters import (
    CTS_TERMINOLOGIES,
    SEARCH_TERMINOLOGY,
    SERVICES,
    TERMINOLOGY,
    VALIDATE_CTS,
    Table,
    ignored_header,
)
from maxa.gateway.reading import Reading
from maxa.gateway.sent import parse_body, query_pairs
from maxa.gateway.terminologies import list_terminologies
from maxa.shelf.catalogue import Catalogue
from maxa.shelf.reading import Shelf
from maxa.usage.counting import ISSUES, UNFOUND

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PATHS = ("/api/client/apim/v1/maksaservice/gwmaksa", "/gwmaksa")
ALLOWED = ("GET", "HEAD", "OPTIONS", "POST")
_ALLOW = {"Allow": ", ".join(ALLOWED)}

log = structlog.get_logger("maxa.gateway")

_ANSWERS: dict[str, Callable[[Mapping[str, Any], Reading], Reply]] = {
    CTS_TERMINOLOGIES: list_terminologies,
    TERMINOLOGY: look_up,
    SEARCH_TERMINOLOGY: list_codings,
}
_TABLES = {service: Table(service) for service in SERVICES}
_NAMES = {f"{path}/{service}": service for path in PATHS for service in SERVICES}
_SERVICES = {spelled: service for service in SERVICES for spelled in (service, service.lower())}


class Gateway:
    """The four services over one shelf, as a WSGI app for what lies below :data:`PATHS`."""

    def __init__(self, shelf: Shelf, access: Access, *, max_body: int) -> None:
        self._shelf = shelf
        self._access = access
        self._max_body = max_body

    def before(self, app: WSGIApplication) -> WSGIApplication:
        """``app`` with the gateway before it (docs/adr/0007): Flask takes longer to find a view than a look-up takes."""

        def gateway_first(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            path = environ.get("PATH_INFO", "")
            name = _NAMES.get(path)
            if name is None:
                below = next((p for p in PATHS if path == p or path.startswith(f"{p}/")), None)
                if below is None:
                    return app(environ, start_response)
                name = path[len(below) + 1 :].removesuffix("/").encode("latin-1", "replace").decode("utf-8", "replace")
            environ["maxa.endpoint"] = "gateway"
            return self.answer(name, environ)(environ, start_response)

        return gateway_first

    def answer(self, name: str, environ: WSGIEnvironment) -> Response:
        """The reply of the service called ``name`` (in any letter case) to a request."""
        method = environ["REQUEST_METHOD"]
        exchange = Exchange(perf_counter(), method in ("GET", "HEAD"), environ.get("HTTP_IF_NONE_MATCH"))
        try:
            service = _SERVICES.get(name) or _SERVICES.get(name.lower())
            if service is None:
                raise _no_service(name)
            if method == "OPTIONS":
                return Response(status=204, headers=_ALLOW)
            if method != "POST" and not exchange.is_get:
                raise _wrong_method(method)
            self._access.authorize(environ, service)
            catalogue = self._shelf.catalogue()
            exchange.serial = catalogue.serial
            reply = self._ask(service, environ, catalogue, exchange)
            if reply.issues is not None:
                environ[ISSUES] = reply.issues
            if reply.unfound is not None:
                environ[UNFOUND] = reply.unfound
            return success(reply, exchange)
        except MaxaError as error:
            return self._refuse(error, environ, exchange)
        except OSError as error:
            log.error("the shelf can't be read", problem=str(error))
            return self._refuse(_unreadable(), environ, exchange)
        except Exception:
            log.exception("a request failed", service=name[:60])
            return self._refuse(unforeseen(), environ, exchange)

    def _ask(self, service: str, environ: WSGIEnvironment, catalogue: Catalogue, exchange: Exchange) -> Reply:
        ignored: dict[str, None] = {}
        try:
            pairs = query_pairs(environ.get("QUERY_STRING", ""))
            elements = None
            if not exchange.is_get:
                body = parse_body(Request(environ), self._max_body)
                pairs += body.pairs
                elements = body.elements
            asked = _TABLES[service].read(pairs, ignored)
            reading = Reading(self._shelf, catalogue, asked.get("Version"), asked.get("Date"))
            if elements is not None:
                if service != VALIDATE_CTS:
                    raise _no_array(service)
                return validate_many(elements, asked, reading, ignored)
            if service == VALIDATE_CTS:
                return validate_one(asked, reading, posted=not exchange.is_get)
            return _ANSWERS[service](asked, reading)
        finally:
            if ignored:
                exchange.ignored = ignored_header(ignored)

    def refuse(self, error: MaxaError, environ: WSGIEnvironment) -> Response:
        """An error in the envelope, for what goes wrong elsewhere in the app."""
        exchange = Exchange(perf_counter(), environ["REQUEST_METHOD"] in ("GET", "HEAD"))
        return self._refuse(error, environ, exchange)

    def _refuse(self, error: MaxaError, environ: WSGIEnvironment, exchange: Exchange) -> Response:
        environ["maxa.error"] = error.code
        if exchange.serial is None:
            exchange.serial = self._known_serial()
        return failure(error, exchange)

    def _known_serial(self) -> int | None:
        try:
            return self._shelf.catalogue().serial
        except (MaxaError, OSError):
            return None


def unforeseen() -> InternalError:
    return InternalError(
        "خطای پیش‌بینی‌نشده‌ای در سرور رخ داد؛ اگر تکرار شد، مقدار X-Request-Id این پاسخ را به مدیر سامانه بدهید.",
        "Something went wrong in the server: if it happens again, give its operator the X-Request-Id of this reply.",
    )


def _unreadable() -> Unavailable:
    return Unavailable(
        "قفسه خوانده نمی‌شود؛ اندکی دیگر دوباره بپرسید و اگر ماند، به مدیر سامانه بگویید.",
        "The shelf can't be read: ask again in a moment, and tell the operator if it stays so.",
    )


def _no_service(name: str) -> NotFound:
    shown = name[:60]
    near = process.extract(name[:60].lower(), {s: s.lower() for s in SERVICES}, scorer=fuzz.ratio, score_cutoff=70)
    return NotFound(
        f"سرویس «{shown}» وجود ندارد؛ سرویس‌ها: {'، '.join(SERVICES)}.",
        f"There is no service {shown!r}; the services are {', '.join(SERVICES)}.",
        suggestions=[service for _, _, service in near] or list(SERVICES),
    )


def _wrong_method(method: str) -> MethodNotAllowed:
    return MethodNotAllowed(
        f"روش {method[:20]} پذیرفته نیست؛ GET یا POST بفرستید.",
        f"The method {method[:20]} is not allowed: send GET or POST.",
        data={"headers": _ALLOW},
    )


def _no_array(service: str) -> BadBody:
    return BadBody(
        f"«{service}» آرایه نمی‌گیرد؛ پارامترها را در یک شیء JSON بفرستید (آرایه تنها برای {VALIDATE_CTS} است).",
        f"{service} takes no array: send the parameters in one JSON object (arrays are for {VALIDATE_CTS} only).",
    )
