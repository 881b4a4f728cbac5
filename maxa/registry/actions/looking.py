"""Workbooks whose columns nobody knows: look at them, and import them again as a person mapped them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import Engine, delete

from importers.inspection import inspect
from importers.profile import Profile
from maxa.errors import BadParameter, MaxaError, NotFound
from maxa.registry.actions.receiving import Letter, Received, Workbook, receive_submission
from maxa.registry.actions.review import reject_submission, touched
from maxa.registry.models import SeenWorkbook, State, SubmissionFile
from maxa.registry.people import Actor
from maxa.registry.queries import submission_or_error
from maxa.registry.sent import InRegistry, write_to
from maxa.registry.transaction import transaction
from maxa.work_folders import work_folder


def look_at(engine: Engine, *, file_id: int, workdir: Path, memory: int = 1 << 30, seconds: int = 300) -> None:
    """Keep what :func:`importers.inspection.inspect` says of a workbook that was sent in, or why it could not."""
    with transaction(engine) as session:
        file = session.get(SubmissionFile, file_id)
        if file is None:
            raise NotFound(f"پروندهٔ {file_id} نیست.", f"There is no file {file_id}.")
        name, profile = file.name, Profile.from_dict(file.profile)
    with work_folder(workdir, "look") as folder:
        path = folder / f"{file_id}{Path(name).suffix.lower()[:8]}"
        with transaction(engine) as session:
            write_to(session, file, path)
        seen = SeenWorkbook(file_id=file_id)
        try:
            found = inspect(
                path, workdir=folder, profile=profile, memory=memory, seconds=seconds, filename=name
            )  # fmt: skip
            seen.seen = found.as_dict()
        except MaxaError as error:
            seen.failure = error.as_dict()
    with transaction(engine) as session:
        session.execute(delete(SeenWorkbook).where(SeenWorkbook.file_id == file_id))
        session.add(seen)


@dataclass(frozen=True, slots=True)
class Mapped:
    """What a person says of one workbook: the source that it is read by (None: recognised), and its columns."""

    columns: Mapping[str, str]
    source: str | None = None
    terminology: str = ""
    part: str = ""


def import_again(engine: Engine, *, actor: Actor, submission_id: int, mapped: Mapping[int, Mapped]) -> Received:
    """Send the workbooks of a submission in anew, read as ``mapped`` (file id → how). The earlier one is closed when it is
    the actor's own draft; what failed is closed already. The mapping is remembered when the import succeeds."""
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
        reject_submission(
            engine, submission_id=submission_id, actor=actor,
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
