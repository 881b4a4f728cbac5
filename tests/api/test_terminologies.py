"""/api/v1/terminologies: lists, editions, codes, and what is known of one code."""

from __future__ import annotations

from pathlib import Path

import pytest

from maxa.errors import Unavailable
from maxa.shelf.release import SealedRelease
from tests.api.asking import Api, api_over, encoded
from tests.api.library import ODD_CODES
from tests.gateway.clinic import HEMOGLOBIN, LAB_1, LAB_2
from tests.shelves import ShelfBuilder, concept, pair


def test_every_terminology_is_listed_and_no_map(api: Api) -> None:
    ids = [item["id"] for item in api.get("/terminologies").items]
    assert set(ids) == {"LNC", "IRC", "eRx", "RVU3", "ICD10", "thritaEHR.WardType", "Odd", "Imaging"}


def test_the_list_of_a_day_holds_what_was_in_force_then(api: Api) -> None:
    listed = {i["id"]: i["release"]["version"] for i in api.get("/terminologies", date="۱۴۰۲/۰۳/۰۱").items}
    assert listed["LNC"] == LAB_1
    assert "Odd" not in listed


def test_a_version_that_no_terminology_has_is_not_found(api: Api) -> None:
    assert api.get("/terminologies", version="1300-01-01").refusal == (404, "unknown-version", "version")


@pytest.mark.parametrize("name", ["LNC", "lnc", "Lnc"])
def test_a_terminology_is_found_in_any_letter_case(api: Api, name: str) -> None:
    told = api.get(f"/terminologies/{name}").json
    assert (told["id"], told["title_fa"], told["release"]["version"]) == ("LNC", "آزمایشگاه", LAB_2)
    assert (told["maps_out"], told["maps_in"], told["release_count"]) == (["LNC→RVU3"], [], 2)
    assert api.get("/terminologies/rvu3").json["maps_in"] == ["LNC→RVU3"]


def test_parts_and_headings_come_from_the_edition(api: Api) -> None:
    told = api.get("/terminologies/Imaging").json
    assert told["parts"] == [
        {"part": "ct", "active_count": 2, "retired_count": 1},
        {"part": "mri", "active_count": 1, "retired_count": 0},
    ]
    assert told["labels"]["properties.region"] == "ناحیهٔ بدن"


def test_an_unknown_terminology_is_refused_with_the_nearest(api: Api) -> None:
    for path in ("/terminologies/LNX", "/terminologies/LNX/releases", "/terminologies/LNX/concepts/1"):
        answer = api.get(path)
        assert answer.refusal == (404, "unknown-terminology", "terminology")
        assert answer.problem["suggestions"] == ["LNC"]


def test_a_map_among_the_terminologies_is_told_to_be_one(api: Api) -> None:
    problem = api.get("/terminologies/LNC--RVU3").problem
    assert problem["code"] == "unknown-terminology"
    assert "is a map" in problem["detail_en"]
    assert problem["suggestions"] == ["LNC→RVU3"]


# --- editions --------------------------------------------------------------------------------------------------------


def test_editions_are_listed_newest_first(api: Api) -> None:
    listed = api.get("/terminologies/Imaging/releases").items
    assert [e["version"] for e in listed] == ["1401-06-01", "1401-05-05", "1400-05-05"]
    assert [e["current"] for e in listed] == [True, False, False]
    assert [e["withdrawn"] for e in listed] == [False, True, False]
    assert listed[0]["reverses"] == "1401-05-05"
    assert [e["previous"] for e in listed] == ["1401-05-05", "1400-05-05", None]
    assert api.get("/maps/LNC--RVU3/releases").json["page"]["total"] == 2


@pytest.mark.parametrize("version", [LAB_1, "۱۴۰۲-۰۲-۱۸"])
def test_one_edition_by_its_version(api: Api, version: str) -> None:
    told = api.get(f"/terminologies/LNC/releases/{version}").json
    assert (told["version"], told["circular_number"], told["in_force"]) == (LAB_1, "110/37", "1402/02/18")
    assert told["parts"] == [{"part": "", "active_count": 4, "retired_count": 1}]


def test_the_current_edition_goes_by_that_name(api: Api) -> None:
    assert api.get("/terminologies/LNC/releases/current").json["version"] == LAB_2
    assert api.get("/maps/LNC--RVU3/releases/Current").json["version"] == "1402-06-01"
    assert api.get("/terminologies/LNC/concepts", version="current", date="1402/02/20").json["version"] == LAB_2


def test_an_unknown_edition_is_refused_with_those_there_are(api: Api) -> None:
    answer = api.get("/terminologies/LNC/releases/1300-01-01")
    assert answer.refusal == (404, "unknown-version", "version")
    assert answer.problem["suggestions"] == [LAB_2, LAB_1]


# --- codes -----------------------------------------------------------------------------------------------------------


