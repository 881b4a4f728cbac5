"""Persian typed in Latin letters."""

from __future__ import annotations

import pytest

from maxa.persian.fold import fold
from maxa.search.romanized import persian_pattern
from maxa.search.sounding import rough_sound


@pytest.mark.parametrize(
    ("latin", "persian"),
    [
        ("ghand", "قند"), ("khoon", "خون"), ("nashta", "ناشتا"), ("ghors", "قرص"), ("zaferan", "زعفران"), ("tahavo", "تهوع"),
        ("zanoo", "زانو"), ("orzhans", "اورژانس"), ("avishan", "آویشن"), ("sarfe", "سرفه"), ("edrar", "ادرار"), ("shekam", "شکم"),
    ],
)  # fmt: skip
def test_a_latin_word_stands_for_the_persian_one_that_it_spells(latin: str, persian: str) -> None:
    pattern = persian_pattern(latin)
    assert pattern is not None
    assert pattern.fullmatch(fold(persian))
    assert rough_sound(latin) == rough_sound(fold(persian))


@pytest.mark.parametrize(
    ("latin", "persian"), [("ghand", "خند"), ("khoon", "خان"), ("zanoo", "بازو"), ("shekam", "شکر")]
)
def test_it_does_not_stand_for_another(latin: str, persian: str) -> None:
    pattern = persian_pattern(latin)
    assert pattern is not None
    assert not pattern.fullmatch(fold(persian))


@pytest.mark.parametrize("word", ["cxr", "B12", "قند", "", "a1c", "ghand khoon"])
def test_abbreviations_and_other_scripts_are_no_words_by_ear(word: str) -> None:
    assert persian_pattern(word) is None


def test_a_word_of_hundreds_of_vowels_is_told_at_once() -> None:
    """Tried one after another, the ways to read it would take longer than the age of the world."""
    pattern = persian_pattern("rad" + "oaie" * 125 + "zotopia")
    assert pattern is not None
    assert not pattern.fullmatch("ر" + "ادیو" * 10 + "ع" * 20)
    assert not pattern.fullmatch("رادیوتراپی")
    assert pattern.fullmatch("رد" + "اهی" * 30 + "زتپیا")
