"""Exports of sealed releases: complete, streamed, the same bytes for the same edition, and no formula in them."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import tracemalloc
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from importers import SOURCES
from importers.declare import Sheet
from importers.fields import Choice, choice_key
from importers.heading_keys import heading_key
from importers.layouts import choices_of, fields_once, heading_of, layouts_of
from maxa.errors import BadParameter, NotFound
from maxa.sheets.export import KINDS, MEDIA_TYPES, export_release, export_to, sheets_of
from maxa.sheets.layout import labels
from maxa.sheets.rows import parts_of
from maxa.shelf import Shelf
from maxa.shelf.release import SealedRelease
from maxa.shelf.sealed_file import read_manifest
from tests.shelves import ShelfBuilder, concept, pair

LNC = layouts_of("LNC", "codes")


def published(folder: Path, terminology: str, rows: list[Any], **more: Any) -> SealedRelease:
    builder = ShelfBuilder(folder)
    edition = builder.publish(terminology, rows, **more)
    return Shelf(folder).release(edition)


def exported(release: SealedRelease, kind: str, **more: Any) -> bytes:
    return b"".join(export_release(release, kind, **more))


def book_of(content: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(content))


def lines_of(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


@pytest.fixture
def lab(tmp_path: Path) -> SealedRelease:
    rows = [
        concept("718-7", "هموگلوبین", "Hemoglobin", part="clinical",
                properties={"unit": "g/dL", "panel": ["58410-2", "24317-0"], "order_or_result": "both"}),
        concept("4544-3", "=1+1", part="genetics", active=False, replaced_by="718-7"),
    ]  # fmt: skip
    return published(tmp_path / "shelf", "LNC", rows, layout=LNC)


def test_a_sheet_has_the_headings_of_its_list_and_everything_of_the_edition(lab: SealedRelease) -> None:
    sheet = book_of(exported(lab, "xlsx")).active
    assert sheet.sheet_view.rightToLeft
    rows = [dict(zip([c.value for c in sheet[1]], [c.value for c in row], strict=True)) for row in sheet.iter_rows(2)]
    first, second = rows[1], rows[0]
    assert first["کد LOINC"] == "718-7"
    assert (first["بخش"], first["وضعیت"]) == ("بالینی", "فعال")
    assert (first["واحد"], first["کد پنل"], first["درخواست یا نتیجه"]) == ("g/dL", "58410-2، 24317-0", "هر دو")
    assert (second["وضعیت"], second["کد جایگزین"], second["بخش"]) == ("غیرفعال", "718-7", "ژنتیک")


def test_codes_are_text_and_what_looks_like_a_formula_is_one_nowhere(lab: SealedRelease) -> None:
    sheet = book_of(exported(lab, "xlsx")).active
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    assert sheet["A2"].number_format == "@"
    assert sheet["A2"].quotePrefix
    assert sheet["B2"].value == "=1+1"
    assert [line[1] for line in lines_of(exported(lab, "csv"))[1:]] == ["\u200e=1+1", "هموگلوبین"]


def test_json_is_one_object_with_all_that_the_edition_says_of_itself(lab: SealedRelease) -> None:
    told = json.loads(exported(lab, "json"))
    assert (told["terminology"], told["version"], told["digest"]) == ("LNC", "1402-02-18", lab.manifest.digest)
    assert told["concepts"][1] == {
        "code": "718-7", "title_fa": "هموگلوبین", "title_en": "Hemoglobin", "status": "active", "part": "clinical",
        "parent": None, "replaced_by": None,
        "properties": {"order_or_result": "both", "panel": ["58410-2", "24317-0"], "unit": "g/dL"},
    }  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_edition_and_equal_bytes(tmp_path: Path, kind: str) -> None:
    release = published(tmp_path / "shelf", "LNC", [], layout=LNC)
    assert exported(release, kind) == exported(release, kind)
    if kind == "xlsx":
        assert book_of(exported(release, kind)).active.max_row == 1
    assert kind in MEDIA_TYPES


def test_one_part_alone(lab: SealedRelease) -> None:
    assert [row["code"] for row in json.loads(exported(lab, "json", part="genetics"))["concepts"]] == ["4544-3"]
    with pytest.raises(NotFound) as error:
        export_release(lab, "csv", part="forensic")
    assert error.value.suggestions == ["clinical", "genetics"]


def test_another_format_is_refused_before_anything_is_written(lab: SealedRelease, tmp_path: Path) -> None:
    with pytest.raises(BadParameter) as error:
        export_to(lab, "pdf", tmp_path / "x.pdf")
    assert error.value.suggestions == list(KINDS)
    assert not (tmp_path / "x.pdf").exists()


def test_a_text_that_no_cell_holds_is_refused_in_xlsx_alone(tmp_path: Path) -> None:
    long = concept("1-8", "x", part="clinical", properties={"description": "ن" * 40_000})
    release = published(tmp_path / "shelf", "LNC", [long], layout=LNC)
    with pytest.raises(BadParameter, match="1-8"):
        export_release(release, "xlsx")
    assert len(exported(release, "csv").decode()) > 40_000


def test_a_property_that_the_layout_lacks_gets_a_column_of_its_own(tmp_path: Path) -> None:
    rows = [concept("1-8", "x", part="clinical", properties={"unit": "g", "new_thing": "۱", "rank": 3})]
    release = published(tmp_path / "shelf", "LNC", rows, layout=LNC)
    sheet = book_of(exported(release, "xlsx")).active
    cells = dict(zip([c.value for c in sheet[1]], [c.value for c in sheet[2]], strict=True))
    assert (cells["new_thing"], cells["rank"], cells["واحد"]) == ("۱", 3, "g")


def test_a_part_that_no_sheet_declares_and_codes_of_another_shape_go_to_the_generic_list(tmp_path: Path) -> None:
    rows = [
        concept("1-8", "x", part="clinical"),
        concept("2-6", "y", part="elsewhere"),
        concept("ABC", "z", part="genetics"),
    ]
    release = published(tmp_path / "shelf", "LNC", rows, layout=LNC)
    sheets = sheets_of(release, parts_of(release))
    assert [(one.source, one.parts) for one in sheets] == [
        ("lab", ("clinical",)),
        ("generic", ("elsewhere", "genetics")),
    ]
    book = book_of(exported(release, "xlsx"))
    assert book.sheetnames == ["LNC", "LNC (2)"]
    joined = lines_of(exported(release, "csv"))
    assert len(joined) == 4
    at = joined[0].index("بخش")
    assert [line[at] for line in joined[1:]] == ["بالینی", "elsewhere", "ژنتیک"]


def test_files_without_a_layout_go_out_in_the_generic_columns(tmp_path: Path) -> None:
    release = published(tmp_path / "shelf", "LNC", [concept("1-8", "x", properties={"unit": "g"})])
    assert lines_of(exported(release, "csv")) == [
        ["ترمینولوژی", "کد", "عنوان فارسی", "عنوان لاتین", "وضعیت", "کد والد", "کد جایگزین", "unit"],
        ["LNC", "1-8", "x", "", "فعال", "", "", "g"],
    ]


def test_a_map_names_both_ends_and_its_properties(tmp_path: Path) -> None:
    rows = [pair("718-7", "800105", properties={"rvu_value": 0.5}), pair("4544-3", "800110", "broader", active=False)]
    layout = layouts_of("LNC→RVU3", "map")
    release = published(tmp_path / "shelf", "LNC→RVU3", rows, layout=layout)
    heading, first, second = lines_of(exported(release, "csv"))
    found = [dict(zip(heading, line, strict=True)) for line in (first, second)]
    assert [one["کد مبدأ"] for one in found] == ["4544-3", "718-7"]
    assert (found[0]["نوع ارتباط"], found[0]["وضعیت"], found[1]["ارزش RVU"]) == ("عام‌تر", "غیرفعال", "0.5")
    assert {one["ترمینولوژی مقصد"] for one in found} == {"RVU3"}
    assert labels(release.manifest)["properties.rvu_value"] == "ارزش RVU"


def test_a_list_longer_than_a_sheet_goes_on_in_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("maxa.sheets.export.LAST_ROW", 11)
    rows = [concept(f"{n:03}", "x", part="clinical") for n in range(25)]
    release = published(tmp_path / "shelf", "Test", rows)
    book = book_of(exported(release, "xlsx"))
    assert len(book.sheetnames) == 3
    assert all(sheet["A1"].value == "ترمینولوژی" for sheet in book)
    assert [sheet.max_row for sheet in book] == [11, 11, 6]


@pytest.mark.parametrize("kind", KINDS)
def test_a_long_list_is_streamed_in_little_memory(tmp_path: Path, kind: str) -> None:
    rows = [concept(f"{n:016}", f"فرآورده {n}", "x" * 200, properties={"price": n}) for n in range(12_000)]
    release = published(tmp_path / "shelf", "IRC", rows, layout=layouts_of("IRC", "codes"))
    tracemalloc.start()
    blocks = sum(1 for _ in export_release(release, kind))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10 << 20, "less than the list itself, and whatever its length"
    assert blocks > 1


def test_a_manifest_of_before_layouts_and_one_of_a_later_version_are_read(lab: SealedRelease, tmp_path: Path) -> None:
    copy = tmp_path / "copy.maxa"
    copy.write_bytes(lab.path.read_bytes())
    with sqlite3.connect(copy) as connection:
        connection.execute("DELETE FROM manifest WHERE key = 'layout'")
        connection.execute("INSERT INTO manifest VALUES ('of_tomorrow', '1')")
        manifest = read_manifest(connection)
    assert manifest.layout == []
    assert manifest.digest == lab.manifest.digest


SHEETS = [
    pytest.param(sheet, id=f"{source.name}-{number}")
    for source in SOURCES.values()
    for number, sheet in enumerate(source.sheets)
]


@pytest.mark.parametrize("sheet", SHEETS)
def test_every_heading_and_every_value_of_a_layout_is_read_as_itself(sheet: Sheet) -> None:
    for column in fields_once(sheet):
        assert sheet.by_key[heading_key(heading_of(sheet, column))].field == column.field
        if isinstance(column.type, Choice):
            for value, shown in choices_of(column.type).items():
                assert column.type._by_spelling[choice_key(shown)] == value
