"""The shipped gunicorn.conf.py, under the real gunicorn."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path

import orjson
import pytest

from maxa.port import answers
from maxa.settings import PROJECT, Settings
from maxa.supervisor import environment_of
from maxa.usage.spool import spool_files

DEADLINE = 30.0


@pytest.fixture
def settings(settings_for: Callable[..., Settings], free_port: int, home: Path) -> Settings:
    return settings_for(port=free_port, access="open", web_workers=2)


@pytest.fixture
def gunicorn(settings: Settings, home: Path) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Starts it, from a folder that is not the project's, and waits until it answers."""
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "gunicorn", "-c", str(PROJECT / "gunicorn.conf.py"), "wsgi:app"]
        with (home / "web.log").open("ab") as log:
            started.append(
                subprocess.Popen(
                    command, env=environment_of(settings), cwd=home, stdout=log, stderr=log, start_new_session=True
                )
            )
        eventually(lambda: answers(settings) or started[-1].poll() is not None)
        assert started[-1].poll() is None, (home / "web.log").read_text()
        return started[-1]

    yield start
    for master in started:
        if master.poll() is None:
            os.killpg(master.pid, signal.SIGKILL)
            master.wait()


def eventually(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + DEADLINE
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def get(settings: Settings, path: str) -> tuple[int, bytes]:
    connection = HTTPConnection(settings.host, settings.port, timeout=DEADLINE)
    try:
        connection.request("GET", path)
        reply = connection.getresponse()
        return reply.status, reply.read()
    finally:
        connection.close()


def metrics_folders(home: Path, pid: int) -> list[Path]:
    """In memory where the system has such a place, else in the home."""
    return [folder for place in (Path("/dev/shm"), home) for folder in place.glob(f"maxa-metrics-{pid}-*")]


def children_of(pid: int) -> set[int]:
    return {int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}


def test_it_serves_counts_over_all_workers_and_cleans_up(
    gunicorn: Callable[[], subprocess.Popen[bytes]], settings: Settings
) -> None:
    master = gunicorn()
    for _ in range(6):
        assert get(settings, "/healthz")[0] == 200
    status, text = get(settings, "/metrics")
    assert status == 200
    assert b"maxa_requests_total" in text
    assert len(metrics_folders(settings.home, master.pid)) == 1
    master.terminate()
    assert master.wait(DEADLINE) == 0
    assert metrics_folders(settings.home, master.pid) == []


def test_a_reload_renews_the_workers_and_keeps_what_was_counted(
    gunicorn: Callable[[], subprocess.Popen[bytes]], settings: Settings
) -> None:
    master = gunicorn()
    before = children_of(master.pid)
    folder = metrics_folders(settings.home, master.pid)
    master.send_signal(signal.SIGHUP)
    eventually(lambda: len(children_of(master.pid)) == 2 and not children_of(master.pid) & before)
    assert get(settings, "/healthz")[0] == 200
    assert metrics_folders(settings.home, master.pid) == folder


def test_what_a_killed_one_left_is_removed_by_the_next(
    gunicorn: Callable[[], subprocess.Popen[bytes]], settings: Settings
) -> None:
    first = gunicorn()
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    assert metrics_folders(settings.home, first.pid) != []
    second = gunicorn()
    assert metrics_folders(settings.home, first.pid) == []
    second.terminate()
    assert second.wait(DEADLINE) == 0


def test_what_gunicorn_itself_refuses_does_not_hurt(
    gunicorn: Callable[[], subprocess.Popen[bytes]], settings: Settings
) -> None:
    master = gunicorn()
    assert 400 <= get(settings, "/healthz?" + "x" * 10_000)[0] < 500
    assert get(settings, "/healthz?" + "x" * 8_000)[0] == 200
    assert master.poll() is None


def test_a_wrong_setting_is_told_in_a_sentence_and_not_in_a_traceback(settings: Settings) -> None:
    environment = {**environment_of(settings), "MAXA_PORT": "eighty"}
    done = subprocess.run(
        [sys.executable, "-m", "gunicorn", "-c", PROJECT / "gunicorn.conf.py", "wsgi:app"],
        env=environment,
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        check=False,
    )
    assert done.returncode == 78
    assert "MAXA_PORT" in done.stderr
    assert "تنظیم نادرست" in done.stderr
    assert "Traceback" not in done.stderr


def test_what_a_worker_counted_is_in_its_spool_when_it_is_told_to_end(
    gunicorn: Callable[[], subprocess.Popen[bytes]], settings: Settings
) -> None:
    master = gunicorn()
    for _ in range(20):
        get(settings, "/api/v1/terminologies")
    master.send_signal(signal.SIGTERM)
    assert master.wait(DEADLINE) == 0
    lines = [
        orjson.loads(line) for path in spool_files(settings.home / "usage") for line in path.read_bytes().splitlines()
    ]
    assert sum(n for line in lines for service, _, _, n in line["requests"] if service == "api") == 20
