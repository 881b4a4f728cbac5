"""Names of fields as people know them: the headings of the declared columns."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

import importers
from maxa.registry.guards.draft import Draft
from maxa.registry.models import SubmissionFile


def headings_of(draft: Draft, fields: Iterable[str]) -> list[str]:
    """The heading of each field in the sources of this submission; its name where none has it."""
    sources = draft.session.scalars(
        select(SubmissionFile.source).where(SubmissionFile.submission_id == draft.submission.id)
    )
    known: dict[str, str] = {}
    for name in dict.fromkeys(sources):
        source = importers.SOURCES.get(name or "")
        for sheet in source.sheets if source else ():
            for column in sheet.columns:
                known.setdefault(column.field, column.heading)
    return [known.get(field, field) for field in sorted(fields)]
