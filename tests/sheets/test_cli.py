"""The verbs that give files, as their users meet them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner, Result

from maxa.cli import main
from tests.databases import DatabaseServer
from tests.importers.books import LAB_ROWS, lab_book, read
from tests.shelves import ShelfBuilder, concept, pair

Run = Callable[..., Result]
PLACES = [["718-8", "نام", "Name", "x", None, "حرف"], ["xyz", "نام دیگر", "Other", None, None, 1]]


@pytest.fixture
def maxa(home: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Run:
    """No database is named: verbs that need one ask for :func:`registry`."""
    monkeypatch.setenv("MAXA_HOME", str(home))
    monkeypatch.setenv("MAXA_LANG", "en")
    monkeypatch.setenv("MAXA_ACTOR", "sara")
    monkeypatch.setenv("MAXA_ROLE", "mirror")

    def run(*words: str, code: int = 0) -> Result:
        result = CliRunner().invoke(main, list(words))
        assert result.exit_code == code, f"{words}: {result.exit_code}\n{result.output}\n{result.exception!r}"
        return result

    return run


@pytest.fixture
def registry(database_url: str, database_server: DatabaseServer, monkeypatch: pytest.MonkeyPatch, maxa: Run) -> Run:
    monkeypatch.setenv("MAXA_DATABASE_URL", database_url)
    monkeypatch.setenv("MAXA_ROLE", "centre")
    return maxa


@pytest.fixture
def shelf(home: Path) -> ShelfBuilder:
    builder = ShelfBuilder(home / "shelf")
    builder.publish("LNC", [concept("1-8", "یک", part="clinical"), concept("2-6", "دو", part="genetics", active=False)])
    builder.publish("LNC→RVU3", [pair("1-8", "800105")])
    return builder


def test_findings_by_rule_and_as_csv_and_the_workbook_marked(registry: Run, tmp_path: Path) -> None:
    book = lab_book(tmp_path / "lab.xlsx", [*LAB_ROWS, *PLACES])
    registry("import", str(book), "--source", "lab", code=3)
    told = registry("findings", "1", "--group", code=3).output
    assert "bad-code" in told
    assert "→ Correct it from the original list" in told
    groups = json.loads(registry("findings", "1", "--group", "--json", code=3).output)
    found = {one["rule"]: one for one in groups}
    assert found["bad-code"]["count"] == 2
    assert found["bad-code"]["mend_fa"]
    target = tmp_path / "findings.csv"
    registry("findings", "1", "--csv", str(target), code=3)
    lines = list(csv.reader(io.StringIO(target.read_text("utf-8-sig"), newline="")))
    assert len(lines) > len(found)
    marked = tmp_path / "marked.xlsx"
    said = registry("mark", "1", "-o", str(marked)).output
    assert "cells are marked" in said
    sheet = openpyxl.load_workbook(marked)["آزمایش"]
    assert sheet["A6"].comment is not None
    assert registry("mark", "1", "--file", "other.xlsx", code=4)
    assert registry("mark", "9", code=4)


def test_several_workbooks_give_several_marked_files(registry: Run, tmp_path: Path, monkeypatch: Any) -> None:
    for name, rows in (("a.xlsx", LAB_ROWS), ("b.xlsx", PLACES)):
        lab_book(tmp_path / name, rows)
    registry("import", str(tmp_path / "a.xlsx"), str(tmp_path / "b.xlsx"), "--source", "lab", code=3)
    registry("mark", "1", "-o", str(tmp_path / "marked.xlsx"))
    assert (tmp_path / "marked-1.xlsx").exists()
    assert (tmp_path / "marked-2.xlsx").exists()
    monkeypatch.chdir(tmp_path)
    registry("mark", "1", "--file", "b.xlsx")
    assert (tmp_path / "b-marked.xlsx").exists()


def test_export_on_a_mirror(maxa: Run, shelf: ShelfBuilder, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    maxa("export", "lnc", "-o", "lnc.xlsx")
    book = openpyxl.load_workbook("lnc.xlsx")
    assert [[cell.value for cell in row][:3] for row in book.active.iter_rows(max_row=3)] == [
        ["ترمینولوژی", "کد", "عنوان فارسی"], ["LNC", "1-8", "یک"], ["LNC", "2-6", "دو"],
    ]  # fmt: skip
    maxa("export", "LNC", "--part", "genetics", "-o", "part.csv")
    assert "1-8" not in Path("part.csv").read_text("utf-8-sig")
    told = json.loads(maxa("export", "LNC->RVU3", "--format", "json", "-o", "-").output)
    assert told["pairs"] == [
        {"source": "1-8", "target": "800105", "relationship": "equivalent", "status": "active", "part": "", "properties": {}}
    ]  # fmt: skip
    maxa("export", "LNC--RVU3")
    assert Path("LNC--RVU3-1402-02-18.xlsx").exists()


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("LNX",), 4), (("LNC", "--version", "1399-01-01"), 4), (("LNC", "--part", "nowhere"), 4),
        (("LNC", "-o", "x.docx"), 2), (("LNC", "--format", "pdf"), 2), (("LNC->XYZ",), 4),
    ],
)  # fmt: skip
def test_what_can_not_be_exported_is_said_and_writes_nothing(
    maxa: Run, shelf: ShelfBuilder, tmp_path: Path, monkeypatch: Any, words: tuple[str, ...], code: int
) -> None:
    monkeypatch.chdir(tmp_path)
    maxa("export", *words, code=code)
    assert list(tmp_path.iterdir()) == []


def test_templates_need_neither_database_nor_shelf(maxa: Run, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    listed = maxa("template", "--list").output
    assert "lab" in listed
    assert "LNC→RVU3" in listed
    assert "--source lab" in maxa("template", "LNC", "-o", "lnc.xlsx").output
    maxa("template", "drugs")
    assert {path.name for path in tmp_path.iterdir()} == {"lnc.xlsx", "drugs-template.xlsx"}
    maxa("template", "nothing", code=4)
    maxa("template", code=2)


def test_an_exported_edition_is_read_back(maxa: Run, shelf: ShelfBuilder, tmp_path: Path) -> None:
    path = tmp_path / "lnc.xlsx"
    maxa("export", "LNC", "-o", str(path))
    rows = read(path, "generic").concepts("LNC")
    assert [(row.code, row.title_fa, row.status) for row in rows] == [("1-8", "یک", "active"), ("2-6", "دو", "retired")]
