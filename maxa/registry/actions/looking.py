"""Look at a workbook whose columns nobody knows, for a person to map them."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine, delete

from importers.inspection import inspect
from importers.profile import Profile
from maxa.errors import MaxaError, NotFound
from maxa.registry.models import SeenWorkbook, SubmissionFile
from maxa.registry.sent import write_into
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
        with transaction(engine) as session:
            path = write_into(session, file, folder)
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
