"""``maxa mirror run``: again and again, with jitter, with pauses that grow; nothing ends it but being told."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest

from maxa.errors import AlreadyRunning
from maxa.mirror.patrol import patrol, until_told
from maxa.mirror.places import Config, Places
from maxa.mirror.sync import Synced
from maxa.mirror.troubles import Refused, SourceTrouble
from maxa.settings import PROJECT, Settings
from maxa.supervisor import _pieces
from tests.mirror.world import Mirror, Server

DONE = Synced(8, 8, (), 0, False, datetime.now(UTC))


class Stop:
    """An event whose waits are noted, and which is set after some of them."""

    def __init__(self, rounds: int) -> None:
        self.waits: list[float] = []
        self.rounds = rounds

    def is_set(self) -> bool:
        return len(self.waits) >= self.rounds

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)


def waits(once: Callable[[], Synced], rounds: int, every: float = 900.0) -> list[float]:
    stop: Any = Stop(rounds)
    patrol(once, every=every, stop=stop, chance=random.Random(1))
    return stop.waits


def raising(error: Exception) -> Callable[[], Synced]:
    def once() -> Synced:
        raise error

    return once


def test_pauses_have_jitter_around_the_interval() -> None:
    found = waits(lambda: DONE, 200)
    assert 810 <= min(found) < 830
    assert 970 < max(found) <= 990
    assert len(set(found)) == 200


def test_after_a_trouble_it_asks_sooner_and_then_less_and_less_often() -> None:
    found = waits(raising(SourceTrouble("", "down")), 10)
    for wait, expected in zip(found, [15, 30, 60, 120, 240, 480, 900, 900, 900, 900], strict=True):
        assert expected * 0.9 <= wait <= expected * 1.1


def test_one_success_forgets_the_troubles() -> None:
    turns = iter([0, 0, 0, 1, 0])

    def once() -> Synced:
        if next(turns):
            return DONE
        raise SourceTrouble("", "down")

    found = waits(once, 5)
    assert found[2] > 50
    assert found[3] > 800
    assert found[4] < 17


def test_a_refusal_a_busy_lock_and_what_nobody_foresaw_do_not_end_it() -> None:
    assert min(waits(raising(Refused.of("rollback", "x", "y")), 3)) > 800
    assert min(waits(raising(AlreadyRunning("", "busy")), 3)) > 800
    assert max(waits(raising(RuntimeError("bug")), 2)) < 40


def test_maxa_run_looks_for_what_is_new_where_a_mirror_has_an_address(settings_for: Callable[..., Settings]) -> None:
    settings = settings_for(role="mirror")
    assert [p.name for p in _pieces(settings)] == ["web"]
    Places.of(settings).write_config(Config("http://centre.example/shelf/"))
    assert [p.name for p in _pieces(settings)] == ["sync", "web"]
    assert [p.name for p in _pieces(settings_for())] == ["worker", "web"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_can_be_ended_while_the_source_keeps_it_waiting(
    server: Server, mirror: Mirror, number: signal.Signals
) -> None:
    """A source that is busy is waited for up to half an hour: SIGTERM ends that, and so does Ctrl-C, at the second time."""
    mirror.sync(server.url)
    before = (mirror.places.shelf / "catalogue.json").read_bytes()
    waited_for = threading.Event()

    def busy(handler: Any) -> bool:
        server.reply(handler, 503, b"", {"Retry-After": "60"})
        waited_for.set()
        return True

    server.answer = busy
    env = os.environ | {"MAXA_HOME": str(mirror.home), "MAXA_ROLE": "mirror"}
    running = subprocess.Popen(
        [sys.executable, "-c", "from maxa.cli import main; main()", "mirror", "run"],
        env=env,
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        assert waited_for.wait(30)
        signals = 0
        while running.poll() is None and signals < 4:
            running.send_signal(number)
            signals += 1
            with suppress(subprocess.TimeoutExpired):
                running.wait(1 if number == signal.SIGINT and signals == 1 else 20)
        told, _ = running.communicate(timeout=10)
    finally:
        running.kill()
    assert running.returncode == 0, told
    assert b"Traceback" not in told
    assert signals == 1 if number == signal.SIGTERM else signals > 1
    server.answer = None
    assert (mirror.places.shelf / "catalogue.json").read_bytes() == before
    assert not mirror.sync(server.url).changed, "nothing is held, nothing half done"


def test_the_first_ctrl_c_lets_a_sync_end_by_itself() -> None:
    rounds = []

    def once() -> Synced:
        signal.raise_signal(signal.SIGINT)
        rounds.append(1)
        return DONE

    before = signal.getsignal(signal.SIGINT)
    with until_told() as stop:
        patrol(once, every=900.0, stop=stop)
    assert rounds == [1]
    assert signal.getsignal(signal.SIGINT) is before
