"""The worker's jobs as people see them: how far, behind what, what went wrong; tried again, and cancelled."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from procrastinate.testing import InMemoryConnector
from sqlalchemy import text

from maxa.errors import BadWorkbook, NotAllowed, Unavailable
from maxa.queue import LANES, defer
from maxa.registry import actions
from maxa.registry.actions.imports import Workbook
from maxa.registry.actions.jobs import KEPT_DAYS, forget_old_jobs, note_failure
from maxa.registry.jobs import failures
from maxa.registry.people import Actor
from maxa.registry.transaction import Lock, session_lock, transaction
from maxa.web.desk.showing import TASKS
from maxa.worker import jobs_app
from tests.lists import ADMIN, SARA, Committee, ListOf, codes, workbook
from tests.test_worker import url_of
from tests.web.desk.conftest import Person

People = Callable[[str], Person]
HERE = "/desk/submissions/1"


def run(committee: Committee, sql: str, **values: Any) -> None:
    with committee.engine.begin() as connection:
        connection.execute(text(sql), values)


def at_work(committee: Committee, sara: Person, path: str = f"{HERE}/progress") -> str:
    """What a page says while a worker lives."""
    with committee.engine.connect() as connection, session_lock(connection, Lock.WORKER, wait=True):
        return sara.get(path).text


def a_job(committee: Committee, status: str) -> int:
    return int(committee.scalar("SELECT max(id) FROM procrastinate_jobs WHERE status::text = :status", status=status))


def fail_job(committee: Committee, number: int, error: Exception) -> None:
    run(committee, "UPDATE procrastinate_jobs SET status = 'doing' WHERE id = :id", id=number)
    run(committee, "SELECT procrastinate_finish_job_v1(:id, 'failed', false)", id=number)
    note_failure(committee.engine, job_id=number, task="centre:look_at_workbook", error=error)


def test_jobs_that_ended_badly_are_forgotten_after_a_month_and_what_waits_is_not(
    committee: Committee, person: People
) -> None:
    sara = person("sara")
    for title in ("آ", "ب", "پ", "ت"):
        sara.upload(workbook(ListOf("LNC", codes(a=title))))
    old, cancelled, new, _ = [
        int(one)
        for one in str(committee.scalar("SELECT string_agg(id::text, ' ' ORDER BY id) FROM procrastinate_jobs")).split()
    ]
    for number in (old, new):
        fail_job(committee, number, BadWorkbook("نه", "no"))
    actions.cancel_job(committee.engine, actor=ADMIN, job_id=cancelled)
    run(committee, "UPDATE procrastinate_events SET at = at - make_interval(days => :days)", days=KEPT_DAYS + 1)
    run(committee, "UPDATE procrastinate_events SET at = now() WHERE job_id = :id AND type = 'failed'", id=new)
    assert forget_old_jobs(committee.engine) == 2
    left = committee.scalar("SELECT string_agg(status::text, ' ' ORDER BY id) FROM procrastinate_jobs")
    assert left == "failed todo"
    assert sara.get("/desk/jobs").status_code == 200


def test_a_fault_that_lasts_is_noted_once_an_hour_and_told_of_each_job(committee: Committee, person: People) -> None:
    sara = person("sara")
    for title in "آبپ":
        sara.upload(workbook(ListOf("LNC", codes(a=title))))
    run(committee, "UPDATE procrastinate_jobs SET task_name = 'centre:add_up_usage'")
    noted = "SELECT count(*) FROM audit_event WHERE action = 'job-failed'"

    def fails(number: int, error: Exception, **more: Any) -> int:
        note_failure(committee.engine, job_id=number, task="centre:add_up_usage", error=error, periodic=True, **more)
        run(committee, "UPDATE procrastinate_jobs SET status = 'doing' WHERE id = :id", id=number)
        run(committee, "SELECT procrastinate_finish_job_v1(:id, 'failed', false)", id=number)
        return int(committee.scalar(noted))

    first, second, third = range(a_job(committee, "todo") - 2, a_job(committee, "todo") + 1)
    assert [fails(first, BadWorkbook("نه", "no")), fails(second, BadWorkbook("نه", "no"))] == [1, 1]
    assert fails(third, BadWorkbook("باز هم نه", "not again")) == 2
    with transaction(committee.engine) as session:
        told = failures(session, [first, second, third])
    assert [told[number]["detail_en"] for number in (first, second, third)] == ["no", "no", "not again"]
    again = datetime.now(UTC) + timedelta(hours=1)
    note_failure(
        committee.engine, job_id=third, task="centre:add_up_usage", error=BadWorkbook("باز هم نه", "not again"),
        periodic=True, now=again,
    )  # fmt: skip
    assert committee.scalar(noted) == 3


def test_every_task_of_the_worker_has_a_lane_and_a_name_for_people() -> None:
    names = {name.rpartition(":")[2] for name in jobs_app(InMemoryConnector()).tasks if name.startswith("centre:")}
    assert names == set(LANES) == set(TASKS)


def test_a_list_behind_another_says_how_many_come_before_it(committee: Committee, person: People) -> None:
    sara = person("sara")
    for title in ("آ", "ب", "پ"):
        sara.upload(workbook(ListOf("LNC", codes(a=title))))
    assert "۲ کار دیگر پیش از این" in at_work(committee, sara, "/desk/submissions/3/progress")
    assert "کار دیگر پیش از این" not in at_work(committee, sara)


def test_without_a_worker_the_page_says_that_nothing_is_lost_and_names_no_command(
    committee: Committee, person: People
) -> None:
    sara = person("sara")
    sara.upload(workbook(ListOf("LNC", codes(a="آ"))))
    for path in (HERE, f"{HERE}/progress", "/desk/jobs"):
        page = sara.get(path).text
        assert "کارگر سرور در کار نیست" in page, path
        assert "maxa worker" not in page
    assert "کارگر سرور در کار نیست" not in at_work(committee, sara)


def test_figures_of_progress_rise_and_time_goes_on(committee: Committee, person: People) -> None:
    sara = person("sara")
    sara.upload(workbook(ListOf("LNC", codes(a="آ"))))
    run(committee, "UPDATE procrastinate_jobs SET status = 'doing'")
    shown = []
    for done in (10, 40, 90):
        run(
            committee,
            "UPDATE submission SET attempts = 1, progress = jsonb_build_object('stage', 'read', 'done', :done ::int,"
            " 'total', 200, 'since', extract(epoch FROM now()) - :done)",
            done=done,
        )
        page = at_work(committee, sara)
        assert "از نو آغاز شد" not in page
        shown.append(re.findall(r">([۰-۹]+)(?:٪| ثانیه)<", page))
    assert shown == [["۵", "۱۰"], ["۲۰", "۴۰"], ["۴۵", "۹۰"]]


def test_an_import_tells_how_far_it_is(committee: Committee, monkeypatch: pytest.MonkeyPatch, person: People) -> None:
    """What the importer reports is what whoever watches reads."""
    import maxa.registry.actions.imports as imports

    told: list[dict[str, Any]] = []
    own = imports.importers.extract

    def slow(path: Path, *, progress: Callable[[int, int], None], **options: Any) -> Any:
        for done in (1, 2, 3):
            progress(done, 3)
            told.append(committee.scalar("SELECT progress FROM submission"))
        return own(path, **options)

    monkeypatch.setattr(imports, "_TELL_EVERY", 0.0)
    monkeypatch.setattr(imports.importers, "extract", slow)
    committee.draft(workbook(ListOf("LNC", codes(a="آ"))))
    assert [one["done"] for one in told] == [1, 2, 3]
    assert len({one["since"] for one in told}) == 1


def test_a_worker_that_was_killed_in_the_middle_is_told_before_and_after_it_is_back(
    committee: Committee, person: People
) -> None:
    sara = person("sara")
    sara.upload(workbook(ListOf("LNC", codes(a="آ"))))
    run(committee, "UPDATE procrastinate_jobs SET status = 'doing'")
    run(committee, "UPDATE submission SET attempts = 1")
    assert "در میانهٔ کار ایستاد" in sara.get(f"{HERE}/progress").text
    run(committee, "UPDATE procrastinate_jobs SET status = 'todo'")
    defer(url_of(committee), "import_submission", submission_id=1)  # as a worker does at its start
    page = at_work(committee, sara)
    assert "کار دیگر پیش از این" not in page
    assert "در نوبت کارگر" in page
    assert "از نو آغاز شد (بار ۲ از ۳)" in page


def test_what_went_wrong_in_a_job_is_told_in_words_and_it_can_be_tried_again(
    committee: Committee, person: People
) -> None:
    sara = person("sara")
    sara.upload(workbook(ListOf("LNC", codes(a="آ"))))
    defer(url_of(committee), "look_at_workbook", once="look-1", file_id=1)
    number = a_job(committee, "todo")
    fail_job(committee, number, OSError(28, "No space left on device"))
    page = sara.told("/desk/jobs")
    for told in ("دیدن ستون‌های کارپوشه", "ناموفق", "دیسک سرور نگذاشت (No space left on device)", "فهرست ۱"):
        assert told in page
    assert "Traceback" not in page
    vida = person("vida")
    assert vida.post(f"/desk/jobs/{number}/retry", on="/desk/sessions").status_code == 403
    sara.post(f"/desk/jobs/{number}/retry", on="/desk/jobs")
    assert "کار دوباره به صف رفت" in sara.told("/desk/jobs")
    assert committee.scalar("SELECT status::text FROM procrastinate_jobs WHERE id = :id", id=number) == "todo"
    sara.post(f"/desk/jobs/{number}/retry", on="/desk/jobs")
    assert "ناموفق نیست" in sara.told("/desk/jobs")
    assert committee.scalar("SELECT count(*) FROM audit_event WHERE action = 'retry-job' AND actor = 'sara'") == 1


def test_the_same_job_is_not_queued_twice_by_trying_again(committee: Committee, person: People) -> None:
    defer(url_of(committee), "look_at_workbook", once="look-1", file_id=1)
    number = a_job(committee, "todo")
    fail_job(committee, number, Unavailable("نیست", "gone"))
    defer(url_of(committee), "look_at_workbook", once="look-1", file_id=1)
    sara = person("sara")
    sara.post(f"/desk/jobs/{number}/retry", on="/desk/jobs")
    assert "همین کار در صف است" in sara.told("/desk/jobs")


def test_an_import_that_waits_is_cancelled_with_its_list(committee: Committee, person: People) -> None:
    sara, mina = person("sara"), person("mina")
    sara.upload(workbook(ListOf("LNC", codes(a="آ"))))
    number = a_job(committee, "todo")
    sara.post(f"/desk/jobs/{number}/cancel", on="/desk/jobs")
    assert "کار لغو شد" in sara.told("/desk/jobs")
    assert "ردشده" in sara.told(HERE)
    assert "لغوشده" in mina.told("/desk/jobs")
    sara.post(f"/desk/jobs/{number}/cancel", on="/desk/jobs")
    assert "دیگر در صف نیست" in sara.told("/desk/jobs")
    assert committee.scalar("SELECT count(*) FROM audit_event WHERE action = 'cancel-job'") == 1


@pytest.mark.parametrize("other", ["doing", "todo"])
def test_of_two_imports_of_a_list_one_is_cancelled_and_the_list_stays(
    committee: Committee, person: People, other: str
) -> None:
    sara = person("sara")
    sara.upload(workbook(ListOf("LNC", codes(a="آ"))))
    first = a_job(committee, "todo")
    defer(url_of(committee), "import_submission", submission_id=1)
    second = a_job(committee, "todo")
    run(committee, "UPDATE procrastinate_jobs SET status = CAST(:to AS procrastinate_job_status) WHERE id = :id",
        to=other, id=first)  # fmt: skip
    sara.post(f"/desk/jobs/{second}/cancel", on="/desk/jobs")
    assert committee.scalar("SELECT status::text FROM procrastinate_jobs WHERE id = :id", id=second) == "cancelled"
    assert committee.scalar("SELECT state FROM submission") == "importing"


def test_to_cancel_what_is_left_of_an_import_leaves_the_draft_that_it_made(
    committee: Committee, person: People
) -> None:
    sara = person("sara")
    number = committee.draft(workbook(ListOf("LNC", codes(a="آ"))))
    defer(url_of(committee), "import_submission", submission_id=number)
    sara.post(f"/desk/jobs/{a_job(committee, 'todo')}/cancel", on="/desk/jobs")
    assert "کار لغو شد" in sara.told("/desk/jobs")
    assert committee.scalar("SELECT state FROM submission") == "draft"


def test_whoever_may_not_reject_a_list_does_not_cancel_its_import(committee: Committee, person: People) -> None:
    person("sara").upload(workbook(ListOf("LNC", codes(a="آ"))))
    number = a_job(committee, "todo")
    other = Actor("other", frozenset({"importer"}))
    with pytest.raises(NotAllowed):
        actions.cancel_job(committee.engine, actor=other, job_id=number)
    assert committee.scalar("SELECT status::text FROM procrastinate_jobs") == "todo"
    assert committee.scalar("SELECT state FROM submission") == "importing"


def test_who_imports_does_not_cancel_what_publishes(committee: Committee, person: People) -> None:
    defer(url_of(committee), "project")
    number = a_job(committee, "todo")
    sara, mina = person("sara"), person("mina")
    assert "لغو کن" not in sara.told("/desk/jobs")
    assert sara.post(f"/desk/jobs/{number}/cancel", on="/desk/sessions").status_code == 403
    mina.post(f"/desk/jobs/{number}/cancel", on="/desk/jobs")
    assert committee.scalar("SELECT status::text FROM procrastinate_jobs WHERE id = :id", id=number) == "cancelled"


def test_a_list_that_failed_is_imported_again_by_a_button(
    committee: Committee, person: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    sara = person("sara")
    number = committee.draft(Workbook("list.json", b"nothing"))
    assert "از نو وارد کن" in sara.told(HERE)
    sara.post(f"{HERE}/again", on=HERE)
    page = sara.told(HERE)
    assert "در نوبت کارگر" in page
    assert "از نو آغاز شد" not in page, "it is not the worker that was killed"
    assert committee.scalar("SELECT count(*) FROM procrastinate_jobs") == 1
    actions.import_submission(committee.engine, submission_id=number, workdir=committee.home / "work")
    assert committee.scalar("SELECT state FROM submission") == "failed"
    assert "وارد کردن از نو" in person("root").told("/desk/audit")


def test_a_list_that_failed_is_not_imported_beside_the_same_one(committee: Committee, person: People) -> None:
    committee.draft(Workbook("list.json", b"nothing"))
    committee.receive(Workbook("list.json", b"nothing"))
    sara = person("sara")
    sara.post(f"{HERE}/again", on=HERE)
    assert "در فهرست 2 هست" in sara.told(HERE)
    assert committee.scalar("SELECT state FROM submission WHERE id = 1") == "failed"
    actions.reject_submission(committee.engine, submission_id=2, actor=SARA, reason="دوباره")
    actions.retry_import(committee.engine, submission_id=1, actor=ADMIN)
    assert committee.scalar("SELECT state FROM submission WHERE id = 1") == "importing"
