"""Signals as wishes for a process that watches others: the first asks to stop, a second to hurry."""

from __future__ import annotations

import os
import select
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType


class StopAsked(BaseException):
    """A signal asked us to stop. Not an Exception, so that what it interrupts does not take it for its own failure."""


class StopSignals:
    """SIGINT, SIGTERM and SIGHUP within the block; only the main thread may enter it.

    A wish takes effect where the watcher looks (:meth:`check`, :meth:`pause`), or at once within :meth:`interrupting`.
    """

    def __init__(self) -> None:
        self.asked = 0
        self._interrupt = False
        self._old: dict[signal.Signals, object] = {}

    def __enter__(self) -> StopSignals:
        self._read, self._write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._old_wakeup = signal.set_wakeup_fd(self._write, warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if number is not signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:  # nohup says so
                self._old[number] = signal.signal(number, self._wish)
        self._old[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda number, frame: None)  # ends a pause
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._old.items():
            signal.signal(number, handler)  # type: ignore[arg-type]
        signal.set_wakeup_fd(self._old_wakeup)
        os.close(self._read)
        os.close(self._write)

    def _wish(self, number: int, frame: FrameType | None) -> None:
        self.asked += 1
        if self._interrupt:
            self._interrupt = False
            raise StopAsked

    def check(self) -> None:
        """Raise StopAsked when a signal has asked for it."""
        if self.asked:
            raise StopAsked

    def hurry(self) -> bool:
        return self.asked > 1

    @contextmanager
    def interrupting(self) -> Iterator[None]:
        """Within the block a signal raises StopAsked wherever the program is just then."""
        self.check()
        self._interrupt = True
        try:
            yield
        finally:
            self._interrupt = False

    def pause(self, seconds: float) -> None:
        """Wait, but not longer than to the next signal or the death of a child."""
        select.select([self._read], [], [], seconds)
        with suppress(BlockingIOError):
            while os.read(self._read, 512):
                pass
