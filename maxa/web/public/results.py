"""What the search page tells: a page of hits, grouped by terminology, and how many each terminology has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from maxa.errors import ExpiredCursor
from maxa.gateway import values
from maxa.search.api import SearchHit, SearchReply, search
from maxa.search.api import suggest as suggest_hits
from maxa.shelf.catalogue import Catalogue, TerminologyEntry
from maxa.shelf.reading import Shelf

STATUSES = ("all", "active", "retired")
HITS_IN_A_PAGE = 20
SUGGESTED = 8
EXACT_TO = 1_000


@dataclass(frozen=True, slots=True)
class Query:
    """What was asked for, as it stands in the address."""

    text: str
    terminologies: tuple[str, ...] = ()
    status: str = "all"
    literal: bool = False

    def address(self, **over: Any) -> str:
        """The stable link to this search, with some of it changed; a cursor is none of it."""
        told = {
            "q": self.text, "terminology": self.terminologies, "status": self.status, "literal": self.literal, **over,
        }  # fmt: skip
        pairs: list[tuple[str, str]] = [("q", told["q"])]
        pairs += [("terminology", one) for one in told["terminology"]]
        if told["status"] != "all":
            pairs.append(("status", told["status"]))
        if told["literal"]:
            pairs.append(("literal", "1"))
        if told.get("cursor"):
            pairs.append(("cursor", told["cursor"]))
        return f"/search?{urlencode(pairs)}"


@dataclass(frozen=True, slots=True)
class Group:
    """The hits of one terminology that stand on this page, of ``count`` that it has."""

    entry: TerminologyEntry
    count: int
    hits: list[SearchHit]


@dataclass(frozen=True, slots=True)
class Results:
    query: Query
    reply: SearchReply
    groups: list[Group] = field(default_factory=list)
    facets: list[tuple[TerminologyEntry, int]] = field(default_factory=list)
    expired: bool = False

    @property
    def next_address(self) -> str | None:
        return self.query.address(cursor=self.reply.next) if self.reply.next else None


def query_of(text: str, terminologies: Sequence[str], status: str, literal: str) -> Query:
    """Raises :class:`BadParameter` for a status that there is not."""
    return Query(
        " ".join(text.split()),
        tuple(dict.fromkeys(one.strip() for one in terminologies if one.strip())),
        values.one_of(*STATUSES)(status, "status") if status else "all",
        literal=literal.strip() not in ("", "0", "false"),
    )


def search_of(shelf: Shelf, catalogue: Catalogue, query: Query, cursor: str | None) -> Results:
    """One page of results. A cursor of editions that are current no more begins anew, and says so. Raises what
    :func:`maxa.search.api.search` raises."""

    def ask(terminologies: Sequence[str], limit: int, cursor: str | None) -> SearchReply:
        return search(
            shelf, catalogue, query.text, terminologies=terminologies, limit=limit, cursor=cursor, literal=query.literal,
            status=query.status,
        )  # fmt: skip

    expired = False
    try:
        reply = ask(query.terminologies, HITS_IN_A_PAGE, cursor)
    except ExpiredCursor:
        expired, reply = True, ask(query.terminologies, HITS_IN_A_PAGE, None)
    # Where one terminology is looked at alone, the others are still offered.
    everywhere = ask((), 1, None).counts if query.terminologies else reply.counts
    entries = {entry.id: entry for entry in catalogue.codes}
    counts = {**everywhere, **reply.counts}
    groups: dict[str, Group] = {}
    for hit in reply.hits:
        group = groups.setdefault(hit.terminology, Group(entries[hit.terminology], counts[hit.terminology], []))
        group.hits.append(hit)
    facets = sorted(((entries[one], n) for one, n in counts.items()), key=lambda facet: (-facet[1], facet[0].id))
    return Results(query, reply, list(groups.values()), facets, expired)


def suggestions_of(shelf: Shelf, catalogue: Catalogue, text: str, terminologies: Sequence[str]) -> list[SearchHit]:
    """What may be meant by what is typed so far."""
    return suggest_hits(shelf, catalogue, text, terminologies=terminologies, limit=SUGGESTED).hits
