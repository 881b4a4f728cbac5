"""Several tests in one query (``pt inr``, ``alt/ast``, ``718-7 2345-7``): titles never hold them together, each is meant."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from maxa.persian.analysis import items_of
from maxa.search.plan import plan_for
from maxa.search.query import Codes, Either, Query, Words
from maxa.search.rank import has_hits, is_code
from maxa.search.synonyms import sections
from maxa.shelf.release import SealedRelease

# What is said of a test, and is none by itself.
_QUALIFIERS = frozenset(
    {"total", "تام", "توتال", "free", "ازاد", "direct", "مستقیم", "indirect", "غیر", "ratio", "نسبت"}
)
_DIVIDES = re.compile(r"[\s,،؛;/+]+")
_MOST = 8
_LONGEST = 6  # words of one name
_LEAST = 2  # letters
Key = tuple[str, ...]


def several_in_one(releases: Sequence[SealedRelease], text: str, status: str = "all") -> Query | None:
    """Any of what ``text`` names, if every piece of it is a code or the name of a test that finds something of ``status`` in
    one edition; None where a piece is not."""
    pieces = [piece for piece in _DIVIDES.split(text) if piece]
    if len(pieces) < 2 or not (any(map(str.isdigit, pieces[0])) or _named_from(pieces, 0)):
        return None
    return next(filter(None, (_several_in(release, pieces, status) for release in releases)), None)


def _several_in(release: SealedRelease, pieces: list[str], status: str) -> Query | None:
    found: list[tuple[str, Words | Codes]] = []
    at = 0
    while at < len(pieces):
        if any(map(str.isdigit, pieces[at])) and is_code(release, pieces[at], status):
            found.append((f"code:{pieces[at]}", Codes(pieces[at], beginning=False)))
            at += 1
            continue
        end = _named_from(pieces, at)
        if not end:
            return None
        told = " ".join(pieces[at:end])
        found.append((told if end == at + 1 else f"({told})", Words(tuple(items_of(told)))))
        at = end
    if not 2 <= len({told for told, _ in found}) <= _MOST:
        return None
    if not all(_finds(release, told, node, status) for told, node in found):
        return None
    words = tuple(item for _, node in found if isinstance(node, Words) for item in node.items)
    divider = " OR " if all(map(str.isascii, pieces)) else " یا "
    return Query(divider.join(told for told, _ in found), Either(tuple(node for _, node in found)), words, False)


def _finds(release: SealedRelease, told: str, node: Words | Codes, status: str) -> bool:
    plan = plan_for(Query(told, node, node.items if isinstance(node, Words) else (), False), release)
    return plan is not None and has_hits(release, plan, status)


def _named_from(pieces: list[str], at: int) -> int:
    """Where the longest name ends that begins at a piece; 0 for none."""
    return next((end for end in range(min(len(pieces), at + _LONGEST), at, -1) if _is_named(pieces[at:end])), 0)


def _is_named(pieces: Sequence[str]) -> bool:
    key = tuple(word.text for piece in pieces for item in items_of(piece) for word in item.words)
    return sum(map(len, key)) >= _LEAST and key in _names() and not (len(key) == 1 and key[0] in _QUALIFIERS)


@cache
def _names() -> frozenset[Key]:
    forms = [form for section in sections() if section.orderable for group in section.groups for form in group]
    return frozenset(tuple(word.text for item in items_of(form) for word in item.words) for form in forms)
