"""Access and refresh tokens: signed JWTs (HS256), so that they are checked without asking anyone.

Claims are the least that a check needs: ``client``, ``user`` (absent for client_credentials), ``scope``, ``epoch`` (the
client's ``token_epoch`` when issued), ``typ`` ("access" or "refresh"), ``iat``, ``exp``, ``jti``.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import secrets
import stat
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import structlog
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OctKey

from maxa.access.clients import Client
from maxa.access.private_file import write_private
from maxa.errors import NotAuthenticated, SettingsError, Unavailable

ALGORITHM = "HS256"
KEY_BYTES = 32
LONGEST_TOKEN = 4_096  # characters; ours are about 300
RECHECK_SECONDS = 1.0

log = structlog.get_logger("maxa.access")


class KeyFile:
    """``MAXA_TOKEN_KEY_FILE``: one key a line (base64url of 32 random bytes); the first signs, all of them verify.

    Made at first use, mode 0600, by exactly one of the processes that start at once. A change is noticed within a
    second; a file that was removed is made anew, which voids every token.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._keys: KeySet | None = None
        self._seen: tuple[int, int, int] | None = None
        self._next_look = 0.0
        self._problem = ""  # reported once, not each second

    def keys(self) -> KeySet:
        """The keys in use; the same object until the file changes. Raises :class:`SettingsError` if there are none."""
        if self._keys is not None and time.monotonic() < self._next_look:
            return self._keys
        with self._lock:
            try:
                self._look()
            except SettingsError as error:
                if self._keys is None:
                    raise
                if str(error) != self._problem:
                    log.error("token key file can't be used, the last good one stays in use", problem=str(error))
                self._problem = str(error)
            self._next_look = time.monotonic() + RECHECK_SECONDS
            if self._keys is None:
                raise _bad_key_file("it is empty")
            return self._keys

    def _look(self) -> None:
        with suppress(OSError):  # whatever is wrong, reading it tells
            at = self._path.stat()
            if (at.st_mtime_ns, at.st_size, at.st_ino) == self._seen:
                return
        try:
            content = self._read_or_make()
            at = self._path.stat()
        except OSError as error:
            raise _bad_key_file(os.strerror(error.errno or 0)) from None
        self._keys = KeySet([_as_key(line) for line in _lines(content)])
        self._seen = (at.st_mtime_ns, at.st_size, at.st_ino)
        if at.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            log.warning("token key file is open to others: chmod 600 it", path=str(self._path))

    def _read_or_make(self) -> bytes:
        with suppress(FileNotFoundError):
            return self._path.read_bytes()
        with suppress(FileExistsError):
            write_private(self._path, _new_line(), replace=False)
            log.info("token key made", path=str(self._path))
        return self._path.read_bytes()

    def rotate(self, *, keep: int = 1) -> None:
        """Put a new key first and keep the newest ``keep`` old ones for verifying. ``keep=0`` voids every token."""
        with self._lock:
            try:
                old = _lines(self._path.read_bytes())[:keep] if self._path.exists() else []
                write_private(self._path, _new_line() + b"".join(line + b"\n" for line in old))
            except OSError as error:
                raise _bad_key_file(os.strerror(error.errno or 0)) from None
            self._next_look = 0.0


def _new_line() -> bytes:
    return base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)) + b"\n"


def _lines(content: bytes) -> list[bytes]:
    lines = [line.strip() for line in content.splitlines() if line.strip()]
    if not lines:
        raise _bad_key_file("it is empty")
    return lines


def _as_key(line: bytes) -> OctKey:
    try:
        secret = base64.b64decode(line, altchars=b"-_", validate=True)
    except binascii.Error:
        raise _bad_key_file("a line is not base64url") from None
    if len(secret) < KEY_BYTES:
        raise _bad_key_file(f"a key is shorter than {KEY_BYTES} bytes")
    return OctKey.import_key(secret, {"kid": hashlib.sha256(secret).hexdigest()[:12]})


