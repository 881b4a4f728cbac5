"""Codes as people spell them: what is plain enough is mended, and each mending is told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from importers.codes import Code
from importers.drugs import ERX_CODE, IRC_CODE
from importers.icd10_codes import ICD10_CODE
from importers.lab import LNC_CODE, LNC_CODES
from importers.profile import Profile
from importers.reading import read_workbook
from importers.rvu_codes import RVU_CODE, SERVICE_CODE
from importers.snomed import SCTID
from importers.usage import USAGE_CODE
from importers.value_sets import VALUE_CODE
from tests.importers.books import LAB_HEADINGS, Read, lab_book, read, rvu_book, save_xlsx
from tests.importers.notes import Told


def mended(kind: Code, text: str) -> tuple[Any, list[str]]:
    notes = Told()
    return kind.read([text], notes)[0], notes.rules


@pytest.mark.parametrize(
    ("kind", "written", "code", "rule"),
    [
        (ICD10_CODE, "(A00-A09)", "A00-A09", "code-spelling-mended"),
        (ICD10_CODE, "[A00–A09]", "A00-A09", "code-spelling-mended"),
        (ICD10_CODE, "A00,0", "A00.0", "code-spelling-mended"),
        (ICD10_CODE, "a00،0", "A00.0", "code-spelling-mended"),
        (ICD10_CODE, "a17.0†", "A17.0", "code-spelling-mended"),
        (ICD10_CODE, "Chapter II", "II", "code-spelling-mended"),
        (ICD10_CODE, "فصل I", "I", "code-spelling-mended"),
        (USAGE_CODE, "b.i.d.", "BID", "code-spelling-mended"),
        (SCTID, "SNOMED CT: 78421000", "78421000", "code-spelling-mended"),
        (ICD10_CODE, "ICD-10 A00.0", "A00.0", "code-spelling-mended"),
        (LNC_CODE, "LOINC 718-7", "718-7", "code-spelling-mended"),
        (LNC_CODE, "LNC:LP1234-5", "LP1234-5", "code-spelling-mended"),
        (LNC_CODE, "LNC 718-7", "718-7", "code-spelling-mended"),
        (LNC_CODE, "LNC-4544-3", "4544-3", "code-spelling-mended"),
        (LNC_CODE, "LNC2345-7", "2345-7", "code-spelling-mended"),
        (IRC_CODE, "'0579693345955352", "0579693345955352", "code-spelling-mended"),
        (IRC_CODE, "IRC7210201495605784", "7210201495605784", "code-spelling-mended"),
        (IRC_CODE, "7210-2014-9560-5784", "7210201495605784", "code-spelling-mended"),
        (RVU_CODE, "(801515)", "801515", "code-spelling-mended"),
        (RVU_CODE, "90/1", "90.1", "code-spelling-mended"),
        (LNC_CODE, "lp1234-5", "LP1234-5", "code-spelling-mended"),
        (RVU_CODE, "801515*", "801515", "marks-beside-code"),
        (RVU_CODE, "#801515", "801515", "marks-beside-code"),
        (RVU_CODE, "801515+", "801515", "marks-beside-code"),
        (RVU_CODE, "# * ۸۰۱۵۱۵", "801515", "marks-beside-code"),
        (SERVICE_CODE, "٭801515", "801515", "marks-beside-code"),
        (ERX_CODE, "9", "00009", "leading-zero-restored"),
        (VALUE_CODE, "m", "M", "code-spelling-mended"),
        (USAGE_CODE, "q8h", "Q8H", "code-spelling-mended"),
        (USAGE_CODE, "q 4-6 h", "Q4-6H", "code-spelling-mended"),
        (USAGE_CODE, "prn", "PRN", "code-spelling-mended"),
    ],
)
def test_a_spelling_that_leaves_no_doubt_is_mended_and_told(kind: Code, written: str, code: str, rule: str) -> None:
    assert mended(kind, written) == (code, [rule])


def test_a_panel_loses_the_name_of_the_system_too() -> None:
    assert mended(LNC_CODES, "LNC-24323-8، LOINC-24320-4") == (["24323-8", "24320-4"], ["code-spelling-mended"] * 2)


@pytest.mark.parametrize("kind", [LNC_CODE, LNC_CODES])
@pytest.mark.parametrize("text", ["1" + " " * 200_000 + "1" + " " * 200_000 + "x", " -  - " * 60_000, "1-" * 200_000])
def test_a_cell_of_endless_text_is_told_as_quickly_as_another(kind: Code, text: str) -> None:
    """The expressions that look for ranges and titles would take hours."""
    assert set(mended(kind, text)[1]) == {"bad-code"}
    assert not kind.begins_with_range(text)


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (VALUE_CODE, "1-2"),
        (VALUE_CODE, "A-1"),
        (VALUE_CODE, "4.1"),
        (USAGE_CODE, "BID"),
        (USAGE_CODE, "12"),
        (ICD10_CODE, "A17.0"),
    ],
)
def test_a_code_that_is_right_is_taken_without_a_word(kind: Code, code: str) -> None:
    assert mended(kind, code) == (code, [])


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        (ICD10_CODE, "(A00-A09"), (ICD10_CODE, "A00,"), (LNC_CODE, "lpxyz9-4"), (RVU_CODE, "80151*"), (RVU_CODE, "*"),
        (RVU_CODE, "801515?"), (RVU_CODE, "80/1515"), (IRC_CODE, "7210-2014-9560-578"), (LNC_CODE, "LOINC"),
        (ERX_CODE, "4544-3"), (ERX_CODE, "600000"), (VALUE_CODE, "718-7"), (USAGE_CODE, "q8"),
    ],
)  # fmt: skip
def test_what_may_be_anything_is_an_error(kind: Code, written: str) -> None:
    assert mended(kind, written) == (None, ["bad-code"])


@pytest.mark.parametrize(
    ("kind", "written", "rule"),
    [
        (RVU_CODE, "700100 تا 700110", "code-range"), (RVU_CODE, "۷۰۰۱۰۰ الی ۷۰۰۱۱۰", "code-range"),
        (RVU_CODE, "700100-700110", "code-range"), (LNC_CODE, "718-7 تا 720-3", "code-range"),
        (replace(RVU_CODE, many=True), "700100 – 700110", "code-range"), (ICD10_CODE, "A00.0-A00.9", "code-range"),
        (LNC_CODE, "718-7/4544-3", "several-codes"), (LNC_CODE, "718-7\n4544-3", "several-codes"),
        (RVU_CODE, "801515 و 801520", "several-codes"), (IRC_CODE, "0579693345955352، 7210201495605784", "several-codes"),
        (LNC_CODE, "718-7 - هموگلوبین", "code-with-title"), (LNC_CODE, "718-7: Hemoglobin", "code-with-title"),
        (RVU_CODE, "801515 ویتامین D", "code-with-title"), (ICD10_CODE, "A00 Cholera", "code-with-title"),
    ],
)  # fmt: skip
def test_what_else_stands_in_the_cell_of_a_code_is_said(kind: Code, written: str, rule: str) -> None:
    assert mended(kind, written) == (None, [rule])


def test_several_codes_may_be_joined_by_a_word_where_a_cell_takes_several() -> None:
    notes = Told()
    kind = replace(RVU_CODE, many=True)
    assert kind.read(["800105 و 800110", "800105 AND 800110", "ندارد"], notes) == [["800105", "800110"]] * 2 + [None]
    assert not notes.rules


def test_a_word_for_none_is_an_empty_cell() -> None:
    assert mended(RVU_CODE, "ندارد") == (None, [])
    assert mended(LNC_CODE, "N/A") == (None, [])


def test_marks_beside_a_code_are_kept_with_those_of_their_column(tmp_path: Path) -> None:
    rows = [
        ["801515*", "#", "الف", 1, 1, 2], ["#801516", None, "ب", 1, 1, 2], ["801517", "#*", "پ", 1, 1, 2],
        ["801518+", "؟", "ت", 1, 1, 2],
    ]  # fmt: skip
    given = read(rvu_book(tmp_path / "list.xlsx", rows))
    assert [row.properties["marks"] for row in given.concepts("RVU3")] == ["#*", "#", "#*", "؟"]
    assert [f.row for f in given.of_rule("marks-beside-code")] == [2, 3, 5]
    (table,) = given.extract.tables
    assert table.filled["marks"] == 3  # a question mark says nothing


def test_marks_make_a_property_where_no_column_has_them(tmp_path: Path) -> None:
    path = save_xlsx(tmp_path / "list.xlsx", {"ارزش": [["کد", "شرح کد", "ارزش حرفه‌ای"], ["801515*", "شرح", 1]]})
    assert read(path, "rvu3").concept("RVU3", "801515").properties["marks"] == "*"


@pytest.mark.parametrize("written", ["801515*", "#801515", "# 801515", "801515 + 801516*"])
def test_marks_beside_the_target_of_a_map_are_taken_off(written: str, tmp_path: Path) -> None:
    rows = [["718-7", "هموگلوبین", "Hemoglobin", None, written, 0.5]]
    given = read(lab_book(tmp_path / "list.xlsx", rows, LAB_HEADINGS))
    assert not given.extract.has_errors
    assert [pair.target for pair in given.pairs("LNC→RVU3")][:1] == ["801515"]
    assert given.rules == ["marks-beside-code"]


def test_codes_of_usage_are_one_in_any_case(tmp_path: Path) -> None:
    rows = [
        ["کد", "عنوان"],
        ["PRN", "در صورت نیاز"],
        ["BID", "دو بار در روز"],
        ["q8h", "هر ۸ ساعت"],
        ["bid", "دو بار در روز"],
    ]
    given = read(save_xlsx(tmp_path / "list.xlsx", {"زمان مصرف": rows}))
    assert given.codes("drugUsage.time") == ["PRN", "BID", "Q8H"]
    assert [(f.rule, f.row) for f in given.findings if f.severity == "error"] == [("duplicate-code", 5)]


# Words that are codes


def generic(tmp_path: Path, rows: list[list[Any]]) -> Read:
    path = save_xlsx(tmp_path / "list.xlsx", {"برگه": [["کد", "عنوان"], *rows]})
    (tmp_path / "spool").mkdir()
    return Read(read_workbook(path, source="generic", workdir=tmp_path / "spool", profile=Profile(terminology="Test")))


@pytest.mark.parametrize("code", ["SUM", "NOTE", "Total", "source"])
def test_a_word_for_a_note_is_a_code_where_codes_may_be_words(code: str, tmp_path: Path) -> None:
    given = generic(tmp_path, [["A1", "یک"], [code, "عنوانی"], ["A2", "دو"]])
    assert given.codes("Test") == ["A1", code, "A2"]
    assert given.findings == []


@pytest.mark.parametrize("row", [["جمع", "12"], [None, "جمع کل: ۱۲"], ["Total", 12]])
def test_a_total_is_still_a_note_there(row: list[Any], tmp_path: Path) -> None:
    given = generic(tmp_path, [["A1", "یک"], ["A2", "دو"], row])
    assert given.codes("Test") == ["A1", "A2"]
    assert given.rules == ["row-passed-over"]


def test_headings_among_words_are_no_codes(tmp_path: Path) -> None:
    headings = ["CODE", "عنوان"]
    rows = [headings, ["PRN", "در صورت نیاز"], headings, ["BID", "دو بار در روز"]]
    given = read(save_xlsx(tmp_path / "list.xlsx", {"زمان مصرف": rows}))
    assert given.codes("drugUsage.time") == ["PRN", "BID"]
    assert given.extract.sheets[0].passed_over["repeated-header"] == 1
