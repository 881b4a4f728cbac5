"""The public pages against the same data from ``/api/v1``: processor time of the thread, in one process, by WSGI calls.

``python -m benchmarks.pages [samples|large]``. ``samples`` is the shelf of ``make run``, ``large`` one with lists of 80,000 and
100,000 codes and a map of 100,000 pairs. Page and API take turns, every turn asks for another code or other words where the
page is of one; the ratio is that of the medians. ``cold`` is a page that has to be made, ``kept`` one that was made before.
Both are asked as a browser asks: pages are compressed, and the API's replies are not. Last comes what type-ahead takes by
the clock.
"""

from __future__ import annotations

import http.client
import io
import shutil
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote_to_bytes

from flask import Flask

from benchmarks.big_shelves import BENCH
from benchmarks.maps import map_shelf
from benchmarks.serving import processor_seconds, serving
from benchmarks.validate import percentile
from maxa.app import create_app
from maxa.cli.running import publish_samples
from maxa.registry.embedded import EmbeddedPostgres
from maxa.registry.engine import upgrade
from maxa.settings import read_settings
from maxa.shelf.reading import Shelf

ROUNDS = 60
WORDS = {
    "samples": ("قند خون", "هموگلوبین", "سونوگرافی", "glucose", "ویزیت", "قرص", "آسپرین", "ادرار", "سرم", "insulin",
                "کبد", "تیروئید", "فیزیوتراپی", "آنتی بادی", "قلب", "دندان"),
    "large": ("استامینوفن 500", "شربت", "metformin", "قطره چشمی", "انسولین 100", "Losartan 25", "کپسول لوزارتان", "پماد",
              "آمپول تزریقی هپارین", "warfarin", "شیاف دیکلوفناک", "اسپری", "ایبوپروفن", "omeprazole 75", "سفالکسین شربت",
              "آموکسی"),
}  # fmt: skip


@dataclass(frozen=True)
class Compared:
    """A page, and the requests to the API that tell what it shows."""

    name: str
    page: str
    api: tuple[str, ...]


def samples() -> Path:
    """The shelf of ``make run``; made once."""
    home = BENCH / "pages-samples"
    if not (home / "shelf" / "catalogue.json").exists():
        shutil.rmtree(home, ignore_errors=True)
        with EmbeddedPostgres(home / "postgres") as postgres:
            upgrade(postgres.url)
            publish_samples(read_settings({
                "MAXA_HOME": str(home), "MAXA_SHELF": str(home / "shelf"), "MAXA_DATABASE_URL": postgres.url,
            }))  # fmt: skip
    return home / "shelf"


def app_over(shelf: Path) -> Flask:
    home = BENCH / "home"
    home.mkdir(parents=True, exist_ok=True)
    return create_app(read_settings({
        "MAXA_HOME": str(home), "MAXA_SHELF": str(shelf), "MAXA_ACCESS": "open", "MAXA_LOG_LEVEL": "error",
    }))  # fmt: skip


def environ_of(address: str) -> dict[str, Any]:
    path, _, query = address.partition("?")
    return {
        "REQUEST_METHOD": "GET", "SCRIPT_NAME": "", "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query, "SERVER_NAME": "localhost", "SERVER_PORT": "8000", "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "localhost:8000", "HTTP_ACCEPT": "text/html,*/*",
        "HTTP_ACCEPT_ENCODING": "gzip, deflate, br", "HTTP_ACCEPT_LANGUAGE": "fa", "HTTP_USER_AGENT": "Mozilla/5.0",
        "HTTP_COOKIE": "lang=fa", "wsgi.version": (1, 0), "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr, "wsgi.multithread": True, "wsgi.multiprocess": True, "wsgi.run_once": False,
    }  # fmt: skip


def seconds(app: Flask, address: str) -> float:
    """What one request computes. Raises RuntimeError when it is not answered by 200."""
    environ, said = environ_of(address), []
    began = time.thread_time()
    reply: Any = app(environ, lambda status, headers, error=None: said.append(status))
    body = b"".join(reply)
    reply.close()
    took = time.thread_time() - began
    if said != ["200 OK"]:
        raise RuntimeError(f"{address}: {said} {body[:300]!r}")
    return took


