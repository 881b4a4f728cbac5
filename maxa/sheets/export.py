"""Any edition as csv, json or xlsx, streamed from its sealed file: the same on a mirror as at the centre.

An export holds everything that the edition holds, retired codes and their successors too. Imported again as a full list
it changes nothing (tests/sheets/test_export_import.py); the one import for each sheet's source, where a terminology is
kept by several lists.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import orjson

from maxa.errors import BadParameter, NotFound
from maxa.sheets.layout import Column, Layout, cells_of, generic_layout, layouts, with_more
from maxa.sheets.plain_text import LONGEST_CELL, csv_line, csv_text
from maxa.sheets.rows import Flat, code_with_text_over, codes_of, filled_fields, parts_of, rows_of
from maxa.sheets.workbook import LAST_ROW, BookWriter, Pipe, SheetXml, Style, blocks
from maxa.sheets.workbook import Column as SheetColumn
from maxa.shelf.durable import new_file
from maxa.shelf.release import SealedRelease

KINDS: Final = ("csv", "json", "xlsx")
MEDIA_TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_LARGE = 400_000  # rows, from which a sheet may unpack to more than 2 GB
_BLOCK = 500  # rows written at a time
_BOM = b"\xef\xbb\xbf"
_WIDTHS = {"code": 20, "title_fa": 48, "title_en": 48, "description": 40, "status": 12}


def export_release(release: SealedRelease, kind: str, *, part: str | None = None) -> Iterator[bytes]:
    """The edition in blocks of bytes. ``part``: of this part alone.

    Raises, before the first block, BadParameter (format) for another kind, and for xlsx when a text is longer than a cell
    can hold; NotFound for a part that the edition does not have.
    """
    if kind not in KINDS:
        raise BadParameter(
            f"قالب «{kind[:20]}» شناخته نیست؛ یکی از این‌ها را بدهید: {'، '.join(KINDS)}.",
            f"There is no format {kind[:20]!r}; give one of {', '.join(KINDS)}.",
            "format",
            suggestions=list(KINDS),
        )
    parts = _wanted_parts(release, part)
    if kind == "json":
        return _json(release, parts)
    sheets = sheets_of(release, parts)
    if kind == "csv":
        return _csv(release, sheets)
    code = code_with_text_over(release, LONGEST_CELL)
    if code is not None:
        raise _too_long(code)
    return _xlsx(release, sheets)


def export_to(release: SealedRelease, kind: str, path: Path, *, part: str | None = None) -> int:
    """Write the export to a file, which is there whole or not at all. Gives its size."""
    size = 0
    chunks = export_release(release, kind, part=part)
    with new_file(path.absolute()) as temporary, temporary.open("wb") as file:
        for chunk in chunks:
            size += file.write(chunk)
    return size


def file_name(release: SealedRelease, kind: str) -> str:
    """A name for the download, in ASCII: ``LNC--RVU3-1402-02-18.xlsx``."""
    return f"{release.edition.file.rpartition('.')[0].replace('/', '-')}.{kind}"


def sheets_of(release: SealedRelease, parts: Sequence[str]) -> list[Layout]:
    """The sheets that these parts go to, each with its own parts and with columns for all that they hold.

    A part goes to the declared sheet that has the most columns of what the part is filled with; one that no sheet
    declares, or with codes of another shape, to a sheet of the generic list.
    """
    declared = layouts(release.manifest)
    filled = {part: filled_fields(release, part) for part in parts}
    chosen: dict[int, list[str]] = {}
    others: list[str] = []
    for part in parts:
        fitting = [
            at for at, layout in enumerate(declared) if part in layout.parts and layout.takes(codes_of(release, part))
        ]
        if fitting:
            best = max(fitting, key=lambda at: (len(declared[at].fields & set(filled[part])), -at))
            chosen.setdefault(best, []).append(part)
        else:
            others.append(part)
    sheets = [
        Layout(declared[at].source, declared[at].sheet, tuple(own), declared[at].part_field, declared[at].columns)
        for at, own in sorted(chosen.items())
    ]
    if others or not sheets:
        sheets.append(generic_layout(release.manifest, others))
    return [with_more(sheet, _missing(sheet, filled)) for sheet in sheets]


def _missing(sheet: Layout, filled: dict[str, list[str]]) -> list[str]:
    """Fields that rows of the sheet's parts fill and it has no column for."""
    wanted = dict.fromkeys(name for part in sheet.parts for name in filled.get(part, ()))
    numbers = {column.field for column in sheet.columns if column.kind == "number"}
    held = sheet.fields | {f"{name}_text" for name in numbers}
    always = () if "source" in sheet.fields else ("status",)
    return [name for name in (*always, *wanted) if name not in held]


def _wanted_parts(release: SealedRelease, part: str | None) -> list[str]:
    parts = parts_of(release)
    if part is None:
        return parts
    if part not in parts:
        known = [one for one in parts if one]
        raise NotFound(
            f"این ویرایش بخشی به نام «{part[:60]}» ندارد" + (f"؛ بخش‌هایش: {'، '.join(known)}." if known else "."),
            f"This edition has no part {part[:60]!r}" + (f"; it has {', '.join(known)}." if known else "."),
            "part",
            suggestions=known,
        )
    return [part]


# --- csv -------------------------------------------------------------------------------------------------------------


