"""Migrations and models say the same."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine

from maxa.registry.models import Base


def test_the_migrated_schema_is_that_of_the_models(engine: Engine) -> None:
    ours = set(Base.metadata.tables)
    options = {"include_name": lambda name, kind, _: kind != "table" or name in ours, "compare_server_default": True}
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection, opts=options), Base.metadata)
    assert differences == []
