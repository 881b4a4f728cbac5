"""Cursors of :mod:`maxa.search.api`: what was asked, which editions were searched, and how far has been read.

A cursor is opaque to clients: base64url of a checksum and a JSON array. The checksum tells a cut or mistyped cursor; it is
no secret, since a cursor opens nothing that its client may not read anyway.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import date
from hashlib import blake2b
from typing import Any, NoReturn

import orjson

from maxa.errors import BadCursor, ExpiredCursor
from maxa.search.instead import Kept, kept_of

MOST_IN_A_PAGE = 200
_CHECK = 6
_FIELDS_BEFORE = 5  # of a cursor that did not hold what was searched instead
_LONGEST = 16_384  # characters
_STATUS = ("active", "retired", "all")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is searched for and in what; ``on`` is an ISO day."""

    q: str = ""
    terminologies: tuple[str, ...] = ()
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    literal: bool = False
    status: str = "all"
    version: str | None = None
    on: str | None = None

    @classmethod
    def of(
        cls, q: str, terminologies: Sequence[str], filters: Mapping[str, Sequence[str]], literal: bool | None,
        status: str | None, version: str | None, on: date | None,
    ) -> Asked:  # fmt: skip
        return cls(
            q, tuple(terminologies), {name: tuple(values) for name, values in filters.items()}, bool(literal),
            status or "all", version, on.isoformat() if on else None,
        )  # fmt: skip

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
    asked = {name: value for name, value in asdict(cursor.asked).items() if value != _NOTHING_ASKED[name]}
    instead = list(cursor.instead) if cursor.instead else None
    content = orjson.dumps([asked, cursor.serial, cursor.editions, cursor.limit, cursor.read_to, instead])
    return base64.urlsafe_b64encode(_check(content) + content).rstrip(b"=").decode()


def read_cursor(text: str, asked: Asked) -> Cursor:
    """Raises :class:`BadCursor` for anything that :func:`write_cursor` did not write, and for one of another search,
    :class:`ExpiredCursor` for one of an earlier version."""
    try:
        if len(text) > _LONGEST:
            raise ValueError("too long")
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        if _check(raw[_CHECK:]) != raw[:_CHECK]:
            raise ValueError("checksum")
        content = orjson.loads(raw[_CHECK:])
        cursor = _cursor(*content) if len(content) != _FIELDS_BEFORE else None
    except (binascii.Error, ValueError, TypeError, AttributeError):
        raise BadCursor(
            "مکان‌نما خوانده نمی‌شود؛ همان «next» پاسخ پیشین را بی‌کم‌وکاست بفرستید یا از نو آغاز کنید.",
            "The cursor can't be read: send the 'next' of the reply before exactly as it was, or start anew.",
            "cursor",
        ) from None
    if cursor is None:
        refuse_outdated()
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
    told = {**_NOTHING_ASKED, **asked}
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
        _whole(serial), _text(editions), _limit(limit), tuple(map(_whole, read_to)),
        None if instead is None else kept_of(instead),
    )  # fmt: skip


def _text(value: Any) -> str:
    if type(value) is not str:
        raise ValueError("no text")
    return value


def _whole(value: Any) -> int:
    if type(value) is not int or not 0 <= value <= 2**53:
        raise ValueError("no whole number")
    return value


def _limit(value: Any) -> int:
    if not 1 <= _whole(value) <= MOST_IN_A_PAGE:
        raise ValueError("no page size")
    return int(value)


def _check(content: bytes) -> bytes:
    return blake2b(content, digest_size=_CHECK, person=b"maxa-search").digest()


def refuse_outdated() -> NoReturn:
    """Its numbers are places in an order of hits that is no longer so."""
    raise ExpiredCursor(
        "این مکان‌نما را نسخهٔ پیشین کارساز ساخته است؛ جست‌وجو را از نو، بی مکان‌نما، آغاز کنید.",
        "An earlier version of the server made this cursor: start the search anew, without it.",
        "cursor",
    )


def refuse_expired() -> NoReturn:
    """An edition that the cursor reads is no longer on the shelf."""
    raise ExpiredCursor(
        "ویرایشی که این مکان‌نما از آن می‌خواند دیگر در قفسه نیست؛ جست‌وجو را از نو آغاز کنید.",
        "An edition that this cursor reads is no longer on the shelf: start the search anew.",
        "cursor",
    )
