"""The app as a whole: what it is made of, and that it stands without a database."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from maxa.access.check import Access
from maxa.app import create_app
from maxa.errors import SettingsError
from maxa.settings import PROJECT, Settings
from maxa.shelf.reading import Shelf
from tests.gateway.asking import Door
from tests.gateway.clinic import clinic
from tests.shelves import concept


@pytest.fixture
def settings(settings_for: Callable[..., Settings], home: Path) -> Settings:
    return settings_for(access="open", log_level="error", database_url="postgresql://maxa@127.0.0.1:1/maxa")


def test_the_services_answer_with_postgresql_down(settings: Settings) -> None:
    clinic(settings.shelf)
    door = Door(create_app(settings))
    assert door.get("Terminology", Terminology="LNC", Code="718-7").status == 200
    assert len(door.whole_list("LNC")) == 5
    assert door.validate("LNC", "718-7", "x")["Version"] == "1402-05-01"


def test_reading_imports_nothing_of_the_registry_and_no_database_driver(settings: Settings) -> None:
    program = (
        "import sys; from maxa.app import create_app; create_app();"
        "print([m for m in sys.modules if m.split('.')[0] in ('sqlalchemy', 'psycopg', 'importers') or m.startswith('maxa.registry')])"
    )
    environ = {**os.environ, "MAXA_HOME": str(settings.home), "MAXA_ROLE": "mirror", "MAXA_LOG_LEVEL": "error"}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=PROJECT, env=environ, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_both_roles_serve_the_readers(settings: Settings) -> None:
    clinic(settings.shelf)
    for role in ("centre", "mirror"):
        assert len(Door(create_app(replace(settings, role=role))).get("CtsTerminologies").data) == 6


def test_the_app_keeps_one_shelf_and_one_door(settings: Settings) -> None:
    app = create_app(settings)
    assert isinstance(app.extensions["maxa.shelf"], Shelf)
    assert app.extensions["maxa.shelf"].folder == settings.shelf
    assert isinstance(app.extensions["maxa.access"], Access)


@pytest.mark.parametrize(
    "path", ["/nothing", "/nowhere/", "/api/v2/nothing", "/gwmaksaX/Terminology", "//gwmaksa/Terminology"]
)
def test_an_unknown_address_is_not_found_without_html(settings: Settings, path: str) -> None:
    answer = Door(create_app(settings)).raw(path)
    assert answer.refusal == (404, "not-found", None)
    assert "<" not in answer.text


def test_a_wrong_method_elsewhere_is_refused_with_the_right_ones(settings: Settings) -> None:
    answer = Door(create_app(settings)).raw("/healthz", "DELETE")
    assert answer.refusal == (405, "method-not-allowed", None)
    assert "GET" in answer.headers["Allow"]


def test_what_fails_outside_the_gateway_shows_no_trace(settings: Settings) -> None:
    app = create_app(settings)

    @app.get("/broken")
    def broken() -> str:
        raise RuntimeError("SELECT * FROM secrets")

    answer = Door(app).raw("/broken")
    assert answer.refusal == (500, "internal-error", None)
    assert "SELECT" not in answer.text


def test_every_reply_has_a_request_id_and_is_counted(settings: Settings) -> None:
    clinic(settings.shelf)
    door = Door(create_app(settings))
    assert door.get("CtsTerminologies").headers["X-Request-Id"] != door.get("CtsTerminologies").headers["X-Request-Id"]
    assert door.get("CtsTerminologies", {"X-Request-Id": "abc-1"}).headers["X-Request-Id"] == "abc-1"
    metrics = door.raw("/metrics").text
    assert 'maxa_requests_total{endpoint="gateway",service="CtsTerminologies",status="2xx"}' in metrics
    assert "maxa_catalogue_serial 8.0" in metrics


def test_the_access_line_names_the_error_and_never_the_query(
    settings: Settings, capfd: pytest.CaptureFixture[str]
) -> None:
    clinic(settings.shelf)
    door = Door(create_app(replace(settings, log_level="info", log_format="json")))
    door.get("Terminology", Terminology="LNC", Code="secret-code")
    lines = [line for line in capfd.readouterr().out.splitlines() if '"event":"request"' in line]
    assert len(lines) == 1
    assert '"error":"unknown-code"' in lines[0]
    assert "secret-code" not in lines[0]


def test_a_damaged_shelf_does_not_stop_the_start(settings: Settings) -> None:
    settings.shelf.mkdir(parents=True)
    (settings.shelf / "catalogue.json").write_text("{")
    door = Door(create_app(settings, look_every=0.0))
    assert door.raw("/healthz").status == 200
    assert door.raw("/readyz").status == 503
    (settings.shelf / "catalogue.json").unlink()
    clinic(settings.shelf)
    assert door.raw("/readyz").status == 200
    assert len(door.get("CtsTerminologies").data) == 6


def test_a_publication_is_noticed_within_a_moment(settings: Settings) -> None:
    shelf = clinic(settings.shelf)
    door = Door(create_app(settings))
    assert door.get("CtsTerminologies").headers["X-Maxa-Serial"] == "8"
    shelf.publish("ATC", [concept("N02", "ضد درد")])
    deadline = time.monotonic() + 1
    while door.get("CtsTerminologies").headers["X-Maxa-Serial"] != "9":
        assert time.monotonic() < deadline


def test_a_token_key_that_can_not_be_read_stops_the_start(settings: Settings) -> None:
    settings.token_key_file.parent.mkdir(parents=True, exist_ok=True)
    settings.token_key_file.write_text("no key")
    with pytest.raises(SettingsError, match="MAXA_TOKEN_KEY_FILE"):
        create_app(replace(settings, access="token"))
