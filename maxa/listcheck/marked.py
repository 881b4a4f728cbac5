"""The list given back with its rows marked, and a sheet of the codes that it lacks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.styles import Font

from maxa.gateway.issues import ERROR
from maxa.listcheck.comparing import Compared
from maxa.sheets.marking import mark_file
from maxa.sheets.retold import put_text
from maxa.shelf.release import Concept

LACKING = "کدهایی که در فهرست نیست"
_HEADINGS = ("کد", "عنوان فارسی", "عنوان لاتین")


def write_marked(
    task: Mapping[str, Any],
    told: Compared,
    missing: Sequence[Concept],
    headings: Mapping[str, str | None],
    header_rows: Mapping[str, int],
) -> None:
    """Write ``task["path"]``, marked, to ``task["target"]``. Raises BadWorkbook."""
    findings = [
        _finding(task["filename"], line, one, headings.get(line.sheet))
        for line, item in told.issues
        for one in item["Issues"]
    ]
    target = Path(task["target"])
    mark_file(Path(task["path"]), findings, target, filename=task["filename"], headers=header_rows)
    if missing:
        _add_missing(target, missing)


def _finding(filename: str, line: Any, issue: Mapping[str, Any], heading: str | None) -> dict[str, Any]:
    severity = issue["severity"] if issue["severity"] in (ERROR, "warning") else "info"
    return {
        "rule": issue["code"], "severity": severity, "message_fa": issue["message_fa"],
        "message_en": issue["message_en"], "file": filename, "sheet": line.sheet, "row": line.row,
        "column": line.column, "heading": heading, "value": line.code, "cases": 1,
    }  # fmt: skip


def _add_missing(target: Path, missing: Sequence[Concept]) -> None:
    book = load_workbook(target)
    page = book.create_sheet(LACKING)
    page.sheet_view.rightToLeft = True
    for letters, width in zip("ABC", (22, 56, 56), strict=True):
        page.column_dimensions[letters].width = width
    for column, heading in enumerate(_HEADINGS, start=1):
        page.cell(1, column, heading).font = Font(bold=True)
    for row, concept in enumerate(missing, start=2):
        for column, text in enumerate((concept.code, concept.title_fa, concept.title_en), start=1):
            put_text(page.cell(row, column), text)
    book.save(target)
