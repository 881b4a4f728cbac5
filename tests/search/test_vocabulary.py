"""One vocabulary of many editions: what none of them can answer is seen before any is asked."""

from __future__ import annotations

import gc
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path

import pytest

from maxa.persian.analysis import items_of
from maxa.search import nearest as nearest_words
from maxa.search import readings
from maxa.search import vocabulary as vocabularies
from maxa.search.find import ask, find
from maxa.search.instead import Instead, searched_instead
from maxa.search.nearest import Near
from maxa.search.plan import plan_for
from maxa.search.query import Words, plain_query
from maxa.search.vocabulary import Vocabulary, places_of, vocabulary_of
from maxa.shelf.reading import Shelf
from maxa.shelf.release import SealedRelease
from maxa.shelf.sealed_file import SealedConcept
from tests.search.quality import WIDE, read_judged
from tests.search.samples import sample_releases
from tests.shelves import ShelfBuilder, concept


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> list[SealedRelease]:
    builder = ShelfBuilder(tmp_path_factory.mktemp("three"))
    builder.publish("A", [concept("1", "سی‌تی اسکن مغز", "CT brain"), concept("2", "قند خون")])
    builder.publish("B", [concept("1", "رادیوگرافی مغز"), concept("2", "متفورمین قرص 500", "metformin 500")])
    builder.publish("C", [concept("1", "گلوکز سرم")])
    shelf = Shelf(builder.folder)
    return [shelf.release(entry.current) for entry in shelf.catalogue().codes]


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("مغز", [0, 1]), ("سی تی مغز", [0]), ("متفور", [1]), ("CBC", []), ("رادیوگرافی اسکن", []), ("500", [0, 1, 2]),
        ("گلوکز خون", [0]), ("سیتی", [0]),
    ],
)  # fmt: skip
def test_a_vocabulary_knows_which_editions_may_hold_words(
    releases: list[SealedRelease], text: str, places: list[int]
) -> None:
    assert list(places_of(Vocabulary(releases).matching(tuple(items_of(text)), beginning=True))) == places


def test_no_edition_that_has_a_plan_for_a_query_is_left_out() -> None:
    judged = read_judged(WIDE)
    editions = sample_releases(names=judged[0].samples)
    words = Vocabulary(editions)
    asked = [query for query in (ask(one.text) for one in judged[::5]) if query.plain]
    assert len(asked) > 80
    for query in asked:
        held = set(places_of(words.matching(query.words, beginning=True)))
        planned = {n for n, release in enumerate(editions) if plan_for(query, release) is not None}
        assert isinstance(query.node, Words)
        assert planned <= held, query.text


def test_what_is_found_does_not_depend_on_the_other_editions_of_a_vocabulary(releases: list[SealedRelease]) -> None:
    def found(text: str) -> Instead | None:
        return searched_instead([releases[1]], plain_query(text))

    texts = ["متفرومین", "رادیوگرافی مقز", "قند خوون", "sdjd hs;k"]
    vocabularies._kept.clear()
    alone = [found(text) for text in texts]
    assert alone[0] is not None
    assert alone[2] is None, "another edition's words"
    vocabularies._kept.clear()
    whole, _ = vocabulary_of(releases)
    assert [found(text) for text in texts] == alone
    assert vocabulary_of([releases[1]])[0] is whole


def test_a_vocabulary_keeps_no_edition_open(tmp_path: Path) -> None:
    ShelfBuilder(tmp_path).publish("A", [concept("1", "مغز")])

    def opened() -> SealedRelease:
        shelf = Shelf(tmp_path)
        return shelf.release(shelf.catalogue().codes[0].current)

    before, _ = vocabulary_of([opened()])
    after, bits = vocabulary_of([release := opened()])
    assert after is not before
    assert after.of([release]) == bits == [1]


def test_eight_strange_words_cost_no_more_readings_than_a_search_may(
    releases: list[SealedRelease], monkeypatch: pytest.MonkeyPatch
) -> None:
    weighed: list[str] = []
    nearest = readings.nearest

    def counted(lists: Vocabulary, word: str, *, beginning: bool, beside: bool = False, among: int = -1) -> list[Near]:
        weighed.append(word)
        return nearest(lists, word, beginning=beginning, beside=beside, among=among)

    monkeypatch.setattr(readings, "nearest", counted)
    text = "ازمایشگاهی کامیل ادرر بیسته چهارر ساعتته ناشتاا کودکن"
    assert find(releases, ask(text), limit=5).hits == []
    assert 8 <= len(weighed) <= 25


def _lists(folder: Path, **rows: list[SealedConcept]) -> list[SealedRelease]:
    builder = ShelfBuilder(folder)
    for name, held in rows.items():
        builder.publish(name, held)
    shelf = Shelf(folder)
    return [shelf.release(entry.current) for entry in shelf.catalogue().codes]


