"""Build the sample workbooks in the circulars' layouts: ``python data/samples/build.py [folder]``.

The layouts are as people make them: title rows, merged and two-row headings, section titles between the rows, repeated
headings, notes below, hidden helper sheets, Arabic and Persian letters mixed. LOINC codes and names are true (see
data/LICENCES.md); RVU codes and values, IRC and eRx codes, prices and companies are invented, save what the column
«یادداشت» does not mark. The same input gives the same bytes.
"""

from __future__ import annotations

import io
import re
import sys
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.worksheet import Worksheet

HERE = Path(__file__).resolve().parent
INVENTED = "نمونهٔ ساختگی"
KEPT_RVU = {"1649-3": 801515}  # 1,25-dihydroxyvitamin D: a true code of the book
MODIFIERS = (
    ("26", "تعدیل‌گر جزء حرفه‌ای: تنها تفسیر و گزارش"),
    ("27", "تعدیل‌گر جزء فنی: تنها اجرای خدمت"),
    ("31", "تعدیل‌گر خدمت دوطرفه"),
    ("39", "تعدیل‌گر بیهوشی در بیمار پرخطر"),
    ("85", "تعدیل‌گر خدمت در ساعت غیراداری"),
    ("90.1", "تعدیل‌گر کمک‌جراح"),
)
ALLERGENS = (
    "شیر گاو", "سفیدهٔ تخم‌مرغ", "زردهٔ تخم‌مرغ", "گندم", "جو", "برنج", "ذرت", "کنجد", "سویا", "بادام‌زمینی", "بادام", "پسته",
    "گردو", "فندق", "بادام هندی", "گوجه‌فرنگی", "سیب", "هلو", "کیوی", "موز", "توت‌فرنگی", "پرتقال", "خربزه", "هندوانه", "میگو",
    "ماهی قزل‌آلا", "ماهی تن", "گوشت مرغ", "گوشت گاو", "گوشت گوسفند", "کاکائو", "خردل", "مایت گرد و غبار", "سوسک", "موی گربه",
    "موی سگ", "پر مرغ", "گردهٔ چنار", "گردهٔ سرو", "گردهٔ زیتون", "گردهٔ چمن", "گردهٔ شبدر", "علف شور", "گردهٔ گردو",
    "قارچ آلترناریا", "قارچ آسپرژیلوس", "قارچ کلادوسپوریوم", "زهر زنبور عسل", "زهر زنبور زرد", "لاتکس", "پنی‌سیلین G",
    "آموکسی‌سیلین", "انسولین انسانی", "ژلاتین", "زعفران",
)  # fmt: skip
GENES = ("MEFV", "HBB", "HBA1", "BRCA1", "BRCA2", "CFTR", "FMR1", "SMN1")
COMPANIES = ("آلفادارو", "بتافارم", "گاماطب", "دلتاشیمی", "امگا زیست", "سیناژن‌نمونه")
USES = {"o": "درخواست", "r": "نتیجه", "b": "هر دو"}
PARTS = {
    "clinical": "بالینی", "genetics": "ژنتیک", "blood-bank": "بانک خون", "forensic": "پزشکی قانونی", "pathology": "پاتولوژی",
}  # fmt: skip


@dataclass(frozen=True)
class Test:
    code: str
    title_en: str
    title_fa: str
    specimen: str
    unit: str
    use: str
    panels: str
    part: str
    group: str
    rvu: int | None = None
    note: str = ""
    status: str = "فعال"
    successor: str = ""


@dataclass(frozen=True)
class Service:
    code: str
    title: str
    marks: str
    professional: float | None
    technical: float | None
    anaesthesia: int | None
    group: str
    category: str
    note: str = INVENTED


@dataclass
class Product:
    irc: str
    erx: str
    title_fa: str
    title_en: str
    generic_fa: str
    generic_en: str
    company: str
    form: str
    strength: str
    price: int
    note: str = INVENTED
    status: str = "فعال"
    successor: str = ""
    extra: dict[str, Any] = field(default_factory=dict)


def lines(name: str) -> Iterator[list[str]]:
    for line in (HERE / "content" / name).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line.split("\t")


def with_check_digit(body: str) -> str:
    """LOINC's Mod 10, reckoned here anew so that the samples do not lean on the code that they test."""
    total = 0
    for position, digit in enumerate(reversed(body)):
        number = int(digit) * (2 if position % 2 == 0 else 1)
        total += number // 10 + number % 10
    return f"{body}-{-total % 10}"


