"""``maxa mirror run``: sync again and again, never all mirrors at one moment, and less often while the source is in
trouble."""

from __future__ import annotations

import random
import signal
import threading
from collections.abc import Callable
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import structlog

from maxa.errors import AlreadyRunning, MaxaError
from maxa.mirror.sync import Synced
from maxa.mirror.troubles import Refused
from maxa.stop_signals import StopAsked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

log = structlog.get_logger("maxa.mirror")
FIRST_PAUSE = 15.0  # seconds after a first trouble; doubles, up to ``every``
JITTER = 0.1


def patrol(
    once: Callable[[], Synced], *, every: float, stop: threading.Event, chance: random.Random | None = None
) -> None:
    """Call ``once`` now and then every ``every`` seconds (give or take a tenth) until ``stop``; after a trouble sooner,
    after pauses that double. Nothing that goes wrong ends it."""
    chance = chance or random.Random()  # noqa: S311 - jitter
    troubles = 0
    while not stop.is_set():
        pause = every
        try:
            done = once()
        except AlreadyRunning as busy:
            log.info("another sync is at work", detail=busy.detail_en)
        except MaxaError as error:
            troubles += 1
            pause = every if isinstance(error, Refused) else min(every, FIRST_PAUSE * 2 ** min(troubles - 1, 20))
            log.error("not synced; what is there is served on", why=error.detail_en, code=error.code, pause=pause)
        except Exception:  # a mirror must need nobody
            troubles += 1
            pause = min(every, FIRST_PAUSE * 2 ** min(troubles - 1, 20))
            log.exception("not synced; what is there is served on", pause=pause)
        else:
            troubles = 0
            log.info("synced", serial=done.serial, files=len(done.fetched), bytes=done.size, new=done.changed)
        stop.wait(pause * chance.uniform(1 - JITTER, 1 + JITTER))


@contextmanager
def until_told() -> Iterator[threading.Event]:
    """An event that SIGINT and SIGTERM set. The first SIGINT lets a sync end by itself; a second one, and SIGTERM, break
    off whatever goes on within the block, which then ends: a sync may wait half an hour for a source that is busy, and
    can be broken off anywhere."""
    stop = threading.Event()

    def told(number: int, _: FrameType | None) -> None:
        hurry = number == signal.SIGTERM or stop.is_set()
        stop.set()
        if hurry:
            raise StopAsked

    before = {s: signal.signal(s, told) for s in (signal.SIGTERM, signal.SIGINT)}
    try:
        with suppress(StopAsked):
            yield stop
    finally:
        for which, handler in before.items():
            signal.signal(which, handler)
