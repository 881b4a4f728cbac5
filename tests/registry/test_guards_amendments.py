"""Amendments change only what they name: codes, and columns."""

from __future__ import annotations

import random
from typing import Any

import orjson
import pytest
from sqlalchemy import text

from maxa.errors import WrongState
from maxa.registry import actions, queries
from maxa.registry.decision_file import Decision
from maxa.registry.models import Finding
from maxa.registry.transaction import transaction
from tests.lists import MINA, SARA, Committee, ListOf, codes, workbook

FULL = [
    {"code": "a", "title_fa": "آ", "title_en": "A", "parent": "g", "properties": {"price": 5, "unit": "mg"}},
    {"code": "b", "title_fa": "ب", "title_en": "B", "parent": "g", "properties": {"price": 7, "unit": "g"}},
    {"code": "g", "title_fa": "گ"},
]


def amend(committee: Committee, *rows: dict[str, Any], **more: Any) -> int:
    return committee.draft(workbook(ListOf("IRC", list(rows))), scope="amendment", **more)


def publish(committee: Committee, number: int) -> None:
    committee.approve(number)
    actions.publish_submission(committee.engine, submission_id=number, actor=MINA)
    committee.project()


def found(committee: Committee, number: int) -> list[Finding]:
    with transaction(committee.engine) as session:
        return queries.findings(session, number)


def row_of(committee: Committee, code: str) -> Any:
    with committee.engine.connect() as connection:
        sql = text("SELECT * FROM concept WHERE code = :code AND until IS NULL")
        return connection.execute(sql, {"code": code}).one()


def test_columns_that_an_amendment_lacks_stay_as_they_are(committee: Committee) -> None:
    committee.publish(ListOf("IRC", FULL))
    number = amend(committee, {"code": "a", "title_fa": "آی تازه", "properties": {"price": 6}})
    [told] = found(committee, number)
    assert (told.rule, told.severity, told.sheet) == ("fields-kept", "info", "۱")
    assert "parent, title_en, unit" in told.message_en
    publish(committee, number)
    row = row_of(committee, "a")
    assert (row.title_fa, row.title_en, row.parent) == ("آی تازه", "A", "g")
    assert row.properties == {"price": 6, "unit": "mg"}
    assert row_of(committee, "b").properties == {"price": 7, "unit": "g"}
    committee.check_invariants()


def test_a_cell_left_empty_in_a_column_that_is_used_empties_the_value(committee: Committee) -> None:
    committee.publish(ListOf("IRC", FULL))
    publish(committee, amend(committee, {"code": "a", "title_fa": "آ", "properties": {"unit": "µg"}},
                             {"code": "b", "title_fa": "ب", "properties": {"price": 8}}))  # fmt: skip
    assert row_of(committee, "a").properties == {"unit": "µg"}
    assert row_of(committee, "b").properties == {"price": 8}


def test_what_was_no_number_beside_a_field_goes_with_the_field(committee: Committee) -> None:
    committee.publish(ListOf("IRC", [{"code": "a", "title_fa": "آ", "properties": {"price_text": "طبق پرونده"}}]))
    publish(committee, amend(committee, {"code": "a", "title_fa": "آ", "properties": {"price": 8}}))
    assert row_of(committee, "a").properties == {"price": 8}


def test_old_product_retires_in_favour_of_the_new_one(committee: Committee) -> None:
    committee.publish(ListOf("IRC", FULL))
    number = amend(
        committee, {"code": "a", "title_fa": "آ", "status": "retired", "replaced_by": "a2"},
        {"code": "a2", "title_fa": "آ", "title_en": "A"},
    )  # fmt: skip
    publish(committee, number)
    row = row_of(committee, "a")
    assert (row.status, row.replaced_by, row.properties) == ("retired", "a2", {"price": 5, "unit": "mg"})
    release = committee.shelf.release(committee.shelf.catalogue().terminology("IRC").current)
    concept = release.concept("a")
    assert concept is not None
    assert concept.replaced_by == "a2"


