"""The user's own workbook given back with its faulty cells marked, and a first sheet that sums up.

openpyxl reads and writes the workbook, and may be given anything: that happens in a child process of its own, with a
limit of memory and time (mark_child.py), after the checks that an import makes of a file.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import structlog

from importers.refusals import refusal
from maxa.child import Child, end_child, start_child
from maxa.errors import BadWorkbook
from maxa.settings import PROJECT
from maxa.sheets.findings_table import Found, cases_of
from maxa.shelf.durable import new_file

log = structlog.get_logger(__name__)

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# No settings, passwords or proxies: the child needs none of them.
_KEPT_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "TZ", "HOME", "TMPDIR")
_FIELDS = ("rule", "message_fa", "message_en", "file", "sheet", "row", "column", "heading", "value")


@dataclass(frozen=True, slots=True)
class Marked:
    """``cells``: marked ones. ``elsewhere``: findings without a cell, which the first sheet lists."""

    cells: int
    elsewhere: int


def mark_workbook(
    path: Path,
    findings: Iterable[Found],
    target: Path,
    *,
    workdir: Path,
    filename: str | None = None,
    headers: Mapping[str, int] | None = None,
    memory: int = 1 << 30,
    seconds: int = 300,
) -> Marked:
    """Write ``path``, marked, to ``target`` (.xlsx), which is there whole or not at all.

    ``findings`` are those of this file and of the submission as a whole. ``filename``: the name that findings know the
    file by. ``headers``: sheet → row of its headings, where that is known. ``memory`` (bytes) and ``seconds`` limit the
    child. Raises BadWorkbook when the file can't be opened, or takes more than the limits.
    """
    workdir.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="mark-", dir=workdir.absolute()))
    try:
        given = folder / "findings.json"
        given.write_bytes(orjson.dumps([_as_dict(finding) for finding in findings]))
        with new_file(target.absolute()) as temporary:
            task = {
                "path": str(path.absolute()), "findings": str(given), "target": str(temporary),
                "result": str(folder / "result.json"), "filename": filename or path.name, "headers": dict(headers or {}),
                "memory": memory, "seconds": seconds, "parent": os.getpid(),
            }  # fmt: skip
            return _run(task, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _as_dict(finding: Found) -> dict[str, Any]:
    return {
        **{name: getattr(finding, name) for name in _FIELDS},
        "severity": str(finding.severity), "cases": cases_of(finding),
    }  # fmt: skip


def _run(task: Mapping[str, Any], folder: Path) -> Marked:
    environment = {name: os.environ[name] for name in _KEPT_ENVIRONMENT if name in os.environ}
    errors = folder / "stderr.txt"
    with errors.open("wb") as stderr:
        child = start_child(
            [sys.executable, "-P", "-m", "maxa.sheets.mark_child"],
            death_signal=signal.SIGKILL,
            env={**environment, "PYTHONPATH": str(PROJECT)},
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=stderr,
        )
    in_time = _wait(child, task)
    result = Path(task["result"])
    if not result.is_file():
        raise _why_it_died(child.returncode, in_time=in_time, said=errors.read_bytes(), task=task)
    told = orjson.loads(result.read_bytes())
    if "refused" in told:
        raise BadWorkbook(told["refused"]["fa"], told["refused"]["en"], data=told["refused"]["data"])
    return Marked(**told)


def _wait(child: Child, task: Mapping[str, Any]) -> bool:
    """Whether the child ended in time. It is ended here in any case, also when Ctrl-C comes."""
    try:
        child.communicate(orjson.dumps(task), timeout=task["seconds"])
    except subprocess.TimeoutExpired:
        return False
    except BrokenPipeError:
        child.wait()
    finally:
        end_child(child, asks=())
    return True


def _why_it_died(status: int, *, in_time: bool, said: bytes, task: Mapping[str, Any]) -> BadWorkbook:
    if not in_time or status == -signal.SIGXCPU:
        return refusal("too-slow", limit=task["seconds"])
    if b"MemoryError" in said or b"annot allocate memory" in said or status == -signal.SIGABRT:
        return refusal("too-large", limit=task["memory"] >> 20)
    log.error("marking a workbook broke off", status=status, stderr=said[-2_000:].decode(errors="replace"))
    return refusal("unreadable")
