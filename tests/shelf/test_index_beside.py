"""The titles of a large list are analysed in a second process; nobody can tell from the file."""

from __future__ import annotations

import errno
import os
import signal
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from maxa.child import Child
from maxa.errors import Unavailable
from maxa.shelf import index_beside, seal
from maxa.shelf.index_beside import AnalyserBeside
from maxa.shelf.sealed_file import Manifest, SealedConcept, SealedFileWriter
from maxa.shelf.search_index import Indexed
from tests.lists import Committee, ListOf, codes
from tests.shelves import concept

MANIFEST = Manifest(
    kind="codes", terminology="IRC", version="1402-02-18", ordinal=1, title_fa="دارو", title_en="Drugs", source="",
    target="", circular_number=None, circular_date=None, in_force="2023-05-08",
)  # fmt: skip


def drugs(count: int) -> list[SealedConcept]:
    return [
        concept(
            f"{n:05d}", f"قرص آموکسی سیلین {n} (نوبت ها)", f"AMOXI CILLIN {n} mg", part="medicine" if n % 3 else "",
            properties={"company": f"شرکت {n % 7}", "forms": ["قرص", "قرص", f"نوع {n}"], "price": n},
        )
        for n in range(count)
    ]  # fmt: skip


def sealed(path: Path, rows: list[SealedConcept], *, beside: bool) -> bytes:
    writer = SealedFileWriter(path, MANIFEST, beside=beside)
    try:
        writer.add_concepts(rows)
        writer.finish()
    finally:
        writer.close()
    return path.read_bytes()


@pytest.mark.parametrize("count", [0, 1, 2_000, 5_500])
def test_the_file_is_the_same_to_the_byte(tmp_path: Path, count: int) -> None:
    rows = drugs(count)
    assert sealed(tmp_path / "a", rows, beside=True) == sealed(tmp_path / "b", rows, beside=False)


def test_a_block_that_fills_no_pipe_at_once_does_not_have_both_wait_for_ever(tmp_path: Path) -> None:
    rows = [concept(f"{n}", f"{n} " + "واژه " * 700) for n in range(2_500)]  # 7 MB each way in a block
    assert sealed(tmp_path / "a", rows, beside=True) == sealed(tmp_path / "b", rows, beside=False)


def test_words_are_counted_by_the_concepts_that_hold_them(tmp_path: Path) -> None:
    rows = [
        concept("1", "قرص قرص", "tablet"),
        concept("2", "شربت", "tablet قرص", part="medicine"),
        concept("3", "", ""),
    ]
    sealed(tmp_path / "a", rows, beside=False)
    connection = sqlite3.connect(tmp_path / "a")
    counted = dict(connection.execute("SELECT word, n FROM word"))
    filters = connection.execute("SELECT name, value, n FROM filter").fetchall()
    connection.close()
    assert counted.pop("قرصقرص‹") == 1
    assert counted == {"قرص": 2, "شربت": 1, "tablet": 2}
    assert filters == [("part", "medicine", 1)]


@pytest.mark.parametrize("after", [0, 1, 2])
def test_a_child_that_is_killed_is_told_and_leaves_nothing(after: int) -> None:
    analyser = AnalyserBeside()
    block = [Indexed("قرص", "tablet", "", None)]
    try:
        for n in range(after):
            analyser.take(n + 1, block)
        os.kill(analyser.pid, signal.SIGKILL)
        with pytest.raises(Unavailable) as told:  # what it told before may still lie in the pipe
            list(map(analyser.take, [9] * 100, [block] * 100))
    finally:
        analyser.close()
    assert "log" in told.value.detail_en
    assert "گزارش" in told.value.detail_fa
    with pytest.raises(ProcessLookupError):
        os.kill(analyser.pid, 0)


def test_whoever_gives_up_ends_the_child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[int] = []
    start = index_beside.start_child

    def noting(*args: Any, **kwargs: Any) -> Child:
        child = start(*args, **kwargs)
        begun.append(child.pid)
        return child

    monkeypatch.setattr(index_beside, "start_child", noting)
    writer = SealedFileWriter(tmp_path / "a", MANIFEST, beside=True)
    writer.add_concepts(drugs(10))
    (pid,) = begun
    os.kill(pid, 0)
    writer.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_large_list_is_sealed_with_a_child_and_restored_alike(
    committee: Committee, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[int] = []
    start = index_beside.start_child

    def noting(*args: Any, **kwargs: Any) -> Child:
        begun.append(1)
        return start(*args, **kwargs)

    monkeypatch.setattr(index_beside, "start_child", noting)
    monkeypatch.setattr(seal, "_WORTH_A_PROCESS", 50)
    monkeypatch.setattr(seal, "_cores", lambda: 2)
    committee.publish(ListOf("RVU3", codes(r="ر")))
    assert begun == []
    committee.publish(ListOf("LNC", codes(**{f"c{i}": f"عنوان {i}" for i in range(60)})))
    assert len(begun) == 1
    committee.check_invariants()
    path = committee.folder / committee.shelf.catalogue().terminology("LNC").current.file
    content = path.read_bytes()
    path.unlink()
    monkeypatch.setattr(seal, "_cores", lambda: 1)
    seal.restore_missing(committee.engine, committee.folder)
    assert len(begun) == 1, "one core has nothing to share"
    assert path.read_bytes() == content


@pytest.mark.parametrize("trouble", ["killed", "never begun"])
def test_a_list_is_sealed_all_the_same_when_the_child_is_lost(
    committee: Committee, monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    start = index_beside.start_child

    def lost(*args: Any, **kwargs: Any) -> Child:
        if trouble == "never begun":
            raise OSError(errno.EAGAIN, "no more processes")
        child = start(*args, **kwargs)
        os.kill(child.pid, signal.SIGKILL)
        return child

    monkeypatch.setattr(index_beside, "start_child", lost)
    monkeypatch.setattr(seal, "_WORTH_A_PROCESS", 50)
    monkeypatch.setattr(seal, "_cores", lambda: 2)
    committee.publish(ListOf("LNC", codes(**{f"c{i}": f"عنوان {i}" for i in range(60)})))
    committee.check_invariants()
    assert committee.shelf.release(committee.shelf.catalogue().terminology("LNC").current).count("active") == 60
