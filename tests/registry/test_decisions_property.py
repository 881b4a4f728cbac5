"""For any sequence of lists, decisions and withdrawals: published = last observed, overlaid by the decisions that stand."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from maxa.errors import WrongState
from maxa.registry import actions, decisions, differences, queries
from maxa.registry.actions.decisions import map_named
from maxa.registry.decided import PAIR_HASH
from maxa.registry.decision_file import Decision
from maxa.registry.staging import canonical_properties, content_hash
from maxa.registry.transaction import transaction
from tests.lists import MINA, SARA, Committee, ListOf, workbook

NAMES = itertools.count()
NO_SHRINKING = (Phase.explicit, Phase.reuse, Phase.generate)  # a play takes seconds: shrinking one would take an hour
Pair = tuple[str, str]
SOURCES, TARGETS, PARTS = "ab", "xy", ("", "p")
RELATIONSHIPS = ("equivalent", "narrower")

pair = st.tuples(st.sampled_from(SOURCES), st.sampled_from(TARGETS))
content = st.tuples(st.sampled_from(RELATIONSHIPS), st.sampled_from([None, "۱", "۲"]))
a_list = st.tuples(
    st.sampled_from(["full", "full", "amendment"]), st.sampled_from(PARTS), st.dictionaries(pair, content, max_size=5)
)
subject = st.one_of(pair, st.tuples(st.sampled_from(SOURCES), st.none()))
a_decision = st.tuples(
    st.just("decide"),
    st.dictionaries(subject, st.tuples(st.sampled_from(["holds", "holds", "not"]), content, st.booleans()), min_size=1,
                    max_size=3),
    st.just(None),
)  # fmt: skip
a_revocation = st.tuples(st.just("revoke"), st.integers(0, 5), st.none())
a_withdrawal = st.tuples(st.just("withdraw"), st.sampled_from([0, 0, 0, 1, 2]), st.none())
a_step = st.one_of(a_list, a_list, a_decision, a_decision, a_decision, a_revocation, a_withdrawal)
plays = st.lists(a_step, min_size=10, max_size=10)


@dataclass(frozen=True)
class Layers:
    """What is known of a map after one release. ``observed``: pair → (part, relationship, value, active);
    ``decided``: subject → (verdict, relationship, value)."""

    observed: dict[Pair, tuple[str, str, Any, bool]] = field(default_factory=dict)
    decided: dict[tuple[str, str | None], tuple[str, str, Any]] = field(default_factory=dict)

    def published(self) -> dict[Pair, tuple[str, Any]]:
        found = {
            key: (relationship, value)
            for key, (_, relationship, value, active) in self.observed.items()
            if active and (key[0], None) not in self.decided
        }
        for (source, target), (verdict, relationship, value) in self.decided.items():
            if target is not None and verdict == "not":
                found.pop((source, target), None)
            elif target is not None:
                listed = self.observed.get((source, target))
                found[source, target] = (relationship, (listed[2] if listed else None) if value is None else value)
        return found


def after_list(before: Layers, scope: str, part: str, rows: dict[Pair, tuple[str, Any]]) -> Layers:
    observed = {
        key: (p, r, v, active and not (scope == "full" and p == part and key not in rows))
        for key, (p, r, v, active) in before.observed.items()
    }
    return Layers(observed | {key: (part, r, v, True) for key, (r, v) in rows.items()}, before.decided)


def after_decisions(before: Layers, made: list[Decision]) -> Layers:
    decided = dict(before.decided)
    for one in made:
        ended = [
            (s, t) for (s, t), (verdict, _, _) in decided.items()
            if s == one.source and ((one.target is None and verdict == "holds")
                                    or (t is None and one.verdict == "holds"))
        ]  # fmt: skip
        for key in ended:
            del decided[key]
        decided[one.source, one.target] = (
            one.verdict, one.relationship or "", (one.properties or {}).get("value") if one.properties else None
        )  # fmt: skip
    return Layers(before.observed, decided)


def contradictory(made: list[Decision]) -> bool:
    alone = {one.source for one in made if one.target is None}
    return any(one.verdict == "holds" and one.source in alone for one in made)


class Played:
    def __init__(self, committee: Committee) -> None:
        self.committee, self.name = committee, f"S{next(NAMES)}→T"
        self.states: list[Layers] = [Layers()]
        self.withdrawn: set[int] = set()
        self.restores: dict[int, int] = {}
        self.publish_list("full", "", {("a", "x"): ("equivalent", None)})

    def publish(self, number: int, then: Layers) -> None:
        self.draft_tells_what_comes(number)
        self.committee.approve(number)
        try:
            actions.publish_submission(self.committee.engine, submission_id=number, actor=MINA)
        except WrongState:
            assert then == self.states[-1], "only what changes nothing at all is refused"
            return
        self.states.append(then)
        assert self.told == self.changes_of_newest()

    def draft_tells_what_comes(self, number: int) -> None:
        with transaction(self.committee.engine) as session:
            submission = queries.submission_or_error(session, number)
            chosen = map_named(session, self.name)
            self.told = list(differences.draft_changes(session, submission, chosen))
            counts = differences.draft_counts(session, submission, chosen)
        assert counts.total == len(self.told)

    def changes_of_newest(self) -> list[Any]:
        with transaction(self.committee.engine) as session:
            chosen = map_named(session, self.name)
            line = differences.editions(session, chosen)
            if len(line) == 1:
                return self.told
            return list(differences.edition_changes(session, chosen, line[-2], line[-1]))

    def publish_list(self, scope: str, part: str, rows: dict[Pair, tuple[str, Any]]) -> None:
        made = [
            {"source": s, "target": t, "relationship": r, "properties": {"value": v} if v else {}}
            for (s, t), (r, v) in rows.items()
        ]
        number = self.committee.draft(workbook(ListOf(self.name, made, part=part)), scope=scope)
        self.publish(number, after_list(self.states[-1], scope, part, rows))

    def decide(self, given: dict[tuple[str, str | None], Any]) -> None:
        made = []
        for (source, target), (verdict, (relationship, value), with_value) in given.items():
            if target is None:
                made.append(Decision(source, None, "no-target", "چون"))
            elif verdict == "not":
                made.append(Decision(source, target, "not", "چون"))
            else:
                properties = {"value": value} if with_value and value else None
                made.append(Decision(source, target, "holds", "چون", relationship, properties))
        if contradictory(made):
            return
        try:
            number = actions.draft_decisions(
                self.committee.engine, actor=SARA, map_name=self.name, decisions=made
            ).submission_id
        except WrongState:
            return
        self.publish(number, after_decisions(self.states[-1], made))

    def revoke(self, which: int) -> None:
        with transaction(self.committee.engine) as session:
            standing = decisions.decisions(session, terminology=map_named(session, self.name), states=("standing",))
        if not standing:
            return
        one = standing[which % len(standing)]
        number = actions.draft_decisions(
            self.committee.engine, actor=SARA, map_name=self.name, revoke=[one.id], reason="چون"
        ).submission_id
        decided = {key: value for key, value in self.states[-1].decided.items() if key != (one.source, one.target)}
        self.publish(number, Layers(self.states[-1].observed, decided))

    def withdraw(self, back: int) -> None:
        with transaction(self.committee.engine) as session:
            line = differences.editions(session, map_named(session, self.name))
        release = line[max(len(line) - 1 - back, 0)]
        if release.withdrawn_serial is not None:
            return
        actions.withdraw_release(self.committee.engine, terminology=self.name, version=release.version, actor=MINA,
                                 reason="چون")  # fmt: skip
        with transaction(self.committee.engine) as session:
            line = differences.editions(session, map_named(session, self.name))
        if line[-1].restores is not None and len(line) == len(self.states):
            then = self.states[line[-1].restores]
            gone = {k: (*v[:3], False) for k, v in self.states[-1].observed.items() if k not in then.observed}
            self.states.append(Layers(then.observed | gone, then.decided))

    def check(self) -> None:
        """Every edition holds what it should, long afterwards too; and the layers beneath the current one."""
        with self.committee.engine.connect() as connection:
            tid = connection.scalar(text("SELECT id FROM terminology WHERE name = :n"), {"n": self.name})
            rows = connection.execute(
                text("SELECT source_code, target_code, relationship, properties->>'value' AS value, since, until, part,"
                     " content_hash, CAST(properties AS text) AS written FROM mapping"
                     " WHERE terminology_id = :t AND status = 'active'"),
                {"t": tid},
            ).all()  # fmt: skip
            observed = connection.execute(
                text("SELECT source_code, target_code, relationship, properties->>'value' FROM observed_mapping"
                     " WHERE terminology_id = :t AND until IS NULL AND status = 'active'"),
                {"t": tid},
            ).all()  # fmt: skip
        for ordinal, state in enumerate(self.states[1:], start=1):
            held = {
                (r.source_code, r.target_code): (r.relationship, r.value)
                for r in rows
                if r.since <= ordinal and (r.until is None or r.until > ordinal)
            }
            assert held == state.published(), ordinal
        with transaction(self.committee.engine) as session:
            standing = decisions.decisions(session, terminology=map_named(session, self.name), states=("standing",))
        assert {(d.source, d.target): (d.verdict, d.relationship or "") for d in standing} == {
            subject: decided[:2] for subject, decided in self.states[-1].decided.items()
        }
        for r in rows:
            assert r.content_hash == content_hash([r.part, r.relationship, r.written], active=True)
        assert {(s, t): (r, v) for s, t, r, v in observed} == {
            key: (r, v) for key, (_, r, v, active) in self.states[-1].observed.items() if active
        }


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck), phases=NO_SHRINKING)
@given(steps=plays)
def test_the_current_map_is_what_was_observed_overlaid_by_the_decisions(committee: Committee, steps: list[Any]) -> None:
    played = Played(committee)
    for kind, what, more in steps:
        if kind == "decide":
            played.decide(what)
        elif kind == "revoke":
            played.revoke(what)
        elif kind == "withdraw":
            played.withdraw(what)
        else:
            played.publish_list(kind, what, more)
        played.check()


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    part=st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=8),
    relationship=st.sampled_from(RELATIONSHIPS),
    properties=st.dictionaries(
        st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=5),
        st.one_of(
            st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=8),
            st.integers(-(2**40), 2**40), st.floats(allow_nan=False, allow_infinity=False), st.booleans(),
        ),
        max_size=3,
    ),
)  # fmt: skip
def test_postgresql_hashes_a_pair_as_we_do(
    committee: Committee, part: str, relationship: str, properties: dict[str, Any]
) -> None:
    written = canonical_properties(properties)
    sql = PAIR_HASH.format(
        part="CAST(:part AS text)", relationship="CAST(:relationship AS text)", properties="CAST(:written AS json)"
    )
    values = {"part": part, "relationship": relationship, "written": written}
    with committee.engine.connect() as connection:
        assert connection.scalar(text(f"SELECT {sql}"), values) == content_hash(
            [part, relationship, written], active=True
        )
