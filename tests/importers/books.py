"""Workbooks for the tests, of every format and as broken as needed, and a short way to read them."""

from __future__ import annotations

import csv
import io
import struct
import zipfile
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xlwt
from openpyxl import Workbook

from importers.reading import read_workbook
from importers.rows import ConceptRow, Extract, Finding, MapRow, read_concepts, read_pairs

SPREADSHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"

LAB_HEADINGS = ["کد LOINC", "نام فارسی آزمایش", "نام لاتین آزمایش", "کد پنل", "کد RVU", "ارزش RVU"]
LAB_ROWS = [
    ["718-7", "هموگلوبین", "Hemoglobin", "58410-2", "800105", 0.5],
    ["4544-3", "هماتوکریت", "Hematocrit", "58410-2", "800110", 0.4],
    ["58410-2", "شمارش کامل خون", "CBC panel", None, "800115", 1.2],
]
DRUG_HEADINGS = ["کد IRC", "کد ژنریک", "نام فارسی", "نام لاتین", "نام ژنریک", "قیمت"]
DRUG_ROWS = [
    ["0579693345955352", "01277", "وازوپرسین آلفا", "VASOPRESSIN A", "VASOPRESSIN 20 [iU]", 362_120],
    ["7210201495605784", "01277", "وازوپرسین بتا", "VASOPRESSIN B", "VASOPRESSIN 20 [iU]", "370,000"],
    [
        "9275740779753128",
        "60000",
        "استامینوفن کافئین",
        "ACETAMINOPHEN CAFFEINE",
        "ACETAMINOPHEN / CAFFEINE / ASA",
        None,
    ],
]
RVU_HEADINGS = ["کد", "ویژگی", "شرح کد", "ارزش حرفه‌ای", "ارزش فنی", "ارزش کل"]
RVU_ROWS = [
    ["801515", "#", "اندازه‌گیری کمّی ۱و۲۵-هیدروکسی ویتامین D", 0.5, 1.5, 2],
    ["901792", "#*", "زالودرمانی", 1, 1, 2],
    ["90.1", None, "تعدیل‌گر", None, None, None],
]


@dataclass
class Read:
    """What reading gave, with the spooled rows at hand."""

    extract: Extract

    @property
    def findings(self) -> list[Finding]:
        return self.extract.findings

    @property
    def rules(self) -> list[str]:
        return [finding.rule for finding in self.findings]

    def of_rule(self, rule: str) -> list[Finding]:
        return [finding for finding in self.findings if finding.rule == rule]

    def concepts(self, terminology: str, part: str | None = None) -> list[ConceptRow]:
        return [
            row
            for table in self.extract.tables
            if table.kind == "concept" and table.terminology == terminology and part in (None, table.part)
            for row in read_concepts(table.path)
        ]

    def codes(self, terminology: str, part: str | None = None) -> list[str]:
        return [row.code for row in self.concepts(terminology, part)]

    def concept(self, terminology: str, code: str) -> ConceptRow:
        (found,) = [row for row in self.concepts(terminology) if row.code == code]
        return found

    def pairs(self, terminology: str) -> list[MapRow]:
        return [
            row
            for table in self.extract.tables
            if table.kind == "map" and table.terminology == terminology
            for row in read_pairs(table.path)
        ]

    def balance(self) -> list[tuple[int, int]]:
        """For each sheet: rows present, and rows accounted for as read, passed over, or named in an error."""
        wrong: dict[str, set[int]] = {}
        for finding in self.findings:
            if finding.severity == "error" and finding.row is not None:
                wrong.setdefault(finding.sheet or "", set()).add(finding.row)
        return [
            (sheet.rows_present, sheet.rows_read + sum(sheet.passed_over.values()) + len(wrong.get(sheet.name, ())))
            for sheet in self.extract.sheets
        ]


def read(path: Path, source: str | None = None) -> Read:
    """Read in this process; what the child adds is tested in test_extraction.py."""
    folder = path.parent / f"spool-{path.name}"
    folder.mkdir(exist_ok=True)
    return Read(read_workbook(path, source=source, workdir=folder))


def save_xlsx(path: Path, sheets: Mapping[str, Sequence[Sequence[Any]]]) -> Path:
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    book.save(path)
    return path


