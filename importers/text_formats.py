"""Sheets of CSV files and of HTML tables (which many web systems export under the name ``.xls``)."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import ClassVar

from importers.cells import Cell, Merged, RowBatch, column_letters
from importers.findings import clean
from importers.refusals import damaged, refusal

ROWS_A_BATCH = 2_000
_LONGEST_FIELD = 1 << 20
_DELIMITERS = (",", ";", "\t", "|")
_MOST_COLUMNS = 16_384
_MOST_MERGES = 100_000
_SAMPLE = 20_000  # characters that the separator is told from
_NAMED_SEPARATOR = re.compile(r'"?sep=([,;\t|])"?\r?\n', re.IGNORECASE)
_CODE_LIKE = re.compile(r"(?=.{3,24}\Z)[A-Za-z]{0,4}-?\d{2,}(?:[-./]\d{1,4}){0,3}", re.ASCII).fullmatch
_BLOCKS = {"br", "p", "div", "li"}


class TextSheet:
    """Rows that are at hand already, as lists of texts."""

    hidden = False
    notes: ClassVar[list[tuple[int, str]]] = []

    def __init__(
        self, name: str, rows: list[tuple[int, list[str]]], size: int, merged: Sequence[Merged] = ()
    ) -> None:  # fmt: skip
        self.name = clean(name)
        self.size = size
        self.hidden_columns: list[tuple[int, int]] = []
        self.rows = rows
        self.merged = sorted(merged)

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


class CsvBook:
    """One sheet. The encoding is UTF-8 or UTF-16 by its mark, else UTF-8 if it decodes, else Windows-1256.

    A first line ``sep=;``, which Excel writes and understands, names the separator and is no row of the list.
    """

    kind = "csv"
    tells_all = False

    def __init__(self, path: Path, name: str) -> None:
        text = decoded(path.read_bytes())
        named = _NAMED_SEPARATOR.match(text)
        delimiter = named[1] if named else _delimiter_of(text)
        rows = _records(text, delimiter)
        if named:
            rows[0] = (1, [])  # counted, as Excel counts it
        self.sheets = [TextSheet(name, rows, len(text))]


def _records(text: str, delimiter: str) -> list[tuple[int, list[str]]]:
    """Excel numbers records, not lines: a cell may hold line breaks. Raises BadWorkbook (damaged), with the line on which
    the record begins, for quotes that are not closed or that swallow rows."""
    rows: list[tuple[int, list[str]]] = []
    broken: list[tuple[int, int, list[str]]] = []  # the line on which the record of a cell of several lines begins
    began = 1
    limit = csv.field_size_limit(_LONGEST_FIELD)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for number, values in enumerate(reader, start=1):
            if len(values) > _MOST_COLUMNS:
                raise damaged(f"CSV: row {number} has {len(values)} columns")
            rows.append((number, values))
            if reader.line_num > began:
                broken.extend((began, at, values) for at, value in enumerate(values) if "\n" in value or "\r" in value)
            began = reader.line_num + 1
    except csv.Error as error:
        raise damaged(f"CSV, line {began}: {error}") from error
    finally:
        csv.field_size_limit(limit)
    widths = Counter(len(values) for _, values in rows if len(values) > 1).most_common(1)
    width = widths[0][0] if widths else 2
    for line, at, values in broken:
        if _swallows_rows(values, at, delimiter, width):
            raise damaged(f'CSV, line {line}: a quote (") swallows the rows below it')
    return rows


def _swallows_rows(values: list[str], at: int, delimiter: str, width: int) -> bool:
    """Whether the cell ``at`` of a record holds rows of the list that a stray quote took in. The quote that closes it may
    stand within a row, whose other cells are then the record's."""
    first, *lines = values[at].splitlines()
    if any(_is_like_a_row(line, delimiter, width) for line in lines):
        return True
    whole = at + len(first.split(delimiter)) >= width  # the record that the quote stands in goes on behind it
    return bool(lines) and whole and _is_like_a_row(lines[-1], delimiter, width - (len(values) - at - 1))


def _is_like_a_row(line: str, delimiter: str, fewest: int) -> bool:
    """Whether a line within a cell has the columns of the list. Prose has a few separators too (``B12, folate``), so that a
    row of few columns must also begin with a code. At least ``fewest`` pieces stand in the line."""
    pieces = line.split(delimiter)
    first = pieces[0].strip().strip('"')
    is_row = fewest >= 4 or first.isdigit() or bool(_CODE_LIKE(first))
    return len(pieces) >= max(fewest, 2) and is_row


