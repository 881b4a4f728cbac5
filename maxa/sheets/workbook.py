"""Write a right-to-left .xlsx as a stream: rows come and bytes go, whatever the length of the list.

openpyxl's own streaming mode takes four times as long (100,000 concepts, measured) and turns ``=…`` into a formula unless each
cell is an object; here a text is a text. Equal rows give equal bytes.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import IO, Any, Protocol, cast
from xml.sax.saxutils import quoteattr

from maxa.sheets.plain_text import cut, xml_text

LAST_ROW = 1_048_576
MOST_SHEET_NAME = 31
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_ROWS_A_BLOCK = 500


class Style(IntEnum):
    """Cell formats of styles.xml, in its order."""

    GENERAL = 0
    TEXT = 1  # number format "text", so that a code typed into the cell later stays as typed; and quotePrefix
    HEADING = 2
    TITLE = 3
    WRAPPED = 4
    NUMBER = 5
    ADDED = 6
    CHANGED = 7
    RETIRED = 8
    RESTORED = 9
    LINK = 10
    NOTE = 11


Value = str | int | float | bool | None
Cell = Value | tuple[Value, Style]


class Sink(Protocol):
    def write(self, data: bytes, /) -> Any: ...


def column_letters(number: int) -> str:
    """1 → ``A``, 28 → ``AB``."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def sheet_name(wanted: str, taken: Iterable[str] = ()) -> str:
    """A name that Excel accepts and no other sheet has: at most 31 characters, none of ``[]:*?/\\``, no edge quotes."""
    plain = _NOT_IN_NAMES.sub("-", wanted).strip().strip("'") or "برگه"
    lower = {name.casefold() for name in taken}
    name, number = plain[:MOST_SHEET_NAME].rstrip(), 1
    while name.casefold() in lower:
        number += 1
        ending = f" ({number})"
        name = plain[: MOST_SHEET_NAME - len(ending)].rstrip() + ending
    return name


def reference_to(name: str, cell: str) -> str:
    """A place in a workbook, as links and formulas write it."""
    return "'" + name.replace("'", "''") + f"'!{cell}"


@dataclass(frozen=True)
class Column:
    """``width`` in characters. ``style`` is that of the column's empty cells too."""

    width: float = 14
    style: Style = Style.TEXT


