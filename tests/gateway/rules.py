"""Ties a test to the rules of docs/contract.md that it holds the gateway to; test_contract.py sees that none is left."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

Test = TypeVar("Test", bound=Callable[..., object])


def rule(*numbers: str) -> Callable[[Test], Test]:
    """``@rule("1.8")``: the test fails when rule 1.8 does not hold."""

    def tie(test: Test) -> Test:
        return test

    return tie
