"""The sample workbooks: each is what the script builds, and gives exactly the rows that it should."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest

from data.samples.build import build
from importers.profile import Profile
from importers.reading import read_workbook
from maxa.settings import PROJECT
from tests.importers.books import Read

SAMPLES = PROJECT / "data" / "samples"
LNC_PARTS = {"clinical": (285, 240), "blood-bank": (5, 5), "forensic": (9, 9), "pathology": (2, 1), "genetics": (8, 8)}
MODALITIES = {
    "ct": (6, 6), "mri": (7, 7), "nuclear-medicine": (5, 4), "sonography": (6, 6), "mammography": (5, 4), "radiology": (8, 8),
    "anatomical": (5, 0),
}  # fmt: skip
VALUES = {
    "WardType": 9, "otherCost": 5, "kType": 4, "Insurer": 5, "InsuranceBox": 4, "serviceType": 6, "admissionType": 4, "gender": 3,
    "maritalStatus": 4, "conditionOnDischarge": 4, "healthcareProvider.role": 4, "daignosis.status": 3,
}  # fmt: skip
SUBSETS = {
    "route": 12, "method": 8, "frequency": 7, "asNeeded": 10, "bodySite": 15, "laterality": 3, "priority": 4, "specimen": 9,
}  # fmt: skip


def lnc(parts: dict[str, tuple[int, int]]) -> dict[str, int]:
    """Rows of each part of LNC and of its map, as table → rows."""
    concepts = {f"LNC/{part}": rows for part, (rows, _) in parts.items()}
    return concepts | {f"LNC→RVU3/{part}": pairs for part, (_, pairs) in parts.items()}


def medicines(part: str, generics: int, products: int) -> dict[str, int]:
    return {f"eRx/{part}": generics, f"IRC/{part}": products, f"eRx→IRC/{part}": products}


# sample → source to ask for (None: it is recognised), what a person says, source that reads it, rows of each table
CASES: dict[str, tuple[str | None, Profile | None, str, dict[str, int]]] = {
    "lab-110-37.xlsx": (None, None, "lab", lnc(LNC_PARTS)),
    "lab-update-1402-07-01.xlsx": (None, None, "lab", lnc({"clinical": (287, 238)})),
    "genetics-110-368.xlsx": (None, None, "genetics", lnc({"genetics": (18, 18)})),
    "blood-bank.xlsx": ("blood-bank", None, "blood-bank", lnc({"blood-bank": (8, 8)})),
    "forensic.xlsx": ("forensic", None, "forensic", lnc({"forensic": (12, 12)})),
    "pathology.xlsx": ("pathology", None, "pathology", lnc({"pathology": (5, 4)})),
    "imaging-110-124.xlsx": (None, None, "imaging", lnc(MODALITIES)),
    "drugs-110-40.xlsx": (None, None, "drugs", medicines("medicine", 110, 329) | medicines("supplement", 18, 54)),
    "natural-110-100.xlsx": ("natural", None, "natural", medicines("natural", 15, 45)),
    "usage-110-128.xlsx": (None, None, "usage", {"drugUsage.time": 14, "drugUsage.way": 10, "drugUsage.method": 11}),
    "rvu3.xlsx": (None, None, "rvu3", {"RVU3": 321}),
    "ambulance-110-90.xlsx": (
        None, None, "ambulance", {"RVU3/air-ambulance": 5, "RVU3/sea-ambulance": 3, "RVU3/resident-fee": 4},
    ),
    "physiotherapy-110-121.xlsx": (
        None, None, "physiotherapy",
        {"Tamin.service": 13, "IHIO.service": 11, "RVU3→Tamin.service": 13, "RVU3→IHIO.service": 15,
         "RVU3→ArmedForces.service": 9, "RVU3→Imdad.service": 7},
    ),
    "prescription-map-110-356.xlsx": (
        None, None, "prescription-map", {"LNC→RVU3/prescription": 38, "eRx→RVU3/prescription": 12},
    ),
    "icd10.xlsx": (None, None, "icd10", {"ICD10": 76}),
    "value-sets.xlsx": (None, None, "value-sets", {f"thritaEHR.{name}": rows for name, rows in VALUES.items()}),
    "snomed.xlsx": (None, None, "snomed", {f"SNOMEDCT.{name}": rows for name, rows in SUBSETS.items()}),
    "generic/teeth.xlsx": (None, Profile(terminology="fdi"), "generic", {"fdi": 52}),
    "generic/usage-to-snomed.xlsx": ("generic-map", None, "generic-map", {"drugUsage.method→SNOMEDCT.route": 10}),
}  # fmt: skip


def sample(name: str, tmp_path: Path) -> Read:
    source, profile, _, _ = CASES[name]
    folder = tmp_path / f"spool-{Path(name).name}"
    folder.mkdir()
    return Read(read_workbook(SAMPLES / name, source=source, workdir=folder, profile=profile))


def shown(row: Any) -> tuple[Any, ...]:
    return row.code, row.title_fa, row.title_en, row.status, row.parent, row.properties


def test_every_sample_is_tried() -> None:
    assert {str(path.relative_to(SAMPLES)) for path in SAMPLES.rglob("*.xls*")} == set(CASES)


@pytest.mark.parametrize("name", CASES)
def test_a_sample_gives_its_rows(name: str, tmp_path: Path) -> None:
    given = sample(name, tmp_path)
    _, _, source, tables = CASES[name]
    assert not given.extract.has_errors
    assert given.extract.source == source
    assert {f"{t.terminology}/{t.part}".rstrip("/"): t.rows for t in given.extract.tables} == tables
    assert all(present == accounted for present, accounted in given.balance())
    for table in given.extract.tables:
        assert table.expected.min_rows <= table.rows <= table.expected.max_rows, (table.terminology, table.part)
        assert (table.title_fa, table.title_en) != ("", "")
        assert all(0 <= count <= table.rows for count in table.filled.values())


def test_the_samples_are_what_the_script_builds(tmp_path: Path) -> None:
    for built in build(tmp_path):
        shipped = SAMPLES / built.relative_to(tmp_path)
        with zipfile.ZipFile(built) as new, zipfile.ZipFile(shipped) as old:
            assert {n: new.read(n) for n in new.namelist()} == {n: old.read(n) for n in old.namelist()}, built.name


@pytest.mark.parametrize("name", ["lab-110-37.xlsx", "lab-update-1402-07-01.xlsx", "genetics-110-368.xlsx",
                                  "imaging-110-124.xlsx", "prescription-map-110-356.xlsx"])  # fmt: skip
def test_samples_that_map_to_the_book_lead_to_codes_of_its_sample(name: str, tmp_path: Path) -> None:
    known = set(sample("rvu3.xlsx", tmp_path).codes("RVU3"))
    given = sample(name, tmp_path)
    maps = {t.terminology for t in given.extract.tables if t.kind == "map"}
    targets = {pair.target for name in maps for pair in given.pairs(name)}
    assert targets
    assert targets <= known


def test_the_second_lab_edition_adds_retires_and_corrects(tmp_path: Path) -> None:
    old = {row.code: row for row in sample("lab-110-37.xlsx", tmp_path).concepts("LNC", "clinical")}
    new = {row.code: row for row in sample("lab-update-1402-07-01.xlsx", tmp_path).concepts("LNC")}
    assert new.keys() - old.keys() == {"1759-0", "10834-0", "3298-7", "14627-4", "2746-6"}
    assert old.keys() - new.keys() == {"2339-0", "14196-0", "11556-8"}
    assert {code for code, row in new.items() if row.status == "retired"} == {"30341-2", "22322-2"}
    retitled = {code for code in old.keys() & new.keys() if old[code].title_fa != new[code].title_fa}
    assert retitled == {"2345-7", "3094-0", "6301-6", "2106-3", "5821-4"}


@pytest.mark.parametrize("part", ["blood-bank", "forensic", "pathology"])
def test_the_list_of_one_part_repeats_what_the_comprehensive_list_has_of_it(part: str, tmp_path: Path) -> None:
    whole = {row.code: row for row in sample("lab-110-37.xlsx", tmp_path).concepts("LNC", part)}
    own = {row.code: row for row in sample(f"{part}.xlsx", tmp_path).concepts("LNC", part)}
    assert len(own.keys() - whole.keys()) == 3
    assert {code: shown(own[code]) for code in whole} == {code: shown(row) for code, row in whole.items()}


def test_invented_rows_of_the_samples_say_so(tmp_path: Path) -> None:
    for row in sample("lab-110-37.xlsx", tmp_path).concepts("LNC"):
        assert (row.properties.get("note") == "نمونهٔ ساختگی") == row.code.startswith("99")
    for row in sample("imaging-110-124.xlsx", tmp_path).concepts("LNC"):
        assert (row.properties.get("note") == "نمونهٔ ساختگی") == row.code.startswith("98")
    values = sample("value-sets.xlsx", tmp_path)
    true = [(t.terminology, row.code) for t in values.extract.tables for row in values.concepts(t.terminology)
            if "note" not in row.properties]  # fmt: skip
    assert true == [("thritaEHR.otherCost", "24")]


# A few rows whole, of each kind of list


def test_imaging_rows(tmp_path: Path) -> None:
    given = sample("imaging-110-124.xlsx", tmp_path)
    assert shown(given.concept("LNC", "24725-4")) == (
        "24725-4", "سی‌تی اسکن سر", "CT Head", "active", None,
        {"modality": "ct", "body_site": "سر", "laterality": "unspecified"},
    )  # fmt: skip
    left = next(row for row in given.concepts("LNC", "mri") if "زانوی چپ" in row.title_fa)
    assert left.properties == {
        "modality": "mri", "body_site": "زانو", "laterality": "left", "contrast": "without", "note": "نمونهٔ ساختگی",
    }  # fmt: skip
    sectioned = next(row for row in given.concepts("LNC", "radiology") if row.title_fa.startswith("پرتونگاری لگن"))
    assert sectioned.properties["group"] == "پرتونگاری لگن"
    (pair,) = [pair for pair in given.pairs("LNC→RVU3") if pair.source == "24725-4"]
    assert pair.properties == {"rvu_value": 13, "rvu_group": "تصویربرداری"}


def test_genetics_rows_keep_the_fields_of_the_form(tmp_path: Path) -> None:
    first = sample("genetics-110-368.xlsx", tmp_path).concepts("LNC", "genetics")[0]
    assert {name: first.properties[name] for name in ("gene", "disease", "method", "variant_type", "consent")} == {
        "gene": "MEFV", "disease": "تب مدیترانه‌ای خانوادگی", "method": "ARMS-PCR", "variant_type": "نقطه‌ای",
        "consent": "لازم نیست",
    }  # fmt: skip
    assert first.properties["group"] == "ژنتیک مولکولی"


def test_natural_medicines_keep_their_plants(tmp_path: Path) -> None:
    given = sample("natural-110-100.xlsx", tmp_path)
    product = given.concepts("IRC", "natural")[0]
    assert (product.properties["plant"], product.properties["plant_part"]) == ("Thymus vulgaris", "برگ")
    assert product.title_fa.startswith("آویشن ")
    assert given.pairs("eRx→IRC")[0].target == product.code


def test_usage_rows(tmp_path: Path) -> None:
    given = sample("usage-110-128.xlsx", tmp_path)
    assert shown(given.concept("drugUsage.time", "3")) == (
        "3", "هر ۸ ساعت", "every 8 hours", "active", None,
        {"abbreviation": "q8h", "per_day": 3, "interval_hours": 8, "group": "ساعتی", "note": "نمونهٔ ساختگی"},
    )  # fmt: skip
    assert given.concept("drugUsage.way", "4").title_fa == "ناشتا"
    assert given.codes("drugUsage.method")[3:5] == ["4", "4.1"]


def test_ambulance_rows(tmp_path: Path) -> None:
    first, second = sample("ambulance-110-90.xlsx", tmp_path).concepts("RVU3", "air-ambulance")[:2]
    assert shown(first) == (
        "980105", "اعزام بیمار با بالگرد امداد، ساعت نخست پرواز", "", "active", None,
        {"marks": "#*", "unit": "ساعت", "professional": 20, "technical": 180, "total": 200, "note": "نمونهٔ ساختگی"},
    )  # fmt: skip
    assert second.code == "980110"


def test_physiotherapy_pairs_name_their_insurer(tmp_path: Path) -> None:
    given = sample("physiotherapy-110-121.xlsx", tmp_path)
    first = given.pairs("RVU3→Tamin.service")[0]
    assert (first.target, first.properties["insurer"], first.properties["group"]) == ("20003", "Tamin", "ناحیه‌ها")
    assert first.properties["service"] == "فیزیوتراپی یک ناحیه، هر جلسه"
    several = [
        pair.target
        for pair in given.pairs("RVU3→IHIO.service")
        if pair.source == given.pairs("RVU3→IHIO.service")[4].source
    ]
    assert several == [several[0], f"{several[0]}-001"]
    assert given.concept("Tamin.service", "20003").title_fa == "فیزیوتراپی یک ناحیه، هر جلسه (تأمین)"


def test_the_prescription_map_names_the_terminology_of_each_row(tmp_path: Path) -> None:
    given = sample("prescription-map-110-356.xlsx", tmp_path)
    panel = given.pairs("LNC→RVU3")[0]
    assert (panel.relationship, panel.properties["rvu_group"]) == ("broader", "آزمایشگاه")
    injection = given.pairs("eRx→RVU3")[0]
    assert injection.relationship == "related"
    assert injection.properties["target_title"] in ("تزریق وریدی", "تزریق عضلانی")


def test_icd10_parents_come_from_the_codes(tmp_path: Path) -> None:
    given = sample("icd10.xlsx", tmp_path)
    parents = {row.code: row.parent for row in given.concepts("ICD10")}
    assert parents["I"] is None
    assert parents["A00-A09"] == "I"
    assert parents["A00"] == "A00-A09"
    assert parents["A00.0"] == "A00"
    assert parents["C34"] == "C30-C39"
    assert parents["C30-C39"] == "C00-C97"
    assert parents["C00-C97"] == "II"
    marks = {row.code: row.properties["mark"] for row in given.concepts("ICD10") if "mark" in row.properties}
    assert marks == {
        "A17.0": "dagger", "E10.2": "dagger", "E11.2": "dagger", "G01": "asterisk", "N08.3": "asterisk",
    }  # fmt: skip
    assert given.concept("ICD10", "A00").properties == {"level": "category"}


def test_value_sets_come_by_sheet_and_by_column(tmp_path: Path) -> None:
    given = sample("value-sets.xlsx", tmp_path)
    assert given.codes("thritaEHR.otherCost") == ["010", "011", "012", "020", "24"]
    assert given.concept("thritaEHR.otherCost", "24").title_fa == "یارانهٔ ارز ترجیحی"
    assert given.codes("thritaEHR.WardType")[3:6] == ["4", "4.1", "4.2"]
    assert [row.title_en for row in given.concepts("thritaEHR.gender")] == ["Male", "Female", "Unknown"]
    assert given.concepts("thritaEHR.gender")[0].sheet == "سایر مقدارها"


def test_snomed_rows(tmp_path: Path) -> None:
    given = sample("snomed.xlsx", tmp_path)
    assert shown(given.concept("SNOMEDCT.route", "26643006")) == (
        "26643006", "خوراکی", "Oral route", "active", None, {},
    )  # fmt: skip


def test_a_list_that_nobody_declared_keeps_its_columns_under_their_headings(tmp_path: Path) -> None:
    given = sample("generic/teeth.xlsx", tmp_path)
    assert shown(given.concept("fdi", "11")) == (
        "11", "دندان پیشین میانی بالا، راست", "upper right central incisor", "active", None,
        {"فک": "بالا", "سمت": "راست", "دندان شیری": "خیر"},
    )  # fmt: skip


def test_a_map_that_nobody_declared_has_relationships(tmp_path: Path) -> None:
    pairs = sample("generic/usage-to-snomed.xlsx", tmp_path).pairs("drugUsage.method→SNOMEDCT.route")
    assert [(p.source, p.target, p.relationship) for p in pairs[3:6]] == [
        ("4", "47625008", "equivalent"), ("4.1", "47625008", "broader"), ("5", "34206005", "equivalent"),
    ]  # fmt: skip
    assert pairs[0].properties == {"source_title": "خوراکی", "target_title": "Oral route", "note": "نمونهٔ ساختگی"}
