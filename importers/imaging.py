"""Imaging: CT, MRI, nuclear medicine, sonography, mammography, radiology and anatomical (circular 110/124).

The schedule of SEPAS checks imaging orders against LNC, so these are concepts of LNC. Each modality is a part of its own.
"""

from __future__ import annotations

from dataclasses import replace

from importers.columns import NOTE_COLUMN, ROW_NUMBERS, STATUS_COLUMN, successor
from importers.declare import Column, Expect, MapTo, PartBy, Sheet, Source
from importers.fields import Choice, Description, LatinText, PersianText, Title
from importers.lab import LNC_CODE, RVU_COLUMNS, RVU_PROPERTIES

MODALITIES = {
    "ct": "سی‌تی اسکن|سی تی|CT|CT scan|CT اسکن",
    "mri": "ام‌آر‌آی|MRI|MR|تصویربرداری تشدید مغناطیسی",
    "nuclear-medicine": "پزشکی هسته‌ای|اسکن هسته‌ای|nuclear medicine|NM",
    "sonography": "سونوگرافی|سونو|اولتراسوند|ultrasound|sonography|US",
    "mammography": "ماموگرافی|mammography|MG",
    "radiology": "رادیولوژی|رادیوگرافی|پرتونگاری|radiology|radiography|x-ray|XR",
    "anatomical": "آناتومیکال|آناتومی|کالبدشناسی|anatomical|anatomy",
}
LATERALITIES = {
    "left": "چپ|سمت چپ|left|L",
    "right": "راست|سمت راست|right|R",
    "bilateral": "دوطرفه|دو طرف|هر دو طرف|چپ و راست|راست و چپ|هر دو|both|bilateral|R/L|L/R|B",
    "unspecified": "نامشخص|یک‌طرفه|ندارد|یک طرف|چپ یا راست|راست یا چپ|unspecified|unilateral",
}
CONTRASTS = {
    "without": "بدون ماده حاجب|بدون تزریق|بدون کنتراست|ندارد|خیر|without contrast|WO",
    "with": "با ماده حاجب|با تزریق|تزریقی|با کنتراست|دارد|بله|with contrast|W",
    "both": "با و بدون ماده حاجب|با و بدون|بدون و با|با و بدون کنتراست"
    "|با و بدون تزریق|بدون و با ماده حاجب|هر دو|with and without contrast|W and WO",
}

_MODALITY = Column(
    "مدالیته|روش تصویربرداری|نوع تصویربرداری|modality||نوع مدالیته|نام مدالیته",
    "modality",
    Choice(MODALITIES, decides=True),
)
_SIZE = Expect(min_rows=5, max_rows=10_000, max_retired_share=0.05)

BY_NAME = Sheet(
    terminology="LNC",
    part=PartBy("modality", default=None, keeps=True, named=True),
    columns=(
        Column(
            "کد LOINC|کد تصویربرداری|کد LNC|LOINC|LNC|loinc code|کد خدمت تصویربرداری|کد||کد لوینک|کد استاندارد|کد بین‌المللی|code",
            "code", LNC_CODE, key=True,
        ),
        Column("عنوان فارسی|نام فارسی|نام خدمت|عنوان خدمت|نام تصویربرداری|شرح خدمت||عنوان|معادل فارسی|نام فارسی خدمت"
               "|نام خدمت تصویربرداری|persian name", "title_fa", PersianText),
        Column("عنوان لاتین|نام لاتین|نام انگلیسی|عنوان انگلیسی|long common name|name||title|display"
               "|english name|نام لاتین خدمت|معادل لاتین", "title_en", LatinText),
        _MODALITY,
        Column("ناحیه بدن|ناحیه|عضو|ناحیه آناتومیک|body site|region||body part", "body_site", Title),
        Column("سمت|جهت|سمت بدن|laterality|side||لترالیتی|راست یا چپ|چپ یا راست", "laterality", Choice(LATERALITIES)),
        Column("ماده حاجب|تزریق|کنتراست|contrast", "contrast", Choice(CONTRASTS)),
        Column("نما|نماها|تعداد نما|view|views", "view", Title),
        Column("گروه|رده|class", "group", Title),
        Column("راهنمای فنی|راهنما|توضیحات|شرح|description|technical guide", "description", Description),
        STATUS_COLUMN,
        successor(LNC_CODE, "LNC"),
        *RVU_COLUMNS,
        NOTE_COLUMN,
    ),
    any_of=("title_fa", "title_en"),
    else_title=(("title_fa", "شرح"), ("title_en", "description")),
    ignore=ROW_NUMBERS,
    section="group",
    maps=(MapTo("RVU3", "rvu_code", properties=RVU_PROPERTIES, expect=Expect()),),
    expect=_SIZE,
)  # fmt: skip

_BY_SECTION = replace(BY_NAME, part=PartBy("modality", default=None, keeps=True))

IMAGING = Source(
    name="imaging",
    title_fa="فهرست خدمات تصویربرداری (LNC)",
    title_en="the list of imaging services (LNC)",
    circulars=("110/124",),
    sheets=(
        BY_NAME,
        replace(_BY_SECTION, columns=tuple(replace(c, present=True) if c is _MODALITY else c for c in BY_NAME.columns)),
        _BY_SECTION,
    ),
)
