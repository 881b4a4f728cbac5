"""The sample of each source on its way through the registry: rows in, rows out; again is a no-op; failure leaves nothing."""

from __future__ import annotations

import io
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import Engine, text

from importers.profile import Profile
from importers.reading import read_workbook
from importers.rows import read_concepts, read_pairs
from importers.sources import SOURCES
from maxa import limited
from maxa.errors import HasErrors, WrongState
from maxa.registry import actions, queries
from maxa.registry.actions.imports import Workbook
from maxa.registry.models import State
from maxa.registry.transaction import transaction
from tests.importers.test_sources_samples import CASES, SAMPLES
from tests.lists import MINA, SARA, Committee

ALL = [pytest.param(name, id=name.removesuffix(".xlsx")) for name in CASES]
SOME = [
    pytest.param(name, id=name.removesuffix(".xlsx")) for name in CASES if name not in ("lab-update-1402-07-01.xlsx",)
]


@pytest.fixture
def registry(engine: Engine, home: Path) -> Committee:
    """As ``committee``, but reading real workbooks in a child process."""
    return Committee(engine, home)


def book(name: str, content: bytes | None = None) -> Workbook:
    source, profile, _, _ = CASES[name]
    return Workbook(Path(name).name, content or (SAMPLES / name).read_bytes(), source, profile or Profile())


def state_of(registry: Committee, number: int) -> State:
    with transaction(registry.engine) as session:
        return State(queries.submission_or_error(session, number).state)


def publish(registry: Committee, name: str) -> Any:
    number = registry.draft(book(name))
    registry.approve(number)
    return actions.publish_submission(registry.engine, submission_id=number, actor=MINA)


def expected(name: str, folder: Path) -> tuple[set[tuple[str, ...]], set[tuple[str, ...]]]:
    """Concepts and pairs that the importers make of the sample, as (terminology, part, code …)."""
    source, profile, _, _ = CASES[name]
    folder.mkdir()
    tables = read_workbook(SAMPLES / name, source=source, workdir=folder, profile=profile).tables
    concepts = {(t.terminology, t.part, row.code, row.title_fa, row.title_en, row.status)
                for t in tables if t.kind == "concept" for row in read_concepts(t.path)}  # fmt: skip
    pairs = {(t.terminology, t.part, row.source, row.target, row.relationship)
             for t in tables if t.kind == "map" for row in read_pairs(t.path)}  # fmt: skip
    return concepts, pairs


def saved_again(name: str, change: Callable[[Any], None] = lambda book: None) -> bytes:
    """The same cells in other bytes, as after opening and saving."""
    opened = load_workbook(SAMPLES / name)
    change(opened)
    buffer = io.BytesIO()
    opened.save(buffer)
    return buffer.getvalue()


def rows_of(registry: Committee, sql: str) -> set[tuple[str, ...]]:
    with registry.engine.connect() as connection:
        return {tuple(row) for row in connection.execute(text(sql))}


def nothing_is_left(registry: Committee, *, staged: bool = True) -> bool:
    kept = ["concept", "mapping", "observed_mapping", "release", "publication"]
    kept += ["staged_concept", "staged_mapping"] if staged else []
    return Counter({table: registry.scalar(f"SELECT count(*) FROM {table}") for table in kept}).total() == 0


def test_every_source_has_a_sample() -> None:
    assert {source for _, _, source, _ in CASES.values()} == set(SOURCES)


@pytest.mark.parametrize("name", ALL)
def test_what_the_workbook_says_is_published_and_again_is_a_no_op(
    name: str, registry: Committee, tmp_path: Path
) -> None:
    publish(registry, name)
    concepts, pairs = expected(name, tmp_path / "expected")
    assert (
        rows_of(
            registry,
            "SELECT t.name, c.part, c.code, c.title_fa, c.title_en, c.status FROM concept c"
            " JOIN terminology t ON t.id = c.terminology_id WHERE c.until IS NULL",
        )
        == concepts
    )
    assert (
        rows_of(
            registry,
            "SELECT t.name, m.part, m.source_code, m.target_code, m.relationship FROM mapping m"
            " JOIN terminology t ON t.id = m.terminology_id WHERE m.until IS NULL",
        )
        == pairs
    )
    registry.project()
    registry.check_invariants()

    received = actions.receive_submission(registry.engine, actor=SARA, workbooks=[book(name)])
    assert received.existing
    again = registry.draft(book(name, saved_again(name)))
    registry.approve(again)
    with pytest.raises(WrongState, match="changes nothing"):
        actions.publish_submission(registry.engine, submission_id=again, actor=MINA)
    assert registry.scalar("SELECT count(*) FROM publication") == 1


@pytest.mark.parametrize("name", SOME)
def test_one_bad_row_keeps_the_whole_list_back(name: str, registry: Committee, tmp_path: Path) -> None:
    source, profile, _, _ = CASES[name]
    tables = read_workbook(SAMPLES / name, source=source, workdir=tmp_path, profile=profile).tables
    table = tables[-1] if tables[-1].rows else tables[0]
    rows: list[Any] = list(read_pairs(table.path)) if table.kind == "map" else list(read_concepts(table.path))

    def spoil(opened: Any) -> None:
        opened[rows[-1].sheet][f"{rows[-1].column}{rows[-1].row}"] = "کد؟"

    number = registry.draft(book(name, saved_again(name, spoil)))
    with transaction(registry.engine) as session:
        found = queries.findings(session, number, severity="error")
    assert [(f.rule, f.sheet, f.row, f.column) for f in found][:1] == [
        ("bad-code", rows[-1].sheet, rows[-1].row, rows[-1].column)
    ]
    with pytest.raises(HasErrors):
        registry.approve(number)
    assert nothing_is_left(registry, staged=False)


@pytest.mark.parametrize("name", SOME)
def test_a_workbook_that_is_cut_off_and_a_child_that_is_killed_leave_nothing(
    name: str, registry: Committee, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = (SAMPLES / name).read_bytes()
    number = registry.draft(book(name, content[: len(content) * 2 // 3]))
    assert state_of(registry, number) is State.FAILED
    assert nothing_is_left(registry)

    follow = limited._follow

    def kill(child: subprocess.Popen[bytes], deadline: float, progress: Any) -> bool:
        child.kill()
        return follow(child, deadline, progress)

    monkeypatch.setattr(limited, "_follow", kill)
    number = registry.draft(book(name))
    assert state_of(registry, number) is State.FAILED
    assert nothing_is_left(registry)
    monkeypatch.undo()
    publish(registry, name)  # and the same workbook goes in when it is sent again
