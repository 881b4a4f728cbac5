"""The rows of the samples. LOINC codes and names are true (data/LICENCES.md); RVU codes and values, IRC and eRx codes,
prices and companies are invented, save where a row does not say «نمونهٔ ساختگی»."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent.parent
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
        base = bases.setdefault(group, 100_100 + 45_000 * len(bases))
        bases[group] = base + 5
        if str(base) in found:
            raise SystemExit(f"{base} is the code of two services")
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
    for number, (english, persian, strength, form_fa, form_en, *_) in enumerate(lines(name)):
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
