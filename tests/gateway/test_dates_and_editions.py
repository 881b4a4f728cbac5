"""docs/contract.md §1: the two clocks, and which edition answers."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.gateway.asking import Door, door_to
from tests.gateway.clinic import HEMOGLOBIN, LAB_1, LAB_2
from tests.gateway.rules import rule
from tests.shelves import START, ShelfBuilder, concept

SECOND_LAB = "1404/10/11 17:00:00"  # the clinic's eighth publication


def changed_since(door: Door, when: Any) -> int:
    """How many codes of the laboratory's list changed since; 3 when the second edition alone counts, 6 for both."""
    if isinstance(when, dict):
        return len(door.post("SearchTerminology", {"Terminology": "LNC", "FromDate": when}).data)
    return len(door.whole_list("LNC", FromDate=when))


@rule("1.13")
@pytest.mark.parametrize(
    "written",
    [
        "1404/10/11 16:30:00", "1404-10-11 16:30:00", "۱۴۰۴/۱۰/۱۱ ۱۶:۳۰:۰۰", "١٤٠٤-١٠-١١ ١٦:٣٠:٠٠", "1404/10/11T16:30",
        "2026-01-01T16:30:00", "2026/01/01 16:30:00", "2026-01-01T13:00:00Z", "2026-01-01T16:30:00+03:30",
        "1404/10/11 16:30:00.5",
    ],
)  # fmt: skip
def test_an_instant_may_be_written_in_many_ways(door: Door, written: str) -> None:
    assert changed_since(door, written) == 4


@rule("1.13")
@pytest.mark.parametrize(
    "written",
    [
        {"Year": 1404, "Month": 10, "Day": 11, "Hour": 16, "Minute": 30, "Second": 0},
        {"year": "۱۴۰۴", "month": "10", "day": "11", "hour": "16", "minute": "30"},
        {"Year": None, "ISOString": "2026-01-01T16:30:00"},
    ],
)
def test_an_instant_may_be_a_do_date_time(door: Door, written: dict[str, Any]) -> None:
    assert changed_since(door, written) == 4


@rule("1.13")
@pytest.mark.parametrize(
    "written", ["1402/03/01", "1402-03-01", "۱۴۰۲/۰۳/۰۱", "2023-05-22", "1402/3/1", "1402/03/01 12:00"]
)
def test_a_day_may_be_written_in_many_ways(door: Door, written: str) -> None:
    answer = door.get("Terminology", Terminology="LNC", Code="718-7", Date=written)
    assert answer.data["Version"] == LAB_1
    posted = door.post(
        "Terminology", {"Terminology": "LNC", "Code": "718-7", "Date": {"Year": 1402, "Month": 3, "Day": 1}}
    )
    assert posted.data == answer.data


@rule("1.14")
@pytest.mark.parametrize(
    ("written", "why_en", "why_fa"),
    [
        ("1402/13/01", "there is no month 13", "ماه 13 وجود ندارد"),
        ("1402/12/30", "month 12 of 1402 has 29 days only", "ماه 12 سال 1402 تنها 29 روز دارد"),
        ("1402/07/31", "month 7 of 1402 has 30 days only", ""),
        ("2023-02-29", "not in the calendar", "در تقویم نیست"),
        ("1402/01/01 25:00:00", "between 00:00:00 and 23:59:59", ""),
        ("yesterday", "write 1402/02/18", "1402/02/18"),
        ("1402/02-18", "write 1402/02/18", ""),
        ("02/18/1402", "write 1402/02/18", ""),
        ("14020218", "write 1402/02/18", ""),
        ("0000/01/01", "month 1 of 0 has 0 days", ""),
    ],
)
@pytest.mark.parametrize("name", ["FromDate", "Date"])
def test_an_impossible_date_is_refused_and_says_why(
    door: Door, name: str, written: str, why_en: str, why_fa: str
) -> None:
    answer = door.get("SearchTerminology", Terminology="LNC", **{name: written})
    assert answer.refusal == (400, "bad-date", name)
    assert why_en in answer.error["detail_en"]
    assert why_fa in answer.error["detail_fa"]


@rule("1.14")
@pytest.mark.parametrize(
    "written", [14020218, True, [1402, 2, 18], {"Year": 1402, "Month": [2]}, {}, {"Year": "x"}, 1.5]
)
def test_a_date_of_another_json_type_is_refused(door: Door, written: object) -> None:
    answer = door.post("SearchTerminology", {"Terminology": "LNC", "FromDate": written})
    assert answer.refusal == (400, "bad-date", "FromDate")


@rule("1.14")
@pytest.mark.parametrize("written", ["9999-12-31", "9999-12-31T23:59:59-12:00", "1699/12/29", "0001/01/01"])
def test_the_ends_of_the_calendar_are_no_trap(door: Door, written: str) -> None:
    for name in ("FromDate", "Date"):
        assert door.get("SearchTerminology", Terminology="LNC", **{name: written}).status in (200, 400, 404)


@rule("1.15")
def test_from_date_asks_for_publications_and_date_for_what_was_in_force(door: Door) -> None:
    # In force since 1402/05/01, published on 1404/10/11.
    assert changed_since(door, "1402/05/01") == 6
    assert changed_since(door, "1404/10/11 16:59:59") == 4
    assert changed_since(door, "1404/10/12") == 0
    assert door.get("Terminology", Terminology="LNC", Code="718-7", Date="1402/04/31").data["Version"] == LAB_1
    assert door.get("Terminology", Terminology="LNC", Code="718-7", Date="1402/05/01").data["Version"] == LAB_2


