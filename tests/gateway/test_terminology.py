"""docs/contract.md §3."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest

from tests.gateway.asking import SHORT, Door, door_to
from tests.gateway.clinic import HALF_SPACE, HEMOGLOBIN, LAB_2
from tests.gateway.rules import rule
from tests.shelves import ShelfBuilder, concept

FIELDS = ["Value", "Terminology_id", "Coded_string", "Value_en", "Status", "ReplacedBy", "Parent", "Properties", "Version",
          "CircularNumber", "ChangedOn"]  # fmt: skip


@rule("3.1")
def test_a_code_gives_its_coding(door: Door) -> None:
    item = door.get("Terminology", Terminology="LNC", Code="718-7").data
    assert list(item) == FIELDS
    assert item == {
        "Value": HEMOGLOBIN, "Terminology_id": "LNC", "Coded_string": "718-7",
        "Value_en": "Hemoglobin [Mass/volume] in Blood", "Status": "active", "ReplacedBy": None, "Parent": None,
        "Properties": {"unit": "g/dL"}, "Version": LAB_2, "CircularNumber": "110/99", "ChangedOn": "1404/10/11",
    }  # fmt: skip


@rule("3.1")
def test_properties_and_parent_are_given_as_sealed(door: Door) -> None:
    item = door.get("Terminology", Terminology="RVU3", Code="801515").data
    assert item["Properties"] == {"marks": "#*", "professional": "2.5"}
    assert door.get("Terminology", Terminology="ICD10", Code="B00").data["Parent"] == "B"
    assert door.get("Terminology", Terminology="eRx", Code="60000").data["Properties"] == {}


@rule("3.2")
def test_circular_and_day_are_those_of_the_last_change(door: Door) -> None:
    unchanged = door.get("Terminology", Terminology="LNC", Code="2345-7").data
    assert (unchanged["Version"], unchanged["CircularNumber"]) == (LAB_2, "110/37")
    ward = door.get("Terminology", Terminology="thritaEHR.WardType", Code="1").data
    assert ward["CircularNumber"] is None


@rule("3.2")
def test_a_retired_code_is_found_with_its_successor(door: Door) -> None:
    item = door.get("Terminology", Terminology="LNC", Code="789-8").data
    assert (item["Status"], item["ReplacedBy"]) == ("retired", "26453-1")
    assert door.get("Terminology", Terminology="LNC", Code="789-8", Date="1402/03/01").data["Status"] == "active"


@rule("3.2")
def test_the_latin_title_stands_in_where_there_is_no_persian_one(tmp_path: Path) -> None:
    ShelfBuilder(tmp_path / "shelf").publish("ATC", [concept("N02BE01", "", "paracetamol"), concept("N02", "ضد درد")])
    door = door_to(tmp_path / "shelf", tmp_path)
    item = door.get("Terminology", Terminology="ATC", Code="N02BE01").data
    assert (item["Value"], item["Value_en"]) == ("paracetamol", "paracetamol")
    assert door.get("Terminology", Terminology="ATC", Code="N02").data["Value_en"] is None
    assert door.whole_list("ATC")[1]["Value"] == "paracetamol"


@rule("3.3")
@pytest.mark.parametrize(
    ("terminology", "written", "published"),
    [
        ("LNC", "۷۱۸-۷", "718-7"), ("LNC", " 718-7 ", "718-7"), ("LNC", "718 - 7", "718-7"), ("LNC", "718-7\u200f", "718-7"),
        ("ICD10", "a00.0", "A00.0"), ("ICD10", "b00", "B00"), ("IRC", "٠٥٧٩٦٩٣٣٤٥٩٥٥٣٥٢", "0579693345955352"),
    ],
)  # fmt: skip
def test_another_spelling_of_a_code_is_found_and_answered_as_published(
    door: Door, terminology: str, written: str, published: str
) -> None:
    assert door.get("Terminology", Terminology=terminology, Code=written).data["Coded_string"] == published


@rule("3.3")
def test_a_spelling_that_fits_two_codes_is_not_guessed(tmp_path: Path) -> None:
    ShelfBuilder(tmp_path / "shelf").publish("Local", [concept("a1", "یک"), concept("A1", "دو")])
    door = door_to(tmp_path / "shelf", tmp_path)
    assert door.get("Terminology", Terminology="Local", Code="A1").data["Value"] == "دو"
    answer = door.get("Terminology", Terminology="Local", Code="a ۱")
    assert answer.refusal == (404, "unknown-code", "Code")
    assert answer.error["suggestions"] == ["A1", "a1"]


@rule("3.3")
@pytest.mark.parametrize(
    ("terminology", "written", "suggested"),
    [
        ("LNC", "718-8", "718-7"), ("LNC", "7187", "718-7"), ("LNC", "178-7", "718-7"), ("LNC", "71-87", "718-7"),
        ("ICD10", "A000", "A00.0"), ("eRx", "1277", "01277"), ("eRx", "001277", "01277"), ("RVU3", "90.2", "90.1"),
        ("thritaEHR.WardType", "10", "010"),
    ],
)  # fmt: skip
def test_an_unknown_code_is_told_the_nearest(door: Door, terminology: str, written: str, suggested: str) -> None:
    answer = door.get("Terminology", Terminology=terminology, Code=written)
    assert answer.refusal == (404, "unknown-code", "Code")
    assert answer.error["suggestions"][0] == suggested
    assert len(answer.error["suggestions"]) <= 5


@rule("3.3")
@pytest.mark.parametrize(
    "code", ["#", "'; DROP TABLE concept; --", "\x00718-7", "718-7\x00", "x" * 5_000, "قرص", "%", "*", "?"]
)
def test_a_code_of_any_kind_is_just_unknown(door: Door, code: str) -> None:
    assert door.get("Terminology", Terminology="LNC", Code=code).refusal == (404, "unknown-code", "Code")


@rule("3.4")
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("هموگلوبین", ["718-7", "4548-4"]), ("خون هموگلوبین", ["718-7"]), ("هموگلوبين خون", ["718-7"]), ("هموگ", ["718-7", "4548-4"]),
        ("پلاکتها", ["777-3"]), ("پلاکت ها", ["777-3"]), ("platelets BLOOD", ["777-3"]), ("گلبول", ["26453-1", "789-8"]),
        ("خون هموگ", ["718-7"]), ("هموگ پلاکت", []), ("2345-7", ["2345-7"]), ("23457", ["2345-7"]), ("یافت نمی‌شود", []),
    ],
)  # fmt: skip
def test_all_words_must_be_there_in_any_order(door: Door, query: str, found: list[str]) -> None:
    answer = door.get("Terminology", Terminology="LNC", Search=query)
    assert answer.codes == found
    assert answer.page == {"total": len(found), "size": len(found), "next": None}
    assert all(list(item) == [*FIELDS, "Highlight"] for item in answer.data)


@rule("3.4")
def test_active_ones_come_first_then_shorter_titles(tmp_path: Path) -> None:
    ShelfBuilder(tmp_path / "shelf").publish(
        "A",
        [concept("1", "قرص", active=False), concept("2", "قرص بلندتر"), concept("3", "قرص ب"), concept("4", "قرص آ")],
    )
    assert door_to(tmp_path / "shelf", tmp_path).get("Terminology", Terminology="A", Search="قرص").codes == [
        "3",
        "4",
        "2",
        "1",
    ]


@rule("3.4")
@pytest.mark.parametrize(
    ("query", "highlight"),
    [
        ("سیلین", f"آموکسی{HALF_SPACE}<em>سیلین</em> کپسول ۵۰۰"), ("کپس 500", f"آموکسی{HALF_SPACE}سیلین <em>کپسول</em> <em>۵۰۰</em>"),
        ("آموکسیسیلین", f"<em>آموکسی{HALF_SPACE}سیلین</em> کپسول ۵۰۰"), ("اموک", f"<em>آموکسی</em>{HALF_SPACE}سیلین کپسول ۵۰۰"),
    ],
)  # fmt: skip
def test_what_matched_is_marked_in_the_title_as_published(door: Door, query: str, highlight: str) -> None:
    (item, *_) = door.get("Terminology", Terminology="IRC", Search=query).data
    assert item["Highlight"] == highlight


@rule("3.4")
def test_the_latin_title_is_marked_where_only_it_matched(door: Door) -> None:
    (item,) = door.get("Terminology", Terminology="LNC", Search="platelets").data
    assert item["Highlight"] == "<em>Platelets</em> [#/volume] in Blood"


@rule("3.4")
@pytest.mark.parametrize(
    "query", ["((", "-قرص", 'a:b:"c', '"', "*", "AND", "NOT x", "a*b", "NEAR(a b)", "^x", "½", "\u0301", "'", "\x00"]
)
def test_no_query_is_an_error(door: Door, query: str) -> None:
    for terminology in ("LNC", "*"):
        assert door.get("Terminology", Terminology=terminology, Search=query).status == 200


@rule("3.5")
def test_twenty_are_given_unless_asked_otherwise(tmp_path: Path) -> None:
    ShelfBuilder(tmp_path / "shelf").publish("A", [concept(f"{n:04}", f"قرص {n:04}") for n in range(1_001)])
    door = door_to(tmp_path / "shelf", tmp_path)
    answer = door.get("Terminology", Terminology="A", Search="قرص")
    assert answer.page["size"] == 20
    assert (answer.page["total"], answer.page["totalIsExact"]) == (1_000, False)
    assert door.get("Terminology", Terminology="A", Search="قرص", PageSize=200).page["size"] == 200
    few = door.get("Terminology", Terminology="A", Search="قرص 000", PageSize=3)
    assert (few.page["total"], few.page["size"], "totalIsExact" in few.page) == (10, 3, False)


@rule("3.5")
def test_exactly_a_thousand_is_exact(tmp_path: Path) -> None:
    ShelfBuilder(tmp_path / "shelf").publish("A", [concept(f"{n:04}", f"قرص {n:04}") for n in range(1_000)])
    page = door_to(tmp_path / "shelf", tmp_path).get("Terminology", Terminology="A", Search="قرص").page
    assert (page["total"], "totalIsExact" in page) == (1_000, False)


@rule("3.5", "4.3")
@pytest.mark.parametrize("terminology", ["A", "*"])
@pytest.mark.parametrize("size", [1, 7, 200])
def test_pages_of_a_search_make_up_the_whole(tmp_path: Path, terminology: str, size: int) -> None:
    shelf = ShelfBuilder(tmp_path / "shelf")
    for name in ("A", "B", "C"):
        shelf.publish(name, [concept(f"{n:02}", f"قرص {n % 5 * 'x'}{name}", active=n % 3 > 0) for n in range(23)])
    door = door_to(tmp_path / "shelf", tmp_path)
    whole = door.get("Terminology", Terminology=terminology, Search="قرص", PageSize=200).data
    assert len(whole) == (23 if terminology == "A" else 69)
    found, cursor = [], ""
    while cursor is not None:
        answer = door.get("Terminology", Terminology=terminology, Search="قرص", PageSize=size, Cursor=cursor)
        found += answer.data
        cursor = answer.page["next"]
    assert found == whole


@rule("3.6")
def test_all_terminologies_are_searched_and_merged(door: Door) -> None:
    found = door.get("Terminology", Terminology="*", Search="استامینوفن").data
    assert [(i["Terminology_id"], i["Coded_string"]) for i in found] == [("eRx", "60000"), ("IRC", "0579693345955352")]
    lengths = [
        (i["Status"] == "retired", len(i["Value"])) for i in door.get("Terminology", Terminology="*", Search="ق").data
    ]
    assert lengths == sorted(lengths)


@rule("3.6")
def test_a_code_is_looked_up_in_its_own_terminology_only(door: Door) -> None:
    assert door.get("Terminology", Terminology="*", Code="718-7").refusal == (400, "bad-parameter", "Terminology")


@rule("3.7")
def test_one_of_code_and_search_is_needed_and_not_both(door: Door) -> None:
    assert door.get("Terminology", Terminology="LNC").refusal == (400, "missing-parameter", "Code")
    assert door.get("Terminology", Terminology="LNC", Code="718-7", Search="x").refusal == (
        400,
        "bad-parameter",
        "Search",
    )


def test_a_query_of_raw_bytes_is_read_like_an_escaped_one(door: Door) -> None:
    raw = "Terminology=LNC&Search=گلوکز"
    escaped = f"Terminology=LNC&Search={quote('گلوکز')}"
    plain = door.raw(f"{SHORT}/Terminology", environ_overrides={"QUERY_STRING": raw.encode().decode("latin-1")})
    assert plain.data == door.raw(f"{SHORT}/Terminology?{escaped}").data != []


@rule("3.8")
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ('"هموگلوبین گلیکوزیله"', ["4548-4"]), ("هموگلوبین -گلیکوزیله", ["718-7"]), ("گلوکز یا پلاکت", ["2345-7", "777-3"]),
        ("code:777*", ["777-3"]), ("en:platelets", ["777-3"]), ("fa:platelets", []), ("unit:g/dL", ["718-7"]), ("((", []),
    ],
)  # fmt: skip
def test_a_query_may_have_operators(door: Door, query: str, found: list[str]) -> None:
    assert door.get("Terminology", Terminology="LNC", Search=query).codes == found


@rule("3.9")
def test_what_was_searched_instead_is_told_and_may_be_forbidden(door: Door) -> None:
    answer = door.get("Terminology", Terminology="LNC", Search="پلاکط")
    assert answer.codes == ["777-3"]
    instead = answer.page["searchedInstead"]
    assert (instead["text"], instead["kinds"]) == ("پلاکت", ["spelling"])
    assert "پلاکت" in instead["message_fa"]
    assert "پلاکت" in instead["message_en"]
    assert door.get("Terminology", Terminology="LNC", Search="پلاکط", Literal="true").codes == []
    assert door.get("Terminology", Terminology="LNC", Search='"پلاکط"').codes == []
    assert door.get("SearchTerminology", Terminology="LNC", Search="پلاکط").page["searchedInstead"] == instead
    assert "searchedInstead" not in door.get("Terminology", Terminology="LNC", Search="پلاکت").page


@rule("3.9")
def test_a_cursor_keeps_to_what_was_searched_instead(door: Door) -> None:
    first = door.get("Terminology", Terminology="LNC", Search="هموگلبین", PageSize="1")
    assert first.codes == ["718-7"]
    rest = {"Terminology": "LNC", "Search": "هموگلبین", "Cursor": first.page["next"]}
    assert door.get("Terminology", **rest).codes == ["4548-4"]
    assert door.get("Terminology", **rest, Literal="true").refusal == (400, "bad-cursor", "Cursor")
