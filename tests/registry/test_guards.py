"""What a draft is held to before it may be published: columns, sizes, references, titles, maps."""

from __future__ import annotations

import re
from typing import Any

import pytest

from maxa.errors import BadParameter, BaseMoved, HasErrors, NeedsConfirmation
from maxa.registry import actions, queries
from maxa.registry.guards import RULES
from maxa.registry.guards.draft import SHOWN
from maxa.registry.guards.references import circles_of
from maxa.registry.models import Finding
from maxa.registry.transaction import transaction
from maxa.settings import PROJECT
from tests.lists import MINA, SARA, Committee, ListOf, codes, workbook


def found(committee: Committee, number: int) -> list[Finding]:
    with transaction(committee.engine) as session:
        return queries.findings(session, number)


def rules(committee: Committee, number: int) -> set[str]:
    return {f.rule for f in found(committee, number)}


def of_rule(committee: Committee, number: int, rule: str) -> list[Finding]:
    return [f for f in found(committee, number) if f.rule == rule]


def refused(committee: Committee, number: int) -> list[str]:
    with pytest.raises(NeedsConfirmation) as asked:
        actions.submit_for_review(committee.engine, submission_id=number, actor=SARA)
    return asked.value.suggestions


def priced(count: int, price: float | None = 5.0, **more: Any) -> list[dict[str, Any]]:
    held = {} if price is None else {"price": price}
    return [{"code": f"c{i:03}", "title_fa": f"عنوان {i}", "properties": held, **more} for i in range(count)]


# --- columns ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bad", [None, 0, 0.0], ids=["blank", "zero", "0.0"])
def test_a_column_that_the_list_empties_wants_the_figure_confirmed(committee: Committee, bad: float | None) -> None:
    committee.publish(ListOf("RVU3", priced(30)))
    number = committee.draft(workbook(ListOf("RVU3", priced(30, bad))))
    assert refused(committee, number) == ["emptied:RVU3:price=30"]
    committee.approve(number, confirm=("emptied:RVU3:price=30",))


def test_nine_tenths_emptied_are_told_and_half_are_not(committee: Committee) -> None:
    committee.publish(ListOf("RVU3", priced(40)))
    nearly = priced(3) + priced(40, None)[3:]
    assert refused(committee, committee.draft(workbook(ListOf("RVU3", nearly)))) == ["emptied:RVU3:price=37"]
    half = priced(20) + priced(40, None)[20:]
    assert rules(committee, committee.draft(workbook(ListOf("RVU3", half)))) == set()


def test_titles_that_a_list_no_longer_gives_are_told(committee: Committee) -> None:
    committee.publish(ListOf("RVU3", priced(30, title_en="title")))
    number = committee.draft(workbook(ListOf("RVU3", priced(30))))
    assert refused(committee, number) == ["emptied:RVU3:title_en=30"]


def test_a_column_that_was_always_sparse_or_empty_is_not_told(committee: Committee) -> None:
    rows = priced(50, None)
    rows[0]["properties"] = {"note": "یادداشت"}
    committee.publish(ListOf("RVU3", rows))
    again = priced(51, None)
    again[0]["properties"] = {"note": "یادداشت دیگر"}
    assert rules(committee, committee.draft(workbook(ListOf("RVU3", again)))) == set()


def test_new_codes_without_a_value_empty_nothing(committee: Committee) -> None:
    committee.publish(ListOf("RVU3", priced(2)))
    rows = priced(2) + priced(60, None)[2:]
    assert rules(committee, committee.draft(workbook(ListOf("RVU3", rows)))) == set()


@pytest.mark.parametrize("word", ["-", "0.00", "ندارد", "N/A", "نامشخص"])
def test_a_column_filled_with_a_word_for_nothing_is_emptied(committee: Committee, word: str) -> None:
    rows = [{"code": f"c{i}", "title_fa": f"عنوان {i}", "properties": {"unit": f"u{i}"}} for i in range(30)]
    committee.publish(ListOf("RVU3", rows))
    emptied = [{**row, "properties": {"unit": word}} for row in rows]
    assert refused(committee, committee.draft(workbook(ListOf("RVU3", emptied)))) == ["emptied:RVU3:unit=30"]


