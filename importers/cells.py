"""What cells and rows hold, the same for every file format, and the numbers in them as people see them.

A text cell is a plain ``str`` and an empty one is ``None``; only what needs telling apart has a type of its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple


class Number(NamedTuple):
    """A numeric cell: its digits as they stand in the file, and its Excel number format (``""``: general)."""

    raw: str
    format: str = ""


class ErrorValue(NamedTuple):
    """An error such as ``#N/A`` in place of a value."""

    text: str


class Formula(NamedTuple):
    """A formula with the value that was saved with it; ``None`` when the program that wrote the file saved none."""

    value: str | Number | ErrorValue | bool | None


Value = str | Number | ErrorValue | Formula | bool
Cell = Value | None


class RowBatch(NamedTuple):
    """Some rows in order. ``cells`` maps column letters to values, without empty cells; rows without any value are
    only counted in ``blank``. ``hidden`` holds numbers of rows; ``done`` is how many bytes of the sheet are read.
    ``struck``: row → letters of cells in a font that is struck through."""

    numbers: list[int]
    cells: list[dict[str, Cell]]
    hidden: list[int]
    blank: int
    done: int
    struck: Mapping[int, list[str]] = MappingProxyType({})


class Merged(NamedTuple):
    """Cells merged into one, by numbers from 1; the value stands in the first."""

    top: int
    left: int
    bottom: int
    right: int


LAST_ROW = 1_048_576  # ECMA-376 part 1, §18.3.1.73: what Excel itself can hold
LAST_COLUMN = 16_384

_INTEGER = re.compile(r"-?\d+(?:\.0+)?", re.ASCII)
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,4})?", re.ASCII)
_ZEROS = re.compile(r"0{2,30}")
_NOT_DATE = re.compile(r'"[^"]*"|\\.|\[(?!h+\]|m+\]|s+\])[^\]]*\]|_.|\*.')
# Built-in formats that a file names by number alone (ECMA-376 part 1, §18.8.30); only those that matter here.
BUILTIN_FORMATS = {
    1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00",
    **dict.fromkeys([*range(14, 18), *range(27, 32), *range(34, 37), *range(50, 59)], "yyyy-mm-dd"),
    **dict.fromkeys([18, 19, 20, 21, 32, 33, 45, 46, 47], "hh:mm:ss"), 22: "yyyy-mm-dd hh:mm", 49: "@",
}  # fmt: skip


@lru_cache(maxsize=1024)
def is_date_format(code: str) -> bool:
    """Whether a number format shows a day or a time of day."""
    if not code or code.lower() == "general":
        return False
    return re.search(r"[ymdhs]", _NOT_DATE.sub("", code.split(";")[0].lower())) is not None


def zeros_of_format(code: str) -> int:
    """``00000`` shows at least five digits: 5. Any other format: 0."""
    first = code.split(";")[0]
    return len(first) if _ZEROS.fullmatch(first) else 0


def integer_text(raw: str) -> str | None:
    """The digits of a whole number as the file has it (``1.277E3`` → ``1277``), else ``None``."""
    if _INTEGER.fullmatch(raw):
        return raw.split(".")[0]
    value = number_value(raw)
    if value is None or value != int(value) or abs(value) >= 1e21:
        return None
    return str(int(value))


def number_value(raw: str) -> float | None:
    """``None`` for what is no finite number."""
    if not _NUMBER.fullmatch(raw):
        return None
    value = float(raw)
    return value if abs(value) != float("inf") else None


def number_text(number: Number) -> str:
    """A number as text, without the noise of binary fractions: ``0.10000000000000001`` → ``0.1``; a date as ISO."""
    if is_date_format(number.format):
        return _date_text(number.raw)
    whole = integer_text(number.raw)
    if whole is not None:
        return whole
    value = number_value(number.raw)
    return number.raw if value is None else repr(value)


def _date_text(raw: str) -> str:
    """Day 1 is 1900-01-01, and Excel believes that 1900 was a leap year, so that later days are off by one."""
    value = number_value(raw)
    if value is None or not 1 <= value < 2_958_466:
        return raw
    moment = datetime(1899, 12, 30) + timedelta(days=value)  # noqa: DTZ001 - a workbook's dates have no zone
    return moment.date().isoformat() if value == int(value) else moment.isoformat(sep=" ", timespec="seconds")


def date_number(value: date) -> Number:
    """The serial number that Excel keeps for a date or an instant."""
    if not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)  # noqa: DTZ001
    days = (value.replace(tzinfo=None) - datetime(1899, 12, 30)) / timedelta(days=1)  # noqa: DTZ001
    return Number(repr(days), "yyyy-mm-dd")


def shown(cell: Cell) -> str:
    """A cell as it is named in a finding."""
    match cell:
        case None:
            return ""
        case Number():
            return number_text(cell)
        case ErrorValue():
            return cell.text
        case Formula():
            return shown(cell.value)
        case bool():
            return "TRUE" if cell else "FALSE"
    return cell


@lru_cache(maxsize=LAST_COLUMN)
def column_number(letters: str) -> int:
    """``A`` → 1, ``XFD`` → 16384."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


@lru_cache(maxsize=LAST_COLUMN)
def column_letters(number: int) -> str:
    """1 → ``A``, 16384 → ``XFD``."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
