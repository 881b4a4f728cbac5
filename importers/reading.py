"""Read one workbook whole: choose the source, read its sheets, and say what every other sheet was."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from rapidfuzz import fuzz, process

from importers.check import SheetReading
from importers.choosing import choose, hint_of
from importers.declare import Source
from importers.findings import Findings, clean
from importers.heading_keys import heading_key
from importers.heading_rows import ROWS_LOOKED_AT
from importers.headings import Header
from importers.profile import Profile, source_asked_for, titles_given
from importers.recognition import Fit, Seen, absent_headings, first_rows
from importers.refusals import refusal
from importers.rows import Extract, SheetSummary
from importers.sources import SOURCES
from importers.spool import Spool
from importers.version import VERSION
from importers.workbook import Book, Sheet, open_workbook
from maxa.persian.fold import fold

Progress = Callable[[int, int], None]

_FEW_CODES = 20  # below this, wrong codes are findings; above, a share of them tells another list
_WRONG_SHARE = 0.8
_HELP = ("راهنما", "help", "readme", "یافته", "findings")  # sheets that templates and marked workbooks carry


def read_workbook(
    path: Path,
    *,
    source: str | None,
    workdir: Path,
    filename: str | None = None,
    profile: Profile | None = None,
    progress: Progress = lambda *_: None,
) -> Extract:
    """Spool files go to ``workdir``. Raises BadWorkbook when the file can't be taken at all.

    Runs in the limited child (child.py): nothing here guards against a file that eats memory or time.
    """
    findings = Findings(filename or path.name)
    book = open_workbook(path, Path(filename).stem if filename else None)
    seen = look_at(book)
    fit = choose(seen, source_asked_for(source, profile, SOURCES), profile, filename or path.name)
    chosen = fit.source
    if not book.tells_all:
        findings.add("old-format", value=book.kind)
    for other in fit.instead_of:
        findings.add(
            "source-assumed", value=chosen.name, list_fa=chosen.title_fa, list_en=chosen.title_en, source=other.name,
            other_fa=other.title_fa, other_en=other.title_en,
        )  # fmt: skip
    _tell_absent_headings(seen, profile, findings)
    spool = Spool(workdir, titles_given(profile))
    summaries = _read_sheets(fit, seen, findings, spool, progress)
    extract = Extract(chosen.name, VERSION, spool.tables(), findings.in_order(), summaries)
    if not extract.tables and not extract.has_errors:
        raise refusal("no-rows", list_fa=chosen.title_fa, list_en=chosen.title_en)
    return extract


def look_at(book: Book) -> list[Seen]:
    """All sheets with the first rows of those that are not hidden. Raises BadWorkbook when nothing is in any of them."""
    seen = [Seen(order, sheet, [] if sheet.hidden else first_rows(sheet)) for order, sheet in enumerate(book.sheets)]
    if not any(one.rows for one in seen) and not any(_count_rows(one.sheet) for one in seen if one.sheet.hidden):
        raise refusal("empty")
    return seen


def _count_rows(sheet: Sheet) -> int:
    return sum(len(batch.numbers) for batch in sheet.batches())


def _read_sheets(
    fit: Fit, seen: list[Seen], findings: Findings, spool: Spool, progress: Progress
) -> list[SheetSummary]:
    headers = fit.headers
    total = max(sum(one.sheet.size for one in seen if one.order in headers), 1)
    done = 0
    summaries: dict[int, SheetSummary] = {}
    readings: list[SheetReading] = []
    # Lists of a terminology's own come before sheets that merely mention its codes.
    for one in sorted(seen, key=lambda s: bool(headers[s.order].sheet.also) if s.order in headers else False):
        if one.order not in headers:
            summaries[one.order] = _passed_over(one, fit.partial.get(one.order), findings)
            continue
        reading = SheetReading(one.sheet, headers[one.order], one.order, findings, spool)
        summaries[one.order] = reading.run(lambda here, before=done: progress(before + here, total))  # type: ignore[misc]
        _refuse_wrong_codes(reading, fit.source)
        done += one.sheet.size
        readings.append(reading)
    for reading in readings:
        reading.end()
    progress(total, total)
    return [summary for _, summary in sorted(summaries.items())]


def is_help(name: str) -> bool:
    """Whether a sheet of this name explains the list or sums up its findings."""
    return heading_key(name).startswith(_HELP)


def _passed_over(one: Seen, partial: Header | None, findings: Findings) -> SheetSummary:
    """Why a sheet was not read: it is hidden, explains the list, lacks a column of it, or is something else."""
    sheet = one.sheet
    count = blank = 0
    for batch in sheet.batches():
        count += len(batch.numbers)
        blank += batch.blank
    data: dict[str, Any] = {}
    if sheet.hidden:
        reason = "hidden-sheet"
    elif is_help(sheet.name):
        reason = "help-sheet"
    elif partial is not None and len(partial.columns) > len(partial.missing):
        reason = "sheet-lacks-column"
        data = {
            "matched": len(partial.columns),
            "missing": "، ".join(f"«{column.heading}»" for column in partial.missing),
        }  # fmt: skip
    else:
        reason = "unknown-sheet"
    if count:
        findings.add(reason, sheet=sheet.name, order=one.order, count=count, **data)
    passed = {name: rows for name, rows in ((reason, count), ("blank", blank)) if rows}
    return SheetSummary(sheet.name, sheet.hidden, None, count + blank, 0, passed)


def _tell_absent_headings(seen: list[Seen], profile: Profile | None, findings: Findings) -> None:
    """A heading that a person mapped but misspelled would leave its column unread in silence."""
    absent = absent_headings(seen, profile)
    there = {text for one in seen for reading in one.readings[:ROWS_LOOKED_AT] for text in reading.headings.values()}
    for heading in absent:
        near = process.extractOne(heading, sorted(there), scorer=fuzz.WRatio, processor=fold, score_cutoff=75)
        findings.add(
            "mapped-heading-absent", value=heading,
            nearest_fa=f"؛ نزدیک‌ترین سرستون به آن «{clean(near[0])}» است" if near else "",
            nearest_en=f"; the nearest is “{clean(near[0])}”" if near else "",
        )  # fmt: skip


def _refuse_wrong_codes(reading: SheetReading, source: Source) -> None:
    """When most codes have another shape it is another list under the same headings, or columns were shifted."""
    bad = reading.key.tally["bad"]
    if bad < _FEW_CODES or bad < _WRONG_SHARE * (bad + reading.rows_read):
        return
    samples = reading.key.bad_codes
    hint_fa, hint_en = hint_of(samples, reading.header)
    raise refusal(
        "wrong-codes", sheet=reading.sheet.name, count=bad + reading.rows_read, bad=bad, value=samples[0][:60],
        list_fa=source.title_fa, list_en=source.title_en,
        hint_fa=hint_fa, hint_en=hint_en,
    )  # fmt: skip
