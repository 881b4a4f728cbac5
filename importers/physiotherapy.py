"""Physiotherapy mapped to the insurers' own codes (circulars 110/120 and 110/121).

The national codes are those of the book (RVU3), which stays the only list of them: this one gives, for each, the codes
that insurers know it by. A sheet has either a column for each insurer, or a row for each and a column that names it.
"""

from __future__ import annotations

from dataclasses import replace

from importers.codes import Code
from importers.columns import NOTE_COLUMN, RELATIONSHIP, ROW_NUMBERS, STATUS_COLUMN
from importers.declare import Column, Concepts, Expect, Pairs, Sheet, Source, TerminologyBy
from importers.fields import Choice, PersianText, Title
from importers.rvu_codes import SERVICE_CODE

# Insurers extend national codes: 807307-004.
INSURER_CODE = Code(
    r"[A-Z]{0,2}\d{3,10}(?:-\d{1,4})?", "سه تا ده رقم، شاید با دنباله، مانند 807307-004",
    "three to ten digits, perhaps with an extension, like 807307-004", padded=True, many=True,
)  # fmt: skip

_SIZE = Expect(min_rows=5, max_rows=5_000, max_retired_share=0.05)
# insurer → its names in headings, and in cells
INSURERS = {
    "Tamin": "تأمین اجتماعی|تامین اجتماعی|سازمان تأمین اجتماعی|تأمین|tamin|social security|بیمه تأمین اجتماعی",
    "IHIO": "بیمه سلامت|سلامت|سازمان بیمه سلامت ایران|خدمات درمانی|ihio|salamat|سازمان بیمه سلامت|بیمه سلامت ایران",
    "ArmedForces": "نیروهای مسلح|خدمات درمانی نیروهای مسلح|ساخد|armed forces|بیمه نیروهای مسلح|سازمان خدمات درمانی نیروهای مسلح",
    "Imdad": "کمیته امداد|امداد|imdad|کمیته امداد امام خمینی",
    "CentralInsurance": "بیمه مرکزی|بیمه‌های تکمیلی|central insurance",
}


_CODE = ("کد {}", "کد خدمت {}", "کد خدمت در {}", "کد معادل {}", "کد نزد {}", "{}")  # headings of an insurer's codes
_TITLE = ("عنوان {}", "شرح {}", "عنوان خدمت {}", "شرح خدمت {}", "شرح خدمت در {}")


def _spellings(patterns: tuple[str, ...], insurer: str) -> str:
    """The first pattern is the list's own, the others are everyday ones."""
    first, *others = ("|".join(pattern.format(name) for name in INSURERS[insurer].split("|")) for pattern in patterns)
    return f"{first}||{'|'.join(others)}"


def _field(insurer: str, what: str) -> str:
    short = {"ArmedForces": "armed_forces", "CentralInsurance": "central_insurance"}.get(insurer, insurer.lower())
    return f"{short}_{what}"


_NATIONAL = (
    Column("کد ملی|کد ملی خدمت|کد RVU|کد ارزش نسبی|کد فیزیوتراپی|کد خدمت|کد|rvu code", "code", SERVICE_CODE, key=True),
    Column("عنوان خدمت|شرح خدمت|نام خدمت|عنوان|شرح کد|شرح", "service", Title),
)
_MORE = (
    Column("گروه|گروه خدمت|ناحیه|group", "group", Title),
    Column("نوع ارتباط|relationship", "relationship", RELATIONSHIP),
    STATUS_COLUMN,
    NOTE_COLUMN,
)
_PROPERTIES = ("service", "group", "note")


def _by_insurer(insurer: str) -> tuple[Column, Column]:
    return (
        Column(_spellings(_CODE, insurer), _field(insurer, "code"), INSURER_CODE),
        Column(_spellings(_TITLE, insurer), _field(insurer, "title"), PersianText),
    )


WIDE = Sheet(
    terminology="",
    columns=(*_NATIONAL, *(column for insurer in INSURERS for column in _by_insurer(insurer)), *_MORE),
    any_of=tuple(_field(insurer, "code") for insurer in INSURERS),
    ignore=ROW_NUMBERS,
    section="group",
    also=tuple(
        Concepts(f"{insurer}.service", _field(insurer, "code"), title_fa=_field(insurer, "title")) for insurer in INSURERS
    ),
    maps=tuple(
        Pairs(
            "RVU3", "code", f"{insurer}.service", _field(insurer, "code"), _PROPERTIES,
            relationship_by="relationship", status_by="status", says={"insurer": insurer}, expect=_SIZE,
        )
        for insurer in INSURERS
    ),
    expect=_SIZE,
    label="هر بیمه در یک ستون",
)  # fmt: skip

_INSURER = TerminologyBy("insurer", known={f"{insurer}.service": insurer for insurer in INSURERS}, closed=True)
LONG = replace(
    WIDE,
    label="هر بیمه در یک ردیف",
    columns=(
        *_NATIONAL,
        Column("بیمه|سازمان بیمه‌گر|بیمه‌گر|نام بیمه|insurer"
               "||سازمان بیمه|نام سازمان بیمه‌گر", "insurer", Choice(INSURERS, decides=True), required=True),
        Column("کد بیمه|کد بیمه‌گر|کد نزد بیمه|کد خدمت بیمه|insurer code"
               "||کد خدمت بیمه‌گر|کد سازمان بیمه‌گر", "insurer_code", INSURER_CODE, present=True),
        Column("عنوان بیمه|عنوان نزد بیمه|عنوان بیمه‌گر|insurer title", "insurer_title", PersianText),
        *_MORE,
    ),
    any_of=(),
    also=(Concepts(_INSURER, "insurer_code", title_fa="insurer_title"),),
    maps=(
        Pairs(
            "RVU3", "code", _INSURER, "insurer_code", ("insurer", *_PROPERTIES),
            relationship_by="relationship", status_by="status", expect=_SIZE,
        ),
    ),
)  # fmt: skip

PHYSIOTHERAPY = Source(
    name="physiotherapy",
    title_fa="خدمات فیزیوتراپی و کد بیمه‌ها (نگاشت RVU3)",
    title_en="physiotherapy and the insurers' codes (maps from RVU3)",
    circulars=("110/121", "110/120"),
    sheets=(WIDE, LONG),
)
