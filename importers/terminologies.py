"""Titles of the terminologies and parts that sources give, as they are first made known to the registry."""

from __future__ import annotations

TERMINOLOGIES: dict[str, tuple[str, str]] = {
    "LNC": ("کدهای آزمایشگاه و تصویربرداری (بر پایهٔ LOINC)", "Laboratory and imaging codes (LOINC-based)"),
    "RVU3": ("کتاب ارزش نسبی خدمات سلامت (ویرایش سوم)", "Book of relative values of health services (third edition)"),
    "eRx": ("کد ژنریک نسخهٔ الکترونیکی", "Generic codes of the electronic prescription"),
    "IRC": ("کد فرآورده‌های دارویی (پروانه)", "Medicinal products by licence (IRC)"),
}  # fmt: skip


def titles_of(terminology: str, source: str = "", target: str = "") -> tuple[str, str]:
    """Persian and English title; a map is named after its two ends."""
    if source and target:
        return f"نگاشت {source} به {target}", f"Map from {source} to {target}"
    return TERMINOLOGIES.get(terminology, (terminology, terminology))
