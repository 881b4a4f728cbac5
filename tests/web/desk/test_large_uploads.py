"""A list of 100,000 rows through a running server: the pages stay responsive, and progress moves."""

from __future__ import annotations

import io
import re
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook as Book
from sqlalchemy import Engine

from maxa.registry.actions.imports import Workbook
from tests.lists import Committee
from tests.test_worker import running_worker
from tests.web.desk.conftest import Person

People = Callable[[str], Person]
HERE = "/desk/submissions/1"
PATIENCE = 240.0


@pytest.fixture
def committee(engine: Engine, home: Path) -> Committee:
    """With the importers as they are."""
    return Committee(engine, home)


def a_list(rows: int) -> Workbook:
    book = Book(write_only=True)
    sheet = book.create_sheet("فهرست")
    sheet.append(["کد", "عنوان فارسی"])
    for n in range(rows):
        sheet.append([str(100_000 + n), f"خدمت {n}"])
    content = io.BytesIO()
    book.save(content)
    return Workbook("large.xlsx", content.getvalue())


def shown(sara: Person) -> tuple[tuple[str, str], ...]:
    """Stage, share and seconds on the page; nothing when it is done."""
    part = sara.get(f"{HERE}/progress").text
    return tuple(re.findall(r">([^<]*(?:٪|ثانیه))<|<b>([^<]+)</b>", part))


def test_progress_of_a_real_import_rises_until_the_draft_is_there(committee: Committee, person: People) -> None:
    sara = person("sara")
    sara.upload(a_list(4_000), terminology="thritaEHR.Large", source="generic", title_fa="بزرگ")
    seen: list[tuple[tuple[str, str], ...]] = []
    with running_worker(committee):
        until = time.monotonic() + PATIENCE
        while committee.scalar("SELECT state FROM submission") == "importing" and time.monotonic() < until:
            seen.append(shown(sara))
    assert committee.scalar("SELECT state FROM submission") == "draft"
    assert len(set(seen)) > 1
    assert "۴٬۰۰۰" in sara.told(HERE)


@pytest.mark.deep
def test_a_list_of_100_000_rows_moves_each_second_and_other_pages_answer_meanwhile(
    committee: Committee, person: People
) -> None:
    sara, mina = person("sara"), person("mina")
    sara.upload(a_list(100_000), terminology="thritaEHR.Large", source="generic", title_fa="بزرگ")
    pauses, answers = [], []
    with running_worker(committee):
        last, changed, until = (), time.monotonic(), time.monotonic() + PATIENCE
        while committee.scalar("SELECT state FROM submission") == "importing" and time.monotonic() < until:
            begun = time.monotonic()
            assert mina.get("/desk/submissions").status_code == 200
            answers.append(time.monotonic() - begun)
            if (now := shown(sara)) != last:
                pauses.append(time.monotonic() - changed)
                last, changed = now, time.monotonic()
    assert committee.scalar("SELECT state FROM submission") == "draft"
    assert len(pauses) > 4
    assert max(pauses[1:]) < 1.5  # a second, and the time that the pages take
    assert statistics.median(answers) < 0.3
