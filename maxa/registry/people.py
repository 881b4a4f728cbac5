"""Who acts, and what each role may do. Checked in the actions, so that every surface shares one rule."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from maxa.errors import NotAllowed, NotFound
from maxa.registry.models import Account, AuditEvent

ROLES = ("viewer", "importer", "approver", "administrator")

# action → roles that may do it; an administrator may do all
PERMISSIONS: dict[str, frozenset[str]] = {
    "import": frozenset({"importer", "approver"}),
    "decide": frozenset({"importer", "approver"}),
    "submit": frozenset({"importer", "approver"}),
    "approve": frozenset({"approver"}),
    "reject": frozenset({"importer", "approver"}),
    "publish": frozenset({"approver"}),
    "withdraw": frozenset({"approver"}),
    "administer": frozenset(),
}
_ACTION_FA = {
    "import": "وارد کردن فهرست", "submit": "فرستادن برای بررسی", "approve": "تأیید", "reject": "رد کردن",
    "decide": "تصمیم دربارهٔ نگاشت", "publish": "انتشار", "withdraw": "پس گرفتن ویرایش", "administer": "مدیریت حساب‌ها و کاربران سرویس",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, or the server itself (``system``), in whose name something is written."""

    name: str
    roles: frozenset[str]

    @property
    def is_administrator(self) -> bool:
        return "administrator" in self.roles

    def may(self, action: str) -> bool:
        return self.is_administrator or bool(self.roles & PERMISSIONS[action])

    def require(self, action: str) -> None:
        if not self.may(action):
            needed = ", ".join(sorted(PERMISSIONS[action] | {"administrator"}))
            raise NotAllowed(
                f"«{self.name}» اجازهٔ {_ACTION_FA[action]} را ندارد (نقش لازم: {needed}).",
                f"{self.name!r} may not {action} (needs one of the roles: {needed}).",
            )


SYSTEM = Actor("system", frozenset({"administrator"}))


def actor_named(session: Session, name: str) -> Actor:
    """The account as an actor. While there are no accounts at all (a new server), anyone at the command line is
    administrator: who can start it can also read its database."""
    account = session.get(Account, name)
    if account is not None and not account.disabled:
        return Actor(account.name, frozenset(account.roles))
    if account is None and session.query(Account).first() is None:
        return Actor(name, frozenset({"administrator"}))
    raise NotFound(
        f"حساب «{name}» نیست یا بسته شده است؛ آن را با «maxa user add» بسازید یا با ‎--as‎ نام دیگری بدهید.",
        f"There is no open account {name!r}: make it with `maxa user add`, or name another one with --as.",
    )


def audit(session: Session, actor: Actor, action: str, subject: str, **detail: object) -> None:
    """Append to the audit trail, in the transaction of the write itself."""
    session.add(AuditEvent(actor=actor.name, action=action, subject=subject, detail=detail))
