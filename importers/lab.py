"""The comprehensive coding of laboratory tests (circular 110/37) and the clinical lists before it (110/186, 110/501).

One sheet carries the concepts of LNC, which panels each belongs to, and the map LNC→RVU3.
"""

from __future__ import annotations

from dataclasses import replace

from importers.check_digits import loinc
from importers.codes import Code
from importers.columns import NOTE_COLUMN, ROW_NUMBERS, STATUS_COLUMN, successor
from importers.declare import Column, Expect, MapTo, PartBy, Sheet, Source
from importers.fields import Choice, Decimal, Description, LatinText, PersianText, Title
from importers.rvu_codes import RVU_CODE

_SHAPE = (
    r"(?!LNC)(?:[A-Z]{1,3}-?)?\d{1,7}-\d",  # LNC is the name of the system
    "رقم‌ها، خط تیره و یک رقم کنترل، مانند 718-7",
    "digits, a dash and a check digit, like 718-7",
)
LNC_CODE = Code(*_SHAPE, check=loinc, word="LOINC|LNC")
LNC_CODES = Code(*_SHAPE, many=True, word="LOINC|LNC")

# Parts in which the ministry keeps laboratory coding; pathology, blood bank, forensic and genetics were split off
# from the clinical part with circular 110/501.
PARTS = {
    "clinical": "بالینی|آزمایشگاه بالینی|تشخیص طبی|کلینیکال",
    "genetics": "ژنتیک|آزمایش‌های ژنتیک|ژنتیک پزشکی",
    "blood-bank": "بانک خون|انتقال خون",
    "forensic": "پزشکی قانونی|قانونی|سم شناسی قانونی|سم‌شناسی|toxicology",
    "pathology": "پاتولوژی|آسیب شناسی|پاتولوژی و سیتولوژی|سیتولوژی|سیتوپاتولوژی|cytology",
}

RVU_PROPERTIES = ("rvu_value", "rvu_group", "rvu_category", "rvu_type")
RVU_COLUMNS = (
    Column(
        "کد RVU|کد ارزش نسبی|کد خدمت در کتاب ارزش نسبی|rvu code|کد ملی||RVU3|کد ملی خدمت|کد کتاب ارزش نسبی|کد خدمت",
        "rvu_code",
        replace(RVU_CODE, many=True),
    ),
    Column("ارزش RVU|ارزش نسبی|مقدار RVU|rvu value", "rvu_value", Decimal()),
    Column("گروه RVU|rvu group", "rvu_group", Title),
    Column("طبقه RVU|دسته RVU|rvu category", "rvu_category", Title),
    Column("نوع RVU|rvu type", "rvu_type", Title),
)

LAB = Source(
    name="lab",
    title_fa="کدینگ جامع آزمایشگاه (LNC)",
    title_en="the comprehensive laboratory coding (LNC)",
    circulars=("110/37", "110/501", "110/186"),
    sheets=(
        Sheet(
            terminology="LNC",
            part=PartBy("part", default="clinical", others=Expect(max_retired_share=0.05)),
            columns=(
                Column("کد LOINC|کد آزمایش|کد LNC|LOINC|LNC|loinc code|کد لوینک||کد لوینک آزمایش|کد تست|کد بین‌المللی|کد بین‌المللی آزمایش"
                       "|کد استاندارد|کد|code|test code", "code", LNC_CODE, key=True),
                Column("نام فارسی آزمایش|نام آزمایش|نام فارسی|عنوان آزمایش|عنوان فارسی||عنوان|نام تست|نام فارسی تست|آزمایش|نام خدمت"
                       "|نام فارسی خدمت|معادل فارسی|persian name|persian test name", "title_fa", PersianText),
                Column("نام لاتین آزمایش|نام لاتین|نام انگلیسی|عنوان لاتین|name|long common name||نام لاتین تست|نام لاتین خدمت|title"
                       "|test name|english name|display|معادل لاتین|english test name", "title_en", LatinText),
                Column("شرح|توضیحات|شرح آزمایش|description", "description", Description),
                Column("بخش|بخش آزمایشگاه|بخش کدینگ", "part", Choice(PARTS, decides=True)),
                Column("گروه|گروه آزمایش|رده|class", "group", Title),
                Column("نمونه|نوع نمونه|specimen||system", "specimen", Title),
                Column("واحد|واحد گزارش|unit||units", "unit", Title),
                Column(
                    "درخواست یا نتیجه|درخواست/نتیجه|نوع کاربرد|order or result|order obs", "order_or_result",
                    Choice({"order": "درخواست|دستور|order", "result": "نتیجه|جواب|observation|result",
                            "both": "هر دو|درخواست و نتیجه|درخواست/نتیجه|both"}),
                ),
                Column("کد پنل|پنل|کد پانل|panel code|panel||کد پنل آزمایش", "panel", LNC_CODES, refers_to="LNC"),
                Column(
                    "وضعیت تجویز|قابل تجویز|وضعیت نسخه|prescription status", "prescription_status",
                    Choice({"prescribable": "قابل تجویز|مجاز|بله|بلی|دارد|فعال",
                            "not-prescribable": "غیر قابل تجویز|غیرمجاز|خیر|نه|ندارد|غیرفعال",
                            "limited": "تجویز محدود|مشروط|با شرایط"}),
                ),
                Column("کد جزئیات|کد جزئیات آزمایش|detail code", "detail_code", Title),
                Column("مقدار جزئیات|عنوان جزئیات|detail value", "detail_value", Title),
                Column("ترمینولوژی جزئیات|ترمینولوژی|detail terminology", "detail_terminology", Title),
                STATUS_COLUMN,
                successor(LNC_CODE, "LNC"),
                *RVU_COLUMNS,
                NOTE_COLUMN,
            ),
            any_of=("title_fa", "title_en"),
            else_title=(("title_fa", "شرح|شرح آزمایش|شرح تست|شرح خدمت"), ("title_en", "description")),
            ignore=ROW_NUMBERS,
            section="group",
            maps=(
                MapTo("RVU3", "rvu_code", properties=RVU_PROPERTIES, expect=Expect(min_rows=50, max_rows=60_000)),
            ),
            expect=Expect(min_rows=200, max_rows=30_000, max_retired_share=0.05),
        ),
    ),
)  # fmt: skip
