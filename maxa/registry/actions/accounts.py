"""Accounts of the committee's staff: made, given roles, closed, and their passwords."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from importers.findings import clean
from maxa.errors import BadParameter, NotAllowed, NotFound
from maxa.registry.models import Account, DeskSession, Stewardship
from maxa.registry.passwords import (
    ONE_TIME_LIFE,
    count_attempt,
    forgive,
    hash_password,
    matches,
    one_time_password,
    require_good,
)
from maxa.registry.people import KEEPING_ROLES, ROLES, Actor, audit
from maxa.registry.transaction import Lock, transaction

_LONGEST_NAME = 60
Keeps = Iterable[tuple[str, str]]  # (terminology or map, role)


def add_account(
    engine: Engine, *, actor: Actor, name: str, roles: Sequence[str], keeps: Keeps = (), password: str | None = None
) -> str | None:
    """Make an account with these roles, and those that it has over single terminologies (``keeps``).

    Without a ``password`` it gets one that is good once, for a week, and is returned; it is shown now or never.
    The first account must be an administrator's.
    """
    actor.require("administer")
    name = _good_name(name)
    if password is not None:
        require_good(password, name=name)
    with transaction(engine, lock=Lock.ACCOUNTS) as session:
        if session.get(Account, name) is not None:
            raise BadParameter(
                f"حساب «{name}» پیش‌تر ساخته شده است؛ نقش‌هایش را با «maxa account roles» یا در برگهٔ حساب‌ها تغییر دهید.",
                f"There is an account {name!r} already: change its roles by `maxa account roles` or on its page.",
                "name",
            )
        account = Account(name=name, roles=[], disabled=False)
        session.add(account)
        _give_roles(session, account, roles, keeps)
        once = _set_password(account, password)
        session.flush()
        audit(session, actor, "account-add", name, roles=list(account.roles), keeps=_told(account))
    return once


def change_roles(engine: Engine, *, actor: Actor, name: str, roles: Sequence[str], keeps: Keeps = ()) -> None:
    """Give an account these roles instead of those that it had. There is always an administrator left."""
    actor.require("administer")
    with transaction(engine, lock=Lock.ACCOUNTS) as session:
        account = _account_or_error(session, name)
        before = {"roles": list(account.roles), "keeps": _told(account)}
        _give_roles(session, account, roles, keeps)
        session.flush()
        audit(session, actor, "account-roles", name, roles=list(account.roles), keeps=_told(account), before=before)


def disable_account(engine: Engine, *, actor: Actor, name: str, disabled: bool = True) -> None:
    """Close an account, which ends its sessions, or open it again."""
    actor.require("administer")
    with transaction(engine, lock=Lock.ACCOUNTS) as session:
        account = _account_or_error(session, name)
        if disabled:
            _require_another_administrator(session, account)
            end_all_sessions(session, name=name, by=actor)
        account.disabled = disabled
        audit(session, actor, "account-disable" if disabled else "account-enable", name)


def reset_password(engine: Engine, *, actor: Actor, name: str, password: str | None = None) -> str | None:
    """Set a password for someone; without one, make one that is good once and give it back. Ends all their sessions."""
    actor.require("administer")
    if password is not None:
        require_good(password, name=name)
    with transaction(engine, lock=Lock.ACCOUNTS) as session:
        account = _account_or_error(session, name)
        once = _set_password(account, password)
        end_all_sessions(session, name=name, by=actor)
        audit(session, actor, "password-reset", name, one_time=once is not None)
    return once


def change_password(
    engine: Engine, *, actor: Actor, old: str, new: str, address: str, session_id: int | None = None
) -> None:
    """Change one's own password; every other session of the account ends (all but ``session_id``).

    Raises :class:`NotAllowed` when ``old`` is wrong. Guesses are counted as those at signing in, since someone may have
    found a session open: :class:`TooManyRequests`.
    """
    actor.require("read")
    require_good(new, name=actor.name)  # before it is counted: who is told of a weak one has guessed nothing
    if old == new:
        raise BadParameter("گذرواژهٔ تازه همان پیشین است.", "The new password is the old one.", "password")
    with transaction(engine) as session:
        count_attempt(session, name=actor.name, address=address, at=datetime.now(UTC))
        held = _account_or_error(session, actor.name).password_hash
    if not matches(held, old):
        with transaction(engine) as session:
            audit(session, actor, "password-change-failed", actor.name, address=address[:64])
        raise _wrong()
    with transaction(engine, lock=Lock.ACCOUNTS) as session:
        account = _account_or_error(session, actor.name)
        if account.password_hash != held:
            raise _wrong()
        forgive(session, name=actor.name, address=address)
        _set_password(account, new)
        end_all_sessions(session, name=actor.name, by=actor, but=session_id)
        audit(session, actor, "password-change", actor.name)


def _wrong() -> NotAllowed:
    return NotAllowed("گذرواژهٔ کنونی نادرست است.", "The present password is wrong.", "old")


def end_all_sessions(session: Session, *, name: str, by: Actor, but: int | None = None) -> None:
    session.execute(
        update(DeskSession)
        .where(DeskSession.account == name, DeskSession.ended_at.is_(None), DeskSession.id != (but or 0))
        .values(ended_at=datetime.now(UTC), ended_by=by.name)
    )


def _set_password(account: Account, password: str | None) -> str | None:
    """Set it, or a one-time password, which is given back."""
    now = datetime.now(UTC)
    once = one_time_password() if password is None else None
    account.password_hash = hash_password(once or password or "")
    account.password_at = now
    account.change_until = now + ONE_TIME_LIFE if once else None
    return once


def _give_roles(session: Session, account: Account, roles: Sequence[str], keeps: Keeps) -> None:
    wanted = {(clean(title).strip(), role) for title, role in keeps}
    unknown = sorted(set(roles) - set(ROLES)) or sorted({role for _, role in wanted} - set(KEEPING_ROLES))
    if unknown or not (roles or wanted):
        raise BadParameter(
            f"نقش باید یکی از این‌ها باشد: {'، '.join(ROLES)}؛ در یک ترمینولوژی: {'، '.join(KEEPING_ROLES)}.",
            f"A role is one of: {', '.join(ROLES)}; over one terminology: {', '.join(KEEPING_ROLES)}.",
            "role",
            suggestions=list(ROLES),
        )
    if any(not title or len(title) > 100 for title, _ in wanted):
        raise BadParameter("نام ترمینولوژی نادرست است.", "That is no terminology's name.", "keeps")
    if "administrator" not in roles:
        _require_another_administrator(session, account)
    account.roles = [role for role in ROLES if role in roles] or ["viewer"]
    held = {(kept.terminology, kept.role): kept for kept in account.stewardships}
    asked = {(title.lower(), role): title for title, role in wanted}
    account.stewardships = [
        held.get((name, role)) or Stewardship(terminology=name, role=role, title=title)
        for (name, role), title in sorted(asked.items())
    ]


def _require_another_administrator(session: Session, account: Account) -> None:
    others = session.scalars(select(Account).where(Account.name != account.name, ~Account.disabled))
    if not any("administrator" in other.roles for other in others):
        raise BadParameter(
            "یک حساب با نقش administrator باید بماند (و نخست باید باشد)، وگرنه کسی نمی‌تواند حساب‌ها را مدیریت کند.",
            "An account with the role administrator must be there first and remain, or nobody could manage accounts.",
            "role",
            suggestions=["administrator"],
        )


def _good_name(name: str) -> str:
    wanted = " ".join(clean(name).split())
    in_addresses = "/" not in wanted and bool(wanted.strip("."))  # each account has a page
    if not in_addresses or wanted != name.strip() or len(wanted) > _LONGEST_NAME or wanted.lower() == "system":
        raise BadParameter(
            f"نام حساب ۱ تا {_LONGEST_NAME} نویسه است، بی «/»، و «system» از آن خود سرور است.",
            f"{name[:100]!r} is no name for an account: 1 to {_LONGEST_NAME} characters without “/”; “system” is the server's own.",
            "name",
        )
    return wanted


def _account_or_error(session: Session, name: str) -> Account:
    account = session.get(Account, name, with_for_update=True)
    if account is None:
        raise NotFound(f"حساب «{name[:60]}» نیست.", f"There is no account {name[:60]!r}.")
    return account


def _told(account: Account) -> list[str]:
    return [f"{kept.title}={kept.role}" for kept in account.stewardships]