def test_the_budget_of_a_search_is_spent_on_the_words_of_its_own_editions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readings, "_WORDS_A_STEP", 1)
    others = [
        concept(str(n), f"{''.join(pair)}{''.join(pair)}") for n, pair in enumerate(product("بپتثجچحخ", repeat=3))
    ]
    one, other = _lists(tmp_path, A=[concept("1", "متفورمین سفالکسین")], B=others)
    alone = find([one], ask("متفرومین سفالکسیمن"), limit=5)
    assert alone.instead is not None
    vocabularies._kept.clear()
    vocabulary_of([one, other])
    assert find([one], ask("متفرومین سفالکسیمن"), limit=5) == alone


def test_no_more_words_are_left_out_of_a_comparison_than_the_editions_have(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nearest_words, "_MOST_COMPARED", 20)
    monkeypatch.setattr(nearest_words, "_MOST_BEGUN", 20)
    others = [
        concept(str(n), f"م{''.join(three)}مین پ{''.join(three)}ولینات")
        for n, three in enumerate(product("بپتثجچ", repeat=3))
    ]
    both = _lists(tmp_path, A=[concept("1", "سمتورین"), concept("2", "پنتوپرازولین")], B=others)
    words, (bit, _) = vocabulary_of(both)
    alone = Vocabulary(both[:1])
    for typed in ("متورین", "پنتوپارز", "نپتوپراز"):
        for beginning in (False, True):
            assert nearest_words.nearest(words, typed, beginning=beginning, among=bit) == nearest_words.nearest(
                alone, typed, beginning=beginning
            )
    assert [near.word for near in nearest_words.nearest(words, "متورین", beginning=False, among=bit)] == ["سمتورین"]
    begun = nearest_words.nearest(words, "پنتوپارز", beginning=True, among=bit)
    assert [near.word for near in begun] == ["پنتوپراز"]


def test_of_two_words_that_are_as_near_other_editions_do_not_tell_which_is_meant(tmp_path: Path) -> None:
    common = [concept(str(n), f"کلرامیدون {n}") for n in range(9)]
    mine = [concept("1", "کلرامیدین"), concept("2", "کلرامیدین سرم"), concept("3", "کلرامیدون")]
    both = _lists(tmp_path, A=mine, B=common)
    words, (bit, _) = vocabulary_of(both)
    near = nearest_words.nearest(words, "کلرامیدن", beginning=False, among=bit)
    assert near == nearest_words.nearest(Vocabulary(both[:1]), "کلرامیدن", beginning=False)
    assert near[0].word == "کلرامیدین"


def test_every_judged_query_is_read_the_same_whatever_else_a_process_knows() -> None:
    judged = read_judged(WIDE)
    editions = sample_releases(names=judged[0].samples)
    whole = Vocabulary(editions)
    bits = whole.of(editions)
    assert bits is not None
    for release, bit in zip(editions, bits, strict=True):
        alone = Vocabulary([release])
        assert whole.size(bit) == alone.size(1)
        for one in judged[::9]:
            items = tuple(items_of(one.text))
            for beginning in (False, True):
                held = whole.matching(items, beginning=beginning) & bit
                assert bool(held) == bool(alone.matching(items, beginning=beginning)), (release.edition, one.text)


def test_one_thread_builds_a_vocabulary_and_the_others_wait_for_it(
    releases: list[SealedRelease], monkeypatch: pytest.MonkeyPatch
) -> None:
    built: list[int] = []
    everyone = threading.Barrier(6)

    class Counted(Vocabulary):
        def __init__(self, releases: Sequence[SealedRelease]) -> None:
            built.append(len(releases))
            super().__init__(releases)

    def asked(_: int) -> Vocabulary:
        everyone.wait()
        return vocabulary_of(releases)[0]

    monkeypatch.setattr(vocabularies, "Vocabulary", Counted)
    vocabularies._kept.clear()
    with ThreadPoolExecutor(6) as threads:
        found = list(threads.map(asked, range(6)))
    assert built == [len(releases)]
    assert len({id(one) for one in found}) == 1


def test_the_vocabulary_that_was_asked_last_is_the_last_to_go(
    releases: list[SealedRelease], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vocabularies, "_MOST_KEPT", 2)
    vocabularies._kept.clear()
    first, second, again, _ = (vocabulary_of([releases[n]])[0] for n in (0, 1, 0, 2))
    assert again is first
    assert first in vocabularies._kept
    assert second not in vocabularies._kept


def test_a_vocabulary_of_editions_that_are_gone_is_dropped(tmp_path: Path, releases: list[SealedRelease]) -> None:
    vocabularies._kept.clear()
    ShelfBuilder(tmp_path).publish("A", [concept("1", "مغز")])
    shelf = Shelf(tmp_path)
    vocabulary_of([shelf.release(shelf.catalogue().codes[0].current)])
    del shelf
    gc.collect()
    kept, _ = vocabulary_of(releases)
    assert vocabularies._kept == [kept]
