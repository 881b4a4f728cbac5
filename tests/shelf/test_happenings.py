"""What each edition did, where editions of the past were brought in after those that followed them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from maxa.shelf.happenings import happenings, happenings_in_time
from maxa.shelf.reading import Shelf
from tests.lists import Committee, ListOf, codes
from tests.registry.test_history import live, past
from tests.shelves import ShelfBuilder, concept
from tests.web.asking import browser_over


def did(committee: Committee) -> dict[str, dict[str, int]]:
    entry = committee.shelf.catalogue().terminology("LNC")
    found = happenings_in_time(committee.shelf.release(entry.current), entry.in_time)
    return {one.version: dict(found.get(one.ordinal, Counter())) for one in entry.in_time}


def test_an_edition_is_told_by_what_it_did_to_the_one_before_it_in_time(committee: Committee, tmp_path: Path) -> None:
    live(committee, "1402/02/18", ListOf("LNC", codes(b="ب", c="پ")))
    live(committee, "1403/02/18", ListOf("LNC", codes(b="ب تازه", c="پ")))
    past(committee, "1400/01/01", ListOf("LNC", codes(a="آ", b="ب کهنه")))
    assert did(committee) == {
        "1400-01-01": {"added": 2},
        "1402-02-18": {"added": 1, "changed": 1},
        "1403-02-18": {"changed": 1},
        "1403-02-18.2": {"retired": 1},  # what only the past had is unknown before, and retired now
    }
    page = browser_over(committee.folder, tmp_path / "home").get("/terminologies/LNC")
    bars = [group.text.split()[-1] for group in page.all("g")]
    assert bars == ["1403-02-18.2", "1403-02-18", "1402-02-18"], "the oldest in time is the one that all begins with"


def test_without_history_both_orders_tell_the_same(tmp_path: Path) -> None:
    builder = ShelfBuilder(tmp_path / "shelf")
    builder.publish("LNC", [concept("a", "آ"), concept("b", "ب"), concept("c", "پ")], day="1401/01/01")
    builder.publish("LNC", [concept("a", "آ۲"), concept("b", "ب", active=False), concept("c", "پ")], day="1402/01/01")
    builder.publish(
        "LNC", [concept("a", "آ۲"), concept("b", "ب"), concept("c", "پ"), concept("d", "ت")], day="1403/01/01"
    )
    entry = builder.catalogue.terminology("LNC")
    release = Shelf(builder.folder).release(entry.current)
    assert happenings_in_time(release, entry.in_time) == happenings(release)
