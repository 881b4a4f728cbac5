"""Searches that match nothing as typed: some 80 judged queries over all sample lists at once, over 100,000 products, and over
100,000 titles of 100,000 different words (which is the hard case: each has hundreds of neighbours).

``python -m benchmarks.fallbacks``. As if nobody had asked before: nothing is remembered but the lists' words.
"""

from __future__ import annotations

import random
import time
from collections.abc import Sequence

from benchmarks.big_shelves import big_shelf
from benchmarks.search import pace
from maxa.search import vocabulary
from maxa.search.find import ask, find
from maxa.search.lexicon import lexicon_of
from maxa.search.query import read_query
from maxa.shelf.reading import Shelf
from maxa.shelf.release import SealedRelease
from tests.search.quality import JUDGED, WIDE, read_judged
from tests.search.samples import sample_releases

KINDS = ("nothing to find", "typing error", "other layout", "Persian in Latin letters", "several words")
_OF_EACH = 8
_LONG = (
    "قرص لورازپام", "elective cesarean section", "atrovastatin 20 mg tab", "شکستگی گردن فمور باز",
    "mri lumbar spine without contrast prone", "ازمایش کامل ادرر بیست و چهار ساعته", "ghand khoon nashta do saate",
)  # fmt: skip


def judged_queries() -> list[str]:
    """The same ones each time, as long as no query is added before them."""
    found = []
    for path in (JUDGED, WIDE):
        judged = read_judged(path)
        for kind in KINDS:
            texts = [one.text for one in judged if one.kind == kind]
            found += texts[:: max(1, len(texts) // _OF_EACH)][:_OF_EACH]
    return list(dict.fromkeys([*found, *_LONG]))


def slips(release: SealedRelease) -> list[str]:
    """Titles with a letter lost, doubled or replaced."""
    rnd = random.Random(5)
    found = []
    for (title,) in release.rows("SELECT title_fa FROM concept WHERE id % 997 = 0 AND length(title_fa) > 3 LIMIT 60"):
        words = title.split()
        at = max(range(len(words)), key=lambda n: len(words[n]))
        word, place = words[at], rnd.randrange(1, len(words[at]) - 1)
        letter = rnd.choice(["", word[place] * 2, rnd.choice("قضطظغ")])
        words[at] = word[:place] + letter + word[place + 1 :]
        found.append(" ".join(words))
    return found


def measured(name: str, releases: Sequence[SealedRelease], queries: Sequence[str]) -> None:
    """Of those queries that match nothing as typed, the times of this thread on the processor, best of three."""
    find(releases, ask("ظظظظظظ"), limit=1)
    taken = []
    for text in queries:
        best, fell_back = 1e9, False
        for _ in range(3):
            read_query.cache_clear()
            for release in releases:
                lexicon_of(release).answered.clear()
            vocabulary.forget_answers()
            begun = time.thread_time()
            found = find(releases, ask(text), limit=20)
            best = min(best, (time.thread_time() - begun) * 1e3)
            fell_back = found.instead is not None or not found.hits
        if fell_back:
            taken.append(best)
    taken.sort()
    shares = ", ".join(f"{told} {taken[int(len(taken) * at)]:.1f}" for told, at in (("p50", 0.5), ("p95", 0.95)))
    print(
        f"{name}, {len(taken)} queries: {shares}, max {taken[-1]:.1f} ms of the processor; target p95 ≤ 15", flush=True
    )


def main() -> None:
    pace()
    samples = sample_releases(names=read_judged(WIDE)[0].samples)
    measured(f"{len(samples)} sample lists at once", samples, judged_queries())
    for name, terminology in (("100,000 products", "IRC"), ("100,000 titles of as many words", "set000")):
        shelf = Shelf(big_shelf({terminology: 100_000}, name=f"fallbacks-{terminology}"))
        release = shelf.release(shelf.catalogue().codes[0].current)
        measured(name, [release], judged_queries())
        if terminology != "IRC":
            measured(f"{name}, slips of its own", [release], slips(release))


if __name__ == "__main__":
    main()
