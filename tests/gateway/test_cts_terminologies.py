"""docs/contract.md §2."""

from __future__ import annotations

from pathlib import Path

from tests.gateway.asking import Door, door_to
from tests.gateway.rules import rule
from tests.shelves import ShelfBuilder, concept

FIELDS = ["Terminology_id", "Title", "Title_en", "Version", "CircularNumber", "CircularDate", "LastUpdate", "ConceptCount",
          "RetiredCount", "Digest"]  # fmt: skip


@rule("2.1")
def test_every_terminology_is_listed_without_the_maps(door: Door) -> None:
    answer = door.get("CtsTerminologies")
    assert {t["Terminology_id"] for t in answer.data} == {"LNC", "IRC", "eRx", "RVU3", "ICD10", "thritaEHR.WardType"}
    assert all(list(t) == FIELDS for t in answer.data)
    assert answer.page == {"total": 6, "size": 6, "next": None}


@rule("2.2")
def test_an_item_tells_of_the_current_edition(door: Door) -> None:
    laboratory = next(t for t in door.get("CtsTerminologies").data if t["Terminology_id"] == "LNC")
    digest = laboratory.pop("Digest")
    assert len(digest) == 64
    assert laboratory == {
        "Terminology_id": "LNC", "Title": "آزمایشگاه", "Title_en": "Laboratory", "Version": "1402-05-01",
        "CircularNumber": "110/99", "CircularDate": "1402/05/01", "LastUpdate": "1404/10/11 17:00:00", "ConceptCount": 5,
        "RetiredCount": 1,
    }  # fmt: skip


@rule("2.2")
def test_a_release_without_a_circular_has_none(door: Door) -> None:
    wards = next(t for t in door.get("CtsTerminologies").data if t["Terminology_id"] == "thritaEHR.WardType")
    assert (wards["CircularNumber"], wards["CircularDate"]) == (None, None)


@rule("2.2")
def test_the_digest_is_of_the_content(tmp_path: Path) -> None:
    shelf = ShelfBuilder(tmp_path / "shelf")
    rows = [concept("1", "یک"), concept("2", "دو")]
    shelf.publish("A", rows, day="1402/01/01")
    shelf.publish("A", [concept("1", "یکم"), rows[1]], day="1402/02/01")
    shelf.publish("A", rows, day="1402/03/01")
    door = door_to(tmp_path / "shelf", tmp_path)
    first, second, third = (
        door.get("CtsTerminologies", Version=v).data[0]["Digest"] for v in ("1402-01-01", "1402-02-01", "1402-03-01")
    )
    assert first == third != second


@rule("2.3")
def test_from_date_keeps_those_with_a_release_since(door: Door) -> None:
    def since(when: str) -> set[str]:
        answer = door.get("CtsTerminologies", FromDate=when)
        assert answer.page["total"] == len(answer.data)
        return {t["Terminology_id"] for t in answer.data}

    assert since("1404/10/11 10:00:00") == {"LNC", "IRC", "eRx", "RVU3", "ICD10", "thritaEHR.WardType"}
    assert since("1404/10/11 15:00:00") == {"thritaEHR.WardType", "LNC"}
    assert since("1404/10/11 15:00:01") == {"LNC"}
    assert since("1404/10/11 17:00:01") == set()


@rule("2.3")
def test_last_update_may_be_sent_back_as_it_is(door: Door) -> None:
    for item in door.get("CtsTerminologies").data:
        since = door.get("CtsTerminologies", FromDate=item["LastUpdate"]).data
        assert item in since
