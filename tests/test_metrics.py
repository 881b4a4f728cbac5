from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families

from maxa.metrics import BOUNDS, Metrics, share_metrics

PROJECT = Path(__file__).resolve().parent.parent


def samples(content: bytes | str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    text = content.decode() if isinstance(content, bytes) else content
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_observations_land_in_their_buckets_sum_and_count() -> None:
    metrics = Metrics(CollectorRegistry())
    times = [0.0, 0.0005, 0.0006, 0.003, 0.2, 99.0]
    for seconds in times:
        metrics.count("Terminology", "gateway.terminology", "2xx", seconds)
    found = samples(metrics.render()[0])
    labels = (("endpoint", "gateway.terminology"), ("service", "Terminology"), ("status", "2xx"))
    for bound in [*BOUNDS, float("inf")]:
        le = "+Inf" if bound == float("inf") else str(bound)
        key = ("maxa_request_seconds_bucket", tuple(sorted([*labels, ("le", le)])))
        assert found[key] == sum(seconds <= bound for seconds in times), f"up to {le} s"
    assert found["maxa_request_seconds_count", labels] == len(times)
    assert found["maxa_request_seconds_sum", labels] == pytest.approx(sum(times))
    assert found["maxa_requests_total", labels] == len(times)


def test_flushing_again_adds_nothing_and_later_requests_are_added() -> None:
    metrics = Metrics(CollectorRegistry())
    key = ("maxa_client_requests_total", (("client", "c"), ("service", "api")))
    metrics.count("api", "x", "2xx", 0.1, "c")
    assert samples(metrics.render()[0])[key] == 1
    assert samples(metrics.render()[0])[key] == 1
    metrics.count("api", "x", "4xx", 0.1, "c")
    assert samples(metrics.render()[0])[key] == 2


def test_the_catalogues_serial_is_shown_and_kept_while_it_is_unknown() -> None:
    metrics = Metrics(CollectorRegistry())
    assert samples(metrics.render(7)[0])["maxa_catalogue_serial", ()] == 7
    assert samples(metrics.render(None)[0])["maxa_catalogue_serial", ()] == 7


def test_threads_lose_no_request() -> None:
    metrics = Metrics(CollectorRegistry())

    def count() -> None:
        for _ in range(2_000):
            metrics.count("s", "e", "2xx", 0.001, "c")

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        metrics.flush()
    found = samples(metrics.render()[0])
    assert found["maxa_requests_total", (("endpoint", "e"), ("service", "s"), ("status", "2xx"))] == 8_000


def test_the_shared_folder_is_emptied_at_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PROMETHEUS_MULTIPROC_DIR", raising=False)
    folder = tmp_path / "metrics"
    folder.mkdir()
    (folder / "counter_1.db").write_bytes(b"old")
    (folder / "notes.txt").write_text("not ours")
    share_metrics(folder)
    assert [p.name for p in folder.iterdir()] == ["notes.txt"]
    assert os.environ["PROMETHEUS_MULTIPROC_DIR"] == str(folder)


SILENT = """
import os, sys, time
from maxa.metrics import metrics
metrics().count("", "before-fork", "2xx", 0.1)
read, write = os.pipe()
child = os.fork()
if child == 0:
    os.close(write)
    metrics().count("", "silent", "2xx", 0.1)
    os.read(read, 1)  # no further request, no scrape: until the parent ends
    os._exit(0)
deadline = time.monotonic() + 30
while time.monotonic() < deadline:
    text = metrics().render()[0].decode()
    if 'endpoint="silent"' in text:
        break
    time.sleep(0.02)
os.close(write)
os.wait()
print(text)
"""


def test_a_worker_that_falls_silent_shows_its_last_requests_and_none_of_its_parents(tmp_path: Path) -> None:
    environ = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path / "shared"), "PYTHONPATH": str(PROJECT)}
    done = subprocess.run(
        [sys.executable, "-c", SILENT], env=environ, capture_output=True, text=True, check=True, timeout=60
    )
    found = samples(done.stdout)
    for endpoint in ("silent", "before-fork"):
        assert found["maxa_requests_total", (("endpoint", endpoint), ("service", ""), ("status", "2xx"))] == 1


# --- two gunicorn workers --------------------------------------------------------------------------------------------

APP = """
import os
from flask import Flask
from maxa.observe import observe
from maxa.settings import settings
from maxa.web.health import health_blueprint

class Catalogue:
    serial = 12

app = Flask("x")
app.register_blueprint(health_blueprint(Catalogue))
observe(app, settings())

@app.get("/pid")
def pid():
    return str(os.getpid())
"""
CONFIG = """
from maxa.metrics import share_metrics
share_metrics(__import__("pathlib").Path({folder!r}))
"""


@pytest.fixture
def gunicorn(tmp_path: Path) -> Iterator[int]:
    """Port of a gunicorn with two workers that share their metrics."""
    (tmp_path / "shared_app.py").write_text(APP)
    (tmp_path / "conf.py").write_text(CONFIG.format(folder=str(tmp_path / "metrics")))
    listening = socket.create_server(("127.0.0.1", 0))
    listening.set_inheritable(True)
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "gunicorn",
            "-c",
            "conf.py",
            "-w",
            "2",
            "-b",
            f"fd://{listening.fileno()}",
            "shared_app:app",
        ],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": f"{tmp_path}:{PROJECT}", "HOME": str(tmp_path), "MAXA_HOME": str(tmp_path)},
        pass_fds=[listening.fileno()],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    port = listening.getsockname()[1]
    listening.close()
    yield port
    process.send_signal(signal.SIGTERM)
    process.wait(30)


def get(port: int, path: str) -> str:
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path)
        return connection.getresponse().read().decode()
    finally:
        connection.close()


def test_any_worker_shows_the_counts_of_all(gunicorn: int) -> None:
    asked = 0
    seen: set[str] = set()
    deadline = time.monotonic() + 30
    while len(seen) < 2:
        assert time.monotonic() < deadline, "one worker answers everything"
        seen.add(get(gunicorn, "/pid"))
        asked += 1
    key = ("maxa_requests_total", (("endpoint", "pid"), ("service", ""), ("status", "2xx")))
    while (found := samples(get(gunicorn, "/metrics"))).get(key) != asked:
        assert time.monotonic() < deadline, f"{found.get(key)} of {asked} requests are shown"
        time.sleep(0.05)
    assert found["maxa_catalogue_serial", ()] == 12
    count = "maxa_request_seconds_count"
    assert found[count, (("endpoint", "pid"), ("service", ""), ("status", "2xx"))] == asked
