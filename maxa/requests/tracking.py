"""Tracking numbers, ``7K3M-9QXD-2TRZ``: read out on the phone, written down by hand, guessed by nobody.

Eleven letters of 31 (54 bits) and one that checks them. No I, L, O, U, V, which are misread for others; 31 is prime, so that
the weighted sum finds every single wrong letter and every two letters that changed places.
"""

from __future__ import annotations

from maxa.persian.fold import latin_digits

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTWXYZ"
LENGTH = 12
_BASE = len(ALPHABET)
_GROUP = 4
_VALUES = {letter: value for value, letter in enumerate(ALPHABET)}
_VALUES |= {"O": 0, "I": 1, "L": 1}  # as they are read
_LONGEST = 60  # of what is typed, with whatever stands between the letters


def tracking_of(number: int) -> str:
    """The tracking number of a whole number; what is beyond 31^11 wraps."""
    values = []
    for _ in range(LENGTH - 1):
        number, value = divmod(number, _BASE)
        values.append(value)
    # the check letter makes the sum over all places 0; 12 has an inverse, 31 being prime
    values.append(-_weighted(values) * pow(LENGTH, -1, _BASE) % _BASE)
    return _grouped(values)


def read_tracking(text: str) -> str | None:
    """The tracking number as it was given out, however it was typed: Persian digits, lower case, spaces, no dashes. None
    where it is none."""
    if len(text) > _LONGEST:
        return None
    letters = [letter for letter in latin_digits(text).upper() if letter.isalnum()]
    values = [_VALUES.get(letter, -1) for letter in letters]
    if len(values) != LENGTH or -1 in values or _weighted(values):
        return None
    return _grouped(values)


def _weighted(values: list[int]) -> int:
    return sum(place * value for place, value in enumerate(values, start=1)) % _BASE


def _grouped(values: list[int]) -> str:
    letters = "".join(ALPHABET[value] for value in values)
    return "-".join(letters[start : start + _GROUP] for start in range(0, LENGTH, _GROUP))
