"""Submit a draft for review, approve or reject it. An approval binds the content and the editions it was seen with."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from maxa.errors import BadParameter, BaseMoved, HasErrors, NeedsConfirmation, NotAllowed, WrongState
from maxa.map_ids import map_id
from maxa.persian.fold import latin_digits
from maxa.registry.guards import anything_has_moved, base_has_moved, compare_with_current
from maxa.registry.models import DECISIONS, Finding, State, Submission
from maxa.registry.people import Actor, audit
from maxa.registry.queries import submission_or_error
from maxa.registry.staging import clear_draft
from maxa.registry.transaction import transaction

_STATE_FA = {
    State.IMPORTING: "در حال وارد شدن", State.DRAFT: "پیش‌نویس", State.IN_REVIEW: "در بررسی", State.APPROVED: "تأییدشده",
    State.PUBLISHED: "منتشرشده", State.FAILED: "ناموفق", State.REJECTED: "ردشده",
}  # fmt: skip

_MEND_WORKBOOK = (
    "کارپوشه را درست کنید و دوباره وارد کنید.",
    "mend the workbook and import it again.",
)
_MEND_DECISIONS = (
    "این پیش‌نویس را رد کنید («maxa reject»)، تصمیم‌ها را درست کنید و دوباره بدهید («maxa decide»).",
    "reject this draft (`maxa reject`), correct the decisions and hand them in again (`maxa decide`).",
)


def require_state(submission: Submission, *allowed: State) -> None:
    if submission.state not in allowed:
        state = State(submission.state)
        raise WrongState(
            f"فهرست {submission.id} «{_STATE_FA[state]}» است؛ این کار تنها در حالت"
            f" «{'» یا «'.join(_STATE_FA[s] for s in allowed)}» شدنی است.",
            f"Submission {submission.id} is {state}; this needs it to be {' or '.join(allowed)}.",
            data={"state": str(state)},
        )


def touched(submission: Submission) -> set[str]:
    """The terminologies and maps of a submission: what someone who keeps only some lists is held to. None while it is
    not read yet."""
    return {table.terminology.name for table in submission.tables}


def submit_for_review(engine: Engine, *, submission_id: int, actor: Actor, confirm: Sequence[str] = ()) -> None:
    """``draft`` → ``in_review``. ``confirm`` holds the figures that guards ask for, as their findings spell them.

    Raises :class:`HasErrors` or :class:`NeedsConfirmation`, naming what stands in the way.
    """
    actor.require("submit")
    with transaction(engine) as session:  # of its own: what it finds is to be seen when the draft is refused for it
        submission = submission_or_error(session, submission_id, lock=True)
        actor.require("submit", on=touched(submission))
        require_state(submission, State.DRAFT)
        if anything_has_moved(session, submission):
            compare_with_current(session, submission)
    _confirm(engine, submission_id, State.DRAFT, confirm, actor)
    with transaction(engine) as session:
        submission = submission_or_error(session, submission_id, lock=True)
        require_state(submission, State.DRAFT)
        if anything_has_moved(session, submission):
            compare_with_current(session, submission)
        require_clean(session, submission)
        submission.state = State.IN_REVIEW
        audit(session, actor, "submit", f"submission {submission_id}", digest=submission.content_digest)


def _confirm(engine: Engine, submission_id: int, state: State, keys: Sequence[str], actor: Actor) -> None:
    """Note the figures that a person confirms, all or none. In a transaction of its own: who confirms one of two is asked
    for the other alone. When the base has moved they are not those that were seen, and nothing is noted."""
    if not keys:
        return
    with transaction(engine) as session:
        submission = submission_or_error(session, submission_id, lock=True)
        require_state(submission, state)
        if base_has_moved(session, submission):
            return
        asked = {_spelling(key): key for key in session.scalars(_asked(submission))}
        for given in keys:
            key = asked.get(_spelling(given))
            if key is None:
                raise _not_asked(given, sorted(asked.values()))
            if key not in submission.confirmed:
                submission.confirmed = [*submission.confirmed, key]
                audit(session, actor, "confirm", f"submission {submission.id}", guard=key)


def _spelling(key: str) -> str:
    """One spelling of a key: it may name a map, and digits come in Persian too."""
    return latin_digits(map_id("".join(key.split()))).lower()


def _not_asked(given: str, asked: list[str]) -> BadParameter:
    """Says which figure it is now, where a person gave another one."""
    name, equals, figure = _spelling(given).rpartition("=")
    same = [key for key in asked if equals and _spelling(key).rpartition("=")[0] == name]
    if same:
        now = same[0].rpartition("=")[2]
        return BadParameter(
            f"رقم «{given}» اکنون {now} است، نه {figure}؛ یافته‌ها را از نو ببینید و اگر درست است با ‎--confirm {same[0]}‎ تأیید کنید.",
            f"The figure of {given!r} is {now} now, not {figure}: look at the findings again, and if it is right confirm it with"
            f" --confirm {same[0]}.",
            "confirm",
            suggestions=same,
        )
    return BadParameter(
        f"چیزی به نام «{given}» برای تأیید نیست" + (f"؛ آنچه هست: {'، '.join(asked)}." if asked else "."),
        f"There is nothing called {given!r} to confirm" + (f"; what there is: {', '.join(asked)}." if asked else "."),
        "confirm",
        suggestions=asked,
    )


def _asked(submission: Submission):  # type: ignore[no-untyped-def]
    return select(Finding.confirm).where(Finding.submission_id == submission.id, Finding.confirm.is_not(None))


def require_clean(session: Session, submission: Submission) -> None:
    """No error findings, and every guard's figure confirmed."""
    errors = session.query(Finding).filter_by(submission_id=submission.id, severity="error").count()
    if errors:
        fa, en = _MEND_DECISIONS if submission.scope == DECISIONS else _MEND_WORKBOOK
        raise HasErrors(
            f"فهرست {submission.id} {errors} خطا دارد («maxa findings {submission.id}»)؛ {fa}",
            f"Submission {submission.id} has {errors} errors (`maxa findings {submission.id}`): {en}",
            data={"errors": errors, "scope": submission.scope},
        )
    missing = sorted(set(session.scalars(_asked(submission))) - set(submission.confirmed))
    if missing:
        flags = " ".join(f"--confirm {shlex.quote(key)}" for key in missing)
        raise NeedsConfirmation(
            f"این رقم‌ها باید تأیید شوند؛ نخست یافته‌ها («maxa findings {submission.id}») را ببینید: {flags}",
            f"These figures must be confirmed, once you have looked at the findings (`maxa findings {submission.id}`): {flags}",
            suggestions=missing,
            data={"confirm": missing},
        )


