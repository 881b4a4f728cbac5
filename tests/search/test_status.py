"""What is searched instead finds something of the status that is asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from maxa.search.find import Found, ask, find
from maxa.shelf.reading import Shelf
from maxa.shelf.sealed_file import SealedConcept
from tests.shelves import ShelfBuilder, concept


def found_in(folder: Path, rows: list[SealedConcept], text: str, status: str) -> Found:
    ShelfBuilder(folder).publish("T", rows)
    shelf = Shelf(folder)
    return find([shelf.release(shelf.catalogue().codes[0].current)], ask(text), limit=9, status=status)


@pytest.mark.parametrize(("status", "code"), [("active", "2"), ("retired", "1"), ("all", "1")])
def test_the_nearest_word_is_one_that_the_status_has(tmp_path: Path, status: str, code: str) -> None:
    rows = [concept("1", "سفالکسیم کهنه", active=False), concept("2", "سفالکسین قرص")]
    found = found_in(tmp_path, rows, "سفالکسیمن", status)
    assert [hit.concept.code for hit in found.hits][:1] == [code]
    assert found.instead is not None


def test_a_retired_code_beside_words_is_not_what_active_ones_are_asked_for(tmp_path: Path) -> None:
    rows = [concept("718-7", "کلرامیدن کهنه", active=False), concept("9", "کلرامیدین 718-7")]
    found = found_in(tmp_path, rows, "718-7 کلرامیدن", "active")
    assert [hit.concept.code for hit in found.hits] == ["9"]


def test_several_tests_are_each_found_in_the_status(tmp_path: Path) -> None:
    rows = [concept("1", "سدیم", "Sodium", active=False), concept("2", "پتاسیم", "Potassium")]
    assert found_in(tmp_path / "a", rows, "سدیم پتاسیم", "active").hits == []
    assert len(found_in(tmp_path / "b", rows, "سدیم پتاسیم", "all").hits) == 2
