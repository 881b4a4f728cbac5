"""Cells merged over several rows: the value stands in the first row alone, and holds for all of them."""

from __future__ import annotations

from collections.abc import Iterable

from importers.cells import Cell, Merged, column_letters, column_number
from importers.headings import Header


class MergedCells:
    """Fills the rows of a sheet as they come in order. Only mapped columns and rows below the headings count."""

    def __init__(self, merged: Iterable[Merged], header: Header) -> None:
        last = header.rows[-1]
        mapped = {column_number(letters) for letters in header.columns}
        down: dict[str, list[tuple[int, int]]] = {}
        self._across: dict[int, list[Merged]] = {}
        for one in merged:
            if one.top <= last:
                continue
            if one.top < one.bottom and one.left in mapped:
                down.setdefault(column_letters(one.left), []).append((one.top, one.bottom))
            if any(one.left < column <= one.right for column in mapped):
                self._across.setdefault(one.top, []).append(one)
        self._ranges = {letters: sorted(ranges, reverse=True) for letters, ranges in down.items()}
        self._values: dict[str, Cell] = {}
        self._told: set[str] = set()

    @property
    def any_across(self) -> bool:
        return bool(self._across)

    def across(self, number: int) -> Iterable[tuple[str, str]]:
        """Ranges that begin in this row and swallow cells of further mapped columns: their first column, and all of
        them as Excel names them."""
        for top, left, bottom, right in self._across.get(number, ()):
            yield column_letters(left), f"{column_letters(left)}{top}:{column_letters(right)}{bottom}"

    def fill(self, numbers: list[int], cells: list[dict[str, Cell]]) -> Iterable[str]:
        """Put the values into the rows. Gives the columns in which that happened for the first time."""
        touched = set()
        for letters, ranges in self._ranges.items():
            for number, row in zip(numbers, cells, strict=True):
                while ranges and ranges[-1][1] < number:
                    ranges.pop()
                if not ranges:
                    break
                top, bottom = ranges[-1]
                if number == top:
                    self._values[letters] = row.get(letters)
                elif top < number <= bottom and letters not in row and self._values.get(letters) is not None:
                    row[letters] = self._values[letters]
                    touched.add(letters)
        new = touched - self._told
        self._told |= new
        return sorted(new)
