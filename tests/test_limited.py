"""What a limited child may do besides its work, and how its end is told."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from maxa import limited
from maxa.errors import BadWorkbook
from maxa.limited import Ended, result_of, run_limited

TAKE = "import json, pathlib, sys; task = json.loads(sys.stdin.readline())\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Modules are looked for here, in the place of the project."""
    monkeypatch.setattr(limited, "_PROJECT", tmp_path)
    return tmp_path


def refused(ended: Ended) -> BadWorkbook:
    return BadWorkbook("", "", data={"reason": ended.reason})


@pytest.mark.parametrize(("printed", "told"), [("a warning", []), ("-1 x 3", []), ("a warning\\n2 4", [(2, 4)])])
def test_what_a_library_prints_is_no_progress(printed: str, told: list[tuple[int, int]], folder: Path) -> None:
    (folder / "chatty.py").write_text(
        f"{TAKE}print('{printed}')\npathlib.Path('result.json').write_text(json.dumps({{'got': task['what']}}))"
    )
    seen: list[tuple[int, int]] = []
    run_limited(
        "chatty", {"what": 7}, folder, memory=1 << 30, seconds=60, progress=lambda *done: seen.append(done)
    )  # fmt: skip
    assert seen == told
    assert result_of("chatty", {"what": 7}, folder, memory=1 << 30, seconds=60, why=refused) == {"got": 7}


def test_a_child_that_ends_without_taking_its_task_or_leaving_anything_is_told_so(folder: Path) -> None:
    (folder / "deaf.py").write_text("")
    with pytest.raises(BadWorkbook) as caught:
        result_of("deaf", {"much": "x" * 500_000}, folder, memory=1 << 30, seconds=60, why=refused)
    assert caught.value.data["reason"] == "unreadable"


@pytest.mark.parametrize(
    ("status", "timed_out", "said", "reason", "limit"),
    [
        (0, True, b"", "too-slow", 9),
        (-signal.SIGXCPU, False, b"", "too-slow", 9),
        (-signal.SIGKILL, True, b"MemoryError", "too-slow", 9),
        (-signal.SIGKILL, False, b"", "too-large", 512),
        (-signal.SIGABRT, False, b"terminate called: std::bad_alloc", "too-large", 512),
        (1, False, b"Traceback: MemoryError", "too-large", 512),
        (-signal.SIGABRT, False, b"", "unreadable", 512),
        (1, False, b"ValueError", "unreadable", 512),
    ],
)
def test_why_a_child_left_nothing(status: int, timed_out: bool, said: bytes, reason: str, limit: int) -> None:
    ended = Ended(status, timed_out, said, memory=512 << 20, seconds=9)
    assert (ended.reason, ended.limit) == (reason, limit)
