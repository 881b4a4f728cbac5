"""Who acts, and what each role may do. Checked in the actions, so that every surface shares one rule."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from maxa.errors import NotAllowed, NotFound
from maxa.registry.models import Account, AuditEvent

ROLES = ("viewer", "importer", "approver", "administrator")
KEEPING_ROLES = ("importer", "approver")  # that may be had over one terminology (FACTS §2, stewards)

# action → roles that may do it; an administrator may do all
PERMISSIONS: dict[str, frozenset[str]] = {
    "read": frozenset({"viewer", "importer", "approver"}),
    "comment": frozenset({"viewer", "importer", "approver"}),
    "import": frozenset({"importer", "approver"}),
    "decide": frozenset({"importer", "approver"}),
    "answer": frozenset({"importer", "approver"}),
    "submit": frozenset({"importer", "approver"}),
    "approve": frozenset({"approver"}),
    "reject": frozenset({"importer", "approver"}),
    "publish": frozenset({"approver"}),
    "withdraw": frozenset({"approver"}),
    "audit": frozenset({"approver"}),
    "administer": frozenset(),
}
_ACTION_FA = {
    "read": "دیدن میز کمیته", "comment": "یادداشت گذاشتن", "import": "وارد کردن فهرست", "submit": "فرستادن برای بررسی",
    "approve": "تأیید", "reject": "رد کردن", "decide": "تصمیم دربارهٔ نگاشت",
    "answer": "پاسخ به درخواست کد", "publish": "انتشار",
    "withdraw": "پس گرفتن ویرایش", "audit": "دیدن رد کارها", "administer": "مدیریت حساب‌ها و کاربران سرویس",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, or the server itself (``system``), in whose name something is written. ``keeps`` holds the roles over
    single terminologies and maps: ``(name in lower case, role)``."""

    name: str
    roles: frozenset[str]
    keeps: frozenset[tuple[str, str]] = frozenset()

    @property
    def is_administrator(self) -> bool:
        return "administrator" in self.roles

    def may(self, action: str, on: Iterable[str] | None = None) -> bool:
        """Whether the actor may do it ``on`` all of these terminologies; without ``on``, on any at all."""
        allowed = PERMISSIONS[action]
        if self.is_administrator or self.roles & allowed:
            return True
        if on is None:
            return any(role in allowed for _, role in self.keeps)
        names = [name.lower() for name in on]
        return bool(names) and all(any((name, role) in self.keeps for role in allowed) for name in names)

    def require(self, action: str, on: Iterable[str] | None = None) -> None:
        names = None if on is None else sorted(on)
        if self.may(action, names):
            return
        needed = ", ".join(sorted(PERMISSIONS[action] | {"administrator"}))
        beyond = [name for name in names or () if not self.may(action, [name])]
        of_fa = f" در {'، '.join(beyond)}" if beyond else ""
        of_en = f" in {', '.join(beyond)}" if beyond else ""
        raise NotAllowed(
            f"«{self.name}» اجازهٔ {_ACTION_FA[action]}{of_fa} را ندارد (نقش لازم: {needed}).",
            f"{self.name!r} may not {action}{of_en} (needs one of the roles: {needed}).",
        )


SYSTEM = Actor("system", frozenset({"administrator"}))


def actor_of(account: Account) -> Actor:
    keeps = frozenset((kept.terminology, kept.role) for kept in account.stewardships)
    return Actor(account.name, frozenset(account.roles), keeps)


def actor_named(session: Session, name: str) -> Actor:
    """The account as an actor. While there are no accounts at all (a new server), anyone at the command line is
    administrator: who can start it can also read its database."""
    account = session.get(Account, name)
    if account is not None and not account.disabled:
        return actor_of(account)
    if account is None and session.query(Account).first() is None:
        return Actor(name, frozenset({"administrator"}))
    raise NotFound(
        f"حساب «{name}» نیست یا بسته شده است؛ آن را با «maxa account add» بسازید یا با ‎--as‎ نام دیگری بدهید.",
        f"There is no open account {name!r}: make it with `maxa account add`, or name another one with --as.",
    )


def audit(session: Session, actor: Actor, action: str, subject: str, **detail: object) -> None:
    """Append to the audit trail, in the transaction of the write itself."""
    session.add(AuditEvent(actor=actor.name, action=action, subject=subject, detail=detail))
