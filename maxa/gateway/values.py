"""What a parameter's value may be: each reader takes what was sent (text, or a JSON value) and the parameter's name,
and raises :class:`BadParameter`, :class:`PageTooLarge` or :class:`BadDate` naming it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from maxa.errors import BadDate, BadParameter, PageTooLarge
from maxa.persian.dates import TEHRAN, parse_day, parse_instant
from maxa.persian.fold import latin_digits

LONGEST_TEXT = 32_767  # characters: as much as a cell of a workbook holds
_TRUE, _FALSE = frozenset({"true", "1", "yes"}), frozenset({"false", "0", "no"})
_LONGEST_SHOWN = 40
_TIME = re.compile(r"[T\s]\d{1,2}:\d{2}(:\d{2})?")


@dataclass(frozen=True, slots=True)
class Span:
    """The time that a ``FromDate`` names: from ``start`` until before ``end`` (a day, a minute or a second)."""

    start: datetime
    end: datetime


def any_text(value: Any, name: str) -> str:
    """Text, the empty one too. A whole number is read as its digits: some clients send codes as JSON numbers."""
    if isinstance(value, str):
        if len(value) > LONGEST_TEXT:
            raise BadParameter(
                f"مقدار «{name}» بیش از {LONGEST_TEXT} نویسه است.",
                f"The value of {name!r} is longer than {LONGEST_TEXT} characters.",
                name,
            )
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise BadParameter(
        f'مقدار «{name}» باید رشته باشد (در JSON میان دو " ").',
        f"The value of {name!r} must be a string (in quotes in JSON).",
        name,
    )


def text(value: Any, name: str) -> str:
    """Text that says something."""
    found = any_text(value, name).strip()
    if not found:
        raise _empty(name)
    return found


def version(value: Any, name: str) -> str:
    """An edition's version as the catalogue spells it: ``۱۴۰۲/۰۲/۱۸`` → ``1402-02-18``."""
    return latin_digits(text(value, name)).replace("/", "-")


def number(low: int, high: int) -> Callable[[Any, str], int]:
    """A whole number from ``low`` to ``high``, in any digits."""

    def read(value: Any, name: str) -> int:
        found = latin_digits(any_text(value, name)).strip()
        digits = found.removeprefix("-")
        if not (digits.isascii() and digits.isdigit()):
            raise BadParameter(
                f"«{name}» باید عددی از {low} تا {high} باشد، نه «{found[:_LONGEST_SHOWN]}».",
                f"{name!r} must be a whole number from {low} to {high}, not {found[:_LONGEST_SHOWN]!r}.",
                name,
            )
        # Python refuses to convert thousands of digits; so many are too many in any case.
        size = int(found) if len(found) < 20 else high + 1 if found[0] != "-" else low - 1
        if size > high:
            raise PageTooLarge(
                f"«{name}» حداکثر {high} است؛ دنباله را با Cursor بگیرید.",
                f"{name!r} is at most {high}: take what follows by Cursor.",
                name,
            )
        if size < low:
            raise BadParameter(
                f"«{name}» باید عددی از {low} تا {high} باشد.",
                f"{name!r} must be a whole number from {low} to {high}.",
                name,
            )
        return size

    return read


def one_of(*choices: str) -> Callable[[Any, str], str]:
    def read(value: Any, name: str) -> str:
        found = any_text(value, name).strip().lower()
        if found not in choices:
            raise BadParameter(
                f"«{name}» باید یکی از {'، '.join(choices)} باشد.",
                f"{name!r} must be one of {', '.join(choices)}.",
                name,
                suggestions=list(choices),
            )
        return found

    return read


def flag(value: Any, name: str) -> bool:
    if isinstance(value, bool):
        return value
    found = any_text(value, name).strip().lower()
    if found in _TRUE or found in _FALSE:
        return found in _TRUE
    raise BadParameter(f"«{name}» باید true یا false باشد.", f"{name!r} must be true or false.", name)


def day(value: Any, name: str) -> date:
    """A Jalali day, Gregorian from 1700 on, or a ``DO_DATE_TIME``."""
    written = _as_written(value, name)
    try:
        if isinstance(written, str):
            return parse_day(written, parameter=name)
        return parse_instant(written, parameter=name).astimezone(TEHRAN).date()
    except OverflowError:
        raise _beyond_the_calendar(name) from None


def span(value: Any, name: str) -> Span:
    """An instant, as wide as it is written: a day, a minute, or a second."""
    written = _as_written(value, name)
    start = parse_instant(written, parameter=name)
    try:
        start = start.astimezone(TEHRAN)
        return Span(start, start + _width(written))
    except OverflowError:
        raise _beyond_the_calendar(name) from None


def _width(written: str | Mapping[str, Any]) -> timedelta:
    if isinstance(written, str):
        time_of_day = _TIME.search(written)
        given = (time_of_day is not None, time_of_day is not None and time_of_day[1] is not None)
    else:
        fields = {str(k).lower(): v for k, v in written.items() if v not in (None, "")}
        if "year" not in fields:
            return _width(str(fields.get("isostring", "")))
        given = ("hour" in fields, "second" in fields)
    if not given[0]:
        return timedelta(days=1)
    return timedelta(seconds=1) if given[1] else timedelta(minutes=1)


def _as_written(value: Any, name: str) -> str | Mapping[str, Any]:
    if isinstance(value, Mapping):
        return value
    if isinstance(value, str):
        if not value.strip():
            raise _empty(name)
        return value
    raise BadDate(
        f'تاریخ «{name}» را به شکل "1402/02/18" یا به صورت DO_DATE_TIME بنویسید.',
        f'Write the date {name!r} as "1402/02/18" or as a DO_DATE_TIME object.',
        name,
    )


def _beyond_the_calendar(name: str) -> BadDate:
    return BadDate("این تاریخ بیرون از تقویم است.", "That date lies beyond the calendar.", name)


def _empty(name: str) -> BadParameter:
    return BadParameter(
        f"پارامتر «{name}» خالی است؛ به آن مقدار بدهید یا آن را نفرستید.",
        f"The parameter {name!r} is empty: give it a value or leave it out.",
        name,
    )