def test_a_word_for_nothing_beside_a_column_of_numbers_fills_it_as_little(committee: Committee) -> None:
    """Importers keep what is no number as a text beside the field."""
    committee.publish(ListOf("RVU3", priced(30)))
    emptied = [{**row, "properties": {"price_text": "ندارد"}} for row in priced(30)]
    assert "emptied:RVU3:price=30" in refused(committee, committee.draft(workbook(ListOf("RVU3", emptied))))


def test_successors_that_a_list_of_retired_codes_no_longer_gives_are_told(committee: Committee) -> None:
    gone = [{"code": f"g{i}", "title_fa": f"کهنه {i}", "status": "retired", "replaced_by": "c000"} for i in range(20)]
    committee.publish(ListOf("IRC", [*priced(20), *gone]))
    bare = [{name: value for name, value in row.items() if name != "replaced_by"} for row in gone]
    number = committee.draft(workbook(ListOf("IRC", [*priced(20), *bare])))
    assert refused(committee, number) == ["emptied:IRC:replaced_by=20"]
    assert rules(committee, committee.draft(workbook(ListOf("IRC", priced(20))))) == set()  # they stay as they are


def paired(count: int, relationship: str | None = "narrower", **properties: Any) -> list[dict[str, Any]]:
    said = {} if relationship is None else {"relationship": relationship}
    return [{"source": f"a{i}", "target": f"r{i}", **said, "properties": properties} for i in range(count)]


@pytest.mark.parametrize("bad", [{}, {"group": 0}, {"group": "-"}, {"group": "ندارد"}], ids=str)
def test_a_column_of_a_map_that_the_list_empties_wants_the_figure_confirmed(
    committee: Committee, bad: dict[str, Any]
) -> None:
    committee.publish(ListOf("LNC→RVU3", paired(30, group="g1")))
    number = committee.draft(workbook(ListOf("LNC→RVU3", paired(30, **bad))))
    assert refused(committee, number) == ["emptied:LNC→RVU3:group=30"]
    committee.approve(number, confirm=("emptied:LNC→RVU3:group=30",))


def test_relationships_that_a_full_list_of_a_map_no_longer_gives_are_told(committee: Committee) -> None:
    committee.publish(ListOf("LNC→RVU3", [*paired(30, group="g1"), {"source": "x", "target": "y"}]))
    bare = [*paired(30, None, group="g1"), {"source": "x", "target": "y"}]
    number = committee.draft(workbook(ListOf("LNC→RVU3", bare)))
    assert refused(committee, number) == ["emptied:LNC→RVU3:relationship=30"]
    [told] = of_rule(committee, number, "emptied-column")
    assert "30 of the pairs" in told.message_en
    assert "would become “equivalent”" in told.message_en


def test_pairs_that_were_all_equivalent_lose_no_relationship(committee: Committee) -> None:
    committee.publish(ListOf("LNC→RVU3", paired(30, None, group="g1")))
    assert rules(committee, committee.draft(workbook(ListOf("LNC→RVU3", paired(31, None, group="g1"))))) == set()


# --- confirming ---------------------------------------------------------------------------------------------------

HALF = {"min_rows": 0, "max_retired_share": 0.1, "max_changed_share": 1.0, "max_added_share": 1.0}


def half_and_emptied(committee: Committee) -> int:
    """A draft that retires ten codes of thirty, and empties the prices of the rest."""
    committee.publish(ListOf("RVU3", priced(30)))
    return committee.draft(workbook(ListOf("RVU3", priced(20, None), expected=HALF)))


def test_a_wrong_figure_is_answered_with_the_right_one(committee: Committee) -> None:
    number = half_and_emptied(committee)
    with pytest.raises(BadParameter, match="is 10 now, not 9") as told:
        actions.submit_for_review(committee.engine, submission_id=number, actor=SARA, confirm=("retired:RVU3=9",))
    assert told.value.suggestions == ["retired:RVU3=10"]
    with pytest.raises(BadParameter, match="nothing called 'retired:LNC=10'"):
        actions.submit_for_review(committee.engine, submission_id=number, actor=SARA, confirm=("retired:LNC=10",))


