"""Pairs that several parts of a map carry (docs/adr/0018-pairs-of-several-parts.md)."""

from __future__ import annotations

from typing import Any

from alembic import command
from sqlalchemy import text

from maxa.registry import actions, differences, queries
from maxa.registry.decision_file import Decision
from maxa.registry.engine import alembic_config
from maxa.registry.transaction import transaction
from tests.lists import MINA, SARA, Committee, ListOf, workbook

MAP = "LNC→RVU3"


def part(name: str, *pairs: str, terminology: str = MAP) -> ListOf:
    """``part("clinical", "a x", "b y broader")``: the list of a part, with relationships where they are not equivalent."""
    rows = []
    for pair in pairs:
        source, target, *more = pair.split()
        rows.append({"source": source, "target": target, "relationship": more[0] if more else "equivalent"})
    return ListOf(terminology, rows, part=name)


def served(committee: Committee) -> dict[str, str]:
    """What the sealed file of the current edition holds as active: ``{"a x": relationship}``."""
    entry = committee.shelf.catalogue().terminology(MAP, kind="map")
    release = committee.shelf.release(entry.current)
    sources = [f"{letter}{n}" for letter in "abc" for n in ("", *range(10))]
    return {f"{p.source} {p.target}": p.relationship for s in sources for p in release.targets(s) if p.active}


def listed(committee: Committee, table: str = "observed_mapping") -> dict[str, str]:
    with committee.engine.connect() as connection:
        rows = connection.execute(
            text(f"SELECT * FROM {table} WHERE until IS NULL AND status = 'active' ORDER BY part DESC")
        ).all()
    return {f"{r.source_code} {r.target_code}": r.relationship for r in rows}


def rules(committee: Committee, number: int) -> dict[str, str]:
    with transaction(committee.engine) as session:
        return {f.rule: f.message_en for f in queries.findings(session, number)}


def told(committee: Committee, number: int) -> list[tuple[str, str]]:
    """What the view of a draft says it would change: ``[(kind, "a x")]``."""
    with transaction(committee.engine) as session:
        submission = queries.submission_or_error(session, number)
        changes = differences.draft_changes(session, submission, differences.terminology_named(session, MAP))
        return [(c.kind, c.code.replace("\x1f", " ")) for c in changes]


def test_a_pair_of_two_parts_stays_while_one_of_them_lists_it(committee: Committee) -> None:
    committee.publish(part("clinical", "a x", "b y"))
    committee.publish(part("genetics", "a x", "c z"))
    committee.publish(part("genetics", "c z"))
    assert listed(committee, "mapping") == dict.fromkeys(["a x", "b y", "c z"], "equivalent")
    assert served(committee) == dict.fromkeys(["a x", "b y", "c z"], "equivalent")
    committee.publish(part("clinical", "b y"))
    assert served(committee) == dict.fromkeys(["b y", "c z"], "equivalent")
    committee.check_invariants()


def test_parts_with_nothing_in_common_are_kept_once(committee: Committee) -> None:
    committee.publish(part("clinical", "a x"), part("genetics", "c z"))
    committee.publish(part("clinical", "a x", "a y"))
    assert committee.scalar("SELECT count(*) FROM part_mapping") == 0
    committee.publish(part("genetics", "c z", "a x"))
    assert committee.scalar("SELECT count(*) FROM part_mapping WHERE until IS NULL") == 4


def test_both_parts_may_say_it_in_one_submission(committee: Committee) -> None:
    number = committee.draft(workbook(part("clinical", "a x", "b y"), part("genetics", "a x", "c z")))
    assert rules(committee, number) == {}
    assert told(committee, number) == [("added", "a x"), ("added", "b y"), ("added", "c z")]
    committee.approve(number)
    actions.publish_submission(committee.engine, submission_id=number, actor=MINA)
    committee.project()
    assert served(committee) == dict.fromkeys(["a x", "b y", "c z"], "equivalent")
    committee.check_invariants()


def test_twice_in_one_part_with_other_properties_is_an_error_still(committee: Committee) -> None:
    number = committee.draft(workbook(part("clinical", "a x", "a x broader")))
    assert "duplicate-pair" in rules(committee, number)


def test_where_parts_differ_the_first_by_name_holds_and_it_is_told(committee: Committee) -> None:
    committee.publish(part("genetics", "a x narrower"))
    number = committee.draft(workbook(part("clinical", "a x broader")))
    assert rules(committee, number) == {
        "pair-differs-in-part": "LNC→RVU3/genetics gives the pair a → x another relationship or other properties: what"
        " LNC→RVU3/clinical says is published."
    }
    assert told(committee, number) == [("changed", "a x")]
    committee.approve(number)
    actions.publish_submission(committee.engine, submission_id=number, actor=MINA)
    committee.project()
    assert served(committee) == {"a x": "broader"}
    committee.publish(part("genetics", "a x related"))
    assert served(committee) == {"a x": "broader"}, "not the one that wrote last"
    committee.publish(part("clinical"))
    assert served(committee) == {"a x": "related"}
    committee.check_invariants()


