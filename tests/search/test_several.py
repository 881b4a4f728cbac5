"""Several tests in one query."""

from __future__ import annotations

from pathlib import Path

import pytest

from maxa.search.find import ask, find
from maxa.search.synonyms import sections
from maxa.shelf.reading import Shelf
from maxa.shelf.release import SealedRelease
from tests.shelves import ShelfBuilder, concept


@pytest.fixture(scope="module")
def tests(tmp_path_factory: pytest.TempPathFactory) -> SealedRelease:
    folder = tmp_path_factory.mktemp("several")
    builder = ShelfBuilder(folder)
    builder.publish("Tests", [
        concept("718-7", "هموگلوبین", "Hemoglobin"), concept("2951-2", "سدیم", "Sodium"), concept("2823-3", "پتاسیم", "Potassium"),
        concept("9-9", "ادراری", "Urine"), concept("8-8", "زانو", "Knee"),
    ])  # fmt: skip
    shelf = Shelf(folder)
    return shelf.release(shelf.catalogue().codes[0].current)


@pytest.mark.parametrize("text", ["سدیم توتال", "total sodium", "سدیم آزاد"])
def test_what_is_said_of_a_test_is_none_by_itself(tmp_path: Path, text: str) -> None:
    ShelfBuilder(tmp_path).publish("Tests", [concept("1", "سدیم", "Sodium"), concept("2", "پروتئین تام", "Total protein"),
                                             concept("3", "تستوسترون آزاد", "Testosterone free")])  # fmt: skip
    shelf = Shelf(tmp_path)
    assert find([shelf.release(shelf.catalogue().codes[0].current)], ask(text), limit=5).hits == []


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("سدیم پتاسیم", {"2951-2", "2823-3"}), ("na/hb", {"2951-2", "718-7"}), ("718-7، 2951-2", {"718-7", "2951-2"}),
        ("718-7 سدیم", {"718-7", "2951-2"}), ("sodium OR potassium", {"2951-2", "2823-3"}),
    ],
)  # fmt: skip
def test_each_test_of_a_query_is_found_and_the_reply_tells_so(tests: SealedRelease, text: str, codes: set[str]) -> None:
    found = find([tests], ask(text), limit=9)
    assert {hit.concept.code for hit in found.hits} == codes
    if found.instead is not None:
        assert found.instead.kinds == ("any-word",)
        told = found.instead.told()
        assert "هر کدام جداگانه" in str(told["message_fa"])
        again = find([tests], ask(str(told["text"])), limit=9)
        assert {hit.concept.code for hit in again.hits} == codes
    assert (found.instead is None) == (" OR " in text)


@pytest.mark.parametrize(
    "text",
    ["سدیم بدون پتاسیم", "سدیم -پتاسیم کلر", "سدیم زانو", "سدیم xyz", "718-7 0000-0", "سدیم سدیم آهن", "pota sod"],
)
def test_pieces_that_are_no_tests_of_the_list_find_nothing(tests: SealedRelease, text: str) -> None:
    assert find([tests], ask(text), limit=9).hits == []


def test_the_file_says_which_names_are_ordered_side_by_side() -> None:
    told = {section.title: section.orderable for section in sections()}
    assert told["Clinical chemistry"]
    assert not told["Imaging"]
