"""Checks that look at several columns of a row."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from importers.codes import Code

if TYPE_CHECKING:
    from importers.check import SheetReading

_TOLERANCE = 0.005  # relative values have at most two decimals


def check_titles(
    reading: SheetReading, values: dict[str, list[Any]], known: Callable[[str], bool] | None = None
) -> None:
    """Of the fields of which one is enough, one must be filled; the first of them is missed where others stand in.

    ``known``: whether rows before this batch said what a code is, so that one more row of it need not. Fields of codes are no titles:
    a row may leave all of them empty (see Records).
    """
    given = [field for field in reading.declared.any_of if field in values]
    if not given or None not in values[given[0]] or isinstance(reading.columns[given[0]].column.type, Code):
        return
    notes = reading.columns[given[0]]
    codes = values[reading.declared.key.field]
    titled: set[Any] = set()
    for index, (value, code) in enumerate(zip(values[given[0]], codes, strict=True)):
        if index in reading.bad:
            continue
        if value is not None:
            titled.add(code)
        elif any(values[other][index] is not None for other in given[1:]):
            titled.add(code)
            notes.add("missing-value", index, "")
        elif known is None or (code not in titled and not known(code)):
            notes.add("missing-title", index, str(code))


def check_sums(reading: SheetReading, values: dict[str, list[Any]]) -> None:
    """A total that is not the sum of its parts, where at least one part is given."""
    for check in reading.declared.checks:
        if check.total not in values or not all(part in values for part in check.parts):
            continue
        for index, total in enumerate(values[check.total]):
            parts = [value for part in check.parts if (value := values[part][index]) is not None]
            if total is not None and parts and abs(sum(parts) - total) > _TOLERANCE:
                reading.columns[check.total].add("total-differs", index, f"{total:g}", mended=f"{sum(parts):g}")
