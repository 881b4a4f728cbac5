"""The registry's API clients as the file that readers check tokens against."""

from __future__ import annotations

from sqlalchemy import Engine

from maxa.access.clients import Client, client_from_dict, replace_clients
from maxa.registry import queries
from maxa.registry.transaction import transaction
from maxa.settings import Settings


def project_clients(engine: Engine, settings: Settings) -> None:
    """Write all of them; of two commands at once, the later one's reading is the later one written."""

    def clients() -> list[Client]:
        with transaction(engine) as session:
            return [client_from_dict(record) for record in queries.client_records(session)]

    replace_clients(settings.clients_file, clients)
