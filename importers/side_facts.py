"""What calamine does not tell of a sheet: hidden rows and columns, error cells, formulas, formats that show zeros."""

from __future__ import annotations

from dataclasses import dataclass, field

from importers.cells import Cell, ErrorValue, Formula, Number, column_letters

ERRORS = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A",
    0x2B: "#GETTING_DATA",
}  # fmt: skip  # [MS-XLS] §2.5.10, [MS-XLSB] §2.5.97.2
MOST = 4_000_000  # cells that are remembered of one sheet


@dataclass
class SideFacts:
    """Of one sheet. Rows and columns count from 1; ranges are inclusive."""

    hidden_rows: list[tuple[int, int]] = field(default_factory=list)
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)
    errors: dict[int, dict[int, str]] = field(default_factory=dict)  # row → column → text
    formulas: dict[int, dict[int, bool]] = field(default_factory=dict)  # row → column → whether a value is saved
    formats: dict[int, dict[int, str]] = field(default_factory=dict)  # row → column → number format
    _count: int = 0

    def add_error(self, row: int, column: int, text: str) -> None:
        if self._room():
            self.errors.setdefault(row, {})[column] = text

    def add_formula(self, row: int, column: int, *, valued: bool = True) -> None:
        if self._room():
            self.formulas.setdefault(row, {})[column] = valued

    def add_format(self, row: int, column: int, code: str) -> None:
        if self._room():
            self.formats.setdefault(row, {})[column] = code

    def _room(self) -> bool:
        self._count += 1
        return self._count <= MOST

    def complete(self, number: int, row: dict[str, Cell]) -> None:
        """Put into a row that calamine gave what it left out."""
        for column, text in self.errors.get(number, {}).items():
            row[column_letters(column)] = ErrorValue(text)
        for column, code in self.formats.get(number, {}).items():
            cell = row.get(column_letters(column))
            if isinstance(cell, Number):
                row[column_letters(column)] = Number(cell.raw, code)
        for column, valued in self.formulas.get(number, {}).items():
            cell = row.get(column_letters(column))
            if not isinstance(cell, Formula):
                row[column_letters(column)] = Formula("" if cell is None and valued else cell)

    def hidden_among(self, first: int, last: int, numbers: list[int]) -> list[int]:
        """Which of these rows, in order and between first and last, are hidden."""
        hidden: set[int] = set()
        for top, bottom in self.hidden_rows:
            if top <= last and bottom >= first:
                hidden.update(range(max(top, first), min(bottom, last) + 1))
        return [number for number in numbers if number in hidden]


def as_ranges(numbers: list[int]) -> list[tuple[int, int]]:
    """Runs of consecutive numbers, which come in order or not."""
    ranges: list[tuple[int, int]] = []
    for number in sorted(set(numbers)):
        if ranges and ranges[-1][1] == number - 1:
            ranges[-1] = (ranges[-1][0], number)
        else:
            ranges.append((number, number))
    return ranges
