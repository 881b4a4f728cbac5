from __future__ import annotations

import os
import pwd
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from maxa.child import Account, Child, end_child, exited, start_child

STUBBORN = """
import os, signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
os.write(1, b"up")
while True:
    signal.pause()
"""
WITH_A_GRANDCHILD = """
import os, subprocess, sys
grandchild = subprocess.Popen(["sleep", "600"], stdout=subprocess.DEVNULL)
os.write(1, str(grandchild.pid).encode())
os.close(1)
"""
PARENT = """
import os, signal, subprocess, sys, threading
from maxa.child import start_child
def start():
    child = start_child(["sleep", "600"], death_signal=signal.SIGKILL, stdout=subprocess.DEVNULL)
    os.write(1, str(child.pid).encode())
if sys.argv[1] == "thread":
    thread = threading.Thread(target=start)
    thread.start()
    thread.join()
else:
    start()
os.close(1)
signal.pause()
"""


def python(program: str) -> Child:
    return start_child([sys.executable, "-c", program], death_signal=signal.SIGKILL, stdout=subprocess.PIPE)


def said(child: Child, size: int = -1) -> bytes:
    assert child.stdout is not None
    return child.stdout.read(size)


def lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def eventually(true: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 20
    while not true() and time.monotonic() < deadline:
        time.sleep(0.01)
    return true()


@pytest.mark.parametrize("by", ["main", "thread"])
def test_a_child_ends_with_its_parent_but_not_with_the_thread_that_started_it(by: str) -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT, by], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    pid = int(parent.stdout.read())  # ends when the thread has long ended
    assert lives(pid)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert eventually(lambda: not lives(pid))


def test_each_signal_is_tried_in_turn_before_the_kill() -> None:
    child = python(STUBBORN)
    said(child, 2)
    assert end_child(child, ((signal.SIGTERM, 0.1), (signal.SIGINT, 20))) in (1, -signal.SIGINT)
    said(child)
    child = python(STUBBORN)
    said(child, 2)
    assert end_child(child, ((signal.SIGTERM, 0.1),)) == -signal.SIGKILL
    said(child)


def test_in_a_hurry_nothing_is_waited_for() -> None:
    child = python(STUBBORN)
    said(child, 2)
    before = time.monotonic()
    assert end_child(child, ((signal.SIGTERM, 600),), hurry=lambda: True) == -signal.SIGKILL
    assert time.monotonic() - before < 60
    said(child)


def test_what_a_child_leaves_in_its_group_ends_with_it() -> None:
    child = python(WITH_A_GRANDCHILD)
    grandchild = int(said(child))
    assert eventually(lambda: exited(child))
    assert lives(grandchild)
    assert end_child(child) == 0
    assert eventually(lambda: not lives(grandchild))
    assert end_child(child) == 0, "asking again is harmless"


def test_looking_whether_a_child_has_ended_does_not_forget_how() -> None:
    child = python("raise SystemExit(7)")
    assert eventually(lambda: exited(child))
    assert exited(child)
    assert child.wait() == 7
    assert exited(child)


def test_a_program_that_is_not_there_is_an_error_in_the_thread_that_asked() -> None:
    with pytest.raises(FileNotFoundError):
        start_child(["/no/such/program"], death_signal=signal.SIGTERM)
    caught: list[OSError] = []

    def start() -> None:
        try:
            start_child(["/no/such/program"], death_signal=signal.SIGTERM)
        except OSError as error:
            caught.append(error)

    thread = threading.Thread(target=start)
    thread.start()
    thread.join()
    assert [type(error) for error in caught] == [FileNotFoundError]


def test_a_child_runs_as_the_account_that_it_is_given_and_in_no_other_group() -> None:
    nobody = Account.of(pwd.getpwnam("nobody"))
    account = nobody if os.geteuid() == 0 else None  # only root may hand over
    child = start_child(
        ["/bin/sh", "-c", "id -u; id -g; id -G"],
        death_signal=signal.SIGKILL,
        account=account,
        stdout=subprocess.PIPE,
    )
    uid, gid, groups = said(child).decode().splitlines()
    assert child.wait() == 0
    if account is None:
        assert (int(uid), int(gid)) == (os.geteuid(), os.getegid())
    else:
        assert (int(uid), int(gid), groups) == (nobody.uid, nobody.gid, str(nobody.gid))
