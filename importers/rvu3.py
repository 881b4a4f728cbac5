"""The book of relative values of health services, third edition (کتاب ارزش نسبی)."""

from __future__ import annotations

from importers.columns import NOTE_COLUMN, ROW_NUMBERS, STATUS_COLUMN, successor
from importers.declare import Column, Expect, Sheet, Source, SumOf
from importers.fields import Decimal, Description, Marks, PersianText, Title
from importers.rvu_codes import MARKS, RVU_CODE

RVU3 = Source(
    name="rvu3",
    title_fa="کتاب ارزش نسبی (RVU3)",
    title_en="the book of relative values (RVU3)",
    sheets=(
        Sheet(
            terminology="RVU3",
            columns=(
                Column("کد|کد خدمت|کد ملی|کد ملی خدمت|code||کد RVU|rvu code|کد ارزش نسبی|کد کتاب ارزش نسبی|national code"
                       "|service code", "code", RVU_CODE, key=True),
                Column("ویژگی|ویژگی کد|attribute", "marks", Marks(MARKS)),
                Column("شرح کد|شرح کد (Value)|شرح|شرح خدمت|عنوان خدمت|name||عنوان|عنوان فارسی|نام خدمت|شرح فارسی"
                       "|شرح فارسی خدمت|شرح خدمات|title|service name", "title_fa", PersianText, required=True),
                Column("توضیحات|توضیح|description", "description", Description),
                Column("ارزش حرفه‌ای|جزء حرفه‌ای|ارزش نسبی جزء حرفه‌ای|ارزش نسبی حرفه‌ای|professional||حرفه‌ای|جز حرفه‌ای"
                       "|ارزش جزء حرفه‌ای|کای حرفه‌ای|professional part|professional component", "professional", Decimal()),
                Column("ارزش فنی|جزء فنی|ارزش نسبی جزء فنی|ارزش نسبی فنی|technical||فنی|جز فنی|ارزش جزء فنی|کای فنی"
                       "|technical part|technical component", "technical", Decimal()),
                Column("ارزش کل|کل|جمع|ارزش نسبی کل|total||ارزش نسبی|کای کل|تعداد کا|total value", "total", Decimal()),
                Column("ارزش پایه بیهوشی|پایه بیهوشی|ارزش تام بیهوشی|بیهوشی|anaesthesia base", "anaesthesia_base", Decimal()),
                Column("گروه|گروه خدمت|group", "group", Title),
                Column("طبقه|دسته|زیرگروه|category", "category", Title),
                Column("تجهیزات|دستگاه|device", "device", Title),
                Column("فصل|فصل کتاب|chapter", "chapter", Title),
                STATUS_COLUMN,
                successor(RVU_CODE),
                NOTE_COLUMN,
            ),
            ignore=ROW_NUMBERS,
            section="chapter",
            checks=(SumOf("total", ("professional", "technical")),),
            expect=Expect(min_rows=200, max_rows=12_000, max_retired_share=0.05),
        ),
    ),
)  # fmt: skip
