"""Headings that no alias knows, mapped by hand and remembered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given as examples
from hypothesis import strategies as st

import importers
from importers.profile import Profile, columns_from_flags
from importers.reading import read_workbook
from importers.rows import read_concepts
from maxa.errors import BadParameter, BadWorkbook
from tests.importers.books import LAB_HEADINGS, LAB_ROWS, Read, lab_book, rvu_book, save_xlsx

STRANGE = ["شناسهٔ آزمون", "عنوان آزمون", *LAB_HEADINGS[2:]]


def read_by(path: Path, profile: Profile, source: str | None = None) -> Read:
    folder = path.parent / "spool"
    folder.mkdir(exist_ok=True)
    return Read(read_workbook(path, source=source, workdir=folder, profile=profile))


def refused_by(path: Path, profile: Profile, source: str | None = None) -> BadWorkbook:
    with pytest.raises(BadWorkbook) as caught:
        read_by(path, profile, source)
    return caught.value


@pytest.fixture
def strange_book(tmp_path: Path) -> Path:
    return lab_book(tmp_path / "list.xlsx", LAB_ROWS, STRANGE)


def test_a_heading_is_read_as_the_field_that_a_person_named(strange_book: Path) -> None:
    given = read_by(strange_book, Profile({"شناسهٔ آزمون": "code", "عنوان آزمون": "title_fa"}))
    assert given.extract.source == "lab"
    assert given.concept("LNC", "718-7").title_fa == "هموگلوبین"
    assert given.rules == []


@pytest.mark.parametrize("spelling", ["شناسه آزمون", " شناسة‌آزمون: ", "شناسهٔ\nآزمون"])
def test_the_heading_may_be_typed_in_any_spelling(spelling: str, strange_book: Path) -> None:
    assert read_by(strange_book, Profile({spelling: "code"})).codes("LNC")


def test_a_field_may_be_named_by_its_own_heading(strange_book: Path) -> None:
    profile = Profile({"شناسهٔ آزمون": "کد لوینک", "عنوان آزمون": "نام فارسی آزمایش"})
    assert read_by(strange_book, profile).concept("LNC", "718-7").title_fa == "هموگلوبین"


def test_what_was_remembered_of_the_source_is_used(strange_book: Path) -> None:
    remembered = {"lab": {"شناسهٔ آزمون": "code", "عنوان آزمون": "title_fa"}, "drugs": {"شناسهٔ آزمون": "company"}}
    assert read_by(strange_book, Profile(remembered=remembered)).concept("LNC", "718-7").title_fa == "هموگلوبین"


def test_what_a_person_says_now_stands_over_what_was_remembered(strange_book: Path) -> None:
    remembered = {"lab": {"شناسهٔ آزمون": "code", "عنوان آزمون": "description"}}
    given = read_by(strange_book, Profile({"عنوان آزمون": "title_fa"}, remembered))
    assert given.concept("LNC", "718-7").title_fa == "هموگلوبین"
    assert given.concept("LNC", "718-7").properties.get("description") is None


def test_a_remembered_field_that_is_no_longer_declared_is_forgotten(tmp_path: Path) -> None:
    profile = Profile(remembered={"lab": {"نام فارسی آزمایش": "a field of long ago"}})
    assert read_by(lab_book(tmp_path / "list.xlsx"), profile).concept("LNC", "718-7").title_fa == "هموگلوبین"


def test_a_column_left_out_by_name_is_neither_read_nor_told(tmp_path: Path) -> None:
    path = lab_book(tmp_path / "list.xlsx", [[*row, "x"] for row in LAB_ROWS], [*LAB_HEADINGS, "ستون تازه"])
    assert read_by(path, Profile({"ستون تازه": ""})).rules == []
    given = read_by(path, Profile({"ستون تازه": "", "ارزش RVU": ""}))
    assert given.rules == []
    assert given.pairs("LNC→RVU3")[0].properties == {}


def test_the_column_known_by_its_heading_gives_way_and_is_told(tmp_path: Path) -> None:
    path = lab_book(
        tmp_path / "list.xlsx", [[*row, f"{row[1]} تازه"] for row in LAB_ROWS], [*LAB_HEADINGS, "عنوان تازه"]
    )
    given = read_by(path, Profile({"عنوان تازه": "title_fa"}))
    assert given.concept("LNC", "718-7").title_fa == "هموگلوبین تازه"
    (finding,) = given.findings
    assert (finding.rule, finding.severity, finding.column, finding.heading) == (
        "column-displaced", "warning", "B", "نام فارسی آزمایش",
    )  # fmt: skip
    assert "عنوان تازه" in finding.message_fa


def test_a_code_column_left_out_leaves_the_list_without_codes(tmp_path: Path) -> None:
    error = refused_by(lab_book(tmp_path / "list.xlsx"), Profile({"کد LOINC": ""}), "lab")
    assert error.data["reason"] == "missing-column"


def test_two_columns_mapped_to_one_field_are_refused(tmp_path: Path) -> None:
    path = lab_book(tmp_path / "list.xlsx", [[*row, "x", "y"] for row in LAB_ROWS], [*LAB_HEADINGS, "الف", "ب"])
    error = refused_by(path, Profile({"الف": "title_fa", "ب": "title_fa"}))
    assert error.data["reason"] == "two-columns-one-field"
    assert (error.data["heading"], error.data["other"], error.data["field"]) == ("الف", "ب", "title_fa")


@pytest.mark.parametrize("source", ["lab", None])
def test_a_field_that_the_list_does_not_have_is_refused_with_those_it_has(source: str | None, tmp_path: Path) -> None:
    error = refused_by(lab_book(tmp_path / "list.xlsx"), Profile({"کد LOINC": "cod"}), source)
    assert error.data["reason"] == "unknown-field"
    assert "«cod»" in error.detail_fa
    assert "code («" in error.detail_fa
    assert "title_fa (“" in error.detail_en


def test_a_field_of_one_list_is_not_given_to_another(tmp_path: Path) -> None:
    """``marks`` is a field of the book of relative values alone: only that may be recognised."""
    path = rvu_book(tmp_path / "list.xlsx", headings=["کد", "نشانه‌ها", "شرح کد", "ارزش حرفه‌ای", "ارزش فنی", "ارزش کل"])
    given = read_by(path, Profile({"نشانه‌ها": "marks"}))
    assert given.extract.source == "rvu3"
    assert given.concept("RVU3", "801515").properties["marks"] == "#"
    assert (
        refused_by(lab_book(tmp_path / "other.xlsx"), Profile({"کد پنل": "marks"}), "lab").data["reason"]
        == "unknown-field"
    )


def test_a_mapped_heading_that_stands_nowhere_is_told_with_the_nearest(tmp_path: Path) -> None:
    given = read_by(lab_book(tmp_path / "list.xlsx"), Profile({"نام فارسی ازمایشی": "title_fa", "xyz": ""}))
    assert [(f.rule, f.severity, f.value) for f in given.findings] == [
        ("mapped-heading-absent", "warning", "نام فارسی ازمایشی"), ("mapped-heading-absent", "warning", "xyz"),
    ]  # fmt: skip
    assert "«نام فارسی آزمایش»" in given.findings[0].message_fa


def test_the_profile_goes_into_the_child(strange_book: Path, tmp_path: Path) -> None:
    profile = Profile({"شناسهٔ آزمون": "code"}, {"lab": {"عنوان آزمون": "title_fa"}})
    extract = importers.extract(strange_book, workdir=tmp_path / "work", profile=profile)
    (table,) = [table for table in extract.tables if table.terminology == "LNC"]
    assert [row.title_fa for row in read_concepts(table.path)] == [row[1] for row in LAB_ROWS]


# Lists that nobody declared

NEW_LIST = [["کد", "عنوان", "رنگ لوله", "واحد"], ["T-01", "لولهٔ خون", "بنفش", "ml"], ["T-02", "لولهٔ سرم", "قرمز", "ml"]]
NEW_LIST += [["T-03", "لولهٔ ادرار", "زرد", "ml"], ["T-04", "لولهٔ پلاسما", "سبز", "ml"]]


def test_a_list_that_nobody_declared_is_read_as_the_terminology_that_a_person_names(tmp_path: Path) -> None:
    path = save_xlsx(tmp_path / "list.xlsx", {"برگه": NEW_LIST})
    profile = Profile(
        {"رنگ لوله": "colour", "واحد": ""}, terminology="LabTube", part="adult", title_fa="لوله‌ها", title_en="Tubes"
    )
    given = read_by(path, profile)
    (table,) = given.extract.tables
    assert (given.extract.source, table.terminology, table.part) == ("generic", "LabTube", "adult")
    assert (table.title_fa, table.title_en) == ("لوله‌ها", "Tubes")
    assert given.concept("LabTube", "T-01").properties == {"colour": "بنفش"}
    assert given.balance() == [(5, 5)]


def test_without_the_terminology_it_is_not_guessed(tmp_path: Path) -> None:
    path = save_xlsx(tmp_path / "list.xlsx", {"برگه": NEW_LIST})
    assert refused_by(path, Profile()).data["reason"] in ("no-header", "missing-column", "wrong-codes")
    assert refused_by(path, Profile(), "generic").data["reason"] == "missing-column"


def test_an_id_takes_the_spelling_that_is_known(tmp_path: Path) -> None:
    path = save_xlsx(tmp_path / "list.xlsx", {"برگه": NEW_LIST})
    assert read_by(path, Profile(terminology="erx")).extract.tables[0].terminology == "eRx"


@pytest.mark.parametrize("arrow", ["→", "->"])
def test_a_map_that_nobody_declared(arrow: str, tmp_path: Path) -> None:
    rows = [
        ["کد مبدأ", "کد مقصد", "نوع ارتباط", "سازمان"],
        ["T-01", "801515", "عام‌تر", "تأمین"],
        ["T-02", "801520", None, None],
    ]
    given = read_by(save_xlsx(tmp_path / "list.xlsx", {"برگه": rows}), Profile(terminology=f"LabTube{arrow}rvu3"))
    assert given.extract.source == "generic-map"
    pairs = given.pairs("LabTube→RVU3")
    assert [(p.source, p.target, p.relationship, p.properties) for p in pairs] == [
        ("T-01", "801515", "broader", {"سازمان": "تأمین"}), ("T-02", "801520", "equivalent", {}),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("profile", "parameter"),
    [
        (Profile(terminology="کدها"), "terminology"), (Profile(terminology="A→B→C"), "terminology"),
        (Profile(terminology="1LNC"), "terminology"), (Profile(terminology="A→"), "terminology"),
        (Profile(terminology="LabTube", part="بخش یک"), "part"),
    ],
)  # fmt: skip
def test_an_id_that_could_be_none_is_the_callers_error(profile: Profile, parameter: str, tmp_path: Path) -> None:
    path = save_xlsx(tmp_path / "list.xlsx", {"برگه": NEW_LIST})
    with pytest.raises(BadParameter) as caught:
        importers.extract(path, workdir=tmp_path / "work", profile=profile)
    assert caught.value.parameter == parameter


def test_a_part_may_be_said_of_a_declared_list(tmp_path: Path) -> None:
    given = read_by(lab_book(tmp_path / "list.xlsx"), Profile(part="genetics"), "lab")
    assert {table.part for table in given.extract.tables} == {"genetics"}
    assert refused_by(lab_book(tmp_path / "list.xlsx"), Profile(part="dental"), "lab").data["reason"] == "unknown-part"


@pytest.mark.parametrize(
    ("flags", "columns"),
    [
        ([], {}),
        (["نام آزمایش=title_fa", "ستون ۳="], {"نام آزمایش": "title_fa", "ستون ۳": ""}),
        (["a = b = code"], {"a = b": "code"}),
        (["نام=x", "نام=x"], {"نام": "x"}),
    ],
)
def test_flags_are_headings_and_fields(flags: list[str], columns: dict[str, str]) -> None:
    assert columns_from_flags(flags) == columns


@pytest.mark.parametrize("flags", [["نام"], ["=code"], ["  =code"], ["نام=code", "نام =title_fa"]])
def test_a_flag_that_is_not_clear_is_refused(flags: list[str]) -> None:
    with pytest.raises(BadParameter) as caught:
        columns_from_flags(flags)
    assert caught.value.parameter == "column"


texts = st.text(max_size=20)


@examples(
    st.builds(
        Profile, st.dictionaries(texts, texts), st.dictionaries(texts, st.dictionaries(texts, texts)), texts, texts, texts, texts
    )
)  # fmt: skip
def test_a_profile_survives_json(profile: Profile) -> None:
    again = Profile.from_dict(profile.as_dict())
    assert again.as_dict() == profile.as_dict()
    assert (again.columns, again.terminology, again.part) == (profile.columns, profile.terminology, profile.part)


def test_equal_profiles_are_the_same_json_whatever_their_order() -> None:
    one, other = Profile({"a": "x", "b": "y"}), Profile({"b": "y", "a": "x"})
    assert list(one.as_dict()["columns"]) == list(other.as_dict()["columns"])
    assert Profile().as_dict() == {}
    assert Profile.from_dict(None) == Profile()


@pytest.mark.parametrize(
    "given", [{"columns": ["a"]}, {"columns": {"a": 1}}, {"remembered": {"lab": "x"}}, {"other": 1}, {"part": None}]
)
def test_what_is_no_profile_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(BadParameter):
        Profile.from_dict(given)
