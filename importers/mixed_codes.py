"""A column whose codes are of several terminologies, each read by its own terminology's rules.

Another column names the terminology of each row; where none does, the shape of the code tells, when only one fits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from importers.cells import Cell, shown
from importers.codes import Code
from importers.declare import TerminologyBy
from importers.fields import EDGES, EMPTY, Notes, Unheard


class _Some:
    """Notes of some rows of the batch: ``rows`` are their indices in the whole of it."""

    def __init__(self, notes: Notes, rows: list[int], tally: Counter[str]) -> None:
        self._notes, self._rows = notes, rows
        self.tally = tally
        self.doubts: dict[int, dict[str, Any]] = {}
        self.beside: dict[int, str] = {}

    def add(self, rule: str, index: int, value: str | None = None, **data: Any) -> None:
        self._notes.add(rule, self._rows[index], value, **data)

    def add_for_column(self, rule: str, **data: Any) -> None:
        self._notes.add_for_column(rule, **data)

    def hand_on(self) -> None:
        self._notes.doubts.update((self._rows[index], doubt) for index, doubt in self.doubts.items())
        self._notes.beside.update((self._rows[index], text) for index, text in self.beside.items())


@dataclass(frozen=True)
class CodeOf(Code):
    """``types``: terminology → the type of its codes; ``by`` says how rows name it. ``pattern`` takes codes of all."""

    by: TerminologyBy = field(default_factory=TerminologyBy)
    types: Mapping[str, Code] = field(default_factory=dict, hash=False)

    def read(self, cells: list[Cell], notes: Notes) -> list[Any]:
        return self.read_named(cells, [None] * len(cells), notes)[0]

    def read_named(
        self, cells: list[Cell], names: list[str | None], notes: Notes
    ) -> tuple[list[Any], list[str | None], int]:
        """``names``: what each row says of its terminology. Gives the codes, the names with those that the codes told,
        and how many that were."""
        names, told = list(names), 0
        groups: dict[str, list[int]] = {}
        for index, (cell, name) in enumerate(zip(cells, names, strict=True)):
            found = self.by.id_of(name) if name else self.terminology_of(cell)
            if not name and found:
                names[index] = found
                told += 1
            groups.setdefault(found, []).append(index)
        codes: list[Any] = [None] * len(cells)
        for name, rows in groups.items():
            own = self.types.get(name)
            some = _Some(notes, rows, notes.tally)
            given = [cells[index] for index in rows]
            read = own.read(given, some) if own is not None else super().read(given, some)
            for index, code in zip(rows, read, strict=True):
                codes[index] = code
            some.hand_on()
        return codes, names, told

    def terminology_of(self, cell: Cell) -> str:
        """The one terminology whose codes look like this, ``""`` for none or several."""
        if shown(cell).strip(EDGES) in EMPTY:
            return ""
        fitting = [name for name, own in self.types.items() if own.read([cell], Unheard()) != [None]]
        return fitting[0] if len(fitting) == 1 else ""
