"""Ranking within one edition, in SQL (DESIGN §5): the best of the first candidates, then static rank.

The *head* of a list of hits is found in up to four ways: by code, among titles that begin with the first word, among
those that hold the words as typed, among all; each in static rank (active, short, then code), some dozens of each.
The head is put in order by how well titles say the query; what comes after it, the *tail*, is in static rank. The head
is the same on every page, so that paging neither skips nor repeats.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson

from maxa.persian.analysis import items_of
from maxa.persian.fold import code_key, code_spelling
from maxa.search.lexicon import lexicon_of
from maxa.search.negation import NEGATIONS, asks_for_negation, denies
from maxa.search.plan import Plan, other_zeros
from maxa.search.synonyms import synonyms
from maxa.shelf.release import SealedRelease

HEAD = 32  # candidates in each way
MOST_CODES = 40
# Tiers, best first; a hit's place in the head is (retired, tier, static rank), but an exact code is first of all. In SQL
# tiers are doubled: odd ones stand for titles that say it in other words than were typed. BEGUN: side by side, but the
# last word is only the beginning of one. DENIED: maxa.search.negation.
EXACT_CODE, EXACT_TITLE, BEGINS_WHOLE, CODE_BEGINS, BEGINS, SIDE_BY_SIDE, BEGUN, IN_ORDER, HOLDS, OTHER, DENIED = range(
    11
)
_SHORT_CODE = 2  # signs: a letter and a digit begin so many codes that they are the words of a title first


@dataclass(frozen=True, slots=True)
class Ranked:
    """``tier`` (doubled) and ``active`` as in the order of the head; ``id`` is the concept's id and static rank."""

    id: int
    tier: int
    active: bool


@dataclass(slots=True)
class Head:
    """The first hits in order. The tail goes on after rank ``tail_after``; None when there is none. ``total`` is None
    where it must be counted, and is then known to be ``more_than`` so many. ``active_after``: the tail has active hits."""

    hits: list[Ranked]
    tail_after: int | None
    total: int | None
    more_than: int = 0
    active_after: bool = False


def head_of(release: SealedRelease, plan: Plan, low: int, high: int) -> Head:
    """The head of what ``plan`` finds among the ids from ``low`` to ``high``."""
    codes = _by_code(release, plan.code, low, high) if plan.code else {}
    wide = _matching(release, plan, plan.wide, low, high, HEAD + 1)
    after, wide = wide[HEAD:], wide[:HEAD]
    found: dict[int, None] = {}
    # Titles that say it better come before, but retired ones not before the active ones of the tail.
    last_active = release.count("active")
    active_after = bool(after) and after[0] <= last_active
    upto = min(high, last_active) if active_after else high
    if not after:
        tail_after, total = None, len({*wide, *codes})
    else:
        tail_after, total = wide[-1], None
        if plan.strict and plan.strict != plan.wide:
            found = dict.fromkeys(_matching(release, plan, plan.strict, low, upto, HEAD))
        if plan.starts:
            found.update(dict.fromkeys(_matching(release, plan, plan.starts, low, upto, HEAD)))
    found.update(dict.fromkeys(wide))
    found.update(dict.fromkeys(codes))
    denied = _denied_in(release, plan)
    hits = _ranked(release, plan, found, codes, denied)
    if denied and plan.wide and tail_after is not None and any(hit.tier == 2 * DENIED for hit in hits):
        # Titles that deny what is asked for may be the shorter ones, and keep the others out of the first.
        negations = " OR ".join(f'"{word}"' for word in denied)
        others = _matching(release, plan, f"({plan.wide}) NOT ({negations})", low, high, HEAD)
        found.update(dict.fromkeys(others))
        hits = _ranked(release, plan, found, codes, denied)
    return Head(hits, tail_after, total, active_after=active_after)


def tail_of(release: SealedRelease, plan: Plan, after: int, low: int, high: int, limit: int) -> list[int]:
    """Ids that match after rank ``after``, in static rank."""
    return _matching(release, plan, plan.wide, max(low, after + 1), high, limit)


def count_of(release: SealedRelease, plan: Plan, low: int, high: int, upto: int) -> int:
    """How many match, counted no further than ``upto``."""
    query, values = _select(plan, plan.wide, low, high, upto)
    return int(release.rows(f"SELECT count(*) FROM ({query})", values)[0][0])  # noqa: S608


def _matching(release: SealedRelease, plan: Plan, expression: str, low: int, high: int, limit: int) -> list[int]:
    return [number for (number,) in release.rows(*_select(plan, expression, low, high, limit))]


