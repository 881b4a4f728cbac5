"""Work on a file of unknown origin, done by a child process that limits itself before it touches the file.

The parent calls :func:`run_limited`, the module it names calls :func:`take_task`. The task is a line of JSON on the child's
standard input; its results are files in a folder of the parent's; ``done total`` lines on its standard output are progress.
"""

from __future__ import annotations

import ctypes
import gc
import logging
import os
import resource
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import orjson

from maxa.child import Child, end_child, start_child
from maxa.errors import BadWorkbook

log = logging.getLogger(__name__)  # not structlog, which the child would load as well

Progress = Callable[[int, int], None]

_PROJECT = Path(__file__).resolve().parent.parent
# No settings, passwords or proxies: the child needs none of them.
_KEPT_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "TZ", "HOME", "TMPDIR")
_OUT_OF_MEMORY = (b"MemoryError", b"memory allocation of", b"capacity overflow", b"annot allocate memory", b"bad_alloc")
_RESULT = "result.json"
_GRACE = 5  # seconds between the limit at which the kernel asks, and the one at which it kills


@dataclass(frozen=True)
class Ended:
    """How a child ended: its exit status (negative: the signal that ended it), and what it said on standard error."""

    status: int
    timed_out: bool
    said: bytes
    memory: int
    seconds: int

    @property
    def reason(self) -> Literal["too-slow", "too-large", "unreadable"]:
        """Why it left no result, when it left none."""
        if self.timed_out or self.status == -signal.SIGXCPU:
            return "too-slow"
        if self.status == -signal.SIGKILL or any(words in self.said for words in _OUT_OF_MEMORY):
            return "too-large"
        return "unreadable"

    @property
    def limit(self) -> int:
        """The limit that ``reason`` is about: seconds, or MB."""
        return self.seconds if self.reason == "too-slow" else self.memory >> 20


def run_limited(
    module: str,
    task: Mapping[str, Any],
    folder: Path,
    *,
    memory: int,
    seconds: int,
    progress: Progress = lambda done, total: None,
) -> Ended:
    """Have ``python -m module`` do ``task`` in ``folder``, within ``memory`` (bytes of address space) and ``seconds`` (of the
    processor, and on the clock). When this returns or raises, the child is gone."""
    environment = {name: os.environ[name] for name in _KEPT_ENVIRONMENT if name in os.environ}
    errors = folder / "stderr.txt"
    deadline = time.monotonic() + seconds
    with errors.open("wb") as stderr:
        child = start_child(
            [sys.executable, "-P", "-m", module],
            death_signal=signal.SIGKILL,
            env={**environment, "PYTHONPATH": str(_PROJECT)},
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
        )
    in_time = False
    with child:  # closes the pipes
        try:
            _send(child, {**task, "memory": memory, "seconds": seconds, "parent": os.getpid()})
            in_time = _follow(child, deadline, progress)
            child.wait(max(deadline - time.monotonic(), 0))
        except subprocess.TimeoutExpired:
            in_time = False
        finally:  # also when progress() fails, or Ctrl-C comes
            end_child(child, asks=())
    ended = Ended(child.returncode, not in_time, errors.read_bytes()[-4_000:], memory, seconds)
    if ended.status or ended.timed_out:
        log.warning("%s ended with status %s: %s", module, ended.status, ended.said.decode(errors="replace"))
    return ended


def result_of(
    module: str,
    task: Mapping[str, Any],
    folder: Path,
    *,
    memory: int,
    seconds: int,
    why: Callable[[Ended], BadWorkbook],
) -> dict[str, Any]:
    """What ``module`` left by :func:`leave_result`. Raises the BadWorkbook that it left, or that ``why`` makes of its end."""
    ended = run_limited(module, task, folder, memory=memory, seconds=seconds)
    result = folder / _RESULT
    if not result.is_file():
        raise why(ended)
    told: dict[str, Any] = orjson.loads(result.read_bytes())
    if "refused" in told:
        raise BadWorkbook(told["refused"]["fa"], told["refused"]["en"], data=told["refused"]["data"])
    return told


def _send(child: Child, task: Mapping[str, Any]) -> None:
    if child.stdin is None:
        return
    try:
        with child.stdin:
            child.stdin.write(orjson.dumps(task, option=orjson.OPT_APPEND_NEWLINE))
    except BrokenPipeError:
        log.warning("the child ended before it took its task")


def _follow(child: Child, deadline: float, progress: Progress) -> bool:
    """Pass progress on until the child closes its output. False when the time is up first."""
    if child.stdout is None:
        return True
    output = child.stdout.fileno()
    pending = b""
    with selectors.DefaultSelector() as selector:
        selector.register(output, selectors.EVENT_READ)
        while (left := deadline - time.monotonic()) > 0:
            if not selector.select(left):
                continue
            block = os.read(output, 65_536)
            if not block:
                return True
            *lines, pending = (pending + block).split(b"\n")
            if lines:
                done, _, total = lines[-1].partition(b" ")
                if done.isdigit() and total.isdigit():  # else something that a library prints
                    progress(int(done), int(total))
    return False


def take_task() -> dict[str, Any]:
    """In the child: the task, once this process has limited itself."""
    task: dict[str, Any] = orjson.loads(sys.stdin.buffer.readline())
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends us
    if os.getppid() != task["parent"]:  # gone before the kernel knew of our wish to die with it
        os._exit(1)
    limit_this_process(memory=task["memory"], seconds=task["seconds"])
    gc.disable()  # the cells of a workbook are no garbage, and looking for some takes a third of the time
    return task


def leave_result(work: Callable[[], Mapping[str, Any]], *, too_large: BadWorkbook) -> None:
    """In the child: do the work, and leave what it gives, or refuses, for :func:`result_of`."""
    refused: BadWorkbook | None = None
    result: Mapping[str, Any] = {}
    try:
        result = work()
    except BadWorkbook as error:
        refused = error
    except MemoryError:
        refused = too_large
    if refused is too_large:  # the frames of the failed call are gone by now
        gc.collect()
        if sys.platform == "linux":
            ctypes.CDLL(None).malloc_trim(0)
    if refused is not None:
        result = {"refused": {"fa": refused.detail_fa, "en": refused.detail_en, "data": refused.data}}
    unfinished = Path(f"{_RESULT}.tmp")
    unfinished.write_bytes(orjson.dumps(result))
    unfinished.rename(_RESULT)


def limit_this_process(*, memory: int, seconds: int) -> None:
    """Bytes of address space, and seconds of the processor. No core file: that of a broken workbook helps nobody."""
    for name, soft, hard in (
        (resource.RLIMIT_AS, memory, memory),
        (resource.RLIMIT_CPU, seconds, seconds + _GRACE),
        (resource.RLIMIT_CORE, 0, 0),
    ):
        _, ceiling = resource.getrlimit(name)
        if ceiling != resource.RLIM_INFINITY:
            soft, hard = min(soft, ceiling), min(hard, ceiling)
        resource.setrlimit(name, (soft, hard))
