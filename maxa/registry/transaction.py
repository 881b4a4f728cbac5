"""One way into the database for every write: a transaction, and the locks that put writers in one order."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum

import structlog
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.orm import Session

from maxa.errors import Unavailable

log = structlog.get_logger("maxa.registry")

_LOCK_SPACE = 0x4D41  # "MA": keeps our advisory locks apart from others'


class Lock(IntEnum):
    """Advisory locks. PUBLISH orders publications; SHELF lets one process project at a time; WORKER is held by the
    worker while it lives, so that others know whether to seal inline; ACCOUNTS keeps changes of accounts one after the
    other, so that an administrator is always left."""

    PUBLISH = 1
    SHELF = 2
    WORKER = 3
    ACCOUNTS = 4


def _unavailable() -> Unavailable:
    return Unavailable(
        "پایگاه داده در دسترس نیست یا پاسخ نمی‌دهد؛ کمی بعد دوباره بکوشید. سرویس‌های خواندنی کار می‌کنند.",
        "The database is unavailable or does not answer; try again shortly. The reading services go on working.",
    )


@contextmanager
def transaction(engine: Engine, *, lock: Lock | None = None) -> Iterator[Session]:
    """A session whose block is one transaction. Raises :class:`Unavailable` when PostgreSQL is gone or too busy."""
    try:
        with Session(engine, expire_on_commit=False) as session, session.begin():
            if lock is not None:
                session.execute(text("SELECT pg_advisory_xact_lock(:space, :key)"), {"space": _LOCK_SPACE, "key": lock})
            yield session
    except (OperationalError, InterfaceError) as error:
        log.warning("the registry does not answer", why=str(error.orig)[:300])
        raise _unavailable() from error
    except DBAPIError as error:
        if error.connection_invalidated:
            log.warning("the registry went away", why=str(error.orig)[:300])
            raise _unavailable() from error
        raise


def hold(session: Session, key: str) -> None:
    """Until the transaction ends, nobody else goes on who holds the same ``key``: what a row that is not there yet can't
    be locked for."""
    session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": key})


def read_whole_lists(session: Session) -> None:
    """For the rest of the transaction, join lists by hashing. Freshly loaded rows have no statistics yet, and the
    planner would loop over a hundred thousand of them for each of a hundred thousand others."""
    session.execute(text("SET LOCAL enable_nestloop = off"))


@contextmanager
def session_lock(connection: Connection, lock: int, *, wait: bool) -> Iterator[bool]:
    """Hold a lock for the block on this connection; yields whether it was had (always, with ``wait``).

    Raises :class:`Unavailable` when the database is gone, or the lock was not to be had in time.
    """
    key = int(lock)
    function = "pg_advisory_lock" if wait else "pg_try_advisory_lock"
    try:
        answer = connection.scalar(text(f"SELECT {function}(:space, :key)"), {"space": _LOCK_SPACE, "key": key})
    except (OperationalError, InterfaceError) as error:
        raise _unavailable() from error
    had = wait or bool(answer)
    try:
        yield had
    finally:
        if had and not connection.invalidated and not connection.closed:
            connection.rollback()
            connection.execute(text("SELECT pg_advisory_unlock(:space, :key)"), {"space": _LOCK_SPACE, "key": key})
            connection.commit()


def is_held(session: Session, lock: Lock) -> bool:
    """Whether some process holds a lock, without trying to take it."""
    return bool(
        session.scalar(
            text(
                "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid = :space"
                " AND objid = :key AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))"
            ),
            {"space": _LOCK_SPACE, "key": int(lock)},
        )
    )


def import_lock(submission_id: int) -> int:
    """Key of the lock that one importer of a submission holds; far from the fixed locks."""
    return 1_000_000 + submission_id % 1_000_000_000
