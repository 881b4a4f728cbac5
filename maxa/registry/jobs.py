"""The worker's queue as people see it: procrastinate's tables, read. What it did well is deleted from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, func, select, text
from sqlalchemy.orm import Session

from maxa.registry.models import AuditEvent
from maxa.registry.transaction import Lock, is_held

FAILED_ACTION = "job-failed"
_JOB = (
    "SELECT id, task_name, CAST(status AS text) AS status, args, attempts, lock,"
    " (SELECT max(at) FROM procrastinate_events WHERE job_id = j.id) AS at FROM procrastinate_jobs j"
)
# What is being done, else what comes first of what waits, else the newest: a restarted worker queues an import twice.
_TELLING = (
    " ORDER BY status = 'doing' DESC, status = 'todo' DESC, CASE WHEN status = 'todo' THEN id ELSE -id END LIMIT 1"
)
_LIST = """
    SELECT j.id, j.task_name, CAST(j.status AS text) AS status, j.args, j.attempts, j.scheduled_at,
        (SELECT max(e.at) FROM procrastinate_events e WHERE e.job_id = j.id) AS at
    FROM procrastinate_jobs j ORDER BY (j.status IN ('todo', 'doing')) DESC, j.id DESC LIMIT :most
"""
_AHEAD = """
    SELECT count(*) FROM procrastinate_jobs
    WHERE status IN ('todo', 'doing') AND id < :id AND (lock = :lock OR lock IS NULL)
"""
_ALIKE = """
    SELECT j.id, e.detail, e.at FROM procrastinate_jobs j CROSS JOIN LATERAL (
        SELECT detail, at FROM audit_event
        WHERE action = :action AND detail->>'task' = j.task_name
            AND at <= (SELECT max(at) FROM procrastinate_events WHERE job_id = j.id)
        ORDER BY id DESC LIMIT 1
    ) e WHERE j.id = ANY(:jobs)
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a job stands: ``status`` is todo, doing, failed, cancelled or aborted, None when there is none such; ``ahead``
    are those that come before it. ``at``: since when. ``worker``: one lives."""

    worker: bool
    job: int | None = None
    status: str | None = None
    ahead: int = 0
    failure: dict[str, Any] | None = None
    at: datetime | None = None


def job_rows(session: Session, *, most: int) -> Sequence[RowMapping]:
    """What waits and what is being done first, then the newest."""
    return session.execute(text(_LIST), {"most": most}).mappings().all()


def standing_of(session: Session, *, once: str) -> Standing:
    """Of the job that was queued under this name."""
    return _standing(session, f"{_JOB} WHERE queueing_lock = :once{_TELLING}", once=once)


def import_standing(session: Session, submission_id: int) -> Standing:
    """Of the import of a submission."""
    return _standing(
        session,
        f"{_JOB} WHERE task_name = 'centre:import_submission' AND args->>'submission_id' = :number{_TELLING}",
        number=str(submission_id),
    )


def _standing(session: Session, sql: str, **values: Any) -> Standing:
    worker = is_held(session, Lock.WORKER)
    job = session.execute(text(sql), values).mappings().first()
    if job is None:
        return Standing(worker)
    ahead = 0
    if job["status"] == "todo":
        ahead = session.scalar(text(_AHEAD), {"id": job["id"], "lock": job["lock"]}) or 0
    failure = failures(session, [job["id"]]).get(job["id"]) if job["status"] == "failed" else None
    return Standing(worker, job["id"], job["status"], ahead, failure, job["at"])


def last_failure(session: Session, task: str, *, since: datetime) -> dict[str, Any] | None:
    """``detail_fa`` and ``detail_en`` of the newest failure that was noted of a task."""
    detail = session.scalar(
        select(AuditEvent.detail)
        .where(AuditEvent.action == FAILED_ACTION, AuditEvent.detail["task"].astext == task, AuditEvent.at > since)
        .order_by(AuditEvent.id.desc())
        .limit(1)
    )
    return None if detail is None else {name: said for name, said in detail.items() if name != "task"}


def failures(session: Session, jobs: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Why jobs failed, the last time: ``detail_fa`` and ``detail_en`` with the ``at`` of the failure. Where a job has no
    event of its own it failed as the one of its task that was noted before it."""
    if not jobs:
        return {}
    subjects = [f"job {number}" for number in jobs]
    events = session.scalars(
        select(AuditEvent)
        .where(AuditEvent.action == FAILED_ACTION, func.lower(AuditEvent.subject).in_(subjects))
        .order_by(AuditEvent.id)
    )
    told = {int(event.subject[4:]): {**event.detail, "at": event.at} for event in events}
    alike = session.execute(text(_ALIKE), {"action": FAILED_ACTION, "jobs": [n for n in jobs if n not in told]})
    return told | {row.id: {**row.detail, "at": row.at} for row in alike}


def seconds_since(session: Session, then: datetime | float) -> int:
    """Whole seconds until now, by the clock of the registry; ``then`` an instant, or seconds since 1970."""
    now = session.scalar(text("SELECT extract(epoch FROM clock_timestamp())")) or 0
    return max(0, int(float(now) - (then.timestamp() if isinstance(then, datetime) else then)))
