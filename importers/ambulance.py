"""Air and sea ambulance, and the fee of the physician resident in special-care wards (circular 110/90).

They are billed, and what is billed is checked against RVU3; the book does not have them, so each is a part of RVU3.
"""

from __future__ import annotations

from dataclasses import replace

from importers.columns import NOTE_COLUMN, ROW_NUMBERS, STATUS_COLUMN, successor
from importers.declare import Column, Expect, PartBy, Sheet, Source, SumOf
from importers.fields import Choice, Decimal, Description, Marks, PersianText, Title
from importers.rvu_codes import MARKS, SERVICE_CODE

KINDS = {
    "air-ambulance": "آمبولانس هوایی|اورژانس هوایی|بالگرد|air ambulance",
    "sea-ambulance": "آمبولانس دریایی|اورژانس دریایی|قایق آمبولانس|sea ambulance",
    "resident-fee": "حق پزشک مقیم|پزشک مقیم|مقیمی|پزشک مقیم بخش‌های ویژه|resident physician",
}
_KIND = Column("نوع خدمت|نوع|موضوع|kind of service||نوع آمبولانس", "kind", Choice(KINDS, decides=True))
_FEW = Expect(min_rows=1, max_rows=500, max_retired_share=0.05)

_BY_SECTION = Sheet(
    terminology="RVU3",
    part=PartBy("kind", default=None),
    columns=(
        Column("کد|کد خدمت|کد ملی|کد ملی خدمت|code", "code", SERVICE_CODE, key=True),
        Column("ویژگی|ویژگی کد|attribute", "marks", Marks(MARKS)),
        Column("شرح کد|شرح|شرح خدمت|عنوان خدمت|عنوان|name||نام خدمت|title", "title_fa", PersianText, required=True),
        _KIND,
        Column("واحد|واحد محاسبه|مبنای محاسبه|unit", "unit", Title),
        Column("توضیحات|توضیح|شرایط|description", "description", Description),
        Column("ارزش حرفه‌ای|جزء حرفه‌ای|professional", "professional", Decimal()),
        Column("ارزش فنی|جزء فنی|technical", "technical", Decimal()),
        Column("ارزش کل|کل|جمع|ارزش نسبی|total||ارزش نسبی کل|کای کل|تعداد کا", "total", Decimal()),
        Column("گروه|گروه خدمت|group", "group", Title),
        STATUS_COLUMN,
        successor(SERVICE_CODE),
        NOTE_COLUMN,
    ),
    ignore=ROW_NUMBERS,
    section="group",
    checks=(SumOf("total", ("professional", "technical")),),
    expect=_FEW,
)

AMBULANCE = Source(
    name="ambulance",
    title_fa="آمبولانس هوایی و دریایی و حق پزشک مقیم (RVU3)",
    title_en="air and sea ambulance and the resident physician's fee (RVU3)",
    circulars=("110/90",),
    sheets=(
        replace(_BY_SECTION, part=replace(_BY_SECTION.part, named=True)),  # type: ignore[type-var]
        replace(_BY_SECTION, columns=tuple(replace(c, present=True) if c is _KIND else c for c in _BY_SECTION.columns)),
        _BY_SECTION,
    ),
)
