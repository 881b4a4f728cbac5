"""Rows of a list that lacks codes: a code, a title, or both, found by the headings that the declared sources know, else by
what the cells look like. Unlike a list that is checked, nothing in it need be known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from importers.findings import clean
from importers.heading_keys import heading_key
from importers.heading_rows import Row
from importers.headings import Reading
from importers.reading import look_at
from importers.refusals import refusal
from importers.workbook import Book
from importers.workbook import Sheet as WorkbookSheet
from maxa.listcheck.reading import column_of, known_headings, text_of
from maxa.requests.pasted import looks_like_code, pasted_rows

_NOTES = frozenset(map(heading_key, ("توضیح", "توضیحات", "ملاحظات", "یادداشت", "note", "notes", "comment", "remark")))
TEXT_WITHOUT_COLUMNS = "text without columns"  # as the reader of workbooks calls it when it refuses one
_SPACES = dict.fromkeys(map(ord, "\t\r\n"), " ")
_MOST_CODES = 0.6  # of a column's cells that look like codes, to take it for the codes


@dataclass(frozen=True, slots=True)
class Found:
    """Columns by their letters; at least one of code and title. ``after`` is the last heading row."""

    sheet: WorkbookSheet
    code: str | None
    title: str | None
    note: str | None
    after: int
    headings: frozenset[str]


def rows_in(book: Book, most: int) -> list[dict[str, str]]:
    """Up to ``most`` rows of the visible sheets. Raises BadWorkbook where there is none."""
    found: list[dict[str, str]] = []
    for one in look_at(book):
        place = _by_heading(one.sheet, one.readings) or _by_cells(one.sheet, one.rows)
        for row in _rows(place) if place else ():
            found.append(row)
            if len(found) == most:
                return found
    if not found:
        raise refusal("empty")
    return found


def rows_of_text(content: bytes, most: int) -> list[dict[str, str]] | None:
    """Of a text file without columns: one a line, as they are pasted. None where it is no such text."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    if not text.lstrip()[:1].isalnum() or clean(text.translate(_SPACES)) != text.translate(_SPACES):
        return None  # another format with a mark at its beginning, such as %PDF or <html
    headings = frozenset.union(*known_headings())
    rows = (row for row in pasted_rows(text) if row["code"] or heading_key(row["title"]) not in headings)
    return list(islice(rows, most)) or None


def _rows(place: Found) -> Iterator[dict[str, str]]:
    columns = {"code": place.code, "title": place.title, "note": place.note}
    for batch in place.sheet.batches():
        for number, cells in zip(batch.numbers, batch.cells, strict=True):
            row = {name: text_of(cells.get(letters)) if letters else "" for name, letters in columns.items()}
            if number <= place.after or not (row["code"] or row["title"]):
                continue
            if not {heading_key(text) for text in row.values() if text} <= place.headings:  # repeated between the rows
                yield row


def _by_heading(sheet: WorkbookSheet, readings: list[Reading]) -> Found | None:
    codes, titles = known_headings()
    best: tuple[int, Found] | None = None
    for reading in readings:
        code, title, note = (column_of(reading, keys) for keys in (codes, titles, _NOTES))
        if code is None and title is None:
            continue
        score = ((code is not None) + (title is not None)) * 10 - len(reading.rows)
        if best is None or score > best[0]:
            texts = frozenset(heading_key(clean(text)) for text in reading.headings.values())
            best = score, Found(sheet, code, title, note, reading.rows[-1], texts)
    return best[1] if best else None


def _by_cells(sheet: WorkbookSheet, rows: list[Row]) -> Found | None:
    columns: dict[str, list[str]] = {}
    for _, cells in rows:
        for letters, cell in cells.items():
            if text := text_of(cell):
                columns.setdefault(letters, []).append(text)
    if not columns:
        return None
    shares = {letters: sum(map(looks_like_code, texts)) / len(texts) for letters, texts in columns.items()}
    lengths = {letters: sum(map(len, texts)) for letters, texts in columns.items()}
    titles = [letters for letters in columns if shares[letters] < _MOST_CODES]
    codes = [letters for letters in columns if shares[letters] >= _MOST_CODES]
    code = max(codes, key=lambda letters: lengths[letters], default=None)  # row numbers are shorter than codes
    title = max(titles, key=lambda letters: lengths[letters], default=None)
    return Found(sheet, code, title, None, 0, frozenset())
