"""Lists whose rows, sheets or askers say what they are: terminologies, parts, insurers; and what is said of the rest."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from importers.check_digits import sctid
from importers.declare import TerminologyBy
from importers.handover import leave_extract, take_over
from importers.icd10_codes import Icd10Parents
from importers.profile import Profile
from importers.reading import read_workbook
from importers.sources import SOURCES
from maxa.errors import BadWorkbook
from tests.importers.books import LAB_HEADINGS, LAB_ROWS, Read, save_xlsx

Rows = Sequence[Sequence[Any]]


def read_sheets(
    tmp_path: Path, sheets: dict[str, Rows], source: str | None = None, profile: Profile | None = None
) -> Read:
    path = save_xlsx(tmp_path / "list.xlsx", sheets)
    folder = tmp_path / "spool"
    folder.mkdir(exist_ok=True)
    return Read(read_workbook(path, source=source, workdir=folder, profile=profile))


def lists(given: Read) -> dict[str, int]:
    return {f"{t.terminology}/{t.part}".rstrip("/"): t.rows for t in given.extract.tables}


def errors(given: Read) -> list[tuple[str, int | None, str | None]]:
    return [(f.rule, f.row, f.value) for f in given.findings if f.severity == "error"]


# Terminologies by sheet and by column

VALUES = ["کد", "مقدار"]


@pytest.mark.parametrize("name", ["thritaEHR.WardType", "THRITAEHR.WARDTYPE", "WardType", "wardtype", "نوع بخش بستري"])
def test_a_sheet_is_known_by_the_name_of_its_value_set_in_any_spelling(name: str, tmp_path: Path) -> None:
    given = read_sheets(tmp_path, {name: [VALUES, ["1", "بخش داخلی"]]})
    assert lists(given) == {"thritaEHR.WardType": 1}


def test_a_sheets_name_that_excel_cut_off_is_still_known(tmp_path: Path) -> None:
    given = read_sheets(tmp_path, {"thritaEHR.healthcareProvider.role"[:31]: [VALUES, ["1", "پزشک معالج"]]})
    assert lists(given) == {"thritaEHR.healthcareProvider.role": 1}


def test_a_row_names_its_value_set_before_the_sheet_does(tmp_path: Path) -> None:
    rows = [["ترمینولوژی", *VALUES], ["thritaehr.gender", "1", "مرد"], [None, "1", "داخلی"], ["gender", "2", "زن"]]
    given = read_sheets(tmp_path, {"WardType": rows})
    assert lists(given) == {"thritaEHR.gender": 2, "thritaEHR.WardType": 1}


def test_one_code_may_stand_in_several_value_sets_but_not_twice_in_one(tmp_path: Path) -> None:
    rows = [["ترمینولوژی", *VALUES], ["gender", "1", "مرد"], ["job", "1", "کارمند"], ["GENDER", "1", "زن"]]
    given = read_sheets(tmp_path, {"همه": rows})
    assert errors(given) == [("code-with-two-titles", 4, "1")]
    assert lists(given) == {"thritaEHR.gender": 1, "thritaEHR.job": 1}


def test_a_value_set_that_nobody_declared_is_taken_with_one_warning(tmp_path: Path) -> None:
    rows = [
        ["ترمینولوژی", *VALUES],
        ["thritaEHR.bloodGroup", "1", "A"],
        ["bloodgroup", "2", "B"],
        ["gender", "1", "مرد"],
    ]
    given = read_sheets(tmp_path, {"همه": rows})
    assert lists(given) == {"thritaEHR.bloodGroup": 2, "thritaEHR.gender": 1}
    assert [(f.rule, f.severity, f.row, f.value) for f in given.findings] == [
        ("new-terminology", "warning", 2, "thritaEHR.bloodGroup")
    ]


def test_a_row_whose_value_set_is_no_id_or_missing_is_an_error(tmp_path: Path) -> None:
    rows = [["ترمینولوژی", *VALUES], ["جنسیت", "1", "مرد"], ["نام دیگر", "2", "زن"], [None, "3", "نامشخص"]]
    given = read_sheets(tmp_path, {"همه": rows})
    assert errors(given) == [("unknown-terminology", 3, "نام دیگر"), ("required-value", 4, "")]
    assert lists(given) == {"thritaEHR.gender": 1}


def test_a_subset_of_snomed_that_nobody_declared_is_an_error(tmp_path: Path) -> None:
    rows = [["subset", "SCTID", "Preferred Term"], ["route", "26643006", "Oral route"], ["colour", "24028007", "Right"]]
    given = read_sheets(tmp_path, {"همه": rows})
    assert errors(given) == [("unknown-terminology", 3, "colour")]
    assert "SNOMEDCT.laterality" in given.of_rule("unknown-terminology")[0].message_fa


def test_more_lists_than_a_workbook_can_carry_are_refused(tmp_path: Path) -> None:
    rows = [["ترمینولوژی", *VALUES], *([f"list{number}", "1", "یک"] for number in range(300))]
    with pytest.raises(BadWorkbook) as refused:
        read_sheets(tmp_path, {"همه": rows}, "value-sets")
    assert refused.value.data["reason"] == "too-many-lists"


# Codes that Excel takes for numbers


def test_a_number_among_codes_with_leading_zeros_may_have_lost_its_own(tmp_path: Path) -> None:
    given = read_sheets(
        tmp_path, {"otherCost": [VALUES, ["010", "آ"], [11, "ب"], [24, "پ"], [100, "ت"], ["24.5", "ث"]]}
    )
    assert [(f.rule, f.severity, f.row, f.value) for f in given.findings] == [
        ("zeros-may-be-lost", "warning", 3, "11"), ("zeros-may-be-lost", "warning", 4, "24"),
    ]  # fmt: skip
    assert given.codes("thritaEHR.otherCost") == ["010", "11", "24", "100", "24.5"]


def test_a_code_with_a_point_in_a_numeric_cell_may_have_lost_a_zero(tmp_path: Path) -> None:
    given = read_sheets(tmp_path, {"WardType": [VALUES, ["4", "آ"], [4.1, "ب"], [5, "پ"]]})
    assert [(f.rule, f.row, f.value) for f in given.findings] == [("zeros-may-be-lost", 3, "4.1")]


def test_a_long_identifier_in_a_numeric_cell_is_an_error(tmp_path: Path) -> None:
    rows = [
        ["SCTID", "Preferred Term"],
        [900000000000207008, "Core"],
        ["900000000000207008", "Core"],
        [26643006, "Oral route"],
    ]
    given = read_sheets(tmp_path, {"SNOMEDCT.route": rows})
    assert [(rule, row) for rule, row, _ in errors(given)] == [("digits-lost", 2)]
    assert given.codes("SNOMEDCT.route") == ["900000000000207008", "26643006"]


def test_an_identifier_with_a_wrong_check_digit_is_an_error_with_the_right_one(tmp_path: Path) -> None:
    rows = [["SCTID", "Preferred Term"], ["26643007", "Oral route"], ["37839007", "Sublingual route"]]
    given = read_sheets(tmp_path, {"route": rows})
    assert errors(given) == [("wrong-check-digit", 2, "26643007")]
    assert "26643006" in given.findings[0].message_fa


@pytest.mark.parametrize("code", ["26643006", "900000000000207008", "7771000", "119297000"])
def test_the_check_digit_of_snomed_finds_every_mistyped_digit_and_swap(code: str) -> None:
    assert sctid(code) is None
    for at, digit in enumerate(code[:-1]):
        other = "7" if digit != "7" else "1"
        assert sctid(code[:at] + other + code[at + 1 :]) is not None
        swapped = code[:at] + code[at + 1] + digit + code[at + 2 :]
        assert swapped == code or sctid(swapped) is not None


# Parts

AMBULANCE = ["کد", "شرح خدمت", "ارزش کل"]


def test_the_title_of_a_section_tells_the_part_where_nothing_else_does(tmp_path: Path) -> None:
    rows = [
        AMBULANCE,
        ["آمبولانس هوایی"],
        ["980105", "پرواز", 20],
        ["حق پزشک مقیم بخش‌های ویژه"],
        ["980305", "شبانه‌روز", 6],
    ]
    given = read_sheets(tmp_path, {"فهرست": rows}, "ambulance")
    assert lists(given) == {"RVU3/air-ambulance": 1, "RVU3/resident-fee": 1}
    assert given.concept("RVU3", "980305").properties == {"group": "حق پزشک مقیم بخش‌های ویژه", "total": 6}


IMAGES = ["کد LOINC", "عنوان فارسی", "عنوان لاتین"]


def test_sections_tell_the_modality_of_a_list_of_imaging(tmp_path: Path) -> None:
    """Without a column of modalities it has the headings of the laboratory's list too."""
    rows = [
        IMAGES, ["سی‌تی اسکن"], ["24727-0", "سی‌تی مغز", "CT Head"], ["ام‌آر‌آی (MRI)"], ["24590-2", "ام‌آر‌آی مغز", "MR Brain"],
        ["ستون فقرات"], ["24968-0", "ام‌آر‌آی کمر", "MR Lumbar spine"], ["سونوگرافی"], ["24558-9", "سونوگرافی شکم", "US Abdomen"],
    ]  # fmt: skip
    given = read_sheets(tmp_path, {"خدمات": rows})
    assert given.extract.source == "imaging"
    assert lists(given) == {"LNC/ct": 1, "LNC/mri": 2, "LNC/sonography": 1}
    assert given.concept("LNC", "24968-0").properties == {"modality": "mri", "group": "ستون فقرات"}
    assert errors(given) == []


