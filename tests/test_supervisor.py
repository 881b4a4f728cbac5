from __future__ import annotations

import json
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest

from maxa import supervised
from maxa.errors import Unavailable
from maxa.registry.embedded import running_url
from maxa.settings import Settings, read_settings
from maxa.stop_signals import StopSignals
from maxa.supervised import Watched
from maxa.supervisor import environment_of

DEADLINE = 60.0

RUN = """
import json, os, signal, sys, time
from maxa import supervised
from maxa.errors import MaxaError, NotAllowed
from maxa.registry import embedded
from maxa.settings import read_settings
from maxa.supervisor import run
from tests.databases import CARELESS

embedded.OPTIONS = {**embedded.OPTIONS, **CARELESS}
supervised.LONGEST_PAUSE_SECONDS = 0.05
plan = json.loads(sys.argv[1])

def say(text):
    os.write(1, f"say: {text}\\n".encode())  # in one piece, unlike print: others write there, too

def long(settings):
    say("preparing " + settings.database_url)
    if plan["preparation"] == "long":
        time.sleep(600)
    if plan["preparation"] == "refuses":
        raise NotAllowed("نه", "the preparation refused")

pieces = [
    supervised.Piece(name, [sys.executable, "-c", program], quick=signal.SIGKILL, patience=60, vital=name == "web")
    for name, program in plan["pieces"].items()
]
try:
    run(read_settings(), say=say, preparations=[long] if plan["preparation"] else [], pieces=pieces)
except MaxaError as error:
    os.write(1, f"error: {error.detail_en} | {error.detail_fa}\\n".encode())
    sys.exit(error.exit_code)
"""

WORKER = """
import os, signal
os.write(1, f"worker {os.getpid()} {os.environ.get('MAXA_DATABASE_URL')}\\n".encode())
while True:
    signal.pause()
"""
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)" + WORKER
WEB = """
import os, socketserver
from http.server import BaseHTTPRequestHandler
class Handler(BaseHTTPRequestHandler):
    def do_HEAD(self):
        self.send_response(204)
        self.end_headers()
    def log_message(self, *_):
        pass
socketserver.TCPServer.allow_reuse_address = True
server = socketserver.TCPServer((os.environ["MAXA_HOST"], int(os.environ["MAXA_PORT"])), Handler)
os.write(1, f"web {os.getpid()}\\n".encode())
server.serve_forever()
"""
FAILS = "import os; os.write(1, b'cannot begin\\n'); raise SystemExit(3)"


class House:
    """``run`` in a process of its own, with small programs for its pieces; its output is read as it comes."""

    def __init__(self, environment: dict[str, str], pieces: dict[str, str], preparation: str) -> None:
        self.seen: list[str] = []
        self._told: dict[str, int] = {}
        self._ended = False
        self._lines: queue.Queue[str | None] = queue.Queue()
        self.process = subprocess.Popen(
            [sys.executable, "-c", RUN, json.dumps({"pieces": pieces, "preparation": preparation})],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line.rstrip("\n"))
        self._lines.put(None)

    def until(self, begins: str) -> str:
        """The next line that begins so."""
        deadline = time.monotonic() + DEADLINE
        while True:
            line = self._lines.get(timeout=max(0.0, deadline - time.monotonic()))
            self._ended = line is None
            assert line is not None, "\n".join(["it ended early:", *self.seen])
            self.seen.append(line)
            if line.startswith(begins):
                return line

    def told(self, begins: str) -> str:
        """The next line that begins so, each told once. The pieces and the house speak in any order: it may have been
        read past already."""
        after = self._told.get(begins, 0)
        past = next((at for at in range(after, len(self.seen)) if self.seen[at].startswith(begins)), None)
        if past is None:
            self.until(begins)
            past = len(self.seen) - 1
        self._told[begins] = past + 1
        return self.seen[past]

    def pid_of(self, name: str) -> int:
        """The pid that this piece tells next."""
        return int(self.told(f"{name} ").split()[1])

    def end(self) -> int:
        """Wait for its end, and for the end of all that hold its output; gives the exit status."""
        deadline = time.monotonic() + DEADLINE
        while not self._ended:
            line = self._lines.get(timeout=max(0.0, deadline - time.monotonic()))
            if line is None:
                self._ended = True
            else:
                self.seen.append(line)
        return self.process.wait(DEADLINE)


