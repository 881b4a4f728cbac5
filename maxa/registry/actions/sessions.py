"""Signing in and out. A session lives in the registry, so it can be ended from anywhere and at once."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Session

from importers.findings import clean
from maxa.errors import NotAuthenticated, NotFound
from maxa.registry.models import Account, DeskSession
from maxa.registry.passwords import count_attempt, forgive, matches
from maxa.registry.people import SYSTEM, Actor, actor_of, audit
from maxa.registry.transaction import transaction

IDLE = timedelta(hours=2)  # people fill in workbooks between two clicks
LIFE = timedelta(hours=12)
_KEPT = timedelta(days=90)  # sessions that ended; the audit trail has them for good
_NOTE_EVERY = timedelta(minutes=1)  # a page that polls must not write each second


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who a session belongs to. ``must_change``: nothing may be done but changing the one-time password."""

    session_id: int
    actor: Actor
    must_change: bool


def sign_in(
    engine: Engine, *, name: str, password: str, address: str, agent: str = "", now: datetime | None = None
) -> tuple[str, SignedIn]:
    """Open a session; gives its token, which is kept nowhere else, and whose it is.

    Raises :class:`NotAuthenticated`, in the same words and after the same time whatever was wrong, or
    :class:`TooManyRequests` while one must wait.
    """
    at = now or datetime.now(UTC)
    name = " ".join(clean(name).split())[:200]
    with transaction(engine) as session:
        count_attempt(session, name=name, address=address, at=at)
        account = session.get(Account, name)
        held = account.password_hash if account is not None and not account.disabled else None
        session.execute(delete(DeskSession).where(DeskSession.created_at < at - _KEPT))
    right = matches(held, password)
    with transaction(engine) as session:
        account = session.get(Account, name, with_for_update=True) if right else None
        if account is None or account.disabled or account.password_hash != held:
            audit(session, SYSTEM, "sign-in-failed", name[:60], address=address[:64])
            opened = None
        elif account.change_until is not None and account.change_until < at:
            forgive(session, name=name, address=address)
            audit(session, SYSTEM, "one-time-password-expired", name, address=address[:64])
            opened = None
        else:
            forgive(session, name=name, address=address)
            token = secrets.token_urlsafe(32)
            row = DeskSession(
                token_hash=_hashed(token), account=name, address=address[:64], agent=clean(agent)[:200], created_at=at,
                seen_at=at,
            )  # fmt: skip
            session.add(row)
            session.flush()
            opened = token, SignedIn(row.id, actor_of(account), account.change_until is not None)
            audit(session, opened[1].actor, "sign-in", name, number=row.id, address=address[:64])
    if opened is None:
        raise NotAuthenticated(
            "نام حساب یا گذرواژه نادرست است، یا گذرواژهٔ یک‌بارمصرف گذشته است؛ مدیر می‌تواند آن را نو کند.",
            "The account or the password is wrong, or a one-time password has run out: an administrator can renew it.",
        )
    return opened


def resume(engine: Engine, *, token: str, now: datetime | None = None) -> SignedIn | None:
    """Whose token it is; ``None`` for one that is unknown, ended, or has run out by idling or by age."""
    at = now or datetime.now(UTC)
    with transaction(engine) as session:
        row = session.scalar(
            select(DeskSession).where(DeskSession.token_hash == _hashed(token), DeskSession.ended_at.is_(None))
        )
        if row is None:
            return None
        account = session.get(Account, row.account)
        if account is None or account.disabled:
            return None
        if at - row.seen_at > IDLE or at - row.created_at > LIFE:
            row.ended_at, row.ended_by = at, SYSTEM.name
            return None
        if at - row.seen_at > _NOTE_EVERY:
            row.seen_at = at
        return SignedIn(row.id, actor_of(account), account.change_until is not None)


def end_session(engine: Engine, *, actor: Actor, session_id: int) -> None:
    """End one's own session, or as administrator anyone's."""
    actor.require("read")
    with transaction(engine) as session:
        row = session.get(DeskSession, session_id, with_for_update=True)
        if row is None or (row.account != actor.name and not actor.is_administrator):
            raise NotFound("چنین نشستی نیست.", "There is no such session.")
        if row.ended_at is None:
            row.ended_at, row.ended_by = datetime.now(UTC), actor.name
            audit(session, actor, "session-end", row.account, number=session_id)


def open_sessions(session: Session, *, name: str | None = None, now: datetime | None = None) -> list[DeskSession]:
    """Sessions that are neither ended nor run out, of one account or of all; those seen last come first."""
    at = now or datetime.now(UTC)
    query = select(DeskSession).where(
        DeskSession.ended_at.is_(None), DeskSession.seen_at >= at - IDLE, DeskSession.created_at >= at - LIFE
    )
    if name is not None:
        query = query.where(DeskSession.account == name)
    return list(session.scalars(query.order_by(DeskSession.seen_at.desc(), DeskSession.id.desc())))


def _hashed(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