def pages(shelf: Shelf, words: tuple[str, ...]) -> Iterator[list[Compared]]:
    """Each kind of page, as a list of those that take turns: one where there is but one."""
    catalogue = shelf.catalogue()
    lists, api = "/api/v1/terminologies", "/api/v1"
    since = max(0, catalogue.serial - 8)
    yield [Compared("start", "/", (lists, f"{api}/maps", f"{api}/changes?after={since}"))]
    asked = [quote(one) for one in words]
    yield [Compared("search", f"/search?q={q}", (f"{api}/search?q={q}&page_size=20",)) for q in asked]
    yield [Compared("suggestions", f"/suggest?q={q}", (f"{api}/suggest?q={q}&limit=8",)) for q in asked]
    entry = max(catalogue.codes, key=lambda one: (one.id == "LNC", one.current.active_count))
    codes = [c.code for c in shelf.release(entry.current).page(after=None, limit=200)][::3][: len(words)]
    at = f"/terminologies/{entry.id}"
    yield [Compared("concept", f"{at}/concepts/{code}", (f"{api}{at}/concepts/{code}",)) for code in codes]
    yield [
        Compared(
            "concept, whole history", f"{at}/concepts/{code}?history=100", (f"{api}{at}/concepts/{code}?history=100",)
        )
        for code in codes
    ]
    yield [Compared("codes", f"{at}/codes", (f"{api}{at}/concepts?page_size=100",))]
    edited = max(catalogue.codes, key=lambda one: (len(one.editions), one.current.active_count))
    at = f"/terminologies/{edited.id}"
    yield [Compared("terminology", at, (f"{api}{at}", f"{api}{at}/releases", f"{api}/maps"))]
    differs = f"{at}/releases/current"
    yield [Compared("differences", differs, (f"{api}{differs}", f"{api}{differs}/diff?page_size=50"))]


def compared(app: Flask, turns: list[Compared], rounds: int = ROUNDS) -> tuple[float, float, float]:
    """Median seconds of the page made, of the page kept, and of the API."""
    kept: Callable[[], None] = app.extensions["maxa.kept_pages"].clear
    for one in turns:  # files are opened, counts made, and words of the search known, as in a running worker
        seconds(app, one.page)
        for address in one.api:
            seconds(app, address)
    cold, warm, api = [], [], []
    for n in range(rounds):
        one = turns[n % len(turns)]
        kept()
        cold.append(seconds(app, one.page))
        warm.append(seconds(app, one.page))
        api.append(sum(seconds(app, address) for address in one.api))
    return statistics.median(cold), statistics.median(warm), statistics.median(api)


def measure(name: str) -> list[tuple[str, str, str]]:
    """Rows of (what, target, measured)."""
    folder = samples() if name == "samples" else map_shelf()
    app = app_over(folder)
    rows = []
    for turns in pages(Shelf(folder), WORDS[name]):
        cold, warm, api = compared(app, turns)
        rows.append((
            f"{name}: {turns[0].name}", "≤ 3 ×",
            f"{cold / api:.1f} × ({cold * 1000:.2f} ms to {api * 1000:.2f} ms); kept {warm / api:.2f} ×"
            f" ({warm * 1000:.2f} ms)",
        ))  # fmt: skip
    return rows


def type_ahead(name: str) -> tuple[str, str, str]:
    """What the search box waits for while each of the words is typed, letter by letter, on loopback through gunicorn."""
    folder = samples() if name == "samples" else map_shelf()
    typed = [word[:n] for word in WORDS[name] for n in range(1, len(word) + 1)]
    with serving("wsgi:app", ready="/healthz", access="open", shelf=str(folder)) as server:
        connection = http.client.HTTPConnection(server.host, server.port)

        def wait_for(text: str) -> float:
            began = time.perf_counter()
            connection.request(
                "GET", f"/suggest?q={quote(text)}", headers={"Accept-Encoding": "gzip", "Cookie": "lang=fa"}
            )
            reply = connection.getresponse()
            reply.read()
            if reply.status != 200:
                raise RuntimeError(f"{text}: {reply.status}")
            return time.perf_counter() - began

        for text in typed[:10]:  # the first ones open the files
            wait_for(text)
        worked = processor_seconds(server)
        times = [wait_for(text) for text in typed[10:]]
        worked = processor_seconds(server) - worked
        connection.close()
    return (
        f"{name}: suggestions, {len(typed)} beginnings, through gunicorn", "≤ 50 ms",
        f"median {statistics.median(times) * 1000:.1f} ms, p95 {percentile(times, 0.95) * 1000:.1f} ms, longest"
        f" {max(times) * 1000:.1f} ms; processor time of the worker {worked / len(times) * 1000:.1f} ms each",
    )  # fmt: skip


if __name__ == "__main__":
    for chosen in sys.argv[1:] or ("samples", "large"):
        for row in (*measure(chosen), type_ahead(chosen)):
            print(" | ".join(row), flush=True)