def _bad_key_file(problem: str) -> SettingsError:
    return SettingsError(
        f"فایل کلید توکن‌ها (MAXA_TOKEN_KEY_FILE) به کار نمی‌آید: {problem}. آن را درست کنید یا بردارید تا از نو ساخته شود.",
        f"The token key file (MAXA_TOKEN_KEY_FILE) can't be used: {problem}. Mend it, or remove it to have one made.",
    )


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says, once its signature, kind and time are checked. ``expires`` is in Unix seconds."""

    client: str
    user: str | None
    scope: str
    epoch: int
    expires: int


class Tokens:
    """Issues and reads tokens. Whether the client may still use one is for its caller to ask (epoch, disabled)."""

    def __init__(
        self, keys: KeyFile, *, token_seconds: int, refresh_seconds: int, clock: Callable[[], float] = time.time
    ) -> None:
        self.keys = keys
        self.token_seconds = token_seconds
        self._lives = {"access": token_seconds, "refresh": refresh_seconds}
        self._clock = clock

    def current_keys(self) -> KeySet:
        """As :meth:`KeyFile.keys`, for use while answering a request. Raises :class:`Unavailable` if there are none."""
        try:
            return self.keys.keys()
        except SettingsError as error:
            log.error("no token can be issued or checked", problem=str(error))
            raise Unavailable(
                "کلید توکن‌ها خوانده نمی‌شود؛ مدیر سامانه باید MAXA_TOKEN_KEY_FILE را درست کند.",
                "The token key can't be read; the operator must mend MAXA_TOKEN_KEY_FILE.",
            ) from None

    def issue(self, client: Client, *, user: str | None, scope: str, kind: str = "access") -> str:
        """A new token of a kind ("access" or "refresh") for a client and, if there is one, its user."""
        now = int(self._clock())
        claims = {
            "client": client.client_id,
            "user": user,
            "scope": scope,
            "epoch": client.token_epoch,
            "typ": kind,
            "iat": now,
            "exp": now + self._lives[kind],
            "jti": secrets.token_urlsafe(9),
        }
        key = self.current_keys().keys[0]
        return jwt.encode({"alg": ALGORITHM, "kid": key.kid}, claims, key, algorithms=[ALGORITHM])

    def read(self, token: str, kind: str = "access") -> Claims:
        """Check signature, kind and time. Raises :class:`NotAuthenticated` saying which is wrong."""
        if len(token) > LONGEST_TOKEN or not token.isascii():
            raise _invalid()
        try:
            said = jwt.decode(token, self.current_keys(), algorithms=[ALGORITHM]).claims
            claims = Claims(said["client"], said["user"], said["scope"], said["epoch"], int(said["exp"]))
            kind_said = said["typ"]
        except (JoseError, ValueError, KeyError, TypeError, RecursionError):
            raise _invalid() from None
        if kind_said != kind:
            raise NotAuthenticated(
                "این توکن از گونهٔ دیگری است: access_token را برای سرویس‌ها و refresh_token را تنها برای گرفتن توکن تازه بفرستید.",
                "This is a token of the other kind: send the access_token to the services, and the refresh_token only "
                "to take a new one.",
                "Authorization",
            )
        if claims.expires <= self._clock():
            raise NotAuthenticated(
                "توکن منقضی شده است؛ از ‎/oauth/token‎ توکن تازه بگیرید.",
                "The token has expired: take a new one from /oauth/token.",
                "Authorization",
            )
        return claims


def _invalid() -> NotAuthenticated:
    return NotAuthenticated(
        "توکن معتبر نیست: یا کامل فرستاده نشده، یا این سرور آن را صادر نکرده است. از ‎/oauth/token‎ توکن تازه بگیرید.",
        "The token is not valid: it was cut, or this server did not issue it. Take a new one from /oauth/token.",
        "Authorization",
    )