def test_figures_may_be_confirmed_one_after_the_other(committee: Committee) -> None:
    number = half_and_emptied(committee)
    both = refused(committee, number)
    assert both == ["emptied:RVU3:price=20", "retired:RVU3=10"]
    for given, left in (((both[0],), [both[1]]), ((), [both[1]])):
        with pytest.raises(NeedsConfirmation) as asked:
            actions.submit_for_review(committee.engine, submission_id=number, actor=SARA, confirm=given)
        assert asked.value.suggestions == left
    committee.approve(number, confirm=(both[1],))


def test_of_a_right_figure_and_a_wrong_one_neither_is_noted(committee: Committee) -> None:
    number = half_and_emptied(committee)
    both = refused(committee, number)
    with pytest.raises(BadParameter):
        actions.submit_for_review(
            committee.engine, submission_id=number, actor=SARA, confirm=(both[0], "retired:RVU3=1")
        )
    assert refused(committee, number) == both
    assert committee.scalar("SELECT count(*) FROM audit_event WHERE action = 'confirm'") == 0


def test_a_figure_that_was_confirmed_is_asked_anew_when_the_base_has_moved_though_it_is_the_same(
    committee: Committee,
) -> None:
    number = half_and_emptied(committee)
    actions.submit_for_review(committee.engine, submission_id=number, actor=SARA, confirm=refused(committee, number))
    changed = [{**priced(21)[20], "title_fa": "عنوان دیگر"}]
    committee.publish(ListOf("RVU3", changed), scope="amendment")
    with pytest.raises(BaseMoved):
        actions.approve_submission(committee.engine, submission_id=number, actor=MINA, confirm=("retired:RVU3=10",))
    with pytest.raises(NeedsConfirmation) as asked:
        actions.approve_submission(committee.engine, submission_id=number, actor=MINA)
    assert asked.value.suggestions == ["emptied:RVU3:price=20", "retired:RVU3=10"]
    actions.approve_submission(committee.engine, submission_id=number, actor=MINA, confirm=asked.value.suggestions)


@pytest.mark.parametrize("given", ["retired:LNC->RVU3=3", "retired:lnc--rvu3=۳", " retired:LNC→RVU3 = 3 "])
def test_the_name_of_a_map_may_be_typed_in_a_shell(committee: Committee, given: str) -> None:
    committee.publish(ListOf("LNC→RVU3", paired(4, group="g1")))
    number = committee.draft(workbook(ListOf("LNC→RVU3", paired(1, group="g1"), expected=HALF)))
    committee.approve(number, confirm=(given,))


# --- another list -------------------------------------------------------------------------------------------------


def test_a_list_of_other_codes_is_recognised_by_them_and_said_where_they_are_known(committee: Committee) -> None:
    committee.publish(ListOf("LNC", [{"code": f"g{i}", "title_fa": f"ژن {i}"} for i in range(30)], part="genetics"))
    committee.publish(ListOf("LNC", [{"code": f"c{i}", "title_fa": f"بالینی {i}"} for i in range(30)], part="clinical"))
    wrong = [{"code": f"g{i}", "title_fa": f"ژن {i}"} for i in range(30)]
    wrong[0]["code"] = "c0"
    number = committee.draft(workbook(ListOf("LNC", wrong, part="clinical")))
    [told] = of_rule(committee, number, "other-list")
    assert told.confirm == "other-list:LNC/clinical=1"
    assert "29 in LNC/genetics" in told.message_en


def test_an_amendment_of_new_codes_is_no_other_list(committee: Committee) -> None:
    committee.publish(ListOf("LNC", [{"code": f"c{i}", "title_fa": f"بالینی {i}"} for i in range(30)]))
    new = [{"code": f"n{i}", "title_fa": f"تازه {i}"} for i in range(30)]
    assert rules(committee, committee.draft(workbook(ListOf("LNC", new)), scope="amendment")) == set()


@pytest.mark.parametrize(
    ("given", "near"), [("LCN", "LNC"), ("ICD-10-FA", "ICD10-FA"), ("lab.ward-Type", "lab.wardType")]
)
def test_a_terminology_that_is_almost_another_one_is_asked_about(committee: Committee, given: str, near: str) -> None:
    committee.publish(ListOf(near, codes(a="آ")))
    number = committee.draft(workbook(ListOf(given, codes(a="آ"))))
    assert refused(committee, number) == [f"new:{given}"]
    [told] = of_rule(committee, number, "near-terminology")
    assert near in told.message_fa
    pairs = committee.draft(workbook(ListOf(f"{given}→{near}", [{"source": "a", "target": "a"}])))
    assert refused(committee, pairs) == [f"new:{given}"]


