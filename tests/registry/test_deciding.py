"""Deciding on a map code by code: decisions gather in a draft of their maker, and nobody writes over another unseen."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from maxa.errors import BadParameter, HasErrors, NotAllowed, NotFound, WrongState
from maxa.registry import actions, deciding, decisions, queries
from maxa.registry.actions.deciding import Gathered, find_draft
from maxa.registry.actions.decision_sets import map_named
from maxa.registry.decision_file import Decision, make_decision
from maxa.registry.people import Actor
from maxa.registry.transaction import transaction
from tests.lists import MINA, SARA, Committee, ListOf, codes
from tests.registry.test_decisions import MAP, current, pairs

OMID = Actor("omid", frozenset({"importer"}))


@pytest.fixture
def lists(committee: Committee) -> Committee:
    """LNC a–d and retired old, RVU3 x, y, z and the retired w, whose place y took; the map a→x, b→y."""
    retired = {"status": "retired"}
    committee.publish(
        ListOf("LNC", [*codes(a="آ", b="ب", c="پ", d="ت"), {"code": "old", "title_fa": "کهنه", **retired}]),
        ListOf("RVU3", [*codes(x="یک", y="دو", z="سه"), {"code": "w", "title_fa": "چهار", "replaced_by": "y", **retired}]),
        pairs("a x", "b y"),
    )  # fmt: skip
    return committee


def made(source: str, target: str | None = None, relationship: str = "", verdict: str = "") -> Decision:
    return make_decision({
        "source": source, "target": target, "relationship": relationship, "verdict": verdict, "reason": "صورت‌جلسه",
    })  # fmt: skip


def seen(committee: Committee, source: str) -> str:
    with transaction(committee.engine) as session:
        return deciding.state_of_code(session, map_named(session, MAP), source)


def decide(committee: Committee, *given: Decision, actor: Actor = SARA, token: str | None = None) -> Gathered:
    return actions.decide_on_code(
        committee.engine, actor=actor, map_name=MAP, decisions=given,
        seen=seen(committee, given[0].source) if token is None else token,
    )  # fmt: skip


def held(committee: Committee, number: int) -> set[tuple[str, str | None, str, str | None]]:
    with transaction(committee.engine) as session:
        return {
            (d.source, d.target, d.verdict, d.relationship)
            for d in decisions.decisions(session, submission=number, states=decisions.STATES)
        }


def publish(committee: Committee, actor: Actor = SARA) -> Any:
    number = actions.settle_decisions(committee.engine, actor=actor, map_name=MAP)
    committee.approve(number)
    return actions.publish_submission(committee.engine, submission_id=number, actor=MINA)


def work(committee: Committee) -> deciding.Work:
    with transaction(committee.engine) as session:
        return deciding.work_of(session, map_named(session, MAP))


def test_decisions_gather_in_one_draft_of_their_maker(lists: Committee) -> None:
    first = decide(lists, made("c", "z", "narrower"))
    again = decide(lists, made("d", verdict="no-target"))
    assert first.submission_id == again.submission_id
    assert decide(lists, made("c", "y"), actor=OMID).submission_id != first.submission_id
    assert held(lists, first.submission_id) == {("c", "z", "holds", "narrower"), ("d", None, "no-target", None)}


def test_a_draft_is_published_like_any_other_and_the_next_decision_begins_another(lists: Committee) -> None:
    first = decide(lists, made("c", "z", "narrower"), made("c", "y", "related"))
    publish(lists)
    assert current(lists) == {"a x": "equivalent", "b y": "equivalent", "c z": "narrower", "c y": "related"}
    assert decide(lists, made("d", "z")).submission_id != first.submission_id


def test_a_later_decision_takes_the_place_of_what_the_draft_says_against_it(lists: Committee) -> None:
    number = decide(lists, made("c", "z"), made("c", "y")).submission_id
    decide(lists, made("c", "z", "broader"))
    assert held(lists, number) == {("c", "z", "holds", "broader"), ("c", "y", "holds", "equivalent")}
    decide(lists, made("c", verdict="no-target"))
    assert held(lists, number) == {("c", None, "no-target", None)}
    decide(lists, made("c", "x"))
    assert held(lists, number) == {("c", "x", "holds", "equivalent")}
    decide(lists, made("c", "x", verdict="not"))
    assert held(lists, number) == {("c", "x", "not", None)}


def test_whoever_did_not_see_the_latest_decision_is_told_whose_it_is(lists: Committee) -> None:
    token = seen(lists, "c")
    decide(lists, made("c", "z"), actor=OMID)
    with pytest.raises(WrongState, match="omid") as told:
        decide(lists, made("c", "y"), token=token)
    assert "omid" in told.value.detail_fa
    assert decide(lists, made("c", "y"))  # now it was seen


def test_a_list_that_changes_the_pairs_is_told_too(lists: Committee) -> None:
    token, other = seen(lists, "a"), seen(lists, "c")
    lists.publish(pairs("a x broader", "b y"), circular="110/37")
    with pytest.raises(WrongState, match="have changed"):
        decide(lists, made("a", "x"), token=token)
    assert seen(lists, "c") == other


def test_of_two_at_once_one_alone_decides(lists: Committee) -> None:
    token = seen(lists, "c")
    begin = threading.Barrier(2)
    said: list[str] = []

    def save(actor: Actor, target: str) -> None:
        begin.wait()
        try:
            decide(lists, made("c", target), actor=actor, token=token)
            said.append("saved")
        except WrongState:
            said.append("told")

    threads = [threading.Thread(target=save, args=one) for one in ((SARA, "y"), (OMID, "z"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == ["saved", "told"]


@pytest.mark.parametrize(
    ("decision", "told", "suggested"),
    [
        (made("c", "w"), "retired: choose y", ["y"]),
        (made("c", "X"), "has no code 'X'; perhaps x", ["x"]),
        (made("c", "q"), "has no code 'q': search", []),
        (made("old", "x"), "old of LNC is retired", []),
        (made("nothing", verdict="no-target"), "LNC has no code 'nothing'", []),
    ],
)
def test_a_retired_or_unknown_code_is_refused(
    lists: Committee, decision: Decision, told: str, suggested: list[str]
) -> None:
    with pytest.raises(BadParameter, match=told) as refused:
        decide(lists, decision)
    assert refused.value.suggestions == suggested
    with transaction(lists.engine) as session:
        assert find_draft(session, map_named(session, MAP), "sara") is None


def test_that_a_pair_of_a_retired_code_does_not_hold_may_be_decided(lists: Committee) -> None:
    assert held(lists, decide(lists, made("a", "w", verdict="not")).submission_id) == {("a", "w", "not", None)}


def test_decisions_on_several_codes_are_not_made_at_once(lists: Committee) -> None:
    for given in ((), (made("c", "z"), made("d", "z"))):
        with pytest.raises(BadParameter):
            actions.decide_on_code(lists.engine, actor=SARA, map_name=MAP, decisions=given, seen="")
    with pytest.raises(BadParameter, match="twice"):
        decide(lists, made("c", "z"), made("c", "z", "broader"))


def test_a_decision_is_taken_back_and_an_empty_draft_is_closed(lists: Committee) -> None:
    first, second = decide(lists, made("c", "z")), decide(lists, made("d", "z"))
    actions.take_back_decisions(lists.engine, actor=SARA, map_name=MAP, numbers=first.numbers)
    assert held(lists, first.submission_id) == {("d", "z", "holds", "equivalent")}
    with pytest.raises(NotFound):  # it was taken back
        actions.take_back_decisions(lists.engine, actor=SARA, map_name=MAP, numbers=first.numbers)
    with pytest.raises(NotFound):  # it is another's
        actions.take_back_decisions(lists.engine, actor=OMID, map_name=MAP, numbers=second.numbers)
    actions.take_back_decisions(lists.engine, actor=SARA, map_name=MAP, numbers=second.numbers)
    with transaction(lists.engine) as session:
        assert queries.submission_or_error(session, first.submission_id).state == "rejected"
    assert lists.scalar("SELECT count(*) FROM audit_event WHERE action = 'take-back'") == 2
    assert decide(lists, made("c", "z")).submission_id != first.submission_id


def test_what_was_handed_over_is_not_changed_any_more(lists: Committee) -> None:
    first = decide(lists, made("c", "z"))
    actions.submit_for_review(lists.engine, submission_id=first.submission_id, actor=SARA)
    with pytest.raises(NotFound):
        actions.take_back_decisions(lists.engine, actor=SARA, map_name=MAP, numbers=first.numbers)
    assert decide(lists, made("d", "z")).submission_id != first.submission_id
    assert held(lists, first.submission_id) == {("c", "z", "holds", "equivalent")}


def test_a_decision_after_the_comparison_is_compared_before_review(lists: Committee) -> None:
    """A code that is retired after the decision was saved: the guard says so, though the draft was compared before."""
    number = decide(lists, made("c", "z")).submission_id
    actions.settle_decisions(lists.engine, actor=SARA, map_name=MAP)
    decide(lists, made("d", "y"))
    lists.publish(ListOf("LNC", codes(a="آ", b="ب", c="پ")), circular="110/37")
    actions.submit_for_review(lists.engine, submission_id=number, actor=SARA)
    with transaction(lists.engine) as session:
        told = {(f.rule, f.value) for f in queries.findings(session, number)}
        assert queries.submission_or_error(session, number).content_digest is not None
    assert ("decision-on-retired-code", "d → y") in told


def test_a_standing_decision_is_revoked_with_a_reason(lists: Committee) -> None:
    [number] = decide(lists, made("a", "x", "broader")).numbers
    publish(lists)
    ask = {"actor": SARA, "map_name": MAP, "number": number, "seen": seen(lists, "a")}
    with pytest.raises(BadParameter, match="reason"):
        actions.revoke_decision(lists.engine, reason=" ", **ask)
    with pytest.raises(NotFound):
        actions.revoke_decision(lists.engine, reason="چون", **{**ask, "number": 404})
    actions.revoke_decision(lists.engine, reason="فهرست درست است", **ask)
    publish(lists)
    assert current(lists)["a x"] == "equivalent"


def test_a_draft_that_revokes_what_stands_no_more_is_refused_at_review(lists: Committee) -> None:
    [number] = decide(lists, made("a", "x", "broader")).numbers
    publish(lists)
    for actor in (SARA, OMID):
        actions.revoke_decision(
            lists.engine, actor=actor, map_name=MAP, number=number, reason="چون", seen=seen(lists, "a")
        )
    publish(lists)
    other = actions.settle_decisions(lists.engine, actor=OMID, map_name=MAP)
    with pytest.raises(HasErrors):
        actions.submit_for_review(lists.engine, submission_id=other, actor=OMID)


def test_who_keeps_another_list_may_not_decide_on_this_map(lists: Committee) -> None:
    keeper = Actor("reza", frozenset(), frozenset({("irc", "importer")}))
    with pytest.raises(NotAllowed):
        decide(lists, made("c", "z"), actor=keeper)
    own = Actor("reza", frozenset(), frozenset({(MAP.lower(), "importer")}))
    assert decide(lists, made("c", "z"), actor=own)


# --- what is left to do -------------------------------------------------------------------------------------------------


def test_the_work_of_an_edition(lists: Committee) -> None:
    before = work(lists)
    assert (before.pairs, before.active, before.unmapped) == (2, 4, ["c", "d"])
    assert (before.conflicting, before.decided, before.conflicts) == ([], [], 0)
    decide(lists, made("a", "x", "broader"))
    decide(lists, made("d", verdict="no-target"))
    with transaction(lists.engine) as session:
        terminology = map_named(session, MAP)
        assert deciding.pending_codes(session, terminology) == {"a", "d"}
        assert deciding.editions_of(session, terminology) == before.editions
    publish(lists)
    lists.publish(pairs("a x narrower", "b y", "d z"), circular="110/37")
    after = work(lists)
    assert after.editions != before.editions
    assert (after.unmapped, after.decided, after.conflicting) == (["c"], ["a", "d"], ["a", "d"])
    assert (after.conflicts, after.standing) == (2, 2)


def test_the_pairs_of_a_code_tell_what_is_published_and_what_the_lists_say(lists: Committee) -> None:
    lists.publish(pairs("a x", "a y", "b y"), circular="110/37")
    decide(lists, made("a", "x", "broader"), made("a", "z", "related"))
    decide(lists, made("a", "y", verdict="not"))
    publish(lists)
    with transaction(lists.engine) as session:
        terminology = map_named(session, MAP)
        told = [(p.target, p.published, p.listed) for p in deciding.pairs_of_code(session, terminology, "a")]
        assert told == [("x", "broader", "equivalent"), ("y", None, "equivalent"), ("z", "related", None)]
        [code, unknown] = deciding.listed(session, terminology, ["a", "nothing"])
        assert (code.title_fa, code.status, code.pairs) == ("آ", "active", 2)
        assert (unknown.status, unknown.pairs) == (None, 0)
        assert deciding.active_codes(session, terminology, after="a", limit=2) == ["b", "c"]
