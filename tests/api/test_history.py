"""What is told of time, once editions of the past were brought in behind those that followed them (docs/adr/0008-history.md)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from maxa.persian.dates import parse_day
from tests.api.asking import Api, api_over
from tests.gateway.asking import Door, door_to
from tests.lists import Committee, ListOf, codes
from tests.registry.test_history import live, past


@pytest.fixture
def lists(committee: Committee) -> Committee:
    """Lists of 1401 and 1402, then those of 1399 and 1400 that came before them."""
    live(committee, "1401/01/01", ListOf("LNC", codes(a="آ", b="ب", c="پ")))
    live(committee, "1402/01/01", ListOf("LNC", codes(b="ب", c="پ تازه")))
    past(committee, "1399/01/01", ListOf("LNC", codes(a="آ", b="ب کهنه", z="ز")))
    past(committee, "1400/01/01", ListOf("LNC", codes(a="آ", b="ب", z="ز")))
    return committee


@pytest.fixture
def api(lists: Committee, tmp_path: Path) -> Api:
    return api_over(lists.folder, tmp_path / "api")


@pytest.fixture
def door(lists: Committee, tmp_path: Path) -> Door:
    return door_to(lists.folder, tmp_path / "door")


def history(api: Api, code: str, **asked: Any) -> list[tuple[str, str, str | None]]:
    reply = api.get(f"/terminologies/LNC/concepts/{code}", **asked).json
    told = [(item["version"], item["change"], item["title_fa"]) for item in reply["history"]]
    assert reply["history_count"] == len(told)
    assert reply["changed_in"] == told[0][0]
    return told


def test_a_history_goes_by_time_and_tells_nothing_twice(api: Api) -> None:
    assert history(api, "a") == [("1402-01-01", "retired", "آ"), ("1399-01-01", "added", "آ")]
    assert history(api, "b") == [("1400-01-01", "changed", "ب"), ("1399-01-01", "added", "ب کهنه")]
    assert history(api, "c") == [("1402-01-01", "changed", "پ تازه"), ("1401-01-01", "added", "پ")]


def test_a_code_that_only_the_past_had_was_retired_by_the_edition_that_was_published_over_it(api: Api) -> None:
    (retired, added) = history(api, "z")
    assert retired[1:] == ("retired", "ز")
    assert added == ("1399-01-01", "added", "ز")


def test_an_older_edition_is_told_with_what_came_before_it_in_time(api: Api) -> None:
    assert history(api, "b", version="1401-01-01") == [
        ("1400-01-01", "changed", "ب"), ("1399-01-01", "added", "ب کهنه"),
    ]  # fmt: skip
    assert history(api, "b", date="1399/06/01") == [("1399-01-01", "added", "ب کهنه")]
    assert history(api, "c", version="1401-01-01") == [("1401-01-01", "added", "پ")]


def test_the_edition_that_changed_a_code_is_the_one_in_time(api: Api, door: Door) -> None:
    listed = {item["code"]: item["changed_in"] for item in api.whole("/terminologies/LNC/concepts")}
    assert listed == {"b": "1400-01-01", "c": "1402-01-01"}
    (c,) = api.get("/search", q="پ تازه", literal="true").items
    assert (c["changed_in"], c["circular_number"]) == ("1402-01-01", "110/140201")
    assert door.get("Terminology", Terminology="LNC", Code="c").data["CircularNumber"] == "110/140201"


def test_a_code_was_retired_on_the_day_on_which_it_was(door: Door, lists: Committee) -> None:
    issues = {i["code"]: i for i in door.validate("LNC", "a", "آ")["Issues"]}
    assert issues["retired-code"]["RetiredOn"] == "1402/01/01"
    assert door.validate("LNC", "a", "آ", Date="1401/12/29")["IsValid"]


def test_who_synced_before_still_learns_all_that_he_must(committee: Committee, tmp_path: Path) -> None:
    live(committee, "1402/01/01", ListOf("LNC", codes(b="ب", c="پ")))
    entry = committee.shelf.catalogue().terminology("LNC")
    synced, copied = entry.current.last_update, committee.current("LNC")
    past(committee, "1400/01/01", ListOf("LNC", codes(b="ب کهنه", z="ز")))
    changed = door_to(committee.folder, tmp_path).get("SearchTerminology", Terminology="LNC", FromDate=synced).data
    day = committee.shelf.catalogue().terminology("LNC").current.published_on
    assert {item["ChangedOn"] for item in changed if item["Coded_string"] == "z"} == {day}
    for item in changed:
        copied[item["Coded_string"]] = (item["Value"], item["Status"] == "active")
    assert copied == committee.current("LNC")


def test_a_withdrawn_edition_of_the_past_is_in_no_history(lists: Committee, api: Api) -> None:
    lists.withdraw("LNC", "1400-01-01")
    assert history(api, "b") == [("1401-01-01", "changed", "ب"), ("1399-01-01", "added", "ب کهنه")]


def test_the_edition_before_is_the_one_before_in_time(api: Api, lists: Committee) -> None:
    listed = {item["version"]: item["previous"] for item in api.get("/terminologies/LNC/releases").items}
    assert listed["1399-01-01"] is None
    assert listed["1400-01-01"] == "1399-01-01"
    assert listed["1401-01-01"] == "1400-01-01"
    assert listed["1402-01-01"] == "1401-01-01"
    told = api.get("/terminologies/LNC/releases/1400-01-01/diff").json
    assert told["from"] == "1399-01-01"
    assert [(item["code"], item["kind"]) for item in told["items"]] == [("b", "changed")]
    told = api.get("/terminologies/LNC/releases/1401-01-01/diff").json
    assert told["from"] == "1400-01-01"
    on = lists.shelf.catalogue().terminology("LNC").edition(on=parse_day("1400/06/01"))
    assert on.version == "1400-01-01"
