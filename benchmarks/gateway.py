"""The four services through gunicorn, and how they grow.

    python -m benchmarks.gateway [ratio|search|batch|download|growth …]

Rates are medians of alternating rounds with one worker and one thread, token check, access log and metrics on.
"""

from __future__ import annotations

import random
import sqlite3
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import cycle, islice
from urllib.parse import quote

import orjson

from benchmarks.big_shelves import BENCH, big_shelf, drugs, irc_code, twenty
from benchmarks.search import mixed_queries
from benchmarks.serving import Server, private_memory, processor_seconds, serving, worker_of
from benchmarks.validate import valid_batch
from maxa.access.check import Access
from maxa.access.clients import Client, hash_secret, write_clients
from maxa.settings import read_settings
from maxa.shelf.reading import Shelf
from maxa.shelf.sealed_file import SealedConcept

PID = "0" * 24
Row = tuple[str, str, str]  # what, target, measured
_SHORT = "/gwmaksa"
_READY = f"{_SHORT}/CtsTerminologies"


@contextmanager
def gateway(shelf: str, sizes: dict[str, int]) -> Iterator[Server]:
    """The gateway over a shelf, with a client that holds a token."""
    home = BENCH / "home"
    home.mkdir(parents=True, exist_ok=True)
    settings = read_settings({"MAXA_HOME": str(home), "MAXA_TOKEN_SECONDS": "86400"})
    client = Client("bench", "bench", hash_secret("bench"), PID)
    write_clients(settings.clients_file, [client])
    token = Access.from_settings(settings).tokens.issue(client, user=None, scope="trust read write")
    headers = {"Authorization": f"bearer {token}", "pid": PID}
    with serving(
        "wsgi:app", ready=_READY, headers=headers, access="token", token_seconds="86400", shelf=str(big_shelf(sizes, name=shelf))
    ) as server:  # fmt: skip
        yield server


def products(count: int = 500) -> list[SealedConcept]:
    """Active products of the shelf of twenty, the same each time."""
    rows = [c for c in drugs(twenty()["IRC"]) if c.active]
    return random.Random(7).sample(rows, count)


def look_ups(rows: list[SealedConcept]) -> list[str]:
    return [f"{_SHORT}/Terminology?Terminology=IRC&Code={c.code}" for c in rows]


def validations(rows: list[SealedConcept]) -> list[str]:
    return [f"{_SHORT}/ValidateCts?Terminology_id=IRC&Coded_string={c.code}&Value={quote(c.title_fa)}" for c in rows]