def test_two_titles_of_sections_in_a_row_tell_a_modality_and_a_group(tmp_path: Path) -> None:
    rows = [IMAGES, ["MRI"], ["مغز و اعصاب"], ["24590-2", "ام‌آر‌آی مغز", "MR Brain"]]
    given = read_sheets(tmp_path, {"خدمات": rows}, "imaging")
    assert lists(given) == {"LNC/mri": 1}
    assert given.concept("LNC", "24590-2").properties["group"] == "مغز و اعصاب"


def test_a_list_of_the_laboratory_without_modalities_stays_one(tmp_path: Path) -> None:
    rows = [IMAGES, ["هماتولوژی"], ["718-7", "هموگلوبین", "Hemoglobin"], ["4544-3", "هماتوکریت", "Hematocrit"]]
    assert read_sheets(tmp_path, {"خدمات": rows}).extract.source == "lab"


def test_a_row_that_tells_no_part_is_an_error_where_the_list_has_no_default(tmp_path: Path) -> None:
    given = read_sheets(tmp_path, {"فهرست": [AMBULANCE, ["980105", "پرواز", 20]]}, "ambulance")
    assert errors(given) == [("missing-part", 2, "")]


def test_a_sheet_named_after_a_part_of_the_laboratory_is_of_that_part(tmp_path: Path) -> None:
    given = read_sheets(tmp_path, {"بالینی": [LAB_HEADINGS, *LAB_ROWS[:2]], "ژنتيك": [LAB_HEADINGS, LAB_ROWS[2]]})
    assert lists(given) == {"LNC/clinical": 2, "LNC/genetics": 1, "LNC→RVU3/clinical": 2, "LNC→RVU3/genetics": 1}


