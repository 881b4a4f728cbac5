"""The way to the worker: jobs are queued by their names, so whoever queues one loads nothing of what the worker does."""

from __future__ import annotations

from typing import Any

import procrastinate
import psycopg
from psycopg_pool import PoolTimeout

from maxa.errors import Unavailable

_SECONDS = 5
# of these one waiting job is enough: each does whatever is left to do
ONE_WAITING = frozenset({"project", "publish_due"})
# Jobs of one lane are done one after the other, lanes beside each other: whoever waits for the columns or the marking of
# a workbook, or for an answer to a request, does not wait for another one's import.
REGISTRY, FILES, READERS = "registry", "files", "readers"
LANES = {
    "import_submission": REGISTRY, "project": REGISTRY, "publish_due": REGISTRY, "renew_signatures": REGISTRY,
    "look_at_workbook": FILES, "mark_workbook": FILES, "receive_requests": READERS, "add_up_usage": READERS,
    "show_requests_anew": READERS, "tidy_up": READERS, "project_clients": READERS,
}  # fmt: skip


def defer(url: str, task: str, *, once: str | None = None, **arguments: Any) -> None:
    """Queue a job for the worker; one that is queued already (``project``, or of the same ``once``) is not queued twice.

    Raises :class:`Unavailable` when the database is gone or does not answer.
    """
    app = procrastinate.App(
        connector=procrastinate.SyncPsycopgConnector(conninfo=url, min_size=1, max_size=1, timeout=_SECONDS)
    )
    lock = once or (task if task in ONE_WAITING else None)
    try:
        psycopg.connect(url, connect_timeout=_SECONDS).close()  # a pool would try for half a minute
        with app.open():
            app.configure_task(f"centre:{task}", queueing_lock=lock, lock=LANES.get(task, REGISTRY)).defer(**arguments)
    except procrastinate.exceptions.AlreadyEnqueued:
        return
    except (procrastinate.exceptions.ConnectorException, psycopg.OperationalError, PoolTimeout) as error:
        raise Unavailable(
            "کار به صف کارگر نرسید، زیرا پایگاه داده پاسخ نمی‌دهد؛ کمی بعد دوباره بکوشید.",
            "The job could not be queued: the database does not answer. Try again shortly.",
        ) from error
