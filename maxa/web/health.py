"""``/healthz`` (the process lives), ``/readyz`` (the shelf can be read), ``/metrics`` (Prometheus). No token is asked:
nothing here is secret, and a proxy to the outside should not pass them on (docs/observability.md)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Protocol

import orjson
from flask import Blueprint, Response, current_app, request

from maxa.errors import MaxaError, Unavailable
from maxa.metrics import metrics
from maxa.web.standing import ShelfStanding


class Published(Protocol):
    """What is asked of a catalogue: the serial, and when it was published (aware)."""

    @property
    def serial(self) -> int: ...

    @property
    def published_at(self) -> datetime: ...


def health_blueprint(catalogue: Callable[[], Published] | None = None) -> Blueprint:
    """``catalogue`` gives what is served now or raises :class:`Unavailable`; by default the app's shelf is asked."""
    blueprint = Blueprint("health", __name__)
    ask = catalogue or _catalogue_of_the_shelf

    @blueprint.get("/healthz")
    def healthz() -> Response:
        return _json({"status": "alive"})

    @blueprint.get("/readyz")
    def readyz() -> Response:
        try:
            current = ask()
        except (MaxaError, OSError) as error:
            return _not_ready(error)
        empty = current.serial == 0  # nothing was ever published: the server is well, and has nothing to say
        age = max(0, int((datetime.now(UTC) - current.published_at).total_seconds()))
        standing = _standing()
        return _json(
            {
                "status": "ready",
                "serial": current.serial,
                "published_at": None if empty else current.published_at.isoformat(),
                "age_seconds": None if empty else age,
                **(standing.report() if standing else {}),
            }
        )

    @blueprint.get("/metrics")
    def show_metrics() -> Response:
        try:
            serial = ask().serial
        except (MaxaError, OSError):
            serial = None  # /readyz says why; the last known serial stays
        standing = _standing()
        content, content_type = metrics().render(serial, standing.gauges() if standing else None)
        return _reply(content, content_type)

    return blueprint


def _catalogue_of_the_shelf() -> Published:
    shelf = current_app.extensions.get("maxa.shelf")
    if shelf is None:
        raise Unavailable("این سرور قفسه‌ای باز نکرده است.", "This server has opened no shelf.")
    return shelf.catalogue()


def _standing() -> ShelfStanding | None:
    """How the shelf stands, where the app watches it (maxa.web.standing)."""
    return current_app.extensions.get("maxa.standing")


def _not_ready(error: Exception) -> Response:
    if not isinstance(error, MaxaError):
        error = Unavailable("قفسه خوانده نمی‌شود.", "The shelf can't be read.")
    request.environ["maxa.error"] = error.code
    reason = {"code": error.code, "detail_fa": error.detail_fa, "detail_en": error.detail_en}
    reply = _json({"status": "unavailable", **reason}, 503)
    reply.headers["Retry-After"] = "5"
    return reply


def _json(data: dict[str, Any], status: int = 200) -> Response:
    return _reply(orjson.dumps(data), "application/json", status)


def _reply(content: bytes, content_type: str, status: int = 200) -> Response:
    reply = Response(content, status, content_type=content_type)
    reply.headers["Cache-Control"] = "no-store"
    return reply
