"""API clients as readers see them: a small JSON file, secrets hashed, replaced in one step (DESIGN §2).

At the centre the registry projects its clients to ``MAXA_CLIENTS_FILE``; a mirror's own file is edited by
``maxa client add --file``. Either way this is the only thing read to issue and check a token, so both go on without
PostgreSQL. The file's form is documented in docs/access.md.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from marshmallow import RAISE, Schema, ValidationError, fields, validate, validates_schema

from maxa.access.private_file import write_private
from maxa.errors import BadParameter, SettingsError, Unavailable
from maxa.hashing import HASHER, hash_secret  # noqa: F401 - had from here by everything that makes clients
from maxa.lock import PidLock

CLIENTS_FORMAT = 1
GATEWAY_SERVICES = ("CtsTerminologies", "Terminology", "SearchTerminology", "ValidateCts")
SERVICES = (*GATEWAY_SERVICES, "api")
SECONDS_IN = {"second": 1, "minute": 60}
EDIT_WAIT_SECONDS = 10.0
MOST_REQUESTS = 1_000_000  # of a limit
LONGEST_USERNAME = 128


@dataclass(frozen=True, slots=True)
class User:
    """Someone who takes tokens by ``grant_type=password`` through a client."""

    username: str
    password_hash: str


@dataclass(frozen=True, slots=True)
class RateLimit:
    """At most ``requests`` per ``per`` ("second" or "minute"), in each worker process; as many may come at once."""

    requests: int
    per: str = "second"


@dataclass(frozen=True, slots=True)
class Client:
    """A program that may ask. ``pid`` is its package id (24 hex digits): one for all services, or one by service.

    A service without a pid of its own in the mapping asks for none (only ``api`` may be such a service). Raising
    ``token_epoch`` revokes every token issued before; so does ``disabled``, for as long as it is set.
    """

    client_id: str
    name: str
    secret_hash: str
    pid: str | Mapping[str, str]
    users: tuple[User, ...] = ()
    services: tuple[str, ...] = SERVICES
    rate_limit: RateLimit | None = None
    disabled: bool = False
    token_epoch: int = 1

    def pid_for(self, service: str) -> str | None:
        return self.pid if isinstance(self.pid, str) else self.pid.get(service)

    def user(self, username: str) -> User | None:
        return next((u for u in self.users if u.username == username), None)


def new_secret() -> str:
    """A client secret or a password: 256 random bits, safe in URLs and headers."""
    return secrets.token_urlsafe(32)


def new_pid() -> str:
    """A package id: 24 hex digits (FACTS §5)."""
    return secrets.token_hex(12)


_ARGON2 = validate.Regexp(r"\$argon2(id|i|d)\$v=\d+\$m=\d+,t=\d+,p=\d+\$[A-Za-z0-9+/]+\$[A-Za-z0-9+/]+\Z")
_PID = validate.Regexp(r"[0-9a-f]{24}\Z", error="A pid is 24 hex digits in lower case.")
_ID_PATTERN = r"[A-Za-z0-9][A-Za-z0-9._@-]{0,127}\Z"
_CLIENT_ID = validate.Regexp(_ID_PATTERN, error="A client id is 1 to 128 Latin letters, digits and . _ @ -")


def is_client_id(text: str) -> bool:
    """Whether a client may have this id: 1 to 128 Latin letters, digits and ``. _ @ -``."""
    return re.match(_ID_PATTERN, text) is not None


class _Pid(fields.Field[Any]):
    """A string, or an object of service → string."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str | dict[str, str]:
        named = value if isinstance(value, dict) else {"": value}
        for service, pid in named.items():
            if not isinstance(pid, str):
                raise ValidationError("A pid is 24 hex digits in lower case.")
            _PID(pid)
            if service and service not in SERVICES:
                raise ValidationError(f"{service[:40]!r} is not a service; they are {', '.join(SERVICES)}.")
        return value


class _UserSchema(Schema):
    class Meta:
        unknown = RAISE

    username = fields.String(required=True, validate=validate.Length(1, LONGEST_USERNAME))
    password_hash = fields.String(required=True, validate=_ARGON2)


class _RateLimitSchema(Schema):
    class Meta:
        unknown = RAISE

    requests = fields.Integer(required=True, strict=True, validate=validate.Range(1, MOST_REQUESTS))
    per = fields.String(required=True, validate=validate.OneOf(tuple(SECONDS_IN)))


class _ClientSchema(Schema):
    class Meta:
        unknown = RAISE

    client_id = fields.String(required=True, validate=_CLIENT_ID)
    name = fields.String(required=True, validate=validate.Length(1, 200))
    secret_hash = fields.String(required=True, validate=_ARGON2)
    pid = _Pid(required=True)
    users = fields.List(fields.Nested(_UserSchema), load_default=list)
    services = fields.List(fields.String(validate=validate.OneOf(SERVICES)), load_default=lambda: list(SERVICES))
    rate_limit = fields.Nested(_RateLimitSchema, allow_none=True, load_default=None)
    disabled = fields.Boolean(truthy={True}, falsy={False}, load_default=False)
    token_epoch = fields.Integer(strict=True, validate=validate.Range(0, 2**53), load_default=1)

    @validates_schema
    def each_service_of_the_gateway_has_a_pid(self, data: dict[str, Any], **kwargs: Any) -> None:
        if isinstance(data["pid"], dict):
            missing = [s for s in data["services"] if s in GATEWAY_SERVICES and s not in data["pid"]]
            if missing:
                raise ValidationError(f"No pid for {', '.join(missing)}.", "pid")
        names = [u["username"] for u in data["users"]]
        if len(set(names)) < len(names):
            raise ValidationError("Two users have one name.", "users")


