"""Migrations and models say the same."""

from __future__ import annotations

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, text

from maxa.registry.engine import alembic_config
from maxa.registry.models import Base


def test_the_migrated_schema_is_that_of_the_models(engine: Engine) -> None:
    ours = set(Base.metadata.tables)
    options = {"include_name": lambda name, kind, _: kind != "table" or name in ours, "compare_server_default": True}
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection, opts=options), Base.metadata)
    assert differences == []


@pytest.mark.parametrize(("revision", "storage"), [("0007", "x"), ("head", "e")])
def test_files_are_compressed_before_0008_and_never_after_it(engine: Engine, revision: str, storage: str) -> None:
    with engine.begin() as connection:
        command.downgrade(alembic_config(connection), "0007")
        command.upgrade(alembic_config(connection), revision)
        found = connection.scalars(
            text(
                "SELECT CAST(attstorage AS text) FROM pg_attribute WHERE attname = 'content' AND attrelid IN"
                " (CAST('submission_file' AS regclass), CAST('submission_letter' AS regclass))"
            )
        )
        assert list(found) == [storage, storage]