def test_a_code_brought_back_is_told_and_loses_its_successor(committee: Committee) -> None:
    committee.publish(ListOf("IRC", [{"code": "a", "title_fa": "آ", "status": "retired", "replaced_by": "b"}, FULL[1],
                                     FULL[2]]))  # fmt: skip
    number = amend(committee, {"code": "a", "title_fa": "آ"})
    assert [f.rule for f in found(committee, number)] == ["code-restored"]
    publish(committee, number)
    row = row_of(committee, "a")
    assert (row.status, row.replaced_by) == ("active", None)


def test_a_row_that_would_change_nothing_is_told_and_does_not_stand_in_the_way(committee: Committee) -> None:
    committee.publish(ListOf("IRC", FULL))
    number = amend(committee, {"code": "a", "title_fa": "آ"}, {"code": "b", "title_fa": "بی"})
    told = {f.rule: f for f in found(committee, number)}
    assert told.keys() == {"fields-kept", "row-changes-nothing"}
    assert told["row-changes-nothing"].value == "a"
    publish(committee, number)
    assert committee.scalar("SELECT changed FROM release ORDER BY id DESC LIMIT 1") == 1


def test_a_moved_base_gives_its_own_values_to_what_the_amendment_does_not_name(committee: Committee) -> None:
    committee.publish(ListOf("IRC", FULL))
    number = amend(committee, {"code": "a", "title_fa": "آی تازه", "properties": {"unit": "µg"}})
    other = amend(committee, {"code": "a", "title_fa": "آ", "properties": {"price": 99}})
    publish(committee, other)
    before = committee.scalar("SELECT content_digest FROM submission WHERE id = :id", id=number)
    actions.submit_for_review(committee.engine, submission_id=number, actor=SARA)
    assert committee.scalar("SELECT content_digest FROM submission WHERE id = :id", id=number) != before
    actions.approve_submission(committee.engine, submission_id=number, actor=MINA)
    actions.publish_submission(committee.engine, submission_id=number, actor=MINA)
    committee.project()
    assert row_of(committee, "a").properties == {"price": 99, "unit": "µg"}
    committee.check_invariants()


def test_each_sheet_speaks_for_itself(committee: Committee) -> None:
    committee.publish(ListOf("IRC", FULL))
    publish(
        committee,
        amend(
            committee, {"code": "a", "title_fa": "آ", "sheet": "قیمت", "properties": {"price": 1}},
            {"code": "b", "title_fa": "ب", "sheet": "واحد", "properties": {"unit": "kg"}},
        ),
    )  # fmt: skip
    assert row_of(committee, "a").properties == {"price": 1, "unit": "mg"}
    assert row_of(committee, "b").properties == {"price": 7, "unit": "kg"}


def test_the_hash_of_a_row_with_kept_values_is_that_of_the_same_row_in_a_list(committee: Committee) -> None:
    """Else the next full list would count it as changed."""
    committee.publish(ListOf("IRC", FULL))
    publish(committee, amend(committee, {"code": "a", "title_fa": "آی تازه"}))
    full = orjson.loads(orjson.dumps(FULL))
    full[0]["title_fa"] = "آی تازه"
    random.Random(1).shuffle(full)
    with pytest.raises(WrongState, match="changes nothing"):
        publish(committee, committee.draft(workbook(ListOf("IRC", full))))


def test_an_amendment_carries_no_empty_map(committee: Committee) -> None:
    committee.publish(ListOf("LNC", codes(a="آ")), ListOf("LNC→RVU3", [{"source": "a", "target": "r"}]))
    number = committee.draft(
        workbook(ListOf("LNC", codes(b="ب")), ListOf("LNC→RVU3", [])), scope="amendment"
    )  # fmt: skip
    publish(committee, number)
    assert committee.scalar("SELECT count(*) FROM mapping WHERE until IS NULL AND status = 'active'") == 1


# --- how much an amendment changes ----------------------------------------------------------------------------------

USUAL = {"min_rows": 1, "max_retired_share": 0.05, "max_changed_share": 0.30, "max_added_share": 0.10}


def numbered(count: int, title: str = "عنوان", first: int = 0, **more: Any) -> list[dict[str, Any]]:
    return [{"code": f"{i:05}", "title_fa": f"{title} {i}", **more} for i in range(first, first + count)]


