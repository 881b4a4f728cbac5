"""Read a workbook in a child process of its own, with a limit of memory and time, and take over what it found."""

from __future__ import annotations

import logging
import os
import selectors
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from importers.findings import clean
from importers.handover import RowsAsTheyCome, TakeRows, take_over
from importers.profile import Profile, check_terminology
from importers.refusals import refusal
from importers.rows import Extract
from importers.sources import SOURCES
from maxa.errors import BadParameter, BadWorkbook

log = logging.getLogger(__name__)

Progress = Callable[[int, int], None]

_WORTH_TAKING = 1 << 20  # bytes; smaller blocks cost more to load than they are worth
_ROOT = Path(__file__).resolve().parent.parent
# No settings, passwords or proxies: the child needs none of them, and reads files of unknown origin.
_KEPT_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "TZ", "HOME", "TMPDIR")
_OUT_OF_MEMORY = ("MemoryError", "memory allocation of", "capacity overflow", "annot allocate memory")


def extract(
    path: Path,
    *,
    source: str | None = None,
    workdir: Path,
    memory: int = 1 << 30,
    seconds: int = 300,
    filename: str | None = None,
    profile: Profile | None = None,
    progress: Progress | None = None,
    take: TakeRows | None = None,
) -> Extract:
    """Read, check and spool one workbook.

    ``source`` names one of :data:`SOURCES`; without it the headings tell. Spool files go to a new folder in
    ``workdir`` and are the caller's to delete. ``memory`` (bytes of address space) and ``seconds`` (of the processor,
    and on the clock) limit the child. ``filename`` is the name that findings show. ``profile`` is what a person says of the
    columns and, for the generic sources, of the list. ``progress(done, total)`` counts
    bytes of sheets. ``take(table, lines)`` is given the spooled lines of each table while the child goes on reading (on
    two cores loading then costs no time of its own); what it took is void should BadWorkbook follow, and ``rows`` of
    the table that it gets is not counted yet.

    Raises BadWorkbook, with ``data["reason"]`` one of importers.refusals.REASONS, when the file can't be taken at
    all, and BadParameter for an unknown source. What is wrong inside the list comes back as findings.
    """
    known_source(source)
    check_terminology(source, profile)
    folder = new_folder(workdir, "extract")
    task = {
        "do": "extract", "path": path_as_json(path), "source": source, "filename": clean(filename or path.name),
        "profile": (profile or Profile()).as_dict(),
    }  # fmt: skip
    try:
        tell = progress or (lambda done, total: None)
        coming = RowsAsTheyCome(folder, take) if take is not None else None

        def follow(done: int, total: int) -> None:
            tell(done, total)
            if coming is not None:
                coming.drain(at_least=_WORTH_TAKING)

        ended = run_child(task, folder, memory=memory, seconds=seconds, progress=follow)
        taken = take_over(folder)
        if taken is not None and coming is not None:
            coming.drain()
        if taken is None:
            raise ended.why()
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return taken


def known_source(name: str | None) -> None:
    """Raises BadParameter for a source that nobody declared; ``None`` is none asked for."""
    if name is not None and name not in SOURCES:
        raise BadParameter(
            f"منبع «{name}» شناخته نیست؛ یکی از این‌ها را بدهید: {'، '.join(SOURCES)}.",
            f"There is no source {name!r}; give one of {', '.join(SOURCES)}.",
            "source",
            suggestions=sorted(SOURCES),
        )


def path_as_json(path: Path) -> str:
    """Linux takes any bytes for a name, JSON does not."""
    return os.fsencode(path.absolute()).hex()


def new_folder(workdir: Path, what: str) -> Path:
    """A folder of the child's own, for its results and what it says when it dies."""
    workdir.mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(prefix=f"{what}-", dir=workdir.absolute()))


@dataclass(frozen=True)
class Ended:
    """How a child ended: its exit status (negative: the signal that ended it), and whether it ran out of time."""

    status: int
    timed_out: bool
    folder: Path
    memory: int
    seconds: int

    def why(self) -> BadWorkbook:
        """The refusal, when it left no result."""
        said = (self.folder / "stderr.txt").read_bytes()[-4_000:].decode(errors="replace")
        log.warning("the reading child ended with status %s: %s", self.status, said)
        if self.timed_out or self.status == -signal.SIGXCPU:
            return refusal("too-slow", limit=self.seconds)
        if self.status == -signal.SIGKILL or any(words in said for words in _OUT_OF_MEMORY):
            return refusal("too-large", limit=self.memory >> 20)
        return refusal("unreadable")


def run_child(
    task: dict[str, Any], folder: Path, *, memory: int, seconds: int, progress: Progress = lambda done, total: None
) -> Ended:
    """Have child.py do ``task`` within these limits; its results are in ``folder``."""
    limits = {"workdir": str(folder), "memory": memory, "seconds": seconds, "parent": os.getpid()}
    status, timed_out = _run(task | limits, folder, seconds, progress)
    return Ended(status, timed_out, folder, memory, seconds)


def _run(task: dict[str, Any], folder: Path, seconds: int, progress: Progress) -> tuple[int, bool]:
    """Exit status of the child (negative: the signal that ended it), and whether it ran out of time."""
    environment = {name: os.environ[name] for name in _KEPT_ENVIRONMENT if name in os.environ}
    environment["PYTHONPATH"] = str(_ROOT)
    with (folder / "stderr.txt").open("wb") as errors:
        child = subprocess.Popen(
            [sys.executable, "-P", "-m", "importers.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=environment,
            cwd=folder,
        )
    deadline = time.monotonic() + seconds
    in_time = False
    with child:  # closes the pipes
        try:
            _send(child, task)
            in_time = _follow(child, deadline, progress)
            child.wait(max(deadline - time.monotonic(), 0))
        except subprocess.TimeoutExpired:
            in_time = False
        finally:  # also when progress() fails, or Ctrl-C comes; killing a child that has ended does nothing
            child.kill()
    return child.returncode, not in_time


def _send(child: subprocess.Popen[bytes], task: dict[str, Any]) -> None:
    if child.stdin is None:
        return
    try:
        with child.stdin:
            child.stdin.write(orjson.dumps(task, option=orjson.OPT_APPEND_NEWLINE))
    except BrokenPipeError:
        log.warning("the reading child ended before it took its task")


def _follow(child: subprocess.Popen[bytes], deadline: float, progress: Progress) -> bool:
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
                progress(int(done), int(total))
    return False
