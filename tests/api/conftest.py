from __future__ import annotations

from pathlib import Path

import pytest

from maxa.requests.spool import Spool
from tests.api.asking import SAMPLE, Api, api_over
from tests.api.library import library


@pytest.fixture(scope="session")
def library_shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Only read: tests that publish build a shelf of their own."""
    folder = tmp_path_factory.mktemp("library") / "shelf"
    library(folder)
    return folder


@pytest.fixture(scope="session")
def api(library_shelf: Path, tmp_path_factory: pytest.TempPathFactory) -> Api:
    """The API over the library's shelf, open to all; one request was answered."""
    home = tmp_path_factory.mktemp("home")
    answered = {
        "kind": "existing",
        "terminology": "LNC",
        "code": "718-7",
        "reason": "",
        "at": "2026-05-02T08:30:00+00:00",
    }
    answered |= {"pending": False, "expected": None}
    rows = [
        {"code": "H-1", "title": "هموگلوبین", "note": "", "answer": answered},
        {"code": "", "title": "آزمایش تازه", "note": "", "answer": None},
    ]
    Spool(home / "requests").show(
        {
            "tracking": SAMPLE, "digest": "", "kind": "missing-code", "terminology": "LNC", "organisation": "بیمهٔ نمونه",
            "note": "", "state": "in_review", "received_at": "2026-05-01T08:30:00+00:00", "rows": rows,
            "updated_at": "2026-05-02T08:30:00+00:00",
        }
    )  # fmt: skip
    return api_over(library_shelf, home)
