"""docs/contract.md §1: who is answered. What tokens are is tested in tests/access."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path

import pytest

from maxa.access.clients import SERVICES, Client, RateLimit, User, hash_secret, write_clients
from tests.gateway.asking import MINISTRY, SHORT, Door, door_to
from tests.gateway.rules import rule

PID = "0123456789abcdef01234567"
LOOK_UP = f"{SHORT}/Terminology?Terminology=LNC&Code=718-7"


def client(name: str, services: tuple[str, ...] = SERVICES, rate: RateLimit | None = None) -> Client:
    hashed = hash_secret("secret")
    return Client(name, name, hashed, PID, (User("noor", hashed),), services, rate)


@pytest.fixture(scope="module")
def guarded(clinic_shelf: Path, tmp_path_factory: pytest.TempPathFactory) -> Door:
    home = tmp_path_factory.mktemp("guarded")
    listed = [
        client("his"),
        client("lists-only", services=("CtsTerminologies",)),
        client("slow", rate=RateLimit(1, "minute")),
    ]
    write_clients(home / "clients.json", listed)
    return door_to(clinic_shelf, home, access="token")


def token(door: Door, name: str) -> str:
    basic = b64encode(f"{name}:secret".encode()).decode()
    fields = {"grant_type": "password", "username": "noor", "password": "secret"}
    reply = door.http.post("/oauth/token", data=fields, headers={"Authorization": f"Basic {basic}"})
    assert reply.status_code == 200, reply.text
    return str(reply.json["access_token"])


@rule("1.18")
@pytest.mark.parametrize("word", ["bearer", "Bearer", "BEARER"])
def test_a_token_and_the_pid_open_the_services(guarded: Door, word: str) -> None:
    headers = {"Authorization": f"{word} {token(guarded, 'his')}", "pid": PID}
    for service in ("CtsTerminologies", "Terminology?Terminology=LNC&Code=718-7", "SearchTerminology?Terminology=LNC",
                    "ValidateCts?Terminology_id=LNC&Coded_string=718-7"):  # fmt: skip
        assert guarded.raw(f"{MINISTRY}/{service}", headers=headers).status == 200


@rule("1.18")
@pytest.mark.parametrize("authorization", [None, "", "bearer", "bearer x.y.z", "Basic bm9vcjpub29y", "bearer \u00ff"])
def test_without_a_good_token_no_one_is_answered(guarded: Door, authorization: str | None) -> None:
    headers = {"pid": PID} | ({"Authorization": authorization} if authorization is not None else {})
    for method in ("GET", "POST", "HEAD"):
        answer = guarded.raw(LOOK_UP, method, headers=headers)
        assert answer.status == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        if method != "HEAD":
            assert answer.refusal == (401, "not-authenticated", "Authorization")


@rule("1.18")
def test_who_may_not_is_refused_before_anything_of_the_request_is_read(guarded: Door) -> None:
    answer = guarded.raw(f"{SHORT}/ValidateCts", "POST", data=b"{", content_type="application/json")
    assert answer.status == 401


@rule("1.18")
@pytest.mark.parametrize("pid", [None, "", "f" * 24])
def test_a_missing_or_other_pid_is_refused(guarded: Door, pid: str | None) -> None:
    headers = {"Authorization": f"bearer {token(guarded, 'his')}"} | ({"pid": pid} if pid is not None else {})
    assert guarded.raw(LOOK_UP, headers=headers).refusal == (403, "not-allowed", "pid")


@rule("1.18")
def test_a_service_that_was_not_granted_is_refused(guarded: Door) -> None:
    headers = {"Authorization": f"bearer {token(guarded, 'lists-only')}", "pid": PID}
    assert guarded.raw(f"{SHORT}/CtsTerminologies", headers=headers).status == 200
    assert guarded.raw(LOOK_UP, headers=headers).refusal[:2] == (403, "not-allowed")


@rule("1.18")
def test_too_many_requests_are_told_when_to_come_again(guarded: Door) -> None:
    headers = {"Authorization": f"bearer {token(guarded, 'slow')}", "pid": PID}
    assert guarded.raw(LOOK_UP, headers=headers).status == 200
    answer = guarded.raw(LOOK_UP, headers=headers)
    assert answer.refusal[:2] == (429, "too-many-requests")
    assert int(answer.headers["Retry-After"]) >= 1


@rule("1.18")
def test_open_access_asks_for_neither(door: Door) -> None:
    assert door.raw(LOOK_UP).status == 200
