"""A clients file with known clients, the door over it, and a Flask app with the real token endpoint."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from flask import Flask, Response, request
from flask.testing import FlaskClient

from maxa.access.check import Access
from maxa.access.clients import Client, User, hash_secret, write_clients
from maxa.access.clients_file import ClientsFile
from maxa.access.guessing import Failures
from maxa.access.oauth import token_blueprint
from maxa.access.tokens import KeyFile, Tokens
from maxa.errors import MaxaError

SECRET, PASSWORD = "s3cret-of-the-hospital", "گذرواژه ۱۲۳"
PID = "5f0c1d2e3a4b5c6d7e8f9a0b"
PIDS = {
    "CtsTerminologies": "000000000000000000000001",
    "Terminology": "000000000000000000000002",
    "SearchTerminology": "000000000000000000000003",
    "ValidateCts": "000000000000000000000004",
}


class Clock:
    """A clock that stands still until it is told to move."""

    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="session")
def hospital() -> Client:
    """One pid for all, one user."""
    return Client(
        "hospital-1",
        "بیمارستان نمونه",
        hash_secret(SECRET),
        PID,
        users=(User("reception", hash_secret(PASSWORD)),),
    )


@pytest.fixture(scope="session")
def vendor(hospital: Client) -> Client:
    """A pid for each of the four services, and none for the API."""
    return replace(hospital, client_id="vendor@lab", name="Vendor", pid=PIDS)


@dataclass
class Door:
    """The access check, its clients file, and its clock."""

    access: Access
    path: Path
    clock: Clock
    clients: dict[str, Client]

    def write(self, *clients: Client) -> None:
        self.clients = {c.client_id: c for c in clients}
        write_clients(self.path, clients)

    def change(self, client_id: str, **over: Any) -> None:
        self.write(*(replace(c, **over) if c.client_id == client_id else c for c in self.clients.values()))

    def token(self, client_id: str = "hospital-1", *, user: str | None = "reception", scope: str = "read") -> str:
        return self.access.tokens.issue(self.clients[client_id], user=user, scope=scope)

    def ask(self, token: str | None = None, pid: str | None = PID, service: str = "ValidateCts") -> Any:
        environ: dict[str, Any] = {}
        if token is not None:
            environ["HTTP_AUTHORIZATION"] = f"bearer {token}"
        if pid is not None:
            environ["HTTP_PID"] = pid
        return self.access.authorize(environ, service)


@pytest.fixture
def door(tmp_path: Path, hospital: Client, vendor: Client) -> Door:
    clock = Clock(1_800_000_000.0)
    tokens = Tokens(KeyFile(tmp_path / "token.key"), token_seconds=763, refresh_seconds=86_400, clock=clock)
    path = tmp_path / "clients.json"
    access = Access(open_to_all=False, clients=ClientsFile(path), tokens=tokens, clock=clock)
    door = Door(access, path, clock, {})
    door.write(hospital, vendor)
    return door


@pytest.fixture
def failures_clock() -> Clock:
    return Clock(0.0)


@pytest.fixture
def app(door: Door, failures_clock: Clock) -> Flask:
    """The real endpoint, and one guarded view that renders errors as the surfaces do."""
    app = Flask("door")
    app.testing = True
    app.register_blueprint(token_blueprint(door.access, slots=2, failures=Failures(failures_clock)))

    @app.errorhandler(MaxaError)
    def render(error: MaxaError) -> Response:
        body = orjson.dumps({"data": None, "isSuccess": False, "errors": [error.as_dict()]})
        return Response(body, error.status, headers=error.data.get("headers"), content_type="application/json")

    @app.route("/gwmaksa/<service>", methods=["GET", "POST"])
    def ask(service: str) -> dict[str, Any]:
        principal = door.access.authorize(request.environ, service)
        return {"client": principal.client_id, "user": principal.user}

    return app


@pytest.fixture
def http(app: Flask) -> Iterator[FlaskClient]:
    with app.test_client() as client:
        yield client


@pytest.fixture
def take(http: FlaskClient) -> Callable[..., Any]:
    """``take(grant_type="password", …)``: ask for a token as the hospital does."""

    def take(*, basic: tuple[str, str] | None = ("hospital-1", SECRET), **form: str) -> Any:
        return http.post("/oauth/token", data=form, auth=basic)

    return take