def test_a_terminology_unlike_any_other_needs_no_word(committee: Committee) -> None:
    committee.publish(ListOf("LNC", codes(a="آ")))
    committee.publish(ListOf("UCUM", codes(a="آ")))
    committee.publish(ListOf("LNC", codes(a="آ", b="ب")))


# --- references ---------------------------------------------------------------------------------------------------


def concept(code: str, **more: Any) -> dict[str, Any]:
    return {"code": code, "title_fa": f"عنوان {code}", **more}


def test_parents_that_are_missing_retired_or_lead_back_are_told(committee: Committee) -> None:
    rows = [
        concept("A"), concept("A00", parent="A"), concept("B00", parent="B"), concept("C", status="retired"),
        concept("C00", parent="C"), concept("X", parent="Y"), concept("Y", parent="Z"), concept("Z", parent="X"),
        concept("S", parent="S"),
    ]  # fmt: skip
    number = committee.draft(workbook(ListOf("ICD10", rows)))
    told = {(f.rule, f.value) for f in found(committee, number)}
    assert told == {
        ("unknown-parent", "B00"), ("retired-parent", "C00"), ("parent-circle", "X"), ("parent-circle", "S"),
    }  # fmt: skip
    [circle] = [f for f in of_rule(committee, number, "parent-circle") if f.value == "X"]
    assert "X → Y → Z → X" in circle.message_en
    assert circle.row == 7
    with pytest.raises(HasErrors):
        actions.submit_for_review(committee.engine, submission_id=number, actor=SARA)


def test_a_parent_may_stand_in_another_part(committee: Committee) -> None:
    committee.publish(ListOf("ICD10", [concept("A")], part="chapters"))
    number = committee.draft(workbook(ListOf("ICD10", [concept("A00", parent="A")], part="codes")))
    assert rules(committee, number) == set()


def test_a_full_list_that_retires_the_parent_of_another_part_is_told(committee: Committee) -> None:
    committee.publish(ListOf("ICD10", [concept("A"), concept("B")], part="chapters"))
    committee.publish(ListOf("ICD10", [concept("A00", parent="A")], part="codes"))
    number = committee.draft(workbook(ListOf("ICD10", [concept("B")], part="chapters")))
    [told] = found(committee, number)
    assert (told.rule, told.value, told.row) == ("retired-parent", None, None) or told.value == "A00"


def test_a_successor_must_exist_and_not_lead_back(committee: Committee) -> None:
    rows = [
        concept("old", status="retired", replaced_by="new"), concept("new"),
        concept("lost", status="retired", replaced_by="nowhere"),
        concept("a", status="retired", replaced_by="b"), concept("b", status="retired", replaced_by="a"),
        concept("c", status="retired", replaced_by="d"), concept("d", status="retired", replaced_by="e"),
        concept("e", status="retired"), concept("into", status="retired", replaced_by="a"),
    ]  # fmt: skip
    number = committee.draft(workbook(ListOf("IRC", rows)))
    assert {(f.rule, f.severity, f.value) for f in found(committee, number)} == {
        ("unknown-successor", "error", "lost"), ("successor-circle", "error", "a"),
        ("retired-successor", "warning", "c"), ("retired-successor", "warning", "d"),
    }  # fmt: skip


def test_an_amendment_that_retires_the_successor_of_an_earlier_code_is_told(committee: Committee) -> None:
    committee.publish(ListOf("IRC", [concept("old", status="retired", replaced_by="new"), concept("new")]))
    number = committee.draft(workbook(ListOf("IRC", [concept("new", status="retired")])), scope="amendment")
    assert [(f.rule, f.value) for f in found(committee, number)] == [("retired-successor", "old")]
    chained = [concept("new", status="retired", replaced_by="newer"), concept("newer")]
    assert rules(committee, committee.draft(workbook(ListOf("IRC", chained)), scope="amendment")) == set()


