"""Sheets of .xls, .xlsb and .ods: values by calamine, and what it leaves out (errors, formulas, what is hidden) from
readers of our own, which see no values."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, time, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import python_calamine as calamine

from importers.cells import Cell, Merged, Number, RowBatch, column_letters, date_number
from importers.findings import clean
from importers.refusals import damaged, refusal
from importers.side_facts import SideFacts

ROWS_A_BATCH = 2_000


class CalamineSheet:
    notes: ClassVar[list[tuple[int, str]]] = []

    def __init__(
        self, book: calamine.CalamineWorkbook, name: str, facts: SideFacts, *, hidden: bool, size: int
    ) -> None:  # fmt: skip
        self._book = book
        self._facts = facts
        self._own_name = name
        self.name = clean(name)
        self.hidden = hidden
        self.size = size
        self.hidden_columns = facts.hidden_columns

    def batches(self) -> Iterator[RowBatch]:
        with _calamine_errors(self.name):
            sheet = self._book.get_sheet_by_name(self._own_name)
            left = sheet.start[1] if sheet.start else 0
            total = max(sheet.total_height, 1)
            numbers: list[int] = []
            cells: list[dict[str, Cell]] = []
            blank = 0
            for number, values in enumerate(sheet.iter_rows(), start=1):
                row: dict[str, Cell] = {
                    column_letters(left + at): cell
                    for at, value in enumerate(values, start=1)
                    if (cell := _cell(value)) is not None
                }
                self._facts.complete(number, row)
                if row:
                    numbers.append(number)
                    cells.append(row)
                else:
                    blank += 1
                if len(numbers) + blank >= ROWS_A_BATCH:
                    yield RowBatch(numbers, cells, self._hidden(numbers), blank, self.size * number // total)
                    numbers, cells, blank = [], [], 0
            yield RowBatch(numbers, cells, self._hidden(numbers), blank, self.size)

    def _hidden(self, numbers: list[int]) -> list[int]:
        return self._facts.hidden_among(numbers[0], numbers[-1], numbers) if numbers else []

    @cached_property
    def merged(self) -> list[Merged]:
        with _calamine_errors(self.name):
            ranges = self._book.get_sheet_by_name(self._own_name).merged_cell_ranges or []
        return sorted(Merged(top + 1, left + 1, bottom + 1, right + 1) for (top, left), (bottom, right) in ranges)


class CalamineBook:
    """``kind`` is ``xls``, ``xlsb`` or ``ods``. The caller has scanned the container, and runs in a limited child.

    ``facts`` by sheet; ``None`` where they could not be read. Only those of .xls hold number formats.
    """

    def __init__(self, path: Path, kind: str, facts: dict[str, SideFacts] | None) -> None:
        self.kind = kind
        self.tells_all = kind == "xls" and facts is not None
        known = facts or {}
        with _calamine_errors(kind):
            book = calamine.load_workbook(path)
        size = path.stat().st_size
        self.sheets = [
            CalamineSheet(
                book, sheet.name, known.get(sheet.name) or SideFacts(), hidden=sheet.visible != calamine.SheetVisibleEnum.Visible, size=size
            )
            for sheet in book.sheets_metadata
            if sheet.typ in (calamine.SheetTypeEnum.WorkSheet, calamine.SheetTypeEnum.MacroSheet)
        ]  # fmt: skip


@contextmanager
def _calamine_errors(part: str) -> Iterator[None]:
    """calamine's errors in our words. It also panics on broken input, which Python sees as a BaseException."""
    try:
        yield
    except calamine.PasswordError:
        raise refusal("encrypted") from None
    except (calamine.CalamineError, OSError) as error:
        if "limit exceeded" in str(error):  # a grid of more cells than calamine lays out
            raise MemoryError(str(error)) from error
        if "password" in str(error).lower():
            raise refusal("encrypted") from None
        raise damaged(f"{part[:40]}: {str(error)[:80]}") from error
    except BaseException as error:
        if type(error).__name__ == "PanicException":
            raise damaged(part[:40]) from error
        raise


def _cell(value: Any) -> Cell:
    if isinstance(value, str):
        return value or None
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return Number(repr(value))
    if isinstance(value, date):
        return date_number(value)
    if isinstance(value, timedelta | time):
        return str(value)
    return None
