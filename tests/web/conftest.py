from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.api.library import library
from tests.web.asking import Browser, browser_over


@pytest.fixture(scope="session")
def library_shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Only read: tests that publish build a shelf of their own."""
    folder = tmp_path_factory.mktemp("library") / "shelf"
    library(folder)
    return folder


@pytest.fixture(scope="session")
def site(library_shelf: Path, tmp_path_factory: pytest.TempPathFactory) -> Browser:
    """The pages over the library's shelf, as a browser without JavaScript sees them."""
    return browser_over(library_shelf, tmp_path_factory.mktemp("home"))


@pytest.fixture
def site_over(tmp_path: Path) -> Callable[[Path], Browser]:
    return lambda shelf: browser_over(shelf, tmp_path / "home")
