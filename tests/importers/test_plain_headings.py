"""Headings as hospital software, insurers and the ministry's own lists write them: which list, and which column is what.

Each line is a whole heading row, ``heading=field``; a heading without a field is one that no declaration knows.
"""

from __future__ import annotations

import pytest

from importers.choosing import choose
from importers.sources import SOURCES
from tests.importers.test_recognition import FakeSheet

_LATIN = ["Hemoglobin", "Hematocrit", "CBC panel", "Glucose", "Sodium", "Potassium"]
_PERSIAN = ["هموگلوبین", "هماتوکریت", "شمارش کامل خون", "قند خون", "سدیم", "پتاسیم"]
_SERVICES = ["801515", "801520", "802010", "900105", "901792", "700230"]
_LNC = ["718-7", "4544-3", "58410-2", "2345-7", "2951-2", "2823-3"]
_SHORT = ["1", "2", "3", "4", "5", "6"]

# source → field → what its cells hold
CELLS: dict[str, dict[str, list[str]]] = {
    "lab": {"code": _LNC, "rvu_code": _SERVICES, "part": ["بالینی"] * 6, "panel": ["58410-2"] * 6},
    "icd10": {"code": ["A00", "A00.0", "B20", "E11.9", "I10", "J45.0"], "title_en": ["Cholera", "Cholera due to Vibrio"] * 3,
              "parent": ["A00"] * 6},
    "snomed": {"code": ["26643006", "47625008", "78421000", "26643006", "47625008", "78421000"],
               "title_en": ["Oral route"] * 6, "title_fa": ["خوراکی"] * 6, "subset": ["route"] * 6},
    "usage": {"code": _SHORT, "title_fa": ["صبح", "ظهر", "شب", "هر ۸ ساعت", "هر ۱۲ ساعت", "قبل از خواب"]},
    "drugs": {"code": ["0579693345955352", "7210201495605784", "9275740779753128", "1228174562315012", "5431128876120045",
                       "3321774512340987"],
              "generic_code": ["01277", "01277", "60000", "00123", "00456", "12345"], "price": ["362120"] * 6},
    "eRx": {"code": ["01277", "60000", "00123", "00456", "12345", "23456"]},
    "rvu3": {"code": [*_SERVICES[:5], "90.1"], "professional": ["0.5"] * 6, "technical": ["1.5"] * 6, "total": ["2"] * 6,
             "anaesthesia_base": ["3"] * 6, "marks": ["#"] * 6},
    "imaging": {"code": ["24627-2", "36643-5", "24558-9", "36813-4", "30799-1", "24531-6"],
                "modality": ["CT", "رادیولوژی", "سونوگرافی", "MRI", "CT", "CT"], "rvu_code": _SERVICES,
                "laterality": ["چپ"] * 6, "contrast": ["با تزریق"] * 6},
    "genetics": {"code": _LNC, "gene": ["HBB", "CFTR", "BRCA1", "BRCA2", "DMD", "F5"], "rvu_code": _SERVICES},
    "physiotherapy": {"code": _SERVICES, **{f"{insurer}_code": [f"{code}-004" for code in _SERVICES] for insurer in
                      ("tamin", "ihio", "armed_forces", "imdad", "central_insurance", "insurer")},
                      "insurer": ["تامین اجتماعی"] * 6},
    "ambulance": {"code": _SERVICES, "kind": ["آمبولانس هوایی"] * 6, "total": ["2"] * 6},
    "prescription-map": {"source_terminology": ["LNC"] * 6, "code": _LNC, "rvu_code": _SERVICES},
    "value-sets": {"code": _SHORT, "terminology": ["thritaEHR.gender"] * 6, "title_fa": ["زن", "مرد"] * 3},
    "generic": {"code": _SHORT, "terminology": ["FDI"] * 6},
    "generic-map": {"source_terminology": ["FDI"] * 6, "source": _SHORT, "target_terminology": ["SNOMEDCT"] * 6,
                    "target": _LNC},
}  # fmt: skip
_OF_A_FIELD = {"title_en": _LATIN, "generic_en": _LATIN, "status": ["فعال"] * 6}

