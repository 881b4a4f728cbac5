"""The worker as a process: it finishes what others began, works alone, and ends when told."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import procrastinate
import pytest
from psycopg_pool import PoolTimeout
from sqlalchemy import text
from sqlalchemy.engine import make_url

from maxa.access.clients import Client, client_as_dict, hash_secret, new_pid, read_clients
from maxa.cli.centre import OpenCentre
from maxa.errors import Unavailable
from maxa.queue import defer
from maxa.registry import actions
from maxa.registry.actions.imports import Workbook
from maxa.registry.jobs import failures, standing_of
from maxa.registry.transaction import Lock, session_lock, transaction
from maxa.requests.spool import Spool
from maxa.settings import PROJECT, read_settings
from maxa.worker import Centre, _queue_imports, jobs_app, recover, take_up_requests, worker_lives
from tests.lists import ADMIN, MINA, SARA, Committee, ListOf, codes, workbook
from tests.requests_of import asking

PATIENCE = 40.0


def eventually(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > deadline:
            pytest.fail(f"still not so: {what}")
        time.sleep(0.05)


def url_of(committee: Committee) -> str:
    return make_url(committee.engine.url).set(drivername="postgresql").render_as_string(hide_password=False)


@contextmanager
def running_worker(committee: Committee) -> Iterator[subprocess.Popen[bytes]]:
    environment = {
        **os.environ, "MAXA_HOME": str(committee.home), "MAXA_DATABASE_URL": url_of(committee),
    }  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-m", "maxa.worker"], env=environment, cwd=PROJECT,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=PATIENCE)
        sys.stdout.write(output.decode(errors="replace"))


def serial(committee: Committee) -> int:
    return committee.shelf.catalogue().serial


def test_it_puts_on_the_shelf_what_was_published_before_it_started(committee: Committee) -> None:
    committee.publish(ListOf("LNC", codes(a="آ")), seal=False)
    with running_worker(committee):
        eventually(lambda: serial(committee) == 1, "on the shelf")
    committee.check_invariants()


def test_it_publishes_what_came_due(committee: Committee) -> None:
    number = committee.draft(workbook(ListOf("LNC", codes(a="آ"))))
    actions.submit_for_review(committee.engine, submission_id=number, actor=SARA)
    actions.approve_submission(committee.engine, submission_id=number, actor=MINA, publish_at=datetime.now(UTC))
    with running_worker(committee):
        eventually(lambda: serial(committee) == 1, "published and on the shelf")


def test_it_takes_up_imports_that_broke_off(committee: Committee) -> None:
    number = committee.receive(Workbook("letter.xlsx", b"this is no workbook"))
    with running_worker(committee):
        eventually(
            lambda: committee.scalar("SELECT state FROM submission WHERE id = :id", id=number) == "failed", "judged"
        )
    assert committee.scalar("SELECT failure->>'code' FROM submission") == "bad-workbook"


def test_it_takes_up_requests_that_were_received_while_it_was_away(committee: Committee) -> None:
    spool = Spool(committee.home / "requests")
    number = spool.file(asking("آزمایش تازه")).tracking
    with running_worker(committee):
        eventually(lambda: (spool.find(number) or {}).get("state") == "received", "shown from the registry")
        eventually(lambda: not list(spool.waiting()), "forgotten")
    assert committee.scalar("SELECT tracking FROM code_request") == number
    (spool.states / f"{number}.json").unlink()
    with running_worker(committee):
        eventually(lambda: spool.find(number) is not None, "written anew")
    assert committee.scalar("SELECT count(*) FROM procrastinate_jobs WHERE status = 'failed'") == 0


def test_a_start_does_not_wait_until_the_state_of_every_request_was_looked_at(
    committee: Committee, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool = Spool(committee.home / "requests")
    number = spool.file(asking("آزمایش تازه")).tracking
    asked: list[str] = []
    monkeypatch.setattr(Spool, "shown", lambda _, tracking: asked.append(tracking) or 0)
    settings = read_settings({"MAXA_HOME": str(committee.home), "MAXA_DATABASE_URL": url_of(committee)})
    centre = Centre(committee.engine, url_of(committee), settings)
    assert recover(centre) == []
    assert (spool.states / f"{number}.json").exists(), "what is new is shown at once"
    assert asked == []
    take_up_requests(centre, whole=True)
    assert asked[:1] == [number]


def test_it_works_on_what_is_queued_and_a_second_worker_is_refused(committee: Committee) -> None:
    assert not worker_lives(committee.engine)
    with running_worker(committee) as first:
        eventually(lambda: worker_lives(committee.engine), "worker lives")
        with running_worker(committee) as second:
            assert second.wait(PATIENCE) == 3
        committee.publish(ListOf("LNC", codes(a="آ")), seal=False)
        defer(url_of(committee), "project")
        eventually(lambda: serial(committee) == 1, "on the shelf")
        first.send_signal(signal.SIGTERM)
        assert first.wait(PATIENCE) == 0
    assert not worker_lives(committee.engine)


def test_what_fails_is_noted_in_words_and_workbooks_are_looked_at_beside_long_work(committee: Committee) -> None:
    with running_worker(committee):
        eventually(lambda: committee.scalar("SELECT count(*) FROM procrastinate_workers") == 1, "worker is ready")
        with committee.engine.connect() as connection, session_lock(connection, Lock.SHELF, wait=True):
            defer(url_of(committee), "project")
            defer(url_of(committee), "look_at_workbook", once="look-404", file_id=404)
            eventually(
                lambda: committee.scalar("SELECT count(*) FROM audit_event WHERE action = 'job-failed'") == 1, "noted"
            )
            waits = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'centre:project'"
            assert committee.scalar(waits) == 1, "nothing is sealed while another process does so"
        eventually(lambda: committee.scalar(waits) == 0, "sealed")
    with transaction(committee.engine) as session:
        [failure] = failures(session, [standing_of(session, once="look-404").job or 0]).values()
    assert (failure["detail_fa"], failure["detail_en"]) == ("پروندهٔ 404 نیست.", "There is no file 404.")


def test_a_job_that_finds_no_connection_in_time_says_so(committee: Committee, monkeypatch: pytest.MonkeyPatch) -> None:
    def too_busy(*_: object, **__: object) -> None:
        raise PoolTimeout

    monkeypatch.setattr(procrastinate.App, "open", too_busy)
    with pytest.raises(Unavailable):
        defer(url_of(committee), "project")


def test_a_publication_that_came_with_a_later_one_is_on_the_shelf(
    committee: Committee, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker may have put others there meanwhile: whoever waits for his own does not wait for just that one."""
    for title in ("یک", "دو", "سه"):
        committee.publish(ListOf("LNC", codes(a=title)), seal=False)
    settings = read_settings({"MAXA_HOME": str(committee.home), "MAXA_DATABASE_URL": url_of(committee)})
    centre = OpenCentre(committee.engine, url_of(committee), settings, MINA)
    committee.project()
    with committee.engine.connect() as connection, session_lock(connection, Lock.WORKER, wait=False) as mine:
        assert mine, "it stands for a worker that lives"
        centre.put_on_shelf(serial=2)
        centre.put_on_shelf()
        monkeypatch.setattr("maxa.cli.centre._WORKER_PATIENCE", 0.0)
        with pytest.raises(Unavailable):
            centre.put_on_shelf(serial=4)


