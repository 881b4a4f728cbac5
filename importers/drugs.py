"""Medicines and supplements: eRx, IRC and the map between them (circular 110/40)."""

from __future__ import annotations

from dataclasses import replace

from importers.codes import Code
from importers.columns import NOTE_COLUMN, ROW_NUMBERS, STATUS, successor
from importers.declare import Column, Concepts, Expect, MapFrom, Sheet, Source
from importers.fields import Decimal, LatinText, PersianText, Title

IRC_CODE = Code(r"\d{16}", "شانزده رقم", "sixteen digits", width=16, zeros_from=12, word="IRC")
ERX_CODE = Code(r"\d{5}", "پنج رقم", "five digits", width=5, zeros_from=1, word="eRx")

IRC_HEADINGS = "کد IRC|IRC|کد برند|کد فرآورده|irc_code|کد آی آر سی|شناسه فرآورده|code||شناسه IRC|کد IRC دارو|کد IRC فرآورده|کد ثبت|کد"
ERX_HEADINGS = "کد ژنریک|کد eRx|eRx|کد دارو|nfi generic code|generic code|کد ژنریک نسخه الکترونیک||کد ژنریک دارو|nfi code|drug code"
GENERIC_FA = "نام ژنریک فارسی|نام فارسی ژنریک|عنوان فارسی ژنریک"
# What a drug is called, in a list of products and in one of generics.
_NAMED_FA = "نام فارسی دارو|نام دارو|عنوان دارو|عنوان فارسی|عنوان|شرح|شرح دارو"
_NAMED_EN = "نام لاتین دارو|عنوان لاتین|drug name|name|title|شرح لاتین"
GENERIC_EN = "نام ژنریک|نام ژنریک لاتین|نام لاتین ژنریک|مولکول دارویی|generic name"
_STATUS = Column("وضعیت|وضعیت پروانه|status", "status", STATUS)

_ABOUT_PRODUCT = (
    Column("شرکت تامین کننده|شرکت|شرکت تولید کننده|صاحب پروانه|owner|company"
           "||نام شرکت|نام صاحب پروانه|تولید کننده|نام تولید کننده|license owner", "company", Title),
    Column("برند|صاحب برند|نام برند|brand", "brand", Title),
    Column("شکل دارویی|فرم دارویی|dosage form", "dosage_form", Title),
    Column("قدرت|دوز|قدرت دارویی|strength", "strength", Title),
    Column("راه مصرف|route", "route", Title),
    Column("بسته بندی|تعداد در بسته|package", "package", Title),
    Column("کد ATC|ATC", "atc", Title),
    Column("GTIN|کد GTIN|بارکد", "gtin", Title),  # no key: one value spans dozens of products
    Column("قیمت مصرف کننده|قیمت|price||قیمت واحد|قیمت مصوب", "price", Decimal(zero_is_empty=True)),
    Column("حداکثر تعداد در نسخه|سقف تجویز|حداکثر تجویز||max prescription", "max_per_prescription", Decimal()),
    NOTE_COLUMN,
)  # fmt: skip

PRODUCTS = Sheet(
    terminology="IRC",
    part="medicine",
    columns=(
        Column(IRC_HEADINGS, "code", IRC_CODE, key=True),
        Column(ERX_HEADINGS, "generic_code", ERX_CODE),
        Column("نام فارسی فرآورده|نام فرآورده فارسی|نام فارسی|نام فرآورده|نام تجاری فرآورده|persian name"
               f"||{_NAMED_FA}|نام تجاری فارسی|نام تجاری|نام برند فارسی|نام محصول|نام فارسی محصول"
               "|نام کالا|نام فارسی کالا", "title_fa", PersianText),
        Column("نام لاتین فرآورده|نام فرآورده لاتین|نام لاتین|نام انگلیسی|نام تجاری لاتین|english name"
               f"||{_NAMED_EN}|نام برند لاتین|نام لاتین محصول|نام لاتین کالا|product name|trade name", "title_en", LatinText),
        Column(GENERIC_FA, "generic_fa", PersianText),
        Column(GENERIC_EN, "generic_en", LatinText),
        Column("کد IRC جدید|IRC جدید|کد جایگزین|جایگزین|replaced by", "replaced_by", IRC_CODE, refers_to="IRC"),
        Column("کد IRC قبلی|IRC قبلی|IRC قدیم", "replaces", IRC_CODE),
        _STATUS,
        *_ABOUT_PRODUCT,
    ),
    any_of=("title_fa", "title_en"),
    else_title=(("title_fa", "برند|نام برند"), ("title_en", "brand|brand name")),
    ignore=ROW_NUMBERS,
    also=(
        Concepts("eRx", "generic_code", title_fa="generic_fa", title_en="generic_en",
                 expect=Expect(min_rows=20, max_rows=40_000)),
    ),
    maps=(MapFrom("eRx", "generic_code", expect=Expect(min_rows=50, max_rows=400_000)),),
    expect=Expect(min_rows=100, max_rows=400_000, max_retired_share=0.05),
)  # fmt: skip

