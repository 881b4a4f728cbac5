"""The way in for surfaces that are not the gateway's: ``/api/v1/search``, ``/api/v1/suggest`` and ``maxa search``.

:func:`search` and :func:`suggest` take one catalogue, taken when the request began, and plain values; what they give is
ready to be shown. A cursor holds what was asked and stays on the editions that the first page was read from (DESIGN §4),
whatever is published meanwhile; where one of these is gone it is refused as expired, never answered from another one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from hashlib import blake2b
from typing import NamedTuple

from rapidfuzz import process

from maxa.errors import BadParameter, MissingParameter, UnknownVersion
from maxa.persian.fold import fold
from maxa.search import suggest as suggesting
from maxa.search.cursors import MOST_IN_A_PAGE, Asked, Cursor, read_cursor, refuse_expired, write_cursor
from maxa.search.find import Found, ask, find
from maxa.search.highlight import highlight
from maxa.search.lexicon import lexicon_of
from maxa.search.query import Either, Every, Node, Property, Query, Words
from maxa.shelf.catalogue import Catalogue, Edition, TerminologyEntry
from maxa.shelf.reading import Shelf
from maxa.shelf.release import Concept, SealedRelease

DEFAULT_PAGE = 20
MOST_TERMINOLOGIES = 200
MOST_FILTERS = 16
_MOST_NAMED = 20


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

    @property
    def found_as_asked(self) -> bool:
        return self.total > 0 and self.instead is None


@dataclass(frozen=True, slots=True)
class SuggestReply:
    """``hits`` as in :class:`SearchReply`, with titles that differ."""

    hits: list[SearchHit]


def search(
    shelf: Shelf,
    catalogue: Catalogue,
    q: str = "",
    *,
    terminologies: Sequence[str] = (),
    filters: Mapping[str, Sequence[str]] | None = None,
    limit: int | None = None,
    cursor: str | None = None,
    literal: bool | None = None,
    status: str | None = None,
    version: str | None = None,
    on: date | None = None,
) -> SearchReply:
    """Search the current editions (or those of ``version`` or of the day ``on``) of ``terminologies``, or of all.

    ``filters`` are texts of properties by name (``{"modality": ["CT", "MRI"]}``: one of them), as if ``modality:CT``
    were typed; ``literal`` searches nothing but the words as typed; ``status`` is ``active``, ``retired`` or ``all``
    (default). With ``cursor`` all else may be left out, but not be another. Raises :class:`UnknownTerminology`,
    :class:`UnknownVersion`, :class:`BadParameter` for a query or page that is too long and for a filter that no edition
    knows, :class:`MissingParameter` where nothing is asked, :class:`BadCursor`, :class:`ExpiredCursor`,
    :class:`Unavailable`.
    """
    if limit is not None and not 1 <= limit <= MOST_IN_A_PAGE:
        raise BadParameter(
            f"اندازهٔ صفحه باید از 1 تا {MOST_IN_A_PAGE} باشد.", f"A page holds 1 to {MOST_IN_A_PAGE} hits.", "limit"
        )
    asked = Asked.of(q, terminologies, filters or {}, literal, status, version, on)
    before = read_cursor(cursor, asked) if cursor else None
    if before is not None:
        asked, catalogue = before.asked, catalogue.as_of(before.serial)
    elif not asked.q.strip() and not asked.filters:
        raise MissingParameter(
            "عبارت جست‌وجو خالی است؛ برای نمونه q=هموگلوبین.", "There is nothing to search for; for example q=hemoglobin.", "q"
        )  # fmt: skip
    asked = asked.decided()
    status, literal = asked.status or "all", bool(asked.literal)
    query = ask(asked.q, literal=literal, parameter="q")
    places = _places(shelf, catalogue, asked)
    editions = _fingerprint(places)
    if before is not None and (before.editions != editions or len(before.read_to) != len(places) + 1):
        refuse_expired()
    size = limit or (before.limit if before else DEFAULT_PAGE)
    releases = [place.release for place in places]
    found = find(
        releases, _with_filters(query, asked.filters, releases), limit=size, read_to=before.read_to if before else None,
        instead=before.instead if before else None, status=status, literal=literal,
    )  # fmt: skip
    counts = {place.entry.id: n for place, n in zip(places, found.counts, strict=True) if n}
    following = None
    if found.read_to is not None:
        # The serial of the newest of these editions: other publications change neither the cursor nor what it reads.
        serial = max(place.edition.serial for place in places)
        following = write_cursor(
            Cursor(asked, serial, editions, size, found.read_to, found.instead.kept if found.instead else None)
        )
    return SearchReply(
        _hits(places, found), found.total, found.total_is_exact, counts,
        found.instead.told() if found.instead else None, following,
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
    places = _places(shelf, catalogue, Asked(terminologies=tuple(terminologies)))
    ask(q, parameter="q")
    found = suggesting.suggest([place.release for place in places], q, limit=limit)
    hits = []
    for one in found:
        place = places[one.source]
        concept = place.release.concept(one.code)
        if concept is not None:
            hits.append(SearchHit(place.entry.id, place.edition.version, concept, one.highlight))
    return SuggestReply(hits)


def _places(shelf: Shelf, catalogue: Catalogue, asked: Asked) -> list[Place]:
    named = list(dict.fromkeys(asked.terminologies))
    if len(named) > MOST_TERMINOLOGIES:
        raise BadParameter(
            f"حداکثر {MOST_TERMINOLOGIES} واژگان را می‌توان با هم جست.",
            f"At most {MOST_TERMINOLOGIES} terminologies can be searched together.",
            "terminology",
        )
    on = date.fromisoformat(asked.on) if asked.on else None
    places = []
    if named:
        entries = {entry.id: entry for entry in (catalogue.terminology(one, parameter="terminology") for one in named)}
        for entry in entries.values():
            edition = entry.edition(version=asked.version, on=on)
            places.append(Place(entry, edition, shelf.release(edition)))
        return places
    for entry in sorted(catalogue.codes, key=lambda one: one.id.casefold()):  # cursors count on their order
        try:
            edition = entry.edition(version=asked.version, on=on)
        except UnknownVersion:
            continue
        places.append(Place(entry, edition, shelf.release(edition)))
    if not places and asked.version is not None:
        shown = asked.version[:40]
        raise UnknownVersion(
            f"هیچ واژگانی ویرایش «{shown}» ندارد.", f"No terminology has an edition {shown!r}.", "version"
        )
    return places


def _with_filters(query: Query, filters: Mapping[str, Sequence[str]], releases: Sequence[SealedRelease]) -> Query:
    """The query, and what each filter narrows it to; filters alone list all that they let through."""
    if sum(len(values) for values in filters.values()) > MOST_FILTERS:
        raise BadParameter(
            f"حداکثر {MOST_FILTERS} صافی بنویسید.", f"At most {MOST_FILTERS} filters can be given.", "filter"
        )
    nodes: list[Node] = [query.node] if query.node is not None else []
    for name, values in filters.items():
        if not values:
            continue
        _check_filter(name, values[0], releases)
        wanted: list[Node] = [Property(fold(name), value, Words(())) for value in values]
        nodes.append(wanted[0] if len(wanted) == 1 else Either(tuple(wanted)))
    if len(nodes) == (query.node is not None):
        return query
    return replace(query, node=nodes[0] if len(nodes) == 1 else Every(tuple(nodes)), plain=False)


def _check_filter(name: str, value: str, releases: Sequence[SealedRelease]) -> None:
    """Raises :class:`BadParameter` for a property that none of the editions has: an empty list would look like an
    answer."""
    if any(lexicon_of(release).filter_tokens(fold(name), value) is not None for release in releases):
        return
    known = sorted({called for release in releases for called in lexicon_of(release).filters})
    near = [called for called, *_ in process.extract(fold(name)[:60], known, limit=3, score_cutoff=60)]
    hint_fa = f"؛ ویژگی‌ها: {'، '.join(known[:_MOST_NAMED])}" if known else "؛ این فهرست‌ها ویژگی ندارند"
    hint_en = f"; there are {', '.join(known[:_MOST_NAMED])}" if known else "; these lists have no properties"
    raise BadParameter(
        f"ویژگی «{name[:60]}» در آنچه جسته می‌شود نیست{hint_fa}.",
        f"What is searched has no property {name[:60]!r}{hint_en}.",
        "filter",
        suggestions=near,
    )


def _hits(places: Sequence[Place], found: Found) -> list[SearchHit]:
    return [
        SearchHit(
            places[hit.source].entry.id, places[hit.source].edition.version, hit.concept,
            highlight(hit.concept.title_fa, hit.concept.title_en, found.query),
        )
        for hit in found.hits
    ]  # fmt: skip


def _fingerprint(places: Sequence[Place]) -> str:
    editions = "\n".join(f"{p.entry.id} {p.edition.version} {p.edition.digest}" for p in places).encode()
    return blake2b(editions, digest_size=8).hexdigest()
