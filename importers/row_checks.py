"""Checks that look at several columns of a row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from importers.check import SheetReading

_TOLERANCE = 0.005  # relative values have at most two decimals


def check_titles(reading: SheetReading, values: dict[str, list[Any]]) -> None:
    """Of the fields of which one is enough, one must be filled; the first of them is missed where others stand in."""
    given = [field for field in reading.declared.any_of if field in values]
    if not given or None not in values[given[0]]:
        return
    notes = reading.columns[given[0]]
    codes = values[reading.declared.key.field]
    for index, value in enumerate(values[given[0]]):
        if value is not None or index in reading.bad:
            continue
        if any(values[other][index] is not None for other in given[1:]):
            notes.add("missing-value", index, "")
        else:
            notes.add("missing-title", index, str(codes[index]))


def check_sums(reading: SheetReading, values: dict[str, list[Any]]) -> None:
    """A total that is not the sum of its parts, where at least one part is given."""
    for check in reading.declared.checks:
        if check.total not in values or not all(part in values for part in check.parts):
            continue
        for index, total in enumerate(values[check.total]):
            parts = [value for part in check.parts if (value := values[part][index]) is not None]
            if total is not None and parts and abs(sum(parts) - total) > _TOLERANCE:
                reading.columns[check.total].add("total-differs", index, f"{total:g}", mended=f"{sum(parts):g}")
