"""Decide on a map code by code. What somebody decides gathers in one draft of theirs for each map, which nobody else adds
to; handed over for review it is a submission of decisions like any other (:mod:`maxa.registry.actions.decision_sets`), and
the next decision begins another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session

from maxa.errors import BadParameter, NotFound, WrongState
from maxa.registry.actions.decision_sets import EXPECTED, INSERT, columns_of, map_named, revocation_of, standing_of
from maxa.registry.deciding import concepts, ends_of, latest_on_code, state_of_code
from maxa.registry.decision_file import HOLDS, LONGEST_TEXT, MOST, NO_TARGET, NOT, Decision
from maxa.registry.guards import compare_with_current
from maxa.registry.guards.decisions import near_codes
from maxa.registry.models import DECISIONS, MappingDecision, State, Submission, SubmissionTable, Terminology
from maxa.registry.people import Actor, audit
from maxa.registry.transaction import hold, transaction

_EMPTIED = "همهٔ تصمیم‌های آن برداشته شد / all of its decisions were taken back"


@dataclass(frozen=True, slots=True)
class Gathered:
    """The draft, and the numbers of the decisions that were put into it now."""

    submission_id: int
    numbers: list[int]


def decide_on_code(
    engine: Engine, *, actor: Actor, map_name: str, decisions: Sequence[Decision], seen: str
) -> Gathered:
    """Put decisions on one source code into the actor's draft, in place of what it holds on the same pairs, or says
    against them. ``seen`` is :func:`maxa.registry.deciding.state_of_code` as it was when the person looked.

    Raises :class:`WrongState` when that has changed, :class:`BadParameter` for a code that is retired or unknown.
    """
    actor.require("decide")
    sources = {one.source for one in decisions}
    if len(sources) != 1:
        raise BadParameter("کدی برگزیده نشده است.", "No code was chosen.", "target")
    with _map(engine, actor, map_name) as (session, terminology):
        [source] = sources
        _require_seen(session, terminology, source, seen)
        _refuse_bad_codes(session, terminology, decisions)
        rows = columns_of(session, terminology, decisions)
        if len({row["code"] for row in rows}) != len(rows):
            raise BadParameter("یک کد دو بار برگزیده شده است.", "A code was chosen twice.", "target")
        draft = _draft(session, terminology, actor)
        verdicts = {row["verdict"] for row in rows}
        against = [HOLDS] if NO_TARGET in verdicts else [NO_TARGET] if HOLDS in verdicts else []
        numbers = _put(session, draft, terminology, actor, rows, against)
        audit(session, actor, "decide", f"submission {draft.id}", map=terminology.name, source=source,
              decided=[[row["target_code"], row["verdict"], row["relationship"]] for row in rows],
              reason=decisions[0].reason)  # fmt: skip
        return Gathered(draft.id, numbers)


def revoke_decision(engine: Engine, *, actor: Actor, map_name: str, number: int, reason: str, seen: str) -> Gathered:
    """Put the revocation of a standing decision into the actor's draft: once published, what the lists say holds again."""
    actor.require("decide")
    reason = reason.strip()
    if not reason or len(reason) > LONGEST_TEXT:
        raise BadParameter(
            f"دلیل لغو را بنویسید، تا {LONGEST_TEXT} نویسه.",
            f"Give the reason for revoking it, in at most {LONGEST_TEXT} characters.",
            "reason",
        )
    with _map(engine, actor, map_name) as (session, terminology):
        [stands] = standing_of(session, terminology, [number])
        _require_seen(session, terminology, stands.source_code, seen)
        draft = _draft(session, terminology, actor)
        numbers = _put(session, draft, terminology, actor, [revocation_of(stands, reason)], [])
        audit(session, actor, "decide", f"submission {draft.id}", map=terminology.name, source=stands.source_code,
              revokes=[number], reason=reason)  # fmt: skip
        return Gathered(draft.id, numbers)


