"""Lines of CSV files."""

from __future__ import annotations

import csv
import io

from maxa.sheets.plain_text import LEFT_TO_RIGHT_MARK, csv_line


def test_a_line_is_read_as_it_was_written() -> None:
    line = csv_line([1, None, "", 'a "b", c', "دو\nسطر", 2.5])
    assert line.endswith("\r\n")
    assert next(csv.reader(io.StringIO(line, newline=""))) == ["1", "", "", 'a "b", c', "دو\nسطر", "2.5"]


def test_no_cell_of_a_line_is_a_formula() -> None:
    assert csv_line(["=1+1", "a"]) == f"{LEFT_TO_RIGHT_MARK}=1+1,a\r\n"
