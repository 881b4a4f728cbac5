"""How many rows one sender may report in a day, in this process: what is received is kept for ever, on disk and in the
registry, and anybody may send."""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day

from maxa.errors import TooManyRequests
from maxa.persian.dates import TEHRAN

ROWS_A_DAY = 20_000  # of an address
CLIENT_ROWS_A_DAY = 200_000  # of a client with a token
LEAST_ROWS = 10  # that a request counts for: it has a note and a name, too
MOST_KNOWN = 10_000  # senders


def _now() -> datetime:
    return datetime.now(UTC)


class DailyRows:
    """Counted by Tehran's days; the longest silent senders are forgotten first."""

    def __init__(self, clock: Callable[[], datetime] = _now) -> None:
        self._clock = clock
        self._day = date.min
        self._rows: OrderedDict[str, int] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, sender: str, rows: int, *, most: int = ROWS_A_DAY) -> None:
        """Raises :class:`TooManyRequests`, and counts nothing then."""
        now = self._clock().astimezone(TEHRAN)
        with self._lock:
            if now.date() != self._day:
                self._day = now.date()
                self._rows.clear()
            sum_of_day = self._rows.get(sender, 0) + max(rows, LEAST_ROWS)
            if sum_of_day <= most:
                self._rows[sender] = sum_of_day
                self._rows.move_to_end(sender)
                while len(self._rows) > MOST_KNOWN:
                    self._rows.popitem(last=False)
                return
        midnight = datetime.combine(now.date() + timedelta(days=1), time_of_day(), TEHRAN)
        raise TooManyRequests(
            f"از این فرستنده در یک روز تا {most} سطر پذیرفته می‌شود و سهم امروز پر شده است؛ این درخواست را فردا"
            " بفرستید، یا با توکن برنامهٔ خود از راه API.",
            f"A sender may report {most} rows a day, and today's are used up: send this request tomorrow, or by the API with"
            " your program's token.",
            data={"headers": {"Retry-After": str(math.ceil((midnight - now).total_seconds()))}},
        )
