"""Words are kept folded, and what could be somebody's number or message is not kept at all."""

from __future__ import annotations

import pytest

from maxa.usage.words import kept_words


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  آموكسي‌سیلین ", "اموکسی سیلین"),
        ("Vitamin  D3", "vitamin d3"),
        ("۵۰۰ میلی", "500 میلی"),
        ("1234567", "1234567"),
    ],
)
def test_words_are_kept_folded(typed: str, kept: str) -> None:
    assert kept_words(typed) == kept
    assert kept_words(kept) == kept


@pytest.mark.parametrize(
    "typed",
    ["", "   ", "ا" * 61, "x " * 5_000, "0012345679", "علی ۰۹۱۲۳۴۵۶۷۸۹", "0912-345 67.89", "021 (8820) 1234", "a@b.ir",
     "12345678", "با\0ید", "\ud800"],
)  # fmt: skip
def test_numbers_addresses_and_long_texts_are_not_kept(typed: str) -> None:
    assert kept_words(typed) is None
