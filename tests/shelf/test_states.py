"""Differences that are told out of sealed files are those of the registry, between any two editions, also where history
was brought in between them (docs/adr/0008-history.md)."""

from __future__ import annotations

import random
from itertools import product
from typing import Any

import pytest

from maxa.diff import KINDS
from maxa.registry import differences
from maxa.registry.transaction import transaction
from maxa.shelf import states
from maxa.shelf.catalogue import TerminologyEntry
from maxa.shelf.states import Differences
from tests.lists import Committee, ListOf, codes
from tests.registry.test_history import live, past


def require_the_same(committee: Committee, name: str) -> set[str]:
    """Hold shelf and registry together over all pairs of editions of ``name``; gives the kinds of change that came up."""
    shelf = committee.shelf
    entry = next(e for e in shelf.catalogue().terminologies if e.id == name)
    came_up: set[str] = set()
    for before, after in product(entry.editions, repeat=2):
        with transaction(committee.engine) as session:
            terminology = differences.terminology_named(session, name)
            held = [differences.release_of(session, terminology, e.version) for e in (before, after)]
            expected = list(differences.edition_changes(session, terminology, *held))
            counted = differences.edition_counts(session, terminology, *held).as_dict()
        ours = Differences(shelf.release(before), shelf.release(after))
        told = list(ours.changes())
        assert told == expected, (before.version, after.version)
        assert added_up(ours) == counted
        came_up.update(change.kind for change in told)
        for place in range(len(told)):  # a page goes on after any code
            assert list(ours.changes(after=told[place].code)) == told[place + 1 :]
    return came_up


def added_up(ours: Differences) -> dict[str, Any]:
    whole = states.Counts()
    for one in ours.counts().values():
        whole.kinds.update(one.kinds)
        whole.fields.update(one.fields)
    return whole.as_dict()


def test_history_with_parts_retirements_restores_and_a_withdrawal(committee: Committee) -> None:
    live(committee, "1399/01/01", ListOf("LNC", codes(g1="ژ"), part="genetics"))
    live(committee, "1401/01/01", ListOf("LNC", codes(g1="ژ۲", g2="ژ"), part="genetics"))
    live(committee, "1402/01/01", ListOf("LNC", codes(c2="پ", c3="ت"), part="clinical"))
    past(committee, "1400/01/01", ListOf("LNC", codes(c1="پ", c3="ت کهنه"), part="clinical"))
    live(committee, "1403/01/01", ListOf("LNC", codes(c1="پ", c2="پ"), part="clinical"))
    past(committee, "1401/06/01", ListOf("LNC", codes(c0="آ", c1="پ", c2="کهنه"), part="clinical"))
    committee.withdraw("LNC", "1403-01-01.2")
    assert require_the_same(committee, "LNC") == set(KINDS)
    committee.check_invariants()


def test_a_map_with_history(committee: Committee) -> None:
    def pairs(*targets: str) -> ListOf:
        return ListOf("LNC→RVU3", [{"source": f"718-{t[0]}", "target": t, "relationship": "related"} for t in targets])

    live(committee, "1402/01/01", pairs("b1", "c1"))
    past(committee, "1400/01/01", pairs("a1", "b1"))
    live(committee, "1403/01/01", pairs("a1", "d1"))
    past(committee, "1401/01/01", pairs("a1", "a2", "c1"))
    assert require_the_same(committee, "LNC→RVU3") >= {"added", "removed", "retired"}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_whatever_comes_in_whatever_order(committee: Committee, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(states, "_STEP", 2)  # as a list of thousands is read
    chance = random.Random(seed)
    days = [f"14{year:02}/0{month}/01" for year in range(5) for month in (1, 5)]
    chance.shuffle(days)
    newest: dict[str, str] = {}
    for day in days[:7]:
        part = chance.choice(["", "p"])
        rows = [
            {"code": f"{part}{n}", "title_fa": chance.choice(["یک", "دو"]), "properties": {"n": chance.choice("ab")}}
            for n in range(6)
            if chance.random() < 0.6
        ] or [{"code": f"{part}0", "title_fa": "یک"}]
        publish = past if day < newest.get(part, "") else live
        publish(committee, day, ListOf("LNC", rows, part=part))
        newest[part] = max(day, newest.get(part, ""))
    entry: TerminologyEntry = committee.shelf.catalogue().terminology("LNC")
    assert any(e.before for e in entry.editions)
    require_the_same(committee, "LNC")
