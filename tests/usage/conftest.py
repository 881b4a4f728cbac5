from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from maxa.usage.counting import Usage


class Clock:
    """Seconds since 1970, as the test says."""

    def __init__(self, at: datetime = datetime(2026, 5, 1, 8, tzinfo=UTC)) -> None:
        self.at = at

    def __call__(self) -> float:
        return self.at.timestamp()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "usage"


@pytest.fixture
def counting(folder: Path, clock: Clock) -> Callable[[], Usage]:
    """A process's counts; flushed when the test says so."""
    return lambda: Usage(folder, clock=clock, every=3_600.0)
