"""Whatever an import made of a workbook, its export gives the same rows when it is imported again: for every source."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from importers import SOURCES
from importers.declare import Sheet, Source
from importers.layouts import sheet_title
from importers.profile import Profile
from maxa.sheets.export import export_to, sheets_of
from maxa.sheets.rows import parts_of
from tests.sheets.made_rows import content, first_headings, fresh_folder, read_as, seal, sheet_rows, tables

SHEETS = [
    pytest.param(source, sheet, id=f"{source.name}-{number}")
    for source in SOURCES.values()
    for number, sheet in enumerate(source.sheets)
]
QUICKLY = settings(
    max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
)  # fmt: skip


@pytest.mark.parametrize(("source", "sheet"), SHEETS)
@pytest.mark.parametrize("kind", ["xlsx", "csv"])
@QUICKLY
@given(data=st.data())
def test_exporting_and_importing_again_changes_nothing(
    tmp_path: Path, source: Source, sheet: Sheet, kind: str, data: st.DataObject
) -> None:
    out_and_in_again(tmp_path, source, sheet, kind, data.draw(tables(sheet)))


@pytest.mark.deep
@pytest.mark.parametrize(("source", "sheet"), SHEETS)
@pytest.mark.parametrize("kind", ["xlsx", "csv"])
@settings(QUICKLY, max_examples=150)
@given(data=st.data())
def test_exporting_and_importing_again_changes_nothing_however_odd_the_rows(
    tmp_path: Path, source: Source, sheet: Sheet, kind: str, data: st.DataObject
) -> None:
    out_and_in_again(tmp_path, source, sheet, kind, data.draw(tables(sheet, most=20)))


def out_and_in_again(tmp_path: Path, source: Source, sheet: Sheet, kind: str, rows: list[list[Any]]) -> None:
    with fresh_folder(tmp_path) as folder:
        profile = Profile(terminology="Test") if source.name == "generic" else None
        book = sheet_rows(folder / "in.xlsx", sheet_title(sheet, "x"), first_headings(source, sheet), rows)
        first = content(read_as(book, source.name, profile))
        for number, (terminology, published) in enumerate(first.items()):
            if not published:
                continue
            release = seal(folder, terminology, published)
            layouts = sheets_of(release, parts_of(release))
            if layouts[0].source not in SOURCES:
                continue
            if source.name == "generic" and layouts[0].source != "generic":
                continue  # goes out in the columns of the source that declares this list, which holds codes to its shape
            name = layouts[0].sheet.split()[0]  # sheets of parts are told apart by their names, a CSV by its own
            path = folder / f"{name}-{number}.{kind}"
            export_to(release, kind, path)
            again = content(read_as(path, layouts[0].source, Profile(terminology=terminology)))
            assert again == {terminology: published}
