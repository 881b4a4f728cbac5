"""The first sheet of a marked workbook: what was found, what it means, how to mend it, and where it begins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from maxa.sheets.findings_table import SEVERITIES, SEVERITY_FA, Found, cases_of, grouped
from maxa.sheets.mending import advice_for
from maxa.sheets.retold import put_text
from maxa.sheets.workbook import reference_to

NAME: Final = "یافته‌ها"  # an import passes over a sheet that is named so
_PLACES = 5
_ELSEWHERE = 500  # findings without a cell that are listed; more of them are the same thing over and over
_HEADINGS: Final = ("آنچه یافته شد", "شدت", "تعداد", "نشان‌گذاری‌شده", "راه درست کردن", "جاهای نخست")
_WIDTHS: Final = (52, 10, 10, 16, 56, 22, 22, 22, 22, 22, 24)

_TITLE, _BOLD, _LINK = Font(bold=True, size=14), Font(bold=True), Font(color="FF0563C1", underline="single")
_WRAP = Alignment(wrap_text=True, vertical="top", readingOrder=2)
_HEAD = PatternFill("solid", fgColor="FFD9D9D9")

Finding = dict[str, Any]


def write_findings_sheet(
    book: Workbook,
    findings: Sequence[Finding],
    elsewhere: Sequence[Finding],
    *,
    filename: str,
    fills: Mapping[str, str],
) -> None:
    """``findings`` with ``marked`` (sheet, address) where a cell was marked; ``elsewhere``: those without."""
    page = book.create_sheet(NAME, 0)
    page.sheet_view.rightToLeft = True
    for sheet in book.worksheets:
        sheet.sheet_view.tabSelected = sheet is page
    book.active = page
    for letters, width in zip("ABCDEFGHIJK", _WIDTHS, strict=True):
        page.column_dimensions[letters].width = width
    told = [SimpleNamespace(**finding) for finding in findings]
    counts = {name: sum(cases_of(one) for one in told if one.severity == name) for name in SEVERITIES}
    _say(page, 1, f"یافته‌های «{filename}»", font=_TITLE)
    _say(page, 2, "؛ ".join(f"{SEVERITY_FA[name]}: {count}" for name, count in counts.items()))
    _say(
        page, 3,
        "خانه‌های نادرست در برگه‌های دیگر رنگ شده و یادداشت دارد. آن‌ها را درست کنید و همین پرونده را دوباره بفرستید؛"
        " این برگه هنگام وارد کردن خوانده نمی‌شود."
        if findings
        else "هیچ یافته‌ای نیست.",
    )  # fmt: skip
    row = 5
    for number, name in enumerate(SEVERITIES, start=1):
        put_text(page.cell(4, number), SEVERITY_FA[name])
        page.cell(4, number).fill = PatternFill("solid", fgColor=fills[name])
    if findings:
        row = _write_groups(page, row + 1, told, fills)
    if elsewhere:
        _write_elsewhere(page, row + 1, elsewhere, book, fills)


def _write_groups(page: Worksheet, row: int, told: Sequence[SimpleNamespace], fills: Mapping[str, str]) -> int:
    _head(page, row, (*_HEADINGS, *[""] * (_PLACES - 1), "نام قاعده"))
    page.freeze_panes = f"A{row + 1}"
    for group in grouped(told, first=_PLACES):
        row += 1
        advice = advice_for(group.rule)
        marked = sum(1 for one in told if one.rule == group.rule and getattr(one, "marked", None))
        values: tuple[str | int, ...] = (
            advice.means_fa, SEVERITY_FA.get(group.severity, group.severity), group.count, marked, advice.mend_fa,
        )  # fmt: skip
        for number, value in enumerate(values, start=1):
            if isinstance(value, str):
                put_text(page.cell(row, number), value)
            else:
                page.cell(row, number).value = value
            page.cell(row, number).alignment = _WRAP
        page.cell(row, 2).fill = PatternFill("solid", fgColor=fills[group.severity])
        for number, one in enumerate(group.first, start=len(values) + 1):
            _link(page, row, number, one)
        put_text(page.cell(row, len(values) + _PLACES + 1), group.rule)
    return row + 1


def _link(page: Worksheet, row: int, column: int, finding: Found) -> None:
    cell = page.cell(row, column)
    marked = getattr(finding, "marked", None)
    if marked is None:
        put_text(cell, f"«{finding.sheet}»" if finding.sheet else "همهٔ پرونده")
        return
    sheet, address = marked
    put_text(cell, f"«{sheet}» {address}")
    cell.hyperlink = Hyperlink(
        ref=cell.coordinate, location=reference_to(sheet, address), tooltip=finding.message_fa[:250]
    )
    cell.font = _LINK


def _write_elsewhere(
    page: Worksheet, row: int, elsewhere: Sequence[Finding], book: Workbook, fills: Mapping[str, str]
) -> None:
    """Findings about a sheet or the whole list, in full, since no cell says them."""
    _head(page, row, ("یافته‌هایی که خانهٔ معینی ندارند", "شدت", "تعداد", "برگه", "راه درست کردن"))
    sheets = {sheet.title.casefold(): sheet for sheet in book.worksheets}
    for finding in elsewhere[:_ELSEWHERE]:
        row += 1
        texts = (
            finding["message_fa"], SEVERITY_FA.get(finding["severity"], finding["severity"]), None,
            finding["sheet"] or "", advice_for(finding["rule"]).mend_fa,
        )  # fmt: skip
        for number, text in enumerate(texts, start=1):
            if text is not None:
                put_text(page.cell(row, number), text)
                page.cell(row, number).alignment = _WRAP
        page.cell(row, 3).value = finding["cases"]
        page.cell(row, 2).fill = PatternFill("solid", fgColor=fills[finding["severity"]])
        sheet = sheets.get((finding["sheet"] or "").casefold())
        if sheet is not None:
            page.cell(row, 4).hyperlink = Hyperlink(ref=f"D{row}", location=reference_to(sheet.title, "A1"))
            page.cell(row, 4).font = _LINK
    more = len(elsewhere) - _ELSEWHERE
    if more > 0:
        _say(page, row + 1, f"و {more} یافتهٔ دیگر مانند این‌ها.")


def _head(page: Worksheet, row: int, texts: Sequence[str]) -> None:
    for number, text in enumerate(texts, start=1):
        cell = page.cell(row, number)
        put_text(cell, text)
        cell.font, cell.fill, cell.alignment = _BOLD, _HEAD, _WRAP


def _say(page: Worksheet, row: int, text: str, *, font: Font | None = None) -> None:
    cell = page.cell(row, 1)
    put_text(cell, text)
    if font is not None:
        cell.font = font