def approve_submission(
    engine: Engine,
    *,
    submission_id: int,
    actor: Actor,
    publish_at: datetime | None = None,
    one_person: bool = False,
    override_reason: str | None = None,
    confirm: Sequence[str] = (),
) -> None:
    """``in_review`` → ``approved``; published at once, or at ``publish_at``, by :func:`publish_due`.

    Who imported does not approve, unless the server is set for one person or an administrator gives a reason.
    Raises :class:`BaseMoved` when another edition has become current since the review: what it changes was compared
    anew and is to be looked at again (``confirm`` takes the figures that it then asks for). Another edition of a list
    that its map leads from or to matters only where it makes a difference to the findings.
    """
    actor.require("approve")
    moved = False
    with transaction(engine) as session:
        submission = submission_or_error(session, submission_id)
        actor.require("approve", on=touched(submission))  # before figures are confirmed in the actor's name
        require_state(submission, State.IN_REVIEW)
        _require_another_person(submission, actor, one_person, override_reason)
    _confirm(engine, submission_id, State.IN_REVIEW, confirm, actor)
    with transaction(engine) as session:
        submission = submission_or_error(session, submission_id, lock=True)
        actor.require("approve", on=touched(submission))
        require_state(submission, State.IN_REVIEW)
        _require_another_person(submission, actor, one_person, override_reason)
        if base_has_moved(session, submission):
            compare_with_current(session, submission)
            moved = True
        elif anything_has_moved(session, submission) and _says_otherwise(session, submission):
            moved = True
        else:
            require_clean(session, submission)
            submission.state = State.APPROVED
            submission.approved_by, submission.approved_at = actor.name, datetime.now(UTC)
            submission.approved_digest = submission.content_digest
            submission.publish_at = publish_at
            audit(session, actor, "approve", f"submission {submission_id}", digest=submission.content_digest,
                  bases=submission.bases, publish_at=publish_at.isoformat() if publish_at else None,
                  override=override_reason)  # fmt: skip
    if moved:
        raise base_moved(submission_id)


def _says_otherwise(session: Session, submission: Submission) -> bool:
    """Compare anew; whether that finds anything else than before."""
    told = select(Finding.rule, Finding.severity, Finding.message_en, Finding.row, Finding.sheet).where(
        Finding.submission_id == submission.id
    )
    before = Counter(session.execute(told).all())
    compare_with_current(session, submission)
    return before != Counter(session.execute(told).all())


def base_moved(submission_id: int) -> BaseMoved:
    return BaseMoved(
        f"ویرایش جاری از هنگام بررسی فهرست {submission_id} عوض شده است. همه چیز از نو سنجیده شد؛ تفاوت‌ها («maxa diff"
        f" {submission_id}») و یافته‌ها («maxa findings {submission_id}») را ببینید و دوباره تأیید کنید.",
        f"The current edition has changed since submission {submission_id} was reviewed. All was compared anew: look at the"
        f" differences (`maxa diff {submission_id}`) and the findings (`maxa findings {submission_id}`), and approve again.",
    )


def _require_another_person(
    submission: Submission, actor: Actor, one_person: bool, override_reason: str | None
) -> None:
    if one_person or actor.name != submission.created_by:
        return
    if actor.is_administrator and override_reason and override_reason.strip():
        return
    raise NotAllowed(
        "کسی که فهرست را وارد کرده خود آن را تأیید نمی‌کند؛ دیگری تأیید کند، یا مدیر با ‎--override‎ دلیل بنویسد.",
        "Who imported a list does not approve it: another approver does, or an administrator gives a reason with"
        " --override (MAXA_ONE_PERSON=1 for one-person use).",
    )


def reject_submission(engine: Engine, *, submission_id: int, actor: Actor, reason: str) -> None:
    """Close a submission that is not to be published; its staged rows go, its workbooks and findings stay."""
    with transaction(engine) as session:
        reject_within(session, submission_id=submission_id, actor=actor, reason=reason)


def reject_within(session: Session, *, submission_id: int, actor: Actor, reason: str) -> None:
    actor.require("reject")
    if not reason.strip():
        raise BadParameter("دلیل رد را بنویسید.", "Give the reason for rejecting it.", "reason")
    submission = submission_or_error(session, submission_id, lock=True)
    require_state(submission, State.IMPORTING, State.DRAFT, State.IN_REVIEW, State.APPROVED)
    if submission.created_by != actor.name:
        actor.require("approve", on=touched(submission))
    clear_draft(session, submission_id, keep_findings=True)
    submission.state, submission.reason = State.REJECTED, reason
    submission.closed_at = datetime.now(UTC)
    audit(session, actor, "reject", f"submission {submission_id}", reason=reason)
