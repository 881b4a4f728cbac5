"""The value sets of the record, thritaEHR.*: one workbook, many terminologies."""

from __future__ import annotations

from dataclasses import replace

from importers.codes import Code
from importers.columns import NOTE_COLUMN, ROW_NUMBERS, STATUS_COLUMN, parent, successor
from importers.declare import Column, Expect, Sheet, Source, TerminologyBy
from importers.fields import Description, LatinText, PersianText, Title
from importers.terminologies import VALUE_SETS as KNOWN

VALUE_CODE = Code(
    r"\d{1,8}(?:\.\d{1,3}){0,3}|\d{1,2}-\d{1,2}|[A-Z]{1,4}(?:-?\d{1,4})?",
    "عدد، شاید نقطه‌دار، خط‌تیره‌دار یا با صفر آغازین، مانند 24، 4.1، 1-2 یا 010",
    "a number, perhaps with points, a dash or leading zeros, like 24, 4.1, 1-2 or 010",
    padded=True,
    loose=True,
)
_NAMED_BY = TerminologyBy(
    "terminology", prefix="thritaEHR.", known={name: title_fa for name, (title_fa, _) in KNOWN.items()}
)
_TERMINOLOGY = Column(
    "ترمینولوژی|شناسه ترمینولوژی|نام ترمینولوژی|terminology|terminology id|value set||مجموعه مقادیر"
    "|نام مجموعه مقادیر|نام جدول|نام مجموعه",
    "terminology",
    Title,
    required=True,
)

BY_COLUMN = Sheet(
    terminology=_NAMED_BY,
    columns=(
        _TERMINOLOGY,
        Column("کد|کد مقدار|coded_string|code|شناسه", "code", VALUE_CODE, key=True),
        Column(
            "مقدار|عنوان|عنوان فارسی|شرح|value|نام||نام فارسی|شرح مقدار|شرح فارسی|persian value",
            "title_fa",
            PersianText,
        ),
        Column(
            "عنوان لاتین|عنوان انگلیسی|مقدار لاتین|نام لاتین|english value||title|name|display|شرح لاتین",
            "title_en",
            LatinText,
        ),
        Column("توضیحات|توضیح|description", "description", Description),
        parent(VALUE_CODE),
        STATUS_COLUMN,
        successor(VALUE_CODE),
        NOTE_COLUMN,
    ),
    any_of=("title_fa", "title_en"),
    ignore=ROW_NUMBERS,
    expect=Expect(min_rows=1, max_rows=2_000, max_retired_share=0.05),
)

VALUE_SETS = Source(
    name="value-sets",
    title_fa="مقدارهای پروندهٔ الکترونیک سلامت (thritaEHR)",
    title_en="the value sets of the electronic health record (thritaEHR)",
    sheets=(
        BY_COLUMN,
        replace(
            BY_COLUMN,
            terminology=replace(_NAMED_BY, named=True),
            columns=tuple(replace(c, required=False) if c is _TERMINOLOGY else c for c in BY_COLUMN.columns),
        ),
    ),
)
