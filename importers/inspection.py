"""What a workbook looks like to us, before anything is imported: ``inspect`` says it, ``maxa inspect`` shows it.

The looking itself is done by survey.py in the same limited child that reads workbooks.
"""

from __future__ import annotations

import shutil
from dataclasses import asdict, dataclass
from dataclasses import field as made
from pathlib import Path
from typing import Any

import orjson

from importers.extraction import known_source, new_folder, path_as_json
from importers.findings import clean
from importers.handover import take_over
from importers.profile import Profile, check_terminology
from importers.refusals import broke_off
from maxa.limited import run_limited

_RESULT = "inspection.json"


@dataclass(frozen=True)
class Nearest:
    """A declared field that a heading may mean. ``why``: ``heading`` (spelled alike), ``codes`` (its cells have the
    shape of that field's codes) or ``letters`` (its cells are in that field's script)."""

    field: str
    heading: str  # the declaration's own
    why: str
    score: int  # of 100


@dataclass(frozen=True)
class ColumnSeen:
    """One column. ``state``: ``matched`` (by its heading), ``chosen`` (by a person, now or earlier), ``ignored`` (by
    name), ``displaced`` (another column was chosen for its field), ``unmatched`` or ``no-heading``."""

    letters: str
    heading: str
    state: str
    field: str = ""
    hidden: bool = False
    filled: int = 0
    kinds: dict[str, int] = made(default_factory=dict)  # text, number, date, formula, error, truth → cells
    examples: list[str] = made(default_factory=list)
    nearest: Nearest | None = None


@dataclass(frozen=True)
class MissingColumn:
    """A column without which the sheet can't be read. ``letters``: the column that may be it, with the reason."""

    field: str
    heading: str
    letters: str = ""
    why: str = ""


@dataclass(frozen=True)
class Quirk:
    """Something that people do to workbooks; ``kind`` is one of :data:`QUIRKS`, ``count`` how often, ``where`` an
    example."""

    kind: str
    count: int
    where: str = ""


QUIRKS: dict[str, tuple[str, str]] = {
    "title-rows": ("ردیف بالای سرستون‌ها", "rows above the headings"),
    "two-row-header": ("سرستون چندردیفه", "headings in several rows"),
    "repeated-header": ("سرستون تکراری میان داده‌ها", "headings repeated among the data"),
    "other-table": ("ردیف جدولی دیگر زیر جدول نخست", "rows of another table below the first"),
    "sections": ("عنوان بخش میان ردیف‌ها", "section titles between the rows"),
    "notes": ("یادداشت یا جمع زیر جدول", "notes or totals"),
    "blank-rows": ("ردیف خالی", "blank rows"),
    "outside": ("ردیفی بیرون از ستون‌های شناخته", "rows outside of the known columns"),
    "hidden-rows": ("ردیف پنهان", "hidden rows"),
    "hidden-columns": ("ستون پنهان", "hidden columns"),
    "merged-down": ("خانه‌های ادغام‌شدهٔ عمودی", "cells merged downwards"),
    "merged-across": ("خانه‌های ادغام‌شدهٔ افقی", "cells merged across"),
    "formulas": ("فرمول", "formulas"),
    "formulas-without-value": ("فرمول بی‌مقدار", "formulas without a saved value"),
    "error-cells": ("خانهٔ خطا", "error cells"),
    "numeric-codes": ("کد در خانهٔ عددی (صفر آغاز و رقم‌های پس از پانزدهم از دست می‌رود)",
                      "codes in numeric cells (leading zeros and digits after the 15th are lost)"),
    "date-codes": ("کدی که اکسل به تاریخ برگردانده است", "codes that Excel turned into dates"),
    "foreign-codes": ("کدی که به شکل کدهای این فهرست نیست", "codes that do not have the shape of this list's codes"),
    "no-heading": ("ستون بی‌سرستون که داده دارد", "columns with data but no heading"),
    "other-digits": ("رقم فارسی یا عربی در کدها", "Persian or Arabic digits in codes"),
    "other-letters": ("ي و ك عربی در متن", "Arabic ي and ك in the text"),
}  # fmt: skip


