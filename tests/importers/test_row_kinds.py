"""Rows that are no data, and that nothing is dropped in silence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from importers.profile import Profile
from importers.reading import read_workbook
from tests.importers.books import (
    LAB_HEADINGS,
    LAB_ROWS,
    RVU_HEADINGS,
    RVU_ROWS,
    Read,
    lab_book,
    raw_xlsx,
    read,
    rvu_book,
    save_csv,
    save_xlsx,
    text_row,
    worksheet,
)

MORE = ["801520", "#", "شرح دیگر", 1, 1, 2]


def read_rvu(tmp_path: Path, rows: list[list[Any]]) -> Read:
    given = read(rvu_book(tmp_path / "list.xlsx", rows))
    assert all(present == accounted for present, accounted in given.balance())
    return given


def passed_over(given: Read) -> dict[str, int]:
    return given.extract.sheets[0].passed_over


def test_a_section_title_becomes_a_property_of_the_rows_below(tmp_path: Path) -> None:
    given = read_rvu(tmp_path, [["فصل آزمایشگاه"], RVU_ROWS[0], ["فصل پوست"], RVU_ROWS[1], MORE])
    assert [row.properties["chapter"] for row in given.concepts("RVU3")] == ["فصل آزمایشگاه", "فصل پوست", "فصل پوست"]
    assert passed_over(given) == {"header": 1, "section": 2}
    assert [(f.rule, f.severity, f.row, f.value) for f in given.findings] == [
        ("section-titles", "info", 2, "فصل آزمایشگاه")
    ]
    assert "«فصل پوست» (4)" in given.findings[0].message_fa


def test_section_titles_are_counted_and_the_first_are_named(tmp_path: Path) -> None:
    rows = [row for number in range(9) for row in ([f"فصل {number}"], [f"80151{number}", "#", "شرح", 1, 1, 2])]
    (finding,) = read_rvu(tmp_path, rows).findings
    assert "9 rows" in finding.message_en
    assert all(place in finding.message_en for place in ("«فصل 0» (2)", "«فصل 1» (4)", "«فصل 2» (6)"))
    assert "فصل 3" not in finding.message_en


def titled(tmp_path: Path, rows: list[list[Any]], *merged: str) -> Read:
    """Sections of the book, those of ``merged`` over the whole width."""
    book = Workbook()
    for row in [RVU_HEADINGS, *rows]:
        book.active.append(row)
    for where in merged:
        book.active.merge_cells(where)
    book.save(tmp_path / "list.xlsx")
    given = read(tmp_path / "list.xlsx")
    assert all(present == accounted for present, accounted in given.balance())
    return given


LONE = [None, None, "پرتونگاری مچ دست"]


def test_a_title_alone_among_merged_section_titles_has_lost_its_code(tmp_path: Path) -> None:
    rows = [["فصل یک"], RVU_ROWS[0], LONE, RVU_ROWS[1], ["فصل دو"], MORE]
    given = titled(tmp_path, rows, "A2:F2", "A6:F6")
    assert [(f.rule, f.row, f.column) for f in given.findings if f.severity == "error"] == [("missing-code", 4, "A")]
    assert [row.properties["chapter"] for row in given.concepts("RVU3")] == ["فصل یک", "فصل یک", "فصل دو"]


def test_a_title_alone_has_lost_its_code_where_sections_stand_in_another_column(tmp_path: Path) -> None:
    given = titled(tmp_path, [["فصل یک"], RVU_ROWS[0], LONE, RVU_ROWS[1], ["فصل دو"], MORE])
    assert [(f.rule, f.row) for f in given.findings if f.severity == "error"] == [("missing-code", 4)]


def test_the_last_row_may_have_lost_its_code_too(tmp_path: Path) -> None:
    given = titled(tmp_path, [["فصل یک"], RVU_ROWS[0], RVU_ROWS[1], LONE], "A2:F2")
    assert [(f.rule, f.row) for f in given.findings if f.severity == "error"] == [("missing-code", 5)]


def test_section_titles_that_all_stand_in_the_column_of_titles_are_sections(tmp_path: Path) -> None:
    given = titled(tmp_path, [[None, None, "فصل یک"], RVU_ROWS[0], [None, None, "فصل دو"], RVU_ROWS[1], MORE])
    assert [row.properties["chapter"] for row in given.concepts("RVU3")] == ["فصل یک", "فصل دو", "فصل دو"]
    assert given.rules == ["section-titles"]


def test_a_title_alone_below_rows_without_a_section_has_lost_its_code(tmp_path: Path) -> None:
    given = titled(tmp_path, [RVU_ROWS[0], LONE, RVU_ROWS[1], MORE])
    assert [(f.rule, f.row) for f in given.findings] == [("missing-code", 3)]
    assert all("chapter" not in row.properties for row in given.concepts("RVU3"))


def test_a_title_alone_has_lost_its_code_in_a_list_that_has_no_sections(tmp_path: Path) -> None:
    rows = [["کد", "مقدار"], ["1", "داخلی"], [None, "جراحی"], ["3", "کودکان"], [None, "این فهرست موقت است"]]
    given = read(save_xlsx(tmp_path / "list.xlsx", {"WardType": rows}))
    assert [(f.rule, f.severity, f.row) for f in given.findings] == [
        ("missing-code", "error", 3), ("row-passed-over", "info", 5),
    ]  # fmt: skip
    assert all(present == accounted for present, accounted in given.balance())


@pytest.mark.parametrize(
    ("name", "headings", "rows", "terminology"),
    [
        ("زمان مصرف", ["کد", "عنوان", "گروه"], [["QD", "روزانه"], ["BID", None], ["TID", "سه بار در روز"]], "drugUsage.time"),
        ("WardType", ["کد", "مقدار"], [["A", "داخلی"], ["B", None], ["C", "کودکان"]], "thritaEHR.WardType"),
    ],
)  # fmt: skip
def test_a_code_of_letters_alone_has_lost_its_title_and_is_no_section(
    name: str, headings: list[str], rows: list[list[Any]], terminology: str, tmp_path: Path
) -> None:
    given = read(save_xlsx(tmp_path / "list.xlsx", {name: [headings, *rows]}))
    assert [(f.rule, f.severity, f.row) for f in given.findings] == [("missing-title", "error", 3)]
    assert all("group" not in row.properties for row in given.concepts(terminology))
    assert all(present == accounted for present, accounted in given.balance())


@pytest.mark.parametrize("word", ["TOTAL", "Before meals", "کد", "code"])
def test_a_word_in_the_column_of_codes_that_is_none_stays_a_title_or_a_note(word: str, tmp_path: Path) -> None:
    rows = [["کد", "عنوان"], ["QD", "روزانه"], [word, None], ["TID", "سه بار در روز"]]
    given = read(save_xlsx(tmp_path / "list.xlsx", {"زمان مصرف": rows}))
    assert not [f for f in given.findings if f.severity == "error"]
    assert given.codes("drugUsage.time") == ["QD", "TID"]


def test_words_in_the_column_of_codes_are_titles_of_sections_in_a_list_that_nobody_declared(tmp_path: Path) -> None:
    rows = [
        ["code", "title"],
        ["Clinical chemistry", None],
        ["CA125", "Cancer antigen"],
        ["hematology", None],
        ["CBC", "Blood count"],
    ]
    path = save_xlsx(tmp_path / "list.xlsx", {"X": rows})
    given = Read(read_workbook(path, source="generic", workdir=tmp_path, profile=Profile(terminology="X")))
    assert not [f for f in given.findings if f.severity == "error"]
    assert given.codes("X") == ["CA125", "CBC"]


def test_a_remark_in_the_first_column_does_not_make_titles_suspect(tmp_path: Path) -> None:
    given = titled(tmp_path, [[None, None, "فصل یک"], RVU_ROWS[0], ["* به ریال", None, None, 3], LONE, RVU_ROWS[1]])
    assert [row.properties["chapter"] for row in given.concepts("RVU3")] == ["فصل یک", LONE[2]]


def test_a_section_title_is_clean_text_in_one_line(tmp_path: Path) -> None:
    rows = (
        text_row(1, RVU_HEADINGS[:3]) + text_row(2, ["فصل_x0000_\nپوست _x0007_"]) + text_row(3, ["801515", "#", "شرح"])
    )
    given = read(raw_xlsx(tmp_path / "list.xlsx", worksheet(rows)))
    assert given.concepts("RVU3")[0].properties["chapter"] == "فصل پوست"


def test_a_remark_between_the_rows_is_no_section_title(tmp_path: Path) -> None:
    remark = "این کدها تا اطلاع بعدی " * 20
    given = read_rvu(tmp_path, [["فصل پوست"], RVU_ROWS[0], [remark], RVU_ROWS[1]])
    assert [row.properties["chapter"] for row in given.concepts("RVU3")] == ["فصل پوست"] * 2
    assert [(f.rule, f.row) for f in given.findings] == [("section-titles", 2), ("row-passed-over", 4)]


def test_a_group_column_stands_over_a_section_title(tmp_path: Path) -> None:
    rows = [["هماتولوژی"], [*LAB_ROWS[0], "خون‌شناسی"], [*LAB_ROWS[2], None]]
    given = read(lab_book(tmp_path / "list.xlsx", rows, [*LAB_HEADINGS, "گروه"]))
    assert [row.properties["group"] for row in given.concepts("LNC")] == ["خون‌شناسی", "هماتولوژی"]


def test_a_text_below_the_last_row_is_a_note(tmp_path: Path) -> None:
    given = read_rvu(tmp_path, [*RVU_ROWS, [], ["این فهرست تا پایان سال معتبر است"]])
    assert passed_over(given)["note"] == 1
    assert [(f.rule, f.severity, f.row, f.value) for f in given.findings] == [
        ("row-passed-over", "info", 6, "این فهرست تا پایان سال معتبر است")
    ]


@pytest.mark.parametrize(
    "row", [["جمع کل", None, 354], [None, None, "تعداد کدها:", 3], ["* قیمت‌ها به ریال است"], ["Total", 12]]
)
def test_totals_and_footnotes_are_notes(row: list[Any], tmp_path: Path) -> None:
    given = read_rvu(tmp_path, [*RVU_ROWS, row])
    assert passed_over(given)["note"] == 1
    assert not given.extract.has_errors


def test_headings_repeated_after_a_page_break_are_passed_over(tmp_path: Path) -> None:
    given = read_rvu(tmp_path, [*RVU_ROWS, RVU_HEADINGS, MORE])
    assert passed_over(given) == {"header": 1, "repeated-header": 1}
    assert len(given.codes("RVU3")) == 4


@pytest.mark.parametrize("text", ["801530 - بخیه", "801530;بخیه", "801530/801535"])
def test_a_code_that_stands_alone_with_its_title_is_no_section(text: str, tmp_path: Path) -> None:
    given = read_rvu(tmp_path, [RVU_ROWS[0], [text], MORE])
    assert [f.row for f in given.findings if f.severity == "error"] == [3]
    assert "chapter" not in given.concepts("RVU3")[-1].properties


@pytest.mark.parametrize(
    "title",
    ["12 - پوست و بافت نرم", "10.1 جراحی پوست", "12.3- قلب", "۱۰.۱ جراحی پوست", "12. قلب", "10.1.2 جراحی پوست"],
)
def test_a_numbered_title_is_a_section(title: str, tmp_path: Path) -> None:
    given = read_rvu(tmp_path, [[title], RVU_ROWS[0], MORE])
    assert {row.properties["chapter"] for row in given.concepts("RVU3")} == {title}
    assert given.rules == ["section-titles"]


@pytest.mark.parametrize(
    "title",
    [
        "801000 تا 801999",
        "801000-801999",
        "801000 تا 801999 بیهوشی",
        "801000 - 801999: بیهوشی",
        "(801000–801999) بیهوشی",
    ],
)
def test_a_range_of_codes_that_stands_alone_is_a_section(title: str, tmp_path: Path) -> None:
    given = read_rvu(tmp_path, [[title], RVU_ROWS[0], MORE])
    assert {row.properties["chapter"] for row in given.concepts("RVU3")} == {title}
    assert given.rules == ["section-titles"]


def test_a_title_merged_across_the_table_is_a_section_though_it_begins_like_a_code(tmp_path: Path) -> None:
    title = "801000 کدهای بیهوشی"
    given = titled(tmp_path, [[title], RVU_ROWS[0], MORE], "A2:F2")
    assert [row.properties["chapter"] for row in given.concepts("RVU3")] == [title] * 2


@pytest.mark.parametrize("title", ["A00-B99 بیماری‌های عفونی", "A00–B99: بیماری‌های عفونی", "(A00-B99) بیماری‌های عفونی"])
def test_a_line_of_a_block_of_icd_is_a_title(title: str, tmp_path: Path) -> None:
    rows = [["کد ICD10", "عنوان فارسی", "عنوان لاتین"], [title], ["A00", "وبا", "Cholera"], ["A01", "حصبه", "Typhoid"]]
    given = read(save_xlsx(tmp_path / "list.xlsx", {"a": rows}), "icd10")
    assert given.codes("ICD10") == ["A00", "A01"]
    assert [(f.rule, f.row) for f in given.findings if f.row] == [("row-passed-over", 2)]
    assert all(present == accounted for present, accounted in given.balance())


def test_a_code_by_a_formula_without_value_is_told_and_its_row_no_section(tmp_path: Path) -> None:
    rows = [["کد آزمایش", "نام آزمایش"], *(['="718-7"', title] for _, title, *_ in LAB_ROWS), LAB_ROWS[1][:2]]
    given = read(save_xlsx(tmp_path / "list.xlsx", {"a": rows}))
    assert "formula-without-value" in given.rules
    assert all(present == accounted for present, accounted in given.balance())
    assert [row.properties for row in given.concepts("LNC")] == [{}]


def test_headings_that_stand_once_more_in_english_below_the_first_are_headings(tmp_path: Path) -> None:
    english = ["Code", "Persian Name", "English Name", "Panel", "RVU", "RVU val."]
    given = read(save_xlsx(tmp_path / "list.xlsx", {"a": [LAB_HEADINGS, english, *LAB_ROWS]}))
    assert len(given.concepts("LNC")) == len(LAB_ROWS)
    assert not [f for f in given.findings if f.severity == "error"]
    assert passed_over(given) == {"header": 1, "repeated-header": 1}


def test_an_item_that_collects_is_no_total(tmp_path: Path) -> None:
    given = read_rvu(tmp_path, [RVU_ROWS[0], [None, None, "جمع‌آوری نمونه در منزل", 2], ["جمع کل", None, None, 2]])
    assert [(f.rule, f.row) for f in given.findings] == [("missing-code", 3), ("row-passed-over", 4)]


def other_tables(given: Read) -> list[tuple[str, str, int | None]]:
    return [(f.rule, f.severity, f.row) for f in given.findings if f.rule in ("headings-change", "rows-above-headings")]


def test_a_second_table_whose_values_stand_in_another_order_is_not_read(tmp_path: Path) -> None:
    swapped = ["کد", "ویژگی", "شرح کد", "ارزش فنی", "ارزش حرفه‌ای", "ارزش کل"]
    given = read_rvu(tmp_path, [RVU_ROWS[0], swapped, RVU_ROWS[1], MORE])
    assert [row.code for row in given.concepts("RVU3")] == ["801515"]
    assert other_tables(given) == [("headings-change", "error", 3)]
    assert passed_over(given)["other-table"] == 2
    (finding,) = given.of_rule("headings-change")
    assert all(place in finding.message_fa for place in ("D «ارزش فنی»", "E «ارزش حرفه‌ای»", "2 ردیف"))


@pytest.mark.parametrize(
    ("column", "text"),
    [(5, "ارزش کل (واحد)"), (2, "شرح كد ها"), (5, "تعرفهٔ ۱۴۰۵"), (3, "ارزش حرفه‌ای (ادامه)"), (0, "کدهای خدمات")],
)
def test_a_repeated_heading_that_nobody_knows_is_told_and_the_rows_below_are_read(
    column: int, text: str, tmp_path: Path
) -> None:
    again = [*RVU_HEADINGS[:column], text, *RVU_HEADINGS[column + 1 :]]
    given = read_rvu(tmp_path, [RVU_ROWS[0], again, RVU_ROWS[1], MORE])
    assert given.codes("RVU3") == ["801515", "901792", "801520"]
    assert passed_over(given) == {"header": 1, "repeated-header": 1}
    assert [(f.rule, f.severity, f.row) for f in given.findings] == [("repeated-heading-differs", "warning", 3)]
    assert f"{'ABCDEF'[column]} «" in given.findings[0].message_fa


def test_the_footnote_of_a_repeated_heading_is_no_difference(tmp_path: Path) -> None:
    again = [*RVU_HEADINGS[:2], "شرح کد (۱)", *RVU_HEADINGS[3:]]
    given = read_rvu(tmp_path, [RVU_ROWS[0], again, MORE])
    assert (given.codes("RVU3"), given.findings) == (["801515", "801520"], [])


def test_a_repeated_heading_of_the_laboratory_may_be_in_the_plural(tmp_path: Path) -> None:
    again = [LAB_HEADINGS[0], "نام فارسی ازمایش ها", *LAB_HEADINGS[2:]]
    given = read(lab_book(tmp_path / "list.xlsx", [LAB_ROWS[0], again, *LAB_ROWS[1:]]))
    assert given.codes("LNC") == [row[0] for row in LAB_ROWS]
    assert "repeated-heading-differs" in given.rules
    assert not given.extract.has_errors


def test_headings_once_more_in_english_are_no_other_table_though_one_is_of_another_column(tmp_path: Path) -> None:
    english = ["Code", "Title", "English Name", "Panel", "RVU code", "RVU value"]
    given = read(save_xlsx(tmp_path / "list.xlsx", {"a": [LAB_HEADINGS, english, *LAB_ROWS]}))
    assert len(given.concepts("LNC")) == len(LAB_ROWS)
    assert passed_over(given) == {"header": 1, "repeated-header": 1}
    assert [f.row for f in given.of_rule("repeated-heading-differs")] == [2]


VALUE_HEADINGS = ["ترمینولوژی", "کد", "عنوان فارسی", "عنوان لاتین"]


@pytest.mark.parametrize(
    "row", [["thritaEHR.fieldType", "5", "شرح", "Description"], ["thritaEHR.fieldType", "ST", "وضعیت", "Status"],
            ["thritaEHR.fieldType", "1", "عنوان", "Title"]],
)  # fmt: skip
def test_a_value_whose_titles_are_words_of_headings_is_data(row: list[str], tmp_path: Path) -> None:
    rows = [["thritaEHR.fieldType", f"9{n}", "مقدار", "value"] for n in range(3)]
    given = read(save_xlsx(tmp_path / "list.xlsx", {"a": [VALUE_HEADINGS, rows[0], row, *rows[1:]]}), "value-sets")
    assert given.codes("thritaEHR.fieldType") == ["90", row[1], "91", "92"]
    assert not given.extract.has_errors


def test_a_value_whose_code_is_a_word_of_headings_is_data(tmp_path: Path) -> None:
    rows = [["کد", "عنوان فارسی", "عنوان لاتین"], ["A", "الف", "a"], ["Status", "وضعیت", "Status"], ["S", "بخش", "Part"],
            ["B", "ب", "b"]]  # fmt: skip
    path = save_xlsx(tmp_path / "list.xlsx", {"a": rows})
    folder = tmp_path / "spool"
    folder.mkdir()
    profile = Profile(terminology="MyList", title_fa="فهرست", title_en="list")
    given = Read(read_workbook(path, source="generic", workdir=folder, profile=profile))
    assert given.codes("MyList") == ["A", "Status", "S", "B"]
    assert passed_over(given) == {"header": 1}


def test_the_first_table_may_go_on_below_the_second(tmp_path: Path) -> None:
    headings = ["کد", "ویژگی", "شرح کد", "ارزش حرفه‌ای", "ارزش فنی", "ارزش کل"]
    given = read_rvu(tmp_path, [RVU_ROWS[0], ["ردیف", *headings[:4]], [1, *MORE[:4]], headings, RVU_ROWS[1]])
    assert [row.code for row in given.concepts("RVU3")] == ["801515", RVU_ROWS[1][0]]
    assert passed_over(given) == {"header": 1, "other-table": 1, "repeated-header": 1}


def test_rows_of_codes_above_the_headings_are_no_titles(tmp_path: Path) -> None:
    above = [["کد", "شرح خدمت", "ارزش کل"], ["801530", "الف", 1], ["801535", "ب", 2]]
    rows = [["ردیف", "کد", "شرح خدمت", "ارزش کل"], *([n, f"80154{n}", "پ", 1] for n in range(6))]
    given = read(save_xlsx(tmp_path / "list.xlsx", {"a": [*above, [], *rows]}))
    assert other_tables(given) == [("rows-above-headings", "error", 2)]
    assert all(present == accounted for present, accounted in given.balance())


VALUES = [["thritaEHR.fieldType", f"{n}", f"مقدار {n}", f"value {n}"] for n in range(1, 13)]


def test_a_mistyped_heading_on_the_first_page_loses_none_of_its_rows(tmp_path: Path) -> None:
    first = [*VALUE_HEADINGS[:3], "عنوان لاتن"]
    rows = [["مقدارهای پرونده"], first, *VALUES[:8], VALUE_HEADINGS, *VALUES[8:]]
    given = read(save_xlsx(tmp_path / "list.xlsx", {"a": rows}), "value-sets")
    assert [row.code for row in given.concepts("thritaEHR.fieldType")] == [row[1] for row in VALUES]
    assert given.concepts("thritaEHR.fieldType")[0].title_en == "value 1"
    assert passed_over(given) == {"header": 1, "repeated-header": 1, "title": 1}
    assert not given.extract.has_errors


def test_a_column_that_begins_on_the_second_page_loses_no_rows_of_the_first(tmp_path: Path) -> None:
    rows = [RVU_ROWS[0], [*RVU_HEADINGS, "توضیحات"], [*RVU_ROWS[1], "تازه"], MORE]
    given = read_rvu(tmp_path, rows)
    assert [(row.code, row.properties.get("description")) for row in given.concepts("RVU3")] == [
        ("801515", None), ("901792", "تازه"), ("801520", None),
    ]  # fmt: skip
    assert given.findings == []


def test_a_row_that_stands_above_the_headings_and_below_is_no_heading(tmp_path: Path) -> None:
    rows = [VALUES[0], VALUE_HEADINGS, VALUES[0], *VALUES[1:]]
    given = read(save_xlsx(tmp_path / "list.xlsx", {"a": rows}), "value-sets")
    assert given.codes("thritaEHR.fieldType") == [row[1] for row in VALUES]


def test_rows_of_any_codes_below_headings_that_are_not_nearly_the_same_are_told(tmp_path: Path) -> None:
    first = [*VALUE_HEADINGS[:3], "به زبان دیگر"]
    rows = [first, *VALUES[:8], VALUE_HEADINGS, *VALUES[8:]]
    given = read(save_xlsx(tmp_path / "list.xlsx", {"a": rows}), "value-sets")
    assert other_tables(given) == [("rows-above-headings", "error", 2)]
    (finding,) = given.of_rule("rows-above-headings")
    assert "8 ردیف" in finding.message_fa
    assert "ردیف 1 («ترمینولوژی کد عنوان فارسی به زبان دیگر»)" in finding.message_fa
    assert all(present == accounted for present, accounted in given.balance())


def test_one_row_of_the_list_above_its_headings_is_told(tmp_path: Path) -> None:
    rows = [["کتاب ارزش نسبی"], ["801020", "#", "شرح", 1, 1, 2], RVU_HEADINGS, *RVU_ROWS]
    given = read(save_xlsx(tmp_path / "list.xlsx", {"a": rows}))
    assert other_tables(given) == [("rows-above-headings", "error", 2)]
    assert passed_over(given) == {"header": 1, "title": 1}


def test_numbers_of_columns_between_two_rows_of_headings_are_no_row_of_the_list(tmp_path: Path) -> None:
    rows = [["کد", "عنوان", "توضیح دیگر", "یادداشت‌ها"], [1, 2, 3, 4], ["کد", *VALUE_HEADINGS[2:], "وضعیت"],
            ["1", "الف", "a", None], ["2", "ب", "b", None]]  # fmt: skip
    given = read(save_xlsx(tmp_path / "list.xlsx", {"WardType": rows}), "value-sets")
    assert not other_tables(given)
    assert passed_over(given)["title"] == 2


def test_a_letter_with_numbers_above_the_headings_is_a_title(tmp_path: Path) -> None:
    rows = [["شماره", "1927/110/د"], ["تعداد", 26], ["سال", 1404], LAB_HEADINGS, *LAB_ROWS]
    given = read(save_xlsx(tmp_path / "list.xlsx", {"a": rows}))
    assert not other_tables(given)
    assert passed_over(given)["title"] == 3


def test_a_section_that_tells_no_part_is_told_where_sections_tell_them(tmp_path: Path) -> None:
    headings = ["کد LOINC", "نام خدمت", "کد RVU"]
    rows = [["سی‌تی اسکن"], ["24725-4", "سر", "700120"], ["ام‌آر‌آی"], ["24590-2", "مغز", "700130"], ["سایر"],
            ["24592-8", "دیگر", "700135"]]  # fmt: skip
    given = read(save_xlsx(tmp_path / "list.xlsx", {"خدمات": [headings, *rows]}), "imaging")
    (finding,) = given.of_rule("section-without-part")
    assert (finding.severity, finding.row, finding.value) == ("warning", 6, "سایر")
    assert "mri" in finding.message_fa


def test_both_rows_of_a_heading_may_be_repeated(tmp_path: Path) -> None:
    upper = ["کد", "ویژگی", "شرح کد", "ارزش نسبی", None, None]
    lower = [None, None, None, "جزء حرفه‌ای", "جزء فنی", "کل"]
    given = read(rvu_book(tmp_path / "list.xlsx", [lower, *RVU_ROWS, upper, lower, MORE], upper))
    assert passed_over(given) == {"header": 2, "repeated-header": 2}
    assert not given.extract.has_errors


def test_blank_rows_and_rows_numbered_beforehand_are_blank(tmp_path: Path) -> None:
    rows = [[1, *RVU_ROWS[0]], [2], [3, "-", None, " "], [4, *MORE]]
    given = read(rvu_book(tmp_path / "list.xlsx", rows, ["ردیف", *RVU_HEADINGS]))
    assert passed_over(given) == {"blank": 2, "header": 1}
    assert given.findings == []


def test_blank_lines_of_a_csv_are_blank(tmp_path: Path) -> None:
    given = read(save_csv(tmp_path / "list.csv", [RVU_HEADINGS, [], RVU_ROWS[0], ["", " "], MORE]))
    assert passed_over(given) == {"blank": 2, "header": 1}
    assert [row.row for row in given.concepts("RVU3")] == [3, 5]


def test_a_row_with_data_outside_of_the_table_only_is_told(tmp_path: Path) -> None:
    given = read_rvu(tmp_path, [RVU_ROWS[0], [None] * 9 + ["حاشیه", "نویسی"], MORE])
    assert ("row-outside-columns", "warning", 3) in [(f.rule, f.severity, f.row) for f in given.findings]
    assert passed_over(given)["outside-columns"] == 1


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        ([None, "#", "شرح", 1, 1, 2], "missing-code"),
        ([None, "*", "تعداد گلبول سفید", 1, 1, 2], "missing-code"),
        (["ABC12"], "bad-code"),
        (["80151"], "bad-code"),
        (["جمع", "#", "شرح", 1, 1, 2], "bad-code"),
        (["801516"], "required-value"),
        ([801516], "required-value"),
        (["801516", "#", "-", 1, 1, 2], "required-value"),
    ],
)
def test_a_broken_row_is_an_error_and_not_a_note(row: list[Any], rule: str, tmp_path: Path) -> None:
    given = read_rvu(tmp_path, [RVU_ROWS[0], row, MORE])
    assert (rule, 3) in [(f.rule, f.row) for f in given.findings if f.severity == "error"]
    assert given.codes("RVU3") == ["801515", "801520"]


def test_hidden_rows_are_read_and_told_in_runs(tmp_path: Path) -> None:
    book = Workbook()
    for row in [RVU_HEADINGS, *RVU_ROWS, MORE]:
        book.active.append(row)
    for hidden in (2, 3, 5):
        book.active.row_dimensions[hidden].hidden = True
    book.save(tmp_path / "list.xlsx")
    given = read(tmp_path / "list.xlsx")
    assert len(given.codes("RVU3")) == 4
    assert [(f.rule, f.severity, f.row, f.value) for f in given.findings] == [
        ("hidden-row", "warning", 2, "2–3"), ("hidden-row", "warning", 5, "5"),
    ]  # fmt: skip


def test_cells_merged_over_rows_hold_for_all_of_them(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    for row in [[*LAB_HEADINGS, "گروه"], *([*row, None] for row in LAB_ROWS)]:
        sheet.append(row)
    sheet["G2"] = "هماتولوژی"
    sheet.merge_cells("G2:G4")
    book.save(tmp_path / "list.xlsx")
    given = read(tmp_path / "list.xlsx")
    assert [row.properties["group"] for row in given.concepts("LNC")] == ["هماتولوژی"] * 3
    assert [(f.rule, f.severity, f.column) for f in given.findings] == [("merged-cells-filled", "info", "G")]


def test_a_merged_code_makes_duplicates(tmp_path: Path) -> None:
    book = Workbook()
    for row in [LAB_HEADINGS, LAB_ROWS[0], [None, *LAB_ROWS[1][1:]]]:
        book.active.append(row)
    book.active.merge_cells("A2:A3")
    book.save(tmp_path / "list.xlsx")
    assert "code-with-two-titles" in read(tmp_path / "list.xlsx").rules


def test_a_million_formatted_empty_rows_are_counted_and_cost_no_memory(tmp_path: Path) -> None:
    empty = "".join(
        f'<row r="{n}" spans="1:3" s="1" customFormat="1"><c r="A{n}" s="1"/><c r="B{n}" s="1"/></row>'
        for n in range(3, 1_048_577)
    )
    rows = text_row(1, RVU_HEADINGS[:3]) + text_row(2, ["801515", "#", "شرح"])
    given = read(raw_xlsx(tmp_path / "list.xlsx", worksheet(rows + empty), formats=["0"]))
    (sheet,) = given.extract.sheets
    assert (sheet.rows_present, sheet.rows_read) == (1_048_576, 1)
    assert sheet.passed_over == {"blank": 1_048_574, "header": 1}


def test_nothing_is_dropped_in_silence(tmp_path: Path) -> None:
    """All kinds of rows in one sheet: read + passed over + wrong = present."""
    rows = [
        ["فصل یک"], RVU_ROWS[0], [], ["نادرست", "#", "شرح", 1, 1, 2], RVU_HEADINGS, MORE, ["فصل دو"], [None, None, "بی‌کد", 1],
        ["801515", "#", "تکراری", 1, 1, 2], ["90.1", None, "تعدیل‌گر"], ["پایان فهرست"],
    ]  # fmt: skip
    given = read_rvu(tmp_path, rows)
    assert given.codes("RVU3") == ["801515", "801520", "90.1"]
    assert passed_over(given) == {"header": 1, "note": 1, "repeated-header": 1, "section": 2}
    assert sorted(f.row for f in given.findings if f.severity == "error" and f.row) == [5, 9, 10]


def test_a_lone_cell_of_endless_digits_is_no_code(tmp_path: Path) -> None:
    """Looked at from each digit anew it would take hours; xlsx holds no such cell, CSV does."""
    rows = [["کد LOINC", "نام فارسی آزمایش"], ["718-7", "هموگلوبین"], ["1" * 900_000 + "!", ""]]
    given = read(save_csv(tmp_path / "list.csv", rows))
    assert given.codes("LNC") == ["718-7"]
    assert [(f.rule, f.row) for f in given.findings if f.rule != "old-format"] == [("row-passed-over", 3)]
