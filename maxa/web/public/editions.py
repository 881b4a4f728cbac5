"""What the pages of a terminology or map and of its editions tell."""

from __future__ import annotations

from collections import Counter
from typing import Any

from maxa.api.concepts import list_concepts
from maxa.api.counted import counted, parts_of
from maxa.api.differences import list_differences
from maxa.api.maps import list_pairs
from maxa.diff import KINDS
from maxa.errors import BadParameter
from maxa.shelf.catalogue import Edition, TerminologyEntry
from maxa.shelf.happenings import happenings, happenings_in_time
from maxa.web.language import is_persian
from maxa.web.public.chart import Chart, chart_of
from maxa.web.public.reading import asked, shelf, told

CHANGES_IN_A_PAGE = 50
CODES_IN_A_PAGE = 100


def happened(entry: TerminologyEntry) -> dict[int, Counter[str]]:
    """What each edition did, by its ordinal; counted once a process for each publication."""
    release = shelf().release(entry.current)
    if entry.out_of_step:  # publication was not the order of time
        line = entry.in_time
        stood = "".join("-" if one.withdrawn else "+" for one in line)
        found = counted(release, f"happenings in time {stood}", lambda: happenings_in_time(release, line))
    else:
        found = counted(release, "happenings", lambda: happenings(release))
    return {edition.ordinal: found.get(edition.ordinal, Counter()) for edition in entry.editions}


def chart(entry: TerminologyEntry) -> Chart | None:
    did = happened(entry)
    line = [(edition.version, did[edition.ordinal]) for edition in entry.in_time]
    return chart_of(line, rightwards=not is_persian())


def parts(edition: Edition) -> list[dict[str, Any]]:
    """Parts with their counts, where the list is kept in parts."""
    found = parts_of(shelf().release(edition))
    return [one for one in found if one["part"]]


def changes(entry: TerminologyEntry, version: str, base: str | None, kind: str | None, cursor: str | None) -> Any:
    """A page of what differs from ``base`` (by default the edition before), as the API tells it."""
    if kind is not None and kind not in KINDS:
        raise BadParameter(
            f"«kind» یکی از {'، '.join(KINDS)} است.", f"'kind' is one of {', '.join(KINDS)}.", "kind",
        )  # fmt: skip
    given = {"from": base, "kind": kind, "cursor": cursor, "page_size": CHANGES_IN_A_PAGE}
    return told(list_differences(asked(**given), entry, version))


def codes(
    entry: TerminologyEntry, *, status: str | None, part: str | None, parent: str | None, cursor: str | None
) -> Any:
    """A page of the current edition's codes, or of a map's pairs."""
    if status is not None and status not in ("active", "retired", "all"):
        raise BadParameter(
            "«status» یکی از active، retired و all است.", "'status' is one of active, retired, all.", "status"
        )
    given = {"status": status, "part": part, "cursor": cursor, "page_size": CODES_IN_A_PAGE}
    if entry.kind == "map":
        return told(list_pairs(asked(**given), entry.id))
    return told(list_concepts(asked(parent=parent, **given), entry.id))
