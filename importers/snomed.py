"""Subsets of SNOMED CT: route, method, frequency, as needed, body site, laterality, priority and specimen."""

from __future__ import annotations

from dataclasses import replace

from importers.check_digits import sctid
from importers.codes import Code
from importers.columns import NOTE_COLUMN, ROW_NUMBERS, STATUS_COLUMN, parent, successor
from importers.declare import Column, Expect, Sheet, Source, TerminologyBy
from importers.fields import LatinText, PersianText, Title

# A concept's identifier: its partition (00, or 10 for an extension's) stands before the check digit.
SCTID = Code(
    r"[1-9]\d{2,14}[01]0\d",
    "شناسهٔ مفهوم SNOMED CT، شش تا هجده رقم، مانند 26643006",
    "the identifier of a SNOMED CT concept, six to eighteen digits, like 26643006",
    check=sctid,
    strict=True,
    word="SCTID|SNOMED-?CT|SNOMED",
)
SUBSETS = {
    "SNOMEDCT.route": "راه تجویز|راه مصرف|راه دادن دارو|route of administration",
    "SNOMEDCT.method": "روش تجویز|روش مصرف|متد|administration method",
    "SNOMEDCT.frequency": "تواتر|تواتر مصرف|دفعات مصرف|timing",
    "SNOMEDCT.asNeeded": "در صورت نیاز|صورت نیاز|as needed|as-needed|prn",
    "SNOMEDCT.bodySite": "ناحیه بدن|محل بدن|body site|body-site|site",
    "SNOMEDCT.laterality": "سمت بدن|سمت|side",
    "SNOMEDCT.priority": "اولویت|فوریت",
    "SNOMEDCT.specimen": "نوع نمونه|نمونه|specimen type",
}
_NAMED_BY = TerminologyBy("subset", prefix="SNOMEDCT.", known=SUBSETS, closed=True)
_SUBSET = Column(
    "زیرمجموعه|مجموعه|نام زیرمجموعه|ترمینولوژی|subset|value set|terminology||subset name|refset|مجموعه مقادیر",
    "subset",
    Title,
    required=True,
)

BY_COLUMN = Sheet(
    terminology=_NAMED_BY,
    columns=(
        _SUBSET,
        Column("SCTID|کد SNOMED|کد SNOMED CT|SNOMED CT|concept id|conceptId|شناسه مفهوم|کد||code|snomed code|snomed ct code"
               "|snomed concept id|کد اسنومد|شناسه مفهوم SNOMED", "code", SCTID, key=True),
        Column("عنوان فارسی|معادل فارسی|نام فارسی|عنوان||شرح|شرح فارسی|واژه فارسی|اصطلاح فارسی|persian term"
               "|persian display|persian name|persian", "title_fa", PersianText),
        Column("عنوان لاتین|نام لاتین|preferred term|term|display|عنوان انگلیسی||PT|description|english term|title"
               "|name|واژه لاتین|اصطلاح لاتین|معادل لاتین|شرح لاتین|english", "title_en", LatinText),
        Column("نام کامل|fully specified name|FSN", "full_name", LatinText),
        parent(SCTID),
        STATUS_COLUMN,
        successor(SCTID),
        NOTE_COLUMN,
    ),
    any_of=("title_fa", "title_en"),
    ignore=ROW_NUMBERS,
    expect=Expect(min_rows=2, max_rows=60_000, max_retired_share=0.05),
)  # fmt: skip

SNOMED = Source(
    name="snomed",
    title_fa="زیرمجموعه‌های SNOMED CT",
    title_en="subsets of SNOMED CT",
    sheets=(
        BY_COLUMN,
        replace(
            BY_COLUMN,
            terminology=replace(_NAMED_BY, named=True),
            columns=tuple(replace(c, required=False) if c is _SUBSET else c for c in BY_COLUMN.columns),
        ),
    ),
)