def take_back_decisions(engine: Engine, *, actor: Actor, map_name: str, numbers: Sequence[int]) -> None:
    """Take decisions out of the actor's draft. A draft that is left empty is closed. Raises :class:`NotFound` for one that
    is not in it (any more)."""
    actor.require("decide")
    with _map(engine, actor, map_name) as (session, terminology):
        draft = find_draft(session, terminology, actor.name, lock=True)
        held = [] if draft is None else list(
            session.scalars(
                select(MappingDecision).where(
                    MappingDecision.submission_id == draft.id, MappingDecision.id.in_(list(numbers))
                )
            )
        )  # fmt: skip
        if draft is None or not numbers or len(held) != len(set(numbers)):
            raise NotFound(
                "این تصمیم در پیش‌نویس شما نیست: برداشته یا برای بررسی فرستاده شده است.",
                "This decision is not in your draft: it was taken back, or handed over for review.",
            )
        for one in held:
            session.delete(one)
        session.flush()
        audit(session, actor, "take-back", f"submission {draft.id}", map=terminology.name,
              decisions=[[one.source_code, one.target_code, one.verdict, one.relationship, one.reason] for one in held])  # fmt: skip
        if not _changed(session, draft):
            draft.state, draft.reason, draft.closed_at = State.REJECTED, _EMPTIED, datetime.now(UTC)


def settle_decisions(engine: Engine, *, actor: Actor, map_name: str) -> int:
    """Compare the actor's draft with the current editions, for it to be looked at as a whole and handed over; its number."""
    actor.require("decide")
    with _map(engine, actor, map_name) as (session, terminology):
        draft = find_draft(session, terminology, actor.name, lock=True)
        if draft is None:
            raise NotFound(
                f"پیش‌نویسی از تصمیم‌های شما دربارهٔ {terminology.name} باز نیست.",
                f"You have no open draft of decisions on {terminology.name}.",
            )
        compare_with_current(session, draft)
        return draft.id


def find_draft(session: Session, terminology: Terminology, person: str, *, lock: bool = False) -> Submission | None:
    """The open draft in which what a person decides on the map code by code gathers."""
    query = select(Submission).where(
        Submission.fingerprint == _fingerprint(terminology, person), Submission.state == State.DRAFT
    )
    return session.scalar(query.with_for_update(of=Submission) if lock else query)


def _fingerprint(terminology: Terminology, person: str) -> str:
    """No digest, as those of whole sets are: it stays the same while the draft grows."""
    return f"code by code|{terminology.id}|{person}"


@contextmanager
def _map(engine: Engine, actor: Actor, map_name: str) -> Iterator[tuple[Session, Terminology]]:
    """The map, of which one person decides at a time: saving takes milliseconds."""
    with transaction(engine) as session:
        terminology = map_named(session, map_name)
        actor.require("decide", on=[terminology.name])
        hold(session, f"decide on {terminology.id}")
        yield session, terminology


def _draft(session: Session, terminology: Terminology, actor: Actor) -> Submission:
    found = find_draft(session, terminology, actor.name, lock=True)
    if found is not None:
        return found
    made = Submission(
        state=State.DRAFT, scope=DECISIONS, fingerprint=_fingerprint(terminology, actor.name), created_by=actor.name,
        confirmed=[],
    )  # fmt: skip
    session.add(made)
    session.flush()
    session.add(
        SubmissionTable(submission_id=made.id, terminology_id=terminology.id, part="", rows=0, expected=EXPECTED)
    )
    session.flush()
    return made


def _put(
    session: Session,
    draft: Submission,
    terminology: Terminology,
    actor: Actor,
    rows: list[dict[str, Any]],
    against: list[str],
) -> list[int]:
    """Numbers of the new rows. What the draft holds on the same subjects goes, and what it says ``against`` them."""
    session.execute(
        text(
            "DELETE FROM mapping_decision WHERE submission_id = :sid AND terminology_id = :tid"
            " AND (code = ANY(:codes) OR source_code = :source AND verdict = ANY(:against))"
        ),
        {
            "sid": draft.id, "tid": terminology.id, "codes": [row["code"] for row in rows], "source": rows[0]["source_code"],
            "against": against,
        },
    )  # fmt: skip
    shared = {"terminology_id": terminology.id, "submission_id": draft.id, "actor": actor.name}
    session.execute(text(INSERT), [{**row, **shared} for row in rows])
    if _changed(session, draft) > MOST:
        raise BadParameter(
            f"بیش از {MOST} تصمیم در یک پیش‌نویس؛ آن را برای بررسی بفرستید و از نو آغاز کنید.",
            f"More than {MOST} decisions in a draft: hand it over for review, and begin another.",
            "decisions",
        )
    codes = [row["code"] for row in rows]
    return list(
        session.scalars(
            select(MappingDecision.id)
            .where(MappingDecision.submission_id == draft.id, MappingDecision.code.in_(codes))
            .order_by(MappingDecision.id)
        )
    )


