"""What all tests may ask for: a database of their own, a home of their own, settings over them."""

from __future__ import annotations

import fcntl
import logging
import random
import shutil
import socket
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import structlog
from sqlalchemy import Engine

from maxa.registry.engine import make_engine
from maxa.settings import Settings, read_settings
from tests.databases import DatabaseServer, ServerOfARun, short_folder
from tests.lists import committee, json_lists

__all__ = ["committee", "json_lists"]

# The suite draws the same examples in every run, so that a change fails by what it changed; `make test-deep` draws others.
hypothesis.settings.register_profile("same", derandomize=True)
hypothesis.settings.register_profile("fresh")
hypothesis.settings.load_profile("same")

SERVER = pytest.StashKey[ServerOfARun]()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """pytest-xdist: the controller, which outlives all workers, runs the one server that they share."""
    stash = node.config.stash
    if SERVER not in stash:
        stash[SERVER] = ServerOfARun(uuid.uuid4().hex[:8])
        node.config.maxa_server_url = stash[SERVER].start()
    node.workerinput["maxa_server"] = (node.config.maxa_server_url, stash[SERVER].prefix)


def pytest_unconfigure(config: pytest.Config) -> None:
    if SERVER in config.stash:
        config.stash[SERVER].stop()


@pytest.fixture(scope="session")
def database_server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DatabaseServer]:
    """The run's PostgreSQL, with the migrated template in it."""
    config = request.config
    if (shared := getattr(config, "workerinput", None)) is not None:
        url, prefix = shared["maxa_server"]
        server = DatabaseServer(url, prefix, shared["workerid"])
        lock = tmp_path_factory.getbasetemp().parent / "maxa-template.lock"
    else:
        config.stash[SERVER] = ServerOfARun(uuid.uuid4().hex[:8])
        server = DatabaseServer(config.stash[SERVER].start(), config.stash[SERVER].prefix)
        lock = tmp_path_factory.getbasetemp() / "maxa-template.lock"
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        server.make_template()
    yield server
    server.close(everything=False)


@pytest.fixture
def database_url(database_server: DatabaseServer) -> Iterator[str]:
    """URL of a migrated database that is this test's own; commit as you like."""
    name = database_server.create(template=database_server.template)
    yield database_server.url_of(name)
    database_server.spend(name)


@pytest.fixture
def empty_database_url(database_server: DatabaseServer) -> Iterator[str]:
    """URL of a database without any tables."""
    name = database_server.create()
    yield database_server.url_of(name)
    database_server.spend(name)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An engine on a migrated database that is this test's own."""
    engine = make_engine(database_url, name="test")
    yield engine
    engine.dispose()


@pytest.fixture
def home() -> Iterator[Path]:
    """A MAXA_HOME of the test's own: a short path that the embedded server's user can reach."""
    folder = short_folder()
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def settings_for(home: Path) -> Callable[..., Settings]:
    """``settings_for(access="open", port=0…)``: settings as the environment would give them, over :func:`home`."""

    def build(**over: Any) -> Settings:
        given = {"home": home, **over}
        return read_settings({f"MAXA_{name.upper()}": str(value) for name, value in given.items() if value is not None})

    return build


@pytest.fixture
def empty_registry(database_server: DatabaseServer) -> Iterator[Engine]:
    """A second migrated registry, beside :func:`engine`."""
    name = database_server.create(template=database_server.template)
    engine = make_engine(database_server.url_of(name), name="test")
    yield engine
    engine.dispose()
    database_server.spend(name)


@pytest.fixture
def free_port() -> int:
    """A port that nobody listens on; below those that the kernel gives to outgoing connections of other tests."""
    while True:
        port = random.randrange(10_000, 32_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


@pytest.fixture(autouse=True)
def fresh_logging() -> Iterator[None]:
    """An app that a test makes configures logging for the whole process: the next test must not inherit its level."""
    level = logging.getLogger().level
    structlog.reset_defaults()
    yield
    structlog.reset_defaults()
    logging.getLogger().setLevel(level)
