"""The way in for surfaces that are not the gateway's: ``/api/v1/search``, ``/api/v1/suggest`` and ``maxa search``.

:func:`search` and :func:`suggest` take one catalogue, taken when the request began, and plain values; what they give is
ready to be shown. Cursors pin the editions that the first page was read from (DESIGN §4): with another catalogue they
are refused as expired, never answered from other editions.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from hashlib import blake2b
from typing import Any, NamedTuple

import orjson

from maxa.errors import BadCursor, BadParameter, ExpiredCursor, UnknownVersion
from maxa.search import suggest as suggesting
from maxa.search.find import Found, ask, find
from maxa.search.highlight import highlight
from maxa.search.query import Every, Node, Property, Query, Words
from maxa.shelf.catalogue import Catalogue, Edition, TerminologyEntry
from maxa.shelf.reading import Shelf
from maxa.shelf.release import Concept, SealedRelease

MOST_IN_A_PAGE = 200
DEFAULT_PAGE = 20
MOST_TERMINOLOGIES = 200
_MOST_FILTERS = 16
_CHECK = 6
_LONGEST_CURSOR = 16_384


class Place(NamedTuple):
    """An edition that is searched, opened."""

    entry: TerminologyEntry
    edition: Edition
    release: SealedRelease


@dataclass(frozen=True, slots=True)
class SearchHit:
    """``highlight`` is HTML: the title (the Latin one where only that matched) with ``<em>`` around what matched."""

    terminology: str
    version: str
    concept: Concept
    highlight: str


@dataclass(frozen=True, slots=True)
class SearchReply:
    """One page. ``counts`` are the hits of each terminology that has any, each exact up to 1,000, where more is told by
    ``total_is_exact``; ``instead`` tells in plain values what was searched in the place of what was asked (kinds, text,
    a Persian and an English sentence); ``next`` is the cursor of the page after this."""

    hits: list[SearchHit]
    total: int
    total_is_exact: bool
    counts: dict[str, int]
    instead: dict[str, object] | None
    next: str | None


@dataclass(frozen=True, slots=True)
class SuggestReply:
    """``hits`` as in :class:`SearchReply`, with titles that differ."""

    hits: list[SearchHit]


def search(
    shelf: Shelf,
    catalogue: Catalogue,
    q: str,
    *,
    terminologies: Sequence[str] = (),
    filters: Mapping[str, Sequence[str]] | None = None,
    limit: int = DEFAULT_PAGE,
    cursor: str | None = None,
    literal: bool = False,
    status: str = "all",
    version: str | None = None,
    on: date | None = None,
) -> SearchReply:
    """Search the current editions (or those of ``version`` or of the day ``on``) of ``terminologies``, or of all.

    ``filters`` are texts of properties by name (``{"modality": ["CT", "MRI"]}``: one of them), as if ``modality:CT``
    were typed; ``literal`` searches nothing but the words as typed. Raises :class:`UnknownTerminology`,
    :class:`UnknownVersion`, :class:`BadParameter` for a query or page that is too long, :class:`BadCursor` and
    :class:`ExpiredCursor`, :class:`Unavailable`.
    """
    if not 1 <= limit <= MOST_IN_A_PAGE:
        raise BadParameter(
            f"اندازهٔ صفحه باید از 1 تا {MOST_IN_A_PAGE} باشد.", f"A page holds 1 to {MOST_IN_A_PAGE} hits.", "limit"
        )
    places = _places(shelf, catalogue, terminologies, version, on)
    query = _with_filters(ask(q, literal=literal), filters or {})
    asked = _fingerprint(places, q, filters or {}, literal, status)
    read_to = _read_cursor(cursor, asked, len(places)) if cursor else None
    releases = [place.release for place in places]
    found = find(releases, query, limit=limit, read_to=read_to, status=status, literal=literal)
    counts = {place.entry.id: n for place, n in zip(places, found.counts, strict=True) if n}
    return SearchReply(
        _hits(places, found), found.total, found.total_is_exact, counts,
        found.instead.told() if found.instead else None,
        _write_cursor(asked, found.read_to) if found.read_to else None,
    )  # fmt: skip


def suggest(
    shelf: Shelf,
    catalogue: Catalogue,
    q: str,
    *,
    terminologies: Sequence[str] = (),
    limit: int = suggesting.DEFAULT,
) -> SuggestReply:
    """What may be meant by what is typed so far; raises as :func:`search`."""
    places = _places(shelf, catalogue, terminologies, None, None)
    found = suggesting.suggest([place.release for place in places], q, limit=limit)
    hits = []
    for one in found:
        place = places[one.source]
        concept = place.release.concept(one.code)
        if concept is not None:
            hits.append(SearchHit(place.entry.id, place.edition.version, concept, one.highlight))
    return SuggestReply(hits)


def _places(
    shelf: Shelf, catalogue: Catalogue, terminologies: Iterable[str], version: str | None, on: date | None
) -> list[Place]:
    named = list(dict.fromkeys(terminologies))
    if len(named) > MOST_TERMINOLOGIES:
        raise BadParameter(
            f"حداکثر {MOST_TERMINOLOGIES} واژگان را می‌توان با هم جست.",
            f"At most {MOST_TERMINOLOGIES} terminologies can be searched together.",
            "terminology",
        )
    places = []
    if named:
        entries = {entry.id: entry for entry in (catalogue.terminology(one, parameter="terminology") for one in named)}
        for entry in entries.values():
            edition = entry.edition(version=version, on=on)
            places.append(Place(entry, edition, shelf.release(edition)))
        return places
    for entry in catalogue.codes:
        try:
            edition = entry.edition(version=version, on=on)
        except UnknownVersion:
            continue
        places.append(Place(entry, edition, shelf.release(edition)))
    if not places and version is not None:
        shown = version[:40]
        raise UnknownVersion(
            f"هیچ واژگانی ویرایش «{shown}» ندارد.", f"No terminology has an edition {shown!r}.", "version"
        )
    return places


def _with_filters(query: Query, filters: Mapping[str, Sequence[str]]) -> Query:
    """The query, and what each filter narrows it to; filters alone list all that they let through."""
    from maxa.persian.fold import fold
    from maxa.search.query import Either

    if sum(len(values) for values in filters.values()) > _MOST_FILTERS:
        raise BadParameter(
            f"حداکثر {_MOST_FILTERS} صافی بنویسید.", f"At most {_MOST_FILTERS} filters can be given.", "filter"
        )
    nodes: list[Node] = [query.node] if query.node is not None else []
    for name, values in filters.items():
        wanted: list[Node] = [Property(fold(name), value, Words(())) for value in values]
        if wanted:
            nodes.append(wanted[0] if len(wanted) == 1 else Either(tuple(wanted)))
    if len(nodes) == (query.node is not None):
        return query
    return replace(query, node=nodes[0] if len(nodes) == 1 else Every(tuple(nodes)), plain=False)


def _hits(places: Sequence[Place], found: Found) -> list[SearchHit]:
    return [
        SearchHit(
            places[hit.source].entry.id, places[hit.source].edition.version, hit.concept,
            highlight(hit.concept.title_fa, hit.concept.title_en, found.query),
        )
        for hit in found.hits
    ]  # fmt: skip


# --- cursors -----------------------------------------------------------------------------------------------------------


def _fingerprint(
    places: Sequence[Place], q: str, filters: Mapping[str, Sequence[str]], literal: bool, status: str
) -> tuple[str, str]:
    """(checksum of what was asked, checksum of the editions)."""
    asked = orjson.dumps([q, {name: list(values) for name, values in filters.items()}, literal, status])
    editions = "\n".join(f"{p.entry.id} {p.edition.version} {p.edition.digest}" for p in places).encode()
    return blake2b(asked, digest_size=8).hexdigest(), blake2b(editions, digest_size=8).hexdigest()


def _write_cursor(asked: tuple[str, str], read_to: tuple[int, ...]) -> str:
    content = orjson.dumps([*asked, list(read_to)])
    return base64.urlsafe_b64encode(blake2b(content, digest_size=_CHECK).digest() + content).rstrip(b"=").decode()


def _read_cursor(text: str, asked: tuple[str, str], places: int) -> tuple[int, ...]:
    try:
        if len(text) > _LONGEST_CURSOR:
            raise ValueError("too long")
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        if blake2b(raw[_CHECK:], digest_size=_CHECK).digest() != raw[:_CHECK]:
            raise ValueError("checksum")
        query, editions, read_to = orjson.loads(raw[_CHECK:])
        numbers = tuple(_rank(number) for number in read_to)
    except (binascii.Error, ValueError, TypeError):
        raise BadCursor(
            "مکان‌نما خوانده نمی‌شود؛ همان «next» پاسخ پیشین را بی‌کم‌وکاست بفرستید یا از نو آغاز کنید.",
            "The cursor can't be read: send the 'next' of the reply before exactly as it was, or start anew.",
            "cursor",
        ) from None
    if query != asked[0]:
        raise BadCursor(
            "این مکان‌نما از جست‌وجوی دیگری است؛ همان پارامترهای نخستین را بفرستید یا بی آن آغاز کنید.",
            "This cursor belongs to another search: repeat the first request's parameters, or start without it.",
            "cursor",
        )
    if editions != asked[1] or len(numbers) != places + 1:
        raise ExpiredCursor(
            "ویرایشی که این مکان‌نما از آن می‌خواند دیگر جاری نیست؛ جست‌وجو را از نو آغاز کنید.",
            "The edition that this cursor reads is not current any more: start the search anew.",
            "cursor",
        )
    return numbers


def _rank(value: Any) -> int:
    """A checksum can be forged: what reaches a query from here must still be what it should be."""
    if type(value) is not int or not 0 <= value <= 2**53:
        raise ValueError("no rank")
    return value
