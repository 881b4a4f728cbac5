"""What is counted, and what of it reaches the spool."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from maxa.settings import PROJECT
from maxa.usage import tally as tallies
from maxa.usage.counting import ISSUES, MIRROR, UNFOUND, Usage
from maxa.usage.mirrors import MirrorSays
from maxa.usage.spool import Spool, spool_files
from tests.usage.conftest import Clock


def written(folder: Path) -> list[dict[str, Any]]:
    return [orjson.loads(line) for path in spool_files(folder) for line in path.read_bytes().splitlines()]


def entries(folder: Path, kind: str) -> list[Any]:
    return [entry for line in written(folder) if kind in line for entry in line[kind]]


def test_requests_are_counted_by_service_client_and_what_became_of_them(
    counting: Callable[[], Usage], folder: Path
) -> None:
    usage = counting()
    for status in ("200", "304", "404", "429", "500", "429"):
        usage.count({}, "Terminology", "gateway", status, "noor")
    usage.count({}, "", "public.search_page", "200")
    usage.flush()
    assert sorted(entries(folder, "requests")) == [
        ["Terminology", "noor", "failed", 1], ["Terminology", "noor", "limited", 2],
        ["Terminology", "noor", "ok", 2], ["Terminology", "noor", "refused", 1], ["pages", "-", "ok", 1],
    ]  # fmt: skip


@pytest.mark.parametrize(
    "endpoint", ["health.show_metrics", "static_files.file", "desk.home", "unmatched", "public.suggest"]
)
def test_what_no_one_asked_for_by_itself_is_not_counted(
    counting: Callable[[], Usage], folder: Path, endpoint: str
) -> None:
    usage = counting()
    usage.count({}, "", endpoint, "200")
    usage.flush()
    assert written(folder) == []


def test_nothing_is_written_where_nothing_was_counted(counting: Callable[[], Usage], folder: Path) -> None:
    usage = counting()
    usage.flush()
    usage.close()
    assert not folder.exists()


def test_a_request_after_midnight_in_tehran_is_the_next_days(
    counting: Callable[[], Usage], folder: Path, clock: Clock
) -> None:
    usage = counting()
    for minute in (29, 30):  # midnight in Tehran is half past eight in the evening in Greenwich
        clock.at = datetime(2026, 5, 1, 20, minute, tzinfo=UTC)
        usage.count({}, "api", "api.x", "200")
    usage.flush()
    assert [line["day"] for line in written(folder)] == ["2026-05-01", "2026-05-02"]


def test_issues_words_and_mirrors_are_taken_out_of_the_environ(counting: Callable[[], Usage], folder: Path) -> None:
    usage = counting()
    environ = {
        ISSUES: {("LNC", "unknown-code"): 2, ("x" * 300, "retired-code"): 1},
        UNFOUND: ("قرص آبيِ", False), MIRROR: MirrorSays("shiraz", 41),
    }  # fmt: skip
    usage.count(environ, "ValidateCts", "gateway", "200")
    usage.count({UNFOUND: ("قرص ابی", True)}, "api", "api.list_hits", "200")
    usage.flush()
    assert sorted(entries(folder, "issues")) == [["-", "retired-code", 1], ["LNC", "unknown-code", 2]]
    assert entries(folder, "words") == [["قرص ابی", 2, 1]]
    assert entries(folder, "mirrors") == [["shiraz", 41, int(datetime(2026, 5, 1, 8, tzinfo=UTC).timestamp())]]


def test_distinct_words_and_mirrors_are_bounded_and_known_ones_grow_on(
    counting: Callable[[], Usage], folder: Path
) -> None:
    usage = counting()
    for n in range(tallies.MOST_WORDS + 50):
        usage.count({UNFOUND: (f"w{n}", False), MIRROR: MirrorSays(f"m{n}", n)}, "api", "api.x", "200")
    usage.count({UNFOUND: ("w0", False), MIRROR: MirrorSays("m0", 9)}, "api", "api.x", "200")
    usage.flush()
    words = {words: n for words, n, _ in entries(folder, "words")}
    mirrors = {name: serial for name, serial, _ in entries(folder, "mirrors")}
    assert (len(words), words["w0"]) == (tallies.MOST_WORDS, 2)
    assert (len(mirrors), mirrors["m0"]) == (tallies.MOST_MIRRORS, 9)
    assert max(len(line) for path in spool_files(folder) for line in path.read_bytes().splitlines()) < 1 << 20


def test_two_processes_write_files_of_their_own(counting: Callable[[], Usage], folder: Path) -> None:
    one, two = counting(), counting()
    for usage in (one, two, one):
        usage.count({}, "api", "api.x", "200")
        usage.flush()
    assert len(spool_files(folder)) == 2
    assert sum(n for *_, n in entries(folder, "requests")) == 3


def test_a_forked_process_does_not_write_what_its_parent_counted(counting: Callable[[], Usage], folder: Path) -> None:
    usage = counting()
    usage.count({}, "api", "api.x", "200")
    usage.flush()
    usage.count({}, "api", "api.x", "200")
    child = os.fork()
    if child == 0:
        try:
            usage.count({}, "api", "api.y", "404")
            usage.flush()
        finally:
            os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    usage.flush()
    found = entries(folder, "requests")
    assert sorted(found) == [["api", "-", "ok", 1], ["api", "-", "ok", 1], ["api", "-", "refused", 1]]
    assert len(spool_files(folder)) == 2


def test_what_a_process_counted_last_is_written_when_it_ends(folder: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from maxa.usage.counting import Usage;"
        "usage = Usage(Path(sys.argv[1])); usage.count({}, 'api', 'api.x', '200')"
    )
    subprocess.run([sys.executable, "-c", program, str(folder)], cwd=PROJECT, check=True, timeout=60)
    assert entries(folder, "requests") == [["api", "-", "ok", 1]]


def test_a_home_that_is_gone_costs_counts_and_no_reply(tmp_path: Path, clock: Clock) -> None:
    usage = Usage(tmp_path / "gone" / "usage", clock=clock, every=3_600.0)
    usage.count({}, "api", "api.x", "200")
    usage.flush()
    assert not (tmp_path / "gone").exists()
    (tmp_path / "gone").mkdir()
    usage.count({}, "api", "api.x", "200")
    usage.flush()
    assert entries(tmp_path / "gone" / "usage", "requests") == [["api", "-", "ok", 1]]


def test_what_had_to_go_when_nobody_collected_is_told(folder: Path, clock: Clock) -> None:
    usage = Usage(folder, clock=clock, every=3_600.0, spool=Spool(folder, rotate=50, most=200))
    for _ in range(40):
        usage.count({}, "api", "api.x", "200")
        usage.flush()
    held = sum(path.stat().st_size for path in spool_files(folder))
    dropped = [line["dropped"] for line in written(folder) if "dropped" in line]
    assert held <= 300
    assert dropped
    assert all(size > 0 for size in dropped)


def test_a_disk_that_can_not_be_written_costs_no_reply_and_is_said_once(
    folder: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.write_bytes(b"a file where the folder should be")
    said: list[str] = []
    monkeypatch.setattr("maxa.usage.counting.log.warning", lambda text, **_: said.append(text))
    usage = Usage(folder, clock=clock, every=3_600.0)
    for _ in range(3):
        usage.count({}, "api", "api.x", "200")
        usage.flush()
    assert len(said) == 1
    folder.unlink()
    usage.count({}, "api", "api.x", "200")
    usage.flush()
    assert entries(folder, "requests") == [["api", "-", "ok", 1]]
