"""Files that can't be taken at all: each with its reason, in Persian and English."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from importers.refusals import REASONS
from maxa.errors import BadWorkbook
from maxa.settings import PROJECT
from tests.importers.books import (
    DRUG_HEADINGS,
    DRUG_ROWS,
    LAB_HEADINGS,
    LAB_ROWS,
    RVU_HEADINGS,
    SPREADSHEET,
    drug_book,
    lab_book,
    raw_xlsx,
    read,
    rvu_book,
    save_csv,
    save_xls,
    save_xlsx,
    text_row,
    worksheet,
)

PERSIAN = re.compile("[\u0600-\u06ff]")
HEADER = text_row(1, RVU_HEADINGS)
ROW = text_row(2, ["801515", "#", "شرح"])


def refused(path: Path, source: str | None = None) -> BadWorkbook:
    with pytest.raises(BadWorkbook) as caught:
        read(path, source)
    error = caught.value
    assert error.data["reason"] in REASONS
    assert PERSIAN.search(error.detail_fa)
    assert not PERSIAN.search(re.sub("“[^”]*”", "", error.detail_en))
    return error


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def ole(*streams: str) -> bytes:
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
    return head + b"".join(name.encode("utf-16-le") + bytes(64) for name in streams) + bytes(4096)


def zipped(path: Path, **entries: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return path


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"%PDF-1.7 letter", "PDF"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "picture"),
        (b"Rar!\x1a\x07\x00" + bytes(50), "RAR"),
        (b"\x1f\x8b\x08" + bytes(50), "gzip"),
        (b"SQLite format 3\0" + bytes(50), "SQLite"),
        (b"\x7fELF" + bytes(50), "program"),
        (bytes(range(256)) * 20, "binary"),
        (b"just a letter\nin two lines\n", "without columns"),
        (b"<html><body><p>login page</p></body></html>", "without a table"),
        (b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>', "2003"),
        (b"MIME-Version: 1.0\nContent-Type: multipart/related; boundary=x\n\n", "MHTML"),
        (ole("WordDocument"), "Word"),
        (ole("__substg1.0"), "another kind"),
    ],
)
def test_what_is_no_workbook_is_named(content: bytes, word: str, tmp_path: Path) -> None:
    error = refused(written(tmp_path / "list.xlsx", content))
    assert error.data["reason"] == "not-a-workbook"
    assert word in error.detail_en


def test_a_word_document_and_an_archive_are_named(tmp_path: Path) -> None:
    assert "Word" in refused(zipped(tmp_path / "a.docx", word__document_xml=b"<w/>")).detail_en
    assert "unpack" in refused(zipped(tmp_path / "a.zip", list=b"x")).detail_en


@pytest.mark.parametrize("content", [b"", b"  \n\n", bytes(3000)])
def test_an_empty_file(content: bytes, tmp_path: Path) -> None:
    assert refused(written(tmp_path / "list.xlsx", content)).data["reason"] == "empty"


def test_a_table_that_lies_on_its_side_is_to_be_turned(tmp_path: Path) -> None:
    turned = [list(column) for column in zip(LAB_HEADINGS, *LAB_ROWS, strict=True)]
    error = refused(save_xlsx(tmp_path / "list.xlsx", {"a": turned}))
    assert (error.data["reason"], error.data["column"]) == ("transposed", "A")
    assert "Transpose" in error.detail_fa
    assert refused(save_xlsx(tmp_path / "list.xlsx", {"a": turned}), "lab").data["reason"] == "transposed"


def test_two_tables_side_by_side_are_to_be_parted(tmp_path: Path) -> None:
    rows = [[*row, None, *row] for row in (LAB_HEADINGS, *LAB_ROWS)]
    error = refused(save_xlsx(tmp_path / "list.xlsx", {"a": rows}))
    assert error.data["reason"] in ("duplicate-heading", "two-columns-one-field")
    assert "برگه‌ای جدا" in error.detail_fa


def test_codes_that_share_their_cells_with_titles_are_to_be_parted(tmp_path: Path) -> None:
    rows = [[f"{code} - {title}", title] for code, title, *_ in LAB_ROWS]
    error = refused(save_xlsx(tmp_path / "list.xlsx", {"a": [["کد آزمایش", "نام آزمایش"], *rows]}))
    assert error.data["reason"] == "wrong-codes"
    assert "Text to Columns" in error.detail_fa


def test_a_workbook_without_any_value(tmp_path: Path) -> None:
    assert refused(save_xlsx(tmp_path / "list.xlsx", {"a": [], "b": [[None]]})).data["reason"] == "empty"
    assert (
        refused(raw_xlsx(tmp_path / "raw.xlsx", f'<worksheet xmlns="{SPREADSHEET}"><sheetData/></worksheet>')).data[
            "reason"
        ]
        == "empty"
    )


def test_a_workbook_with_a_password(tmp_path: Path) -> None:
    assert refused(written(tmp_path / "list.xlsx", ole("EncryptedPackage"))).data["reason"] == "encrypted"


def test_a_zip_with_encrypted_entries(tmp_path: Path) -> None:
    content = bytearray(lab_book(tmp_path / "list.xlsx").read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = -1
        while (at := content.find(signature, at + 1)) >= 0:
            content[at + offset] |= 1
    assert refused(written(tmp_path / "locked.xlsx", bytes(content))).data["reason"] == "encrypted"


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_a_file_that_is_cut_off(share: float, tmp_path: Path) -> None:
    content = (PROJECT / "data/samples/rvu3.xlsx").read_bytes()
    assert refused(written(tmp_path / "list.xlsx", content[: int(len(content) * share)])).data["reason"] == "damaged"


@pytest.mark.parametrize(
    "sheet",
    [
        worksheet(HEADER + ROW)[:-20],
        worksheet(HEADER + ROW).replace("</row>", "", 1),
        worksheet(HEADER + '<row r="9999999">' + ROW[13:]),
        worksheet(HEADER + ROW.replace("شرح", "&nosuchentity;")),
        worksheet(HEADER + ROW.replace('t="inlineStr"><is><t>801515</t></is>', 't="s"><v>7</v>')),
        f'<worksheet xmlns="{SPREADSHEET}">',
        "not XML at all",
        "",
    ],
)
def test_broken_xml_in_a_sheet(sheet: str, tmp_path: Path) -> None:
    assert refused(raw_xlsx(tmp_path / "list.xlsx", sheet)).data["reason"] == "damaged"


def test_broken_bytes_inside_the_archive(tmp_path: Path) -> None:
    content = bytearray((PROJECT / "data/samples/rvu3.xlsx").read_bytes())
    middle = len(content) // 2
    content[middle : middle + 200] = bytes(200)
    assert refused(written(tmp_path / "list.xlsx", bytes(content))).data["reason"] == "damaged"


@pytest.mark.parametrize("kind", ["xls", "xlsb", "ods"])
def test_broken_workbooks_of_other_formats(kind: str, tmp_path: Path) -> None:
    make: dict[str, Callable[[Path], Path]] = {
        "xls": lambda path: written(path, ole("Workbook")),
        "xlsb": lambda path: zipped(path, **{"xl/workbook.bin": b"\x83\x01\x00rubbish"}),
        "ods": lambda path: zipped(
            path, mimetype=b"application/vnd.oasis.opendocument.spreadsheet", content_xml=b"<office"
        ),
    }
    assert refused(make[kind](tmp_path / f"list.{kind}")).data["reason"] in ("damaged", "empty")


@pytest.mark.parametrize("where", ["sheet", "strings", "workbook"])
def test_a_doctype_is_refused_wherever_it_stands(where: str, tmp_path: Path) -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    given: dict[str, Any] = {
        "sheet": worksheet(HEADER + ROW.replace('t="inlineStr"><is><t>#</t></is>', 't="s"><v>0</v>'))
    }
    given["strings"] = f'<sst xmlns="{SPREADSHEET}"><si><t>#</t></si></sst>'
    if where == "workbook":
        given["workbook"] = f'{bomb}<workbook xmlns="{SPREADSHEET}"/>'
    else:
        given[where] = bomb + given[where]
    path = raw_xlsx(tmp_path / "list.xlsx", given.pop("sheet"), **given)
    assert refused(path).data["reason"] == "unsafe-xml"


def test_a_zip_bomb(tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("xl/worksheets/sheet1.xml", "w") as entry:
            for _ in range(100):
                entry.write(bytes(1 << 20))
    assert path.stat().st_size < 200_000
    assert refused(path).data["reason"] == "zip-bomb"


def test_an_archive_that_claims_to_unpack_to_gigabytes(tmp_path: Path) -> None:
    content = bytearray(lab_book(tmp_path / "list.xlsx").read_bytes())
    at = content.find(b"PK\x01\x02")
    content[at + 24 : at + 28] = (0x7FFFFFFF).to_bytes(4, "little")
    assert refused(written(tmp_path / "big.xlsx", bytes(content))).data["reason"] == "zip-bomb"


def test_an_archive_of_ten_thousand_entries(tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(5_001):
            archive.writestr(f"xl/{number}", "")
    assert refused(path).data["reason"] == "zip-bomb"


def test_no_headings(tmp_path: Path) -> None:
    path = save_xlsx(tmp_path / "list.xlsx", {"a": [["یک", "دو"], ["سه", "چهار"]]})
    error = refused(path, "lab")
    assert error.data["reason"] == "no-header"
    assert "«کد LOINC»" in error.detail_fa
    assert refused(path).data["reason"] == "no-header"


def test_headings_without_a_row(tmp_path: Path) -> None:
    error = refused(save_xlsx(tmp_path / "list.xlsx", {"a": [["فهرست"], LAB_HEADINGS, [], ["پایان"]]}))
    assert error.data["reason"] == "no-rows"


def test_headings_without_the_key_column(tmp_path: Path) -> None:
    path = lab_book(tmp_path / "list.xlsx", [row[1:] for row in LAB_ROWS], LAB_HEADINGS[1:])
    for source in ("lab", None):
        error = refused(path, source)
        assert error.data["reason"] == "missing-column"
        assert "«کد LOINC»" in error.detail_fa
        assert "آزمایش" in error.detail_fa
        assert error.data["row"] == 1


@pytest.mark.parametrize(
    ("make", "source", "other"),
    [
        (drug_book, "lab", "drugs"), (lab_book, "drugs", "lab"), (rvu_book, "lab", "rvu3"), (lab_book, "rvu3", "lab"),
        (drug_book, "rvu3", "drugs"),
    ],
)  # fmt: skip
def test_another_lists_workbook_names_the_list_that_it_is(
    make: Callable[[Path], Path], source: str, other: str, tmp_path: Path
) -> None:
    error = refused(make(tmp_path / "list.xlsx"), source)
    assert error.data["reason"] == "another-list"
    assert error.data["other"] == other
    assert f"«{other}»" in error.detail_fa


@pytest.mark.parametrize("twice", ["کد ژنریک", "کد  ژنريك"])
def test_two_columns_of_one_heading(twice: str, tmp_path: Path) -> None:
    path = drug_book(tmp_path / "list.xlsx", [[*row, "00001"] for row in DRUG_ROWS], [*DRUG_HEADINGS, twice])
    error = refused(path)
    assert error.data["reason"] == "duplicate-heading"
    assert error.data["columns"] == "B, G"


def test_two_columns_for_one_field_are_both_named(tmp_path: Path) -> None:
    path = drug_book(tmp_path / "list.xlsx", [[*row, "00001"] for row in DRUG_ROWS], [*DRUG_HEADINGS, "کد دارو"])
    error = refused(path)
    assert error.data["reason"] == "two-columns-one-field"
    assert (error.data["column"], error.data["other_column"], error.data["field"]) == ("B", "G", "generic_code")
    assert "«کد ژنریک» (B) و «کد دارو» (G)" in error.detail_fa


def test_a_heading_that_nobody_knows_may_not_stand_twice_either(tmp_path: Path) -> None:
    headings = [*DRUG_HEADINGS, "ستون تازه", "ستون‌ تازه"]
    assert refused(drug_book(tmp_path / "list.xlsx", DRUG_ROWS, headings)).data["reason"] == "duplicate-heading"


def test_an_ignored_heading_may_stand_twice(tmp_path: Path) -> None:
    rows = [[1, *row, 1] for row in DRUG_ROWS]
    assert not read(drug_book(tmp_path / "list.xlsx", rows, ["ردیف", *DRUG_HEADINGS, "ردیف"])).extract.has_errors


def test_codes_of_another_shape_under_the_right_headings(tmp_path: Path) -> None:
    rows = [[f"{n}-0", "#", f"شرح {n}"] for n in range(1000, 1040)]
    error = refused(rvu_book(tmp_path / "list.xlsx", rows, RVU_HEADINGS[:3]), "rvu3")
    assert error.data["reason"] == "wrong-codes"
    assert "LNC" in error.detail_fa
    assert (error.data["bad"], error.data["count"]) == (40, 40)


def test_a_few_codes_of_another_shape_are_findings(tmp_path: Path) -> None:
    rows = [[f"{n}-0", "#", f"شرح {n}"] for n in range(1000, 1019)]
    assert len(read(rvu_book(tmp_path / "list.xlsx", rows, RVU_HEADINGS[:3]), "rvu3").of_rule("bad-code")) == 19


def test_an_endless_csv_cell(tmp_path: Path) -> None:
    path = save_csv(tmp_path / "list.csv", [RVU_HEADINGS, ["801515", "#", "شرح"]])
    path.write_bytes(path.read_bytes() + b'801516,#,"' + b"a" * (2 << 20))
    error = refused(path)
    assert error.data["reason"] == "damaged"
    assert "line" in error.detail_en


def test_an_old_workbook_of_another_list(tmp_path: Path) -> None:
    path = save_xls(tmp_path / "list.xls", {"a": [DRUG_HEADINGS, *DRUG_ROWS]})
    assert refused(path, "rvu3").data["other"] == "drugs"
