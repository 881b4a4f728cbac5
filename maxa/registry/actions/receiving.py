"""Take in what people send: workbooks, and the letter they came with. What was received survives a crash."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import orjson
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

import importers
from importers.findings import clean
from importers.heading_keys import heading_key
from importers.profile import Profile
from maxa.errors import BadParameter, BadWorkbook, WrongState
from maxa.registry.actions.profiles import remembered_columns
from maxa.registry.circulars import resolve_circular
from maxa.registry.models import ALIVE, Release, State, Submission, SubmissionFile, SubmissionLetter
from maxa.registry.people import Actor, audit
from maxa.registry.sent import Content, InRegistry, begins, keep, sha256_of, size_of
from maxa.registry.transaction import hold, transaction

SCOPES = ("full", "amendment")
_PDF, _PDF_WITHIN = b"%PDF-", 1_024  # ISO 32000 lets other bytes stand before it
_LONGEST_NAME = 200
_DIRECTION = re.compile("[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class Workbook:
    """A file as it is sent in. ``source`` names a declaration of importers.SOURCES; None recognises it. ``profile``
    says what no declaration knows: which column is which field and, for the generic sources, what the list is."""

    name: str
    content: Content
    source: str | None = None
    profile: Profile = field(default_factory=Profile)


@dataclass(frozen=True, slots=True)
class Letter:
    """The circular itself, a PDF."""

    name: str
    content: Content


@dataclass(frozen=True, slots=True)
class Received:
    """``existing`` tells that the same workbooks are here already: nothing was written (but a letter that was lacking)."""

    submission_id: int
    existing: bool


def receive_submission(
    engine: Engine,
    *,
    actor: Actor,
    workbooks: list[Workbook],
    circular: str | None = None,
    day: date | None = None,
    scope: str = "full",
    note: str = "",
    letter: Letter | None = None,
    history: bool = False,
) -> Received:
    """Keep the workbooks as a new submission in state ``importing``.

    The same files for the same circular by the same importer are a no-op while the first submission is alive
    (not failed or rejected, and what it published not withdrawn). ``history`` brings in an edition that is older than
    the current one; it is in force from its circular's day, or from ``day`` where it came without one.
    """
    actor.require("import")
    _check_request(workbooks, circular=circular, day=day, scope=scope, history=history)
    if letter is not None:
        _check_letter(letter)
    with transaction(engine) as session:
        bears = resolve_circular(session, number=circular, day=day) if circular else None
        books = [_with_remembered(session, book) for book in workbooks]
        key = f"{bears.number_key}@{bears.day}" if bears else f"@{day}" if day else ""
        fingerprint = _fingerprint(books, key, f"{scope}, history" if history else scope)
        hold(session, fingerprint)
        alive = alive_with(session, fingerprint)
        if alive is not None:
            _keep_letter(session, alive, letter, actor)
            return Received(alive.id, existing=True)
        submission = Submission(
            state=State.IMPORTING, scope=scope, circular_id=bears.id if bears else None, note=clean(note),
            fingerprint=fingerprint, created_by=actor.name, confirmed=[], history=history, day=None if bears else day,
        )  # fmt: skip
        submission.files = [
            SubmissionFile(
                name=name, sha256=sha256_of(b.content), size=size_of(b.content), content=b"", source=b.source,
                profile=b.profile.as_dict(),
            )
            for b, name in zip(books, _distinct_names(books), strict=True)
        ]  # fmt: skip
        session.add(submission)
        session.flush()
        for row, book in zip(submission.files, books, strict=True):
            keep(session, row, book.content)
            session.expire(row, ["content"])
        audit(session, actor, "import", f"submission {submission.id}", files=[f.name for f in submission.files],
              scope=scope, circular=bears.number if bears else None, history=history)  # fmt: skip
        _keep_letter(session, submission, letter, actor)
        return Received(submission.id, existing=False)


def _check_request(
    workbooks: list[Workbook], *, circular: str | None, day: date | None, scope: str, history: bool
) -> None:
    if scope not in SCOPES:
        raise BadParameter("دامنه باید full یا amendment باشد.", "The scope must be full or amendment.", "scope")
    if not workbooks:
        raise BadParameter("پرونده‌ای داده نشده است.", "No workbook was given.", "file")
    for book in workbooks:
        if book.source is not None and book.source not in importers.SOURCES:
            raise BadParameter(
                f"منبع «{book.source}» شناخته نیست.", f"There is no source {book.source!r}.", "source",
                suggestions=sorted(importers.SOURCES),
            )  # fmt: skip
        if not size_of(book.content):
            raise BadWorkbook(
                f"پروندهٔ «{book.name}» تهی است.", f"The file {book.name!r} is empty.", data={"reason": "empty-file"}
            )
    _refuse_twice(workbooks)
    if history and circular is None and day is None:
        raise BadParameter(
            "برای پیشینه باید روز آن روشن باشد: شمارهٔ ابلاغیه (‎--circular‎) یا تاریخ آن (‎--date‎) را بدهید.",
            "History needs its day: give the circular's number (--circular), or the day itself (--date).",
            "date",
        )
    if day is not None and circular is None and not history:
        raise BadParameter(
            "تاریخ (‎--date‎) همراه شمارهٔ ابلاغیه (‎--circular‎) می‌آید؛ بی‌ابلاغیه تنها پیشینه (‎--history‎) تاریخ دارد.",
            "--date goes with --circular; without a circular only history (--history) bears a day.",
            "date",
        )


def _refuse_twice(workbooks: list[Workbook]) -> None:
    first: dict[str, str] = {}
    for book in workbooks:
        sha256 = sha256_of(book.content)
        if sha256 in first:
            raise BadParameter(
                f"«{book.name}» و «{first[sha256]}» یک کارپوشه‌اند؛ هر کارپوشه را یک بار بدهید.",
                f"{book.name!r} and {first[sha256]!r} are the same workbook: give each one once.",
                "file",
            )
        first[sha256] = book.name


def _check_letter(letter: Letter) -> None:
    if isinstance(letter.content, InRegistry):
        return
    if _PDF not in begins(letter.content, _PDF_WITHIN):
        raise BadParameter(
            f"«{letter.name}» پروندهٔ PDF نیست؛ متن ابلاغیه را به صورت PDF بدهید.",
            f"{letter.name!r} is no PDF: give the text of the circular as a PDF.",
            "letter",
        )


def _file_name(name: str) -> str:
    """The last part of a path, fit for a database and a terminal. Marks of direction are left out: with them a name can
    read as another one."""
    last = _DIRECTION.sub("", clean(name.replace("\\", "/").rsplit("/", 1)[-1]))
    return " ".join(last.split())[-_LONGEST_NAME:] or "?"


def _distinct_names(books: Sequence[Workbook]) -> list[str]:
    """Findings name their file, so two files of one name (from two folders) are told apart."""
    seen: Counter[str] = Counter()
    names = []
    for book in books:
        name = _file_name(book.name)
        seen[name] += 1
        path = Path(name)
        names.append(name if seen[name] == 1 else f"{path.stem} ({seen[name]}){path.suffix}")
    return names


def _with_remembered(session: Session, book: Workbook) -> Workbook:
    """The workbook with what was remembered for its source (for all, while it is to be recognised). What is mapped by
    hand now needs no memory, so that the same command again is the same submission."""
    held = remembered_columns(session, book.profile.terminology)
    asked = {heading_key(heading) for heading in book.profile.columns}
    remembered = {
        source: {heading: name for heading, name in these.items() if heading_key(heading) not in asked}
        for source, these in held.items()
        if book.source in (None, source)
    }
    return replace(
        book, profile=replace(book.profile, remembered={s: these for s, these in remembered.items() if these})
    )


def _fingerprint(workbooks: list[Workbook], circular: str, scope: str) -> str:
    parts = sorted(f"{sha256_of(b.content)}:{b.source or ''}{_profile_key(b.profile)}" for b in workbooks)
    return hashlib.sha256("|".join([*parts, circular, scope, importers.VERSION]).encode()).hexdigest()


def _profile_key(profile: Profile) -> str:
    said = profile.as_dict()
    return f":{orjson.dumps(said, option=orjson.OPT_SORT_KEYS).decode()}" if said else ""


def alive_with(session: Session, fingerprint: str) -> Submission | None:
    """The submission that these workbooks are in, unless it failed, was rejected or is withdrawn."""
    rows = session.scalars(
        select(Submission)
        .where(Submission.fingerprint == fingerprint, Submission.state.in_(ALIVE))
        .order_by(Submission.id.desc())
    )
    for row in rows.unique():
        releases = session.scalars(select(Release).where(Release.submission_id == row.id)).all()
        if row.state != State.PUBLISHED or all(r.withdrawn_serial is None for r in releases):
            return row
    return None


def _keep_letter(session: Session, submission: Submission, letter: Letter | None, actor: Actor) -> None:
    """A letter may follow its workbooks, but is never replaced."""
    if letter is None:
        return
    sha256, held = sha256_of(letter.content), submission.letter
    if held is not None and held.sha256 != sha256:
        raise WrongState(
            f"فهرست {submission.id} پیش‌تر ابلاغیه‌ای ({held.name}) گرفته است که این نیست.",
            f"Submission {submission.id} has a letter already ({held.name}), and it is another one.",
        )
    if held is None:
        name = _file_name(letter.name)
        row = SubmissionLetter(
            submission_id=submission.id, name=name, sha256=sha256, size=size_of(letter.content), content=b""
        )
        session.add(row)
        session.flush()
        keep(session, row, letter.content)
        session.expire(row, ["content"])
        audit(session, actor, "letter", f"submission {submission.id}", name=name, sha256=sha256)