def _select(plan: Plan, expression: str, low: int, high: int, limit: int) -> tuple[str, tuple[Any, ...]]:
    conditions = "".join(f" AND {told}" for told, _ in plan.conditions)
    values = tuple(value for _, told in plan.conditions for value in told)
    if not expression:
        chosen = conditions.format(id="concept.id")
        query = f"SELECT id FROM concept WHERE id BETWEEN ? AND ?{chosen} ORDER BY id LIMIT ?"  # noqa: S608
        return query, (low, high, *values, limit)
    chosen = conditions.format(id="words.rowid")
    query = f"SELECT rowid FROM words WHERE words MATCH ? AND rowid BETWEEN ? AND ?{chosen} LIMIT ?"  # noqa: S608
    return query, (expression, low, high, *values, limit)


def _by_code(release: SealedRelease, typed: str, low: int, high: int) -> dict[int, int]:
    """Ids of the codes that the query may mean, with their tiers: the code itself in any spelling, then those that
    begin so. A number may have lost its leading zeros; a bare word begins no code."""
    key = code_key(typed)
    if not key or len(key) > 40:
        return {}
    rows = release.rows(
        "SELECT id FROM concept WHERE code_key IN (SELECT value FROM json_each(?)) AND id BETWEEN ? AND ? LIMIT ?",
        (orjson.dumps(other_zeros(key)).decode(), low, high, MOST_CODES),
    )
    found = {row[0]: EXACT_CODE for row in rows}
    if any(c.isdigit() for c in key) and (len(key) > _SHORT_CODE or (len(key) == _SHORT_CODE and key[0].isalpha())):
        begins = CODE_BEGINS if len(key) > _SHORT_CODE else BEGUN
        rows = release.rows(
            "SELECT id, code FROM concept WHERE code_key > ? AND code_key < ? AND id BETWEEN ? AND ? ORDER BY code_key LIMIT ?",
            (key, key + "\U0010ffff", low, high, MOST_CODES),
        )
        spelled = code_spelling(typed)
        for number, code in rows:
            # 718 of 718-7 is as good as the code: what follows the dash is a check digit.
            whole = code_spelling(code).partition("-")[0] == spelled
            found.setdefault(number, BEGINS_WHOLE if whole else begins)
    return found


def ranks_of(release: SealedRelease, *status: str) -> tuple[int, int]:
    """First and last id of what bears every ``status``: ids are sealed in static rank, active ones first."""
    active, total = release.count("active"), release.count("all")
    low, high = 1, total
    for one in status:
        if one == "active":
            high = min(high, active)
        elif one == "retired":
            low = max(low, active + 1)
    return low, high


def has_hits(release: SealedRelease, plan: Plan, *status: str) -> bool:
    """Whether ``plan`` finds anything that bears every ``status``."""
    return count_of(release, plan, *ranks_of(release, *status), 1) > 0


def is_code(release: SealedRelease, typed: str, *status: str) -> bool:
    """Whether ``typed`` is a code of the edition in any spelling, and bears every ``status``."""
    return EXACT_CODE in _by_code(release, typed, *ranks_of(release, *status)).values()


def _denied_in(release: SealedRelease, plan: Plan) -> tuple[str, ...]:
    """The negations that titles of the edition hold, where the query holds none."""
    if not plan.titles or asks_for_negation(plan.titles):
        return ()
    count = lexicon_of(release).count
    return tuple(word for word in NEGATIONS if count(word))


def _ranked(
    release: SealedRelease, plan: Plan, found: dict[int, None], codes: dict[int, int], denied: tuple[str, ...]
) -> list[Ranked]:
    """In the order of the head."""
    if not found:
        return []
    last_active = release.count("active")
    hits: list[tuple[bool, bool, int, int]] = []
    if plan.titles:
        query = _tiers(_shapes(plan.titles), tuple(map(len, plan.said)), plan.whole, denied)
        said = [f" {word} " for words in plan.said for word in words]
        values = [orjson.dumps(list(found)).decode(), *_told(plan.titles), *said]
        rows = [
            (number, 2 * DENIED if text and denies(text, plan.titles[0]) else tier)
            for number, tier, text in release.rows(query, tuple(values))
        ]
    else:
        rows = [(number, 2 * OTHER) for number in found]
    exact = _exact_code(plan.code) if codes else EXACT_CODE
    for number, tier in rows:
        if number in codes:
            tier = min(tier, 2 * (codes[number] or exact))
        hits.append((tier != EXACT_CODE, number > last_active, tier, number))
    hits.sort()
    return [Ranked(number, tier, not retired) for _, retired, tier, number in hits]


