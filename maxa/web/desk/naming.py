"""Names and values of fields as people know them, for differences on the desk's pages and in the files that it gives."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from importers.layouts import layouts_of
from maxa.diff import Change
from maxa.registry.models import Terminology
from maxa.sheets.layout import LIST_SEPARATOR, RELATIONSHIP, labels
from maxa.shelf.sealed_file import PAIR_SEPARATOR, Manifest, folder_name
from maxa.web.language import is_persian, language


def names_of(terminology: Terminology) -> dict[str, str]:
    """Field → its name, as exports and readers have them from the sealed file."""
    manifest = Manifest(
        kind=terminology.kind, terminology=terminology.name, version="", ordinal=0, title_fa=terminology.title_fa,
        title_en=terminology.title_en, source=terminology.source, target=terminology.target, circular_number=None,
        circular_date=None, in_force="", layout=layouts_of(terminology.name, terminology.kind),
    )  # fmt: skip
    return labels(manifest, language())


def page_of(terminology: Terminology) -> str:
    """Its public page, which is there once an edition is on the shelf."""
    if terminology.kind == "map":
        return f"/maps/{quote(folder_name(terminology.name))}"
    return f"/terminologies/{quote(terminology.name)}"


def map_address(name: str) -> str:
    """A map's id as it stands in addresses of the desk."""
    return name.replace("→", "--")


def shown_code(code: str) -> str:
    return code.replace(PAIR_SEPARATOR, " → ")


def title_of(change: Change) -> str:
    state = change.after or change.before or {}
    return str(state.get("title_fa") or state.get("title_en") or shown_value("relationship", state.get("relationship")))


def shown_value(field: str, value: Any) -> str:
    if isinstance(value, list):
        return LIST_SEPARATOR.join(map(str, value))
    if field == "relationship" and is_persian() and value is not None:
        return RELATIONSHIP.get(value, str(value))
    return "" if value is None else str(value)


def fields_of(change: Change, names: dict[str, str]) -> Iterator[tuple[str, str, str]]:
    """Name, value before and after of each field that differs, of a code that stood in both states."""
    if change.before is None or change.after is None:
        return
    for field, before, after in change.fields():
        if field == "status" and change.kind != "changed":
            continue  # said by the kind
        yield (
            names.get(field) or field.removeprefix("properties."),
            shown_value(field, before),
            shown_value(field, after),
        )
