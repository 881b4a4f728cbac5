"""``SearchTerminology``: the list of a terminology's codings, whole or what changed since (CONTRACT.md §4)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson

from maxa.errors import BadParameter
from maxa.gateway.cursors import (
    Choice,
    ListCursor,
    check_choice,
    choice_of,
    read_cursor,
    refuse_expired,
    refuse_other,
    write_cursor,
)
from maxa.gateway.envelope import Reply, array_chunks, content_tag
from maxa.gateway.parameters import require
from maxa.gateway.reading import ALL, Bound, Reading, coded_text, set_by
from maxa.gateway.searching import asks_for_words, search
from maxa.gateway.values import Span
from maxa.persian.dates import TEHRAN
from maxa.shelf.changes import Bases, Change, ChangesSince

_STREAM_STEP = 2_000
_MOST_BASES = 100
# An edition's instant is rounded up to the second, and a client's clock may be a little behind ours: a copy taken
# "at" an instant may already hold what was published just after it.
_SLACK = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a list: after the code ``after`` of what ``status`` and ``bases`` (of a list of changes) select.
    ``span`` is the FromDate in Unix seconds."""

    choice: Choice
    status: str
    bases: Bases | None
    span: tuple[int, int] | None
    after: str


def list_codings(asked: Mapping[str, Any], reading: Reading) -> Reply:
    terminology = require(asked, "Terminology", example="Terminology=LNC").strip()
    if asks_for_words(asked):
        if "FromDate" in asked:
            raise BadParameter(
                "«Search» و «FromDate» با هم به کار نمی‌آیند: تغییرات را همیشه برای همهٔ فهرست بگیرید.",
                "'Search' and 'FromDate' do not go together: take the changes of the whole list.",
                "Search",
            )
        return search(asked, reading, terminology, default_size=None)
    if terminology == ALL:
        raise BadParameter(
            "«Terminology=*» تنها همراه Search به کار می‌آید؛ فهرست هر واژگان را جدا بگیرید.",
            "'Terminology=*' goes with 'Search' only: take the list of each terminology by itself.",
            "Terminology",
        )
    if asked.get("Cursor"):
        return _next_page(asked, reading, terminology)
    bound = reading.bind(terminology)
    return _reply(_first_place(asked, bound), bound, asked.get("PageSize"))


def _first_place(asked: Mapping[str, Any], bound: Bound) -> Place:
    span: Span | None = asked.get("FromDate")
    bases = None
    if span is not None:
        if asked.get("Status", "all") != "all":
            raise BadParameter(
                "با «FromDate» همهٔ تغییرات داده می‌شود، بازنشسته‌ها نیز؛ «Status» را نفرستید.",
                "With 'FromDate' every change is given, retired codes too: leave 'Status' out.",
                "Status",
            )
        first = bound.entry.first_since(span.start, bound.edition)
        bases = Bases(first, _last_base(bound, first, span.end))
    return Place(choice_of(asked), asked.get("Status", "active"), bases, _seconds(span), "")


def _next_page(asked: Mapping[str, Any], reading: Reading, terminology: str) -> Reply:
    """What follows a cursor. Raises :class:`BadCursor` when it was made with other parameters, and
    :class:`ExpiredCursor` when its edition is gone."""
    cursor = read_cursor(asked["Cursor"])
    if not isinstance(cursor, ListCursor):
        refuse_other("Search")
    if cursor.terminology.casefold() != terminology.casefold():
        refuse_other("Terminology")
    if asked.get("Status", cursor.status) != cursor.status:
        refuse_other("Status")
    if ("FromDate" in asked and _seconds(asked["FromDate"]) != cursor.span) or cursor.upto - cursor.since > _MOST_BASES:
        refuse_other("FromDate")
    check_choice(cursor.choice, asked)
    entry = reading.catalogue.find(terminology)
    edition = next((e for e in entry.editions if e.version == cursor.version), None) if entry else None
    if entry is None or edition is None or edition.digest != cursor.digest:
        refuse_expired()
    bases = Bases(cursor.since, cursor.upto) if cursor.since else None
    place = Place(cursor.choice, cursor.status, bases, cursor.span, cursor.after)
    return _reply(place, Bound(entry, edition, reading.shelf.release(edition)), asked.get("PageSize") or cursor.size)


def _last_base(bound: Bound, first: int, end: datetime) -> int:
    """The last release whose state a copy of the span may already hold is one before this base."""
    try:
        end += _SLACK
    except OverflowError:
        end = datetime.max.replace(tzinfo=TEHRAN)
    upto = min(bound.edition.ordinal, first + _MOST_BASES)
    early = [e.ordinal for e in bound.entry.editions if first <= e.ordinal <= upto and e.published_at < end]
    return max(early, default=first - 1) + 1


def _seconds(span: Span | None) -> tuple[int, int] | None:
    return None if span is None else (int(span.start.timestamp()), int(span.end.timestamp()))


def _reply(place: Place, bound: Bound, size: int | None) -> Reply:
    """A page, or the whole list where no size is named."""
    tag = content_tag(bound.entry.id.encode(), bound.edition.sha256.encode(), repr((place, size)).encode())
    if place.bases is not None:
        changes = ChangesSince(bound.release, place.bases)
        total = changes.count()

        def read(after: str, limit: int) -> list[dict[str, Any]]:
            return [_change_item(bound, change) for change in changes.page(after=after, limit=limit)]
    else:
        total = bound.release.count(place.status)

        def read(after: str, limit: int) -> list[dict[str, Any]]:
            return _coding_items(bound, place.status, after, limit)

    if size is None:
        return Reply(page=_page(total, total, None), chunks=array_chunks(_all_pages(read)), tag=tag)
    items = read(place.after, size + 1)
    following = None
    if len(items) > size:
        items.pop()
        following = _cursor_after(items[-1]["Coded_string"], place, bound, size)
    return Reply(orjson.dumps(items), page=_page(total, len(items), following), tag=tag)


def _page(total: int, size: int, following: str | None) -> dict[str, Any]:
    return {"total": total, "size": size, "next": following}


def _cursor_after(code: str, place: Place, bound: Bound, size: int) -> str:
    bases = place.bases or Bases(0, 0)
    cursor = ListCursor(
        bound.entry.id, place.choice, bound.edition.version, bound.edition.digest, place.status, bases.first,
        bases.last, place.span, size, code,
    )  # fmt: skip
    return write_cursor(cursor)


def _all_pages(read: Callable[[str, int], list[dict[str, Any]]]) -> Iterator[list[dict[str, Any]]]:
    after = ""
    while items := read(after, _STREAM_STEP):
        yield items
        if len(items) < _STREAM_STEP:
            return
        after = items[-1]["Coded_string"]


def _coding_items(bound: Bound, status: str, after: str, limit: int) -> list[dict[str, Any]]:
    terminology = bound.entry.id
    return [
        {
            "Value": title,
            "Terminology_id": terminology,
            "Coded_string": code,
            "Status": "active" if active else "retired",
        }
        for code, title, active in bound.release.codings(after=after, limit=limit, status=status)
    ]


def _change_item(bound: Bound, change: Change) -> dict[str, Any]:
    concept = change.concept
    return {
        **coded_text(bound.entry.id, concept),
        "Status": "active" if concept.active else "retired",
        "Change": change.kind,
        "ChangedOn": set_by(bound, concept)[1],
        "ReplacedBy": concept.replaced_by,
    }
