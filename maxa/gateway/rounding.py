"""Codes of sixteen digits that a spreadsheet damaged (FACTS §8).

Excel keeps fifteen digits of a number: the sixteenth becomes 0, by cutting or by rounding (which may carry), and
leading zeros are dropped.
"""

from __future__ import annotations

import re

from maxa.gateway.spelling import same_title
from maxa.persian.fold import code_spelling
from maxa.shelf.release import Concept, SealedRelease

LENGTH = 16
_DAMAGED = re.compile(r"[0-9]{13,16}")
_CUT = 9  # 7210201495605784 cut to …780
_ROUNDED_UP = 5  # 1114266489716695 rounded to …700


def unrounded(release: SealedRelease, code: str, value: str) -> list[Concept]:
    """The codes that ``code`` may have been before a spreadsheet opened it; the one with the title ``value`` alone,
    if there is exactly one such. Empty when ``code`` shows no such damage."""
    if len(code) > 4 * LENGTH:
        return []
    digits = code_spelling(code)
    if not _DAMAGED.fullmatch(digits):
        return []
    if len(digits) < LENGTH:
        candidates = _of_sixteen(release.between(digits.zfill(LENGTH), digits.zfill(LENGTH)))
    elif digits.endswith("0"):
        number = int(digits)
        low, high = max(0, number - _ROUNDED_UP), min(10**LENGTH - 1, number + _CUT)
        candidates = _of_sixteen(release.between(f"{low:016}", f"{high:016}", limit=_ROUNDED_UP + _CUT + 1))
    else:
        return []
    titled = [c for c in candidates if value and same_title(value, c)]
    return titled if len(titled) == 1 else candidates


def _of_sixteen(concepts: list[Concept]) -> list[Concept]:
    return [c for c in concepts if len(c.code) == LENGTH and c.code.isdigit()]
