"""Search at 100,000 and 1,000,000 drug-like concepts: in-process times, the index's size and cost, Whoosh and Tantivy.

``python -m benchmarks.search [100000 1000000]``; ``… 100000 others`` for Whoosh and Tantivy alone, ``… 100000 all`` for 200
lists at once. Tantivy is measured where it is installed; else its line says so. It is no dependency: install it into an
environment of its own and put this project's packages on its path (docs/benchmarks.md).
The titles of these lists repeat few words in many concepts, which is the hard case: every common word stands in a
twentieth to all of them.
"""

from __future__ import annotations

import gc
import os
import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

from benchmarks.big_shelves import _FORMS, _LATIN, _NAMES, BENCH, big_shelf, drugs, many_shelves
from maxa.search.find import ask, find
from maxa.search.highlight import highlight
from maxa.search.lexicon import lexicon_of
from maxa.search.query import read_query
from maxa.search.suggest import suggest
from maxa.shelf.reading import Shelf
from maxa.shelf.release import SealedRelease

ROUNDS = 3


def mixed_queries(seed: int = 1, count: int = 1_000) -> list[str]:
    """What people type: one to four of the most common words, numbers, Latin, the last word often only begun."""
    rnd = random.Random(seed)
    found = []
    while len(found) < count:
        name, form = rnd.choice(_NAMES), rnd.choice(_FORMS)
        strength = str(rnd.randint(1, 40) * 25)
        words = rnd.choice(
            [
                [name], [form], [name, strength], [form.split()[0], name], [name, form, strength], [strength, "میلی‌گرم", name],
                [rnd.choice(_LATIN)], [rnd.choice(_LATIN), strength, "mg"], [name, strength + "mg"], ["قرص", strength],
            ]
        )  # fmt: skip
        text = " ".join(words)
        if rnd.random() < 0.5 and not text[-1].isdigit():
            text = text[: max(len(text) - rnd.randint(1, 4), len(text) - len(words[-1]) + 2)]
        found.append(text)
    return found


def rare_meetings(count: int = 300, seed: int = 2) -> list[str]:
    """Common words that meet in few concepts or none."""
    rnd = random.Random(seed)
    return [
        f"{rnd.choice(_NAMES)} {rnd.choice(_FORMS)} {rnd.randint(1, 40) * 25} {rnd.choice(_LATIN)} {rnd.randint(1, 999)}"
        for _ in range(count)
    ]


def beginnings() -> list[str]:
    """Every beginning of one to six letters of the words of the list."""
    words = {
        word for text in (*_NAMES, *_FORMS, *_LATIN, "میلی‌گرم", "شمارهٔ") for word in text.replace("\u200c", " ").split()
    }
    return sorted({word[:n] for word in words for n in range(1, 7)})


def misspelled() -> list[str]:
    """One letter lost, doubled, swapped or replaced in the names of the list, and the other keyboard layout."""
    from maxa.search.keyboard import other_layouts

    rnd = random.Random(3)
    found = []
    for name in (*_NAMES, *_LATIN):
        for _ in range(6):
            at = rnd.randint(2, len(name) - 3)
            found.append(
                rnd.choice(
                    [
                        name[:at] + name[at + 1 :],
                        name[:at] + name[at] + name[at:],
                        name[:at] + name[at + 1] + name[at] + name[at + 2 :],
                    ]
                )
            )
        found += other_layouts(name)[:1]
    return found


def times(run: Callable[[str], Any], queries: Sequence[str], *, rounds: int = ROUNDS) -> dict[str, float]:
    """p50, p95, p99 and the total in milliseconds, on the clock and (``cpu p50`` …) of this thread on the processor, each
    the median of ``rounds`` runs over all queries. Where the two differ, the machine was busy."""
    figures = []
    for _ in range(rounds):
        gc.collect()
        taken, worked = [], []
        for query in queries:
            start, begun = time.perf_counter(), time.thread_time()
            run(query)
            worked.append((time.thread_time() - begun) * 1e3)
            taken.append((time.perf_counter() - start) * 1e3)
        figures.append(_shares(taken) + _shares(worked))
    names = [f"{clock}{share}" for clock in ("", "cpu ") for share in ("p50", "p95", "p99", "total")]
    return dict(zip(names, map(statistics.median, zip(*figures, strict=True)), strict=True))


