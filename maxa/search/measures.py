"""The same mass in other units: ``1 g`` is ``1000 mg``, ``0.5 mg`` is ``500 mcg``. Only decimal, exact conversions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from maxa.persian.analysis import Word

# Powers of ten of a gram, each with its spellings as they are indexed.
_UNITS = {
    0: ("g", "gr", "gram", "گرم"),
    -3: ("mg", "milligram", "میلیگرم"),
    -6: ("mcg", "ug", "microgram", "میکروگرم"),
}
_POWER = {unit: power for power, units in _UNITS.items() for unit in units}
_NUMBER = re.compile(r"\d{1,7}(?:d\d{1,6})?")  # as the analysis writes a decimal: 2d5
_LEAST, _MOST = Decimal("0.001"), Decimal(1_000_000)  # amounts beyond are in no list


def same_measures(words: Sequence[Word]) -> list[tuple[str, str]]:
    """(number, unit) of the same mass in other units, for a number and the words of its unit; ``[]`` for anything else."""
    power = _POWER.get("".join(word.written for word in words[1:]))
    if power is None or not _NUMBER.fullmatch(words[0].text):
        return []
    amount = Decimal(words[0].text.replace("d", "."))
    found = []
    for other, units in _UNITS.items():
        converted = amount.scaleb(power - other)
        if other != power and _LEAST <= converted <= _MOST:
            number = f"{converted:f}".rstrip("0").rstrip(".") if converted % 1 else f"{converted:.0f}"
            found += [(number.replace(".", "d"), unit) for unit in units]
    return found