def tests() -> list[Test]:
    found: list[Test] = []
    part = group = ""
    code = 800_100
    for cells in lines("lab.tsv"):
        if cells[0].startswith("@"):
            part, group = cells[0][1:], cells[1]
            continue
        loinc, title_en, title_fa, specimen, unit, use, panels = cells
        if with_check_digit(loinc.split("-")[0]) != loinc:
            raise SystemExit(f"{loinc}: wrong check digit")
        rvu = None
        if use != "r":
            code += 5
            rvu = KEPT_RVU.get(loinc, code)
        found.append(Test(loinc, title_en, title_fa, specimen, unit, use, panels, part, group, rvu))
    for number, allergen in enumerate(ALLERGENS):
        found.append(
            Test(
                with_check_digit(f"99{number + 1:05d}"), f"Allergen {number + 1} IgE Ab [Units/volume] in Serum (sample)",
                f"IgE اختصاصی: {allergen}", "سرم", "kU/L", "b", "", "clinical", "آلرژی", 806_005, INVENTED,
            )
        )  # fmt: skip
    for number, gene in enumerate(GENES):
        found.append(
            Test(
                with_check_digit(f"99{number + 501:05d}"), f"{gene} gene targeted mutation analysis (sample)",
                f"بررسی جهش‌های شایع ژن {gene}", "خون", "", "b", "", "genetics", "ژنتیک مولکولی", 807_005 + 5 * number, INVENTED,
            )
        )  # fmt: skip
    return found


def services() -> list[Service]:
    found: dict[str, Service] = {}
    for number, test in enumerate(tests()):
        if test.rvu is None or str(test.rvu) in found:
            continue
        title = "اندازه‌گیری IgE اختصاصی، هر آلرژن" if test.group == "آلرژی" else f"آزمایش {test.title_fa}"
        note = "" if test.rvu in KEPT_RVU.values() else INVENTED
        found[str(test.rvu)] = Service(
            str(test.rvu), title, "#", round(0.1 + number % 7 * 0.05, 2), round(0.3 + number % 23 * 0.15, 2), None,
            "آزمایشگاه", test.group, note,
        )  # fmt: skip
    bases = {"خدمات عمومی": 970_100, "تصویربرداری": 700_100, "بیهوشی": 900_100}
    for cells in lines("services.tsv"):
        group, category, title, marks, professional, technical, anaesthesia = [*cells, ""][:7]
        base = bases.setdefault(group, 100_100 + 50_000 * len(bases))
        bases[group] = base + 5
        found[str(base)] = Service(
            str(base), title, marks, float(professional), float(technical), int(anaesthesia) if anaesthesia else None,
            group, category,
        )  # fmt: skip
    for code, title in MODIFIERS:
        found[code] = Service(code, title, "", None, None, None, "تعدیل‌گرها", "تعدیل‌گر", "")
    return list(found.values())


def products(name: str, first_erx: int, seed: int) -> list[Product]:
    found: list[Product] = []
    erx = first_erx
    for number, (english, persian, strength, form_fa, form_en) in enumerate(lines(name)):
        generic_en = f"{english} {strength} {form_en}".replace(" - ", " ")
        generic_fa = f"{persian} {strength} {form_fa}".replace(" - ", " ")
        code = "60000" if english == "ACETAMINOPHEN / CAFFEINE / ASA" else f"{erx:05d}"  # 60000 is the true one
        for copy in range(2 + number % 3):
            place = number * 5 + copy + seed
            company = COMPANIES[place % len(COMPANIES)]
            irc = f"{(place + 1) * 31_415_926_535_897 % 10**15:015d}{place % 9 + 1}"
            found.append(
                Product(
                    irc, code, f"{persian} {company} {strength} {form_fa}".replace(" - ", " "),
                    f"{english} SAMPLE {chr(65 + place % 6)} {strength} {form_en}".replace(" - ", " "),
                    generic_fa, generic_en, f"شرکت {company}", form_fa, strength, (place * 37 % 900 + 20) * 1000,
                )
            )  # fmt: skip
        erx += 7
    return found


# Sheets


def arabic(text: str) -> str:
    """The same text as it comes from a keyboard with Arabic letters."""
    return text.replace("ی", "ي").replace("ک", "ك")


def new_sheet(book: Workbook, name: str, titles: Sequence[str], width: int) -> Worksheet:
    sheet = book.create_sheet(name)
    sheet.sheet_view.rightToLeft = True
    for row, title in enumerate(titles, start=1):
        sheet.cell(row, 1, title).font = Font(bold=True)
        sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=width)
        sheet.cell(row, 1).alignment = Alignment(horizontal="center")
    return sheet


def put_row(sheet: Worksheet, row: int, values: Iterable[Any], *, bold: bool = False) -> None:
    for column, value in enumerate(values, start=1):
        if value is None or value == "":
            continue
        cell = sheet.cell(row, column, value)
        if bold:
            cell.font = Font(bold=True)
            cell.fill = PatternFill("solid", fgColor="DDEBF7")
            cell.alignment = Alignment(wrap_text=True, horizontal="center")


def put_section(sheet: Worksheet, row: int, title: str, width: int) -> None:
    sheet.cell(row, 1, title).font = Font(bold=True)
    sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=width)


def hidden_help(book: Workbook) -> None:
    sheet = book.create_sheet("راهنما")
    sheet.sheet_view.rightToLeft = True
    sheet.append(["سرستون", "معنی"])
    sheet.append(["کد RVU", "کد خدمت در کتاب ارزش نسبی"])
    sheet.sheet_state = "hidden"


