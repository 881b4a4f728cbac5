"""Cursors of :mod:`maxa.search.api`: what was asked, which editions were searched, and how far has been read.

What a cursor looks like is said in :mod:`maxa.cursor_text`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date
from typing import Any, NoReturn

from maxa.cursor_text import opened, refuse_outdated, refuse_unreadable, sealed, whole
from maxa.errors import BadCursor, ExpiredCursor
from maxa.search.instead import Kept, kept_of

MOST_IN_A_PAGE = 200
_FORMAT = 1  # earlier ones had no number
_PERSON = b"maxa-search"
_STATUS = ("active", "retired", "all")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is searched for and in what; ``on`` is an ISO day. ``None`` is what was left out."""

    q: str = ""
    terminologies: tuple[str, ...] = ()
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    literal: bool | None = None
    status: str | None = None
    version: str | None = None
    on: str | None = None

    @classmethod
    def of(
        cls, q: str, terminologies: Sequence[str], filters: Mapping[str, Sequence[str]], literal: bool | None,
        status: str | None, version: str | None, on: date | None,
    ) -> Asked:  # fmt: skip
        return cls(
            q, tuple(terminologies), {name: tuple(values) for name, values in filters.items()}, literal,
            status, version, on.isoformat() if on else None,
        )  # fmt: skip

    def decided(self) -> Asked:
        """With what holds where it was left out: a page after the first must not tell it from what was sent."""
        return replace(self, literal=bool(self.literal), status=self.status or "all")

    def differs(self, first: Asked) -> str | None:
        """The name of what is asked and was not so at ``first``; what is left out is taken as it was."""
        for one in fields(self):
            mine = getattr(self, one.name)
            if mine != _NOTHING_ASKED[one.name] and mine != getattr(first, one.name):
                return one.name
        return None


_NOTHING_ASKED = asdict(Asked())
# As clients call them.
_CALLED = {"terminologies": "terminology", "filters": "filter", "on": "date"}


@dataclass(frozen=True, slots=True)
class Cursor:
    """``serial`` is that of the newest of the editions, ``editions`` a checksum over all of them; ``read_to`` holds a
    number for the heads and one for each edition (:mod:`maxa.search.find`)."""

    asked: Asked
    serial: int
    editions: str
    limit: int
    read_to: tuple[int, ...]
    instead: Kept | None = None  # what was searched in the place of what was asked


def write_cursor(cursor: Cursor) -> str:
    asked = {name: value for name, value in asdict(cursor.asked.decided()).items() if value != _NOTHING_ASKED[name]}
    instead = list(cursor.instead) if cursor.instead else None
    return sealed([_FORMAT, asked, cursor.serial, cursor.editions, cursor.limit, cursor.read_to, instead], _PERSON)


def read_cursor(text: str, asked: Asked) -> Cursor:
    """Raises :class:`BadCursor` for anything that :func:`write_cursor` did not write, and for one of another search,
    :class:`ExpiredCursor` for one of an earlier version."""
    try:
        form, *content = opened(text, _PERSON)
        cursor = _cursor(*content) if form == _FORMAT else None
    except (ValueError, TypeError, AttributeError):
        refuse_unreadable("cursor")
    if cursor is None:
        refuse_outdated("cursor")
    other = asked.differs(cursor.asked)
    if other is not None:
        name = _CALLED.get(other, other)
        raise BadCursor(
            f"این مکان‌نما با «{name}» دیگری ساخته شده است؛ همان پارامترهای نخستین را بفرستید یا بی آن آغاز کنید.",
            f"This cursor was made with another {name!r}: repeat the first request's parameters, or start without it.",
            "cursor",
            data={"differs": name},
        )
    return cursor


def _cursor(asked: dict[str, Any], serial: Any, editions: Any, limit: Any, read_to: Any, instead: Any) -> Cursor:
    """A checksum can be forged: what reaches a query from here must still be what it should be."""
    told = {**_NOTHING_ASKED, **asdict(Asked().decided()), **asked}
    if set(told) != set(_NOTHING_ASKED) or told["status"] not in _STATUS:
        raise ValueError("something else was asked")
    if told["on"] is not None:
        date.fromisoformat(told["on"])
    version = told["version"]
    return Cursor(
        Asked(
            _text(told["q"]), tuple(map(_text, told["terminologies"])),
            {name: tuple(map(_text, values)) for name, values in told["filters"].items()}, bool(told["literal"]),
            told["status"], None if version is None else _text(version), told["on"],
        ),
        whole(serial), _text(editions), _limit(limit), tuple(map(whole, read_to)),
        None if instead is None else kept_of(instead),
    )  # fmt: skip


def _text(value: Any) -> str:
    if type(value) is not str:
        raise ValueError("no text")
    return value


def _limit(value: Any) -> int:
    if not 1 <= whole(value) <= MOST_IN_A_PAGE:
        raise ValueError("no page size")
    return int(value)


def refuse_expired() -> NoReturn:
    """An edition that the cursor reads is no longer on the shelf."""
    raise ExpiredCursor(
        "ویرایشی که این مکان‌نما از آن می‌خواند دیگر در قفسه نیست؛ جست‌وجو را از نو آغاز کنید.",
        "An edition that this cursor reads is no longer on the shelf: start the search anew.",
        "cursor",
    )
