"""Columns that nobody knows: a real workbook is looked at, mapped by hand, imported again, and the mapping is remembered."""

from __future__ import annotations

import io
import os
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook as Book
from openpyxl import load_workbook
from sqlalchemy import Engine, text

from maxa.errors import BadWorkbook
from maxa.made import folder_of, make_marked, prune
from maxa.registry import actions
from maxa.registry.actions.imports import Workbook
from maxa.registry.actions.looking import look_at
from maxa.settings import PROJECT, Settings
from tests.lists import Committee
from tests.web.desk.conftest import Person, text_of

People = Callable[[str], Person]


@pytest.fixture
def committee(engine: Engine, home: Path) -> Committee:
    """With the importers as they are."""
    return Committee(engine, home)


def workbook(*rows: tuple[object, ...]) -> Workbook:
    book = Book()
    for row in rows:
        book.active.append(row)  # type: ignore[union-attr]
    content = io.BytesIO()
    book.save(content)
    return Workbook("بخش‌ها.xlsx", content.getvalue())


ROWS = [("کد", "آنچه می‌گوییم", "<b>یادداشت</b>")] + [(n, f"بخش {n}", "—") for n in range(1, 9)]


def look(committee: Committee) -> int:
    """What the worker does for the page; gives the file."""
    number = int(committee.scalar("SELECT max(id) FROM submission_file"))
    look_at(committee.engine, file_id=number, workdir=committee.home / "work")
    return number


def imported(committee: Committee, number: int) -> None:
    actions.import_submission(committee.engine, submission_id=number, workdir=committee.home / "work")


def states(committee: Committee) -> list[str]:
    with committee.engine.connect() as connection:
        return list(connection.scalars(text("SELECT state FROM submission ORDER BY id")))


def test_unknown_columns_are_mapped_with_a_preview_and_remembered(committee: Committee, person: People) -> None:
    sara = person("sara")
    sara.upload(workbook(*ROWS), terminology="thritaEHR.WardType")
    imported(committee, 1)
    here = f"/desk/submissions/1/columns/{committee.scalar('SELECT max(id) FROM submission_file')}"
    assert "کارگر کارپوشه را نگاه می‌کند" in sara.told(here)
    assert sara.get(f"{here}/ready").status_code == 204
    assert "centre:look_at_workbook" in committee.scalar("SELECT string_agg(task_name, ' ') FROM procrastinate_jobs")
    look(committee)
    assert sara.get(f"{here}/ready").headers["HX-Refresh"] == "true"
    page = sara.told(f"{here}?source=generic")
    for told in ("آنچه می‌گوییم", "بخش 1", "ناشناخته", "title_fa"):
        assert told in page
    assert "<b>یادداشت" not in sara.get(f"{here}?source=generic").text
    columns = re.findall(r'name="field-(\d+)" aria-label="[^"]*?([A-Z]+)"', sara.get(f"{here}?source=generic").text)
    assert columns == [("0", "A"), ("1", "B"), ("2", "C")]
    sent = sara.post(here, {"source": "generic", "field-1": "title_fa", "field-2": "-"}, on=here)
    assert sent.location == "/desk/submissions/2"
    imported(committee, 2)
    page = sara.told("/desk/submissions/2")
    assert "پیش‌نویس" in page
    assert states(committee) == ["failed", "draft"]
    assert "بخش 3" in sara.told("/desk/submissions/2/changes")
    sara.upload(workbook(*ROWS, (9, "بخش ۹", "—")), terminology="thritaEHR.WardType", source="generic")
    imported(committee, 3)
    assert "بخش ۹" in sara.told("/desk/submissions/3/changes"), "the mapping was remembered"


def test_a_list_that_lacks_a_column_is_shown_as_the_source_that_it_resembles(
    committee: Committee, person: People
) -> None:
    sample = load_workbook(PROJECT / "data" / "samples" / "rvu3.xlsx")
    next(
        cell for row in sample.worksheets[0].iter_rows() for cell in row if cell.value == "کد"
    ).value = "نشان خدمت در کتاب"
    made = io.BytesIO()
    sample.save(made)
    sara = person("sara")
    sara.upload(Workbook("rvu3.xlsx", made.getvalue()))
    imported(committee, 1)
    page = sara.get(f"/desk/submissions/1/columns/{look(committee)}").text
    assert '<input type="hidden" name="source" value="rvu3">' in page
    assert '<option value="code" selected>' in page  # by the codes that stand in the column
    assert '<option value="">ارزش حرفه‌ای</option>' in page  # the field as people know it, not its identifier


