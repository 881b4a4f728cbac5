"""``maxa run``: everything on one machine, started in order, watched, and stopped in reverse, leaving nothing behind.

The order is: embedded PostgreSQL (when no server is named), migrations, preparations that the caller hands in, the
worker, gunicorn. A mirror has only the last. Each piece can also be started alone (docs/operations.md).
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import fields, replace

from maxa.errors import AlreadyRunning, SettingsError
from maxa.lock import PidLock
from maxa.mirror.places import Places
from maxa.port import answers, base_url, check_port
from maxa.registry.embedded import EmbeddedPostgres
from maxa.registry.engine import upgrade
from maxa.registry.postgres_home import make_folder
from maxa.settings import Settings
from maxa.stop_signals import StopAsked, StopSignals
from maxa.supervised import Piece, Postgres, Program, Say, Watched, sync_piece, web_piece, worker_piece

TIDY_SECONDS = 60.0


def run(
    settings: Settings,
    *,
    say: Say,
    preparations: Sequence[Callable[[Settings], None]] = (),
    when_ready: Callable[[Settings], None] = lambda settings: None,
    pieces: Sequence[Piece] | None = None,
) -> None:
    """Run until SIGINT, SIGTERM or SIGHUP (a second one hurries). Call it from the main thread.

    ``preparations`` run once the registry is there, ``when_ready`` once the web server answers; both get the settings
    with ``database_url`` filled in. Raises AlreadyRunning (with the pid), SettingsError (port, home), whatever a start
    or a preparation raises, and Unavailable when a piece keeps dying. By then everything is stopped.
    """
    if pieces is None:
        pieces = _pieces(settings)
    with _only_one(settings), StopSignals() as signals:
        check_port(settings)
        running: list[Watched] = []
        try:
            settings = _start(settings, pieces, preparations, say, signals, running)
            _watch(settings, running, when_ready, say, signals)
        except StopAsked:
            pass
        finally:
            with ExitStack() as in_reverse:
                for watched in running:
                    in_reverse.callback(_stop, watched, say, signals)
        say("Stopped.")


def _pieces(settings: Settings) -> list[Piece]:
    """A mirror needs no worker; one that has an address to sync from looks there as well."""
    if settings.role != "mirror":
        return [worker_piece(), web_piece()]
    return [sync_piece(), web_piece()] if Places.of(settings).config().url else [web_piece()]


def _start(
    settings: Settings,
    pieces: Sequence[Piece],
    preparations: Sequence[Callable[[Settings], None]],
    say: Say,
    signals: StopSignals,
    running: list[Watched],
) -> Settings:
    if settings.role != "mirror":
        if settings.database_url is None:
            postgres = Postgres(EmbeddedPostgres(settings.postgres_home))
            running.append(Watched("PostgreSQL", postgres))
            with signals.interrupting():
                postgres.start_patiently(say)
            settings = replace(settings, database_url=postgres.server.url)
        with signals.interrupting():
            before, after = upgrade(str(settings.database_url))
            if before != after:
                say(f"The registry's schema was brought from revision {before or 'nothing'} to {after}.")
            for prepare in preparations:
                prepare(settings)
    for piece in pieces:
        signals.check()
        program = Program(piece, environment_of(settings))
        running.append(Watched(piece.name, program, vital=piece.vital))
        program.start()
    return settings


def _watch(
    settings: Settings,
    running: Sequence[Watched],
    when_ready: Callable[[Settings], None],
    say: Say,
    signals: StopSignals,
) -> None:
    ready = False
    next_tidying = time.monotonic() + TIDY_SECONDS
    while True:
        signals.check()
        for watched in running:
            watched.look(say, serving=ready)
        if time.monotonic() >= next_tidying:
            next_tidying = time.monotonic() + TIDY_SECONDS
            for watched in running:
                watched.runnable.tidy()
        if not ready and all(watched.restart_at is None for watched in running) and answers(settings):
            ready = True
            say(f"Ready: {base_url(settings)}")
            when_ready(settings)
        signals.pause(1.0 if ready else 0.1)


def _stop(watched: Watched, say: Say, signals: StopSignals) -> None:
    say(f"Stopping {watched.name} …")
    watched.runnable.stop(signals)


@contextmanager
def _only_one(settings: Settings) -> Iterator[None]:
    lock = PidLock(settings.home / "run.lock")
    try:
        make_folder(settings.home)
        had = lock.acquire()
    except OSError as error:
        raise SettingsError(
            f"پوشهٔ {settings.home} به کار نمی‌آید ({error.strerror}). MAXA_HOME را پوشه‌ای بگذارید که از آنِ شما باشد.",
            f"{settings.home} can't be used ({error.strerror}). Choose a MAXA_HOME that is yours.",
        ) from error
    if not had:
        pid = lock.holder()
        raise AlreadyRunning(
            f"maxa run هم‌اکنون روی {settings.home} اجرا می‌شود (پردازهٔ {pid}). آن را ببندید یا MAXA_HOME دیگری بدهید.",
            f"maxa run is already running on {settings.home} (process {pid}). Stop it, or give another MAXA_HOME.",
            data={"pid": pid},
        )
    try:
        yield
    finally:
        lock.release()


def environment_of(settings: Settings) -> dict[str, str]:
    """Our environment, with every setting as we have it: children must not read another value."""
    environment = dict(os.environ)
    for setting in fields(settings):
        name, value = f"MAXA_{setting.name.upper()}", getattr(settings, setting.name)
        environment.pop(name, None)
        if value is not None:
            environment[name] = str(value)
    return environment
