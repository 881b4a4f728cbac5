"""What the circular says: its day against the editions that are there, and what it is known to carry."""

from __future__ import annotations

from sqlalchemy import any_, literal

from maxa.registry.circulars import known_circulars, number_key
from maxa.registry.guards.draft import Draft
from maxa.registry.history import day_of, later_editions, plan_history
from maxa.registry.models import Release, Submission, SubmissionTable, Terminology


def check_day(draft: Draft) -> None:
    """A list older than the current one of its part would undo what came later: it comes in as history or not at all."""
    if draft.submission.history:
        _plan_history(draft)
        return
    letter = draft.submission.circular
    if letter is None:
        return
    for table in draft.tables:
        newest = _newest(draft, table)
        if newest is not None and newest.in_force > letter.day:
            draft.tell("back-dated", terminology=table.terminology.name, version=newest.version)


def _newest(draft: Draft, table: SubmissionTable) -> Release | None:
    return (
        draft.session.query(Release)
        .filter(
            Release.terminology_id == table.terminology_id,
            literal(table.part) == any_(Release.parts),
            Release.withdrawn_serial.is_(None),
            Release.circular_id.is_not(None),
            Release.before.is_(None),
        )
        .order_by(Release.ordinal.desc())
        .first()
    )


def _plan_history(draft: Draft) -> None:
    submission, day = draft.submission, day_of(draft.submission)
    if day is None:
        return
    for terminology in {t.terminology_id: t.terminology for t in draft.tables}.values():
        parts = draft.parts_of(terminology.id)
        plan = plan_history(draft.session, terminology.id, parts, day, submission.circular_id)
        later = later_editions(draft.session, terminology.id, parts, day)
        newer = [part for part in parts if part not in later]
        if plan is None:
            draft.tell("not-history", name=terminology.name)
            continue
        draft.plans[terminology.id] = plan
        if newer:
            draft.tell(
                "history-of-some-parts", terminology=terminology.name, older=_named(list(later)), newer=_named(newer)
            )
        if not draft.is_full:
            _require_full_lists_after(draft, terminology, later)


def _require_full_lists_after(draft: Draft, terminology: Terminology, later: dict[str, Release]) -> None:
    """What an amendment changes is missing in later editions of its part, unless a full list says all anew."""
    for part, release in later.items():
        submission = draft.session.get(Submission, release.submission_id) if release.submission_id else None
        if submission is None or submission.scope != "full":
            name = f"{terminology.name}/{part}" if part else terminology.name
            draft.tell("history-by-amendment", name=name, version=release.version)


def _named(parts: list[str]) -> str:
    return "، ".join(f"«{part}»" for part in sorted(parts))


def check_circular(draft: Draft) -> None:
    """A known circular says what it carries; another list under its number is probably under the wrong one."""
    letter = draft.submission.circular
    if letter is None:
        return
    key = (letter.number_key, letter.day)
    known = next((c for c in known_circulars() if (number_key(c.number), c.day) == key), None)
    if known is None or not known.carries:
        return
    for name in sorted({t.terminology.name for t in draft.tables} - set(known.carries)):
        draft.tell(
            "other-circular", number=known.number, subject=known.subject, terminology=name, confirm=f"circular:{name}"
        )