def test_successors_over_two_submissions_may_not_lead_back(committee: Committee) -> None:
    committee.publish(ListOf("IRC", [concept("a"), concept("b"), concept("c")]))
    steps = [concept(one, status="retired", replaced_by=other) for one, other in (("a", "b"), ("b", "c"), ("c", "a"))]
    drafts = [committee.draft(workbook(ListOf("IRC", [step])), scope="amendment") for step in steps]
    assert [rules(committee, one) & {"successor-circle"} for one in drafts] == [set()] * 3
    for number in drafts[:2]:
        committee.approve(number)
        actions.publish_submission(committee.engine, submission_id=number, actor=MINA)
    with pytest.raises(HasErrors):
        committee.approve(drafts[2])
    [told] = of_rule(committee, drafts[2], "successor-circle")
    assert "c → a → b → c" in told.message_en


def test_parents_over_the_edition_and_a_draft_may_not_lead_back(committee: Committee) -> None:
    committee.publish(ListOf("ICD10", [concept("A"), concept("B", parent="A")], part="chapters"))
    number = committee.draft(workbook(ListOf("ICD10", [concept("A", parent="B")], part="chapters")), scope="amendment")
    [told] = of_rule(committee, number, "parent-circle")
    assert "A → B → A" in told.message_en


def test_an_active_code_with_a_successor_is_told(committee: Committee) -> None:
    rows = [concept("old", status="active", replaced_by="new"), concept("new")]
    assert rules(committee, committee.draft(workbook(ListOf("IRC", rows)))) == {"active-with-successor"}


@pytest.mark.parametrize(
    ("leads", "circles"),
    [
        ({}, []),
        ({"a": "b", "b": "c"}, []),
        ({"a": "a"}, [["a"]]),
        ({"x": "a", "a": "b", "b": "a", "y": "x"}, [["a", "b"]]),
        ({"a": "b", "b": "a", "c": "d", "d": "c"}, [["a", "b"], ["c", "d"]]),
    ],
)
def test_circles_are_found_each_once(leads: dict[str, str], circles: list[list[str]]) -> None:
    assert circles_of(leads) == circles


def test_a_chain_of_fifty_thousand_codes_is_no_matter(committee: Committee) -> None:
    leads = {str(i): str(i + 1) for i in range(50_000)}
    assert circles_of(leads) == []
    assert circles_of({**leads, "50000": "25000"})[0][0] == "25000"


# --- titles -------------------------------------------------------------------------------------------------------


def many(count: int, **titles: str) -> list[dict[str, Any]]:
    rows = [{"code": f"c{i:04}", "title_fa": f"عنوان {i}"} for i in range(count)]
    return [{**row, "title_fa": titles.get(str(row["code"]), row["title_fa"])} for row in rows]


def test_one_title_on_many_codes_is_told_whatever_its_spelling(committee: Committee) -> None:
    rows = many(200, c0003="قرص كدئين", c0007="قرص کدئین", c0009="قرص‌کدئین ")
    number = committee.draft(workbook(ListOf("LNC", rows)))
    [told] = found(committee, number)
    assert (told.rule, told.severity, told.value) == ("same-title", "warning", "c0003")
    assert "c0003, c0007, c0009" in told.message_en


def test_titles_that_were_shared_before_are_not_told_again_but_new_ones_are(committee: Committee) -> None:
    committee.publish(ListOf("LNC", many(200, c0003="یکی", c0007="یکی")))
    number = committee.draft(workbook(ListOf("LNC", many(201, c0003="یکی", c0007="یکی"))))
    assert rules(committee, number) == set()
    number = committee.draft(workbook(ListOf("LNC", many(201, c0003="یکی", c0007="یکی", c0008="یکی"))))
    assert rules(committee, number) == {"same-title"}


def test_where_codes_share_titles_by_habit_one_figure_is_told(committee: Committee) -> None:
    products = [{"code": f"{i:016}", "title_fa": f"قرص {i // 4}"} for i in range(100)]
    number = committee.draft(workbook(ListOf("IRC", products)))
    [told] = found(committee, number)
    assert (told.rule, told.severity) == ("titles-shared", "info")
    assert "100 of 100" in told.message_en
    committee.approve(number)
    actions.publish_submission(committee.engine, submission_id=number, actor=MINA)
    more = [*products, {"code": "9" * 16, "title_fa": "قرص 0"}]
    assert rules(committee, committee.draft(workbook(ListOf("IRC", more)))) == {"titles-shared"}


