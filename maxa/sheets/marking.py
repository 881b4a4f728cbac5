"""Mark the cells that findings name, and write the first sheet. Runs in the limited child (mark_child.py) alone.

Of .xlsx and .xlsm the user's own workbook is marked: its sheets, styles and widths stay (docs/workbooks.md says what
openpyxl can't keep). Of every other format a new workbook is made, with the same cells at the same addresses.
"""

from __future__ import annotations

import errno
import re
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import Cell
from openpyxl.comments import Comment
from openpyxl.styles import Color, PatternFill
from openpyxl.utils import column_index_from_string
from openpyxl.worksheet.worksheet import Worksheet

from importers.refusals import refusal
from importers.workbook import open_workbook
from importers.xlsx import XlsxBook
from maxa.persian.fold import fold
from maxa.sheets.findings_sheet import NAME, write_findings_sheet
from maxa.sheets.mending import advice_for
from maxa.sheets.plain_text import cut
from maxa.sheets.retold import retold

AUTHOR = "مکسا"
FILLS: Final = {"error": "FFFFC7CE", "warning": "FFFFEB9C", "info": "FFDDEBF7"}
_WORST: Final = ("error", "warning", "info")
_HEADING_ROWS = 60  # of a sheet's top, among which a heading is looked for (importers.headings)
_LONGEST_NOTE = 1_500
_PROLOG = 1 << 16  # bytes, within which a part's root element must begin
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_PARTED: Final = "\n———\n"  # between our note and one that was there before
_LETTERS = re.compile(r"[A-Z]{1,3}")

Finding = dict[str, Any]


@dataclass
class Mark:
    """What is said of one cell."""

    severity: str = "info"
    findings: list[Finding] = field(default_factory=list)

    def add(self, finding: Finding) -> None:
        self.findings.append(finding)
        if _WORST.index(finding["severity"]) < _WORST.index(self.severity):
            self.severity = finding["severity"]


def mark_file(
    path: Path, findings: list[Finding], target: Path, *, filename: str, headers: Mapping[str, int]
) -> dict[str, int]:
    """Gives ``{"cells": marked cells, "elsewhere": findings without one}``. Raises BadWorkbook."""
    kept = open_workbook(
        path, Path(filename).stem
    )  # the checks of an import: what the file is, and whether it may be unpacked
    book = _own(path, kept) if isinstance(kept, XlsxBook) else retold(kept)
    _take_back_earlier_marks(book)
    own = [finding for finding in findings if finding["file"] in (None, filename)]
    marks: dict[tuple[str, str], Mark] = {}
    elsewhere: list[Finding] = []
    places = _Places(book, headers)
    for finding in own:
        place = places.of(finding)
        if place is None:
            elsewhere.append(finding)
        else:
            finding["marked"] = place
            marks.setdefault(place, Mark()).add(finding)
    for (sheet, address), mark in marks.items():
        _mark_cell(book[sheet][address], mark)
    write_findings_sheet(book, own, elsewhere, filename=filename, fills=FILLS)
    if book.calculation is not None:
        book.calculation.fullCalcOnLoad = True  # openpyxl keeps formulas, not the values that were saved with them
    book.save(target)
    return {"cells": len(marks), "elsewhere": len(elsewhere)}


def _own(path: Path, kept: XlsxBook) -> Workbook:
    """The user's workbook; where openpyxl can't read what an import could, its cells told anew."""
    _refuse_doctypes(path)
    try:
        # Macros are not kept: nothing is handed out that runs.
        return load_workbook(path, rich_text=True, keep_vba=False)
    except MemoryError:
        raise
    except Exception as error:  # openpyxl raises whatever its parts raise on what they did not expect
        if isinstance(error, OSError) and error.errno == errno.ENOMEM:
            raise MemoryError from error
    return retold(kept)


def _refuse_doctypes(path: Path) -> None:
    """An import looks at the parts that it reads; openpyxl reads more of them."""
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            if entry.filename.lower().endswith((".xml", ".rels", ".vml")):
                with archive.open(entry) as part:
                    head = part.read(_PROLOG)
                if b"<!doctype" in head.replace(b"\0", b"").lower():
                    raise refusal("unsafe-xml")


