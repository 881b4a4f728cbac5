"""Reading in a child process: what it hands over, and what happens when it must be stopped."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import importers
from benchmarks.workbooks import irc_rows, write_irc_workbook
from importers.refusals import REASONS
from importers.rows import read_concepts
from maxa.errors import BadParameter, BadWorkbook
from maxa.settings import PROJECT
from tests.importers.books import (
    RVU_HEADINGS,
    SPREADSHEET,
    lab_book,
    raw_xlsx,
    read,
    rewrite,
    rvu_book,
    save_ods,
    text_row,
    worksheet,
)

SAMPLES = PROJECT / "data" / "samples"


@pytest.mark.parametrize("name", ["rvu3.xlsx", "lab-110-37.xlsx", "drugs-110-40.xlsx"])
def test_the_child_hands_over_what_reading_gives(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes((SAMPLES / name).read_bytes())
    here = read(tmp_path / name).extract
    there = importers.extract(tmp_path / name, workdir=tmp_path / "work")
    assert there.source == here.source
    assert there.importer_version == here.importer_version == importers.VERSION
    assert there.findings == here.findings
    assert there.sheets == here.sheets
    assert [
        (t.kind, t.terminology, t.part, t.rows, t.expected, t.title_fa, t.source, t.target) for t in there.tables
    ] == [(t.kind, t.terminology, t.part, t.rows, t.expected, t.title_fa, t.source, t.target) for t in here.tables]
    for mine, theirs in zip(here.tables, there.tables, strict=True):
        assert theirs.path.read_bytes() == mine.path.read_bytes()
        assert (tmp_path / "work") in theirs.path.parents
        assert theirs.rows == sum(1 for _ in theirs.path.open("rb"))


def test_the_same_workbook_again_gives_the_same_rows(tmp_path: Path) -> None:
    path = SAMPLES / "lab-110-37.xlsx"
    first, second = (importers.extract(path, workdir=tmp_path) for _ in range(2))
    assert [t.path.read_bytes() for t in first.tables] == [t.path.read_bytes() for t in second.tables]
    assert not {t.path for t in first.tables} & {t.path for t in second.tables}


def test_findings_bear_the_name_that_the_user_gave(tmp_path: Path) -> None:
    path = lab_book(tmp_path / "17.xlsx", [["718-8", "هموگلوبین", "Hb", None, None, None]])
    given = importers.extract(path, workdir=tmp_path, filename="کدینگ آزمایشگاه.xlsx")
    assert {finding.file for finding in given.findings} == {"کدینگ آزمایشگاه.xlsx"}


def test_an_unknown_source_is_the_callers_error(tmp_path: Path) -> None:
    with pytest.raises(BadParameter) as caught:
        importers.extract(rvu_book(tmp_path / "list.xlsx"), source="rvu", workdir=tmp_path)
    assert caught.value.suggestions == sorted(importers.SOURCES)


def test_a_refusal_comes_back_whole_and_leaves_no_folder(tmp_path: Path) -> None:
    path = rvu_book(tmp_path / "list.xlsx")
    with pytest.raises(BadWorkbook) as caught:
        importers.extract(path, source="lab", workdir=tmp_path / "work")
    assert caught.value.data["reason"] == "another-list"
    assert caught.value.data["other"] == "rvu3"
    assert list((tmp_path / "work").iterdir()) == []


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadWorkbook):
        importers.extract(tmp_path / "none.xlsx", workdir=tmp_path)


def test_progress_counts_up_to_the_whole(tmp_path: Path) -> None:
    write_irc_workbook(tmp_path / "list.xlsx", 5_000)
    seen: list[tuple[int, int]] = []
    importers.extract(tmp_path / "list.xlsx", workdir=tmp_path, progress=lambda done, total: seen.append((done, total)))
    assert seen == sorted(seen)
    assert seen[-1][0] == seen[-1][1]


def test_an_error_in_progress_ends_the_child(tmp_path: Path) -> None:
    write_irc_workbook(tmp_path / "list.xlsx", 5_000)

    def fail(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        importers.extract(tmp_path / "list.xlsx", workdir=tmp_path / "work", progress=fail)
    assert list((tmp_path / "work").iterdir()) == []


def test_a_workbook_that_takes_too_much_memory_is_refused(tmp_path: Path) -> None:
    strings = "".join(f"<si><t>رشتهٔ شمارهٔ {n} که در هیچ خانه‌ای نیست</t></si>" for n in range(400_000))
    path = raw_xlsx(
        tmp_path / "list.xlsx",
        worksheet(text_row(1, RVU_HEADINGS)),
        strings=f'<sst xmlns="{SPREADSHEET}">{strings}</sst>',
    )
    with pytest.raises(BadWorkbook) as caught:
        importers.extract(path, workdir=tmp_path, memory=64 << 20)
    assert caught.value.data["reason"] == "too-large"


def test_a_stray_cell_that_aborts_the_reader_of_another_format_is_refused(tmp_path: Path) -> None:
    """Laid out as a grid, this sheet has 17 billion cells."""
    path = save_ods(tmp_path / "list.ods", [["کد", "شرح کد"], ["801515", "شرح"]])
    far = (
        '<table:table-row table:number-rows-repeated="1048570"><table:table-cell/></table:table-row><table:table-row>'
        '<table:table-cell table:number-columns-repeated="16380"/><table:table-cell office:value-type="string"><text:p>x</text:p>'
        "</table:table-cell></table:table-row></table:table>"
    )
    rewrite(path, "content.xml", lambda xml: xml.replace("</table:table>", far))
    with pytest.raises(BadWorkbook) as caught:
        importers.extract(path, workdir=tmp_path, memory=512 << 20, seconds=60)
    assert caught.value.data["reason"] == "too-large"


def test_a_workbook_that_takes_too_long_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = "import sys, time; sys.stdin.readline(); time.sleep(600)"
    stand_in(monkeypatch, program)
    with pytest.raises(BadWorkbook) as caught:
        importers.extract(rvu_book(tmp_path / "list.xlsx"), workdir=tmp_path / "work", seconds=1)
    assert caught.value.data["reason"] == "too-slow"
    assert list((tmp_path / "work").iterdir()) == []


def test_a_child_that_burns_its_processor_time_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = (
        "import json, sys\nfrom maxa.limited import limit_this_process as limit\n"
        "limit(memory=json.loads(sys.stdin.readline())['memory'], seconds=1)\nwhile True: pass"
    )
    stand_in(monkeypatch, program)
    with pytest.raises(BadWorkbook) as caught:
        importers.extract(rvu_book(tmp_path / "list.xlsx"), workdir=tmp_path, seconds=60)
    assert caught.value.data["reason"] == "too-slow"


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "too-large"),
        (
            "import os, sys; sys.stderr.write('memory allocation of 412316860416 bytes failed'); sys.stderr.flush(); os.abort()",
            "too-large",
        ),
        ("import os; os.abort()", "unreadable"),
        ("raise RuntimeError('a mistake of ours')", "unreadable"),
        ("import sys; sys.stdin.readline()", "unreadable"),
    ],
)
def test_a_child_that_dies_is_a_refusal(
    program: str, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in(monkeypatch, program)
    with pytest.raises(BadWorkbook) as caught:
        importers.extract(rvu_book(tmp_path / "list.xlsx"), workdir=tmp_path)
    assert caught.value.data["reason"] == reason
    assert reason in REASONS
    assert "a mistake of ours" not in caught.value.detail_en


def stand_in(monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    """Start this program in place of the reading child."""
    start = subprocess.Popen

    def popen(command: list[str], **options: object) -> subprocess.Popen[bytes]:
        return start([sys.executable, "-c", program], **options)  # type: ignore[call-overload, no-any-return]

    monkeypatch.setattr(subprocess, "Popen", popen)


def test_the_child_knows_no_settings_and_no_passwords(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAXA_DATABASE_URL", "postgresql://maxa:secret@localhost/maxa")
    monkeypatch.setenv("PGPASSWORD", "secret")
    program = f"import os; open({str(tmp_path / 'seen')!r}, 'w').write(repr(dict(os.environ)))"
    stand_in(monkeypatch, program)
    with pytest.raises(BadWorkbook):
        importers.extract(rvu_book(tmp_path / "list.xlsx"), workdir=tmp_path)
    assert "secret" not in (tmp_path / "seen").read_text()


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel signals a child of a dead parent on Linux alone")
def test_the_child_dies_with_its_parent(tmp_path: Path) -> None:
    """A named pipe in place of the workbook keeps the child waiting; its parent is killed by kill -9."""
    os.mkfifo(tmp_path / "list.xlsx")
    parent = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(f"""
            from pathlib import Path
            import importers
            importers.extract(Path({str(tmp_path / "list.xlsx")!r}), workdir=Path({str(tmp_path)!r}), seconds=120)
        """)],
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
    )  # fmt: skip
    child = until(lambda: child_of(parent.pid))
    until(lambda: is_limited(child))  # hence tied to its parent before
    parent.kill()
    parent.wait()
    try:
        until(lambda: not alive(child))
    finally:
        if alive(child):
            os.kill(child, signal.SIGKILL)


def until(question: Callable[[], int], seconds: float = 30.0) -> int:
    deadline = time.monotonic() + seconds
    while not (answer := question()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return answer


def child_of(pid: int) -> int:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return next((int(c) for c in children if b"importers.child" in Path(f"/proc/{c}/cmdline").read_bytes()), 0)


def is_limited(pid: int) -> bool:
    return str(1 << 30) in Path(f"/proc/{pid}/limits").read_text()


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_large_list_comes_out_row_by_row(tmp_path: Path) -> None:
    """The workbook of the benchmark: all rows, in order, none lost at the seams of chunks and batches."""
    write_irc_workbook(tmp_path / "list.xlsx", 7_000)
    given = importers.extract(tmp_path / "list.xlsx", source="drugs", workdir=tmp_path)
    assert given.findings == []
    tables = {table.terminology: table for table in given.tables}
    assert {name: table.rows for name, table in tables.items()} == {"IRC": 7_000, "eRx": 1_400, "eRx→IRC": 7_000}
    rows = [
        (row.code, row.title_fa, row.title_en, row.properties["price"]) for row in read_concepts(tables["IRC"].path)
    ]
    assert rows == [(row[0], row[2], row[3], int(row[7])) for row in irc_rows(7_000)]


def test_another_edition_of_the_benchmark_changes_every_row(tmp_path: Path) -> None:
    old, new = list(irc_rows(500)), list(irc_rows(500, edition=2))
    assert [row[0] for row in old] == [row[0] for row in new]
    assert all(before != after for before, after in zip(old, new, strict=True))
    write_irc_workbook(tmp_path / "a.xlsx", 500)
    write_irc_workbook(tmp_path / "b.xlsx", 500)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_a_sheet_of_hostile_extent_is_read_quickly(tmp_path: Path) -> None:
    rows = text_row(1, RVU_HEADINGS[:3]) + text_row(2, ["801515", "#", "شرح"])
    rows += '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    given = importers.extract(raw_xlsx(tmp_path / "list.xlsx", worksheet(rows)), workdir=tmp_path, memory=256 << 20)
    assert [table.rows for table in given.tables] == [1]
    assert {finding.rule for finding in given.findings} == {"row-outside-columns", "column-without-heading"}
