"""Parts of the laboratory coding that come by themselves: genetics (circular 110/368), blood bank, forensic, pathology.

The comprehensive list (lab.py) has them all; these are for lists of one part, whose rows do not say so.
"""

from __future__ import annotations

from dataclasses import replace

from importers.declare import Column, Expect, PartBy, Sheet, Source
from importers.fields import Choice, Description, Title
from importers.lab import LAB, PARTS

_FEW = Expect(min_rows=5, max_rows=10_000, max_retired_share=0.05)


def _sheet(part: str, *more: Column) -> Sheet:
    """The comprehensive list's sheet for rows of one part. A row that names another part is an error."""
    (whole,) = LAB.sheets
    columns = tuple(
        replace(column, type=Choice({part: PARTS[part]}, decides=True)) if column.field == "part" else column
        for column in whole.columns
    )
    maps = tuple(replace(given, expect=Expect(min_rows=1, max_rows=10_000)) for given in whole.maps)
    return replace(whole, part=PartBy("part", default=part), columns=(*columns, *more), maps=maps, expect=_FEW)


# The circular is about a form as much as about codes: these say what a test needs and tells.
_GENE = Column("ژن|نام ژن|gene|gene symbol", "gene", Title)
_FORM = (
    _GENE,
    Column("بیماری|بیماری یا نشانگان|نام بیماری|disease|condition", "disease", Title),
    Column("روش آزمایش|روش|تکنیک|method|technique", "method", Title),
    Column("نوع تغییر|نوع جهش|نوع واریانت|variant type", "variant_type", Title),
    Column("زمان جوابدهی|زمان پاسخ (روز)|turnaround days", "turnaround_days", Title),
    Column("رضایت‌نامه|فرم رضایت|consent", "consent", Title),
    Column("فیلدهای فرم|اطلاعات بالینی لازم|form fields", "form_fields", Description),
)
_GENETIC = _sheet("genetics", *_FORM)

GENETICS = Source(
    name="genetics",
    title_fa="کدینگ آزمایش‌های ژنتیک (LNC)",
    title_en="the coding of genetic tests (LNC)",
    circulars=("110/368",),
    sheets=(
        replace(_GENETIC, columns=tuple(replace(c, present=True) if c is _GENE else c for c in _GENETIC.columns)),
        _GENETIC,
    ),
)
BLOOD_BANK = Source(
    name="blood-bank",
    title_fa="کدینگ بانک خون (LNC)",
    title_en="the coding of the blood bank (LNC)",
    sheets=(_sheet("blood-bank"),),
    recognised=False,
)
FORENSIC = Source(
    name="forensic",
    title_fa="کدینگ آزمایش‌های پزشکی قانونی (LNC)",
    title_en="the coding of forensic tests (LNC)",
    sheets=(_sheet("forensic"),),
    recognised=False,
)
PATHOLOGY = Source(
    name="pathology",
    title_fa="کدینگ پاتولوژی (LNC)",
    title_en="the coding of pathology (LNC)",
    sheets=(_sheet("pathology"),),
    recognised=False,
)
