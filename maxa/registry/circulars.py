"""Numbers of circulars in one spelling, and the list of known ones in ``data/circulars.toml``."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from maxa.errors import BadParameter
from maxa.persian.dates import jalali, parse_day
from maxa.persian.fold import fold, latin_digits
from maxa.registry.models import Circular
from maxa.settings import PROJECT

_NUMBER = re.compile(r"[\w/\-. ]{1,40}")
_PIECE = re.compile(r"\d+|[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class KnownCircular:
    number: str
    day: date
    subject: str
    carries: tuple[str, ...] = ()


def number_key(number: str) -> str:
    """``1927/110/د``, ``110/1927/د`` and ``۱۱۰/۱۹۲۷/د`` share one key: pieces folded, the office's 110 first."""
    pieces = _PIECE.findall(fold(latin_digits(number)))
    digits = sorted((p for p in pieces if p.isdigit()), key=lambda p: (p != "110", pieces.index(p)))
    letters = sorted(p for p in pieces if not p.isdigit())
    return "/".join(digits + letters)


@lru_cache(maxsize=1)
def known_circulars() -> tuple[KnownCircular, ...]:
    with (PROJECT / "data" / "circulars.toml").open("rb") as file:
        rows = tomllib.load(file)["circular"]
    return tuple(
        KnownCircular(r["number"], parse_day(r["date"]), r["subject"], tuple(r.get("carries", ()))) for r in rows
    )


def resolve_circular(session: Session, *, number: str, day: date | None) -> Circular:
    """The circular's row, made when it is new. Without a day the number must be a known circular's, and only one's.

    Raises :class:`BadParameter` when the number alone does not tell which letter is meant.
    """
    key = number_key(number)
    if not any(c.isdigit() for c in key) or not _NUMBER.fullmatch(number.strip()):
        raise BadParameter(
            f"«{number}» شمارهٔ ابلاغیه نیست؛ برای نمونه 110/37 بنویسید.",
            f"{number!r} is no circular's number; write for example 110/37.",
            "circular",
        )
    known = [c for c in known_circulars() if number_key(c.number) == key]
    if day is None:
        days = {c.day for c in known} or set(session.scalars(select(Circular.day).where(Circular.number_key == key)))
        if len(days) != 1:
            shown = "، ".join(sorted(jalali(d) for d in days))
            raise BadParameter(
                f"تاریخ ابلاغیهٔ {number} را هم بدهید (--date)"
                + (f": {shown}." if shown else "؛ این شماره شناخته نیست."),
                f"Give the date of circular {number} as well (--date)"
                + (
                    f": it is one of {', '.join(sorted(jalali(d) for d in days))}."
                    if days
                    else ": the number is not known."
                ),
                "date",
            )
        day = days.pop()
    row = session.scalar(select(Circular).where(Circular.number_key == key, Circular.day == day))
    if row is None:
        match = next((c for c in known if c.day == day), None)
        session.execute(
            insert(Circular)
            .values(
                number=match.number if match else latin_digits(number).strip(),
                number_key=key,
                day=day,
                subject=match.subject if match else "",
            )
            .on_conflict_do_nothing()
        )
        row = session.scalars(select(Circular).where(Circular.number_key == key, Circular.day == day)).one()
    return row
