"""Batches of ``POST /api/v1/maps/{id}/translate`` on a map of 100,000 pairs, and differences of two editions of 100,000.

python -m benchmarks.maps
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson

from benchmarks.big_shelves import BENCH, big_shelf, lab_code
from benchmarks.validate import percentile, timed
from maxa.app import create_app
from maxa.settings import read_settings
from maxa.shelf.catalogue import Catalogue, Edition, TerminologyEntry, load_catalogue, write_catalogue
from maxa.shelf.sealed_file import (
    Manifest,
    PastRow,
    SealedConcept,
    SealedFileWriter,
    SealedPair,
    file_name,
    sha256_of,
)

PAIRS, SOURCES, TARGETS, CODES = 100_000, 80_000, 10_000, 10_000
_RECIPE = 1
_RELATIONSHIPS = ("equivalent", "broader", "narrower", "related")
_PATH = "/api/v1/maps/LNC--RVU3/translate"


def map_shelf() -> Path:
    """LNC, RVU3, the map between them, and LNC's second edition, in which every tenth code has another title."""
    folder = big_shelf({"LNC": SOURCES, "RVU3": TARGETS}, name=f"maps-{_RECIPE}")
    catalogue = load_catalogue((folder / "catalogue.json").read_bytes())
    if catalogue.find("LNC→RVU3", kind="map") is None:
        rnd = random.Random(3)
        chosen: dict[tuple[int, int], None] = {}
        while len(chosen) < PAIRS:
            chosen[rnd.randrange(SOURCES), rnd.randrange(TARGETS)] = None
        pairs = [
            SealedPair(lab_code(s), lab_code(t), "", _RELATIONSHIPS[(s + t) % 4], True,
                       f'{{"group":"{t % 9}","insurer":"تامین"}}', 1, s * TARGETS + t)
            for s, t in sorted(chosen)
        ]  # fmt: skip
        catalogue = _add(folder, catalogue, "LNC→RVU3", "1404-10-11", 1, pairs, [])
        drugs_like = big_shelf({"IRC": PAIRS}, name="irc-100000")
        catalogue = _second_edition(folder, drugs_like, catalogue)
        write_catalogue(folder, catalogue)
    return folder


def _second_edition(folder: Path, other: Path, catalogue: Catalogue) -> Catalogue:
    """IRC of another shelf, and an edition after it in which one code in ten was changed."""
    from maxa.shelf.reading import Shelf

    shelf = Shelf(other)
    entry = shelf.catalogue().terminology("IRC")
    release = shelf.release(entry.current)
    concepts, past = [], []
    for page in release.everything(status="all"):
        for c in page:
            hashed = hash(c.code)
            changed = len(concepts) % 10 == 0
            if changed:
                past.append(PastRow(c.code, 1, 2, c.active, hashed))
            title = c.title_fa + " (تازه)" if changed else c.title_fa
            concepts.append(SealedConcept(c.code, "", title, c.title_en, c.active, None, None, c.properties,
                                          2 if changed else 1, hashed + changed))  # fmt: skip
    target = folder / entry.current.file
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes((other / entry.current.file).read_bytes())
    catalogue = replace(catalogue, terminologies=(*catalogue.terminologies, entry))
    concepts.sort(key=lambda c: (not c.active, len(c.title_fa), c.code))
    return _add(folder, catalogue, "IRC", "1404-11-11", 2, concepts, past)


def _add(
    folder: Path, catalogue: Catalogue, name: str, version: str, ordinal: int, rows: list[Any], past: list[PastRow]
) -> Catalogue:
    source, _, target = name.partition("→")
    kind = "map" if target else "codes"
    path = folder / file_name(name, version)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    manifest = Manifest(
        kind=kind, terminology=name, version=version, ordinal=ordinal, title_fa=name, title_en=name,
        source=source if target else "", target=target, circular_number=None, circular_date=None,
        in_force="2026-01-01",
    )  # fmt: skip
    writer = SealedFileWriter(path, manifest)
    (writer.add_pairs if target else writer.add_concepts)(rows)
    writer.add_past(past)
    sealed = writer.finish()
    at, serial = catalogue.published_at, catalogue.serial + 1
    edition = Edition(
        name, version, ordinal, str(path.relative_to(folder)), path.stat().st_size, sha256_of(path), sealed.digest,
        None, None, at.date(), at, serial, sealed.active_count, sealed.retired_count,
    )  # fmt: skip
    before = catalogue.find(name, kind=kind)
    editions = (*(before.editions if before else ()), edition)
    entry = TerminologyEntry(name, kind, name, name, manifest.source, target, editions)
    others = tuple(t for t in catalogue.terminologies if t.id != name)
    return replace(catalogue, serial=serial, terminologies=(*others, entry))


