"""Requests that readers left on the disk into the registry, and how each stands back to the disk. In this order, so that a
kill at any moment loses nothing: registry, state, and only then is what was received forgotten."""

from __future__ import annotations

from itertools import islice

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, StatementError

from maxa.registry.actions.requests import show_requests, take_up_request
from maxa.requests.spool import Spool

log = structlog.get_logger("maxa.requests")


def collect_requests(engine: Engine, spool: Spool, *, most: int | None = None, whole: bool = False) -> list[str]:
    """Safe to be called by several at a time, and again after a kill; of those that wait ``most``, the oldest. With
    ``whole``, states that were lost or came from an older backup are written anew. Returns the tracking numbers of what is
    new."""
    collected, new = [], []
    for record in islice(spool.waiting(), most):
        tracking = str(record["tracking"])
        try:
            is_new = take_up_request(engine, record=record)
        except (KeyError, TypeError, ValueError, AttributeError, StatementError) as error:
            # edited by hand, or not ours
            if not _is_of_the_file(error):
                raise
            spool.set_aside(tracking)
            continue
        if is_new:
            new.append(tracking)
        collected.append(tracking)
    show_requests(engine, write=spool.show, most=most, held=spool.shown if whole else None)
    for tracking in collected:
        spool.forget(tracking)
    if new:
        log.info("requests taken up", tracking=new)
    return new


def _is_of_the_file(error: Exception) -> bool:
    """Whether it is the request that can't be taken up. A registry that is read-only, or lacks a right or a table, refuses
    all of them, and none is to be set aside for that."""
    return not isinstance(error, DBAPIError) or isinstance(error, DataError | IntegrityError)
