"""Read a workbook in a child process of its own, with a limit of memory and time, and take over what it found."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from importers.findings import clean
from importers.handover import RowsAsTheyCome, TakeRows, take_over
from importers.profile import Profile, check_terminology
from importers.refusals import broke_off
from importers.rows import Extract
from importers.sources import SOURCES
from maxa.errors import BadParameter
from maxa.limited import Progress, run_limited

_WORTH_TAKING = 1 << 20  # bytes; smaller blocks cost more to load than they are worth


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
    columns and, for the generic sources, of the list. ``progress(done, total)`` counts bytes of sheets.

    ``take(table, lines)`` is given the spooled lines of each table while the child goes on reading (on two cores loading
    then costs no time of its own); what it took is void should BadWorkbook follow, and ``rows`` of the table that it gets
    is not counted yet.

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

        ended = run_limited("importers.child", task, folder, memory=memory, seconds=seconds, progress=follow)
        taken = take_over(folder)
        if taken is not None and coming is not None:
            coming.drain()
        if taken is None:
            raise broke_off(ended)
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
