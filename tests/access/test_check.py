from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from maxa.access import check as check_module
from maxa.access.check import ANONYMOUS, Access
from maxa.access.clients import GATEWAY_SERVICES, RateLimit, write_clients
from maxa.access.clients_file import ClientsFile
from maxa.errors import MaxaError, NotAllowed, NotAuthenticated, TooManyRequests, Unavailable
from tests.access.conftest import PID, PIDS, Door


def test_a_token_and_its_pid_open_the_service_and_say_who_asks(door: Door) -> None:
    principal = door.ask(door.token(scope="trust read write"))
    assert (principal.client_id, principal.user, principal.scope) == ("hospital-1", "reception", "trust read write")
    assert principal.name == "بیمارستان نمونه"


@pytest.mark.parametrize("scheme", ["bearer", "Bearer", "BEARER", "bEaReR"])
def test_bearer_is_read_in_any_letter_case(door: Door, scheme: str) -> None:
    environ = {"HTTP_AUTHORIZATION": f"  {scheme}   {door.token()} ", "HTTP_PID": PID}
    assert door.access.authorize(environ, "ValidateCts").client_id == "hospital-1"


def test_what_the_access_log_wants_is_left_in_the_environ(door: Door) -> None:
    environ: dict[str, Any] = {"HTTP_AUTHORIZATION": f"bearer {door.token()}", "HTTP_PID": "f" * 24}
    with pytest.raises(NotAllowed):
        door.access.authorize(environ, "Terminology")
    assert environ["maxa.client"] == "hospital-1"
    assert environ["maxa.service"] == "Terminology"


@pytest.mark.parametrize("service", GATEWAY_SERVICES)
def test_each_service_may_have_a_pid_of_its_own(door: Door, service: str) -> None:
    token = door.token("vendor@lab")
    assert door.ask(token, PIDS[service], service).client_id == "vendor@lab"
    for other in set(GATEWAY_SERVICES) - {service}:
        with pytest.raises(NotAllowed, match=f"package id for {service}"):
            door.ask(token, PIDS[other], service)


def test_a_service_without_a_pid_asks_for_none(door: Door) -> None:
    assert door.ask(door.token("vendor@lab"), None, "api").client_id == "vendor@lab"


def test_a_pid_is_hex_in_any_letter_case(door: Door) -> None:
    assert door.ask(door.token(), f" {PID.upper()} ")


@pytest.mark.parametrize("pid", [None, "", "  "])
def test_a_missing_pid_is_named(door: Door, pid: str | None) -> None:
    with pytest.raises(NotAllowed, match="no pid header") as caught:
        door.ask(door.token(), pid)
    assert caught.value.parameter == "pid"
    assert "ValidateCts" in caught.value.detail_fa


def test_a_service_that_the_client_may_not_use_is_refused(door: Door) -> None:
    door.change("hospital-1", services=("Terminology",))
    assert door.ask(door.token(), service="Terminology")
    with pytest.raises(NotAllowed, match="may not use ValidateCts"):
        door.ask(door.token())


def test_a_token_whose_scope_lacks_read_is_refused(door: Door) -> None:
    with pytest.raises(NotAllowed, match="scope") as caught:
        door.ask(door.token(scope="trust write"))
    assert "insufficient_scope" in caught.value.data["headers"]["WWW-Authenticate"]