def test_an_amendment_is_held_against_the_titles_that_stay(committee: Committee) -> None:
    committee.publish(ListOf("LNC", many(200)))
    number = committee.draft(workbook(ListOf("LNC", [{"code": "new", "title_fa": "عنوان 5"}])), scope="amendment")
    [told] = found(committee, number)
    assert told.rule == "same-title"
    assert "c0005, new" in told.message_en


# --- maps ---------------------------------------------------------------------------------------------------------


def test_a_pair_to_a_code_that_the_same_submission_retires_leads_nowhere(committee: Committee) -> None:
    committee.publish(ListOf("RVU3", codes(r="ر", s="س")))
    number = committee.draft(
        workbook(
            ListOf("LNC", codes(a="آ")), ListOf("RVU3", codes(s="س")),
            ListOf("LNC→RVU3", [{"source": "a", "target": "r"}, {"source": "x", "target": "s"}]),
        )
    )  # fmt: skip
    assert {(f.rule, f.value) for f in found(committee, number)} == {
        ("unknown-map-target", "r"), ("unknown-map-source", "x"),
    }  # fmt: skip


def test_a_full_list_without_a_pair_empties_its_part_of_the_map_when_confirmed(committee: Committee) -> None:
    pairs = [{"source": "a", "target": "r"}, {"source": "b", "target": "r"}]
    size = {"min_rows": 1, "max_retired_share": 0.5}
    committee.publish(ListOf("LNC", codes(a="آ", b="ب")), ListOf("LNC→RVU3", pairs, part="clinical"))
    book = workbook(ListOf("LNC", codes(a="آ", b="ب")), ListOf("LNC→RVU3", [], part="clinical", expected=size))
    number = committee.draft(book)
    assert refused(committee, number) == ["retired:LNC→RVU3/clinical=2"]
    committee.approve(number, confirm=("retired:LNC→RVU3/clinical=2",))
    actions.publish_submission(committee.engine, submission_id=number, actor=MINA)
    committee.project()
    entry = committee.shelf.catalogue().terminology("LNC→RVU3", kind="map")
    assert entry.current.active_count == 0
    committee.check_invariants()


def test_an_empty_map_that_never_was_makes_no_map(committee: Committee) -> None:
    committee.publish(ListOf("LNC", codes(a="آ")), ListOf("LNC→RVU3", []))
    assert committee.scalar("SELECT count(*) FROM terminology") == 1


# --- findings are counted, never dropped ---------------------------------------------------------------------------


def test_what_is_not_listed_one_by_one_is_counted(committee: Committee) -> None:
    committee.publish(ListOf("RVU3", codes(r="ر")))
    pairs = [{"source": "a", "target": f"nowhere{i}"} for i in range(SHOWN + 50)]
    number = committee.draft(workbook(ListOf("LNC", codes(a="آ")), ListOf("LNC→RVU3", pairs)))
    told = of_rule(committee, number, "unknown-map-target")
    assert len(told) == SHOWN + 1
    assert (told[-1].cases, told[-1].message_en) == (50, "And 50 more like this.")
    with transaction(committee.engine) as session:
        assert queries.finding_counts(session, number) == [("warning", "unknown-map-target", SHOWN + 50)]


@pytest.mark.parametrize("rule", sorted(RULES))
def test_every_rule_is_documented_and_speaks_both_languages(rule: str) -> None:
    declared = RULES[rule]
    fields = {name for name, _ in re.findall(r"{(\w+)(:[^}]*)?}", declared.en.replace("!r", ""))}
    persian = {name for name, _ in re.findall(r"{(\w+)(:[^}]*)?}", declared.fa)}
    assert {n.removesuffix("_en") for n in fields} == {n.removesuffix("_fa") for n in persian} - {"subject"}
    assert re.search("[\u0600-\u06ff]", declared.fa)
    assert not re.search("[\u0600-\u06ff]", declared.en)
    assert f"| `{rule}` | {declared.severity} |" in (PROJECT / "docs/findings.md").read_text()
