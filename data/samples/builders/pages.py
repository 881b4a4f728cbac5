"""Sheets as people make them, and files whose bytes depend on nothing but their content."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.worksheet import Worksheet


def new_book() -> Workbook:
    book = Workbook()
    book.remove(book.active)
    return book


def arabic(text: str) -> str:
    """The same text as it comes from a keyboard with Arabic letters."""
    return text.replace("ی", "ي").replace("ک", "ك")


def new_sheet(book: Workbook, name: str, titles: Sequence[str], width: int) -> Worksheet:
    sheet = book.create_sheet(name)
    sheet.sheet_view.rightToLeft = True
    for row, title in enumerate(titles, start=1):
        sheet.cell(row, 1, title).font = Font(bold=True)
        sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=width)
        sheet.cell(row, 1).alignment = Alignment(horizontal="center")
    return sheet


def put_row(sheet: Worksheet, row: int, values: Iterable[Any], *, bold: bool = False) -> None:
    for column, value in enumerate(values, start=1):
        if value is None or value == "":
            continue
        cell = sheet.cell(row, column, value)
        if bold:
            cell.font = Font(bold=True)
            cell.fill = PatternFill("solid", fgColor="DDEBF7")
            cell.alignment = Alignment(wrap_text=True, horizontal="center")


def put_section(sheet: Worksheet, row: int, title: str, width: int) -> None:
    sheet.cell(row, 1, title).font = Font(bold=True)
    sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=width)


def hidden_help(book: Workbook) -> None:
    sheet = book.create_sheet("راهنما")
    sheet.sheet_view.rightToLeft = True
    sheet.append(["سرستون", "معنی"])
    sheet.append(["کد RVU", "کد خدمت در کتاب ارزش نسبی"])
    sheet.sheet_state = "hidden"


def save(book: Workbook, path: Path) -> None:
    """openpyxl writes the time of day into the file; equal content should give equal bytes."""
    buffer = io.BytesIO()
    book.save(buffer)
    with zipfile.ZipFile(buffer) as written, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name in sorted(written.namelist()):
            content = written.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", b"2023-05-08T00:00:00Z", content)
            info = zipfile.ZipInfo(name, date_time=(2023, 5, 8, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            out.writestr(info, content)