@dataclass
class SheetXml:
    """One worksheet, written to ``sink`` row by row. ``header``: rows that stay in sight and carry the filter."""

    sink: Sink
    columns: Sequence[Column]
    header: int = 1
    rows: int = 0
    links: list[tuple[str, str, str]] = field(default_factory=list)  # cell, location, tooltip
    _letters: list[str] = field(init=False)
    _block: list[str] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self._letters = [column_letters(number) for number in range(1, len(self.columns) + 1)]
        pane = (
            f'<pane ySplit="{self.header}" topLeftCell="A{self.header + 1}" activePane="bottomLeft" state="frozen"/>'
            if self.header
            else ""
        )
        widths = "".join(
            f'<col min="{n}" max="{n}" width="{column.width:g}" style="{int(column.style)}" customWidth="1"/>'
            for n, column in enumerate(self.columns, start=1)
        )
        self._write(
            f'{_DECLARATION}<worksheet xmlns="{_MAIN}" xmlns:r="{_RELATIONS}"><sheetViews>'
            f'<sheetView rightToLeft="1" workbookViewId="0">{pane}</sheetView></sheetViews>'
            f"{f'<cols>{widths}</cols>' if widths else ''}<sheetData>"
        )

    def _write(self, text: str) -> None:
        self.sink.write(text.encode())

    def add(self, cells: Iterable[Cell], style: Style | None = None) -> int:
        """Write a row; a cell is a value, or a value with its style. Without one it takes ``style``, or its column's.

        Gives the number of the row. A text that no cell can hold is cut, with an ellipsis.
        """
        self.rows = number = self.rows + 1
        row = [f'<row r="{number}">']
        for letters, column, cell in zip(self._letters, self.columns, cells, strict=False):
            value, given = cell if isinstance(cell, tuple) else (cell, style)
            if value is None or value == "":
                continue
            own = int(column.style if given is None else given)
            if isinstance(value, str):
                text = cut(value)
                space = ' xml:space="preserve"' if text[0].isspace() or text[-1].isspace() else ""
                row.append(
                    f'<c r="{letters}{number}" s="{own}" t="inlineStr"><is><t{space}>{xml_text(text)}</t></is></c>'
                )
            elif isinstance(value, bool):
                row.append(f'<c r="{letters}{number}" s="{own}" t="b"><v>{int(value)}</v></c>')
            else:
                plain = int(Style.NUMBER) if own == Style.TEXT else own  # a number in a cell of text can't be added up
                row.append(f'<c r="{letters}{number}" s="{plain}"><v>{value!r}</v></c>')
        row.append("</row>")
        self._block.append("".join(row))
        if len(self._block) >= _ROWS_A_BLOCK:
            self._flush()
        return number

    def link(self, cell: str, location: str, tooltip: str = "") -> None:
        """Make a cell lead to a place in this workbook (:func:`reference_to`)."""
        self.links.append((cell, location, tooltip))

    def _flush(self) -> None:
        self._write("".join(self._block))
        self._block.clear()

    def end(self) -> None:
        self._flush()
        self._write("</sheetData>")
        if self.header and self.rows > self.header:
            self._write(f'<autoFilter ref="A{self.header}:{self._letters[-1]}{self.rows}"/>')
        if self.links:
            links = "".join(
                f'<hyperlink ref="{cell}" location={quoteattr(location)} tooltip={quoteattr(tooltip)}/>'
                for cell, location, tooltip in self.links
            )
            self._write(f"<hyperlinks>{links}</hyperlinks>")
        self._write("</worksheet>")


class Pipe:
    """A write-only stream that cannot be sought, whose bytes are taken out at the other end."""

    def __init__(self) -> None:
        self._chunks: list[bytes] = []
        self.size = 0

    def write(self, data: bytes) -> int:
        self._chunks.append(bytes(data))
        self.size += len(data)
        return len(data)

    def flush(self) -> None:
        return None

    def take(self) -> bytes:
        """What was written since the last time."""
        taken = b"".join(self._chunks)
        self._chunks.clear()
        self.size = 0
        return taken


class BookWriter:
    """A workbook, sheet after sheet. Call :meth:`close` at the end: the list of sheets comes last.

    ``large``: sheets may unpack to more than 2 GB.
    """

    def __init__(self, stream: IO[bytes] | Pipe, *, large: bool = False) -> None:
        self._archive = zipfile.ZipFile(cast("IO[bytes]", stream), "w", zipfile.ZIP_DEFLATED, compresslevel=4)
        self._large = large
        self.names: list[str] = []

    def open_sheet(self, name: str) -> tuple[str, IO[bytes]]:
        """The name that the sheet gets, and where its XML goes; to be closed before the next one is opened."""
        own = sheet_name(name, self.names)
        self.names.append(own)
        entry = _entry(f"xl/worksheets/sheet{len(self.names)}.xml")
        return own, self._archive.open(entry, "w", force_zip64=self._large)

    def close(self) -> None:
        for name, content in _frame(self.names).items():
            self._archive.writestr(_entry(name), _DECLARATION + content, compresslevel=4)
        self._archive.close()