def _exact_code(typed: str) -> int:
    """The tier of the code that is typed. Letters alone are rather a word: ``IV`` is a chapter, and ``وریدی``."""
    if any(map(str.isdigit, typed)):
        return EXACT_CODE
    words = [word for item in items_of(typed) for word in item.words]
    return HOLDS if synonyms().of(tuple(word.stem for word in words)) else BEGINS_WHOLE


@lru_cache(maxsize=256)
def _tiers(
    shapes: tuple[tuple[bool, bool], ...], said: tuple[int, ...], known: bool, denied: tuple[str, ...] = ()
) -> str:
    """SQL that tells for each id the best tier (doubled) of the ways of saying the query, in either title. A shape is
    (more than one word, of Latin letters or not): a way in Persian letters is not looked for in the Latin title.
    ``said`` are the numbers of words of which all must be there for a tier above :data:`OTHER`. A query that is
    ``known`` as a whole is not taken for the beginning of a longer word before it is taken for what it says. Titles
    that hold a word of ``denied`` are given besides."""
    width = 6  # values for each shape
    there, at = [], width * len(shapes) + 2
    for n, count in enumerate(said):
        words = " AND ".join(f"(instr(fa, ?{at + k}) OR instr(en, ?{at + k}))" for k in range(count))
        there.append(f"WHEN {words} THEN {2 * HOLDS + int(n > 0)}")
        at += count
    rest = f"CASE {' '.join(there)} ELSE {2 * OTHER} END" if there else str(2 * OTHER)
    told = []
    for n, (several, latin) in enumerate(shapes):
        at, odd = width * n + 2, int(n > 0)
        # Two spaces between words: each is a whole one in the pattern, but for the last.
        in_order = f" WHEN replace({{column}}, ' ', '  ') GLOB ?{at + 3} THEN {2 * IN_ORDER + odd}" if several else ""
        as_one = f" OR instr({{column}}, ?{at + 4})" if several else ""
        begun = "" if known else f" WHEN instr({{column}}, ?{at + 2}) THEN {2 * BEGUN + odd}"
        holds = (
            f"CASE WHEN instr({{column}}, ?{at + 1}){as_one} THEN {2 * SIDE_BY_SIDE + odd}{begun}{in_order}"
            f" ELSE {2 * OTHER} END"
        )
        # Most titles begin with another letter: the costlier comparisons are for those that do not.
        partly = f" WHEN substr(replace({{column}}, ' ', ''), 1, length(?{at})) = ?{at} THEN {2 * BEGINS + odd}"
        begins = (
            f"CASE WHEN substr({{column}}, 2, 1) <> ?{at + 5} THEN {holds}"
            f" WHEN length({{column}}) <= 2 * length(?{at}) + 2 AND replace({{column}}, ' ', '') = ?{at}"
            f" THEN {2 * EXACT_TITLE + odd}"
            f" WHEN substr({{column}}, 1, length(?{at + 1})) = ?{at + 1} THEN {2 * BEGINS_WHOLE + odd}"
            f"{'' if known else partly} ELSE {holds} END"
        )
        told += [begins.format(column=column) for column in (("fa", "en") if latin else ("fa",))]
    best = f"min({', '.join(told)})" if len(told) > 1 else told[0]
    holding = " OR ".join(_holds(column, word) for word in denied for column in ("fa", "en"))
    both = f"CASE WHEN {holding} THEN fa || en END" if denied else "NULL"
    return (
        f"SELECT id, CASE WHEN best < {2 * OTHER} THEN best ELSE {rest} END, {both} FROM"  # noqa: S608
        f" (SELECT id, fa, en, {best} AS best FROM title WHERE id IN (SELECT value FROM json_each(?1)))"
    )


def _holds(column: str, negation: str) -> str:
    """Whether a title holds a negation before a word: ``no 3`` is the third of them."""
    there = f"instr({column}, ' {negation} ')"
    return f"{there} AND {column} GLOB '* {negation} [^0-9]*'" if negation == "no" else there


def _shapes(titles: tuple[str, ...]) -> tuple[tuple[bool, bool], ...]:
    return tuple((" " in title, any("a" <= c <= "z" for c in title) or title.isascii()) for title in titles)


def _told(titles: tuple[str, ...]) -> list[str]:
    """Values for :func:`_tiers`: written as one, whole words, with a last word that may be a beginning, in order, a
    whole word of all as one, and the first letter."""
    values: list[str] = []
    for title in titles:
        one, in_order = title.replace(" ", ""), "* " + " * ".join(title.split()) + "*"
        values += [one, f" {title} ", f" {title}", in_order, f" {one} ", title[0]]
    return values
