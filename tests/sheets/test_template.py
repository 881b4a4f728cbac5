"""Templates: an empty one that is filled in imports cleanly, whatever the source."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from importers import SOURCES
from importers.declare import Source
from importers.layouts import fields_once, heading_of
from importers.profile import Profile
from importers.reading import read_workbook
from maxa.errors import BadWorkbook, NotFound
from maxa.sheets.template import HELP, template_for, terminologies_of, write_template
from tests.sheets.made_rows import content, fresh_folder, read_as, sheet_rows, tables

SOURCE_PARAMETERS = [pytest.param(source, id=source.name) for source in SOURCES.values()]


def _as_openpyxl_writes_it(value: Any) -> Any:
    """It keeps sixteen digits of a fraction, no control characters, and no text that looks like an escape."""
    if isinstance(value, str):
        return openpyxl.cell.cell.ILLEGAL_CHARACTERS_RE.sub("", value).replace("_x", "x").replace("\r", "")
    return round(value, 6) if isinstance(value, float) else value


@pytest.mark.parametrize("source", SOURCE_PARAMETERS)
@settings(
    max_examples=2, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
)  # fmt: skip
@given(data=st.data())
def test_a_template_that_is_filled_in_imports_as_the_same_rows_typed_by_hand_do(
    tmp_path: Path, source: Source, data: st.DataObject
) -> None:
    with fresh_folder(tmp_path) as folder:
        path = folder / "template.xlsx"
        write_template(template_for(source.name), path)
        book = openpyxl.load_workbook(path)
        at = data.draw(st.integers(0, len(source.sheets) - 1))
        sheet, page = source.sheets[at], book.worksheets[at]
        rows = [[_as_openpyxl_writes_it(value) for value in row] for row in data.draw(tables(sheet))]
        headings = [cell.value for cell in page[1]]
        assert headings == [heading_of(sheet, column) for column in fields_once(sheet)]
        profile = Profile(terminology="Test") if source.name.startswith("generic") else None
        by_hand = content(
            read_as(sheet_rows(folder / "by-hand.xlsx", page.title, headings, rows), source.name, profile)
        )
        for number, row in enumerate(rows, start=2):
            for column, value in enumerate(row, start=1):
                cell = page.cell(number, column)
                cell.value = value
                if isinstance(value, str):
                    cell.data_type = "s"
        book.save(path)
        extract = read_as(path, source.name, profile)
        told = {finding.rule for finding in extract.findings}
        assert not told & {
            "unknown-column",
            "column-without-heading",
            "unknown-sheet",
            "hidden-sheet",
            "sheet-lacks-column",
        }
        assert content(extract) == by_hand


@pytest.mark.parametrize("source", SOURCE_PARAMETERS)
def test_a_template_is_right_to_left_with_codes_as_text_and_lists_to_choose_from(
    tmp_path: Path, source: Source
) -> None:
    path = tmp_path / "template.xlsx"
    write_template(template_for(source.name), path)
    book = openpyxl.load_workbook(path)
    assert book.sheetnames[-1] == HELP
    assert all(page.sheet_view.rightToLeft and page.sheet_state == "visible" for page in book)
    for sheet, page in zip(source.sheets, book.worksheets, strict=False):
        assert page.freeze_panes == "A2"
        letters = next(cell.column_letter for cell in page[1] if cell.value == heading_of(sheet, sheet.key))
        assert page.column_dimensions[letters].number_format == "@"
        choices = [column for column in fields_once(sheet) if hasattr(column.type, "values")]
        lists = [rule for rule in page.data_validations.dataValidation if rule.type == "list"]
        assert len(lists) == len(choices)
        for rule in lists:
            cells = book[HELP][rule.formula1.partition("!")[2].replace("$", "")]
            assert all(cell.value for (cell,) in (cells if isinstance(cells, tuple) else ((cells,),)))


@pytest.mark.parametrize("source", SOURCE_PARAMETERS)
def test_an_empty_template_is_refused_as_empty_and_retires_nothing(tmp_path: Path, source: Source) -> None:
    path = tmp_path / "template.xlsx"
    write_template(template_for(source.name), path)
    (tmp_path / "spool").mkdir()
    with pytest.raises(BadWorkbook) as refused:
        read_workbook(path, source=source.name, workdir=tmp_path / "spool", profile=Profile(terminology="Test"))
    assert refused.value.data["reason"] in ("no-rows", "empty")


def test_a_template_is_found_by_source_by_terminology_and_by_map() -> None:
    assert template_for("lab").source.name == "lab"
    assert template_for("rvu3").source.name == "rvu3"
    assert {sheet.terminology for sheet in template_for("irc").sheets} == {"IRC"}
    assert any(pairs.terminology == "LNC→RVU3" for sheet in template_for("LNC->RVU3").sheets for pairs in sheet.pairs)
    assert "LNC" in terminologies_of(SOURCES["lab"])
    with pytest.raises(NotFound) as error:
        template_for("LNX")
    assert "LNC" in error.value.suggestions
