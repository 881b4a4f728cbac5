"""Decisions of the committee over what lists say of a map: no import touches them, and nothing that was observed is lost."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from sqlalchemy import event, text

from maxa.errors import BadParameter, BaseMoved, HasErrors, NotAllowed, NotFound, UnknownMap, WrongState
from maxa.registry import actions, decisions, queries
from maxa.registry.actions import decision_sets
from maxa.registry.actions.decision_sets import map_named
from maxa.registry.decision_file import Decision, make_decision
from maxa.registry.guards.draft import SHOWN
from maxa.registry.people import Actor
from maxa.registry.transaction import transaction
from maxa.shelf.pairs import pairs_of
from tests.lists import ADMIN, MINA, SARA, Committee, ListOf, codes, workbook

MAP = "LNC→RVU3"
VIEWER = Actor("vida", frozenset({"viewer"}))


def pairs(*rows: str, part: str = "", **properties: Any) -> ListOf:
    """``pairs("a x", "b y narrower")`` → a list of the map."""
    made = []
    for row in rows:
        source, target, *relationship = row.split()
        made.append({"source": source, "target": target, "relationship": (relationship or ["equivalent"])[0],
                     "properties": properties})  # fmt: skip
    return ListOf(MAP, made, part=part)


def one(source: str, target: str | None = None, verdict: str = "", **more: Any) -> Decision:
    return make_decision({"source": source, "target": target, "verdict": verdict, "reason": "صورت‌جلسه", **more})


def no_target(source: str) -> Decision:
    return one(source, verdict="no-target")


def draft(committee: Committee, *made: Decision, **more: Any) -> int:
    more = {"actor": SARA, "map_name": MAP, **more}
    return actions.draft_decisions(committee.engine, decisions=made, **more).submission_id


def decide(committee: Committee, *made: Decision, **more: Any) -> Any:
    number = draft(committee, *made, **more)
    committee.approve(number)
    published = actions.publish_submission(committee.engine, submission_id=number, actor=MINA)
    committee.project()
    return published


def rules(committee: Committee, number: int) -> dict[str, str]:
    with transaction(committee.engine) as session:
        return {f.rule: f.severity for f in queries.findings(session, number)}


def current(committee: Committee, table: str = "mapping") -> dict[str, str]:
    """Active pairs of the current edition → relationship."""
    with committee.engine.connect() as connection:
        rows = connection.execute(
            text(
                f"SELECT source_code, target_code, relationship FROM {table} WHERE until IS NULL AND status = 'active'"
            )
        )
        return {f"{source} {target}": relationship for source, target, relationship in rows}


def listed(committee: Committee, **more: Any) -> list[decisions.Decided]:
    with transaction(committee.engine) as session:
        return decisions.decisions(session, **more)


def conflicts(committee: Committee) -> set[tuple[str, str, str | None, bool]]:
    with transaction(committee.engine) as session:
        found = decisions.conflicts(session, map_named(session, MAP))
        return {(c.kind, c.source, c.target, c.known) for c in found}


def version(committee: Committee) -> str:
    with transaction(committee.engine) as session:
        return queries.releases(session, MAP)[0].version


@pytest.fixture
def lists(committee: Committee) -> Committee:
    """LNC and RVU3, and the map a→x, b→y."""
    committee.publish(
        ListOf("LNC", codes(a="آ", b="ب", c="پ", d="ت")), ListOf("RVU3", codes(x="یک", y="دو", z="سه")),
        pairs("a x", "b y"),
    )  # fmt: skip
    return committee


# --- what is published is what lists say, overlaid by what was decided ----------------------------------------------


def test_decisions_are_published_as_an_amendment_of_the_map(lists: Committee) -> None:
    published = decide(lists, one("a", "x", relationship="broader"), no_target("b"), one("c", "z"))
    assert published.releases[0][0] == MAP
    assert tuple(published.releases[0][2]) == (1, 1, 1, 0)
    assert current(lists) == {"a x": "broader", "c z": "equivalent"}
    assert current(lists, "observed_mapping") == {"a x": "equivalent", "b y": "equivalent"}
    lists.check_invariants()


def test_the_sealed_file_holds_what_was_decided(lists: Committee) -> None:
    decide(lists, one("a", "x", relationship="broader"), one("b", "y", "not"))
    release = lists.shelf.release(lists.shelf.catalogue().terminology(MAP, kind="map").current)
    found = pairs_of(release, ["a", "b"])
    assert {source: [(p.target, p.relationship) for p in led] for source, led in found.items()} == {
        "a": [("x", "broader")]
    }


def test_decisions_survive_full_lists_and_amendments(lists: Committee) -> None:
    decide(lists, one("a", "x", relationship="broader"), no_target("b"), one("c", "z"), one("d", "x", "not"))
    lists.publish(pairs("a x", "b x", "b y", "d x", "d y"))
    assert current(lists) == {"a x": "broader", "c z": "equivalent", "d y": "equivalent"}
    lists.publish(pairs("d x narrower", "a x related"), scope="amendment")
    assert current(lists) == {"a x": "broader", "c z": "equivalent", "d y": "equivalent"}
    lists.publish(pairs())
    assert current(lists) == {"a x": "broader", "c z": "equivalent"}
    lists.check_invariants()


def test_the_list_of_one_part_leaves_decisions_on_another_alone(committee: Committee) -> None:
    committee.publish(ListOf("LNC", codes(a="آ"), part="clinical"), ListOf("LNC", codes(g="ژ"), part="genetics"),
                      pairs("a x", part="clinical"), pairs("g y", part="genetics"))  # fmt: skip
    decide(committee, one("g", "y", relationship="narrower"), one("g", "z"))
    committee.publish(pairs("a z", part="clinical"))
    assert current(committee) == {"a z": "equivalent", "g y": "narrower", "g z": "equivalent"}
    assert (
        committee.scalar("SELECT part FROM mapping WHERE code = 'g' || chr(31) || 'z' AND until IS NULL") == "genetics"
    )
    committee.publish(pairs(part="genetics"))
    assert current(committee) == {"a z": "equivalent", "g y": "narrower", "g z": "equivalent"}


def test_a_decision_without_properties_follows_those_of_the_list(lists: Committee) -> None:
    lists.publish(pairs("a x", group="۱"))
    decide(lists, one("a", "x", relationship="broader"), one("b", "y", properties={"group": "از کمیته"}))
    lists.publish(pairs("a x", "b y", group="۲"))
    properties = dict(
        lists.engine.connect().execute(
            text("SELECT source_code, properties->>'group' FROM mapping WHERE until IS NULL AND status = 'active'")
        ).all()
    )  # fmt: skip
    assert properties == {"a": "۲", "b": "از کمیته"}
    assert conflicts(lists) == {("differs", "a", "x", False), ("differs", "b", "y", False)}


def test_a_decision_may_say_that_a_pair_has_no_properties(lists: Committee) -> None:
    lists.publish(pairs("a x", group="۱"))
    decide(lists, one("a", "x", properties={}))
    assert lists.scalar("SELECT properties FROM mapping WHERE until IS NULL AND source_code = 'a'") is None
    number = lists.draft(workbook(pairs("a x")))
    lists.approve(number, confirm=(f"emptied:{MAP}:group=1",))
    actions.publish_submission(lists.engine, submission_id=number, actor=MINA)
    assert conflicts(lists) == set()


def test_the_relationship_left_open_is_that_of_the_list(lists: Committee) -> None:
    lists.publish(pairs("a x narrower", "b y"))
    decide(lists, one("a", "x"), one("c", "z"))
    assert current(lists) == {"a x": "narrower", "b y": "equivalent", "c z": "equivalent"}


def test_a_pair_decided_against_beforehand_is_never_published(lists: Committee) -> None:
    decide(lists, one("c", "x", "not"))
    published = lists.publish(pairs("a x", "b y", "c x", "c y"))
    assert tuple(published.releases[0][2]) == (1, 0, 0, 0)
    assert lists.scalar("SELECT count(*) FROM mapping WHERE code = 'c' || chr(31) || 'x'") == 0


# --- agreement and conflict ------------------------------------------------------------------------------------------


def test_a_later_list_that_agrees_is_no_conflict(lists: Committee) -> None:
    decide(lists, one("c", "z", relationship="narrower"), one("b", "y", "not"))
    assert conflicts(lists) == {("carries", "b", "y", True)}
    lists.publish(pairs("a x", "c z narrower"))
    assert conflicts(lists) == set()
    assert {d.lists for d in listed(lists)} == {"agrees"}


def test_what_contradicts_a_decision_is_listed_and_known_apart(lists: Committee) -> None:
    decide(lists, one("a", "x", relationship="broader"), no_target("b"), one("c", "z"), one("b", "z", "not"))
    assert conflicts(lists) == {("differs", "a", "x", True), ("carries", "b", "y", True)}
    lists.publish(pairs("a x related", "b y", "b x", "c z narrower", "b z"))
    assert conflicts(lists) == {
        ("differs", "a", "x", False), ("carries", "b", "y", True), ("carries", "b", "x", False),
        ("differs", "c", "z", False), ("carries", "b", "z", False),
    }  # fmt: skip


def test_a_decided_pair_that_the_list_drops_is_listed(lists: Committee) -> None:
    decide(lists, one("a", "x", relationship="broader"))
    lists.publish(pairs("b y"))
    assert conflicts(lists) == {("dropped", "a", "x", False)}
    assert current(lists) == {"a x": "broader", "b y": "equivalent"}


def test_decisions_whose_codes_were_retired_are_listed_with_the_successor(lists: Committee) -> None:
    decide(lists, one("c", "z"), no_target("d"))
    lists.publish(ListOf("LNC", codes(a="آ", b="ب", c="پ")))
    retired = [{"code": "z", "title_fa": "سه", "status": "retired", "replaced_by": "x"}]
    lists.publish(ListOf("RVU3", retired), scope="amendment")
    with transaction(lists.engine) as session:
        found = list(decisions.conflicts(session, map_named(session, MAP)))
    assert {(c.kind, c.source, c.successor) for c in found} == {
        ("source-retired", "d", None),
        ("target-retired", "c", "x"),
    }


def test_an_import_says_where_it_contradicts_decisions(lists: Committee) -> None:
    decide(lists, one("a", "x", relationship="broader"), no_target("b"), one("c", "z"))
    lists.publish(pairs("a x", "b y", "c z"))
    number = lists.draft(workbook(pairs("a x related", "b y", "a z")))
    with transaction(lists.engine) as session:
        told = {(f.rule, f.value, f.row) for f in queries.findings(session, number) if "deci" in f.rule}
    assert told == {
        ("against-decision", "a → x", 2), ("against-decision", "b → y", 3), ("decided-pair-dropped", "c → z", None),
    }  # fmt: skip
    again = lists.draft(workbook(pairs("a x broader", "c z", part="")))
    assert "against-decision" not in rules(lists, again)


def test_a_decided_pair_that_another_part_still_lists_is_not_dropped(committee: Committee) -> None:
    committee.publish(ListOf("LNC", codes(a="آ", b="ب"), part="clinical"), ListOf("LNC", codes(c="پ"), part="genetics"),
                      pairs("a x", "b y", part="clinical"), pairs("a x", "c z", part="genetics"))  # fmt: skip
    decide(committee, one("a", "x", relationship="broader"))
    alone = committee.draft(workbook(pairs("b y", part="clinical")))
    assert "decided-pair-dropped" not in rules(committee, alone)
    both = committee.draft(workbook(pairs("b y", part="clinical"), pairs("c z", part="genetics")))
    assert "decided-pair-dropped" in rules(committee, both)


def test_a_row_against_a_decision_says_both_and_how_to_follow_the_list(lists: Committee) -> None:
    decide(lists, one("a", "x", relationship="broader"), one("b", "y", "not"), no_target("c"))
    number = lists.draft(workbook(pairs("a x related", "b y", "c z")))
    with transaction(lists.engine) as session:
        told = {f.value: f for f in queries.findings(session, number) if f.rule == "against-decision"}
    assert "says “related”" in told["a → x"].message_en
    assert "decided “broader”" in told["a → x"].message_en
    assert "maxa decisions LNC--RVU3 --revoke 1" in told["a → x"].message_en
    assert "«مرتبط»" in told["a → x"].message_fa
    assert "knowing that, decided “does not hold”" in told["b → y"].message_en
    assert "«همتا ندارد»" in told["c → z"].message_fa
    assert {value: f.severity for value, f in told.items()} == {"a → x": "warning", "b → y": "info", "c → z": "warning"}


# --- revoking, replacing, withdrawing ----------------------------------------------------------------------------------


def test_revoking_a_decision_brings_back_what_the_newest_list_says(lists: Committee) -> None:
    decide(lists, one("a", "x", relationship="broader"), no_target("b"), one("c", "z"))
    lists.publish(pairs("a x related", "b x", "b y"))
    numbers = [d.id for d in listed(lists)]
    published = decide(lists, revoke=numbers, reason="فهرست درست شد")
    assert current(lists) == {"a x": "related", "b x": "equivalent", "b y": "equivalent"}
    assert tuple(published.releases[0][2]) == (1, 1, 1, 1)
    assert {d.state for d in listed(lists, states=decisions.STATES) if d.verdict != "revoke"} == {"ended"}
    lists.check_invariants()


def test_a_later_decision_replaces_the_earlier_one(lists: Committee) -> None:
    decide(lists, one("a", "x", relationship="broader"), one("b", "x"))
    number = draft(lists, one("a", "x", "not"), no_target("b"))
    assert rules(lists, number)["decision-replaces"] == "info"
    lists.approve(number)
    actions.publish_submission(lists.engine, submission_id=number, actor=MINA)
    assert current(lists) == {}
    decide(lists, one("b", "z"))
    assert current(lists) == {"b y": "equivalent", "b z": "equivalent"}
    assert [(d.source, d.target) for d in listed(lists)] == [("a", "x"), ("b", "z")]


def test_withdrawing_an_edition_of_decisions_ends_them(lists: Committee) -> None:
    decide(lists, one("a", "x", relationship="broader"))
    before = listed(lists)[0]
    decide(lists, no_target("a"), one("c", "z"))
    assert current(lists) == {"b y": "equivalent", "c z": "equivalent"}
    lists.withdraw(MAP, version(lists))
    assert current(lists) == {"a x": "broader", "b y": "equivalent"}
    assert [d.id for d in listed(lists)] == [before.id]
    lists.publish(pairs("a x related", "b y related"))
    assert current(lists) == {"a x": "broader", "b y": "related"}
    lists.check_invariants()


def test_withdrawing_a_list_leaves_the_decisions_before_it(lists: Committee) -> None:
    decide(lists, one("a", "x", relationship="broader"), one("c", "z"))
    lists.publish(pairs("a y", "b z"))
    assert current(lists) == {"a x": "broader", "a y": "equivalent", "b z": "equivalent", "c z": "equivalent"}
    lists.withdraw(MAP, version(lists))
    assert current(lists) == {"a x": "broader", "b y": "equivalent", "c z": "equivalent"}
    assert current(lists, "observed_mapping") == {"a x": "equivalent", "b y": "equivalent"}
    decide(lists, revoke=[d.id for d in listed(lists)], reason="چون")
    assert current(lists) == {"a x": "equivalent", "b y": "equivalent"}
    lists.check_invariants()


def test_an_older_list_brought_in_later_leaves_what_is_decided_and_current(lists: Committee) -> None:
    lists.publish(pairs("a x", "b y"), circular="110/37")
    decide(lists, one("a", "x", relationship="broader"), no_target("b"))
    before = current(lists)
    lists.publish(pairs("a x related", "b z", "c x"), circular="110/501", history=True)
    assert current(lists) == before
    assert current(lists, "observed_mapping") == {"a x": "equivalent", "b y": "equivalent"}
    old = lists.scalar("SELECT ordinal FROM release WHERE before IS NOT NULL AND version = '1401-12-15'")
    with lists.engine.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT source_code, target_code, relationship FROM mapping WHERE status = 'active' AND since <= :k"
                " AND (until IS NULL OR until > :k)"
            ),
            {"k": old},
        )
        assert {tuple(row) for row in rows} == {
            ("a", "x", "related"),
            ("b", "z", "equivalent"),
            ("c", "x", "equivalent"),
        }
    assert {d.state for d in listed(lists)} == {"standing"}
    lists.check_invariants()


def test_a_map_without_decisions_is_kept_once(lists: Committee) -> None:
    lists.publish(pairs("a x related"))
    assert lists.scalar("SELECT count(*) FROM listed_mapping") == 0
    decide(lists, one("a", "y"))
    assert lists.scalar("SELECT count(*) FROM listed_mapping") == lists.scalar(
        "SELECT count(*) FROM mapping WHERE since < 3"
    )


def test_a_map_that_a_draft_alone_names_is_not_decided_on(lists: Committee, monkeypatch: pytest.MonkeyPatch) -> None:
    slip = ListOf("LNC→ICD9", [{"source": "a", "target": "x"}])
    number = lists.draft(workbook(slip))
    actions.reject_submission(lists.engine, submission_id=number, actor=SARA, reason="نام نادرست")
    with pytest.raises(UnknownMap, match="Maps: LNC→RVU3"):
        draft(lists, no_target("a"), map_name="LNC→ICD9")
    monkeypatch.setattr(decision_sets, "_declared_maps", lambda: {"lnc→icd9"})
    assert rules(lists, draft(lists, no_target("a"), map_name="LNC→ICD9")) == {"decision-agrees": "info"}


def test_maps_that_sources_declare_may_be_decided_on() -> None:
    assert {"lnc→rvu3", "erx→irc"} <= decision_sets._declared_maps()
    assert all(name.count("→") == 1 and not name.startswith("→") for name in decision_sets._declared_maps())


# --- the way of a draft --------------------------------------------------------------------------------------------------


def test_who_decides_does_not_approve(lists: Committee) -> None:
    number = draft(lists, no_target("a"), actor=MINA)
    actions.submit_for_review(lists.engine, submission_id=number, actor=MINA)
    with pytest.raises(NotAllowed):
        actions.approve_submission(lists.engine, submission_id=number, actor=MINA)
    with pytest.raises(NotAllowed):
        draft(lists, no_target("a"), actor=VIEWER)
    assert lists.scalar("SELECT detail->>'map' FROM audit_event WHERE action = 'decide'") == MAP


def test_the_same_draft_again_is_the_same_draft(lists: Committee) -> None:
    first = draft(lists, no_target("a"))
    again = actions.draft_decisions(lists.engine, actor=SARA, map_name="lnc--rvu3", decisions=[no_target("a")])
    assert (again.submission_id, again.existing) == (first, True)
    actions.reject_submission(lists.engine, submission_id=first, actor=MINA, reason="نه")
    assert draft(lists, no_target("a")) != first
    assert listed(lists, states=("rejected",))[0].submission == first


def test_what_stands_decided_is_not_drafted_again(lists: Committee) -> None:
    decide(lists, one("a", "x", relationship="broader", properties={"ب": 1, "آ": "۲"}))
    with pytest.raises(WrongState, match="stands decided"):
        draft(lists, one("a", "x", relationship="broader", properties={"آ": "۲", "ب": 1}))
    number = draft(lists, one("a", "x", relationship="broader", properties={"آ": "۲", "ب": 1}), no_target("b"))
    assert rules(lists, number) == {"decided-already": "info"}


def test_a_list_published_meanwhile_sends_the_decisions_back_to_review(lists: Committee) -> None:
    number = draft(lists, one("c", "z"))
    assert "decision-agrees" not in rules(lists, number)
    lists.approve(number)
    lists.publish(pairs("a x", "c z"))
    with pytest.raises(BaseMoved):
        actions.publish_submission(lists.engine, submission_id=number, actor=MINA)
    assert rules(lists, number)["decision-agrees"] == "info"
    actions.approve_submission(lists.engine, submission_id=number, actor=MINA)
    actions.publish_submission(lists.engine, submission_id=number, actor=MINA)
    assert current(lists) == {"a x": "equivalent", "c z": "equivalent"}


def test_decisions_published_meanwhile_send_a_list_back_to_review(lists: Committee) -> None:
    number = lists.draft(workbook(pairs("a x related")))
    lists.approve(number)
    decide(lists, one("a", "x", relationship="broader"))
    with pytest.raises(BaseMoved):
        actions.publish_submission(lists.engine, submission_id=number, actor=MINA)
    assert rules(lists, number)["against-decision"] == "warning"


def test_a_revocation_of_what_no_longer_stands_cannot_be_published(lists: Committee) -> None:
    decide(lists, no_target("a"))
    (standing,) = listed(lists)
    number = draft(lists, revoke=[standing.id], reason="چون")
    decide(lists, one("a", "x", relationship="broader"))
    with pytest.raises(HasErrors):
        actions.submit_for_review(lists.engine, submission_id=number, actor=SARA)
    assert rules(lists, number) == {"decision-not-standing": "error"}
    with pytest.raises(NotFound):
        draft(lists, revoke=[standing.id], reason="چون")


def test_decisions_and_a_list_published_at_once_come_one_after_the_other(lists: Committee) -> None:
    first, second = draft(lists, one("a", "x", relationship="broader")), lists.draft(workbook(pairs("a x related")))
    for number in (first, second):
        lists.approve(number)
    outcomes: list[str] = []

    def publish(number: int) -> None:
        try:
            actions.publish_submission(lists.engine, submission_id=number, actor=MINA)
            outcomes.append("published")
        except BaseMoved:
            outcomes.append("moved")

    threads = [threading.Thread(target=publish, args=(n,)) for n in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["moved", "published"]


# --- what is wrong is said -------------------------------------------------------------------------------------------


def test_codes_that_no_list_has_are_errors_with_the_like_one(lists: Committee) -> None:
    lists.publish(ListOf("LNC", codes(**{"718-7": "هموگلوبین"})), scope="amendment")
    number = draft(lists, one("7187", "x"), one("a", "q"))
    with transaction(lists.engine) as session:
        told = {f.value: f.message_en for f in queries.findings(session, number) if f.severity == "error"}
    assert set(told) == {"7187 → x", "a → q"}
    assert "perhaps 718-7" in told["7187 → x"]
    with pytest.raises(HasErrors):
        actions.submit_for_review(lists.engine, submission_id=number, actor=SARA)


def test_like_codes_are_found_for_all_unknown_ones_at_once_and_findings_are_counted(lists: Committee) -> None:
    lists.publish(ListOf("RVU3", codes(**{f"80.{i}-A": f"خدمت {i}" for i in range(250)})), scope="amendment")
    asked: list[str] = []
    event.listen(lists.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    number = draft(lists, *(one("a", f"80{i}a") for i in range(250)))
    assert sum("regexp_replace" in sql for sql in asked) == 1
    with transaction(lists.engine) as session:
        told = [f for f in queries.findings(session, number) if f.rule == "decision-on-unknown-code"]
    assert len(told) == SHOWN + 1
    assert all("perhaps 80." in f.message_en for f in told[:SHOWN])
    assert (told[-1].cases, told[-1].severity) == (50, "error")


def test_an_error_that_a_list_published_meanwhile_has_mended_is_not_kept(lists: Committee) -> None:
    number = draft(lists, one("a", "q"))
    assert rules(lists, number)["decision-on-unknown-code"] == "error"
    lists.publish(ListOf("RVU3", codes(q="تازه")), scope="amendment")
    lists.approve(number)
    assert "decision-on-unknown-code" not in rules(lists, number)
    actions.publish_submission(lists.engine, submission_id=number, actor=MINA)
    assert current(lists)["a q"] == "equivalent"


def test_a_target_retired_during_the_review_is_shown_before_it_is_approved(lists: Committee) -> None:
    number = draft(lists, one("a", "z"))
    actions.submit_for_review(lists.engine, submission_id=number, actor=SARA)
    lists.publish(ListOf("RVU3", [{"code": "z", "title_fa": "سه", "status": "retired"}]), scope="amendment")
    with pytest.raises(BaseMoved, match="maxa findings"):
        actions.approve_submission(lists.engine, submission_id=number, actor=MINA)
    assert rules(lists, number)["decision-on-retired-code"] == "warning"
    actions.approve_submission(lists.engine, submission_id=number, actor=MINA)
    actions.publish_submission(lists.engine, submission_id=number, actor=MINA)


def test_another_edition_of_the_targets_that_makes_no_difference_does_not_stand_in_the_way(lists: Committee) -> None:
    number = draft(lists, one("a", "z"))
    actions.submit_for_review(lists.engine, submission_id=number, actor=SARA)
    lists.publish(ListOf("RVU3", codes(q="تازه")), scope="amendment")
    actions.approve_submission(lists.engine, submission_id=number, actor=MINA)
    lists.publish(ListOf("RVU3", codes(p="تازه‌تر")), scope="amendment")
    actions.publish_submission(lists.engine, submission_id=number, actor=MINA)
    assert current(lists)["a z"] == "equivalent"


def test_a_draft_of_decisions_with_errors_is_to_be_handed_in_anew(lists: Committee) -> None:
    number = draft(lists, one("a", "q"))
    with pytest.raises(HasErrors, match="maxa decide"):
        actions.submit_for_review(lists.engine, submission_id=number, actor=SARA)


def test_a_decision_on_a_retired_code_is_a_warning_with_its_successor(lists: Committee) -> None:
    gone = [{"code": "z", "title_fa": "سه", "status": "retired", "replaced_by": "x"}]
    lists.publish(ListOf("RVU3", gone), scope="amendment")
    number = draft(lists, one("a", "z"))
    with transaction(lists.engine) as session:
        (finding,) = queries.findings(session, number)
    assert (finding.rule, finding.severity) == ("decision-on-retired-code", "warning")
    assert "x took its place" in finding.message_en


def test_a_code_without_target_that_has_one_is_an_error(lists: Committee) -> None:
    assert rules(lists, draft(lists, no_target("a"), one("a", "x")))["decisions-contradict"] == "error"


def test_a_subject_decided_twice_is_refused(lists: Committee) -> None:
    with pytest.raises(BadParameter, match="decided twice"):
        draft(lists, one("a", "x"), one("a", "x", "not"))


@pytest.mark.parametrize("name", ["LNC→ICD10", "LNC", "", "lnc-rvu3", "'; DROP TABLE mapping; --"])
def test_an_unknown_map_is_refused_with_those_that_are_there(lists: Committee, name: str) -> None:
    with pytest.raises(UnknownMap) as refused:
        draft(lists, no_target("a"), map_name=name)
    assert refused.value.suggestions == [MAP]


def test_nothing_decided_is_refused(lists: Committee) -> None:
    with pytest.raises(BadParameter):
        draft(lists)
    with pytest.raises(BadParameter, match="reason"):
        draft(lists, revoke=[1])


# --- codes without a target --------------------------------------------------------------------------------------------


def test_active_codes_without_an_active_pair_are_listed_and_counted(committee: Committee) -> None:
    committee.publish(
        ListOf("LNC", codes(a="آ", b="ب", c="پ"), part="clinical"), ListOf("LNC", codes(g="ژ"), part="genetics"),
        pairs("a x", part="clinical"),
    )  # fmt: skip
    decide(committee, no_target("b"))
    committee.publish(ListOf("LNC", [{"code": "old", "title_fa": "کهنه", "status": "retired"}], part="clinical"),
                      scope="amendment")  # fmt: skip
    with transaction(committee.engine) as session:
        chosen = map_named(session, MAP)
        counts = decisions.coverage(session, chosen)
        open_ones = [u.code for u in decisions.unmapped(session, chosen)]
        with_decided = [(u.code, u.decision is not None) for u in decisions.unmapped(session, chosen, decided=True)]
        of_part = [u.code for u in decisions.unmapped(session, chosen, part="genetics")]
        paged = [u.code for u in decisions.unmapped(session, chosen, after="c", limit=1)]
    assert [tuple(c) for c in counts] == [("clinical", 3, 1, 1, 1), ("genetics", 1, 0, 0, 1)]
    assert open_ones == ["c", "g"]
    assert with_decided == [("b", True), ("c", False), ("g", False)]
    assert of_part == ["g"]
    assert paged == ["g"]


def test_an_administrator_may_decide_and_approve_with_a_reason(lists: Committee) -> None:
    number = draft(lists, no_target("a"), actor=ADMIN)
    actions.submit_for_review(lists.engine, submission_id=number, actor=ADMIN)
    actions.approve_submission(lists.engine, submission_id=number, actor=ADMIN, override_reason="نشست فوری")
    actions.publish_submission(lists.engine, submission_id=number, actor=ADMIN)
    assert current(lists) == {"b y": "equivalent"}