@pytest.mark.parametrize(
    ("header", "says", "challenge"),
    [
        (None, "There is no access token", 'Bearer realm="maxa"'),
        ("", "There is no access token", 'Bearer realm="maxa"'),
        ("Basic aG9zcGl0YWwtMTpzM2NyZXQ=", "must read 'bearer <token>'", 'Bearer realm="maxa", error="invalid_token"'),
        ("bearer", "must read 'bearer <token>'", 'Bearer realm="maxa", error="invalid_token"'),
        ("bearer a b", "must read 'bearer <token>'", 'Bearer realm="maxa", error="invalid_token"'),
        ("bearer a.b.c", "not valid", 'Bearer realm="maxa", error="invalid_token"'),
        ("bearer توکن", "not valid", 'Bearer realm="maxa", error="invalid_token"'),
    ],
)
def test_what_is_wrong_with_the_authorization_is_said(
    door: Door, header: str | None, says: str, challenge: str
) -> None:
    environ: dict[str, Any] = {"HTTP_PID": PID} | ({} if header is None else {"HTTP_AUTHORIZATION": header})
    with pytest.raises(NotAuthenticated, match=says) as caught:
        door.access.authorize(environ, "ValidateCts")
    error = caught.value
    assert error.parameter == "Authorization"
    assert error.data["headers"] == {"WWW-Authenticate": challenge}
    assert any("\u0600" <= letter <= "\u06ff" for letter in error.detail_fa)
    assert "aG9zcGl0YWw" not in error.detail_en + error.detail_fa


def test_an_expired_token_is_refused_though_it_was_accepted_before(door: Door) -> None:
    token = door.token()
    assert door.ask(token)
    door.clock.now += 763
    with pytest.raises(NotAuthenticated, match="expired"):
        door.ask(token)


def test_a_refresh_token_opens_nothing(door: Door) -> None:
    refresh = door.access.tokens.issue(door.clients["hospital-1"], user="reception", scope="read", kind="refresh")
    with pytest.raises(NotAuthenticated, match="other kind"):
        door.ask(refresh)


@pytest.mark.parametrize(
    ("over", "says"),
    [({"disabled": True}, "removed or disabled"), ({"token_epoch": 2}, "revoked"), ({"users": ()}, "revoked")],
)
def test_a_revocation_takes_effect_with_the_next_request(door: Door, over: dict[str, Any], says: str) -> None:
    token = door.token()
    assert door.ask(token)
    door.change("hospital-1", **over)
    with pytest.raises(NotAuthenticated, match=says):
        door.ask(token)


def test_a_removed_client_is_refused_and_the_others_go_on(door: Door) -> None:
    token, other = door.token(), door.token("vendor@lab")
    assert door.ask(token)
    door.write(door.clients["vendor@lab"])
    with pytest.raises(NotAuthenticated, match="removed or disabled"):
        door.ask(token)
    assert door.ask(other, PIDS["ValidateCts"])


def test_a_client_that_is_enabled_again_keeps_its_tokens(door: Door) -> None:
    token = door.token()
    door.change("hospital-1", disabled=True)
    with pytest.raises(NotAuthenticated):
        door.ask(token)
    door.change("hospital-1", disabled=False)
    assert door.ask(token)


def test_a_damaged_clients_file_changes_nothing_for_those_who_were_known(door: Door) -> None:
    token = door.token()
    door.path.write_bytes(b"{")
    with pytest.raises(Unavailable):
        door.ask(token)
    door.write(*door.clients.values())
    assert door.ask(token)
    door.path.write_bytes(b"{")
    assert door.ask(token)


def test_rotating_the_key_with_nothing_kept_voids_tokens_that_were_accepted_before(door: Door) -> None:
    token = door.token()
    assert door.ask(token)
    door.access.tokens.keys.rotate(keep=0)
    with pytest.raises(NotAuthenticated, match="not valid"):
        door.ask(token)


def test_a_rate_limit_lets_a_burst_through_and_then_says_how_long_to_wait(door: Door) -> None:
    door.change("hospital-1", rate_limit=RateLimit(3, "minute"))
    token = door.token()
    for _ in range(3):
        door.ask(token)
    with pytest.raises(TooManyRequests, match="3 a minute") as caught:
        door.ask(token)
    assert caught.value.data["headers"] == {"Retry-After": "20"}
    door.clock.now += 19
    with pytest.raises(TooManyRequests):
        door.ask(token)
    door.clock.now += 1
    assert door.ask(token)
    with pytest.raises(TooManyRequests):
        door.ask(token)