@pytest.mark.parametrize("part", ["forensic", "پزشکی قانونی"])
def test_a_person_says_of_which_part_a_list_is(part: str, tmp_path: Path) -> None:
    given = read_sheets(tmp_path, {"برگه": [LAB_HEADINGS, *LAB_ROWS]}, "lab", Profile(part=part))
    assert lists(given) == {"LNC/forensic": 3, "LNC→RVU3/forensic": 3}


def test_a_part_that_the_list_does_not_have_is_refused_with_those_that_it_has(tmp_path: Path) -> None:
    with pytest.raises(BadWorkbook) as refused:
        read_sheets(tmp_path, {"برگه": [LAB_HEADINGS, *LAB_ROWS]}, "lab", Profile(part="dental"))
    assert refused.value.data["reason"] == "unknown-part"
    assert "blood-bank" in refused.value.detail_fa


def test_a_person_says_that_a_list_of_medicines_is_of_supplements(tmp_path: Path) -> None:
    rows = [["کد IRC", "نام فارسی", "نام لاتین"], ["1234567890123456", "ویتامین", "VITAMIN"]]
    given = read_sheets(tmp_path, {"برگه": rows}, "drugs", Profile(part="supplement"))
    assert lists(given) == {"IRC/supplement": 1}


# Insurers