def _csv(release: SealedRelease, sheets: Sequence[Layout]) -> Iterator[bytes]:
    """One table. Where the terminology has several sheets, their columns are put together by field."""
    layout = sheets[0] if len(sheets) == 1 else _joined(sheets)
    cells = cells_of(layout)
    yield _BOM + csv_line([column.heading for column in layout.columns]).encode()
    lines: list[str] = []
    for row in rows_of(release, layout.parts):
        lines.append(",".join(map(_field, cells(row))))
        if len(lines) >= _BLOCK:
            yield ("\r\n".join(lines) + "\r\n").encode("utf-8", errors="replace")
            lines.clear()
    if lines:
        yield ("\r\n".join(lines) + "\r\n").encode("utf-8", errors="replace")


def _field(value: Any) -> str:
    if value is None:
        return ""
    if value.__class__ is str:
        return csv_text(value)
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return repr(value) if isinstance(value, int | float) else csv_text(str(value))


def _joined(sheets: Sequence[Layout]) -> Layout:
    parts = tuple(part for sheet in sheets for part in sheet.parts)
    columns: dict[str, Column] = {}
    for sheet in sheets:
        for column in sheet.columns:
            name = "part" if column.field == sheet.part_field else column.field
            known = columns.get(name)
            if known is None:
                columns[name] = Column(name, column.heading, column.kind, column.choices, column.label)
            elif column.choices:
                columns[name] = Column(
                    name, known.heading, known.kind, {**column.choices, **known.choices}, known.label
                )
    if "part" not in columns:
        columns["part"] = Column("part", "بخش")
    return Layout(sheets[0].source, sheets[0].sheet, parts, "part", tuple(columns.values()))


# --- json ------------------------------------------------------------------------------------------------------------


def _json(release: SealedRelease, parts: Sequence[str]) -> Iterator[bytes]:
    """One object: what the edition is, then ``concepts`` or ``pairs``, one a line."""
    manifest = asdict(release.manifest)
    is_map = manifest["kind"] == "map"
    about = {name: manifest[name] for name in (
        "kind", "terminology", "version", "title_fa", "title_en", "source", "target", "circular_number",
        "circular_date", "in_force", "active_count", "retired_count", "digest",
    ) if is_map or name not in ("source", "target")}  # fmt: skip
    yield orjson.dumps(about)[:-1] + (b',"pairs":[' if is_map else b',"concepts":[')
    named = _PAIR_NAMES if is_map else _CONCEPT_NAMES
    lines: list[bytes] = []
    start = b"\n"
    for row in rows_of(release, parts):
        lines.append(orjson.dumps(_object(row, named)))
        if len(lines) >= _BLOCK:
            yield start + b",\n".join(lines)
            start = b",\n"
            lines.clear()
    yield (start + b",\n".join(lines) if lines else b"") + b"\n]}\n"


_CONCEPT_NAMES = ("code", "title_fa", "title_en", "status", "part", "parent", "replaced_by")
_PAIR_NAMES = ("source", "target", "relationship", "status", "part")
_ENDS = ("terminology", "source_terminology", "target_terminology")


def _object(row: Flat, named: tuple[str, ...]) -> dict[str, Any]:
    known = {name: row.pop(name) for name in named}
    for name in _ENDS:
        row.pop(name, None)
    return {**known, "properties": row}


# --- xlsx ------------------------------------------------------------------------------------------------------------


def _xlsx(release: SealedRelease, sheets: Sequence[Layout]) -> Iterator[bytes]:
    pipe = Pipe()
    yield from blocks(pipe, _write_sheets(release, sheets, pipe))


def _write_sheets(release: SealedRelease, sheets: Sequence[Layout], pipe: Pipe) -> Iterator[None]:
    """Writes on; each step is a moment to take what was written."""
    manifest = release.manifest
    book = BookWriter(pipe, large=manifest.active_count + manifest.retired_count > _LARGE)
    for layout in sheets:
        rows = rows_of(release, layout.parts)
        while (yield from _write_sheet(book, layout, rows)):
            pass  # Excel's rows were all used: the list goes on in another sheet with the same headings
    book.close()
    yield


def _write_sheet(book: BookWriter, layout: Layout, rows: Iterator[Flat]) -> Generator[None, None, bool]:
    """Gives whether rows may be left."""
    cells = cells_of(layout)
    _, file = book.open_sheet(layout.sheet)
    with file:
        sheet = SheetXml(file, [_sheet_column(column) for column in layout.columns])
        sheet.add((column.heading for column in layout.columns), Style.HEADING)
        for row in rows:
            sheet.add(cells(row))
            if not sheet.rows % _BLOCK:
                yield
            if sheet.rows == LAST_ROW:
                break
        sheet.end()
    return sheet.rows == LAST_ROW


def _sheet_column(column: Column) -> SheetColumn:
    width = _WIDTHS.get(column.field, max(14, min(32, len(column.heading) + 4)))
    return SheetColumn(width, Style.NUMBER if column.kind == "number" else Style.TEXT)


def _too_long(code: str) -> BadParameter:
    return BadParameter(
        f"متنی از کد {code} بیش از {LONGEST_CELL} نویسه دارد که در خانهٔ اکسل جا نمی‌شود؛ csv یا json بگیرید.",
        f"A text of {code} has more than {LONGEST_CELL} characters, which no cell of Excel holds: take csv or json.",
        "format",
    )
