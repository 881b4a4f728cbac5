"""The list of imaging services: a sheet for each modality, headings in two rows."""

from __future__ import annotations

from openpyxl import Workbook

from data.samples.builders.content import INVENTED, lines, services, with_check_digit
from data.samples.builders.pages import arabic, new_book, new_sheet, put_row, put_section

SHEETS = {
    "ct": "سی‌تی اسکن", "mri": arabic("ام آر آی"), "nuclear-medicine": arabic("پزشکی هسته‌ای"), "sonography": "سونوگرافي",
    "mammography": "ماموگرافی", "radiology": "رادیولوژی", "anatomical": "آناتومیکال",
}  # fmt: skip
GROUPS = (
    ("ردیف", None), ("کد LOINC", None), ("نام خدمت", None), ("عنوان لاتین", None), ("ناحیه بدن", None), ("سمت", None),
    ("ماده حاجب", None), ("ارزش نسبی", "کد RVU"), ("ارزش نسبی", "ارزش RVU"), ("ارزش نسبی", "گروه RVU"), ("یادداشت", None),
)  # fmt: skip


def imaging_book() -> Workbook:
    book = new_book()
    known = {service.title: service for service in services()}
    width = len(GROUPS)
    rows = [[*cells, ""][:8] for cells in lines("imaging.tsv")]
    for place, (modality, name) in enumerate(SHEETS.items()):
        titles = ("مرجع کدینگ سلامت ایران (مکسا)", f"خدمات {name}، ابلاغیهٔ ۱۱۰/۱۲۴ مورخ ۱۴۰۰/۰۵/۰۵ (نمونه)")
        sheet = new_sheet(book, name, titles, width)
        names = [group for group, _ in GROUPS]
        put_row(
            sheet,
            3,
            (group if at == 0 or names[at - 1] != group else None for at, group in enumerate(names)),
            bold=True,
        )
        put_row(sheet, 4, (heading for _, heading in GROUPS), bold=True)
        sheet.merge_cells("H3:J3")
        for column, (_, heading) in enumerate(GROUPS, start=1):
            if heading is None:
                sheet.merge_cells(start_row=3, end_row=4, start_column=column, end_column=column)
        own = [cells for cells in rows if cells[0] == modality]
        at, region = 4, ""
        for number, (_, code, english, persian, site, side, contrast, title) in enumerate(own, start=1):
            at += 1
            if modality == "radiology" and site != region:
                region = site
                put_section(sheet, at, f"پرتونگاری {site}", width)
                at += 1
            service = known[title] if title else None
            invented = code == "-"
            put_row(
                sheet, at,
                (number, with_check_digit(f"98{place * 100 + number:05d}") if invented else code, persian,
                 f"{english} (sample)" if invented else english, site, side, contrast,
                 service.code if service else "-",
                 round((service.professional or 0) + (service.technical or 0), 2) if service else "-",
                 service.group if service else "-", INVENTED if invented else ""),
            )  # fmt: skip
        put_section(sheet, at + 2, "نکته: سمت و مادهٔ حاجب در راهنمای فنی شرح داده شده است.", width)
    return book
