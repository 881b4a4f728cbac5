"""Requests on the disk, one file each: what was received and is not collected yet, and how each stands.

``received/<number>.json`` is written durably before the requester has the number, and removed once ``states/<number>.json``
tells of it, which the centre writes from the registry. So a number that was given out is always found, with PostgreSQL
down and after a kill at any moment. The number is derived from what identifies a request (the client's Idempotency-Key,
else its content and the day) by a key of this server's own: a retry finds the same file, and nobody can compute it.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import structlog

from maxa.access.private_file import write_private
from maxa.errors import BadParameter, Unavailable
from maxa.persian.dates import TEHRAN
from maxa.requests.asking import Asking
from maxa.requests.tracking import read_tracking, tracking_of
from maxa.shelf.durable import TEMPORARY, sync_folder

log = structlog.get_logger("maxa.requests")

FORMAT = 1
MOST_WAITING = 5_000  # files that nobody collected: more is an attack, or the worker stands still
MOST_BYTES = 512 << 20  # of all those
LEAST_FREE = 512 << 20  # bytes of the disk that requests leave to the shelf and to PostgreSQL
_KEY_BYTES = 32
_HOUR = 3_600
Record = dict[str, Any]
# of what was received: these and no others
FIELDS = frozenset(
    {"format", "tracking", "received_at", "digest", "kind", "terminology", "rows", "organisation", "client_id",
     "authenticated", "channel", "note"}
)  # fmt: skip


class Damaged(Exception):
    """A file of the spool that can't be read as a request."""


@dataclass(frozen=True, slots=True)
class Filed:
    """``existing``: the same request had been received before."""

    tracking: str
    received_at: str
    rows: int
    existing: bool


