"""Take workbooks in again that are here already: as they are after a failure, or with their columns mapped by a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Engine, select

from importers.profile import Profile
from maxa.errors import BadParameter, WrongState
from maxa.registry.actions.receiving import Letter, Received, Workbook, alive_with, receive_submission
from maxa.registry.actions.review import reject_within, touched
from maxa.registry.models import State, Submission, SubmissionFile
from maxa.registry.people import Actor, audit
from maxa.registry.queries import submission_or_error
from maxa.registry.sent import InRegistry
from maxa.registry.transaction import hold, transaction


def retry_import(engine: Engine, *, actor: Actor, submission_id: int) -> None:
    """``failed`` → ``importing``, with the same workbooks; whoever calls this queues the import."""
    actor.require("import")
    with transaction(engine) as session:
        fingerprint = session.scalar(select(Submission.fingerprint).where(Submission.id == submission_id))
        if fingerprint is not None:
            hold(session, fingerprint)  # as whoever receives the same workbooks now
        submission = submission_or_error(session, submission_id, lock=True)
        if submission.state != State.FAILED:
            raise WrongState(
                f"فهرست {submission_id} ناموفق نیست که از نو وارد شود.",
                f"Submission {submission_id} has not failed: there is nothing to try again.",
            )
        alive = alive_with(session, submission.fingerprint)
        if alive is not None:
            raise WrongState(
                f"همین کارپوشه‌ها در فهرست {alive.id} هست.", f"The same workbooks are in submission {alive.id}."
            )
        audit(session, actor, "import-again", f"submission {submission_id}", failure=submission.failure)
        submission.state, submission.attempts = State.IMPORTING, 0
        submission.failure = submission.progress = None


@dataclass(frozen=True, slots=True)
class Mapped:
    """What a person says of one workbook: the source that it is read by (None: recognised), and its columns."""

    columns: Mapping[str, str]
    source: str | None = None
    terminology: str = ""
    part: str = ""


def import_again(engine: Engine, *, actor: Actor, submission_id: int, mapped: Mapping[int, Mapped]) -> Received:
    """Send the workbooks of a submission in anew, read as ``mapped`` (file id → how). The earlier one is closed when it is a
    draft still, the actor's own or of lists that they approve; what failed is closed already. The mapping is remembered
    when the import succeeds."""
    actor.require("import")
    with transaction(engine) as session:
        submission = submission_or_error(session, submission_id)
        unknown = set(mapped) - {file.id for file in submission.files}
        if unknown:
            raise BadParameter("این پرونده از آن فهرست نیست.", "That file is not one of the submission's.", "file")
        books = [_book(file, mapped.get(file.id)) for file in submission.files]
        letter = submission.letter
        sent = Letter(letter.name, InRegistry.of(letter)) if letter is not None else None
        circular = submission.circular
        closes = submission.state == State.DRAFT and (
            submission.created_by == actor.name or actor.may("approve", on=touched(submission))
        )
    received = receive_submission(
        engine, actor=actor, workbooks=books, circular=circular.number if circular else None,
        day=circular.day if circular else submission.day, scope=submission.scope, note=submission.note, letter=sent,
        history=submission.history,
    )  # fmt: skip
    if closes and not received.existing:
        with transaction(engine) as session:
            # It may have gone on meanwhile, and what was received stays received.
            if submission_or_error(session, submission_id, lock=True).state == State.DRAFT:
                reject_within(
                    session, submission_id=submission_id, actor=actor,
                    reason=f"با ستون‌های دیگر از نو وارد شد: فهرست {received.submission_id}",
                )  # fmt: skip
    return received


def _book(file: SubmissionFile, mapped: Mapped | None) -> Workbook:
    profile = replace(Profile.from_dict(file.profile), remembered={})
    if mapped is None:
        return Workbook(file.name, InRegistry.of(file), None, profile)
    profile = replace(
        profile, columns={**profile.columns, **mapped.columns}, part=mapped.part or profile.part,
        terminology=mapped.terminology or profile.terminology,
    )  # fmt: skip
    return Workbook(file.name, InRegistry.of(file), mapped.source, profile)