def _shares(taken: list[float]) -> list[float]:
    taken.sort()
    return [taken[int(len(taken) * share)] for share in (0.5, 0.95, 0.99)] + [sum(taken)]


def told(name: str, figures: dict[str, float], target: str) -> None:
    shown = ", ".join(
        f"{share} {figures[share]:.2f} ms (cpu {figures['cpu ' + share]:.2f})" for share in ("p50", "p95", "p99")
    )
    print(f"{name}: {shown}; target {target}", flush=True)


def pace() -> None:
    """How fast this machine is now: a fixed piece of work, whose time on the processor also grows while others share its
    core. Compare it between runs before comparing anything else."""
    taken, worked = [], []
    for _ in range(15):
        start, begun = time.perf_counter(), time.thread_time()
        sum(n * n for n in range(100_000))
        worked.append((time.thread_time() - begun) * 1e3)
        taken.append((time.perf_counter() - start) * 1e3)
    load = os.getloadavg()[0]
    print(
        f"pace: {statistics.median(taken):.1f} ms (cpu {statistics.median(worked):.1f}, at best {min(worked):.1f}), load {load:.1f}",
        flush=True,
    )


def searcher(release: SealedRelease) -> Callable[[str], Any]:
    """A search as if nobody had asked it before: neither the parsed query nor its head is remembered."""
    answered = lexicon_of(release).answered

    def run(text: str) -> Any:
        read_query.cache_clear()
        answered.clear()
        return find([release], ask(text), limit=20)

    return run


def in_process(size: int) -> None:
    shelf = Shelf(big_shelf({"IRC": size}, name=f"search-{size}"))
    release = shelf.release(shelf.catalogue().codes[0].current)
    run = searcher(release)
    mixed = mixed_queries()
    for text in mixed[:50]:
        run(text)
    target = "p50 ≤ 0.3, p99 ≤ 1.5" if size <= 100_000 else "p99 ≤ 8"
    told(f"{size:,} concepts, mixed queries", times(run, mixed), target)
    told(
        f"{size:,} concepts, mixed queries asked again",
        times(lambda text: find([release], ask(text), limit=20), mixed[:200]),
        "none",
    )
    told(f"{size:,} concepts, common words that rarely meet", times(run, rare_meetings()), "p99 ≤ 25")
    told(f"{size:,} concepts, type-ahead", times(run, beginnings()), "p99 ≤ 2")
    told(f"{size:,} concepts, suggestions", times(lambda text: suggest([release], text), beginnings()), "p99 ≤ 2")
    told(f"{size:,} concepts, nothing matches", times(run, misspelled(), rounds=1), "p95 ≤ 15")
    pages = [find([release], ask(text), limit=20) for text in mixed[:200]]

    def mark(place: str) -> None:
        page = pages[int(place)]
        for hit in page.hits:
            highlight(hit.concept.title_fa, hit.concept.title_en, page.query)

    told(f"{size:,} concepts, highlights of 20", times(mark, [str(n) for n in range(len(pages))]), "≤ 0.5")
    sizes = dict(release.rows("SELECT name, sum(pgsize) FROM dbstat GROUP BY name"))
    index = sum(sizes.get(name, 0) for name in ("words_data", "words_idx", "title", "word", "filter"))
    print(f"{size:,} concepts, index with ranked titles: {index / size:.0f} bytes a concept (target ≤ 300)", flush=True)