def amended(committee: Committee, rows: list[dict[str, Any]], terminology: str = "IRC") -> list[str | None]:
    """What an amendment of these rows wants confirmed."""
    number = committee.draft(workbook(ListOf(terminology, rows, expected=USUAL)), scope="amendment")
    return sorted(f.confirm for f in found(committee, number) if f.confirm)


def test_an_amendment_that_changes_an_unusual_share_wants_the_figure_confirmed(committee: Committee) -> None:
    committee.publish(ListOf("IRC", numbered(100)))
    assert amended(committee, numbered(31, "دیگر")) == ["changed:IRC=31"]
    assert amended(committee, numbered(30, "دیگر")) == []
    assert amended(committee, numbered(20, status="retired")) == ["retired:IRC=20"]
    assert amended(committee, numbered(40)) == []  # changes nothing


def test_an_amendment_of_a_few_codes_of_a_short_list_is_no_matter(committee: Committee) -> None:
    committee.publish(ListOf("IRC", numbered(12)))
    assert amended(committee, numbered(5, "دیگر")) == []
    assert amended(committee, numbered(3, status="retired")) == []
    assert amended(committee, numbered(7, "دیگر")) == ["changed:IRC=7"]


def test_an_amendment_that_lets_a_list_grow_as_it_never_did_wants_the_figure_confirmed(committee: Committee) -> None:
    committee.publish(ListOf("IRC", numbered(200)))
    assert amended(committee, numbered(20, "تازه", 500)) == []
    assert amended(committee, numbered(21, "تازه", 500)) == ["added:IRC=21"]
    committee.publish(ListOf("RVU3", [*numbered(20), *numbered(30, first=100, status="retired")]))
    assert amended(committee, numbered(30, first=100), "RVU3") == ["added:RVU3=30"]


def test_a_pair_or_two_more_are_no_growth(committee: Committee) -> None:
    committee.publish(ListOf("LNC→RVU3", [{"source": str(i), "target": "r"} for i in range(10)]))
    assert amended(committee, [{"source": f"n{i}", "target": "r"} for i in range(5)], "LNC→RVU3") == []
    assert amended(committee, [{"source": f"n{i}", "target": "r"} for i in range(40)], "LNC→RVU3") == [
        "added:LNC→RVU3=40"
    ]


def test_an_amendment_of_codes_that_another_list_has_is_asked_about(committee: Committee) -> None:
    committee.publish(ListOf("IRC", numbered(100)))
    committee.publish(ListOf("RVU3", numbered(100, "خدمت", 700)))
    assert amended(committee, numbered(4, "خدمت", 700)) == ["other-list:IRC=0"]
    number = committee.draft(workbook(ListOf("IRC", numbered(4, "خدمت", 700), expected=USUAL)), scope="amendment")
    [told] = found(committee, number)
    assert "4 in RVU3" in told.message_en


def test_codes_that_are_the_same_numbers_in_another_value_set_are_no_other_list(committee: Committee) -> None:
    committee.publish(ListOf("IRC", numbered(10)))
    committee.publish(ListOf("RVU3", numbered(30, "خدمت")))
    assert amended(committee, numbered(8, "تازه", 10)) == []


# --- maps ---------------------------------------------------------------------------------------------------------

PAIRS = [
    {"source": "a", "target": "r", "relationship": "narrower", "properties": {"group": "g1", "insurer": "تأمین"}},
    {"source": "b", "target": "s", "relationship": "broader", "properties": {"group": "g2"}},
]


def amend_map(committee: Committee, *rows: dict[str, Any], part: str = "") -> int:
    return committee.draft(workbook(ListOf("LNC→RVU3", list(rows), part=part)), scope="amendment")


def pair_of(committee: Committee, source: str) -> Any:
    with committee.engine.connect() as connection:
        sql = text("SELECT * FROM mapping WHERE source_code = :code AND until IS NULL")
        return connection.execute(sql, {"code": source}).one()