def _changed(session: Session, draft: Submission) -> int:
    """How many decisions the draft holds now. It is compared with the current editions before it is handed over, not after
    each decision: that reads whole lists."""
    count = session.scalar(
        select(func.count()).select_from(MappingDecision).where(MappingDecision.submission_id == draft.id)
    )
    table = session.scalars(select(SubmissionTable).where(SubmissionTable.submission_id == draft.id)).one()
    table.rows = count or 0
    draft.bases, draft.content_digest = None, None
    return table.rows


def _require_seen(session: Session, terminology: Terminology, source: str, seen: str) -> None:
    if seen == state_of_code(session, terminology, source):
        return
    latest = latest_on_code(session, terminology, source)
    by_fa, by_en = (
        (f" (واپسین تصمیم: {latest.actor})", f" (the latest decision is {latest.actor}'s)") if latest else ("", "")
    )
    raise WrongState(
        f"از هنگامی که این ردیف را دیدید، جفت‌ها یا تصمیم‌های کد {source} عوض شده است{by_fa}. آنچه اکنون هست نشان داده"
        " شد؛ ببینید و اگر هنوز درست است دوباره ثبت کنید.",
        f"Since you looked at this row, the pairs of {source} or the decisions on it have changed{by_en}. What there is now is"
        " shown: look at it, and save again if it still holds.",
        data={"state": "changed"},
    )


def _refuse_bad_codes(session: Session, terminology: Terminology, decisions: Sequence[Decision]) -> None:
    """A pair that does not hold may well be one of a retired code; one that holds, or a code without a counterpart, not.
    Nothing is said of a terminology without a list."""
    ends = zip((terminology.source, terminology.target), ends_of(session, terminology), strict=True)
    sources = {one.source for one in decisions if one.verdict != NOT}
    targets = {one.target for one in decisions if one.verdict == HOLDS and one.target is not None}
    for (name, number), codes, parameter in zip(ends, (sources, targets), ("source", "target"), strict=True):
        if number is None or not codes or not _has_list(session, number):
            continue
        held = concepts(session, number, codes)
        for code in sorted(codes):
            one = held.get(code)
            if one is None:
                raise _unknown(name, code, near_codes(session, name, [code]).get(code), parameter)
            if one.status == "retired":
                raise _retired(name, code, one.replaced_by, parameter)


def _has_list(session: Session, terminology_id: int) -> bool:
    return bool(
        session.scalar(
            text("SELECT EXISTS (SELECT 1 FROM concept WHERE terminology_id = :id AND until IS NULL)"),
            {"id": terminology_id},
        )
    )


def _unknown(terminology: str, code: str, like: str | None, parameter: str) -> BadParameter:
    return BadParameter(
        f"{terminology} کد «{code}» ندارد"
        + (f"؛ شاید {like}." if like else "؛ آن را بجویید و از میان یافته‌ها برگزینید."),
        f"{terminology} has no code {code!r}"
        + (f"; perhaps {like}." if like else ": search for it, and choose among the hits."),
        parameter,
        [like] if like else [],
    )


def _retired(terminology: str, code: str, successor: str | None, parameter: str) -> BadParameter:
    return BadParameter(
        f"کد {code} در {terminology} بازنشسته است"
        + (f"؛ جانشین آن {successor} را برگزینید." if successor else "؛ کد دیگری برگزینید."),
        f"The code {code} of {terminology} is retired"
        + (f": choose {successor}, which took its place." if successor else ": choose another one."),
        parameter,
        [successor] if successor else [],
    )
