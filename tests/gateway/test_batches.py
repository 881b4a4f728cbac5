"""docs/contract.md §5: many coded texts in one request."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maxa.gateway.reading import Reading
from maxa.gateway.suggestions import Budget, one_edit_away
from maxa.gateway.validate import Triple, Validator
from maxa.shelf.reading import Shelf
from tests.gateway.asking import Door, door_to, issues
from tests.gateway.clinic import HEMOGLOBIN, LAB_1, PLATELETS
from tests.gateway.rules import rule
from tests.shelves import ShelfBuilder, concept

GOOD = {"Value": HEMOGLOBIN, "Terminology_id": "LNC", "Coded_string": "718-7"}
SAMPLES = [
    ("LNC", "718-7", HEMOGLOBIN), ("lnc", "718-7", HEMOGLOBIN), ("LNC", "718-7", "هموگلوبين خون"), ("LNC", "718-7", "گلوکز"),
    ("LNC", "718-8", HEMOGLOBIN), ("LNC", "789-8", "شمارش گلبول قرمز"), ("LNC", HEMOGLOBIN, "718-7"), ("LNC", "۷۷۷-۳", PLATELETS),
    ("IRC", "7210201495605780", "x"), ("IRC", "579693345955352", "x"), ("RVU3", "718-7", HEMOGLOBIN), ("Nope", "1", "x"),
    ("LNC", "", "گلوکز"), ("", "718-7", HEMOGLOBIN), ("eRx", "1277", "آتورواستاتین"), ("ICD10", "A000", "وبا"),
]  # fmt: skip


@rule("5.2")
def test_replies_keep_the_order(door: Door) -> None:
    batch = [{"Terminology_id": t, "Coded_string": c, "Value": v} for t, c, v in SAMPLES * 3]
    answer = door.post("ValidateCts", batch)
    assert [(i["Coded_string"], i["Value"]) for i in answer.data] == [(c, v) for _, c, v in SAMPLES * 3]
    assert answer.page == {"total": 48, "size": 48, "next": None}


@rule("5.2")
@settings(max_examples=50, deadline=None)
@given(st.lists(st.sampled_from(SAMPLES), max_size=30))
def test_a_batch_says_of_each_what_a_single_call_says(door: Door, sample: list[tuple[str, str, str]]) -> None:
    batch = [{"Terminology_id": t, "Coded_string": c, "Value": v} for t, c, v in sample]
    assert door.post("ValidateCts", batch).data == [door.post("ValidateCts", one).data for one in batch]


@rule("5.2")
def test_ten_thousand_are_answered_and_one_more_is_refused(door: Door) -> None:
    answer = door.post("ValidateCts", [GOOD] * 10_000)
    assert len(answer.data) == 10_000
    assert all(i["IsValid"] for i in answer.data)
    refused = door.post("ValidateCts", [GOOD] * 10_001)
    assert refused.refusal == (413, "too-many-codes", None)
    assert "10001" in refused.error["detail_fa"]


@rule("5.2")
def test_no_codes_at_all_is_an_answer_too(door: Door) -> None:
    answer = door.post("ValidateCts", [])
    assert (answer.data, answer.page) == ([], {"total": 0, "size": 0, "next": None})


@rule("5.2")
def test_strict_version_and_date_stand_in_the_address(door: Door) -> None:
    batch = [GOOD, {**GOOD, "Value": "هموگلوبین"}]
    assert [i["IsValid"] for i in door.post("ValidateCts", batch).data] == [True, True]
    assert [i["IsValid"] for i in door.post("ValidateCts", batch, Strict="true").data] == [True, False]
    assert [i["Version"] for i in door.post("ValidateCts", batch, Version=LAB_1).data] == [LAB_1] * 2
    retired = [{**GOOD, "Coded_string": "789-8", "Value": "شمارش گلبول قرمز"}] * 2
    assert [i["IsValid"] for i in door.post("ValidateCts", retired, Date="1402/03/01").data] == [True, True]


@rule("5.2")
def test_codes_stand_in_the_body_alone(door: Door) -> None:
    assert door.post("ValidateCts", [GOOD], Coded_string="1").refusal == (400, "bad-body", "Coded_string")


@rule("5.3")
@pytest.mark.parametrize(
    ("element", "code", "parameter"),
    [
        ("718-7", "bad-body", "[2]"), (None, "bad-body", "[2]"), (7, "bad-body", "[2]"), ([GOOD], "bad-body", "[2]"),
        ({**GOOD, "Value": ["x"]}, "bad-parameter", "[2].Value"), ({**GOOD, "Value": 1.5}, "bad-parameter", "[2].Value"),
        ({**GOOD, "Coded_string": True}, "bad-parameter", "[2].Coded_string"),
        ({"Value": "x", "Terminology_id": "LNC", "Coded_strng": "718-7"}, "unknown-parameter", "[2].Coded_strng"),
        ({**GOOD, "Code": "718-7"}, "unknown-parameter", "[2].Code"), ({**GOOD, "Strict": True}, "unknown-parameter", "[2].Strict"),
        ({**GOOD, "value": "x"}, "duplicate-parameter", "[2].Value"),
        ({**GOOD, "Terminology": "LNC"}, "duplicate-parameter", "[2].Terminology_id"),
    ],
)  # fmt: skip
def test_an_element_that_is_no_coded_text_is_named_by_its_place(
    door: Door, element: Any, code: str, parameter: str
) -> None:
    answer = door.post("ValidateCts", [GOOD, GOOD, element, GOOD])
    assert answer.refusal == (400, code, parameter)
    assert "2" in answer.error["detail_fa"]


@rule("5.3")
def test_names_in_elements_are_read_in_any_letter_case_and_numbers_as_digits(door: Door) -> None:
    batch = [
        {"value": "ویزیت", "TERMINOLOGY": "RVU3", "coded_string": 801515},
        {"Terminology_id": "RVU3", "Coded_string": "801515", "Value": None, "note": "x", "_": 1},
        {"Terminology_id": "RVU3", "Coded_string": "801515"},
    ]
    answer = door.post("ValidateCts", batch)
    assert [issues(i) for i in answer.data] == [{}, {"incomplete": "error"}, {"incomplete": "error"}]
    assert answer.headers["X-Maxa-Ignored"] == "note, _"


@rule("5.3")
def test_an_edition_that_one_terminology_lacks_refuses_the_request(door: Door) -> None:
    batch = [GOOD, {"Terminology_id": "IRC", "Coded_string": "0579693345955352", "Value": "x"}]
    answer = door.post("ValidateCts", batch, Version=LAB_1)
    assert answer.refusal == (404, "unknown-version", "Version")
    assert "IRC" in answer.error["detail_en"]


@rule("5.7")
def test_the_care_taken_of_unknown_codes_is_counted_not_timed(tmp_path: Path) -> None:
    shelf = ShelfBuilder(tmp_path / "shelf")
    # No neighbour in code order is near enough, so a code is found by looking one character away, or by its title.
    rows = [concept(f"{n}0" + str(n) * 4, f"عنوان {n}") for n in range(1, 9)] + [concept("99999999", "نام دیگر")]
    shelf.publish("A", rows)
    reading = Reading(Shelf(tmp_path / "shelf"), Shelf(tmp_path / "shelf").catalogue())

    def judge(triples: list[Triple], budget: Budget) -> list[int]:
        items = Validator(reading, posted=True, budget=budget).judge(triples)
        return [len(i["Suggestions"]) for i in items]

    swapped = [Triple("A", "0" + str(n) * 5, "x") for n in (2, 3, 4, 5)]
    assert judge(swapped, Budget()) == [1, 1, 1, 1]
    assert judge(swapped, Budget(edits=2)) == [1, 1, 0, 0]
    titled = [Triple("A", f"x{n}", "نام دیگر") for n in range(4)]
    assert judge(titled, Budget(titles=3)) == [1, 1, 1, 0]
    nearby = [Triple(f"A{n}", "99999999", "نام دیگر") for n in "xyz"]
    assert judge(nearby, Budget()) == [1, 1, 1]
    assert judge(nearby, Budget(elsewhere=1, ids=0)) == [1, 0, 0]


@rule("5.7")
def test_a_code_that_is_repeated_is_cared_for_once(tmp_path: Path) -> None:
    ShelfBuilder(tmp_path / "shelf").publish("A", [concept("2111112", "عنوان")])
    shelf = Shelf(tmp_path / "shelf")
    items = Validator(Reading(shelf, shelf.catalogue()), posted=True, budget=Budget(edits=1)).judge(
        [Triple("A", "1211112", "x")] * 5
    )
    assert [len(i["Suggestions"]) for i in items] == [1] * 5


@rule("5.7")
def test_two_servers_answer_alike(door: Door, clinic_shelf: Path, tmp_path: Path) -> None:
    batch = [{"Terminology_id": t, "Coded_string": c + "1", "Value": v} for t, c, v in SAMPLES]
    assert door_to(clinic_shelf, tmp_path).post("ValidateCts", batch).data == door.post("ValidateCts", batch).data


@given(st.text("0123456789abc", min_size=1, max_size=12))
def test_one_edit_away_holds_every_swap_and_every_missing_or_added_character(key: str) -> None:
    away = set(one_edit_away(key))
    assert key not in away
    for i in range(len(key)):
        assert key[:i] + key[i + 1 :] in away | {"", key}
        assert key[:i] + "7" + key[i:] in away
        assert key[:i] + "7" + key[i + 1 :] in away | {key}
        if i:
            assert key[: i - 1] + key[i] + key[i - 1] + key[i + 1 :] in away | {key}
