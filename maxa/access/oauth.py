"""``POST /oauth/token`` (FACTS §5, RFC 6749): Authlib's grants over our clients file, errors in OAuth 2.0's own form."""

from __future__ import annotations

import math
import secrets
from typing import Any
from urllib.parse import unquote_plus

import orjson
from authlib.consts import default_json_headers
from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.integrations.flask_oauth2.requests import FlaskOAuth2Payload
from authlib.oauth2 import OAuth2Request
from authlib.oauth2.base import OAuth2Error
from authlib.oauth2.rfc6749 import ClientMixin, InvalidScopeError, grants
from flask import Blueprint, Flask, Response, request
from flask import Request as FlaskRequest

from maxa.access.check import Access
from maxa.access.clients import Client
from maxa.access.guessing import Busy, Failures, SecretCheck
from maxa.access.token_form import LONGEST_FORM, REQUIRED, Refused, busy, check_form, credentials_of, invalid_client
from maxa.access.tokens import Claims
from maxa.errors import NotAuthenticated, Unavailable
from maxa.settings import Settings

SCOPES = ("trust", "read", "write")


def install_access(app: Flask, settings: Settings) -> Access:
    """Make the door of this app: ``app.extensions["maxa.access"]`` and the token endpoint.

    Raises :class:`maxa.errors.SettingsError` at once if tokens are wanted and their key can't be read or made.
    """
    access = Access.from_settings(settings)
    if not access.open_to_all:
        access.tokens.keys.keys()
    app.extensions["maxa.access"] = access
    app.register_blueprint(token_blueprint(access, slots=max(1, settings.web_threads // 2)))
    return access


def token_blueprint(access: Access, *, slots: int = 2, failures: Failures | None = None) -> Blueprint:
    """The token endpoint. ``slots``: how many secrets may be hashed at once, so that other threads stay free."""
    blueprint = Blueprint("access", __name__)
    server = TokenServer(access, SecretCheck(slots), failures or Failures())

    @blueprint.post("/oauth/token")
    def take_token() -> Response:
        request.environ["maxa.service"] = "token"
        request.max_content_length = LONGEST_FORM
        return server.create_token_response()

    return blueprint


class TokenRequest(OAuth2Request):
    """Authlib's view of the request. It demands https of the URI that it is given; whether the way here is safe (a
    proxy that ends TLS, a closed network) is the operator's to decide, so it is given one that says nothing."""

    def __init__(self, flask_request: FlaskRequest) -> None:
        super().__init__(flask_request.method, "https://maxa.invalid/oauth/token", headers=flask_request.headers)
        self.payload = FormPayload(flask_request)

    @property
    def form(self) -> Any:
        return request.form


class FormPayload(FlaskOAuth2Payload):
    """The body alone: a secret in the query string would end in the logs of every proxy on the way."""

    @property
    def data(self) -> Any:
        return self._request.form


class KnownClient(ClientMixin):
    """A :class:`Client` as Authlib asks for it."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type in REQUIRED

    def get_allowed_scope(self, scope: str | None) -> str:
        wanted = scope.split() if scope else SCOPES
        return " ".join(s for s in SCOPES if s in wanted)


class PasswordGrant(grants.ResourceOwnerPasswordCredentialsGrant):
    def authenticate_user(self, username: str, password: str) -> str:
        client = self.request.client.client
        user = client.user(username)
        if not self.server.matches(user.password_hash if user else None, password):
            self.server.count_failure(client.client_id)
            raise Refused(
                "invalid_grant", "نام کاربری یا گذرواژه نادرست است.", "The username or the password is wrong."
            )
        return username


class RefreshGrant(grants.RefreshTokenGrant):
    """Each refresh gives a new refresh token, as the gateway's reply shows. Tokens are kept nowhere, so an old one
    ends by its time or by the client's epoch, not by being used."""

    INCLUDE_NEW_REFRESH_TOKEN = True

    def authenticate_refresh_token(self, refresh_token: str) -> _RefreshToken:
        try:
            claims = self.server.access.tokens.read(refresh_token, "refresh")
            client = self.server.access.client_of(claims)
        except NotAuthenticated:
            client = None
        if client is None or client.client_id != self.request.client.client.client_id:
            raise Refused(
                "invalid_grant",
                "توکن نوسازی (refresh_token) معتبر نیست: منقضی یا لغو شده، یا از آنِ این برنامه نیست. با grant_type=password "
                "توکن تازه بگیرید.",
                "The refresh_token is not valid: it has expired, was revoked, or belongs to another client. Take a new "
                "one with grant_type=password.",
            )
        return _RefreshToken(claims)

    def authenticate_user(self, refresh_token: _RefreshToken) -> str | None:
        return refresh_token.claims.user

    def revoke_old_credential(self, refresh_token: _RefreshToken) -> None:
        """Nothing is stored, so there is nothing to revoke."""


class _RefreshToken:
    """The claims of a refresh token as Authlib asks for them."""

    def __init__(self, claims: Claims) -> None:
        self.claims = claims

    def check_client(self, client: KnownClient) -> bool:
        return self.claims.client == client.client.client_id

    def get_scope(self) -> str:
        return self.claims.scope


class ClientGrant(grants.ClientCredentialsGrant):
    """RFC 6749 §4.4.3: no refresh token, the client simply asks again."""


class TokenServer(AuthorizationServer):
    def __init__(self, access: Access, secret_check: SecretCheck, failures: Failures) -> None:
        super().__init__(query_client=None, save_token=lambda token, request: None)
        self.access = access
        self.scopes_supported = list(SCOPES)
        self._secret_check = secret_check
        self._failures = failures
        self.register_token_generator("default", self._new_token)
        for grant in (PasswordGrant, RefreshGrant, ClientGrant):
            self.register_grant(grant)

    def create_oauth2_request(self, request_: Any) -> TokenRequest:
        return TokenRequest(request)

    def create_token_response(self, request_: Any = None) -> Response:
        try:
            check_form()
            if self.access.open_to_all:
                return self._token_for_anyone()
            return super().create_token_response()
        except OAuth2Error as error:
            return self.handle_error_response(None, error)
        except Busy:
            return self.handle_error_response(None, busy())
        except Unavailable as error:
            unavailable = Refused(
                "temporarily_unavailable", error.detail_fa, "The server can't check clients now.", 503
            )
            return self.handle_error_response(None, unavailable)

    def _token_for_anyone(self) -> Response:
        """Where ``MAXA_ACCESS=open`` nothing is checked, and a client of the gateway works unchanged: any id, secret and
        user get a reply in the gateway's form. What it holds is no token: it opens nothing once tokens are demanded."""
        credentials_of()
        wanted = request.form.get("scope", "").split()
        if not set(wanted) <= set(SCOPES):
            raise InvalidScopeError
        reply: dict[str, Any] = {"access_token": f"open-{secrets.token_urlsafe(24)}", "token_type": "bearer"}
        if request.form["grant_type"] != "client_credentials":
            reply["refresh_token"] = f"open-{secrets.token_urlsafe(24)}"
        granted = " ".join(scope for scope in SCOPES if not wanted or scope in wanted)
        reply |= {"expires_in": self.access.tokens.token_seconds, "scope": granted}
        return self.handle_response(200, reply, [*default_json_headers])

    def authenticate_client(self, request_: TokenRequest, methods: list[str], endpoint: str = "token") -> KnownClient:
        """The client of the request, by its Basic header or by the form. Raises ``invalid_client``."""
        client_id, secret = credentials_of()
        self._slow_down(client_id)
        # RFC 6749 §2.3.1 form-encodes both before base64; clients of the gateway send them plain. Both are understood.
        plain, decoded = (client_id, secret), (unquote_plus(client_id), unquote_plus(secret))
        for name, offered in (plain,) if plain == decoded else (plain, decoded):
            client = self.access.clients.current().get(name)
            if client is not None:
                request.environ["maxa.client"] = client.client_id
            secret_hash = client.secret_hash if client is not None and not client.disabled else None
            if self.matches(secret_hash, offered) and client is not None:
                request_.client = KnownClient(client)
                return request_.client
        self.count_failure(client_id)
        raise invalid_client(
            "شناسهٔ برنامه (client_id) یا رمز آن (client_secret) نادرست است، یا برنامه بسته شده است.",
            "The client id or the client secret is wrong, or the client is disabled.",
        )

    def matches(self, secret_hash: str | None, secret: str) -> bool:
        return self._secret_check.matches(secret_hash, secret)

    def count_failure(self, client_id: str) -> None:
        self._failures.failed(client_id[:128], request.remote_addr or "")

    def handle_error_response(self, request_: Any, error: OAuth2Error) -> Response:
        if isinstance(error, InvalidScopeError):
            error = Refused(
                "invalid_scope",
                f"دامنهٔ خواسته‌شده (scope) شناخته نیست یا از آنچه پیش‌تر داده شده بیشتر است؛ دامنه‌ها: {' '.join(SCOPES)}",
                f"The scope is unknown or more than was granted before; there are: {' '.join(SCOPES)}",
            )
        request.environ["maxa.error"] = error.error
        return super().handle_error_response(request_, error)

    def handle_response(self, status_code: int, payload: Any, headers: Any) -> Response:
        return Response(orjson.dumps(payload), status=status_code, headers=headers)

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """No one listens."""

    def _slow_down(self, client_id: str) -> None:
        wait = math.ceil(self._failures.wait_for(client_id[:128], request.remote_addr or ""))
        if wait:
            raise Refused(
                "slow_down",
                f"تلاش‌های نادرست بسیار بود؛ {wait} ثانیه دیگر دوباره بفرستید.",
                f"Too many wrong attempts: try again in {wait} s.",
                429,
                {"Retry-After": str(wait)},
            )

    def _new_token(
        self,
        *,
        grant_type: str,
        client: KnownClient,
        user: str | None = None,
        scope: str | None = None,
        expires_in: int | None = None,
        include_refresh_token: bool = True,
    ) -> dict[str, Any]:
        """The reply, member by member as the gateway gives it (FACTS §5)."""
        granted = client.get_allowed_scope(scope)
        tokens = self.access.tokens
        reply: dict[str, Any] = {
            "access_token": tokens.issue(client.client, user=user, scope=granted),
            "token_type": "bearer",
        }
        if include_refresh_token:
            reply["refresh_token"] = tokens.issue(client.client, user=user, scope=granted, kind="refresh")
        self._failures.succeeded(client.client.client_id, request.remote_addr or "")
        return {**reply, "expires_in": tokens.token_seconds, "scope": granted}
