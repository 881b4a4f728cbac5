"""The desk's two cookies: who is signed in (a token, whose session is in the registry), and what Flask keeps for a page
or two (the CSRF secret, a message after a redirect), signed with a key of this server's own."""

from __future__ import annotations

import base64
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Any

from flask import Flask, Request, Response, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from werkzeug.wrappers import Response as BaseResponse

from maxa.access.private_file import write_private
from maxa.errors import Unavailable

TOKEN = "desk"  # noqa: S105 - a name
PATH = "/desk"
_KEY_BYTES = 32
_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


def is_secure() -> bool:
    """Cookies are for HTTPS alone, except where nobody can listen: on this machine's own address."""
    host = request.host.rpartition(":")[0] if request.host.rpartition(":")[2].isdigit() else request.host
    return request.is_secure or host.lower() not in _LOOPBACK


def set_token(reply: BaseResponse, token: str) -> None:
    """For as long as the browser is open; the registry ends it sooner."""
    reply.set_cookie(TOKEN, token, path=PATH, httponly=True, samesite="Lax", secure=is_secure())


def drop_token(reply: BaseResponse) -> None:
    reply.delete_cookie(TOKEN, path=PATH, httponly=True, samesite="Lax", secure=is_secure())


class DeskCookies(SecureCookieSessionInterface):
    """Flask's signed cookie, for what lies below /desk; no other address pays for it, or needs the key."""

    def __init__(self, key_file: Path) -> None:
        self._key_file = key_file

    def open_session(self, app: Flask, request: Request) -> Any:
        if not _is_desk(request.path):
            return None
        if app.secret_key is None:
            app.secret_key = self._key()
        return super().open_session(app, request)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if _is_desk(request.path):
            super().save_session(app, session, response)

    def get_cookie_name(self, app: Flask) -> str:
        return "desk_page"

    def get_cookie_path(self, app: Flask) -> str:
        return PATH

    def get_cookie_secure(self, app: Flask) -> bool:
        return is_secure()

    def get_cookie_samesite(self, app: Flask) -> str:
        return "Lax"

    def _key(self) -> bytes:
        """Made at first use, mode 0600, by exactly one of the processes that start at once."""
        try:
            with suppress(FileExistsError):
                self._key_file.parent.mkdir(parents=True, exist_ok=True)
                line = base64.urlsafe_b64encode(secrets.token_bytes(_KEY_BYTES)) + b"\n"
                if not self._key_file.exists():
                    write_private(self._key_file, line, replace=False)
            key = base64.urlsafe_b64decode(self._key_file.read_bytes())
        except (OSError, ValueError):
            key = b""
        if len(key) < _KEY_BYTES:
            raise Unavailable(
                "کلید کلوچک‌های میز خوانده نمی‌شود؛ مدیر سرور باید desk.key را در MAXA_HOME درست کند یا بردارد.",
                "The key of the desk's cookies can't be read: the operator must mend or remove desk.key in MAXA_HOME.",
            )
        return key


def _is_desk(path: str) -> bool:
    return path == PATH or path.startswith(f"{PATH}/")
