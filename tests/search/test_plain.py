from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maxa.errors import BadParameter
from maxa.search.plain import find, words_of
from maxa.shelf.reading import Shelf
from maxa.shelf.release import SealedRelease
from tests.shelves import ShelfBuilder, concept


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> list[SealedRelease]:
    folder = tmp_path_factory.mktemp("shelf")
    builder = ShelfBuilder(folder)
    builder.publish("A", [
        concept("1", "قرص استامینوفن", "Acetaminophen tablet"), concept("2", "شربت استامینوفن"), concept("3", "قرص", active=False),
        concept("4", "می\u200cشود"), concept("A00.0", "وبا"), concept("5", "قرص ۵۰۰"),
    ])  # fmt: skip
    builder.publish("B", [concept("9", "قرص ب"), concept("8", "قرص استامینوفن ب", active=False)])
    shelf = Shelf(folder)
    return [shelf.release(entry.current) for entry in shelf.catalogue().codes]


def codes(releases: list[SealedRelease], query: str, **how: object) -> list[str]:
    found = find(releases, words_of(query), limit=100, **how)  # type: ignore[arg-type]
    return [hit.concept.code for hit in found.hits]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("قرص", ["9", "5", "1", "3", "8"]), ("استامینوفن قرص", ["1", "8"]), ("acetamin", ["1"]), ("می شود", ["4"]),
        ("میشود", ["4"]), ("می\u200cشود", ["4"]), ("a00.0", ["A00.0"]), ("a000", ["A00.0"]), ("قرص 500", ["5"]), ("قرص ۵", ["5"]),
        ("یافت نمی‌شود", []), ("((", []), ("", []),
    ],
)  # fmt: skip
def test_all_words_are_found_in_rank_order(releases: list[SealedRelease], query: str, found: list[str]) -> None:
    assert codes(releases, query) == found


def test_a_status_narrows_hits_and_total(releases: list[SealedRelease]) -> None:
    for status, expected in (("active", ["9", "5", "1"]), ("retired", ["3", "8"])):
        found = find(releases, ["قرص"], limit=100, status=status)
        assert [h.concept.code for h in found.hits] == expected
        assert (found.total, found.total_is_exact) == (len(expected), True)


@given(st.integers(1, 7))
def test_pages_make_up_the_whole(releases: list[SealedRelease], size: int) -> None:
    whole = find(releases, ["قرص"], limit=100)
    hits, read_to = [], None
    while True:
        page = find(releases, ["قرص"], limit=size, read_to=read_to)
        hits += page.hits
        assert page.total == whole.total
        read_to = page.read_to
        if read_to is None:
            break
    assert hits == whole.hits


def test_a_query_that_can_not_be_honoured_whole_is_refused() -> None:
    assert len(words_of("x " * 31)) == 31
    for text in ("x" * 501, "x " * 32):
        with pytest.raises(BadParameter):
            words_of(text)


@given(st.text(max_size=60))
def test_any_query_is_answered(releases: list[SealedRelease], text: str) -> None:
    clean = text.encode("utf-8", "replace").decode()
    if len(clean.split()) < 20:
        assert find(releases, words_of(clean), limit=5).total >= 0
