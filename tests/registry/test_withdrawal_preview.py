"""What a withdrawal is said to reverse is what it reverses."""

from __future__ import annotations

import itertools

import pytest
from sqlalchemy import select

from maxa.registry import actions
from maxa.registry.actions.withdrawing import release_named
from maxa.registry.differences import edition_changes, edition_counts
from maxa.registry.models import Release
from maxa.registry.transaction import transaction
from tests.lists import MINA, SARA, Committee, ListOf, codes, workbook


def versions(committee: Committee) -> list[str]:
    with transaction(committee.engine) as session:
        return [r.version for r in session.query(Release).order_by(Release.ordinal)]


def withdraw_as_foretold(committee: Committee, version: str) -> bool:
    """Withdraws it, and holds the outcome against what was said before; gives whether something that is served changed."""
    which = {"terminology": "LNC", "version": version, "actor": MINA}
    with actions.foresee_withdrawal(committee.engine, **which) as told:
        foretold, counts = told.undo is not None, None
        if told.undo is not None:
            counts = edition_counts(told.session, told.release.terminology, told.served, told.undo)
            listed = list(edition_changes(told.session, told.release.terminology, told.served, told.undo))
    made = actions.withdraw_release(committee.engine, **which, reason="نادرست").releases
    if counts is None:
        assert not foretold
        assert made == []
        return False
    [(_, _, changed)] = made
    assert changed._asdict() == {kind: counts.kinds[kind] for kind in changed._asdict()}
    assert counts.total == len(listed) == sum(changed)
    return True


def three_editions(committee: Committee) -> list[str]:
    committee.publish(ListOf("LNC", codes(a="آ", b="ب")), circular="110/186")
    committee.publish(ListOf("LNC", codes(a="آ۲", c="پ")), circular="110/37")
    committee.publish(ListOf("LNC", codes(b="ب۳", c="پ")), circular="110/368")
    return versions(committee)


def is_withdrawn(committee: Committee, version: str) -> bool:
    with transaction(committee.engine) as session:
        return release_named(session, "LNC", version).withdrawn_serial is not None


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_in_whatever_order_editions_are_withdrawn(committee: Committee, order: tuple[int, ...]) -> None:
    first = three_editions(committee)
    for at in order:
        withdraw_as_foretold(committee, first[at])
    assert all(is_withdrawn(committee, version) for version in first)


def test_an_edition_that_brought_earlier_rows_back_can_be_withdrawn_as_well(committee: Committee) -> None:
    first = three_editions(committee)
    assert withdraw_as_foretold(committee, first[2])
    assert withdraw_as_foretold(committee, versions(committee)[-1])
    committee.project()
    assert committee.current("LNC")["a"] == ("آ", True)


def test_an_edition_of_the_past_is_withdrawn_without_touching_what_is_served(committee: Committee) -> None:
    committee.publish(ListOf("LNC", codes(a="آ۲", c="پ")), circular="110/37")
    number = committee.draft(workbook(ListOf("LNC", codes(a="آ", b="ب"))), circular="110/186", history=True)
    actions.submit_for_review(committee.engine, submission_id=number, actor=SARA)
    actions.approve_submission(committee.engine, submission_id=number, actor=MINA)
    actions.publish_submission(committee.engine, submission_id=number, actor=MINA)
    committee.project()
    served = committee.current("LNC")
    assert served == {"a": ("آ۲", True), "b": ("ب", False), "c": ("پ", True)}
    with transaction(committee.engine) as session:
        past = session.scalars(select(Release.version).where(Release.submission_id == number)).one()
    assert not withdraw_as_foretold(committee, past)
    committee.project()
    assert committee.current("LNC") == served
    changed = [withdraw_as_foretold(committee, v) for v in versions(committee) if not is_withdrawn(committee, v)]
    assert changed == [True]
