"""What the worker does at its start and again and again, whoever asks for it."""

from __future__ import annotations

from dataclasses import dataclass

import structlog
from sqlalchemy import Engine

from maxa.collecting_requests import collect_requests
from maxa.errors import MaxaError
from maxa.projection import project_missed_clients
from maxa.registry import actions
from maxa.requests.spool import Spool
from maxa.settings import Settings
from maxa.shelf.seal import project_shelf
from maxa.shelf.signing import try_to_sign

log = structlog.get_logger("maxa.worker")


@dataclass(frozen=True, slots=True)
class Centre:
    """What a job needs: the registry and the settings."""

    engine: Engine
    url: str
    settings: Settings


def publish_and_show(centre: Centre) -> None:
    """Publish what is due, and put everything published on the shelf."""
    for submission_id, result in actions.publish_due(centre.engine):
        if isinstance(result, Exception):
            log.warning("not published", submission=submission_id, why=str(result) or type(result).__name__)
        else:
            log.info("published", submission=submission_id, serial=result.serial)
    show(centre)


def take_up_requests(centre: Centre, *, whole: bool = False) -> None:
    spool = Spool(centre.settings.requests)
    try:
        collect_requests(centre.engine, spool, whole=whole)
        spool.sweep()
    except OSError as error:
        log.error("requests can't be read or shown", why=str(error))


def show(centre: Centre) -> None:
    serials = project_shelf(centre.engine, centre.settings.shelf)
    if serials:
        log.info("on the shelf", serials=serials)
        try_to_sign(centre.settings)


def tell_the_readers_of_clients(centre: Centre) -> None:
    try:
        if project_missed_clients(centre.engine, centre.settings):
            log.info("clients written")
    except (OSError, MaxaError) as error:
        log.error("the clients file can't be written", why=str(error))
