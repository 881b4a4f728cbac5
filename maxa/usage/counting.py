"""Counting in a process that answers: one dictionary entry a request (about 1 µs), handed to the spool each half minute
and at the process's end. What a view leaves in the WSGI environ is taken up here:

``maxa.issues``   {(terminology, issue): n}, of a validation
``maxa.unfound``  (words, whether something else was found instead), of a search that found nothing
``maxa.mirror``   :class:`MirrorSays`
"""

from __future__ import annotations

import atexit
import os
import threading
import time
import weakref
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path
from typing import Any

import structlog

from maxa.persian.dates import TEHRAN
from maxa.usage.spool import Spool
from maxa.usage.tally import NOBODY, Tally, is_terminology
from maxa.usage.words import kept_words

log = structlog.get_logger("maxa.usage")

FLUSH_SECONDS = 30.0
ISSUES, UNFOUND, MIRROR = "maxa.issues", "maxa.unfound", "maxa.mirror"
_MORE = (ISSUES, UNFOUND, MIRROR)
# Flask's blueprints that are counted where no service was named; health, static files and the desk are not.
_ROOMS = {"public": "pages", "requesting": "pages", "shelf": "shelf", "access": "token"}
_NOT_COUNTED = {"public.suggest"}  # one for each letter typed
_OUTCOMES = {"429": "limited", "2": "ok", "3": "ok", "4": "refused", "5": "failed"}

_all: weakref.WeakSet[Usage] = weakref.WeakSet()


class Usage:
    """What this process counts. ``folder`` is that of the spool, ``clock`` gives seconds since 1970."""

    def __init__(
        self, folder: Path, *, clock: Callable[[], float] = time.time, every: float = FLUSH_SECONDS,
        spool: Spool | None = None,
    ) -> None:  # fmt: skip
        self._clock, self._every = clock, every
        self._spool = spool or Spool(folder)
        self._begin()
        _all.add(self)

    def _begin(self) -> None:
        """Also after a fork: what the parent has counted is the parent's to write."""
        self._spool.close()
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._waiting: list[Tally] = []
        self._midnight = 0.0
        self._tally: Tally | None = None
        self._cells: dict[tuple[str, str, str, str | None], int] = {}
        self._flusher: threading.Thread | None = None
        self._writes = True  # as far as is known: said once when it can't, not each half minute

    def count(
        self, environ: Mapping[str, Any], service: str, endpoint: str, status: str, client: str | None = None
    ) -> None:
        """Count one request; ``service`` is as asked of the access check ("" elsewhere), ``endpoint`` Flask's."""
        key = (service, endpoint, status, client)
        now = self._clock()
        with self._lock:
            if now >= self._midnight:
                self._next_day(now)
            cells = self._cells
            cells[key] = cells.get(key, 0) + 1
            if ISSUES in environ or UNFOUND in environ or MIRROR in environ:
                _count_more(self._of_today(now), environ, now)

    def _next_day(self, now: float) -> None:
        self._gather()
        day = datetime.fromtimestamp(now, TEHRAN).date()
        self._midnight = datetime.combine(day + timedelta(days=1), time_of_day(), TEHRAN).timestamp()
        if self._flusher is None:
            self._flusher = threading.Thread(
                target=_flush_now_and_then, args=(weakref.ref(self), self._every), name="usage", daemon=True
            )
            self._flusher.start()

    def _of_today(self, now: float) -> Tally:
        if self._tally is None:
            self._tally = Tally(datetime.fromtimestamp(now, TEHRAN).date())
        return self._tally

    def _gather(self) -> None:
        """Close the tally of the day that ``_midnight`` ends."""
        cells, self._cells = self._cells, {}
        if cells or self._tally is not None:
            tally = self._of_today(self._midnight - 1)
            for (service, endpoint, status, client), n in cells.items():
                counted = service or (None if endpoint in _NOT_COUNTED else _ROOMS.get(endpoint.partition(".")[0]))
                if counted is not None:
                    outcome = _OUTCOMES.get(status) or _OUTCOMES.get(status[:1], "failed")
                    tally.count_request(counted, client or NOBODY, outcome, n)
            self._waiting.append(tally)
            self._tally = None

    def flush(self) -> None:
        """Hand what has gathered to the spool. What can't be written is lost and logged: memory must not grow."""
        with self._lock:
            self._gather()
            full, self._waiting = self._waiting, []
        with self._writing:
            for tally in full:
                try:
                    dropped = self._spool.append(tally.lines())
                    if dropped:
                        log.warning("uncollected usage was dropped: is the worker running?", bytes=dropped)
                        self._spool.append(Tally(tally.day, dropped=dropped).lines())
                except OSError as error:
                    if self._writes:
                        log.warning("usage is not written and lost, for now", problem=str(error))
                    self._writes = False
                else:
                    self._writes = True

    def close(self) -> None:
        """Write what there is and let go of the file."""
        self.flush()
        with self._writing:
            self._spool.close()


def _count_more(tally: Tally, environ: Mapping[str, Any], now: float) -> None:
    issues, unfound, mirror = (environ.get(name) for name in _MORE)
    if issues:
        for (name, issue), n in issues.items():
            tally.count_issue(name if is_terminology(name) else NOBODY, issue, n)
    if unfound is not None:
        words = kept_words(unfound[0])
        if words is not None:
            tally.count_words(words, 1, int(unfound[1]))
    if mirror is not None:
        tally.note_mirror(mirror.name, mirror.serial, int(now))


def _flush_now_and_then(of: weakref.ref[Usage], every: float) -> None:
    """What a process that falls silent has counted must be written too, so a thread does it, not the next request."""
    pause = threading.Event()
    while not pause.wait(every):
        usage = of()
        if usage is None:
            return
        usage.flush()
        del usage


def _each(do: Callable[[Usage], None]) -> Callable[[], None]:
    def to_all() -> None:
        for usage in list(_all):
            do(usage)

    return to_all


os.register_at_fork(after_in_child=_each(Usage._begin))
atexit.register(_each(Usage.close))
