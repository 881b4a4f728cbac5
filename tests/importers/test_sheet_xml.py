"""Rows of .xlsx worksheets: every legal way of writing them gives the same cells, and the two readers agree."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from importers import sheet_xml
from importers.cells import Cell, ErrorValue, Formula, Merged, Number
from importers.sheet_xml import SheetRows, merged_ranges
from importers.workbook import open_workbook
from maxa.errors import BadWorkbook
from tests.importers.books import SPREADSHEET, raw_xlsx, text_cell, worksheet, xml_row

STRINGS = ["نخست", "دوم & سوم", " لبه ", "a\nb"]
FORMATS = {"0": "", "1": "00000", "2": "yyyy-mm-dd"}


def rows_of(xml: str | bytes, chunk: int = 1 << 18) -> dict[int, dict[str, Cell]]:
    content = xml if isinstance(xml, bytes) else xml.encode()
    with mock.patch.object(sheet_xml, "CHUNK", chunk):
        batches = list(SheetRows(io.BytesIO(content), STRINGS, FORMATS).batches())
    return {n: row for batch in batches for n, row in zip(batch.numbers, batch.cells, strict=True)}


CELLS: dict[str, tuple[str, Cell]] = {
    "shared string": ('t="s"><v>1</v>', "دوم & سوم"),
    "inline string": ('t="inlineStr"><is><t>متن</t></is>', "متن"),
    "kept spaces": ('t="inlineStr"><is><t xml:space="preserve"> متن </t></is>', " متن "),
    "rich text": ('t="inlineStr"><is><r><rPr><b/></rPr><t>دو </t></r><r><t>پاره</t></r></is>', "دو پاره"),
    "entities": ('t="inlineStr"><is><t>&lt;5 &amp; &#1662;&#x6AF;&quot;&apos;&gt;</t></is>', "<5 & پگ\"'>"),
    "escaped control character": ('t="inlineStr"><is><t>a_x0007_b</t></is>', "a\x07b"),
    "number": ("><v>1277</v>", Number("1277")),
    "number with a format": ('s="1"><v>1277</v>', Number("1277", "00000")),
    "number with the type named": ('t="n"><v>1.5</v>', Number("1.5")),
    "unknown style": ('s="77"><v>1</v>', Number("1")),
    "truth value": ('t="b"><v>1</v>', True),
    "error": ('t="e"><v>#N/A</v>', ErrorValue("#N/A")),
    "ISO date": ('t="d"><v>2023-05-08</v>', "2023-05-08"),
    "formula with a number": ("><f>A1+1</f><v>3</v>", Formula(Number("3"))),
    "formula with a text": ('t="str"><f>A1&amp;"x"</f><v>x</v>', Formula("x")),
    "formula with an empty text": ('t="str"><f>""</f><v></v>', Formula("")),
    "formula with an error": ('t="e"><f>1/0</f><v>#DIV/0!</v>', Formula(ErrorValue("#DIV/0!"))),
    "formula without a value": ("><f>A1+1</f>", Formula(None)),
    "formula with an empty value": ("><f>A1+1</f><v></v>", Formula(None)),
    "formula with a closed value": ("><f>A1+1</f><v/>", Formula(None)),
    "shared formula": ('><f t="shared" si="0"/><v>9</v>', Formula(Number("9"))),
    "formula with a greater-than sign": ("><f>A1>B1</f><v>1</v>", Formula(Number("1"))),
}


@pytest.mark.parametrize("kind", CELLS)
def test_every_kind_of_cell_is_read(kind: str) -> None:
    xml, expected = CELLS[kind]
    assert rows_of(worksheet(xml_row(5, {"C": xml}))) == {5: {"C": expected}}


@pytest.mark.parametrize("kind", CELLS)
def test_expat_reads_the_same(kind: str) -> None:
    xml, expected = CELLS[kind]
    commented = worksheet("<!-- a comment that no fast reader takes -->" + xml_row(5, {"C": xml}))
    assert rows_of(commented) == {5: {"C": expected}}


EMPTY = ['s="1">', 't="s">', 't="s"><v></v>', 't="inlineStr"><is><t></t></is>', "><v/>"]


@pytest.mark.parametrize("xml", EMPTY)
def test_an_empty_cell_is_no_cell(xml: str) -> None:
    assert rows_of(worksheet(xml_row(5, {"C": xml, "D": "><v>1</v>"}))) == {5: {"D": Number("1")}}


PLAIN = worksheet(xml_row(1, {"A": 't="s"><v>0</v>', "C": "><v>7</v>"}) + xml_row(3, {"B": text_cell("پایان")}))
EXPECTED = {1: {"A": "نخست", "C": Number("7")}, 3: {"B": "پایان"}}
SAME = {
    "as it is": PLAIN,
    "with a declaration": '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n' + PLAIN,
    "single quotes": PLAIN.replace('"', "'"),
    "prefixed": PLAIN.replace("<", "<x:").replace("<x:/", "</x:").replace("xmlns=", "xmlns:x="),
    "strict namespace": PLAIN.replace(SPREADSHEET, "http://purl.oclc.org/ooxml/spreadsheetml/main"),
    "without references": PLAIN.replace(' r="A1"', ""),
    "without row numbers": PLAIN.replace('<row r="1">', "<row>"),
    "attributes in another order": PLAIN.replace('r="A1" t="s"', 't="s" r="A1"'),
    "line breaks between the tags": PLAIN.replace("><", ">\n  <"),
    "more attributes": PLAIN.replace(
        '<row r="1">', '<row r="1" spans="1:3" ht="15" customHeight="1" xmlns:q="u:q" q:dyDescent="0.25">'
    ),
    "a comment": PLAIN.replace("<v>7", "<!-- <v>8</v></row> --><v>7"),
    "CDATA": PLAIN.replace("پایان", "<![CDATA[پایان]]>"),
    "a processing instruction": PLAIN.replace('<row r="3">', '<?x </row> ?><row r="3">'),
    "a greater-than sign in an attribute": PLAIN.replace('<row r="1">', '<row r="1" xmlns:q="u:q" q:a="x>y">'),
    "closed rows between": PLAIN.replace('<row r="3">', '<row r="2"/><row r="3">'),
    "in UTF-16": ('<?xml version="1.0" encoding="UTF-16"?>' + PLAIN).encode("utf-16"),
    "extensions of others": PLAIN.replace(
        "<v>7</v>", '<v>7</v><extLst><ext uri="x"><q:v xmlns:q="u:q">8</q:v></ext></extLst>'
    ),
}


@pytest.mark.parametrize("form", SAME)
@pytest.mark.parametrize("chunk", [1 << 18, 64, 7])
def test_every_legal_form_of_the_xml_gives_the_same_rows(form: str, chunk: int) -> None:
    assert rows_of(SAME[form], chunk) == EXPECTED


def test_a_carriage_return_is_read_as_xml_demands() -> None:
    xml = worksheet(xml_row(1, {"A": text_cell("a\r\nb\rc")}))
    assert rows_of(xml) == rows_of(xml.replace("<sheetData>", "<sheetData><!-- -->")) == {1: {"A": "a\nb\nc"}}


def test_hidden_rows_and_columns_are_known() -> None:
    xml = worksheet(
        xml_row(1, {"A": "><v>1</v>"})
        + xml_row(2, {"A": "><v>1</v>"}, ' hidden="1"')
        + xml_row(4, {"A": ">"}, ' hidden="1"'),
        before='<cols><col min="1" max="2" width="9"/><col min="3" max="5" hidden="1"/></cols>',
    )
    for form in (xml, xml.replace("<sheetData>", "<sheetData><!-- -->")):
        rows = SheetRows(io.BytesIO(form.encode()), STRINGS, FORMATS)
        batches = list(rows.batches())
        assert [number for batch in batches for number in batch.hidden] == [2]
        assert rows.hidden_columns == [(3, 5)]
        assert sum(batch.blank for batch in batches) == 1


def test_a_cell_in_the_last_corner_costs_nothing(tmp_path: Path) -> None:
    """5 kB that abort a reader which lays the sheet out as a grid."""
    book = Workbook()
    book.active["A1"] = "x"
    book.active["XFD1048576"] = 1
    book.save(tmp_path / "corner.xlsx")
    (sheet,) = open_workbook(tmp_path / "corner.xlsx").sheets
    rows = [row for batch in sheet.batches() for row in zip(batch.numbers, batch.cells, strict=True)]
    assert rows == [(1, {"A": "x"}), (1_048_576, {"XFD": Number("1")})]


@pytest.mark.parametrize("reference", ["A0", "A1048577", "A99999999"])
def test_a_row_outside_of_what_excel_holds_is_refused(reference: str) -> None:
    number = reference[1:]
    for form in (worksheet, lambda rows: worksheet("<!-- -->" + rows)):
        with pytest.raises(BadWorkbook):
            rows_of(form(f'<row r="{number}"><c r="{reference}"><v>1</v></c></row>'))


def test_merged_ranges_are_found_wherever_the_chunks_end() -> None:
    merges = "".join(f'<mergeCell ref="B{n}:C{n + 1}"/><mergeCell ref="A{n}:D{n}"/>' for n in range(1, 20_000, 2))
    xml = worksheet("", after=f'<mergeCells count="2">{merges}</mergeCells>')
    assert merged_ranges(io.BytesIO(xml.encode())) == [
        Merged(n, first, n + down, last) for n in range(1, 20_000, 2) for down, first, last in ((0, 1, 4), (1, 2, 3))
    ]


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ("<si><t>الف</t></si><si><t>ب</t></si>", ["الف", "ب"]),
        ("<si><r><t>الف</t></r><r><rPr><b/></rPr><t>ب</t></r></si><si><t/></si>", ["الفب", ""]),
        ("<si><t>東京</t><rPh sb='0' eb='2'><t>トウキョウ</t></rPh></si>", ["東京"]),
        ("<si><t>&lt;a&gt; _x0041_</t></si>", ["<a> A"]),
        ("<!-- c --><si><t><![CDATA[<x>]]></t></si>", ["<x>"]),
        ("<si/><si></si>", ["", ""]),
    ],
)
@pytest.mark.parametrize("filler", [0, 30_000])
def test_shared_strings_of_every_form(items: str, expected: list[str], filler: int, tmp_path: Path) -> None:
    many = "".join(f"<si><t>رشتهٔ شمارهٔ {n} برای پر کردن چند تکه</t></si>" for n in range(filler))
    strings = f'<sst xmlns="{SPREADSHEET}" count="3">{many}{items}</sst>'
    book: Any = open_workbook(raw_xlsx(tmp_path / "a.xlsx", worksheet(""), strings=strings))
    assert book.strings[filler:] == expected
    assert len(book.strings) == filler + len(expected)


def test_shared_strings_that_are_cut_off_are_refused(tmp_path: Path) -> None:
    strings = f'<sst xmlns="{SPREADSHEET}"><si><t>الف</t></si><si><t>ب'
    book: Any = open_workbook(raw_xlsx(tmp_path / "a.xlsx", worksheet(""), strings=strings))
    with pytest.raises(BadWorkbook):
        _ = book.strings


# The fast reader and expat agree on whatever Python's own writers make.

TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=12)
VALUES = st.one_of(
    st.none(), TEXTS, st.integers(-(10**16), 10**16), st.floats(allow_nan=False, allow_infinity=False), st.booleans()
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(VALUES, max_size=5), max_size=8))
def test_both_readers_agree_on_what_openpyxl_writes(rows: list[list[Any]]) -> None:
    book = Workbook()
    for row in rows:
        book.active.append(
            [f"'{value}" if isinstance(value, str) and value.startswith("=") else value for value in row]
        )
    buffer = io.BytesIO()
    book.save(buffer)
    with zipfile.ZipFile(buffer) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml")
    names = [f"s{n}" for n in range(50)]  # openpyxl writes texts as references
    fast = list(SheetRows(io.BytesIO(xml), names, {}).batches())
    slow = list(SheetRows(io.BytesIO(xml.replace(b"<sheetData>", b"<sheetData><!-- -->")), names, {}).batches())
    assert [(n, c) for b in fast for n, c in zip(b.numbers, b.cells, strict=True)] == [
        (n, c) for b in slow for n, c in zip(b.numbers, b.cells, strict=True)
    ]
