from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from maxa.shelf.reading import Shelf
from maxa.shelf.remembered import Remembered
from tests.shelves import ShelfBuilder, concept


def key(name: str) -> tuple[str, str]:
    return "digest", name


def test_what_is_asked_for_again_is_kept_and_the_rest_forgotten() -> None:
    remembered: Remembered[int] = Remembered(2)
    for n, name in enumerate("abcd"):
        remembered.keep(key(name), n)
        remembered.get(key("a"))
    assert remembered.get(key("a")) == 0
    assert remembered.get(key("b")) is None
    assert remembered.get(key("d")) == 3


@given(st.lists(st.tuples(st.booleans(), st.sampled_from("abcdefghij"))), st.integers(1, 4))
def test_it_never_outgrows_its_size_and_never_mixes_answers_up(steps: list[tuple[bool, str]], size: int) -> None:
    remembered: Remembered[str] = Remembered(size)
    for keeps, name in steps:
        if keeps:
            remembered.keep(key(name), name)
        assert remembered.get(key(name)) in (name, None)
        assert len(remembered) <= 2 * size


def test_editions_with_the_same_codes_are_told_apart(tmp_path: Path) -> None:
    builder = ShelfBuilder(tmp_path)
    builder.publish("A", [concept("1", "یک")], version="v1")
    builder.publish("A", [concept("1", "یکم")], version="v2")
    builder.publish("B", [concept("1", "اول")])
    shelf = Shelf(tmp_path)
    found = []
    for _ in range(2):
        for name, version in (("A", "v1"), ("A", "v2"), ("B", None)):
            release = shelf.release(shelf.catalogue().terminology(name).edition(version=version))
            told = release.concept("1")
            found.append(told.title if told else None)
            assert release.concept("2") is None
    assert found == ["یک", "یکم", "اول"] * 2


def test_very_long_texts_are_found_though_not_remembered(tmp_path: Path) -> None:
    ShelfBuilder(tmp_path).publish("A", [concept("1", "ی" * 30_000)])
    shelf = Shelf(tmp_path)
    release = shelf.release(shelf.catalogue().terminology("A").current)
    for _ in range(2):
        told = release.concept("1")
        assert told is not None
        assert len(told.title) == 30_000
