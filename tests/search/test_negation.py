"""Titles that deny what was asked for come last."""

from __future__ import annotations

from pathlib import Path

import pytest

from maxa.search.find import ask, find
from maxa.search.negation import asks_for_negation, denies
from maxa.shelf.reading import Shelf
from maxa.shelf.release import SealedRelease
from maxa.shelf.sealed_file import SealedConcept
from tests.shelves import ShelfBuilder, concept


def sealed(folder: Path, rows: list[SealedConcept]) -> SealedRelease:
    ShelfBuilder(folder / "shelf").publish("List", rows)
    shelf = Shelf(folder / "shelf")
    return shelf.release(shelf.catalogue().codes[0].current)


def codes(release: SealedRelease, text: str, limit: int = 10) -> list[str]:
    return [hit.concept.code for hit in find([release], ask(text), limit=limit).hits]


SCANS = [
    concept("1", "اسکن مغز بدون تزریق", "Brain scan without contrast"),
    concept("2", "اسکن مغز نوزاد پس از آماده‌سازی با تزریق", "Brain scan of a newborn with contrast"),
    concept("3", "اسکن لگن با و بدون تزریق", "Pelvic scan with and without contrast"),
    concept("4", "دیابت وابسته به انسولین نوجوانان", "Juvenile insulin-dependent diabetes"),
    concept("5", "دیابت دو", "Non-insulin dependent diabetes"),
]


@pytest.fixture(scope="module")
def scans(tmp_path_factory: pytest.TempPathFactory) -> SealedRelease:
    return sealed(tmp_path_factory.mktemp("scans"), SCANS)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("مغز تزریق", ["2", "1"]), ("مغز تزریقی", ["2", "1"]), ("brain contrast", ["2", "1"]), ("تزریق", ["3", "2", "1"]),
        ("insulin", ["4", "5"]), ("مغز بدون تزریق", ["1"]), ("brain without contrast", ["1"]), ("اسکن مغز", ["1", "2"]),
    ],
)  # fmt: skip
def test_a_title_that_denies_a_word_comes_after_those_that_do_not(
    scans: SealedRelease, text: str, found: list[str]
) -> None:
    assert codes(scans, text) == found


def test_short_titles_that_deny_do_not_keep_the_others_out_of_the_first(tmp_path: Path) -> None:
    rows = [concept(f"{n:03}", f"زخم {n} بدون عارضه") for n in range(100)]
    release = sealed(tmp_path, [*rows, concept("X", "زخم کهنه و درمان‌نشدهٔ ساق که سپس با عارضه همراه شده است")])
    assert codes(release, "زخم عارضه")[0] == "X"
    assert codes(release, "زخم بدون عارضه")[0] == "000"


def test_where_all_titles_deny_it_a_search_that_leaves_it_open_is_told(tmp_path: Path) -> None:
    rows = [
        concept("1", "ام آر آی مغز بدون تزریق"),
        concept("2", "ام آر آی مغز"),
        concept("3", "ام آر آی زانو بدون تزریق"),
    ]
    release = sealed(tmp_path, rows)
    found = find([release], ask("ام آر آی مغز تزریقی"), limit=9)
    assert [hit.concept.code for hit in found.hits] == ["2"]
    assert found.instead is not None
    assert found.instead.contrary
    assert "خلاف" in str(found.instead.told()["message_fa"])
    assert codes(release, "ام آر آی زانو تزریقی") == ["3"], "nothing leaves it open: what denies it is still shown"
    insisted = find([release], ask("ام آر آی مغز تزریقی", literal=True), limit=9, literal=True)
    assert [hit.concept.code for hit in insisted.hits] == ["1"]


def test_every_page_keeps_to_the_same_order(tmp_path: Path) -> None:
    rows = [concept(f"{n:03}", f"زخم {n} {'بدون' if n % 3 else 'با'} عارضه") for n in range(150)]
    release = sealed(tmp_path, rows)
    query, found, read_to = ask("زخم عارضه"), [], None
    while True:
        page = find([release], query, limit=7, read_to=read_to)
        found += [hit.concept.code for hit in page.hits]
        read_to = page.read_to
        if read_to is None:
            break
    assert sorted(found) == [row.code for row in rows]
    assert all(int(code) % 3 == 0 for code in found[:30])


@pytest.mark.parametrize(
    ("title", "typed", "denied"),
    [
        (" ct brain without contrast ", "ct contrast", True),
        (" ct brain with contrast ", "ct contrast", False),
        (" ct brain with or without contrast ", "ct contrast", False),
        (" contrast study without oral contrast ", "contrast", False),
        (" needle no 12 ", "needle 12", False),
        (" insulin ", "insulin", False),
    ],
)
def test_only_what_stands_after_a_negation_and_nowhere_else_is_denied(title: str, typed: str, denied: bool) -> None:
    assert denies(title, typed) is denied


def test_a_query_may_ask_for_a_negation_itself() -> None:
    assert asks_for_negation(["ct w o contrast"])
    assert asks_for_negation(["بی تزریق"])
    assert not asks_for_negation(["noradrenaline"])
