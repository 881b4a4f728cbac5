from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from maxa.errors import Unavailable
from maxa.shelf.catalogue import EMPTY
from maxa.web.health import health_blueprint


@dataclass
class Catalogue:
    serial: int
    published_at: datetime


class Shelf:
    """A shelf whose catalogue is what it is told, or an error."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def catalogue(self) -> Any:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def http_over(answer: Any) -> FlaskClient:
    app = Flask("health")
    app.register_blueprint(health_blueprint())
    if answer is not None:
        app.extensions["maxa.shelf"] = Shelf(answer)
    return app.test_client()


def test_a_live_process_says_so_whatever_its_shelf_is_like() -> None:
    reply = http_over(RuntimeError("asked of the shelf")).get("/healthz")
    assert (reply.status_code, reply.json) == (200, {"status": "alive"})
    assert reply.headers["Cache-Control"] == "no-store"


def test_a_readable_shelf_is_ready_with_serial_and_age() -> None:
    published = datetime.now(UTC) - timedelta(hours=2)
    reply = http_over(Catalogue(41, published)).get("/readyz")
    assert reply.status_code == 200
    assert (reply.json["status"], reply.json["serial"]) == ("ready", 41)
    assert datetime.fromisoformat(reply.json["published_at"]) == published
    assert 7_200 <= reply.json["age_seconds"] < 7_260


def test_a_shelf_where_nothing_was_published_is_ready_and_has_no_age() -> None:
    reply = http_over(EMPTY).get("/readyz")
    expected = {"status": "ready", "serial": 0, "published_at": None, "age_seconds": None}
    assert (reply.status_code, reply.json) == (200, expected)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Unavailable("فهرست قفسه خراب است.", "The shelf's catalogue is damaged."), "catalogue is damaged"),
        (PermissionError(13, "Permission denied", "/secret/path"), "can't be read"),
        (None, "opened no shelf"),
    ],
)
def test_an_unreadable_shelf_is_not_ready_and_says_why(answer: Any, reason: str) -> None:
    reply = http_over(answer).get("/readyz")
    assert (reply.status_code, reply.json["status"], reply.json["code"]) == (503, "unavailable", "unavailable")
    assert reason in reply.json["detail_en"]
    assert any("\u0600" <= letter <= "\u06ff" for letter in reply.json["detail_fa"])
    assert "/secret/path" not in reply.text
    assert reply.headers["Retry-After"] == "5"


def test_a_given_function_is_asked_instead_of_the_apps_shelf() -> None:
    app = Flask("health")
    app.register_blueprint(health_blueprint(lambda: Catalogue(5, datetime.now(UTC))))
    assert app.test_client().get("/readyz").json["serial"] == 5


def test_metrics_show_the_serial_and_are_served_while_the_shelf_is_down() -> None:
    reply = http_over(Catalogue(41, datetime.now(UTC))).get("/metrics")
    assert reply.status_code == 200
    assert reply.content_type.startswith("text/plain")
    assert "maxa_catalogue_serial 41.0" in reply.text
    down = http_over(Unavailable("x", "x")).get("/metrics")
    assert (down.status_code, "maxa_catalogue_serial 41.0" in down.text) == (200, True)
