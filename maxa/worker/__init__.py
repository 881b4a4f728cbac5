"""Long work at the centre: importing, sealing, publishing at a set time. One worker a registry, resumed after a crash.

Jobs are procrastinate's, on PostgreSQL itself. Each is idempotent: what a kill -9 broke off is found in the registry
at the next start (submissions in ``importing``, publications not yet on the shelf) and finished.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import threading
from contextlib import suppress

import procrastinate
import structlog
from sqlalchemy import Connection, Engine, select, text

from maxa.errors import WrongState
from maxa.queue import LANES
from maxa.registry.engine import current_and_head, make_engine
from maxa.registry.models import State, Submission
from maxa.registry.transaction import Lock, is_held, session_lock, transaction
from maxa.settings import Settings
from maxa.shelf.signing import try_to_sign
from maxa.work_folders import sweep
from maxa.worker.collecting_usage import collect_usage
from maxa.worker.duties import Centre, publish_and_show, take_up_requests, tell_the_readers_of_clients
from maxa.worker.tasks import jobs

log = structlog.get_logger("maxa.worker")

_WATCH_SECONDS = 5.0


def jobs_app(connector: procrastinate.BaseConnector) -> procrastinate.App:
    """The procrastinate app over a connector; tasks are named ``centre:<name>``."""
    app = procrastinate.App(connector=connector)
    app.add_tasks_from(jobs, namespace="centre")
    return app


def recover(centre: Centre) -> list[int]:
    """Finish what a killed process began: publish what is due, project the shelf and the clients file, collect requests
    and usage.

    Returns the submissions whose import is to be queued anew.
    """
    publish_and_show(centre)
    try_to_sign(centre.settings)
    take_up_requests(centre)
    tell_the_readers_of_clients(centre)
    collect_usage(centre.engine, centre.settings.usage)
    with transaction(centre.engine) as session:
        return list(session.scalars(select(Submission.id).where(Submission.state == State.IMPORTING)))


async def _take_up_stalled(jobs_of: procrastinate.manager.JobManager) -> None:
    """Queue anew what a killed worker was at. Of jobs with one queueing lock a single one may wait: where the next of
    them waits already, it does the same work, and the one that broke off goes."""
    for job in await jobs_of.get_stalled_jobs(seconds_since_heartbeat=0):
        try:
            await jobs_of.retry_job(job)
        except procrastinate.exceptions.UniqueViolation:
            log.info("left to the one that waits", job=job.id, task=job.task_name)
            await jobs_of.finish_job(job, procrastinate.jobs.Status.FAILED, delete_job=True)
        else:
            log.info("requeued", job=job.id, task=job.task_name)


async def _queue_imports(app: procrastinate.App, submissions: list[int]) -> None:
    """Those for which no job waits: what broke off is queued again by now."""
    waiting = await app.job_manager.list_jobs_async(task="centre:import_submission", status="todo")
    queued = {job.task_kwargs.get("submission_id") for job in waiting}
    for submission_id in sorted(set(submissions) - queued):
        await app.configure_task("centre:import_submission").defer_async(submission_id=submission_id)


async def _work(centre: Centre, resume: list[int]) -> None:
    app = jobs_app(procrastinate.PsycopgConnector(conninfo=centre.url, max_size=4))
    async with app.open_async():
        await _take_up_stalled(app.job_manager)
        await _queue_imports(app, resume)
        with suppress(procrastinate.exceptions.AlreadyEnqueued):
            await app.configure_task(
                "centre:show_requests_anew", queueing_lock="show_requests_anew", lock=LANES["show_requests_anew"]
            ).defer_async()
        log.info("worker is ready", shelf=str(centre.settings.shelf))
        await app.run_worker_async(
            additional_context={"centre": centre},
            concurrency=len(set(LANES.values())),
            delete_jobs="successful",
            shutdown_graceful_timeout=20,
        )


def _watch(connection: Connection) -> None:
    """End the process when the connection that holds the worker's lock is lost: whoever started us starts us anew."""
    stop = threading.Event()
    while not stop.wait(_WATCH_SECONDS):
        try:
            connection.execute(text("SELECT 1"))
            connection.commit()
        except Exception as error:  # noqa: BLE001 - whatever it was, the lock is gone
            log.error("the registry is gone, the worker ends", why=type(error).__name__)
            os.kill(os.getpid(), signal.SIGTERM)
            stop.set()


def run_worker(settings: Settings, url: str) -> None:
    """Work until SIGTERM or SIGINT. Raises :class:`WrongState` when another worker lives, or migrations are missing."""
    for talkative in ("alembic", "procrastinate"):
        logging.getLogger(talkative).setLevel(logging.WARNING)
    engine = make_engine(url)
    at, head = current_and_head(url)
    if at != head:
        raise WrongState(
            f"ساختار پایگاه داده ({at or 'تهی'}) آن نیست که این نسخه می‌خواهد ({head})؛ «maxa db upgrade» را اجرا کنید.",
            f"The schema ({at or 'empty'}) is not the one this version needs ({head}): run `maxa db upgrade`.",
        )
    centre = Centre(engine, url, settings)
    with engine.connect() as connection, session_lock(connection, Lock.WORKER, wait=False) as mine:
        connection.commit()
        if not mine:
            raise WrongState("کارگر دیگری در کار است.", "Another worker works for this registry already.")
        sweep(settings.work)
        resume = recover(centre)
        threading.Thread(target=_watch, args=(connection,), daemon=True, name="watch").start()
        asyncio.run(_work(centre, resume))


def worker_lives(engine: Engine) -> bool:
    with transaction(engine) as session:
        return is_held(session, Lock.WORKER)
