"""Batches of ``ValidateCts`` against twenty terminologies of 5,000 to 100,000 concepts.

python -m benchmarks.validate
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable
from typing import Any

import orjson

from benchmarks.big_shelves import BENCH, big_shelf, drugs, irc_code, lab_code, twenty
from maxa.app import create_app
from maxa.settings import read_settings

CODES = 10_000
PATH = "/gwmaksa/ValidateCts"


def valid_batch(count: int = CODES) -> list[dict[str, str]]:
    """Triples as published, spread over all terminologies as a hospital's day would be: most of them products."""
    rnd = random.Random(1)
    sizes = twenty()
    rows = {
        name: [c for c in drugs(size, irc_code if name.startswith("IRC") else lab_code) if c.active]
        for name, size in sizes.items()
    }
    names = ["IRC"] * 10 + ["LNC"] * 6 + list(sizes)
    batch = []
    for _ in range(count):
        name = rnd.choice(names)
        concept = rnd.choice(rows[name])
        batch.append({"Value": concept.title_fa, "Terminology_id": name, "Coded_string": concept.code})
    return batch


def unknown_batch(count: int = CODES) -> list[dict[str, str]]:
    """Codes that are near to known ones and are not there, with titles that are: the costliest that can be asked."""
    rnd = random.Random(2)
    batch = valid_batch(count)
    for triple in batch:
        code = triple["Coded_string"]
        place = rnd.randrange(len(code))
        triple["Coded_string"] = code[:place] + rnd.choice("0123456789") + code[place:] + rnd.choice("123456789")
    return batch


def percentile(times: list[float], share: float) -> float:
    return sorted(times)[min(len(times) - 1, int(len(times) * share))]


def timed(ask: Callable[[], Any], rounds: int) -> list[float]:
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        ask()
        times.append(time.perf_counter() - began)
    return times


def client() -> Any:
    """The app over the shelf of twenty terminologies, asked in process."""
    home = BENCH / "home"
    home.mkdir(parents=True, exist_ok=True)
    settings = read_settings({
        "MAXA_HOME": str(home), "MAXA_SHELF": str(big_shelf(twenty(), name="twenty")), "MAXA_ACCESS": "open",
        "MAXA_LOG_LEVEL": "error",
    })  # fmt: skip
    return create_app(settings).test_client()


def measure(rounds: int = 20) -> list[tuple[str, str, str]]:
    """Rows of (what, target, measured)."""
    asked = client()
    rows = []
    for what, batch, limit in (
        ("batch of 10,000 valid codes, p95", valid_batch(), 0.25),
        ("batch of 10,000 unknown codes with suggestions, p95", unknown_batch(), 2.0),
    ):
        body = orjson.dumps(batch)

        def ask(body: bytes = body) -> None:
            reply = asked.post(PATH, data=body, content_type="application/json")
            if reply.status_code != 200:
                raise RuntimeError(reply.get_data(as_text=True)[:500])

        ask()
        times = timed(ask, rounds)
        rows.append((
            what, f"≤ {limit * 1000:.0f} ms",
            f"{percentile(times, 0.95) * 1000:.0f} ms (median {statistics.median(times) * 1000:.0f} ms)",
        ))  # fmt: skip
    return rows


if __name__ == "__main__":
    for row in measure():
        print(" | ".join(row))
