"""May this request be answered, and for whom: bearer token, ``pid``, service, rate (FACTS §5, CONTRACT §1)."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any

from joserfc.jwk import KeySet

from maxa.access.clients import SECONDS_IN, Client, RateLimit
from maxa.access.clients_file import ClientsFile
from maxa.access.tokens import Claims, KeyFile, Tokens
from maxa.errors import MaxaError, NotAllowed, NotAuthenticated, TooManyRequests
from maxa.settings import Settings

MOST_KNOWN = 10_000  # checked (token, pid, service) triples kept a process, some 0.7 kB each


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks. ``client_id`` is None where ``MAXA_ACCESS=open``."""

    client_id: str | None
    name: str = ""
    user: str | None = None
    scope: str = ""


ANONYMOUS = Principal(None)


class Bucket:
    """A client's allowance in this process: full at first, refilled evenly."""

    __slots__ = ("_at", "_left", "_lock", "_per_second", "_size", "limit")

    def __init__(self, limit: RateLimit, now: float) -> None:
        self.limit = limit
        self._size = float(limit.requests)
        self._per_second = limit.requests / SECONDS_IN[limit.per]
        self._left = self._size
        self._at = now
        self._lock = threading.Lock()

    def take(self, now: float) -> float:
        """Take one request out. Returns 0.0, or how many seconds to wait until there is one again."""
        with self._lock:
            gained = max(0.0, now - self._at) * self._per_second
            self._left = min(self._size, self._left + gained)
            self._at = now
            if self._left < 1.0:
                return (1.0 - self._left) / self._per_second
            self._left -= 1.0
            return 0.0


@dataclass(frozen=True, slots=True)
class _Granted:
    """A whole check that went well, good as long as neither file changes and the token lives."""

    principal: Principal
    expires: int
    clients: Mapping[str, Client]
    keys: KeySet
    bucket: Bucket | None


class Access:
    """The door of every reading surface. One object a process; safe to share between threads."""

    def __init__(
        self, *, open_to_all: bool, clients: ClientsFile, tokens: Tokens, clock: Callable[[], float] = time.time
    ) -> None:
        self.open_to_all = open_to_all
        self.clients = clients
        self.tokens = tokens
        self._clock = clock
        self._known: dict[tuple[str, str, str], _Granted] = {}
        self._buckets: dict[str, Bucket] = {}
        self._lock = threading.Lock()

    @classmethod
    def from_settings(cls, settings: Settings) -> Access:
        keys = KeyFile(settings.token_key_file)
        tokens = Tokens(keys, token_seconds=settings.token_seconds, refresh_seconds=settings.refresh_seconds)
        return cls(open_to_all=settings.access == "open", clients=ClientsFile(settings.clients_file), tokens=tokens)

    def authorize(self, environ: MutableMapping[str, Any], service: str) -> Principal:
        """Who may have this request to ``service`` (one of ``SERVICES``) answered, from its WSGI environ.

        Leaves ``maxa.service`` and ``maxa.client`` in the environ for the access log and the usage counts. Raises
        :class:`NotAuthenticated` (401: take a token), :class:`NotAllowed` (403: a token will not help),
        :class:`TooManyRequests`, or :class:`Unavailable`; ``error.data["headers"]`` holds what the reply should carry.
        """
        environ["maxa.service"] = service
        if self.open_to_all:
            return ANONYMOUS
        authorization = environ.get("HTTP_AUTHORIZATION", "")
        pid = environ.get("HTTP_PID", "")
        now = self._clock()
        clients = self.clients.current()
        granted = self._known.get((authorization, pid, service))
        if (
            granted is None
            or granted.clients is not clients
            or granted.expires <= now
            or granted.keys is not self.tokens.keys.keys()
        ):
            granted = self._check(environ, authorization, pid, service, clients)
        environ["maxa.client"] = granted.principal.client_id
        if granted.bucket is not None:
            wait = granted.bucket.take(now)
            if wait:
                raise _too_many(granted.bucket.limit, wait)
        return granted.principal

    def client_of(self, claims: Claims) -> Client:
        """The client of a token that was read, as it stands now. Raises :class:`NotAuthenticated` if it was revoked."""
        client = self.clients.current().get(claims.client)
        if client is None or client.disabled:
            raise _unauthenticated(
                "این برنامه دیگر در فهرست برنامه‌های مجاز نیست یا بسته شده است؛ با مدیر سامانه تماس بگیرید.",
                "This client was removed or disabled: ask the operator of this server.",
            )
        if client.token_epoch != claims.epoch or (claims.user is not None and client.user(claims.user) is None):
            raise _unauthenticated(
                "این توکن پس گرفته شده است؛ با نام کاربری و رمز از ‎/oauth/token‎ توکن تازه بگیرید.",
                "This token was revoked: take a new one from /oauth/token with the credentials.",
            )
        return client

    def _check(
        self,
        environ: MutableMapping[str, Any],
        authorization: str,
        pid: str,
        service: str,
        clients: Mapping[str, Client],
    ) -> _Granted:
        keys = self.tokens.current_keys()
        try:
            claims = self.tokens.read(_bearer_token(authorization))
            client = self.client_of(claims)
        except NotAuthenticated as error:
            raise _with_headers(error, {"WWW-Authenticate": _challenge(bool(authorization))}) from None
        environ["maxa.client"] = client.client_id
        if service not in client.services:
            raise NotAllowed(
                f"این برنامه اجازهٔ سرویس «{service}» را ندارد؛ از مدیر سامانه بخواهید آن را باز کند.",
                f"This client may not use {service}: ask the operator of this server to allow it.",
                data={"services": list(client.services)},
            )
        if "read" not in claims.scope.split():
            raise NotAllowed(
                "دامنهٔ این توکن (scope) «read» را ندارد؛ توکنی با scope=read یا بی‌ scope بگیرید.",
                "This token's scope lacks 'read': take one with scope=read, or without naming a scope.",
                "Authorization",
                data={"headers": {"WWW-Authenticate": 'Bearer realm="maxa", error="insufficient_scope", scope="read"'}},
            )
        _check_pid(client, service, pid)
        granted = _Granted(
            principal=Principal(client.client_id, client.name, claims.user, claims.scope),
            expires=claims.expires,
            clients=clients,
            keys=keys,
            bucket=self._bucket(client),
        )
        with self._lock:
            while len(self._known) >= MOST_KNOWN:
                del self._known[next(iter(self._known))]
            self._known[authorization, pid, service] = granted
        return granted

    def _bucket(self, client: Client) -> Bucket | None:
        """The client's one bucket, kept when the file changes, so that an edit does not refill it."""
        if client.rate_limit is None:
            return None
        with self._lock:
            bucket = self._buckets.get(client.client_id)
            if bucket is None or bucket.limit != client.rate_limit:
                bucket = self._buckets[client.client_id] = Bucket(client.rate_limit, self._clock())
            return bucket