# source (and kind of cells), name of the sheet, heading row
PLAIN = """
lab | Sheet1 | کد=code, عنوان فارسی=title_fa, عنوان انگلیسی=title_en, کد ملی خدمت=rvu_code
lab | Sheet1 | کد لوینک=code, نام آزمایش (فارسی)=title_fa
lab | Sheet1 | LOINC_NUM=code, LONG_COMMON_NAME=title_en
lab | Sheet1 | LOINC_NUM=code, COMPONENT, PROPERTY, SYSTEM=specimen, CLASS=group, SHORTNAME, LONG_COMMON_NAME=title_en
lab | Sheet1 | ردیف=-, کد آزمایش=code, شرح آزمایش=title_fa
lab | Sheet1 | کد=code, شرح=title_fa
lab | Sheet1 | کد LOINC=code, Test Name=title_en, نام تست=title_fa, کد ملی خدمت=rvu_code
lab | Sheet1 | LOINC Code=code, English Name=title_en, Persian Name=title_fa
lab | Sheet1 | کد بین المللی آزمایش=code, عنوان آزمایش به فارسی=title_fa, عنوان آزمایش به انگلیسی=title_en, کد خدمت=rvu_code
lab | Sheet1 | code=code, title=title_en
lab | Sheet1 | کد استاندارد=code, نام خدمت=title_fa, نام لاتین خدمت=title_en
lab | Sheet1 | کد لوینک آزمایش=code, آزمایش=title_fa, نوع نمونه (specimen)=specimen, کد پنل آزمایش=panel
lab | Sheet1 | کد تست=code, شرح تست=title_fa, کد نسخه تعرفه=, کد RVU=rvu_code
lab | Sheet1 | کد آزمایش (۱)=code, نام آزمایش [2]=title_fa, نام لاتین²=title_en, قیمت (۱), قیمت (۲)
genetics | Sheet1 | Code=code, Test Name (EN)=title_en, نام فارسی تست=title_fa, Gene=gene
snomed | SNOMEDCT.route | SNOMED ID=code, English=title_en, Persian=title_fa
imaging | CT | کد لوینک=code, عنوان=title_fa, لترالیتی=laterality, کنتراست=contrast
prescription-map | Sheet1 | کد نسخه الکترونیک=code, نام خدمت نسخه=source_title, RVU3=rvu_code
icd10 | Sheet1 | کد=code, شرح=title_fa
icd10 | Sheet1 | ICD-10 Code=code, Disease Name=title_en, نام فارسی بیماری=title_fa
icd10 | Sheet1 | code=code, title=title_en
icd10 | Sheet1 | ICD10_CODE=code, DESCRIPTION=title_en
icd10 | Sheet1 | Code=code, Short Description, Long Description=title_en
icd10 | Sheet1 | کد تشخیص=code, شرح تشخیص=title_fa
icd10 | Sheet1 | کد بیماری=code, نام بیماری (فارسی)=title_fa, نام بیماری (انگلیسی)=title_en
icd10 | Sheet1 | ICD=code, Diagnosis=title_en, تشخیص=title_fa
icd10 | Sheet1 | ردیف=-, کد آی سی دی=code, عنوان تشخیص=title_fa, عنوان لاتین=title_en
icd10 | Sheet1 | Disease Code=code, English Title=title_en, Persian Title=title_fa, Parent Code=parent
icd10 | Sheet1 | کد=code, عنوان=title_fa, عنوان لاتین=title_en
icd10 | Sheet1 | کد ICD 10=code, معادل فارسی=title_fa, اصطلاح انگلیسی=title_en
snomed | Sheet1 | SNOMED Code=code, Display=title_en, معادل فارسی=title_fa, Subset=subset
snomed | Sheet1 | کد اسنومد=code, عنوان انگلیسی=title_en, معادل فارسی=title_fa, زیرمجموعه=subset
snomed | Sheet1 | conceptId=code, term=title_en, refset=subset
snomed | Sheet1 | SCTID=code, FSN=full_name, PT=title_en, عنوان فارسی=title_fa, Value Set=subset
snomed | Sheet1 | SNOMED CT Code=code, Preferred Term=title_en, Persian Term=title_fa, Subset Name=subset
snomed | route | code=code, display=title_en
snomed | راه مصرف | کد=code, عنوان فارسی=title_fa, عنوان انگلیسی=title_en
snomed | Sheet1 | Concept ID=code, Fully Specified Name=full_name, Term=title_en, مجموعه مقادیر=subset
snomed | body site | SNOMED ID=code, Description=title_en, شرح فارسی=title_fa
snomed | Sheet1 | شناسه مفهوم SNOMED=code, واژه انگلیسی=title_en, واژه فارسی=title_fa, نام زیرمجموعه=subset
snomed | laterality | کد SNOMED-CT=code, نام لاتین=title_en, نام فارسی=title_fa
usage | Sheet1 | کد زمان مصرف دارو=code, شرح زمان مصرف دارو=title_fa
usage | Sheet1 | کد زمان مصرف=code, عنوان زمان مصرف=title_fa
usage | Sheet1 | کد نحوه مصرف دارو=code, شرح نحوه مصرف دارو=title_fa
usage | Sheet1 | کد متد مصرف دارو=code, عنوان متد مصرف دارو=title_fa, مخفف=abbreviation
usage | Sheet1 | کد روش مصرف دارو=code, روش مصرف دارو=title_fa
usage | زمان مصرف | شناسه=code, شرح=title_fa
usage | نحوه مصرف | ردیف=-, کد=code, شرح فارسی=title_fa, شرح انگلیسی=title_en
usage | متد | کد=code, عنوان=title_fa, SIG=abbreviation
usage | Sheet1 | کد دستور مصرف=code, دستور مصرف=title_fa
usage | Sheet1 | کد زمان=code, شرح زمان=title_fa, توضیحات=description
usage | Sheet1 | شناسه نحوه مصرف=code, نحوه مصرف=title_fa, وضعیت=status
usage | Sheet1 | کد تواتر مصرف=code, تواتر مصرف=title_fa
drugs | داروها | IRC=code, نام فارسی دارو=title_fa, نام انگلیسی دارو=title_en, کد ژنریک=generic_code
drugs | داروها | کد IRC دارو=code, نام دارو=title_fa, قیمت (ریال)=price
drugs | داروها | IRC Code=code, Product Name=title_en, Generic Code=generic_code, Generic Name=generic_en
drugs | داروها | کد فرآورده (IRC)=code, نام برند فارسی=title_fa, نام برند انگلیسی=title_en, کد ژنریک=generic_code
drugs | داروها | شناسه IRC=code, نام تجاری فارسی=title_fa, نام تجاری انگلیسی=title_en, شرکت=company
drugs | داروها | کد=code, نام فارسی محصول=title_fa, نام انگلیسی محصول=title_en, نام صاحب پروانه=company
drugs | داروها | IRC=code, Persian Name=title_fa, English Name=title_en, License Owner=company
drugs | داروها | کد IRC=code, عنوان دارو=title_fa, شکل دارویی=dosage_form, قیمت واحد=price
drugs | داروها | IRC=code, NFI Code=generic_code, Drug Name=title_en
drugs | داروها | کد ثبت (IRC)=code, نام کالا=title_fa, بارکد=gtin
eRx | داروها | کد ژنریک=code, نام ژنریک=title_en
eRx | داروها | Generic Code=code, Generic Name=title_en
eRx | داروها | کد دارو=code, نام دارو=title_fa, شکل دارویی=dosage_form
eRx | داروها | کد ژنریک دارو=code, نام انگلیسی دارو=title_en, نام فارسی دارو=title_fa
natural:drugs | Sheet1 | IRC=code, نام فارسی=title_fa, نام علمی گیاه=plant
drugs | داروهای گیاهی | کد IRC=code, نام فارسی فرآورده=title_fa, نام علمی=plant
rvu3 | Sheet1 | کد ملی=code, شرح خدمت=title_fa, جز حرفه ای=professional, جز فنی=technical, ارزش کل=total
rvu3 | Sheet1 | کد=code, ویژگی=marks, شرح کد=title_fa, ارزش نسبی کل=total, ارزش نسبی حرفه ای=professional, ارزش نسبی فنی=technical
rvu3 | Sheet1 | کد ملی=code, شرح کد=title_fa, کای حرفه ای=professional, کای فنی=technical, کای کل=total
rvu3 | Sheet1 | کد خدمت=code, نام خدمت=title_fa, کل=total, حرفه ای=professional, فنی=technical, پایه بیهوشی=anaesthesia_base
rvu3 | Sheet1 | RVU Code=code, شرح=title_fa
rvu3 | Sheet1 | کد کتاب ارزش نسبی=code, شرح خدمت=title_fa, تعداد کا=total
rvu3 | Sheet1 | کد ارزش نسبی=code, عنوان=title_fa, ارزش نسبی=total
rvu3 | Sheet1 | national code=code, service name=title_fa, professional part=professional, technical part=technical
rvu3 | Sheet1 | کد خدمت (ملی)=code, شرح فارسی خدمت=title_fa, جزء فنی=technical
rvu3 | Sheet1 | ردیف=-, کد ملی خدمت=code, عنوان خدمت=title_fa
imaging | Sheet1 | کد LOINC=code, نام فارسی=title_fa, مدالیته=modality
imaging | Sheet1 | LOINC=code, عنوان خدمت تصویربرداری=title_fa, نوع تصویربرداری=modality, کد ملی=rvu_code
imaging | CT | کد=code, شرح=title_fa
imaging | سونوگرافی | کد لوینک=code, عنوان خدمت فارسی=title_fa, عنوان خدمت انگلیسی=title_en
imaging | MRI | LOINC_NUM=code, LONG_COMMON_NAME=title_en
imaging | رادیولوژی | کد خدمت تصویربرداری=code, نام خدمت=title_fa, کد ملی=rvu_code
imaging | Sheet1 | Modality=modality, LOINC Code=code, Name=title_en, Body Part=body_site
imaging | ماموگرافی | کد تصویربرداری=code, نام لاتین=title_en, معادل فارسی=title_fa
imaging | Sheet1 | کد استاندارد=code, نوع مدالیته=modality, شرح خدمت=title_fa, ماده حاجب=contrast, سمت=laterality
imaging | پزشکی هسته‌ای | کد=code, عنوان=title_fa, کد RVU=rvu_code
genetics:lab | Sheet1 | کد LOINC=code, نام آزمایش=title_fa, نام ژن=gene, روش آزمایش=method
genetics:lab | Sheet1 | کد لوینک=code, عنوان آزمایش (فارسی)=title_fa, Gene=gene, بیماری=disease
genetics:lab | Sheet1 | کد=code, عنوان فارسی=title_fa, عنوان انگلیسی=title_en, ژن=gene
physiotherapy | Sheet1 | کد ملی=code, شرح خدمت=service, تامین اجتماعی=tamin_code, بیمه سلامت=ihio_code, نیروهای مسلح=armed_forces_code
physiotherapy | Sheet1 | کد خدمت=code, عنوان=service, کد خدمت تامین اجتماعی=tamin_code, کد خدمت بیمه سلامت=ihio_code
physiotherapy | Sheet1 | کد ملی=code, شرح=service, کد تامین اجتماعی=tamin_code, کد سلامت=ihio_code
physiotherapy | Sheet1 | کد ملی خدمت=code, شرح خدمت=service, کد خدمت در سازمان تامین اجتماعی=tamin_code, کد خدمت در بیمه سلامت=ihio_code
physiotherapy | Sheet1 | کد=code, شرح خدمت=service, سازمان تامین اجتماعی=tamin_code, سازمان بیمه سلامت=ihio_code, کمیته امداد=imdad_code
physiotherapy | Sheet1 | کد ملی=code, نام خدمت=service, کد معادل تامین اجتماعی=tamin_code, کد معادل نیروهای مسلح=armed_forces_code
physiotherapy | Sheet1 | کد RVU=code, شرح=service, کد بیمه تامین اجتماعی=tamin_code, کد بیمه سلامت ایران=ihio_code
physiotherapy | Sheet1 | کد ملی=code, عنوان خدمت=service, سازمان بیمه گر=insurer, کد بیمه گر=insurer_code
physiotherapy | Sheet1 | کد ملی=code, عنوان خدمت=service, نام سازمان بیمه گر=insurer, کد خدمت بیمه گر=insurer_code
physiotherapy | Sheet1 | کد ملی=code, شرح کد=service, کد خدمات درمانی نیروهای مسلح=armed_forces_code, کد بیمه مرکزی=central_insurance_code
ambulance | آمبولانس هوایی | کد=code, شرح=title_fa
ambulance | Sheet1 | کد ملی=code, شرح خدمت=title_fa, نوع خدمت=kind
ambulance | Sheet1 | کد خدمت=code, عنوان=title_fa, نوع آمبولانس=kind, ارزش نسبی=total
ambulance | حق پزشک مقیم | کد ملی خدمت=code, شرح کد=title_fa, ارزش کل=total
ambulance | آمبولانس دریایی | کد خدمت=code, نام خدمت=title_fa, تعداد کا=total
prescription-map | Sheet1 | ترمینولوژی=source_terminology, کد نسخه الکترونیک=code, کد RVU=rvu_code
prescription-map | Sheet1 | نوع کد=source_terminology, کد نسخه=code, عنوان=source_title, کد ملی=rvu_code
prescription-map | Sheet1 | ترمینولوژی=source_terminology, کد نسخه=code, نام خدمت=source_title, کد ملی خدمت=rvu_code
prescription-map | Sheet1 | نوع خدمت=source_terminology, کد خدمت نسخه الکترونیک=code, شرح خدمت=source_title, کد کتاب ارزش نسبی=rvu_code
prescription-map | Sheet1 | سیستم کدگذاری=source_terminology, کد نسخه الکترونیکی=code, کد معادل RVU=rvu_code
value-sets | Sheet1 | ترمینولوژی=terminology, کد=code, مقدار=title_fa
value-sets | Sheet1 | Terminology ID=terminology, Code=code, Value=title_fa
value-sets | Sheet1 | terminology_id=terminology, coded_string=code, value=title_fa
value-sets | gender | کد=code, عنوان=title_fa
value-sets | جنسیت | شناسه=code, نام فارسی=title_fa, نام انگلیسی=title_en
value-sets | Sheet1 | نام ترمینولوژی=terminology, شناسه=code, عنوان فارسی=title_fa, عنوان انگلیسی=title_en
value-sets | Sheet1 | مجموعه مقادیر=terminology, کد مقدار=code, شرح مقدار=title_fa
value-sets | Sheet1 | نام جدول=terminology, کد=code, شرح=title_fa
value-sets | thritaEHR.gender | coded_string=code, value=title_fa
value-sets | Sheet1 | Value Set=terminology, Code=code, Title=title_en
""".strip().splitlines()  # fmt: skip
# Lists that are asked for by name.
ASKED = """
generic | Sheet1 | ترمینولوژی=terminology, کد=code, عنوان=title_fa
generic | Sheet1 | Terminology=terminology, Code=code, Display=title_en
generic | Sheet1 | terminology_id=terminology, code=code, value=title_fa
generic | Sheet1 | نام ترمینولوژی=terminology, شناسه=code, نام فارسی=title_fa, نام انگلیسی=title_en
generic | Sheet1 | ترمینولوژی=terminology, کد کالا=code, شرح کالا=title_fa
generic | Sheet1 | Code System=terminology, Code=code, Description=title_en
generic-map | Sheet1 | ترمینولوژی مبدا=source_terminology, کد مبدا=source, ترمینولوژی مقصد=target_terminology, کد مقصد=target
generic-map | Sheet1 | Source Terminology=source_terminology, Source Code=source, Target Terminology=target_terminology, Target Code=target
generic-map | Sheet1 | source system=source_terminology, source code=source, target system=target_terminology, target code=target
generic-map | Sheet1 | از ترمینولوژی=source_terminology, از کد=source, به ترمینولوژی=target_terminology, به کد=target, رابطه=relationship
blood-bank:lab | Sheet1 | کد LOINC=code, نام آزمایش (فارسی)=title_fa, کد ملی خدمت=rvu_code
blood-bank:lab | بانک خون | LOINC_NUM=code, LONG_COMMON_NAME=title_en
forensic:lab | Sheet1 | کد=code, شرح=title_fa
forensic:lab | Sheet1 | کد لوینک=code, شرح آزمایش=title_fa
pathology:lab | Sheet1 | کد آزمایش=code, نام نمونه برداری=, عنوان فارسی=title_fa, عنوان انگلیسی=title_en
natural:drugs | Sheet1 | IRC=code, نام فارسی دارو=title_fa, کد ژنریک=generic_code
natural:drugs | Sheet1 | کد IRC=code, نام فرآورده=title_fa, نام علمی گیاه=plant
""".strip().splitlines()  # fmt: skip


