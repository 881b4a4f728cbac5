"""Find the codes of a list in a workbook: by the headings that the declared sources know, else by the codes themselves."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import cache

from importers.cells import shown
from importers.findings import clean
from importers.heading_keys import heading_key
from importers.heading_rows import Reading, Row
from importers.reading import look_at
from importers.sources import SOURCES
from importers.workbook import Book
from importers.workbook import Sheet as WorkbookSheet
from maxa.errors import BadWorkbook

_FEWEST, _SHARE = 3, 0.3  # codes known of a column without a heading, and of all its cells, to take it for the codes
_LONGEST_CELL = 500
_TITLES = ("title_fa", "title_en")


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the list; ``column`` is the letters of the cell that holds the code."""

    sheet: str
    row: int
    column: str
    code: str
    title: str


@dataclass(frozen=True, slots=True)
class Found:
    """Where a sheet keeps its codes and titles; ``heading`` is that of the codes, ``after`` the last heading row."""

    sheet: WorkbookSheet
    code: str
    title: str | None
    heading: str | None
    after: int


def lists_in(book: Book, known: Callable[[Collection[str]], int]) -> list[Found]:
    """The visible sheets that hold codes. ``known`` counts those of some texts that are codes of the terminology.
    Raises :class:`BadWorkbook` where no sheet has a column of codes."""
    found = []
    for one in look_at(book):
        place = _by_heading(one.sheet, one.readings) or _by_codes(one.sheet, one.rows, known)
        if place is not None:
            found.append(place)
    if not found:
        raise BadWorkbook(
            "ستونی از کدها در این پرونده پیدا نشد؛ بالای ستون کدها بنویسید «کد» و بالای عنوان‌ها «عنوان».",
            "No column of codes was found in this file: write 'code' above the codes and 'title' above the titles.",
            data={"reason": "no-codes"},
        )
    return found


def lines_of(place: Found) -> Iterator[Line]:
    """Every row that has a code, below the headings; headings that are repeated between the rows are passed over."""
    headings = known_headings()[0]
    for batch in place.sheet.batches():
        for number, cells in zip(batch.numbers, batch.cells, strict=True):
            if number <= place.after:
                continue
            code = text_of(cells.get(place.code))
            if code and not (place.heading and heading_key(code) in headings):
                title = text_of(cells.get(place.title)) if place.title else ""
                yield Line(place.sheet.name, number, place.code, code, title)


def _by_heading(sheet: WorkbookSheet, readings: list[Reading]) -> Found | None:
    codes, titles = known_headings()
    best: tuple[int, Found] | None = None
    for reading in readings:
        code = column_of(reading, codes)
        if code is None:
            continue
        title = column_of(reading, titles)
        score = (2 if title else 1) * 10 - len(reading.rows)
        if best is None or score > best[0]:
            best = score, Found(sheet, code, title, reading.headings[code], reading.rows[-1])
    return best[1] if best else None


def column_of(reading: Reading, headings: frozenset[str]) -> str | None:
    return next((letters for letters, keys in reading.keys.items() if headings.intersection(keys)), None)


def _by_codes(sheet: WorkbookSheet, rows: list[Row], known: Callable[[Collection[str]], int]) -> Found | None:
    columns: dict[str, list[str]] = {}
    for _, cells in rows:
        for letters, cell in cells.items():
            if text := text_of(cell):
                columns.setdefault(letters, []).append(text)
    scored = [(known(texts), len(texts), letters) for letters, texts in columns.items()]
    hits, of, code = max(scored, default=(0, 0, ""))
    if hits < min(_FEWEST, of) or not hits or hits < _SHARE * of:
        return None
    wordy = {name: sum(map(len, texts)) for name, texts in columns.items() if name != code}
    return Found(sheet, code, max(wordy, key=lambda name: wordy[name], default=None), None, 0)


@cache
def known_headings() -> tuple[frozenset[str], frozenset[str]]:
    """Folded headings of codes, and of titles, in any declared sheet."""
    codes, titles = {"code", "کد"}, {"title", "عنوان", "نام", "شرح", "value"}
    for source in SOURCES.values():
        for sheet in source.sheets:
            for column in sheet.columns:
                if column.key:
                    codes |= column.keys
                elif column.field in _TITLES:
                    titles |= column.keys
    return frozenset(codes), frozenset(titles - codes)


def text_of(cell: object) -> str:
    text = clean(shown(cell)).strip()  # type: ignore[arg-type]
    return text[:_LONGEST_CELL]