def test_codes_come_in_their_order_with_status_and_properties(api: Api) -> None:
    reply = api.get("/terminologies/LNC/concepts").json
    assert [c["code"] for c in reply["items"]] == ["2345-7", "26453-1", "4548-4", "718-7", "777-3"]
    (hemoglobin,) = [c for c in reply["items"] if c["code"] == "718-7"]
    assert hemoglobin["title"] == HEMOGLOBIN
    assert hemoglobin["properties"] == {"unit": "g/dL"}
    assert (hemoglobin["changed_in"], hemoglobin["circular_number"]) == (LAB_2, "110/99")


@pytest.mark.parametrize(("status", "count"), [("active", 5), ("retired", 1), ("all", 6)])
def test_status_selects(api: Api, status: str, count: int) -> None:
    reply = api.get("/terminologies/LNC/concepts", status=status).json
    assert len(reply["items"]) == reply["page"]["total"] == count


def test_part_and_parent_select(api: Api) -> None:
    assert [c["code"] for c in api.get("/terminologies/Imaging/concepts", part="mri").items] == ["3"]
    assert len(api.whole("/terminologies/Odd/concepts", parent="A00", page_size=3)) == len(ODD_CODES) - 1


def test_a_part_that_is_none_is_refused_with_those_there_are(api: Api) -> None:
    answer = api.get("/terminologies/Imaging/concepts", part="xray")
    assert answer.refusal == (400, "bad-parameter", "part")
    assert answer.problem["suggestions"] == ["ct", "mri"]


def test_an_older_edition_is_read_by_version_and_by_date(api: Api) -> None:
    assert api.get("/terminologies/LNC/concepts/718-7", version=LAB_1).json["title"] == "هموگلوبین"
    assert api.get("/terminologies/LNC/concepts/718-7", date="1402/03/01").json["title"] == "هموگلوبین"
    assert api.get("/terminologies/LNC/concepts/26453-1", version=LAB_1).refusal == (404, "unknown-code", "code")


@pytest.mark.parametrize("code", ODD_CODES)
def test_whatever_a_code_is_made_of_it_stands_in_a_path(api: Api, code: str) -> None:
    assert api.get(f"/terminologies/Odd/concepts/{encoded(code)}").json["code"] == code


def test_a_code_is_found_in_another_spelling(api: Api) -> None:
    assert api.get("/terminologies/LNC/concepts/۷۱۸-۷").json["code"] == "718-7"
    assert api.get("/terminologies/Odd/concepts/a00.0").json["code"] == "A00.0"


def test_an_unknown_code_is_refused_with_the_nearest(api: Api) -> None:
    answer = api.get("/terminologies/LNC/concepts/718-8")
    assert answer.refusal == (404, "unknown-code", "code")
    assert "718-7" in answer.problem["suggestions"]


def test_what_stands_above_and_below_a_code_is_told(api: Api) -> None:
    above = api.get("/terminologies/Odd/concepts/A00").json
    assert {c["code"] for c in above["children"]} == set(ODD_CODES) - {"A00"}
    assert above["child_count"] == len(ODD_CODES) - 1
    below = api.get("/terminologies/Odd/concepts/A00.0").json
    assert below["ancestors"] == [{"code": "A00", "title": "وبا", "status": "active"}]


def test_a_parent_that_is_not_there_or_stands_above_itself_ends_the_way_up(tmp_path: Path) -> None:
    shelf = ShelfBuilder(tmp_path / "shelf")
    rows = [concept("a", "الف", parent="b"), concept("b", "ب", parent="a"), concept("c", "پ", parent="lost")]
    shelf.publish("Circle", rows)
    api = api_over(tmp_path / "shelf", tmp_path)
    assert [c["code"] for c in api.get("/terminologies/Circle/concepts/a").json["ancestors"]] == ["b"]
    assert api.get("/terminologies/Circle/concepts/c").json["ancestors"] == []


def test_successors_and_predecessors_are_told(api: Api) -> None:
    assert api.get("/terminologies/LNC/concepts/789-8").json["replaced_by"] == "26453-1"
    assert [c["code"] for c in api.get("/terminologies/LNC/concepts/26453-1").json["replaces"]] == ["789-8"]


def test_codes_that_one_took_the_place_of_are_counted_beyond_those_that_are_told(tmp_path: Path) -> None:
    shelf = ShelfBuilder(tmp_path / "shelf")
    old = [concept(f"{n:04}", "کهنه", active=False, replaced_by="new") for n in range(1_002)]
    shelf.publish("T", [concept("new", "تازه"), *old])
    api = api_over(tmp_path / "shelf", tmp_path)
    told = api.get("/terminologies/T/concepts/new").json
    assert (len(told["replaces"]), told["replaces_count"]) == (1_000, 1_002)
    assert api.get("/terminologies/T/concepts/0001").json["replaces_count"] == 0


