"""Which work lists of maps a process keeps: whoever renews one costs no other one its place."""

from __future__ import annotations

from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import pytest

from maxa.registry.actions.decision_sets import _declared_maps
from maxa.web.desk import worklists
from maxa.web.desk.worklists import MOST_MAPS, WorkLists


class Reckoned:
    """Stands for the registry: editions of maps by their numbers, and which ones were reckoned."""

    def __init__(self) -> None:
        self.editions: dict[int, tuple[int, ...]] = {}
        self.asked: list[int] = []

    def editions_of(self, _: Any, terminology: Any) -> tuple[int, ...]:
        return self.editions.get(terminology.id, (1,))

    def work_of(self, _: Any, terminology: Any) -> Any:
        self.asked.append(terminology.id)
        return SimpleNamespace(editions=self.editions_of(_, terminology))


@pytest.fixture
def reckoned(monkeypatch: pytest.MonkeyPatch) -> Reckoned:
    made = Reckoned()
    monkeypatch.setattr(worklists, "MOST_MAPS", 3)
    monkeypatch.setattr(worklists, "deciding", made)
    monkeypatch.setattr(worklists, "transaction", nullcontext)
    return made


def ask(lists: WorkLists, *numbers: int) -> None:
    for number in numbers:
        lists.of(None, SimpleNamespace(id=number))  # type: ignore[arg-type]


def test_a_list_that_is_renewed_drops_no_other(reckoned: Reckoned) -> None:
    lists = WorkLists()
    ask(lists, 1, 2, 3)
    reckoned.editions[3] = (2,)
    ask(lists, 3, 1, 2, 3)
    assert reckoned.asked == [1, 2, 3, 3]


def test_the_least_recently_asked_for_goes_first(reckoned: Reckoned) -> None:
    lists = WorkLists()
    ask(lists, 1, 2, 3, 1, 4, 1, 3, 4)
    assert reckoned.asked == [1, 2, 3, 4]
    ask(lists, 2)
    assert reckoned.asked[-1] == 2


def test_all_maps_that_sources_declare_have_a_place() -> None:
    assert len(_declared_maps()) < MOST_MAPS
