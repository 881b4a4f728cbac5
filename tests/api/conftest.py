from __future__ import annotations

from pathlib import Path

import pytest

from tests.api.asking import Api, api_over
from tests.api.library import library


@pytest.fixture(scope="session")
def library_shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Only read: tests that publish build a shelf of their own."""
    folder = tmp_path_factory.mktemp("library") / "shelf"
    library(folder)
    return folder


@pytest.fixture(scope="session")
def api(library_shelf: Path, tmp_path_factory: pytest.TempPathFactory) -> Api:
    """The API over the library's shelf, open to all."""
    return api_over(library_shelf, tmp_path_factory.mktemp("home"))
