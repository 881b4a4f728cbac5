"""How the list of a terminology looks as a workbook, taken from the declarations: it is sealed into each release.

Readers take headings and the names of properties from there, so that a mirror needs no importers and an old edition
keeps the headings of its time (maxa/sheets/layout.py). An import reads back what is written in such a layout.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from importers.codes import Code
from importers.declare import CONCEPT_PARTS, Column, Pairs, PartBy, Sheet, Source, TerminologyBy
from importers.fields import Choice, Decimal, Field, choice_key
from importers.heading_keys import heading_key
from importers.sources import SOURCES

GENERIC_MAP_NAME = "generic-map"
_PAIR_FIELDS = (
    "source_terminology", "source", "target_terminology", "target", "relationship", "status", "part",
)  # fmt: skip


def layouts_of(terminology: str, kind: str) -> list[dict[str, Any]]:
    """``[{"source", "sheet", "parts", "part_field", "columns": [{"field", "heading", "kind", "choices"?, "label"?,
    "pattern"?}]}]``; the pattern is that of the rows' own codes.

    One entry a declared sheet of a codes list; one for a map, in the columns of the generic source, by which any map is
    imported. A list that no sheet of its own carries has none: it goes out and in by the generic source.
    """
    if kind == "map":
        return [_map_layout(terminology)]
    return [
        _layout(source, sheet, terminology)
        for source, sheet in _sheets()
        if gives(sheet, terminology) and _can_be_read_back(sheet)
    ]


def gives(sheet: Sheet, terminology: str) -> bool:
    """Whether rows of this sheet become concepts of the terminology."""
    return bool(sheet.terminology) and can_be(sheet.terminology, terminology)


def can_be(given: str | TerminologyBy, terminology: str) -> bool:
    """Whether codes that are declared so may be of this terminology."""
    if isinstance(given, str):
        return given.casefold() == terminology.casefold()
    if terminology in given.known or given.default == terminology:
        return True
    return not given.closed and bool(given.prefix) and terminology.startswith(given.prefix)


def gives_map(pairs: Pairs, terminology: str) -> bool:
    """Whether these pairs are, or may be, pairs of the map."""
    source, _, target = terminology.partition("→")
    return can_be(pairs.source, source) and can_be(pairs.target, target)


def own_columns(sheet: Sheet) -> list[Column]:
    """The columns that say something of the sheet's own concepts, not of other lists or of maps."""
    own = {*CONCEPT_PARTS, *sheet.properties, *_telling(sheet)}
    return [column for column in fields_once(sheet) if column.field in own]


def fields_once(sheet: Sheet) -> list[Column]:
    """The sheet's columns, those left out that another one stands for: a field can be filled from one column only."""
    first: dict[str, Column] = {}
    for column in sheet.columns:
        first.setdefault(column.field, column)
    return list(first.values())


def heading_of(sheet: Sheet, column: Column) -> str:
    """The first of the column's spellings that no other column of the sheet claims."""
    for text in column.spellings:
        if sheet.by_key.get(heading_key(text)) is column:
            return text
    return column.heading


def kind_of(type_: Field) -> str:
    if isinstance(type_, Code):
        return "codes" if type_.many else "code"
    if isinstance(type_, Choice):
        return "choice"
    return "number" if isinstance(type_, Decimal) else "text"


def choices_of(type_: Field) -> dict[str, str]:
    """Kept value → the first of its spellings that is read as this value."""
    if not isinstance(type_, Choice):
        return {}
    claimed: dict[str, str] = {}
    for value, spellings in type_.values.items():
        claimed.update(dict.fromkeys(map(choice_key, spellings.split("|")), value))
    claimed.update({choice_key(value): value for value in type_.values})
    return {
        value: next((text for text in spellings.split("|") if claimed[choice_key(text)] == value), value)
        for value, spellings in type_.values.items()
    }


def sheet_title(sheet: Sheet, terminology: str) -> str:
    """A name by which the sheet is told from its sisters, where their names have to tell them apart."""
    if isinstance(sheet.terminology, TerminologyBy):
        return terminology
    if sheet.named:
        return f"{sheet.named.split('|')[0]} {terminology}"
    return f"{terminology} {sheet.part}" if isinstance(sheet.part, str) and sheet.part else terminology


def _sheets() -> Iterator[tuple[Source, Sheet]]:
    for source in SOURCES.values():
        if source.recognised:
            for sheet in source.sheets:
                yield source, sheet


def _telling(sheet: Sheet) -> set[str]:
    """Fields that say which terminology and part a row belongs to."""
    fields = {sheet.part.field} if isinstance(sheet.part, PartBy) else set()
    if isinstance(sheet.terminology, TerminologyBy) and sheet.terminology.field:
        fields.add(sheet.terminology.field)
    return fields


def _can_be_read_back(sheet: Sheet) -> bool:
    fields = {column.field for column in own_columns(sheet)}
    return all(column.field in fields for column in sheet.columns if column.must_exist)


def _layout(source: Source, sheet: Sheet, terminology: str) -> dict[str, Any]:
    part = sheet.part
    by = sheet.terminology
    names = {by.field: "terminology"} if isinstance(by, TerminologyBy) and by.field else {}
    return {
        "source": source.name,
        "sheet": sheet_title(sheet, terminology),
        "parts": list(sheet.parts()),
        "part_field": part.field if isinstance(part, PartBy) else None,
        "columns": [_column(sheet, column, names) for column in own_columns(sheet)],
    }


def _column(sheet: Sheet, column: Column, names: dict[str, str]) -> dict[str, Any]:
    about: dict[str, Any] = {
        "field": "code" if column.key and sheet.terminology else names.get(column.field, column.field),
        "heading": heading_of(sheet, column),
        "kind": kind_of(column.type),
    }
    if column.key and isinstance(column.type, Code):
        about["pattern"] = column.type.pattern
    choices = choices_of(column.type)
    return about | ({"choices": choices} if choices and column.field not in names else {})


def _map_layout(terminology: str) -> dict[str, Any]:
    """The columns of pairs, and one for each property that declared pairs of this map have."""
    (sheet,) = SOURCES[GENERIC_MAP_NAME].sheets
    by_field = {column.field: column for column in sheet.columns}
    labels: dict[str, str] = {}
    for _, declared in _sheets():
        for pairs in declared.pairs:
            if gives_map(pairs, terminology):
                labels |= {c.field: c.heading for c in declared.columns if c.field in pairs.properties}
    columns = [_column(sheet, by_field[name], {}) for name in _PAIR_FIELDS]
    for name, label in labels.items():
        column = by_field.get(name)
        if column is None:  # a property of its own, under its own name
            columns.append({"field": name, "heading": name, "kind": "text", "label": label})
        else:
            reads_back = sheet.by_key.get(heading_key(label)) is column
            columns.append(_column(sheet, column, {}) | ({"heading": label} if reads_back else {"label": label}))
    return {"source": GENERIC_MAP_NAME, "sheet": terminology, "parts": _parts_of_map(terminology), "part_field": "part",
            "columns": columns}  # fmt: skip


def _parts_of_map(terminology: str) -> list[str]:
    parts: Iterable[str] = (
        part
        for _, sheet in _sheets()
        if any(gives_map(pairs, terminology) for pairs in sheet.pairs)
        for part in sheet.parts()
    )
    return list(dict.fromkeys(["", *parts]))
