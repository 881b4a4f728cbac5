"""maxa.search.api: what /api/v1 and the command line are wired to."""

from __future__ import annotations

from pathlib import Path

import pytest

from maxa.errors import BadCursor, BadParameter, ExpiredCursor, UnknownTerminology, UnknownVersion
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
    assert search(shelf, catalogue, "مغز", filters={"color": ["red"]}).hits == []
    with pytest.raises(BadParameter):
        search(shelf, catalogue, "", filters={"modality": ["CT"] * 17})


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
    ):
        with pytest.raises(BadCursor):
            search(shelf, catalogue, cursor=cursor, **other)  # type: ignore[arg-type]
    for broken in ("", "x", cursor[:-2], "A" * 20_000, "é"):
        if broken:
            with pytest.raises(BadCursor):
                search(shelf, catalogue, "ا", cursor=broken)
    with pytest.raises(ExpiredCursor):
        search(shelf, catalogue, "ا", cursor=cursor, terminologies=["ICD10"])
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


def test_a_publication_between_pages_expires_the_cursor(tmp_path: Path) -> None:
    builder = ShelfBuilder(tmp_path)
    builder.publish("T", [concept(str(i), f"نام {i}") for i in range(9)], day="1402/01/01")
    shelf = Shelf(tmp_path)
    before = shelf.catalogue()
    cursor = search(shelf, before, "نام", limit=4).next
    builder.publish("T", [concept(str(i), f"نام {i}") for i in range(3)], day="1402/07/01")
    with pytest.raises(ExpiredCursor):
        search(shelf, shelf.catalogue(), "نام", limit=4, cursor=cursor)
    assert len(search(shelf, before, "نام", limit=4, cursor=cursor).hits) == 4


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