def test_physiotherapy_with_a_row_for_each_insurer(tmp_path: Path) -> None:
    headings = ["کد ملی", "عنوان خدمت", "بیمه", "کد بیمه", "عنوان بیمه"]
    rows = [
        ["901620", "فیزیوتراپی زانو", "تأمين اجتماعي", "20010", "زانو"],
        ["901620", "فیزیوتراپی زانو", "بیمه سلامت", "901620-001", "زانو"],
        ["901625", "فیزیوتراپی شانه", "نیروهای مسلح", None, None],
        ["901630", "فیزیوتراپی گردن", "بیمه دیگر", "1234", "گردن"],
    ]
    given = read_sheets(tmp_path, {"فهرست": [headings, *rows]})
    assert errors(given) == [("unknown-status", 5, "بیمه دیگر")]
    assert lists(given) == {
        "Tamin.service": 1, "IHIO.service": 1, "RVU3→Tamin.service": 1, "RVU3→IHIO.service": 1,
        "RVU3→ArmedForces.service": 0,
    }  # fmt: skip
    (pair,) = given.pairs("RVU3→Tamin.service")
    assert pair.properties == {"insurer": "Tamin", "service": "فیزیوتراپی زانو"}


def test_the_same_holds_for_columns_in_two_rows_of_headings(tmp_path: Path) -> None:
    upper, lower = ["کد ملی", "کد", None], [None, "تأمین اجتماعی", "بیمه سلامت"]
    given = read_sheets(tmp_path, {"فهرست": [upper, lower, ["901620", "20010", "901620-001"]]}, "physiotherapy")
    assert lists(given) == {"RVU3→Tamin.service": 1, "RVU3→IHIO.service": 1}


# Maps that are empty, and columns that are filled


def test_a_map_column_that_is_empty_in_every_row_gives_an_empty_table(tmp_path: Path) -> None:
    rows = [[*row[:4], None, None] for row in LAB_ROWS]
    given = read_sheets(tmp_path, {"برگه": [LAB_HEADINGS, *rows]})
    (table,) = [t for t in given.extract.tables if t.kind == "map"]
    assert (table.terminology, table.part, table.rows, table.expected.min_rows) == ("LNC→RVU3", "clinical", 0, 0)


def test_without_the_column_of_a_map_nothing_is_said_of_it(tmp_path: Path) -> None:
    given = read_sheets(tmp_path, {"برگه": [LAB_HEADINGS[:4], *[row[:4] for row in LAB_ROWS]]})
    assert {t.terminology for t in given.extract.tables} == {"LNC"}


def test_the_extract_counts_filled_cells_of_every_declared_field(tmp_path: Path) -> None:
    headings = [*LAB_HEADINGS, "بخش", "واحد", "کد جایگزین"]
    rows = [
        [*LAB_ROWS[0], "بالینی", "g/dL", "4544-3"],
        [*LAB_ROWS[1], "بالینی", "-", None],
        [*LAB_ROWS[2], "ژنتیک", "0", None],
    ]
    given = read_sheets(tmp_path, {"برگه": [headings, *rows]})
    leave_extract(given.extract, tmp_path / "spool")
    kept = take_over(tmp_path / "spool")
    assert kept is not None
    filled = {t.part: t.filled for t in kept.tables if t.kind == "concept"}
    clinical = {name: count for name, count in filled["clinical"].items() if count}
    assert clinical == {"title_fa": 2, "title_en": 2, "panel": 2, "unit": 1, "replaced_by": 1}
    assert filled["genetics"]["unit"] == 0
    assert {"specimen", "description", "parent"} <= filled["clinical"].keys()


PAIR_HEADINGS = ["ترمینولوژی", "کد نسخه الکترونیک", "کد RVU3", "نوع ارتباط", "یادداشت"]


