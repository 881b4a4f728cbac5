"""Ranking, pages and totals."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maxa.search.find import EXACT_TO, ask, find
from maxa.search.rank import HEAD
from maxa.shelf.reading import Shelf
from maxa.shelf.release import SealedRelease
from tests.shelves import ShelfBuilder, concept

FORMS = ("قرص", "شربت", "کپسول")


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> list[SealedRelease]:
    """More hits than the head holds, in two terminologies, and more than totals count."""
    folder = tmp_path_factory.mktemp("many")
    builder = ShelfBuilder(folder)
    builder.publish("A", [
        concept(f"A{i:05}", f"داروی نمونه {FORMS[i % 3]} {i % 40} شماره {i}", active=i % 10 != 9) for i in range(1_500)
    ] + [concept("EXACT", "قرص نمونه"), concept("BEGINS", "قرص نمونه با نام بسیار بلندی که در رتبهٔ ایستا پس از همه است")])  # fmt: skip
    builder.publish("B", [concept(f"B{i:03}", f"نمونه {FORMS[i % 3]} ب {i}") for i in range(120)])
    shelf = Shelf(folder)
    return [shelf.release(entry.current) for entry in shelf.catalogue().codes]


def codes(releases: list[SealedRelease], text: str, limit: int = 20, **how: object) -> list[str]:
    return [hit.concept.code for hit in find(releases, ask(text), limit=limit, **how).hits]  # type: ignore[arg-type]


def test_titles_that_begin_so_come_first_however_long_the_list_is(many: list[SealedRelease]) -> None:
    found = find([many[0]], ask("قرص نمونه"), limit=3)
    assert [hit.concept.code for hit in found.hits][:2] == ["EXACT", "BEGINS"]
    assert found.total == 502


def test_retired_codes_are_last_and_marked(many: list[SealedRelease]) -> None:
    hits = [hit.concept for page in pages([many[0]], "شربت", 50) for hit in page]
    active = [bool(concept.active) for concept in hits]
    assert active == sorted(active, reverse=True)
    assert not all(active)


def test_an_exact_code_is_first_even_when_retired(tmp_path: Path) -> None:
    builder = ShelfBuilder(tmp_path)
    builder.publish("T", [concept("10", "کد ده", active=False), concept("101", "کد 10 فعال"), concept("7", "10")])
    shelf = Shelf(tmp_path)
    release = shelf.release(shelf.catalogue().codes[0].current)
    assert codes([release], "10") == ["10", "7", "101"]


def pages(releases: list[SealedRelease], text: str, size: int, **how: object) -> list[list[object]]:
    found, read_to = [], None
    while True:
        page = find(releases, ask(text), limit=size, read_to=read_to, **how)  # type: ignore[arg-type]
        found.append(list(page.hits))
        read_to = page.read_to
        if read_to is None:
            return found
        assert len(page.hits) == size


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 70), st.sampled_from(["نمونه", "قرص", "شربت ب", "قرص -نمونه یا ب", "12", "شماره 1"]))
def test_pages_make_up_the_whole_without_gap_or_repetition(many: list[SealedRelease], size: int, text: str) -> None:
    whole = find(many, ask(text), limit=5_000).hits
    seen = [(hit.source, hit.concept.code) for hit in whole]
    assert len(seen) == len(set(seen))
    read_to, found = None, []
    while len(found) < 400:
        page = find(many, ask(text), limit=size, read_to=read_to)
        found += page.hits
        read_to = page.read_to
        if read_to is None:
            break
    assert found == whole[: len(found)]
    assert read_to is not None or len(found) == len(whole)


def test_the_same_query_gives_the_same_order(many: list[SealedRelease]) -> None:
    assert codes(many, "نمونه قرص", 200) == codes(many, "نمونه قرص", 200)


def test_totals_are_exact_up_to_a_thousand(many: list[SealedRelease]) -> None:
    found = find(many, ask("نمونه"), limit=5)
    assert (found.total, found.total_is_exact) == (EXACT_TO, False)
    assert found.counts == (EXACT_TO, 120)
    found = find(many, ask("شربت"), limit=5)
    assert (found.total, found.total_is_exact) == (540, True)
    assert find(many, ask("نمونه"), limit=5, exact_to=10_000).total == 1_622


@pytest.mark.parametrize("text", ["شربت", "نمونه ب", "شماره 77", "قر", "داروی نمونه کپسول"])
def test_totals_are_what_is_listed(many: list[SealedRelease], text: str) -> None:
    found = find(many, ask(text), limit=5_000)
    assert found.total == min(len(found.hits), EXACT_TO)
    assert found.read_to is None


@pytest.mark.parametrize("status", ["active", "retired"])
def test_a_status_narrows_hits_and_total(many: list[SealedRelease], status: str) -> None:
    found = find(many, ask("شربت"), limit=5_000, status=status)
    assert {bool(hit.concept.active) for hit in found.hits} == {status == "active"}
    assert found.total == len(found.hits) > HEAD


def test_terminologies_are_merged_by_how_well_they_match(many: list[SealedRelease]) -> None:
    found = find(many, ask("نمونه قرص"), limit=4)
    assert {hit.source for hit in found.hits} == {1}  # begins so; in the other list it stands inside


@pytest.fixture(scope="module")
def retired(tmp_path_factory: pytest.TempPathFactory) -> list[SealedRelease]:
    """44 active titles that hold a word, retired ones that begin with it, and ones whose codes begin with a number."""
    builder = ShelfBuilder(tmp_path_factory.mktemp("retired"))
    builder.publish("A", [
        *(concept(f"A{n}", f"داروی {n} قرص 771", active=True) for n in range(44)),
        concept("OLD", "قرص", active=False), concept("OLDER", "قرص کهنه", active=False),
        concept("7715", "شربت", active=False), concept("771", "کپسول", active=False),
    ])  # fmt: skip
    builder.publish("B", [concept("B1", "قرص ب", active=False), concept("B2", "قرص دیگر")])
    shelf = Shelf(builder.folder)
    return [shelf.release(entry.current) for entry in shelf.catalogue().codes]


@pytest.mark.parametrize("size", [5, 33, 50, 100])
@pytest.mark.parametrize("lists", [[0], [0, 1]])
def test_no_retired_title_stands_before_active_ones_of_the_tail(
    retired: list[SealedRelease], lists: list[int], size: int
) -> None:
    chosen = [retired[n] for n in lists]
    read: list[str] = []
    active: list[bool] = []
    for page in pages(chosen, "قرص", size):
        read += [hit.concept.code for hit in page]  # type: ignore[attr-defined]
        active += [bool(hit.concept.active) for hit in page]  # type: ignore[attr-defined]
    assert active == sorted(active, reverse=True)
    assert len(read) == len(set(read)) == find(chosen, ask("قرص"), limit=1).total == 44 + 2 * len(lists)


@pytest.mark.parametrize("size", [5, 40, 100])
def test_a_retired_code_is_first_where_it_is_exact_and_last_where_it_only_begins_so(
    retired: list[SealedRelease], size: int
) -> None:
    read = [hit.concept.code for page in pages([retired[0]], "771", size) for hit in page]  # type: ignore[attr-defined]
    assert read[0] == "771"
    assert read[-1] == "7715"
    assert len(read) == len(set(read)) == 46
