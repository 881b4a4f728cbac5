"""Sheets of CSV files and of HTML tables (which many web systems export under the name ``.xls``)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from importers.cells import Cell, RowBatch, column_letters
from importers.refusals import damaged, refusal

ROWS_A_BATCH = 2_000
_LONGEST_FIELD = 1 << 20
_DELIMITERS = (",", ";", "\t", "|")
_MOST_COLUMNS = 16_384
_BLOCKS = {"br", "p", "div", "li"}


class TextSheet:
    """Rows that are at hand already, as lists of texts."""

    hidden = False

    def __init__(self, name: str, rows: list[tuple[int, list[str]]], size: int) -> None:
        self.name = name
        self.size = size
        self.hidden_columns: list[tuple[int, int]] = []
        self.rows = rows

    def batches(self) -> Iterator[RowBatch]:
        total = max(len(self.rows), 1)
        for start in range(0, max(len(self.rows), 1), ROWS_A_BATCH):
            numbers: list[int] = []
            cells: list[dict[str, Cell]] = []
            blank = 0
            for number, values in self.rows[start : start + ROWS_A_BATCH]:
                row: dict[str, Cell] = {
                    column_letters(at): value
                    for at, value in enumerate(values, start=1)
                    if value and not value.isspace()
                }
                if row:
                    numbers.append(number)
                    cells.append(row)
                else:
                    blank += 1
            yield RowBatch(numbers, cells, [], blank, self.size * min(start + ROWS_A_BATCH, total) // total)

    def merges(self) -> dict[str, list[tuple[int, int]]]:
        return {}


class CsvBook:
    """One sheet. The encoding is UTF-8 or UTF-16 by its mark, else UTF-8 if it decodes, else Windows-1256."""

    kind = "csv"
    tells_all = False

    def __init__(self, path: Path) -> None:
        text = decoded(path.read_bytes())
        delimiter = _delimiter_of(text)
        limit = csv.field_size_limit(_LONGEST_FIELD)
        rows: list[tuple[int, list[str]]] = []
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        try:
            # Excel numbers records, not lines: a cell may hold line breaks.
            for number, values in enumerate(reader, start=1):
                if len(values) > _MOST_COLUMNS:
                    raise damaged(f"CSV: row {number} has {len(values)} columns")
                rows.append((number, values))
        except csv.Error as error:
            raise damaged(f"CSV, line {reader.line_num}: {error}") from error
        finally:
            csv.field_size_limit(limit)
        self.sheets = [TextSheet(path.stem, rows, len(text))]


def decoded(content: bytes) -> str:
    """Text of a CSV or HTML file. Raises BadWorkbook (not-a-workbook) for bytes that are no text."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return content.decode("utf-16")
        except UnicodeDecodeError:
            raise _no_text() from None
    sample = content[:65_536]
    if b"\0" in sample or sum(byte < 32 and byte not in (9, 10, 11, 12, 13) for byte in sample) > len(sample) // 50:
        raise _no_text()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1256", errors="replace")


def _no_text() -> Exception:
    return refusal("not-a-workbook", seen_fa="داده‌های دودویی ناشناخته", seen_en="binary data of an unknown kind")


def _delimiter_of(text: str) -> str:
    """The separator that stands most often outside quotes in the first lines."""
    counts = dict.fromkeys(_DELIMITERS, 0)
    quoted = False
    for character in text[:20_000]:
        if character == '"':
            quoted = not quoted
        elif not quoted and character in counts:
            counts[character] += 1
    return max(_DELIMITERS, key=lambda delimiter: counts[delimiter])


class HtmlBook:
    """One sheet for each table. ``rowspan`` and ``colspan`` leave their extra cells empty, as a merge in Excel does."""

    kind = "html"
    tells_all = False

    def __init__(self, path: Path) -> None:
        text = decoded(path.read_bytes())
        reader = _Tables()
        reader.feed(text)
        reader.close()
        self.sheets = [
            TextSheet(f"table {number}", list(enumerate(rows, start=1)), len(text))
            for number, rows in enumerate(reader.tables, start=1)
            if any(any(row) for row in rows)
        ]


class _Tables(HTMLParser):
    """Collects the texts of all tables; a table inside a cell gives rows of its own to the same table."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[list[list[str]]] = []
        self._row: list[str] | None = None
        self._cell: list[str] | None = None
        self._spans: dict[int, int] = {}  # column → rows that a cell above still reaches down
        self._colspan = self.rowspan = 1
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self.tables.append([])
            self._spans = {}
        elif tag in ("script", "style"):
            self._silent += 1
        elif tag == "tr" and self.tables:
            self._end_row()
            self._row = []
        elif tag in ("td", "th") and self._row is not None:
            self._end_cell()
            given = dict(attrs)
            self._colspan, self.rowspan = _span(given.get("colspan")), _span(given.get("rowspan"))
            self._cell = []
        elif tag in _BLOCKS and self._cell:
            self._cell.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self._end_cell()
        elif tag in ("tr", "table"):
            self._end_row()
        elif tag in ("script", "style"):
            self._silent = max(self._silent - 1, 0)

    def handle_data(self, data: str) -> None:
        if self._cell is not None and not self._silent:
            self._cell.append(data)

    def _end_cell(self) -> None:
        if self._cell is None or self._row is None:
            return
        self._fill_from_above()
        at = len(self._row)
        lines = (" ".join(line.split()) for line in "".join(self._cell).split("\n"))
        self._row.append("\n".join(line for line in lines if line))
        self._row.extend([""] * (self._colspan - 1))
        if self.rowspan > 1:
            self._spans.update(dict.fromkeys(range(at, at + self._colspan), self.rowspan))
        self._cell = None
        if len(self._row) > _MOST_COLUMNS:
            raise damaged("HTML: a row with too many columns")

    def _fill_from_above(self) -> None:
        while self._row is not None and self._spans.get(len(self._row), 0) > 0 and len(self._row) < _MOST_COLUMNS:
            self._row.append("")

    def _end_row(self) -> None:
        self._end_cell()
        if self._row is None:
            return
        self._fill_from_above()
        self._spans = {column: rows - 1 for column, rows in self._spans.items() if rows > 1}
        self.tables[-1].append(self._row)
        self._row = None


def _span(text: str | None) -> int:
    return min(max(int(text), 1), 1_000) if text and text.strip().isdigit() and len(text) < 6 else 1
