"""Files that take too long to make while someone waits: the worker makes them, and they are kept for a day in the work
folder, which the worker and the web servers share. What is lost there is made again.

A file's name tells what it was made from, so one that no longer holds is never found.
"""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from maxa.errors import BadWorkbook, NotFound
from maxa.registry import queries
from maxa.registry.models import Finding, SubmissionFile
from maxa.registry.sent import write_into
from maxa.registry.transaction import transaction
from maxa.settings import Settings
from maxa.sheets.mark import mark_workbook
from maxa.shelf.durable import new_file
from maxa.work_folders import work_folder

KEPT_SECONDS = 86_400
KEPT_BYTES = 2 << 30  # together; the oldest go first
_FORMAT = 1  # of marked workbooks: raise it when they come out otherwise


@dataclass(frozen=True, slots=True)
class Made:
    """Where a file is, once it is made; ``refusal`` is there instead when it can't be."""

    path: Path

    @property
    def refusal(self) -> Path:
        return self.path.with_suffix(".json")

    @property
    def is_ready(self) -> bool:
        return self.path.is_file()

    def refused(self) -> dict[str, Any] | None:
        """``detail_fa`` and ``detail_en`` of why it could not be made."""
        with suppress(FileNotFoundError, ValueError):
            told: dict[str, Any] = orjson.loads(self.refusal.read_bytes())
            return told
        return None

    def forget_refusal(self) -> None:
        self.refusal.unlink(missing_ok=True)


def folder_of(settings: Settings) -> Path:
    return settings.work / "made"


def marked_of(session: Session, settings: Settings, file: SubmissionFile) -> Made:
    """The workbook with its faulty cells marked, as the findings are now."""
    newest, count = session.execute(
        select(func.coalesce(func.max(Finding.id), 0), func.count()).where(Finding.submission_id == file.submission_id)
    ).one()
    return Made(folder_of(settings) / f"marked-{_FORMAT}-{file.id}-{newest}-{count}.xlsx")


def make_marked(engine: Engine, settings: Settings, *, file_id: int) -> None:
    """Make it, or note why it can't be made; nothing when it is there already."""
    with transaction(engine) as session:
        file = session.get(SubmissionFile, file_id)
        if file is None:
            raise NotFound(f"پروندهٔ {file_id} نیست.", f"There is no file {file_id}.")
        made = marked_of(session, settings, file)
        if made.is_ready:
            return
        found = [f for f in queries.findings(session, file.submission_id) if f.file in (None, file.name)]
    headers = {s["name"]: s["header_row"] for s in file.sheets or [] if s.get("header_row")}
    made.path.parent.mkdir(parents=True, exist_ok=True)
    with work_folder(settings.work, "marking") as folder:
        with transaction(engine) as session:
            path = write_into(session, file, folder)
        try:
            mark_workbook(
                path, found, made.path, workdir=folder, filename=file.name, headers=headers,
                memory=settings.import_memory, seconds=settings.import_seconds,
            )  # fmt: skip
        except BadWorkbook as error:
            with new_file(made.refusal) as temporary:
                temporary.write_bytes(orjson.dumps(error.as_dict()))
    prune(settings, keep=made.path)


def prune(settings: Settings, *, keep: Path | None = None) -> None:
    """Remove what is a day old, and the oldest of what is more than :data:`KEPT_BYTES` together."""
    held = []
    for path in folder_of(settings).glob("*"):
        with suppress(FileNotFoundError):  # another process prunes, too
            held.append((path.stat().st_mtime, path.stat().st_size, path))
    whole, oldest_kept = 0, time.time() - KEPT_SECONDS
    for at, size, path in sorted(held, reverse=True):
        whole += size
        if path != keep and (at < oldest_kept or whole > KEPT_BYTES):
            path.unlink(missing_ok=True)
