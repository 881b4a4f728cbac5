"""The worker's tasks, as procrastinate runs them: on demand, and at their times. Each is idempotent."""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextlib import suppress

import procrastinate
import structlog

from maxa.errors import WrongState
from maxa.made import make_marked
from maxa.queue import LANES
from maxa.registry import actions
from maxa.registry.actions.imports import MOST_ATTEMPTS
from maxa.registry.actions.jobs import forget_old_jobs, note_failure
from maxa.registry.actions.looking import look_at
from maxa.shelf.signing import try_to_sign
from maxa.worker.collecting_usage import collect_usage
from maxa.worker.duties import Centre, publish_and_show, show, take_up_requests, tell_the_readers_of_clients

log = structlog.get_logger("maxa.worker")

jobs = procrastinate.Blueprint()
Job = Callable[..., None]


def telling(job: Job) -> Job:
    """What goes wrong in a job is noted for the desk's page of jobs, and is raised as it was."""

    @functools.wraps(job)
    def told(context: procrastinate.JobContext, *positional: object, **named: object) -> None:
        centre: Centre = context.additional_context["centre"]
        try:
            job(context, *positional, **named)
        except Exception as error:
            with suppress(Exception):  # a registry that is gone can't be told
                note_failure(
                    centre.engine, job_id=context.job.id or 0, task=context.job.task_name, error=error,
                    periodic="timestamp" in named,
                )  # fmt: skip
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


@jobs.task(name="show_requests_anew", pass_context=True, queueing_lock="show_requests_anew",
           lock=LANES["show_requests_anew"])  # fmt: skip
@telling
def show_requests_anew(context: procrastinate.JobContext) -> None:
    """Write the states of requests that were lost, or came from an older backup; of all there are, so not at each minute."""
    take_up_requests(context.additional_context["centre"], whole=True)


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


@jobs.periodic(cron="43 * * * *")
@jobs.task(name="tidy_up", pass_context=True, queueing_lock="tidy_up", lock=LANES["tidy_up"])
@telling
def tidy_up(context: procrastinate.JobContext, timestamp: int) -> None:
    """Each hour: remove what nobody asks for any more."""
    centre: Centre = context.additional_context["centre"]
    forget_old_jobs(centre.engine)


@jobs.periodic(cron="* * * * *")
@jobs.task(name="project_clients", pass_context=True, queueing_lock="project_clients", lock=LANES["project_clients"])
@telling
def project_clients(context: procrastinate.JobContext, timestamp: int) -> None:
    """Each minute: bring the clients file up to the registry, where a command or a page failed at it."""
    tell_the_readers_of_clients(context.additional_context["centre"])