def taken_apart(line: str) -> tuple[str, str, str, list[tuple[str, str]]]:
    """Source, what its cells are, the sheet's name, and each heading with its field."""
    kind, name, headings = (piece.strip() for piece in line.split("|", 2))
    source, _, cells = kind.partition(":")
    pairs = [tuple(piece.strip().partition("=")[::2]) for piece in headings.split(",")]
    return ("drugs" if source == "eRx" else source), cells or source, name, pairs  # type: ignore[return-value]


def rows_of(cells: str, fields: list[str]) -> list[list[str]]:
    told = CELLS[cells]
    columns = [told.get(name) or _OF_A_FIELD.get(name, _PERSIAN) for name in fields]
    return [list(row) for row in zip(*columns, strict=True)]


def check(line: str, *, asked: bool) -> None:
    source, cells, name, pairs = taken_apart(line)
    fields = [field for _, field in pairs]
    sheet = FakeSheet(name, [[heading for heading, _ in pairs], *rows_of(cells, fields)])
    fit = choose([sheet.seen()], SOURCES[source] if asked else None)
    assert fit.source.name == source
    (header,) = fit.headers.values()
    assert header.twice is None
    found = {header.headings[letters]: column.field for letters, column in header.columns.items()}
    assert found == {heading: field for (heading, _), field in zip(pairs, fields, strict=True) if field.isidentifier()}


@pytest.mark.parametrize("line", PLAIN)
def test_a_list_is_known_by_headings_of_everyday_life(line: str) -> None:
    check(line, asked=False)


@pytest.mark.parametrize("line", ASKED)
def test_a_list_that_is_asked_for_is_read_by_headings_of_everyday_life(line: str) -> None:
    check(line, asked=True)
