"""Look-ups in a map's sealed release: forward and reverse, for one code or for thousands at once."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple

from maxa.shelf.release import Pair, SealedRelease, json_array

PAIR_COLUMNS = "source, target, relationship, active, part, properties, since"
_ENDS = {False: ("source", "target"), True: ("target", "source")}
_STEP = 5_000


class Size(NamedTuple):
    """How much an edition of a map relates: active pairs, and the codes on either side of them."""

    pairs: int
    sources: int
    targets: int


def pairs_of(release: SealedRelease, codes: Collection[str], *, reverse: bool = False) -> dict[str, list[Pair]]:
    """Active pairs of each of ``codes`` that has any: from the source terminology's codes to targets, or with
    ``reverse`` from the target terminology's codes to sources; those of a code in the order of their other end."""
    near, far = _ENDS[reverse]
    query = (
        f"SELECT {PAIR_COLUMNS} FROM pair WHERE {near} IN (SELECT value FROM json_each(?)) AND active = 1"  # noqa: S608
        f" ORDER BY {near}, {far}"
    )
    found: dict[str, list[Pair]] = {}
    for row in release.rows(query, (json_array(codes),)):
        pair = Pair(*row)
        found.setdefault(row[1] if reverse else row[0], []).append(pair)
    return found


def pair_tails(
    release: SealedRelease, codes: Collection[str], *, reverse: bool = False
) -> list[tuple[str, str, bytes]]:  # fmt: skip
    """As :func:`pairs_of`, bare: (code, other end, the rest of the pair's JSON object from its second field on), in the
    order of both, which is that of the array and of the index. SQLite writes the JSON: in Python it takes twice as long."""
    near, far = _ENDS[reverse]
    query = (
        f"SELECT {near}, {far}, CAST(',\"relationship\":' || json_quote(relationship) || ',\"part\":' || json_quote(part)"  # noqa: S608
        " || ',\"properties\":' || coalesce(nullif(properties, ''), '{}') || '}' AS BLOB)"
        f" FROM json_each(?) j CROSS JOIN pair p INDEXED BY pair_{near} ON p.{near} = j.value WHERE active = 1"
    )
    return release.rows(query, (json_array(sorted(set(codes))),))


def with_pairs(release: SealedRelease, codes: Collection[str], *, reverse: bool = False) -> set[str]:
    """Those of ``codes`` that have an active pair."""
    near, _ = _ENDS[reverse]
    query = f"SELECT DISTINCT {near} FROM pair WHERE {near} IN (SELECT value FROM json_each(?)) AND active = 1"  # noqa: S608
    return {code for (code,) in release.rows(query, (json_array(codes),))}


def ends(release: SealedRelease, *, reverse: bool = False) -> Iterator[list[str]]:
    """All codes with an active pair, on the source's side or with ``reverse`` on the target's, in code order."""
    near, _ = _ENDS[reverse]
    query = f"SELECT DISTINCT {near} FROM pair WHERE active = 1 AND {near} > ? ORDER BY {near} LIMIT ?"  # noqa: S608
    after = ""
    while codes := [code for (code,) in release.rows(query, (after, _STEP))]:
        yield codes
        after = codes[-1]


def pair_page(
    release: SealedRelease,
    *,
    after: tuple[str, str] | None,
    limit: int,
    status: str = "active",
    part: str | None = None,
) -> list[Pair]:
    """Pairs after ``after`` (source, target) in their order; ``status`` is active, retired or all."""
    where = {"active": "active = 1 AND ", "retired": "active = 0 AND ", "all": ""}[status]
    if part is not None:
        where += "part = ? AND "
    query = f"SELECT {PAIR_COLUMNS} FROM pair WHERE {where}(source, target) > (?, ?) ORDER BY source, target LIMIT ?"  # noqa: S608
    parameters = (*((part,) if part is not None else ()), *(after or ("", "")), limit)
    return [Pair(*row) for row in release.rows(query, parameters)]


def count_pairs(release: SealedRelease, *, status: str, part: str | None) -> int:
    if part is None:
        return release.count(status)
    where = {"active": "active = 1 AND ", "retired": "active = 0 AND ", "all": ""}[status]
    return int(release.rows(f"SELECT count(*) FROM pair WHERE {where}part = ?", (part,))[0][0])  # noqa: S608


def size_of(release: SealedRelease) -> Size:
    query = "SELECT count(*), count(DISTINCT source), count(DISTINCT target) FROM pair WHERE active = 1"
    return Size(*release.rows(query)[0])


def relationships(release: SealedRelease) -> dict[str, int]:
    """Relationship → number of active pairs, the commonest first."""
    query = "SELECT relationship, count(*) FROM pair WHERE active = 1 GROUP BY relationship ORDER BY 2 DESC, 1"
    return dict(release.rows(query))
