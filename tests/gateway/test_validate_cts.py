"""docs/contract.md §5: one coded text and its issues. Batches are in test_batches.py."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from maxa.shelf.sealed_file import SealedConcept
from tests.gateway.asking import Door, door_to, issues
from tests.gateway.clinic import HALF_SPACE, HEMOGLOBIN, LAB_1, LAB_2, PLATELETS
from tests.gateway.rules import rule
from tests.shelves import ShelfBuilder, concept

FIELDS = ["IsValid", "Terminology_id", "Coded_string", "Value", "Version", "Issues", "Expected", "Suggestions"]


def triple(terminology: str, code: str, value: str) -> dict[str, str]:
    return {"Value": value, "Terminology_id": terminology, "Coded_string": code}


def suggested(item: dict[str, Any]) -> list[str]:
    return [s["Coded_string"] for s in item["Suggestions"]]


@rule("5.1", "5.5")
def test_a_coded_text_as_published_is_valid_and_nothing_is_said_of_it(door: Door) -> None:
    item = door.validate("LNC", "718-7", HEMOGLOBIN)
    assert list(item) == FIELDS
    assert item == {
        "IsValid": True, **triple("LNC", "718-7", HEMOGLOBIN), "Version": LAB_2, "Issues": [], "Expected": None,
        "Suggestions": [],
    }  # fmt: skip
    asked = {"Terminology_id": "LNC", "Coded_string": "718-7", "Value": HEMOGLOBIN}
    assert door.get("ValidateCts", **asked).data == item
    assert door.form("ValidateCts", asked).data == item


@rule("5.1", "5.5")
def test_the_latin_title_is_as_good(door: Door) -> None:
    assert door.validate("LNC", "718-7", "Hemoglobin [Mass/volume] in Blood")["Issues"] == []


@rule("5.1", "issue:incomplete")
@pytest.mark.parametrize(
    ("body", "parts"),
    [
        ({"Terminology_id": "LNC", "Coded_string": "718-7"}, "Value"),
        ({"Terminology_id": "LNC", "Coded_string": "718-7", "Value": "  "}, "Value"),
        ({"Terminology_id": "LNC", "Coded_string": "", "Value": HEMOGLOBIN}, "Coded_string"),
        ({"Terminology_id": None, "Coded_string": "718-7", "Value": HEMOGLOBIN}, "Terminology_id"),
        ({"Value": HEMOGLOBIN}, "Terminology_id, Coded_string"),
        ({"Coded_string": "718-7"}, "Terminology_id, Value"),
    ],
)
def test_a_posted_triple_with_an_empty_part_is_incomplete(door: Door, body: dict[str, Any], parts: str) -> None:
    item = door.post("ValidateCts", body).data
    assert item["IsValid"] is False
    assert issues(item) == {"incomplete": "error"}
    assert parts in item["Issues"][0]["message_en"]
    assert parts in item["Issues"][0]["message_fa"]


@rule("5.1", "issue:incomplete")
def test_a_get_without_the_value_is_only_warned(door: Door) -> None:
    for asked in ({}, {"Value": ""}):
        item = door.get("ValidateCts", Terminology_id="LNC", Coded_string="718-7", **asked).data
        assert (item["IsValid"], issues(item)) == (True, {"incomplete": "warning"})
        assert item["Expected"] == triple("LNC", "718-7", HEMOGLOBIN)


@rule("5.1", "issue:incomplete")
def test_a_get_without_code_or_terminology_is_no_question(door: Door) -> None:
    assert door.get("ValidateCts", Terminology_id="LNC", Value="x").refusal == (
        400,
        "missing-parameter",
        "Coded_string",
    )
    assert door.get("ValidateCts", Coded_string="1").refusal == (400, "missing-parameter", "Terminology_id")
    assert door.post("ValidateCts", {}).refusal == (400, "missing-parameter", "Terminology_id")
    item = door.get("ValidateCts", Terminology_id="LNC", Coded_string="", Value=HEMOGLOBIN).data
    assert issues(item) == {"incomplete": "error"}
    assert suggested(item) == ["718-7"]


@rule("5.4", "issue:unknown-terminology")
def test_an_unknown_terminology_is_told_the_nearest_ids(door: Door) -> None:
    item = door.validate("LOINC", "718-7", HEMOGLOBIN)
    assert (item["IsValid"], issues(item)) == (False, {"unknown-terminology": "error"})
    assert (item["Terminology_id"], item["Version"], item["Expected"]) == ("LOINC", None, None)
    assert item["Suggestions"][0] == triple("LNC", "718-7", HEMOGLOBIN)
    item = door.validate("thritaEHR.wardTyp", "99", "x")
    assert item["Suggestions"][0] == triple("thritaEHR.WardType", "99", "x")
    assert "thritaEHR.WardType" in item["Issues"][0]["message_fa"]


@rule("5.4", "issue:unknown-code")
@pytest.mark.parametrize(
    ("terminology", "code", "value", "first"),
    [
        ("LNC", "718-6", "", "718-7"), ("LNC", "7187", "x", "718-7"), ("LNC", "178-7", "x", "718-7"),
        ("LNC", "9999-9", PLATELETS, "777-3"), ("eRx", "1277", "x", "01277"), ("ICD10", "A000", "x", "A00.0"),
        ("ICD10", "A0.00", "x", "A00.0"), ("RVU3", "801551", "x", "801515"),
    ],
)  # fmt: skip
def test_an_unknown_code_is_told_the_nearest(door: Door, terminology: str, code: str, value: str, first: str) -> None:
    item = door.validate(terminology, code, value)
    assert item["IsValid"] is False
    assert issues(item)["unknown-code"] == "error"
    assert suggested(item)[0] == first
    assert first in item["Issues"][-1]["message_fa"]
    assert (item["Version"] is not None, item["Expected"]) == (True, None)


@rule("issue:unknown-code")
def test_the_code_that_bears_the_title_comes_first(door: Door) -> None:
    item = door.validate("LNC", "777-4", "گلوکز")
    assert suggested(item) == ["2345-7", "777-3"]


@rule("issue:unknown-code")
def test_retired_codes_are_not_suggested(door: Door) -> None:
    assert "789-8" not in suggested(door.validate("LNC", "789-9", "شمارش گلبول قرمز"))


@rule("issue:unknown-code")
def test_at_most_five_are_suggested_nearest_first_and_always_the_same(tmp_path: Path) -> None:
    ShelfBuilder(tmp_path / "shelf").publish("A", [concept(f"{n:05}", f"عنوان {n}") for n in range(1_000)])
    door = door_to(tmp_path / "shelf", tmp_path)
    first = suggested(door.validate("A", "005x5", "x"))
    assert len(first) == 5
    assert first[:2] == ["00505", "00515"]
    assert suggested(door.validate("A", "005x5", "x")) == first


@rule("5.6", "issue:retired-code")
def test_a_retired_code_tells_its_day_and_successor(door: Door) -> None:
    item = door.validate("LNC", "789-8", "شمارش گلبول قرمز")
    assert (item["IsValid"], issues(item)) == (False, {"retired-code": "error"})
    (told,) = item["Issues"]
    assert list(told) == ["code", "severity", "message_fa", "message_en", "ReplacedBy", "RetiredOn"]
    assert (told["ReplacedBy"], told["RetiredOn"]) == ("26453-1", "1402/05/01")
    assert suggested(item) == ["26453-1"]
    assert "26453-1" in told["message_fa"]
    assert "1402/05/01" in told["message_en"]


@rule("issue:retired-code")
def test_a_retired_code_is_valid_for_a_day_on_which_it_was_in_force(door: Door) -> None:
    item = door.validate("LNC", "789-8", "شمارش گلبول قرمز", Date="1402/04/31")
    assert (item["IsValid"], item["Issues"], item["Version"]) == (True, [], LAB_1)
    assert issues(door.validate("LNC", "789-8", "شمارش گلبول قرمز", Date="1402/05/01")) == {"retired-code": "error"}
    assert issues(door.validate("LNC", "26453-1", "x", Version=LAB_1)) == {"unknown-code": "error"}


@rule("issue:retired-code")
def test_succession_is_followed_to_a_code_that_is_active(tmp_path: Path) -> None:
    shelf = ShelfBuilder(tmp_path / "shelf")
    rows = [concept(c, f"عنوان {c}") for c in "abcdxy"]
    shelf.publish("A", rows, day="1401/01/01")
    gone = {"a": "b", "b": "c", "x": "y", "y": "x", "d": None}

    def retired(without_successor: str | None) -> list[SealedConcept]:
        told = {code: by or without_successor for code, by in gone.items()}
        return [concept(c, f"عنوان {c}", active=False, replaced_by=by) for c, by in told.items()] + [rows[2]]

    shelf.publish("A", retired(None), day="1402/01/01")
    # What is said of a retired code later does not change the day on which it was retired.
    shelf.publish("A", retired("c"), day="1403/01/01")
    door = door_to(tmp_path / "shelf", tmp_path)
    assert suggested(door.validate("A", "a", "عنوان a")) == ["c"]
    assert suggested(door.validate("A", "x", "عنوان x")) == []
    assert suggested(door.validate("A", "d", "عنوان d", Version="1402-01-01")) == []
    told = door.validate("A", "d", "عنوان d")["Issues"][0]
    assert (told["ReplacedBy"], told["RetiredOn"]) == ("c", "1402/01/01")


@rule("5.5", "issue:value-mismatch")
def test_another_title_is_warned_of_and_the_published_triple_given(door: Door) -> None:
    item = door.validate("LNC", "718-7", "گلوکز")
    assert (item["IsValid"], issues(item)) == (True, {"value-mismatch": "warning"})
    assert item["Expected"] == triple("LNC", "718-7", HEMOGLOBIN)
    assert (item["Coded_string"], item["Value"]) == ("718-7", "گلوکز")


@rule("issue:value-mismatch")
@pytest.mark.parametrize("strict", ["true", "1", "YES", "True"])
def test_strict_makes_an_error_of_it(door: Door, strict: str) -> None:
    item = door.validate("LNC", "718-7", "گلوکز", Strict=strict)
    assert (item["IsValid"], issues(item)) == (False, {"value-mismatch": "error"})
    body = {**triple("LNC", "718-7", "گلوکز"), "strict": True}
    assert door.post("ValidateCts", body).data["IsValid"] is False
    assert door.validate("LNC", "718-7", "گلوکز", Strict="false")["IsValid"] is True


@rule("5.5", "issue:wrong-terminology")
def test_a_code_and_title_of_another_terminology_are_told_where_they_belong(door: Door) -> None:
    item = door.validate("RVU3", "718-7", "هموگلوبين خون")
    assert (item["IsValid"], issues(item)) == (False, {"wrong-terminology": "error"})
    assert item["Expected"] == triple("LNC", "718-7", HEMOGLOBIN)
    assert item["Suggestions"] == [item["Expected"]]
    assert "LNC" in item["Issues"][0]["message_fa"]


@rule("issue:wrong-terminology")
def test_a_code_alone_says_nothing_of_another_terminology(door: Door) -> None:
    assert issues(door.validate("RVU3", "718-7", "چیز دیگر")) == {"unknown-code": "error"}
    assert issues(door.get("ValidateCts", Terminology_id="RVU3", Coded_string="718-7").data)["unknown-code"] == "error"


@rule("issue:wrong-terminology")
def test_several_terminologies_that_fit_are_all_named(tmp_path: Path) -> None:
    shelf = ShelfBuilder(tmp_path / "shelf")
    for name in ("A", "B"):
        shelf.publish(name, [concept("1", "قرص")])
    shelf.publish("C", [concept("2", "قرص")])
    item = door_to(tmp_path / "shelf", tmp_path).validate("C", "1", "قرص")
    assert issues(item) == {"wrong-terminology": "error"}
    assert [s["Terminology_id"] for s in item["Suggestions"]] == ["A", "B"]
    assert item["Expected"] is None


@rule("5.5", "issue:swapped")
@pytest.mark.parametrize(
    ("code", "value"),
    [(HEMOGLOBIN, "718-7"), ("هموگلوبین خون بیمار", "718-7"), ("Hemoglobin [Mass/volume] in Blood", " ۷۱۸-۷ ")],
)
def test_code_and_title_in_each_others_place(door: Door, code: str, value: str) -> None:
    item = door.validate("LNC", code, value)
    assert (item["IsValid"], issues(item)) == (False, {"swapped": "error"})
    assert item["Expected"] == triple("LNC", "718-7", HEMOGLOBIN)


@rule("issue:swapped")
def test_two_codes_are_not_swapped(door: Door) -> None:
    assert "swapped" not in issues(door.validate("LNC", "718-8", "777-3"))


@rule("5.5", "issue:rounded-code")
@pytest.mark.parametrize(
    ("damaged", "value", "true"),
    [
        ("7210201495605780", "x", "7210201495605784"), ("7210201495605780", "", "7210201495605784"),
        ("1114266489716700", "متفورمین قرص", "1114266489716699"), ("579693345955352", "استامینوفن کدئین قرص", "0579693345955352"),
        ("579693345955352", "", "0579693345955352"), ("۷۲۱۰۲۰۱۴۹۵۶۰۵۷۸۰", "x", "7210201495605784"),
        ("9275740779753130", "لوزارتان ۵۰", "9275740779753128"), ("9275740779753120", "لوزارتان 25", "9275740779753124"),
        ("7.2102E+15", "x", "7210201495605784"), ("5.79693E+14", "", "0579693345955352"), ("7.2102e15", "", "7210201495605784"),
        ("۷٫۲۱۰۲E+۱۵", "x", "7210201495605784"), ("9.27574E+15", "لوزارتان ۵۰", "9275740779753128"),
    ],
)  # fmt: skip
def test_a_code_rounded_by_excel_is_refused_and_the_true_code_is_suggested(
    door: Door, damaged: str, value: str, true: str
) -> None:
    item = door.validate("IRC", damaged, value)
    assert item["IsValid"] is False
    assert issues(item)["rounded-code"] == "error"
    assert item["Expected"]["Coded_string"] == true
    assert suggested(item) == [true]
    assert true in item["Issues"][-1]["message_fa"]


@rule("issue:rounded-code")
def test_a_rounded_code_that_fits_two_products_is_not_guessed(door: Door) -> None:
    item = door.validate("IRC", "9275740779753120", "لوزارتان")
    assert issues(item) == {"rounded-code": "error"}
    assert item["Expected"] is None
    assert suggested(item) == ["9275740779753124", "9275740779753128"]


@rule("issue:rounded-code")
@pytest.mark.parametrize(
    "code",
    [
        "7210201495605781",
        "7210201495605800",
        "7210201495605770",
        "721020149560578",
        "72102014956057840",
        "7.3E+15",
        "7E+99",
        "7.2102014E+2",
        "7.21E",
        "E+15",
        "7.2102E+16",
    ],
)
def test_a_code_that_no_rounding_explains_is_just_unknown(door: Door, code: str) -> None:
    assert issues(door.validate("IRC", code, "x")) == {"unknown-code": "error"}


@rule("issue:rounded-code")
@pytest.mark.parametrize("code", ["0000000000000000", "9999999999999990", "9999999999999999", "0000000000000"])
def test_the_ends_of_the_range_are_no_trap(door: Door, code: str) -> None:
    assert issues(door.validate("IRC", code, "x")) == {"unknown-code": "error"}


@rule("issue:rounded-code", "issue:value-mismatch")
def test_a_rounded_code_that_happens_to_be_another_product_is_found_by_its_title(tmp_path: Path) -> None:
    rows = [concept("7210201495605780", "دیگر"), concept("7210201495605784", "آموکسی‌سیلین")]
    ShelfBuilder(tmp_path / "shelf").publish("IRC", rows)
    item = door_to(tmp_path / "shelf", tmp_path).validate("IRC", "7210201495605780", "آموکسی سیلین")
    assert issues(item) == {"value-mismatch": "warning"}
    assert suggested(item) == ["7210201495605784"]


@rule("5.5", "issue:value-spelling")
@pytest.mark.parametrize(
    ("terminology", "code", "value"),
    [
        ("LNC", "718-7", "هموگلوبين خون"), ("LNC", "718-7", " هموگلوبین  خون "), ("LNC", "777-3", "شمارش پلاکت ها"),
        ("LNC", "777-3", "شمارش پلاكتها"), ("IRC", "7210201495605784", f"آموكسي{HALF_SPACE}سيلين كپسول 500"),
        ("IRC", "7210201495605784", "آموکسی سیلین کپسول ٥٠٠"), ("LNC", "718-7", "HEMOGLOBIN [mass/volume] in blood"),
    ],
)  # fmt: skip
def test_another_spelling_of_the_title_is_mentioned(door: Door, terminology: str, code: str, value: str) -> None:
    item = door.validate(terminology, code, value, Strict="true")
    assert (item["IsValid"], issues(item)) == (True, {"value-spelling": "info"})
    assert item["Expected"]["Coded_string"] == code


@rule("issue:value-mismatch")
def test_a_title_of_marks_alone_matches_nothing(tmp_path: Path) -> None:
    ShelfBuilder(tmp_path / "shelf").publish("A", [concept("1", "قرص")])
    item = door_to(tmp_path / "shelf", tmp_path).validate("A", "1", "ـ")
    assert issues(item) == {"value-mismatch": "warning"}


@rule("5.5", "issue:code-spelling")
@pytest.mark.parametrize(
    ("terminology", "code", "published", "title"),
    [
        ("LNC", "۷۱۸-۷", "718-7", HEMOGLOBIN), ("LNC", " 718-7", "718-7", HEMOGLOBIN), ("ICD10", "a00.0", "A00.0", "وبا"),
        ("ICD10", "A00.0\u200e", "A00.0", "Cholera"),
    ],
)  # fmt: skip
def test_another_spelling_of_the_code_is_mentioned(
    door: Door, terminology: str, code: str, published: str, title: str
) -> None:
    item = door.validate(terminology, code, title)
    assert (item["IsValid"], issues(item)) == (True, {"code-spelling": "info"})
    assert item["Expected"]["Coded_string"] == published
    assert item["Coded_string"] == code


@rule("issue:code-spelling")
def test_other_punctuation_is_another_code(door: Door) -> None:
    assert issues(door.validate("ICD10", "A000", "وبا")) == {"unknown-code": "error"}


@rule("5.5", "issue:terminology-case")
def test_another_letter_case_of_the_terminology_is_mentioned(door: Door) -> None:
    item = door.validate("lnc", "718-7", HEMOGLOBIN)
    assert (item["IsValid"], issues(item)) == (True, {"terminology-case": "info"})
    assert item["Terminology_id"] == "LNC"
    assert item["Expected"] == triple("LNC", "718-7", HEMOGLOBIN)


@rule("5.5")
def test_every_issue_of_a_coded_text_is_told(door: Door) -> None:
    item = door.validate("lnc", " 789-8", "شمارش گلبول قرمزها")
    assert issues(item) == {
        "terminology-case": "info", "code-spelling": "info", "retired-code": "error", "value-mismatch": "warning",
    }  # fmt: skip


@rule("5.6")
@pytest.mark.parametrize(
    ("terminology", "code", "value"),
    [
        ("{0}", "{code}", "%s"),
        ("LNC", "x" * 32_000, "y" * 32_000),
        ("LNC", "\x00", "\x00"),
        ("LNC", "\ufeff", "\u200f"),
        ("İ", "ß", "ﷺ"),
    ],
)
def test_whatever_is_sent_is_judged(door: Door, terminology: str, code: str, value: str) -> None:
    item = door.validate(terminology, code, value)
    assert item["IsValid"] is False
    assert (item["Coded_string"], item["Value"]) == (code, value)
    for told in item["Issues"]:
        assert told["message_fa"]
        assert len(told["message_en"]) < 500
