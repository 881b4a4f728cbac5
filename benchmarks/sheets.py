"""Workbooks that go out: the marked workbook against openpyxl's own load and save, exports, and differences.

    python -m benchmarks.sheets [--rows 100000] [--rounds 3]

The marked workbook is measured as a user meets it, the child process and its checks included. openpyxl's load and save
runs in a process of its own too. Peak memory is that of the processes.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.big_shelves import big_shelf
from benchmarks.workbooks import write_irc_workbook
from importers.findings import RULES
from importers.rows import Finding, Severity
from maxa.diff import Change, change_of
from maxa.sheets.differences import write_csv, write_workbook
from maxa.sheets.export import export_release
from maxa.sheets.mark import mark_workbook
from maxa.shelf import Shelf

_LOAD_AND_SAVE = """
import sys, openpyxl
openpyxl.load_workbook(sys.argv[1]).save(sys.argv[2])
"""
_FOUND = ("bad-code", "missing-value", "look-alike-letters", "not-a-number")


def made_findings(count: int, rows: int) -> list[Finding]:
    chosen = random.Random(7).sample(range(3, rows + 3), count)
    return [
        Finding(
            rule=(rule := _FOUND[n % len(_FOUND)]), severity=RULES[rule].severity, message_fa="یافتهٔ ساختگی", message_en="x",
            file="irc.xlsx", sheet="فهرست", row=row, column="ACDH"[n % 4], heading="کد IRC", value="x",
        )
        for n, row in enumerate(sorted(chosen))
    ]  # fmt: skip


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def in_child(command: list[str]) -> tuple[float, float]:
    """Seconds on the clock and the peak memory in MB of the process, or of the largest that it waited for."""
    start = time.perf_counter()
    child = subprocess.Popen(command)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"failed: {command}")
    return time.perf_counter() - start, usage.ru_maxrss / 1024


def changes(rows: int) -> Iterator[Change]:
    for n in range(rows):
        state = {"title_fa": f"عنوان {n}", "status": "active", "properties.price": n}
        change = change_of(f"{n:016}", state if n % 3 else None, {**state, "properties.price": n + 1, "title_en": "x"})
        if change is not None:
            yield change


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--findings", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="maxa-bench-"))
    try:
        book, saved, marked = folder / "irc.xlsx", folder / "saved.xlsx", folder / "marked.xlsx"
        write_irc_workbook(book, given.rows)
        found = made_findings(given.findings, given.rows)
        assert Severity.ERROR in {one.severity for one in found}
        baseline, ours, peaks = [], [], [0.0, 0.0]
        sizes = [str(given.rows), str(given.findings)]
        for _ in range(given.rounds):
            seconds, peak = in_child([sys.executable, "-c", _LOAD_AND_SAVE, str(book), str(saved)])
            baseline.append(seconds)
            peaks[0] = max(peaks[0], peak)
            seconds, peak = in_child(
                [sys.executable, "-m", "benchmarks.sheets", "--mark", str(book), str(marked), *sizes]
            )
            ours.append(seconds)
            peaks[1] = max(peaks[1], peak)
        ratio = statistics.median(ours) / statistics.median(baseline)
        print(f"marked workbook, {given.rows} rows, {given.findings} findings: {statistics.median(ours):.1f} s,"
              f" {peaks[1]:.0f} MB; openpyxl's load and save: {statistics.median(baseline):.1f} s, {peaks[0]:.0f} MB;"
              f" ratio {ratio:.2f} (target ≤ 2)")  # fmt: skip
        shelf = Shelf(big_shelf({"IRC": given.rows}, name=f"sheets-{given.rows}"))
        release = shelf.release(shelf.catalogue().terminology("IRC").current)
        for kind in ("csv", "json", "xlsx"):
            size = 0
            start = time.perf_counter()
            for block in export_release(release, kind):
                size += len(block)
            print(f"export {kind}: {time.perf_counter() - start:.2f} s, {size >> 10} kB")
        with (folder / "changes.csv").open("wb") as file:
            seconds = timed(lambda: write_csv(changes(given.rows), file, labels={}))
        print(f"differences csv, {given.rows} changes: {seconds:.2f} s")
        path = folder / "changes.xlsx"
        seconds = timed(lambda: write_workbook(changes(given.rows), path, title="تفاوت", labels={}))
        print(f"differences xlsx, {given.rows} changes: {seconds:.2f} s, {path.stat().st_size >> 10} kB")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def mark_one(book: str, marked: str, rows: str, findings: str) -> None:
    """In a process of its own, so that its peak is that of the child which marks."""
    target = Path(marked)
    mark_workbook(Path(book), made_findings(int(findings), int(rows)), target, workdir=target.parent / "work")
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss > own


if __name__ == "__main__":
    if sys.argv[1:2] == ["--mark"]:
        mark_one(*sys.argv[2:])
    else:
        main()