@pytest.mark.parametrize(
    ("note", "counted"), [("یادداشت", 3), ("ندارد", 0), ("0.00", 0), (None, 0)], ids=["note", "word", "zero", "empty"]
)
def test_the_extract_counts_what_the_pairs_of_a_map_say(tmp_path: Path, note: str | None, counted: int) -> None:
    rows = [
        ["آزمایش", "718-7", "801515", "خاص‌تر", note],
        ["آزمایش", "2345-7", "801520، 801525", None, note],
    ]
    given = read_sheets(tmp_path, {"برگه": [PAIR_HEADINGS, *rows]}, "prescription-map")
    (table,) = given.extract.tables
    assert (table.terminology, table.rows) == ("LNC→RVU3", 3)
    assert (table.filled["relationship"], table.filled["note"], table.filled["source_title"]) == (1, counted, 0)


def test_a_column_filled_with_one_word_for_nothing_counts_as_empty(tmp_path: Path) -> None:
    headings = [*LAB_HEADINGS, "واحد"]
    given = read_sheets(tmp_path, {"برگه": [headings, *([*row, "ندارد"] for row in LAB_ROWS)]})
    (table,) = [t for t in given.extract.tables if t.kind == "concept"]
    assert table.filled["unit"] == 0


# ICD-10


def test_codes_of_icd10_in_other_spellings_are_mended(tmp_path: Path) -> None:
    rows = [["کد", "نام بیماری"], ["A000", "وبا"], ["b16", "هپاتیت"], ["G01 *", "مننژیت"], ["A17.0†", "سل"], ["A15.-", "سل ریه"],
            ["۱۲", "بد"]]  # fmt: skip
    given = read_sheets(tmp_path, {"فهرست": rows}, "icd10")
    assert given.codes("ICD10") == ["A00.0", "B16", "G01", "A17.0", "A15"]
    assert [given.concept("ICD10", code).properties for code in ("G01", "A17.0")] == [
        {"mark": "asterisk"},
        {"mark": "dagger"},
    ]
    assert [(f.row, f.value) for f in given.of_rule("code-spelling-mended")] == [(2, "A000"), (3, "b16"), (6, "A15.-")]
    assert errors(given) == [("bad-code", 7, "۱۲")]


def test_a_column_of_parents_stands_before_what_the_codes_tell(tmp_path: Path) -> None:
    rows = [["کد", "نام بیماری", "کد والد"], ["A00", "وبا", None], ["A00.0", "وبا ۰", "A01"], ["A00.1", "وبا ۱", None]]
    given = read_sheets(tmp_path, {"فهرست": rows}, "icd10")
    assert [row.parent for row in given.concepts("ICD10")] == [None, "A01", "A00"]


@pytest.mark.parametrize(
    ("code", "parent"),
    [
        ("A00.0", "A00"), ("B99.9", "A00-B99"), ("A00", "A00-A09"), ("A00-A09", "A00-B99"), ("A00-B99", "I"), ("I", None),
        ("C34.1", "C30-C39"), ("Z99", None), ("D49", None), ("D50", "III"),
    ],
)  # fmt: skip
def test_the_nearest_code_above_is_found_wherever_it_stands(code: str, parent: str | None) -> None:
    finder = Icd10Parents()
    finder.foresee(["A00.0", "A00", "A00-B99", "I", "A00-A09", "III"])
    finder.foresee(["C30-C39", "C00-C97", None, ["x"]])
    assert finder.parent_of(code) == parent


# Lists and maps that nobody declared


def test_the_generic_list_is_never_recognised(tmp_path: Path) -> None:
    with pytest.raises(BadWorkbook):
        read_sheets(tmp_path, {"برگه": [["کد چیز", "نام چیز"], ["a1", "یک"], ["a2", "دو"]]})


def test_a_generic_list_needs_to_say_what_it_is(tmp_path: Path) -> None:
    with pytest.raises(BadWorkbook) as refused:
        read_sheets(tmp_path, {"برگه": [["کد", "عنوان"], ["1", "یک"]]}, "generic")
    assert "ترمینولوژی" in refused.value.detail_fa


