"""Publish and withdraw. One transaction merges the draft, makes the releases and appends to the outbox."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import Engine, func, or_, select
from sqlalchemy.orm import Session

from maxa.errors import BadParameter, BaseMoved, MaxaError, NotFound, WrongState
from maxa.persian.dates import TEHRAN, jalali_version
from maxa.registry.actions.review import base_moved, require_clean, require_state
from maxa.registry.guards import compare_with_current, current_bases
from maxa.registry.merge import Counts, merge_table, reverse_release
from maxa.registry.models import Publication, Release, State, Submission, SubmissionTable, Terminology
from maxa.registry.people import SYSTEM, Actor, audit
from maxa.registry.queries import submission_or_error
from maxa.registry.staging import clear_draft, digest_of_draft
from maxa.registry.transaction import Lock, transaction


@dataclass(frozen=True, slots=True)
class Published:
    """What a publication made: its serial and ``(terminology, version, counts)`` for each release."""

    serial: int
    releases: list[tuple[str, str, Counts]]


def publish_submission(engine: Engine, *, submission_id: int, actor: Actor = SYSTEM) -> Published:
    """``approved`` → ``published``: one new release of each terminology and map that the submission touches.

    Raises :class:`BaseMoved` (and sends it back to review) when the current edition is not the one approved against.
    """
    actor.require("publish")
    with transaction(engine, lock=Lock.PUBLISH) as session:
        submission = submission_or_error(session, submission_id, lock=True)
        require_state(submission, State.APPROVED)
        if submission.bases != current_bases(session, submission):
            compare_with_current(session, submission)
            submission.state, submission.approved_by, submission.approved_digest = State.IN_REVIEW, None, None
            audit(session, actor, "base-moved", f"submission {submission_id}", bases=submission.bases)
            published = None
        else:
            published = _publish(session, submission, actor)
    if published is None:
        raise base_moved(submission_id)
    return published


def _publish(session: Session, submission: Submission, actor: Actor) -> Published:
    require_clean(session, submission)
    if digest_of_draft(session, submission.id) != submission.approved_digest:
        raise WrongState(
            f"ردیف‌های فهرست {submission.id} آن نیست که تأیید شد؛ دوباره وارد کنید.",
            f"The rows of submission {submission.id} are not those that were approved: import it again.",
        )
    serial = _next_serial(session)
    session.add(Publication(serial=serial, kind="publish", submission_id=submission.id, actor=actor.name))
    session.flush()
    releases = []
    by_terminology: dict[int, list[SubmissionTable]] = {}
    for table in submission.tables:
        by_terminology.setdefault(table.terminology_id, []).append(table)
    for tables in by_terminology.values():
        release = _new_release(session, tables[0].terminology, serial, submission)
        counts = Counts()
        for table in tables:
            counts += merge_table(session, submission, table, release.ordinal)
        if not counts.any and _same_letter(session, release):
            session.delete(release)
            continue
        release.added, release.changed, release.retired, release.restored = counts
        release.parts = [t.part for t in tables]
        releases.append((tables[0].terminology.name, release.version, counts))
    if not releases:
        raise WrongState(
            f"فهرست {submission.id} چیزی را تغییر نمی‌دهد؛ ویرایش جاری همین است.",
            f"Submission {submission.id} changes nothing: the current editions hold just this.",
        )
    clear_draft(session, submission.id, keep_findings=True)
    submission.state, submission.closed_at = State.PUBLISHED, datetime.now(UTC)
    audit(session, actor, "publish", f"submission {submission.id}", serial=serial,
          releases=[f"{name} {version}" for name, version, _ in releases])  # fmt: skip
    return Published(serial, releases)


def _next_serial(session: Session) -> int:
    return (session.scalar(select(func.max(Publication.serial))) or 0) + 1


def _new_release(
    session: Session,
    terminology: Terminology,
    serial: int,
    submission: Submission | None,
    reverses: Release | None = None,
) -> Release:
    letter = submission.circular if submission else None
    in_force = letter.day if letter else _today()
    ordinal = (
        session.scalar(select(func.max(Release.ordinal)).where(Release.terminology_id == terminology.id)) or 0
    ) + 1
    release = Release(
        terminology_id=terminology.id, ordinal=ordinal, version=_free_version(session, terminology.id, in_force),
        submission_id=submission.id if submission else None, circular_id=letter.id if letter else None,
        in_force=in_force, serial=serial, parts=[], reverses_id=reverses.id if reverses else None,
        added=0, changed=0, retired=0, restored=0,
    )  # fmt: skip
    session.add(release)
    session.flush()
    return release


def _today() -> date:
    return datetime.now(TEHRAN).date()


def _free_version(session: Session, terminology_id: int, day: date) -> str:
    """``1402-02-18``, or with ``.2``, ``.3`` … when that day has one already."""
    base = jalali_version(day)
    taken = set(
        session.scalars(
            select(Release.version).where(
                Release.terminology_id == terminology_id,
                or_(Release.version == base, Release.version.startswith(f"{base}.")),
            )
        )
    )
    version, n = base, 1
    while version in taken:
        n += 1
        version = f"{base}.{n}"
    return version


def _same_letter(session: Session, release: Release) -> bool:
    """Whether the edition before bears the same circular (or both none): then no change means no new edition."""
    before = session.scalar(
        select(Release).where(Release.terminology_id == release.terminology_id, Release.ordinal == release.ordinal - 1)
    )
    return before is not None and before.circular_id == release.circular_id


def publish_due(engine: Engine, *, now: datetime | None = None) -> list[tuple[int, Published | MaxaError]]:
    """Publish every approved submission whose time has come, in order of approval. One that fails is told, not lost."""
    now = now or datetime.now(UTC)
    with transaction(engine) as session:
        due = session.scalars(
            select(Submission.id)
            .where(
                Submission.state == State.APPROVED, or_(Submission.publish_at.is_(None), Submission.publish_at <= now)
            )
            .order_by(func.coalesce(Submission.publish_at, Submission.approved_at), Submission.id)
        ).all()
    results: list[tuple[int, Published | MaxaError]] = []
    for submission_id in due:
        try:
            results.append((submission_id, publish_submission(engine, submission_id=submission_id)))
        except (BaseMoved, WrongState) as error:
            results.append((submission_id, error))
    return results


def withdraw_release(engine: Engine, *, terminology: str, version: str, actor: Actor, reason: str) -> Published:
    """Mark an edition as withdrawn. When it is the current one, a new edition with its predecessor's rows is
    published, whose change log undoes it now, so that clients that synced learn of it (DESIGN §1)."""
    actor.require("withdraw")
    if not reason.strip():
        raise BadParameter("دلیل پس گرفتن را بنویسید.", "Give the reason for withdrawing it.", "reason")
    with transaction(engine, lock=Lock.PUBLISH) as session:
        release = _release_named(session, terminology, version)
        if release.withdrawn_serial is not None:
            raise WrongState(
                f"ویرایش {version} از {terminology} پیش‌تر پس گرفته شده است.",
                f"Edition {version} of {terminology} is withdrawn already.",
            )
        latest = session.scalar(
            select(func.max(Release.ordinal)).where(Release.terminology_id == release.terminology_id)
        )
        serial = _next_serial(session)
        session.add(Publication(serial=serial, kind="withdraw", submission_id=release.submission_id, actor=actor.name,
                                reason=reason))  # fmt: skip
        session.flush()
        release.withdrawn_serial = serial
        made: list[tuple[str, str, Counts]] = []
        if release.ordinal == latest:
            undo = _new_release(session, release.terminology, serial, None, reverses=release)
            counts = reverse_release(session, release, undo.ordinal)
            undo.added, undo.changed, undo.retired, undo.restored = counts
            undo.parts = list(release.parts)
            made.append((release.terminology.name, undo.version, counts))
        audit(session, actor, "withdraw", f"{release.terminology.name} {release.version}", serial=serial, reason=reason)
        return Published(serial, made)


def _release_named(session: Session, terminology: str, version: str) -> Release:
    release = session.scalar(
        select(Release)
        .join(Terminology, Terminology.id == Release.terminology_id)
        .where(func.lower(Terminology.name) == terminology.lower(), Release.version == version.replace("/", "-"))
    )
    if release is None:
        raise NotFound(
            f"{terminology} ویرایش {version} ندارد («maxa releases {terminology}»).",
            f"{terminology} has no edition {version} (see `maxa releases {terminology}`).",
        )
    return release
