"""Cursors: where a list goes on, and on which edition, so that a publication in between neither skips nor repeats.

A cursor is opaque to clients: base64url of a checksum and a JSON array. The checksum tells a cut or mistyped cursor;
it is no secret, since a cursor opens nothing that its client may not read anyway.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import astuple, dataclass
from datetime import date
from hashlib import blake2b
from typing import Any, NoReturn

import orjson

from maxa.errors import BadCursor, ExpiredCursor
from maxa.gateway.parameters import MOST_IN_A_PAGE
from maxa.search.instead import Kept, kept_of

_FORMAT = 1
_CHECK_BYTES = 6
_FIELDS_BEFORE = 8  # of a search's cursor that did not hold what was searched instead
_LONGEST = 16_384  # characters
_PERSON = b"maxa-cursor"


@dataclass(frozen=True, slots=True)
class Choice:
    """The ``Version=`` and ``Date=`` (ISO day) that the first request named, if it did."""

    version: str | None
    on: str | None


@dataclass(frozen=True, slots=True)
class ListCursor:
    """A place in the list of one edition. ``since``/``upto`` are the bases of a list of changes (0: the whole list);
    ``span`` is the FromDate that they came from, as Unix seconds."""

    terminology: str
    choice: Choice
    version: str
    digest: str  # of the edition: a shelf that was made anew may hold another content under the same version
    status: str
    since: int
    upto: int
    span: tuple[int, int] | None
    size: int
    after: str

    kind = "list"


@dataclass(frozen=True, slots=True)
class SearchCursor:
    """A place in the hits of a search over the catalogue of ``serial``; ``read_to`` holds a rank for each edition."""

    terminology: str  # "*": all of them
    choice: Choice
    serial: int
    editions: str  # checksum over the editions that are searched
    status: str
    search: str
    size: int
    read_to: tuple[int, ...]
    instead: Kept | None = None  # what was searched in the place of ``search``

    kind = "search"


@dataclass(frozen=True, slots=True)
class PlaceCursor:
    """A place in a list of /api/v1: ``editions`` are the (id, version, digest) that it reads, ``asked`` the parameters
    that the first request named, as text."""

    list: str
    editions: tuple[tuple[str, str, str], ...]
    asked: tuple[tuple[str, str], ...]
    size: int
    after: str

    kind = "place"


Cursor = ListCursor | SearchCursor | PlaceCursor


def write_cursor(cursor: Cursor) -> str:
    values = (getattr(cursor, name) for name in cursor.__dataclass_fields__)  # astuple() copies the ranks one by one
    told = [
        astuple(value) if isinstance(value, Choice) else list(value) if isinstance(value, Kept) else value
        for value in values
    ]
    content = orjson.dumps([_FORMAT, cursor.kind, *told])
    return base64.urlsafe_b64encode(_check(content) + content).rstrip(b"=").decode()


def read_cursor(text: str) -> Cursor:
    """Raises :class:`BadCursor` for anything that :func:`write_cursor` did not write, :class:`ExpiredCursor` for a search's of
    an earlier version."""
    if len(text) > _LONGEST or not text.isascii():
        _refuse()
    try:
        raw = base64.b64decode(text.strip() + "=" * (-len(text.strip()) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        _refuse()
    check, content = raw[:_CHECK_BYTES], raw[_CHECK_BYTES:]
    if check != _check(content):
        _refuse()
    try:
        form, kind, *fields = orjson.loads(content)
        if form != _FORMAT:
            _refuse()
        return _READERS[kind](fields)
    except (TypeError, ValueError, KeyError):
        _refuse()


def _list_cursor(fields: list[Any]) -> ListCursor:
    terminology, choice, version, digest, status, since, upto, span, size, after = fields
    _check_texts(terminology, version, digest, after)
    if not 0 <= _whole(since) <= _whole(upto):
        raise ValueError("bases out of order")
    if span is not None:
        span = (_whole(span[0]), _whole(span[1]))
    return ListCursor(
        terminology, _choice(choice), version, digest, _status(status), since, upto, span, _size(size), after
    )


def _search_cursor(fields: list[Any]) -> SearchCursor:
    if len(fields) == _FIELDS_BEFORE:
        _refuse_outdated()
    terminology, choice, serial, editions, status, search, size, read_to, instead = fields
    _check_texts(terminology, editions, search)
    return SearchCursor(
        terminology, _choice(choice), _whole(serial), editions, _status(status), search, _size(size),
        tuple(map(_whole, read_to)), None if instead is None else kept_of(instead),
    )  # fmt: skip


def _place_cursor(fields: list[Any]) -> PlaceCursor:
    name, editions, asked, size, after = fields
    _check_texts(name, after, *(text for row in (*editions, *asked) for text in row))
    pinned = tuple((terminology, version, digest) for terminology, version, digest in editions)
    return PlaceCursor(name, pinned, tuple((n, value) for n, value in asked), _size(size), after)


def _choice(fields: Any) -> Choice:
    version, on = fields
    _check_texts(*(text for text in (version, on) if text is not None))
    if on is not None:
        date.fromisoformat(on)
    return Choice(version, on)


def _status(value: Any) -> str:
    if value not in ("active", "retired", "all"):
        raise ValueError("no status")
    return str(value)


def _size(value: Any) -> int:
    if not 1 <= _whole(value) <= MOST_IN_A_PAGE:
        raise ValueError("no page size")
    return int(value)


def _whole(value: Any) -> int:
    """A checksum can be forged: what reaches a query from here must still be what it should be."""
    if type(value) is not int or abs(value) > 2**53:
        raise ValueError("no whole number")
    return value


def _check_texts(*texts: Any) -> None:
    if not all(isinstance(t, str) for t in texts):
        raise ValueError("no text")


_READERS: dict[str, Any] = {"list": _list_cursor, "search": _search_cursor, "place": _place_cursor}


def _check(content: bytes) -> bytes:
    return blake2b(content, digest_size=_CHECK_BYTES, person=_PERSON).digest()


def _refuse() -> NoReturn:
    raise BadCursor(
        "مکان‌نما (Cursor) خوانده نمی‌شود؛ همان «next» پاسخ پیشین را بی‌کم‌وکاست بفرستید یا از نو آغاز کنید.",
        "The cursor can't be read: send the 'next' of the reply before exactly as it was, or start anew.",
        "Cursor",
    )


def _refuse_outdated() -> NoReturn:
    """Its numbers are places in an order of hits that is no longer so."""
    raise ExpiredCursor(
        "این مکان‌نما را نسخهٔ پیشین کارساز ساخته است؛ جست‌وجو را از نو، بی Cursor، آغاز کنید.",
        "An earlier version of the server made this cursor: start the search anew, without a cursor.",
        "Cursor",
    )


def refuse_other(parameter: str) -> NoReturn:
    """The request's parameter is not the one that the cursor was made with."""
    raise BadCursor(
        f"این مکان‌نما با «{parameter}» دیگری ساخته شده است؛ همان پارامترهای نخستین را بفرستید یا بی Cursor آغاز کنید.",
        f"This cursor was made with another {parameter!r}: repeat the first request's parameters, or start without it.",
        "Cursor",
        data={"differs": parameter},
    )


def check_choice(choice: Choice, asked: Mapping[str, Any]) -> None:
    """``Version`` and ``Date`` may be left out in what follows the first request, but not be others."""
    if "Version" in asked and asked["Version"] != choice.version:
        refuse_other("Version")
    if "Date" in asked and asked["Date"].isoformat() != choice.on:
        refuse_other("Date")


def choice_of(asked: Mapping[str, Any]) -> Choice:
    on = asked.get("Date")
    return Choice(asked.get("Version"), on.isoformat() if on is not None else None)


def refuse_expired() -> NoReturn:
    """The edition that the cursor pins is no longer on the shelf."""
    raise ExpiredCursor(
        "ویرایشی که این مکان‌نما از آن می‌خواند دیگر در قفسه نیست؛ فهرست را از نو، بی Cursor، بگیرید.",
        "The edition that this cursor reads is no longer on the shelf: take the list anew, without a cursor.",
        "Cursor",
    )
