"""Why a file can't be taken at all: one reason each, in Persian and English (docs/findings.md explains them)."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from xml.parsers.expat import ExpatError

from maxa.errors import BadWorkbook
from maxa.limited import Ended

REASONS: dict[str, tuple[str, str]] = {
    "not-a-workbook": (
        "این پرونده کاربرگ نیست ({seen_fa}). فهرست را به صورت xlsx، xls، xlsb، ods، csv یا جدول HTML بفرستید.",
        "This file is not a workbook ({seen_en}). Send the list as .xlsx, .xls, .xlsb, .ods, .csv or an HTML table.",
    ),
    "empty": (
        "در این پرونده هیچ داده‌ای نیست.",
        "There is no data in this file.",
    ),
    "encrypted": (
        "این پرونده گذرواژه دارد؛ گذرواژه‌اش را در اکسل (File ← Info ← Protect Workbook) بردارید و دوباره بفرستید.",
        "This file has a password: remove it in Excel (File → Info → Protect Workbook) and send the file again.",
    ),
    "damaged": (
        "این پرونده ناقص یا آسیب‌دیده است ({detail}). آن را در اکسل باز کنید، با نام تازه ذخیره کنید و دوباره بفرستید.",
        "This file is incomplete or damaged ({detail}). Open it in Excel, save it under a new name and send it again.",
    ),
    "unsafe-xml": (
        "در XML این پرونده تعریف‌هایی (DOCTYPE) هست که در کاربرگ جایی ندارد؛ پرونده را در اکسل باز و از نو ذخیره کنید.",
        "The XML of this file declares a DOCTYPE, which has no place in a workbook: open it in Excel and save it anew.",
    ),
    "zip-bomb": (
        "این پرونده پس از باز شدن بسیار بزرگ می‌شود ({detail}) و به کاربرگ نمی‌ماند؛ خوانده نشد.",
        "This file unpacks to far more than it is ({detail}), unlike any workbook; it was not read.",
    ),
    "too-large": (
        "خواندن این پرونده بیش از {limit} مگابایت حافظه می‌خواهد؛ فهرست را به چند پرونده بخش کنید"
        " یا خانه‌های پراکندهٔ دور از جدول را پاک کنید. پروندهٔ آسیب‌دیده نیز چنین می‌کند.",
        "Reading this file takes more than {limit} MB of memory: split the list, or delete stray cells far from the table."
        " A damaged file does the same.",
    ),
    "too-slow": (
        "خواندن این پرونده بیش از {limit} ثانیه زمان می‌برد؛ فهرست را به چند پرونده بخش کنید.",
        "Reading this file takes more than {limit} seconds: split the list into several files.",
    ),
    "unreadable": (
        "خواندن این پرونده ناگهان پایان یافت؛ آن را در اکسل با نام تازه ذخیره کنید و دوباره بفرستید. شرح خطا در گزارش سرور است.",
        "Reading this file broke off: save it under a new name in Excel and send it again. The server's log has the details.",
    ),
    "no-header": (
        "ردیف سرستون‌های {list_fa} در هیچ برگه‌ای پیدا نشد. سرستون‌هایی که باید باشند: {wanted_fa}{more_fa}.",
        "No sheet has the heading row of {list_en}. It must hold: {wanted_en}{more_en}.",
    ),
    "no-rows": (
        "سرستون‌های {list_fa} پیدا شد ولی زیر آن‌ها هیچ ردیفی نیست.",
        "The headings of {list_en} were found, but there is no row below them.",
    ),
    "hidden-list": (
        "{list_fa} در برگهٔ پنهان {sheets_fa} است و برگهٔ پنهان خوانده نمی‌شود؛ آن را در اکسل نمایان کنید"
        " (راست‌کلیک بر نام برگه‌ها ← Unhide) و دوباره بفرستید.",
        "{list_en} stands in a hidden sheet ({sheets_en}), and hidden sheets are not read: show it in Excel"
        " (right click on the sheets' names → Unhide) and send the file again.",
    ),
    "several-told": (
        "نام برگهٔ «{sheet}» بیش از یک فهرست یا بخش را می‌گوید ({told_fa})؛ آن را به چند برگه بخش کنید، یا نامی بدهید که یکی را"
        " بگوید، یا ستونی به نام «بخش» بیفزایید، یا بخش را با --part برگزینید.",
        "The name of the sheet “{sheet}” tells several lists or parts ({told_en}): divide it into sheets of their own, give it"
        " a name that tells one, add a column of parts, or choose the part with --part.",
    ),
    "lists-side-by-side": (
        "در برگهٔ «{sheet}» کنار کدهای {list} ستون «{heading}» ({column}) نیز هست که کدهای {other} است؛ هر فهرست را در برگه‌ای جدا"
        " بگذارید، یا این ستون را با --column «{heading}=» کنار بگذارید.",
        "In the sheet “{sheet}”, beside the codes of {list}, the column “{heading}” ({column}) holds codes of {other}: put each"
        " list into a sheet of its own, or leave the column out with --column \"{heading}=\".",
    ),
    "sums-for-codes": (
        "زیر «{heading}» ({column}) در برگهٔ «{sheet}» مبلغ است (برای نمونه «{value}»)، نه کد بیمه‌گر؛ این ستون را با"
        " --column «{heading}=» کنار بگذارید، یا اگر کد است سرستونش را «کد {heading}» بنویسید.",
        "Under “{heading}” ({column}) in the sheet “{sheet}” stand sums of money (for example “{value}”), not an insurer's"
        " codes: leave the column out with --column \"{heading}=\", or, if they are codes, say so in its heading.",
    ),
    "one-of-several": (
        "نام برگهٔ «{sheet}» یا عنوان بالای آن روشن نمی‌گوید کدام فهرست است: {lists_fa}. منبع را برگزینید،"
        " یا نام برگه را چنان بنویسید که آن را بگوید.",
        "The name of the sheet “{sheet}”, or a title above, does not say clearly which list it is: {lists_en}. Choose the source, or"
        " give the sheet a name that tells it.",
    ),
    "missing-column": (
        "در برگهٔ «{sheet}» (ردیف {row}) ستون {missing_fa} نیست؛ این ستون برای {list_fa} لازم است.",
        "The sheet “{sheet}” (row {row}) lacks the column {missing_en}, which {list_en} must have.",
    ),
    "duplicate-heading": (
        "در برگهٔ «{sheet}» (ردیف {row}) دو ستون «{heading}» هست ({columns})؛ یکی را پاک یا نامش را عوض کنید، و اگر دو جدول کنار"
        " هم است هر یک را در برگه‌ای جدا بگذارید.",
        "The sheet “{sheet}” (row {row}) has the heading “{heading}” twice ({columns}): delete or rename one, and if two tables"
        " stand side by side put each into a sheet of its own.",
    ),
    "transposed": (
        "در برگهٔ «{sheet}» سرستون‌ها زیر هم در ستون {column} است ({headings_fa})؛ جدول را بچرخانید (کپی، سپس Paste Special ←"
        " Transpose) تا سرستون‌ها در یک ردیف باشد.",
        "In the sheet “{sheet}” the headings stand below each other in the column {column} ({headings_en}): turn the table (copy,"
        " then Paste Special → Transpose), so that they stand in one row.",
    ),
    "two-columns-one-field": (
        "در برگهٔ «{sheet}» (ردیف {row}) دو ستون «{heading}» ({column}) و «{other}» ({other_column}) هر دو «{field}» خوانده می‌شوند؛"
        " یکی را با --column «سرستون=» کنار بگذارید یا پاک کنید.",
        "In the sheet “{sheet}” (row {row}) two columns, “{heading}” ({column}) and “{other}” ({other_column}), are both read"
        " as {field}: leave one out with --column \"heading=\", or delete it.",
    ),
    "unknown-field": (
        "{list_fa} فیلدی به نام «{field}» ندارد. فیلدهایش: {fields_fa}.",
        "There is no field “{field}” in {list_en}. Its fields: {fields_en}.",
    ),
    "unknown-part": (
        "{list_fa} بخشی به نام «{part}» ندارد؛ بخش‌هایش: {parts_fa}.",
        "There is no part “{part}” in {list_en}. Its parts: {parts_en}.",
    ),
    "too-many-lists": (
        "این پرونده بیش از {limit} فهرست جداگانه (ترمینولوژی و بخش) دارد؛ ستون ترمینولوژی را بررسی کنید یا پرونده را به چند"
        " پرونده بخش کنید.",
        "The file holds more than {limit} lists (terminologies and parts): look at the column of terminologies, or divide the file.",
    ),
    "another-list": (
        "این پرونده به {other_fa} می‌ماند، نه به {list_fa}؛ آن را با منبع «{other}» بفرستید یا پروندهٔ درست را برگزینید.",
        "This file resembles {other_en}, not {list_en}: send it as the source “{other}”, or choose the right file.",
    ),
    "wrong-codes": (
        "از {count} کد برگهٔ «{sheet}»، {bad} تا به شکل کدهای {list_fa} نیست (برای نمونه «{value}»){hint_fa}؛"
        " فهرستی دیگر است یا ستون‌ها جابه‌جا شده‌اند.",
        "{bad} of the {count} codes in the sheet “{sheet}” do not look like codes of {list_en} (for example “{value}”)"
        "{hint_en}: this is another list, or columns were shifted.",
    ),
}  # fmt: skip


def refusal(reason: str, **data: Any) -> BadWorkbook:
    """The error for one of :data:`REASONS`; ``data`` fills its sentences and goes along for a machine."""
    fa, en = REASONS[reason]
    return BadWorkbook(fa.format(**data), en.format(**data), data={"reason": reason, **data})


def broke_off(ended: Ended) -> BadWorkbook:
    """The error for a limited child that left no result."""
    if ended.reason == "unreadable":
        return refusal("unreadable")
    return refusal(ended.reason, limit=ended.limit)


def damaged(detail: str) -> BadWorkbook:
    return refusal("damaged", detail=detail)


# What zipfile, zlib, expat and the codecs raise on broken input.
_BROKEN = (
    zipfile.BadZipFile, zlib.error, struct.error, ExpatError, UnicodeError, EOFError, KeyError, IndexError,
    NotImplementedError, ValueError, OverflowError, OSError, RuntimeError,
)  # fmt: skip


@contextmanager
def broken_input_is_refused(part: str) -> Iterator[None]:
    """Whatever the standard library says of broken bytes becomes ``damaged``, naming the part of the file."""
    try:
        yield
    except BadWorkbook:
        raise
    except _BROKEN as error:
        raise damaged(f"{part}: {type(error).__name__}") from error
