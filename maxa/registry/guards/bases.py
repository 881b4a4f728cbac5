"""The editions that a draft was compared with, and whether others have become current since."""

from __future__ import annotations

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, aliased

from maxa.registry.models import Release, Submission, SubmissionTable, Terminology


def current_bases(session: Session, submission: Submission) -> dict[str, int]:
    """Terminology → ordinal of its latest release (0: none yet), for all that a submission touches, and for the
    terminologies that its maps lead from and to: what is said of a pair's codes depends on them."""
    carried = aliased(Terminology)
    ends = (func.lower(carried.source), func.lower(carried.target))
    rows = session.execute(
        select(Terminology.name, func.coalesce(func.max(Release.ordinal), 0))
        .join(carried, or_(carried.id == Terminology.id, func.lower(Terminology.name).in_(ends)))
        .join(SubmissionTable, SubmissionTable.terminology_id == carried.id)
        .outerjoin(Release, Release.terminology_id == Terminology.id)
        .where(SubmissionTable.submission_id == submission.id)
        .group_by(Terminology.name)
    )
    return {name: ordinal for name, ordinal in rows}  # noqa: C416


def base_has_moved(session: Session, submission: Submission) -> bool:
    """Whether another edition of what the submission changes has become current."""
    own = {table.terminology.name for table in submission.tables}
    seen, current = submission.bases or {}, current_bases(session, submission)
    return any(seen.get(name) != current.get(name) for name in own)


def anything_has_moved(session: Session, submission: Submission) -> bool:
    """The same, also of the terminologies that its maps lead from and to."""
    return submission.bases != current_bases(session, submission)
