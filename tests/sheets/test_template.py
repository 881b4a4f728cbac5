"""Templates: an empty one that is filled in imports cleanly, whatever the source."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from importers import SOURCES
from importers.codes import Code
from importers.declare import Column, Sheet, Source, TerminologyBy
from importers.fields import Choice, Decimal
from importers.layouts import choices_of, fields_once, heading_of
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


def told_by_row(sheet: Sheet) -> list[TerminologyBy]:
    ends = [sheet.terminology, *(end for pairs in sheet.pairs for end in (pairs.source, pairs.target))]
    return [end for end in ends if isinstance(end, TerminologyBy)]


_EXAMPLES = [
    ["718-7", "4544-3", "2345-7"], ["26643006", "24028007", "7771000"], ["A00", "A01", "A02"], ["801515", "801520", "801525"],
    ["K1", "K2", "K3"], ["1", "2", "3"], ["LNC"] * 3,
]  # fmt: skip


def example(sheet: Sheet, column: Column, at: int, page: int) -> Any:
    """What a person may fill in: the key, titles, and the first of few values; nothing that leads elsewhere."""
    kind = column.type
    if isinstance(kind, Code):
        if not (column.must_exist or column.field in sheet.any_of) or column.field == "part":
            return None
        if kind.width:  # no code may stand in two sheets
            return f"721020149560{page}00{at}"[-kind.width :]
        return next(texts[at] for texts in _EXAMPLES if all(map(kind.matches, texts)))
    if isinstance(kind, Choice):
        return next(iter(choices_of(kind).values()))
    for by in told_by_row(sheet):
        if by.field == column.field:
            return next(iter(by.known))
    if isinstance(kind, Decimal):
        return None if column.field in ("total", "professional", "technical") else at
    return f"عنوان {at}" if column.field != "title_en" else f"Title {at}"


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
        sheets = template_for(source.name).sheets
        at = data.draw(st.integers(0, len(sheets) - 1))
        sheet, page = sheets[at], book.worksheets[at]
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
    for sheet, page in zip(template_for(source.name).sheets, book.worksheets[:-1], strict=True):
        assert page.freeze_panes == "A2"
        letters = next(cell.column_letter for cell in page[1] if cell.value == heading_of(sheet, sheet.key))
        assert page.column_dimensions[letters].number_format == "@"
        by_row = {end.field for end in told_by_row(sheet) if end.known}
        choices = [column for column in fields_once(sheet) if hasattr(column.type, "values") or column.field in by_row]
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


@pytest.mark.parametrize("source", SOURCE_PARAMETERS)
def test_a_template_has_each_kind_of_sheet_once_with_headings_for_people(tmp_path: Path, source: Source) -> None:
    path = tmp_path / "template.xlsx"
    write_template(template_for(source.name), path)
    pages = openpyxl.load_workbook(path).worksheets[:-1]
    assert not any(page.title.endswith((")", ".")) for page in pages)
    headings = [tuple(cell.value for cell in page[1]) for page in pages]
    told = [
        (page.title.split()[0] if source.name == "drugs" else "", row)
        for page, row in zip(pages, headings, strict=True)
    ]
    assert len(set(told)) == len(told)
    raw = {column.field for sheet in source.sheets for column in sheet.columns if "_" in column.field}
    assert not raw & {heading for row in headings for heading in row}


@pytest.mark.parametrize("source", SOURCE_PARAMETERS)
def test_a_filled_template_is_known_without_saying_what_it_is(tmp_path: Path, source: Source) -> None:
    """Each of its sheets, with a few rows; what is only read when it is asked for, or may as well be the list of all
    medicines, is asked for."""
    path = tmp_path / "template.xlsx"
    template = template_for(source.name)
    write_template(template, path)
    book = openpyxl.load_workbook(path)
    for sheet, page in zip(template.sheets, book.worksheets[:-1], strict=True):
        for at in range(3):
            for number, column in enumerate(fields_once(sheet), start=1):
                page.cell(at + 2, number).value = example(sheet, column, at, book.index(page))
    book.save(path)
    (tmp_path / "spool").mkdir()
    asked = None if source.recognised and source.name != "natural" else source.name
    profile = Profile(terminology="Test") if source.name == "generic" else None
    extract = read_workbook(path, source=asked, workdir=tmp_path / "spool", profile=profile)
    assert extract.source == source.name
    assert [(f.rule, f.sheet, f.heading, f.value) for f in extract.findings if f.severity == "error"] == []
    assert [sheet.rows_read for sheet in extract.sheets] == [3] * len(template.sheets) + [0]


@pytest.mark.parametrize("source", SOURCE_PARAMETERS)
def test_every_terminology_that_the_list_of_templates_names_has_one(source: Source) -> None:
    for name in terminologies_of(source):
        assert template_for(name).sheets, name
        assert source.name in {template_for(name).source.name, *template_for(name).others}


def test_a_template_is_found_by_source_by_terminology_and_by_map() -> None:
    assert template_for("lab").source.name == "lab"
    assert template_for("rvu3").source.name == "rvu3"
    assert {sheet.terminology for sheet in template_for("irc").sheets} == {"IRC"}
    assert any(pairs.terminology == "LNC→RVU3" for sheet in template_for("LNC->RVU3").sheets for pairs in sheet.pairs)
    assert "LNC" in terminologies_of(SOURCES["lab"])
    assert template_for("*→RVU3").source.name == "prescription-map"
    assert template_for("snomedct.*").source.name == "snomed"
    assert template_for("*->*").source.name == "generic-map"
    with pytest.raises(NotFound) as error:
        template_for("LNX")
    assert "LNC" in error.value.suggestions
