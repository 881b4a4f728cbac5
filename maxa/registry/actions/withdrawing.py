"""Withdraw an edition. What is served and comes from it goes back to what the edition before it said; the rest stays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from maxa.errors import BadParameter, NotFound, WrongState
from maxa.persian.fold import latin_digits
from maxa.registry.actions.publishing import Published, new_release, next_serial
from maxa.registry.counts import Counts
from maxa.registry.models import DECISIONS, Publication, Release, Submission, Terminology
from maxa.registry.people import Actor, audit
from maxa.registry.restore import restore_parts
from maxa.registry.transaction import Lock, transaction
from maxa.timeline import in_order

Sources = dict[str | None, int]  # part → ordinal of the release its rows come from; None: the decisions on a map


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What withdrawing ``release`` would do: ``undo`` is the edition that it would publish in place of the ``served`` one,
    None where it is only marked. To be read (maxa.registry.differences) in ``session`` alone."""

    session: Session
    release: Release
    served: Release
    undo: Release | None


def withdraw_release(engine: Engine, *, terminology: str, version: str, actor: Actor, reason: str) -> Published:
    """Mark an edition as withdrawn. What comes from it and is served goes back, part by part, to what the newest earlier
    edition of that part said that is not withdrawn; other parts stay as they are. That is a new edition, whose change log
    undoes the withdrawn one now, so that clients that synced learn of it (docs/adr/0003-codes-never-disappear.md).
    Withdrawing an edition that brought earlier rows back withdraws the edition it brought back."""
    actor.require("withdraw")
    if not reason.strip():
        raise BadParameter("دلیل پس گرفتن را بنویسید.", "Give the reason for withdrawing it.", "reason")
    with transaction(engine, lock=Lock.PUBLISH) as session:
        release = release_named(session, terminology, version)
        actor.require("withdraw", on=[release.terminology.name])
        serial, undo = _withdraw(session, release, actor, reason)
        audit(session, actor, "withdraw", f"{release.terminology.name} {release.version}", serial=serial, reason=reason)
        return Published(serial, [(undo.terminology.name, undo.version, counts_of_release(undo))] if undo else [])


@contextmanager
def foresee_withdrawal(engine: Engine, *, terminology: str, version: str, actor: Actor) -> Iterator[Foreseen]:
    """As :func:`withdraw_release`, to be looked at before: it is undone when the block ends."""
    actor.require("withdraw")
    with transaction(engine, lock=Lock.PUBLISH) as session:
        release = release_named(session, terminology, version)
        actor.require("withdraw", on=[release.terminology.name])
        line = _line(session, release)
        attempt = session.begin_nested()
        try:
            _, undo = _withdraw(session, release, actor, "")
            yield Foreseen(session, release, line[-1], undo)
        finally:
            attempt.rollback()


def _line(session: Session, release: Release) -> list[Release]:
    same = select(Release).where(Release.terminology_id == release.terminology_id)
    return in_order(session.scalars(same).unique())


def _withdraw(session: Session, release: Release, actor: Actor, reason: str) -> tuple[int, Release | None]:
    """The serial, and the edition that was made in place of the one that is served."""
    if release.withdrawn_serial is not None:
        name, version = release.terminology.name, release.version
        raise WrongState(
            f"ویرایش {version} از {name} پیش‌تر پس گرفته شده است.", f"Edition {version} of {name} is withdrawn already."
        )
    line = _line(session, release)
    decided = _decided(session, release.terminology_id)
    before = _sources(line, decided)
    serial = next_serial(session)
    session.add(Publication(serial=serial, kind="withdraw", submission_id=release.submission_id, actor=actor.name,
                            reason=reason))  # fmt: skip
    session.flush()
    for edition in _with_its_copies(release, line):
        if edition.withdrawn_serial is None:
            edition.withdrawn_serial = serial
    now = _sources(line, decided)
    left = {part: now.get(part, 0) for part, ordinal in before.items() if now.get(part) != ordinal}
    if not left and line[-1].withdrawn_serial is None:
        return serial, None
    return serial, _put_back(session, release, left, serial)


def _sources(line: Sequence[Release], decided: frozenset[int]) -> Sources:
    """Where what is served comes from: of each part, and of the decisions, the newest edition that carries it, is not
    withdrawn and is no copy."""
    found: Sources = {}
    for release in line:
        if release.withdrawn_serial is None and release.restores is None:
            found |= dict.fromkeys(release.parts, release.ordinal)
            if release.submission_id in decided:
                found[None] = release.ordinal
    return found


def _decided(session: Session, terminology_id: int) -> frozenset[int]:
    """The submissions of decisions that made editions of a map."""
    return frozenset(
        session.scalars(
            select(Submission.id)
            .join(Release, Release.submission_id == Submission.id)
            .where(Release.terminology_id == terminology_id, Submission.scope == DECISIONS)
        )
    )


def _with_its_copies(release: Release, line: Sequence[Release]) -> list[Release]:
    """The edition; the one that it brought back, and those that brought it back; of one of the past those that were made
    with it."""
    return [
        edition
        for edition in line
        if edition is release
        or edition.ordinal == release.restores
        or edition.restores == release.ordinal
        or _of_same_history(edition, release)
    ]


def _of_same_history(edition: Release, release: Release) -> bool:
    """Editions of other parts were made anew with the rows of a past one, in its publication: they go with it."""
    return release.before is not None and edition.before is not None and edition.serial == release.serial


def _put_back(session: Session, release: Release, sources: Sources, serial: int) -> Release:
    """A new edition in which these parts, or decisions, are as they were at a release each (0: before the first one)."""
    parts = {part: ordinal for part, ordinal in sources.items() if part is not None}
    undo = new_release(session, release.terminology, serial, None, reverses=release)
    undo.restores = max(sources.values()) if sources else release.restores or 0
    counts = restore_parts(session, release.terminology, parts, undo.ordinal, decisions_at=sources.get(None))
    undo.added, undo.changed, undo.retired, undo.restored = counts
    undo.parts = sorted(parts) if sources else list(release.parts)
    session.flush()
    return undo


def counts_of_release(release: Release) -> Counts:
    return Counts(release.added, release.changed, release.retired, release.restored)


def release_named(session: Session, terminology: str, version: str) -> Release:
    release = session.scalar(
        select(Release)
        .join(Terminology, Terminology.id == Release.terminology_id)
        .where(
            func.lower(Terminology.name) == terminology.lower(),
            Release.version == latin_digits(version).replace("/", "-"),
        )
    )
    if release is None:
        raise NotFound(
            f"{terminology} ویرایش {version} ندارد («maxa releases {terminology}»).",
            f"{terminology} has no edition {version} (see `maxa releases {terminology}`).",
        )
    return release
