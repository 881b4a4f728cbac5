"""What people may do about the worker's jobs: try a failed one again, cancel one that waits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, RowMapping, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from maxa.errors import MaxaError, NotFound, WrongState
from maxa.registry.actions.review import reject_within
from maxa.registry.jobs import FAILED_ACTION, last_failure
from maxa.registry.models import State
from maxa.registry.people import SYSTEM, Actor, audit
from maxa.registry.queries import submission_or_error
from maxa.registry.transaction import transaction

IMPORT = "centre:import_submission"
KEPT_DAYS = 30
_NOTED_EACH = timedelta(hours=1)
_OF_WORKBOOKS = frozenset({IMPORT, "centre:look_at_workbook", "centre:mark_workbook"})  # of whoever imports


def retry_job(engine: Engine, *, actor: Actor, job_id: int) -> None:
    """Put a failed job back into the queue. Raises :class:`WrongState` for any other, and when the same waits already."""
    actor.require("import")
    try:
        with transaction(engine) as session:
            job = _job(session, job_id, actor)
            if job["status"] != "failed":
                raise _not_now(job_id, "failed")
            session.execute(
                text("SELECT procrastinate_retry_job_v2(:id, now(), NULL, NULL, NULL)"), {"id": job_id}
            )  # fmt: skip
            audit(session, actor, "retry-job", f"job {job_id}", task=job["task_name"], args=job["args"])
    except IntegrityError:
        raise WrongState("همین کار در صف است.", "The same job waits in the queue already.") from None


def cancel_job(engine: Engine, *, actor: Actor, job_id: int) -> None:
    """Take a job that waits out of the queue. With the last import of a submission the submission is closed, or the
    worker would take it up again at its next start."""
    actor.require("import")
    with transaction(engine) as session:
        job = _job(session, job_id, actor)
        cancelled = text("SELECT procrastinate_cancel_job_v1(:id, false, false)")
        if job["status"] != "todo" or session.scalar(cancelled, {"id": job_id}) is None:
            raise _not_now(job_id, "todo")
        if job["task_name"] == IMPORT:
            _close(session, int(job["args"]["submission_id"]), actor)
        audit(session, actor, "cancel-job", f"job {job_id}", task=job["task_name"], args=job["args"])


def _close(session: Session, submission_id: int, actor: Actor) -> None:
    """Reject a submission that nothing imports any more."""
    others = (
        "SELECT count(*) FROM procrastinate_jobs WHERE task_name = :task AND status IN ('todo', 'doing')"
        " AND args->>'submission_id' = :number"
    )
    if session.scalar(text(others), {"task": IMPORT, "number": str(submission_id)}):
        return
    if submission_or_error(session, submission_id, lock=True).state == State.IMPORTING:
        reject_within(session, submission_id=submission_id, actor=actor, reason="کار در صف لغو شد")


def note_failure(
    engine: Engine, *, job_id: int, task: str, error: Exception, periodic: bool = False, now: datetime | None = None
) -> None:
    """Why a job failed, in words that people can read; a trace is in the server's log alone. Of a ``periodic`` one, what
    was noted within the hour is not noted again: a disk that stays full would fill the audit trail each minute."""
    if isinstance(error, MaxaError):
        told = {"detail_fa": error.detail_fa, "detail_en": error.detail_en}
    elif isinstance(error, MemoryError):
        told = {"detail_fa": "حافظهٔ سرور بس نبود.", "detail_en": "The server had not enough memory."}
    elif isinstance(error, OSError):
        told = {
            "detail_fa": f"دیسک سرور نگذاشت ({error.strerror or type(error).__name__})؛ به مدیر سرور بگویید.",
            "detail_en": f"The server's disk did not allow it ({error.strerror or type(error).__name__}): tell the operator.",
        }
    else:
        told = {
            "detail_fa": f"خطایی پیش‌بینی‌نشده ({type(error).__name__})؛ گزارش سرور با شمارهٔ این کار آن را دارد.",
            "detail_en": f"An unforeseen error ({type(error).__name__}): the server's log has it under this job's number.",
        }
    with transaction(engine) as session:
        if not periodic or last_failure(session, task, since=(now or datetime.now(UTC)) - _NOTED_EACH) != told:
            audit(session, SYSTEM, FAILED_ACTION, f"job {job_id}", task=task, **told)


def forget_old_jobs(engine: Engine) -> int:
    """Remove jobs that failed or were cancelled :data:`KEPT_DAYS` ago; the audit trail keeps why. Returns how many."""
    ended = (
        "DELETE FROM procrastinate_jobs j WHERE status IN ('failed', 'cancelled', 'aborted') AND NOT EXISTS"
        " (SELECT 1 FROM procrastinate_events e WHERE e.job_id = j.id AND e.at > now() - make_interval(days => :days))"
        " RETURNING id"
    )
    with transaction(engine) as session:
        return len(session.scalars(text(ended), {"days": KEPT_DAYS}).all())


def _job(session: Session, job_id: int, actor: Actor) -> RowMapping:
    query = "SELECT id, task_name, CAST(status AS text) AS status, args FROM procrastinate_jobs WHERE id = :id"
    job = session.execute(text(f"{query} FOR UPDATE"), {"id": job_id}).mappings().first()
    if job is None:
        raise NotFound(f"کاری با شمارهٔ {job_id} در صف نیست.", f"There is no job {job_id} in the queue.")
    actor.require("import" if job["task_name"] in _OF_WORKBOOKS else "publish")
    return job


def _not_now(job_id: int, needs: str) -> WrongState:
    fa = {"failed": "ناموفق نیست که از نو انجام شود", "todo": "دیگر در صف نیست و لغو نمی‌شود"}[needs]
    en = {"failed": "has not failed: there is nothing to try again", "todo": "waits no longer and can't be cancelled"}[
        needs
    ]
    return WrongState(f"کار {job_id} {fa}.", f"Job {job_id} {en}.")
