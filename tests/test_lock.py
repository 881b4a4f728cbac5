from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from maxa.lock import PidLock

HOLDER = """
import sys
from pathlib import Path
from maxa.lock import PidLock
print(PidLock(Path(sys.argv[1])).acquire(), flush=True)
sys.stdin.read()
"""


def test_a_lock_is_held_by_one_and_names_its_holder(tmp_path: Path) -> None:
    first, second = PidLock(tmp_path / "lock"), PidLock(tmp_path / "lock")
    assert second.holder() is None
    assert first.acquire()
    assert first.acquire(), "the holder may ask again"
    assert not second.acquire()
    assert second.holder() == os.getpid()
    first.release()
    assert second.acquire()
    second.release()


def test_the_lock_of_a_killed_process_is_free(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, tmp_path / "lock"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"True\n"
        ours = PidLock(tmp_path / "lock")
        assert not ours.acquire()
        assert ours.holder() == holder.pid
        holder.kill()
        holder.wait()
        assert ours.acquire()
        ours.release()


def test_who_waits_gets_the_lock_when_it_is_let_go(tmp_path: Path) -> None:
    first, second = PidLock(tmp_path / "lock"), PidLock(tmp_path / "lock")
    assert first.acquire()
    had: list[bool] = []
    waiting = threading.Thread(target=lambda: had.append(second.acquire(wait=20)))
    waiting.start()
    first.release()
    waiting.join()
    assert had == [True]
    second.release()


def test_a_child_that_inherits_the_lock_goes_on_holding_it(tmp_path: Path) -> None:
    ours = PidLock(tmp_path / "lock")
    assert ours.acquire()
    assert ours.fd is not None
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, pass_fds=[ours.fd]) as child:
        ours.release()
        assert not ours.acquire()
        child.kill()
        child.wait()
        assert ours.acquire()
    ours.release()


def test_a_link_in_the_place_of_the_lock_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("precious")
    (tmp_path / "lock").symlink_to(tmp_path / "precious")
    with pytest.raises(OSError, match="symbolic link"):
        PidLock(tmp_path / "lock").acquire()
    assert (tmp_path / "precious").read_text() == "precious"
