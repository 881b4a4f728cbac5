"""Heading rows as people make them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from importers.declare import Column
from importers.fields import Title
from importers.heading_keys import heading_key, words_key
from maxa.errors import BadWorkbook
from tests.importers.books import (
    DRUG_HEADINGS,
    DRUG_ROWS,
    LAB_HEADINGS,
    LAB_ROWS,
    RVU_HEADINGS,
    RVU_ROWS,
    Read,
    lab_book,
    raw_xlsx,
    read,
    rvu_book,
    save_xlsx,
    text_cell,
    text_row,
    worksheet,
    xml_row,
)


def read_rows(tmp_path: Path, rows: list[list[Any]], source: str | None = None) -> Read:
    return read(save_xlsx(tmp_path / "list.xlsx", {"برگه": rows}), source)


@pytest.mark.parametrize(
    "spelling",
    [
        "نام فارسي آزمايش",
        "نام‌فارسی‌آزمایش",
        "نام  فارسی\nآزمایش",
        " نام فارسی آزمایش: ",
        "نام فارسی آزمایش*",
        "نـام فارسی آزمایش",
    ],
)
def test_a_heading_is_known_in_any_spelling(spelling: str, tmp_path: Path) -> None:
    headings = [spelling if heading == "نام فارسی آزمایش" else heading for heading in LAB_HEADINGS]
    given = read(lab_book(tmp_path / "list.xlsx", LAB_ROWS, headings))
    assert given.concept("LNC", "718-7").title_fa == "هموگلوبین"
    assert "unknown-column" not in given.rules


@pytest.mark.parametrize(
    ("one", "other"), [("IRC code", "irc_code"), ("کد IRC", "كد irc"), ("شرح کد (Value)", "شرح کد Value")]
)
def test_headings_are_compared_without_case_and_punctuation(one: str, other: str) -> None:
    assert heading_key(one) == heading_key(other)


@pytest.mark.parametrize("heading", ["Number", "ID", "num", "number *"])
def test_a_heading_that_only_numbers_is_no_code(heading: str, tmp_path: Path) -> None:
    rows = [[heading, "Key", "Title"], ["1", "M", "مرد"], ["2", "F", "زن"]]
    with pytest.raises(BadWorkbook) as caught:
        read(save_xlsx(tmp_path / "list.xlsx", {"Gender": rows}))
    assert (caught.value.data["reason"], caught.value.data["missing_en"]) == ("missing-column", "“کد”")


@pytest.mark.parametrize(
    ("one", "other"), [("LOINC_NUM", "LOINC Code"), ("SNOMED ID", "code snomed"), ("به فارسی", "فارسی")]
)
def test_a_number_of_something_is_its_code(one: str, other: str) -> None:
    assert words_key(one) == words_key(other)


def test_a_spelling_that_only_a_small_word_tells_from_another_is_known_as_it_stands_alone() -> None:
    target = Column("کد مقصد|به کد", "target", Title)
    assert heading_key("به کد") in target.keys
    assert words_key("کد") not in target.word_keys


def test_title_rows_above_the_headings_are_passed_over(tmp_path: Path) -> None:
    titles = [["مرجع کدینگ سلامت ایران"], [], ["ابلاغیهٔ ۱۱۰/۳۷", None, "مورخ ۱۴۰۲/۰۲/۱۸"]]
    given = read_rows(tmp_path, [*titles, LAB_HEADINGS, *LAB_ROWS])
    (sheet,) = given.extract.sheets
    assert sheet.header_row == 4
    assert (sheet.passed_over["title"], sheet.passed_over["header"], sheet.rows_read) == (2, 1, 3)


def test_columns_may_come_in_any_order_and_place(tmp_path: Path) -> None:
    rows = [[None, None, *reversed(row)] for row in [RVU_HEADINGS, *RVU_ROWS]]
    given = read_rows(tmp_path, rows)
    assert given.codes("RVU3") == ["801515", "901792", "90.1"]
    assert given.concepts("RVU3")[0].column == "H"


def test_a_heading_in_two_rows_is_the_group_and_the_column(tmp_path: Path) -> None:
    upper = ["کد", "ویژگی", "شرح کد", "ارزش نسبی", None, None]
    lower = [None, None, None, "جزء حرفه‌ای", "جزء فنی", "کل"]
    given = read_rows(tmp_path, [["کتاب ارزش نسبی"], upper, lower, *RVU_ROWS])
    assert given.concept("RVU3", "801515").properties == {
        "marks": "#",
        "professional": 0.5,
        "technical": 1.5,
        "total": 2,
    }
    (sheet,) = given.extract.sheets
    assert (sheet.header_row, sheet.passed_over["header"], sheet.rows_read) == (2, 2, 3)
    assert given.findings == []


def test_a_column_beside_a_merged_group_is_not_of_the_group(tmp_path: Path) -> None:
    """Where the file tells merged cells, they say how far a group reaches."""
    book = Workbook()
    sheet = book.active
    sheet.append(["کد", "شرح کد", "ارزش نسبی", None, None, None])
    sheet.append([None, None, "جزء حرفه‌ای", "جزء فنی", "کل", "ستون تازه"])
    for row in RVU_ROWS:
        sheet.append([row[0], row[2], *row[3:], "x"])
    sheet.merge_cells("C1:E1")
    book.save(tmp_path / "list.xlsx")
    given = read(tmp_path / "list.xlsx")
    assert [(f.rule, f.column, f.heading) for f in given.findings] == [("unknown-column", "F", "ستون تازه")]
    assert given.concept("RVU3", "801515").properties["total"] == 2


def test_an_upper_heading_row_of_groups_alone_is_known_when_it_is_repeated(tmp_path: Path) -> None:
    upper = [None, None, "ارزش نسبی", None, "دیگر", None]
    lower = ["کد", "شرح کد", "جزء حرفه‌ای", "جزء فنی", "کل", "یادداشت"]
    rows = [[row[0], row[2], *row[3:], "x"] for row in RVU_ROWS]
    given = read_rows(tmp_path, [upper, lower, *rows[:2], upper, lower, rows[2]])
    assert given.codes("RVU3") == ["801515", "901792", "90.1"]
    assert given.findings == []


def test_two_groups_may_hold_columns_of_the_same_name(tmp_path: Path) -> None:
    upper = ["کد", None, "نام فرآورده", None, "نام ژنریک", None]
    lower = ["IRC", "ژنریک", "فارسی", "لاتین", "فارسی", "لاتین"]
    rows = [[row[0], row[1], row[2], row[3], "ژنریک فارسی", row[4]] for row in DRUG_ROWS[:2]]
    given = read_rows(tmp_path, [upper, lower, *rows], "drugs")
    assert given.concept("IRC", DRUG_ROWS[0][0]).title_fa == "وازوپرسین آلفا"
    assert (given.concept("eRx", "01277").title_fa, given.concept("eRx", "01277").title_en) == (
        "ژنریک فارسی",
        "VASOPRESSIN 20 [iU]",
    )


def test_the_first_row_of_data_is_not_taken_for_a_heading(tmp_path: Path) -> None:
    given = read(rvu_book(tmp_path / "list.xlsx"))
    assert given.extract.sheets[0].rows_read == len(RVU_ROWS)


def test_a_column_that_nobody_knows_is_told_and_not_read(tmp_path: Path) -> None:
    rows = [[*row, "x"] for row in LAB_ROWS]
    given = read(lab_book(tmp_path / "list.xlsx", rows, [*LAB_HEADINGS, "ستون تازه"]))
    assert [(f.rule, f.severity, f.row, f.column, f.heading) for f in given.findings] == [
        ("unknown-column", "warning", 1, "G", "ستون تازه")
    ]
    assert given.extract.sheets[0].rows_read == 3


def test_data_under_no_heading_is_told(tmp_path: Path) -> None:
    rows = [[*LAB_ROWS[0], None, "یادداشت کناری"], *LAB_ROWS[1:]]
    given = read(lab_book(tmp_path / "list.xlsx", rows))
    assert [(f.rule, f.severity, f.column) for f in given.findings] == [("column-without-heading", "warning", "H")]


def test_a_column_ignored_by_name_is_no_finding(tmp_path: Path) -> None:
    rows = [[at, *row] for at, row in enumerate(LAB_ROWS, start=1)]
    assert read(lab_book(tmp_path / "list.xlsx", rows, ["رديف", *LAB_HEADINGS])).findings == []


def test_a_hidden_column_is_read_and_told(tmp_path: Path) -> None:
    rows = text_row(1, RVU_HEADINGS[:3]) + text_row(2, ["801515", "#", "شرح"])
    given = read(
        raw_xlsx(tmp_path / "list.xlsx", worksheet(rows, before='<cols><col min="2" max="2" hidden="1"/></cols>'))
    )
    assert [(f.rule, f.severity, f.column) for f in given.findings] == [("hidden-column", "warning", "B")]
    assert given.concept("RVU3", "801515").properties == {"marks": "#"}


def test_every_sheet_that_fits_is_read_and_the_others_are_told(tmp_path: Path) -> None:
    sheets = {
        "بخش اول": [LAB_HEADINGS, LAB_ROWS[0], LAB_ROWS[2]],
        "برگهٔ دیگر": [["سرستون", "معنی"], ["کد", "شناسه"], ["نام", "عنوان"]],
        "بخش دوم": [["فهرست"], LAB_HEADINGS, LAB_ROWS[1]],
    }
    given = read(save_xlsx(tmp_path / "list.xlsx", sheets))
    assert given.codes("LNC") == ["718-7", "58410-2", "4544-3"]
    assert [(f.rule, f.severity, f.sheet) for f in given.findings] == [("unknown-sheet", "warning", "برگهٔ دیگر")]
    assert [(s.name, s.header_row, s.rows_present, s.rows_read, s.passed_over) for s in given.extract.sheets] == [
        ("بخش اول", 1, 3, 2, {"header": 1}),
        ("برگهٔ دیگر", None, 3, 0, {"unknown-sheet": 3}),
        ("بخش دوم", 2, 3, 1, {"header": 1, "title": 1}),
    ]


@pytest.mark.parametrize("name", ["راهنما", "راهنماي ستون‌ها", "Help", "یافته‌ها"])
def test_a_sheet_that_explains_is_told_without_alarm(name: str, tmp_path: Path) -> None:
    sheets = {name: [["سرستون", "معنی"], ["کد", "شناسه"]], "فهرست": [LAB_HEADINGS, *LAB_ROWS]}
    given = read(save_xlsx(tmp_path / "list.xlsx", sheets))
    assert [(f.rule, f.severity, f.sheet) for f in given.findings] == [("help-sheet", "info", name)]
    assert given.extract.sheets[0].passed_over == {"help-sheet": 2}


def test_a_sheet_named_help_that_holds_the_list_is_read(tmp_path: Path) -> None:
    assert read(save_xlsx(tmp_path / "list.xlsx", {"راهنما": [LAB_HEADINGS, *LAB_ROWS]})).codes("LNC")


def test_a_sheet_that_only_lacks_a_column_is_told_with_that_column(tmp_path: Path) -> None:
    rows = [[None, *row[1:]] for row in LAB_ROWS]
    sheets = {"بخش اول": [LAB_HEADINGS, *LAB_ROWS], "بخش دوم": [["شناسه", *LAB_HEADINGS[1:]], *rows]}
    given = read(save_xlsx(tmp_path / "list.xlsx", sheets))
    (finding,) = given.findings
    assert (finding.rule, finding.severity, finding.sheet) == ("sheet-lacks-column", "warning", "بخش دوم")
    assert "«کد LOINC»" in finding.message_fa
    assert given.extract.sheets[1].passed_over == {"sheet-lacks-column": 4}


def test_headings_in_a_second_language_below_are_no_row(tmp_path: Path) -> None:
    english = ["code", "attribute", "name", "professional", "technical", "total"]
    given = read(rvu_book(tmp_path / "list.xlsx", [english, *RVU_ROWS]))
    assert given.codes("RVU3") == [row[0] for row in RVU_ROWS]
    assert given.findings == []
    assert given.extract.sheets[0].passed_over == {"header": 1, "repeated-header": 1}


def test_a_hidden_sheet_is_told_and_not_read(tmp_path: Path) -> None:
    book = Workbook()
    for name, state in (("فهرست", "visible"), ("کمکی", "hidden"), ("کمکی دیگر", "veryHidden")):
        sheet = book.create_sheet(name)
        for row in [LAB_HEADINGS, *(LAB_ROWS if name == "فهرست" else [["9-9", "پنهان"]])]:
            sheet.append(row)
        sheet.sheet_state = state
    del book["Sheet"]
    book.save(tmp_path / "list.xlsx")
    given = read(tmp_path / "list.xlsx")
    assert given.codes("LNC") == ["718-7", "4544-3", "58410-2"]
    assert [(f.rule, f.severity, f.sheet) for f in given.findings] == [
        ("hidden-sheet", "warning", "کمکی"), ("hidden-sheet", "warning", "کمکی دیگر"),
    ]  # fmt: skip
    assert [(sheet.hidden, sheet.passed_over) for sheet in given.extract.sheets][1:] == [
        (True, {"hidden-sheet": 2})
    ] * 2


def test_an_empty_sheet_is_nothing_to_tell(tmp_path: Path) -> None:
    given = read(save_xlsx(tmp_path / "list.xlsx", {"فهرست": [LAB_HEADINGS, *LAB_ROWS], "Sheet2": []}))
    assert given.findings == []


def test_headings_below_sixty_rows_of_text_are_not_looked_for(tmp_path: Path) -> None:
    titles = [[f"سطر {n}"] for n in range(70)]
    with pytest.raises(BadWorkbook):
        read_rows(tmp_path, [*titles, LAB_HEADINGS, *LAB_ROWS])


def test_a_numeric_heading_does_not_disturb(tmp_path: Path) -> None:
    rows = xml_row(1, {"A": text_cell("کد"), "B": text_cell("شرح کد"), "C": "><v>1402</v>"})
    rows += xml_row(2, {"A": text_cell("801515"), "B": text_cell("شرح"), "C": "><v>3</v>"})
    given = read(raw_xlsx(tmp_path / "list.xlsx", worksheet(rows)))
    assert [(f.rule, f.heading) for f in given.findings] == [("unknown-column", "1402")]


def test_only_one_title_column_is_needed(tmp_path: Path) -> None:
    rows = [[row[0], row[3]] for row in DRUG_ROWS]
    given = read_rows(tmp_path, [[DRUG_HEADINGS[0], DRUG_HEADINGS[3]], *rows], "drugs")
    assert [row.title_en for row in given.concepts("IRC")] == [row[3] for row in DRUG_ROWS]
    assert given.findings == []
