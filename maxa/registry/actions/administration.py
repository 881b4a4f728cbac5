"""API clients. Readers see clients only through the projected clients file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine

from maxa.errors import BadParameter, NotFound
from maxa.registry.models import Client
from maxa.registry.people import Actor, audit
from maxa.registry.transaction import transaction


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


def change_client(
    engine: Engine, *, actor: Actor, client_id: str, check: Callable[[dict[str, Any]], None], revoke: bool = False,
    **fields: Any,
) -> None:  # fmt: skip
    """Replace fields of a client's record (``disabled``, ``secret_hash`` …); ``revoke`` ends all tokens issued so far.

    ``check`` raises for a record that the clients file would not take; nothing is changed then.
    """
    actor.require("administer")
    with transaction(engine) as session:
        client = session.get(Client, client_id, with_for_update=True)
        if client is None:
            raise NotFound(f"کاربر سرویس «{client_id}» نیست.", f"There is no client {client_id!r}.")
        if revoke:
            fields["token_epoch"] = client.record.get("token_epoch", 1) + 1
        record = {**client.record, **fields}
        check(record)
        client.record = record
        audit(session, actor, "client-change", client_id, fields=sorted(fields))
