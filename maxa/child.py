"""Child processes that end when we end, however we end.

``PR_SET_PDEATHSIG`` (Linux, prctl(2)) has the kernel signal a child when its parent is gone, kill -9 included. It is
tied to the parent *thread*, so that a child started by a short-lived thread would die with that thread: everything is
therefore started by the main thread, or by one thread kept for this alone. Elsewhere than on Linux children merely
get no such signal.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import IO

_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_prctl = ctypes.CDLL(None, use_errno=True).prctl if sys.platform == "linux" else None

Child = subprocess.Popen[bytes]
Stream = int | IO[bytes] | None


@dataclass(frozen=True, slots=True)
class Account:
    """A system user that a child runs as."""

    name: str
    uid: int
    gid: int
    home: str

    @classmethod
    def of(cls, entry: pwd.struct_passwd) -> Account:
        return cls(entry.pw_name, entry.pw_uid, entry.pw_gid, entry.pw_dir)


def start_child(
    command: Sequence[str | Path],
    *,
    death_signal: signal.Signals,
    account: Account | None = None,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    stdin: Stream = subprocess.DEVNULL,
    stdout: Stream = None,
    stderr: Stream = None,
    pass_fds: Sequence[int] = (),
) -> Child:
    """Start ``command`` in a session of its own; it gets ``death_signal`` when this process ends.

    ``account`` (root only) drops to that user, with no other groups. Raises OSError when the program can't be started.
    """
    parent = os.getpid()

    def die_with_parent() -> None:  # runs in the child after setuid, which would clear the signal
        if _prctl is not None:
            _prctl(_PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
            if os.getppid() != parent:  # gone before the kernel knew of our wish
                os._exit(1)

    def fork() -> Child:
        return subprocess.Popen(
            [os.fspath(part) for part in command],
            env=dict(env) if env is not None else None,
            cwd=cwd,
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            pass_fds=pass_fds,
            start_new_session=True,  # Ctrl-C in a terminal is for us, who pass it on in order
            preexec_fn=die_with_parent,  # touches nothing that another thread may hold
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
        )

    if threading.current_thread() is threading.main_thread():
        return fork()
    return _keeper.call(fork)


def exited(child: Child) -> bool:
    """Whether the child has ended; it is not reaped, so that its pid and process group still mean this child."""
    if child.returncode is not None:
        return True
    try:
        return os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    except ChildProcessError:
        return True


def end_child(
    child: Child,
    asks: Sequence[tuple[signal.Signals, float]] = ((signal.SIGTERM, 10.0),),
    *,
    hurry: Callable[[], bool] = lambda: False,
    pause: Callable[[float], object] = time.sleep,
) -> int:
    """Ask the child to end by each signal in turn, waiting its seconds, then kill it. Gives its exit status.

    While ``hurry()`` is true nothing is waited for. What the child leaves in its process group is killed as well.
    """
    if child.returncode is not None:
        return child.returncode  # reaped: its pid may be another's by now
    for number, patience in asks:
        if exited(child):
            break
        _signal(child.pid, number)
        deadline = time.monotonic() + patience
        while not exited(child) and time.monotonic() < deadline and not hurry():
            pause(0.01)
    _kill_group(child.pid)
    return child.wait()


def _signal(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def _kill_group(leader: int) -> None:
    with suppress(ProcessLookupError, PermissionError):  # macOS says EPERM for a group of zombies
        os.killpg(leader, signal.SIGKILL)


class _Keeper:
    """One thread that lives as long as the process and starts children for all the others."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._orders: SimpleQueue[tuple[Callable[[], Child], Future[Child]]] | None = None
        self._pid = 0

    def call(self, fork: Callable[[], Child]) -> Child:
        with self._guard:
            if self._orders is None or self._pid != os.getpid():  # a forked process has no such thread yet
                self._orders, self._pid = SimpleQueue(), os.getpid()
                threading.Thread(target=self._work, args=(self._orders,), name="maxa-children", daemon=True).start()
            orders = self._orders
        done: Future[Child] = Future()
        orders.put((fork, done))
        return done.result()

    @staticmethod
    def _work(orders: SimpleQueue[tuple[Callable[[], Child], Future[Child]]]) -> None:
        while True:
            fork, done = orders.get()
            try:
                done.set_result(fork())
            except BaseException as error:  # noqa: BLE001 - handed to the thread that asked
                done.set_exception(error)


_keeper = _Keeper()
