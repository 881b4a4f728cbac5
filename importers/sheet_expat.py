"""The rows of a worksheet by expat: any legal XML, slower than the expression in sheet_xml.py."""

from __future__ import annotations

import re

from importers.cells import (
    LAST_COLUMN,
    LAST_ROW,
    Cell,
    ErrorValue,
    Formula,
    Number,
    RowBatch,
    column_letters,
    column_number,
)
from importers.refusals import damaged
from importers.xml import local_name, safe_parser

_REFERENCE = re.compile(r"\$?([A-Za-z]{1,3})\$?\d{1,7}")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def unescape_text(text: str) -> str:
    """``_x0007_`` in a string of a workbook stands for the character U+0007 (ECMA-376 part 1, §22.9.2.19)."""
    return _ESCAPED.sub(lambda m: chr(int(m[1], 16)), text) if "_x" in text else text


def typed_cell(kind: str, value: str, style: str, strings: list[str], formats: dict[str, str]) -> Cell:
    """The value of ``<v>`` by the cell's type (ECMA-376 part 1, §18.18.11)."""
    if kind in ("", "n"):
        return Number(value, formats.get(style, "")) if value else None
    if kind == "s":
        return strings[int(value)] if value else None
    if kind == "b":
        return value.strip() in ("1", "true") if value else None
    if kind == "e":
        return ErrorValue(value) if value else None
    return unescape_text(value)  # str, inlineStr, and d: a date as ISO text


class ExpatRows:
    """Feed it a worksheet (or its head and then whole rows) and take the rows read so far."""

    def __init__(
        self, strings: list[str], formats: dict[str, str], previous: int = 0, struck: frozenset[str] = frozenset()
    ) -> None:
        self._strings = strings
        self._struck_styles = struck
        self._struck: dict[int, list[str]] = {}
        self._formats = formats
        self._parser = safe_parser()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        self._number = previous
        self._column = 0
        self._row: dict[str, Cell] | None = None
        self._letters = ""
        self._kind = self._style = ""
        self._value: str | None = None
        self._inline: str | None = None
        self._formula = False
        self._collect: list[str] | None = None
        self._phonetic = False
        self._numbers: list[int] = []
        self._cells: list[dict[str, Cell]] = []
        self._hidden: list[int] = []
        self._blank = 0
        self.hidden_columns: list[tuple[int, int]] = []
        self.finished = False

    def feed(self, content: bytes) -> None:
        self._parser.Parse(content, False)

    def close(self) -> None:
        """Says that nothing follows: a document that is cut off is an error."""
        self._parser.Parse(b"", True)

    def pending(self) -> int:
        return len(self._numbers)

    def take(self, done: int) -> RowBatch:
        batch = RowBatch(self._numbers, self._cells, self._hidden, self._blank, done, self._struck)
        self._numbers, self._cells, self._hidden, self._blank, self._struck = [], [], [], 0, {}
        return batch

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        local = local_name(name)
        if local == "c" and self._row is not None:
            match = _REFERENCE.fullmatch(attributes.get("r", ""))
            self._column += 1
            if match:
                self._letters = match[1].upper()
                self._column = column_number(self._letters)
            else:
                self._letters = column_letters(self._column)
            if self._column > LAST_COLUMN:
                raise damaged("worksheet: more columns than a sheet can have")
            self._kind = attributes.get("t", "")
            self._style = attributes.get("s", "")
            self._value, self._inline, self._formula = None, None, False
        elif local == "v" or (local == "t" and not self._phonetic):
            self._collect = []
        elif local == "f":
            self._formula = True
        elif local == "rPh":
            self._phonetic = True
        elif local == "row" and not self.finished:
            self._begin_row(attributes)
        elif local == "col" and attributes.get("hidden") in ("1", "true"):
            first, last = int(attributes.get("min", 0)), int(attributes.get("max", 0))
            self.hidden_columns.append((first, last))

    def _begin_row(self, attributes: dict[str, str]) -> None:
        if self._row is not None:
            raise damaged(f"worksheet: row {self._number} has no end")
        self._number = int(attributes["r"]) if "r" in attributes else self._number + 1
        if not 0 < self._number <= LAST_ROW:
            raise damaged(f"worksheet: row {self._number}")
        self._row, self._column = {}, 0
        if attributes.get("hidden") in ("1", "true"):
            self._hidden.append(self._number)

    def _end(self, name: str) -> None:
        local = local_name(name)
        if local in ("v", "t") and self._collect is not None:
            text = "".join(self._collect)
            self._collect = None
            if local == "v":
                self._value = text
            else:
                self._inline = (self._inline or "") + text
        elif local == "rPh":
            self._phonetic = False
        elif local == "c" and self._row is not None:
            self._end_cell(self._row)
        elif local == "row" and self._row is not None:
            if self._row:
                self._numbers.append(self._number)
                self._cells.append(self._row)
            else:
                self._blank += 1
                if self._hidden and self._hidden[-1] == self._number:
                    self._hidden.pop()
            self._row = None
        elif local == "sheetData":
            self.finished = True

    def _end_cell(self, row: dict[str, Cell]) -> None:
        if self._kind == "inlineStr":
            cell: Cell = unescape_text(self._inline or "")
        else:
            cell = typed_cell(self._kind, (self._value or ""), self._style, self._strings, self._formats)
        if self._formula:
            cell = Formula(cell)  # type: ignore[arg-type]
        if cell is not None and cell != "":
            row[self._letters] = cell
            if self._style in self._struck_styles:
                self._struck.setdefault(self._number, []).append(self._letters)

    def _text(self, text: str) -> None:
        if self._collect is not None:
            self._collect.append(text)
