"""Maps: what there are, their pairs, translations, and the codes that have no counterpart."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from maxa.api.answering import Answer, Asked, no_body
from maxa.api.concepts import NOTHING, concept_item
from maxa.api.counted import check_part, counted, labels_of, parts_of
from maxa.api.editions import bind, find_map, map_item
from maxa.api.paging import Page, whole
from maxa.api.translation import MAPPED, MOST_CODES, UNKNOWN, UNMAPPED, MapReading, answers, read_map, translate
from maxa.errors import (
    BadBody,
    BadParameter,
    MissingParameter,
    TooManyCodes,
    UnknownCode,
    UnknownTerminology,
    UnknownVersion,
)
from maxa.gateway import values
from maxa.gateway.reading import Bound
from maxa.gateway.sent import Body
from maxa.shelf.pairs import count_pairs, ends, pair_page, relationships, size_of, with_pairs
from maxa.shelf.release import Concept, Pair, SealedRelease
from maxa.shelf.sealed_file import PAIR_SEPARATOR

_STEP = 2_000
_EXAMPLE = '["718-7", "2345-7"]'


def list_maps(asked: Asked) -> Answer:
    told = []
    for entry in asked.catalogue.maps:
        try:
            edition = entry.edition(version=asked.get("version"), on=asked.get("date"))
        except UnknownVersion:
            continue
        told.append(map_item(entry, edition))
    return Answer.of(whole(told))


def show_map(asked: Asked, name: str) -> Answer:
    bound = bind(asked, find_map(asked.catalogue, name))
    size = counted(bound.release, "size", lambda: size_of(bound.release))
    return Answer.of({
        **map_item(bound.entry, bound.edition),
        "parts": parts_of(bound.release),
        "labels": labels_of(bound.release),
        "release_count": len(bound.entry.editions),
        "pair_count": size.pairs,
        "source_count": size.sources,
        "target_count": size.targets,
        "relationships": counted(bound.release, "relationships", lambda: relationships(bound.release)),
    })  # fmt: skip


def list_pairs(asked: Asked, name: str) -> Answer:
    entry = find_map(asked.catalogue, name)
    page = Page("pairs", asked)
    bound = page.bind(asked, entry)
    status, part = page.text("status") or "active", page.text("part")
    check_part(part, bound.release)
    source, _, target = page.after.partition(PAIR_SEPARATOR)
    rows = pair_page(bound.release, after=(source, target), limit=page.size + 1, status=status, part=part)
    items = [_pair_item(pair) for pair in rows[: page.size]]
    more = len(rows) > page.size
    last = f"{items[-1]['source']}{PAIR_SEPARATOR}{items[-1]['target']}" if more else None
    total = counted(
        bound.release, f"pairs {status} {part!r}", lambda: count_pairs(bound.release, status=status, part=part)
    )
    return Answer.of({
        "map": entry.id, "version": bound.edition.version, "items": items,
        "page": page.told(total=total, items=items, last=last, bounds=[bound]),
    })  # fmt: skip


def _pair_item(pair: Pair) -> dict[str, Any]:
    return {
        "source": pair.source,
        "target": pair.target,
        "relationship": pair.relationship,
        "status": "active" if pair.active else "retired",
        "part": pair.part,
        "properties": orjson.Fragment(pair.properties) if pair.properties else NOTHING,
    }


# --- translations -------------------------------------------------------------------------------------------------


def translate_one(asked: Asked, name: str) -> Answer:
    """One code. A code that its terminology does not have is 404; one without a counterpart is an answer."""
    code = asked.get("code")
    if not code:
        raise MissingParameter(
            "پارامتر «code» لازم است؛ برای نمونه code=718-7.",
            "The parameter 'code' is required; for example code=718-7.",
            "code",
        )
    held = _read(asked, name)
    (told,) = translate(held, [code])
    if told.outcome == UNKNOWN:
        item = told.as_dict()
        (said,) = [one for one in item["issues"] if one["code"] == UNKNOWN]
        near = [one["code"] for one in item["suggestions"]]
        raise UnknownCode(said["message_fa"], said["message_en"], "code", suggestions=near)
    return Answer(_head(held) + b"," + told.content[1:])


def translate_many(asked: Asked, name: str) -> Answer:
    """Up to 10,000 codes, each answered in its place."""
    codes = codes_of(asked.body)
    held = _read(asked, name)
    told = answers(held, codes)
    found = [told[code] for code in codes]
    outcomes = [outcome for outcome, _ in found]
    counts = {
        "mapped": outcomes.count(MAPPED),
        "unmapped": outcomes.count(UNMAPPED),
        "unknown": outcomes.count(UNKNOWN),
    }
    page = {"total": len(found), "size": len(found), "next": None}
    return Answer(b'%b,"counts":%b,"items":[%b],"page":%b}' % (
        _head(held), orjson.dumps(counts), b",".join([content for _, content in found]), orjson.dumps(page),
    ))  # fmt: skip


def _read(asked: Asked, name: str) -> MapReading:
    bound = bind(asked, find_map(asked.catalogue, name))
    return read_map(asked.reading, bound, reverse=asked.get("reverse", False))


def _head(held: MapReading) -> bytes:
    """The beginning of the reply's object."""
    told = {"map": held.bound.entry.id, "version": held.bound.edition.version, "reverse": held.reverse}
    return orjson.dumps(told)[:-1]


