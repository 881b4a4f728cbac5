"""maxa.search.api: what /api/v1 and the command line are wired to."""

from __future__ import annotations

from pathlib import Path

import pytest

from maxa.errors import (
    BadCursor,
    BadParameter,
    ExpiredCursor,
    MissingParameter,
    UnknownTerminology,
    UnknownVersion,
)
from maxa.search.api import search, suggest
from maxa.shelf.reading import Shelf
from tests.shelves import ShelfBuilder, concept


def test_one_several_or_all_terminologies_with_counts(shelf: Shelf) -> None:
    catalogue = shelf.catalogue()
    every = search(shelf, catalogue, "شکستگی یا زانو")
    assert every.counts == {"ICD10": 1, "Imaging": 1}
    assert every.total == 2
    one = search(shelf, catalogue, "شکستگی یا زانو", terminologies=["icd10"])
    assert [(hit.terminology, hit.concept.code) for hit in one.hits] == [("ICD10", "S52.5")]
    both = search(shelf, catalogue, "شکستگی یا زانو", terminologies=["Imaging", "ICD10", "imaging"])
    assert both.counts == {"Imaging": 1, "ICD10": 1}
    with pytest.raises(UnknownTerminology):
        search(shelf, catalogue, "x", terminologies=["nowhere"])
    with pytest.raises(UnknownVersion):
        search(shelf, catalogue, "x", version="1300-01-01")


def test_highlights_and_what_was_searched_instead(shelf: Shelf) -> None:
    reply = search(shelf, shelf.catalogue(), "astma")
    assert reply.instead is not None
    assert reply.instead["text"] == "asthma"
    assert reply.instead["kinds"] == ["spelling"]
    assert reply.hits[0].highlight == "<em>Asthma</em>"
    assert search(shelf, shelf.catalogue(), "astma", literal=True).hits == []


def test_filters_narrow_and_list(shelf: Shelf) -> None:
    catalogue = shelf.catalogue()
    found = search(shelf, catalogue, "مغز", filters={"modality": ["CT"]})
    assert [hit.concept.code for hit in found.hits] == ["CT002", "CT001"]
    found = search(shelf, catalogue, "", filters={"modality": ["NM", "XR"], "region": ["اندام"]})
    assert [hit.concept.code for hit in found.hits] == ["NM001", "XR002"]
    assert search(shelf, catalogue, "مغز", filters={"modality": ["PET"]}).hits == []
    with pytest.raises(BadParameter):
        search(shelf, catalogue, "", filters={"modality": ["CT"] * 17})


def test_a_filter_that_no_edition_knows_is_refused_with_the_nearest(shelf: Shelf) -> None:
    catalogue = shelf.catalogue()
    with pytest.raises(BadParameter) as refused:
        search(shelf, catalogue, "مغز", filters={"modalty": ["CT"]})
    assert refused.value.parameter == "filter"
    assert refused.value.suggestions == ["modality"]
    with pytest.raises(BadParameter):
        search(shelf, catalogue, "دیابت", terminologies=["ICD10"], filters={"modality": ["CT"]})


@pytest.mark.parametrize("q", ["", "   "])
def test_a_search_for_nothing_is_refused(shelf: Shelf, q: str) -> None:
    with pytest.raises(MissingParameter):
        search(shelf, shelf.catalogue(), q)


def test_cursors_go_on_and_refuse_what_is_not_theirs(shelf: Shelf) -> None:
    catalogue = shelf.catalogue()
    codes, cursor = [], None
    while True:
        page = search(shelf, catalogue, "ا", limit=4, cursor=cursor)
        codes += [(hit.terminology, hit.concept.code) for hit in page.hits]
        cursor = page.next
        if cursor is None:
            break
    assert len(codes) == len(set(codes)) == page.total > 8
    cursor = search(shelf, catalogue, "ا", limit=4).next
    assert cursor is not None
    for other in (
        {"q": "ب"},
        {"q": "ا", "status": "active"},
        {"q": "ا", "literal": True},
        {"q": "ا", "filters": {"modality": ["CT"]}},
        {"q": "ا", "terminologies": ["ICD10"]},
        {"q": "ا", "version": "1402-02-18"},
    ):
        with pytest.raises(BadCursor):
            search(shelf, catalogue, cursor=cursor, **other)  # type: ignore[arg-type]
    for broken in ("", "x", cursor[:-2], "A" * 20_000, "é"):
        if broken:
            with pytest.raises(BadCursor):
                search(shelf, catalogue, "ا", cursor=broken)
    second = search(shelf, catalogue, "ا", cursor=cursor)
    assert search(shelf, catalogue, cursor=cursor) == second  # it holds what was asked, and how many
    assert len(second.hits) == 4
    for limit in (0, 201):
        with pytest.raises(BadParameter):
            search(shelf, catalogue, "ا", limit=limit)


