"""The same list in every accepted format gives the same rows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import xlwt

from tests.importers.books import (
    DRUG_HEADINGS,
    DRUG_ROWS,
    RVU_HEADINGS,
    RVU_ROWS,
    drug_book,
    read,
    rvu_book,
    save_csv,
    save_html,
    save_ods,
    save_xls,
    save_xlsb,
)

TABLE = [["فهرست داروها", None, None, None, None, None], DRUG_HEADINGS, *DRUG_ROWS]

FORMATS: dict[str, Callable[[Path], Path]] = {
    "xls": lambda folder: save_xls(folder / "list.xls", {"داروها": TABLE}),
    "xlsb": lambda folder: save_xlsb(folder / "list.xlsb", TABLE),
    "ods": lambda folder: save_ods(folder / "list.ods", TABLE),
    "csv": lambda folder: save_csv(folder / "list.csv", TABLE),
    "csv without mark": lambda folder: save_csv(folder / "list.csv", TABLE, encoding="utf-8"),
    "csv in UTF-16": lambda folder: save_csv(folder / "list.csv", TABLE, encoding="utf-16", delimiter="\t"),
    "csv with semicolons": lambda folder: save_csv(folder / "list.txt", TABLE, delimiter=";"),
    "html": lambda folder: save_html(folder / "list.xls", TABLE),
}


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_gives_the_rows_that_xlsx_gives(kind: str, tmp_path: Path) -> None:
    expected = read(drug_book(tmp_path / "list.xlsx"))
    given = read(FORMATS[kind](tmp_path))
    assert given.extract.source == "drugs"
    for terminology in ("IRC", "eRx"):
        assert [(row.code, row.title_fa, row.title_en, row.properties) for row in given.concepts(terminology)] == [
            (row.code, row.title_fa, row.title_en, row.properties) for row in expected.concepts(terminology)
        ]
    assert [(p.source, p.target) for p in given.pairs("eRx→IRC")] == [
        (p.source, p.target) for p in expected.pairs("eRx→IRC")
    ]


@pytest.mark.parametrize("kind", FORMATS)
def test_rows_keep_the_numbers_that_excel_shows(kind: str, tmp_path: Path) -> None:
    given = read(FORMATS[kind](tmp_path))
    assert [row.row for row in given.concepts("IRC")] == [3, 4, 5]
    assert [row.column for row in given.concepts("IRC")] == ["A", "A", "A"]


@pytest.mark.parametrize("kind", FORMATS)
def test_a_format_that_hides_facts_says_so(kind: str, tmp_path: Path) -> None:
    assert "old-format" in read(FORMATS[kind](tmp_path)).rules
    assert "old-format" not in read(drug_book(tmp_path / "list.xlsx")).rules


def test_windows_1256_is_read_with_its_arabic_letters(tmp_path: Path) -> None:
    rows = [["كد", "ويژگي", "شرح كد"], ["801515", "#", "آزمايش كمي"]]
    given = read(save_csv(tmp_path / "old.csv", rows, encoding="cp1256"))
    assert given.extract.source == "rvu3"
    assert given.concept("RVU3", "801515").title_fa == "آزمايش كمي"


def test_a_csv_cell_may_hold_line_breaks_and_separators(tmp_path: Path) -> None:
    rows = [RVU_HEADINGS, ["801515", "#", 'شرح، با "گیومه"\nو سطر دوم, و ویرگول', 1, 1, 2]]
    given = read(save_csv(tmp_path / "list.csv", rows))
    assert given.concept("RVU3", "801515").title_fa == 'شرح، با "گیومه" و سطر دوم, و ویرگول'
    assert given.rules.count("line-break-mended") == 1


def test_an_html_table_with_spans_keeps_its_columns(tmp_path: Path) -> None:
    page = (
        "<html><table><tr><td colspan=6>کتاب ارزش نسبی<tr><th>کد<th>ویژگی<th>شرح کد<th>ارزش حرفه‌ای<th>ارزش فنی<th>ارزش کل"
        "<tr><td rowspan='2'>801515<td>#<td>شرح &amp; <b>توضیح</b><td>1<td>1<td>2"
        "<tr><td>*<td>ردیف بی‌کد<td>1<td>1<td>2</table></html>"
    )
    path = tmp_path / "list.xls"
    path.write_text(page, "utf-8")
    given = read(path, "rvu3")
    assert given.concept("RVU3", "801515").title_fa == "شرح & توضیح"
    assert [(f.rule, f.row, f.column) for f in given.findings if f.severity == "error"] == [("missing-code", 4, "A")]


def test_hidden_sheets_of_an_old_workbook_are_known(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    for name, rows in (("list", [RVU_HEADINGS, *RVU_ROWS]), ("helper", [["x", "y"]])):
        sheet = book.add_sheet(name)
        for at, row in enumerate(rows):
            for column, value in enumerate(row):
                sheet.write(at, column, value)
    book.get_sheet("helper").visibility = 1
    book.save(str(tmp_path / "list.xls"))
    given = read(tmp_path / "list.xls")
    assert [f.sheet for f in given.of_rule("hidden-sheet")] == ["helper"]
    assert given.extract.sheets[1].passed_over == {"hidden-sheet": 1}


def test_a_rounded_number_of_an_old_workbook_is_in_doubt(tmp_path: Path) -> None:
    rows = [DRUG_HEADINGS, [7210201495605780, "01277", "وازوپرسین", "VASOPRESSIN", "VASOPRESSIN", 1]]
    (row,) = read(save_xls(tmp_path / "list.xls", {"a": rows})).concepts("IRC")
    assert row.doubt == {"kind": "rounded", "candidates": ["7210201495605775", "7210201495605789"]}


def test_the_name_of_a_file_does_not_matter(tmp_path: Path) -> None:
    path = rvu_book(tmp_path / "list.xlsx")
    renamed = path.rename(tmp_path / "list.pdf")
    assert read(renamed).extract.source == "rvu3"
