"""The spool: nothing that was given a number is lost, a retry is the same request, a kill does no harm."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest

from maxa.errors import BadParameter, Unavailable
from maxa.requests import spool as rooms
from maxa.requests.spool import Spool
from maxa.requests.tracking import read_tracking
from maxa.settings import PROJECT
from tests.requests_of import asking

NOON = datetime(2026, 5, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "requests")


def test_what_was_filed_is_found_by_its_number_and_waits_to_be_collected(spool: Spool) -> None:
    filed = spool.file(asking("هموگلوبین A2", {"code": "12", "title": "قند"}))
    assert read_tracking(filed.tracking) == filed.tracking
    assert not filed.existing
    held = spool.find(filed.tracking)
    assert held is not None
    assert [row["title"] for row in held["rows"]] == ["هموگلوبین A2", "قند"]
    assert [one["tracking"] for one in spool.waiting()] == [filed.tracking]
    (path,) = spool.received.iterdir()
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_retry_is_the_same_request_and_other_words_or_a_later_week_are_another(spool: Spool) -> None:
    first = spool.file(asking("آ"), now=NOON)
    again = spool.file(asking("آ"), now=NOON + timedelta(minutes=1))
    assert (again.tracking, again.existing) == (first.tracking, True)
    assert spool.file(asking("ب"), now=NOON).tracking != first.tracking
    assert spool.file(asking("آ"), now=NOON + timedelta(days=7)).tracking != first.tracking


def test_a_retry_after_midnight_in_tehran_is_still_the_same(spool: Spool) -> None:
    late = datetime(2026, 5, 1, 20, 29, tzinfo=UTC)  # 23:59 in Tehran
    first = spool.file(asking("آ"), now=late)
    assert spool.file(asking("آ"), now=late + timedelta(minutes=2)).tracking == first.tracking


def test_a_key_makes_a_retry_known_for_ever_and_is_good_for_one_request(spool: Spool) -> None:
    first = spool.file(asking("آ"), key="k-1", now=NOON)
    again = spool.file(asking("آ"), key="k-1", now=NOON + timedelta(days=90))
    assert (again.tracking, again.existing) == (first.tracking, True)
    with pytest.raises(BadParameter) as refused:
        spool.file(asking("ب"), key="k-1")
    assert refused.value.parameter == "Idempotency-Key"
    assert spool.file(asking("ب", organisation="دیگری"), key="k-1").tracking != first.tracking


def test_two_servers_give_different_numbers_so_that_nobody_can_compute_them(tmp_path: Path) -> None:
    one, other = (Spool(tmp_path / name).file(asking("آ"), now=NOON) for name in "ab")
    assert one.tracking != other.tracking


def test_many_at_once_of_the_same_request_get_one_number(spool: Spool) -> None:
    with ThreadPoolExecutor(8) as threads:
        filed = list(threads.map(lambda _: spool.file(asking("آ"), now=NOON), range(16)))
    assert len({one.tracking for one in filed}) == 1
    assert [one.existing for one in filed].count(False) == 1


def test_what_was_received_is_forgotten_only_once_its_state_is_shown(spool: Spool) -> None:
    number = spool.file(asking("آ")).tracking
    spool.forget(number)
    assert spool.find(number)
    state = {**next(iter(spool.waiting())), "state": "in_review"}
    spool.show(state)
    spool.forget(number)
    assert list(spool.waiting()) == []
    held = spool.find(number)
    assert held is not None
    assert held["state"] == "in_review"
    assert spool.file(asking("آ")).existing


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"null", b'{"format": 2}', b'{"format": 1, "tracking": 7}', b"\0" * 99]
)
def test_a_damaged_file_is_set_aside_and_others_go_on(spool: Spool, content: bytes) -> None:
    number = spool.file(asking("آ")).tracking
    (spool.received / "0000-0000-0000.json").write_bytes(content)
    assert [one["tracking"] for one in spool.waiting()] == [number]
    assert (spool.damaged / "0000-0000-0000.json").read_bytes() == content


def test_a_file_under_another_ones_name_is_set_aside(spool: Spool) -> None:
    number = spool.file(asking("آ")).tracking
    (spool.received / f"{number}.json").rename(spool.received / "x.json")
    assert list(spool.waiting()) == []


def test_a_full_spool_takes_nothing_more_and_says_so(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rooms, "MOST_WAITING", 1)
    first = spool.file(asking("آ"))
    with pytest.raises(Unavailable, match="was not kept"):
        spool.file(asking("ب"))
    assert spool.file(asking("آ")).tracking == first.tracking


def test_a_spool_that_holds_too_many_bytes_takes_nothing_more(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    first = spool.file(asking("آ"))
    size = (spool.received / f"{first.tracking}.json").stat().st_size
    monkeypatch.setattr(rooms, "MOST_BYTES", size + 1)
    spool.file(asking("ب"))
    with pytest.raises(Unavailable, match="was not kept"):
        spool.file(asking("پ"))
    assert len(list(spool.waiting())) == 2


def test_a_disk_that_is_nearly_full_is_left_to_others(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    first = spool.file(asking("آ"))
    free = shutil.disk_usage(spool.folder).free
    monkeypatch.setattr(rooms, "LEAST_FREE", 2 * free)
    with pytest.raises(Unavailable, match="was not kept"):
        spool.file(asking("ب"))
    assert spool.file(asking("آ")).tracking == first.tracking
    assert len(list(spool.waiting())) == 1


def test_a_disk_that_refuses_gives_no_number(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(rooms, "write_private", full)
    with pytest.raises(Unavailable):
        spool.file(asking("آ"))


VICTIM = """
import sys, itertools
from pathlib import Path
from maxa.requests.spool import Spool
from tests.requests_of import asking
spool = Spool(Path(sys.argv[1]))
for n in itertools.count():
    print(spool.file(asking(f"{sys.argv[2]} {n}")).tracking, flush=True)
"""


def test_a_kill_loses_no_number_that_was_given_out_and_leaves_no_half_file(spool: Spool) -> None:
    given: list[str] = []
    for life in range(3):
        victim = subprocess.Popen(
            [sys.executable, "-c", VICTIM, str(spool.folder), str(life)], cwd=PROJECT, stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(PROJECT)},
        )  # fmt: skip
        assert victim.stdout is not None
        given += [victim.stdout.readline().decode().strip() for _ in range(5 + life)]
        victim.send_signal(signal.SIGKILL)
        rest, _ = victim.communicate(timeout=60)
        given += rest.decode().split()
    waiting = {one["tracking"] for one in spool.waiting()}
    assert set(given) <= waiting
    assert not spool.damaged.exists()
    for path in spool.received.glob("[!.]*"):
        assert orjson.loads(path.read_bytes())["rows"]


def test_who_came_first_is_collected_first_whatever_the_numbers_are(spool: Spool) -> None:
    filed = [spool.file(asking(f"آ {n}")).tracking for n in range(12)]
    for place, number in enumerate(filed):
        os.utime(spool.received / f"{number}.json", ns=(0, place * 1_000))
    assert [one["tracking"] for one in spool.waiting()] == filed


def test_what_a_killed_writer_left_is_swept_and_what_a_living_one_writes_is_not(spool: Spool) -> None:
    number = spool.file(asking("آ")).tracking
    left = spool.received / ".unfinished-x.json"
    left.write_bytes(b"{")
    spool.sweep()
    assert left.exists()
    spool.sweep(now=time.time() + 3_700)
    assert [path.name for path in spool.received.iterdir()] == [f"{number}.json"]
