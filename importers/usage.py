"""When, how and by which method a medicine is used (circular 110/128): three sheets, three terminologies."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from importers.codes import Code
from importers.columns import NOTE_COLUMN, ROW_NUMBERS, STATUS_COLUMN, successor
from importers.declare import Column, Expect, Sheet, Source
from importers.fields import Decimal, Description, LatinText, Notes, PersianText, Title


@dataclass(frozen=True)
class UsageCode(Code):
    """Abbreviations may be written with points: ``B.I.D``."""

    def _of_text(self, text: str, index: int, notes: Notes) -> str | None:
        code = "".join(text.split()).replace(".", "").upper()
        if _POINTED(text.strip()) and self.matches(code):
            notes.add("code-spelling-mended", index, text, mended=code)
            return code
        return super()._of_text(text, index, notes)


_POINTED = re.compile(r"(?:[A-Za-z]\.\s?){1,6}[A-Za-z]?", re.ASCII).fullmatch
USAGE_CODE = UsageCode(
    r"\d{1,4}(?:\.\d{1,2})?|[A-Z]{1,6}|Q\d{1,2}(?:-\d{1,2})?[A-Z]{1,2}",
    "یک تا چهار رقم، مانند 12 یا 4.1، یا اختصاری لاتین مانند BID، PRN یا Q8H",
    "one to four digits, like 12 or 4.1, or a Latin abbreviation like BID, PRN or Q8H",
    padded=True,
    loose=True,
)
_SIZE = Expect(min_rows=5, max_rows=2_000, max_retired_share=0.05)
_TITLE = "عنوان فارسی|عنوان|شرح|شرح فارسی|نام|نام فارسی|معنی"


def _sheet(terminology: str, code: str, title: str, words: str, *more: Column) -> Sheet:
    """``words``: of which the sheet's name must hold one."""
    return Sheet(
        terminology=terminology,
        columns=(
            Column(f"کد|{code}|code||شناسه", "code", USAGE_CODE, key=True),
            Column(f"{_TITLE}||{title}", "title_fa", PersianText),
            Column(
                "عنوان لاتین|نام لاتین|عنوان انگلیسی|english|latin||title|name|display|شرح لاتین",
                "title_en",
                LatinText,
            ),
            Column("اختصار|مخفف|abbreviation|sig||abbr", "abbreviation", Title),
            Column("توضیحات|توضیح|description", "description", Description),
            *more,
            STATUS_COLUMN,
            successor(USAGE_CODE),
            NOTE_COLUMN,
        ),
        named=words,
        any_of=("title_fa", "title_en"),
        else_title=(("title_en", "description"),),
        ignore=ROW_NUMBERS,
        section="group",
        expect=_SIZE,
    )


_GROUP = Column("گروه|دسته|group", "group", Title)
_TIMES = (
    Column("تعداد در روز|دفعات در روز|times per day", "per_day", Decimal()),
    Column("فاصله (ساعت)|فاصله ساعت|interval hours", "interval_hours", Decimal()),
    _GROUP,
)
_OF_TIME, _OF_WAY, _OF_METHOD = (
    ("زمان مصرف", "زمان", "زمان مصرف دارو", "تواتر مصرف", "تواتر"),
    ("نحوه مصرف", "نحوه", "نحوه مصرف دارو", "دستور مصرف", "دستور مصرف دارو"),
    ("متد مصرف", "متد", "متد مصرف دارو", "روش مصرف", "روش مصرف دارو"),
)  # what a code is of, as headings say it


def _codes(names: tuple[str, ...]) -> str:
    return "|".join(f"{word} {name}" for word in ("کد", "شناسه") for name in names)


def _titles(names: tuple[str, ...]) -> str:
    return "|".join((*names, *(f"{word} {name}" for word in ("شرح", "عنوان") for name in names)))


TIME = _sheet("drugUsage.time", _codes(_OF_TIME), _titles(_OF_TIME), "زمان مصرف|زمان|time|frequency", *_TIMES)
WAY = _sheet("drugUsage.way", _codes(_OF_WAY), _titles(_OF_WAY), "نحوه مصرف|نحوه|way|instruction", _GROUP)
METHOD = _sheet("drugUsage.method", _codes(_OF_METHOD), _titles(_OF_METHOD), "متد مصرف|متد|روش مصرف|method", _GROUP)


def _unnamed(sheet: Sheet, names: tuple[str, ...]) -> Sheet:
    """The same sheet under any name, when the heading of the codes itself says what they are of."""
    code, title, *others = sheet.columns
    columns = (replace(code, headings=_codes(names)), replace(title, headings=f"{_titles(names)}||{_TITLE}"), *others)
    return replace(sheet, named="", columns=columns)


USAGE = Source(
    name="usage",
    title_fa="زمان، نحوه و متد مصرف دارو",
    title_en="times, ways and methods of using a medicine",
    circulars=("110/128",),
    sheets=(
        TIME,
        WAY,
        METHOD,
        _unnamed(TIME, _OF_TIME),
        _unnamed(WAY, _OF_WAY),
        _unnamed(METHOD, _OF_METHOD),
    ),
)
