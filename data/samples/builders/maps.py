"""The map of the e-prescription's codes, and a list and a map that no circular carries."""

from __future__ import annotations

from openpyxl import Workbook

from data.samples.builders.content import INVENTED, Test, products, services
from data.samples.builders.pages import arabic, new_book, new_sheet, put_row

PRESCRIPTION_HEADINGS = (
    "ردیف", arabic("ترمینولوژی"), "کد نسخه", "عنوان نسخه", "کد RVU3", "شرح RVU", "گروه RVU", "طبقه RVU", "نوع ارتباط", "یادداشت",
)  # fmt: skip


def prescription_book(tests: list[Test]) -> Workbook:
    """Results that are paid as the panel which they belong to, and injections that need a service to be given."""
    book = new_book()
    known = {service.code: service for service in services()}
    by_title = {service.title: service for service in services()}
    titles = ("نگاشت کدهای نسخهٔ الکترونیک به کتاب ارزش نسبی", "ابلاغیهٔ ۱۱۰/۳۵۶ مورخ ۱۴۰۰/۰۹/۱۳ (نمونه)")
    sheet = new_sheet(book, "نگاشت", titles, len(PRESCRIPTION_HEADINGS))
    put_row(sheet, 3, PRESCRIPTION_HEADINGS, bold=True)
    panels = {test.code: test for test in tests if test.rvu}
    at = 3
    for test in (test for test in tests if test.use == "r" and test.panels):
        service = known[str(panels[test.panels.split(";")[0]].rvu)]
        at += 1
        put_row(
            sheet, at,
            (at - 3, "LNC" if at % 3 else "آزمایش", test.code, test.title_fa, service.code, service.title, service.group,
             service.category, arabic("کلی‌تر"), INVENTED),
        )  # fmt: skip
    given = {"INJECTION, SOLUTION PARENTERAL": "تزریق وریدی", "INJECTION PARENTERAL": "تزریق عضلانی"}
    seen = set()
    for product in products("drugs.tsv", 10_003, 0):
        title = next((title for form, title in given.items() if product.generic_en.endswith(form)), None)
        if title and product.erx not in seen:
            seen.add(product.erx)
            service = by_title[title]
            at += 1
            put_row(
                sheet, at,
                (at - 3, "eRx", product.erx, product.generic_en, service.code, service.title, service.group, service.category,
                 "مرتبط", INVENTED),
            )  # fmt: skip
    return book


def teeth_book() -> Workbook:
    """The two-digit notation of teeth (ISO 3950), as an example of a list that nobody declared."""
    book = new_book()
    headings = ("کد", "عنوان", "عنوان لاتین", "فک", "سمت", "دندان شیری")
    sheet = new_sheet(book, "دندان‌ها", ("شماره‌گذاری دورقمی دندان‌ها (FDI)",), len(headings))
    put_row(sheet, 2, headings, bold=True)
    adult = (
        "پیشین میانی",
        "پیشین کناری",
        "نیش",
        "آسیای کوچک اول",
        "آسیای کوچک دوم",
        "آسیای اول",
        "آسیای دوم",
        "آسیای سوم",
    )
    child = (*adult[:3], *adult[5:7])
    latin = {
        "پیشین میانی": "central incisor", "پیشین کناری": "lateral incisor", "نیش": "canine", "آسیای کوچک اول": "first premolar",
        "آسیای کوچک دوم": "second premolar", "آسیای اول": "first molar", "آسیای دوم": "second molar", "آسیای سوم": "third molar",
    }  # fmt: skip
    at = 2
    for quadrant in range(1, 9):
        jaw, jaw_en = ("بالا", "upper") if quadrant % 4 in (1, 2) else ("پایین", "lower")
        side, side_en = ("راست", "right") if quadrant % 4 in (0, 1) else ("چپ", "left")
        for number, tooth in enumerate(adult if quadrant < 5 else child, start=1):
            at += 1
            milk = quadrant > 4
            put_row(
                sheet, at,
                (f"{quadrant}{number}", f"دندان {tooth} {jaw}، {side}" + ("، شیری" if milk else ""),
                 f"{jaw_en} {side_en} {latin[tooth]}" + (", deciduous" if milk else ""), jaw, side, "بله" if milk else "خیر"),
            )  # fmt: skip
    return book


def usage_to_snomed_book() -> Workbook:
    """Methods of use and the routes of SNOMED CT that they mean, as an example of a map that nobody declared."""
    book = new_book()
    headings = (
        "ترمینولوژی مبدأ",
        "کد مبدأ",
        "عنوان مبدأ",
        "ترمینولوژی مقصد",
        "کد مقصد",
        "عنوان مقصد",
        "نوع ارتباط",
        "یادداشت",
    )
    sheet = new_sheet(book, "نگاشت", ("نگاشت متد مصرف دارو به SNOMED CT (نمونه)",), len(headings))
    put_row(sheet, 2, headings, bold=True)
    pairs = (
        ("1", "خوراکی", "26643006", "Oral route", "برابر"), ("2", "زیرزبانی", "37839007", "Sublingual route", "برابر"),
        ("3", "تزریق عضلانی", "78421000", "Intramuscular route", "برابر"), ("4", "تزریق وریدی", "47625008", "Intravenous route", "برابر"),
        ("4.1", "انفوزیون وریدی", "47625008", "Intravenous route", "کلی‌تر"),
        ("5", "تزریق زیرجلدی", "34206005", "Subcutaneous route", "برابر"),
        ("7", "موضعی", "6064005", "Topical route", "برابر"), ("8", "قطرهٔ چشمی", "54485002", "Ophthalmic route", "برابر"),
        ("9", "قطرهٔ گوش", "10547007", "Otic route", "برابر"), ("10", "شیاف", "37161004", "Rectal route", "مرتبط"),
    )  # fmt: skip
    for number, (code, title, target, target_title, relation) in enumerate(pairs, start=3):
        put_row(
            sheet, number, ("drugUsage.method", code, title, "SNOMEDCT.route", target, target_title, relation, INVENTED)
        )
    return book