class _FileSchema(Schema):
    class Meta:
        unknown = RAISE

    format = fields.Integer(required=True, strict=True, validate=validate.Equal(CLIENTS_FORMAT))
    clients = fields.List(fields.Nested(_ClientSchema), required=True)


def client_from_dict(data: Mapping[str, Any]) -> Client:
    """One client from its form in the file. Raises :class:`SettingsError` naming the field."""
    try:
        return _client(_ClientSchema().load(data))
    except ValidationError as error:
        raise _bad_file(_first_problem(error.messages)) from None


def client_as_dict(client: Client) -> dict[str, Any]:
    """The client as the file holds it (and the registry's ``record``). Raises :class:`BadParameter` naming the field
    that the file would not take, so that no invalid client is ever stored."""
    limit = client.rate_limit
    data = {
        "client_id": client.client_id,
        "name": client.name,
        "secret_hash": client.secret_hash,
        "pid": client.pid if isinstance(client.pid, str) else dict(client.pid),
        "users": [{"username": u.username, "password_hash": u.password_hash} for u in client.users],
        "services": list(client.services),
        "rate_limit": {"requests": limit.requests, "per": limit.per} if limit else None,
        "disabled": client.disabled,
        "token_epoch": client.token_epoch,
    }
    require_storable(data)
    return data


def require_storable(record: Mapping[str, Any]) -> None:
    """Raises :class:`BadParameter` naming the field that the file would not take: one such client keeps all the others
    from being projected."""
    wrong = _ClientSchema().validate(record)
    if wrong:
        problem, field = _first_problem(wrong), str(next(iter(wrong)))
        raise BadParameter(
            f"این برنامه را نمی‌توان چنین نگه داشت: {problem}", f"The client can't be stored: {problem}", field
        )


def read_clients(path: Path) -> list[Client]:
    """Every client of the file, or none if it does not exist. Raises :class:`SettingsError` if it is damaged."""
    try:
        return parse_clients(path.read_bytes())
    except FileNotFoundError:
        return []
    except OSError as error:
        raise _bad_file(os.strerror(error.errno or 0)) from None


def write_clients(path: Path, clients: Iterable[Client]) -> None:
    """Replace the file in one step, mode 0600. Raises :class:`BadParameter`, and leaves it, if a client is invalid."""
    ordered = sorted(clients, key=lambda c: c.client_id)
    content = orjson.dumps(
        {"format": CLIENTS_FORMAT, "clients": [client_as_dict(c) for c in ordered]},
        option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE,
    )
    parse_clients(content)
    write_private(path, content)


def replace_clients(path: Path, read: Callable[[], Iterable[Client]]) -> None:
    """Write what ``read`` gives, one writer at a time; it is called when the file is ours, so that of two commands at
    once the later one's reading is the later one written."""
    with _only_editor(path):
        write_clients(path, read())


@contextmanager
def editing_clients(path: Path) -> Iterator[dict[str, Client]]:
    """Yield the clients by id to be changed in place; written back when the block ends well, one editor at a time."""
    with _only_editor(path):
        by_id = {c.client_id: c for c in read_clients(path)}
        yield by_id
        write_clients(path, by_id.values())


@contextmanager
def _only_editor(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = PidLock(path.with_name(path.name + ".lock"))
    if not lock.acquire(wait=EDIT_WAIT_SECONDS):
        raise Unavailable(
            "فرمان دیگری همین حالا فایل برنامه‌ها را ویرایش می‌کند؛ اندکی دیگر دوباره اجرا کنید.",
            "Another command is editing the clients file right now; run this again in a moment.",
        )
    try:
        yield
    finally:
        lock.release()


def parse_clients(content: bytes) -> list[Client]:
    """The clients in the content of a file. Raises :class:`SettingsError` naming the first wrong place."""
    try:
        data = _FileSchema().load(orjson.loads(content))
    except orjson.JSONDecodeError as error:
        raise _bad_file(f"not JSON: {error}") from None
    except ValidationError as error:
        raise _bad_file(_first_problem(error.messages)) from None
    clients = [_client(c) for c in data["clients"]]
    seen: set[str] = set()
    for client in clients:
        if client.client_id in seen:
            raise _bad_file(f"client {client.client_id} stands there twice")
        seen.add(client.client_id)
    return clients


def _client(data: dict[str, Any]) -> Client:
    limit = data["rate_limit"]
    return Client(
        client_id=data["client_id"],
        name=data["name"],
        secret_hash=data["secret_hash"],
        pid=data["pid"],
        users=tuple(User(**u) for u in data["users"]),
        services=tuple(data["services"]),
        rate_limit=RateLimit(**limit) if limit else None,
        disabled=data["disabled"],
        token_epoch=data["token_epoch"],
    )


def _first_problem(messages: Any, place: str = "") -> str:
    """``clients[3].pid: A pid is …`` out of marshmallow's nested messages."""
    if isinstance(messages, dict):
        key, inner = next(iter(messages.items()))
        step = f"[{key}]" if isinstance(key, int) else "" if key == "_schema" else f".{key}" if place else str(key)
        return _first_problem(inner, place + step)
    text = messages[0] if isinstance(messages, list) and messages else messages
    return f"{place}: {text}" if place else str(text)


def _bad_file(problem: str) -> SettingsError:
    return SettingsError(
        f"فایل برنامه‌ها (MAXA_CLIENTS_FILE) درست نیست: {problem}",
        f"The clients file (MAXA_CLIENTS_FILE) is wrong: {problem}",
    )
