"""Carrying usage counts from the readers' spool files over to the registry.

Each portion of a file and how far it was read are one transaction, and a file goes after that: a kill at any moment
counts nothing twice, and loses nothing.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from pathlib import Path

import structlog
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from maxa.registry import usage
from maxa.registry.transaction import transaction
from maxa.usage.spool import read_portion, spool_files, sweep_unborn
from maxa.usage.tally import DamagedLine, Tally, add_line

log = structlog.get_logger("maxa.worker")


@dataclass(slots=True)
class Collected:
    files: int = 0
    damaged: int = 0  # lines that were no counts of ours
    dropped: int = 0


def collect_usage(engine: Engine, folder: Path, *, now: datetime | None = None) -> Collected:
    """Collect whatever whole lines there are. A file that can't be read is left for the next time, and said."""
    at, done = now or datetime.now(UTC), Collected()
    for path in spool_files(folder):
        try:
            _collect_file(engine, path, at, done)
        except OSError as error:
            log.warning("a usage file can't be read", file=path.name, problem=str(error))
    sweep_unborn(folder)
    with transaction(engine) as session:
        usage.forget_old(session, now=at, spools=[path.name for path in spool_files(folder)])
    if done.damaged or done.dropped:
        log.warning("usage is not complete", damaged_lines=done.damaged, dropped_bytes=done.dropped)
    return done


def _collect_file(engine: Engine, path: Path, at: datetime, done: Collected) -> None:
    while True:
        with transaction(engine) as session:
            start = usage.read_to(session, path.name)
            portion = read_portion(path, start)
            tallies, damaged = _read(portion.lines, at)
            for tally in tallies:
                _add(session, tally)
            if portion.read_to > start:
                usage.note_read(session, path.name, portion.read_to)
        done.damaged += damaged + portion.damaged
        done.dropped += sum(tally.dropped for tally in tallies)
        if portion.finished:
            with suppress(FileNotFoundError):
                path.unlink()
            done.files += 1
            return
        if portion.read_to == start:
            return


def _read(lines: list[bytes], at: datetime) -> tuple[list[Tally], int]:
    tallies: dict[date, list[Tally]] = {}
    newest = usage.today(at) + timedelta(days=1)
    oldest = newest - timedelta(days=usage.KEPT_DAYS)
    damaged = 0
    for line in lines:
        try:
            add_line(line, tallies, oldest=oldest, newest=newest)
        except DamagedLine:
            damaged += 1
    return list(chain.from_iterable(tallies.values())), damaged


def _add(session: Session, tally: Tally) -> None:
    usage.add_requests(session, tally.day, [(*key, n) for key, n in sorted(tally.requests.items())])
    usage.add_issues(session, tally.day, [(*key, n) for key, n in sorted(tally.issues.items())])
    usage.add_words(session, tally.day, [(words, *counts) for words, counts in sorted(tally.words.items())])
    usage.note_mirrors(
        session,
        [(name, serial, datetime.fromtimestamp(at, UTC)) for name, (serial, at) in sorted(tally.mirrors.items())],
    )
    if tally.dropped:
        usage.add_dropped(session, tally.day, tally.dropped)
