"""Check a list in a child process of its own, with a limit of memory and time. Nothing of it is kept."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import structlog

from maxa.child import end_child, start_child
from maxa.errors import BadWorkbook
from maxa.settings import PROJECT
from maxa.work_folders import work_folder

log = structlog.get_logger(__name__)

# No settings, passwords or proxies: the child needs none of them.
_KEPT_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "TZ", "HOME", "TMPDIR")


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found, as comparing.py tells it, and the marked workbook where it was asked for."""

    told: dict[str, Any]
    workbook: bytes | None


def check_list(
    save: Callable[[Path], object],
    *,
    filename: str,
    terminology: str,
    shelf: Path,
    workdir: Path,
    marked: bool,
    memory: int,
    seconds: int,
) -> Checked:
    """``save(path)`` puts the uploaded list to a path, which is deleted before this returns, whatever happens.

    ``memory`` (bytes) and ``seconds`` limit the child. Raises BadWorkbook when the file can't be read as a list, or takes
    more than the limits.
    """
    with work_folder(workdir, "list") as folder:
        target = folder / "marked.xlsx"
        task = {
            "terminology": terminology, "shelf": str(shelf.absolute()), "target": str(target) if marked else None,
        }  # fmt: skip
        told = _run(save, {**task, "filename": filename, "memory": memory, "seconds": seconds}, folder)
        return Checked(told, target.read_bytes() if marked else None)


def read_rows(
    save: Callable[[Path], object], *, filename: str, workdir: Path, most: int, memory: int, seconds: int
) -> list[dict[str, str]]:
    """Up to ``most`` rows of an uploaded list as ``code``, ``title`` and ``note``; otherwise as :func:`check_list`."""
    with work_folder(workdir, "list") as folder:
        task = {"most": most, "filename": filename, "memory": memory, "seconds": seconds}
        rows: list[dict[str, str]] = _run(save, task, folder)["rows"]
        return rows


def _run(save: Callable[[Path], object], asked: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    save(folder / "list")
    task = {
        **asked, "path": str(folder / "list"), "result": str(folder / "result.json"), "parent": os.getpid(),
    }  # fmt: skip
    environment = {name: os.environ[name] for name in _KEPT_ENVIRONMENT if name in os.environ}
    errors = folder / "stderr.txt"
    in_time = True
    with errors.open("wb") as stderr:
        child = start_child(
            [sys.executable, "-P", "-m", "maxa.listcheck"],
            death_signal=signal.SIGKILL,
            env={**environment, "PYTHONPATH": str(PROJECT)},
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=stderr,
        )
    try:
        child.communicate(orjson.dumps(task), timeout=task["seconds"])
    except subprocess.TimeoutExpired:
        in_time = False
    except BrokenPipeError:
        child.wait()
    finally:
        end_child(child, asks=())
    result = Path(task["result"])
    if not result.is_file():
        raise _why_it_died(child.returncode, in_time=in_time, said=errors.read_bytes(), task=task)
    told: dict[str, Any] = orjson.loads(result.read_bytes())
    if "refused" in told:
        refused = told["refused"]
        raise BadWorkbook(refused["fa"], refused["en"], data=refused["data"])
    return told


def _why_it_died(status: int, *, in_time: bool, said: bytes, task: Mapping[str, Any]) -> BadWorkbook:
    if not in_time or status == -signal.SIGXCPU:
        limit = task["seconds"]
        return BadWorkbook(
            f"بررسی این پرونده بیش از {limit} ثانیه زمان می‌برد؛ فهرست را به چند پرونده بخش کنید.",
            f"To check this file takes more than {limit} seconds: split the list into several files.",
            data={"reason": "too-slow"},
        )
    log.error("checking a list broke off", status=status, stderr=said[-2_000:].decode(errors="replace"))
    return BadWorkbook(
        "این پرونده خوانده نشد؛ شاید بسیار بزرگ یا آسیب‌دیده است. آن را در اکسل با نام تازه ذخیره کنید و دوباره بفرستید.",
        "This file could not be read; it may be very large, or damaged. Save it under a new name in Excel and send it again.",
        data={"reason": "unreadable"},
    )
