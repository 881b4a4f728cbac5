"""/api/v1/maps: what there are, translations one or many at a time, and codes without a counterpart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from maxa.api.translation import ISSUES, MOST_CODES
from tests.api.asking import Api, api_over
from tests.shelves import ShelfBuilder, concept, pair

MAP = "/maps/LNC--RVU3"


def test_maps_are_listed_with_their_ends(api: Api) -> None:
    (listed,) = api.get("/maps").items
    assert (listed["id"], listed["source"], listed["target"]) == ("LNC→RVU3", "LNC", "RVU3")
    assert api.get("/maps", date="1390/01/01").items == []


@pytest.mark.parametrize(
    "name", ["LNC--RVU3", "lnc--rvu3", "LNC->RVU3", "LNC→RVU3", "LNC%E2%86%92RVU3", "LNC%20%E2%86%92%20rvu3"]
)
def test_a_map_goes_by_any_spelling_of_its_name(api: Api, name: str) -> None:
    assert api.get(f"/maps/{name}").json["id"] == "LNC→RVU3"


def test_a_map_is_told_with_its_counts(api: Api) -> None:
    told = api.get(MAP).json
    assert (told["pair_count"], told["source_count"], told["target_count"]) == (4, 3, 3)
    assert told["relationships"] == {"broader": 1, "equivalent": 1, "narrower": 1, "related": 1}
    assert told["release_count"] == 2


def test_an_unknown_map_is_refused_and_the_other_direction_is_named(api: Api) -> None:
    answer = api.get("/maps/RVU3--LNC")
    assert answer.refusal == (404, "unknown-map", "map_id")
    assert answer.problem["suggestions"][0] == "LNC→RVU3"
    assert "reverse=true" in answer.problem["detail_en"]
    assert api.get("/maps/LNC").refusal == (404, "unknown-map", "map_id")


def test_pairs_are_listed_in_their_order(api: Api) -> None:
    listed = api.whole(f"{MAP}/pairs", page_size=1)
    assert [(p["source"], p["target"]) for p in listed] == [
        ("2345-7", "999999"), ("718-7", "801515"), ("718-7", "90.1"), ("789-8", "801515"),
    ]  # fmt: skip
    assert len(api.get(f"{MAP}/pairs", status="all").items) == 5
    assert [p["source"] for p in api.get(f"{MAP}/pairs", status="retired").items] == ["777-3"]


# --- one code --------------------------------------------------------------------------------------------------------


def said(item: dict[str, Any]) -> list[str]:
    return [one["code"] for one in item["issues"]]


def test_a_code_has_all_its_counterparts(api: Api) -> None:
    told = api.get(f"{MAP}/translate", code="718-7").json
    assert (told["outcome"], told["published"], said(told)) == ("mapped", "718-7", [])
    assert [(t["code"], t["relationship"], t["properties"]) for t in told["targets"]] == [
        ("801515", "equivalent", {"insurer": "تامین"}), ("90.1", "narrower", {}),
    ]  # fmt: skip


def test_reverse_leads_from_target_to_source_and_tells_retired_ones(api: Api) -> None:
    told = api.get(f"{MAP}/translate", code="801515", reverse="true").json
    assert [(t["code"], t["status"], t["replaced_by"]) for t in told["targets"]] == [
        ("718-7", "active", None), ("789-8", "retired", "26453-1"),
    ]  # fmt: skip
    assert said(told) == ["retired-target"]


def test_a_retired_code_is_translated_and_told(api: Api) -> None:
    told = api.get(f"{MAP}/translate", code="789-8").json
    assert (told["outcome"], told["status"], told["replaced_by"]) == ("mapped", "retired", "26453-1")
    assert said(told) == ["retired-code"]


@pytest.mark.parametrize("code", ["۷۱۸-۷", " 718-7 ", "718-7\u200f"])
def test_another_spelling_is_mended_and_said(api: Api, code: str) -> None:
    reply = api.post(f"{MAP}/translate", [code]).json["items"][0]
    assert (reply["code"], reply["published"], reply["outcome"]) == (code, "718-7", "mapped")
    assert said(reply) == ["code-spelling"]


def test_a_counterpart_that_its_terminology_does_not_have_is_told(api: Api) -> None:
    told = api.get(f"{MAP}/translate", code="2345-7").json
    assert (told["targets"][0]["title"], said(told)) == (None, ["unknown-target"])


def test_a_code_without_a_counterpart_is_an_answer(api: Api) -> None:
    told = api.get(f"{MAP}/translate", code="777-3").json
    assert (told["outcome"], told["targets"], said(told)) == ("unmapped", [], ["unmapped"])


def test_an_unknown_code_is_not_found_and_the_nearest_are_told(api: Api) -> None:
    answer = api.get(f"{MAP}/translate", code="718-8")
    assert answer.refusal == (404, "unknown-code", "code")
    assert answer.problem["suggestions"] == ["718-7"]


@pytest.mark.parametrize("parameters", [{}, {"code": ""}])
def test_a_code_is_required(api: Api, parameters: dict[str, str]) -> None:
    assert api.get(f"{MAP}/translate", **parameters).status == 400


def test_an_older_edition_of_the_map_has_fewer_pairs(api: Api) -> None:
    told = api.get(f"{MAP}/translate", code="718-7", date="1402/05/02").json
    assert [t["code"] for t in told["targets"]] == ["801515"]
    listed = [e["version"] for e in api.get(f"{MAP}/releases").items]
    assert api.get(f"{MAP}/translate", code="718-7", version=listed[1]).json["version"] == listed[1]


def test_an_edition_of_the_map_is_not_sought_among_those_of_its_terminologies(api: Api) -> None:
    told = api.get(f"{MAP}/translate", code="718-7", version="1402-06-01").json
    assert told["title"]


# --- many ------------------------------------------------------------------------------------------------------------


def test_codes_are_answered_in_their_order_each_in_its_place(api: Api) -> None:
    codes = ["777-3", "718-7", "nope", "718-7", "۷۱۸-۷"]
    reply = api.post(f"{MAP}/translate", codes).json
    assert [item["code"] for item in reply["items"]] == codes
    assert [item["outcome"] for item in reply["items"]] == ["unmapped", "mapped", "unknown-code", "mapped", "mapped"]
    assert reply["counts"] == {"mapped": 3, "unmapped": 1, "unknown": 1}
    assert reply["page"] == {"total": 5, "size": 5, "next": None}


def test_one_and_many_say_the_same(api: Api) -> None:
    codes = ["718-7", "789-8", "2345-7", "777-3", "26453-1"]
    many = api.post(f"{MAP}/translate", codes).json["items"]
    for code, item in zip(codes, many, strict=True):
        one = api.get(f"{MAP}/translate", code=code).json
        assert {name: one[name] for name in item} == item


def test_an_object_may_hold_the_codes_and_the_direction_stands_in_the_address(api: Api) -> None:
    reply = api.post(f"{MAP}/translate", {"codes": ["801515", 801515]}, reverse="true").json
    assert [len(item["targets"]) for item in reply["items"]] == [2, 2]


def test_no_codes_are_an_answer(api: Api) -> None:
    assert api.post(f"{MAP}/translate", []).json["items"] == []


@pytest.mark.parametrize(
    "code", ['q"uote', "back\\slash", "<b>", "\u2045\u2046", "a\u0000b", "{code}", "%s", "x" * 200]
)
def test_whatever_is_sent_as_a_code_comes_back_as_it_was(api: Api, code: str) -> None:
    (item,) = api.post(f"{MAP}/translate", [code]).json["items"]
    assert (item["code"], item["outcome"]) == (code, "unknown-code")


def test_every_issue_speaks_persian_and_english(api: Api) -> None:
    items = api.post(f"{MAP}/translate", ["۷۱۸-۷", "789-8", "2345-7", "777-3", "nope"]).json["items"]
    items += api.post(f"{MAP}/translate", ["801515"], reverse="true").json["items"]
    found = {issue["code"]: issue for item in items for issue in item["issues"]}
    assert set(found) == set(ISSUES)
    for issue in found.values():
        assert issue["message_fa"] != issue["message_en"]
        assert "{" not in issue["message_fa"] + issue["message_en"]


def test_as_many_as_are_allowed_and_one_more(api: Api) -> None:
    assert len(api.post(f"{MAP}/translate", ["718-7"] * MOST_CODES).json["items"]) == MOST_CODES
    assert api.post(f"{MAP}/translate", ["718-7"] * (MOST_CODES + 1)).refusal == (413, "too-many-codes", None)


@pytest.mark.parametrize(
    ("body", "parameter"),
    [
        ([1.5], "[0]"),
        (["a", None], "[1]"),
        ([["a"]], "[0]"),
        ([True], "[0]"),
        ({"codes": "718-7"}, "codes"),
        ([" "], "[0]"),
    ],
)
def test_what_is_no_code_is_refused_by_its_place(api: Api, body: Any, parameter: str) -> None:
    assert api.post(f"{MAP}/translate", body).refusal == (400, "bad-body", parameter)


def test_a_map_whose_terminologies_are_not_on_the_shelf_still_translates(tmp_path: Path) -> None:
    ShelfBuilder(tmp_path / "shelf").publish("A→B", [pair("1", "x")])
    api = api_over(tmp_path / "shelf", tmp_path)
    known, other = api.post("/maps/A--B/translate", ["1", "2"]).json["items"]
    assert (known["outcome"], known["published"], known["targets"][0]["code"], known["issues"]) == (
        "mapped",
        "1",
        "x",
        [],
    )
    assert (other["outcome"], other["published"]) == ("unmapped", None)
    assert api.get("/maps/A--B/unmapped").refusal == (404, "unknown-terminology", "map_id")


def test_a_publication_is_seen_by_the_next_request(tmp_path: Path) -> None:
    shelf = ShelfBuilder(tmp_path / "shelf")
    shelf.publish("A", [concept("1", "یک")])
    shelf.publish("B", [concept("x", "ایکس"), concept("y", "ایگرگ")])
    shelf.publish("A→B", [pair("1", "x")], day="1401/01/01")
    api = api_over(tmp_path / "shelf", tmp_path)
    assert [t["title"] for t in api.get("/maps/A--B/translate", code="1").json["targets"]] == ["ایکس"]
    shelf.publish("A→B", [pair("1", "x", active=False), pair("1", "y")], day="1402/01/01")
    assert [t["title"] for t in api.get("/maps/A--B/translate", code="1").json["targets"]] == ["ایگرگ"]
    shelf.publish("B", [concept("x", "ایکس"), concept("y", "تازه")], day="1403/01/01")
    assert [t["title"] for t in api.get("/maps/A--B/translate", code="1").json["targets"]] == ["تازه"]


# --- codes without a counterpart -------------------------------------------------------------------------------------


def test_codes_without_a_counterpart_are_listed(api: Api) -> None:
    reply = api.get(f"{MAP}/unmapped").json
    assert [c["code"] for c in reply["items"]] == ["26453-1", "4548-4", "777-3"]
    assert (reply["page"]["total"], reply["terminology"]) == (3, "LNC")
    assert api.whole(f"{MAP}/unmapped", page_size=1) == reply["items"]


def test_so_are_targets_that_nothing_leads_to(tmp_path: Path) -> None:
    shelf = ShelfBuilder(tmp_path / "shelf")
    shelf.publish("A", [concept("1", "یک")])
    rows = [concept("x", "ایکس", part="p"), concept("y", "ایگرگ", part="p"), concept("z", "زد", part="q")]
    shelf.publish("B", [*rows, concept("gone", "رفته", active=False)])
    shelf.publish("A→B", [pair("1", "x"), pair("1", "y", active=False)])
    api = api_over(tmp_path / "shelf", tmp_path)
    assert [c["code"] for c in api.get("/maps/A--B/unmapped", reverse="yes").items] == ["y", "z"]
    reply = api.get("/maps/A--B/unmapped", reverse="yes", part="p").json
    assert ([c["code"] for c in reply["items"]], reply["page"]["total"]) == (["y"], 1)


def test_a_code_with_a_nul_is_not_taken_for_what_stands_before_it(api: Api) -> None:
    first, second = api.post("/maps/LNC--RVU3/translate", ["718-7", "718-7\0"]).json["items"]
    assert first["outcome"] == "mapped"
    assert second["code"] == "718-7\0"
    assert second["published"] != second["code"]


def test_a_code_asked_for_in_two_spellings_has_its_counterparts_once_in_each_answer(api: Api) -> None:
    plain, odd = api.post("/maps/LNC--RVU3/translate", ["718-7", " 718-7 "]).json["items"]
    assert [t["code"] for t in plain["targets"]] == [t["code"] for t in odd["targets"]] == ["801515", "90.1"]