def codes_of(body: Body) -> list[str]:
    """The codes of a POST: an array of strings, or an object with them in ``codes``. Raises :class:`BadBody` naming
    the first that is none, and :class:`TooManyCodes`."""
    codes = body.elements
    if codes is None:
        named = {key.lower(): value for key, value in body.pairs}
        codes = named.get("codes")
        if codes is None:
            raise no_body(_EXAMPLE)
        if not isinstance(codes, list):
            raise BadBody("«codes» باید آرایه‌ای از کدها باشد.", "'codes' must be an array of codes.", "codes")
    if len(codes) > MOST_CODES:
        raise TooManyCodes(
            f"آرایه {len(codes)} کد دارد؛ در هر درخواست حداکثر {MOST_CODES} کد بفرستید.",
            f"The array holds {len(codes)} codes: send at most {MOST_CODES} in one request.",
        )
    return [
        code if type(code) is str and len(code) <= 200 and code.strip() else _code(code, place)
        for place, code in enumerate(codes)
    ]


def _code(code: Any, place: int) -> str:
    """Some clients send codes as JSON numbers."""
    try:
        found = values.any_text(code, f"[{place}]")
    except BadParameter as error:
        raise BadBody(
            f"عضو {place} آرایه کد نیست: {error.detail_fa}",
            f"Element {place} is no code: {error.detail_en}",
            f"[{place}]",
        ) from None
    if not found.strip():
        raise BadBody(f"عضو {place} آرایه خالی است.", f"Element {place} of the array is empty.", f"[{place}]")
    return found


# --- codes without a counterpart -----------------------------------------------------------------------------------


def list_unmapped(asked: Asked, name: str) -> Answer:
    """Active codes of the map's source terminology that lead nowhere; with ``reverse``, of the target that nothing
    leads to."""
    entry = find_map(asked.catalogue, name)
    page = Page("unmapped", asked)
    reverse, part = page.flag("reverse"), page.text("part")
    bound = page.bind(asked, entry)
    held = read_map(asked.reading, bound, reverse=reverse)
    if held.near is None:
        raise UnknownTerminology(
            f"«{held.near_id}» در این قفسه نیست؛ کدهای بی‌همتای آن را نمی‌توان گفت.",
            f"{held.near_id} is not on this shelf: its codes without a counterpart can't be told.",
            "map_id",
        )
    side = page.bind(asked, held.near.entry, held.near)
    check_part(part, side.release)
    found: list[Concept] = []
    for concept in _unmapped(bound.release, side.release, page.after, page.size, reverse=reverse, part=part):
        found.append(concept)
        if len(found) > page.size:
            break
    items = [concept_item(side, concept) for concept in found[: page.size]]
    last = items[-1]["code"] if len(found) > page.size else None
    return Answer.of({
        "map": entry.id, "version": bound.edition.version, "reverse": reverse,
        "terminology": side.entry.id, "terminology_version": side.edition.version, "items": items,
        "page": page.told(total=_count(bound, side, reverse=reverse, part=part), items=items, last=last,
                          bounds=[bound, side]),
    })  # fmt: skip


def _unmapped(
    pairs: SealedRelease, codes: SealedRelease, after: str, size: int, *, reverse: bool, part: str | None
) -> Iterator[Concept]:
    step = max(size + 1, 200)
    while rows := codes.selected(after=after, limit=step, part=part):
        mapped = with_pairs(pairs, [concept.code for concept in rows], reverse=reverse)
        yield from (concept for concept in rows if concept.code not in mapped)
        if len(rows) < step:
            return
        after, step = rows[-1].code, max(step, _STEP)


def _count(bound: Bound, side: Bound, *, reverse: bool, part: str | None) -> int:
    """How many there are; counted once a process for each pair of editions."""

    def count() -> int:
        listed = ends(bound.release, reverse=reverse)
        return side.release.count_selected(part=part) - sum(side.release.count_active(c, part=part) for c in listed)

    return counted(bound.release, f"unmapped {side.edition.sha256} {reverse} {part!r}", count)
