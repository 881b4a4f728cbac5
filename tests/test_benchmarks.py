"""What the benchmarks count by; they themselves are run by hand."""

from __future__ import annotations

import itertools
import os
import time
from pathlib import Path

import pytest
from openpyxl import Workbook

from benchmarks.import_irc import read_with_openpyxl
from benchmarks.processor import seconds_of_tree


def test_what_the_process_did_before_is_not_openpyxls_reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book = Workbook()
    book.active.append(["code", "title"])
    book.save(tmp_path / "a.xlsx")
    clock = itertools.count(100.0, 0.5)
    monkeypatch.setattr(time, "process_time", lambda: next(clock))
    found = read_with_openpyxl(tmp_path / "a.xlsx")
    assert (found["cells"], found["cpu"]) == (2, 0.5)


def test_the_time_of_no_process_is_not_that_of_all() -> None:
    assert seconds_of_tree(os.getpid()) > 0
    with pytest.raises(ValueError, match="no process"):
        seconds_of_tree(0)
