"""The comprehensive laboratory list, its next edition, and the lists of single parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from data.samples.builders.content import INVENTED, PARTS, USES, Test, lines, services, with_check_digit
from data.samples.builders.pages import arabic, hidden_help, new_book, new_sheet, put_row, put_section

LAB_HEADINGS = (
    "ردیف", "کد LOINC", arabic("نام فارسی آزمایش"), "نام لاتین\nآزمایش", "بخش", "نوع نمونه", "واحد", "درخواست یا نتیجه",
    arabic("کد پنل"), "وضعیت  تجویز", "وضعیت", "کد جایگزین", "کد RVU", "ارزش RVU", "گروه RVU", "طبقه RVU", "نوع RVU", "یادداشت",
)  # fmt: skip


def lab_book(rows: list[Test], titles: Sequence[str]) -> Workbook:
    book = new_book()
    sheet = new_sheet(book, "کدینگ جامع آزمایشگاه", titles, len(LAB_HEADINGS))
    _put_tests(sheet, len(titles) + 1, rows, LAB_HEADINGS)
    hidden_help(book)
    return book


def _put_tests(
    sheet: Worksheet, at: int, rows: list[Test], headings: Sequence[str], more: dict[str, dict[str, str]] | None = None
) -> None:
    """The headings in row ``at``, and the tests below, under a title for each group. ``more``: what stands under further
    headings, by code."""
    values = {service.code: service for service in services()}
    width = len(headings)
    put_row(sheet, at, headings, bold=True)
    group = ""
    for number, test in enumerate(rows, start=1):
        at += 1
        if test.group != group:
            if number > 150 and group and test.group == "سرولوژی و ایمونولوژی":
                put_row(sheet, at, headings, bold=True)  # as after a page break
                at += 1
            group = test.group
            put_section(sheet, at, group, width)
            at += 1
        service = values[str(test.rvu)] if test.rvu else None
        # Of the code and not of the row: what is messy stays so in the next edition.
        turn = int(test.code.split("-")[0])
        rvu: Any = "-" if test.rvu is None else test.rvu if turn % 3 else str(test.rvu)
        total = round((service.professional or 0) + (service.technical or 0), 2) if service else "-"
        title = arabic(test.title_fa) if turn % 11 == 0 else test.title_fa
        cells = dict(
            zip(
                LAB_HEADINGS,
                (number, test.code, title, test.title_en, PARTS[test.part], test.specimen, test.unit or "-",
                 USES[test.use], test.panels.replace(";", "؛ "), "قابل تجویز" if test.use != "r" else "غیر قابل تجویز",
                 test.status, test.successor, rvu, total, "آزمایشگاه" if service else "-",
                 test.group if service else "-", "سرپایی و بستری" if service else "-", test.note),
                strict=True,
            )
        )  # fmt: skip
        cells |= (more or {}).get(test.code, {})
        put_row(sheet, at, (cells.get(heading) for heading in headings))
        if number % 97 == 0:
            at += 1  # a blank row, as people leave them
    put_section(sheet, at + 2, "توضیح: آزمون‌هایی که کد پنل دارند جداگانه نیز درخواست‌شدنی‌اند.", width)


def part_book(part: str, rows: list[Test], titles: Sequence[str]) -> Workbook:
    """The list of one part, as it comes by itself: nothing in it says of which part it is, save its title."""
    book = new_book()
    headings = [heading for heading in LAB_HEADINGS if heading != "بخش"]
    sheet = new_sheet(book, "فهرست", titles, len(headings))
    own = [test for test in rows if test.part == part]
    last = max(own, key=lambda test: test.code)
    new = [
        Test(
            with_check_digit(f"98{900 + number:05d}"), f"{last.title_en} (sample {number})", f"{last.title_fa}، نمونهٔ {number}",
            last.specimen, last.unit, "b", "", part, last.group, next(t.rvu for t in own if t.rvu), INVENTED,
        )
        for number in range(PARTS_FROM[part], PARTS_FROM[part] + 3)
    ]  # fmt: skip
    _put_tests(sheet, len(titles) + 1, [*own, *new], headings)
    return book


PARTS_FROM = {"blood-bank": 0, "forensic": 10, "pathology": 20}  # numbers of invented codes
GENETIC_HEADINGS = ("ژن", "بیماری", "روش آزمایش", "نوع تغییر", "زمان جوابدهی", "رضایت‌نامه")


def genetics_book(rows: list[Test]) -> Workbook:
    """The list of genetic tests with the fields of their form: headings in two rows."""
    own = {test.title_en.split()[0]: test for test in rows if test.part == "genetics"}
    listed: list[Test] = []
    more: dict[str, dict[str, str]] = {}
    for number, (gene, disease, method, kind, persian) in enumerate(
        [*cells, ""][:5] for cells in lines("genetics.tsv")
    ):
        test = own.get(gene) or Test(
            with_check_digit(f"99{number + 501:05d}"), f"{gene} gene analysis (sample)", persian, "خون", "", "b", "", "genetics",
            "ژنتیک مولکولی", 807_005 + 5 * (number % len(own)), INVENTED,
        )  # fmt: skip
        listed.append(test)
        consent = "لازم است" if number % 4 else "لازم نیست"
        values = (gene, disease, method, kind, str(7 + number % 5 * 7), consent)
        more[test.code] = dict(zip(GENETIC_HEADINGS, values, strict=True))
    book = new_book()
    headings = [heading for heading in LAB_HEADINGS if heading not in ("بخش", "ردیف")]
    titles = ("مرجع کدینگ سلامت ایران (مکسا)", "کدینگ و فرم آزمایش‌های ژنتیک", "ابلاغیهٔ ۱۱۰/۳۶۸ مورخ ۱۴۰۳/۱۱/۲۷ (نمونه)")
    width = len(headings) + len(GENETIC_HEADINGS)
    sheet = new_sheet(book, "ژنتیک", titles, width)
    put_row(sheet, 4, ["کد و عنوان", *[None] * (len(headings) - 1), "فیلدهای فرم"], bold=True)
    sheet.merge_cells(start_row=4, end_row=4, start_column=1, end_column=len(headings))
    sheet.merge_cells(start_row=4, end_row=4, start_column=len(headings) + 1, end_column=width)
    _put_tests(sheet, 5, listed, [*headings, *GENETIC_HEADINGS], more)
    return book


def next_lab_edition(rows: list[Test]) -> list[Test]:
    """The clinical part half a year later: five codes new, three gone, two retired with a successor, some corrected."""
    rows = [test for test in rows if test.part == "clinical"]
    gone = {"2339-0", "14196-0", "11556-8"}
    retired = {"30341-2": "4537-7", "22322-2": "16935-9"}
    retitled = {
        "2345-7": "گلوکز سرم یا پلاسما", "3094-0": "نیتروژن اورهٔ سرم (BUN)", "6301-6": "نسبت بهنجار بین‌المللی (INR) در پلاسما",
        "2106-3": "آزمایش حاملگی در ادرار", "5821-4": "شمارش گلبول سفید در رسوب ادرار",
    }  # fmt: skip
    added = (
        ("1759-0", "Albumin/Globulin [Mass Ratio] in Serum or Plasma", "نسبت آلبومین به گلوبولین", "سرم یا پلاسما", ""),
        ("10834-0", "Globulin [Mass/volume] in Serum by calculation", "گلوبولین (محاسبه‌ای)", "سرم", "g/dL"),
        ("3298-7", "Acetaminophen [Mass/volume] in Serum or Plasma", "سطح خونی استامینوفن", "سرم یا پلاسما", "ug/mL"),
        ("14627-4", "Bicarbonate [Moles/volume] in Venous blood", "بی‌کربنات خون وریدی", "خون وریدی", "mmol/L"),
        ("2746-6", "pH of Venous blood", "pH خون وریدی", "خون وریدی", ""),
    )
    kept = [replace(test, title_fa=retitled.get(test.code, test.title_fa)) for test in rows if test.code not in gone]
    kept = [
        replace(test, status="غیرفعال", successor=retired[test.code]) if test.code in retired else test for test in kept
    ]
    # HbA1c by HPLC is paid as the general HbA1c from now on.
    general = next(test.rvu for test in kept if test.code == "4548-4")
    kept = [replace(test, rvu=general) if test.code == "17856-6" else test for test in kept]
    new = [
        Test(code, english, persian, specimen, unit, "r", "", "clinical", "افزوده‌های این ویرایش")
        for code, english, persian, specimen, unit in added
    ]
    return kept + new
