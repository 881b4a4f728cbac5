"""What the page of a code tells: all that ``/api/v1`` knows of it, and the forms in which vendors paste it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import quoteattr

import orjson
from markupsafe import Markup

from maxa.api.concepts import show_concept
from maxa.api.counted import counted, labels_of
from maxa.sheets.layout import Column, layouts
from maxa.shelf.catalogue import TerminologyEntry
from maxa.shelf.release import SealedRelease
from maxa.web.formats import code, name
from maxa.web.language import is_persian, language
from maxa.web.public.reading import asked, catalogue, code_link, told
from maxa.web.templating import markup

SHOWN = 100  # children, and pairs of a map; the rest is told by number
Told = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Shown:
    """A property as a reader sees it. ``known`` are those of its codes that have a page in this terminology."""

    heading: str
    values: list[str]
    is_code: bool
    known: frozenset[str]


def concept_of(entry: TerminologyEntry, code: str, version: str | None, history: int | None) -> Told:
    """As ``/api/v1/terminologies/{id}/concepts/{code}`` tells it. Raises :class:`UnknownCode` with the nearest codes,
    and :class:`UnknownVersion`."""
    found: Told = told(show_concept(asked(version=version, history=history), entry.id, code))
    return found


def coded_text_json(concept: Told) -> str:
    """``DO_CODED_TEXT`` (FACTS §6) as JSON, a part a line."""
    return orjson.dumps(_triple(concept), option=orjson.OPT_INDENT_2).decode()


def coded_text_xml(concept: Told) -> str:
    """The same as an element with attributes."""
    attributes = "\n  ".join(f"{name}={quoteattr(value)}" for name, value in _triple(concept).items())
    return f"<DO_CODED_TEXT\n  {attributes} />"


def _triple(concept: Told) -> dict[str, str]:
    return {
        "Value": concept["title"], "Terminology_id": concept["terminology"], "Coded_string": concept["code"],
    }  # fmt: skip


def properties_of(release: SealedRelease, concept: Told) -> list[Shown]:
    """Each property with its heading, in the order of the columns that it came from."""
    held: Told = concept["properties"]
    headings = {name: text for name, text in headings_of(release).items() if name in held}
    columns = counted(release, "columns", lambda: _columns(release))
    return [_shown(release, headings.get(name, name), held[name], columns.get(name)) for name in {**headings, **held}]


def _columns(release: SealedRelease) -> dict[str, Column]:
    return {column.field: column for layout in layouts(release.manifest) for column in layout.columns}


def field_names(release: SealedRelease) -> dict[str, str]:
    """Names of fields in the reader's language, keyed as :mod:`maxa.diff` names them."""
    return labels_of(release, language())


def headings_of(release: SealedRelease) -> dict[str, str]:
    """Names of properties in the reader's language, by field."""
    named = field_names(release)
    return {name.removeprefix("properties."): text for name, text in named.items() if name.startswith("properties.")}


def _shown(release: SealedRelease, heading: str, value: Any, column: Column | None) -> Shown:
    values = [text_of(one, column) for one in (value if isinstance(value, list) else [value])]
    is_code = column is not None and column.kind in ("code", "codes")
    known = frozenset(release.briefly(values)) if is_code else frozenset[str]()
    return Shown(heading, values, is_code, known)


def property_values(shown: Shown, terminology: str) -> Markup:
    """The values of a property as they stand in the page; codes that have a page lead there."""
    if not shown.is_code:
        return markup(" · ".join(map(name, shown.values)))
    return markup(" · ".join(code_link(one, terminology) if one in shown.known else code(one) for one in shown.values))


def pair_properties(properties: Told, headings: dict[str, str]) -> Markup:
    """What a map says of one of its pairs, in a line."""
    return markup(
        " · ".join(
            f"<span>{name(headings.get(field, field))}: {name(text_of(value))}</span>"
            for field, value in properties.items()
        )
    )


def text_of(value: Any, column: Column | None = None) -> str:
    """A kept value as its sheet shows it; an empty one is a dash."""
    if value is None or value == "":
        return "—"
    if isinstance(value, list):
        return ("، " if is_persian() else ", ").join(text_of(one, column) for one in value)
    return str(column.shown(value) if column is not None else value)


def map_entries(concept: Told) -> list[tuple[TerminologyEntry, Told, bool]]:
    """(map, its pairs, whether it leads here) of every map that knows the code."""
    entries = {entry.id: entry for entry in catalogue().maps}
    outward = [(entries[one["map"]], one, False) for one in concept["maps_out"]]
    return outward + [(entries[one["map"]], one, True) for one in concept["maps_in"]]
