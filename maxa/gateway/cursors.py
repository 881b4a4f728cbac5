"""Cursors: where a list goes on, and on which edition, so that a publication in between neither skips nor repeats.

A cursor is opaque to clients: base64url of a checksum and a JSON array. The checksum tells a cut or mistyped cursor;
it is no secret, since a cursor opens nothing that its client may not read anyway.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import astuple, dataclass
from hashlib import blake2b
from typing import Any, NoReturn

import orjson

from maxa.errors import BadCursor, ExpiredCursor

_FORMAT = 1
_CHECK_BYTES = 6
_LONGEST = 16_384  # characters
_PERSON = b"maxa-cursor"


@dataclass(frozen=True, slots=True)
class ListCursor:
    """A place in the list of one edition. ``since``/``upto`` are the bases of a list of changes (0: the whole list);
    ``span`` is the FromDate that they came from, as Unix seconds."""

    terminology: str
    version: str
    digest: str  # the first letters of the edition's digest: a shelf that was made anew may hold another content
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
    serial: int
    editions: str  # checksum over the editions that are searched
    status: str
    search: str
    size: int
    read_to: tuple[int, ...]

    kind = "search"


Cursor = ListCursor | SearchCursor


def write_cursor(cursor: Cursor) -> str:
    content = orjson.dumps([_FORMAT, cursor.kind, *astuple(cursor)])
    return base64.urlsafe_b64encode(_check(content) + content).rstrip(b"=").decode()


def read_cursor(text: str) -> Cursor:
    """Raises :class:`BadCursor` for anything that :func:`write_cursor` did not write."""
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
    except (ValueError, TypeError):
        _refuse()
    if form != _FORMAT or kind not in _READERS:
        _refuse()
    try:
        return _READERS[kind](fields)
    except (TypeError, ValueError):
        _refuse()


def _list_cursor(fields: list[Any]) -> ListCursor:
    *head, span, size, after = fields
    cursor = ListCursor(*head, None if span is None else (_whole(span[0]), _whole(span[1])), _whole(size), after)
    _check_texts(cursor.terminology, cursor.version, cursor.digest, cursor.status, cursor.after)
    if not 0 <= _whole(cursor.since) <= _whole(cursor.upto):
        raise ValueError("bases out of order")
    return cursor


def _search_cursor(fields: list[Any]) -> SearchCursor:
    *head, size, read_to = fields
    cursor = SearchCursor(*head, _whole(size), tuple(map(_whole, read_to)))
    _whole(cursor.serial)
    _check_texts(cursor.terminology, cursor.editions, cursor.status, cursor.search)
    return cursor


def _whole(value: Any) -> int:
    """A checksum can be forged: what reaches a query from here must still be what it should be."""
    if type(value) is not int or abs(value) > 2**53:
        raise ValueError("no whole number")
    return value


def _check_texts(*texts: Any) -> None:
    if not all(isinstance(t, str) for t in texts):
        raise ValueError("no text")


_READERS:
        _refuse()
    try:
        return _READERS[kind](fields)
    except (TypeError, ValueError):
        _refuse()


def _list_cursor(fields: list[Any]) -> ListCursor:
    *head, span, size, after = fields
    cursor = ListCursor(*head, None if span is None else (int(span[0]), int(span[1])), size, after)
    texts = (cursor.terminology, cursor.version, cursor.digest, cursor.status, cursor.after)
    if not all(isinstance(t, str) for t in texts) or not all(
        isinstance(n, int) and n >= 0 for n in (cursor.since, cursor.upto, cursor.size)
    ):
        raise ValueError("a field of another type")
    return cursor


def _search_cursor(fields: list[Any]) -> SearchCursor:
    *head, read_to = fields
    cursor = SearchCursor(*head, tuple(int(rank) for rank in read_to))
    texts = (cursor.terminology, cursor.editions, cursor.status, cursor.search)
    if not all(isinstance(t, str) for t in texts) or not all(isinstance(n, int) for n in (cursor.serial, cursor.size)):
        raise ValueError("a field of another type")
    return cursor


_READERS: dict[str, Any] = {"list": _list_cursor, "search": _search_cursor}


def _check(content: bytes) -> bytes:
    return blake2b(content, digest_size=_CHECK_BYTES, person=_PERSON).digest()


def _refuse() -> NoReturn:
    raise BadCursor(
        "مکان‌نما (Cursor) خوانده نمی‌شود؛ همان «next» پاسخ پیشین را بی‌کم‌وکاست بفرستید یا از نو آغاز کنید.",
        "The cursor can't be read: send the 'next' of the reply before exactly as it was, or start anew.",
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


def refuse_expired() -> NoReturn:
    """The edition that the cursor pins is no longer on the shelf."""
    raise ExpiredCursor(
        "ویرایشی که این مکان‌نما از آن می‌خواند دیگر در قفسه نیست؛ فهرست را از نو، بی Cursor، بگیرید.",
        "The edition that this cursor reads is no longer on the shelf: take the list anew, without a cursor.",
        "Cursor",
    )
