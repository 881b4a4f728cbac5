"""The same mass in other units."""

from __future__ import annotations

from pathlib import Path

import pytest

from maxa.persian.analysis import items_of
from maxa.search.find import ask, find
from maxa.search.measures import same_measures
from maxa.shelf.reading import Shelf
from maxa.shelf.release import SealedRelease
from tests.shelves import ShelfBuilder, concept


def measures(text: str) -> list[tuple[str, str]]:
    return same_measures([word for item in items_of(text) for word in item.words])


@pytest.mark.parametrize(
    ("typed", "same"),
    [
        ("1 g", ("1000", "mg")), ("1g", ("1000", "mg")), ("۱ گرم", ("1000", "mg")), ("0.5 g", ("500", "mg")),
        ("۲/۵ گرم", ("2500", "mg")), ("1000 mg", ("1", "g")), ("50 mcg", ("0d05", "mg")), ("0.05 میلی‌گرم", ("50", "mcg")),
        ("250 میلی گرم", ("0d25", "g")), ("500 mg", ("500000", "mcg")), ("20000 mg", ("20", "گرم")),
    ],
)  # fmt: skip
def test_a_mass_is_the_same_in_other_units(typed: str, same: tuple[str, str]) -> None:
    assert same in measures(typed)


@pytest.mark.parametrize("typed", ["1 mL", "160/4.5/2 mg", "100 iu", "g 1", "1", "1 mg mg", "99999999 g", "0 g"])
def test_anything_else_is_no_mass(typed: str) -> None:
    assert measures(typed) == []


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> SealedRelease:
    folder: Path = tmp_path_factory.mktemp("masses")
    rows = [
        concept("1", "متفورمین 1000 mg قرص", "METFORMIN 1000 mg"), concept("2", "متفورمین 500 mg قرص", "METFORMIN 500 mg"),
        concept("3", "سفازولین 1 g پودر", "CEFAZOLIN 1 g"), concept("4", "متفورمین ۱۰۰۰ میلی‌گرم آهسته‌رهش", ""),
    ]  # fmt: skip
    ShelfBuilder(folder).publish("List", rows)
    shelf = Shelf(folder)
    return shelf.release(shelf.catalogue().codes[0].current)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("metformin 1g", {"1", "4"}), ("متفورمین 1 گرم", {"1", "4"}), ("متفورمین ۰/۵ گرم", {"2"}), ("cefazolin 1000 mg", {"3"}),
        ("متفورمین 2 g", set()), ("متفورمین 1000 mg", {"1", "4"}),
    ],
)  # fmt: skip
def test_a_strength_is_found_in_whichever_unit_a_title_has_it(
    release: SealedRelease, text: str, found: set[str]
) -> None:
    assert {hit.concept.code for hit in find([release], ask(text), limit=9).hits} == found


def test_literal_words_are_not_converted(release: SealedRelease) -> None:
    assert find([release], ask("متفورمین 1 g", literal=True), limit=9, literal=True).hits == []
