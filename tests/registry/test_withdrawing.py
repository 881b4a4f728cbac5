"""Editions withdrawn: their part goes back, the others stay (docs/adr/0003-codes-never-disappear.md)."""

from __future__ import annotations

from typing import Any

import pytest

from maxa.errors import BadParameter, NotAllowed, WrongState
from maxa.persian.dates import parse_day
from maxa.registry import actions, decisions
from maxa.registry.actions.decision_sets import map_named
from maxa.registry.actions.withdrawing import counts_of_release
from maxa.registry.decision_file import Decision
from maxa.registry.differences import edition_changes
from maxa.registry.transaction import transaction
from maxa.shelf.changes import Bases, ChangesSince
from tests.lists import MINA, SARA, Committee, ListOf, codes

MAP = "LNC→RVU3"


def clinical(**titles: str) -> ListOf:
    return ListOf("LNC", codes(**titles), part="clinical")


def genetics(**titles: str) -> ListOf:
    return ListOf("LNC", codes(**titles), part="genetics")


def pairs(*given: str) -> ListOf:
    return ListOf(MAP, [dict(zip(("source", "target"), pair.split(), strict=True)) for pair in given])


def editions(committee: Committee, terminology: str = "LNC", kind: str = "codes") -> list[Any]:
    return list(committee.shelf.catalogue().terminology(terminology, kind=kind).editions)


def active(committee: Committee) -> dict[str, str]:
    return {code: title for code, (title, is_active) in committee.current("LNC").items() if is_active}


def active_pairs(committee: Committee) -> set[str]:
    release = committee.shelf.release(committee.shelf.catalogue().terminology(MAP, kind="map").current)
    return {f"{p.source} {p.target}" for source in "abc" for p in release.targets(source)}


def decide(committee: Committee, *made: Decision) -> None:
    number = actions.draft_decisions(committee.engine, actor=SARA, map_name=MAP, decisions=made).submission_id
    committee.approve(number)
    actions.publish_submission(committee.engine, submission_id=number, actor=MINA)
    committee.project()


def standing(committee: Committee) -> list[tuple[str, str | None]]:
    with transaction(committee.engine) as session:
        found = decisions.decisions(session, terminology=map_named(session, MAP), states=("standing",))
    return [(d.source, d.target) for d in found]


def test_an_edition_of_one_part_is_undone_although_another_part_followed(committee: Committee) -> None:
    committee.publish(clinical(a="آ", b="ب"))
    committee.publish(clinical(a="آی بد", c="پ"))
    committee.publish(genetics(g="ژ"))
    bad = editions(committee)[1].version
    published = committee.withdraw("LNC", bad)
    assert active(committee) == {"a": "آ", "b": "ب", "g": "ژ"}
    assert committee.current("LNC")["c"] == ("پ", False), "a code once published never disappears"
    assert [(name, tuple(counts)) for name, _, counts in published.releases] == [("LNC", (0, 1, 1, 1))]
    line = editions(committee)
    assert line[-1].reverses == bad
    assert [e.withdrawn for e in line] == [False, True, False, False]
    committee.check_invariants()


def test_who_syncs_learns_of_the_reversal_of_a_part(committee: Committee) -> None:
    committee.publish(clinical(a="آ", b="ب"))
    committee.publish(clinical(a="آی بد", c="پ"))
    committee.publish(genetics(g="ژ"))
    line = editions(committee)
    committee.withdraw("LNC", line[1].version)
    entry = committee.shelf.catalogue().terminology("LNC")
    changes = ChangesSince(committee.shelf.release(entry.current), Bases(entry.current.ordinal, entry.current.ordinal))
    found = {c.concept.code: c.kind for c in changes.page(after=None, limit=10)}
    assert found == {"a": "changed", "b": "restored", "c": "retired"}


def test_parts_are_undone_one_after_the_other(committee: Committee) -> None:
    """The rows of each part come from an edition of its own: that of the other one is no predecessor."""
    committee.publish(clinical(a="آ"))
    committee.publish(genetics(g="ژ"))
    committee.publish(clinical(a="آی بد"))
    committee.publish(genetics(g="ژی بد"))
    line = editions(committee)
    committee.withdraw("LNC", line[2].version)
    assert active(committee) == {"a": "آ", "g": "ژی بد"}
    committee.withdraw("LNC", line[3].version)
    assert active(committee) == {"a": "آ", "g": "ژ"}
    committee.withdraw("LNC", line[0].version)
    assert active(committee) == {"g": "ژ"}
    committee.check_invariants()


