"""The map of the e-prescription: codes of LNC, eRx and IRC in one column, each mended as its own list mends it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from importers.prescription_map import PRESCRIPTION_CODE
from tests.importers.books import Read, read, save_csv, save_xlsx

HEADINGS = ["ترمینولوژی", "کد نسخه", "عنوان نسخه", "کد RVU3"]
ROWS = [
    ["LNC", "718-7", "هموگلوبین", "801515"], ["eRx", "60000", "استامینوفن", "901792"],
    ["IRC", "7210201495605784", "وازوپرسین", "901793"],
]  # fmt: skip


def read_map(tmp_path: Path, rows: list[list[Any]], headings: list[str] = HEADINGS, sheet: str = "نگاشت") -> Read:
    given = read(save_xlsx(tmp_path / "list.xlsx", {sheet: [headings, *rows]}))
    assert all(present == accounted for present, accounted in given.balance())
    return given


def sources(given: Read) -> dict[str, list[str]]:
    return {
        table.terminology: [pair.source for pair in given.pairs(table.terminology)] for table in given.extract.tables
    }


@pytest.mark.parametrize("short", ["1277", 1277, "94"])
def test_a_generic_code_gets_its_zeros_back(short: Any, tmp_path: Path) -> None:
    given = read_map(tmp_path, [*ROWS, ["دارو", short, "دارو", "901792"]])
    assert sources(given)["eRx→RVU3"] == ["60000", str(short).zfill(5)]
    assert [(f.rule, f.row, f.column) for f in given.findings] == [("leading-zero-restored", 5, "B")]


def test_a_licence_of_fifteen_digits_gets_its_zero_back(tmp_path: Path) -> None:
    given = read_map(tmp_path, [*ROWS, ["IRC", 579693345955352, "دارو", "901792"]])
    assert sources(given)["IRC→RVU3"][-1] == "0579693345955352"
    assert [(f.rule, f.row) for f in given.findings] == [("leading-zero-restored", 5)]


def test_a_rounded_licence_is_in_doubt_at_its_own_row(tmp_path: Path) -> None:
    given = read_map(tmp_path, [*ROWS, ["IRC", 7210201495605780, "دارو", "901792"]])
    doubts = [(pair.source, pair.doubt and pair.doubt["side"]) for pair in given.pairs("IRC→RVU3")]
    assert doubts == [("7210201495605784", None), ("7210201495605780", "source")]


def test_a_wrong_check_digit_is_told_as_in_the_laboratorys_list(tmp_path: Path) -> None:
    given = read_map(tmp_path, [*ROWS, ["LNC", "718-8", "هموگلوبین", "801515"]])
    assert [(f.rule, f.severity, f.row) for f in given.findings] == [("check-digit", "warning", 5)]


@pytest.mark.parametrize(("name", "code"), [("LNC", "60000"), ("eRx", "718-7"), ("IRC", "60000"), ("دارو", "801515")])
def test_a_code_of_another_terminology_than_its_row_names_is_an_error(name: str, code: str, tmp_path: Path) -> None:
    given = read_map(tmp_path, [*ROWS, [name, code, "چیزی", "801515"]])
    assert [(f.rule, f.row, f.value) for f in given.findings] == [("bad-code", 5, code)]


def test_without_a_column_of_terminologies_the_shapes_of_the_codes_tell(tmp_path: Path) -> None:
    rows = [row[1:] for row in [*ROWS, ["", 1277, "دارو", "901792"]]]
    given = read_map(tmp_path, rows, HEADINGS[1:])
    assert given.extract.source == "prescription-map"
    assert sources(given) == {
        "LNC→RVU3": ["718-7"], "eRx→RVU3": ["60000", "01277"], "IRC→RVU3": ["7210201495605784"],
    }  # fmt: skip
    assert [(f.rule, f.severity) for f in given.findings] == [
        ("terminology-by-code", "info"), ("leading-zero-restored", "warning"),
    ]  # fmt: skip
    assert "4" in given.findings[0].message_en


def test_a_row_that_leaves_its_terminology_empty_is_told_by_its_code(tmp_path: Path) -> None:
    given = read_map(tmp_path, [*ROWS, [None, "4544-3", "هماتوکریت", "801515"]])
    assert sources(given)["LNC→RVU3"] == ["718-7", "4544-3"]
    assert given.rules == ["terminology-by-code"]


def test_a_code_of_no_shape_is_an_error_that_names_all_shapes(tmp_path: Path) -> None:
    given = read_map(tmp_path, [*[row[1:] for row in ROWS], ["801515", "چیزی", "801515"]], HEADINGS[1:])
    (error,) = [f for f in given.findings if f.severity == "error"]
    assert (error.rule, error.row) == ("bad-code", 5)
    assert all(name in error.message_fa for name in ("LNC", "eRx", "IRC"))


def test_the_name_of_the_sheet_tells_the_terminology_of_all_its_rows(tmp_path: Path) -> None:
    given = read_map(tmp_path, [[1277, "دارو", "901792"]] * 2, HEADINGS[1:], sheet="eRx")
    assert sources(given) == {"eRx→RVU3": ["01277"] * 2}
    assert "terminology-by-code" not in given.rules


def test_a_terminology_that_is_none_of_the_three_is_an_error(tmp_path: Path) -> None:
    given = read_map(tmp_path, [*ROWS, ["ICD10", "718-7", "چیزی", "801515"]])
    assert [(f.rule, f.row) for f in given.findings] == [("unknown-terminology", 5)]


def test_a_row_without_a_target_gives_no_pair_and_is_told(tmp_path: Path) -> None:
    given = read_map(tmp_path, [*ROWS, ["LNC", "4544-3", "هماتوکریت", None]])
    assert [(f.rule, f.severity, f.row, f.column) for f in given.findings] == [("missing-value", "warning", 5, "D")]
    assert sources(given)["LNC→RVU3"] == ["718-7"]


def test_a_service_that_an_insurer_does_not_pay_is_no_error(tmp_path: Path) -> None:
    headings = ["کد ملی", "شرح خدمت", "کد تأمین اجتماعی", "کد بیمه سلامت"]
    rows = [["901605", "تحریک", "12345", "807307"], ["901610", "امواج", None, "807308"], ["901615", "لیزر", None, "-"]]
    given = read(save_xlsx(tmp_path / "list.xlsx", {"فیزیوتراپی": [headings, *rows]}), "physiotherapy")
    assert [(f.rule, f.severity, f.row) for f in given.findings if f.rule != "list-not-given"] == [
        ("missing-value", "warning", 4)
    ]
    assert {pair.source for pair in given.pairs("RVU3→IHIO.service")} == {"901605", "901610"}


def test_batches_keep_rows_apart(tmp_path: Path) -> None:
    """A CSV of many rows comes in several batches; findings stand at their own rows in each."""
    rows = [ROWS[number % 2] for number in range(3_000)]
    rows[2_999] = ["eRx", "1277", "دارو", "901792"]
    given = read(save_csv(tmp_path / "list.csv", [HEADINGS, *rows]))
    assert [f.row for f in given.of_rule("leading-zero-restored")] == [3_001]


def test_shapes_have_nothing_in_common() -> None:
    for cell in ("718-7", "LP1234-5", "60000", "1277", "0579693345955352", "579693345955352", "۶۰۰۰۰"):
        assert PRESCRIPTION_CODE.terminology_of(cell)
    for cell in ("", "-", "801515", "A00", "12345678", None):
        assert PRESCRIPTION_CODE.terminology_of(cell) == ""
