"""Turn received workbooks into a draft. A half-imported draft does not survive a crash; it is begun anew."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

import importers
from importers.findings import clean
from importers.profile import Profile
from importers.rows import Extract
from maxa.errors import BadWorkbook, MaxaError, WrongState
from maxa.registry.actions.profiles import remember_columns
from maxa.registry.actions.receiving import Letter, Received, Workbook, receive_submission
from maxa.registry.guards import check_draft
from maxa.registry.models import State, Submission, SubmissionFile
from maxa.registry.people import SYSTEM, Actor, audit
from maxa.registry.queries import submission_or_error
from maxa.registry.sent import write_into
from maxa.registry.staging import RowsLoader, clear_draft
from maxa.registry.transaction import import_lock, session_lock, transaction
from maxa.work_folders import work_folder

__all__ = ["Letter", "Received", "Workbook", "import_submission", "receive_submission"]

MOST_ATTEMPTS = 3  # imports that took the process down with them are not tried for ever

_TELL_EVERY = 0.5  # seconds: whoever watches sees it move each second

Progress = Callable[[str, int, int], None]


def _silent(_stage: str, _done: int, _total: int) -> None:
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
        submission.progress = None  # of an attempt that was broken off
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
    with work_folder(workdir, "import") as folder:
        with transaction(engine) as session:
            clear_draft(session, submission_id)
            submission = submission_or_error(session, submission_id)
            for file in submission.files:
                path = write_into(session, file, folder)
                loader = RowsLoader(engine, session, submission, file.id)
                profile = Profile.from_dict(file.profile)
                try:
                    extract = importers.extract(
                        path, source=file.source, workdir=folder, memory=memory, seconds=seconds,
                        filename=file.name, profile=profile, take=loader.take,
                        progress=lambda done, total: report("read", done, total),
                    )  # fmt: skip
                except BadWorkbook as error:
                    raise _naming(error, file, alone=len(submission.files) == 1) from error
                _note_file(session, submission, file, profile, extract)
                loader.finish(extract, file.name)
            report("check", 0, 0)
            _hold_while_importing(session, submission)
            check_draft(session, submission)
            submission.state = State.DRAFT
            submission.progress = None


def _hold_while_importing(session: Session, submission: Submission) -> None:
    """Raises :class:`WrongState` when it was rejected while its workbooks were read."""
    session.refresh(submission, ["state"], with_for_update=True)
    if submission.state != State.IMPORTING:
        raise WrongState(
            f"فهرست {submission.id} هنگام وارد شدن به حالت «{submission.state}» رفت؛ پیش‌نویسی ساخته نشد.",
            f"Submission {submission.id} became {submission.state} while it was imported: no draft was made.",
        )


def _naming(error: BadWorkbook, file: SubmissionFile, *, alone: bool) -> BadWorkbook:
    """The refusal of one of several workbooks says which; none of them is taken without the others."""
    data = {**error.data, "file": file.name}
    if alone:
        return BadWorkbook(error.detail_fa, error.detail_en, error.parameter, error.suggestions, data)
    return BadWorkbook(
        f"کارپوشهٔ «{file.name}»: {error.detail_fa} (هیچ‌یک از کارپوشه‌های این فهرست وارد نشد.)",
        f"The workbook {file.name!r}: {error.detail_en} (None of the workbooks of this submission was taken.)",
        error.parameter,
        error.suggestions,
        data,
    )


def _note_file(
    session: Session, submission: Submission, file: SubmissionFile, profile: Profile, extract: Extract
) -> None:
    file.source = extract.source
    file.sheets = [
        {
            "name": clean(s.name), "hidden": s.hidden, "header_row": s.header_row, "rows_present": s.rows_present,
            "rows_read": s.rows_read, "passed_over": s.passed_over,
        }
        for s in extract.sheets
    ]  # fmt: skip
    by = Actor(submission.created_by, frozenset())
    remember_columns(session, actor=by, source=extract.source, profile=profile, findings=extract.findings)


def _fail(engine: Engine, submission_id: int, error: MaxaError) -> None:
    with transaction(engine) as session:
        submission = submission_or_error(session, submission_id, lock=True)
        if submission.state != State.IMPORTING:
            return  # rejected meanwhile
        clear_draft(session, submission_id)
        submission.state = State.FAILED
        submission.progress = None
        submission.failure = {**error.as_dict(), **error.data}
        audit(session, SYSTEM, "import-failed", f"submission {submission_id}", **submission.failure)


class _Reporter:
    """Tells progress to the caller, and to the submission's row for those who watch from elsewhere."""

    def __init__(self, engine: Engine, submission_id: int, tell: Progress) -> None:
        self._engine, self._id, self._tell = engine, submission_id, tell
        self._last, self._told_at = "", 0.0
        self._begun_at = 0.0

    def __call__(self, stage: str, done: int, total: int) -> None:
        self._tell(stage, done, total)
        now = time.monotonic()
        if stage == self._last and now - self._told_at < _TELL_EVERY:
            return
        if stage != self._last:
            self._begun_at = time.time()
        self._last, self._told_at = stage, now
        with self._engine.begin() as connection:
            connection.execute(
                text("UPDATE submission SET progress = jsonb_build_object('stage', CAST(:stage AS text),"
                     " 'done', CAST(:done AS int), 'total', CAST(:total AS int), 'since', CAST(:since AS float))"
                     " WHERE id = :id"),
                {"stage": stage, "done": done, "total": total, "since": self._begun_at, "id": self._id},
            )  # fmt: skip
