"""Workbooks for measuring, made quickly and always the same: an IRC list of any length in the layout of circular 110/40.

    python -m benchmarks.workbooks irc.xlsx --rows 100000
    python -m benchmarks.workbooks irc-next.xlsx --rows 100000 --edition 2     # every row changed, same codes

Codes and names are invented. The XML is written directly, in the form that Excel gives it (shared strings), since
openpyxl alone needs longer than the whole import.
"""

from __future__ import annotations

import argparse
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.sax.saxutils import escape

HEADINGS = (
    "کد IRC", "کد ژنریک", "نام فارسی فرآورده", "نام لاتین فرآورده", "نام ژنریک", "شرکت تامین کننده", "قدرت", "قیمت مصرف کننده",
)  # fmt: skip
_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_FORMS = (("قرص", "TABLET"), ("کپسول", "CAPSULE"), ("شربت", "SYRUP"), ("آمپول", "INJECTION"), ("پماد", "OINTMENT"))
_STEP = 7_919_191_919_191  # prime and far from a power of ten: successive codes share no prefix, none repeats
_GENERICS_OF = 5  # products of one generic


def irc_code(number: int) -> str:
    """The sixteen-digit code of row ``number`` (from 0): distinct below 10**16 rows, never ending in 0."""
    return f"{((number + 1) * _STEP) % 10**15:015d}{number % 9 + 1}"


def irc_rows(count: int, edition: int = 1) -> Iterator[tuple[str, ...]]:
    """Rows in the order of HEADINGS. Another ``edition`` has the same codes and another content in every row."""
    for number in range(count):
        generic = number // _GENERICS_OF
        form_fa, form_en = _FORMS[generic % len(_FORMS)]
        strength = f"{(generic % 40 + 1) * 25} mg"
        yield (
            irc_code(number),
            f"{generic % 90_000 + 10_000:05d}",
            f"{form_fa} آزمون‌دارو {generic} با مقدار {strength} (نوبت {edition})",
            f"TESTDRUG {generic} {strength} {form_en} ORAL BRAND {number % 700}",
            f"TESTDRUG {generic} {form_en} {strength}",
            f"شرکت داروسازی {number % 300}",
            strength,
            str((number * 37 % 9_000 + 100) * 100 + edition),
        )


def write_irc_workbook(path: Path, rows: int, edition: int = 1) -> None:
    """A one-sheet .xlsx with a title row, the headings in row 2 and ``rows`` rows of data."""
    strings: dict[str, int] = {}

    def text(letters: str, row: int, value: str) -> str:
        return f'<c r="{letters}{row}" t="s"><v>{strings.setdefault(value, len(strings))}</v></c>'

    last = len(HEADINGS) - 1
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
        with archive.open(_entry("xl/worksheets/sheet1.xml"), "w", force_zip64=True) as sheet:
            sheet.write(
                f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<worksheet {_MAIN}>'
                f'<sheetViews><sheetView rightToLeft="1" workbookViewId="0"/></sheetViews><sheetData>'
                f'<row r="1">{text("A", 1, "فهرست فرآورده‌های دارویی (دادهٔ ساختگی برای سنجش)")}</row>'
                f'<row r="2">{"".join(text("ABCDEFGH"[i], 2, h) for i, h in enumerate(HEADINGS))}</row>'.encode()
            )
            block: list[str] = []
            for row, values in enumerate(irc_rows(rows, edition), start=3):
                cells = "".join(text("ABCDEFGH"[i], row, value) for i, value in enumerate(values[:last]))
                block.append(f'<row r="{row}">{cells}<c r="H{row}"><v>{values[last]}</v></c></row>')
                if len(block) == 2_000:
                    sheet.write("".join(block).encode())
                    block = []
            sheet.write("".join([*block, "</sheetData></worksheet>"]).encode())
        items = "".join(f"<si><t>{escape(value)}</t></si>" for value in strings)
        parts = {
            "xl/sharedStrings.xml": f'<sst {_MAIN} count="{rows * last}" uniqueCount="{len(strings)}">{items}</sst>',
            "xl/workbook.xml": f'<workbook {_MAIN} xmlns:r="{_RELATIONS}"><sheets>'
            '<sheet name="فهرست" sheetId="1" r:id="rId1"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
            f'<Relationship Id="rId1" Type="{_RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/>'
            f'<Relationship Id="rId2" Type="{_RELATIONS}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
            "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
            f'<Relationship Id="rId1" Type="{_RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
            "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{_SHEET_TYPE}.sheet.main+xml"/>'
            f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_SHEET_TYPE}.worksheet+xml"/>'
            f'<Override PartName="/xl/sharedStrings.xml" ContentType="{_SHEET_TYPE}.sharedStrings+xml"/></Types>',
        }
        for name, content in parts.items():
            archive.writestr(_entry(name), f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n{content}')


def _entry(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, date_time=(2023, 5, 8, 0, 0, 0))  # equal bytes for equal content
    info.compress_type = zipfile.ZIP_DEFLATED
    return info


def main() -> None:
    parser = argparse.ArgumentParser(description="Make an IRC workbook for measuring.")
    parser.add_argument("path", type=Path)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--edition", type=int, default=1, help="another number changes every row")
    given = parser.parse_args()
    write_irc_workbook(given.path, given.rows, given.edition)


if __name__ == "__main__":
    main()
