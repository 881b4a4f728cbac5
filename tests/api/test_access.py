"""Who is answered at /api/v1: the same tokens as at the gateway, under the service name ``api``."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path

import pytest

from maxa.access.clients import SERVICES, Client, RateLimit, User, hash_secret, write_clients
from tests.api.asking import Api, api_over

PID = "0123456789abcdef01234567"


def client(name: str, services: tuple[str, ...] = SERVICES, rate: RateLimit | None = None) -> Client:
    hashed = hash_secret("secret")
    return Client(name, name, hashed, PID, (User("noor", hashed),), services, rate)


@pytest.fixture(scope="module")
def guarded(library_shelf: Path, tmp_path_factory: pytest.TempPathFactory) -> Api:
    home = tmp_path_factory.mktemp("guarded")
    listed = [
        client("his"),
        client("gateway-only", services=("Terminology",)),
        client("slow", rate=RateLimit(1, "minute")),
    ]
    write_clients(home / "clients.json", listed)
    return api_over(library_shelf, home, access="token")


def token(api: Api, name: str) -> str:
    basic = b64encode(f"{name}:secret".encode()).decode()
    fields = {"grant_type": "password", "username": "noor", "password": "secret"}
    reply = api.http.post("/oauth/token", data=fields, headers={"Authorization": f"Basic {basic}"})
    return str(reply.json["access_token"])


def headers(api: Api, name: str, pid: str = PID) -> dict[str, str]:
    return {"Authorization": f"bearer {token(api, name)}", "pid": pid}


def test_a_token_and_the_pid_open_the_api(guarded: Api) -> None:
    known = headers(guarded, "his")
    assert guarded.get("/terminologies", known).status == 200
    answer = guarded.ask("POST", "/maps/LNC--RVU3/translate", known, data=b'["718-7"]', content_type="application/json")
    assert answer.status == 200


@pytest.mark.parametrize(
    "path", ["/terminologies", "/maps/LNC--RVU3/translate?code=1", "/changes", "/terminologies/X/concepts/1"]
)
def test_without_a_token_no_one_is_answered(guarded: Api, path: str) -> None:
    answer = guarded.get(path)
    assert answer.refusal == (401, "not-authenticated", "Authorization")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_who_may_not_is_refused_before_the_body_is_read(guarded: Api) -> None:
    assert guarded.post("/validate", b"{").status == 401


def test_another_pid_is_refused(guarded: Api) -> None:
    assert guarded.get("/maps", headers(guarded, "his", "f" * 24)).refusal == (403, "not-allowed", "pid")


def test_a_client_of_the_gateway_alone_is_refused(guarded: Api) -> None:
    assert guarded.get("/maps", headers(guarded, "gateway-only")).refusal[:2] == (403, "not-allowed")


def test_too_many_requests_are_told_when_to_come_again(guarded: Api) -> None:
    known = headers(guarded, "slow")
    assert guarded.get("/maps", known).status == 200
    answer = guarded.get("/maps", known)
    assert answer.refusal[:2] == (429, "too-many-requests")
    assert int(answer.headers["Retry-After"]) >= 1


@pytest.mark.parametrize("path", ["/openapi.json", "/errors/unknown-code"])
def test_what_the_api_says_of_itself_is_open(guarded: Api, path: str) -> None:
    assert guarded.get(path).status == 200


def test_requests_are_counted_as_the_service_api(guarded: Api) -> None:
    guarded.get("/maps", headers(guarded, "his"))
    metrics = guarded.http.get("/metrics").text
    assert 'maxa_requests_total{endpoint="api.list_of_maps",service="api",status="2xx"}' in metrics
    assert 'maxa_client_requests_total{client="his",service="api"}' in metrics