def _bearer_token(authorization: str) -> str:
    """The token out of ``bearer <token>``, in any letter case. What was sent is never repeated: it may be a secret."""
    parts = authorization.split()
    if not parts:
        raise _unauthenticated(
            "توکن دسترسی فرستاده نشده است. از ‎/oauth/token‎ توکن بگیرید و آن را در سرآیند Authorization به شکل "
            "«bearer <token>» بفرستید.",
            "There is no access token. Take one from /oauth/token and send it as 'Authorization: bearer <token>'.",
        )
    if len(parts) != 2 or parts[0].lower() != "bearer":
        raise _unauthenticated(
            "سرآیند Authorization باید به شکل «bearer <token>» باشد: واژهٔ bearer، یک فاصله و خود توکن.",
            "The Authorization header must read 'bearer <token>': the word bearer, a space, and the token itself.",
        )
    return parts[1]


def _check_pid(client: Client, service: str, pid: str) -> None:
    expected = client.pid_for(service)
    if expected is None:
        return
    sent = pid.strip().lower()
    if not sent:
        raise NotAllowed(
            f"سرآیند pid فرستاده نشده است. شناسهٔ بستهٔ برنامهٔ خود برای «{service}» را (۲۴ رقم شانزده‌شانزدهی) در آن بگذارید.",
            f"There is no pid header. Send your package id for {service} (24 hex digits) in it.",
            "pid",
        )
    if sent != expected:
        raise NotAllowed(
            f"مقدار سرآیند pid شناسهٔ بستهٔ این برنامه برای «{service}» نیست. هر سرویس ممکن است شناسهٔ خود را داشته باشد؛ "
            "آن را با آنچه مدیر سامانه داده است بسنجید.",
            f"The pid header is not this client's package id for {service}. Each service may have its own: compare it "
            "with what the operator gave you.",
            "pid",
        )


def _challenge(token_was_sent: bool) -> str:
    """RFC 6750 §3.1: no error code where the request carried no token at all."""
    return 'Bearer realm="maxa", error="invalid_token"' if token_was_sent else 'Bearer realm="maxa"'


def _too_many(limit: RateLimit, wait: float) -> TooManyRequests:
    seconds = max(1, math.ceil(wait))
    unit_fa = {"second": "ثانیه", "minute": "دقیقه"}[limit.per]
    error = TooManyRequests(
        f"درخواست‌ها بیش از اندازه است: این برنامه {limit.requests} درخواست در {unit_fa} دارد. "
        f"{seconds} ثانیه دیگر دوباره بفرستید.",
        f"Too many requests: this client has {limit.requests} a {limit.per}. Try again in {seconds} s.",
    )
    _with_headers(error, {"Retry-After": str(seconds)})
    return error


def _unauthenticated(detail_fa: str, detail_en: str) -> NotAuthenticated:
    return NotAuthenticated(detail_fa, detail_en, "Authorization")


def _with_headers(error: MaxaError, headers: dict[str, str]) -> MaxaError:
    error.data["headers"] = headers
    return error