def test_one_clients_limit_is_shared_by_its_tokens_and_kept_over_an_edit_of_the_file(door: Door) -> None:
    door.change("hospital-1", rate_limit=RateLimit(2, "second"))
    assert door.ask(door.token())
    assert door.ask(door.token())
    door.change("vendor@lab", name="renamed")
    with pytest.raises(TooManyRequests):
        door.ask(door.token())
    assert door.ask(door.token("vendor@lab"), PIDS["ValidateCts"]), "another client is not held back"
    door.change("hospital-1", rate_limit=None)
    assert door.ask(door.token())


def test_a_clock_that_is_set_back_gives_no_requests_away(door: Door) -> None:
    door.change("hospital-1", rate_limit=RateLimit(1, "second"))
    token = door.token()
    door.ask(token)
    door.clock.now -= 3_600
    with pytest.raises(TooManyRequests):
        door.ask(token)


def test_an_open_server_asks_nobody(door: Door) -> None:
    door.access.open_to_all = True
    door.path.write_bytes(b"{")
    assert door.access.authorize({}, "ValidateCts") is ANONYMOUS
    assert ANONYMOUS.client_id is None


def test_what_is_remembered_has_a_bound(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_module, "MOST_KNOWN", 5)
    for _ in range(20):
        assert door.ask(door.token())
    assert len(door.access._known) == 5


def test_a_token_is_verified_once_and_then_remembered(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    token = door.token()
    first = door.ask(token)
    monkeypatch.setattr(door.access.tokens, "read", None)
    assert door.ask(token) is first


header = st.text(st.characters(codec="latin-1"), max_size=80)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(
    authorization=header | header.map("bearer {}".format) | st.lists(header, max_size=4).map(" ".join),
    pid=st.sampled_from([PID, ""]) | header,
    service=st.sampled_from([*GATEWAY_SERVICES, "api"]),
)
def test_no_headers_at_all_do_more_than_be_refused(door: Door, authorization: str, pid: str, service: str) -> None:
    with pytest.raises(MaxaError) as caught:
        door.access.authorize({"HTTP_AUTHORIZATION": authorization, "HTTP_PID": pid}, service)
    assert caught.value.status in (401, 403)


def test_settings_make_the_door(settings_for: Any, door: Door) -> None:
    settings = settings_for()
    access = Access.from_settings(settings)
    assert not access.open_to_all
    write_clients(settings.clients_file, [door.clients["hospital-1"]])
    token = access.tokens.issue(door.clients["hospital-1"], user=None, scope="read")
    assert access.authorize({"HTTP_AUTHORIZATION": f"bearer {token}", "HTTP_PID": PID}, "ValidateCts")
    assert access.tokens.token_seconds == 763
    assert Access.from_settings(settings_for(access="open")).open_to_all


def test_two_doors_over_one_home_accept_each_others_tokens(door: Door) -> None:
    other = Access(open_to_all=False, clients=ClientsFile(door.path), tokens=door.access.tokens, clock=door.clock)
    assert other.authorize({"HTTP_AUTHORIZATION": f"bearer {door.token()}", "HTTP_PID": PID}, "ValidateCts")


def test_tokens_are_issued_and_checked_without_any_database_module() -> None:
    code = (
        "import sys, maxa.access.oauth, maxa.access.check, maxa.web.health, maxa.observe;"
        "print(sorted({m.split('.')[0] for m in sys.modules} & {'sqlalchemy', 'psycopg', 'importers'}"
        " | {m for m in sys.modules if m.startswith('maxa.registry')}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"


def test_a_principal_is_the_clients_own_even_where_two_share_a_pid(door: Door) -> None:
    door.write(door.clients["hospital-1"], replace(door.clients["hospital-1"], client_id="hospital-2"))
    assert door.ask(door.token("hospital-2")).client_id == "hospital-2"
    assert door.ask(door.token("hospital-1")).client_id == "hospital-1"