def test_the_history_tells_each_edition_that_changed_a_code(api: Api) -> None:
    told = api.get("/terminologies/Imaging/concepts/2").json
    assert [(h["version"], h["change"], h["withdrawn"]) for h in told["history"]] == [
        ("1401-06-01", "restored", False), ("1401-05-05", "retired", True), ("1400-05-05", "added", False),
    ]  # fmt: skip
    assert {"field": "replaced_by", "label": "کد جایگزین", "before": "4", "after": None} in told["history"][0]["fields"]
    assert told["history_count"] == 3


def test_the_history_tells_titles_of_former_editions(api: Api) -> None:
    newest, first = api.get("/terminologies/LNC/concepts/718-7").json["history"]
    assert (newest["title_fa"], first["title_fa"]) == (HEMOGLOBIN, "هموگلوبین")
    assert [(f["field"], f["before"], f["after"]) for f in newest["fields"]] == [("title_fa", "هموگلوبین", HEMOGLOBIN)]
    assert newest["circular_number"] == "110/99"


def test_an_older_edition_knows_no_later_history(api: Api) -> None:
    assert api.get("/terminologies/LNC/concepts/718-7", version=LAB_1).json["history_count"] == 1


@pytest.mark.parametrize(("most", "told"), [(0, 0), (1, 1), (2, 2), (100, 3)])
def test_the_history_can_be_cut(api: Api, most: int, told: int) -> None:
    reply = api.get("/terminologies/Imaging/concepts/1", history=most).json
    assert (len(reply["history"]), reply["history_count"]) == (told, 3)


def test_a_cut_history_still_tells_what_its_oldest_entry_changed(api: Api) -> None:
    (newest,) = api.get("/terminologies/LNC/concepts/718-7", history=1).json["history"]
    assert [f["field"] for f in newest["fields"]] == ["title_fa"]


def test_a_former_edition_that_can_not_be_read_leaves_its_titles_out(tmp_path: Path) -> None:
    shelf = ShelfBuilder(tmp_path / "shelf")
    first = shelf.publish("LNC", [concept("718-7", "کهنه")], day="1401/01/01")
    shelf.publish("LNC", [concept("718-7", "تازه")], day="1402/01/01")
    (tmp_path / "shelf" / first.file).unlink()
    newest, oldest = api_over(tmp_path / "shelf", tmp_path).get("/terminologies/LNC/concepts/718-7").json["history"]
    assert (newest["title_fa"], newest["fields"]) == ("تازه", None)
    assert (oldest["version"], oldest["change"], oldest["title_fa"]) == ("1401-01-01", "added", None)


def test_maps_out_and_in_are_told_with_titles(api: Api) -> None:
    told = api.get("/terminologies/LNC/concepts/718-7").json
    (out,) = told["maps_out"]
    assert (out["map"], out["version"], out["pair_count"]) == ("LNC→RVU3", "1402-06-01", 2)
    assert [(p["code"], p["title"], p["relationship"]) for p in out["pairs"]] == [
        ("801515", "ویزیت", "equivalent"), ("90.1", "تعدیل", "narrower"),
    ]  # fmt: skip
    assert out["pairs"][0]["properties"] == {"insurer": "تامین"}
    (into,) = api.get("/terminologies/RVU3/concepts/801515").json["maps_in"]
    assert [(p["code"], p["status"]) for p in into["pairs"]] == [("718-7", "active"), ("789-8", "retired")]


def test_maps_are_those_of_the_day_asked_for(api: Api) -> None:
    told = api.get("/terminologies/LNC/concepts/718-7", date="1402/05/02").json
    assert [len(m["pairs"]) for m in told["maps_out"]] == [1]
    assert api.get("/terminologies/LNC/concepts/718-7", date="1402/02/18").json["maps_out"] != []


def test_a_counterpart_whose_terminology_is_not_on_the_shelf_has_no_title(tmp_path: Path) -> None:
    shelf = ShelfBuilder(tmp_path / "shelf")
    shelf.publish("LNC", [concept("718-7", "هموگلوبین")])
    shelf.publish("LNC→Tamin", [pair("718-7", "55")])
    (out,) = api_over(tmp_path / "shelf", tmp_path).get("/terminologies/LNC/concepts/718-7").json["maps_out"]
    assert (out["pairs"][0]["code"], out["pairs"][0]["title"], out["pairs"][0]["status"]) == ("55", None, None)


def test_a_damaged_edition_is_unavailable_and_says_no_path(tmp_path: Path) -> None:
    shelf = ShelfBuilder(tmp_path / "shelf")
    edition = shelf.publish("LNC", [concept("718-7", "هموگلوبین")])
    file = tmp_path / "shelf" / edition.file
    file.write_bytes(file.read_bytes()[:5_000])
    with pytest.raises(Unavailable):
        SealedRelease(file, edition)
    answer = api_over(tmp_path / "shelf", tmp_path).get("/terminologies/LNC/concepts/718-7")
    assert answer.refusal == (503, "unavailable", None)
    assert answer.headers["Retry-After"]
    assert str(tmp_path) not in answer.body.decode()
