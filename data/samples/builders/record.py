"""Lists of the record: diagnoses, value sets, and subsets of SNOMED CT."""

from __future__ import annotations

from collections.abc import Iterator

from openpyxl import Workbook

from data.samples.builders.content import INVENTED, lines
from data.samples.builders.pages import arabic, new_book, new_sheet, put_row, put_section


def icd10_book() -> Workbook:
    """Chapters, blocks, categories and subcategories one below the other; no column names what stands above a row."""
    book = new_book()
    headings = ("ردیف", "کد ICD10", arabic("عنوان فارسی"), "عنوان لاتین", "سطح")
    titles = (
        "طبقه‌بندی بین‌المللی بیماری‌ها، ویرایش دهم",
        "نمونهٔ کوتاه برای آزمودن سامانه؛ عنوان‌های فارسی از این نمونه است",
    )
    sheet = new_sheet(book, "ICD10", titles, len(headings))
    put_row(sheet, 4, headings, bold=True)
    for number, (code, persian, english, *_) in enumerate(lines("icd10.tsv"), start=1):
        level = "فصل" if code.isalpha() else "دسته" if "-" in code else "زیررده" if "." in code else "رده"
        written = code.replace(".", "") if number % 23 == 0 else code  # as some programs write them
        put_row(sheet, number + 4, (number, written, persian, english, level))
    return book


def _blocks(name: str) -> Iterator[tuple[str, list[list[str]]]]:
    """What stands under each line that begins with ``@``."""
    title, rows = "", list[list[str]]()
    for cells in lines(name):
        if cells[0].startswith("@"):
            if rows:
                yield title, rows
            title, rows = cells[0][1:], []
        else:
            rows.append(cells)
    yield title, rows


def value_set_book() -> Workbook:
    """Large sets have sheets of their own, named after them in any case; the small ones share a sheet."""
    book = new_book()
    shared = {
        "thritaEHR.gender",
        "thritaEHR.maritalStatus",
        "thritaEHR.healthcareProvider.role",
        "thritaEHR.daignosis.status",
    }
    headings = ("کد", "مقدار", "عنوان لاتین", "یادداشت")
    together = new_sheet(book, "سایر مقدارها", ("مقدارهای کوتاه پرونده (نمونه)",), 5)
    put_row(together, 2, ("ترمینولوژی", *headings), bold=True)
    at = 2
    for place, (name, rows) in enumerate(_blocks("value_sets.tsv")):
        spelled = (name, name.lower(), name.removeprefix("thritaEHR."), name.replace("thrita", "Thrita"))[place % 4]
        sheet = None if name in shared else new_sheet(book, spelled, (f"مقدارهای {name} (نمونه)",), len(headings))
        if sheet is not None:
            put_row(sheet, 2, headings, bold=True)
        for number, (_, code, persian, english) in enumerate(([*cells, ""][:4] for cells in rows), start=3):
            note = "" if (name, code) == ("thritaEHR.otherCost", "24") else INVENTED
            if sheet is not None:
                put_row(sheet, number, (code, persian, english, note))
            else:
                at += 1
                put_row(together, at, (spelled, code, persian, english, note))
    return book


def snomed_book() -> Workbook:
    book = new_book()
    headings = ("SCTID", "Preferred Term", "معادل فارسی")
    for name, rows in _blocks("snomed.tsv"):
        sheet = new_sheet(book, f"SNOMEDCT.{name}", (f"زیرمجموعهٔ {name} از SNOMED CT (نمونه)",), len(headings))
        put_row(sheet, 3, headings, bold=True)
        for number, (identifier, persian, term) in enumerate(rows, start=4):
            put_row(sheet, number, (identifier, term, persian))
        put_section(sheet, len(rows) + 5, "منبع: SNOMED CT، برای آزمودن سامانه", len(headings))
    return book
