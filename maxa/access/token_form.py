"""What a request for a token must look like (RFC 6749 §2.3.1, §3.2), and how it is refused (§5.2)."""

from __future__ import annotations

import base64
import binascii
from urllib.parse import unquote_plus

from authlib.oauth2.base import OAuth2Error
from flask import request
from werkzeug.exceptions import RequestEntityTooLarge

LONGEST_FORM = 16 << 10
# What each grant cannot do without.
REQUIRED = {"password": ("username", "password"), "refresh_token": ("refresh_token",), "client_credentials": ()}
PARAMETERS = ("grant_type", "username", "password", "refresh_token", "client_id", "client_secret", "scope")


class Refused(OAuth2Error):
    """An error of RFC 6749 §5.2. ``error_description`` may hold ASCII only, so Persian has a member of its own."""

    def __init__(
        self,
        error: str,
        description_fa: str,
        description: str,
        status: int = 400,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(description=description, status_code=status, error=error)
        self.description_fa = description_fa
        self._headers = headers or {}

    def get_body(self) -> list[tuple[str, str]]:
        return [*super().get_body(), ("error_description_fa", self.description_fa)]

    def get_headers(self) -> list[tuple[str, str]]:
        return [*super().get_headers(), *self._headers.items()]


def check_form() -> None:
    """What is wrong with the request before any secret is looked at. Raises ``invalid_request`` naming it."""
    for name in PARAMETERS:
        if name in request.args:
            raise _invalid_request(
                f"«{name}» را در بدنهٔ درخواست بفرستید، نه در نشانی.",
                f"Send {name} in the request body, not in the URL.",
            )
    try:
        form = request.form
    except RequestEntityTooLarge:
        raise _invalid_request("بدنهٔ درخواست بیش از اندازه بزرگ است.", "The request body is too large.", 413) from None
    if not form and request.mimetype not in ("application/x-www-form-urlencoded", "multipart/form-data"):
        raise _invalid_request(
            "بدنه را به شکل فرم بفرستید (Content-Type: application/x-www-form-urlencoded).",
            "Send the body as a form (Content-Type: application/x-www-form-urlencoded).",
        )
    for name in PARAMETERS:
        if len(form.getlist(name)) > 1:
            raise _invalid_request(f"«{name}» بیش از یک بار آمده است.", f"{name} is given more than once.")
    grant_type = form.get("grant_type")
    if not grant_type:
        raise _missing("grant_type")
    if grant_type not in REQUIRED:
        raise Refused(
            "unsupported_grant_type",
            f"این grant_type پشتیبانی نمی‌شود؛ یکی از این‌ها را بفرستید: {', '.join(REQUIRED)}",
            f"This grant_type is not supported; send one of: {', '.join(REQUIRED)}",
        )
    for name in REQUIRED[grant_type]:
        if not form.get(name):
            raise _missing(name)


def credentials_of() -> tuple[str, str]:
    """Client id and secret as they were sent: in a Basic header or in the form, not in both (RFC 6749 §2.3.1)."""
    scheme, _, encoded = request.headers.get("Authorization", "").strip().partition(" ")
    form_id, form_secret = request.form.get("client_id", ""), request.form.get("client_secret", "")
    if scheme.lower() != "basic":
        if form_id and form_secret:
            return form_id, form_secret
        raise invalid_client(
            "برنامه خود را نشناسانده است: سرآیند «Authorization: Basic base64(client_id:client_secret)» را بفرستید.",
            "The client did not authenticate: send 'Authorization: Basic base64(client_id:client_secret)'.",
        )
    if form_secret:
        raise _invalid_request(
            "رمز برنامه را یا در سرآیند Authorization بفرستید یا در فرم، نه در هر دو.",
            "Send the client secret either in the Authorization header or in the form, not in both.",
        )
    try:
        encoded = encoded.strip()
        text = base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True).decode()
    except (binascii.Error, ValueError):
        text = ""
    client_id, colon, secret = text.partition(":")
    if not (client_id and colon and secret):
        raise invalid_client(
            "سرآیند Authorization خوانده نشد: پس از Basic باید base64 متن «client_id:client_secret» بیاید.",
            "The Authorization header can't be read: after Basic comes the base64 of 'client_id:client_secret'.",
        )
    if form_id and form_id not in (client_id, unquote_plus(client_id)):
        raise _invalid_request(
            "client_id در فرم با آنچه در سرآیند Authorization آمده یکی نیست.",
            "The client_id in the form is not the one in the Authorization header.",
        )
    return client_id, secret


def _invalid_request(description_fa: str, description: str, status: int = 400) -> Refused:
    return Refused("invalid_request", description_fa, description, status)


def _missing(name: str) -> Refused:
    return _invalid_request(f"«{name}» در فرم نیامده است.", f"{name} is missing from the form.")


def invalid_client(description_fa: str, description: str) -> Refused:
    headers = {"WWW-Authenticate": 'Basic realm="maxa", charset="UTF-8"'}
    return Refused("invalid_client", description_fa, description, 401, headers)


def busy() -> Refused:
    return Refused(
        "temporarily_unavailable",
        "سرور سرگرم درخواست‌های توکن دیگر است؛ یک ثانیه دیگر دوباره بفرستید.",
        "The server is busy with other token requests: try again in a second.",
        503,
        {"Retry-After": "1"},
    )
