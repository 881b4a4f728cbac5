"""Pages of lists: where one goes on, and on which editions, so that a publication in between neither skips nor repeats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from maxa.api.answering import Asked
from maxa.api.editions import bind
from maxa.api.parameters import DEFAULT_PAGE
from maxa.errors import BadCursor
from maxa.gateway.cursors import PlaceCursor, read_cursor, refuse_expired, refuse_other, write_cursor
from maxa.gateway.reading import Bound
from maxa.shelf.catalogue import Catalogue, Edition, TerminologyEntry

_NOT_PINNED = ("cursor", "page_size")
_DEFAULTS = {("status", "active"), ("reverse", "false")}  # to send one is to leave it out


class Page:
    """The place of one request in the list called ``name``. Parameters may be left out after the first page; the cursor
    holds them (:meth:`asked`). Raises :class:`BadCursor` where they are others than those it was made with."""

    def __init__(self, name: str, asked: Asked) -> None:
        self.name = name
        self.cursor = _cursor_of(name, asked)
        self._texts = self._pinned(asked.parameters)
        self.after = self.cursor.after if self.cursor else ""
        default = self.cursor.size if self.cursor else DEFAULT_PAGE
        self.size: int = asked.get("page_size") or default

    def _pinned(self, parameters: Mapping[str, Any]) -> dict[str, str]:
        given = {name: _text(value) for name, value in parameters.items() if name not in _NOT_PINNED}
        given = dict(given.items() - _DEFAULTS)
        if self.cursor is None:
            return given
        first = dict(self.cursor.asked)
        for name, text in given.items():
            if first.get(name) != text:
                refuse_other(name)
        return first

    def text(self, name: str, default: str | None = None) -> str | None:
        """A parameter of the first request."""
        return self._texts.get(name, default)

    def flag(self, name: str) -> bool:
        return self._texts.get(name) == "true"

    def edition(self, catalogue: Catalogue, entry: TerminologyEntry) -> Edition | None:
        """The edition of a terminology that the cursor reads; None on the first page, or where it reads none of this
        one. Raises :class:`ExpiredCursor` when it is gone, :class:`BadCursor` when it is of another list."""
        if self.cursor is None:
            return None
        for terminology, version, digest in self.cursor.editions:
            if terminology == entry.id:
                for edition in entry.editions:
                    if edition.version == version and edition.digest == digest:
                        return edition
                refuse_expired()
        return None

    def bind(self, asked: Asked, entry: TerminologyEntry, first: Bound | None = None) -> Bound:
        """The pinned edition, opened; on the first page ``first``, else the one that the request names."""
        pinned = self.edition(asked.catalogue, entry)
        if pinned is not None:
            return Bound(entry, pinned, asked.shelf.release(pinned))
        if self.cursor is not None:
            refuse_other("terminology")
        return first or bind(asked, entry)

    def check_editions(self, bounds: Sequence[Bound]) -> None:
        """Raises :class:`ExpiredCursor` when the list reads other editions now than the cursor was made with."""
        if self.cursor is not None and self.cursor.editions != _pins(bounds):
            if any(one[:2] != other[:2] for one, other in zip(self.cursor.editions, _pins(bounds), strict=False)):
                refuse_other("version")
            refuse_expired()

    def told(self, *, total: int, items: Sequence[Any], last: str | None, bounds: Sequence[Bound]) -> dict[str, Any]:
        """The page object: ``last`` is the place of the last item where more follow."""
        following = None
        if last is not None:
            asked = tuple(sorted(self._texts.items()))
            following = write_cursor(PlaceCursor(self.name, _pins(bounds), asked, self.size, last))
        return {"total": total, "size": len(items), "next": following}


def _pins(bounds: Sequence[Bound]) -> tuple[tuple[str, str, str], ...]:
    return tuple((b.entry.id, b.edition.version, b.edition.digest) for b in bounds)


def whole(items: list[Any]) -> dict[str, Any]:
    """A list in one page."""
    return {"items": items, "page": {"total": len(items), "size": len(items), "next": None}}


def _cursor_of(name: str, asked: Asked) -> PlaceCursor | None:
    text = asked.get("cursor")
    if not text:
        return None
    cursor = read_cursor(text)
    if not isinstance(cursor, PlaceCursor) or cursor.list != name:
        raise BadCursor(
            "این مکان‌نما از فهرست دیگری است؛ همان نشانی نخستین را بپرسید یا بی cursor آغاز کنید.",
            "This cursor belongs to another list: ask the first request's address, or start without it.",
            "cursor",
        )
    return cursor


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date) else str(value)
