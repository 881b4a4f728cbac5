from __future__ import annotations

import tomllib
from collections import Counter

import pytest

from maxa.persian.analysis import items_of
from maxa.search.distance import distance
from maxa.search.keyboard import NEIGHBOURS, other_layouts
from maxa.search.nearest import most_cost
from maxa.search.sounding import consonants, spelled_letters
from maxa.search.synonyms import SYNONYMS, Synonyms, key_of, read_groups, synonyms


def test_every_section_notes_its_source_and_every_group_its_forms() -> None:
    known = tomllib.loads(SYNONYMS.read_text(encoding="utf-8"))["section"]
    assert all(section["title"] and section["source"] for section in known)
    assert {name for section in known for name in section} <= {"title", "source", "groups", "orderable"}
    groups = read_groups()
    assert len(groups) >= 150
    for group in groups:
        keys = Counter(key_of(tuple(word for item in items_of(form) for word in item.words)) for form in group)
        assert () not in keys
        assert max(keys.values()) == 1, f"one form twice: {group}"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("CBC", "شمارش کامل سلول‌های خون"), ("FBS", "قند خون ناشتا"), ("MRI", "ام آر آی"), ("CT", "سی تی اسکن"),
        ("سونو", "سونوگرافی"), ("paracetamol", "acetaminophen"), ("paracetamol", "استامینوفن"), ("salbutamol", "albuterol"),
        ("rifampicin", "rifampin"), ("mg", "میلی‌گرم"), ("سکته قلبی", "MI"),
        ("دندان عقل", "آسیای سوم"), ("wisdom tooth", "دندان عقل"), ("گادولینیوم", "با تزریق"),
    ],
)  # fmt: skip
def test_synonyms_are_two_way(one: str, other: str) -> None:
    for asked, meant in ((one, other), (other, one)):
        key = key_of(tuple(word for item in items_of(asked) for word in item.words))
        forms = {key_of(form.words) for form in synonyms().of(key)}
        assert key_of(tuple(word for item in items_of(meant) for word in item.words)) in forms


def test_a_form_is_known_with_other_spaces_and_without_its_empty_words() -> None:
    made = Synonyms([["filling", "پر کردن دندان"], ["PRN", "در صورت نیاز"], ["STAT", "at once"]])
    assert [key_of(form.words) for form in made.of(("پرکردن", "دندان"))] == [("filling",)]
    assert [key_of(form.words) for form in made.of(("صورت", "نیاز"))] == [("prn",)]
    assert made.of(("once",)) == []


def test_groups_are_not_chained() -> None:
    made = Synonyms([["a", "b"], ["b", "c"]])
    assert {key_of(form.words) for form in made.of(("a",))} == {("b",)}
    assert {key_of(form.words) for form in made.of(("b",))} == {("a",), ("c",)}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("hl,;sd", "اموکسی"), ("sghl", "سلام"), ("زذز", "cbc"), ("مخسشقفشد", "losartan"), ("r'n,", "قگدو")],
)
def test_the_other_keyboard_layout_both_ways(typed: str, meant: str) -> None:
    assert meant in [one.replace("آ", "ا") for one in other_layouts(typed)]


@pytest.mark.parametrize("typed", ["تشنج", "لوپوس", "عکس پا", "پا", "'", "پی تی"])
def test_what_leaves_punctuation_or_little_behind_was_not_typed_on_the_other_layout(typed: str) -> None:
    assert other_layouts(typed) == []


def test_neighbouring_keys_are_mutual() -> None:
    assert all(letter in NEIGHBOURS[other] for letter, near in NEIGHBOURS.items() for other in near)
    assert "ی" in NEIGHBOURS["س"]


@pytest.mark.parametrize(
    ("near", "far"),
    [
        (("صدیم", "سدیم"), ("کدیم", "سدیم")),  # a letter that sounds alike, and another
        (("کشط", "کشت"), ("کشد", "کشت")),
        (("استامینوقن", "استامینوفن"), ("استامینوکن", "استامینوفن")),  # a neighbouring key
        (("losratan", "losartan"), ("losxxtan", "losartan")),  # two swapped
        (("استامینفن", "استامینوفن"), ("استامینون", "استامینوفن")),  # a vowel left out
        (("amoxiccillin", "amoxicillin"), ("amoxitcillin", "amoxicillin")),  # a letter twice
    ],
)
def test_likely_slips_cost_less(near: tuple[str, str], far: tuple[str, str]) -> None:
    assert 0 < distance(*near) < distance(*far)
    assert distance(near[1], near[1]) == 0
    assert distance(*near) <= most_cost(len(near[0]))


@pytest.mark.parametrize(
    ("persian", "latin"),
    [
        ("پاراستامول", "paracetamol"), ("متفورمین", "metformin"), ("آزیترومایسین", "azithromycin"), ("سیپروفلوکساسین", "ciprofloxacin"),
        ("لوزارتان", "losartan"), ("وارفارین", "warfarin"), ("هیدروکلروتیازید", "hydrochlorothiazide"), ("فنی‌توئین", "phenytoin"),
        ("آموکسی‌سیلین", "amoxicillin"), ("والپروات", "valproate"), ("کوئتیاپین", "quetiapine"),
    ],
)  # fmt: skip
def test_names_share_their_consonants_in_both_scripts(persian: str, latin: str) -> None:
    (item,) = items_of(persian)
    assert consonants(item.one) == consonants(latin) != ""


def test_letters_spelled_in_persian() -> None:
    assert "tsh" in spelled_letters(["تی", "اس", "اچ"])
    assert spelled_letters(["تی"]) == []
    assert spelled_letters(["قند", "خون"]) == []


def test_what_is_broader_is_no_synonym() -> None:
    """``چربی خون`` asks for the panel, not for a diagnosis; sensitivity of a method is no allergy."""
    (fat, blood) = (item.words[0].stem for item in items_of("چربی خون"))
    lipids = {key_of(form.words) for form in synonyms().of((fat, blood))}
    assert ("lipid", "panel") in lipids
    assert ("hyperlipidemia",) not in lipids
    assert synonyms().of(("حساسیت",)) == []
