"""The same list in every accepted format gives the same rows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import xlwt
from openpyxl import load_workbook
from openpyxl.comments import Comment

from importers.biff import xls_facts
from importers.reading import read_workbook
from maxa.errors import BadWorkbook
from tests.importers.books import (
    DRUG_HEADINGS,
    DRUG_ROWS,
    LAB_ROWS,
    RVU_HEADINGS,
    RVU_ROWS,
    drug_book,
    lab_book,
    read,
    rewrite,
    rvu_book,
    save_csv,
    save_html,
    save_ods,
    save_xls,
    save_xlsb,
)

TABLE = [["فهرست داروها", None, None, None, None, None], DRUG_HEADINGS, *DRUG_ROWS]

FORMATS: dict[str, Callable[[Path], Path]] = {
    "xls": lambda folder: save_xls(folder / "list.xls", {"داروها": TABLE}),
    "xlsb": lambda folder: save_xlsb(folder / "list.xlsb", TABLE),
    "ods": lambda folder: save_ods(folder / "list.ods", TABLE),
    "csv": lambda folder: save_csv(folder / "list.csv", TABLE),
    "csv without mark": lambda folder: save_csv(folder / "list.csv", TABLE, encoding="utf-8"),
    "csv in UTF-16": lambda folder: save_csv(folder / "list.csv", TABLE, encoding="utf-16", delimiter="\t"),
    "csv with semicolons": lambda folder: save_csv(folder / "list.txt", TABLE, delimiter=";"),
    "html": lambda folder: save_html(folder / "list.xls", TABLE),
}


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_gives_the_rows_that_xlsx_gives(kind: str, tmp_path: Path) -> None:
    expected = read(drug_book(tmp_path / "list.xlsx"))
    given = read(FORMATS[kind](tmp_path))
    assert given.extract.source == "drugs"
    for terminology in ("IRC", "eRx"):
        assert [(row.code, row.title_fa, row.title_en, row.properties) for row in given.concepts(terminology)] == [
            (row.code, row.title_fa, row.title_en, row.properties) for row in expected.concepts(terminology)
        ]
    assert [(p.source, p.target) for p in given.pairs("eRx→IRC")] == [
        (p.source, p.target) for p in expected.pairs("eRx→IRC")
    ]


@pytest.mark.parametrize("kind", FORMATS)
def test_rows_keep_the_numbers_that_excel_shows(kind: str, tmp_path: Path) -> None:
    given = read(FORMATS[kind](tmp_path))
    assert [row.row for row in given.concepts("IRC")] == [3, 4, 5]
    assert [row.column for row in given.concepts("IRC")] == ["A", "A", "A"]


@pytest.mark.parametrize("kind", FORMATS)
def test_a_format_that_hides_facts_says_so(kind: str, tmp_path: Path) -> None:
    assert ("old-format" in read(FORMATS[kind](tmp_path)).rules) == (kind != "xls")
    assert "old-format" not in read(drug_book(tmp_path / "list.xlsx")).rules


def test_an_old_workbook_tells_what_is_hidden_and_wrong(tmp_path: Path) -> None:
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("ارزش نسبی")
    zeros = xlwt.easyxf(num_format_str="000000")
    for at, row in enumerate([RVU_HEADINGS, *RVU_ROWS, [901793, "#", "با قالب عدد", 1, 1, 2]]):
        for column, value in enumerate(row):
            if value is not None:
                sheet.write(at, column, value, *([zeros] if isinstance(value, int) and value > 900_000 else []))
    sheet.row(2).hidden = True
    sheet.col(1).hidden = True
    sheet.row(3).set_cell_error(4, "#N/A!")
    book.save(str(tmp_path / "list.xls"))
    given = read(tmp_path / "list.xls")
    assert [(f.rule, f.row, f.column, f.value) for f in given.findings] == [
        ("hidden-column", None, "B", None),
        ("hidden-row", 3, None, "3"),
        ("error-cell", 4, "E", "#N/A"),
    ]
    assert given.codes("RVU3") == ["801515", "901792", "901793"]
    assert given.balance() == [(5, 5)]


def test_leading_zeros_that_an_old_workbook_only_shows_are_kept(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("drugs")
    style = xlwt.easyxf(num_format_str="00000")
    for at, row in enumerate([["کد ژنریک", "نام ژنریک"], [1277, "VASOPRESSIN"], [12780, "OTHER"]]):
        for column, value in enumerate(row):
            sheet.write(at, column, value, *([style] if at and not column else []))
    book.save(str(tmp_path / "list.xls"))
    given = read(tmp_path / "list.xls")
    assert given.codes("eRx") == ["01277", "12780"]
    assert given.rules == ["shown-with-zeros"]


@pytest.mark.parametrize("rows", [3, 3_000])
def test_facts_are_found_in_the_small_and_the_large_container(rows: int, tmp_path: Path) -> None:
    """Streams below 4 kB live in sectors of their own; large ones fill many."""
    book = xlwt.Workbook()
    for name in ("یک", "two"):
        sheet = book.add_sheet(name)
        for at in range(rows):
            sheet.write(at, 0, f"text {at}")
        sheet.row(rows - 1).hidden = True
        sheet.row(rows - 2).set_cell_error(3, "#REF!")
    book.save(str(tmp_path / "list.xls"))
    facts = xls_facts(tmp_path / "list.xls")
    assert facts is not None
    assert list(facts) == ["یک", "two"]
    for one in facts.values():
        assert one.hidden_rows == [(rows, rows)]
        assert one.errors == {rows - 1: {4: "#REF!"}}


@pytest.mark.parametrize("cut", [8, 100, 600, 1_500, 5_000])
def test_a_broken_container_gives_no_facts_and_no_error(cut: int, tmp_path: Path) -> None:
    path = save_xls(tmp_path / "list.xls", {"a": TABLE})
    path.write_bytes(path.read_bytes()[:cut])
    assert not xls_facts(path)


def test_libre_office_tells_what_is_hidden_and_wrong(tmp_path: Path) -> None:
    path = save_ods(tmp_path / "list.ods", [RVU_HEADINGS, *RVU_ROWS])
    rewrite(path, "content.xml", _hide_in_ods)
    given = read(path)
    assert {(f.rule, f.row, f.column, f.value) for f in given.findings} == {
        ("old-format", None, None, "ods"), ("hidden-column", None, "B", None), ("hidden-row", 3, None, "3"),
        ("error-cell", 2, "D", "#N/A"), ("formula", None, "D", None), ("total-differs", 2, "F", "2"),
    }  # fmt: skip
    assert given.balance() == [(4, 4)]


def _hide_in_ods(xml: str) -> str:
    head, *rows = xml.split("<table:table-row>")
    columns = '<table:table-column/><table:table-column table:visibility="collapse"/>'
    rows[1] = rows[1].replace(
        '<table:table-cell office:value-type="float" office:value="0.5"><text:p>0.5</text:p></table:table-cell>',
        '<table:table-cell xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0" '
        'table:formula="of:=NA()" office:value-type="string" calcext:value-type="error"><text:p>#N/A</text:p></table:table-cell>',
    )
    tags = [
        "<table:table-row>",
        "<table:table-row>",
        '<table:table-row table:visibility="filter">',
        "<table:table-row>",
    ]
    return head + columns + "".join(tag + row for tag, row in zip(tags, rows, strict=True))


def test_the_binary_format_tells_what_is_hidden_and_wrong(tmp_path: Path) -> None:
    path = save_xlsb(
        tmp_path / "list.xlsb", [RVU_HEADINGS, *RVU_ROWS], hidden_rows={2}, hidden_columns={1}, errors={(1, 3)}
    )
    given = read(path)
    assert {(f.rule, f.row, f.column, f.value) for f in given.findings} == {
        ("old-format", None, None, "xlsb"), ("hidden-column", None, "B", None), ("hidden-row", 3, None, "3"),
        ("error-cell", 2, "D", "#N/A"), ("total-differs", 2, "F", "2"),
    }  # fmt: skip
    assert given.balance() == [(4, 4)]


def test_windows_1256_is_read_with_its_arabic_letters(tmp_path: Path) -> None:
    rows = [["كد", "ويژگي", "شرح كد"], ["801515", "#", "آزمايش كمي"]]
    given = read(save_csv(tmp_path / "old.csv", rows, encoding="cp1256"))
    assert given.extract.source == "rvu3"
    assert given.concept("RVU3", "801515").title_fa == "آزمايش كمي"


def test_a_csv_cell_may_hold_line_breaks_and_separators(tmp_path: Path) -> None:
    rows = [RVU_HEADINGS, ["801515", "#", 'شرح، با "گیومه"\nو سطر دوم, و ویرگول', 1, 1, 2]]
    given = read(save_csv(tmp_path / "list.csv", rows))
    assert given.concept("RVU3", "801515").title_fa == 'شرح، با "گیومه" و سطر دوم, و ویرگول'
    assert given.rules.count("line-break-mended") == 1


def test_an_html_table_with_spans_keeps_its_columns(tmp_path: Path) -> None:
    """A cell that spans rows holds for all of them, as it does when Excel opens the page."""
    page = (
        "<html><table><tr><td colspan=6>کتاب ارزش نسبی<tr><th>کد<th>ویژگی<th>شرح کد<th>ارزش حرفه‌ای<th>ارزش فنی<th>گروه"
        "<tr><td>801515<td>#<td>شرح &amp; <b>توضیح</b><td>1<td>1<td rowspan='2'>پوست"
        "<tr><td>801520<td colspan=2>شرح دیگر<td>1<td>1</table></html>"
    )
    path = tmp_path / "list.xls"
    path.write_text(page, "utf-8")
    given = read(path, "rvu3")
    assert given.concept("RVU3", "801515").title_fa == "شرح & توضیح"
    assert given.concept("RVU3", "801515").properties["group"] == "پوست"
    told = [(f.rule, f.row, f.column, f.value) for f in given.findings if f.rule != "old-format"]
    assert told == [
        ("merged-cells-filled", None, "F", None),
        ("merged-across", 4, "B", "B4:C4"),
        ("unknown-mark", 4, "B", "شرح دیگر"),
        ("required-value", 4, "C", ""),
    ]


def test_a_first_line_that_names_the_separator_is_no_row(tmp_path: Path) -> None:
    path = save_csv(tmp_path / "list.csv", [RVU_HEADINGS, *RVU_ROWS], delimiter=";", encoding="utf-8")
    path.write_bytes(b"sep=;\r\n" + path.read_bytes())
    given = read(path)
    assert given.codes("RVU3") == [row[0] for row in RVU_ROWS]
    assert [row.row for row in given.concepts("RVU3")] == [3, 4, 5]
    assert given.balance() == [(5, 5)]


def test_commas_in_the_texts_do_not_hide_the_separator(tmp_path: Path) -> None:
    rows = [["801515", "#", "شرح, با, ویرگول‌های, بسیار, در آن", 1, 1, 2], ["801520", "#", "شرح, دیگر, هم", 1, 1, 2]]
    given = read(save_csv(tmp_path / "list.csv", [RVU_HEADINGS, *rows], delimiter=";"))
    assert [row.title_fa for row in given.concepts("RVU3")] == [row[2] for row in rows]


def test_a_marked_utf8_file_with_a_broken_byte_is_damaged_and_not_misread(tmp_path: Path) -> None:
    path = save_csv(tmp_path / "list.csv", [RVU_HEADINGS, *RVU_ROWS])
    path.write_bytes(path.read_bytes() + b"801520,\xc7\xe1")
    with pytest.raises(BadWorkbook) as caught:
        read(path)
    assert caught.value.data["reason"] == "damaged"


def test_the_sheet_of_a_file_without_sheets_is_called_as_the_user_called_the_file(tmp_path: Path) -> None:
    path = save_csv(tmp_path / "17.csv", [DRUG_HEADINGS, *DRUG_ROWS])
    folder = tmp_path / "spool"
    folder.mkdir()
    given = read_workbook(path, source=None, workdir=folder, filename="داروهای مکمل.csv")
    assert [sheet.name for sheet in given.sheets] == ["داروهای مکمل"]
    assert {table.part for table in given.tables} == {"supplement"}


def test_hidden_sheets_of_an_old_workbook_are_known(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    for name, rows in (("list", [RVU_HEADINGS, *RVU_ROWS]), ("helper", [["x", "y"]])):
        sheet = book.add_sheet(name)
        for at, row in enumerate(rows):
            for column, value in enumerate(row):
                sheet.write(at, column, value)
    book.get_sheet("helper").visibility = 1
    book.save(str(tmp_path / "list.xls"))
    given = read(tmp_path / "list.xls")
    assert [f.sheet for f in given.of_rule("hidden-sheet")] == ["helper"]
    assert given.extract.sheets[1].passed_over == {"hidden-sheet": 1}


def test_a_rounded_number_of_an_old_workbook_is_in_doubt(tmp_path: Path) -> None:
    rows = [DRUG_HEADINGS, [7210201495605780, "01277", "وازوپرسین", "VASOPRESSIN", "VASOPRESSIN", 1]]
    (row,) = read(save_xls(tmp_path / "list.xls", {"drugs": rows})).concepts("IRC")
    assert row.doubt == {"kind": "rounded", "candidates": ["7210201495605775", "7210201495605789"]}


def test_the_name_of_a_file_does_not_matter(tmp_path: Path) -> None:
    path = rvu_book(tmp_path / "list.xlsx")
    renamed = path.rename(tmp_path / "list.pdf")
    assert read(renamed).extract.source == "rvu3"


CODES = ["718-7", "4544-3", "58410-2", "2345-7", "2951-2"]


@pytest.mark.parametrize(
    ("lines", "line"),
    [
        (['718-7,"هموگلوبین,Hb', "4544-3,هماتوکریت,Hct", "58410-2,شمارش,CBC"], 2),  # never closed
        (["718-7,هموگلوبین,Hb", '4544-3,"هماتوکریت,Hct', "58410-2,شمارش,CBC"], 3),
        (['718-7,"هموگلوبین,Hb', '4544-3,هماتوکریت",Hct', "58410-2,شمارش,CBC"], 2),  # closed two rows below
        (['718-7,"هموگلوبین,Hb', '4544-3,"هماتوکریت",Hct'], 2),
        (['718-7,"هموگلوبین"؟,Hb', "4544-3,هماتوکریت,Hct"], 2),
    ],
)
def test_a_quote_that_swallows_rows_is_told_with_its_line(lines: list[str], line: int, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("\n".join(["کد LOINC,نام فارسی آزمایش,نام لاتین آزمایش", *lines]), "utf-8")
    with pytest.raises(BadWorkbook) as caught:
        read(path)
    assert caught.value.data["reason"] == "damaged"
    assert f"line {line}:" in caught.value.detail_en


def test_a_description_of_several_lines_swallows_no_rows(tmp_path: Path) -> None:
    texts = ["روش:\nالف، ب, ج و د", "مقدار:\n10, 20 یا 30 میلی‌گرم", "یک\n- دو, سه", "شامل:\nB12, folate"]
    rows = [[code, "عنوان", text] for code, text in zip(CODES, texts, strict=False)]
    given = read(save_csv(tmp_path / "list.csv", [["کد LOINC", "نام فارسی آزمایش", "توضیحات"], *rows]))
    assert given.codes("LNC") == CODES[: len(texts)]
    wide = [[code, f"Sodium, potassium, chloride\nfasting, {n} h", "mg", "5"] for n, code in enumerate(CODES)]
    given = read(save_csv(tmp_path / "wide.csv", [["کد LOINC", "نام فارسی آزمایش", "واحد", "توضیحات"], *wide]))
    assert given.codes("LNC") == CODES
    turned = [[code, text, title] for code, title, text in rows]
    given = read(save_csv(tmp_path / "turned.csv", [["کد LOINC", "توضیحات", "نام فارسی آزمایش"], *turned]))
    assert given.codes("LNC") == CODES[: len(texts)]


def test_a_cell_of_a_line_break_alone_is_an_empty_one(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text('کد LOINC,نام فارسی آزمایش,نام لاتین آزمایش\n718-7,هموگلوبین,"\n"\n', "utf-8")
    assert read(path).codes("LNC") == ["718-7"]


@pytest.mark.parametrize("bad", [b"\xff", b"\xd9", b"\x98"])
def test_one_broken_byte_does_not_make_a_utf8_file_windows_1256(bad: bytes, tmp_path: Path) -> None:
    rows = [["کد", "ویژگی", "شرح کد"], ["801515", "#", "آزمایش کمی"], ["801520", "#", "آزمایش دیگر"]]
    path = save_csv(tmp_path / "list.csv", rows, encoding="utf-8")
    content = path.read_bytes()
    at = content.index(b"801520") + 6
    path.write_bytes(content[:at] + bad + content[at:])
    with pytest.raises(BadWorkbook) as caught:
        read(path)
    assert caught.value.data["reason"] == "damaged"
    assert f"line 3, byte {at + 1} " in caught.value.detail_en


def test_a_table_within_a_cell_takes_no_rows_of_the_table_around_it(tmp_path: Path) -> None:
    path = tmp_path / "list.xls"
    inner = "<table><tr><td>مرجع</td><td>بالغ</td></tr></table>"
    rows = "".join(
        f"<tr><td>{code}</td><td>نام {inner if code == '718-7' else ''}</td><td>Hb</td></tr>" for code in CODES
    )
    head = "<tr><th>کد LOINC</th><th>نام فارسی آزمایش</th><th>نام لاتین آزمایش</th></tr>"
    path.write_text(f"<html><body><table>{head}{rows}</table></body></html>", "utf-8")
    given = read(path)
    assert given.codes("LNC") == CODES
    assert {row.title_en for row in given.concepts("LNC")} == {"Hb"}
    assert [sheet.rows_present for sheet in given.extract.sheets] == [6, 1]


def test_a_list_within_a_table_that_lays_out_the_page_is_found(tmp_path: Path) -> None:
    path = tmp_path / "list.xls"
    rows = "".join(f"<tr><td>{code}</td><td>نام</td></tr>" for code in CODES)
    head = "<tr><th>کد LOINC</th><th>نام فارسی آزمایش</th></tr>"
    page = f"<table><tr><td>سامانه</td><td><table>{head}{rows}</table></td></tr><tr><td>پانویس</td></tr></table>"
    path.write_text(f"<html><body>{page}</body></html>", "utf-8")
    given = read(path)
    assert given.codes("LNC") == CODES
    assert {row.title_fa for row in given.concepts("LNC")} == {"نام"}


@pytest.mark.parametrize(
    "broken",
    [
        lambda text: text.replace("</comments>", "</comment>"),
        lambda text: "",
        lambda text: "<!DOCTYPE a [<!ENTITY b 'c'>]>" + text[text.index("<comments") :],
    ],
    ids=["not closed", "empty", "entities"],
)
def test_damaged_notes_do_not_keep_the_rows_from_being_read(broken: Callable[[str], str], tmp_path: Path) -> None:
    path = lab_book(tmp_path / "list.xlsx")
    book = load_workbook(path)
    book.active["B2"].comment = Comment("این کد حذف شد", "مریم")
    book.save(path)
    assert "cell-notes" in read(path).rules
    rewrite(path, "xl/comments/comment1.xml", broken)
    given = read(path)
    assert given.codes("LNC") == [row[0] for row in LAB_ROWS]
    assert "cell-notes" not in given.rules
