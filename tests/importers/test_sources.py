"""Each source whole: rows in, rows out, and how a source is chosen."""

from __future__ import annotations

from pathlib import Path

import pytest

from importers.sources import SOURCES, source_for
from tests.importers.books import (
    DRUG_HEADINGS,
    DRUG_ROWS,
    LAB_HEADINGS,
    LAB_ROWS,
    RVU_ROWS,
    drug_book,
    lab_book,
    read,
    rvu_book,
    save_xlsx,
)

# Laboratory


def test_lab_rows_become_concepts_panels_and_a_map(tmp_path: Path) -> None:
    given = read(lab_book(tmp_path / "list.xlsx"))
    assert given.findings == []
    hemoglobin = given.concept("LNC", "718-7")
    assert (hemoglobin.title_fa, hemoglobin.title_en) == ("هموگلوبین", "Hemoglobin")
    assert hemoglobin.properties == {"panel": ["58410-2"]}
    assert (hemoglobin.sheet, hemoglobin.row, hemoglobin.column) == ("آزمایش", 2, "A")
    assert [(p.source, p.target, p.properties) for p in given.pairs("LNC→RVU3")] == [
        ("718-7", "800105", {"rvu_value": 0.5}),
        ("4544-3", "800110", {"rvu_value": 0.4}),
        ("58410-2", "800115", {"rvu_value": 1.2}),
    ]


def test_a_lab_list_without_parts_is_the_clinical_one(tmp_path: Path) -> None:
    tables = read(lab_book(tmp_path / "list.xlsx")).extract.tables
    assert {(table.kind, table.terminology, table.part) for table in tables} == {
        ("concept", "LNC", "clinical"),
        ("map", "LNC→RVU3", "clinical"),
    }


def test_the_column_of_parts_divides_the_rows_and_their_pairs(tmp_path: Path) -> None:
    parts = ["بالینی", "ژنتیک", "بانك خون"]
    rows = [[*row, part] for row, part in zip(LAB_ROWS, parts, strict=True)]
    given = read(lab_book(tmp_path / "list.xlsx", rows, [*LAB_HEADINGS, "بخش"]))
    assert given.codes("LNC", "clinical") == ["718-7"]
    assert given.codes("LNC", "genetics") == ["4544-3"]
    assert given.codes("LNC", "blood-bank") == ["58410-2"]
    assert {(t.part, t.rows) for t in given.extract.tables if t.kind == "map"} == {
        ("clinical", 1), ("genetics", 1), ("blood-bank", 1),
    }  # fmt: skip


def test_the_declared_size_is_that_of_the_default_part(tmp_path: Path) -> None:
    rows = [[*LAB_ROWS[0], "بالینی"], [*LAB_ROWS[1], "ژنتیک"]]
    tables = read(lab_book(tmp_path / "list.xlsx", rows, [*LAB_HEADINGS, "بخش"])).extract.tables
    least = {table.part: table.expected.min_rows for table in tables if table.kind == "concept"}
    assert least["clinical"] == SOURCES["lab"].sheets[0].expect.min_rows
    assert least["genetics"] == 1


def test_an_unknown_part_is_an_error_and_the_row_goes_nowhere(tmp_path: Path) -> None:
    rows = [[*LAB_ROWS[0], "بالینی"], [*LAB_ROWS[1], "دندانپزشکی"], [*LAB_ROWS[2], "بالینی"]]
    given = read(lab_book(tmp_path / "list.xlsx", rows, [*LAB_HEADINGS, "بخش"]))
    assert [(f.rule, f.row, f.value) for f in given.findings if f.severity == "error"] == [
        ("unknown-status", 3, "دندانپزشکی")
    ]
    assert given.codes("LNC") == ["718-7", "58410-2"]


def test_a_panel_that_is_not_in_the_list_is_told_once(tmp_path: Path) -> None:
    given = read(lab_book(tmp_path / "list.xlsx", LAB_ROWS[:2]))
    assert [(f.rule, f.severity, f.row, f.column, f.value) for f in given.findings] == [
        ("unknown-reference", "warning", 2, "D", "58410-2")
    ]


