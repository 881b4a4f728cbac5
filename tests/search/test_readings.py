"""What one written word may mean, in the editions that are searched and in no others."""

from __future__ import annotations

from pathlib import Path

import pytest

from maxa.search import vocabulary as vocabularies
from maxa.search.find import ask, find
from maxa.search.vocabulary import vocabulary_of
from maxa.shelf.reading import Shelf
from maxa.shelf.release import SealedRelease
from maxa.shelf.sealed_file import SealedConcept
from tests.shelves import ShelfBuilder, concept


def opened(folder: Path, lists: dict[str, list[SealedConcept]]) -> list[SealedRelease]:
    builder = ShelfBuilder(folder)
    for name, rows in lists.items():
        builder.publish(name, rows)
    shelf = Shelf(folder)
    return [shelf.release(entry.current) for entry in shelf.catalogue().codes]


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    """Each test begins as a new process does."""
    vocabularies._kept.clear()


def found_in(releases: list[SealedRelease], text: str) -> list[str]:
    return [hit.concept.code for hit in find(releases, ask(text), limit=9).hits]


def test_a_word_that_is_only_begun_is_read_in_each_edition_by_the_words_of_that_one(tmp_path: Path) -> None:
    a, b = opened(tmp_path, {"A": [concept("1", "متفورمین 500")], "B": [concept("2", "متفور ویژه")]})
    assert found_in([a], "متفور 500") == ["1"]
    vocabularies._kept.clear()
    assert found_in([a, b], "متفور 500") == ["1"]
    assert found_in([a], "متفور 500") == ["1"], "another list was searched before"
    assert found_in([b], "متفور 500") == []


def test_a_begun_word_is_told_whole_only_where_an_edition_has_it(tmp_path: Path) -> None:
    lists = {"A": [concept("1", "متفورمین 500")], "B": [concept("2", "متفورمینات 500")]}
    a, b = opened(tmp_path, lists)
    for chosen, code in (([a], "1"), ([b], "2")):
        assert found_in(chosen, "متفور 500") == [code]
    vocabulary_of([a, b])
    for chosen, code in (([a], "1"), ([b], "2")):
        assert found_in(chosen, "متفور 500") == [code]


def test_words_of_other_editions_do_not_fill_the_room_for_those_that_begin_so(tmp_path: Path) -> None:
    many = [concept(str(n), f"متفور{letter}ان 5") for n, letter in enumerate("ابپتجچحخدذرزژسشصضطظعغفقکگ")]
    a, b = opened(tmp_path, {"A": [concept("x", "متفورین 500")], "B": many})
    before = found_in([a], "متفور 500")
    assert before == ["x"]
    vocabularies._kept.clear()
    vocabulary_of([a, b])
    instead = find([a], ask("متفور 500"), limit=1).instead
    assert instead is not None
    assert instead.query.text == "متفورین 500"
    assert found_in([a], "متفور 500") == before
