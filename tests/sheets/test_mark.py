"""The user's own workbook comes back with faulty cells marked, whatever its format; a hostile one harms nobody."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill

from benchmarks.workbooks import write_irc_workbook
from importers.reading import read_workbook
from importers.rows import Finding, Severity
from importers.workbook import open_workbook
from maxa.errors import BadWorkbook
from maxa.sheets.findings_sheet import NAME
from maxa.sheets.mark import Marked, mark_workbook
from maxa.sheets.marking import FILLS
from maxa.sheets.retold import retold
from tests.importers.books import (
    LAB_HEADINGS,
    LAB_ROWS,
    lab_book,
    raw_xlsx,
    read,
    save_csv,
    save_html,
    save_ods,
    save_xls,
    save_xlsb,
    save_xlsx,
    text_row,
    worksheet,
)  # fmt: skip

BAD_ROWS = [*LAB_ROWS, ["718-8", "نام", "Name", "x", None, "حرف"], ["xyz", "نام دیگر", "Other", None, None, 1]]


def mark(path: Path, findings: list[Finding], **more: Any) -> tuple[openpyxl.Workbook, Marked]:
    target = path.parent / "marked.xlsx"
    marked = mark_workbook(path, findings, target, workdir=path.parent / "work", **more)
    assert not list((path.parent / "work").iterdir()), "nothing is left behind"
    return openpyxl.load_workbook(target), marked


def notes(sheet: Any) -> dict[str, str]:
    return {cell.coordinate: cell.comment.text for row in sheet.iter_rows() for cell in row if cell.comment}


def colour(sheet: Any, address: str) -> str:
    return str(sheet[address].fill.fgColor.rgb)


def finding(rule: str = "bad-code", severity: Severity = Severity.ERROR, **place: Any) -> Finding:
    return Finding(rule, severity, f"پیام {rule}", rule, **place)


def test_each_faulty_cell_is_filled_by_its_severity_and_has_a_note_in_persian(tmp_path: Path) -> None:
    path = lab_book(tmp_path / "lab.xlsx", BAD_ROWS)
    found = read(path, "lab").findings
    book, marked = mark(path, found)
    sheet = book["آزمایش"]
    told = notes(sheet)
    assert set(told) == {f"{one.column}{one.row}" for one in found}
    assert marked.cells == len(told)
    for one in found:
        text = told[f"{one.column}{one.row}"]
        assert one.message_fa in text
        assert "راه درست کردن" in text
    assert colour(sheet, "A6") == FILLS["error"]
    assert colour(sheet, "A5") == FILLS["warning"]
    assert sheet["A5"].value == "718-8", "values stay as they are"


def test_the_first_sheet_sums_up_and_leads_to_the_places(tmp_path: Path) -> None:
    path = lab_book(tmp_path / "lab.xlsx", BAD_ROWS)
    book, _ = mark(path, read(path, "lab").findings)
    page = book.worksheets[0]
    assert (page.title, page.sheet_view.rightToLeft, book.active.title) == (NAME, True, NAME)
    rows = {row[10].value: row for row in page.iter_rows() if row[10].value}
    assert rows["bad-code"][2].value == 2
    assert rows["bad-code"][1].value == "خطا"
    link = rows["check-digit"][5]
    assert (link.value, link.hyperlink.location) == ("«آزمایش» A5", "'آزمایش'!A5")


def test_the_marked_workbook_can_be_mended_and_sent_again(tmp_path: Path) -> None:
    path = lab_book(tmp_path / "lab.xlsx", BAD_ROWS)
    book, _ = mark(path, read(path, "lab").findings)
    sheet = book["آزمایش"]
    sheet["A5"].value, sheet["D5"].value, sheet["F5"].value = "2345-7", None, 1
    sheet.delete_rows(6)
    again = tmp_path / "again.xlsx"
    book.save(again)
    read_again = read(again, "lab")
    assert {one.rule for one in read_again.findings} <= {"help-sheet", "unknown-reference"}
    assert set(read_again.codes("LNC")) == {"718-7", "4544-3", "58410-2", "2345-7"}
    second, marked = mark(again, [one for one in read_again.findings if one.row])
    assert notes(second["آزمایش"]) == {}, "earlier marks are taken back"
    assert second.sheetnames == [NAME, "آزمایش"]
    assert colour(second["آزمایش"], "A5") not in FILLS.values()
    assert marked.cells == 0


def test_styles_widths_other_sheets_and_notes_of_the_user_stay(tmp_path: Path) -> None:
    path = lab_book(tmp_path / "lab.xlsx", BAD_ROWS)
    book = openpyxl.load_workbook(path)
    sheet = book.active
    sheet.column_dimensions["B"].width = 33
    sheet["A6"].font = Font(bold=True)
    sheet["B2"].fill = PatternFill("solid", fgColor="FF00FF00")
    sheet["A6"].comment = Comment("یادداشت خودم", "سارا")
    book.create_sheet("توضیح")["A1"] = "متن"
    book.save(path)
    marked, _ = mark(path, read(path, "lab").findings)
    sheet = marked["آزمایش"]
    assert marked.sheetnames == [NAME, "آزمایش", "توضیح"]
    assert sheet.column_dimensions["B"].width == 33
    assert sheet["A6"].font.bold
    assert colour(sheet, "B2") == "FF00FF00"
    assert "یادداشت خودم" in sheet["A6"].comment.text
    again, _ = mark(tmp_path / "marked.xlsx", [])
    assert notes(again["آزمایش"]) == {"A6": "یادداشت خودم"}


@pytest.mark.parametrize(
    ("name", "save"),
    [
        ("lab.xls", lambda path, rows: save_xls(path, {"برگه": rows})),
        ("lab.ods", save_ods), ("lab.xlsb", save_xlsb), ("برگه.csv", save_csv), ("lab.xls", save_html),
    ],
    ids=["xls", "ods", "xlsb", "csv", "html"],
)  # fmt: skip
def test_other_formats_come_back_as_xlsx_with_the_same_cells_at_the_same_addresses(
    tmp_path: Path, name: str, save: Any
) -> None:
    rows = [[value if value is not None else "" for value in row] for row in [LAB_HEADINGS, *BAD_ROWS]]
    path = save(tmp_path / name, rows)
    first = read(path, "lab")
    book, marked = mark(path, first.findings)
    sheet = book.worksheets[1]
    assert sheet.sheet_view.rightToLeft
    assert [cell.value for cell in sheet[1]] == LAB_HEADINGS
    assert (sheet["A2"].value, sheet["A6"].value) == ("718-7", "xyz")
    assert marked.cells >= 3
    assert {"A5", "A6", "D5", "F5"} <= set(notes(sheet))
    again = read(tmp_path / "marked.xlsx", "lab")
    assert [vars_of(row) for row in again.concepts("LNC")] == [vars_of(row) for row in first.concepts("LNC")]


def vars_of(row: Any) -> tuple[Any, ...]:
    return (row.code, row.title_fa, row.title_en, row.properties, row.row)


def test_a_finding_about_a_column_marks_its_heading_and_one_about_a_row_its_first_cell(tmp_path: Path) -> None:
    rows = [["فهرست آزمایش‌ها"], [], LAB_HEADINGS, *LAB_ROWS, [None, "یادداشتی زیر فهرست"]]
    path = save_xlsx(tmp_path / "lab.xlsx", {"آزمایش": rows})
    about_column = finding("wrong-script", Severity.WARNING, sheet="آزمایش", column="B", heading="نام فارسی آزمایش")
    about_row = finding("row-passed-over", Severity.INFO, sheet="آزمایش", row=7)
    by_header_row = finding("formula", Severity.INFO, sheet="آزمایش", column="C", heading="گروه نام لاتین")
    book, _ = mark(path, [about_column, about_row, by_header_row], headers={"آزمایش": 3})
    assert set(notes(book["آزمایش"])) == {"B3", "B7", "C3"}
    assert colour(book["آزمایش"], "B3") == FILLS["warning"]


def test_findings_without_a_cell_are_told_on_the_first_sheet(tmp_path: Path) -> None:
    path = lab_book(tmp_path / "lab.xlsx")
    found = [
        finding("too-few-rows"), finding("unknown-sheet", Severity.WARNING, sheet="آزمایش"),
        finding("bad-code", sheet="برگه‌ای که نیست", row=3, column="A"),
    ]  # fmt: skip
    book, marked = mark(path, found)
    assert (marked.cells, marked.elsewhere) == (0, 3)
    said = [cell.value for row in book[NAME].iter_rows() for cell in row if cell.value]
    for one in found:
        assert one.message_fa in said


def test_findings_of_other_workbooks_of_the_submission_are_left_out(tmp_path: Path) -> None:
    path = lab_book(tmp_path / "lab.xlsx")
    mine, other = (finding(sheet="آزمایش", row=2, column="A", file=name) for name in ("lab.xlsx", "rvu.xlsx"))
    _, marked = mark(path, [mine, other])
    assert marked == Marked(1, 0)


def test_several_findings_in_one_cell_share_a_note_and_the_worst_colour(tmp_path: Path) -> None:
    path = lab_book(tmp_path / "lab.xlsx")
    place = {"sheet": "آزمایش", "row": 2, "column": "A"}
    book, marked = mark(path, [finding("check-digit", Severity.WARNING, **place), finding("duplicate-code", **place)])
    assert marked.cells == 1
    note = notes(book["آزمایش"])["A2"]
    assert "پیام check-digit" in note
    assert "پیام duplicate-code" in note
    assert colour(book["آزمایش"], "A2") == FILLS["error"]


def test_a_merged_cell_is_marked_where_it_shows(tmp_path: Path) -> None:
    path = lab_book(tmp_path / "lab.xlsx")
    book = openpyxl.load_workbook(path)
    book.active.merge_cells("B2:B4")
    book.save(path)
    marked, _ = mark(path, [finding(sheet="آزمایش", row=4, column="B")])
    assert set(notes(marked["آزمایش"])) == {"B2"}


def test_what_we_write_is_never_a_formula_and_formulas_of_the_user_stay(tmp_path: Path) -> None:
    path = save_xlsx(
        tmp_path / "=cmd.xlsx", {"=SUM(A1)": [LAB_HEADINGS, *LAB_ROWS, ["=1+1", "نام", "x", None, None, None]]}
    )
    evil = Finding("bad-code", Severity.ERROR, '=HYPERLINK("http://x")', "+x", sheet="=SUM(A1)", row=None)
    book, _ = mark(path, [evil, finding(sheet="=SUM(A1)", row=5, column="A", file="=cmd.xlsx")])
    page = book[NAME]
    assert all(cell.data_type != "f" for row in page.iter_rows() for cell in row)
    assert book["=SUM(A1)"]["A5"].value == "=1+1"
    assert book.calculation.fullCalcOnLoad


def test_counted_findings_belong_to_the_rule_that_they_count(tmp_path: Path) -> None:
    rows = [[f"{n}-x", f"نام {n}", "N", None, None, "حرف"] for n in range(10)]
    path = lab_book(tmp_path / "lab.xlsx", [*LAB_ROWS, *rows])
    found = [finding("bad-code", sheet="آزمایش", row=5, column="A")]
    more = Finding("more-findings", Severity.ERROR, "۲۵۰ یافتهٔ دیگر", "There are 250 more findings of “bad-code” in this column.",
                   sheet="آزمایش", column="A", heading="کد LOINC", value="bad-code")  # fmt: skip
    book, _ = mark(path, [*found, more])
    rows_of = {row[10].value: row for row in book[NAME].iter_rows() if row[10].value}
    assert rows_of["bad-code"][2].value == 251
    assert "more-findings" not in rows_of


def test_a_workbook_of_many_sheets_and_odd_names(tmp_path: Path) -> None:
    names = ["O'Brien", "برگهٔ ۲", "a b"]
    path = save_xlsx(tmp_path / "odd.xlsx", {name: [LAB_HEADINGS, *LAB_ROWS] for name in names})
    book, marked = mark(path, [finding(sheet=name, row=2, column="A") for name in names])
    assert marked.cells == 3
    links = [cell.hyperlink.location for row in book[NAME].iter_rows() for cell in row if cell.hyperlink]
    assert "'O''Brien'!A2" in links


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "empty"), (b"%PDF-1.7", "not-a-workbook"), (b"PK\x03\x04 cut", "damaged"),
     (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "not-a-workbook")],
)  # fmt: skip
def test_what_is_no_workbook_is_refused_and_nothing_is_written(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "x.xlsx"
    path.write_bytes(content)
    with pytest.raises(BadWorkbook) as refused:
        mark(path, [])
    assert refused.value.data["reason"] == reason
    assert not (tmp_path / "marked.xlsx").exists()


def test_more_rows_than_a_sheet_holds_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("maxa.sheets.retold.LAST_ROW", 3)
    book = open_workbook(save_csv(tmp_path / "lab.csv", [LAB_HEADINGS, *LAB_ROWS]))
    with pytest.raises(BadWorkbook) as refused:
        retold(book)
    assert refused.value.data["reason"] == "too-many-rows"


def test_a_doctype_in_any_part_is_refused(tmp_path: Path) -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>'
    path = raw_xlsx(tmp_path / "x.xlsx", worksheet(text_row(1, LAB_HEADINGS)), more={"docProps/core.xml": bomb})
    with pytest.raises(BadWorkbook) as refused:
        mark(path, [])
    assert refused.value.data["reason"] == "unsafe-xml"


def test_a_workbook_that_takes_too_much_memory_or_time_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "irc.xlsx"
    write_irc_workbook(path, 40_000)
    with pytest.raises(BadWorkbook) as refused:
        mark(path, [], memory=160 << 20)
    assert refused.value.data["reason"] == "too-large"
    with pytest.raises(BadWorkbook) as refused:
        mark(path, [], seconds=1)
    assert refused.value.data["reason"] == "too-slow"
    assert not (tmp_path / "marked.xlsx").exists()


def test_what_openpyxl_cannot_read_but_an_import_can_is_told_anew(tmp_path: Path) -> None:
    """Some programs leave parts out that openpyxl insists on."""
    path = raw_xlsx(tmp_path / "x.xlsx", worksheet(text_row(1, LAB_HEADINGS) + text_row(3, ["718-7", "نام"])))
    book, marked = mark(path, [finding(sheet="برگه", row=3, column="A")])
    assert marked.cells == 1
    assert (book["برگه"]["A3"].value, book["برگه"]["B1"].value) == ("718-7", LAB_HEADINGS[1])


def test_a_stray_cell_at_the_far_corner_does_no_harm(tmp_path: Path) -> None:
    sheet = worksheet(text_row(1, LAB_HEADINGS) + text_row(2, ["718-7", "نام"])
                      + '<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c></row>')  # fmt: skip
    path = raw_xlsx(tmp_path / "x.xlsx", sheet)
    book, _ = mark(
        path, [finding(sheet="برگه", row=2, column="A"), finding("row-outside-columns", sheet="برگه", row=1048576)]
    )
    assert "A2" in notes_near(book["برگه"])


def notes_near(sheet: Any) -> set[str]:
    return {cell.coordinate for cell in sheet._cells.values() if cell.comment}


def test_macros_are_not_handed_out(tmp_path: Path) -> None:
    path = lab_book(tmp_path / "lab.xlsm")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"macro")
    (tmp_path / "spool").mkdir()
    read_workbook(path, source="lab", workdir=tmp_path / "spool")
    mark(path, [])
    with zipfile.ZipFile(tmp_path / "marked.xlsx") as archive:
        assert not [name for name in archive.namelist() if "vba" in name.lower()]
