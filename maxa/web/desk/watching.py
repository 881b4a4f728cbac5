"""What a page says while the worker works: how far it is, for how long, behind how many others, and whether it is there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from maxa.registry import queries
from maxa.registry.actions.imports import MOST_ATTEMPTS
from maxa.registry.jobs import Standing, import_standing, seconds_since
from maxa.registry.models import Publication, Release, Shelving, State, Submission
from maxa.registry.transaction import Lock, is_held, transaction
from maxa.web.desk.door import engine
from maxa.web.desk.room import room


@dataclass(frozen=True, slots=True)
class Watched:
    """``stage``: queued, read, load, check (of an import) or seal; None when there is nothing to wait for. ``seconds`` since
    it began; ``attempt`` of an import that was broken off before."""

    standing: Standing
    stage: str | None = None
    share: int | None = None  # percent
    seconds: int = 0
    attempt: int = 0
    most_attempts: int = MOST_ATTEMPTS


def watched(session: Session, one: Submission) -> Watched:
    if one.state == State.IMPORTING:
        return _import(session, one)
    worker = Standing(is_held(session, Lock.WORKER))
    published = session.execute(
        select(Publication.at)
        .join(Release, Release.serial == Publication.serial)
        .outerjoin(Shelving, Shelving.serial == Publication.serial)
        .where(Release.submission_id == one.id, Shelving.serial.is_(None))
        .limit(1)
    ).scalar()
    if one.state != State.PUBLISHED or published is None:
        return Watched(worker)
    return Watched(worker, "seal", seconds=seconds_since(session, published))


def _import(session: Session, one: Submission) -> Watched:
    standing = import_standing(session, one.id)
    told: dict[str, Any] | None = one.progress
    if told is None:
        waits = standing.at or one.created_at
        attempt = one.attempts + (standing.status != "doing")
        return Watched(standing, "queued", seconds=seconds_since(session, waits), attempt=attempt)
    share = min(100 * told["done"] // told["total"], 100) if told["total"] else None
    begun = seconds_since(session, told["since"]) if told.get("since") else 0
    return Watched(standing, told["stage"], share, begun, one.attempts)


@room.get("/submissions/<int:number>/progress")
def submission_progress(number: int) -> ResponseReturnValue:
    """The part of the page that htmx asks for more often than each second; when there is nothing to wait for, it brings
    the page itself."""
    with transaction(engine()) as session:
        one = queries.submission_or_error(session, number)
        watch = watched(session, one)
        return render_template("desk/progress.html", one=one, watch=watch)
