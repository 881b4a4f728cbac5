"""The map of the e-prescription's codes to the book of relative values (circular 110/356)."""

from __future__ import annotations

from importers.columns import NOTE_COLUMN, RELATIONSHIP, ROW_NUMBERS, STATUS_COLUMN
from importers.declare import Column, Expect, Pairs, Sheet, Source, TerminologyBy
from importers.drugs import ERX_CODE, IRC_CODE
from importers.fields import Title
from importers.lab import LNC_CODE, RVU_COLUMNS, RVU_PROPERTIES
from importers.mixed_codes import CodeOf

_CODED_BY = TerminologyBy(
    "source_terminology",
    known={
        "LNC": "آزمایش|آزمایشگاه|تصویربرداری|آزمایشگاه و تصویربرداری|LOINC|لوینک",
        "eRx": "دارو|داروها|کد ژنریک|ژنریک",
        "IRC": "فرآورده|کد فرآورده",
    },
    closed=True,
    by_code=True,
)
# Their shapes have nothing in common, even where Excel took zeros away.
PRESCRIPTION_CODE = CodeOf(
    r"(?:[A-Z]{1,3}-?)?\d{1,7}-\d|\d{5}|\d{16}",
    "کد LNC مانند 718-7، کد eRx (پنج رقم) یا IRC (شانزده رقم)",
    "a code of LNC like 718-7, of eRx (five digits) or IRC (sixteen)",
    by=_CODED_BY,
    types={"LNC": LNC_CODE, "eRx": ERX_CODE, "IRC": IRC_CODE},
)

PRESCRIPTION_MAP = Source(
    name="prescription-map",
    title_fa="نگاشت کدهای نسخهٔ الکترونیکی به کتاب ارزش نسبی",
    title_en="the map of the e-prescription's codes to the book of relative values",
    circulars=("110/356",),
    sheets=(
        Sheet(
            terminology="",
            part="prescription",
            columns=(
                Column("ترمینولوژی|نوع کد|نظام کدگذاری|ترمینولوژی کد نسخه|terminology||سیستم کدگذاری|نوع خدمت", "source_terminology",
                       Title),
                Column("کد نسخه الکترونیک|کد نسخه|کد نسخه الکترونیکی|کد مبدأ|کد خدمت نسخه|prescription code"
                       "||کد خدمت نسخه الکترونیک", "code",
                       PRESCRIPTION_CODE, key=True),
                Column("عنوان نسخه الکترونیک|عنوان نسخه|عنوان خدمت|عنوان کد نسخه|عنوان|title||نام خدمت|شرح خدمت"
                       "|نام خدمت نسخه|شرح خدمت نسخه|عنوان خدمت نسخه", "source_title", Title),
                Column("کد RVU3|کد RVU|کد ارزش نسبی|کد ملی|کد کتاب ارزش نسبی|rvu code||RVU3|RVU|کد ملی خدمت|کد معادل RVU", "rvu_code",
                       next(column.type for column in RVU_COLUMNS if column.field == "rvu_code"), present=True),
                Column("شرح RVU|شرح کد RVU|شرح کد|عنوان RVU|rvu title", "target_title", Title),
                *(column for column in RVU_COLUMNS if column.field != "rvu_code"),
                Column("نوع ارتباط|relationship", "relationship", RELATIONSHIP),
                STATUS_COLUMN,
                NOTE_COLUMN,
            ),
            ignore=ROW_NUMBERS,
            maps=(
                Pairs(
                    _CODED_BY, "code", "RVU3", "rvu_code", ("source_title", "target_title", *RVU_PROPERTIES, "note"),
                    relationship_by="relationship", status_by="status", expect=Expect(min_rows=1, max_rows=60_000),
                ),
            ),
        ),
    ),
)  # fmt: skip
