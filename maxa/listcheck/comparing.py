"""A list held against an edition: each of its rows judged as ``ValidateCts`` judges a coded text, and the codes that the
list lacks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from maxa.gateway.reading import Bound, Reading
from maxa.gateway.suggestions import Budget
from maxa.gateway.validate import Triple, Validator
from maxa.listcheck.reading import Line
from maxa.shelf.release import Concept

SHOWN = 300  # rows with an issue, and codes that the list lacks, that a page shows
_STEP = 2_000
_TWICE = {
    "code": "duplicate-code", "severity": "warning",
    "message_fa": "این کد پیش‌تر در ردیف {row} آمده است.", "message_en": "This code stands in row {row} already.",
}  # fmt: skip


@dataclass
class Compared:
    """``issues``: (row, what was judged) of every row that has one; ``right``: rows without; ``listed``: published codes
    that the list holds."""

    rows: int = 0
    right: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    issues: list[tuple[Line, dict[str, Any]]] = field(default_factory=list)
    listed: set[str] = field(default_factory=set)


def compare(lines: Iterable[Line], reading: Reading, bound: Bound) -> Compared:
    """Every row in its order. A list without titles is not told that they are missing."""
    told = Compared()
    validator = Validator(reading, posted=False, budget=Budget(edits=1_000, titles=1_000))
    first: dict[str, int] = {}
    for step in _in_steps(lines):
        triples = [Triple(bound.entry.id, line.code, line.title) for line in step]
        for line, item in zip(step, validator.judge(triples), strict=True):
            _take(told, line, item, first)
    return told


def _take(told: Compared, line: Line, item: dict[str, Any], first: dict[str, int]) -> None:
    told.rows += 1
    issues = [one for one in item["Issues"] if one["code"] != "incomplete"]
    expected = item["Expected"]
    code = expected["Coded_string"] if expected and item["IsValid"] else line.code
    if item["IsValid"]:
        told.listed.add(code)
        if code in first:
            issues = [*issues, {name: text.format(row=first[code]) for name, text in _TWICE.items()}]
        else:
            first[code] = line.row
    if not issues:
        told.right += 1
        return
    told.counts.update({one["code"] for one in issues})
    told.issues.append((line, {**item, "Issues": issues}))


def lacking(bound: Bound, listed: set[str]) -> Iterator[Concept]:
    """Active codes of the edition that the list does not hold, in code order."""
    for concepts in bound.release.everything():
        yield from (concept for concept in concepts if concept.code not in listed)


def _in_steps(lines: Iterable[Line]) -> Iterator[list[Line]]:
    step: list[Line] = []
    for line in lines:
        step.append(line)
        if len(step) == _STEP:
            yield step
            step = []
    if step:
        yield step
