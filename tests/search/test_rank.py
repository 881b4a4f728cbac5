"""Which tier a hit is given."""

from __future__ import annotations

from pathlib import Path

import pytest

from maxa.search.find import ask, find
from maxa.search.suggest import suggest
from maxa.shelf.reading import Shelf
from maxa.shelf.release import SealedRelease
from tests.shelves import ShelfBuilder, concept

ROWS = [
    concept("A00", "وبا", "Cholera"),
    concept("90018", "روغن نعناع نمونه", "PEPPERMINT OIL SAMPLE A 0.2 mL"),
    concept("IV", "بیماری‌های غدد درون‌ریز و تغذیه", "Endocrine diseases"),
    concept("7", "تزریق وریدی آهسته", "Slow intravenous injection"),
    concept("XY", "فهرست نمونه", "Sample list"),
    concept("8", "پروندهٔ xy بیمار", "Record xy"),
    concept("9", "قرص c 40 نمونه", "Tablet c 40"),
    concept("10", "جزء چهارم دستگاه کمپلمان سرم C4", "Complement C4"),
    concept("11", "ویتامین c سیناژن قرص جوشان", "vitamin c sinagen effervescent"),
    concept("13", "قرص c سدیم", "Sodium serum s electrolyte c starch"),
    concept("12", "ویتامین c سی‌نا قرص‌های جوشان نارنجی", "vitamin c effervescent orange"),
]


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> SealedRelease:
    folder: Path = tmp_path_factory.mktemp("ranked")
    ShelfBuilder(folder).publish("List", ROWS)
    shelf = Shelf(folder)
    return shelf.release(shelf.catalogue().codes[0].current)


def codes(release: SealedRelease, text: str) -> list[str]:
    return [hit.concept.code for hit in find([release], ask(text), limit=10).hits]


def test_a_letter_and_a_digit_begin_a_code(release: SealedRelease) -> None:
    assert codes(release, "A0")[0] == "A00"
    assert suggest([release], "A0")[0].code == "A00"


def test_a_code_of_letters_comes_after_what_its_synonyms_find(release: SealedRelease) -> None:
    assert codes(release, "IV") == ["7", "IV"]


def test_a_code_of_letters_that_mean_nothing_else_is_first(release: SealedRelease) -> None:
    assert codes(release, "xy") == ["XY", "8"]


def test_words_written_as_one_come_before_a_word_that_only_begins_so(release: SealedRelease) -> None:
    assert codes(release, "c 4") == ["10", "9"]


def test_only_the_last_word_may_be_a_beginning(release: SealedRelease) -> None:
    """``سی`` is no ``سیناژن`` in the order of words; both have ``vitamin c``."""
    assert codes(release, "ویتامین سی جوشان") == ["12", "11"]


@pytest.mark.parametrize("text", ["s/e", "c/s"])
def test_the_letters_of_an_abbreviation_that_no_title_has_begin_no_word(release: SealedRelease, text: str) -> None:
    assert codes(release, text) == []