def test_an_older_edition_is_searched_with_its_own_index(tmp_path: Path) -> None:
    builder = ShelfBuilder(tmp_path)
    builder.publish("T", [concept("1", "نام نخست")], day="1402/01/01")
    builder.publish("T", [concept("1", "نام تازه")], day="1402/07/01")
    shelf = Shelf(tmp_path)
    catalogue = shelf.catalogue()
    assert [hit.version for hit in search(shelf, catalogue, "تازه").hits] == ["1402-07-01"]
    assert search(shelf, catalogue, "نخست", literal=True).hits == []
    older = search(shelf, catalogue, "نخست", version="1402-01-01")
    assert [(hit.version, hit.concept.title_fa) for hit in older.hits] == [("1402-01-01", "نام نخست")]


def test_a_publication_between_pages_neither_skips_nor_repeats(tmp_path: Path) -> None:
    builder = ShelfBuilder(tmp_path)
    builder.publish("T", [concept(str(i), f"نام {i}") for i in range(9)], day="1402/01/01")
    builder.publish("U", [concept(str(i), f"نام دیگر {i}") for i in range(3)], day="1402/01/01")
    shelf = Shelf(tmp_path)
    first = search(shelf, shelf.catalogue(), "نام", limit=4)
    builder.publish("T", [concept(str(i), f"نام {i}") for i in range(3)], day="1402/07/01")
    builder.publish("A", [concept("1", "نام نو")], day="1402/07/01")
    found, cursor = [*first.hits], first.next
    while cursor is not None:
        page = search(shelf, shelf.catalogue(), cursor=cursor)
        assert page.counts == {"T": 9, "U": 3}
        found, cursor = found + page.hits, page.next
    told = [(hit.terminology, hit.version, hit.concept.code) for hit in found]
    assert len(told) == len(set(told)) == 12
    assert {version for terminology, version, _ in told if terminology == "T"} == {"1402-01-01"}


def test_a_publication_elsewhere_leaves_the_cursor_as_it_was(tmp_path: Path) -> None:
    builder = ShelfBuilder(tmp_path)
    builder.publish("T", [concept(str(i), f"نام {i}") for i in range(9)])
    shelf = Shelf(tmp_path)
    before = search(shelf, shelf.catalogue(), "نام", terminologies=["T"], limit=4)
    builder.publish("U", [concept("1", "نام")])
    assert search(shelf, shelf.catalogue(), "نام", terminologies=["T"], limit=4) == before


def test_an_edition_that_is_gone_or_was_made_anew_expires_the_cursor(tmp_path: Path) -> None:
    def made(name: str, title: str, *others: str) -> Shelf:
        builder = ShelfBuilder(tmp_path / name)
        for terminology in ("T", *others):
            builder.publish(terminology, [concept(str(i), f"{title} {i}") for i in range(9)])
        return Shelf(tmp_path / name)

    one = made("one", "نام", "U")
    cursor = search(one, one.catalogue(), "نام", limit=4).next
    for other in (made("two", "نام"), made("three", "نام‌ها", "U")):
        with pytest.raises(ExpiredCursor):
            search(other, other.catalogue(), cursor=cursor)


def test_suggestions_for_each_letter_typed(shelf: Shelf) -> None:
    catalogue = shelf.catalogue()
    assert [hit.concept.code for hit in suggest(shelf, catalogue, "سرد").hits] == ["R51", "G44.2"]
    assert suggest(shelf, catalogue, "   ").hits == []
    title = "دیابت نوع ۲ بدون عارضه"
    for length in range(2, len(title) + 1):
        assert any(hit.concept.title_fa.startswith("دیابت") for hit in suggest(shelf, catalogue, title[:length]).hits)
    found = suggest(shelf, catalogue, "ا", limit=3).hits
    assert len(found) == 3
    assert len({hit.concept.title for hit in found}) == 3
