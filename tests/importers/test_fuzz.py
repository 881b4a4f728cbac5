"""Mutated workbooks: whatever is done to the bytes, the XML or the cells, reading ends in rows or in a clear refusal."""

from __future__ import annotations

import random
import resource
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from openpyxl import load_workbook

import importers
from importers.inspection import Inspection, inspect
from importers.refusals import REASONS
from importers.rows import Extract
from importers.survey import survey
from maxa.errors import BadWorkbook
from maxa.settings import PROJECT
from tests.importers.books import (
    DRUG_HEADINGS,
    DRUG_ROWS,
    Read,
    read,
    save_csv,
    save_html,
    save_ods,
    save_xls,
    save_xlsb,
)

SAMPLES = sorted((PROJECT / "data" / "samples").glob("*.xlsx"))
TABLE = [DRUG_HEADINGS, *DRUG_ROWS] * 5
CALAMINE = (".xls", ".xlsb", ".ods")
PIECES = [
    b"<", b">", b"&", b"]]>", b"<!--", b"<![CDATA[", b"<!DOCTYPE a>", b"</row>", b"</sheetData>", b'<c r="XFD9"><v>1</v></c>', b"<v>",
    b"\x00", b"\xff\xfe", b"\xed\xa0\x80", b"-1", b"99999999999999999999", b"1E400", b"NaN", b"_xD800_", b"&#x1F;", b"&nbsp;", b"'", b'"',
]  # fmt: skip
VALUES: list[Any] = [
    None, "", "-", "0", 0, -1, 1e300, 7210201495605780, 9275740779753133, True, "=A1", "=1/0", "#N/A", "۰", "x" * 32_767, "\u200c",
    "718-7", "801515", "0579693345955352", "کد", "كد LOINC", "جمع کل", "_x0000_", "NaN", "1402/02/18", "بالینی", "ژنتیک", "۱۲٬۰۰۰",
]  # fmt: skip


def mutate_bytes(content: bytes, chance: random.Random) -> bytes:
    """A few flips, cuts, repeats and insertions."""
    data = bytearray(content)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(data) + 1)
        match chance.randrange(5):
            case 0:
                data[at : at + 1] = bytes([chance.randrange(256)])
            case 1:
                del data[at : at + chance.randrange(1, 300)]
            case 2:
                data[at:at] = chance.choice(PIECES)
            case 3:
                data[at:at] = data[at : at + chance.randrange(1, 300)]
            case 4 if chance.random() < 0.2:
                del data[at:]
    return bytes(data)


def mutate_parts(path: Path, chance: random.Random) -> None:
    """The same inside one or two entries of the archive, which stays a good archive."""
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    for name in chance.sample(sorted(parts), k=min(2, len(parts))):
        parts[name] = mutate_bytes(parts[name], chance)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in parts.items():
            new.writestr(name, content)


def mutate_cells(path: Path, chance: random.Random) -> None:
    book = load_workbook(path)
    for sheet in book.worksheets:
        for merged in list(sheet.merged_cells.ranges):
            sheet.unmerge_cells(str(merged))
        for _ in range(chance.randint(1, 40)):
            sheet.cell(
                chance.randint(1, sheet.max_row + 3), chance.randint(1, sheet.max_column + 2), chance.choice(VALUES)
            )
        if chance.random() < 0.3:
            sheet.delete_rows(chance.randint(1, 6))
        if chance.random() < 0.3:
            sheet.delete_cols(chance.randint(1, sheet.max_column))
    book.save(path)


def mutated(seed: int, folder: Path) -> Path:
    chance = random.Random(seed)
    others: list[Callable[[], Path]] = [
        lambda: save_xls(folder / "drugs.xls", {"a": TABLE}),
        lambda: save_xlsb(folder / "drugs.xlsb", TABLE),
        lambda: save_ods(folder / "drugs.ods", TABLE),
        lambda: save_csv(folder / "drugs.csv", TABLE),
        lambda: save_html(folder / "drugs.html", TABLE),
    ]
    if chance.random() < 0.4:
        path = chance.choice(others)()
    else:
        path = folder / "a.xlsx"
        path.write_bytes(chance.choice(SAMPLES).read_bytes())
    kind = chance.choice(["bytes", "parts", "cells"])
    if kind == "cells" and path.suffix == ".xlsx":
        mutate_cells(path, chance)
    elif kind != "bytes" and zipfile.is_zipfile(path):
        mutate_parts(path, chance)
    else:
        path.write_bytes(mutate_bytes(path.read_bytes(), chance))
    return path


def check_refusal(refused: BadWorkbook, ours: bool) -> None:
    assert refused.data["reason"] in REASONS
    assert not (ours and refused.data["reason"] in ("unreadable", "too-large", "too-slow"))
    assert refused.detail_fa
    assert refused.detail_en


def check_outcome(read_it: Callable[[], Extract], ours: bool) -> None:
    """``ours``: our own reader reads the format, so that an error which nobody foresaw is a mistake of ours."""
    try:
        extract = read_it()
    except BadWorkbook as refused:
        check_refusal(refused, ours)
        return
    for table in extract.tables:
        assert table.rows == len(table.path.read_bytes().splitlines())
    for finding in extract.findings:
        assert finding.message_fa
        assert len(finding.value or "") <= 200
        (finding.message_fa + finding.message_en + (finding.value or "")).encode()
    if extract.findings and any(finding.rule == "more-findings" for finding in extract.findings):
        return
    assert all(present == accounted for present, accounted in Read(extract).balance())


def check_inspection(look: Callable[[], Inspection], ours: bool) -> None:
    """It says what it saw, in words that a terminal and a database can hold, or why it can't be looked at."""
    try:
        seen = look()
    except BadWorkbook as refused:
        check_refusal(refused, ours)
        return
    assert (seen.source is None) == (seen.refusal is not None)
    assert seen.refusal is None or (seen.refusal["reason"] in REASONS and seen.refusal["detail_fa"])
    assert Inspection.from_dict(orjson.loads(orjson.dumps(seen.as_dict()))) == seen
    for sheet in seen.sheets:
        assert sheet.data_rows <= sheet.rows
        assert all(column.filled <= sheet.rows for column in sheet.columns)


@pytest.mark.parametrize("seed", range(60))
def test_a_mutated_workbook_gives_rows_or_a_refusal(seed: int, tmp_path: Path) -> None:
    path = mutated(seed, tmp_path)
    if path.suffix in CALAMINE:  # what a library in another language does with it is not for this process
        check_outcome(lambda: importers.extract(path, workdir=tmp_path, seconds=60), ours=False)
        check_inspection(lambda: inspect(path, workdir=tmp_path, seconds=60), ours=False)
    else:
        check_outcome(lambda: read(path).extract, ours=True)
        check_inspection(lambda: survey(path, source=None, filename=path.name, profile=None), ours=True)


@pytest.mark.deep
@pytest.mark.parametrize("seed", range(1_000, 3_000))
def test_two_thousand_mutated_workbooks_in_the_child(seed: int, tmp_path: Path) -> None:
    """Within 10 seconds of the processor and 1 GB each: what takes more of our own readers is a failure here. On the
    clock a busy machine may take longer."""
    path = mutated(seed, tmp_path)
    ours = path.suffix not in CALAMINE
    before = children_seconds()
    check_outcome(lambda: importers.extract(path, workdir=tmp_path, memory=1 << 30, seconds=120), ours)
    between = children_seconds()
    check_inspection(lambda: inspect(path, workdir=tmp_path, memory=1 << 30, seconds=120), ours)
    assert between - before < 10
    assert children_seconds() - between < 10


def children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
