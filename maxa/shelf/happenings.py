"""How many codes each release of a list added, changed, retired and restored, from the newest sealed file alone: in the
order of publication, or in that of time where history was brought in (docs/adr/0008-history.md)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from maxa.shelf.catalogue import Edition
from maxa.shelf.release import SealedRelease

# Most codes were never touched again, and need no sorting by code.
_UNTOUCHED = """
SELECT since, count(*) FROM {rows} r WHERE NOT EXISTS (SELECT 1 FROM past WHERE past.code = r.code) GROUP BY since"""
_TOUCHED = """
SELECT since, before, active, count(*) FROM (
  SELECT since, active, lag(active) OVER (PARTITION BY code ORDER BY since) AS before FROM (
    SELECT code, since, active FROM past
    UNION ALL SELECT r.code, r.since, r.active FROM {rows} r WHERE r.code IN (SELECT code FROM past)))
GROUP BY since, before, active"""
_ROWS = {
    "codes": "(SELECT code, since, active FROM concept)",
    "map": "(SELECT source || char(31) || target AS code, since, active FROM pair)",
}


def happenings(release: SealedRelease) -> dict[int, Counter[str]]:
    """By ordinal of the release: codes (or pairs) by what became of them, as :mod:`maxa.diff` names it."""
    rows = _ROWS[release.manifest.kind]
    found: dict[int, Counter[str]] = defaultdict(Counter)
    for since, count in release.rows(_UNTOUCHED.format(rows=rows)):
        found[since]["added"] += count
    for since, before, active, count in release.rows(_TOUCHED.format(rows=rows)):
        found[since][_kind(before, active)] += count
    return dict(found)


def _kind(before: int | None, active: int) -> str:
    if before is None:
        return "added"
    if before == active:
        return "changed"
    return "restored" if active else "retired"


_NO_END = 1 << 60
# What stood through which releases: of codes that were never touched again by number, of the others one by one.
_KEPT = """
SELECT since, active, count(*) FROM {rows} r WHERE NOT EXISTS (SELECT 1 FROM past WHERE past.code = r.code)
GROUP BY since, active"""
_STOOD = """
SELECT code, since, until, active, hash FROM past
UNION ALL SELECT code, since, {end}, active, hash FROM {hashed} r WHERE code IN (SELECT code FROM past)
ORDER BY code, since"""
_HASHED = {
    "codes": "(SELECT code, since, active, hash FROM concept)",
    "map": "(SELECT source || char(31) || target AS code, since, active, hash FROM pair)",
}
Stood = tuple[int, int, int, int]  # from a release until another, active or not, and which content


def happenings_in_time(release: SealedRelease, line: Sequence[Edition]) -> dict[int, Counter[str]]:
    """By ordinal: what an edition did to the one before it in ``line``, which is in the order of time. An edition of
    history that was withdrawn is told as what it did, but stands before none: it never answered for any day."""
    found: dict[int, Counter[str]] = defaultdict(Counter)
    for stood, codes in _stood(release).items():
        before: tuple[int, int] | None = None
        for edition in line:
            now = next(((one[2], one[3]) for one in stood if one[0] <= edition.ordinal < one[1]), None)
            if now is None or now == before:
                continue  # a code that an edition does not know yet is not gone (ADR 8)
            same_status = before is not None and before[0] == now[0]
            found[edition.ordinal]["changed" if same_status else _kind(before[0] if before else None, now[0])] += codes
            if not (edition.withdrawn and edition.before is not None):
                before = now
    return dict(found)


def _stood(release: SealedRelease) -> Counter[tuple[Stood, ...]]:
    """How many codes went through the same: contents are numbered by their first appearance, so that few ways remain."""
    kind = release.manifest.kind
    ways: Counter[tuple[Stood, ...]] = Counter()
    for since, active, count in release.rows(_KEPT.format(rows=_ROWS[kind])):
        ways[((since, _NO_END, active, 0),)] += count
    rows = release.rows(_STOOD.format(end=_NO_END, hashed=_HASHED[kind]))
    for _, states in groupby(rows, key=lambda row: row[0]):
        ways[tuple(_numbered(row[1:] for row in states))] += 1
    return ways


def _numbered(states: Iterable[tuple[int, int, int, int]]) -> Iterator[Stood]:
    contents: dict[int, int] = {}
    for since, until, active, content in states:
        yield since, until, active, contents.setdefault(content, len(contents))
