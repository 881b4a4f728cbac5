"""Spool files: whole lines, one writer each, bounded, and known to be finished however the writer ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from maxa.settings import PROJECT
from maxa.usage import spool as spools
from maxa.usage.spool import Spool, read_portion, spool_files, sweep_unborn

LINE = b'{"x":1}\n'


def all_lines(folder: Path) -> list[bytes]:
    return [line for path in spool_files(folder) for line in path.read_bytes().splitlines()]


def test_a_file_is_let_go_of_when_it_is_large(folder: Path) -> None:
    spool = Spool(folder, rotate=20)
    for _ in range(5):
        spool.append([LINE])
    assert [path.stat().st_size for path in spool_files(folder)] == [24, 16]
    first, second = spool_files(folder)
    assert read_portion(first, 0).finished
    assert not read_portion(second, 0).finished
    spool.close()
    assert read_portion(second, 0).finished


def test_reading_goes_on_where_it_ended_and_leaves_a_line_that_is_being_written(folder: Path) -> None:
    spool = Spool(folder)
    spool.append([LINE, LINE])
    [path] = spool_files(folder)
    portion = read_portion(path, 0)
    assert (portion.lines, portion.read_to) == ([LINE[:-1]] * 2, 16)
    with path.open("ab") as file:
        file.write(b'{"half"')
    assert read_portion(path, 16).lines == []
    assert not read_portion(path, 16).finished
    spool.close()
    ended = read_portion(path, 16)
    assert (ended.lines, ended.read_to, ended.finished, ended.damaged) == ([], 16, True, 1)


def test_when_nobody_collects_the_oldest_go_and_their_size_is_told(folder: Path) -> None:
    spool = Spool(folder, rotate=16, most=64)
    dropped = [spool.append([LINE]) for _ in range(20)]
    held = sum(path.stat().st_size for path in spool_files(folder))
    assert held <= 64
    assert held + sum(dropped) == 20 * len(LINE)


def test_a_file_that_is_written_to_is_never_dropped(folder: Path) -> None:
    slow = Spool(folder, rotate=16, most=32)
    slow.append([LINE])
    [path] = spool_files(folder)
    busy = Spool(folder, rotate=16, most=32)
    for _ in range(10):
        busy.append([LINE])
    assert path in spool_files(folder)


def test_the_file_of_a_killed_process_is_finished(folder: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from maxa.usage.spool import Spool;"
        "spool = Spool(Path(sys.argv[1])); spool.append([b'{}\\n']); print('ready', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(folder)], cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        [path] = spool_files(folder)
        assert not read_portion(path, 0).finished
        process.send_signal(signal.SIGKILL)
        process.wait(30)
    assert read_portion(path, 0).finished


def test_a_line_that_could_not_be_written_whole_damages_no_other(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spool = Spool(folder)
    spool.append([LINE])
    real = os.write
    with monkeypatch.context() as patch:
        patch.setattr(spools.os, "write", lambda file, line: real(file, line[:3]))
        with pytest.raises(OSError, match="in part"):
            spool.append([LINE])
    spool.append([LINE])
    first, second = spool_files(folder)
    assert (read_portion(first, 0).lines, read_portion(first, 0).damaged) == ([LINE[:-1]], 1)
    assert read_portion(second, 0).lines == [LINE[:-1]]


def test_an_endless_line_is_passed_over(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spools, "READ_AT_ONCE", 100)
    folder.mkdir()
    path = folder / "1.jsonl"
    path.write_bytes(b"x" * 250 + b"\n" + LINE)
    found, place = [], 0
    while not (portion := read_portion(path, place)).finished:
        found += portion.lines
        place = portion.read_to
    assert [*found, *portion.lines][-1] == LINE[:-1]


def test_what_was_killed_before_it_had_a_name_is_swept_when_it_is_old(folder: Path) -> None:
    folder.mkdir()
    old, new = folder / ".1.jsonl", folder / ".2.jsonl"
    for path in (old, new):
        path.touch()
    os.utime(old, (1_000, 1_000))
    sweep_unborn(folder)
    assert [path.name for path in folder.iterdir()] == [".2.jsonl"]
    assert spool_files(folder) == []
