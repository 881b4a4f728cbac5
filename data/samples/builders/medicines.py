"""Medicines, supplements and natural medicines, and how they are used."""

from __future__ import annotations

from typing import Any

from openpyxl import Workbook

from data.samples.builders.content import INVENTED, Product, lines, products
from data.samples.builders.pages import arabic, new_book, new_sheet, put_row

DRUG_GROUPS = (
    ("ردیف", None), ("کد", "IRC"), ("کد", "ژنریک"), ("نام فرآورده", "فارسی"), ("نام فرآورده", "لاتین"), ("نام ژنریک", "فارسی"),
    ("نام ژنریک", "لاتین"), (arabic("شرکت تامین کننده"), None), ("شکل دارویی", None), ("قدرت", None), ("قیمت مصرف‌کننده", None),
    ("وضعیت", None), ("کد IRC جدید", None), ("یادداشت", None),
)  # fmt: skip


def drug_sheet(book: Workbook, name: str, title: str, rows: list[Product]) -> None:
    width = len(DRUG_GROUPS)
    sheet = new_sheet(book, name, (title,), width)
    put_row(
        sheet,
        2,
        (group if at == 0 or DRUG_GROUPS[at - 1][0] != group else None for at, (group, _) in enumerate(DRUG_GROUPS)),
        bold=True,
    )
    put_row(sheet, 3, (heading for _, heading in DRUG_GROUPS), bold=True)
    for column, (group, heading) in enumerate(DRUG_GROUPS, start=1):
        if heading is None:
            sheet.merge_cells(start_row=2, end_row=3, start_column=column, end_column=column)
        elif column < width and DRUG_GROUPS[column][0] == group:
            sheet.merge_cells(start_row=2, end_row=2, start_column=column, end_column=column + 1)
    for number, product in enumerate(rows, start=1):
        at = number + 3
        price: Any = product.price if number % 5 else f"{product.price:,}"
        put_row(
            sheet, at,
            (number, product.irc, product.erx, product.title_fa, product.title_en, product.generic_fa, product.generic_en,
             product.company, product.form, product.strength, price, product.status, product.successor, product.note),
        )  # fmt: skip
        if product.irc.startswith("0") and number % 2:
            sheet.cell(at, 2, int(product.irc))  # as Excel leaves it when the column is not text
        if number % 6 == 0:
            sheet.cell(at, 3, int(product.erx)).number_format = "00000"
    sheet.cell(len(rows) + 6, 1, "* قیمت‌ها به ریال است.")


def drug_book() -> Workbook:
    book = new_book()
    medicines = products("drugs.tsv", 10_003, 0)
    old, new = medicines[10], medicines[11]
    old.status, old.successor = "غیرفعال", new.irc  # re-registered under a new licence
    drug_sheet(book, "داروها", "فهرست کد eRx و IRC داروها", medicines)
    drug_sheet(book, "داروهاي مكمل", "فهرست کد eRx و IRC داروهای مکمل", products("supplements.tsv", 81_009, 7_000))
    return book


NATURAL_HEADINGS = (
    "ردیف", "کد IRC", "کد ژنریک", "نام فارسی فرآورده", "نام لاتین فرآورده", "نام فارسی ژنریک", "نام لاتین ژنریک", "شرکت",
    "شکل دارویی", "قدرت", "قیمت مصرف کننده", "نام علمی گیاه", "اندام گیاهی", "وضعیت", "یادداشت",
)  # fmt: skip


def natural_book() -> Workbook:
    book = new_book()
    titles = ("فهرست کد eRx و IRC داروهای طبیعی", "ابلاغیهٔ ۱۱۰/۱۰۰ مورخ ۱۴۰۰/۰۴/۱۶ (نمونه)")
    sheet = new_sheet(book, arabic("داروهای طبیعی"), titles, len(NATURAL_HEADINGS))
    put_row(sheet, 3, NATURAL_HEADINGS, bold=True)
    plants = {f"{cells[0]} {cells[2]} {cells[4]}".replace(" - ", " "): cells[5:7] for cells in lines("natural.tsv")}
    for number, product in enumerate(products("natural.tsv", 90_011, 14_000), start=1):
        put_row(
            sheet, number + 3,
            (number, product.irc, product.erx, product.title_fa, product.title_en, product.generic_fa, product.generic_en,
             product.company, product.form, product.strength, product.price, *plants[product.generic_en], product.status,
             product.note),
        )  # fmt: skip
    return book


USAGE_SHEETS = {
    "time": (
        "زمان مصرف",
        ("ردیف", "کد", "عنوان", "عنوان لاتین", "اختصار", "تعداد در روز", "فاصله (ساعت)", "گروه", "یادداشت"),
    ),
    "way": (arabic("نحوه مصرف"), ("ردیف", "کد نحوه مصرف", "نحوه مصرف", "عنوان لاتین", "اختصار", "گروه", "یادداشت")),
    "method": ("متد مصرف", ("کد", "شرح", "عنوان لاتین", "اختصار", "یادداشت")),
}


def usage_book() -> Workbook:
    """Three sheets, three lists; a fourth explains them."""
    book = new_book()
    for name, (title, headings) in USAGE_SHEETS.items():
        titles = (f"{title} دارو، ابلاغیهٔ ۱۱۰/۱۲۸ مورخ ۱۴۰۰/۰۵/۰۶ (نمونه)",)
        sheet = new_sheet(book, title, titles, len(headings))
        put_row(sheet, 2, headings, bold=True)
        rows = [cells for cells in lines("usage.tsv") if cells[0] == name]
        for number, (_, code, persian, latin, short, per_day, interval, group) in enumerate(rows, start=1):
            given = {
                "ردیف": number, "کد": code, "کد نحوه مصرف": code, "عنوان": persian, "نحوه مصرف": persian, "شرح": persian,
                "عنوان لاتین": latin, "اختصار": short, "تعداد در روز": int(per_day) if per_day else None,
                "فاصله (ساعت)": interval, "گروه": group, "یادداشت": INVENTED,
            }  # fmt: skip
            put_row(sheet, number + 2, (given[heading] for heading in headings))
    help_sheet = book.create_sheet("راهنما")
    help_sheet.sheet_view.rightToLeft = True
    help_sheet.append(["برگه", "چه دارد"])
    help_sheet.append(["زمان مصرف", "هر چند وقت یک بار"])
    return book