@rule("1.15")
def test_the_instant_of_publication_itself_is_included(door: Door) -> None:
    assert changed_since(door, SECOND_LAB) == 4
    assert changed_since(door, "1404/10/11 17:00:01") == 0


@rule("1.15")
def test_without_a_circular_the_day_of_publication_is_in_force(tmp_path: Path) -> None:
    shelf = ShelfBuilder(tmp_path / "shelf")
    shelf.publish("ICD10", [concept("A00", "وبا")], circular=None, day="1404/10/11")
    door = door_to(tmp_path / "shelf", tmp_path)
    assert door.get("Terminology", Terminology="ICD10", Code="A00", Date="1404/10/11").status == 200
    answer = door.get("Terminology", Terminology="ICD10", Code="A00", Date="1404/10/10")
    assert answer.refusal == (404, "unknown-version", "Date")
    assert answer.error["suggestions"] == ["1404/10/11"]


@rule("1.16", "1.17")
@pytest.mark.parametrize(("version", "title"), [(LAB_1, "هموگلوبین"), (LAB_2, HEMOGLOBIN), (None, HEMOGLOBIN)])
def test_version_names_an_edition_in_every_service(door: Door, version: str | None, title: str) -> None:
    chosen = {"Version": version} if version else {}
    edition = version or LAB_2
    assert door.get("Terminology", Terminology="LNC", Code="718-7", **chosen).data["Value"] == title
    assert title in [i["Value"] for i in door.whole_list("LNC", **chosen)]
    item = door.get("ValidateCts", Terminology_id="LNC", Coded_string="718-7", Value=title, **chosen).data
    assert (item["IsValid"], item["Issues"], item["Version"]) == (True, [], edition)
    listed = {t["Terminology_id"]: t["Version"] for t in door.get("CtsTerminologies", **chosen).data}
    assert listed["LNC"] == edition


@rule("1.16")
@pytest.mark.parametrize("written", ["۱۴۰۲-۰۲-۱۸", "1402/02/18", " 1402-02-18 "])
def test_a_version_may_be_written_in_any_digits_and_with_slashes(door: Door, written: str) -> None:
    assert door.get("Terminology", Terminology="LNC", Code="718-7", Version=written).data["Version"] == LAB_1


@rule("1.16")
def test_version_goes_before_date(door: Door) -> None:
    answer = door.get("Terminology", Terminology="LNC", Code="718-7", Version=LAB_1, Date="1403/01/01")
    assert answer.data["Version"] == LAB_1


@rule("1.16")
def test_an_edition_that_does_not_exist_is_refused_with_those_that_do(door: Door) -> None:
    for service, asked in (
        ("Terminology", {"Code": "718-7"}),
        ("SearchTerminology", {}),
        ("Terminology", {"Search": "خون"}),
    ):
        answer = door.get(service, Terminology="LNC", Version="1399-01-01", **asked)
        assert answer.refusal == (404, "unknown-version", "Version")
        assert answer.error["suggestions"] == [LAB_2, LAB_1]
    answer = door.get("ValidateCts", Terminology_id="LNC", Coded_string="718-7", Date="1390/01/01")
    assert answer.refusal == (404, "unknown-version", "Date")
    assert answer.error["suggestions"] == ["1402/02/18"]


@rule("1.16")
def test_lists_over_all_terminologies_leave_out_those_without_the_edition(door: Door) -> None:
    assert [t["Terminology_id"] for t in door.get("CtsTerminologies", Version=LAB_1).data] == ["ICD10", "LNC"]
    early = {t["Terminology_id"] for t in door.get("CtsTerminologies", Date="1400/03/01").data}
    assert early == {"IRC", "eRx"}
    found = door.get("Terminology", Terminology="*", Search="قرص", Date="1400/03/01").data
    assert {i["Terminology_id"] for i in found} == {"IRC"}
    assert door.get("CtsTerminologies", Version="1399-01-01").refusal == (404, "unknown-version", "Version")
    assert door.get("CtsTerminologies", Date="1380/01/01").data == []


@rule("1.17")
def test_old_editions_stay_readable_and_a_publication_is_seen_at_once(tmp_path: Path) -> None:
    shelf = ShelfBuilder(tmp_path / "shelf")
    shelf.publish("LNC", [concept("1", "یک")], day="1402/01/01")
    door = door_to(tmp_path / "shelf", tmp_path)
    assert door.get("CtsTerminologies").headers["X-Maxa-Serial"] == "1"
    shelf.publish("LNC", [concept("1", "یکم"), concept("2", "دو")], day="1402/02/01", at=START + timedelta(days=1))
    answer = door.get("SearchTerminology", Terminology="LNC")
    assert ([i["Value"] for i in answer.data], answer.headers["X-Maxa-Serial"]) == (["یکم", "دو"], "2")
    assert [i["Value"] for i in door.whole_list("LNC", Version="1402-01-01")] == ["یک"]


@rule("1.17")
def test_a_streamed_list_is_of_one_edition_though_another_is_published_meanwhile(tmp_path: Path) -> None:
    shelf = ShelfBuilder(tmp_path / "shelf")
    shelf.publish("LNC", [concept(f"{n:05}", f"عنوان {n}") for n in range(5_000)], day="1402/01/01")
    door = door_to(tmp_path / "shelf", tmp_path)
    reply = door.http.get("/gwmaksa/SearchTerminology?Terminology=LNC")
    pieces = iter(reply.response)
    begun = next(pieces)
    shelf.publish("LNC", [concept("99999", "تازه")], day="1402/02/01")
    text = (begun + b"".join(pieces)).decode()
    assert text.count("Coded_string") == 5_000
    assert "99999" not in text
