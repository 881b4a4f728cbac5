"""The book of relative values, and what circulars add to it."""

from __future__ import annotations

from typing import Any

from openpyxl import Workbook

from data.samples.builders.content import INVENTED, lines, services
from data.samples.builders.pages import arabic, new_book, new_sheet, put_row, put_section

RVU_HEADINGS = (
    "رديف", "کد", "ویژگی کد", "شرح کد (Value)", "توضیحات", arabic("ارزش حرفه‌ای"), "ارزش فنی", "ارزش کل", "پایه بیهوشی", "گروه", "طبقه",
    "یادداشت",
)  # fmt: skip


def rvu_book() -> Workbook:
    book = new_book()
    width = len(RVU_HEADINGS)
    titles = ("کتاب ارزش نسبی خدمات سلامت", "نمونهٔ کوتاه برای آزمودن سامانه؛ کدها و ارزش‌ها جز چند کد ساختگی‌اند")
    sheet = new_sheet(book, "ارزش نسبی", titles, width)
    put_row(sheet, 4, RVU_HEADINGS, bold=True)  # row 3 stays blank
    at, group = 4, ""
    for number, service in enumerate(services(), start=1):
        at += 1
        if service.group != group:
            group = service.group
            put_section(sheet, at, f"فصل {group}", width)
            at += 1
        total = None if service.professional is None else round(service.professional + (service.technical or 0), 2)
        code: Any = int(service.code) if service.code.isdigit() and number % 4 == 0 else service.code
        technical: Any = service.technical
        if number % 29 == 0 and technical is not None:
            technical = str(technical).translate(str.maketrans("0123456789.", "۰۱۲۳۴۵۶۷۸۹٫"))
        marks = " ".join(service.marks) if number % 31 == 0 else service.marks
        title = arabic(service.title) if number % 13 == 0 else service.title
        put_row(
            sheet, at,
            (number, code, marks, title, "برای هر نوبت" if number % 17 == 0 else "", service.professional, technical, total,
             service.anaesthesia, service.group, service.category, service.note),
        )  # fmt: skip
    put_section(sheet, at + 2, "جمع کدها: به تعداد ردیف‌های جدول", width)
    return book


AMBULANCE_HEADINGS = ("ردیف", "کد", "ویژگی", "شرح خدمت", "واحد محاسبه", "ارزش حرفه‌ای", "ارزش فنی", "ارزش کل", "یادداشت")


def ambulance_book() -> Workbook:
    """A sheet for each kind of service; no column says which it is."""
    book = new_book()
    sheets: dict[str, list[list[str]]] = {}
    for kind, *cells in lines("ambulance.tsv"):
        sheets.setdefault(kind, []).append(cells)
    for place, (kind, rows) in enumerate(sheets.items()):
        title = f"خدمات {kind}، ابلاغیهٔ ۱۱۰/۹۰ مورخ ۱۴۰۰/۰۴/۰۹ (نمونه)"
        sheet = new_sheet(book, kind, (title,), len(AMBULANCE_HEADINGS))
        put_row(sheet, 3, AMBULANCE_HEADINGS, bold=True)
        for number, (service, unit, professional, technical) in enumerate(
            ([*cells, ""][:4] for cells in rows), start=1
        ):
            parts = [float(value) if value else None for value in (professional, technical)]
            put_row(
                sheet, number + 3,
                (number, 980_100 + 100 * place + 5 * number, "#*", service, unit, *parts, sum(filter(None, parts)), INVENTED),
            )  # fmt: skip
        put_section(sheet, len(rows) + 5, "* ارزش‌ها برای آزمودن سامانه است.", len(AMBULANCE_HEADINGS))
    return book


PHYSIOTHERAPY_GROUPS = (
    ("ردیف", None), ("کد ملی خدمت", None), ("عنوان خدمت", None), ("کد", "تأمین اجتماعی"), ("کد", "بیمه سلامت"),
    ("کد", "نیروهای مسلح"), ("کد", arabic("کمیته امداد")), ("عنوان", "تأمین اجتماعی"), ("عنوان", "بیمه سلامت"), ("یادداشت", None),
)  # fmt: skip


def physiotherapy_book() -> Workbook:
    """The national codes of the book, and what four insurers call them: headings in two rows."""
    book = new_book()
    width = len(PHYSIOTHERAPY_GROUPS)
    title = "خدمات فیزیوتراپی و نگاشت آن به کد بیمه‌ها، ابلاغیهٔ ۱۱۰/۱۲۱ مورخ ۱۴۰۰/۰۴/۲۹ (نمونه)"
    sheet = new_sheet(book, "فیزیوتراپی", (title,), width)
    groups = [group for group, _ in PHYSIOTHERAPY_GROUPS]
    put_row(
        sheet, 2, (group if at == 0 or groups[at - 1] != group else None for at, group in enumerate(groups)), bold=True
    )
    put_row(sheet, 3, (heading for _, heading in PHYSIOTHERAPY_GROUPS), bold=True)
    for column, (_, heading) in enumerate(PHYSIOTHERAPY_GROUPS, start=1):
        if heading is None:
            sheet.merge_cells(start_row=2, end_row=3, start_column=column, end_column=column)
    sheet.merge_cells("D2:G2")
    sheet.merge_cells("H2:I2")
    at = 3
    for number, service in enumerate((s for s in services() if s.category == "فیزیوتراپی"), start=1):
        at += 1
        if number in (1, 8):
            put_section(sheet, at, "ناحیه‌ها" if number == 1 else "روش‌ها", width)
            at += 1
        tamin = f"{20_000 + number * 3}"
        armed = f"{service.code}-{number % 4 + 1:03d}" if number % 3 else ""
        put_row(
            sheet, at,
            (number, int(service.code), service.title, tamin, f"{service.code}؛ {service.code}-001" if number % 5 == 0
             else service.code, armed, f"{4_000 + number}" if number % 2 else "-", f"{service.title} (تأمین)",
             service.title if number % 5 else "", INVENTED),
        )  # fmt: skip
    return book