def test_the_newest_edition_does_not_bring_back_a_part_that_was_withdrawn(committee: Committee) -> None:
    committee.publish(clinical(a="آ"))
    committee.publish(clinical(a="آی بد"))
    committee.publish(genetics(g="ژ"))
    committee.publish(genetics(g="ژی بد"))
    line = editions(committee)
    committee.withdraw("LNC", line[1].version)
    committee.withdraw("LNC", line[3].version)
    assert active(committee) == {"a": "آ", "g": "ژ"}


def test_a_part_that_was_listed_anew_since_is_only_marked(committee: Committee) -> None:
    committee.publish(clinical(a="آ"))
    committee.publish(clinical(a="آی بد"), genetics(g="ژی بد"))
    committee.publish(clinical(a="آی خوب"))
    line = editions(committee)
    published = committee.withdraw("LNC", line[1].version)
    assert [tuple(counts) for _, _, counts in published.releases] == [(0, 0, 1, 0)], "of genetics alone"
    assert active(committee) == {"a": "آی خوب"}


def test_a_code_that_is_another_part_s_by_now_stays_there(committee: Committee) -> None:
    committee.publish(clinical(a="آ", b="ب"))
    committee.publish(clinical(b="ب"))
    committee.publish(genetics(a="آی ژن"))
    committee.withdraw("LNC", editions(committee)[1].version)
    assert active(committee) == {"a": "آی ژن", "b": "ب"}
    committee.check_invariants()


def test_withdrawing_a_list_that_decisions_followed_leaves_the_decisions(committee: Committee) -> None:
    committee.publish(pairs("a x", "b y"))
    committee.publish(pairs("a z"))
    decide(committee, Decision("c", "y", "holds", "چون", "equivalent", None))
    line = editions(committee, MAP, "map")
    committee.withdraw(MAP, line[1].version)
    assert active_pairs(committee) == {"a x", "b y", "c y"}
    assert standing(committee) == [("c", "y")]
    committee.check_invariants()


def test_withdrawing_decisions_that_a_list_followed_leaves_the_list(committee: Committee) -> None:
    committee.publish(pairs("a x", "b y"))
    decide(committee, Decision("a", None, "no-target", "چون"))
    committee.publish(pairs("a z"))
    assert active_pairs(committee) == set()
    committee.withdraw(MAP, editions(committee, MAP, "map")[1].version)
    assert active_pairs(committee) == {"a z"}
    assert standing(committee) == []
    committee.check_invariants()


def test_the_copy_that_history_made_of_a_withdrawn_edition_is_withdrawn_too(committee: Committee) -> None:
    committee.publish(ListOf("LNC", codes(a="آ")), circular="110/1", day=parse_day("1402/02/18"))
    current = editions(committee)[0].version
    committee.publish(ListOf("LNC", codes(b="ب")), day=parse_day("1400/01/01"), history=True)
    assert len(editions(committee)) == 3
    committee.withdraw("LNC", current)
    assert [e.withdrawn for e in editions(committee)] == [True, False, True, False]
    assert active(committee) == {"b": "ب"}
    committee.check_invariants()


def test_what_a_withdrawal_would_reverse_can_be_seen_before(committee: Committee) -> None:
    committee.publish(clinical(a="آ", b="ب"))
    committee.publish(clinical(a="آی بد"))
    committee.publish(genetics(g="ژ"))
    bad = editions(committee)[1].version
    which = {"terminology": "LNC", "version": bad}
    with actions.foresee_withdrawal(committee.engine, **which, actor=MINA) as foreseen:
        assert foreseen.undo is not None
        changes = edition_changes(foreseen.session, foreseen.release.terminology, foreseen.served, foreseen.undo)
        assert [(c.code, c.kind) for c in changes] == [("a", "changed"), ("b", "restored")]
        told = counts_of_release(foreseen.undo)
    assert committee.scalar("SELECT count(*) FROM publication") == 3
    assert committee.scalar("SELECT count(*) FROM release WHERE withdrawn_serial IS NOT NULL OR reverses_id > 0") == 0
    with pytest.raises(BadParameter):
        actions.withdraw_release(committee.engine, **which, actor=MINA, reason=" ")
    with pytest.raises(NotAllowed), actions.foresee_withdrawal(committee.engine, **which, actor=SARA):
        pytest.fail("an importer does not withdraw")
    [(_, _, done)] = committee.withdraw("LNC", bad).releases
    assert done == told == (0, 1, 0, 1)
    with pytest.raises(WrongState), actions.foresee_withdrawal(committee.engine, **which, actor=MINA):
        pytest.fail("it is withdrawn already")
    committee.publish(clinical(a="آی نو"))
    first = editions(committee)[0].version
    with actions.foresee_withdrawal(committee.engine, terminology="LNC", version=first, actor=MINA) as foreseen:
        assert foreseen.undo is None
