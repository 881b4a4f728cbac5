"""What Excel does to long codes, and what is mended of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from importers.check_digits import loinc
from importers.codes import Code
from importers.drugs import ERX_CODE, IRC_CODE
from tests.importers.books import (
    DRUG_HEADINGS,
    DRUG_ROWS,
    LAB_ROWS,
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


def irc_of(tmp_path: Path, cell: str, formats: tuple[str, ...] = ()) -> Any:
    """Read a list whose first IRC cell has this XML, the second one an ordinary code."""
    rows = text_row(1, ["کد IRC", "نام فارسی"])
    rows += xml_row(2, {"A": cell, "B": text_cell("دارو")}) + text_row(3, ["1111111111111111", "دارو"])
    return read(raw_xlsx(tmp_path / "list.xlsx", worksheet(rows), formats=formats))


def test_a_fifteen_digit_number_gets_its_zero_back(tmp_path: Path) -> None:
    given = irc_of(tmp_path, "><v>579693345955352</v>")
    assert given.codes("IRC")[0] == "0579693345955352"
    (finding,) = given.of_rule("leading-zero-restored")
    assert (finding.severity, finding.row, finding.column, finding.value) == ("warning", 2, "A", "579693345955352")


@pytest.mark.parametrize("lost", ["579693345955352", "79693345955352", "9693345955352", "693345955352"])
def test_a_text_that_lost_up_to_four_zeros_gets_them_back(tmp_path: Path, lost: str) -> None:
    given = read(drug_book(tmp_path / "list.xlsx", [[lost, *DRUG_ROWS[0][1:]]]))
    assert given.codes("IRC") == [lost.zfill(16)]
    assert given.rules.count("leading-zero-restored") == 1


def test_a_code_that_is_far_too_short_is_an_error(tmp_path: Path) -> None:
    given = read(drug_book(tmp_path / "list.xlsx", [["69334595535", *DRUG_ROWS[0][1:]], *DRUG_ROWS[1:]]))
    assert [(f.rule, f.row, f.value) for f in given.of_rule("bad-code")] == [("bad-code", 2, "69334595535")]


@pytest.mark.parametrize("value", ["1277", 1277, "94", "0094", 94])
def test_a_generic_code_gets_its_zeros_back(tmp_path: Path, value: str | int) -> None:
    given = read(drug_book(tmp_path / "list.xlsx", [[DRUG_ROWS[0][0], value, *DRUG_ROWS[0][2:]]]))
    assert given.codes("eRx") == [str(value).zfill(5)]
    assert [f.column for f in given.of_rule("leading-zero-restored")] == ["B"]


def test_zeros_that_the_format_shows_are_taken(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(DRUG_HEADINGS)
    book.active.append([DRUG_ROWS[0][0], 1277, *DRUG_ROWS[0][2:]])
    book.active["B2"].number_format = "00000"
    book.save(tmp_path / "list.xlsx")
    given = read(tmp_path / "list.xlsx")
    assert given.codes("eRx") == ["01277"]
    assert [f.severity for f in given.of_rule("shown-with-zeros")] == ["info"]
    assert "leading-zero-restored" not in given.rules


@pytest.mark.parametrize("raw", ["7210201495605780", "7.21020149560578E+15", "7210201495605780.0"])
def test_a_number_that_ends_in_zero_is_handed_on_with_the_range_of_its_true_code(tmp_path: Path, raw: str) -> None:
    given = irc_of(tmp_path, f"><v>{raw}</v>")
    row = given.concepts("IRC")[0]
    assert row.code == "7210201495605780"
    assert row.doubt == {"kind": "rounded", "candidates": ["7210201495605775", "7210201495605789"]}
    assert not given.extract.has_errors  # the registry decides, which knows the current edition


@pytest.mark.parametrize(
    ("true", "shown"),
    [
        ("7210201495605784", "7210201495605780"),
        ("9275740779753128", "9275740779753130"),
        ("1114266489716699", "1114266489716700"),
    ],
)
def test_the_range_holds_the_code_whether_it_was_cut_off_or_rounded(tmp_path: Path, true: str, shown: str) -> None:
    row = irc_of(tmp_path, f"><v>{shown}</v>").concepts("IRC")[0]
    low, high = row.doubt["candidates"]
    assert low <= true <= high


def test_the_pair_of_a_doubtful_code_is_in_doubt_as_well(tmp_path: Path) -> None:
    given = read(drug_book(tmp_path / "list.xlsx", [[7210201495605780, *DRUG_ROWS[0][1:]]]))
    (pair,) = given.pairs("eRx→IRC")
    assert pair.doubt == {"kind": "rounded", "candidates": ["7210201495605775", "7210201495605789"], "side": "target"}


def test_two_codes_that_excel_rounded_to_one_are_not_called_duplicates(tmp_path: Path) -> None:
    rows = [[7210201495605780, "01277", f"داروی {n}", f"DRUG {n}", "GENERIC", 1] for n in (1, 2)]
    given = read(drug_book(tmp_path / "list.xlsx", rows))
    assert given.codes("IRC") == ["7210201495605780"] * 2
    assert "duplicate-code" not in given.rules


def test_a_number_below_two_to_the_53_that_excel_would_not_write_is_exact(tmp_path: Path) -> None:
    assert irc_of(tmp_path, "><v>7210201495605784</v>").concepts("IRC")[0].doubt is None


def test_an_even_number_above_two_to_the_53_may_be_its_neighbour(tmp_path: Path) -> None:
    row = irc_of(tmp_path, "><v>9275740779753128</v>").concepts("IRC")[0]
    assert row.doubt == {"kind": "rounded", "candidates": ["9275740779753127", "9275740779753129"]}


def test_an_odd_number_shows_that_the_program_kept_whole_numbers(tmp_path: Path) -> None:
    rows = text_row(1, ["کد IRC", "نام فارسی"]) + xml_row(2, {"A": "><v>9275740779753128</v>", "B": text_cell("الف")})
    rows += xml_row(3, {"A": "><v>9275740779753133</v>", "B": text_cell("ب")})
    given = read(raw_xlsx(tmp_path / "list.xlsx", worksheet(rows)))
    assert [(row.code, row.doubt) for row in given.concepts("IRC")] == [
        ("9275740779753128", None),
        ("9275740779753133", None),
    ]


def test_a_program_that_wrote_doubles_leaves_a_doubt(tmp_path: Path) -> None:
    """openpyxl, too, writes a whole number through a double: the code below comes out as …132."""
    given = read(drug_book(tmp_path / "list.xlsx", [[9275740779753133, *DRUG_ROWS[0][1:]]]))
    (row,) = given.concepts("IRC")
    assert row.code != "9275740779753133"
    low, high = row.doubt["candidates"]
    assert low <= "9275740779753133" <= high


def test_text_codes_of_which_half_end_in_zero_look_rounded(tmp_path: Path) -> None:
    rows = [
        [f"72102014956057{n:02d}"[:15] + ("0" if n % 2 else "3"), "01277", f"دارو {n}", f"D{n}", "G", 1]
        for n in range(40)
    ]
    rows = [[f"721020149560{n:03d}" + ("0" if n % 2 else "3"), *row[1:]] for n, row in enumerate(rows)]
    given = read(drug_book(tmp_path / "list.xlsx", rows))
    (finding,) = given.of_rule("codes-look-rounded")
    assert (finding.column, finding.row) == ("A", None)
    assert "20" in finding.message_en
    assert "40" in finding.message_en


def test_nineteen_codes_ending_in_zero_are_too_few_to_judge(tmp_path: Path) -> None:
    rows = [[f"721020149560{n:03d}0", "01277", f"دارو {n}", f"D{n}", "G", 1] for n in range(19)]
    assert "codes-look-rounded" not in read(drug_book(tmp_path / "list.xlsx", rows)).rules


def test_a_code_in_scientific_notation_has_lost_its_digits(tmp_path: Path) -> None:
    given = read(save_csv(tmp_path / "list.csv", [DRUG_HEADINGS, ["5.79693E+14", *DRUG_ROWS[0][1:]], *DRUG_ROWS[1:]]))
    assert [(f.severity, f.row, f.value) for f in given.of_rule("scientific-notation")] == [("error", 2, "5.79693E+14")]


def test_a_code_that_excel_took_for_a_date_is_an_error(tmp_path: Path) -> None:
    rows = text_row(1, ["کد LOINC", "نام فارسی آزمایش"]) + text_row(2, ["718-7", "هموگلوبین"])
    rows += xml_row(3, {"A": 's="1"><v>45300</v>', "B": text_cell("آسیکلوویر")})
    given = read(raw_xlsx(tmp_path / "list.xlsx", worksheet(rows), formats=["d-mmm"]))
    assert [(f.row, f.value) for f in given.of_rule("code-became-date")] == [(3, "2024-01-09")]
    assert given.codes("LNC") == ["718-7"]


@pytest.mark.parametrize(
    "written",
    ["۷۲۱۰۲۰۱۴۹۵۶۰۵۷۸۴", "٧٢١٠٢٠١٤٩٥٦٠٥٧٨٤", "7210 2014 9560 5784", "72102014\u200e95605784", "7210201495605784.0"],
)
def test_a_code_in_other_digits_or_with_stray_marks_is_evened_out(tmp_path: Path, written: str) -> None:
    given = read(drug_book(tmp_path / "list.xlsx", [[written, *DRUG_ROWS[1][1:]]]))
    assert given.codes("IRC") == ["7210201495605784"]
    assert [f.severity for f in given.findings if f.rule == "code-spelling-mended"] == ["info"]


@pytest.mark.parametrize("written", [" 7210201495605784", "7210201495605784\u200f", "\ufeff7210201495605784\n"])
def test_stray_marks_at_the_edges_are_stripped_without_a_word(tmp_path: Path, written: str) -> None:
    given = read(drug_book(tmp_path / "list.xlsx", [[written, *DRUG_ROWS[1][1:]]]))
    assert given.codes("IRC") == ["7210201495605784"]
    assert given.findings == []


def test_a_dash_of_another_kind_in_a_loinc_code_is_evened_out(tmp_path: Path) -> None:
    given = read(lab_book(tmp_path / "list.xlsx", [["718–7", *LAB_ROWS[0][1:3]], *LAB_ROWS[1:]]))
    assert "718-7" in given.codes("LNC")


def test_a_wrong_check_digit_is_a_warning_that_names_the_right_one(tmp_path: Path) -> None:
    given = read(lab_book(tmp_path / "list.xlsx", [["718-8", *LAB_ROWS[0][1:]], *LAB_ROWS[1:]]))
    (finding,) = given.of_rule("check-digit")
    assert finding.severity == "warning"
    assert "718-7" in finding.message_fa
    assert "718-8" in given.codes("LNC")


@pytest.mark.parametrize(
    "code", ["718-7", "4544-3", "2345-7", "2160-0", "6690-2", "789-8", "777-3", "94500-6", "LP1234-5"]
)
def test_true_loinc_codes_and_local_ones_pass(code: str) -> None:
    assert loinc(code) is None


@given(st.integers(min_value=1, max_value=10**7 - 1), st.integers(min_value=0, max_value=9))
def test_of_ten_check_digits_exactly_one_is_right(body: int, digit: int) -> None:
    right = [d for d in range(10) if loinc(f"{body}-{d}") is None]
    assert len(right) == 1
    assert loinc(f"{body}-{digit}") in (None, f"{body}-{right[0]}")


def test_a_modifier_of_the_book_may_stand_in_a_numeric_cell(tmp_path: Path) -> None:
    given = read(
        rvu_book(
            tmp_path / "list.xlsx", [[90.1, None, "تعدیل‌گر", None, None, None], [26, None, "تعدیل‌گر", None, None, None]]
        )
    )
    assert given.codes("RVU3") == ["90.1", "26"]


def test_zero_or_a_dash_for_no_code_is_no_error(tmp_path: Path) -> None:
    rows = [[*LAB_ROWS[0][:4], empty, None] for empty in ("-", 0, "0", "—", None)]
    rows = [
        [code, *row[1:3], None, *row[4:]]
        for code, row in zip(["718-7", "4544-3", "789-8", "777-3", "6690-2"], rows, strict=True)
    ]
    given = read(lab_book(tmp_path / "list.xlsx", rows))
    assert not given.extract.has_errors
    assert given.pairs("LNC→RVU3") == []


@pytest.mark.parametrize(
    "written", ["800105، 800110", "800105;800110", "800105 / 800110", "800105\n800110", "800105 + 800110"]
)
def test_a_cell_may_hold_several_codes(tmp_path: Path, written: str) -> None:
    given = read(
        lab_book(tmp_path / "list.xlsx", [[*LAB_ROWS[0][:3], "58410-2; 57021-8", written, 0.5], *LAB_ROWS[1:]])
    )
    assert [pair.target for pair in given.pairs("LNC→RVU3") if pair.source == "718-7"] == ["800105", "800110"]
    assert given.concept("LNC", "718-7").properties["panel"] == ["58410-2", "57021-8"]


# Whatever a cell holds, a column of codes gives a code of its pattern, nothing, or an error: never a wrong shape.

CELLS = st.one_of(st.none(), st.text(max_size=30), st.from_regex(r"[0-9۰-۹ .\-]{0,20}", fullmatch=True))


@settings(max_examples=200)
@given(st.lists(CELLS, max_size=8), st.sampled_from([IRC_CODE, ERX_CODE, Code(r"\d{3}", "", "", many=True)]))
def test_a_column_of_codes_gives_codes_or_findings(cells: list[str | None], column: Code) -> None:
    told = Told()
    for index, value in enumerate(column.read(list(cells), told)):
        for code in value if isinstance(value, list) else [value]:
            assert code is None or column.matches(code)
        if value is None and cells[index] and any(c.isalnum() for c in cells[index]):
            assert index in told.rows or set(cells[index].translate({0x200C: None})) & set("0۰٠")
