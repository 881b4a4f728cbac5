"""Values of cells: what is read, what is mended, what is told."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st
from openpyxl import Workbook

from importers.cells import (
    Cell,
    ErrorValue,
    Formula,
    Number,
    column_letters,
    column_number,
    is_date_format,
    number_text,
    zeros_of_format,
)
from importers.columns import STATUS
from importers.fields import Choice, Decimal, LatinText, Marks, PersianText, Text, Title
from importers.imaging import LATERALITIES
from tests.importers.books import (
    DRUG_HEADINGS,
    DRUG_ROWS,
    RVU_HEADINGS,
    RVU_ROWS,
    Read,
    drug_book,
    lab_book,
    raw_xlsx,
    read,
    rvu_book,
    save_csv,
    text_cell,
    text_row,
    worksheet,
    xml_row,
)
from tests.importers.notes import Told


def of_cell(tmp_path: Path, column: str, cell: str, formats: tuple[str, ...] = ()) -> Read:
    """An RVU list whose second row has this XML in one cell, and ordinary rows around it."""
    cells = {"A": text_cell("901792"), "B": text_cell("#"), "C": text_cell("شرح"), "D": "><v>1</v>", column: cell}
    rows = text_row(1, RVU_HEADINGS[:4]) + text_row(2, ["801515", "#", "شرح"]) + xml_row(3, cells)
    return read(raw_xlsx(tmp_path / "list.xlsx", worksheet(rows), formats=formats))


# Formulas and errors


@pytest.mark.parametrize("column", ["A", "C", "D"])
@pytest.mark.parametrize("error", ["#N/A", "#REF!", "#DIV/0!", "#VALUE!"])
def test_an_error_cell_in_a_read_column_is_an_error(column: str, error: str, tmp_path: Path) -> None:
    given = of_cell(tmp_path, column, f't="e"><v>{error}</v>')
    assert [(f.rule, f.severity, f.row, f.column, f.value) for f in given.findings] == [
        ("error-cell", "error", 3, column, error)
    ]
    assert given.codes("RVU3") == ["801515"]


@pytest.mark.parametrize("column", ["A", "C", "D"])
def test_a_formula_without_a_saved_value_is_an_error(column: str, tmp_path: Path) -> None:
    given = of_cell(tmp_path, column, "><f>A1+1</f>")
    assert [(f.rule, f.severity, f.row, f.column) for f in given.findings] == [
        ("formula-without-value", "error", 3, column)
    ]


def test_a_row_of_formulas_without_values_is_not_a_blank_row(tmp_path: Path) -> None:
    rows = (
        text_row(1, RVU_HEADINGS[:3])
        + text_row(2, ["801515", "#", "شرح"])
        + xml_row(3, {"A": "><f>X1</f>", "C": "><f>Y1</f>"})
    )
    given = read(raw_xlsx(tmp_path / "list.xlsx", worksheet(rows)))
    assert [(f.rule, f.column) for f in given.findings] == [
        ("formula-without-value", "A"),
        ("formula-without-value", "C"),
    ]


def test_what_openpyxl_leaves_of_a_formula_is_an_error(tmp_path: Path) -> None:
    given = read(rvu_book(tmp_path / "list.xlsx", [["801515", "#", "شرح", 1, 1, "=D2+E2"], *RVU_ROWS[1:]]))
    assert [(f.rule, f.row, f.column) for f in given.findings] == [("formula-without-value", 2, "F")]


def test_saved_values_of_formulas_are_taken_and_told_once_a_column(tmp_path: Path) -> None:
    rows = text_row(1, RVU_HEADINGS[:3]) + "".join(
        xml_row(n, {"A": f"><f>B{n}</f><v>{801515 + n}</v>", "C": f't="str"><f>"x"</f><v>شرح {n}</v>'})
        for n in range(2, 9)
    )
    given = read(raw_xlsx(tmp_path / "list.xlsx", worksheet(rows)))
    assert given.codes("RVU3") == [str(801515 + n) for n in range(2, 9)]
    assert [(f.rule, f.severity, f.column) for f in given.findings] == [
        ("formula", "info", "A"),
        ("formula", "info", "C"),
    ]


def test_a_formula_that_gives_an_error_is_an_error_cell(tmp_path: Path) -> None:
    given = of_cell(tmp_path, "C", 't="e"><f>NA()</f><v>#N/A</v>')
    assert [(f.rule, f.value) for f in given.findings if f.severity == "error"] == [("error-cell", "#N/A")]


# Text


def test_a_cell_of_32767_characters_is_an_error_and_kept_short_in_the_finding(tmp_path: Path) -> None:
    given = read(rvu_book(tmp_path / "list.xlsx", [["801515", "#", "ش" * 32_767, 1, 1, 2], *RVU_ROWS[1:]]))
    (finding,) = given.findings
    assert (finding.rule, finding.severity, finding.row, finding.column) == ("too-long", "error", 2, "C")
    assert len(finding.value or "") == 200
    assert "32767" in finding.message_fa
    assert given.codes("RVU3") == ["901792", "90.1"]


def test_a_title_of_a_thousand_characters_is_taken(tmp_path: Path) -> None:
    given = read(rvu_book(tmp_path / "list.xlsx", [["801515", "#", "ش" * 1_000, 1, 1, 2]]))
    assert given.findings == []


@pytest.mark.parametrize("mark", ["\x07", "\x1f", "\x7f", "\x9f", "\ufffe"])
def test_a_control_character_is_removed_and_told(mark: str, tmp_path: Path) -> None:
    rows = [["801515", "#", f"شرح{mark} کد"], ["801516", "#", "شرح"]]
    given = read(save_csv(tmp_path / "list.csv", [RVU_HEADINGS[:3], *rows]), "rvu3")
    assert [row.title_fa for row in given.concepts("RVU3")] == ["شرح کد", "شرح"]
    assert [(f.rule, f.severity, f.row, f.column) for f in given.findings][1:] == [
        ("control-character", "warning", 2, "C")
    ]


def test_an_escaped_control_character_of_a_workbook_is_removed(tmp_path: Path) -> None:
    given = of_cell(tmp_path, "C", text_cell("شرح_x0007_ کد_x0000__xD800_"))
    assert given.concept("RVU3", "901792").title_fa == "شرح کد"
    assert given.rules == ["control-character"]


def test_a_line_break_in_a_title_becomes_a_space(tmp_path: Path) -> None:
    given = of_cell(tmp_path, "C", text_cell("شرح\nکد  دو\t سه"))
    assert given.concept("RVU3", "901792").title_fa == "شرح کد  دو سه"
    assert [(f.rule, f.severity) for f in given.findings] == [("line-break-mended", "info")]


def test_a_description_keeps_its_lines(tmp_path: Path) -> None:
    headings = [*RVU_HEADINGS, "توضیحات"]
    given = read(
        rvu_book(tmp_path / "list.xlsx", [[*RVU_ROWS[0], " سطر یک \r\n سطر دو"], [*RVU_ROWS[1], None]], headings)
    )
    assert given.concept("RVU3", "801515").properties["description"] == "سطر یک\nسطر دو"
    assert given.findings == []


def test_titles_are_kept_as_published_but_for_their_edges(tmp_path: Path) -> None:
    title = "اندازه‌گيري  كمّي ۱و۲۵-هيدروكسي ويتامين D"
    given = of_cell(tmp_path, "C", text_cell(f"\u200f {title}\u200c\u00a0"))
    assert given.concept("RVU3", "901792").title_fa == title
    assert given.findings == []


@pytest.mark.parametrize("empty", ["-", "--", "—", " ", "\u200c", None])
def test_a_dash_stands_for_nothing(empty: str | None, tmp_path: Path) -> None:
    given = read(rvu_book(tmp_path / "list.xlsx", [["801515", empty, "شرح", empty, 1, 1], *RVU_ROWS[1:]]))
    assert given.concept("RVU3", "801515").properties == {"technical": 1, "total": 1}


def test_a_number_or_a_date_in_a_column_of_text_is_read_as_it_shows() -> None:
    cells: list[Cell] = [
        Number("500"),
        Number("0.10000000000000001"),
        Number("1.5E3"),
        Number("45300", "yyyy/mm/dd"),
        True,
        None,
    ]
    assert Title.read(cells, Told()) == ["500", "0.1", "1500", "2024-01-09", "TRUE", None]


def test_a_missing_persian_title_is_a_warning_where_there_is_another(tmp_path: Path) -> None:
    given = read(drug_book(tmp_path / "list.xlsx", [[*DRUG_ROWS[0][:2], None, *DRUG_ROWS[0][3:]], *DRUG_ROWS[1:]]))
    assert [(f.rule, f.severity, f.row, f.column) for f in given.findings] == [("missing-value", "warning", 2, "C")]


def test_a_code_without_any_title_is_an_error(tmp_path: Path) -> None:
    given = read(drug_book(tmp_path / "list.xlsx", [[*DRUG_ROWS[0][:2], None, "-", *DRUG_ROWS[0][4:]], *DRUG_ROWS[1:]]))
    assert [(f.rule, f.severity, f.row, f.value) for f in given.findings] == [
        ("missing-title", "error", 2, DRUG_ROWS[0][0])
    ]


def test_two_swapped_title_columns_are_told(tmp_path: Path) -> None:
    rows = [[f"{n:016d}", "01277", f"DRUG {n}", f"داروی {n}", "GENERIC", 1] for n in range(1, 30)]
    given = read(drug_book(tmp_path / "list.xlsx", rows))
    assert [(f.rule, f.severity, f.column) for f in given.findings] == [
        ("wrong-script", "warning", "C"), ("wrong-script", "warning", "D"),
    ]  # fmt: skip


def test_letters_that_look_like_others_are_told(tmp_path: Path) -> None:
    rows = [
        [*DRUG_ROWS[0][:3], "COAGULATION FACTOR Vlll", *DRUG_ROWS[0][4:]],
        [*DRUG_ROWS[2][:3], "АCETAMINOPHEN", *DRUG_ROWS[2][4:]],
    ]
    given = read(drug_book(tmp_path / "list.xlsx", rows))
    assert [(f.rule, f.severity, f.row, f.column) for f in given.findings] == [
        ("look-alike-letters", "warning", 2, "D"), ("look-alike-letters", "warning", 3, "D"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "title", ["Cell count by Illumina", "IL-6", "Allergen Ab", "FACTOR VIII", "µ-opioid", "All of it"]
)
def test_ordinary_latin_names_are_not_suspected(title: str) -> None:
    told = Told()
    assert LatinText.read([title], told) == [title]
    assert told.rules == []


# Numbers


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        (Number("362120"), 362_120),
        (Number("0.90000000000000002"), 0.9),
        (Number("1E+2"), 100),
        (Number("2.0"), 2),
        ("362,120", 362_120),
        ("۳۶۲٬۱۲۰", 362_120),
        ("٣٦٢،١٢٠", 362_120),
        ("1 000 000", 1_000_000),
        ("۱٫۵", 1.5),
        ("-3.5", -3.5),
        ("\u200e12\u200f", 12),
        ("-", None),
        ("", None),
        (None, None),
        (Formula(Number("7")), 7),
        ("۱۲٬۵۰۰ ریال", 12_500),
        ("12,500 Rials", 12_500),
    ],
)
def test_numbers_are_read_however_they_are_written(cell: Cell, value: float | None) -> None:
    told = Told()
    (read_value,) = Decimal().read([cell], told)
    assert read_value == value
    assert type(read_value) is type(value)
    assert set(told.rules) <= {"formula"}


def test_words_in_place_of_a_number_are_kept_beside_it(tmp_path: Path) -> None:
    headings = [*DRUG_HEADINGS, "سقف تجویز"]
    given = read(drug_book(tmp_path / "list.xlsx", [[*DRUG_ROWS[0], "طبق پرونده"], [*DRUG_ROWS[1], "۳۰"]], headings))
    assert [(f.rule, f.severity, f.row, f.column, f.value) for f in given.findings] == [
        ("not-a-number", "warning", 2, "G", "طبق پرونده")
    ]
    assert [row.properties for row in given.concepts("IRC")] == [
        {"price": 362_120, "max_per_prescription_text": "طبق پرونده"},
        {"price": 370_000, "max_per_prescription": 30},
    ]


def test_words_in_place_of_a_value_of_a_map_go_with_the_pair(tmp_path: Path) -> None:
    given = read(lab_book(tmp_path / "list.xlsx", [["718-7", "هموگلوبین", "Hb", None, "800105", "توافقی"]]))
    assert given.pairs("LNC→RVU3")[0].properties == {"rvu_value_text": "توافقی"}


@pytest.mark.parametrize(
    "text", ["nan", "inf", "1e999", "0x10", "1_000", "2/3/4", "۱۲ عدد", "1.2.3", "12,000 تومان", "ریال"]
)
def test_what_only_looks_like_a_number_is_none(text: str) -> None:
    told = Told()
    assert Decimal().read([text], told) == [None]
    assert told.rules == ["not-a-number"]


def test_a_slash_for_the_decimal_point_is_told() -> None:
    told = Told()
    assert Decimal().read(["۱/۵"], told) == [1.5]
    assert told.rules == ["decimal-slash"]


@pytest.mark.parametrize(("text", "value"), [("2,5", 2.5), ("۲،۵", 2.5), ("12,50", 12.5), ("-1,5", -1.5)])
def test_a_comma_for_the_decimal_point_is_told_and_does_not_make_the_number_larger(text: str, value: float) -> None:
    told = Told()
    assert Decimal().read([text], told) == [value]
    assert told.rules == ["decimal-slash"]


@pytest.mark.parametrize("text", ["1 5", "1.234,5", "12,34,56", "1,23,456"])
def test_a_number_that_may_be_read_in_two_ways_is_none(text: str) -> None:
    told = Told()
    assert Decimal().read([text], told) == [None]
    assert told.rules == ["not-a-number"]


@pytest.mark.parametrize("text", ["غیر فعال", "غیر\u200cفعال", "غیرفعال", "حذفشده", "حذف\u200cشده"])
def test_a_value_is_known_with_a_space_a_half_space_or_nothing(text: str) -> None:
    choice = Choice({"active": "فعال", "retired": "غیرفعال|حذف شده"}, decides=True)
    assert choice.read([text], Told()) == ["retired"]


def test_marks_are_told_apart_though_they_are_punctuation() -> None:
    assert Choice({"dagger": "†|+", "asterisk": "*"}).read(["†", "*", "+"], Told()) == ["dagger", "asterisk", "dagger"]


def test_a_value_that_excel_took_for_a_date_is_no_number() -> None:
    told = Told()
    assert Decimal().read([Number("45300", "d-mmm")], told) == [None]
    assert told.told == [("not-a-number", 0, "2024-01-09")]


def test_a_price_of_zero_is_no_price(tmp_path: Path) -> None:
    given = read(drug_book(tmp_path / "list.xlsx", [[*DRUG_ROWS[0][:5], 0], [*DRUG_ROWS[1][:5], "0"]]))
    assert [row.properties for row in given.concepts("IRC")] == [{}, {}]


# Marks and choices


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ("#", "#"),
        ("*#", "#*"),
        ("# * +", "#*+"),
        ("##", "#"),
        ("＃٭", "#*"),
        ("(#)", "#"),
        ("#، *", "#*"),
        (None, None),
    ],
)
def test_marks_are_kept_in_one_order(text: str | None, marks: str | None) -> None:
    assert Marks("#*+").read([text], Told()) == [marks]


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("راست و چپ", "bilateral"), ("دو طرفه", "bilateral"), ("هر دو", "bilateral"), ("چپ یا راست", "unspecified"),
        ("Right", "right"), ("سمت چپ", "left"), ("راست/چپ", "راست/چپ"),
    ],
)  # fmt: skip
def test_a_side_of_the_body_is_said_in_many_ways(written: str, kept: str) -> None:
    assert Choice(LATERALITIES).read([written], Told()) == [kept]


@pytest.mark.parametrize("written", ["حذف شد", "حذف گردید", "ادغام شده", "obsolete"])
def test_a_retired_code_is_said_in_many_ways(written: str) -> None:
    assert STATUS.read([written, "جدید", "اصلاح شده"], Told()) == ["retired", "active", "active"]


def test_an_unknown_mark_is_told_in_every_row_and_kept() -> None:
    told = Told()
    assert Marks("#*+").read(["#?", "#", "#?"], told) == ["#?", "#", "#?"]
    assert told.told == [("unknown-mark", 0, "#?"), ("unknown-mark", 2, "#?")]


COLOURS = Choice({"red": "سرخ|قرمز", "green": "سبز"})


@pytest.mark.parametrize(
    ("text", "value"), [("سرخ", "red"), (" قرمز ", "red"), ("RED", "red"), ("سبز", "green"), ("-", None)]
)
def test_a_choice_is_known_in_any_spelling(text: str, value: str | None) -> None:
    assert COLOURS.read([text], Told()) == [value]


def test_an_unknown_choice_is_kept_and_told() -> None:
    told = Told()
    assert COLOURS.read(["آبی", "سبز", "آبی"], told) == ["آبی", "green", "آبی"]
    assert told.rules == ["unknown-choice", "unknown-choice"]


def test_an_unknown_choice_that_decides_is_not_kept() -> None:
    told = Told()
    assert Choice({"a": "الف"}, decides=True).read(["ب"], told) == [None]
    assert told.rules == ["unknown-status"]


# Of any cell whatever


ANY_CELL = st.one_of(
    st.none(),
    st.text(max_size=40),
    st.booleans(),
    st.builds(
        Number,
        st.from_regex(r"-?[0-9]{1,20}(\.[0-9]{1,5})?(E[+-]?[0-9]{1,3})?", fullmatch=True),
        st.sampled_from(["", "00000", "d-mmm", "0%"]),
    ),
    st.builds(Number, st.text(max_size=5)),
    st.builds(ErrorValue, st.sampled_from(["#N/A", "#REF!"])),
    st.builds(Formula, st.one_of(st.none(), st.text(max_size=5), st.builds(Number, st.just("3")))),
)


@pytest.mark.parametrize(
    "field",
    [PersianText, LatinText, Text(longest=10), Decimal(), COLOURS, Marks("#*+")],
    ids=lambda f: type(f).__name__,
)
@drawn(cells=st.lists(ANY_CELL, max_size=10))
def test_any_field_reads_any_cell(field: Any, cells: list[Cell]) -> None:
    values = field.read(cells, Told())
    assert len(values) == len(cells)
    for value in values:
        if isinstance(value, str):
            assert value == value.strip()
            assert not any((ord(c) < 32 and c != "\n") or 0xD800 <= ord(c) < 0xE000 for c in value)


@drawn(st.integers(min_value=1, max_value=16_384))
def test_column_letters_and_numbers_answer_each_other(number: int) -> None:
    assert column_number(column_letters(number)) == number


def test_column_letters_are_those_of_excel() -> None:
    assert [column_letters(n) for n in (1, 26, 27, 702, 703, 16_384)] == ["A", "Z", "AA", "ZZ", "AAA", "XFD"]


@pytest.mark.parametrize(
    ("code", "date"),
    [("yyyy-mm-dd", True), ("d-mmm", True), ("[h]:mm", True), ("[$-fa-IR]yyyy/mm/dd", True), ("General", False), ("", False),
     ("0.00", False), ("#,##0", False), ('0 "days"', False), ("[Red]0", False), ("@", False)],
)  # fmt: skip
def test_a_date_format_is_told_from_a_number_format(code: str, date: bool) -> None:
    assert is_date_format(code) is date


def test_zeros_of_a_format() -> None:
    assert [zeros_of_format(code) for code in ("00000", "0000;-0000", "0", "0.00", "#,##0", "")] == [5, 4, 0, 0, 0, 0]


def test_a_date_keeps_its_time_of_day() -> None:
    assert number_text(Number("45300.5", "yyyy-mm-dd hh:mm")) == "2024-01-09 12:00:00"


def test_a_workbook_with_dates_as_openpyxl_writes_them(tmp_path: Path) -> None:
    book = Workbook()
    for row in [[*RVU_HEADINGS, "یادداشت"], [*RVU_ROWS[0], datetime.date(2024, 1, 9)]]:
        book.active.append(row)
    book.save(tmp_path / "list.xlsx")
    assert read(tmp_path / "list.xlsx").concept("RVU3", "801515").properties["note"] == "2024-01-09"
