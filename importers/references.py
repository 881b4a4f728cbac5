"""Codes that rows refer to, such as panels and successors: they should be codes of the workbook."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from importers.spool import Spool

if TYPE_CHECKING:
    from importers.check import SheetReading


class References:
    """Of one sheet. Each code that is missing is told once, at the first row that refers to it."""

    def __init__(self, reading: SheetReading, spool: Spool) -> None:
        self._reading, self._spool = reading, spool
        self._referring = [notes for notes in reading.columns.values() if notes.column.refers_to]
        self._first: dict[tuple[str, str], int] = {}  # (field, code) → first row

    def note(self, numbers: list[int], values: dict[str, list[Any]]) -> None:
        for notes in self._referring:
            field = notes.column.field
            for index, value in enumerate(values[field]):
                for code in value if isinstance(value, list) else (value,):
                    if code is not None:
                        self._first.setdefault((field, code), numbers[index])

    def tell_unknown(self) -> None:
        """When all sheets of the workbook are read."""
        for (field, code), row in self._first.items():
            notes = self._reading.columns[field]
            if not self._spool.holds(notes.column.refers_to or "", code):
                self._reading.tell("unknown-reference", row, code, column=notes.letters, heading=notes.heading)