def test_a_list_that_resembles_none_is_shown_as_none(committee: Committee, person: People) -> None:
    sara = person("sara")
    sara.upload(workbook(("الف", "ب"), ("سیب", "انار"), ("به", "گلابی")))
    imported(committee, 1)
    page = sara.get(f"/desk/submissions/1/columns/{look(committee)}").text
    assert '<option value="" selected>—</option>' in page
    assert '<input type="hidden" name="source" value="">' in page


def test_a_field_that_there_is_not_is_told_on_the_page(committee: Committee, person: People) -> None:
    sara = person("sara")
    sara.upload(workbook(*ROWS), terminology="thritaEHR.WardType")
    imported(committee, 1)
    here = f"/desk/submissions/1/columns/{look(committee)}"
    reply = sara.post(here, {"source": "generic", "field-1": "nonsense"}, on=here)
    assert reply.status_code == 400
    assert "nonsense" in text_of(reply)
    assert sara.post(here, {"source": "nothing", "field-1": "title_fa"}, on=here).status_code == 400
    assert states(committee) == ["failed"]


def test_what_is_no_workbook_says_so_on_the_columns_page(committee: Committee, person: People) -> None:
    sara = person("sara")
    sara.upload(Workbook("list.xlsx", b"PK\x03\x04 nothing"))
    imported(committee, 1)
    here = f"/desk/submissions/1/columns/{look(committee)}"
    page = sara.told(here)
    assert "از نو وارد کن" not in page
    vida = person("vida")
    assert vida.get(here).status_code == 403


def test_a_faulty_workbook_is_marked_by_the_worker_and_given_back_when_it_is_ready(
    committee: Committee, person: People, desk_settings: Settings
) -> None:
    sara = person("sara")
    sara.upload(workbook(("کد", "عنوان فارسی"), (1, "بخش"), (None, "بی‌کد")), terminology="thritaEHR.WardType")
    file = committee.scalar("SELECT max(id) FROM submission_file")
    here = f"/desk/submissions/1/marked/{file}"
    assert sara.get(here).status_code == 409, "it is not read yet"
    imported(committee, 1)
    assert "کارپوشهٔ نشان‌دار" in sara.told("/desk/submissions/1")
    for _ in range(2):  # a second look queues no second job
        assert "در نوبت کارگر" in sara.told(here)
    assert committee.scalar("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'centre:mark_workbook'") == 1
    assert 'hx-get="' in sara.get(f"{here}/ready").text
    make_marked(committee.engine, desk_settings, file_id=file)
    assert "کارپوشهٔ نشان‌دار را بگیر" in sara.get(f"{here}/ready").text
    assert "کارپوشهٔ نشان‌دار را بگیر" in sara.told(f"{here}?page=1"), "whoever has no JavaScript comes here"
    reply = sara.get(here)
    assert reply.status_code == 200
    assert reply.data[:2] == b"PK"
    assert "marked.xlsx" in reply.headers["Content-Disposition"]
    finding = "INSERT INTO finding (submission_id, rule, severity, message_fa, message_en, guard) VALUES (1, 'x', 'info', '', '', false)"
    with committee.engine.begin() as connection:
        connection.execute(text(finding))
    assert "در نوبت کارگر" in sara.told(here), "other findings, another file"


def test_a_workbook_that_can_not_be_marked_says_why_and_can_be_tried_again(
    committee: Committee, person: People, desk_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise BadWorkbook("کارپوشه بیش از اندازه بزرگ است.", "The workbook is too large.")

    sara = person("sara")
    sara.upload(workbook(*ROWS[:1], (1, "بخش", "")), terminology="thritaEHR.WardType")
    imported(committee, 1)
    file = committee.scalar("SELECT max(id) FROM submission_file")
    with committee.engine.begin() as connection:
        connection.execute(text("UPDATE submission SET state = 'draft'"))
    monkeypatch.setattr("maxa.made.mark_workbook", refuse)
    make_marked(committee.engine, desk_settings, file_id=file)
    here = f"/desk/submissions/1/marked/{file}"
    assert "بیش از اندازه بزرگ است" in sara.told(here)
    assert committee.scalar("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'centre:mark_workbook'") == 0
    assert "در نوبت کارگر" in sara.told(f"{here}?page=1&again=1")


def test_made_files_do_not_pile_up(desk_settings: Settings) -> None:
    folder = folder_of(desk_settings)
    folder.mkdir(parents=True)
    for name, age in (("old", 90_000), ("kept", 80_000), ("new", 0)):
        path = folder / f"{name}.xlsx"
        path.write_bytes(b"PK")
        os.utime(path, (time.time() - age, time.time() - age))
    prune(desk_settings)
    assert sorted(path.stem for path in folder.iterdir()) == ["kept", "new"]
