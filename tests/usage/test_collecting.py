"""The worker carries counts over to the registry: once, whatever breaks it off."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import orjson
import pytest
from sqlalchemy import Engine, func, select

from maxa.registry import usage
from maxa.registry.models import MirrorSeen, UsageRequest, UsageSpool, UsageWords
from maxa.registry.transaction import transaction
from maxa.settings import PROJECT
from maxa.usage import tally
from maxa.usage.counting import ISSUES, MIRROR, UNFOUND, Usage
from maxa.usage.mirrors import MirrorSays
from maxa.usage.spool import Spool, spool_files
from maxa.worker.collecting_usage import collect_usage
from tests.lists import Committee
from tests.test_worker import eventually, running_worker
from tests.usage.conftest import Clock

NOW = datetime(2026, 5, 1, 9, tzinfo=UTC)
DAY = date(2026, 5, 1)
MAY = usage.Period(date(2026, 5, 1), date(2026, 5, 31))


def requests(engine: Engine) -> list[tuple[date, str, str, int]]:
    with transaction(engine) as session:
        return usage.requests_by_day(session, MAY)


def line(kind: str, content: object, day: date = DAY) -> bytes:
    return orjson.dumps({"day": day.isoformat(), kind: content}) + b"\n"


def test_counts_of_several_processes_are_added_up(engine: Engine, folder: Path, counting: Callable[[], Usage]) -> None:
    one, two = counting(), counting()
    for process, client in ((one, "noor"), (two, "noor"), (two, "saba"), (one, "noor")):
        process.count({ISSUES: {("LNC", "unknown-code"): 3}}, "ValidateCts", "gateway", "200", client)
    one.flush()
    two.close()
    collect_usage(engine, folder, now=NOW)
    one.count({UNFOUND: ("قرص ابی", True)}, "ValidateCts", "gateway", "429", "noor")
    one.flush()
    collect_usage(engine, folder, now=NOW)
    assert requests(engine) == [(DAY, "ValidateCts", "limited", 1), (DAY, "ValidateCts", "ok", 4)]
    with transaction(engine) as session:
        assert usage.issues(session, MAY) == [("LNC", "unknown-code", 12)]
        noor, saba = usage.use_of_clients(session, MAY)
    assert (noor.client, noor.requests, noor.limited, saba.requests) == ("noor", 4, 1, 1)
    assert len(spool_files(folder)) == 1, "what is written to stays, what was let go of is gone"


def test_collecting_again_counts_nothing_twice(engine: Engine, folder: Path, counting: Callable[[], Usage]) -> None:
    process = counting()
    process.count({}, "api", "api.x", "200")
    process.flush()
    for _ in range(3):
        collect_usage(engine, folder, now=NOW)
    process.close()
    for _ in range(2):
        collect_usage(engine, folder, now=NOW)
    assert requests(engine) == [(DAY, "api", "ok", 1)]
    assert spool_files(folder) == []


KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from maxa.registry.engine import make_engine
from maxa.worker.collecting_usage import collect_usage

def killed(path, **_):
    os.kill(os.getpid(), signal.SIGKILL)

Path.unlink = killed
collect_usage(make_engine(sys.argv[1]), Path(sys.argv[2]), now=datetime(2026, 5, 1, 9, tzinfo=UTC))
"""


def test_a_kill_between_the_commit_and_the_removal_of_the_file_counts_nothing_twice(
    engine: Engine, folder: Path, counting: Callable[[], Usage], database_url: str
) -> None:
    process = counting()
    process.count({}, "api", "api.x", "200")
    process.close()
    victim = subprocess.run(
        [sys.executable, "-c", KILLED, database_url, str(folder)], cwd=PROJECT, timeout=120, check=False
    )
    assert victim.returncode == -signal.SIGKILL
    assert (len(spool_files(folder)), requests(engine)) == (1, [(DAY, "api", "ok", 1)])
    collect_usage(engine, folder, now=NOW)
    assert (spool_files(folder), requests(engine)) == ([], [(DAY, "api", "ok", 1)])