def test_after_a_kill_the_next_worker_goes_on(committee: Committee) -> None:
    with running_worker(committee) as worker:
        eventually(lambda: worker_lives(committee.engine), "worker lives")
        worker.kill()
        worker.wait(PATIENCE)
    committee.publish(ListOf("LNC", codes(a="آ")), seal=False)
    with running_worker(committee):
        eventually(lambda: serial(committee) == 1, "on the shelf")
    committee.check_invariants()


def test_a_job_that_broke_off_while_the_next_of_its_kind_waits_keeps_no_worker_from_starting(
    committee: Committee,
) -> None:
    for task in ("project", "publish_due"):
        defer(url_of(committee), task, **({"timestamp": 1} if task == "publish_due" else {}))
    with committee.engine.begin() as connection:  # as a kill -9 leaves it
        connection.execute(text("UPDATE procrastinate_jobs SET status = 'doing', lock = task_name"))
    defer(url_of(committee), "project")
    assert committee.scalar("SELECT count(*) FROM procrastinate_jobs") == 3
    with running_worker(committee) as worker:
        eventually(
            lambda: committee.scalar("SELECT count(*) FROM procrastinate_jobs WHERE id <= 3") == 0, "all of it is done"
        )
        assert worker.poll() is None


def test_a_clients_file_that_can_not_be_written_keeps_no_worker_from_starting(committee: Committee) -> None:
    client = Client(client_id="noor", name="noor", secret_hash=hash_secret("x"), pid=new_pid())
    actions.add_client(committee.engine, actor=ADMIN, client_id="noor", name="noor", record=client_as_dict(client))
    given = {"MAXA_HOME": str(committee.home), "MAXA_DATABASE_URL": url_of(committee)}
    (committee.home / "in-the-way").write_text("")
    hindered = read_settings({**given, "MAXA_CLIENTS_FILE": str(committee.home / "in-the-way" / "clients.json")})
    assert recover(Centre(committee.engine, url_of(committee), hindered)) == []
    settings = read_settings(given)
    recover(Centre(committee.engine, url_of(committee), settings))
    assert [one.client_id for one in read_clients(settings.clients_file)] == ["noor"]


def test_an_import_that_waits_already_is_not_queued_again(committee: Committee) -> None:
    async def begin(submissions: list[int]) -> None:
        app = jobs_app(procrastinate.PsycopgConnector(conninfo=url_of(committee)))
        async with app.open_async():
            await _queue_imports(app, submissions)

    defer(url_of(committee), "import_submission", submission_id=2)
    asyncio.run(begin([1, 2, 3]))
    queued = "SELECT string_agg(args->>'submission_id', ' ' ORDER BY id) FROM procrastinate_jobs"
    assert committee.scalar(queued) == "2 1 3"


def test_it_looks_at_a_workbook_for_the_page_where_columns_are_mapped(committee: Committee) -> None:
    committee.receive(Workbook("letter.xlsx", b"this is no workbook"))
    file = committee.scalar("SELECT id FROM submission_file")
    for _ in range(3):  # a page that is opened again asks again
        defer(url_of(committee), "look_at_workbook", once=f"look-{file}", file_id=file)
    assert committee.scalar("SELECT count(*) FROM procrastinate_jobs") == 1
    with running_worker(committee):
        eventually(lambda: committee.scalar("SELECT count(*) FROM seen_workbook") == 1, "looked at")
    assert committee.scalar("SELECT failure IS NOT NULL OR seen->>'source' IS NULL FROM seen_workbook")
