"""One way into the database for every write: a transaction, and the locks that put writers in one order."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.orm import Session

from maxa.errors import Unavailable

_LOCK_SPACE = 0x4D41  # "MA": keeps our advisory locks apart from others'


class Lock(IntEnum):
    """Advisory locks. PUBLISH orders publications; SHELF lets one process project at a time; WORKER is held by the
    worker while it lives, so that others know whether to seal inline."""

    PUBLISH = 1
    SHELF = 2
    WORKER = 3


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
        raise _unavailable() from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise _unavailable() from error
        raise


def read_whole_lists(session: Session) -> None:
    """For the rest of the transaction, join lists by hashing. Freshly loaded rows have no statistics yet, and the
    planner would loop over a hundred thousand of them for each of a hundred thousand others."""
    session.execute(text("SET LOCAL enable_nestloop = off"))


@contextmanager
def session_lock(connection: Connection, lock: int, *, wait: bool) -> Iterator[bool]:
    """Hold a lock for the block on this connection; yields whether it was had (always, with ``wait``)."""
    key = int(lock)
    if wait:
        connection.execute(text("SELECT pg_advisory_lock(:space, :key)"), {"space": _LOCK_SPACE, "key": key})
        had = True
    else:
        had = bool(
            connection.scalar(text("SELECT pg_try_advisory_lock(:space, :key)"), {"space": _LOCK_SPACE, "key": key})
        )
    try:
        yield had
    finally:
        if had and not connection.invalidated and not connection.closed:
            connection.rollback()
            connection.execute(text("SELECT pg_advisory_unlock(:space, :key)"), {"space": _LOCK_SPACE, "key": key})
            connection.commit()


def import_lock(submission_id: int) -> int:
    """Key of the lock that one importer of a submission holds; far from the fixed locks."""
    return 1_000_000 + submission_id % 1_000_000_000