def test_an_amendment_of_a_map_leaves_the_properties_and_the_relationship_that_it_lacks(committee: Committee) -> None:
    committee.publish(ListOf("LNC→RVU3", PAIRS))
    number = amend_map(committee, {"source": "a", "target": "r", "properties": {"group": "g9"}},
                       {"source": "c", "target": "r", "properties": {"group": "g3"}})  # fmt: skip
    [told] = found(committee, number)
    assert (told.rule, told.sheet) == ("fields-kept", "۱")
    assert "insurer, relationship" in told.message_en
    publish(committee, number)
    row = pair_of(committee, "a")
    assert (row.relationship, row.properties) == ("narrower", {"group": "g9", "insurer": "تأمین"})
    assert pair_of(committee, "b").relationship == "broader"
    row = pair_of(committee, "c")
    assert (row.relationship, row.properties) == ("equivalent", {"group": "g3"})
    committee.check_invariants()


def test_a_relationship_that_an_amendment_gives_is_taken(committee: Committee) -> None:
    committee.publish(ListOf("LNC→RVU3", PAIRS))
    publish(committee, amend_map(committee, {"source": "a", "target": "r", "relationship": "equivalent"}))
    row = pair_of(committee, "a")
    assert (row.relationship, row.properties) == ("equivalent", PAIRS[0]["properties"])


def test_a_sheet_without_relationships_beside_one_that_has_them_keeps_them(committee: Committee) -> None:
    committee.publish(ListOf("LNC→RVU3", PAIRS))
    publish(committee, amend_map(committee, {"source": "a", "target": "r", "properties": {"group": "g9"}, "sheet": "گروه"},
                                 {"source": "b", "target": "s", "relationship": "related", "sheet": "ارتباط"}))  # fmt: skip
    assert pair_of(committee, "a").relationship == "narrower"
    assert pair_of(committee, "b").relationship == "related"


def test_a_pair_that_an_amendment_only_retires_keeps_what_it_said(committee: Committee) -> None:
    committee.publish(ListOf("LNC→RVU3", PAIRS))
    publish(committee, amend_map(committee, {"source": "a", "target": "r", "status": "retired"}))
    row = pair_of(committee, "a")
    assert (row.status, row.relationship, row.properties) == ("retired", "narrower", PAIRS[0]["properties"])


def test_a_pair_with_kept_values_is_the_same_pair_in_the_next_list(committee: Committee) -> None:
    committee.publish(ListOf("LNC→RVU3", PAIRS))
    publish(committee, amend_map(committee, {"source": "a", "target": "r", "properties": {"group": "g9"}}))
    full = orjson.loads(orjson.dumps(PAIRS))
    full[0]["properties"]["group"] = "g9"
    with pytest.raises(WrongState, match="changes nothing"):
        publish(committee, committee.draft(workbook(ListOf("LNC→RVU3", full))))


def test_a_moved_base_gives_its_own_relationship_to_a_pair(committee: Committee) -> None:
    committee.publish(ListOf("LNC→RVU3", PAIRS))
    number = amend_map(committee, {"source": "a", "target": "r", "properties": {"group": "g9"}})
    publish(committee, amend_map(committee, {"source": "a", "target": "r", "relationship": "related"}))
    publish(committee, number)
    row = pair_of(committee, "a")
    assert (row.relationship, row.properties["group"]) == ("related", "g9")
    committee.check_invariants()


def test_an_amendment_of_a_decided_map_keeps_what_the_lists_said_not_the_decision(committee: Committee) -> None:
    committee.publish(ListOf("LNC→RVU3", PAIRS))
    decided = actions.draft_decisions(
        committee.engine, actor=SARA, map_name="LNC→RVU3",
        decisions=[Decision("a", "r", "holds", "صورت‌جلسه", relationship="related")],
    ).submission_id  # fmt: skip
    publish(committee, decided)
    publish(committee, amend_map(committee, {"source": "a", "target": "r", "properties": {"group": "g9"}}))
    assert pair_of(committee, "a").relationship == "related"
    assert (
        committee.scalar("SELECT relationship FROM listed_mapping WHERE until IS NULL AND source_code = 'a'")
        == "narrower"
    )
    committee.check_invariants()
