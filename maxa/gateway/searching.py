"""``Search=``: concepts by the words of their titles, in one terminology or all (CONTRACT.md §3)."""

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
from maxa.search.highlight import highlight
from maxa.search.plain import Found, find, words_of
from maxa.shelf.words import count_words

_STREAM_STEP = 1_000
_NO_END = 1 << 60


def search(
    asked: Mapping[str, Any], reading: Reading, terminology: str, *, default_size: int | None, status: str
) -> Reply:
    """A page of hits with highlights, or all of them where neither ``PageSize`` nor ``default_size`` says how many."""
    text = asked["Search"]
    words = words_of(text)
    cursor = _cursor(asked, terminology, status) if asked.get("Cursor") else None
    if cursor is not None:
        reading = reading.as_of(cursor.serial).choosing(cursor.choice.version, cursor.choice.on)
    bounds = _bounds(reading, terminology)
    editions = _fingerprint(bounds)
    if cursor is not None and (cursor.editions != editions or len(cursor.read_to) != len(bounds)):
        refuse_expired()
    size = asked.get("PageSize") or (cursor.size if cursor else default_size)
    if size is None:
        return _all_hits(bounds, words, status)
    found = find(
        [b.release for b in bounds], words, limit=size, read_to=cursor.read_to if cursor else None, status=status
    )
    following = None
    if found.read_to is not None:
        choice = cursor.choice if cursor else choice_of(asked)
        serial = reading.catalogue.serial
        following = write_cursor(SearchCursor(terminology, choice, serial, editions, status, text, size, found.read_to))
    page: dict[str, Any] = {"total": found.total, "size": len(found.hits), "next": following}
    if not found.total_is_exact:
        page["totalIsExact"] = False
    return Reply(orjson.dumps(_items(bounds, found, words)), page=page)


def _cursor(asked: Mapping[str, Any], terminology: str, status: str) -> SearchCursor:
    cursor = read_cursor(asked["Cursor"])
    if not isinstance(cursor, SearchCursor) or cursor.search != asked["Search"]:
        refuse_other("Search")
    if cursor.terminology.casefold() != terminology.casefold():
        refuse_other("Terminology")
    if cursor.status != status:
        refuse_other("Status")
    check_choice(cursor.choice, asked)
    return cursor


def _bounds(reading: Reading, terminology: str) -> list[Bound]:
    if terminology != ALL:
        return [reading.bind(terminology)]
    return [Bound(entry, edition, reading.shelf.release(edition)) for entry, edition in reading.editions()]


def _fingerprint(bounds: list[Bound]) -> str:
    return content_tag(*(f"{b.entry.id} {b.edition.version} {b.edition.digest}\n".encode() for b in bounds))


def _items(bounds: list[Bound], found: Found, words: list[str]) -> list[dict[str, Any]]:
    items = []
    for source, concept in found.hits:
        item = coding(bounds[source], concept)
        item["Highlight"] = highlight(concept.title, words)
        if "<em>" not in item["Highlight"] and concept.title_en:
            in_latin = highlight(concept.title_en, words)
            item["Highlight"] = in_latin if "<em>" in in_latin else item["Highlight"]
        items.append(item)
    return items


def _all_hits(bounds: list[Bound], words: list[str], status: str) -> Reply:
    releases = [b.release for b in bounds]
    total = sum(count_words(r, words, upto=_NO_END, status=status) for r in releases) if words else 0

    def pages() -> Iterator[list[dict[str, Any]]]:
        read_to: tuple[int, ...] | None = None
        while True:
            found = find(releases, words, limit=_STREAM_STEP, read_to=read_to, status=status, count=False)
            yield _items(bounds, found, words)
            read_to = found.read_to
            if read_to is None:
                return

    tag = content_tag(_fingerprint(bounds).encode(), status.encode(), "\0".join(words).encode())
    return Reply(page={"total": total, "size": total, "next": None}, chunks=array_chunks(pages()), tag=tag)