def batches(seed: int = 4) -> dict[str, list[str]]:
    """Batches by what they are; no two seeds ask for the same codes."""
    rnd = random.Random(seed)
    known = [lab_code(rnd.randrange(SOURCES)) for _ in range(CODES)]
    return {
        "10,000 codes forward": known,
        "10,000 codes, one in ten spelled otherwise": [
            code.replace("-", " - ") if n % 10 == 0 else code for n, code in enumerate(known)
        ],
        "10,000 codes, one in a hundred unknown": [
            f"{code}{rnd.randrange(10)}" if n % 100 == 0 else code for n, code in enumerate(known)
        ],
        "1,000 codes reverse (10,000 pairs)": [lab_code(rnd.randrange(TARGETS)) for _ in range(1_000)],
    }  # fmt: skip


def client() -> Any:
    """The app over that shelf, asked in process."""
    home = BENCH / "home"
    home.mkdir(parents=True, exist_ok=True)
    settings = read_settings({
        "MAXA_HOME": str(home), "MAXA_SHELF": str(map_shelf()), "MAXA_ACCESS": "open", "MAXA_LOG_LEVEL": "error",
    })  # fmt: skip
    return create_app(settings).test_client()


def measure(rounds: int = 30) -> list[tuple[str, str, str]]:
    """Rows of (what, target, measured)."""
    asked = client()
    rows = []
    bodies = [{what: orjson.dumps(codes) for what, codes in batches(seed).items()} for seed in range(rounds + 1)]
    for what in bodies[0]:
        path = f"{_PATH}?reverse=true" if "reverse" in what else _PATH
        waiting = iter([each[what] for each in bodies])

        def ask(path: str = path, waiting: Iterator[bytes] = waiting) -> None:
            reply = asked.post(path, data=next(waiting), content_type="application/json")
            if reply.status_code != 200:
                raise RuntimeError(reply.get_data(as_text=True)[:500])

        ask()
        computing: list[float] = []  # of this process alone: wall time says little on a busy machine

        def computed(ask: Callable[[], None] = ask, computing: list[float] = computing) -> None:
            began = time.process_time()
            ask()
            computing.append(time.process_time() - began)

        times = timed(computed, rounds)
        rows.append((
            what, "p95 ≤ 100 ms",
            f"p95 {percentile(times, 0.95) * 1000:.0f} ms (median {statistics.median(times) * 1000:.0f} ms, of which"
            f" {statistics.median(computing) * 1000:.0f} ms computing, {min(computing) * 1000:.0f} ms at best)",
        ))  # fmt: skip
    rows.append(_differences(asked))
    return rows


def _differences(asked: Any) -> tuple[str, str, str]:
    """The first answer, with its counts, and the whole of it as CSV."""
    path = "/api/v1/terminologies/IRC/releases/1404-11-11/diff"
    first = timed(lambda: asked.get(path), 1)[0]
    again = timed(lambda: asked.get(path), 10)
    whole = timed(lambda: asked.get(f"{path}.csv").get_data(), 3)
    return (
        "two editions of 100,000 that differ in 10,000 codes: first page with counts", "≤ 1 s",
        f"{first * 1000:.0f} ms, then {statistics.median(again) * 1000:.0f} ms; whole as CSV "
        f"{statistics.median(whole) * 1000:.0f} ms",
    )  # fmt: skip


if __name__ == "__main__":
    for row in measure():
        print(" | ".join(row))
