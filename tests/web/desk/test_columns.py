"""Columns that nobody knows: a real workbook is looked at, mapped by hand, imported again, and the mapping is remembered."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook as Book
from sqlalchemy import Engine, text

from maxa.registry import actions
from maxa.registry.actions.imports import Workbook
from maxa.registry.actions.looking import look_at
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
    file = look(committee)
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
    assert states(committee)[0] in ("failed", "rejected")
    assert "بخش 3" in sara.told("/desk/submissions/2/changes")
    assert file
    sara.upload(workbook(*ROWS, (9, "بخش ۹", "—")), terminology="thritaEHR.WardType", source="generic")
    imported(committee, 3)
    assert "بخش ۹" in sara.told("/desk/submissions/3/changes"), "the mapping was remembered"


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


def test_a_faulty_workbook_is_given_back_marked(committee: Committee, person: People) -> None:
    sara = person("sara")
    sara.upload(workbook(("کد", "عنوان فارسی"), (1, "بخش"), (None, "بی‌کد")), terminology="thritaEHR.WardType")
    imported(committee, 1)
    file = committee.scalar("SELECT max(id) FROM submission_file")
    assert "کارپوشهٔ نشان‌دار" in sara.told("/desk/submissions/1")
    reply = sara.get(f"/desk/submissions/1/marked/{file}")
    assert reply.status_code == 200
    assert reply.data[:2] == b"PK"
    assert "marked.xlsx" in reply.headers["Content-Disposition"]