def test_what_a_list_would_retire_is_counted_within_its_part(committee: Committee) -> None:
    shares = {"min_rows": 0, "max_retired_share": 0.2, "max_changed_share": 1.0}
    both = [f"a{n} x" for n in range(10)]
    committee.publish(part("clinical", *both))
    committee.publish(part("genetics", *both))
    few = part("genetics", *both[:3])
    few.expected = shares
    number = committee.draft(workbook(few))
    assert "7 of 10 pairs" in rules(committee, number)["many-retired"]
    assert told(committee, number) == [], "the other part lists them all"


def test_an_amendment_retires_a_pair_in_its_part_only(committee: Committee) -> None:
    committee.publish(part("clinical", "a x"))
    committee.publish(part("genetics", "a x"))
    gone = ListOf(MAP, [{"source": "a", "target": "x", "status": "retired"}], part="clinical")
    committee.publish(gone, scope="amendment")
    assert served(committee) == {"a x": "equivalent"}
    committee.publish(ListOf(MAP, gone.rows, part="genetics"), scope="amendment")
    assert served(committee) == {}


def test_decisions_lie_over_the_union_of_the_parts(committee: Committee) -> None:
    committee.publish(part("clinical", "a x", "b y"))
    committee.publish(part("genetics", "a x related", "c z"))
    decide(committee, Decision("c", "z", "not", "چون"))
    assert listed(committee) == {"a x": "equivalent", "b y": "equivalent", "c z": "equivalent"}
    assert served(committee) == {"a x": "equivalent", "b y": "equivalent"}
    committee.publish(part("clinical", "b y"))
    assert listed(committee)["a x"] == "related"
    assert served(committee) == {"a x": "related", "b y": "equivalent"}
    committee.check_invariants()


def test_pairs_that_came_into_common_under_decisions_are_kept_by_part(committee: Committee) -> None:
    committee.publish(part("clinical", "a x", "b y"))
    decide(committee, Decision("b", "y", "holds", "چون", "broader", None))
    committee.publish(part("genetics", "a x", "b y related"))
    committee.publish(part("genetics", "b y related"))
    assert served(committee) == {"a x": "equivalent", "b y": "broader"}
    committee.check_invariants()


def test_an_empty_list_retires_what_its_part_alone_carries(committee: Committee) -> None:
    committee.publish(part("clinical", "a x", "b y"))
    committee.publish(part("genetics", "a x"))
    committee.publish(part("genetics"))
    assert served(committee) == dict.fromkeys(["a x", "b y"], "equivalent")
    committee.publish(part("clinical"))
    assert served(committee) == {}


def decide(committee: Committee, *made: Decision) -> Any:
    number = actions.draft_decisions(committee.engine, actor=SARA, map_name=MAP, decisions=made).submission_id
    committee.approve(number)
    published = actions.publish_submission(committee.engine, submission_id=number, actor=MINA)
    committee.project()
    return published


def test_withdrawing_one_part_leaves_the_pairs_that_another_lists(committee: Committee) -> None:
    committee.publish(part("clinical", "a x"))
    committee.publish(part("clinical", "b y"))
    committee.publish(part("genetics", "b y", "c z"))
    committee.withdraw(MAP, versions(committee)[1])
    assert served(committee) == dict.fromkeys(["a x", "b y", "c z"], "equivalent")
    committee.publish(part("genetics", "c z"))
    assert served(committee) == dict.fromkeys(["a x", "c z"], "equivalent")
    committee.check_invariants()


def test_a_withdrawal_brings_back_what_another_part_took_over_meanwhile(committee: Committee) -> None:
    committee.publish(part("clinical", "a x broader"))
    committee.publish(part("clinical", "b y"))
    committee.publish(part("genetics", "a x"))
    assert served(committee) == {"a x": "equivalent", "b y": "equivalent"}
    committee.withdraw(MAP, versions(committee)[1])
    assert served(committee) == {"a x": "broader"}
    committee.publish(part("genetics"))
    assert served(committee) == {"a x": "broader"}
    committee.check_invariants()


def versions(committee: Committee) -> list[str]:
    return [e.version for e in committee.shelf.catalogue().terminology(MAP, kind="map").editions]


def test_maps_of_before_are_kept_by_part_where_a_pair_went_from_part_to_part(committee: Committee) -> None:
    committee.publish(part("clinical", "a x", "b y"))
    committee.publish(part("genetics", "a x"))
    committee.publish(part("clinical", "b y"))
    other = "IRC→RVU3"
    committee.publish(part("one", "a x", terminology=other), part("two", "b x", terminology=other))
    with committee.engine.begin() as connection:
        command.downgrade(alembic_config(connection), "0003")
        command.upgrade(alembic_config(connection), "head")
    kept = "SELECT count(*) FROM part_mapping p JOIN terminology t ON t.id = p.terminology_id WHERE t.name = :map"
    assert committee.scalar(kept, map=MAP) == committee.scalar(
        "SELECT count(*) FROM mapping WHERE part <> ALL('{one,two}')"
    )
    assert committee.scalar(kept, map=other) == 0
    assert committee.scalar("SELECT string_agg(name, ' ') FROM terminology WHERE parted") == MAP
    committee.publish(part("clinical", "a x", "b y"))
    committee.publish(part("genetics"))
    assert served(committee) == dict.fromkeys(["a x", "b y"], "equivalent")
    committee.check_invariants()
