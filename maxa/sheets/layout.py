"""How an edition looks as a workbook: the columns of its sheets, from the layout in its sealed file.

Files that were sealed before there were layouts, and parts that no declared sheet knows any more, get the columns of the
generic lists.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from maxa.shelf.sealed_file import Manifest

LIST_SEPARATOR = "، "
ACTIVE, RETIRED = "active", "retired"
STATUS = {ACTIVE: "فعال", RETIRED: "غیرفعال"}
RELATIONSHIP = {"equivalent": "برابر", "broader": "عام‌تر", "narrower": "خاص‌تر", "related": "مرتبط"}

# field → Persian and English name, of what every row has; properties are named by their layouts
CONCEPT_FIELDS = {
    "terminology": ("ترمینولوژی", "terminology"), "code": ("کد", "code"), "title_fa": ("عنوان فارسی", "Persian title"),
    "title_en": ("عنوان لاتین", "Latin title"), "status": ("وضعیت", "status"), "part": ("بخش", "part"),
    "parent": ("کد والد", "parent"), "replaced_by": ("کد جایگزین", "replaced by"),
}  # fmt: skip
PAIR_FIELDS = {
    "source_terminology": ("ترمینولوژی مبدأ", "source terminology"), "source": ("کد مبدأ", "source code"),
    "target_terminology": ("ترمینولوژی مقصد", "target terminology"), "target": ("کد مقصد", "target code"),
    "relationship": ("نوع ارتباط", "relationship"), "status": ("وضعیت", "status"), "part": ("بخش", "part"),
}  # fmt: skip
_PAIR_TITLES = {"source_title": ("عنوان مبدأ", "source title"), "target_title": ("عنوان مقصد", "target title")}


@dataclass(frozen=True)
class Column:
    """``kind``: code, codes, text, number or choice; ``choices``: kept value → what a sheet shows for it.

    ``label`` is the name for people where the heading must be another one for an import to read it back.
    """

    field: str
    heading: str
    kind: str = "text"
    choices: Mapping[str, str] = dataclasses.field(default_factory=dict)
    label: str = ""
    pattern: str = ""  # of the rows' own codes, ASCII, whole cell

    @property
    def name(self) -> str:
        return self.label or self.heading

    def shown(self, value: Any) -> Any:
        """What the cell shows for a kept value."""
        if isinstance(value, list):
            return LIST_SEPARATOR.join(map(str, value))
        if self.choices and isinstance(value, str):
            return self.choices.get(value, value)
        return value


@dataclass(frozen=True)
class Layout:
    """One sheet of one source. ``parts``: whose rows it holds; ``part_field``: the column that tells them apart."""

    source: str
    sheet: str
    parts: tuple[str, ...]
    part_field: str | None
    columns: tuple[Column, ...]

    def takes(self, codes: Iterable[str]) -> bool:
        """Whether an import takes all these codes in this sheet."""
        pattern = next((column.pattern for column in self.columns if column.pattern), "")
        return not pattern or all(map(re.compile(pattern, re.ASCII).fullmatch, codes))

    @property
    def fields(self) -> frozenset[str]:
        return frozenset(column.field for column in self.columns)


def layouts(manifest: Manifest) -> list[Layout]:
    """The sheets that the edition was declared with; none for files sealed before there were layouts."""
    return [
        Layout(
            source=given["source"],
            sheet=given["sheet"],
            parts=tuple(given["parts"]),
            part_field=given.get("part_field"),
            columns=tuple(
                Column(
                    c["field"],
                    c["heading"],
                    c.get("kind", "text"),
                    c.get("choices") or {},
                    c.get("label") or "",
                    c.get("pattern") or "",
                )
                for c in given["columns"]
            ),
        )
        for given in manifest.layout
    ]


def generic_layout(manifest: Manifest, parts: Iterable[str]) -> Layout:
    """The columns of the generic lists (importers/generic.py), which name their terminologies in each row."""
    is_map = manifest.kind == "map"
    parts = tuple(parts)
    named = PAIR_FIELDS if is_map else CONCEPT_FIELDS
    kinds = {"code": "code", "parent": "code", "replaced_by": "code", "source": "code", "target": "code"}
    choices = {"status": STATUS, "relationship": RELATIONSHIP}
    columns = tuple(
        Column(name, fa, "choice" if name in choices else kinds.get(name, "text"), choices.get(name, {}))
        for name, (fa, _) in named.items()
        if name != "part" or any(parts)
    )
    source = "generic-map" if is_map else "generic"
    return Layout(source, manifest.terminology, parts, "part" if any(parts) else None, columns)


def with_more(layout: Layout, fields: Iterable[str]) -> Layout:
    """The layout and a column for each field that the edition fills and the layout lacks, named as the field is."""
    named = CONCEPT_FIELDS if "code" in layout.fields else PAIR_FIELDS | _PAIR_TITLES
    more = []
    for name in fields:
        if name not in layout.fields:
            more.append(Column(name, named[name][0] if name in named else name))
    return Layout(layout.source, layout.sheet, layout.parts, layout.part_field, (*layout.columns, *more))


def labels(manifest: Manifest, language: str = "fa") -> dict[str, str]:
    """Names of fields for people, keyed as :mod:`maxa.diff` names them: ``title_fa``, ``properties.unit``.

    Headings are Persian; in English a property goes by its field's own name.
    """
    at = 0 if language == "fa" else 1
    common = PAIR_FIELDS if manifest.kind == "map" else CONCEPT_FIELDS
    found = {name: texts[at] for name, texts in common.items()}
    if manifest.kind == "map":
        found |= {f"properties.{name}": texts[at] for name, texts in _PAIR_TITLES.items()}
    if language == "fa":
        for layout in layouts(manifest):
            for column in layout.columns:
                name = "part" if column.field == layout.part_field else column.field
                if name not in common:
                    found.setdefault(f"properties.{name}", column.name)
    return found


Row = Mapping[str, Any]


def cells_of(layout: Layout) -> Callable[[Row], list[Any]]:
    """A function from a row (:mod:`maxa.sheets.rows`) to the cells of the layout's columns."""
    plan = [(column, _key(column, layout)) for column in layout.columns]

    def cells(row: Row) -> list[Any]:
        given: list[Any] = []
        for column, key in plan:
            value = row.get(key)
            if value is None and column.kind == "number":
                value = row.get(f"{key}_text")  # words that stood in place of the number
            if value is not None and (column.choices or value.__class__ is list):
                value = column.shown(value)
            given.append(value)
        return given

    return cells


def _key(column: Column, layout: Layout) -> str:
    return "part" if column.field == layout.part_field else column.field
