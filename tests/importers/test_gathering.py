"""Several rows of one code: one for each panel that it belongs to, or for each target of the map."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from importers.check_digits import loinc
from importers.extraction import extract
from importers.gathering import MOST_VALUES
from importers.rows import ConceptRow, Table, concept_line, read_concepts
from tests.importers.books import LAB_HEADINGS, Read, lab_book, read, save_xlsx

HGB = ["718-7", "هموگلوبین", "Hemoglobin"]
CBC = ["58410-2", "شمارش کامل خون", "CBC panel", None, "800115", 1.2]
FIVE = ["57021-8", "شمارش با افتراق", "CBC W Diff", None, "800116", 2]


def read_lab(tmp_path: Path, rows: list[list[Any]], *more: str) -> Read:
    given = read(lab_book(tmp_path / "list.xlsx", rows, [*LAB_HEADINGS, *more]))
    assert all(present == accounted for present, accounted in given.balance())
    return given


def test_a_row_for_each_panel_gives_one_code_with_all_panels(tmp_path: Path) -> None:
    rows = [[*HGB, "58410-2", "800105", 0.5], CBC, [*HGB, "57021-8", "800105", 0.5], FIVE]
    given = read_lab(tmp_path, rows)
    assert given.codes("LNC") == ["718-7", "58410-2", "57021-8"]
    assert given.concept("LNC", "718-7").properties["panel"] == ["58410-2", "57021-8"]
    assert [(f.rule, f.severity, f.row, f.value) for f in given.findings] == [("rows-of-one-code", "info", 4, "718-7")]
    (table,) = [table for table in given.extract.tables if table.kind == "concept"]
    assert (table.rows, table.filled["title_fa"], table.filled["panel"]) == (3, 3, 1)


def test_a_row_for_each_target_gives_one_code_with_all_pairs_and_their_values(tmp_path: Path) -> None:
    given = read_lab(tmp_path, [[*HGB, None, "800105", 0.5], [*HGB, None, "800106", 0.7], [*HGB, None, "800107", 0.9]])
    assert given.codes("LNC") == ["718-7"]
    assert [(p.target, p.properties["rvu_value"], p.row) for p in given.pairs("LNC→RVU3")] == [
        ("800105", 0.5, 2), ("800106", 0.7, 3), ("800107", 0.9, 4),
    ]  # fmt: skip
    (finding,) = given.findings
    assert "2 rows" in finding.message_en
    assert "1 codes" in finding.message_en


def test_rows_that_differ_in_their_details_alone_are_no_duplicates(tmp_path: Path) -> None:
    rows = [[*HGB, None, "800105", 0.5, "1", "مثبت"], [*HGB, None, "800105", 0.5, "2", "منفی"]]
    given = read_lab(tmp_path, rows, "کد جزئیات", "مقدار جزئیات")
    assert [(f.rule, f.row, f.heading) for f in given.findings] == [("code-with-two-values", 3, "کد جزئیات")]


def test_a_row_that_fills_in_what_the_first_left_empty_is_no_duplicate(tmp_path: Path) -> None:
    rows = [[*HGB, None, "800105", 0.5, None], [*HGB, None, "800105", 0.5, "خون"], [*HGB, None, "800105", 0.5, "خون"]]
    given = read_lab(tmp_path, rows, "نمونه")
    assert given.concept("LNC", "718-7").properties["specimen"] == "خون"
    assert sorted((f.rule, f.row) for f in given.findings) == [("duplicate-code", 4), ("rows-of-one-code", 3)]


def test_panels_and_targets_in_all_combinations_are_no_duplicates(tmp_path: Path) -> None:
    rows = [[*HGB, panel, rvu, 1] for panel in ("58410-2", "57021-8") for rvu in ("800105", "800106")]
    given = read_lab(tmp_path, [*rows, CBC, FIVE])
    assert not given.extract.has_errors
    assert given.concept("LNC", "718-7").properties["panel"] == ["58410-2", "57021-8"]
    assert {p.target for p in given.pairs("LNC→RVU3") if p.source == "718-7"} == {"800105", "800106"}


def test_a_code_has_no_more_panels_than_a_person_could_mean(tmp_path: Path) -> None:
    """Each row writes the line of its code anew: of endless rows of one code the lines would grow without end."""
    panels = [code for number in range(1_000, 1_000 + MOST_VALUES + 20) if (code := panel_of(number))]
    given = read_lab(tmp_path, [[*HGB, panel, None, None] for panel in panels])
    assert given.concept("LNC", "718-7").properties["panel"] == panels[:MOST_VALUES]
    duplicates = [f.row for f in given.findings if f.rule == "duplicate-code"]
    assert duplicates == list(range(MOST_VALUES + 2, MOST_VALUES + 22))


def panel_of(number: int) -> str:
    """A code with its check digit."""
    return loinc(f"{number}-0") or f"{number}-0"


def test_a_row_that_says_nothing_new_is_still_a_duplicate(tmp_path: Path) -> None:
    given = read_lab(tmp_path, [CBC, FIVE, CBC])
    assert [(f.rule, f.row) for f in given.findings] == [("duplicate-code", 4)]
    assert "آزمایش!A2" in given.findings[0].message_fa


def test_what_one_row_leaves_empty_another_fills(tmp_path: Path) -> None:
    rows = [[*HGB, "58410-2", None, None, None], [*HGB[:2], None, "57021-8", None, None, "خون"], CBC, FIVE]
    given = read_lab(tmp_path, rows, "نمونه")
    row = given.concept("LNC", "718-7")
    assert (row.title_en, row.properties["specimen"], row.row) == ("Hemoglobin", "خون", 2)
    (table,) = [table for table in given.extract.tables if table.kind == "concept"]
    assert table.filled["specimen"] == 1


def test_one_more_row_of_a_code_need_not_repeat_its_titles(tmp_path: Path) -> None:
    rows = [[*HGB, "58410-2", "800105", 0.5], ["718-7", None, None, "57021-8", "800106", 0.7], CBC, FIVE]
    given = read_lab(tmp_path, rows)
    assert given.rules == ["rows-of-one-code"]
    row = given.concept("LNC", "718-7")
    assert (row.title_fa, row.properties["panel"]) == ("هموگلوبین", ["58410-2", "57021-8"])


def test_the_first_row_of_a_code_must_have_a_title(tmp_path: Path) -> None:
    rows = [["718-7", None, None, "57021-8", "800106", 0.7], [*HGB, "58410-2", "800105", 0.5], CBC, FIVE]
    assert [(f.rule, f.row) for f in read_lab(tmp_path, rows).findings] == [("missing-title", 2)]


@pytest.mark.parametrize(
    ("heading", "first", "second", "column"),
    [("نمونه", "خون", "سرم", "G"), ("وضعیت", None, "غیرفعال", "G"), ("کد جایگزین", "58410-2", "57021-8", "G")],
)
def test_rows_that_contradict_each_other_are_told_with_both_places(
    heading: str, first: Any, second: Any, column: str, tmp_path: Path
) -> None:
    rows = [[*HGB, "58410-2", None, None, first], [*HGB, "57021-8", None, None, second], CBC, FIVE]
    given = read_lab(tmp_path, rows, heading)
    (error,) = [f for f in given.findings if f.severity == "error"]
    assert (error.rule, error.row, error.column) == ("code-with-two-values", 3, column)
    assert "آزمایش!A2" in error.message_fa
    assert heading in error.message_fa
    assert given.concept("LNC", "718-7").properties["panel"] == ["58410-2"]


def test_a_value_spelled_otherwise_does_not_contradict(tmp_path: Path) -> None:
    rows = [[*HGB, "58410-2", None, None, "خون كامل"], [*HGB, "57021-8", None, None, "خون کامل"], CBC, FIVE]
    given = read_lab(tmp_path, rows, "نمونه")
    assert given.concept("LNC", "718-7").properties["specimen"] == "خون كامل"
    assert not given.extract.has_errors


def test_rows_with_two_titles_are_an_error(tmp_path: Path) -> None:
    rows = [[*HGB, "58410-2"], ["718-7", "چیز دیگر", "Other", "57021-8"], CBC, FIVE]
    given = read_lab(tmp_path, rows)
    assert [(f.rule, f.row) for f in given.findings] == [("code-with-two-titles", 3)]


def test_a_sheet_for_each_panel_may_name_a_code_again(tmp_path: Path) -> None:
    sheets = {
        "CBC": [LAB_HEADINGS, CBC, [*HGB, "58410-2", "800105", 0.5]],
        "Diff": [LAB_HEADINGS, FIVE, [*HGB, "57021-8", "800105", 0.5]],
    }
    given = read(save_xlsx(tmp_path / "list.xlsx", sheets))
    assert given.concept("LNC", "718-7").properties["panel"] == ["58410-2", "57021-8"]
    assert [(f.rule, f.sheet, f.row) for f in given.findings] == [("rows-of-one-code", "Diff", 3)]


def test_a_product_in_two_rows_is_an_error_as_before(tmp_path: Path) -> None:
    """The list of medicines has no column of which a product may have several."""
    headings = ["کد IRC", "کد ژنریک", "نام فارسی", "نام ژنریک"]
    rows = [["0579693345955352", "01277", "الف", "A"], ["0579693345955352", "60000", "الف", "B"]]
    given = read(save_xlsx(tmp_path / "list.xlsx", {"داروها": [headings, *rows]}))
    assert [(f.rule, f.row) for f in given.findings] == [("duplicate-code", 3)]


def test_rows_that_may_change_are_handed_over_when_they_no_longer_can(tmp_path: Path) -> None:
    """The registry takes rows while the workbook is being read; what it took can't be taken back."""
    rows = [[*HGB, "58410-2", "800105", 0.5], CBC, FIVE, [*HGB, "57021-8", "800105", 0.5]]
    taken: dict[str, bytes] = {}

    def take(table: Table, lines: bytes) -> None:
        taken[table.terminology] = taken.get(table.terminology, b"") + lines

    given = extract(lab_book(tmp_path / "list.xlsx", rows), workdir=tmp_path / "work", take=take)
    (table,) = [table for table in given.tables if table.terminology == "LNC"]
    assert taken["LNC"] == table.path.read_bytes()
    assert [row.properties.get("panel") for row in read_concepts(table.path)] == [["58410-2", "57021-8"], None, None]
    assert not list(table.path.parent.glob("*.held"))


def test_a_line_of_a_spool_may_be_written_anew_many_times(tmp_path: Path) -> None:
    from importers.rows import Expected
    from importers.spool import Spool

    spool = Spool(tmp_path)
    for number in range(200):
        for code in ("1-8", "2-6", "3-4"):
            row = ConceptRow(code, "عنوان", properties={"panel": [f"{number}-0"]}, sheet="s", row=number, column="A")
            spool.add_gathered("LNC", "clinical", Expected(), row, ["panel"], str(number))
    (table,) = spool.tables()
    rows = list(read_concepts(table.path))
    assert [(row.code, len(row.properties["panel"]), row.row) for row in rows] == [
        ("1-8", 200, 0), ("2-6", 200, 0), ("3-4", 200, 0),
    ]  # fmt: skip
    assert table.rows == 3
    assert table.path.stat().st_size == sum(len(concept_line(row)) for row in rows)
