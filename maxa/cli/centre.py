"""What verbs that write share: the registry opened for the command, the actor, and putting changes on the shelf."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click
from sqlalchemy import Engine, func, select

from maxa.cli.output import complain
from maxa.errors import SettingsError, Unavailable
from maxa.projection import project_clients
from maxa.registry.embedded import registry_url
from maxa.registry.engine import make_engine, upgrade
from maxa.registry.models import Publication, Shelving
from maxa.registry.people import Actor, actor_named
from maxa.registry.transaction import transaction
from maxa.settings import Settings, read_settings
from maxa.shelf.seal import project_shelf
from maxa.shelf.signing import try_to_sign
from maxa.worker import defer, worker_lives

_WORKER_PATIENCE = 600.0
_LOOK_EVERY = 0.2


@dataclass(frozen=True, slots=True)
class OpenCentre:
    """The registry for the length of one command, and in whose name it acts."""

    engine: Engine
    url: str
    settings: Settings
    actor: Actor

    @property
    def workdir(self) -> Path:
        return self.settings.work

    def put_on_shelf(self, say: Callable[[str], None] = lambda _: None, *, serial: int | None = None) -> None:
        """Seal what was published: by the worker where one lives (and wait until ``serial`` is visible; default: all that
        is published now), else here."""
        if not worker_lives(self.engine):
            project_shelf(self.engine, self.settings.shelf, say=say)
            self.sign()
            return
        defer(self.url, "project")
        deadline = time.monotonic() + _WORKER_PATIENCE
        while time.monotonic() < deadline:
            with transaction(self.engine) as session:
                if serial is None:
                    serial = session.scalar(select(func.max(Publication.serial))) or 0
                shown = session.scalar(select(func.max(Shelving.serial))) or 0
            if shown >= serial:
                return
            say("seal")
            time.sleep(_LOOK_EVERY)
        raise Unavailable(
            "منتشر شد، ولی کارگر هنوز آن را در قفسه نگذاشته است؛ گزارش آن را ببینید.",
            "It is published, but the worker has not put it on the shelf yet: look into its log.",
        )

    def sign(self) -> None:
        """Sign the shelf for mirrors; what hinders it is told, and does not undo what was published."""
        problem = try_to_sign(self.settings)
        if problem is not None:
            complain(problem)

    def project_clients(self) -> None:
        """Write the clients file that readers check tokens against."""
        project_clients(self.engine, self.settings)


@contextmanager
def open_centre(ctx: click.Context) -> Iterator[OpenCentre]:
    """The registry, migrated, for the block. Raises on a mirror, which has none."""
    settings = read_settings()
    if settings.role == "mirror":
        raise SettingsError(
            "این سرور آینه است و پایگاه داده ندارد؛ این کار در مرکز شدنی است.",
            "This server is a mirror and has no registry: do this at the centre.",
        )
    with registry_url(settings) as url:
        upgrade(url)
        engine = make_engine(url)
        try:
            with transaction(engine) as session:
                actor = actor_named(session, ctx.obj)
            yield OpenCentre(engine, url, settings, actor)
        finally:
            engine.dispose()
