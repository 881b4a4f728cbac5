"""Tell rows of data from what else stands between headings and the end of a sheet.

Section titles, notes, totals, repeated headings and blank rows are passed over, each counted and, where it says
something, told as a finding: nothing is dropped in silence.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from importers.cells import Cell, Formula, Number, column_number, shown
from importers.codes import Code
from importers.fields import EDGES, EMPTY
from importers.findings import CONTROLS
from importers.headings import Header
from maxa.persian.fold import fold

Tell = Callable[[str, int, str], None]  # rule, row, value

_NOTE = re.compile(
    r"(\*\s*\w|جمع|مجموع|تعداد|توضیح|تذکر|نکته|یادداشت|توجه|منبع|ماخذ|پایان|total\b|sum\b|note\b|source\b)"
)
_LONGEST_SECTION = 300  # characters; a longer text is a remark
_CODE_LIKE = re.compile(r"[\w.\-/]*\d[\w.\-/]*")


class RowKinds:
    """Sorts the rows of one sheet, which come in order. ``passed_over`` counts by reason."""

    def __init__(self, header: Header, tell: Tell) -> None:
        self._tell = tell
        self._header = header
        self._mapped = list(header.columns)
        self._key = next(letters for letters, column in header.columns.items() if column.key)
        key_type = header.columns[self._key].type
        # A loose pattern takes words as well: then a code alone does not make a row one of data.
        self._matches: Callable[[str], Any] = bool
        if isinstance(key_type, Code):
            self._matches = _never if key_type.loose else key_type.matches
        self._last_column = max(column_number(letters) for letters in header.headings)
        self._pending: list[tuple[int, str]] = []
        self.passed_over: Counter[str] = Counter()
        self.section: str | None = None

    def data_rows(self, numbers: list[int], cells: list[dict[str, Cell]]) -> tuple[list[int], list[str | None]]:
        """Indices of the rows of data, and the section title that each stands under."""
        kept: list[int] = []
        sections: list[str | None] = []
        key, matches = self._key, self._matches
        for index, row in enumerate(cells):
            cell = row.get(key)
            plain = cell.__class__ is Number or (cell.__class__ is str and matches(cell))
            if not plain and not self._is_data(numbers[index], row):
                continue
            if self._pending:
                self._settle("section")
            kept.append(index)
            sections.append(self.section)
        return kept, sections

    def above(self, numbers: Iterable[int]) -> None:
        """Rows down to the headings: titles, and the headings themselves."""
        for number in numbers:
            self.passed_over["header" if number in self._header.rows else "title"] += 1

    def end(self) -> None:
        """After the last row: lone texts that no data followed were notes."""
        if self._pending:
            self._settle("note")

    def _settle(self, reason: str) -> None:
        self.passed_over[reason] += len(self._pending)
        if reason == "section":
            self.section = next(
                (text for _, text in reversed(self._pending) if len(text) <= _LONGEST_SECTION), self.section
            )
        for number, text in self._pending:
            kept = reason == "section" and self._header.sheet.section and len(text) <= _LONGEST_SECTION
            if not kept:  # else it is a property of the rows below
                self._tell("row-passed-over", number, text)
        self._pending = []

    def _is_data(self, number: int, row: dict[str, Cell]) -> bool:
        texts = {letters: text for letters, cell in row.items() if (text := shown(cell).strip(EDGES)) not in EMPTY}
        mapped = any(letters in texts or _is_odd(row.get(letters)) for letters in self._mapped)
        if len(texts) == 1:
            letters, text = next(iter(texts.items()))
            inside = column_number(letters) <= self._last_column
            if inside and not isinstance(row[letters], Number) and not _CODE_LIKE.fullmatch(text):
                self._pending.append((number, " ".join(CONTROLS.sub("", text).split())))
                return False
        if not mapped:
            return self._outside(number, texts)
        if self._repeats_header(texts):
            self.passed_over["repeated-header"] += 1
            return False
        key = texts.get(self._key, "")
        if len(texts) <= 2 and not any(map(str.isdigit, key)) and _NOTE.match(fold(next(iter(texts.values()), ""))):
            self.passed_over["note"] += 1
            self._tell("row-passed-over", number, " ".join(texts.values()))
            return False
        return True

    def _outside(self, number: int, texts: dict[str, str]) -> bool:
        if all(letters in self._header.ignored for letters in texts):
            self.passed_over["blank"] += 1  # numbered beforehand, or only dashes
        else:
            self.passed_over["outside-columns"] += 1
            self._tell("row-outside-columns", number, " ".join(texts.values()))
        return False

    def _repeats_header(self, texts: dict[str, str]) -> bool:
        same = sum(self._header.is_heading(letters, text) for letters, text in texts.items())
        return same >= 2 and 2 * same >= len(texts)


def _never(text: str) -> bool:
    return False


def _is_odd(cell: Cell) -> bool:
    """A cell that shows nothing but must be told of: a formula without a saved value. One whose value is an empty text,
    as in rows that were filled with formulas beforehand, is as good as empty."""
    if isinstance(cell, Formula):
        return cell.value is None
    return cell is not None and not isinstance(cell, str | Number)
