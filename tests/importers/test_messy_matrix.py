"""Every quirk of people's workbooks × several sources: what comes out is right, and nothing is dropped in silence."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from maxa.persian.fold import fold
from tests.importers.books import SPREADSHEET, Read, read
from tests.importers.messy import LISTS, QUIRKS, CleanList, Quirk, as_it_should_be, checked_rows

MATRIX = [(clean.source, name) for name, quirk in QUIRKS.items() for clean in LISTS.values() if quirk.only(clean)]


@pytest.fixture(scope="session")
def clean_reads(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Read]:
    return {name: read(as_it_should_be(clean, tmp_path_factory.mktemp(name))) for name, clean in LISTS.items()}


@pytest.mark.parametrize(("source", "name"), MATRIX)
def test_a_messy_workbook(source: str, name: str, tmp_path: Path, clean_reads: dict[str, Read]) -> None:
    quirk, clean, expected = QUIRKS[name], LISTS[source], clean_reads[source]
    path = quirk.make(clean, tmp_path)
    given = read(path)
    assert given.extract.source == source
    check_rules(given, expected, quirk)
    check_nothing_is_lost(given, path)
    check_rows(given, expected, clean, quirk)


def check_rules(given: Read, expected: Read, quirk: Quirk) -> None:
    """Exactly what the quirk is told, on top of what the clean workbook is told."""
    told = set(given.rules) - set(expected.rules)
    assert quirk.rules <= told <= quirk.rules | quirk.maybe, told


def check_nothing_is_lost(given: Read, path: Path) -> None:
    """Rows read + rows reported = rows present, and the rows present are those that another program sees."""
    assert all(present == accounted for present, accounted in given.balance())
    if path.suffix == ".xlsx":
        for filled, summary in zip(filled_rows(path), given.extract.sheets, strict=True):
            blank = summary.passed_over.get("blank", 0)
            assert summary.rows_present - blank <= filled <= summary.rows_present


def filled_rows(path: Path) -> list[int]:
    """Rows of each sheet that hold anything at all, counted by another XML reader."""
    counts = []
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if name.startswith("xl/worksheets/sheet")]
        for name in sorted(names):
            rows = ElementTree.fromstring(archive.read(name)).iter(f"{{{SPREADSHEET}}}row")
            tags = [f"{{{SPREADSHEET}}}{tag}" for tag in ("v", "t", "f")]
            counts.append(
                sum(any((found.text or "").strip() for tag in tags for found in row.iter(tag)) for row in rows)
            )
    return counts


def check_rows(given: Read, expected: Read, clean: CleanList, quirk: Quirk) -> None:
    before, after = checked_rows(expected), checked_rows(given)
    assert before.keys() == after.keys()
    own = next(rows for (kind, *_), rows in after.items() if kind == "concept")
    assert own
    if not quirk.same:
        return
    table_of_codes = next(key for key, rows in before.items() if clean.rows[0][clean.code] in [row[0] for row in rows])
    lost = {str(clean.rows[at][clean.code]) for at in quirk.lost} if "duplicate-code" not in quirk.rules else set()
    for key, rows in before.items():
        wanted = [plain(row, quirk) for row in rows if lost.isdisjoint(map(str, row[:2]))]
        found = [plain(row, quirk) for row in after[key]]
        if lost and key != table_of_codes:
            assert all(
                row in [plain(other, quirk) for other in rows] for row in found
            )  # a generic may lose its product
        else:
            assert found == wanted


def plain(row: tuple[Any, ...], quirk: Quirk) -> list[Any]:
    def even(value: Any) -> Any:
        if isinstance(value, str) and quirk.spelling:
            return fold(value)
        if isinstance(value, dict):
            return {name: even(one) for name, one in value.items() if name not in quirk.but}
        return value

    return [even(value) for value in row]


def test_the_matrix_is_as_wide_as_promised() -> None:
    """Each quirk is tried on three sources at least, unless the list can't have it."""
    for name, quirk in QUIRKS.items():
        assert sum(quirk.only(clean) for clean in LISTS.values()) >= (2 if name.startswith("look_alike") else 3)
    assert len(QUIRKS) >= 40