def over_all(small: int = 199, concepts: int = 120, big: int = 100_000) -> None:
    """One long list and 199 short ones with words of their own, all searched at once."""
    shelf = Shelf(many_shelves(small, concepts, big))
    releases = [shelf.release(entry.current) for entry in shelf.catalogue().codes]
    lexicons = [lexicon_of(release) for release in releases]

    def run(text: str) -> Any:
        read_query.cache_clear()
        for lexicon in lexicons:
            lexicon.answered.clear()
        return find(releases, ask(text), limit=20)

    for text in (*mixed_queries(count=3), *misspelled()[:2]):
        run(text)
    name = f"{len(releases)} terminologies at once"
    told(f"{name}, mixed queries", times(run, mixed_queries(count=60), rounds=1), "none")
    told(f"{name}, type-ahead", times(run, beginnings()[::6], rounds=1), "none")
    told(f"{name}, nothing matches", times(run, misspelled()[::5], rounds=1), "none")


def build_cost(size: int = 100_000) -> None:
    """What the index adds to sealing: its text, its tables."""
    import sqlite3

    from maxa.shelf.search_index import INDEX_SCHEMA, Indexed, IndexWriter

    rows = [Indexed(c.title_fa, c.title_en, c.part, c.properties) for c in drugs(size)]
    taken = []
    for _ in range(ROUNDS):
        BENCH.mkdir(exist_ok=True)
        path = BENCH / "index.db"
        path.unlink(missing_ok=True)
        connection = sqlite3.connect(path, isolation_level=None)
        connection.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; BEGIN;" + INDEX_SCHEMA)
        start = time.thread_time()
        writer = IndexWriter(connection)
        for first in range(0, len(rows), 2_000):
            writer.add(first + 1, rows[first : first + 2_000])
        writer.finish()
        taken.append(time.thread_time() - start)
        connection.close()
        path.unlink()
    print(
        f"index build, analysis included: {statistics.median(taken) / size * 1e6:.1f} µs of the processor a concept (target ≤ 30)",
        flush=True,
    )


def side_by_side(size: int = 100_000) -> None:
    """The same folded text in Whoosh and, where it is installed, in Tantivy."""
    from benchmarks.search_others import in_tantivy, in_whoosh

    shelf = Shelf(big_shelf({"IRC": size}, name=f"search-{size}"))
    release = shelf.release(shelf.catalogue().codes[0].current)
    queries = mixed_queries(count=200)
    ours = times(searcher(release), queries)
    theirs = in_whoosh(release, queries)
    told("ours, 200 of the mixed queries", ours, "none")
    told("Whoosh over the same text", theirs, "none")
    by = {clock: theirs[f"{clock}total"] / ours[f"{clock}total"] for clock in ("", "cpu ")}
    print(f"Whoosh, total over common words: {by['']:.1f} × ours (cpu {by['cpu ']:.1f} ×); target ≥ 20", flush=True)
    tantivy = in_tantivy(release, queries)
    if tantivy is None:
        print(
            "Tantivy: not installed here; `pip install tantivy` into an environment of its own to compare", flush=True
        )
        return
    ranked, plain = tantivy
    told("Tantivy, same ranking over the same text", ranked, "none")
    told("Tantivy, static rank alone", plain, "none")
    ours = times(searcher(release), queries)
    by = {clock: ours[f"{clock}p50"] / ranked[f"{clock}p50"] for clock in ("", "cpu ")}
    print(f"our p50: {by['']:.2f} × Tantivy's (cpu {by['cpu ']:.2f} ×); target ≤ 2", flush=True)


def main() -> None:
    sizes = [int(word) for word in sys.argv[1:] if word.isdigit()] or [100_000, 1_000_000]
    if "all" in sys.argv[1:]:
        pace()
        over_all(big=sizes[0])
        return
    if "others" in sys.argv[1:]:
        pace()
        side_by_side(sizes[0])
        return
    pace()
    build_cost()
    for size in sizes:
        in_process(size)
        pace()
    over_all(big=sizes[0])
    side_by_side(sizes[0])


if __name__ == "__main__":
    main()
