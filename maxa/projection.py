"""The registry's API clients as the file that readers check tokens against."""

from __future__ import annotations

from sqlalchemy import Engine

from maxa.access.clients import Client, client_from_dict, read_clients, replace_clients
from maxa.errors import SettingsError
from maxa.registry import queries
from maxa.registry.transaction import transaction
from maxa.settings import Settings


def clients_of(engine: Engine) -> list[Client]:
    """In the order of the file."""
    with transaction(engine) as session:
        found = [client_from_dict(record) for record in queries.client_records(session)]
    return sorted(found, key=lambda one: one.client_id)


def project_clients(engine: Engine, settings: Settings) -> None:
    """Write all of them; of two commands at once, the later one's reading is the later one written."""
    replace_clients(settings.clients_file, lambda: clients_of(engine))


def project_missed_clients(engine: Engine, settings: Settings) -> bool:
    """Write the file where it holds something else: what a command could not write after it was committed. Tells whether
    it did. A registry that has no clients leaves a file that someone has made by hand."""
    known = clients_of(engine)
    if not known or known == _in_the_file(settings):
        return False
    project_clients(engine, settings)
    return True


def _in_the_file(settings: Settings) -> list[Client] | None:
    """None when it is damaged: writing it anew heals it."""
    try:
        return sorted(read_clients(settings.clients_file), key=lambda one: one.client_id)
    except SettingsError:
        return None
