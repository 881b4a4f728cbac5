"""What someone sent lies in the work folder only while a process is at it, kill -9 or not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from maxa import made
from maxa.errors import BadWorkbook
from maxa.registry.actions import imports, looking
from maxa.registry.actions.imports import Workbook
from maxa.settings import PROJECT, read_settings
from maxa.work_folders import sweep, work_folder
from tests.lists import Committee
from tests.test_worker import eventually, running_worker, url_of

KINDS = ("list", "look", "import", "marking")
AT_IT = """
import sys
from pathlib import Path
from maxa.work_folders import work_folder
with work_folder(Path(sys.argv[1]), "import") as folder:
    (folder / "1.xlsx").write_bytes(b"a workbook")
    print(folder.name, flush=True)
    sys.stdin.read()
"""


def at_it(work: Path) -> tuple[subprocess.Popen[bytes], Path]:
    """A process that holds a workbook in a folder of its own."""
    process = subprocess.Popen(
        [sys.executable, "-c", AT_IT, work], cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    return process, work / process.stdout.readline().decode().strip()


def a_dead_process() -> int:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    return ended.pid


def test_what_a_killed_process_left_goes_and_what_a_living_one_is_at_stays(tmp_path: Path) -> None:
    killed, left = at_it(tmp_path)
    living, held = at_it(tmp_path)
    with living, killed:
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        assert (left / "1.xlsx").is_file()
        with work_folder(tmp_path, "look") as mine:
            assert {path.name for path in tmp_path.iterdir()} == {held.name, mine.name}
        living.communicate()
    assert list(tmp_path.iterdir()) == []


def test_a_pid_that_was_given_again_does_not_keep_what_its_first_process_left(tmp_path: Path) -> None:
    with work_folder(tmp_path, "list") as mine:
        kind, pid, birth, rest = mine.name.split("-")
        earlier = tmp_path / f"{kind}-{pid}-{int(birth) - 1}-{rest}"
        earlier.mkdir()
        sweep(tmp_path)
        assert list(tmp_path.iterdir()) == [mine]


def test_nothing_else_in_the_work_folder_is_swept(tmp_path: Path) -> None:
    pid = a_dead_process()
    for name in ("made", f"kept-{pid}-1-abc", "list-abc", f"x-list-{pid}-1-abc"):
        (tmp_path / name).mkdir()
    sweep(tmp_path)
    assert len(list(tmp_path.iterdir())) == 4


def test_a_worker_sweeps_when_it_starts(committee: Committee) -> None:
    pid, work = a_dead_process(), committee.home / "work"
    left = [work / f"{kind}-{pid}-1-abc" for kind in KINDS]
    for folder in left:
        folder.mkdir(parents=True)
        (folder / "1.xlsx").write_bytes(b"a workbook")
    with running_worker(committee):
        eventually(lambda: not any(folder.exists() for folder in left), "swept")


@pytest.mark.parametrize("kind", ["import", "look", "marking"])
def test_whatever_holds_workbooks_does_so_in_a_folder_that_is_swept(
    committee: Committee, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    seen: list[str] = []

    def refuse(*_: Any, workdir: Path, **__: Any) -> None:
        seen.append(workdir.name)
        raise BadWorkbook("نه", "no")

    monkeypatch.setattr(imports.importers, "extract", refuse)
    monkeypatch.setattr(looking, "inspect", refuse)
    monkeypatch.setattr(made, "mark_workbook", refuse)
    number = committee.receive(Workbook("letter.xlsx", b"this is no workbook"))
    file = committee.scalar("SELECT id FROM submission_file")
    settings = read_settings({"MAXA_HOME": str(committee.home), "MAXA_DATABASE_URL": url_of(committee)})
    if kind == "import":
        imports.import_submission(committee.engine, submission_id=number, workdir=settings.work)
    elif kind == "look":
        looking.look_at(committee.engine, file_id=file, workdir=settings.work)
    else:
        made.make_marked(committee.engine, settings, file_id=file)
    [name] = seen
    assert name.startswith(f"{kind}-{os.getpid()}-")
    assert not (settings.work / name).exists()
