"""Receive workbooks and turn them into a draft. What was received survives a crash; a half-imported draft does not."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

import importers
from maxa.errors import BadParameter, BadWorkbook, MaxaError, WrongState
from maxa.registry.circulars import resolve_circular
from maxa.registry.guards import check_draft
from maxa.registry.models import ALIVE, Circular, Release, State, Submission, SubmissionFile
from maxa.registry.people import SYSTEM, Actor, audit
from maxa.registry.queries import submission_or_error
from maxa.registry.staging import RowsLoader, clear_draft, digest_of_draft
from maxa.registry.transaction import import_lock, session_lock, transaction

MOST_ATTEMPTS = 3  # imports that took the process down with them are not tried for ever

Progress = Callable[[str, int, int], None]


def _silent(_stage: str, _done: int, _total: int) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Workbook:
    """A file as it is sent in. ``source`` names a declaration of importers.SOURCES; None recognises it."""

    name: str
    content: bytes
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Received:
    """``existing`` tells that the same workbooks are here already: nothing was written."""

    submission_id: int
    existing: bool


def receive_submission(
    engine: Engine,
    *,
    actor: Actor,
    workbooks: list[Workbook],
    circular: str | None = None,
    day: date | None = None,
    scope: str = "full",
    note: str = "",
) -> Received:
    """Keep the workbooks as a new submission in state ``importing``.

    The same files for the same circular by the same importer are a no-op while the first submission is alive
    (not failed or rejected, and what it published not withdrawn).
    """
    actor.require("import")
    if scope not in ("full", "amendment"):
        raise BadParameter("دامنه باید full یا amendment باشد.", "The scope must be full or amendment.", "scope")
    if not workbooks:
        raise BadParameter("پرونده‌ای داده نشده است.", "No workbook was given.", "file")
    for book in workbooks:
        if book.source is not None and book.source not in importers.SOURCES:
            raise BadParameter(
                f"منبع «{book.source}» شناخته نیست.", f"There is no source {book.source!r}.", "source",
                suggestions=sorted(importers.SOURCES),
            )  # fmt: skip
        if not book.content:
            raise BadWorkbook(
                f"پروندهٔ «{book.name}» تهی است.", f"The file {book.name!r} is empty.", data={"reason": "empty-file"}
            )
    with transaction(engine) as session:
        letter = resolve_circular(session, number=circular, day=day) if circular else None
        fingerprint = _fingerprint(workbooks, letter, scope)
        session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": fingerprint})
        alive = _alive_with(session, fingerprint)
        if alive is not None:
            return Received(alive.id, existing=True)
        submission = Submission(
            state=State.IMPORTING, scope=scope, circular_id=letter.id if letter else None, note=note,
            fingerprint=fingerprint, created_by=actor.name, confirmed=[],
        )  # fmt: skip
        submission.files = [
            SubmissionFile(
                name=Path(b.name).name, sha256=hashlib.sha256(b.content).hexdigest(), size=len(b.content),
                content=b.content, source=b.source,
            )
            for b in workbooks
        ]  # fmt: skip
        session.add(submission)
        session.flush()
        audit(session, actor, "import", f"submission {submission.id}", files=[b.name for b in workbooks], scope=scope,
              circular=letter.number if letter else None)  # fmt: skip
        return Received(submission.id, existing=False)


def _fingerprint(workbooks: list[Workbook], letter: Circular | None, scope: str) -> str:
    parts = sorted(f"{hashlib.sha256(b.content).hexdigest()}:{b.source or ''}" for b in workbooks)
    circular = f"{letter.number_key}@{letter.day}" if letter else ""
    return hashlib.sha256("|".join([*parts, circular, scope, importers.VERSION]).encode()).hexdigest()


def _alive_with(session: Session, fingerprint: str) -> Submission | None:
    rows = session.scalars(
        select(Submission)
        .where(Submission.fingerprint == fingerprint, Submission.state.in_(ALIVE))
        .order_by(Submission.id.desc())
    )
    for row in rows.unique():
        releases = session.scalars(select(Release).where(Release.submission_id == row.id)).all()
        if row.state != State.PUBLISHED or all(r.withdrawn_serial is None for r in releases):
            return row
    return None


def import_submission(
    engine: Engine,
    *,
    submission_id: int,
    workdir: Path,
    progress: Progress = _silent,
    memory: int = 1 << 30,
    seconds: int = 300,
) -> State:
    """Read, check and stage a received submission; its state becomes ``draft``, or ``failed`` with the reason.

    Safe to call again after a crash. Raises :class:`WrongState` when another process is importing it, or it is no
    longer to be imported. ``progress(stage, done, total)`` is called from time to time.
    """
    with engine.connect() as connection, session_lock(connection, import_lock(submission_id), wait=False) as mine:
        connection.commit()
        if not mine:
            raise WrongState(
                f"فهرست {submission_id} هم‌اکنون در پردازشی دیگر وارد می‌شود.",
                f"Submission {submission_id} is being imported by another process.",
            )
        if not _begin_attempt(engine, submission_id):
            return State.FAILED
        report = _Reporter(engine, submission_id, progress)
        try:
            _stage_all(engine, submission_id, workdir, report, memory=memory, seconds=seconds)
        except BadWorkbook as error:
            _fail(engine, submission_id, error)
            return State.FAILED
    return State.DRAFT


def _begin_attempt(engine: Engine, submission_id: int) -> bool:
    with transaction(engine) as session:
        submission = submission_or_error(session, submission_id, lock=True)
        if submission.state != State.IMPORTING:
            raise WrongState(
                f"فهرست {submission_id} در حالت «{submission.state}» است و وارد شدنی نیست.",
                f"Submission {submission_id} is {submission.state}: there is nothing to import.",
            )
        submission.attempts += 1
        given_up = submission.attempts > MOST_ATTEMPTS
    if given_up:
        _fail(
            engine,
            submission_id,
            BadWorkbook(
                f"وارد کردن {MOST_ATTEMPTS} بار ناتمام ماند؛ گزارش سرور را ببینید و دوباره بفرستید.",
                f"The import broke off {MOST_ATTEMPTS} times: look into the server's log and send it again.",
                data={"reason": "crashed"},
            ),
        )
    return not given_up


def _stage_all(
    engine: Engine, submission_id: int, workdir: Path, report: _Reporter, *, memory: int, seconds: int
) -> None:
    workdir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f"import-{submission_id}-", dir=workdir) as folder:
        with transaction(engine) as session:
            clear_draft(session, submission_id)
            submission = submission_or_error(session, submission_id)
            for file in submission.files:
                path = Path(folder) / f"{file.id}{Path(file.name).suffix.lower()[:8]}"
                path.write_bytes(file.content)
                session.expire(file, ["content"])  # a large workbook is held no longer than needed
                loader = RowsLoader(engine, session, submission, file.id)
                extract = importers.extract(
                    path, source=file.source, workdir=Path(folder), memory=memory, seconds=seconds, filename=file.name,
                    progress=lambda done, total: report("read", done, total), take=loader.take,
                )  # fmt: skip
                file.source = extract.source
                file.sheets = [{"name": s.name, "hidden": s.hidden, "header_row": s.header_row, "rows_present":
                                s.rows_present, "rows_read": s.rows_read, "passed_over": s.passed_over}
                               for s in extract.sheets]  # fmt: skip
                loader.finish(extract, file.name)
            report("check", 0, 0)
            check_draft(session, submission)
            submission.content_digest = digest_of_draft(session, submission_id)
            submission.state = State.DRAFT
            submission.progress = None


def _fail(engine: Engine, submission_id: int, error: MaxaError) -> None:
    with transaction(engine) as session:
        clear_draft(session, submission_id)
        submission = submission_or_error(session, submission_id, lock=True)
        submission.state = State.FAILED
        submission.progress = None
        submission.failure = {**error.as_dict(), **error.data}
        audit(session, SYSTEM, "import-failed", f"submission {submission_id}", **submission.failure)


class _Reporter:
    """Tells progress to the caller, and to the submission's row for those who watch from elsewhere."""

    def __init__(self, engine: Engine, submission_id: int, tell: Progress) -> None:
        self._engine, self._id, self._tell = engine, submission_id, tell
        self._last: tuple[str, int] = ("", -1)

    def __call__(self, stage: str, done: int, total: int) -> None:
        self._tell(stage, done, total)
        tenth = done * 10 // total if total else 0
        if (stage, tenth) == self._last:
            return
        self._last = (stage, tenth)
        with self._engine.begin() as connection:
            connection.execute(
                text("UPDATE submission SET progress = jsonb_build_object('stage', CAST(:stage AS text),"
                     " 'done', CAST(:done AS int), 'total', CAST(:total AS int)) WHERE id = :id"),
                {"stage": stage, "done": done, "total": total, "id": self._id},
            )  # fmt: skip
