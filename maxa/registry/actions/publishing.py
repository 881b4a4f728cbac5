"""Publish. One transaction merges the draft, makes the releases and appends to the outbox."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

import structlog
from sqlalchemy import Engine, func, or_, select
from sqlalchemy.orm import Session

from maxa.errors import MaxaError, Unavailable, WrongState
from maxa.persian.dates import TEHRAN, jalali_instant
from maxa.registry.actions.history import history_plan, publish_history
from maxa.registry.actions.review import base_moved, require_clean, require_state, touched
from maxa.registry.counts import Counts
from maxa.registry.decided import changed_beneath
from maxa.registry.guards import base_has_moved, compare_with_current
from maxa.registry.history import day_of
from maxa.registry.merge import merge_tables
from maxa.registry.models import DECISIONS, Publication, Release, State, Submission, SubmissionTable, Terminology
from maxa.registry.people import SYSTEM, Actor, audit
from maxa.registry.queries import submission_or_error
from maxa.registry.staging import clear_draft, digest_of_draft, settle_name
from maxa.registry.transaction import Lock, transaction
from maxa.registry.versions import free_version

log = structlog.get_logger("maxa.registry")


@dataclass(frozen=True, slots=True)
class Published:
    """What a publication made: its serial and ``(terminology, version, counts)`` for each release."""

    serial: int
    releases: list[tuple[str, str, Counts]]


def publish_submission(engine: Engine, *, submission_id: int, actor: Actor = SYSTEM, now: bool = False) -> Published:
    """``approved`` → ``published``: one new release of each terminology and map that the submission touches.

    One that is approved for a later time is published before it only with ``now``.

    Raises :class:`BaseMoved` (and sends it back to review) when the current edition is not the one approved against.
    """
    actor.require("publish")
    with transaction(engine, lock=Lock.PUBLISH) as session:
        submission = submission_or_error(session, submission_id, lock=True)
        actor.require("publish", on=touched(submission))
        require_state(submission, State.APPROVED)
        _require_due(submission, now=now or actor is SYSTEM)
        published: Published | _ChangesNothing | None
        if base_has_moved(session, submission):
            compare_with_current(session, submission)
            submission.state, submission.approved_by, submission.approved_digest = State.IN_REVIEW, None, None
            audit(session, actor, "base-moved", f"submission {submission_id}", bases=submission.bases)
            published = None
        else:
            try:
                with session.begin_nested():
                    published = _publish(session, submission, actor)
            except _ChangesNothing as nothing:
                _close_unchanged(session, submission, actor)
                published = nothing
    if published is None:
        raise base_moved(submission_id)
    if isinstance(published, _ChangesNothing):
        raise published
    return published


class _ChangesNothing(WrongState):
    """The current editions hold just what the submission would publish."""


def _close_unchanged(session: Session, submission: Submission, actor: Actor) -> None:
    clear_draft(session, submission.id, keep_findings=True)
    submission.state, submission.closed_at = State.REJECTED, datetime.now(UTC)
    submission.reason = "چیزی را تغییر نمی‌دهد."
    audit(session, actor, "unchanged", f"submission {submission.id}")


def _require_due(submission: Submission, *, now: bool) -> None:
    if not now and submission.publish_at is not None and submission.publish_at > datetime.now(UTC):
        at = jalali_instant(submission.publish_at)
        raise WrongState(
            f"فهرست {submission.id} برای {at} تأیید شده است؛ برای انتشار هم‌اکنون ‎--now‎ بدهید.",
            f"Submission {submission.id} is approved for {at}: give --now to publish it before.",
        )


def _publish(session: Session, submission: Submission, actor: Actor) -> Published:
    require_clean(session, submission)
    if digest_of_draft(session, submission.id) != submission.approved_digest:
        raise WrongState(
            f"ردیف‌های فهرست {submission.id} آن نیست که تأیید شد؛ دوباره وارد کنید.",
            f"The rows of submission {submission.id} are not those that were approved: import it again.",
        )
    serial = next_serial(session)
    session.add(Publication(serial=serial, kind="publish", submission_id=submission.id, actor=actor.name))
    session.flush()
    releases = []
    by_terminology: dict[int, list[SubmissionTable]] = {}
    for table in submission.tables:
        by_terminology.setdefault(table.terminology_id, []).append(table)
    for tables in by_terminology.values():
        settle_name(session, tables[0].terminology, tables[0])
        if (plan := history_plan(session, submission, tables)) is not None:
            releases += publish_history(session, submission, tables, plan, serial)
            continue
        release = new_release(session, tables[0].terminology, serial, submission)
        counts = merge_tables(session, submission, tables, release.ordinal)
        if not counts.any and _same_letter(session, release) and not _changed_beneath(session, release):
            session.delete(release)
            continue
        release.added, release.changed, release.retired, release.restored = counts
        # decisions lie over all parts of a map and are no list of any
        release.parts = [] if submission.scope == DECISIONS else [t.part for t in tables]
        releases.append((tables[0].terminology.name, release.version, counts))
    if not releases:
        raise _ChangesNothing(
            f"فهرست {submission.id} چیزی را تغییر نمی‌دهد؛ ویرایش جاری همین است. فهرست بسته شد.",
            f"Submission {submission.id} changes nothing: the current editions hold just this. It is closed.",
        )
    clear_draft(session, submission.id, keep_findings=True)
    submission.state, submission.closed_at = State.PUBLISHED, datetime.now(UTC)
    audit(session, actor, "publish", f"submission {submission.id}", serial=serial,
          releases=[f"{name} {version}" for name, version, _ in releases])  # fmt: skip
    return Published(serial, releases)


def _changed_beneath(session: Session, release: Release) -> bool:
    return release.terminology.kind == "map" and changed_beneath(session, release.terminology_id, release.ordinal)


def next_serial(session: Session) -> int:
    return (session.scalar(select(func.max(Publication.serial))) or 0) + 1


def new_release(
    session: Session,
    terminology: Terminology,
    serial: int,
    submission: Submission | None,
    reverses: Release | None = None,
) -> Release:
    letter = submission.circular if submission else None
    in_force = (day_of(submission) if submission else None) or _today()
    ordinal = (
        session.scalar(select(func.max(Release.ordinal)).where(Release.terminology_id == terminology.id)) or 0
    ) + 1
    release = Release(
        terminology_id=terminology.id, ordinal=ordinal, version=free_version(session, terminology.id, in_force),
        submission_id=submission.id if submission else None, circular_id=letter.id if letter else None,
        in_force=in_force, serial=serial, parts=[], reverses_id=reverses.id if reverses else None,
        added=0, changed=0, retired=0, restored=0,
    )  # fmt: skip
    session.add(release)
    session.flush()
    return release


def _today() -> date:
    return datetime.now(TEHRAN).date()


def _same_letter(session: Session, release: Release) -> bool:
    """Whether the edition before bears the same circular (or both none): then no change means no new edition."""
    before = session.scalar(
        select(Release).where(Release.terminology_id == release.terminology_id, Release.ordinal == release.ordinal - 1)
    )
    return before is not None and before.circular_id == release.circular_id


def publish_due(engine: Engine, *, now: datetime | None = None) -> list[tuple[int, Published | Exception]]:
    """Publish every approved submission whose time has come, in order of approval. One that fails is told, not lost, and
    does not keep the others waiting. Raises :class:`Unavailable` when the database is gone."""
    now = now or datetime.now(UTC)
    with transaction(engine) as session:
        due = session.scalars(
            select(Submission.id)
            .where(
                Submission.state == State.APPROVED, or_(Submission.publish_at.is_(None), Submission.publish_at <= now)
            )
            .order_by(func.coalesce(Submission.publish_at, Submission.approved_at), Submission.id)
        ).all()
    results: list[tuple[int, Published | Exception]] = []
    for submission_id in due:
        try:
            results.append((submission_id, publish_submission(engine, submission_id=submission_id)))
        except Unavailable:
            raise
        except MaxaError as error:
            results.append((submission_id, error))
        except Exception as error:  # a fault of ours: whatever it is, the others are published
            log.exception("publishing failed", submission=submission_id)
            results.append((submission_id, error))
    return results
