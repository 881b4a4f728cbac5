"""FACTS §5's token facts and RFC 6749, over the real endpoint."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any
from urllib.parse import quote_plus

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from maxa.access import guessing
from maxa.access.clients import User, hash_secret
from maxa.access.oauth import install_access
from maxa.errors import SettingsError
from tests.access.conftest import PASSWORD, PID, SECRET, Clock, Door

Take = Callable[..., Any]
GOOD = {"grant_type": "password", "username": "reception", "password": PASSWORD}


def basic(text: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(text.encode()).decode()}


# --- the facts -------------------------------------------------------------------------------------------------------


def test_a_password_gets_the_gateways_reply_member_by_member(take: Take) -> None:
    reply = take(**GOOD)
    assert reply.status_code == 200
    assert list(reply.json) == ["access_token", "token_type", "refresh_token", "expires_in", "scope"]
    assert reply.json["token_type"] == "bearer"
    assert reply.json["expires_in"] == 763
    assert reply.json["scope"] == "trust read write"
    assert reply.json["access_token"] != reply.json["refresh_token"]
    assert reply.content_type == "application/json"
    assert reply.headers["Cache-Control"] == "no-store"


def test_the_header_is_basic_with_id_and_secret_joined_by_a_colon(http: FlaskClient) -> None:
    header = {"Authorization": "Basic " + base64.b64encode(f"hospital-1:{SECRET}".encode()).decode()}
    assert http.post("/oauth/token", data=GOOD, headers=header).status_code == 200


def test_the_token_opens_a_service_with_bearer_in_lower_case_and_the_pid(http: FlaskClient, take: Take) -> None:
    token = take(**GOOD).json["access_token"]
    headers = {"Authorization": f"bearer {token}", "pid": PID}
    reply = http.get("/gwmaksa/ValidateCts", headers=headers)
    assert reply.json == {"client": "hospital-1", "user": "reception"}


def test_both_token_and_pid_are_demanded(http: FlaskClient, take: Take) -> None:
    token = take(**GOOD).json["access_token"]
    no_pid = http.get("/gwmaksa/ValidateCts", headers={"Authorization": f"bearer {token}"})
    assert (no_pid.status_code, no_pid.json["errors"][0]["code"]) == (403, "not-allowed")
    no_token = http.get("/gwmaksa/ValidateCts", headers={"pid": PID})
    assert (no_token.status_code, no_token.json["errors"][0]["code"]) == (401, "not-authenticated")
    assert no_token.headers["WWW-Authenticate"].startswith("Bearer ")


def test_a_refresh_token_gets_a_new_pair_and_the_user_stays(http: FlaskClient, take: Take, door: Door) -> None:
    first = take(**GOOD).json
    door.clock.now += 760
    second = take(grant_type="refresh_token", refresh_token=first["refresh_token"])
    assert second.status_code == 200
    assert list(second.json) == list(first)
    assert second.json["access_token"] != first["access_token"]
    door.clock.now += 700
    headers = {"Authorization": f"bearer {second.json['access_token']}", "pid": PID}
    assert http.get("/gwmaksa/ValidateCts", headers=headers).json["user"] == "reception"
    headers["Authorization"] = f"bearer {first['access_token']}"
    assert http.get("/gwmaksa/ValidateCts", headers=headers).status_code == 401


def test_a_client_that_refreshes_ten_seconds_before_the_end_is_never_refused(
    http: FlaskClient, take: Take, door: Door
) -> None:
    reply = take(**GOOD).json
    for _ in range(5):
        door.clock.now += reply["expires_in"] - 10
        headers = {"Authorization": f"bearer {reply['access_token']}", "pid": PID}
        assert http.get("/gwmaksa/Terminology", headers=headers).status_code == 200
        reply = take(grant_type="refresh_token", refresh_token=reply["refresh_token"]).json


def test_client_credentials_get_a_token_without_user_and_without_refresh_token(http: FlaskClient, take: Take) -> None:
    reply = take(grant_type="client_credentials")
    assert list(reply.json) == ["access_token", "token_type", "expires_in", "scope"]
    headers = {"Authorization": f"bearer {reply.json['access_token']}", "pid": PID}
    assert http.post("/gwmaksa/ValidateCts", headers=headers).json == {"client": "hospital-1", "user": None}


def test_id_and_secret_may_stand_in_the_form(take: Take) -> None:
    form = {"client_id": "hospital-1", "client_secret": SECRET}
    assert take(basic=None, **GOOD, **form).status_code == 200
    assert take(**GOOD, client_id="hospital-1").status_code == 200, "the id alone may stand beside the header"


def test_a_form_client_may_still_carry_its_old_bearer_header(http: FlaskClient) -> None:
    form = {**GOOD, "client_id": "hospital-1", "client_secret": SECRET}
    assert http.post("/oauth/token", data=form, headers={"Authorization": "bearer old"}).status_code == 200


def test_credentials_form_encoded_as_the_rfc_says_are_understood_too(http: FlaskClient, door: Door) -> None:
    secret = "a+b%20c d:é"
    door.change("vendor@lab", secret_hash=hash_secret(secret))
    form = {"grant_type": "client_credentials"}
    for text in (f"vendor@lab:{secret}", f"{quote_plus('vendor@lab')}:{quote_plus(secret)}"):
        assert http.post("/oauth/token", data=form, headers=basic(text)).status_code == 200


def test_a_scope_may_be_narrowed_and_never_widened(take: Take) -> None:
    narrow = take(**GOOD, scope="read")
    assert narrow.json["scope"] == "read"
    refresh = {"grant_type": "refresh_token", "refresh_token": narrow.json["refresh_token"]}
    assert take(**refresh).json["scope"] == "read"
    for refused in (take(**refresh, scope="read write"), take(**GOOD, scope="read admin")):
        assert (refused.status_code, refused.json["error"]) == (400, "invalid_scope")


@pytest.mark.parametrize("url", ["http://maxa.hospital.example", "http://10.1.2.3:8000", "https://maxa.example"])
def test_a_closed_network_without_tls_is_served(http: FlaskClient, url: str) -> None:
    reply = http.post("/oauth/token", base_url=url, data=GOOD, auth=("hospital-1", SECRET))
    assert reply.status_code == 200


# --- errors in OAuth 2.0's own form ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "form", "status", "error", "says"),
    [
        (f"hospital-1:{SECRET}", {}, 400, "invalid_request", "Send the body as a form"),
        (f"hospital-1:{SECRET}", {"username": "x"}, 400, "invalid_request", "grant_type is missing"),
        (f"hospital-1:{SECRET}", {"grant_type": "magic"}, 400, "unsupported_grant_type", "client_credentials"),
        (f"hospital-1:{SECRET}", {"grant_type": "authorization_code", "code": "x"}, 400, "unsupported_grant_type", ""),
        (f"hospital-1:{SECRET}", {"grant_type": "password", "password": "x"}, 400, "invalid_request", "username"),
        (f"hospital-1:{SECRET}", {"grant_type": "password", "username": "x"}, 400, "invalid_request", "password"),
        (f"hospital-1:{SECRET}", {"grant_type": "refresh_token"}, 400, "invalid_request", "refresh_token"),
        (f"hospital-1:{SECRET}", {**GOOD, "password": "wrong"}, 400, "invalid_grant", "username or the password"),
        (f"hospital-1:{SECRET}", {**GOOD, "username": "nobody"}, 400, "invalid_grant", "username or the password"),
        (f"hospital-1:{SECRET}", {"grant_type": "refresh_token", "refresh_token": "x"}, 400, "invalid_grant", ""),
        ("hospital-1:wrong", GOOD, 401, "invalid_client", "wrong, or the client is disabled"),
        (f"nobody:{SECRET}", GOOD, 401, "invalid_client", "wrong, or the client is disabled"),
        ("hospital-1", GOOD, 401, "invalid_client", "base64"),
        ("hospital-1:", GOOD, 401, "invalid_client", "base64"),
        (":x", GOOD, 401, "invalid_client", "base64"),
        (None, GOOD, 401, "invalid_client", "did not authenticate"),
        (None, {**GOOD, "client_id": "hospital-1"}, 401, "invalid_client", "did not authenticate"),
        (f"hospital-1:{SECRET}", {**GOOD, "client_secret": SECRET}, 400, "invalid_request", "not in both"),
        (f"hospital-1:{SECRET}", {**GOOD, "client_id": "other"}, 400, "invalid_request", "not the one"),
    ],
)
def test_refusals_have_the_rfcs_form(
    http: FlaskClient, header: str | None, form: dict[str, str], status: int, error: str, says: str
) -> None:
    reply = http.post("/oauth/token", data=form, headers=basic(header) if header is not None else {})
    assert (reply.status_code, reply.json["error"]) == (status, error)
    assert says in reply.json["error_description"]
    assert reply.json["error_description"].isascii(), "RFC 6749 §5.2 allows ASCII only"
    assert any("\u0600" <= letter <= "\u06ff" for letter in reply.json["error_description_fa"])
    assert reply.headers["Cache-Control"] == "no-store"
    assert ("WWW-Authenticate" in reply.headers) == (status == 401)
    if status == 401:
        assert reply.headers["WWW-Authenticate"].startswith('Basic realm="maxa"')


@pytest.mark.parametrize("header", ["Basic", "Basic ", "Basic é", "Basic /w==", "Basic %%%", "Digest x", "x", " "])
def test_an_authorization_that_cannot_be_read_is_invalid_client(http: FlaskClient, header: str) -> None:
    reply = http.post("/oauth/token", data=GOOD, headers={"Authorization": header.encode().decode("latin-1")})
    assert (reply.status_code, reply.json["error"]) == (401, "invalid_client")


def test_secrets_in_the_address_are_refused(http: FlaskClient) -> None:
    query = f"/oauth/token?grant_type=password&username=reception&password={quote_plus(PASSWORD)}"
    reply = http.post(query, auth=("hospital-1", SECRET))
    assert (reply.status_code, reply.json["error"]) == (400, "invalid_request")
    assert "not in the URL" in reply.json["error_description"]


def test_a_parameter_given_twice_is_refused_by_name(http: FlaskClient) -> None:
    form = {**GOOD, "password": [PASSWORD, "other"]}
    reply = http.post("/oauth/token", data=form, auth=("hospital-1", SECRET))
    assert (reply.status_code, reply.json["error"]) == (400, "invalid_request")
    assert "password is given more than once" in reply.json["error_description"]


def test_json_is_refused_with_the_right_content_type(http: FlaskClient) -> None:
    reply = http.post("/oauth/token", json=GOOD, auth=("hospital-1", SECRET))
    assert (reply.status_code, reply.json["error"]) == (400, "invalid_request")
    assert "application/x-www-form-urlencoded" in reply.json["error_description"]


def test_a_huge_body_is_refused_unread(http: FlaskClient) -> None:
    reply = http.post("/oauth/token", data={**GOOD, "password": "x" * 1_000_000}, auth=("hospital-1", SECRET))
    assert (reply.status_code, reply.json["error"]) == (413, "invalid_request")


def test_a_get_takes_no_token(http: FlaskClient) -> None:
    assert http.get("/oauth/token", query_string=GOOD, auth=("hospital-1", SECRET)).status_code == 405


def test_another_clients_refresh_token_is_refused(take: Take, http: FlaskClient) -> None:
    refresh = take(**GOOD).json["refresh_token"]
    form = {"grant_type": "refresh_token", "refresh_token": refresh}
    reply = http.post("/oauth/token", data=form, auth=("vendor@lab", SECRET))
    assert (reply.status_code, reply.json["error"]) == (400, "invalid_grant")
    assert "belongs to another client" in reply.json["error_description"]


def test_an_access_token_does_not_refresh_and_an_old_refresh_token_has_ended(take: Take, door: Door) -> None:
    reply = take(**GOOD).json
    assert take(grant_type="refresh_token", refresh_token=reply["access_token"]).json["error"] == "invalid_grant"
    door.clock.now += 86_400
    assert take(grant_type="refresh_token", refresh_token=reply["refresh_token"]).json["error"] == "invalid_grant"


# --- revocation ------------------------------------------------------------------------------------------------------


def test_a_disabled_client_gets_no_token_and_its_refresh_token_is_void(take: Take, door: Door) -> None:
    refresh = take(**GOOD).json["refresh_token"]
    door.change("hospital-1", disabled=True)
    assert take(**GOOD).json["error"] == "invalid_client"
    assert take(grant_type="refresh_token", refresh_token=refresh).json["error"] == "invalid_client"
    door.change("hospital-1", disabled=False, token_epoch=2)
    assert take(grant_type="refresh_token", refresh_token=refresh).json["error"] == "invalid_grant"
    assert take(**GOOD).status_code == 200


def test_a_changed_secret_and_a_changed_password_count_at_once(take: Take, door: Door) -> None:
    assert take(**GOOD).status_code == 200
    door.change("hospital-1", users=(User("reception", hash_secret("new")),))
    assert take(**GOOD).json["error"] == "invalid_grant"
    assert take(**{**GOOD, "password": "new"}).status_code == 200
    door.change("hospital-1", secret_hash=hash_secret("new"))
    assert take(**GOOD).json["error"] == "invalid_client"


def test_a_damaged_clients_file_says_unavailable(take: Take, door: Door) -> None:
    door.path.write_text("{")
    reply = take(**GOOD)
    assert (reply.status_code, reply.json["error"]) == (503, "temporarily_unavailable")


# --- guessing and floods ---------------------------------------------------------------------------------------------


def test_guessing_is_slowed_down_and_a_right_answer_does_not_help_meanwhile(take: Take, failures_clock: Clock) -> None:
    for _ in range(6):
        assert take(**{**GOOD, "password": "guess"}).status_code == 400
    reply = take(**GOOD)
    assert (reply.status_code, reply.json["error"]) == (429, "slow_down")
    assert reply.headers["Retry-After"] == "1"
    failures_clock.now += 1
    assert take(**GOOD).status_code == 200
    for _ in range(5):
        assert take(**{**GOOD, "password": "guess"}).status_code == 400, "a success cleared the record"


def test_a_guesser_elsewhere_does_not_lock_the_client_out(http: FlaskClient, take: Take) -> None:
    for _ in range(7):
        http.post("/oauth/token", data=GOOD, auth=("hospital-1", "guess"), environ_base={"REMOTE_ADDR": "203.0.113.9"})
    assert take(**GOOD).status_code == 200


def test_right_client_secrets_do_not_clear_wrong_passwords(take: Take) -> None:
    for _ in range(6):
        assert take(**{**GOOD, "password": "guess"}).status_code == 400
    assert take(grant_type="client_credentials").status_code == 429


def test_when_every_slot_is_taken_others_are_told_to_come_again(
    app: Flask, take: Take, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(self: Any, secret_hash: str | None, secret: str) -> bool:
        raise guessing.Busy

    monkeypatch.setattr(guessing.SecretCheck, "matches", busy)
    reply = take(**GOOD)
    assert (reply.status_code, reply.json["error"]) == (503, "temporarily_unavailable")
    assert reply.headers["Retry-After"] == "1"


# --- hostile input ---------------------------------------------------------------------------------------------------

text = st.text(st.characters(codec="latin-1", exclude_characters="\r\n"), max_size=60)
encoded = st.binary(max_size=60).map(lambda b: base64.b64encode(b).decode())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
@given(
    authorization=text | text.map("Basic {}".format) | encoded.map("basic {}".format) | encoded.map("Basic {}==".format)
)
def test_no_authorization_header_makes_the_server_fail(http: FlaskClient, authorization: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(guessing.SecretCheck, "matches", lambda self, secret_hash, secret: False)
        reply = http.post("/oauth/token", data=GOOD, headers={"Authorization": authorization})
        assert reply.status_code in (401, 429)
        assert reply.json["error"] in ("invalid_client", "slow_down")
    service = http.get("/gwmaksa/ValidateCts", headers={"Authorization": authorization, "pid": PID})
    assert service.status_code == 401


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100, deadline=None)
@given(
    body=st.binary(max_size=200)
    | st.lists(
        st.tuples(st.sampled_from(["grant_type", "username", "password", "refresh_token", "scope", "x"]), st.text()),
        max_size=6,
    ).map(lambda pairs: "&".join(f"{k}={quote_plus(v, errors='replace')}" for k, v in pairs).encode()),
    content_type=st.sampled_from(
        [
            "application/x-www-form-urlencoded",
            "multipart/form-data",
            "multipart/form-data; boundary=x",
            "text/plain",
            "",
        ]
    ),
)
def test_no_body_makes_the_server_fail(http: FlaskClient, body: bytes, content_type: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(guessing.Failures, "wait_for", lambda self, client_id, address: 0.0)
        reply = http.post("/oauth/token", data=body, content_type=content_type, auth=("hospital-1", SECRET))
    assert reply.status_code == 400
    assert set(reply.json) >= {"error", "error_description", "error_description_fa"}


# --- putting it together ---------------------------------------------------------------------------------------------


def test_installing_makes_the_key_at_once_and_a_bad_key_stops_start_up(settings_for: Any) -> None:
    settings = settings_for()
    app = Flask("x")
    access = install_access(app, settings)
    assert app.extensions["maxa.access"] is access
    assert settings.token_key_file.exists()
    settings.token_key_file.write_text("damaged")
    with pytest.raises(SettingsError, match="MAXA_TOKEN_KEY_FILE"):
        install_access(Flask("y"), settings)


def test_an_open_server_needs_no_key(settings_for: Any) -> None:
    settings = settings_for(access="open")
    install_access(Flask("x"), settings)
    assert not settings.token_key_file.exists()
