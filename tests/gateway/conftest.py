from __future__ import annotations

from pathlib import Path

import pytest

from tests.gateway.asking import Door, door_to
from tests.gateway.clinic import clinic


@pytest.fixture(scope="session")
def clinic_shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Only read: tests that publish build a shelf of their own."""
    folder = tmp_path_factory.mktemp("clinic") / "shelf"
    clinic(folder)
    return folder


@pytest.fixture(scope="session")
def door(clinic_shelf: Path, tmp_path_factory: pytest.TempPathFactory) -> Door:
    """The gateway over the clinic's shelf, open to all."""
    return door_to(clinic_shelf, tmp_path_factory.mktemp("home"))