def alternating(rates: dict[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """Each measured once a round, in turn, so that what else the machine does falls on all alike."""
    found: dict[str, list[float]] = {name: [] for name in rates}
    for _ in range(rounds):
        for name, rate in rates.items():
            found[name].append(rate())
    return found


def median_ratio(found: dict[str, list[float]], name: str, to: str) -> float:
    """Median of the ratios of each round."""
    return statistics.median(a / b for a, b in zip(found[name], found[to], strict=True))


def measure_ratio(rounds: int = 21, requests: int = 1_200) -> list[Row]:
    repeated = products()
    fresh = iter(products(rounds * requests))
    with (
        serving("benchmarks.static_view:app", ready="/static") as static,
        gateway("twenty", twenty()) as maxa,
    ):
        found = alternating(
            {
                "static": lambda: static.rate(["/static"], requests=requests),
                "`Terminology?Code=`": lambda: maxa.rate(look_ups(repeated), requests=requests),
                "`ValidateCts`": lambda: maxa.rate(validations(repeated), requests=requests),
                "`Terminology?Code=`, no code asked for twice": lambda: maxa.rate(
                    look_ups(list(islice(fresh, requests))), requests=requests
                ),
            },
            rounds,
        )
    middle = {name: statistics.median(values) for name, values in found.items()}
    return [
        (
            f"{name}, against a static Flask view", "≥ 0.7 ×" if n < 2 else "",
            f"{median_ratio(found, name, 'static'):.2f} × ({middle[name]:,.0f} of {middle['static']:,.0f} requests/s)",
        )
        for n, name in enumerate(name for name in found if name != "static")
    ]  # fmt: skip


def searches(queries: list[str]) -> list[str]:
    return [f"{_SHORT}/Terminology?Terminology=IRC&Search={quote(text)}&PageSize=20" for text in queries]


def measure_search(rounds: int = 9, requests: int = 600) -> list[Row]:
    """20 hits of 100,000 with highlights and totals: two hundred queries that a clinic types all day, and more of them
    than a worker remembers, each asked when it is forgotten."""
    mixed = searches(list(dict.fromkeys(mixed_queries(count=6_000))))
    fresh = cycle(mixed[200:])
    with (
        serving("benchmarks.static_view:app", ready="/static") as static,
        gateway("search-100000", {"IRC": 100_000}) as maxa,
    ):
        reply = orjson.loads(maxa.get(mixed[0]))
        if "<em>" not in reply["data"][0]["Highlight"]:
            raise RuntimeError("the reply has no highlights")
        maxa.rate(mixed[:200], requests=requests)
        worked: dict[str, list[float]] = {}

        def rate(server: Server, name: str, paths: list[str], count: int) -> float:
            before = processor_seconds(server)
            found = server.rate(paths, requests=count)
            worked.setdefault(name, []).append(count / (processor_seconds(server) - before))
            return found

        found = alternating(
            {
                "static": lambda: rate(static, "static", ["/static"], 2 * requests),
                "two hundred, again and again": lambda: rate(
                    maxa, "two hundred, again and again", mixed[:200], requests
                ),
                "none remembered": lambda: rate(maxa, "none remembered", list(islice(fresh, requests)), requests),
            },
            rounds,
        )
    middle = {name: statistics.median(values) for name, values in found.items()}
    return [
        (
            f"search with highlights, {name}, against a static Flask view", target,
            f"{median_ratio(found, name, 'static'):.2f} × ({middle[name]:,.0f} of {middle['static']:,.0f} requests/s; "
            f"by the worker's processor time {median_ratio(worked, name, 'static'):.2f} ×)",
        )
        for name, target in (("two hundred, again and again", "≥ 0.35 ×"), ("none remembered", ""))
    ]  # fmt: skip


def measure_batch(rounds: int = 7) -> list[Row]:
    batch = valid_batch()
    body = orjson.dumps(batch)
    singles = [
        f"{_SHORT}/ValidateCts?" + "&".join(f"{name}={quote(value)}" for name, value in triple.items())
        for triple in batch[:500]
    ]
    with gateway("twenty", twenty()) as maxa:

        def batches() -> float:
            began = time.perf_counter()
            reply = maxa.post(f"{_SHORT}/ValidateCts", body)
            seconds = time.perf_counter() - began
            if reply.count(b'"IsValid":true') != len(batch):
                raise RuntimeError("not every code of the batch is valid")
            return len(batch) / seconds

        batches()
        found = alternating({"single": lambda: maxa.rate(singles, requests=2_000), "batch": batches}, rounds)
    middle = {name: statistics.median(values) for name, values in found.items()}
    return [(
        "batch of 10,000 valid codes against single calls", "≥ 25 × the codes/s",
        f"{median_ratio(found, 'batch', 'single'):.0f} × ({middle['batch']:,.0f} against {middle['single']:,.0f} codes/s)",
    )]  # fmt: skip


def measure_download(rounds: int = 7) -> list[Row]:
    size, step = 100_000, 5_000
    with gateway("download", {"IRC": size}) as maxa:
        shelf = Shelf(big_shelf({"IRC": size}, name="download"))
        path = shelf.folder / shelf.catalogue().terminology("IRC").current.file

        def by_cursor() -> float:
            began, cursor, codes = time.perf_counter(), "", 0
            while cursor is not None:
                reply = maxa.get(
                    f"{_SHORT}/SearchTerminology?Terminology=IRC&Status=all&PageSize={step}&Cursor={cursor}"
                )
                codes += reply.count(b'"Coded_string"')
                cursor = orjson.loads(b"{" + reply[reply.rindex(b'"page"') :])["page"]["next"]
            if codes != size:
                raise RuntimeError(f"{codes} codes of {size}")
            return time.perf_counter() - began

        def by_hand() -> float:
            """The same rows straight from SQLite, made JSON by orjson a page at a time."""
            began = time.perf_counter()
            connection = sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)
            connection.execute("PRAGMA mmap_size=1099511627776")
            after, count = "", 0
            while rows := connection.execute(
                "SELECT title_fa, code, active FROM concept WHERE code > ? ORDER BY code LIMIT ?", (after, step)
            ).fetchall():
                items = [
                    {
                        "Value": title, "Terminology_id": "IRC", "Coded_string": code,
                        "Status": "active" if active else "retired",
                    }
                    for title, code, active in rows
                ]  # fmt: skip
                orjson.dumps({"data": items})
                after, count = rows[-1][1], count + len(rows)
            connection.close()
            return time.perf_counter() - began

        by_cursor()
        found = alternating({"cursor": by_cursor, "hand": by_hand}, rounds)
    middle = {name: statistics.median(values) for name, values in found.items()}
    return [(
        "100,000 codings by cursor, 5,000 a page, against SQLite and orjson alone", "≤ 2 ×",
        f"{median_ratio(found, 'cursor', 'hand'):.2f} × ({middle['cursor']:.2f} s against {middle['hand']:.2f} s)",
    )]  # fmt: skip


def measure_growth(rounds: int = 9, small: int = 1_000, large: int = 1_000_000) -> list[Row]:
    sizes = {
        small: big_shelf({"IRC": small}, name=f"irc-{small}"),
        large: big_shelf({"IRC": large}, name=f"irc-{large}"),
    }
    look_up: dict[str, Callable[[], float]] = {}
    for size, folder in sizes.items():
        shelf = Shelf(folder)
        codes = [irc_code(i) for i in random.Random(5).choices(range(small), k=2_000)]
        if size == large:
            codes = [irc_code(i) for i in random.Random(5).sample(range(large), 2_000)]

        def seconds(shelf: Shelf = shelf, codes: list[str] = codes) -> float:
            began = time.perf_counter()
            for code in codes:
                catalogue = shelf.catalogue()
                # As concept(), which would remember what it once found.
                if not shelf.release(catalogue.terminology("IRC").current).between(code, code, limit=1):
                    raise RuntimeError(code)
            return (time.perf_counter() - began) / len(codes)

        seconds()
        look_up[str(size)] = seconds
    found = alternating(look_up, rounds)
    middle = {name: statistics.median(values) * 1e6 for name, values in found.items()}
    started = []
    for _ in range(5):
        with gateway(f"irc-{large}", {"IRC": large}) as maxa:
            code = irc_code(17)
            maxa.restart_worker()
            began = time.perf_counter()
            maxa.get(f"{_SHORT}/Terminology?Terminology=IRC&Code={code}")
            started.append(time.perf_counter() - began)
            maxa.rate([f"{_SHORT}/Terminology?Terminology=IRC&Code={irc_code(i)}" for i in range(0, large, 500)])
            memory = private_memory(worker_of(maxa))
    return [
        (
            f"look-up, {small:,} → {large:,} concepts", "≤ 1.5 ×",
            f"{median_ratio(found, str(large), str(small)):.2f} × ({middle[str(small)]:.1f} → {middle[str(large)]:.1f} µs)",
        ),
        (f"worker start to first answer, {large:,} concepts", "≤ 1 s", f"{statistics.median(started):.2f} s"),
        (f"private memory of a worker, {large:,} concepts", "≤ 80 MB", f"{memory:.0f} MB"),
    ]  # fmt: skip


MEASUREMENTS: dict[str, Callable[[], list[Row]]] = {
    "ratio": measure_ratio, "search": measure_search, "batch": measure_batch, "download": measure_download, "growth": measure_growth,
}  # fmt: skip


def measure() -> list[Row]:
    return [row for one in MEASUREMENTS.values() for row in one()]


if __name__ == "__main__":
    for name in sys.argv[1:] or MEASUREMENTS:
        for row in MEASUREMENTS[name]():
            print(" | ".join(row), flush=True)