def decoded(content: bytes) -> str:
    """Text of a CSV or HTML file. Raises BadWorkbook (not-a-workbook) for bytes that are no text."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return content.decode("utf-16")
        except UnicodeDecodeError:
            raise _no_text() from None
    sample = content[:65_536]
    if b"\0" in content or sum(byte < 32 and byte not in (9, 10, 11, 12, 13) for byte in sample) > len(sample) // 50:
        raise _no_text()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if content.startswith(codecs.BOM_UTF8):
            raise _bad_utf8(content, error) from None
        if _is_mostly_utf8(content):
            raise _bad_utf8(content, error) from None
        return content.decode("cp1256", errors="replace")


def _is_mostly_utf8(content: bytes) -> bool:
    """Whether the bytes above ASCII are mostly letters of UTF-8. In Windows-1256 two of them are one by chance, seldom."""
    text = content.decode("utf-8", errors="replace")
    bad = text.count("\ufffd")
    return sum(1 for letter in text if letter > "\x7f") - bad > bad


def _bad_utf8(content: bytes, error: UnicodeDecodeError) -> Exception:
    line = content.count(b"\n", 0, error.start) + 1
    return damaged(f"UTF-8, line {line}, byte {error.start + 1} of the file: 0x{content[error.start]:02X}")


def _no_text() -> Exception:
    return refusal("not-a-workbook", seen_fa="داده‌های دودویی ناشناخته", seen_en="binary data of an unknown kind")


def _delimiter_of(text: str) -> str:
    """The separator that cuts most of the first records into the same number of pieces, and into the most."""
    head = text[:_SAMPLE]
    if len(text) > _SAMPLE:
        head = head[: head.rfind("\n") + 1] or head
    best, best_score = _DELIMITERS[0], 0.0
    for delimiter in _DELIMITERS:
        if delimiter not in head:
            continue
        records = [values for values in _sample_of(head, delimiter) if any(values)]
        widths = Counter(len(values) for values in records if len(values) > 1)
        if not widths:
            continue
        width, count = max(widths.items(), key=lambda one: (one[1], one[0]))
        score = count / len(records) * min(width, 4) + width / 1_000
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _sample_of(head: str, delimiter: str) -> list[list[str]]:
    """The last record is left out when there are others: it may be cut, or within quotes."""
    records: list[list[str]] = []
    try:
        for values in csv.reader(io.StringIO(head, newline=""), delimiter=delimiter):
            records.append(values)
    except csv.Error:
        pass
    return records[:-1] if len(records) > 3 else records


class HtmlBook:
    """One sheet for each table. A cell with ``rowspan`` or ``colspan`` is a merged one, as it is when Excel opens the page."""

    kind = "html"
    tells_all = False

    def __init__(self, path: Path, name: str) -> None:
        text = decoded(path.read_bytes())
        reader = _Tables()
        reader.feed(text)
        reader.close()
        full = [table for table in reader.tables if any(any(row) for row in table.rows)]
        self.sheets = [
            TextSheet(
                name if len(full) == 1 else f"{name} {number}",
                list(enumerate(table.rows, start=1)), len(text), table.merged,
            )
            for number, table in enumerate(full, start=1)
        ]  # fmt: skip


@dataclass
class _Table:
    rows: list[list[str]] = field(default_factory=list)
    merged: list[Merged] = field(default_factory=list)


@dataclass
class _Open:
    """A table that is not closed yet, and where the reader stands in it."""

    table: _Table
    row: list[str] | None = None
    cell: list[str] | None = None
    spans: dict[int, int] = field(default_factory=dict)  # column → rows that a cell above still reaches down
    colspan: int = 1
    rowspan: int = 1


class _Tables(HTMLParser):
    """Collects the texts of all tables; one inside a cell is a table of its own, and no text of that cell."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[_Table] = []
        self._open: list[_Open] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = self._open[-1] if self._open else None
        if tag == "table":
            self.tables.append(_Table())
            self._open.append(_Open(self.tables[-1]))
        elif tag in ("script", "style"):
            self._silent += 1
        elif at is None:
            return
        elif tag == "tr":
            self._end_row(at)
            at.row = []
        elif tag in ("td", "th") and at.row is not None:
            self._end_cell(at)
            given = dict(attrs)
            at.colspan, at.rowspan = _span(given.get("colspan")), _span(given.get("rowspan"))
            at.cell = []
        elif tag in _BLOCKS and at.cell:
            at.cell.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style"):
            self._silent = max(self._silent - 1, 0)
        elif not self._open:
            return
        elif tag in ("td", "th"):
            self._end_cell(self._open[-1])
        elif tag == "tr":
            self._end_row(self._open[-1])
        elif tag == "table":
            self._end_row(self._open[-1])
            if len(self._open) > 1:  # rows behind the last </table> are its own still
                self._open.pop()

    def handle_data(self, data: str) -> None:
        if self._open and (cell := self._open[-1].cell) is not None and not self._silent:
            cell.append(data)

    def close(self) -> None:
        super().close()
        for at in self._open:
            self._end_row(at)

    def _end_cell(self, at: _Open) -> None:
        if at.cell is None or at.row is None:
            return
        self._fill_from_above(at)
        left = len(at.row)
        lines = (" ".join(line.split()) for line in "".join(at.cell).split("\n"))
        at.row.append("\n".join(line for line in lines if line))
        at.row.extend([""] * (at.colspan - 1))
        if (at.rowspan > 1 or at.colspan > 1) and len(at.table.merged) < _MOST_MERGES:
            top = len(at.table.rows) + 1
            at.table.merged.append(Merged(top, left + 1, top + at.rowspan - 1, left + at.colspan))
        if at.rowspan > 1:
            at.spans.update(dict.fromkeys(range(left, left + at.colspan), at.rowspan))
        at.cell = None
        if len(at.row) > _MOST_COLUMNS:
            raise damaged("HTML: a row with too many columns")

    def _fill_from_above(self, at: _Open) -> None:
        while at.row is not None and at.spans.get(len(at.row), 0) > 0 and len(at.row) < _MOST_COLUMNS:
            at.row.append("")

    def _end_row(self, at: _Open) -> None:
        self._end_cell(at)
        if at.row is None:
            return
        self._fill_from_above(at)
        at.spans = {column: rows - 1 for column, rows in at.spans.items() if rows > 1}
        at.table.rows.append(at.row)
        at.row = None


def _span(text: str | None) -> int:
    return min(max(int(text), 1), 1_000) if text and text.strip().isdigit() and len(text) < 6 else 1
