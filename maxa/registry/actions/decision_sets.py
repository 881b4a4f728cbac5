"""Draft decisions of the committee on a map. A set of them is a submission of its own: reviewed by another person and
published as an amendment of the map, as a list is (docs/adr/0009-decisions-over-observed-maps.md)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import orjson
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

import importers
from importers.declare import TerminologyBy
from maxa.errors import BadParameter, NotFound, UnknownMap, WrongState
from maxa.registry.actions.receiving import Received
from maxa.registry.decided import standing_decisions
from maxa.registry.decision_file import HOLDS, MOST, REVOKE, Decision
from maxa.registry.decision_rows import map_key
from maxa.registry.guards import compare_with_current
from maxa.registry.models import DECISIONS, Release, State, Submission, SubmissionTable, Terminology
from maxa.registry.people import Actor, audit
from maxa.registry.staging import PAIR_SEPARATOR, canonical_properties
from maxa.registry.transaction import hold, read_whole_lists, transaction

_OPEN = (State.DRAFT, State.IN_REVIEW, State.APPROVED)
# A set of decisions is as large as a person makes it; no share of the map is too much.
EXPECTED = {"min_rows": 0, "max_rows": MOST, "max_retired_share": 1.0, "max_changed_share": 1.0}
_COLUMNS = (
    "terminology_id, submission_id, code, source_code, target_code, verdict, relationship, part, reason, actor, revokes"
)
# The properties go in as the canonical text that rows are told apart by.
INSERT = (
    f"INSERT INTO mapping_decision ({_COLUMNS}, properties)"  # noqa: S608
    f" VALUES ({', '.join(f':{c}' for c in _COLUMNS.split(', '))}, CAST(:properties AS json))"
)


def draft_decisions(
    engine: Engine,
    *,
    actor: Actor,
    map_name: str,
    decisions: Sequence[Decision] = (),
    revoke: Sequence[int] = (),
    reason: str = "",
    note: str = "",
) -> Received:
    """Make a draft of decisions on one map: new ones, and numbers of standing ones that are revoked, with the ``reason``.

    A draft with the same content that is still open is given back instead (``existing``). Raises :class:`UnknownMap`,
    :class:`BadParameter` when a subject is decided twice, :class:`WrongState` when all of it stands decided already.
    """
    actor.require("decide")
    if not decisions and not revoke:
        raise BadParameter("تصمیمی داده نشده است.", "No decision was given.", "decisions")
    if len(decisions) + len(revoke) > MOST:
        raise BadParameter(
            f"بیش از {MOST} تصمیم در یک پیش‌نویس.", f"More than {MOST} decisions in a draft.", "decisions"
        )
    if revoke and not reason.strip():
        raise BadParameter("دلیل لغو را بنویسید.", "Give the reason for revoking it.", "reason")
    with transaction(engine) as session:
        terminology = map_named(session, map_name)
        actor.require("decide", on=[terminology.name])
        revoked = standing_of(session, terminology, revoke)
        _refuse_twice(decisions, revoked)
        fingerprint = _fingerprint(terminology, decisions, sorted(set(revoke)))
        hold(session, fingerprint)
        alive = session.scalar(
            select(Submission.id).where(Submission.fingerprint == fingerprint, Submission.state.in_(_OPEN))
        )
        if alive is not None:
            return Received(alive, existing=True)
        submission = Submission(
            state=State.DRAFT, scope=DECISIONS, note=note or reason, fingerprint=fingerprint, created_by=actor.name,
            confirmed=[],
        )  # fmt: skip
        session.add(submission)
        session.flush()
        session.add(SubmissionTable(submission_id=submission.id, terminology_id=terminology.id, part="",
                                    rows=len(decisions) + len(revoked), expected=EXPECTED))  # fmt: skip
        made = columns_of(session, terminology, decisions)
        made += [revocation_of(one, reason) for one in revoked]
        if not revoked and _all_stand(session, terminology, made):
            raise WrongState(
                "همهٔ این تصمیم‌ها اکنون برجاست؛ چیزی برای انتشار نیست.",
                "All of this stands decided already: there is nothing to publish.",
            )
        shared = {"terminology_id": terminology.id, "submission_id": submission.id, "actor": actor.name}
        session.execute(text(INSERT), [{**row, **shared} for row in made])
        session.flush()
        compare_with_current(session, submission)
        audit(session, actor, "decide", f"submission {submission.id}", map=terminology.name, decisions=len(decisions),
              revokes=[one.id for one in revoked], reason=reason)  # fmt: skip
        return Received(submission.id, existing=False)


def map_named(session: Session, name: str) -> Terminology:
    """A map by ``LNC→RVU3``, ``LNC->RVU3`` or ``LNC--RVU3``, in any letter case, that was published or that a source
    declares: one that a draft alone names may be a slip of the pen. Raises :class:`UnknownMap`."""
    wanted = map_key(name)
    published = set(session.scalars(select(Release.terminology_id)))
    declared = _declared_maps()
    maps = {
        one.name.lower(): one
        for one in session.scalars(select(Terminology).where(Terminology.kind == "map").order_by(Terminology.name))
        if one.id in published or one.name.lower() in declared
    }
    if wanted not in maps:
        known = [one.name for one in maps.values()]
        raise UnknownMap(
            f"نگاشت «{name}» نیست." + (f" نگاشت‌ها: {'، '.join(known)}." if known else " هنوز نگاشتی منتشر نشده است."),
            f"There is no map {name!r}." + (f" Maps: {', '.join(known)}." if known else " No map was published yet."),
            "map_id",
            known[:5],
        )
    return maps[wanted]


def _declared_maps() -> set[str]:
    """Names, in lower case, of the maps that sources declare."""

    def ids(end: str | TerminologyBy) -> list[str]:
        return [*end.known, *([end.default] if end.default else [])] if isinstance(end, TerminologyBy) else [end]

    return {
        f"{source}→{target}".lower()
        for declared in importers.SOURCES.values()
        for sheet in declared.sheets
        for pairs in sheet.pairs
        for source in ids(pairs.source)
        for target in ids(pairs.target)
    }


def standing_of(session: Session, terminology: Terminology, numbers: Sequence[int]) -> list[Any]:
    rows = session.execute(
        text(f"SELECT * FROM ({standing_decisions()}) d WHERE id = ANY(:numbers) ORDER BY id"),  # noqa: S608
        {"tid": terminology.id, "numbers": list(numbers)},
    ).all()
    missing = sorted(set(numbers) - {row.id for row in rows})
    if missing:
        told = ", ".join(map(str, missing))
        raise NotFound(
            f"تصمیم {told} دربارهٔ {terminology.name} برجا نیست («maxa decisions {terminology.name}»).",
            f"Decision {told} on {terminology.name} does not stand (see `maxa decisions {terminology.name}`).",
        )
    return list(rows)


def _refuse_twice(decisions: Sequence[Decision], revoked: Sequence[Any]) -> None:
    subjects: dict[str, str] = {row.code: f"{row.source_code} → {row.target_code or '-'}" for row in revoked}
    for one in decisions:
        subject = _subject(one.source, one.target)
        if subject in subjects:
            raise BadParameter(
                f"دربارهٔ {one.pair} دو بار نوشته شده است؛ یکی را نگه دارید.",
                f"{one.pair} is decided twice in this set: keep one.",
                "decisions",
            )
        subjects[subject] = one.pair


def _subject(source: str, target: str | None) -> str:
    return f"{source}{PAIR_SEPARATOR}{target or ''}"


def _fingerprint(terminology: Terminology, decisions: Sequence[Decision], revoke: Sequence[int]) -> str:
    content = [terminology.name, sorted((asdict(d) for d in decisions), key=lambda d: (d["source"], d["target"] or "")),
               list(revoke)]  # fmt: skip
    return hashlib.sha256(b"decisions|" + orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()


def columns_of(session: Session, terminology: Terminology, decisions: Sequence[Decision]) -> list[dict[str, Any]]:
    """Columns of mapping_decision. What a person left open is taken from what the lists say now."""
    subjects = [_subject(d.source, d.target) for d in decisions]
    observed = {
        row.code: row
        for row in session.execute(
            text(
                "SELECT code, part, relationship, status FROM observed_mapping"
                " WHERE terminology_id = :tid AND until IS NULL AND code = ANY(:subjects)"
            ),
            {"tid": terminology.id, "subjects": subjects},
        )
    }
    parts = _parts(session, terminology, [d.source for d in decisions if d.part is None])
    rows = []
    for one, subject in zip(decisions, subjects, strict=True):
        listed = observed.get(subject)
        relationship = one.relationship
        if one.verdict == HOLDS and relationship is None:
            relationship = listed.relationship if listed is not None and listed.status == "active" else "equivalent"
        given = one.part if one.part is not None else parts.get(one.source, "")
        part = given if listed is None else listed.part
        kept = None if one.properties is None else canonical_properties(dict(one.properties)) or "{}"
        rows.append({
            "code": subject, "source_code": one.source, "target_code": one.target, "verdict": one.verdict,
            "relationship": relationship, "properties": kept, "part": part,
            "reason": one.reason, "revokes": None,
        })  # fmt: skip
    return rows


def _parts(session: Session, terminology: Terminology, sources: list[str]) -> dict[str, str]:
    """Source code → the part of the map that it would come in: its own part, where the map has one of that name."""
    rows = session.execute(
        text(
            "SELECT c.code, c.part FROM concept c JOIN terminology t ON t.id = c.terminology_id"
            " WHERE lower(t.name) = lower(:source) AND c.until IS NULL AND c.code = ANY(:codes) AND c.part IN"
            " (SELECT DISTINCT part FROM observed_mapping WHERE terminology_id = :tid AND until IS NULL)"
        ),
        {"source": terminology.source, "codes": sources, "tid": terminology.id},
    )
    return {row.code: row.part for row in rows}


def revocation_of(stands: Any, reason: str) -> dict[str, Any]:
    return {
        "code": stands.code, "source_code": stands.source_code, "target_code": stands.target_code, "verdict": REVOKE,
        "relationship": None, "properties": None, "part": stands.part, "reason": reason.strip(), "revokes": stands.id,
    }  # fmt: skip


def _all_stand(session: Session, terminology: Terminology, rows: Sequence[dict[str, Any]]) -> bool:
    read_whole_lists(session)
    standing = {
        row.code: (row.verdict, row.relationship, row.written)
        for row in session.execute(
            text(f"SELECT d.*, CAST(properties AS text) AS written FROM ({standing_decisions()}) d"),  # noqa: S608
            {"tid": terminology.id},
        )
    }
    return all(standing.get(r["code"]) == (r["verdict"], r["relationship"], r["properties"]) for r in rows)
