"""How many codes each release of a list added, changed, retired and restored, from the newest sealed file alone."""

from __future__ import annotations

from collections import Counter, defaultdict

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
