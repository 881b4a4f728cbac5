"""Accounts of the committee's staff and API clients. Readers see clients only through the projected clients file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Engine

from maxa.errors import BadParameter, NotFound
from maxa.registry.models import Account, Client
from maxa.registry.people import ROLES, Actor, audit
from maxa.registry.transaction import Lock, transaction


def add_account(
    engine: Engine, *, actor: Actor, name: str, roles: Sequence[str], password_hash: str | None = None
) -> None:
    """Make an account, or give an existing one these roles (and password). Roles: viewer, importer, approver, administrator."""
    actor.require("administer")
    unknown = sorted(set(roles) - set(ROLES))
    if unknown or not roles:
        raise BadParameter(
            f"نقش باید یکی از این‌ها باشد: {'، '.join(ROLES)}.",
            f"A role is one of: {', '.join(ROLES)}.",
            "role",
            suggestions=list(ROLES),
        )
    if not name.strip() or len(name) > 100 or name == "system":
        raise BadParameter("نام حساب نادرست است.", f"{name[:100]!r} is no name for an account.", "name")
    with transaction(engine, lock=Lock.ACCOUNTS) as session:
        account = session.get(Account, name)
        others = session.query(Account).filter(Account.name != name, ~Account.disabled).all()
        if "administrator" not in roles and not any("administrator" in other.roles for other in others):
            raise BadParameter(
                "نخست یک حساب با نقش administrator لازم است، وگرنه کسی نمی‌تواند حساب‌ها را مدیریت کند.",
                "An account with the role administrator is needed first, or nobody could manage accounts.",
                "role",
                suggestions=["administrator"],
            )
        if account is None:
            session.add(Account(name=name, roles=list(roles), password_hash=password_hash, disabled=False))
        else:
            account.roles, account.disabled = list(roles), False
            account.password_hash = password_hash or account.password_hash
        audit(session, actor, "account", name, roles=list(roles))


def add_client(engine: Engine, *, actor: Actor, client_id: str, name: str, record: dict[str, Any]) -> None:
    """Add an API client; ``record`` is its row of the clients file, secrets hashed."""
    actor.require("administer")
    with transaction(engine) as session:
        if session.get(Client, client_id) is not None:
            raise BadParameter(
                f"کاربر سرویس «{client_id}» پیش‌تر ساخته شده است.", f"There is a client {client_id!r} already.", "client"
            )
        session.add(Client(id=client_id, name=name, record=record))
        audit(session, actor, "client-add", client_id, services=record.get("services"))


def change_client(engine: Engine, *, actor: Actor, client_id: str, revoke: bool = False, **fields: Any) -> None:
    """Replace fields of a client's record (``disabled``, ``secret_hash`` …); ``revoke`` ends all tokens issued so far."""
    actor.require("administer")
    with transaction(engine) as session:
        client = session.get(Client, client_id, with_for_update=True)
        if client is None:
            raise NotFound(f"کاربر سرویس «{client_id}» نیست.", f"There is no client {client_id!r}.")
        if revoke:
            fields["token_epoch"] = client.record.get("token_epoch", 1) + 1
        client.record = {**client.record, **fields}
        audit(session, actor, "client-change", client_id, fields=sorted(fields))