def test_a_generic_list_takes_its_titles_from_the_person(tmp_path: Path) -> None:
    profile = Profile(terminology="Imed-ir", part="devices", title_fa="تجهیزات پزشکی")
    given = read_sheets(tmp_path, {"برگه": [["کد", "عنوان", "وزن (کیلو)"], ["1", "تخت", 12.5]]}, None, profile)
    (table,) = given.extract.tables
    assert (table.terminology, table.part, table.title_fa) == ("Imed-ir", "devices", "تجهیزات پزشکی")
    assert given.concepts("Imed-ir")[0].properties == {"وزن (کیلو)": "12.5"}


def test_properties_of_a_generic_list_do_not_depend_on_how_a_number_was_kept(tmp_path: Path) -> None:
    rows = [["کد", "عنوان", "x"], ["a", "یک", 5], ["b", "دو", "5"], ["c", "سه", "005"], ["d", "چهار", 0.1]]
    given = read_sheets(tmp_path, {"برگه": rows}, None, Profile(terminology="T"))
    assert [row.properties["x"] for row in given.concepts("T")] == ["5", "5", "005", "0.1"]


def test_a_heading_among_the_rows_of_a_generic_list_is_no_code(tmp_path: Path) -> None:
    rows = [["code", "name"], ["A", "one"], ["code", "name"], ["B", "two"]]
    given = read_sheets(tmp_path, {"s": rows}, None, Profile(terminology="T"))
    assert given.codes("T") == ["A", "B"]
    assert given.extract.sheets[0].passed_over["repeated-header"] == 1


def test_a_generic_map_reads_known_properties_by_their_types_and_retired_pairs(tmp_path: Path) -> None:
    headings = ["کد مبدأ", "کد مقصد", "نوع ارتباط", "وضعیت", "بخش", "rvu_value", "ارزش", "گروه RVU"]
    rows = [["718-7", "800105", "خاص‌تر", "غیرفعال", "clinical", "۱/۵", "1.50", "آزمایشگاه"], ["4544-3", "800110"]]
    given = read_sheets(tmp_path, {"برگه": [headings, *rows]}, None, Profile(terminology="lnc->rvu3"))
    assert lists(given) == {"LNC→RVU3/clinical": 1, "LNC→RVU3": 1}
    retired, plain = given.pairs("LNC→RVU3")
    assert (retired.relationship, retired.status) == ("narrower", "retired")
    assert retired.properties == {"rvu_value": 1.5, "ارزش": "1.50", "rvu_group": "آزمایشگاه"}
    assert (plain.relationship, plain.status, plain.properties) == ("equivalent", "active", {})


def test_an_unknown_relationship_or_a_missing_target_is_an_error(tmp_path: Path) -> None:
    headings = ["کد مبدأ", "کد مقصد", "نوع ارتباط"]
    rows = [["718-7", "800105", "شبیه"], ["4544-3", None, "برابر"], ["58410-2", "800115", "برابر"]]
    given = read_sheets(tmp_path, {"برگه": [headings, *rows]}, None, Profile(terminology="LNC→RVU3"))
    assert errors(given) == [("unknown-status", 2, "شبیه"), ("required-value", 3, "")]


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("Products", None), ("Status", None), ("Musculoskeletal MRI", "mri"), ("Direct radiography", "radiology"),
        ("CT1402", "ct"), ("X-Ray", "radiology"), ("سونوگرافی‌ها", "sonography"),
    ],
)  # fmt: skip
def test_a_latin_word_in_a_sheets_name_counts_when_it_stands_whole(name: str, part: str | None) -> None:
    assert SOURCES["imaging"].sheets[0].part_of_name(name) == part


@pytest.mark.parametrize("name", ["countryDivisions", "iso_3166-1", "ICD10"])
def test_an_id_that_is_known_elsewhere_is_not_put_among_the_value_sets(name: str) -> None:
    by = SOURCES["value-sets"].sheets[0].terminology
    assert isinstance(by, TerminologyBy)
    assert by.id_of(name).casefold() == name.casefold()
    assert by.id_of("wardtype") == "thritaEHR.WardType"
