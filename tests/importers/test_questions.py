"""What is asked before a workbook is read, though its headings fit."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from importers.choosing import choose
from importers.inspection import Inspection
from importers.profile import Profile
from importers.sources import SOURCES
from importers.survey import survey
from maxa.errors import BadWorkbook
from tests.importers.books import (
    DRUG_HEADINGS,
    DRUG_ROWS,
    LAB_HEADINGS,
    LAB_ROWS,
    RVU_ROWS,
    lab_book,
    read,
    save_csv,
    save_xlsx,
)  # fmt: skip
from tests.importers.test_recognition import FakeSheet, recognised

TIMES = [[str(number), title] for number, title in enumerate(["صبح", "ظهر", "شب", "هر هشت ساعت", "پیش از خواب"], 1)]
WAYS = [[str(number), title] for number, title in enumerate(["خوراکی", "زیرزبانی", "موضعی", "تزریقی", "استنشاقی"], 1)]
BOTH = [[*time, *way] for time, way in zip(TIMES, WAYS, strict=True)]


def refused(name: str, rows: Sequence[Sequence[Any]], source: str | None = None, part: str = "") -> dict[str, Any]:
    with pytest.raises(BadWorkbook) as caught:
        choose([FakeSheet(name, rows).seen()], SOURCES[source] if source else None, Profile(part=part))
    return caught.value.data


@pytest.mark.parametrize("source", [None, "usage"])
def test_a_sheet_named_after_two_lists_is_of_neither(source: str | None) -> None:
    told = refused("زمان و نحوه مصرف دارو", [["کد", "عنوان"], *TIMES], source)
    assert (told["reason"], told["told_en"]) == ("several-told", "drugUsage.time, drugUsage.way")


def test_headings_tell_the_list_where_the_name_tells_two() -> None:
    rows = [["کد نحوه مصرف", "نحوه مصرف"], *WAYS]
    fit = choose([FakeSheet("زمان و نحوه مصرف دارو", rows).seen()], None)
    assert fit.headers[0].sheet.terminology == "drugUsage.way"


@pytest.mark.parametrize("source", [None, "usage"])
@pytest.mark.parametrize("name", ["Sheet1", "زمان مصرف", "زمان و نحوه مصرف دارو"])
def test_two_lists_side_by_side_are_not_read_as_one(name: str, source: str | None) -> None:
    rows = [["کد زمان مصرف", "زمان مصرف", "کد نحوه مصرف", "نحوه مصرف"], *BOTH]
    told = refused(name, rows, source)
    assert (told["reason"], told["heading"]) == ("lists-side-by-side", "کد نحوه مصرف")


def test_an_empty_column_of_another_list_is_no_list_beside() -> None:
    rows = [["کد زمان مصرف", "زمان مصرف", "کد نحوه مصرف"], *TIMES]
    assert recognised("Sheet1", rows) == "usage"


def test_a_column_of_another_lists_name_without_its_codes_is_no_list_beside(tmp_path: Path) -> None:
    rows = [["کد", "کد ژنریک", "نام دارو"], *[[f"R{at}", f"6000{at}", f"داروی {at}"] for at in range(3)]]
    given = read(save_xlsx(tmp_path / "list.xlsx", {"داروها": rows}))
    assert given.codes("eRx") == ["60000", "60001", "60002"]
    assert [f.heading for f in given.of_rule("unknown-column")] == ["کد"]


def test_the_ids_of_the_rows_of_a_list_are_no_list_beside(tmp_path: Path) -> None:
    rows = [["کد", "شناسه", "عنوان"], ["QD", "77", "روزانه"], ["BID", "78", "دو بار در روز"]]
    given = read(save_xlsx(tmp_path / "list.xlsx", {"زمان مصرف": rows}))
    assert given.codes("drugUsage.time") == ["QD", "BID"]
    assert [f.heading for f in given.of_rule("unknown-column")] == ["شناسه"]


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("بانک خون و سیتولوژی", "blood-bank, pathology"),
        ("سم‌شناسی و آسیب‌شناسی", "forensic, pathology"),
        ("ژنتیک + بالینی", "clinical, genetics"),
    ],
)
def test_a_laboratory_sheet_named_after_two_parts_asks_which(name: str, parts: str) -> None:
    rows = [LAB_HEADINGS, *LAB_ROWS]
    assert (told := refused(name, rows))["reason"] == "several-told"
    assert told["told_en"] == parts
    assert recognised(name, [[*LAB_HEADINGS, "بخش"], *([*row, "بالینی"] for row in LAB_ROWS)]) == "lab"


def test_a_part_that_a_person_chose_is_asked_for_no_more() -> None:
    seen = FakeSheet("بانک خون و سیتولوژی", [LAB_HEADINGS, *LAB_ROWS]).seen()
    assert choose([seen], SOURCES["lab"], Profile(part="pathology")).source.name == "lab"


@pytest.mark.parametrize(("name", "part"), [("سم‌شناسی", "forensic"), ("سیتولوژی", "pathology")])
def test_toxicology_and_cytology_are_known_parts(name: str, part: str, tmp_path: Path) -> None:
    given = read(save_xlsx(tmp_path / "list.xlsx", {name: [LAB_HEADINGS, *LAB_ROWS]}))
    assert given.codes("LNC", part) == [row[0] for row in LAB_ROWS]


def test_where_nothing_tells_medicines_from_natural_ones_medicines_are_meant_and_it_is_said(tmp_path: Path) -> None:
    given = read(save_xlsx(tmp_path / "list.xlsx", {"Sheet1": [DRUG_HEADINGS, *DRUG_ROWS]}))
    assert given.extract.source == "drugs"
    assert [f.severity for f in given.findings if f.rule == "source-assumed"] == ["warning"]
    named = read(save_xlsx(tmp_path / "drugs.xlsx", {"Sheet1": [DRUG_HEADINGS, *DRUG_ROWS]}))
    assert "source-assumed" not in named.rules


@pytest.mark.parametrize(
    ("name", "title", "reason"),
    [("Sheet1", "فهرست داروهای گیاهی", "one-of-several"), ("مکمل‌های گیاهی", None, "several-told")],
)
def test_medicines_and_natural_medicines_are_not_told_apart_by_guessing(
    name: str, title: str | None, reason: str
) -> None:
    above = [[title], [None]] if title else []
    assert refused(name, [*above, DRUG_HEADINGS, *DRUG_ROWS])["reason"] == reason


@pytest.mark.parametrize("source", ["natural", "drugs"])
def test_a_person_tells_medicines_from_natural_ones(source: str) -> None:
    rows = [["فهرست داروهای گیاهی"], [None], DRUG_HEADINGS, *DRUG_ROWS]
    assert choose([FakeSheet("Sheet1", rows).seen()], SOURCES[source]).source.name == source


@pytest.mark.parametrize(("name", "title"), [("داروها", None), ("Sheet1", "فهرست داروهای کشور"), ("drugs 1402", None)])
def test_a_name_or_a_title_tells_medicines(name: str, title: str | None) -> None:
    above = [[title]] if title else []
    assert recognised(name, [*above, DRUG_HEADINGS, *DRUG_ROWS]) == "drugs"


def test_the_name_of_the_file_tells_medicines(tmp_path: Path) -> None:
    rows = [DRUG_HEADINGS, *DRUG_ROWS]
    assert read(save_csv(tmp_path / "drugs.csv", rows)).extract.source == "drugs"
    assert look(save_xlsx(tmp_path / "فهرست دارو.xlsx", {"Sheet1": rows})).source == "drugs"


@pytest.mark.parametrize("value", ["280,000", "350000", "۲۸۰٬۰۰۰", "12.5"])
def test_what_an_insurer_pays_is_not_its_codes(value: str) -> None:
    rows = [["کد ملی", "شرح خدمت", "تامین اجتماعی"], *[[str(code), "شرح", value] for code in range(801_515, 801_520)]]
    told = refused("تعرفه", rows)
    assert (told["reason"], told["heading"]) == ("sums-for-codes", "تامین اجتماعی")
    without = Profile(columns={"تامین اجتماعی": ""})
    assert choose([FakeSheet("تعرفه", rows).seen()], None, without).source.name == "rvu3"


def look(path: Path) -> Inspection:
    return survey(path, source=None, filename=path.name, profile=None)


def test_a_list_in_a_hidden_sheet_is_named(tmp_path: Path) -> None:
    path = save_xlsx(tmp_path / "list.xlsx", {"یادداشت": [["سلام", "؟"]], "فهرست": [LAB_HEADINGS, *LAB_ROWS]})
    book = load_workbook(path)
    book["فهرست"].sheet_state = "hidden"
    book.save(path)
    with pytest.raises(BadWorkbook) as caught:
        read(path)
    assert caught.value.data["reason"] == "hidden-list"
    assert "«فهرست»" in caught.value.detail_fa
    seen = look(path)
    assert seen.refusal is not None
    assert seen.refusal["reason"] == "hidden-list"


@pytest.mark.parametrize("count", [1, 2, 6])
def test_headings_alone_make_no_list_of_foreign_codes(count: int) -> None:
    rows = [[f"xy{number}", "شرح"] for number in range(count)]
    assert refused("Sheet1", [["کد ملی", "شرح خدمت"], *rows])["reason"] == "wrong-codes"
    assert recognised("Sheet1", [["کد", "شرح"], *[["A00", "وبا"]] * count]) == "icd10"


@pytest.mark.parametrize("count", [1, 6])
def test_one_foreign_code_is_enough_to_name_the_other_list(count: int) -> None:
    rows = [["code", "name"], *[[row[0], row[2]] for row in RVU_ROWS[:1]] * count]
    assert refused("a", rows, "lab")["other"] == "rvu3"


def test_a_laboratory_list_of_unknown_titles_is_not_the_book(tmp_path: Path) -> None:
    """It has the book's codes too, under a heading by which the book is known."""
    rows = [["کد LOINC", "برچسب", "کد RVU", "شرح کد"], *[[row[0], row[1], row[4], "شرح"] for row in LAB_ROWS]]
    told = refused("Sheet1", rows)
    assert told["reason"] == "missing-column"
    assert "«نام فارسی آزمایش»" in told["missing_fa"]
    assert read(lab_book(tmp_path / "a.xlsx")).extract.source == "lab"
