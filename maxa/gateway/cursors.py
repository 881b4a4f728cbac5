"""Cursors: where a list goes on, and on which edition, so that a publication in between neither skips nor repeats.

What a cursor looks like is said in :mod:`maxa.cursor_text`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import astuple, dataclass
from datetime import date
from typing import Any, NoReturn

from maxa.cursor_text import opened, refuse_outdated, refuse_unreadable, sealed, whole
from maxa.errors import BadCursor, ExpiredCursor
from maxa.gateway.parameters import MOST_IN_A_PAGE
from maxa.search.instead import Kept, kept_of

_FORMATS = {"list": 1, "search": 2, "place": 1}
_LEAST = -(2**53)
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
    return sealed([_FORMATS[cursor.kind], cursor.kind, *told], _PERSON)


def read_cursor(text: str) -> Cursor:
    """Raises :class:`BadCursor` for anything that :func:`write_cursor` did not write, :class:`ExpiredCursor` for a search's of
    an earlier version."""
    try:
        form, kind, *fields = opened(text, _PERSON)
        if not 1 <= whole(form) <= _FORMATS[kind]:
            raise ValueError("no such format")
        cursor = _READERS[kind](fields) if form == _FORMATS[kind] else None
    except (TypeError, ValueError, LookupError):
        refuse_unreadable("Cursor")
    return cursor or refuse_outdated("Cursor")


def _list_cursor(fields: list[Any]) -> ListCursor:
    terminology, choice, version, digest, status, since, upto, span, size, after = fields
    _check_texts(terminology, version, digest, after)
    if not 0 <= whole(since) <= whole(upto):
        raise ValueError("bases out of order")
    if span is not None:
        span = (whole(span[0], _LEAST), whole(span[1], _LEAST))
    return ListCursor(
        terminology, _choice(choice), version, digest, _status(status), since, upto, span, _size(size), after
    )


def _search_cursor(fields: list[Any]) -> SearchCursor:
    terminology, choice, serial, editions, status, search, size, read_to, instead = fields
    _check_texts(terminology, editions, search)
    return SearchCursor(
        terminology, _choice(choice), whole(serial), editions, _status(status), search, _size(size),
        tuple(map(whole, read_to)), None if instead is None else kept_of(instead),
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
    if not 1 <= whole(value) <= MOST_IN_A_PAGE:
        raise ValueError("no page size")
    return int(value)


def _check_texts(*texts: Any) -> None:
    if not all(isinstance(t, str) for t in texts):
        raise ValueError("no text")


_READERS: dict[str, Callable[[list[Any]], Cursor]] = {
    "list": _list_cursor,
    "search": _search_cursor,
    "place": _place_cursor,
}


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
