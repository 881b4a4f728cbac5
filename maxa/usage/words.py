"""Which searched words may be kept: never what could be somebody's number or message."""

from __future__ import annotations

import re

from maxa.persian.fold import fold

LONGEST = 60
_DIGITS_IN_A_ROW = 8  # national numbers have 10, phone numbers 8 and more
_BETWEEN_DIGITS = re.compile(r"(?<=\d)[\s\-_./()+,]+(?=\d)")
_NUMBER = re.compile(rf"\d{{{_DIGITS_IN_A_ROW}}}")


def kept_words(text: str) -> str | None:
    """The folded words, or None for what is not kept: nothing at all, more than 60 letters, addresses with an @, and 8
    or more digits in a row, however they are grouped."""
    if len(text) > 4 * LONGEST:
        return None
    folded = fold(text).strip()
    if not 0 < len(folded) <= LONGEST or "@" in folded or not folded.isprintable():
        return None
    return None if _NUMBER.search(_BETWEEN_DIGITS.sub("", folded)) else folded
