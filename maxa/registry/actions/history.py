"""Publish an older edition behind those that are there (docs/adr/0008-history.md).

What is served stays: the editions of the past come first, and last one with the rows that were current before, so that
ordinals go on growing and a client that syncs by ``FromDate`` is told nothing but the codes that had been forgotten.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from maxa.registry.counts import Counts
from maxa.registry.history import Plan, Step, day_of, plan_history, standing
from maxa.registry.models import Release, Submission, SubmissionTable, Terminology
from maxa.registry.restore import leave_out_later, merge_into, restore_rows
from maxa.registry.versions import free_version

Made = tuple[str, str, Counts]  # terminology, version, what it changed against the edition before it in time


def history_plan(session: Session, submission: Submission, tables: Sequence[SubmissionTable]) -> Plan | None:
    """Where these tables, all of one terminology, belong in time; ``None`` for what is to become the current edition."""
    day = day_of(submission)
    if not submission.history or day is None:
        return None
    parts = [table.part for table in tables]
    return plan_history(session, tables[0].terminology_id, parts, day, submission.circular_id)


def publish_history(
    session: Session, submission: Submission, tables: Sequence[SubmissionTable], plan: Plan, serial: int
) -> list[Made]:
    """The editions of the plan, and one more that brings the current rows back. Nothing is made when the first of them
    would be what was in force that day already."""
    made: list[Made] = []
    for step in plan.steps:
        carried = [table for table in tables if table.part in step.parts]
        attempt = session.begin_nested()
        release, counts = _insert(session, submission, carried, step, serial)
        if not made and not counts.any and _was_said_before(session, release, step):
            attempt.rollback()
            return []
        attempt.commit()
        if not made:
            release.submission_id, release.parts = submission.id, list(step.parts)
        made.append((release.terminology.name, release.version, counts))
    made.append(_bring_back(session, tables[0].terminology, plan.top, serial))
    return made


def _insert(
    session: Session, submission: Submission, tables: Sequence[SubmissionTable], step: Step, serial: int
) -> tuple[Release, Counts]:
    terminology = tables[0].terminology
    release = _new_release(session, terminology, step.day, step.circular_id, serial)
    release.before = step.before
    session.flush()
    merge_into(session, submission, tables, step.at, release.ordinal)
    leave_out_later(session, submission, terminology, step.at, release.ordinal)
    return release, _counted(session, release, step.at)


def _bring_back(session: Session, terminology: Terminology, top: int, serial: int) -> Made:
    """The current edition once more, under the next version of its day. Codes that only the past had are retired in it."""
    current = session.scalars(
        select(Release).where(Release.terminology_id == terminology.id, Release.ordinal == top)
    ).one()
    release = _new_release(session, terminology, current.in_force, current.circular_id, serial)
    release.restores = top if current.restores is None else current.restores
    restore_rows(session, terminology, top, release.ordinal)
    counts = _counted(session, release, top)
    return terminology.name, release.version, counts


def _new_release(
    session: Session, terminology: Terminology, day: date, circular_id: int | None, serial: int
) -> Release:
    newest = session.scalar(
        select(Release.ordinal)
        .where(Release.terminology_id == terminology.id)
        .order_by(Release.ordinal.desc())
        .limit(1)
    )
    release = Release(
        terminology_id=terminology.id, ordinal=(newest or 0) + 1, in_force=day, circular_id=circular_id, serial=serial,
        version=free_version(session, terminology.id, day), parts=[], added=0, changed=0, retired=0, restored=0,
    )  # fmt: skip
    session.add(release)
    session.flush()
    return release


_COUNTS = """
    SELECT count(*) FILTER (WHERE b.code IS NULL AND a.status = 'active') AS added,
        count(*) FILTER (WHERE b.status = a.status AND b.content_hash <> a.content_hash) AS changed,
        count(*) FILTER (WHERE a.status = 'retired' AND coalesce(b.status, 'active') = 'active') AS retired,
        count(*) FILTER (WHERE b.status = 'retired' AND a.status = 'active') AS restored
    FROM (SELECT code, status, content_hash FROM {live} r WHERE r.terminology_id = :tid AND {after}) a
    FULL JOIN (SELECT code, status, content_hash FROM {live} r WHERE r.terminology_id = :tid AND {before}) b
        ON b.code = a.code
"""


def _counted(session: Session, release: Release, before: int) -> Counts:
    """What a release changes against the one before it in time; noted with it."""
    live = "mapping" if release.terminology.kind == "map" else "concept"
    sql = _COUNTS.format(live=live, after=standing("r", release.ordinal), before=standing("r", before))
    counts = Counts(*session.execute(text(sql), {"tid": release.terminology_id}).one())
    release.added, release.changed, release.retired, release.restored = counts
    return counts


def _was_said_before(session: Session, release: Release, step: Step) -> bool:
    base = session.scalar(
        select(Release).where(Release.terminology_id == release.terminology_id, Release.ordinal == step.at)
    )
    return base is not None and base.circular_id == release.circular_id
