"""Jalali days and instants as clients write them, in the time zone of Iran.

CONTRACT.md §1: ``1402/02/18`` or ``1402-02-18`` in any digits, optional ``HH:MM:SS``, or a ``DO_DATE_TIME`` object;
a year over 1700 is read as Gregorian ISO.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from persiantools.jdatetime import JalaliDate

from maxa.errors import BadDate
from maxa.persian.fold import latin_digits

TEHRAN = ZoneInfo("Asia/Tehran")
_DAY = re.compile(r"(\d{4})([-/])(\d{1,2})\2(\d{1,2})")
_WHEN = re.compile(
    _DAY.pattern + r"(?:[T\s]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6})\d*)?)?\s*(Z|[+-]\d{2}:?\d{2})?)?",
)
_GREGORIAN_FROM = 1700


def parse_day(text: str, *, parameter: str | None = None) -> date:
    """A Jalali (or, over 1700, Gregorian) day → :class:`datetime.date`. Raises :class:`BadDate`."""
    match = _DAY.fullmatch(latin_digits(text).strip())
    if match is None:
        moment = parse_instant(text, parameter=parameter)  # a time of day is allowed, and not needed
        return moment.astimezone(TEHRAN).date()
    year, _, month, day = match.groups()
    return _day(int(year), int(month), int(day), text, parameter)


def parse_instant(value: str | Mapping[str, Any], *, parameter: str | None = None) -> datetime:
    """A day or instant → aware :class:`datetime`; a day alone is its first instant in Tehran."""
    if isinstance(value, Mapping):
        return _parse_do_date_time(value, parameter)
    match = _WHEN.fullmatch(latin_digits(value).strip())
    if match is None:
        raise _bad(
            value,
            parameter,
            "به شکل 1402/02/18 یا 1402/02/18 14:30:00 بنویسید",
            "write 1402/02/18 or 1402/02/18 14:30:00",
        )
    year, _, month, day, hour, minute, second, fraction, offset = match.groups()
    on = _day(int(year), int(month), int(day), value, parameter)
    try:
        at = time(int(hour or 0), int(minute or 0), int(second or 0), int((fraction or "0").ljust(6, "0")))
    except ValueError:
        raise _bad(
            value,
            parameter,
            "ساعت باید میان 00:00:00 و 23:59:59 باشد",
            "the time must lie between 00:00:00 and 23:59:59",
        ) from None
    if offset:
        try:
            zone = datetime.strptime(offset.replace("Z", "+0000").replace(":", ""), "%z").tzinfo
        except ValueError:
            raise _bad(value, parameter, "اختلاف ساعت نادرست است", "the offset from UTC is wrong") from None
        return datetime.combine(on, at, tzinfo=zone)
    return datetime.combine(on, at, tzinfo=TEHRAN)


def _parse_do_date_time(value: Mapping[str, Any], parameter: str | None) -> datetime:
    fields = {str(k).lower(): v for k, v in value.items()}
    if fields.get("year") in (None, ""):
        iso = fields.get("isostring")
        if isinstance(iso, str) and iso.strip():
            return parse_instant(iso, parameter=parameter)
        raise _bad(dict(value), parameter, "Year و Month و Day لازم است", "Year, Month and Day are needed")
    numbers = []
    for name, default in (("year", None), ("month", 1), ("day", 1), ("hour", 0), ("minute", 0), ("second", 0)):
        raw = fields.get(name, default)
        text = latin_digits(str(default if raw in (None, "") else raw)).strip()
        if isinstance(raw, bool) or not re.fullmatch(r"\d{1,4}", text):
            raise _bad(dict(value), parameter, f"{name.title()} باید عدد باشد", f"{name.title()} must be a number")
        numbers.append(int(text))
    year, month, day, hour, minute, second = numbers
    return parse_instant(f"{year:04}/{month:02}/{day:02} {hour:02}:{minute:02}:{second:02}", parameter=parameter)


def _day(year: int, month: int, day: int, given: Any, parameter: str | None) -> date:
    try:
        if year > _GREGORIAN_FROM:
            return date(year, month, day)
        if not 1 <= month <= 12:
            raise _bad(given, parameter, f"ماه {month} وجود ندارد", f"there is no month {month}")
        if year < 1 or not 1 <= day <= JalaliDate.days_in_month(month, year):
            last = JalaliDate.days_in_month(month, year) if year >= 1 else 0
            raise _bad(
                given, parameter,
                f"ماه {month} سال {year} تنها {last} روز دارد",
                f"month {month} of {year} has {last} days only",
            )  # fmt: skip
        return JalaliDate(year, month, day).to_gregorian()
    except ValueError:
        raise _bad(given, parameter, "این روز در تقویم نیست", "that day is not in the calendar") from None


def _bad(given: Any, parameter: str | None, why_fa: str, why_en: str) -> BadDate:
    shown = str(given)[:60]
    return BadDate(f"تاریخ «{shown}» نادرست است: {why_fa}.", f"The date {shown!r} is wrong: {why_en}.", parameter)


def jalali(day: date) -> str:
    """``2023-05-08`` → ``1402/02/18``."""
    if isinstance(day, datetime):
        day = day.astimezone(TEHRAN).date()
    return _jalali(day)


@lru_cache(maxsize=4_096)
def _jalali(day: date) -> str:
    return JalaliDate(day).strftime("%Y/%m/%d")


def jalali_version(day: date) -> str:
    """The same with dashes: the version of an edition, ``1402-02-18`` (DESIGN §1)."""
    return jalali(day).replace("/", "-")


def jalali_instant(at: datetime) -> str:
    """``1402/02/18 14:03:22`` in Tehran time; fits ``FromDate=`` as it is."""
    at = at.astimezone(TEHRAN)
    return f"{jalali(at)} {at:%H:%M:%S}"


def next_second(at: datetime) -> datetime:
    """The first whole second that is not before ``at``."""
    whole = at.replace(microsecond=0)
    return whole if whole == at else whole + timedelta(seconds=1)
