"""How Alembic runs a migration: on the connection that maxa.registry.engine.upgrade hands over, under its lock.

The command `alembic` (for writing migrations: `alembic revision --autogenerate -m "…"`) has no such connection; it
gets one to the registry that MAXA's settings name, or to the embedded one.
"""

from alembic import context
from sqlalchemy import Connection, NullPool

from maxa.registry import models
from maxa.registry.embedded import registry_url
from maxa.registry.engine import make_engine
from maxa.settings import read_settings


def is_ours(name: str | None, kind: str, _: object) -> bool:
    """procrastinate keeps tables of its own beside ours, which autogeneration must not take for leftovers."""
    return not (kind == "table" and name is not None and name.startswith("procrastinate_"))


def migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=models.Base.metadata,
        include_name=is_ours,
        compare_server_default=True,
    )
    with context.begin_transaction():  # all revisions or none
        context.run_migrations()


if context.is_offline_mode():
    raise SystemExit("Migrations run on a live database only: some of them read what is there.")

given = context.config.attributes.get("connection")
if given is not None:
    migrate(given)
else:
    with registry_url(read_settings()) as url, make_engine(url, name="alembic", poolclass=NullPool).connect() as own:
        migrate(own)