def test_a_replaced_lab_code_is_retired_and_names_its_successor(tmp_path: Path) -> None:
    rows = [[*LAB_ROWS[0], "4544-3"], [*LAB_ROWS[1], None], [*LAB_ROWS[2], None]]
    given = read(lab_book(tmp_path / "list.xlsx", rows, [*LAB_HEADINGS, "کد جایگزین"]))
    assert [(row.status, row.replaced_by) for row in given.concepts("LNC")] == [
        ("retired", "4544-3"), ("active", None), ("active", None),
    ]  # fmt: skip


# Medicines


def test_drug_rows_become_products_generics_and_a_map(tmp_path: Path) -> None:
    given = read(drug_book(tmp_path / "list.xlsx"))
    assert given.findings == []
    assert given.codes("IRC") == [row[0] for row in DRUG_ROWS]
    assert [(row.code, row.title_en) for row in given.concepts("eRx")] == [
        ("01277", "VASOPRESSIN 20 [iU]"), ("60000", "ACETAMINOPHEN / CAFFEINE / ASA"),
    ]  # fmt: skip
    assert [(p.source, p.target) for p in given.pairs("eRx→IRC")] == [(row[1], row[0]) for row in DRUG_ROWS]
    assert [row.properties for row in given.concepts("IRC")] == [{"price": 362_120}, {"price": 370_000}, {}]


def test_supplements_in_a_sheet_of_their_own_are_a_part_of_their_own(tmp_path: Path) -> None:
    supplement = ["1234567890123456", "81009", "ویتامین D3", "VITAMIN D3", "VITAMIN D3 1000 [iU]", 1]
    path = save_xlsx(
        tmp_path / "list.xlsx", {"داروها": [DRUG_HEADINGS, *DRUG_ROWS], "داروهاي مكمل": [DRUG_HEADINGS, supplement]}
    )
    given = read(path)
    assert given.codes("IRC", "supplement") == ["1234567890123456"]
    assert given.codes("eRx", "supplement") == ["81009"]
    assert len(given.codes("IRC", "medicine")) == 3


def test_a_generic_with_two_titles_is_an_error_at_the_second(tmp_path: Path) -> None:
    rows = [DRUG_ROWS[0], [*DRUG_ROWS[1][:4], "VINCRISTINE", 1], DRUG_ROWS[2]]
    given = read(drug_book(tmp_path / "list.xlsx", rows))
    (finding,) = given.of_rule("code-with-two-titles")
    assert (finding.severity, finding.row, finding.column, finding.value) == ("error", 3, "B", "01277")
    assert "داروها!B2" in finding.message_fa
    assert "VASOPRESSIN 20 [iU]" in finding.message_fa


def test_a_generic_spelled_otherwise_is_the_same_title(tmp_path: Path) -> None:
    rows = [DRUG_ROWS[0], [*DRUG_ROWS[1][:4], "Vasopressin  20 [IU]", 1]]
    given = read(drug_book(tmp_path / "list.xlsx", rows))
    assert not given.extract.has_errors
    assert [(f.rule, f.severity) for f in given.findings] == [("title-spelling-varies", "info")]
    assert given.concept("eRx", "01277").title_en == "VASOPRESSIN 20 [iU]"


def test_a_product_listed_twice_is_an_error_at_the_second(tmp_path: Path) -> None:
    given = read(drug_book(tmp_path / "list.xlsx", [*DRUG_ROWS, DRUG_ROWS[0]]))
    assert [(f.rule, f.row, f.column) for f in given.findings] == [("duplicate-code", 5, "A")]
    assert given.codes("IRC") == [row[0] for row in DRUG_ROWS]


def test_one_product_code_with_two_names_is_an_error(tmp_path: Path) -> None:
    given = read(drug_book(tmp_path / "list.xlsx", [*DRUG_ROWS, [DRUG_ROWS[0][0], "60000", "دیگر", "OTHER", "X", 1]]))
    assert ("code-with-two-titles", 5) in [(f.rule, f.row) for f in given.findings]


