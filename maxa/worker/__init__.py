"""Long work at the centre: importing, sealing, publishing at a set time. One worker a registry, resumed after a crash.

Jobs are procrastinate's, on PostgreSQL itself. Each is idempotent: what a kill -9 broke off is found in the registry
at the next start (submissions in ``importing``, publications not yet on the shelf) and finished.
"""

from __future__ import annotations

import asyncio
import functools
import logging
import os
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import procrastinate
import structlog
from sqlalchemy import Connection, Engine, select, text

from maxa.collecting_requests import collect_requests
from maxa.errors import MaxaError, WrongState
from maxa.made import make_marked
from maxa.projection import project_missed_clients
from maxa.queue import LANES, defer  # noqa: F401 - had from here by whoever knows the worker
from maxa.registry import actions
from maxa.registry.actions.imports import MOST_ATTEMPTS
from maxa.registry.actions.jobs import note_failure
from maxa.registry.actions.looking import look_at
from maxa.registry.engine import current_and_head, make_engine
from maxa.registry.models import State, Submission
from maxa.registry.transaction import Lock, is_held, session_lock, transaction
from maxa.requests.spool import Spool
from maxa.settings import Settings
from maxa.shelf.seal import project_shelf
from maxa.shelf.signing import try_to_sign
from maxa.work_folders import sweep
from maxa.worker.collecting_usage import collect_usage

log = structlog.get_logger("maxa.worker")

_WATCH_SECONDS = 5.0
jobs = procrastinate.Blueprint()
Job = Callable[..., None]


@dataclass(frozen=True, slots=True)
class Centre:
    """What a job needs: the registry and the settings."""

    engine: Engine
    url: str
    settings: Settings


def jobs_app(connector: procrastinate.BaseConnector) -> procrastinate.App:
    """The procrastinate app over a connector; tasks are named ``centre:<name>``."""
    app = procrastinate.App(connector=connector)
    app.add_tasks_from(jobs, namespace="centre")
    return app


def telling(job: Job) -> Job:
    """What goes wrong in a job is noted for the desk's page of jobs, and is raised as it was."""

    @functools.wraps(job)
    def told(context: procrastinate.JobContext, *positional: object, **named: object) -> None:
        centre: Centre = context.additional_context["centre"]
        try:
            job(context, *positional, **named)
        except Exception as error:
            with suppress(Exception):  # a registry that is gone can't be told
                note_failure(centre.engine, job_id=context.job.id or 0, task=context.job.task_name, error=error)
            raise

    return told


@jobs.task(
    name="import_submission",
    pass_context=True,
    retry=procrastinate.RetryStrategy(max_attempts=MOST_ATTEMPTS + 1, wait=5),
    lock=LANES["import_submission"],
)
@telling
def import_submission(context: procrastinate.JobContext, submission_id: int) -> None:
    """Import one received submission; one that is no longer to be imported, or is being imported elsewhere, is left."""
    centre: Centre = context.additional_context["centre"]
    try:
        state = actions.import_submission(
            centre.engine, submission_id=submission_id, workdir=centre.settings.work,
            memory=centre.settings.import_memory, seconds=centre.settings.import_seconds,
        )  # fmt: skip
    except WrongState as error:
        log.info("import skipped", submission=submission_id, why=str(error))
    else:
        log.info("imported", submission=submission_id, state=str(state))


@jobs.task(name="look_at_workbook", pass_context=True, lock=LANES["look_at_workbook"])
@telling
def look_at_workbook(context: procrastinate.JobContext, file_id: int) -> None:
    """Look at a workbook that was sent in, for the page where its columns are mapped by hand."""
    centre: Centre = context.additional_context["centre"]
    look_at(
        centre.engine, file_id=file_id, workdir=centre.settings.work,
        memory=centre.settings.import_memory, seconds=centre.settings.import_seconds,
    )  # fmt: skip


@jobs.task(name="mark_workbook", pass_context=True, lock=LANES["mark_workbook"])
@telling
def mark_workbook(context: procrastinate.JobContext, file_id: int) -> None:
    """Give a workbook back with its faulty cells marked, for the page that waits for it."""
    centre: Centre = context.additional_context["centre"]
    make_marked(centre.engine, centre.settings, file_id=file_id)


@jobs.task(name="project", pass_context=True, queueing_lock="project", lock=LANES["project"])
@telling
def project(context: procrastinate.JobContext) -> None:
    """Bring the shelf up to the registry's publications."""
    centre: Centre = context.additional_context["centre"]
    show(centre)


@jobs.periodic(cron="* * * * *")
@jobs.task(name="publish_due", pass_context=True, queueing_lock="publish_due", lock=LANES["publish_due"])
@telling
def publish_due(context: procrastinate.JobContext, timestamp: int) -> None:
    """Each minute: publish what was approved for a time that has come."""
    publish_and_show(context.additional_context["centre"])


@jobs.periodic(cron="* * * * *")
@jobs.task(name="receive_requests", pass_context=True, queueing_lock="receive_requests", lock=LANES["receive_requests"])
@telling
def receive_requests(context: procrastinate.JobContext, timestamp: int) -> None:
    """Each minute: take up the requests that readers received, and show how each stands."""
    take_up_requests(context.additional_context["centre"])


@jobs.periodic(cron="17 * * * *")
@jobs.task(name="renew_signatures", pass_context=True, queueing_lock="renew_signatures", lock=LANES["renew_signatures"])
@telling
def renew_signatures(context: procrastinate.JobContext, timestamp: int) -> None:
    """Each hour: sign what is not signed yet, and renew long before it expires."""
    try_to_sign(context.additional_context["centre"].settings)


@jobs.periodic(cron="* * * * *")
@jobs.task(name="add_up_usage", pass_context=True, queueing_lock="add_up_usage", lock=LANES["add_up_usage"])
@telling
def add_up_usage(context: procrastinate.JobContext, timestamp: int) -> None:
    """Each minute: carry over what the readers have counted."""
    centre: Centre = context.additional_context["centre"]
    collect_usage(centre.engine, centre.settings.usage)


@jobs.periodic(cron="* * * * *")
@jobs.task(name="project_clients", pass_context=True, queueing_lock="project_clients", lock=LANES["project_clients"])
@telling
def project_clients(context: procrastinate.JobContext, timestamp: int) -> None:
    """Each minute: bring the clients file up to the registry, where a command or a page failed at it."""
    tell_the_readers_of_clients(context.additional_context["centre"])


def tell_the_readers_of_clients(centre: Centre) -> None:
    try:
        if project_missed_clients(centre.engine, centre.settings):
            log.info("clients written")
    except (OSError, MaxaError) as error:
        log.error("the clients file can't be written", why=str(error))


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


def recover(centre: Centre) -> list[int]:
    """Finish what a killed process began: publish what is due, project the shelf and the clients file, collect requests
    and usage.

    Returns the submissions whose import is to be queued anew.
    """
    publish_and_show(centre)
    try_to_sign(centre.settings)
    take_up_requests(centre, whole=True)
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