@pytest.fixture
def start(settings_for: Callable[..., Settings], free_port: int) -> Iterator[Callable[..., House]]:
    """``start(pieces, preparation="", **settings)``; what still runs after the test is killed."""
    houses: list[House] = []

    def begin(pieces: dict[str, str] | None = None, preparation: str = "", **over: Any) -> House:
        settings = settings_for(port=free_port, **over)
        houses.append(House(environment_of(settings), pieces or {"worker": WORKER, "web": WEB}, preparation))
        return houses[-1]

    yield begin
    for house in houses:
        house.process.kill()
        house.end()


def lives(pid: int) -> bool:
    with suppress(FileNotFoundError):
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    return False


@pytest.mark.parametrize("wish", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_everything_starts_in_order_and_a_signal_stops_it_in_reverse(
    start: Callable[..., House], home: Path, free_port: int, wish: signal.Signals
) -> None:
    house = start(preparation="short")
    url = house.until("say: preparing ").split()[2]
    worker, web = house.pid_of("worker"), house.pid_of("web")
    assert house.told("say: Ready") == f"say: Ready: http://127.0.0.1:{free_port}"
    assert url == running_url(home / "postgres")
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT count(*) FROM alembic_version").fetchone() == (1,)
    house.process.send_signal(wish)
    assert house.end() == 0
    assert house.seen[-4:] == [
        "say: Stopping web …", "say: Stopping worker …", "say: Stopping PostgreSQL …", "say: Stopped.",
    ]  # fmt: skip
    assert not lives(worker)
    assert not lives(web)
    assert running_url(home / "postgres") is None


def test_the_pieces_are_told_where_the_registry_is(start: Callable[..., House], database_url: str) -> None:
    house = start(database_url=database_url)
    assert house.told("worker ").split()[2] == database_url
    house.told("say: Ready")
    house.process.terminate()
    assert house.end() == 0
    assert "say: Stopping PostgreSQL …" not in house.seen, "a named server is not ours to stop"


def test_a_mirror_runs_without_any_database(start: Callable[..., House], home: Path) -> None:
    house = start({"web": WEB}, preparation="refuses", role="mirror")
    house.told("say: Ready")
    assert not (home / "postgres").exists()
    house.process.terminate()
    assert house.end() == 0


def test_what_dies_is_started_again(start: Callable[..., House], home: Path) -> None:
    house = start()
    first = house.pid_of("worker")
    house.told("say: Ready")
    os.kill(first, signal.SIGKILL)
    assert house.until("say: worker").startswith("say: worker was killed by SIGKILL; starting it again in ")
    assert house.pid_of("worker") != first

    url = running_url(home / "postgres")
    assert url is not None
    os.kill(int((home / "postgres/data/postmaster.pid").read_text().split()[0]), signal.SIGKILL)
    house.until("say: PostgreSQL has gone")
    os.kill(house.pid_of("web"), signal.SIGKILL)
    house.until("say: web was killed")
    house.pid_of("web")
    assert running_url(home / "postgres") == url
    house.process.terminate()
    assert house.end() == 0


def test_a_web_server_that_keeps_dying_is_given_up_and_the_rest_is_stopped(
    start: Callable[..., House], home: Path
) -> None:
    house = start({"worker": WORKER, "web": FAILS})
    worker = house.pid_of("worker")
    assert house.end() == Unavailable.exit_code
    assert house.seen.count("cannot begin") == supervised.QUICK_DEATHS
    assert house.seen[-1].startswith("error: web died 5 times in a row (the last time it ended with status 3)")
    assert "«web»" in house.seen[-1]
    assert not lives(worker)
    assert running_url(home / "postgres") is None


def test_a_second_signal_hurries_what_does_not_want_to_end(start: Callable[..., House], database_url: str) -> None:
    house = start({"worker": STUBBORN, "web": WEB}, database_url=database_url)
    worker = house.pid_of("worker")
    house.told("say: Ready")
    house.process.send_signal(signal.SIGINT)
    house.until("say: Stopping worker")
    assert lives(worker)
    house.process.send_signal(signal.SIGINT)
    assert house.end() == 0  # long before the minute of patience that it was given
    assert not lives(worker)


def test_a_signal_interrupts_a_long_preparation(start: Callable[..., House], home: Path) -> None:
    house = start(preparation="long")
    house.until("say: preparing ")
    house.process.send_signal(signal.SIGINT)
    assert house.end() == 0
    assert house.seen[-2:] == ["say: Stopping PostgreSQL …", "say: Stopped."]
    assert running_url(home / "postgres") is None


def test_a_preparation_that_fails_is_told_after_all_is_stopped(start: Callable[..., House], home: Path) -> None:
    house = start(preparation="refuses")
    assert house.end() == 5
    assert house.seen[-2:] == ["say: Stopping PostgreSQL …", "error: the preparation refused | نه"]


def test_when_it_is_killed_nothing_is_left_and_the_next_one_starts(start: Callable[..., House], home: Path) -> None:
    house = start()
    worker, web = house.pid_of("worker"), house.pid_of("web")
    house.told("say: Ready")
    house.process.kill()
    assert house.end() == -signal.SIGKILL  # all that inherited its output are ending, too
    deadline = time.monotonic() + DEADLINE
    while (lives(worker) or lives(web)) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not lives(worker)
    assert not lives(web)
    successor = start()
    successor.until("say: Ready")
    successor.process.terminate()
    assert successor.end() == 0


def test_a_second_one_on_the_same_home_is_refused_with_the_pid_of_the_first(
    start: Callable[..., House], database_url: str
) -> None:
    house = start(database_url=database_url)
    house.told("say: Ready")
    second = start(database_url=database_url)
    assert second.end() == 3
    assert f"(process {house.process.pid})" in second.seen[-1]
    assert f"(پردازهٔ {house.process.pid})" in second.seen[-1]
    house.process.terminate()
    assert house.end() == 0


def test_a_busy_port_is_told_before_anything_is_started(
    start: Callable[..., House], home: Path, free_port: int
) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", free_port))
        other.listen()
        house = start()
        assert house.end() == 78
    assert house.seen == [line for line in house.seen if line.startswith("error: ")]
    assert f"MAXA_PORT={free_port + 1}" in house.seen[-1]
    assert not (home / "postgres").exists()


def test_children_read_exactly_our_settings(settings_for: Callable[..., Settings]) -> None:
    for settings in (
        settings_for(),
        settings_for(port=9000, one_person=True, access="open", database_url="postgresql://a@b/c", shelf="/elsewhere"),
    ):
        assert read_settings(environment_of(settings)) == settings


class Falling:
    """Dies as soon as it is started."""

    starts = 0

    def start(self) -> None:
        self.starts += 1

    def ended(self) -> str | None:
        return "fell"

    def stop(self, signals: StopSignals) -> None:
        raise NotImplementedError

    def tidy(self) -> None:
        raise NotImplementedError


def fall(watched: Watched, times: int, monkeypatch: pytest.MonkeyPatch, *, lived: float, serving: bool) -> list[float]:
    """Let it die ``times`` times, each after ``lived`` seconds; gives the pauses before the new starts."""
    said: list[str] = []
    now = watched.started
    monkeypatch.setattr(time, "monotonic", lambda: now)
    for _ in range(times):
        now += lived
        watched.look(said.append, serving=serving)
        assert watched.restart_at is not None
        now = watched.restart_at
        watched.look(said.append, serving=serving)
        assert watched.restart_at is None
    return [float(text.split()[-2]) for text in said]


def test_the_pause_grows_with_each_quick_death_and_begins_anew_after_a_long_life(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    watched = Watched("worker", Falling())
    assert fall(watched, 3, monkeypatch, lived=1, serving=True) == [0.5, 1, 2]
    assert fall(watched, 2, monkeypatch, lived=3600, serving=True) == [0.5, 0.5]


def test_once_the_readers_serve_only_their_own_death_ends_them(monkeypatch: pytest.MonkeyPatch) -> None:
    worker = Watched("worker", Falling())
    assert fall(worker, 1_100, monkeypatch, lived=0, serving=True)[-1] == supervised.LONGEST_PAUSE_SECONDS
    with pytest.raises(Unavailable, match="worker died 5 times"):
        fall(Watched("worker", Falling()), 5, monkeypatch, lived=0, serving=False)
    with pytest.raises(Unavailable, match="web died 5 times"):
        fall(Watched("web", Falling(), vital=True), 5, monkeypatch, lived=0, serving=True)


def test_a_start_that_fails_counts_as_a_death(monkeypatch: pytest.MonkeyPatch) -> None:
    class Refusing(Falling):
        def start(self) -> None:
            raise Unavailable("دیسک پر است", "the disk is full")

    said: list[str] = []
    watched = Watched("PostgreSQL", Refusing())
    watched.look(said.append, serving=True)
    due = watched.restart_at
    monkeypatch.setattr(time, "monotonic", lambda: due)
    watched.look(said.append, serving=True)
    assert said == [
        "PostgreSQL fell; starting it again in 0.5 s.",
        "PostgreSQL did not start: the disk is full; starting it again in 1 s.",
    ]
    assert watched.quick_deaths == 2
