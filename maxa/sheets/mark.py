"""The user's own workbook given back with its faulty cells marked, and a first sheet that sums up.

openpyxl reads and writes the workbook, and may be given anything: that happens in a child process of its own, with a
limit of memory and time (mark_child.py), after the checks that an import makes of a file.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from importers.refusals import broke_off
from maxa.limited import result_of
from maxa.sheets.findings_table import Found, cases_of
from maxa.shelf.durable import new_file

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
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
                "filename": filename or path.name, "headers": dict(headers or {}),
            }  # fmt: skip
            return Marked(
                **result_of("maxa.sheets.mark_child", task, folder, memory=memory, seconds=seconds, why=broke_off)
            )
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _as_dict(finding: Found) -> dict[str, Any]:
    return {
        **{name: getattr(finding, name) for name in _FIELDS},
        "severity": str(finding.severity), "cases": cases_of(finding),
    }  # fmt: skip
