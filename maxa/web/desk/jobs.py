"""What the worker has to do: its queue, what went wrong in it, and what is approved for a later day."""

from __future__ import annotations

from collections.abc import Sequence

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import RowMapping, select
from sqlalchemy.orm import Session

from maxa.registry import actions
from maxa.registry.jobs import failures, job_rows
from maxa.registry.models import Publication, Shelving, State, Submission, SubmissionFile
from maxa.registry.queries import pending_serials
from maxa.registry.transaction import Lock, is_held, transaction
from maxa.web.desk.door import actor, attempt, engine
from maxa.web.desk.room import room

_MOST = 200


@room.get("/jobs")
def job_list() -> ResponseReturnValue:
    with transaction(engine()) as session:
        waiting = session.scalars(
            select(Submission)
            .where(Submission.state.in_((State.IMPORTING, State.APPROVED)))
            .order_by(Submission.publish_at, Submission.id)
        ).unique()
        latest = session.scalar(
            select(Publication.serial).join(Shelving, Shelving.serial == Publication.serial)
            .order_by(Publication.serial.desc()).limit(1)
        )  # fmt: skip
        jobs = job_rows(session, most=_MOST)
        failed = failures(session, [job["id"] for job in jobs if job["status"] == "failed"])
        return render_template(
            "desk/jobs.html", jobs=jobs, failed=failed, waiting=list(waiting), of_submission=_submissions(session, jobs),
            pending=pending_serials(session), latest=latest, worker=is_held(session, Lock.WORKER),
        )  # fmt: skip


def _submissions(session: Session, jobs: Sequence[RowMapping]) -> dict[int, int]:
    """Job → the submission that it works on."""
    files = {job["id"]: job["args"]["file_id"] for job in jobs if "file_id" in job["args"]}
    of_file = dict(
        session.execute(
            select(SubmissionFile.id, SubmissionFile.submission_id).where(SubmissionFile.id.in_(files.values()))
        ).all()
    )
    found = {job: of_file[file] for job, file in files.items() if file in of_file}
    return found | {job["id"]: job["args"]["submission_id"] for job in jobs if "submission_id" in job["args"]}


@room.post("/jobs/<int:number>/retry")
def job_retry(number: int) -> ResponseReturnValue:
    return attempt(
        lambda: actions.retry_job(engine(), actor=actor(), job_id=number),
        done=gettext("کار دوباره به صف رفت."), back=url_for("desk.job_list"),
    )  # fmt: skip


@room.post("/jobs/<int:number>/cancel")
def job_cancel(number: int) -> ResponseReturnValue:
    return attempt(
        lambda: actions.cancel_job(engine(), actor=actor(), job_id=number),
        done=gettext("کار لغو شد."), back=url_for("desk.job_list"),
    )  # fmt: skip