LAB_HEADINGS = (
    "ردیف", "کد LOINC", arabic("نام فارسی آزمایش"), "نام لاتین\nآزمایش", "بخش", "نوع نمونه", "واحد", "درخواست یا نتیجه",
    arabic("کد پنل"), "وضعیت  تجویز", "وضعیت", "کد جایگزین", "کد RVU", "ارزش RVU", "گروه RVU", "طبقه RVU", "نوع RVU", "یادداشت",
)  # fmt: skip


def lab_book(rows: list[Test], titles: Sequence[str]) -> Workbook:
    values = {service.code: service for service in services()}
    book = Workbook()
    book.remove(book.active)
    width = len(LAB_HEADINGS)
    sheet = new_sheet(book, "کدینگ جامع آزمایشگاه", titles, width)
    at = len(titles) + 1
    put_row(sheet, at, LAB_HEADINGS, bold=True)
    group = ""
    for number, test in enumerate(rows, start=1):
        at += 1
        if test.group != group:
            if number > 150 and group and test.group == "سرولوژی و ایمونولوژی":
                put_row(sheet, at, LAB_HEADINGS, bold=True)  # as after a page break
                at += 1
            group = test.group
            put_section(sheet, at, group, width)
            at += 1
        service = values[str(test.rvu)] if test.rvu else None
        turn = int(
            test.code.split("-")[0]
        )  # of the code and not of the row: what is messy stays so in the next edition
        rvu: Any = "-" if test.rvu is None else test.rvu if turn % 3 else str(test.rvu)
        total = round((service.professional or 0) + (service.technical or 0), 2) if service else "-"
        title = arabic(test.title_fa) if turn % 11 == 0 else test.title_fa
        put_row(
            sheet, at,
            (number, test.code, title, test.title_en, PARTS[test.part], test.specimen, test.unit or "-", USES[test.use],
             test.panels.replace(";", "؛ "), "قابل تجویز" if test.use != "r" else "غیر قابل تجویز", test.status,
             test.successor, rvu, total, "آزمایشگاه" if service else "-", test.group if service else "-",
             "سرپایی و بستری" if service else "-", test.note),
        )  # fmt: skip
        if number % 97 == 0:
            at += 1  # a blank row, as people leave them
    put_section(sheet, at + 2, "توضیح: آزمون‌هایی که کد پنل دارند جداگانه نیز درخواست‌شدنی‌اند.", width)
    hidden_help(book)
    return book


def next_lab_edition(rows: list[Test]) -> list[Test]:
    """The list half a year later: five codes new, three gone, two retired with a successor, some corrected."""
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


RVU_HEADINGS = (
    "رديف", "کد", "ویژگی کد", "شرح کد (Value)", "توضیحات", arabic("ارزش حرفه‌ای"), "ارزش فنی", "ارزش کل", "پایه بیهوشی", "گروه", "طبقه",
    "یادداشت",
)  # fmt: skip


def rvu_book() -> Workbook:
    book = Workbook()
    book.remove(book.active)
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
    book = Workbook()
    book.remove(book.active)
    medicines = products("drugs.tsv", 10_003, 0)
    old, new = medicines[10], medicines[11]
    old.status, old.successor = "غیرفعال", new.irc  # re-registered under a new licence
    drug_sheet(book, "داروها", "فهرست کد eRx و IRC داروها", medicines)
    drug_sheet(book, "داروهاي مكمل", "فهرست کد eRx و IRC داروهای مکمل", products("supplements.tsv", 81_009, 7_000))
    return book


# Files


def save(book: Workbook, path: Path) -> None:
    """openpyxl writes the time of day into the file; equal content should give equal bytes."""
    buffer = io.BytesIO()
    book.save(buffer)
    with zipfile.ZipFile(buffer) as written, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name in sorted(written.namelist()):
            content = written.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", b"2023-05-08T00:00:00Z", content)
            info = zipfile.ZipInfo(name, date_time=(2023, 5, 8, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            out.writestr(info, content)


def build(folder: Path) -> list[Path]:
    """Write all samples. Gives their paths."""
    lab = tests()
    letter = "ابلاغیهٔ ۱۱۰/۳۷ مورخ ۱۴۰۲/۰۲/۱۸"
    books = {
        "rvu3.xlsx": rvu_book(),
        "lab-110-37.xlsx": lab_book(
            lab, ("مرجع کدینگ سلامت ایران (مکسا)", "کدینگ جامع آزمایشگاه", f"{letter} (نمونه)")
        ),
        "lab-update-1402-07-01.xlsx": lab_book(
            next_lab_edition(lab),
            ("مرجع کدینگ سلامت ایران (مکسا)", "کدینگ جامع آزمایشگاه", "به‌روزرسانی ۱۴۰۲/۰۷/۰۱، بی‌ابلاغیه (نمونه)"),
        ),
        "drugs-110-40.xlsx": drug_book(),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, book in books.items():
        save(book, folder / name)
    return [folder / name for name in books]


if __name__ == "__main__":
    for path in build(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE):
        print(path)  # noqa: T201