def lab_book(path: Path, rows: Iterable[Sequence[Any]] = LAB_ROWS, headings: Sequence[Any] = LAB_HEADINGS) -> Path:
    return save_xlsx(path, {"آزمایش": [headings, *rows]})


def drug_book(path: Path, rows: Iterable[Sequence[Any]] = DRUG_ROWS, headings: Sequence[Any] = DRUG_HEADINGS) -> Path:
    return save_xlsx(path, {"داروها": [headings, *rows]})


def rvu_book(path: Path, rows: Iterable[Sequence[Any]] = RVU_ROWS, headings: Sequence[Any] = RVU_HEADINGS) -> Path:
    return save_xlsx(path, {"ارزش نسبی": [headings, *rows]})


def raw_xlsx(
    path: Path,
    sheet: str | bytes,
    *,
    strings: str | bytes | None = None,
    formats: Sequence[str] = (),
    workbook: str | None = None,
    state: str = "visible",
    more: Mapping[str, bytes] | None = None,
) -> Path:
    """A workbook of one worksheet whose XML is given. Style n+1 has ``formats[n]`` as its number format."""
    parts: dict[str, bytes] = {
        "[Content_Types].xml": (
            f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>'
        ).encode(),
        "_rels/.rels": _relationships({"rId1": ("officeDocument", "xl/workbook.xml")}),
        "xl/workbook.xml": (
            workbook
            or f'<workbook xmlns="{SPREADSHEET}" xmlns:r="{RELATIONS}"><sheets>'
            f'<sheet name="برگه" sheetId="1" state="{state}" r:id="rId1"/></sheets></workbook>'
        ).encode(),
        "xl/_rels/workbook.xml.rels": _relationships(
            {
                "rId1": ("worksheet", "worksheets/sheet1.xml"),
                "rId2": ("sharedStrings", "sharedStrings.xml"),
                "rId3": ("styles", "styles.xml"),
            }
        ),
        "xl/worksheets/sheet1.xml": sheet if isinstance(sheet, bytes) else sheet.encode(),
        "xl/styles.xml": (
            f'<styleSheet xmlns="{SPREADSHEET}"><numFmts>'
            + "".join(f'<numFmt numFmtId="{170 + n}" formatCode="{code}"/>' for n, code in enumerate(formats))
            + '</numFmts><cellXfs><xf numFmtId="0"/>'
            + "".join(f'<xf numFmtId="{170 + n}"/>' for n in range(len(formats)))
            + "</cellXfs></styleSheet>"
        ).encode(),
    }
    if strings is not None:
        parts["xl/sharedStrings.xml"] = strings if isinstance(strings, bytes) else strings.encode()
    parts.update(more or {})
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def _relationships(targets: Mapping[str, tuple[str, str]]) -> bytes:
    items = "".join(
        f'<Relationship Id="{key}" Type="{RELATIONS}/{kind}" Target="{target}"/>'
        for key, (kind, target) in targets.items()
    )
    return f'<Relationships xmlns="{PACKAGE}/relationships">{items}</Relationships>'.encode()


def worksheet(rows: str, before: str = "", after: str = "") -> str:
    return f'<worksheet xmlns="{SPREADSHEET}">{before}<sheetData>{rows}</sheetData>{after}</worksheet>'


def xml_row(number: int, cells: Mapping[str, str], attributes: str = "") -> str:
    """Cells by letters, each the whole XML of ``<c>`` but its reference: ``t="s"><v>0</v>``."""
    inner = "".join(f'<c r="{letters}{number}" {cell}</c>' for letters, cell in cells.items())
    return f'<row r="{number}"{attributes}>{inner}</row>'


def text_cell(text: str) -> str:
    return f't="inlineStr"><is><t>{text}</t></is>'


def text_row(number: int, texts: Sequence[str], attributes: str = "") -> str:
    return xml_row(number, {"ABCDEFGHIJ"[at]: text_cell(text) for at, text in enumerate(texts)}, attributes)


def save_xls(path: Path, sheets: Mapping[str, Sequence[Sequence[Any]]]) -> Path:
    book = xlwt.Workbook(encoding="utf-8")
    for name, rows in sheets.items():
        sheet = book.add_sheet(name)
        for at, row in enumerate(rows):
            for column, value in enumerate(row):
                if value is not None:
                    sheet.write(at, column, value)
    book.save(str(path))
    return path


