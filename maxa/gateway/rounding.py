"""Codes of sixteen digits that a spreadsheet damaged (FACTS §8).

Excel keeps fifteen digits of a number: the sixteenth becomes 0, by cutting or by rounding (which may carry), and
leading zeros are dropped. Saved as CSV, a long number becomes what its cell showed: ``5.79693E+14``.
"""

from __future__ import annotations

import re

from maxa.gateway.spelling import same_title
from maxa.persian.fold import code_spelling, latin_digits
from maxa.shelf.release import Concept, SealedRelease

LENGTH = 16
_DAMAGED = re.compile(r"[0-9]{13,16}")
_SHOWN = re.compile(r"([0-9])(?:[.,/\u066b]([0-9]{1,14}))?[eE]\+?([0-9]{1,2})")
_MOST = 100  # codes that a shown number may stand for, if the title is to tell which
_CUT = 9  # 7210201495605784 cut to …780
_ROUNDED_UP = 5  # 1114266489716695 rounded to …700


def unrounded(release: SealedRelease, code: str, value: str) -> list[Concept]:
    """The codes that ``code`` may have been before a spreadsheet opened it; the one with the title ``value`` alone,
    if there is exactly one such. Empty when ``code`` shows no such damage."""
    if len(code) > 4 * LENGTH:
        return []
    shown = _SHOWN.fullmatch(latin_digits(code).strip())
    if shown is not None:
        return _as_shown(release, shown, value)
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
    titled = _titled(candidates, value)
    return titled if len(titled) == 1 else candidates


def _as_shown(release: SealedRelease, shown: re.Match[str], value: str) -> list[Concept]:
    """The codes that are shown so. Of many, only the one with the title."""
    digits, exponent = shown[1] + (shown[2] or ""), int(shown[3])
    unit = 10 ** (exponent + 1 - len(digits)) if len(digits) <= exponent + 1 <= LENGTH else 0
    if not unit:
        return []
    low, high = int(digits) * unit - unit // 2, int(digits) * unit + unit // 2
    found = release.between(f"{max(0, low):016}", f"{min(10**LENGTH - 1, high):016}", limit=_MOST + 1)
    candidates = _of_sixteen(found)
    titled = _titled(candidates, value)
    if len(found) <= _MOST and len(titled) == 1:
        return titled
    return candidates if len(found) <= _ROUNDED_UP + _CUT else []


def _titled(candidates: list[Concept], value: str) -> list[Concept]:
    return [c for c in candidates if value and same_title(value, c)]


def _of_sixteen(concepts: list[Concept]) -> list[Concept]:
    return [c for c in concepts if len(c.code) == LENGTH and c.code.isdigit()]
