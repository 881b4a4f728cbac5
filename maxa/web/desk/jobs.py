"""What the worker has to do: its queue, and what is approved for a later day."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import select, text

from maxa.registry.models import Publication, Shelving, State, Submission
from maxa.registry.queries import pending_serials
from maxa.registry.transaction import Lock, is_held, transaction
from maxa.web.desk.door import engine
from maxa.web.desk.room import room

_MOST = 200
_JOBS = """
    SELECT j.id, j.task_name, CAST(j.status AS text) AS status, j.args, j.attempts, j.scheduled_at,
        (SELECT max(e.at) FROM procrastinate_events e WHERE e.job_id = j.id) AS at
    FROM procrastinate_jobs j ORDER BY (j.status IN ('todo', 'doing')) DESC, j.id DESC LIMIT :most
"""


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
        return render_template(
            "desk/jobs.html", jobs=session.execute(text(_JOBS), {"most": _MOST}).all(), waiting=list(waiting),
            pending=pending_serials(session), latest=latest, worker=is_held(session, Lock.WORKER),
        )  # fmt: skip
