"""Read one workbook whole: choose the source, read its sheets, and say what every other sheet was."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from importers.check import SheetReading
from importers.codes import Code
from importers.declare import Source
from importers.findings import Findings
from importers.headings import ROWS_LOOKED_AT, Header, Row, best_header, best_source, resembles
from importers.refusals import refusal
from importers.rows import Extract, SheetSummary
from importers.sources import SOURCES
from importers.spool import Spool
from importers.version import VERSION
from importers.workbook import Sheet, open_workbook

Progress = Callable[[int, int], None]

_BLANKS_LOOKED_THROUGH = 10_000
_FEW_CODES = 20  # below this, wrong codes are findings; above, a share of them tells another list
_WRONG_SHARE = 0.8


@dataclass(frozen=True)
class _Seen:
    """A sheet of the workbook with its first rows."""

    order: int
    sheet: Sheet
    rows: list[Row]


def read_workbook(
    path: Path, *, source: str | None, workdir: Path, filename: str | None = None, progress: Progress = lambda *_: None
) -> Extract:
    """Spool files go to ``workdir``. Raises BadWorkbook when the file can't be taken at all.

    Runs in the limited child (child.py): nothing here guards against a file that eats memory or time.
    """
    findings = Findings(filename or path.name)
    book = open_workbook(path)
    seen = [_Seen(order, sheet, [] if sheet.hidden else _first_rows(sheet)) for order, sheet in enumerate(book.sheets)]
    if not any(one.rows for one in seen) and not any(_count_rows(one.sheet) for one in seen if one.sheet.hidden):
        raise refusal("empty")
    chosen, headers = _choose(seen, SOURCES[source] if source else None)
    if not book.tells_all:
        findings.add("old-format", value=book.kind)
    spool = Spool(workdir)
    summaries = _read_sheets(chosen, seen, headers, findings, spool, progress)
    extract = Extract(chosen.name, VERSION, spool.tables(), findings.in_order(), summaries)
    if not extract.tables and not extract.has_errors:
        raise refusal("no-rows", list_fa=chosen.title_fa, list_en=chosen.title_en)
    return extract


def _first_rows(sheet: Sheet) -> list[Row]:
    rows: list[Row] = []
    blank = 0
    for batch in sheet.batches():
        rows += zip(batch.numbers, batch.cells, strict=True)
        blank += batch.blank
        if len(rows) >= ROWS_LOOKED_AT or (rows and blank > _BLANKS_LOOKED_THROUGH):
            break
    return rows[:ROWS_LOOKED_AT]


def _count_rows(sheet: Sheet) -> int:
    return sum(len(batch.numbers) for batch in sheet.batches())


def _choose(seen: list[_Seen], wanted: Source | None) -> tuple[Source, dict[int, Header]]:
    """The source to read the workbook by, and the headers of the sheets that belong to it, by order."""
    visible = [one for one in seen if one.rows]
    candidates = [wanted] if wanted else list(SOURCES.values())
    fits: list[tuple[int, Source, dict[int, Header]]] = []
    for source in candidates:
        headers = {one.order: h for one in visible if (h := best_header(one.sheet.name, one.rows, source.sheets))}
        complete = {order: header for order, header in headers.items() if header.complete}
        fits.append((max((resembles(h) for h in headers.values()), default=0), source, complete))
    count, source, headers = max(fits, key=lambda fit: fit[0])
    if not count:
        raise _refused(visible, candidates, wanted)
    for one in visible:
        if one.order in headers:
            headers[one.order].refuse_duplicates(one.sheet.name)
    return source, headers


def _refused(visible: list[_Seen], candidates: list[Source], wanted: Source | None) -> Exception:
    """Why no sheet fits: it is another list's, or a column is missing, or there are no headings at all."""
    partial = [
        (len(header.columns), header, one.sheet.name, source)
        for source in candidates
        for one in visible
        if (header := best_header(one.sheet.name, one.rows, source.sheets)) is not None
    ]
    count, header, sheet_name, nearest = max(partial, key=lambda one: one[0], default=(0, None, "", None))
    if wanted is not None:
        others = [found for one in visible if (found := best_source(one.sheet.name, one.rows, SOURCES.values()))]
        if others:
            other, fit = max(others, key=lambda one: len(one[1].columns))
            if len(fit.columns) >= count:
                return refusal(
                    "another-list", other=other.name, other_fa=other.title_fa, other_en=other.title_en,
                    list_fa=wanted.title_fa, list_en=wanted.title_en,
                )  # fmt: skip
    if header is not None and nearest is not None and count >= len(header.missing):
        return refusal(
            "missing-column", sheet=sheet_name, row=header.rows[-1], list_fa=nearest.title_fa, list_en=nearest.title_en,
            missing_fa="، ".join(f"«{column.heading}»" for column in header.missing),
            missing_en=", ".join(f"“{column.heading}”" for column in header.missing),
        )  # fmt: skip
    asked = wanted or nearest
    headings = [column.heading for column in asked.sheets[0].wanted()] if asked else []
    return refusal(
        "no-header",
        list_fa=wanted.title_fa if wanted else "هیچ‌یک از فهرست‌های شناخته",
        list_en=wanted.title_en if wanted else "any known list",
        wanted_fa="، ".join(f"«{heading}»" for heading in headings) or "کد و عنوان",
        wanted_en=", ".join(f"“{heading}”" for heading in headings) or "code and title",
    )


