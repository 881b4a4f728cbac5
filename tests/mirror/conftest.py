from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from tests.mirror.world import Centre, Mirror, Server, serving


@pytest.fixture(autouse=True)
def quiet() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


@pytest.fixture
def centre(tmp_path: Path) -> Centre:
    return Centre(tmp_path / "centre")


@pytest.fixture
def server(centre: Centre) -> Iterator[Server]:
    with serving(centre.folder) as server:
        yield server


@pytest.fixture
def mirror(centre: Centre, server: Server, tmp_path: Path) -> Mirror:
    """A mirror that trusts the centre and has synced nothing yet."""
    return Mirror(tmp_path / "mirror").init(centre, server.url)