def _take_back_earlier_marks(book: Workbook) -> None:
    """A workbook that was marked, mended and sent again must show what is wrong with it now."""
    if NAME not in book.sheetnames:
        return
    del book[NAME]
    ours = set(FILLS.values())
    for sheet in book.worksheets:
        for cell in sheet._cells.values():
            note = cell.comment
            if note is None or AUTHOR not in (note.author or ""):
                continue
            _, parted, earlier = note.text.partition(_PARTED)
            cell.comment = Comment(earlier, note.author.partition("، ")[2]) if parted else None
            if cell.fill.fill_type == "solid" and cell.fill.fgColor.rgb in ours:
                cell.fill = PatternFill()


class _Places:
    """Finds the cell that a finding is about."""

    def __init__(self, book: Workbook, headers: Mapping[str, int]) -> None:
        self._sheets = {sheet.title.casefold(): sheet for sheet in book.worksheets}
        self._headers = {name.casefold(): row for name, row in headers.items()}
        self._merged = {
            sheet.title: [(area.bounds, area.start_cell.coordinate) for area in sheet.merged_cells.ranges]
            for sheet in book.worksheets
        }
        self._heading_cells: dict[tuple[str, str, str], int] = {}

    def of(self, finding: Finding) -> tuple[str, str] | None:
        """``(sheet, address)``: the cell itself; of a row the first filled one; of a column its heading."""
        sheet = self._sheets.get((finding["sheet"] or "").casefold())
        row, letters = finding["row"], finding["column"]
        if sheet is None or (row is None and not letters):
            return None
        if letters is not None and not _LETTERS.fullmatch(letters):
            letters = None
        if row is None:
            if letters is None:
                return None
            row = self._heading_row(sheet, letters, finding["heading"])
        elif letters is None:
            letters = self._first_filled(sheet, row)
        return sheet.title, self._unmerged(sheet, row, letters)

    def _heading_row(self, sheet: Worksheet, letters: str, heading: str | None) -> int:
        key = (sheet.title, letters, heading or "")
        if key not in self._heading_cells:
            wanted = fold(heading or "")
            column = column_index_from_string(letters)
            found = next(
                (
                    row
                    for row in range(1, min(sheet.max_row, _HEADING_ROWS) + 1)
                    if wanted and (cell := sheet._cells.get((row, column))) is not None
                    and cell.value is not None and fold(str(cell.value)) == wanted
                ),
                None,
            )  # fmt: skip
            self._heading_cells[key] = found or self._headers.get(sheet.title.casefold(), 1)
        return self._heading_cells[key]

    def _first_filled(self, sheet: Worksheet, row: int) -> str:
        columns = range(1, min(sheet.max_column, 200) + 1)
        cells = (sheet._cells.get((row, column)) for column in columns)
        filled = next((cell for cell in cells if cell is not None and cell.value not in (None, "")), None)
        return "A" if filled is None else filled.column_letter

    def _unmerged(self, sheet: Worksheet, row: int, letters: str) -> str:
        """The cell that shows what a merged area holds."""
        column = column_index_from_string(letters)
        for (left, top, right, bottom), start in self._merged[sheet.title]:
            if left <= column <= right and top <= row <= bottom:
                return str(start)
        return f"{letters}{row}"


def _mark_cell(cell: Cell, mark: Mark) -> None:
    cell.fill = PatternFill("solid", fgColor=Color(rgb=FILLS[mark.severity]))
    text = note_text(mark.findings)
    earlier = cell.comment
    author = AUTHOR
    if earlier is not None:
        text = f"{cut(text, _LONGEST_NOTE)}{_PARTED}{earlier.text}"
        author = f"{AUTHOR}، {earlier.author or ''}"
    note = Comment(_ILLEGAL.sub("", cut(text, 2 * _LONGEST_NOTE)), author)
    note.width, note.height = 320, min(60 + 20 * (len(text) // 45 + text.count("\n")), 400)
    cell.comment = note


def note_text(findings: Iterable[Finding]) -> str:
    """The message of each finding and how to mend it, without saying a thing twice."""
    lines: list[str] = []
    for finding in findings:
        for line in (finding["message_fa"], f"راه درست کردن: {advice_for(finding['rule']).mend_fa}"):
            if line not in lines:
                lines.append(line)
    return "\n".join(lines)
