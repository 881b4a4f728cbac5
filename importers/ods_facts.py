"""Hidden rows and columns, error cells and formulas of .ods, which calamine passes over (OpenDocument 1.3, part 3 §9)."""

from __future__ import annotations

from importers.cells import LAST_COLUMN, LAST_ROW
from importers.package import Package
from importers.refusals import broken_input_is_refused
from importers.side_facts import SideFacts
from importers.xml import safe_parser
from maxa.errors import BadWorkbook

_TABLE = "urn:oasis:names:tc:opendocument:xmlns:table:1.0 "
_VALUE_TYPE = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0 value-type"
_OFFICE_TYPE = "urn:oasis:names:tc:opendocument:xmlns:office:1.0 value-type"
_HIDDEN = ("collapse", "filter")
_CHUNK = 1 << 18


def ods_facts(package: Package) -> dict[str, SideFacts]:
    """Facts by the sheet's name; none from where the XML is broken."""
    reader = _Reader()
    try:
        with package.open("content.xml") as stream, broken_input_is_refused("content.xml"):
            while block := stream.read(_CHUNK):
                reader.parser.Parse(block, False)
    except BadWorkbook:
        pass  # calamine reads the same bytes, and says what is wrong with them
    return reader.sheets


class _Reader:
    def __init__(self) -> None:
        self.sheets: dict[str, SideFacts] = {}
        self._facts = SideFacts()
        self._row = self._column = 0
        self._error: tuple[int, int, str] | None = None
        self._repeat = 1
        self.parser = safe_parser()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text

    def _start(self, name: str, given: dict[str, str]) -> None:
        if not name.startswith(_TABLE):
            return
        local = name[len(_TABLE) :]
        hidden = given.get(f"{_TABLE}visibility") in _HIDDEN
        if local == "table":
            self._facts = self.sheets.setdefault(given.get(f"{_TABLE}name", ""), SideFacts())
            self._row = self._column = 0
        elif local == "table-column":
            repeat = _count(given.get(f"{_TABLE}number-columns-repeated"), LAST_COLUMN)
            if hidden:
                self._facts.hidden_columns.append((self._column + 1, self._column + repeat))
            self._column += repeat
        elif local == "table-row":
            self._repeat = _count(given.get(f"{_TABLE}number-rows-repeated"), LAST_ROW)
            if hidden:
                self._hide_rows(self._row + 1, self._row + self._repeat)
            self._row, self._column = self._row + 1, 0
        elif local in ("table-cell", "covered-table-cell"):
            self._column += 1
            if f"{_TABLE}formula" in given:
                self._facts.add_formula(self._row, self._column, valued=_OFFICE_TYPE in given)
            if given.get(_VALUE_TYPE) == "error":
                self._error = (self._row, self._column, "")
            self._column += _count(given.get(f"{_TABLE}number-columns-repeated"), LAST_COLUMN) - 1

    def _hide_rows(self, first: int, last: int) -> None:
        ranges = self._facts.hidden_rows
        if ranges and ranges[-1][1] == first - 1:
            first = ranges.pop()[0]
        ranges.append((first, last))

    def _end(self, name: str) -> None:
        if name == f"{_TABLE}table-row":
            self._row += self._repeat - 1
        elif name == f"{_TABLE}table-cell" and self._error is not None:
            row, column, text = self._error
            self._facts.add_error(row, column, text.strip()[:20] or "#N/A")
            self._error = None

    def _text(self, text: str) -> None:
        if self._error is not None:
            row, column, before = self._error
            self._error = (row, column, before + text[:40])


def _count(text: str | None, most: int) -> int:
    return min(max(int(text), 1), most) if text and text.isascii() and text.isdigit() and len(text) < 9 else 1