SUPPLEMENTS = replace(
    PRODUCTS,
    part="supplement",
    named="مکمل|supplement",
    also=(replace(PRODUCTS.also[0], expect=Expect(min_rows=5, max_rows=10_000)),),
    maps=(MapFrom("eRx", "generic_code", expect=Expect(min_rows=5, max_rows=100_000)),),
    expect=Expect(min_rows=10, max_rows=100_000, max_retired_share=0.05),
)

# A list of the generic codes on its own: it also has those for which no product is registered.
GENERICS = Sheet(
    terminology="eRx",
    part="medicine",
    columns=(
        Column(ERX_HEADINGS, "code", ERX_CODE, key=True),
        Column(f"{GENERIC_FA}|نام فارسی||{_NAMED_FA}", "title_fa", PersianText),
        Column(f"{GENERIC_EN}|نام لاتین|نام انگلیسی||{_NAMED_EN}", "title_en", LatinText),
        _STATUS,
        successor(ERX_CODE, "eRx"),
        *_ABOUT_PRODUCT[2:7],
        *_ABOUT_PRODUCT[9:],
    ),
    any_of=("title_fa", "title_en"),
    ignore=ROW_NUMBERS,
    expect=Expect(min_rows=20, max_rows=40_000, max_retired_share=0.05),
)

SUPPLEMENT_GENERICS = replace(
    GENERICS, part="supplement", named="مکمل|supplement", expect=Expect(min_rows=5, max_rows=10_000)
)

# Natural (herbal) medicines (circular 110/100): what is said of the plant besides.
_ABOUT_PLANT = (
    Column("نام علمی گیاه|نام علمی|گیاه|scientific name", "plant", Title),
    Column("اندام گیاهی|اندام|قسمت مورد استفاده|plant part", "plant_part", Title),
    Column("ماده مؤثره|ترکیبات|اجزا|ingredients", "ingredients", Title),
)
NATURAL_WORDS = "طبیعی|گیاهی|سنتی|natural|herbal"
NATURAL_PRODUCTS = replace(
    PRODUCTS,
    part="natural",
    named=NATURAL_WORDS,
    columns=(*PRODUCTS.columns, *_ABOUT_PLANT),
    also=(replace(PRODUCTS.also[0], expect=Expect(min_rows=5, max_rows=10_000)),),
    maps=(MapFrom("eRx", "generic_code", expect=Expect(min_rows=5, max_rows=100_000)),),
    expect=Expect(min_rows=10, max_rows=100_000, max_retired_share=0.05),
)
NATURAL_GENERICS = replace(
    GENERICS,
    part="natural",
    named=NATURAL_WORDS,
    columns=(*GENERICS.columns, *_ABOUT_PLANT),
    expect=Expect(min_rows=5, max_rows=10_000),
)

DRUGS = Source(
    name="drugs",
    title_fa="فهرست داروها و مکمل‌ها (eRx و IRC)",
    title_en="the list of medicines and supplements (eRx and IRC)",
    circulars=("110/40",),
    named="دارو|مکمل|medicine|drug|drugs|medicines|supplement|nfi|formulary",
    sheets=(PRODUCTS, SUPPLEMENTS, NATURAL_PRODUCTS, GENERICS, SUPPLEMENT_GENERICS, NATURAL_GENERICS),
)
