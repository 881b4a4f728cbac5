"""Which list a workbook is: by its headings and by the shape of its codes."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from importers.cells import Cell, RowBatch, column_letters
from importers.choosing import choose
from importers.declare import Source
from importers.headings import Header
from importers.reading import look_at
from importers.recognition import Fit, Seen, codes_under, ranked_fits, recognised_sources, strictness
from importers.sources import SOURCES
from importers.workbook import open_workbook
from maxa.errors import BadWorkbook
from maxa.settings import PROJECT
from tests.importers.books import DRUG_ROWS, LAB_ROWS, RVU_ROWS, lab_book, rvu_book, save_xlsx

SAMPLES = sorted((PROJECT / "data" / "samples").glob("*.xls*"))


class FakeSheet:
    """A sheet that is at hand already."""

    hidden = False
    size = 1

    def __init__(self, name: str, rows: Sequence[Sequence[Any]]) -> None:
        self.name = name
        self.hidden_columns: list[tuple[int, int]] = []
        self.merged: list[Any] = []
        self._rows = rows

    def batches(self) -> Any:
        yield RowBatch([], [], [], 0, 1)

    def seen(self) -> Seen:
        rows: list[tuple[int, dict[str, Cell]]] = [
            (number, {column_letters(at): str(value) for at, value in enumerate(row, start=1) if value is not None})
            for number, row in enumerate(self._rows, start=1)
        ]
        return Seen(0, self, rows)  # type: ignore[arg-type]


def recognised(name: str, rows: Sequence[Sequence[Any]]) -> str:
    return choose([FakeSheet(name, rows).seen()], None).source.name


def fit_of_sample(path: Path) -> tuple[Fit, list[Seen]]:
    seen = look_at(open_workbook(path))
    return choose(seen, None), seen


def source_of_sample(path: Path) -> Source:
    """The source whose declaration takes every code of the sample, asked by name: what the sample was made for."""
    from importers.recognition import fit_of

    seen = [one for one in look_at(open_workbook(path)) if one.rows]
    fits = [fit_of(seen, source) for source in recognised_sources()]
    best = max(
        fits, key=lambda fit: (len(fit.headers), sum(len(h.columns) for h in fit.headers.values()), fit.codes.share)
    )
    return best.source


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_every_sample_is_recognised_as_its_own_source(path: Path) -> None:
    fit, _ = fit_of_sample(path)
    assert fit.source is source_of_sample(path)
    assert fit.plausible
    assert all(header.twice is None for header in fit.headers.values())


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_a_sample_is_recognised_with_its_columns_in_any_order(path: Path) -> None:
    fit, seen = fit_of_sample(path)
    chance = random.Random(path.name)
    for one in seen:
        header = fit.headers.get(one.order)
        if header is None:
            continue
        flat = in_one_row(one, header)
        letters = sorted({at for _, row in flat for at in row})
        order = letters[:]
        chance.shuffle(order)
        moved = dict(zip(letters, order, strict=True))
        rows = [(number, {moved[at]: cell for at, cell in row.items()}) for number, row in flat]
        again = choose([Seen(0, FakeSheet(one.sheet.name, []), rows)], None)  # type: ignore[arg-type]
        assert again.source is choose([Seen(0, one.sheet, one.rows)], None).source
        assert {moved[at]: column.field for at, column in header.columns.items()} == {
            at: column.field for at, column in again.headers[0].columns.items()
        }


def in_one_row(one: Seen, header: Header) -> list[tuple[int, dict[str, Cell]]]:
    """The rows with the headings in one row: columns of a group could not be moved apart."""
    headings = {letters: column.heading for letters, column in header.columns.items()} if len(header.rows) > 1 else {}
    return [
        (number, {**header.headings, **headings} if number == header.rows[-1] else row)
        for number, row in one.rows
        if number not in header.rows[:-1]
    ]


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_a_sample_is_recognised_by_every_spelling_of_every_heading(path: Path) -> None:
    fit, seen = fit_of_sample(path)
    tried = 0
    for one in seen:
        header = fit.headers.get(one.order)
        if header is None or len(header.rows) > 1:
            continue
        alone = choose([Seen(0, one.sheet, one.rows)], None).source
        for letters, column in header.columns.items():
            for alias in column.spellings:
                again = choose([Seen(0, one.sheet, respelled(one, header, {letters: alias}))], None)
                assert again.source is alone, f"{column.heading} as {alias}"
                assert again.headers[0].columns[letters].field == column.field
                tried += 1
    assert tried > 5 or all(len(h.rows) > 1 for h in fit.headers.values())


def respelled(one: Seen, header: Header, headings: dict[str, str]) -> list[tuple[int, dict[str, Cell]]]:
    return [(number, row | headings if number == header.rows[0] else row) for number, row in one.rows]


@pytest.mark.parametrize(
    ("name", "headings", "rows", "source"),
    [
        ("Sheet1", ["کد", "شرح"], [row[:3:2] for row in RVU_ROWS], "rvu3"),
        ("Sheet1", ["کد ملی", "نام خدمت", "شرح"], [[row[0], "x", row[2]] for row in RVU_ROWS], "rvu3"),
        ("drugs", ["code", "english name"], [[row[0], row[3]] for row in DRUG_ROWS], "drugs"),
    ],
)
def test_headings_that_many_lists_share_are_settled_by_the_codes(
    name: str, headings: list[str], rows: list[list[Any]], source: str
) -> None:
    assert recognised(name, [headings, *rows]) == source


def test_a_book_of_relative_values_without_modifiers_is_no_list_of_parts_that_it_does_not_name() -> None:
    """The ambulance services have the same headings and stricter codes, but say which service a row is of."""
    headings = ["کد", "شرح کد", "ارزش کل"]
    rows = [[f"8015{n:02}", f"شرح {n}", n] for n in range(10, 40)]
    assert recognised("Sheet1", [headings, *rows]) == "rvu3"
    assert recognised("آمبولانس هوایی", [headings, *rows]) == "ambulance"
    assert recognised("Sheet1", [headings, ["آمبولانس هوایی", None, None], *rows]) == "ambulance"


def test_a_list_asked_for_by_name_but_holding_codes_of_another_is_refused_before_it_is_read(tmp_path: Path) -> None:
    """``code`` and ``name`` are headings of both."""
    path = save_xlsx(
        tmp_path / "list.xlsx", {"a": [["code", "persian name", "شرح"], *[[r[0], r[3], r[3]] for r in DRUG_ROWS]]}
    )
    seen = look_at(open_workbook(path))
    with pytest.raises(BadWorkbook) as caught:
        choose(seen, SOURCES["rvu3"])
    assert (caught.value.data["reason"], caught.value.data["other"]) == ("another-list", "drugs")


def test_a_few_broken_codes_do_not_make_it_another_list(tmp_path: Path) -> None:
    rows = [*RVU_ROWS, ["718-7", None, "x", None, None, None], ["؟", None, "y", None, None, None]]
    assert choose(look_at(open_workbook(rvu_book(tmp_path / "a.xlsx", rows))), SOURCES["rvu3"]).source.name == "rvu3"


def test_section_titles_and_repeated_headings_are_no_codes(tmp_path: Path) -> None:
    path = lab_book(tmp_path / "a.xlsx", [["هماتولوژی"], *LAB_ROWS, ["کد لوینک", "نام آزمایش"], ["بیوشیمی"]])
    fit, seen = fit_of_sample(path)
    assert codes_under(fit.headers[0], seen[0].rows).given == 3
    assert fit.codes.share == 1


def test_numbers_of_rows_are_no_codes_of_medicines_unless_a_person_says_so() -> None:
    rows = [["Drug Number", "Drug Name"], *[[str(number), f"ACETAMINOPHEN {number}00MG TAB"] for number in range(1, 8)]]
    with pytest.raises(BadWorkbook) as caught:
        choose([FakeSheet("Sheet1", rows).seen()], None)
    assert (caught.value.data["reason"], caught.value.data["value"]) == ("wrong-codes", "1")
    assert "numbers of rows" in caught.value.detail_en
    fit = choose([FakeSheet("Sheet1", rows).seen()], SOURCES["drugs"])
    assert fit.headers[0].sheet.terminology == "eRx"
    rows[1][0] = "12"  # in no order of rows
    assert recognised("Sheet1", rows) == "drugs"


def test_strictness_tells_narrow_patterns_from_wide_ones() -> None:
    import re

    assert strictness(re.compile(r"\d{16}").fullmatch) > 0.9
    assert strictness(re.compile(r".+").fullmatch) == 0


def test_recognition_is_quick(tmp_path: Path) -> None:
    """Sixty rows of twenty columns that could all be headings, against every source: well under a second."""
    rows = [[f"ستون {row} {at}" for at in range(20)] for row in range(55)] + [["کد", "شرح", *["x"] * 18]] * 5
    seen = [FakeSheet("a", rows).seen()]
    began = time.perf_counter()
    ranked_fits(seen, recognised_sources())
    assert time.perf_counter() - began < 1.5