class Spool:
    """Safe to share between threads and processes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.received = folder / "received"
        self.states = folder / "states"
        self.damaged = folder / "damaged"

    def file(
        self, asking: Asking, *, key: str = "", now: datetime | None = None, admit: Callable[[], None] = lambda: None
    ) -> Filed:
        """Keep a request. ``key`` is what the client sent to have retries known by; ``admit`` is called before one that is
        new is written, and may refuse it. Raises :class:`BadParameter` for a key that another request had,
        :class:`Unavailable` when it can't be kept."""
        at = (now or datetime.now(UTC)).astimezone(UTC)
        digest = asking.digest()
        try:
            numbers = self._numbers(asking, digest, key, at)
            for number in numbers:
                held = self.find(number)
                if held is not None:
                    return _again(held, digest)
            record = {
                "format": FORMAT, "tracking": numbers[0], "received_at": at.isoformat(timespec="seconds"), "digest": digest,
                **asdict(asking),
            }  # fmt: skip
            self._check_room()
            admit()
            try:
                write_private(self._path(self.received, numbers[0]), orjson.dumps(record), replace=False)
            except FileExistsError:
                return _again(self._read(self._path(self.received, numbers[0])), digest)
        except (OSError, Damaged) as error:
            raise _not_kept() from error
        return Filed(numbers[0], record["received_at"], len(asking.rows), existing=False)

    def find(self, tracking: str) -> Record | None:
        """How a request stands, as the registry last told it, or as it was received. Raises :class:`Damaged`, OSError."""
        for folder in (self.states, self.received, self.states):  # it may go from the one to the other meanwhile
            with suppress(FileNotFoundError):
                return self._read(self._path(folder, tracking))
        return None

    def waiting(self) -> Iterator[Record]:
        """What was received and not yet forgotten, oldest first; what is damaged is set aside."""
        for path in sorted(self.received.glob("[!.]*.json"), key=_written_at):
            try:
                record = self._read(path)
                if self._path(self.received, record["tracking"]) != path or record.keys() != FIELDS:
                    raise Damaged(path.name)
            except FileNotFoundError:
                continue  # another one has collected it
            except Damaged:
                self._set_aside(path)
                continue
            yield record

    def sweep(self, now: float | None = None) -> None:
        """Remove what writers that were killed left behind; a living one is done within the hour."""
        for path in [*self.received.glob(f"{TEMPORARY}*"), *self.states.glob(f"{TEMPORARY}*")]:
            with suppress(FileNotFoundError):
                if (now or time.time()) - path.stat().st_mtime > _HOUR:
                    path.unlink()

    def set_aside(self, tracking: str) -> None:
        """What was received can't be taken up: a person has to look at it, and nothing else waits for that."""
        self._set_aside(self._path(self.received, tracking))

    def _set_aside(self, path: Path) -> None:
        self.damaged.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):
            path.replace(self.damaged / path.name)
            log.error("a request can't be taken up", file=str(self.damaged / path.name))

    def show(self, state: Record) -> None:
        """Replace what followers of a request read."""
        write_private(self._path(self.states, state["tracking"]), orjson.dumps({"format": FORMAT, **state}))

    def shown(self, tracking: str) -> int:
        """The revision that followers of a request read; 0 where they read none, or it does not say."""
        try:
            revision = self._read(self._path(self.states, tracking)).get("revision")
        except (FileNotFoundError, Damaged):
            return 0
        return revision if isinstance(revision, int) else 0

    def forget(self, tracking: str) -> None:
        """What was received is in the registry, and shown from there."""
        if self._path(self.states, tracking).exists():
            self._path(self.received, tracking).unlink(missing_ok=True)
            sync_folder(self.received)

    def _numbers(self, asking: Asking, digest: str, key: str, at: datetime) -> list[str]:
        if key:
            who = asking.client_id if asking.authenticated else asking.organisation
            return [self._number("key", who, key)]
        # a retry may come after midnight; the same words a week later are another request
        today = at.astimezone(TEHRAN).date()
        return [self._number("content", digest, str(today - timedelta(days=back))) for back in (0, 1)]

    def _number(self, *identity: str) -> str:
        told = hmac.digest(self._key(), orjson.dumps(identity), hashlib.sha256)
        return tracking_of(int.from_bytes(told[:16]))

    def _key(self) -> bytes:
        """Made at first use, by exactly one of the processes that start at once."""
        path = self.folder / "requests.key"
        with suppress(FileNotFoundError):
            return path.read_bytes()
        with suppress(FileExistsError):
            write_private(path, secrets.token_bytes(_KEY_BYTES), replace=False)
        return path.read_bytes()

    def _check_room(self) -> None:
        sizes = []
        for path in self.received.glob("[!.]*.json"):
            with suppress(FileNotFoundError):
                sizes.append(path.stat().st_size)
        if len(sizes) >= MOST_WAITING or sum(sizes) >= MOST_BYTES:
            log.error("requests are refused: too many wait to be collected", files=len(sizes), bytes=sum(sizes))
            raise _not_kept()
        place = next(one for one in (self.folder, *self.folder.parents) if one.exists())
        free = shutil.disk_usage(place).free
        if free < LEAST_FREE:
            log.error("requests are refused: the disk is nearly full", free=free)
            raise _not_kept()

    @staticmethod
    def _path(folder: Path, tracking: str) -> Path:
        return folder / f"{tracking}.json"

    @staticmethod
    def _read(path: Path) -> Record:
        try:
            record = orjson.loads(path.read_bytes())
            if record["format"] != FORMAT or read_tracking(record["tracking"]) != record["tracking"]:
                raise Damaged(path.name)
            return dict(record)
        except (ValueError, TypeError, KeyError):
            raise Damaged(path.name) from None


def _written_at(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def _again(held: Record, digest: str) -> Filed:
    if held["digest"] != digest:
        raise BadParameter(
            "این Idempotency-Key را درخواست دیگری داشته است؛ برای هر درخواست کلید تازه‌ای بسازید.",
            "Another request had this Idempotency-Key: make a new one for each request.",
            "Idempotency-Key",
        )
    return Filed(held["tracking"], held["received_at"], len(held["rows"]), existing=True)


def _not_kept() -> Unavailable:
    return Unavailable(
        "درخواست شما نگه داشته نشد و شمارهٔ پیگیری ندارد؛ اندکی دیگر دوباره بفرستید و اگر ماند، به مدیر سامانه بگویید.",
        "Your request was not kept and has no tracking number: send it again in a moment, and tell the operator if it"
        " stays so.",
    )