def test_what_breaks_off_before_the_commit_is_counted_the_next_time(
    engine: Engine, folder: Path, counting: Callable[[], Usage], monkeypatch: pytest.MonkeyPatch
) -> None:
    process = counting()
    process.count({}, "api", "api.x", "200")
    process.close()

    def broken(*_: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(usage, "note_read", broken)
        with pytest.raises(RuntimeError):
            collect_usage(engine, folder, now=NOW)
    assert requests(engine) == []
    collect_usage(engine, folder, now=NOW)
    assert requests(engine) == [(DAY, "api", "ok", 1)]


GOOD = ["Terminology", "noor", "ok", 5]


@pytest.mark.parametrize(
    "hostile",
    [
        b"", b"\xff\xfe", b"{", b"null", b"[]", b"7", b'"x"', b'{"day": 3}', b"\x00" * 50, b"[" * 5_000,
        line("requests", [GOOD], day=DAY + timedelta(days=3)), line("requests", [GOOD], day=date(1999, 1, 1)),
        line("requests", 5), line("requests", [[]]), line("requests", [5]), line("requests", [[*GOOD, 1]]),
        line("requests", [GOOD, ["Terminology", "noor", "ok", -1]]), line("requests", [["Terminology", "noor", "ok", 1e9]]),
        line("requests", [["Terminology", "noor", "ok", 10**13]]), line("requests", [["Terminology", "noor", "ok", True]]),
        line("requests", [["DROP TABLE", "noor", "ok", 1]]), line("requests", [["api", "a b", "ok", 1]]),
        line("requests", [["api", "noor", "other", 1]]), line("requests", [[["api"], "noor", "ok", 1]]),
        line("issues", [["LNC", "Unknown Code", 1]]), line("issues", [["\0", "unknown-code", 1]]),
        line("issues", [["", "unknown-code", 1]]), line("issues", [["x" * 201, "unknown-code", 1]]),
        line("words", [["0912 345 6789", 5, 0]]), line("words", [["آ", 5, 0]]), line("words", [["x" * 61, 5, 0]]),
        line("words", [["a\0b", 5, 0]]), line("mirrors", [["<script>", 1, 1]]), line("mirrors", [["m", 10**16, 1]]),
        line("mirrors", [["m", 1, 10**12]]), line("dropped", -1), line("else", []),
    ],
)  # fmt: skip
def test_a_hostile_line_adds_nothing_and_stops_nothing(engine: Engine, folder: Path, hostile: bytes) -> None:
    folder.mkdir()
    (folder / "1.jsonl").write_bytes(
        line("requests", [GOOD]) + hostile.rstrip(b"\n") + b"\n" + line("requests", [GOOD])
    )
    done = collect_usage(engine, folder, now=NOW)
    assert (done.files, done.damaged) == (1, 1)
    assert requests(engine) == [(DAY, "Terminology", "ok", 10)]
    with transaction(engine) as session:
        assert (usage.issues(session, MAY), usage.mirrors(session), usage.dropped_bytes(session, MAY)) == ([], [], 0)
        assert session.query(UsageWords).count() == 0


def test_what_was_dropped_is_told(engine: Engine, folder: Path) -> None:
    folder.mkdir()
    (folder / "1.jsonl").write_bytes(line("dropped", 700) + line("dropped", 70))
    assert collect_usage(engine, folder, now=NOW).dropped == 770
    with transaction(engine) as session:
        assert usage.dropped_bytes(session, MAY) == 770


def test_a_folder_that_is_not_there_or_can_not_be_read_ends_nothing(engine: Engine, folder: Path) -> None:
    collect_usage(engine, folder, now=NOW)
    (folder / "1.jsonl").mkdir(parents=True)
    (folder / "2.jsonl").write_bytes(line("requests", [GOOD]))
    assert collect_usage(engine, folder, now=NOW).files == 1
    assert requests(engine) == [(DAY, "Terminology", "ok", 5)]


def test_words_are_shown_when_they_were_asked_three_times_over_the_period(
    engine: Engine, folder: Path, counting: Callable[[], Usage], clock: Clock
) -> None:
    process = counting()
    for words, days in {"زرد": (1, 1, 2), "ابی": (1, 2), "سبز": (1, 2, 3, 4)}.items():
        for day in days:
            clock.at = datetime(2026, 5, day, 9, tzinfo=UTC)
            process.count({UNFOUND: (words, day == 1)}, "api", "api.x", "200")
    process.close()
    collect_usage(engine, folder, now=NOW + timedelta(days=9))
    with transaction(engine) as session:
        assert usage.words_without_result(session, MAY, 10) == [("سبز", 4, 1), ("زرد", 3, 2)]
        assert usage.words_without_result(session, usage.Period(DAY, DAY), 10) == []


def test_of_many_flushes_that_are_collected_at_once_nothing_is_left_out(engine: Engine, folder: Path) -> None:
    """Each flush may have so many words; those of an hour without a worker are more."""
    words = [f"w{n}" for n in range(tally.MOST_WORDS + 2_000)]
    folder.mkdir(exist_ok=True)
    with (folder / f"{1:020}-of-an-hour.jsonl").open("wb") as file:
        for start in range(0, len(words), 1_000):
            file.write(line("words", [[one, 3, 0] for one in words[start : start + 1_000]]))
            file.write(line("mirrors", [[f"m{start + n}", 1, 1_777_600_000] for n in range(300)]))
        file.write(line("words", [[words[0], 1, 0]]))
    done = collect_usage(engine, folder, now=NOW)
    assert (done.files, done.damaged) == (1, 0)
    with transaction(engine) as session:
        found = usage.words_without_result(session, MAY, 2 * len(words))
        assert found[0] == (words[0], 4, 0)
        assert len(found) == len(words)
        assert session.scalar(select(func.count()).select_from(MirrorSeen)) == usage.MOST_MIRRORS


def test_a_day_holds_so_many_distinct_words(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usage, "MOST_WORDS_A_DAY", 3)
    with transaction(engine) as session:
        usage.add_words(session, DAY, [("a", 3, 0), ("b", 3, 0)])
        usage.add_words(session, DAY, [("a", 1, 0), ("c", 9, 0), ("d", 10, 0)])
        usage.add_words(session, DAY, [("e", 99, 0), ("b", 1, 0)])
        assert usage.words_without_result(session, MAY, 9) == [("d", 10, 0), ("a", 4, 0), ("b", 4, 0)]


def test_so_many_mirrors_are_known_and_the_newest_word_of_each_counts(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(usage, "MOST_MIRRORS", 2)
    later = NOW + timedelta(hours=1)
    with transaction(engine) as session:
        usage.note_mirrors(session, [("a", 3, later), ("b", 1, NOW), ("c", 9, NOW)])
        usage.note_mirrors(session, [("a", 2, NOW), ("b", 2, later), ("d", 7, later)])
    with transaction(engine) as session:
        told = {one.name: (one.serial, one.seen_at, one.behind) for one in usage.mirrors(session)}
    assert told == {"a": (3, later, None), "b": (2, later, None)}, "nothing was published here yet"


def test_names_that_are_made_up_shut_no_mirror_out(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usage, "MOST_MIRRORS", 4)

    def names(*told: str, days: int, hours: int = 0) -> set[str]:
        with transaction(engine) as session:
            usage.note_mirrors(session, [(one, 1, NOW + timedelta(days=days, hours=hours)) for one in told])
        with transaction(engine) as session:
            return {one.name for one in usage.mirrors(session)}

    names("shiraz", "tabriz", days=0)
    names("shiraz", "tabriz", days=1)
    assert names("a", "b", days=2) == {"shiraz", "tabriz", "a", "b"}
    names("a", days=2, hours=1)
    assert names("qom", days=2, hours=2) == {"shiraz", "tabriz", "a", "qom"}, "b was not seen for longest"
    assert names("c", "d", "e", days=2, hours=3) == {"shiraz", "tabriz", "c", "d"}
    assert names("qom", days=2, hours=4) == {"shiraz", "tabriz", "d", "qom"}
    assert names("qom", "tabriz", days=3) == {"shiraz", "tabriz", "d", "qom"}
    assert names("f", "g", days=3) == {"shiraz", "tabriz", "f", "qom"}, "whoever comes back stays"


def test_mirrors_words_and_counts_are_forgotten_after_their_time(engine: Engine, folder: Path) -> None:
    with transaction(engine) as session:
        usage.note_mirrors(session, [("old", 1, NOW - timedelta(days=91)), ("new", 1, NOW - timedelta(days=89))])
        for ago in (89, 90):
            usage.add_words(session, DAY - timedelta(days=ago), [("w", 5, 0)])
        for ago in (399, 400):
            usage.add_requests(session, DAY - timedelta(days=ago), [("api", "-", "ok", 1)])
        for name in ("gone", "there"):
            session.add(UsageSpool(name=name, read_to=1, at=NOW - timedelta(days=40)))
        session.add(UsageSpool(name="just gone", read_to=1, at=NOW - timedelta(days=2)))
        session.flush()
        usage.forget_old(session, now=NOW, spools=["there"])
        assert [one.name for one in session.query(MirrorSeen)] == ["new"]
        assert [DAY - one.day for one in session.query(UsageWords)] == [timedelta(days=89)]
        assert [DAY - one.day for one in session.query(UsageRequest)] == [timedelta(days=399)]
        assert {one.name for one in session.query(UsageSpool)} == {"there", "just gone"}


def test_a_mirror_is_told_when_it_tells(
    engine: Engine, folder: Path, counting: Callable[[], Usage], clock: Clock
) -> None:
    process = counting()
    process.count({MIRROR: MirrorSays("shiraz", 4)}, "", "shelf.metadata", "304")
    clock.at += timedelta(minutes=5)
    process.count({MIRROR: MirrorSays("shiraz", 5)}, "", "shelf.metadata", "200")
    process.flush()
    collect_usage(engine, folder, now=NOW)
    with transaction(engine) as session:
        [one] = usage.mirrors(session)
    assert (one.name, one.serial, one.seen_at) == ("shiraz", 5, clock.at)
    assert requests(engine) == [(DAY, "shelf", "ok", 2)]


def test_the_worker_collects_by_itself(committee: Committee) -> None:
    spool = Spool(committee.home / "usage")
    today = usage.today()
    spool.append([line("requests", [GOOD], day=today)])
    spool.close()
    with running_worker(committee):
        eventually(lambda: not spool_files(committee.home / "usage"), "collected")
    assert committee.scalar("SELECT count FROM usage_request") == 5