def save_ods(path: Path, rows: Sequence[Sequence[Any]]) -> Path:
    def cell(value: Any) -> str:
        if value is None:
            return "<table:table-cell/>"
        if isinstance(value, int | float):
            return f'<table:table-cell office:value-type="float" office:value="{value}"><text:p>{value}</text:p></table:table-cell>'
        return f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'

    body = "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in rows)
    namespace = "urn:oasis:names:tc:opendocument:xmlns"
    content = (
        f'<office:document-content xmlns:office="{namespace}:office:1.0" xmlns:table="{namespace}:table:1.0" '
        f'xmlns:text="{namespace}:text:1.0"><office:body><office:spreadsheet><table:table table:name="برگه">{body}'
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    manifest = (
        f'<manifest:manifest xmlns:manifest="{namespace}:manifest:1.0"><manifest:file-entry manifest:full-path="/" '
        'manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/></manifest:manifest>'
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", manifest)
        archive.writestr("content.xml", content)
    return path


def save_xlsb(
    path: Path,
    rows: Sequence[Sequence[Any]],
    *,
    hidden_rows: Collection[int] = (),
    hidden_columns: Collection[int] = (),
    errors: Collection[tuple[int, int]] = (),
) -> Path:
    """The few records of [MS-XLSB] that one sheet of texts and numbers takes. Rows and columns count from 0."""

    def record(kind: int, body: bytes = b"") -> bytes:
        number = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
        size, length = len(body), b""
        while True:
            length += bytes([size & 0x7F | (0x80 if size > 0x7F else 0)])
            size >>= 7
            if not size:
                return number + length + body

    def wide(text: str) -> bytes:
        return struct.pack("<I", len(text)) + text.encode("utf-16-le")

    def cell(row: int, column: int, value: Any) -> bytes:
        place = struct.pack("<II", column, 0)
        if (row, column) in errors:
            return record(3, place + b"\x2a")
        if isinstance(value, int | float):
            return record(5, place + struct.pack("<d", value))
        return record(6, place + wide(value))

    book = record(131) + record(143) + record(156, struct.pack("<II", 0, 1) + wide("rId1") + wide("برگه"))
    book += record(144) + record(132)
    width = max(map(len, rows))
    sheet = record(129) + record(148, struct.pack("<IIII", 0, len(rows) - 1, 0, width - 1))
    if hidden_columns:
        columns = b"".join(record(60, struct.pack("<IIIIH", at, at, 2_560, 0, 1)) for at in hidden_columns)
        sheet += record(390) + columns + record(391)
    sheet += record(145)
    for at, row in enumerate(rows):
        flags = b"\x10" if at in hidden_rows else b"\0"
        sheet += record(0, struct.pack("<IIHB", at, 0, 300, 0) + flags + bytes(5))
        sheet += b"".join(cell(at, column, value) for column, value in enumerate(row) if value is not None)
    sheet += record(146) + record(130)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", f'<Types xmlns="{PACKAGE}/content-types"/>')
        archive.writestr("_rels/.rels", _relationships({"rId1": ("officeDocument", "xl/workbook.bin")}))
        archive.writestr("xl/_rels/workbook.bin.rels", _relationships({"rId1": ("worksheet", "worksheets/sheet1.bin")}))
        archive.writestr("xl/workbook.bin", book)
        archive.writestr("xl/worksheets/sheet1.bin", sheet)
    return path


def rewrite(path: Path, name: str, change: Callable[[str], str]) -> None:
    """Change the text of one part of an archive."""
    with zipfile.ZipFile(path) as old:
        parts = {entry: old.read(entry) for entry in old.namelist()}
    parts[name] = change(parts[name].decode()).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for entry, content in parts.items():
            new.writestr(entry, content)


def save_csv(path: Path, rows: Sequence[Sequence[Any]], *, encoding: str = "utf-8-sig", delimiter: str = ",") -> Path:
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=delimiter).writerows(["" if value is None else value for value in row] for row in rows)
    path.write_bytes(buffer.getvalue().encode(encoding))
    return path


def save_html(path: Path, rows: Sequence[Sequence[Any]]) -> Path:
    body = "".join(
        "<tr>" + "".join(f"<td>{'&nbsp;' if value is None else value}</td>" for value in row) + "</tr>" for row in rows
    )
    path.write_text(
        f"<html><head><meta charset='utf-8'></head><body><table border=1>{body}</table></body></html>", "utf-8"
    )
    return path
