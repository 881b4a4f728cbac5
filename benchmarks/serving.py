"""Servers and clients for measurements: gunicorn with one worker and one thread (two workers are bimodal, DESIGN §8),
asked by a client in a process of its own."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.big_shelves import BENCH

PROJECT = Path(__file__).resolve().parent.parent
_START_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Server:
    host: str
    port: int
    pid: int
    headers: dict[str, str] = field(default_factory=dict)

    def rate(self, paths: list[str], *, requests: int = 4_000, connections: int = 4) -> float:
        """Requests a second. Raises RuntimeError if any was not answered by 200."""
        result = subprocess.run(
            [sys.executable, "-m", "benchmarks.load", f"{self.host}:{self.port}", str(requests), str(connections)],
            input=json.dumps({"headers": self.headers, "paths": paths}),
            capture_output=True, text=True, check=True, cwd=PROJECT,
        )  # fmt: skip
        rate, failed = result.stdout.split()
        if int(failed):
            raise RuntimeError(f"{failed} of {requests} requests were not answered by 200")
        return float(rate)

    def get(self, path: str) -> bytes:
        request = urllib.request.Request(f"http://{self.host}:{self.port}{path}", headers=self.headers)
        with urllib.request.urlopen(request) as reply:
            return reply.read()

    def post(self, path: str, body: bytes) -> bytes:
        headers = {**self.headers, "Content-Type": "application/json"}
        request = urllib.request.Request(f"http://{self.host}:{self.port}{path}", data=body, headers=headers)
        with urllib.request.urlopen(request) as reply:
            return reply.read()

    def restart_worker(self) -> None:
        """Kill the one worker and return once gunicorn has begun to start another; the next request waits for it."""
        old = worker_of(self)
        os.kill(old, signal.SIGKILL)
        while not (children := _children(self.pid)) or old in children:
            time.sleep(0.001)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(app: str, *, ready: str, headers: dict[str, str] | None = None, **settings: str) -> Iterator[Server]:
    """gunicorn with the shipped configuration, one worker, one thread; ``settings`` are ``MAXA_*`` in lower case."""
    port = free_port()
    home = BENCH / "home"
    home.mkdir(parents=True, exist_ok=True)
    given = {
        "home": str(home), "port": str(port), "web_workers": "1", "web_threads": "1", "role": "mirror", **settings,
    }  # fmt: skip
    environ = {**os.environ, **{f"MAXA_{name.upper()}": value for name, value in given.items()}}
    command = [sys.executable, "-m", "gunicorn", "-c", str(PROJECT / "gunicorn.conf.py"), app]
    log_file = BENCH / f"gunicorn-{port}.log"  # the access log is written as in earnest
    with log_file.open("wb") as log:
        process = subprocess.Popen(command, cwd=PROJECT, env=environ, stdout=log, stderr=log)
        try:
            server = Server("127.0.0.1", port, process.pid, headers or {})
            _await(server, ready, process)
            yield server
            log_file.unlink()
        finally:
            process.terminate()
            process.wait(20)


def _await(server: Server, path: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            server.get(path)
            return
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("gunicorn does not answer; see .bench/gunicorn-*.log") from None
            time.sleep(0.02)


def worker_of(server: Server) -> int:
    """Process id of gunicorn's one worker."""
    return _children(server.pid)[0]


def workers_of(server: Server) -> list[int]:
    """Process ids of all of gunicorn's workers."""
    return _children(server.pid)


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def processor_seconds(server: Server) -> float:
    """What the one worker has worked so far: unlike the clock, little disturbed by what else the machine does."""
    fields = Path(f"/proc/{worker_of(server)}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def private_memory(pid: int) -> float:
    """MB that belong to a process alone: a memory-mapped file counts in its RSS, and does not count here."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) / 1024
