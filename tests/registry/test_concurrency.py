"""Several at once: one order, no lost update, nothing twice."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from maxa.errors import BaseMoved, MaxaError, Unavailable, WrongState
from maxa.registry import actions
from maxa.registry.actions.imports import Workbook
from maxa.registry.engine import make_engine
from maxa.registry.transaction import hold, import_lock, session_lock, transaction
from tests.lists import MINA, SARA, Committee, ListOf, codes, workbook


def at_once(*calls: Callable[[], object]) -> list[object]:
    """Run the calls together; gives results, or the MaxaError that one ended in."""
    barrier = Barrier(len(calls))

    def run(call: Callable[[], object]) -> object:
        barrier.wait()
        try:
            return call()
        except MaxaError as error:
            return error

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def test_of_two_publishers_of_one_submission_one_publishes(committee: Committee) -> None:
    number = committee.draft(workbook(ListOf("LNC", codes(a="آ"))))
    committee.approve(number)
    results = at_once(*[lambda: actions.publish_submission(committee.engine, submission_id=number, actor=MINA)] * 4)
    assert sum(isinstance(r, WrongState) for r in results) == 3
    committee.project()
    committee.check_invariants()


def test_of_two_lists_of_one_part_published_at_once_the_second_is_reviewed_anew(committee: Committee) -> None:
    numbers = [committee.draft(workbook(ListOf("LNC", codes(**{c: c})))) for c in "abc"]
    for number in numbers:
        committee.approve(number)
    results = at_once(
        *[lambda n=n: actions.publish_submission(committee.engine, submission_id=n, actor=MINA) for n in numbers]
    )
    assert sum(isinstance(r, BaseMoved) for r in results) == 2
    committee.project()
    committee.check_invariants()
    assert len(committee.current("LNC")) == 1


def test_lists_of_several_terminologies_are_published_in_one_order(committee: Committee) -> None:
    numbers = [committee.draft(workbook(ListOf(f"T{i}", codes(a=str(i))))) for i in range(6)]
    for number in numbers:
        committee.approve(number)
    results = at_once(
        *[lambda n=n: actions.publish_submission(committee.engine, submission_id=n, actor=MINA) for n in numbers]
    )
    assert sorted(r.serial for r in results) == [1, 2, 3, 4, 5, 6]  # type: ignore[attr-defined]
    at_once(*[committee.project] * 3)
    committee.check_invariants()


def test_two_imports_of_one_terminology_do_not_mix(committee: Committee) -> None:
    books = [workbook(ListOf("LNC", codes(**{f"{c}{i}": f"{c}{i}" for i in range(50)}))) for c in "ab"]
    numbers = at_once(*[lambda b=b: committee.draft(b) for b in books])
    for number, letter in zip(numbers, "ab", strict=True):
        count = committee.scalar(
            "SELECT count(*) FROM staged_concept WHERE submission_id = :id AND code LIKE :like",
            id=number, like=f"{letter}%",
        )  # fmt: skip
        assert count == 50
    assert committee.scalar("SELECT count(*) FROM terminology") == 1


def test_a_submission_is_imported_by_one_process_at_a_time(committee: Committee) -> None:
    number = committee.receive(workbook(ListOf("LNC", codes(a="آ"))))
    with (
        committee.engine.connect() as connection,
        session_lock(connection, import_lock(number), wait=False),
        pytest.raises(WrongState, match="another process"),
    ):
        actions.import_submission(committee.engine, submission_id=number, workdir=committee.home)


def test_the_same_workbook_received_at_once_is_kept_once(committee: Committee) -> None:
    book = workbook(ListOf("LNC", codes(a="آ")))
    results = at_once(*[lambda: actions.receive_submission(committee.engine, actor=SARA, workbooks=[book])] * 4)
    assert sorted(r.existing for r in results) == [False, True, True, True]  # type: ignore[attr-defined]


def test_a_failed_import_is_tried_again_only_once_who_receives_the_same_workbooks_is_done(
    committee: Committee, database_url: str
) -> None:
    number = committee.draft(Workbook("list.json", b"nothing"))
    impatient = make_engine(database_url, lock_seconds=1)
    with transaction(committee.engine) as receiving:
        hold(receiving, committee.scalar("SELECT fingerprint FROM submission"))
        with pytest.raises(Unavailable):
            actions.retry_import(impatient, actor=SARA, submission_id=number)
    impatient.dispose()
    assert committee.scalar("SELECT state FROM submission") == "failed"
    actions.retry_import(committee.engine, actor=SARA, submission_id=number)
    assert committee.scalar("SELECT state FROM submission") == "importing"
