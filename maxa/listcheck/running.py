"""Check a list in a child process of its own, with a limit of memory and time. Nothing of it is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from maxa.errors import BadWorkbook
from maxa.limited import Ended, result_of
from maxa.work_folders import work_folder


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
        told = _run(save, {**task, "filename": filename}, folder, memory=memory, seconds=seconds)
        return Checked(told, target.read_bytes() if marked else None)


def read_rows(
    save: Callable[[Path], object], *, filename: str, workdir: Path, most: int, memory: int, seconds: int
) -> list[dict[str, str]]:
    """Up to ``most`` rows of an uploaded list as ``code``, ``title`` and ``note``; otherwise as :func:`check_list`."""
    with work_folder(workdir, "list") as folder:
        task = {"most": most, "filename": filename}
        rows: list[dict[str, str]] = _run(save, task, folder, memory=memory, seconds=seconds)["rows"]
        return rows


def _run(
    save: Callable[[Path], object], task: Mapping[str, Any], folder: Path, *, memory: int, seconds: int
) -> dict[str, Any]:
    path = folder / "list"
    save(path)
    return result_of(
        "maxa.listcheck", {**task, "path": str(path)}, folder, memory=memory, seconds=seconds, why=_broke_off
    )


def _broke_off(ended: Ended) -> BadWorkbook:
    if ended.reason == "too-slow":
        return BadWorkbook(
            f"بررسی این پرونده بیش از {ended.limit} ثانیه زمان می‌برد؛ فهرست را به چند پرونده بخش کنید.",
            f"To check this file takes more than {ended.limit} seconds: split the list into several files.",
            data={"reason": "too-slow"},
        )
    return BadWorkbook(
        "این پرونده خوانده نشد؛ شاید بسیار بزرگ یا آسیب‌دیده است. آن را در اکسل با نام تازه ذخیره کنید و دوباره بفرستید.",
        "This file could not be read; it may be very large, or damaged. Save it under a new name in Excel and send it again.",
        data={"reason": "unreadable"},
    )
