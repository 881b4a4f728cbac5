"""The chain of analysis: what is one, what is apart, and that index and query agree."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from whoosh.analysis import CompositeAnalyzer

from maxa.persian.analysis import CHAIN, item_of, items_of
from maxa.persian.endings import stem, without_inflection
from maxa.shelf.index_text import PAIR, START, index_text

HALF_SPACE = "\u200c"
PERSIAN = st.text(
    "ابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهیآئكيۀةأ\u200c\u064e\u0640 ()/-.،0123456789۰۱۲۳۴۵۶۷۸۹mgABCabcl%", max_size=40
)


def words(text: str) -> list[str]:
    return [word.text for item in items_of(text) for word in item.words]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("كراتينين", "کراتینین"), ("تأمین", "تامین"), ("مسئول", "مسیول"), ("آهن", "اهن"), ("اورهٔ", "اوره"), ("اورۀ", "اوره"),
        ("نسخة", "نسخه"), ("قُرص", "قرص"), ("قـــرص", "قرص"), ("۵۰۰", "500"), ("٥٠٠", "500"), ("Hémoglobine", "hemoglobine"),
        ("β-hCG", "beta-hcg"), ("µg", "ug"), ("FACTOR Vlll", "factor VIII"), ("Ⅷ", "viii"), ("САМР", "CAMP"), ("ｍｇ", "mg"),
        ("2.4", "2/4"), ("۲٫۴", "2.4"), ("2.50", "2.5"), (".5", "0.5"), ("50,000", "50000"), ("۵۰٬۰۰۰", "50000"), ("1%", "1٪"),
        ("500mg", "500 mg"), ("۵۰۰میلی‌گرم", "500 میلی‌گرم"), ("10mg/1mL", "10 mg/1 mL"), ("Crohn's", "crohn"),
        ("گلبول‌های", "گلبول"), ("گلبول های", "گلبول"), ("گلبولهای", "گلبول"), ("قرص‌ها", "قرص"), ("هسته‌ای", "هسته"),
        ("HbA1c", "hba1c"), ("B12", "b12"), ("A00.0", "a00 0"),
    ],
)  # fmt: skip
def test_spellings_of_one_word_become_one(one: str, other: str) -> None:
    assert words(one) == words(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2.5", "25"), ("0.5", "5"), ("کلر", "کلرات"), ("B12", "B1"), ("IL-6", "II-6"), ("روی", "رو"), ("بها", "ب"),
        ("12.5", "125"), ("T3", "T4"), ("5,00", "500"), ("17oh", "170h"),
    ],
)  # fmt: skip
def test_different_words_stay_apart(one: str, other: str) -> None:
    assert words(one) != words(other)


@pytest.mark.parametrize(
    ("word", "inflection", "stemmed"),
    [
        ("قرصهای", "قرص", "قرص"), ("گلبولها", "گلبول", "گلبول"), ("بزرگترین", "بزرگ", "بزرگ"), ("چشمی", "چشمی", "چشم"),
        ("غذایی", "غذایی", "غذا"), ("روی", "روی", "روی"), ("تنها", "تنها", "تنها"), ("ها", "ها", "ها"),
    ],
)  # fmt: skip
def test_endings_are_light(word: str, inflection: str, stemmed: str) -> None:
    assert (without_inflection(word), stem(word)) == (inflection, stemmed)


def test_the_chain_is_one_of_whoosh_filters() -> None:
    assert isinstance(CHAIN, CompositeAnalyzer)
    assert [token.text for token in CHAIN("500mg")] == ["500", "mg"]


@pytest.mark.parametrize("title", [f"میلی{HALF_SPACE}گرم", "میلی گرم", "میلیگرم"])
def test_half_space_space_and_nothing_share_a_token(title: str) -> None:
    tokens, _ = index_text(title)
    assert "میلیگرم" in [token.rstrip(PAIR) for token in tokens.split()]


def test_an_abbreviation_spelled_out_is_also_one() -> None:
    tokens, ranked = index_text("ام آر آی مغز")
    assert "امارای" + PAIR in tokens.split()
    assert START + "ام" in tokens.split()
    assert ranked == " ام ار ای مغز "


def test_punctuation_divides_what_would_be_one() -> None:
    assert "سیتی" + PAIR not in index_text("سی، تی")[0].split()
    assert "سیتی" + PAIR in index_text("سی تی")[0].split()


@given(PERSIAN)
def test_a_title_holds_every_word_that_it_is_asked_for(title: str) -> None:
    tokens = set(index_text(title)[0].split())
    for item in items_of(title):
        for word in item.words:
            assert {word.text, word.written, word.stem} <= tokens


@given(PERSIAN)
def test_analysing_what_was_analysed_changes_nothing(title: str) -> None:
    once = [word.written for item in items_of(title) for word in item.words if word.written.isalpha()]
    again = [word.written for text in once for item in items_of(text) for word in item.words]
    assert once == again


@given(st.text(max_size=60))
def test_any_text_is_analysed_into_tokens_that_the_tokenizer_keeps_whole(text: str) -> None:
    tokens, ranked = index_text(text)
    for token in tokens.split(" ") if tokens else []:
        assert token
        assert not set(token) & set(" \t\n\"'()*-^:,./")
        assert all(not c.isascii() or c.isalnum() for c in token)
    assert ranked == "" or (ranked[0] == ranked[-1] == " " and "  " not in ranked)


def test_what_holds_no_letter_and_no_digit_is_no_word() -> None:
    assert item_of("—؟!") is None
    assert items_of(" ( ) \u200c ") == []
