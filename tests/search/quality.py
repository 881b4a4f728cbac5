"""Runs judged queries and tells success@1, success@5, MRR and the share without a hit, by kind.

``python -m tests.search.quality`` prints the table of docs/benchmarks.md and each query that misses.
"""

from __future__ import annotations

import sys
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from maxa.search.find import ask, find
from maxa.shelf.release import SealedRelease
from tests.search.samples import JUDGED as LISTS
from tests.search.samples import sample_releases

JUDGED = Path(__file__).with_name("judged.toml")
WIDE = Path(__file__).with_name("judged_wide.toml")
HELD = Path(__file__).with_name("judged_held.toml")
ANY = "*"
_LOOKED_AT = 10


@dataclass(frozen=True, slots=True)
class Judged:
    """``first``: codes of which one must come first; without any, nothing must be found. ``never`` must not be there."""

    kind: str
    where: str
    text: str
    first: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    samples: tuple[str, ...] = LISTS


@dataclass(slots=True)
class Score:
    """``misses`` hold each query that does not come first, with what came instead."""

    queries: int = 0
    at_1: int = 0
    at_5: int = 0
    reciprocal: float = 0.0
    zero: int = 0
    misses: list[tuple[Judged, list[str]]] = field(default_factory=list)

    @property
    def shares(self) -> tuple[float, float, float, float]:
        n = max(1, self.queries)
        return self.at_1 / n, self.at_5 / n, self.reciprocal / n, self.zero / n

    def add(self, judged: Judged, found: list[str]) -> None:
        self.queries += 1
        self.zero += not found
        place = _place(judged, found)
        self.at_1 += place == 1
        self.at_5 += 1 <= place <= 5
        self.reciprocal += 1 / place if place else 0
        if place != 1:
            self.misses.append((judged, found))

    def __iadd__(self, other: Score) -> Score:
        self.queries += other.queries
        self.at_1 += other.at_1
        self.at_5 += other.at_5
        self.reciprocal += other.reciprocal
        self.zero += other.zero
        self.misses += other.misses
        return self


def _place(judged: Judged, found: list[str]) -> int:
    """At which place the first right answer is; 0 when there is none, or something is there that must not be."""
    if not judged.first:
        return 0 if found else 1
    if set(found) & set(judged.never):
        return 0
    return next((n for n, code in enumerate(found, 1) if code in judged.first or ANY in judged.first), 0)


def read_judged(path: Path = JUDGED) -> list[Judged]:
    """The file's queries; ``samples`` names the sample workbooks that they were judged over."""
    content: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    samples = tuple(content.get("samples", LISTS))
    return [
        Judged(kind["name"], one["in"], one["q"], tuple(one.get("first", ())), tuple(one.get("never", ())), samples)
        for kind in content["kind"]
        for one in kind["queries"]
    ]


def releases_for(one: Judged) -> list[SealedRelease]:
    """The editions that a query is asked of."""
    return sample_releases(*(() if one.where == ANY else (one.where,)), names=one.samples)


def measure(judged: list[Judged]) -> dict[str, Score]:
    """The score of each kind, in the file's order."""
    scores: dict[str, Score] = {}
    for one in judged:
        found = find(releases_for(one), ask(one.text), limit=_LOOKED_AT)
        scores.setdefault(one.kind, Score()).add(one, [hit.concept.code for hit in found.hits])
    return scores


def overall(scores: dict[str, Score]) -> Score:
    """Over all kinds but those queries that have nothing to find."""
    total = Score()
    for kind, score in scores.items():
        if kind != "nothing to find":
            total += score
    return total


def table(scores: dict[str, Score]) -> str:
    lines = ["| kind | queries | success@1 | success@5 | MRR | without a hit |", "|---|---|---|---|---|---|"]
    for kind, score in [*scores.items(), ("all but nothing to find", overall(scores))]:
        at_1, at_5, mrr, zero = score.shares
        lines.append(f"| {kind} | {score.queries} | {at_1:.3f} | {at_5:.3f} | {mrr:.3f} | {zero:.3f} |")
    return "\n".join(lines)


def main() -> None:
    judged = read_judged(Path(sys.argv[1])) if len(sys.argv) > 1 else read_judged()
    scores = measure(judged)
    print(table(scores))
    for score in scores.values():
        for one, found in score.misses:
            print(f"{one.kind}: {one.where} {one.text!r} wants {one.first} found {found[:5]}")


if __name__ == "__main__":
    main()
