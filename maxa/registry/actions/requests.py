"""Requests for codes: taken up from where readers left them, reviewed, answered row by row, shown to their followers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Engine, Select, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_unless_there
from sqlalchemy.orm import Session

from importers.findings import clean
from maxa.errors import BadParameter, MaxaError, NotFound, WrongState
from maxa.registry.actions.comments import comment_text
from maxa.registry.differences import terminology_named
from maxa.registry.models import CodeRequest, RequestAnswer, RequestComment, RequestRow, Terminology
from maxa.registry.people import SYSTEM, Actor, audit
from maxa.registry.requests import ANSWERS, announced, answers_of, published, request_or_error, state_of
from maxa.registry.transaction import transaction

_LONGEST_REASON = 1_000
_LONGEST_CODE = 100
_TOLD = 20  # codes that the audit trail names of one answer
_RETIRED = "retired"
_TEXTS = ("tracking", "digest", "kind", "terminology", "organisation", "client_id", "channel", "note")
_ROW_TEXTS = ("code", "title", "note")


@dataclass(frozen=True, slots=True)
class Reply:
    """What is said to a row. ``assigned``: a code that it gets, which may come with a later edition; ``existing``: one that
    there is; ``refused``: why not."""

    kind: str
    terminology: str = ""
    code: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Answered:
    """``unannounced``: codes that neither an edition nor a list on its way has."""

    rows: int
    unannounced: list[str]


def take_up_request(engine: Engine, *, record: Mapping[str, Any]) -> bool:
    """Put a request that was received into the registry; one that is there already stays. Returns whether it is new.
    Raises KeyError, TypeError or ValueError where the record is none of ours."""
    said = {name: _text(record[name]) for name in _TEXTS}
    rows = [{name: _text(row[name]) for name in _ROW_TEXTS} for row in record["rows"]]
    with transaction(engine) as session:
        number = session.scalar(
            insert_unless_there(CodeRequest)
            .values(
                **said,
                authenticated=bool(record["authenticated"]),
                received_at=datetime.fromisoformat(record["received_at"]),
                state="received",
                revision=1,
                shown=0,
            )
            .on_conflict_do_nothing(index_elements=["tracking"])
            .returning(CodeRequest.id)
        )
        if number is None:
            return False
        session.execute(
            insert(RequestRow),
            [{"request_id": number, "position": place, **row} for place, row in enumerate(rows, start=1)],
        )
        audit(
            session, SYSTEM, "request-received", _subject(said["tracking"]), organisation=said["organisation"],
            client=said["client_id"], rows=len(rows),
        )  # fmt: skip
    return True


def show_requests(
    engine: Engine, *, write: Callable[[dict[str, Any]], None], most: int | None = None,
    held: Callable[[str], int] | None = None,
) -> None:  # fmt: skip
    """Give ``write`` the state of each request (of ``most`` at a time) whose followers see an older one.
    ``write`` is called under the request's lock, so that the newest state is the last one written; called again after a
    kill. ``held`` tells the revision that followers of a number do see, 0 for none: given, it is asked of every request,
    since what was written may be lost."""
    query = select(CodeRequest.id, CodeRequest.tracking, CodeRequest.revision)
    with transaction(engine) as session:
        waiting: set[int] = set(session.scalars(_unshown(most)))
        known = session.execute(query.order_by(CodeRequest.id)).all() if held else []
    if held:
        waiting |= {number for number, tracking, revision in known if held(tracking) < revision}
    for number in sorted(waiting):
        with transaction(engine) as session:
            request = request_or_error(session, number, lock=True)
            if request.revision > request.shown or (held and held(request.tracking) < request.revision):
                write(state_of(session, request))
                request.shown = request.revision


def _unshown(most: int | None) -> Select[Any]:
    waiting = select(CodeRequest.id).where(CodeRequest.revision > CodeRequest.shown)
    return waiting.order_by(CodeRequest.updated_at.desc(), CodeRequest.id).limit(most)


def review_request(engine: Engine, *, actor: Actor, request_id: int) -> None:
    """Take a request in hand: its followers see that it is under review, the committee sees by whom."""
    actor.require("answer")
    with transaction(engine) as session:
        request = request_or_error(session, request_id, lock=True)
        actor.require("answer", on=_lists(request) or None)
        if request.reviewer == actor.name and request.state != "received":
            return
        before = request.reviewer
        request.reviewer = actor.name
        if request.state == "received":
            request.state = "in_review"
        _changed(request)
        audit(session, actor, "request-review", _subject(request.tracking), before=before)


def answer_request(
    engine: Engine, *, actor: Actor, request_id: int, replies: Mapping[int, Reply], seen: int | None = None
) -> Answered:
    """Answer rows by their positions, all of them or none. An answered row may be answered anew. ``seen`` is the revision
    of the request that the person looked at, if one did. Raises :class:`BadParameter` naming the row whose answer can't
    stand, :class:`WrongState` where somebody else was faster."""
    actor.require("answer")
    if not replies:
        raise BadParameter("هیچ سطری برگزیده نشده است.", "No row was chosen.", "row")
    with transaction(engine) as session:
        request = request_or_error(session, request_id, lock=True)
        cleaned = {place: _cleaned(place, reply) for place, reply in replies.items()}
        own, given = _lists(request), {one.terminology for one in cleaned.values() if one.kind == "assigned"}
        actor.require("answer", on=own | given if own else _lists_of(cleaned))  # a code is given by who keeps its list
        if seen is not None and seen != request.revision:
            raise _changed_meanwhile(session, request)
        rows = {
            row.position: row
            for row in session.scalars(
                select(RequestRow).where(RequestRow.request_id == request_id, RequestRow.position.in_(replies))
            )
        }
        if unknown := sorted(set(replies) - set(rows)):
            raise NotFound(f"این درخواست سطر {unknown[0]} ندارد.", f"The request has no row {unknown[0]}.")
        values, unannounced = _checked(session, cleaned)
        for value in values:
            value |= {"request_id": request_id, "actor": actor.name}
        made = session.execute(insert(RequestAnswer).returning(RequestAnswer.id, RequestAnswer.position), values)
        session.execute(update(RequestRow), [{"id": rows[place].id, "answer_id": answer} for answer, place in made])
        left = session.scalar(
            select(func.count()).where(RequestRow.request_id == request_id, RequestRow.answer_id.is_(None))
        )
        request.state = "in_review" if left else "answered"
        request.reviewer = request.reviewer or actor.name
        _changed(request)
        codes = sorted({reply.code for reply in cleaned.values() if reply.code})
        audit(
            session, actor, "request-answer", _subject(request.tracking), rows=len(values),
            answers=dict(Counter(reply.kind for reply in cleaned.values())), codes=codes[:_TOLD],
        )  # fmt: skip
        return Answered(len(values), unannounced)


def comment_on_request(engine: Engine, *, actor: Actor, request_id: int, text: str) -> None:
    """A note among the committee, which no follower sees. It is never changed or taken back."""
    actor.require("comment")
    said = comment_text(text)
    with transaction(engine) as session:
        request = request_or_error(session, request_id)
        session.add(RequestComment(request_id=request_id, actor=actor.name, text=said))
        audit(session, actor, "request-comment", _subject(request.tracking))


def _text(value: Any) -> str:
    # told here, since PostgreSQL's driver reports what it can't adapt as it reports a missing table
    if not isinstance(value, str):
        raise TypeError("a text is expected")
    return value


def _lists(request: CodeRequest) -> set[str]:
    return {request.terminology} - {""}


def _lists_of(replies: Mapping[int, Reply]) -> set[str]:
    """Lists of the answers to a request that names none; empty, which no steward keeps, where one has no list."""
    names = {reply.terminology for reply in replies.values()}
    return set() if "" in names else names


def _subject(tracking: str) -> str:
    return f"request {tracking}"


def _changed(request: CodeRequest) -> None:
    request.revision += 1
    request.updated_at = datetime.now(UTC)


def _changed_meanwhile(session: Session, request: CodeRequest) -> WrongState:
    last = answers_of(session, request.id, limit=1)
    if last:
        by_fa, by_en = f"آخرین پاسخ از «{last[0].actor}» است", f"the last answer is by {last[0].actor!r}"
    elif request.reviewer:
        by_fa, by_en = f"اکنون در دست «{request.reviewer}» است", f"it is in the hands of {request.reviewer!r} now"
    else:
        by_fa, by_en = "صفحهٔ شما از درخواست دیگری است یا کهنه است", "your page is out of date"
    return WrongState(
        f"این درخواست پس از باز شدن صفحهٔ شما تغییر کرده است: {by_fa}. پاسخ شما ثبت نشد و در فرم مانده است؛ سطرها را"
        " ببینید و اگر هنوز درست است دوباره ثبت کنید.",
        f"This request has changed since you opened its page: {by_en}. Your answer was not saved and is still in the form:"
        " look at the rows, and save it again if it still holds.",
    )


def _cleaned(place: int, reply: Reply) -> Reply:
    if reply.kind not in ANSWERS:
        raise BadParameter("گونهٔ پاسخ را برگزینید.", f"The kind of an answer is one of {', '.join(ANSWERS)}.", "kind")
    code, reason = " ".join(clean(reply.code).split()), " ".join(clean(reply.reason).split())
    if reply.kind == "refused":
        if not reason:
            raise BadParameter("دلیل رد را بنویسید.", "Say why it is refused.", "reason")
        code, terminology = "", ""
    else:
        terminology = reply.terminology.strip()
        if not code or not terminology:
            raise BadParameter(
                f"سطر {place}: واژگان و کد را بنویسید.", f"Row {place}: name the terminology and the code.", "code"
            )
    for name, value, longest in (("code", code, _LONGEST_CODE), ("reason", reason, _LONGEST_REASON)):
        if len(value) > longest:
            raise BadParameter(
                f"سطر {place}: «{name}» بیش از {longest} نویسه است.",
                f"Row {place}: {name!r} is longer than {longest} characters.",
                name,
            )
    return Reply(reply.kind, terminology, code, reason)


def _checked(session: Session, replies: Mapping[int, Reply]) -> tuple[list[dict[str, Any]], list[str]]:
    """Values of the answers, after every code was looked up; and the codes that nobody knows yet."""
    values, unannounced = [], []
    found: dict[str, tuple[Terminology, dict[str, str], dict[str, date | None]]] = {}
    for name in {reply.terminology for reply in replies.values() if reply.terminology}:
        codes = {reply.code for reply in replies.values() if reply.terminology == name}
        terminology = _terminology(session, name)
        found[name] = (terminology, published(session, terminology, codes), announced(session, terminology, codes))
    for place, reply in sorted(replies.items()):
        value = {
            "position": place, "kind": reply.kind, "terminology": "", "code": reply.code, "reason": reply.reason,
            "pending": False, "expected": None,
        }  # fmt: skip
        if reply.terminology:
            terminology, there, coming = found[reply.terminology]
            _check_code(place, reply, terminology, there)
            pending = reply.code not in there
            if pending and reply.code not in coming:
                unannounced.append(reply.code)
            value |= {"terminology": terminology.name, "pending": pending}
            value |= {"expected": coming.get(reply.code) if pending else None}
        values.append(value)
    return values, sorted(set(unannounced))


def _check_code(place: int, reply: Reply, terminology: Terminology, there: Mapping[str, str]) -> None:
    status = there.get(reply.code)
    if status == _RETIRED:
        raise BadParameter(
            f"سطر {place}: کد {reply.code} در {terminology.name} بازنشسته است.",
            f"Row {place}: {reply.code} is retired in {terminology.name}.",
            "code",
        )
    if status is None and reply.kind == "existing":
        raise BadParameter(
            f"سطر {place}: ویرایش جاری {terminology.name} کد {reply.code} را ندارد؛ اگر با ویرایش تازه‌ای می‌آید «کد تازه» را"
            " برگزینید.",
            f"Row {place}: the current edition of {terminology.name} has no code {reply.code}; if a new edition brings it,"
            " answer that it is assigned.",
            "code",
        )


def _terminology(session: Session, name: str) -> Terminology:
    try:
        found = terminology_named(session, name)
    except NotFound as error:
        raise _no_list(error, name) from None
    if found.kind != "codes":
        raise _no_list(None, name)
    return found


def _no_list(error: MaxaError | None, name: str) -> BadParameter:
    return BadParameter(
        f"واژگانی به نام «{name[:60]}» نیست.", f"There is no terminology {name[:60]!r}.", "terminology",
        suggestions=error.suggestions if error else [],
    )  # fmt: skip
