"""Checking secrets at a bounded cost, and slowing down whoever guesses them. All of it is per worker process."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from argon2.exceptions import InvalidHashError, VerificationError

from maxa.access.clients import HASHER

MOST_REMEMBERED = 5_000
FREE_FAILURES = 5
LONGEST_WAIT = 300.0
FORGET_AFTER = 900.0
MOST_WATCHED = 10_000

log = structlog.get_logger("maxa.access")


class Busy(Exception):
    """Every slot for hashing is taken: better to say so than to let token requests take all threads of a worker."""


class SecretCheck:
    """Verifies argon2 hashes, at most ``slots`` at a time, and remembers what was right.

    A client that takes a token for every call then costs microseconds instead of 26 ms each: what is remembered is an
    HMAC under a key that only this process's memory holds, beside the hash that it was checked against.
    """

    def __init__(self, slots: int) -> None:
        self._slots = threading.BoundedSemaphore(slots)
        self._key = secrets.token_bytes(32)
        self._right: OrderedDict[str, bytes] = OrderedDict()  # hash → HMAC of its secret
        self._lock = threading.Lock()
        self._nobody = HASHER.hash(secrets.token_bytes(16))

    def matches(self, secret_hash: str | None, secret: str) -> bool:
        """Whether ``secret`` belongs to the hash; ``None`` stands for an unknown name and takes as long as a known
        one. Raises :class:`Busy`."""
        offered = secret.encode("utf-8", "surrogatepass")
        tag = hmac.digest(self._key, offered, hashlib.sha256)
        if secret_hash is not None and hmac.compare_digest(self._right.get(secret_hash, b""), tag):
            return True
        if not self._slots.acquire(blocking=False):
            raise Busy
        try:
            HASHER.verify(secret_hash or self._nobody, offered)
        except VerificationError:
            return False
        except InvalidHashError:
            log.error("a hash in the clients file can't be used")
            return False
        finally:
            self._slots.release()
        if secret_hash is None:
            return False
        with self._lock:
            self._right[secret_hash] = tag
            while len(self._right) > MOST_REMEMBERED:
                self._right.popitem(last=False)
        return True


@dataclass(slots=True)
class _Failures:
    count: int
    blocked_until: float
    last: float


class Failures:
    """Wrong credentials by client and address: five are free, then each doubles the wait (1 s … 5 min).

    A quarter of an hour without a failure, or one success, clears the record. The table holds the newest
    ``MOST_WATCHED`` pairs.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seen: OrderedDict[tuple[str, str], _Failures] = OrderedDict()
        self._lock = threading.Lock()

    def wait_for(self, client_id: str, address: str) -> float:
        """Seconds until this pair may try again; 0.0 if now."""
        with self._lock:
            found = self._seen.get((client_id, address))
            return max(0.0, found.blocked_until - self._clock()) if found else 0.0

    def failed(self, client_id: str, address: str) -> None:
        now = self._clock()
        with self._lock:
            found = self._seen.pop((client_id, address), None)
            count = found.count + 1 if found is not None and now - found.last < FORGET_AFTER else 1
            wait = min(LONGEST_WAIT, 2.0 ** min(count - FREE_FAILURES - 1, 30)) if count > FREE_FAILURES else 0.0
            self._seen[client_id, address] = _Failures(count, now + wait, now)
            while len(self._seen) > MOST_WATCHED:
                self._seen.popitem(last=False)

    def succeeded(self, client_id: str, address: str) -> None:
        with self._lock:
            self._seen.pop((client_id, address), None)
