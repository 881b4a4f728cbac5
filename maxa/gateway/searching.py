"""``Search=``: concepts by the words of their titles, in one terminology or all (CONTRACT.md §3).

``page.searchedInstead`` tells when nothing matched and something else was searched; ``Literal=true`` forbids it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from maxa.gateway.cursors import (
    SearchCursor,
    check_choice,
    choice_of,
    read_cursor,
    refuse_expired,
    refuse_other,
    write_cursor,
)
from maxa.gateway.envelope import Reply, array_chunks, content_tag
from maxa.gateway.reading import ALL, Bound, Reading, coding
from maxa.search.find import Found, ask, find
from maxa.search.highlight import highlight
from maxa.search.query import Query

_STREAM_STEP = 1_000
_NO_END = 1 << 60
_LARGEST_KEPT, _LONGEST_KEPT = 32 << 10, 4 << 10  # bytes of a reply, letters of a request


def asks_for_words(asked: Mapping[str, Any]) -> bool:
    """Whether words are searched: by ``Search``, or by a cursor of a search where ``Search`` is left out."""
    return "Search" in asked or bool(asked.get("Cursor") and isinstance(read_cursor(asked["Cursor"]), SearchCursor))


def search(
    asked: Mapping[str, Any], reading: Reading, terminology: str, *, default_size: int | None, status: str | None = None
) -> Reply:
    """A page of hits with highlights, or all of them where neither ``PageSize`` nor ``default_size`` says how many. With
    a cursor what is left out is as it was first asked. ``status`` is set where the service has no such parameter."""
    answered = reading.catalogue.answered  # a clinic types the same words all day, and published files never change
    key = (
        terminology,
        default_size,
        status,
        reading.version,
        reading.on,
        *sorted(one for one in asked.items() if one[0] != "Terminology"),
    )
    known: Reply | None = answered.get(key)
    if known is None:
        known = _search(asked, reading, terminology, default_size, status)
        words = sum(len(value) for value in asked.values() if isinstance(value, str))
        if known.chunks is None and len(known.data) <= _LARGEST_KEPT and words <= _LONGEST_KEPT:
            answered.keep(key, known)
    return known


def _search(
    asked: Mapping[str, Any], reading: Reading, terminology: str, default_size: int | None, status: str | None
) -> Reply:
    cursor = _cursor(asked, terminology, status) if asked.get("Cursor") else None
    if cursor is not None:
        searched, status = cursor.search, cursor.status
    else:
        searched = f"{'=' if asked.get('Literal', False) else '~'}{asked['Search']}"
        status = status or asked.get("Status", "active")
    text, literal = searched[1:], searched.startswith("=")
    query = ask(text, literal=literal)
    if cursor is not None:
        reading = reading.as_of(cursor.serial).choosing(cursor.choice.version, cursor.choice.on)
    bounds = _bounds(reading, terminology)
    editions = _fingerprint(bounds)
    if cursor is not None and (cursor.editions != editions or len(cursor.read_to) != len(bounds) + 1):
        refuse_expired()
    size = asked.get("PageSize") or (cursor.size if cursor else default_size)
    if size is None:
        return _all_hits(bounds, query, status, literal)
    found = find(
        [b.release for b in bounds], query, limit=size, read_to=cursor.read_to if cursor else None,
        instead=cursor.instead if cursor else None, status=status, literal=literal,
    )  # fmt: skip
    following = None
    if found.read_to is not None:
        choice = cursor.choice if cursor else choice_of(asked)
        serial = reading.catalogue.serial
        following = write_cursor(
            SearchCursor(
                terminology,
                choice,
                serial,
                editions,
                status,
                searched,
                size,
                found.read_to,
                found.instead.kept if found.instead else None,
            )
        )
    page: dict[str, Any] = {"total": found.total, "size": len(found.hits), "next": following}
    if not found.total_is_exact:
        page["totalIsExact"] = False
    if found.instead is not None:
        page["searchedInstead"] = found.instead.told()
    unfound = (text, bool(found.hits)) if cursor is None and (not found.total or found.instead) else None
    return Reply(orjson.dumps(_items(bounds, found)), page=page, unfound=unfound)


def _cursor(asked: Mapping[str, Any], terminology: str, status: str | None) -> SearchCursor:
    """Raises :class:`BadCursor` where something that is given differs from what the cursor was made with."""
    cursor = read_cursor(asked["Cursor"])
    if not isinstance(cursor, SearchCursor) or asked.get("Search", cursor.search[1:]) != cursor.search[1:]:
        refuse_other("Search")
    literal = cursor.search.startswith("=")
    if asked.get("Literal", literal) != literal:
        refuse_other("Literal")
    if cursor.terminology.casefold() != terminology.casefold():
        refuse_other("Terminology")
    if (status or asked.get("Status", cursor.status)) != cursor.status:
        refuse_other("Status")
    check_choice(cursor.choice, asked)
    return cursor


def _bounds(reading: Reading, terminology: str) -> list[Bound]:
    if terminology != ALL:
        return [reading.bind(terminology)]
    return [Bound(entry, edition, reading.shelf.release(edition)) for entry, edition in reading.editions()]


def _fingerprint(bounds: list[Bound]) -> str:
    return content_tag(*(f"{b.entry.id} {b.edition.version} {b.edition.digest}\n".encode() for b in bounds))


def _items(bounds: list[Bound], found: Found) -> list[dict[str, Any]]:
    items = []
    for source, concept in found.hits:
        item = coding(bounds[source], concept)
        item["Highlight"] = highlight(concept.title_fa, concept.title_en, found.query)
        items.append(item)
    return items


def _all_hits(bounds: list[Bound], query: Query, status: str, literal: bool) -> Reply:
    """Every hit, as a stream. What the first look finds instead is what all of it is about."""
    releases = [b.release for b in bounds]
    first = find(releases, query, limit=_STREAM_STEP, status=status, literal=literal, exact_to=_NO_END)
    page: dict[str, Any] = {"total": first.total, "size": first.total, "next": None}
    if first.instead is not None:
        page["searchedInstead"] = first.instead.told()

    def pages() -> Iterator[list[dict[str, Any]]]:
        found = first
        while True:
            yield _items(bounds, found)
            if found.read_to is None:
                return
            found = find(
                releases, first.query, limit=_STREAM_STEP, read_to=found.read_to, status=status, literal=literal,
                count=False,
            )  # fmt: skip

    tag = content_tag(_fingerprint(bounds).encode(), status.encode(), query.text.encode(), str(literal).encode())
    unfound = (query.text, bool(first.hits)) if not first.total or first.instead else None
    return Reply(page=page, chunks=array_chunks(pages()), tag=tag, unfound=unfound)
