"""For any sequence of lists, decisions and withdrawals: published = last observed, overlaid by the decisions that stand."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from maxa.errors import WrongState
from maxa.registry import actions, decisions, differences, queries
from maxa.registry.decided import PAIR_HASH
from maxa.registry.decision_file import Decision
from maxa.registry.differences import terminology_named
from maxa.registry.models import Finding
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
pairs = st.dictionaries(pair, content, max_size=5)
a_list = st.tuples(
    st.sampled_from(["full", "full", "amendment"]),
    st.one_of(*(st.fixed_dictionaries(dict.fromkeys(parts, pairs)) for parts in (PARTS[:1], PARTS[1:], PARTS))),
    st.none(),
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


Lists = dict[str, dict[Pair, tuple[str, Any]]]  # by part
Row = tuple[str, Any, bool]  # relationship, value, active


@dataclass(frozen=True)
class Layers:
    """What is known of a map after one release. ``rows``: what the lists of each part say; ``observed``: pair → what all of
    them say; ``decided``: subject → (verdict, relationship, value)."""

    rows: dict[tuple[str, Pair], Row] = field(default_factory=dict)
    observed: dict[Pair, Row] = field(default_factory=dict)
    decided: dict[tuple[str, str | None], tuple[str, str, Any]] = field(default_factory=dict)

    def published(self) -> dict[Pair, tuple[str, Any]]:
        found = {
            key: (relationship, value)
            for key, (relationship, value, active) in self.observed.items()
            if active and (key[0], None) not in self.decided
        }
        for (source, target), (verdict, relationship, value) in self.decided.items():
            if target is not None and verdict == "not":
                found.pop((source, target), None)
            elif target is not None:
                listed = self.observed.get((source, target))
                found[source, target] = (relationship, (listed[1] if listed else None) if value is None else value)
        return found

    def with_rows(self, rows: dict[tuple[str, Pair], Row], *, shared: bool) -> Layers:
        """Of each pair, what the first part says that lists it. One that no part lists stays as it was, retired;
        ``shared``: where parts have pairs in common, else it is as its only part has it."""
        observed: dict[Pair, Row] = {}
        for key in {key for _, key in rows}:
            of_parts = [rows[part, key] for part in sorted(PARTS) if (part, key) in rows]
            listed = [row for row in of_parts if row[2]]
            last = self.observed.get(key) if shared else None
            observed[key] = listed[0] if listed else (*(last or of_parts[0])[:2], False)
        return Layers(rows, observed, self.decided)


def after_lists(before: Layers, scope: str, lists: Lists, *, shared: bool) -> Layers:
    rows = {
        (part, key): (r, v, active and not (scope == "full" and part in lists and key not in lists[part]))
        for (part, key), (r, v, active) in before.rows.items()
    }
    named: dict[tuple[str, Pair], Row] = {}
    for part, said in lists.items():
        keeps = scope == "amendment" and not any(v for _, v in said.values())  # a column that it does not name
        for key, (r, v) in said.items():
            last = before.rows.get((part, key))
            named[part, key] = (r, last[1] if keeps and last else v, True)
    return before.with_rows(rows | named, shared=shared)


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
    return Layers(before.rows, before.observed, decided)


def contradictory(made: list[Decision]) -> bool:
    alone = {one.source for one in made if one.target is None}
    return any(one.verdict == "holds" and one.source in alone for one in made)


class Played:
    def __init__(self, committee: Committee) -> None:
        self.committee, self.name = committee, f"S{next(NAMES)}→T"
        self.states: list[Layers] = [Layers()]  # by ordinal
        self.carries: list[set[str | None]] = [set()]  # which part an edition brought; None: decisions
        self.restores: list[int | None] = [None]
        self.withdrawn: set[int] = set()
        self.shared = False  # whether two parts ever carried the same pair
        self.publish_lists("full", {"": {("a", "x"): ("equivalent", None)}})

    def publish(self, number: int, then: Layers, carries: set[str | None]) -> None:
        self.draft_tells_what_comes(number)
        self.committee.approve(number, self.asked(number))
        try:
            actions.publish_submission(self.committee.engine, submission_id=number, actor=MINA)
        except WrongState:
            assert then == self.states[-1], "only what changes nothing at all is refused"
            return
        self.add(then, carries)
        assert self.told == self.changes_of_newest()

    def asked(self, number: int) -> tuple[str, ...]:
        """The figures that are to be confirmed."""
        with transaction(self.committee.engine) as session:
            found = session.scalars(select(Finding.confirm).where(Finding.submission_id == number))
            return tuple(key for key in found if key)

    def add(self, then: Layers, carries: set[str | None], restores: int | None = None) -> None:
        self.states.append(then)
        self.carries.append(carries)
        self.restores.append(restores)

    def draft_tells_what_comes(self, number: int) -> None:
        with transaction(self.committee.engine) as session:
            submission = queries.submission_or_error(session, number)
            chosen = terminology_named(session, self.name)
            self.told = list(differences.draft_changes(session, submission, chosen))
            counts = differences.draft_counts(session, submission, chosen)
        assert counts.total == len(self.told)

    def changes_of_newest(self) -> list[Any]:
        with transaction(self.committee.engine) as session:
            chosen = terminology_named(session, self.name)
            line = differences.editions(session, chosen)
            if len(line) == 1:
                return self.told
            return list(differences.edition_changes(session, chosen, line[-2], line[-1]))

    def publish_lists(self, scope: str, lists: Lists) -> None:
        made = [
            ListOf(
                self.name,
                [
                    {"source": s, "target": t, "relationship": r, "properties": {"value": v} if v else {}}
                    for (s, t), (r, v) in said.items()
                ],
                part=part,
            )
            for part, said in lists.items()
        ]
        number = self.committee.draft(workbook(*made), scope=scope)
        carried = self.carried(number)
        known = {(p, key) for p, key in self.states[-1].rows} | {(p, key) for p, said in lists.items() for key in said}
        self.shared |= any(
            (other, key) in known for p, said in lists.items() for key in said for other in {*PARTS} - {p}
        )
        then = after_lists(self.states[-1], scope, {p: lists[p] for p in carried}, shared=self.shared)
        self.publish(number, then, carried)

    def carried(self, number: int) -> set[str | None]:
        """A list without a pair is none, unless it empties its part."""
        with transaction(self.committee.engine) as session:
            return {table.part for table in queries.submission_or_error(session, number).tables}

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
        self.publish(number, after_decisions(self.states[-1], made), {None})

    def revoke(self, which: int) -> None:
        with transaction(self.committee.engine) as session:
            standing = decisions.decisions(
                session, terminology=terminology_named(session, self.name), states=("standing",)
            )
        if not standing:
            return
        one = standing[which % len(standing)]
        number = actions.draft_decisions(
            self.committee.engine, actor=SARA, map_name=self.name, revoke=[one.id], reason="چون"
        ).submission_id
        decided = {key: value for key, value in self.states[-1].decided.items() if key != (one.source, one.target)}
        self.publish(number, replace(self.states[-1], decided=decided), {None})

    def withdraw(self, back: int) -> None:
        with transaction(self.committee.engine) as session:
            line = differences.editions(session, terminology_named(session, self.name))
        release = line[max(len(line) - 1 - back, 0)]
        if release.withdrawn_serial is not None:
            return
        actions.withdraw_release(self.committee.engine, terminology=self.name, version=release.version, actor=MINA,
                                 reason="چون")  # fmt: skip
        with transaction(self.committee.engine) as session:
            line = differences.editions(session, terminology_named(session, self.name))
        before = self.sources()
        copies = {n for n, restores in enumerate(self.restores) if restores == release.ordinal}
        self.withdrawn |= {release.ordinal, *copies} | ({release.restores} - {None})
        left = {part: self.sources().get(part, 0) for part, n in before.items() if self.sources().get(part) != n}
        newest = len(self.states) - 1
        assert (len(line) > newest) == (bool(left) or newest in self.withdrawn)
        if len(line) > newest:
            assert line[-1].restores == max(left.values(), default=release.restores)
            self.add(self.put_back(left), set(), line[-1].restores)

    def sources(self) -> dict[str | None, int]:
        """Where what is served comes from: the newest good edition of each part, and of decisions."""
        return {
            part: n
            for n, parts in enumerate(self.carries)
            for part in parts
            if n not in self.withdrawn and self.restores[n] is None
        }

    def put_back(self, left: dict[str | None, int]) -> Layers:
        now = self.states[-1]
        rows = dict(now.rows)
        for (part, key), (r, v, _) in now.rows.items():
            if part in left:
                rows[part, key] = self.states[left[part]].rows.get((part, key), (r, v, False))
        then = now.with_rows(rows, shared=self.shared)
        return replace(then, decided=self.states[left[None]].decided) if None in left else then

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
            standing = decisions.decisions(
                session, terminology=terminology_named(session, self.name), states=("standing",)
            )
        assert {(d.source, d.target): (d.verdict, d.relationship or "") for d in standing} == {
            subject: decided[:2] for subject, decided in self.states[-1].decided.items()
        }
        for r in rows:
            assert r.content_hash == content_hash([r.part, r.relationship, r.written], active=True)
        assert {(s, t): (r, v) for s, t, r, v in observed} == {
            key: (r, v) for key, (r, v, active) in self.states[-1].observed.items() if active
        }


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck), phases=NO_SHRINKING)
@given(steps=plays)
def test_the_current_map_is_what_was_observed_overlaid_by_the_decisions(committee: Committee, steps: list[Any]) -> None:
    played = Played(committee)
    for kind, what, _ in steps:
        if kind == "decide":
            played.decide(what)
        elif kind == "revoke":
            played.revoke(what)
        elif kind == "withdraw":
            played.withdraw(what)
        else:
            played.publish_lists(kind, what)
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
