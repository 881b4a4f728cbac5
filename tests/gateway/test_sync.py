"""docs/contract.md §4: a copy that applies what FromDate gives is the service's own list."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maxa.persian.dates import jalali, jalali_instant
from tests.gateway.asking import Door, door_to
from tests.gateway.rules import rule
from tests.shelves import START, ShelfBuilder, concept

Copy = dict[str, tuple[str, str]]  # code → title, status


def copy_of(items: list[dict[str, Any]]) -> Copy:
    return {i["Coded_string"]: (i["Value"], i["Status"]) for i in items}


def apply(copy: Copy, changes: list[dict[str, Any]]) -> Copy:
    """As a client would: what is told takes the place of what was held."""
    return {**copy, **copy_of(changes)}


def changes(door: Door, since: str, **asked: Any) -> dict[str, str]:
    return {i["Coded_string"]: i["Change"] for i in door.whole_list("LNC", FromDate=since, **asked)}


@pytest.fixture
def history(tmp_path: Path) -> tuple[ShelfBuilder, Door]:
    """Four editions, on four days: a changes to b and back, c comes and goes, d goes and comes back, e never changes."""
    shelf = ShelfBuilder(tmp_path / "shelf")
    a, b = concept("ab", "آ"), concept("ab", "ب")
    c, d, e = concept("c", "پ"), concept("d", "ت"), concept("e", "ث")
    gone_c, gone_d = concept("c", "پ", active=False), concept("d", "ت", active=False, replaced_by="e")
    for n, rows in enumerate(([a, d, e], [b, c, gone_d, e], [a, gone_c, gone_d, e], [a, gone_c, d, e])):
        shelf.publish("LNC", rows, day=f"1402/0{n + 1}/01", at=START + timedelta(days=n), circular=f"110/{n}")
    return shelf, door_to(tmp_path / "shelf", tmp_path)


def day(n: int) -> str:
    return jalali_instant(START + timedelta(days=n, minutes=-1))


@rule("4.5")
def test_only_what_changed_is_told_and_how(history: tuple[ShelfBuilder, Door]) -> None:
    _, door = history
    assert changes(door, day(0)) == {"ab": "added", "c": "retired", "d": "added", "e": "added"}
    assert changes(door, day(3)) == {"d": "restored"}
    assert changes(door, day(1), Version="1402-02-01") == {"ab": "changed", "c": "added", "d": "retired"}
    assert changes(door, day(2), Version="1402-03-01") == {"ab": "changed", "c": "retired"}
    assert changes(door, day(4)) == {}


@rule("4.5")
def test_changes_are_net_for_each_code(history: tuple[ShelfBuilder, Door]) -> None:
    _, door = history
    # ab changed and changed back, d went and came back: both are as they were; c came and went.
    assert changes(door, day(1)) == {"c": "retired"}


@rule("4.5")
def test_a_change_tells_its_day_and_the_successor(history: tuple[ShelfBuilder, Door]) -> None:
    _, door = history
    item = next(i for i in door.whole_list("LNC", FromDate=day(1), Version="1402-02-01") if i["Coded_string"] == "d")
    assert item == {
        "Value": "ت", "Terminology_id": "LNC", "Coded_string": "d", "Status": "retired", "Change": "retired",
        "ChangedOn": jalali(START + timedelta(days=1)), "ReplacedBy": "e",
    }  # fmt: skip


@rule("4.5")
def test_status_all_may_be_said_with_from_date(history: tuple[ShelfBuilder, Door]) -> None:
    assert changes(history[1], day(1), Status="all") == {"c": "retired"}


@rule("4.5", "4.3")
@pytest.mark.parametrize("size", [1, 2, 3, 4, 5])
def test_changes_come_in_pages_too(history: tuple[ShelfBuilder, Door], size: int) -> None:
    _, door = history
    whole, found, cursor = door.whole_list("LNC", FromDate=day(0)), [], ""
    while cursor is not None:
        answer = door.get("SearchTerminology", Terminology="LNC", FromDate=day(0), PageSize=size, Cursor=cursor)
        assert answer.page["total"] == 4
        found += answer.data
        cursor = answer.page["next"]
    assert found == whole


@rule("4.6")
@pytest.mark.parametrize("written", ["LastUpdate", "minute", "day"])
def test_a_copy_taken_within_the_span_of_from_date_learns_of_a_withdrawal(tmp_path: Path, written: str) -> None:
    """The copy holds what was published at that very instant, and a withdrawal undoes it: nothing has changed since
    before that publication, and yet the copy must change."""
    shelf = ShelfBuilder(tmp_path / "shelf")
    first = [concept("1", "یک"), concept("2", "دو")]
    shelf.publish("LNC", first, day="1402/01/01", at=START - timedelta(days=2))
    door = door_to(tmp_path / "shelf", tmp_path)
    before = copy_of(door.whole_list("LNC", Status="all"))
    wrong = shelf.publish(
        "LNC", [concept("1", "اشتباه"), concept("2", "دو", active=False), concept("3", "سه")], day="1402/02/01"
    )
    after = copy_of(door.whole_list("LNC", Status="all"))
    since = {"LastUpdate": wrong.last_update, "minute": wrong.last_update[:-3], "day": wrong.published_on}[written]
    shelf.publish("LNC", [*first, concept("3", "سه", active=False)], day="1402/03/01", withdraws=wrong.version,
                  at=START + timedelta(days=5))  # fmt: skip
    told = door.whole_list("LNC", FromDate=since)
    current = copy_of(door.whole_list("LNC", Status="all"))
    assert apply(after, told) == apply(before, told) == current


@rule("4.6")
def test_a_copy_a_few_seconds_ahead_of_its_clock_learns_of_a_withdrawal(tmp_path: Path) -> None:
    shelf = ShelfBuilder(tmp_path / "shelf")
    shelf.publish("LNC", [concept("1", "یک")], day="1402/01/01")
    wrong = shelf.publish("LNC", [concept("1", "اشتباه")], day="1402/02/01")
    shelf.publish("LNC", [concept("1", "یک")], day="1402/03/01", withdraws=wrong.version)
    door = door_to(tmp_path / "shelf", tmp_path)
    told = door.whole_list("LNC", FromDate=jalali_instant(wrong.published_at - timedelta(seconds=3)))
    assert apply({"1": ("اشتباه", "active")}, told) == {"1": ("یک", "active")}


codes = st.sampled_from("abcdef")
rows = st.dictionaries(codes, st.tuples(st.sampled_from(["آ", "ب", "پ"]), st.booleans()), min_size=1)


@dataclass
class Publications:
    """Editions on a shelf, half an hour or some seconds apart, and every copy that was ever taken."""

    shelf: ShelfBuilder
    door: Door
    now: datetime = START

    def publish(self, changed: dict[str, tuple[str, bool]], held: dict[str, tuple[str, bool]]) -> None:
        held.update(changed)
        self.shelf.publish(
            "LNC",
            [concept(code, title, active=active) for code, (title, active) in held.items()],
            day="1402/01/01", version=f"v{self.shelf.catalogue.serial + 1}", at=self.now,
        )  # fmt: skip


def with_publications(test: Callable[[Publications], None]) -> None:
    folder = Path(tempfile.mkdtemp())
    try:
        test(Publications(ShelfBuilder(folder / "shelf"), door_to(folder / "shelf", folder)))
    finally:
        shutil.rmtree(folder)


@rule("4.6", "4.5")
@settings(max_examples=12, deadline=None)
@given(
    st.lists(st.tuples(rows, st.integers(1, 4_000), st.booleans()), min_size=1, max_size=8),
    st.sampled_from(["second", "minute", "day"]),
    st.integers(1, 4),
)
def test_a_copy_of_any_age_becomes_the_current_list(
    steps: list[tuple[dict[str, tuple[str, bool]], int, bool]], precision: str, size: int
) -> None:
    """``steps``: what is published, how many seconds later, and whether it takes the edition before back instead."""

    def check(world: Publications) -> None:
        copies: list[tuple[str, Copy]] = []
        states: list[dict[str, tuple[str, bool]]] = [{}]
        for changed, seconds, is_withdrawal in steps:
            world.now += timedelta(seconds=seconds)
            earlier = states[-2] if is_withdrawal and len(states) > 2 else None
            held = dict(states[-1])
            world.publish({c: earlier.get(c, (t, False)) for c, (t, _) in held.items()} if earlier else changed, held)
            states.append(held)
            copy = copy_of(world.door.whole_list("LNC", Status="all"))
            for at in (world.now, world.now + timedelta(seconds=1)):
                written = jalali_instant(at)
                copies.append(({"second": written, "minute": written[:-3], "day": written[:10]}[precision], copy))
        current = copy_of(world.door.whole_list("LNC", Status="all"))
        for since, copy in copies:
            told = world.door.whole_list("LNC", FromDate=since)
            assert apply(copy, told) == current
            paged = world.door.get("SearchTerminology", Terminology="LNC", FromDate=since, PageSize=size)
            assert paged.data == told[:size]
            assert paged.page["total"] == len(told)
        # Nobody who holds the current list, long after, is told anything.
        assert world.door.whole_list("LNC", FromDate=jalali_instant(world.now + timedelta(days=2))) == []

    with_publications(check)


@rule("4.6")
@settings(max_examples=6, deadline=None)
@given(st.lists(rows, min_size=2, max_size=10), st.lists(st.booleans(), min_size=10, max_size=10))
def test_a_client_that_syncs_now_and_then_holds_what_is_served(
    published: list[dict[str, tuple[str, bool]]], syncs: list[bool]
) -> None:
    def check(world: Publications) -> None:
        held: dict[str, tuple[str, bool]] = {}
        copy: Copy = {}
        last_sync = "1300/01/01"
        for changed, does_sync in zip(published, syncs, strict=False):
            world.now += timedelta(minutes=30)
            world.publish(changed, held)
            if does_sync:
                copy = apply(copy, world.door.whole_list("LNC", FromDate=last_sync))
                last_sync = jalali_instant(world.now)
                assert copy == copy_of(world.door.whole_list("LNC", Status="all"))
        copy = apply(copy, world.door.whole_list("LNC", FromDate=last_sync))
        assert copy == copy_of(world.door.whole_list("LNC", Status="all"))

    with_publications(check)