def _read_sheets(
    source: Source,
    seen: list[_Seen],
    headers: dict[int, Header],
    findings: Findings,
    spool: Spool,
    progress: Progress,
) -> list[SheetSummary]:
    total = max(sum(one.sheet.size for one in seen if one.order in headers), 1)
    done = 0
    summaries: dict[int, SheetSummary] = {}
    readings: list[SheetReading] = []
    # Lists of a terminology's own come before sheets that merely mention its codes.
    for one in sorted(seen, key=lambda s: bool(headers[s.order].sheet.also) if s.order in headers else False):
        if one.order not in headers:
            summaries[one.order] = _passed_over(one, findings)
            continue
        reading = SheetReading(one.sheet, headers[one.order], one.order, findings, spool)
        summaries[one.order] = reading.run(lambda here, before=done: progress(before + here, total))  # type: ignore[misc]
        _refuse_wrong_codes(reading, source)
        done += one.sheet.size
        readings.append(reading)
    for reading in readings:
        reading.tell_unknown_references()
    progress(total, total)
    return [summary for _, summary in sorted(summaries.items())]


def _passed_over(one: _Seen, findings: Findings) -> SheetSummary:
    sheet = one.sheet
    count = blank = 0
    for batch in sheet.batches():
        count += len(batch.numbers)
        blank += batch.blank
    reason = "hidden-sheet" if sheet.hidden else "unknown-sheet"
    if count:
        findings.add(reason, sheet=sheet.name, order=one.order, count=count)
    passed = {name: rows for name, rows in ((reason, count), ("blank", blank)) if rows}
    return SheetSummary(sheet.name, sheet.hidden, None, count + blank, 0, passed)


def _refuse_wrong_codes(reading: SheetReading, source: Source) -> None:
    """When most codes have another shape it is another list under the same headings, or columns were shifted."""
    bad = reading.key.tally["bad"]
    if bad < _FEW_CODES or bad < _WRONG_SHARE * (bad + reading.rows_read):
        return
    samples = reading.key.bad_codes
    likely = next(
        (
            sheet.terminology
            for other in SOURCES.values()
            for sheet in other.sheets
            if isinstance(sheet.key.type, Code)
            and sum(bool(sheet.key.type.matches(code)) for code in samples) > _WRONG_SHARE * len(samples)
        ),
        "",
    )
    raise refusal(
        "wrong-codes", sheet=reading.sheet.name, count=bad + reading.rows_read, bad=bad, value=samples[0][:60],
        list_fa=source.title_fa, list_en=source.title_en,
        hint_fa=f" و به کدهای {likely} می‌ماند" if likely else "",
        hint_en=f", but like codes of {likely}" if likely else "",
    )  # fmt: skip
