"""What people say to each other about a submission, and what any comment is held to."""

from __future__ import annotations

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from importers.findings import clean
from maxa.errors import BadParameter
from maxa.registry.models import SubmissionComment
from maxa.registry.people import Actor, audit
from maxa.registry.queries import submission_or_error
from maxa.registry.transaction import transaction

_LONGEST = 4_000


def comment_on(engine: Engine, *, actor: Actor, submission_id: int, text: str) -> None:
    """Add a comment to a submission, whatever its state. It is never changed or taken back."""
    actor.require("comment")
    said = comment_text(text)
    with transaction(engine) as session:
        submission_or_error(session, submission_id)
        session.add(SubmissionComment(submission_id=submission_id, actor=actor.name, text=said))
        audit(session, actor, "comment", f"submission {submission_id}")


def comment_text(text: str) -> str:
    """A comment as it is kept. Raises :class:`BadParameter` when it is empty or too long."""
    said = "\n".join(clean(line).rstrip() for line in text.splitlines()).strip()
    if not said or len(said) > _LONGEST:
        raise BadParameter(f"یادداشت ۱ تا {_LONGEST} نویسه است.", f"A comment has 1 to {_LONGEST} characters.", "text")
    return said


def comments_on(session: Session, submission_id: int) -> list[SubmissionComment]:
    """Oldest first."""
    query = select(SubmissionComment).where(SubmissionComment.submission_id == submission_id)
    return list(session.scalars(query.order_by(SubmissionComment.id)))
