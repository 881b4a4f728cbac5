"""For any sequence of lists of two parts of a terminology and withdrawals: what is published is the union of the parts, each
as its newest edition has it that is not withdrawn."""

from __future__ import annotations

import itertools
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from maxa.errors import WrongState
from maxa.registry import actions, queries
from maxa.registry.models import Release, Terminology
from maxa.registry.transaction import transaction
from tests.lists import MINA, SARA, Committee, ListOf, workbook

NAMES = itertools.count()
NO_SHRINKING = (Phase.explicit, Phase.reuse, Phase.generate)  # a play takes seconds: shrinking one would take an hour
PARTS = ("clinical", "genetics")
Rows = dict[str, tuple[str, str, bool]]  # code → part, title, active

titles = st.dictionaries(st.sampled_from("abcd"), st.sampled_from(["یک", "دو"]), max_size=4)
a_list = st.tuples(
    st.sampled_from(["full", "full", "amendment"]),
    st.one_of(*(st.fixed_dictionaries(dict.fromkeys(parts, titles)) for parts in (PARTS[:1], PARTS[1:], PARTS))),
)
a_withdrawal = st.tuples(st.just("withdraw"), st.sampled_from([0, 1, 1, 2, 2, 3]))
plays = st.lists(st.one_of(a_list, a_list, a_withdrawal), min_size=12, max_size=12)


class Played:
    def __init__(self, committee: Committee) -> None:
        self.committee, self.name = committee, f"T{next(NAMES)}"
        self.states: list[Rows] = [{}]  # by ordinal
        self.carries: list[set[str]] = [set()]
        self.restores: list[int | None] = [None]
        self.withdrawn: set[int] = set()
        self.publish("full", {"clinical": {"a": "یک"}})

    def add(self, rows: Rows, carries: set[str], restores: int | None = None) -> None:
        self.states.append(rows)
        self.carries.append(carries)
        self.restores.append(restores)

    def publish(self, scope: str, lists: dict[str, dict[str, str]]) -> None:
        """Codes are one part's: one that is another's now, and stays there, is refused."""
        made = [
            ListOf(self.name, [{"code": code, "title_fa": title} for code, title in said.items()], part=part)
            for part, said in lists.items()
        ]
        number = self.committee.draft(workbook(*made), scope=scope)
        now = self.states[-1]
        with transaction(self.committee.engine) as session:
            submission = queries.submission_or_error(session, number)
            carried = {table.part for table in submission.tables}
            refused = any(f.severity == "error" for f in queries.findings(session, number))
        replaced = carried if scope == "full" else set()
        twice = set.intersection(*(set(said) for said in lists.values())) if len(lists) > 1 else set()
        taken = {
            code for part, said in lists.items() for code in said
            if code in now and now[code][2] and now[code][0] != part and now[code][0] not in replaced
        }  # fmt: skip
        assert refused == bool(twice or taken)
        if refused or not carried:
            actions.reject_submission(self.committee.engine, submission_id=number, actor=SARA, reason="چون")
            return
        named = {code: (part, title, True) for part, said in lists.items() for code, title in said.items()}
        rows = {
            code: (part, title, active and not (part in replaced and code not in named))
            for code, (part, title, active) in now.items()
        } | named
        self.committee.approve(number)
        try:
            actions.publish_submission(self.committee.engine, submission_id=number, actor=MINA)
        except WrongState:
            assert rows == now, "only what changes nothing at all is refused"
            return
        self.add(rows, carried)

    def withdraw(self, back: int) -> None:
        line = self.editions()
        release = line[max(len(line) - 1 - back, 0)]
        if release.withdrawn_serial is not None:
            return
        actions.withdraw_release(self.committee.engine, terminology=self.name, version=release.version, actor=MINA,
                                 reason="چون")  # fmt: skip
        before, newest = self.sources(), len(line)
        copies = {n for n, restores in enumerate(self.restores) if restores == release.ordinal}
        self.withdrawn |= {release.ordinal, *copies} | ({release.restores} - {None})
        left = {part: self.sources().get(part, 0) for part, n in before.items() if self.sources().get(part) != n}
        line = self.editions()
        assert {r.ordinal for r in line if r.withdrawn_serial} == self.withdrawn - {0}
        assert (len(line) > newest) == (bool(left) or newest in self.withdrawn)
        if len(line) > newest:
            self.add(self.put_back(left), set(), line[-1].restores)

    def editions(self) -> list[Release]:
        with transaction(self.committee.engine) as session:
            found = session.query(Release).join(Terminology).filter(Terminology.name == self.name)
            return list(found.order_by(Release.ordinal))

    def sources(self) -> dict[str, int]:
        return {
            part: n
            for n, parts in enumerate(self.carries)
            for part in parts
            if n not in self.withdrawn and self.restores[n] is None
        }

    def put_back(self, left: dict[str, int]) -> Rows:
        """Codes of the other parts stay; those of these are as they were. Nothing that was published disappears."""
        now = self.states[-1]
        stood: Rows = {}
        for part, n in sorted(left.items(), key=lambda one: (-one[1], one[0]), reverse=True):
            for code, row in self.states[n].items():
                if row[0] == part and (row[2] or not stood.get(code, ("", "", False))[2]):
                    stood[code] = row
        rows = {code: (part, title, active and part not in left) for code, (part, title, active) in now.items()}
        for code, row in stood.items():
            of_others = code in now and now[code][0] not in left
            if not of_others or (row[2] and not now[code][2]):
                rows[code] = row
        return rows

    def check(self) -> None:
        """Every edition holds what it should, long afterwards too."""
        with self.committee.engine.connect() as connection:
            rows = connection.execute(
                text("SELECT c.* FROM concept c JOIN terminology t ON t.id = c.terminology_id WHERE t.name = :n"),
                {"n": self.name},
            ).all()
        for ordinal, state in enumerate(self.states):
            held = {
                r.code: (r.part, r.title_fa, r.status == "active")
                for r in rows
                if r.since <= ordinal and (r.until is None or r.until > ordinal)
            }
            assert held == state, ordinal


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), phases=NO_SHRINKING)
@given(steps=plays)
def test_a_terminology_is_the_union_of_its_parts_as_they_are_after_withdrawals(
    committee: Committee, steps: list[Any]
) -> None:
    played = Played(committee)
    for kind, what in steps:
        if kind == "withdraw":
            played.withdraw(what)
        else:
            played.publish(kind, what)
        played.check()
