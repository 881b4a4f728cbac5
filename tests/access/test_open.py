"""``MAXA_ACCESS=open``: a vendor's client works unchanged, and nothing it was given is worth anything elsewhere."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from maxa.access.oauth import install_access
from maxa.errors import NotAuthenticated
from maxa.settings import Settings

BASIC = {"Authorization": "Basic " + base64.b64encode(b"any-client:any secret").decode()}
PASSWORD = {"grant_type": "password", "username": "anyone", "password": "anything"}


def client_of(settings: Settings) -> FlaskClient:
    app = Flask("open")
    install_access(app, settings)
    return app.test_client()


def take(http: FlaskClient, headers: dict[str, str] = BASIC, **form: str) -> Any:
    return http.post("/oauth/token", data=form, headers=headers)


def test_any_client_gets_the_gateways_reply_and_refreshes_it(settings_for: Callable[..., Settings]) -> None:
    http = client_of(settings_for(access="open"))
    reply = take(http, **PASSWORD)
    assert reply.status_code == 200
    assert list(reply.json) == ["access_token", "token_type", "refresh_token", "expires_in", "scope"]
    assert reply.json["expires_in"] == 763
    assert reply.headers["Cache-Control"] == "no-store"
    again = take(http, grant_type="refresh_token", refresh_token=reply.json["refresh_token"])
    assert again.json["access_token"] != reply.json["access_token"]
    assert "refresh_token" not in take(http, grant_type="client_credentials", scope="read").json


def test_what_is_wrong_with_the_request_is_told_all_the_same(settings_for: Callable[..., Settings]) -> None:
    http = client_of(settings_for(access="open"))
    assert take(http, grant_type="password").json["error"] == "invalid_request"
    assert take(http, headers={}, **PASSWORD).json["error"] == "invalid_client"
    assert take(http, **PASSWORD, scope="everything").json["error"] == "invalid_scope"


def test_it_opens_nothing_once_tokens_are_demanded(settings_for: Callable[..., Settings]) -> None:
    given = take(client_of(settings_for(access="open")), **PASSWORD).json
    app = Flask("closed")
    access = install_access(app, settings_for(access="token"))
    for kind in ("access_token", "refresh_token"):
        environ = {"HTTP_AUTHORIZATION": f"bearer {given[kind]}", "HTTP_PID": "0" * 24}
        with pytest.raises(NotAuthenticated):
            access.authorize(environ, "Terminology")
    refused = take(app.test_client(), grant_type="refresh_token", refresh_token=given["refresh_token"])
    assert refused.json["error"] == "invalid_client"
    assert take(app.test_client(), **PASSWORD).json["error"] == "invalid_client"
