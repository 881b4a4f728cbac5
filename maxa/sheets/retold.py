"""A workbook of any other format than .xlsx, told anew for openpyxl: the same cells at the same addresses."""

from __future__ import annotations

import re
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from importers.cells import Cell as ReadCell
from importers.cells import Formula, Number, column_number, integer_text, number_value, shown
from importers.workbook import Book
from maxa.errors import BadWorkbook
from maxa.sheets.plain_text import cut
from maxa.sheets.workbook import LAST_ROW, sheet_name

_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")


def retold(book: Book) -> Workbook:
    """Formulas and styles are not carried over: the readers of these formats don't tell them."""
    made = Workbook()
    made.remove(made.worksheets[0])
    for sheet in book.sheets:
        page = made.create_sheet(sheet_name(sheet.name, made.sheetnames))
        page.sheet_view.rightToLeft = True
        if sheet.hidden:
            page.sheet_state = "hidden"
        for batch in sheet.batches():
            if batch.numbers and batch.numbers[-1] > LAST_ROW:
                raise _too_many_rows(sheet.name)
            for number, cells in zip(batch.numbers, batch.cells, strict=True):
                for letters, value in cells.items():
                    _put_read(page.cell(number, column_number(letters)), value)
            for number in batch.hidden:
                page.row_dimensions[number].hidden = True
        for first, last in sheet.hidden_columns:
            for column in range(first, min(last, first + 100) + 1):
                page.column_dimensions[get_column_letter(column)].hidden = True
        _widen(page)
    if all(page.sheet_state == "hidden" for page in made.worksheets):
        made.create_sheet("-")  # a workbook must have a visible sheet
    return made


def _too_many_rows(name: str) -> BadWorkbook:
    return BadWorkbook(
        f"«{name}» بیش از {LAST_ROW} ردیف دارد و در برگهٔ اکسل جا نمی‌شود؛ یافته‌ها را با ‎maxa findings --csv‎ بگیرید.",
        f"{name!r} has more than {LAST_ROW} rows, which no sheet of Excel holds: take the findings by maxa findings --csv.",
        data={"reason": "too-many-rows"},
    )


def _put_read(cell: Cell, value: ReadCell) -> None:
    if isinstance(value, Formula):
        value = value.value
    if isinstance(value, bool):
        cell.value = value
    elif isinstance(value, Number):
        number = number_value(value.raw)
        if number is None:
            put_text(cell, shown(value))
        else:
            whole = integer_text(value.raw)  # all digits that there are: the import must doubt what it doubted before
            cell.value = number if whole is None else int(whole)
            if value.format:
                cell.number_format = value.format
    elif value is not None:
        put_text(cell, shown(value))


def put_text(cell: Any, text: str) -> None:
    """A text that stays one, whatever it begins with."""
    # openpyxl writes what looks like an escape as it is, and Excel would take it for a character.
    cell.value = _ESCAPE.sub("_x005F_", _ILLEGAL.sub("", cut(text)))
    if isinstance(cell.value, str):
        cell.data_type = "s"  # not "f", nor "e"
        cell.number_format = "@"


def _widen(page: Worksheet) -> None:
    for column in range(1, min(page.max_column, 50) + 1):
        letters = get_column_letter(column)
        texts = (page.cell(row, column).value for row in range(1, min(page.max_row, 30) + 1))
        longest = max((len(str(text)) for text in texts if text is not None), default=0)
        page.column_dimensions[letters].width = max(10, min(longest + 2, 48))
