"""How often one address may ask for what costs much, in this process: pages have no client to count by."""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from flask import Request

from maxa.access.check import Bucket
from maxa.access.clients import RateLimit
from maxa.errors import TooManyRequests

MOST_KNOWN = 10_000  # addresses
_OURSELVES = ("", "127.0.0.1", "::1")  # where a proxy on this machine comes from; empty: by a socket file


def sender(request: Request) -> str:
    """The address that a request came from; of one that a proxy on this machine passed on, the one that it names."""
    address = request.remote_addr or ""
    named = request.headers.get("X-Forwarded-For", "")
    if address in _OURSELVES and named:
        return named.rpartition(",")[2].strip()[:60]
    return address


class Throttle:
    """``limit`` for each address; the longest silent ones are forgotten first."""

    def __init__(self, limit: RateLimit, clock: Callable[[], float] = time.monotonic) -> None:
        self.limit = limit
        self._clock = clock
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, address: str) -> None:
        """Raises :class:`TooManyRequests`."""
        now = self._clock()
        with self._lock:
            bucket = self._buckets.get(address)
            if bucket is None:
                bucket = self._buckets[address] = Bucket(self.limit, now)
            self._buckets.move_to_end(address)
            while len(self._buckets) > MOST_KNOWN:
                self._buckets.popitem(last=False)
        wait = bucket.take(now)
        if wait:
            seconds = max(1, math.ceil(wait))
            raise TooManyRequests(
                f"از این نشانی درخواست‌های پیاپی بسیاری آمده است؛ {seconds} ثانیه دیگر دوباره بفرستید.",
                f"Too many requests came from this address: try again in {seconds} s.",
                data={"headers": {"Retry-After": str(seconds)}},
            )
