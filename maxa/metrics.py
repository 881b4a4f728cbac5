"""Prometheus metrics at a cost that the hot path can bear.

A request adds to plain lists of this process (about 1 µs; prometheus_client's own objects take 5 µs, their shared
files more), and what has gathered is handed to prometheus_client before a scrape, and every second where several
processes share ``PROMETHEUS_MULTIPROC_DIR``. prometheus_client decides at its first import whether values are shared,
so it is imported here as late as possible: gunicorn's configuration calls :func:`share_metrics` before that.
"""

from __future__ import annotations

import atexit
import os
import struct
import threading
import time
from bisect import bisect_left
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
BOUNDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)  # seconds
FLUSH_SECONDS = 1.0
_SHELF_GAUGES = {
    "maxa_shelf_published_timestamp_seconds": "When the catalogue that is served was published.",
    "maxa_shelf_expires_timestamp_seconds": "When the shelf's signatures expire.",
    "maxa_shelf_disk_free_bytes": "Free space on the shelf's disk.",
    "maxa_mirror_last_success_timestamp_seconds": "When this mirror last reached its source, or took an archive.",
    "maxa_mirror_last_attempt_ok": "Whether the last attempt went well (1) or not (0).",
}
_EMPTY_CELL = [0] * (len(BOUNDS) + 1)


def share_metrics(folder: Path) -> None:
    """Let the worker processes that will be started share their metrics through ``folder``, emptied first.

    To be called once in the process that starts them, before anything imports prometheus_client.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.db"):
        old.unlink(missing_ok=True)
    os.environ[FOLDER_VARIABLE] = str(folder)


class Metrics:
    """What this process counts. Labels: ``service`` (as asked of the access check; "" elsewhere), Flask's
    ``endpoint`` ("unmatched" for unknown paths), ``status`` (2xx … 5xx), ``client`` (its id)."""

    def __init__(self, registry: Any = None) -> None:
        folder = os.environ.get(FOLDER_VARIABLE)
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
        from prometheus_client import REGISTRY, Counter, Gauge, Histogram

        self._shared = bool(folder)
        self._registry = registry or REGISTRY
        labels = ("service", "endpoint", "status")
        self._requests = Counter("maxa_requests", "Requests answered.", labels, registry=self._registry)
        self._seconds = Histogram(
            "maxa_request_seconds",
            "Time from a request's arrival in the application to the end of its reply.",
            labels,
            buckets=BOUNDS,
            registry=self._registry,
        )
        self._client_requests = Counter(
            "maxa_client_requests", "Requests of known clients.", ("client", "service"), registry=self._registry
        )
        self._serial = Gauge(
            "maxa_catalogue_serial",
            "Serial of the catalogue that is served.",
            registry=self._registry,
            multiprocess_mode="mostrecent",
        )
        self._shelf = {
            name: Gauge(name, what, registry=self._registry, multiprocess_mode="mostrecent")
            for name, what in _SHELF_GAUGES.items()
        }
        self._begin()
        os.register_at_fork(after_in_child=self._begin)
        if self._shared:
            atexit.register(self.flush)

    def _begin(self) -> None:
        self._lock = threading.Lock()
        self._cells: dict[tuple[str, str, str], tuple[list[int], list[float]]] = {}
        self._uses: dict[tuple[str, str], int] = {}
        self._flusher: threading.Thread | None = None

    def count(self, service: str, endpoint: str, status: str, seconds: float, client: str | None = None) -> None:
        """Count one request; ``status`` is its class, such as "2xx"."""
        key = (service, endpoint, status)
        with self._lock:
            cell = self._cells.get(key)
            if cell is None:
                cell = self._cells[key] = (_EMPTY_CELL.copy(), [0.0])
                if self._shared and self._flusher is None:
                    self._start_flusher()
            cell[0][bisect_left(BOUNDS, seconds)] += 1
            cell[1][0] += seconds
            if client is not None:
                self._uses[client, service] = self._uses.get((client, service), 0) + 1

    def flush(self) -> None:
        """Hand what has gathered to prometheus_client."""
        with self._lock:
            cells, self._cells = self._cells, {}
            uses, self._uses = self._uses, {}
        for key, (counts, (total,)) in cells.items():
            self._requests.labels(*key).inc(sum(counts))
            seconds = self._seconds.labels(*key)
            # prometheus_client has no public way to add many observations at once; a test holds this to its output.
            seconds._sum.inc(total)
            for bucket, count in zip(seconds._buckets, counts, strict=True):
                if count:
                    bucket.inc(count)
        for use, count in uses.items():
            self._client_requests.labels(*use).inc(count)

    def render(self, serial: int | None = None, shelf: Mapping[str, float | None] | None = None) -> tuple[bytes, str]:
        """Everything in Prometheus's text form, of all processes that share the folder, and its content type.

        ``shelf``: values for the gauges of :data:`_SHELF_GAUGES` that are known now.
        """
        from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
        from prometheus_client.multiprocess import MultiProcessCollector

        for name, value in (shelf or {}).items():
            if value is not None:
                self._shelf[name].set(value)

        if serial is not None:
            self._serial.set(serial)
        self.flush()
        registry = self._registry
        if self._shared:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)
        for _ in range(5):
            try:
                return generate_latest(registry), CONTENT_TYPE_LATEST
            except struct.error:  # another worker is just making its file
                time.sleep(0.005)
        return generate_latest(registry), CONTENT_TYPE_LATEST

    def _start_flusher(self) -> None:
        """Counts of a worker that falls silent must show too, so a thread hands them on, not the next request."""

        def run() -> None:
            pause = threading.Event()
            while not pause.wait(FLUSH_SECONDS):
                self.flush()

        self._flusher = threading.Thread(target=run, name="metrics", daemon=True)
        self._flusher.start()


@lru_cache(maxsize=1)
def metrics() -> Metrics:
    """The metrics of this process."""
    return Metrics()