def test_a_code_in_two_parts_is_an_error(tmp_path: Path) -> None:
    sheets = {"داروها": [DRUG_HEADINGS, *DRUG_ROWS], "مکمل": [DRUG_HEADINGS, DRUG_ROWS[0]]}
    given = read(save_xlsx(tmp_path / "list.xlsx", sheets))
    assert [(f.rule, f.sheet, f.row) for f in given.findings if f.severity == "error"] == [
        ("code-in-two-parts", "مکمل", 2)
    ]


def test_an_old_licence_is_retired_and_leads_to_the_new_one(tmp_path: Path) -> None:
    rows = [[*DRUG_ROWS[0], DRUG_ROWS[1][0]], [*DRUG_ROWS[1], None]]
    given = read(drug_book(tmp_path / "list.xlsx", rows, [*DRUG_HEADINGS, "کد IRC جدید"]))
    old = given.concept("IRC", DRUG_ROWS[0][0])
    assert (old.status, old.replaced_by) == ("retired", DRUG_ROWS[1][0])


def test_without_generic_names_the_map_alone_is_taken(tmp_path: Path) -> None:
    headings, rows = DRUG_HEADINGS[:4], [row[:4] for row in DRUG_ROWS]
    given = read(drug_book(tmp_path / "list.xlsx", rows, headings))
    assert [f.rule for f in given.findings] == ["list-not-given"]
    assert given.concepts("eRx") == []
    assert len(given.pairs("eRx→IRC")) == 3


def test_generics_may_have_a_sheet_of_their_own_beside_the_products(tmp_path: Path) -> None:
    generics = [
        ["کد ژنریک", "نام ژنریک", "شکل دارویی"],
        ["01277", "VASOPRESSIN 20 [iU]", "INJECTION"],
        ["00094", "FACTOR VIIA", "INJECTION"],
    ]
    given = read(save_xlsx(tmp_path / "list.xlsx", {"دارو": [DRUG_HEADINGS, *DRUG_ROWS], "ژنریک": generics}))
    assert not given.extract.has_errors
    assert sorted(given.codes("eRx")) == ["00094", "01277", "60000"]
    assert given.concept("eRx", "01277").properties == {"dosage_form": "INJECTION"}


# Relative values


def test_rvu_rows_keep_marks_and_values(tmp_path: Path) -> None:
    given = read(rvu_book(tmp_path / "list.xlsx"))
    assert given.findings == []
    assert [(row.code, row.properties) for row in given.concepts("RVU3")] == [
        ("801515", {"marks": "#", "professional": 0.5, "technical": 1.5, "total": 2}),
        ("901792", {"marks": "#*", "professional": 1, "technical": 1, "total": 2}),
        ("90.1", {}),
    ]
    (table,) = given.extract.tables
    assert (table.terminology, table.part, table.rows) == ("RVU3", "", 3)


def test_a_total_that_is_not_the_sum_is_a_warning(tmp_path: Path) -> None:
    given = read(rvu_book(tmp_path / "list.xlsx", [["801515", "#", "شرح", 0.5, 1.5, 2.5], *RVU_ROWS[1:]]))
    assert [(f.rule, f.severity, f.row, f.column, f.value) for f in given.findings] == [
        ("total-differs", "warning", 2, "F", "2.5")
    ]


# Choosing


@pytest.mark.parametrize(
    ("number", "source"),
    [
        ("110/37", "lab"),
        ("۱۱۰/۳۷", "lab"),
        ("37/110", "lab"),
        ("110-501", "lab"),
        ("110/40", "drugs"),
        ("110/100", "natural"),
        ("110/90", "ambulance"),
        ("110/120", "physiotherapy"),
        ("121/110", "physiotherapy"),
        ("110/124", "imaging"),
        ("110/128", "usage"),
        ("110/356", "prescription-map"),
        ("110/368", "genetics"),
        ("110/999", None),
        ("", None),
    ],
)
def test_a_circular_names_its_source(number: str, source: str | None) -> None:
    found = source_for(number)
    assert (found.name if found else None) == source


@pytest.mark.parametrize(("make", "name"), [(lab_book, "lab"), (drug_book, "drugs"), (rvu_book, "rvu3")])
def test_headings_tell_the_source(make: object, name: str, tmp_path: Path) -> None:
    assert read(make(tmp_path / "list.xlsx")).extract.source == name  # type: ignore[operator]
