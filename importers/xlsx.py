"""A workbook in .xlsx: its sheets, shared strings and number formats (ECMA-376 part 1, §18)."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from functools import cached_property
from urllib.parse import unquote

from importers.cells import BUILTIN_FORMATS, Merged, RowBatch
from importers.findings import clean
from importers.package import Package
from importers.refusals import broken_input_is_refused
from importers.shared_strings import shared_strings
from importers.sheet_xml import SheetRows, merged_ranges
from importers.xml import elements, local_name, safe_parser
from maxa.errors import BadWorkbook

NOTES_BY = "مکسا"  # author of the notes in templates and marked workbooks (maxa/sheets)
_MOST_NOTES = 100_000
_REFERENCE = re.compile(r"([A-Z]{1,3})(\d{1,7})").fullmatch


class XlsxSheet:
    """One worksheet; its rows are read anew at each call of :meth:`batches`."""

    def __init__(self, book: XlsxBook, name: str, *, hidden: bool, part: str) -> None:
        self._book = book
        self._part = part
        self.name = clean(name)
        self.hidden = hidden
        self.size = book.package.size(part)
        self.hidden_columns: list[tuple[int, int]] = []

    def batches(self) -> Iterator[RowBatch]:
        with self._book.package.open(self._part) as stream:
            rows = SheetRows(stream, self._book.strings, self._book.formats, self._book.struck)
            for batch in rows.batches():
                self.hidden_columns = rows.hidden_columns
                yield batch

    @cached_property
    def notes(self) -> list[tuple[int, str]]:
        """Cells with notes. They are told of and not read: one that is damaged or too large is as good as none."""
        package = self._book.package
        try:
            return _noted_cells(package, _target_of(package, self._part, "/comments", ""))
        except BadWorkbook:
            return []

    @cached_property
    def merged(self) -> list[Merged]:
        with self._book.package.open(self._part) as stream:
            return merged_ranges(stream)


class XlsxBook:
    """``sheets`` in the workbook's order; charts and dialogs are no sheets here."""

    kind = "xlsx"
    tells_all = True

    def __init__(self, package: Package) -> None:
        self.package = package
        self._main = _target_of(package, "", "/officeDocument", "xl/workbook.xml")
        self.sheets = list(self._find_sheets())

    def _find_sheets(self) -> Iterator[XlsxSheet]:
        targets = {
            relation["Id"]: (relation.get("Type", ""), _resolve(self._main, relation.get("Target", "")))
            for relation in _relations(self.package, self._main)
            if "Id" in relation
        }
        for name, attributes in elements(self.package.read(self._main), "workbook.xml"):
            if name != "sheet":
                continue
            kind, part = targets.get(attributes.get("id", ""), ("", ""))
            if not kind.endswith("/worksheet"):
                continue
            hidden = attributes.get("state", "visible") != "visible"
            yield XlsxSheet(self, attributes.get("name", ""), hidden=hidden, part=part)

    @cached_property
    def strings(self) -> list[str]:
        part = _target_of(self.package, self._main, "/sharedStrings", "")
        return list(shared_strings(self.package, part)) if part and part in self.package else []

    @cached_property
    def formats(self) -> dict[str, str]:
        """Style number of a cell, as text → number format code (``""``: general)."""
        part = _target_of(self.package, self._main, "/styles", "")
        if not part or part not in self.package:
            return {}
        own: dict[str, str] = {}
        codes: dict[str, str] = {}
        inside = False
        for name, attributes in elements(self.package.read(part, 64 << 20), "styles.xml"):
            if name == "numFmt" and not inside:
                own[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
            elif name == "cellXfs":
                inside = True
            elif inside and name == "xf":
                number = attributes.get("numFmtId", "0")
                codes[str(len(codes))] = own.get(number) or BUILTIN_FORMATS.get(
                    int(number) if number.isdigit() else 0, ""
                )
            elif name in ("cellStyles", "dxfs"):
                inside = False
        return codes

    @cached_property
    def struck(self) -> frozenset[str]:
        """Style numbers of cells whose font is struck through."""
        part = _target_of(self.package, self._main, "/styles", "")
        if not part or part not in self.package:
            return frozenset()
        fonts: list[bool] = []
        styles: list[str] = []
        inside = ""
        for name, attributes in elements(self.package.read(part, 64 << 20), "styles.xml"):
            if name in ("fonts", "fills", "cellStyleXfs", "cellXfs", "cellStyles", "dxfs"):
                inside = name
            elif inside == "fonts" and name == "font":
                fonts.append(False)
            elif inside == "fonts" and name == "strike" and fonts:
                fonts[-1] = attributes.get("val", "1") not in ("0", "false")
            elif inside == "cellXfs" and name == "xf":
                styles.append(attributes.get("fontId", "0"))
        return frozenset(
            str(at) for at, font in enumerate(styles) if font.isdigit() and int(font) < len(fonts) and fonts[int(font)]
        )


def _noted_cells(package: Package, part: str) -> list[tuple[int, str]]:
    """Cells with a note that a person wrote, as (row, letters), in order; those that this server writes are none."""
    if not part or part not in package:
        return []
    names = [""]
    inside = False
    found: list[tuple[int, str]] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal inside
        inside = local_name(name) == "author"
        if inside:
            names.append("")
        elif local_name(name) == "comment" and (at := _REFERENCE(attributes.get("ref", ""))):
            author = attributes.get("authorId", "")
            whose = names[int(author) + 1] if author.isdigit() and int(author) + 1 < len(names) else ""
            if whose != NOTES_BY and len(found) < _MOST_NOTES:
                found.append((int(at[2]), at[1]))

    def text(content: str) -> None:
        if inside:
            names[-1] += content

    def end(_: str) -> None:
        nonlocal inside
        inside = False

    parser = safe_parser()
    parser.StartElementHandler, parser.CharacterDataHandler, parser.EndElementHandler = start, text, end
    with broken_input_is_refused(part):
        parser.Parse(package.read(part, 64 << 20), True)
    return sorted(found)


def _relations(package: Package, part: str) -> list[dict[str, str]]:
    folder, name = posixpath.split(part)
    relations = posixpath.join(folder, "_rels", f"{name}.rels")
    if relations not in package:
        return []
    return [attributes for tag, attributes in elements(package.read(relations), relations) if tag == "Relationship"]


def _resolve(part: str, target: str) -> str:
    target = unquote(target)
    if target.startswith("/"):
        return target.lstrip("/")
    return posixpath.normpath(posixpath.join(posixpath.dirname(part), target))


def _target_of(package: Package, part: str, kind: str, default: str) -> str:
    """The part that ``part`` (``""``: the package) names as its ``kind``, by the end of the relationship's type."""
    for relation in _relations(package, part):
        if relation.get("Type", "").endswith(kind) and relation.get("TargetMode") != "External":
            return _resolve(part, relation.get("Target", ""))
    return default