def _entry(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
    info.compress_type = zipfile.ZIP_DEFLATED
    info._compresslevel = 4  # type: ignore[attr-defined]  # ZipFile's own level holds for names alone
    info.external_attr = 0o644 << 16
    return info


def _frame(names: Sequence[str]) -> Mapping[str, str]:
    """All parts of the package but the sheets."""
    numbers = range(1, len(names) + 1)
    sheets = "".join(
        f'<sheet name={quoteattr(xml_attribute(name))} sheetId="{n}" r:id="rId{n}"/>'
        for n, name in zip(numbers, names, strict=True)
    )
    targets = "".join(
        f'<Relationship Id="rId{n}" Type="{_RELATIONS}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n in numbers
    )
    styles = f'<Relationship Id="rId{len(names) + 1}" Type="{_RELATIONS}/styles" Target="styles.xml"/>'
    return {
        "xl/styles.xml": _styles(),
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}"><bookViews><workbookView/></bookViews>'
        f"<sheets>{sheets}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">{targets}{styles}</Relationships>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>'
        + "".join(
            f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{_TYPE}.worksheet+xml"/>' for n in numbers
        )
        + "</Types>",
    }  # fmt: skip


def xml_attribute(text: str) -> str:
    """Text that may stand in an attribute (control characters may not)."""
    return "".join(character for character in text if character >= " " or character == "\t")


_FILLS = ("FFDCE6F1", "FFE2EFDA", "FFFFF2CC", "FFF8CBAD", "FFDDEBF7")  # heading, added, changed, retired, restored


def _styles() -> str:
    fonts = (
        '<font><sz val="11"/><name val="Tahoma"/></font><font><b/><sz val="11"/><name val="Tahoma"/></font>'
        '<font><b/><sz val="14"/><name val="Tahoma"/></font>'
        '<font><u/><sz val="11"/><color rgb="FF0563C1"/><name val="Tahoma"/></font>'
        '<font><i/><sz val="10"/><color rgb="FF595959"/><name val="Tahoma"/></font>'
    )
    fills = '<fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>' + "".join(
        f'<fill><patternFill patternType="solid"><fgColor rgb="{colour}"/></patternFill></fill>' for colour in _FILLS
    )
    wrap = '<alignment vertical="top" wrapText="1" readingOrder="0"/>'

    def xf(style: Style, *, numbers: int = 49, font: int = 0, fill: int = 0, inner: str = "", more: str = "") -> str:
        return f'<xf numFmtId="{numbers}" fontId="{font}" fillId="{fill}" borderId="0" xfId="0" {more}applyNumberFormat="1" applyFont="1" applyFill="1" applyAlignment="1">{inner}</xf>'  # noqa: E501

    formats = {
        Style.GENERAL: '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>',
        Style.TEXT: xf(Style.TEXT, more='quotePrefix="1" '),
        Style.HEADING: xf(Style.HEADING, font=1, fill=2, inner=wrap),
        Style.TITLE: xf(Style.TITLE, font=2),
        Style.WRAPPED: xf(Style.WRAPPED, inner=wrap),
        Style.NUMBER: xf(Style.NUMBER, numbers=0),
        Style.ADDED: xf(Style.ADDED, fill=3, inner=wrap),
        Style.CHANGED: xf(Style.CHANGED, fill=4, inner=wrap),
        Style.RETIRED: xf(Style.RETIRED, fill=5, inner=wrap),
        Style.RESTORED: xf(Style.RESTORED, fill=6, inner=wrap),
        Style.LINK: xf(Style.LINK, font=3),
        Style.NOTE: xf(Style.NOTE, font=4, inner=wrap),
    }
    cells = "".join(formats[style] for style in Style)
    return (
        f'<styleSheet xmlns="{_MAIN}"><fonts count="5">{fonts}</fonts><fills count="{2 + len(_FILLS)}">{fills}</fills>'
        '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
        f'<cellXfs count="{len(formats)}">{cells}</cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
    )


def blocks(pipe: Pipe, steps: Iterable[None], *, at_least: int = 1 << 16) -> Iterator[bytes]:
    """Run ``steps`` and hand on what they wrote, in blocks."""
    for _ in steps:
        if pipe.size >= at_least:
            yield pipe.take()
    if pipe.size:
        yield pipe.take()
