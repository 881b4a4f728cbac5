"""ICD-10: chapters, blocks, categories and subcategories, each with what stands above it as parent."""

from __future__ import annotations

from importers.columns import NOTE_COLUMN, ROW_NUMBERS, STATUS_COLUMN, parent, successor
from importers.declare import Column, Expect, Sheet, Source
from importers.fields import Choice, Description, LatinText, PersianText
from importers.icd10_codes import ICD10_CODE

ICD10 = Source(
    name="icd10",
    title_fa="طبقه‌بندی بین‌المللی بیماری‌ها (ICD10)",
    title_en="the international classification of diseases (ICD10)",
    sheets=(
        Sheet(
            terminology="ICD10",
            columns=(
                Column("کد ICD10|کد ICD-10|کد ICD|ICD10|ICD-10|ICD code|کد بیماری|کد تشخیص|کد||code"
                       "|ICD10 code|ICD|کد آی سی دی|disease code|diagnosis code", "code", ICD10_CODE, key=True),
                Column("عنوان فارسی|نام فارسی|نام بیماری|عنوان بیماری|شرح فارسی|عنوان||شرح|نام فارسی بیماری|شرح بیماری|شرح تشخیص"
                       "|عنوان تشخیص|تشخیص|بیماری|معادل فارسی|persian name|persian description", "title_fa", PersianText),
                Column("عنوان لاتین|نام لاتین|عنوان انگلیسی|نام انگلیسی|description|title|disease||name"
                       "|disease name|diagnosis|diagnosis name|english name|english description|long description|نام لاتین بیماری"
                       "|شرح لاتین|اصطلاح لاتین|معادل لاتین", "title_en", LatinText),
                Column(
                    "سطح|نوع ردیف|level", "level",
                    Choice({"chapter": "فصل|chapter", "block": "دسته|بلوک|گروه|block", "category": "رده|طبقه|category",
                            "subcategory": "زیررده|زیرطبقه|subcategory"}),
                ),
                parent(ICD10_CODE),
                Column("خنجر و ستاره|نوع کد|dagger asterisk|mark", "mark",
                       Choice({"dagger": "خنجر|†|+|dagger", "asterisk": "ستاره|*|asterisk"})),
                Column("شامل|شمول|includes|inclusion", "includes", Description),
                Column("به جز|شامل نمی‌شود|excludes|exclusion", "excludes", Description),
                STATUS_COLUMN,
                successor(ICD10_CODE),
                NOTE_COLUMN,
            ),
            any_of=("title_fa", "title_en"),
            ignore=ROW_NUMBERS,
            parents="icd10",
            expect=Expect(min_rows=50, max_rows=25_000, max_retired_share=0.05),
        ),
    ),
)  # fmt: skip
