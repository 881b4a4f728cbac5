"""Cells merged over several rows: the value stands in the first row alone, and holds for all of them."""

from __future__ import annotations

from collections.abc import Iterable

from importers.cells import Cell
from importers.headings import Header


class MergedCells:
    """Fills the rows of a sheet as they come in order. Only mapped columns and rows below the headings count."""

    def __init__(self, merges: dict[str, list[tuple[int, int]]], header: Header) -> None:
        last = header.rows[-1]
        self._ranges = {
            letters: ranges[::-1]
            for letters in header.columns
            if (ranges := [(top, bottom) for top, bottom in merges.get(letters, ()) if top > last])
        }
        self._values: dict[str, Cell] = {}
        self._told: set[str] = set()

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
