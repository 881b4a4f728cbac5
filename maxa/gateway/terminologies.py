"""``CtsTerminologies``: the list of terminologies (CONTRACT.md §2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from maxa.gateway.envelope import Reply
from maxa.gateway.reading import Reading
from maxa.shelf.catalogue import Edition, TerminologyEntry


def list_terminologies(asked: Mapping[str, Any], reading: Reading) -> Reply:
    """Every terminology with the edition asked for; ``FromDate`` keeps those with a release published since."""
    since = asked.get("FromDate")
    items = [
        _item(entry, edition)
        for entry, edition in reading.editions()
        if since is None or entry.first_since(since.start, edition) <= edition.ordinal
    ]
    return Reply(orjson.dumps(items), page={"total": len(items), "size": len(items), "next": None})


def _item(entry: TerminologyEntry, edition: Edition) -> dict[str, Any]:
    return {
        "Terminology_id": entry.id,
        "Title": entry.title_fa,
        "Title_en": entry.title_en or None,
        "Version": edition.version,
        "CircularNumber": edition.circular_number,
        "CircularDate": edition.circular_date,
        "LastUpdate": edition.last_update,
        "ConceptCount": edition.active_count,
        "RetiredCount": edition.retired_count,
        "Digest": edition.digest,
    }