@dataclass(frozen=True)
class SheetSeen:
    """One sheet. ``read``: whether an import would read it. ``terminology`` is empty when no declared sheet fits."""

    name: str
    hidden: bool
    read: bool
    rows: int  # with any value
    extent: str  # A1:H120, "" for an empty sheet
    header_rows: list[int] = made(default_factory=list)
    guessed_header: bool = False  # no heading was known: the rows only look like headings
    terminology: str = ""
    part: str = ""
    data_rows: int = 0
    columns: list[ColumnSeen] = made(default_factory=list)
    missing: list[MissingColumn] = made(default_factory=list)
    quirks: list[Quirk] = made(default_factory=list)


@dataclass(frozen=True)
class Candidate:
    """How much the workbook resembles one source, and why."""

    source: str
    title_fa: str
    title_en: str
    circulars: list[str]
    complete: bool  # no column is missing
    columns_matched: int
    columns_seen: int  # columns with a heading in the sheets that match
    codes_seen: int  # of the first rows
    codes_fitting: int
    evidence: float  # matched headings, weighed by how few sources know them, and the strictness of the code's shape
    missing: list[str] = made(default_factory=list)  # headings

    @property
    def fits(self) -> bool:
        return self.complete and 2 * self.codes_fitting >= self.codes_seen


@dataclass(frozen=True)
class Given:
    """A table that an import would give; ``parts`` are those that its rows can belong to."""

    kind: str  # "concept" | "map"
    terminology: str
    parts: list[str]


@dataclass(frozen=True)
class Inspection:
    """All that is to be said. ``source`` is what an import would read it by, ``None`` when it would be refused:
    then ``refusal`` has the reason and both texts."""

    file: str
    format: str
    tells_all: bool
    source: str | None
    candidates: list[Candidate]  # the most resembling first
    sheets: list[SheetSeen]
    gives: list[Given] = made(default_factory=list)
    likely: str = ""  # another source, whose codes stand in the workbook under headings that it does not know
    flags: list[str] = made(default_factory=list)  # values of --column that would mend what is missing
    refusal: dict[str, str] | None = None
    absent: list[str] = made(default_factory=list)  # headings that a person mapped but no sheet has

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, given: dict[str, Any]) -> Inspection:
        sheets = [
            SheetSeen(**{
                **sheet,
                "columns": [
                    ColumnSeen(**{**column, "nearest": Nearest(**column["nearest"]) if column["nearest"] else None})
                    for column in sheet["columns"]
                ],
                "missing": [MissingColumn(**missing) for missing in sheet["missing"]],
                "quirks": [Quirk(**quirk) for quirk in sheet["quirks"]],
            })
            for sheet in given["sheets"]
        ]  # fmt: skip
        candidates = [Candidate(**candidate) for candidate in given["candidates"]]
        return cls(
            **{**given, "sheets": sheets, "candidates": candidates, "gives": [Given(**g) for g in given["gives"]]}
        )


def inspect(
    path: Path,
    *,
    workdir: Path,
    source: str | None = None,
    profile: Profile | None = None,
    memory: int = 1 << 30,
    seconds: int = 300,
    filename: str | None = None,
) -> Inspection:
    """Look at one workbook in a limited child process. Nothing is left in ``workdir``.

    ``source`` and ``profile`` are what an import would be given. Raises BadWorkbook for a file that is no workbook, is
    damaged, hostile or too large, and BadParameter for an unknown source; that no source fits is no error but the
    ``refusal`` of the inspection.
    """
    known_source(source)
    check_terminology(source, profile)
    folder = new_folder(workdir, "inspect")
    task = {
        "do": "inspect", "path": path_as_json(path), "source": source, "filename": clean(filename or path.name),
        "profile": (profile or Profile()).as_dict(),
    }  # fmt: skip
    try:
        ended = run_limited("importers.child", task, folder, memory=memory, seconds=seconds)
        try:
            return Inspection.from_dict(orjson.loads((folder / _RESULT).read_bytes()))
        except (OSError, orjson.JSONDecodeError):
            take_over(folder)  # raises what the child refused
            raise broke_off(ended) from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def leave_inspection(seen: Inspection, folder: Path) -> None:
    """Whole or not at all."""
    unfinished = folder / f"{_RESULT}.tmp"
    unfinished.write_bytes(orjson.dumps(seen.as_dict()))
    unfinished.rename(folder / _RESULT)
