"""The rows of a request and their answers as CSV and as a workbook; what a stranger wrote is never a formula."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence

from maxa.registry.models import CodeRequest, RequestRow
from maxa.sheets.export import MEDIA_TYPES
from maxa.sheets.plain_text import csv_line
from maxa.sheets.workbook import BookWriter, Column, SheetXml, Style
from maxa.web.language import is_persian

FILES = ("csv", "xlsx")
_HEADINGS = (
    ("سطر", "row"), ("کد", "code"), ("عنوان", "title"), ("توضیح", "note"), ("پاسخ", "answer"),
    ("واژگان پاسخ", "answered terminology"), ("کد پاسخ", "answered code"), ("دلیل", "reason"), ("پاسخ‌دهنده", "answered by"),
)  # fmt: skip
_WIDTHS = (6, 18, 45, 30, 12, 14, 18, 40, 14)
_ANSWERS = {"assigned": "کد تازه", "existing": "کدی که هست", "refused": "رد شد"}


def request_file(one: CodeRequest, rows: Sequence[RequestRow], form: str) -> tuple[bytes, str]:
    """The content and its media type."""
    headings = tuple(heading[0 if is_persian() else 1] for heading in _HEADINGS)
    lines = [headings, *_lines(rows)]
    if form == "csv":
        text = "".join(map(csv_line, lines))
        return ("\ufeff" + text).encode("utf-8", "replace"), MEDIA_TYPES["csv"]
    return _workbook(one.tracking, lines), MEDIA_TYPES["xlsx"]


def _lines(rows: Sequence[RequestRow]) -> Iterator[tuple[str, ...]]:
    for row in rows:
        said = row.answer
        kind = (_ANSWERS[said.kind] if is_persian() else said.kind) if said else ""
        answer = (kind, said.terminology, said.code, said.reason, said.actor) if said else ("",) * 5
        yield (str(row.position), row.code, row.title, row.note, *answer)


def _workbook(name: str, lines: Sequence[tuple[str, ...]]) -> bytes:
    content = io.BytesIO()
    book = BookWriter(content)
    _, file = book.open_sheet(name)
    with file:
        sheet = SheetXml(file, [Column(width) for width in _WIDTHS])
        for number, line in enumerate(lines):
            sheet.add(line, Style.HEADING if not number else None)
        sheet.end()
    book.close()
    return content.getvalue()
