"""Search in one, several or all terminologies, and suggestions for each letter typed: :mod:`maxa.search.api` on the wire."""

from __future__ import annotations

from typing import Any

from flask import request

from maxa.api.answering import Answer, Asked
from maxa.api.concepts import concept_item, status_of
from maxa.errors import MissingParameter
from maxa.gateway.reading import Bound
from maxa.search.api import SearchHit, search, suggest
from maxa.search.suggest import DEFAULT
from maxa.usage.counting import UNFOUND


def list_hits(asked: Asked) -> Answer:
    reading = asked.reading
    found = search(
        asked.shelf, asked.catalogue, asked.get("q", ""), terminologies=asked.get("terminology", ()),
        filters=asked.get("filter"), limit=asked.get("page_size"), cursor=asked.get("cursor"),
        literal=asked.get("literal"), status=asked.get("status"), version=reading.version, on=reading.on,
    )  # fmt: skip
    if not found.found_as_asked and not asked.get("cursor"):
        request.environ[UNFOUND] = (asked.get("q", ""), bool(found.hits))
    return Answer.of({
        "counts": found.counts,
        "total_is_exact": found.total_is_exact,
        "searched_instead": found.instead,
        "items": [_hit_item(asked, hit) for hit in found.hits],
        "page": {"total": found.total, "size": len(found.hits), "next": found.next},
    })  # fmt: skip


def _hit_item(asked: Asked, hit: SearchHit) -> dict[str, Any]:
    entry = asked.catalogue.terminology(hit.terminology)
    edition = entry.edition(version=hit.version)
    bound = Bound(entry, edition, asked.shelf.release(edition))
    return {
        "terminology": entry.id, "version": edition.version, **concept_item(bound, hit.concept),
        "highlight": hit.highlight,
    }  # fmt: skip


def list_suggestions(asked: Asked) -> Answer:
    q = asked.get("q")
    if q is None:
        raise MissingParameter(
            "پارامتر «q» لازم است؛ برای نمونه q=هموگ.", "The parameter 'q' is required; for example q=hemog.", "q"
        )
    found = suggest(
        asked.shelf, asked.catalogue, q, terminologies=asked.get("terminology", ()), limit=asked.get("limit", DEFAULT)
    )
    return Answer.of({"items": [_suggestion(hit) for hit in found.hits]})


def _suggestion(hit: SearchHit) -> dict[str, Any]:
    concept = hit.concept
    return {
        "terminology": hit.terminology, "version": hit.version, "code": concept.code, "title": concept.title,
        "status": status_of(concept), "highlight": hit.highlight,
    }  # fmt: skip
