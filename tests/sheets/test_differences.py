"""Differences written out: a first sheet that sums up, a sheet a kind, formulas as text, any length in little memory."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from maxa.diff import Change, change_of
from maxa.sheets import workbook
from maxa.sheets.differences import csv_chunks, workbook_chunks, write_csv, write_workbook
from maxa.shelf.sealed_file import PAIR_SEPARATOR


def state(title: str, **more: Any) -> dict[str, Any]:
    return {"title_fa": title, "status": "active"} | more


def changes() -> list[Change]:
    told = [
        change_of("1-8", None, state("نو", **{"properties.unit": "mg"})),
        change_of("2-6", state("کهنه", **{"properties.unit": "g"}), state("تازه", title_en="=cmd|x")),
        change_of("3-4", state("رفته"), state("رفته", status="retired", replaced_by="2-6")),
        change_of("4-2", state("باز", status="retired"), state("باز آمده")),
        change_of("5-9", state("دیگر"), None),
    ]
    return [one for one in told if one is not None]


LABELS = {"properties.unit": "واحد", "title_fa": "نام فارسی"}


def lines_of(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_csv_has_a_line_for_each_field_that_differs() -> None:
    out = io.BytesIO()
    assert write_csv(changes(), out, labels=LABELS) == 5
    assert out.getvalue().startswith(b"\xef\xbb\xbf")
    assert lines_of(out.getvalue()) == [
        ["تغییر", "کد", "عنوان", "فیلد", "پیش از این", "پس از این"],
        ["افزوده", "1-8", "نو", "", "", "واحد: mg"],
        ["تغییریافته", "2-6", "تازه", "نام فارسی", "کهنه", "تازه"],
        ["تغییریافته", "2-6", "تازه", "عنوان لاتین", "", "\u200e=cmd|x"],
        ["تغییریافته", "2-6", "تازه", "واحد", "g", ""],
        ["منسوخ", "3-4", "رفته", "کد جایگزین", "", "2-6"],
        ["بازگشته", "4-2", "باز آمده", "نام فارسی", "باز", "باز آمده"],
        ["نیامده", "5-9", "دیگر", "", "", ""],
    ]


def test_english_headings_and_kinds() -> None:
    first, *rest = lines_of(b"".join(csv_chunks(changes(), labels={}, language="en")))
    assert first == ["change", "code", "title", "field", "before", "after"]
    assert [line[0] for line in rest] == ["added", *["changed"] * 3, "retired", "restored", "removed"]
    assert rest[3][3] == "unit"


def test_a_map_shows_both_codes() -> None:
    pair = {"source": "718-7", "target": "800105", "relationship": "equivalent", "status": "active"}
    change = change_of(f"718-7{PAIR_SEPARATOR}800105", None, pair)
    assert change is not None
    lines = lines_of(b"".join(csv_chunks([change], labels={}, is_map=True)))
    assert lines == [
        ["تغییر", "کد مبدأ", "کد مقصد", "عنوان", "فیلد", "پیش از این", "پس از این"],
        ["افزوده", "718-7", "800105", "برابر", "", "", "نوع ارتباط: برابر"],
    ]


def test_the_workbook_sums_up_and_has_a_sheet_for_each_kind(tmp_path: Path) -> None:
    path = tmp_path / "differences.xlsx"
    counts = write_workbook(iter(changes()), path, title="تفاوت‌ها", labels=LABELS)
    assert counts == {"added": 1, "changed": 1, "retired": 1, "restored": 1, "removed": 1}
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["خلاصه", "افزوده", "تغییریافته", "منسوخ", "بازگشته", "نیامده"]
    assert all(sheet.sheet_view.rightToLeft for sheet in book)
    summary = [tuple(cell.value for cell in row) for row in book["خلاصه"].iter_rows()]
    assert summary[0][0] == "تفاوت‌ها"
    assert ("افزوده", 1) in summary
    assert ("نام فارسی", 2) in summary, "fields are counted over all kinds"
    assert book["خلاصه"]["A4"].hyperlink.location == "'افزوده'!A1"
    retired = [tuple(cell.value for cell in row) for row in book["منسوخ"].iter_rows()]
    assert retired[0] == ("کد", "عنوان", "کد جایگزین", "فیلد", "پیش از این", "پس از این")
    assert retired[1][:3] == ("3-4", "رفته", "2-6")
    formula = book["تغییریافته"]["E3"]
    assert (formula.value, formula.data_type) == ("=cmd|x", "s"), "text, whatever it begins with"
    assert book["افزوده"].freeze_panes == "A2"


def test_no_difference_is_said(tmp_path: Path) -> None:
    path = tmp_path / "none.xlsx"
    write_workbook([], path, title="x", labels={})
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["خلاصه"]
    assert book["خلاصه"]["A3"].value == "هیچ تفاوتی نیست."
    assert lines_of(b"".join(csv_chunks([], labels={}))) == [
        ["تغییر", "کد", "عنوان", "فیلد", "پیش از این", "پس از این"]
    ]


def test_more_changes_than_a_sheet_holds_go_on_in_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("maxa.sheets.differences.LAST_ROW", 4)
    many = [one for n in range(7) if (one := change_of(f"{n}", None, state("x"))) is not None]
    path = tmp_path / "many.xlsx"
    write_workbook(many, path, title="x", labels={})
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["خلاصه", "افزوده", "افزوده (2)", "افزوده (3)"]
    found = [row[0].value for name in book.sheetnames[1:] for row in book[name].iter_rows(min_row=2)]
    assert found == [f"{n}" for n in range(7)]


def test_equal_changes_give_equal_bytes() -> None:
    one, other = (b"".join(workbook_chunks(changes(), title="x", labels=LABELS)) for _ in range(2))
    assert one == other


@pytest.mark.parametrize("name", ["a/b:c*?[x]", "'", "", "ن" * 40, "خلاصه"])
def test_any_name_becomes_one_that_excel_accepts(name: str) -> None:
    given = workbook.sheet_name(name, ["خلاصه"])
    assert 0 < len(given) <= 31
    assert not set(given) & set("[]:*?/\\")
    assert given != "خلاصه"
