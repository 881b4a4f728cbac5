"""Cells that people might type, for the columns of any declared source, made by hypothesis; and what an import reads
of them, put into sealed releases."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
from hypothesis import strategies as st

from importers.codes import Code
from importers.declare import Column, Sheet, Source
from importers.fields import Choice, Decimal, Field, Marks
from importers.layouts import fields_once, layouts_of
from importers.profile import Profile
from importers.reading import read_workbook
from importers.rows import Extract, read_concepts, read_pairs
from maxa.sheets.workbook import BookWriter, SheetXml, Style
from maxa.sheets.workbook import Column as SheetColumn
from maxa.shelf import Shelf
from maxa.shelf.release import SealedRelease
from tests.shelves import ShelfBuilder, concept, pair

Rows = dict[str, Any]

# Words that sheets hold, and all that has ever broken a spreadsheet: formulas, separators, quotes, half-spaces, escapes.
_TEXTS = st.one_of(
    st.sampled_from([
        "هموگلوبین", "شمارش کامل خون", "می‌شود", "Hemoglobin A1c", "=1+1", "=HYPERLINK(\"http://x\")", "+989", "-cmd|' /C calc'!A0",
        "@SUM(A1)", "a;b;c|d", "\"quoted\"", "'", "12", "۱۲", "0012", "1.50", "_x0041_", "<b>&amp;", "a\nb", "a\r\nb\n\nc",
        "TRUE", "#N/A", "1402/01/01", "total", "توضیح", "کد", "-", "0", "\u200eنشانه", "x\x07y", "🧪", "a  b", "1e5", "%تن",
    ]),
    st.text(alphabet=st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), max_size=30),
)  # fmt: skip

_CODES = [
    *(
        "LNC",
        "thritaEHR.WardType",
        "Test",
        "clinical",
        "blood-bank",
        "718-7",
        "010",
        "4.1",
        "A00.0",
        "=1",
        "+2",
        "-3",
        "x;y",
    ),
    *(f"{letter}{number:03}" for letter in ("", "k", "K-") for number in range(20)),
]


def cells_for(column: Column) -> st.SearchStrategy[Any]:
    """Cells of one column, ``None`` for an empty one."""
    kind = column.type
    if column.key or column.required:
        return _filled(kind)
    return st.one_of(st.none(), _filled(kind))


def _filled(kind: Field) -> st.SearchStrategy[Any]:
    if isinstance(kind, Code):
        if kind.pattern.startswith("(?="):  # hypothesis can't make texts for a look-ahead
            one = st.sampled_from([text for text in _CODES if kind.matches(text)])
        else:
            one = st.from_regex(re.compile(kind.pattern, re.ASCII), fullmatch=True).filter(kind.matches)
        return st.lists(one, min_size=1, max_size=3).map("، ".join) if kind.many else one
    if isinstance(kind, Choice):
        known = st.sampled_from([text for texts in kind.values.values() for text in texts.split("|")])
        return known if kind.decides else st.one_of(known, known, _TEXTS)
    if isinstance(kind, Decimal):
        return st.one_of(
            st.integers(0, 10**9), st.floats(0, 10**6, allow_nan=False), st.sampled_from(["طبق پرونده", "۱/۵", "1,250"])
        )
    if isinstance(kind, Marks):
        return st.one_of(st.sets(st.sampled_from(list(kind.allowed)), min_size=1).map("".join), st.just("#?"))
    return _TEXTS


@st.composite
def tables(draw: st.DrawFn, sheet: Sheet, *, most: int = 6) -> list[list[Any]]:
    """Rows in the order of the sheet's columns, each with a title and with a code of its own."""
    rows = draw(st.lists(st.tuples(*map(cells_for, fields_once(sheet))).map(list), min_size=1, max_size=most))
    at = {column.field: place for place, column in enumerate(fields_once(sheet))}
    titles = [name for name in sheet.any_of if name in at]
    key = at[sheet.key.field]
    unique = {str(row[key]): row for row in rows}
    for row in unique.values():
        if titles and not any(row[at[name]] for name in titles):
            row[at[titles[0]]] = "عنوان"
    return list(unique.values())


def sheet_rows(path: Path, name: str, headings: list[str], rows: list[list[Any]]) -> Path:
    with path.open("wb") as file:
        book = BookWriter(file)
        _, out = book.open_sheet(name)
        with out:
            sheet = SheetXml(out, [SheetColumn() for _ in headings])
            sheet.add(headings, Style.HEADING)
            for row in rows:
                sheet.add(row)
            sheet.end()
        book.close()
    return path


@contextmanager
def fresh_folder(base: Path) -> Iterator[Path]:
    """A new folder for each example that hypothesis tries."""
    import shutil
    import tempfile

    folder = Path(tempfile.mkdtemp(dir=base))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def read_as(path: Path, source: str, profile: Profile | None = None) -> Extract:
    spool = path.parent / f"spool-{path.name}"
    spool.mkdir()
    return read_workbook(path, source=source, workdir=spool, profile=profile)


def content(extract: Extract) -> dict[str, dict[str, dict[str, Any]]]:
    """Terminology → key → all that is published of the row; a map's key is ``source target``."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for table in extract.tables:
        rows = found.setdefault(table.terminology, {})
        if table.kind == "map":
            for p in read_pairs(table.path):
                rows[f"{p.source} {p.target}"] = {
                    "source": p.source, "target": p.target, "relationship": p.relationship, "part": table.part,
                    "status": getattr(p, "status", "active"), "properties": _kept(p.properties),
                }  # fmt: skip
        else:
            for c in read_concepts(table.path):
                rows[c.code] = {
                    "code": c.code, "title_fa": c.title_fa, "title_en": c.title_en, "status": c.status,
                    "parent": c.parent, "replaced_by": c.replaced_by, "part": table.part,
                    "properties": _kept(c.properties),
                }  # fmt: skip
    return found


def _kept(properties: dict[str, Any]) -> dict[str, Any]:
    """As the registry keeps them (maxa/registry/staging.py)."""
    return orjson.loads(
        orjson.dumps({k: v for k, v in properties.items() if v not in (None, "")}, option=orjson.OPT_SORT_KEYS)
    )


def seal(folder: Path, terminology: str, rows: dict[str, dict[str, Any]]) -> SealedRelease:
    """The rows as an edition on a shelf of its own, with the layout that sealing gives it."""
    is_map = "→" in terminology
    sealed = []
    for row in rows.values():
        given = {**row, "active": row["status"] == "active"}
        del given["status"]
        if is_map:
            sealed.append(pair(given.pop("source"), given.pop("target"), given.pop("relationship"), **given))
        else:
            sealed.append(concept(given.pop("code"), given.pop("title_fa"), given.pop("title_en"), **given))
    builder = ShelfBuilder(folder / f"shelf-{abs(hash(terminology))}")
    edition = builder.publish(terminology, sealed, layout=layouts_of(terminology, "map" if is_map else "codes"))
    return Shelf(builder.folder).release(edition)


def first_headings(source: Source, sheet: Sheet) -> list[str]:
    from importers.layouts import heading_of

    return [heading_of(sheet, column) for column in fields_once(sheet)]
