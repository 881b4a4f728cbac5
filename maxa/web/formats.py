"""How figures, days, codes and names are shown: Persian digits in Persian prose, Latin digits in codes, Jalali days, and
whatever runs from left to right kept apart from the text around it (``<bdi>``)."""

from __future__ import annotations

import html
import re
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from markupsafe import Markup

from maxa.errors import BadDate
from maxa.persian.dates import TEHRAN, jalali, parse_day
from maxa.web.language import is_persian
from maxa.web.templating import escaped, markup

MONTHS = (
    ("فروردین", "Farvardin"), ("اردیبهشت", "Ordibehesht"), ("خرداد", "Khordad"), ("تیر", "Tir"), ("مرداد", "Mordad"),
    ("شهریور", "Shahrivar"), ("مهر", "Mehr"), ("آبان", "Aban"), ("آذر", "Azar"), ("دی", "Dey"), ("بهمن", "Bahman"),
    ("اسفند", "Esfand"),
)  # fmt: skip
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_LATIN = re.compile("[A-Za-z]")
_BEGINS_LATIN = re.compile(r"[\W\d_]*[A-Za-z]")
_PERSIAN_DIGITS = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")


def digits(text: Any) -> str:
    """Digits as the reader's language writes them in prose."""
    return _persian(str(text)) if is_persian() else str(text)


def number(value: float) -> str:
    """A count or an amount, thousands apart: ``۱۲٬۳۴۵``, ``12,345``."""
    shown = f"{value:,}"
    return _persian(shown.replace(",", "٬").replace(".", "٫")) if is_persian() else shown


def day(value: date | datetime | str | None) -> Markup:
    """A day in words, ``۱۸ اردیبهشت ۱۴۰۲``; a text is a day of either calendar. What is no day is shown as it is."""
    return _day(value, is_persian(), short=False)


def short_day(value: date | datetime | str | None) -> Markup:
    """A day in figures, ``۱۴۰۲/۰۲/۱۸``, for tables."""
    return _day(value, is_persian(), short=True)


def moment(value: datetime) -> Markup:
    """A day and the time of day in Tehran."""
    return _moment(value, is_persian())


# The days and moments that pages show are few, and a page has dozens.
@lru_cache(maxsize=4_096)
def _moment(value: datetime, persian: bool) -> Markup:
    at = value.astimezone(TEHRAN)
    words = _in_words(at.date(), persian)
    shown = _persian(f"{words}، {at:%H:%M}") if persian else f"{words}, {at:%H:%M}"
    return markup(f'<time datetime="{value.isoformat(timespec="seconds")}">{shown}</time>')


@lru_cache(maxsize=4_096)
def _day(value: date | datetime | str | None, persian: bool, *, short: bool) -> Markup:
    if value is None or value == "":
        return markup("—")
    if isinstance(value, str):
        try:
            on = parse_day(value)
        except BadDate:
            return name(value)
    else:
        on = value.astimezone(TEHRAN).date() if isinstance(value, datetime) else value
    shown = jalali(on) if short else _in_words(on, persian)
    if persian:
        shown = _persian(shown)
    # The other calendar stands in the title, for whoever looks it up.
    return markup(f'<time datetime="{on}" title="{on}">{shown}</time>')


def _in_words(on: date, persian: bool) -> str:
    year, month, which = jalali(on).split("/")
    return f"{int(which)} {MONTHS[int(month) - 1][0 if persian else 1]} {year}"


def _persian(text: str) -> str:
    return text.translate(_PERSIAN_DIGITS)


def code(value: Any) -> Markup:
    """A code, an id or a version: left to right, in Latin digits as published, breaking nowhere."""
    return markup(f'<bdi dir="ltr" class="code">{escaped(value)}</bdi>')


def latin(value: Any) -> Markup:
    """A text that runs from left to right, such as a path or an address."""
    return markup(f'<bdi dir="ltr" class="ltr">{escaped(value)}</bdi>')


def name(value: Any) -> Markup:
    """A title or any text from a list, in the direction of its letters: one in Persian that begins with a Latin word
    («IgE اختصاصی») runs from right to left as well, where a browser would go by the first letter."""
    return markup(f"<bdi{_direction(str(value))}>{escaped(value)}</bdi>")


def _direction(text: str) -> str:
    if not _BEGINS_LATIN.match(text):
        return ""
    persian = len(_RIGHT_TO_LEFT.findall(text))
    return ' dir="rtl"' if persian and persian >= len(_LATIN.findall(text)) else ""


def value(given: Any) -> Markup:
    """What stands in a cell: as a code, unless it is in Persian, which a font of even widths tears apart."""
    return name(given) if _RIGHT_TO_LEFT.search(str(given)) else code(given)


def highlighted(marked: str) -> Markup:
    """A title with what matched in it, as :mod:`maxa.search.highlight` makes it: all is escaped but ``<em>``."""
    direction = _direction(html.unescape(marked.replace("<em>", "").replace("</em>", "")))
    return markup(f"<bdi{direction}>{marked.replace('<em>', '<mark>').replace('</em>', '</mark>')}</bdi>")


FORMATS = {
    "digits": digits, "number": number, "day": day, "short_day": short_day, "moment": moment, "code": code,
    "latin": latin, "name": name, "value": value, "highlighted": highlighted,
}  # fmt: skip
