"""What ``maxa run`` watches: programs and the embedded PostgreSQL, and what becomes of those that die."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from maxa.child import Child, end_child, exited, start_child
from maxa.errors import AlreadyRunning, MaxaError, Unavailable
from maxa.registry.embedded import EmbeddedPostgres
from maxa.settings import PROJECT
from maxa.stop_signals import StopSignals

Say = Callable[[str], None]
QUICK_DEATH_SECONDS = 10.0  # what lives shorter did not get going
QUICK_DEATHS = 5  # in a row, before a start is given up
LONGEST_PAUSE_SECONDS = 30.0
REGISTRY_WAIT_SECONDS = 60.0  # for a command that is using the embedded server just now


@dataclass(frozen=True, slots=True)
class Piece:
    """A program to run. ``quick`` also is what the kernel sends it when we are killed; ``patience`` is in seconds.

    Without a ``vital`` piece nothing is served; any other may be down while the rest goes on.
    """

    name: str
    command: Sequence[str]
    stop: signal.Signals = signal.SIGTERM
    quick: signal.Signals = signal.SIGTERM
    patience: float = 20.0
    vital: bool = False


def worker_piece() -> Piece:
    command = [sys.executable, "-m", "maxa.worker"]
    return Piece("worker", command, quick=signal.SIGKILL, patience=60.0)  # its work is resumed after a kill


def sync_piece() -> Piece:
    """On a mirror that has an address: looks for what is new. Nothing that hinders it ends it."""
    command = [sys.executable, "-m", "maxa.cli", "mirror", "run"]
    return Piece("sync", command, quick=signal.SIGKILL, patience=10.0)  # what has come is kept


def web_piece() -> Piece:
    command = [sys.executable, "-m", "gunicorn", "-c", str(PROJECT / "gunicorn.conf.py"), "wsgi:app"]
    return Piece("web", command, quick=signal.SIGQUIT, vital=True)  # SIGQUIT: gunicorn's quick shutdown


class Runnable(Protocol):
    """Something that can be started, and started again when it has ended."""

    def start(self) -> None: ...

    def ended(self) -> str | None:
        """How it ended ("was killed by SIGKILL"), or None while it runs."""

    def stop(self, signals: StopSignals) -> None: ...

    def tidy(self) -> None:
        """Called once a minute."""


class Program:
    """A :class:`Piece` at work. What it prints goes where ours goes."""

    def __init__(self, piece: Piece, environment: Mapping[str, str]) -> None:
        self.piece = piece
        self._environment = environment
        self._child: Child | None = None

    def start(self) -> None:
        self._child = start_child(self.piece.command, death_signal=self.piece.quick, env=self._environment, cwd=PROJECT)

    def ended(self) -> str | None:
        if self._child is None:
            return "was not started"
        if not exited(self._child):
            return None
        status = end_child(self._child, ())  # and what it left behind
        return f"was killed by {signal.Signals(-status).name}" if status < 0 else f"ended with status {status}"

    def stop(self, signals: StopSignals) -> None:
        if self._child is not None:
            asks = ((self.piece.stop, self.piece.patience), (self.piece.quick, 2.0))
            end_child(self._child, asks, hurry=signals.hurry, pause=signals.pause)

    def tidy(self) -> None:
        return


class Postgres:
    """The embedded PostgreSQL."""

    def __init__(self, server: EmbeddedPostgres) -> None:
        self.server = server

    def start_patiently(self, say: Say) -> None:
        """The first start; a command may be using the registry on its own, whose end is waited for."""
        try:
            self.server.start(wait=1.0)
        except AlreadyRunning as error:
            say(f"{error.detail_en} Waiting for it …")
            self.server.start(wait=REGISTRY_WAIT_SECONDS)

    def start(self) -> None:
        self.server.start()

    def ended(self) -> str | None:
        return None if self.server.alive() else "has gone"

    def stop(self, signals: StopSignals) -> None:
        self.server.stop(hurry=signals.hurry)

    def tidy(self) -> None:
        self.server.trim_log()


@dataclass
class Watched:
    """Something that runs, and what is known of its deaths."""

    name: str
    runnable: Runnable
    vital: bool = False
    started: float = field(default_factory=time.monotonic)
    quick_deaths: int = 0
    restart_at: float | None = None

    def look(self, say: Say, *, serving: bool) -> None:
        """Start it again when it has died, after a pause that grows from death to death.

        Raises Unavailable when it dies again and again: a vital piece always, any other until ``serving``, for the
        readers go on without worker and PostgreSQL.
        """
        now = time.monotonic()
        if self.restart_at is None:
            how = self.runnable.ended()
        elif now < self.restart_at:
            return
        else:
            self.restart_at, self.started = None, now
            how = self._start()
        if how is None:
            return
        self.quick_deaths = self.quick_deaths + 1 if now - self.started < QUICK_DEATH_SECONDS else 1
        if self.quick_deaths >= QUICK_DEATHS and (self.vital or not serving):
            raise Unavailable(
                f"بخش «{self.name}» {self.quick_deaths} بار پیاپی زود از کار افتاد. علت در سطرهای بالا است؛ آن را برطرف کنید و "
                "دوباره اجرا کنید.",
                f"{self.name} died {self.quick_deaths} times in a row (the last time it {how}). The lines above say "
                "why; mend that, and start again.",
            )
        pause = min(0.25 * 2 ** min(self.quick_deaths, 20), LONGEST_PAUSE_SECONDS)
        self.restart_at = time.monotonic() + pause
        say(f"{self.name} {how}; starting it again in {pause:g} s.")

    def _start(self) -> str | None:
        try:
            self.runnable.start()
        except (MaxaError, OSError) as error:
            return f"did not start: {error}"
        return None
