from __future__ import annotations

import threading

import pytest

from maxa.access import guessing
from maxa.access.clients import HASHER, hash_secret
from maxa.access.guessing import Busy, Failures, SecretCheck
from tests.access.conftest import Clock


def test_five_failures_are_free_then_each_doubles_the_wait_up_to_five_minutes() -> None:
    clock = Clock(0.0)
    failures = Failures(clock)
    waits = []
    for _ in range(17):
        failures.failed("a", "10.0.0.1")
        waits.append(failures.wait_for("a", "10.0.0.1"))
        clock.now += waits[-1]
        assert failures.wait_for("a", "10.0.0.1") == 0.0
    assert waits == [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]


def test_another_client_and_another_address_are_not_made_to_wait() -> None:
    failures = Failures(Clock(0.0))
    for _ in range(10):
        failures.failed("a", "10.0.0.1")
    assert failures.wait_for("a", "10.0.0.1") > 0
    assert failures.wait_for("a", "10.0.0.2") == 0.0
    assert failures.wait_for("b", "10.0.0.1") == 0.0


def test_a_success_and_a_quarter_of_an_hour_clear_the_record() -> None:
    clock = Clock(0.0)
    failures = Failures(clock)
    for _ in range(6):
        failures.failed("a", "x")
    failures.succeeded("a", "x")
    assert failures.wait_for("a", "x") == 0.0
    for _ in range(5):
        failures.failed("a", "x")
    clock.now += 900.0
    failures.failed("a", "x")
    assert failures.wait_for("a", "x") == 0.0


def test_what_is_remembered_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guessing, "MOST_WATCHED", 100)
    failures = Failures(Clock(0.0))
    for number in range(1_000):
        failures.failed(f"c{number}", "x")
    assert len(failures._seen) == 100


class Counting:
    """The hasher, counting."""

    def __init__(self) -> None:
        self.hashed = 0

    def verify(self, secret_hash: str, secret: bytes) -> bool:
        self.hashed += 1
        return HASHER.verify(secret_hash, secret)


def test_a_right_secret_is_hashed_once_and_a_wrong_one_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    check, counting, known = SecretCheck(1), Counting(), hash_secret("right")
    monkeypatch.setattr(guessing, "HASHER", counting)
    assert [check.matches(known, "right") for _ in range(3)] == [True] * 3
    assert counting.hashed == 1
    assert [check.matches(known, "wrong") for _ in range(2)] == [False] * 2
    assert counting.hashed == 3
    assert check.matches(hash_secret("right"), "right"), "a new hash of it is checked anew"
    assert counting.hashed == 4


def test_an_unknown_name_costs_a_hash_like_a_known_one() -> None:
    check = SecretCheck(1)
    assert check.matches(None, "anything") is False
    check._slots.acquire()
    with pytest.raises(Busy):
        check.matches(None, "anything")


def test_a_hash_that_is_none_matches_nothing() -> None:
    assert SecretCheck(1).matches("not a hash", "anything") is False


def test_no_more_secrets_are_hashed_at_once_than_there_are_slots() -> None:
    check = SecretCheck(1)
    inside, go_on = threading.Event(), threading.Event()

    class Slow:
        def verify(self, secret_hash: str, secret: bytes) -> bool:
            inside.set()
            return go_on.wait(30)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(guessing, "HASHER", Slow())
        first = threading.Thread(target=check.matches, args=("h", "s"))
        first.start()
        assert inside.wait(30)
        with pytest.raises(Busy):
            check.matches("h", "s")
        go_on.set()
        first.join(30)
        assert check.matches("h2", "s") is True
