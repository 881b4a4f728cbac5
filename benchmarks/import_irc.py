"""A 100,000-row IRC workbook: read, check, diff, load, publish, seal, beside what openpyxl takes just to read it.

``python -m benchmarks.import_irc [--rows N] [--rounds N]``. Each round is a process of its own on a registry of its
own; the ratio is taken from rounds that alternate. Memory is the peak resident size of the largest process (the one
that parses, or the one that loads and seals); PostgreSQL's own is not ours to count. Processor time is of all processes,
PostgreSQL's too: on a machine that does other work, only that can be compared. Two processes work side by side, so that on
an idle machine the ratio of time is lower than that of processor time.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

import openpyxl
import orjson

from benchmarks.processor import seconds_of_tree
from benchmarks.workbooks import write_irc_workbook
from maxa.registry import actions, differences, queries
from maxa.registry.actions.imports import Workbook
from maxa.registry.embedded import EmbeddedPostgres
from maxa.registry.engine import make_engine, upgrade
from maxa.registry.people import Actor
from maxa.registry.transaction import transaction
from maxa.settings import PROJECT
from maxa.shelf.seal import project_shelf

FOLDER = PROJECT / ".bench" / "import"
ME = Actor("bench", frozenset({"administrator"}))


def read_with_openpyxl(path: Path) -> dict[str, float]:
    begun, cpu = time.perf_counter(), time.process_time()
    book = openpyxl.load_workbook(path, read_only=True)
    cells = sum(len(row) for sheet in book for row in sheet.iter_rows(values_only=True))
    return {"openpyxl": time.perf_counter() - begun, "cells": cells, "cpu": time.process_time() - cpu}


def whole_way(home: Path, url: str, path: Path, postgres: int) -> dict[str, float]:
    """From the file to the shelf; seconds by step and the peak of memory in MB."""
    engine = make_engine(url)

    def spent() -> float:
        return seconds_of_tree(postgres) + seconds_of_tree(os.getpid())

    times: dict[str, float] = {}
    begun = last = time.perf_counter()
    cpu = cpu_begun = spent()

    def step(name: str) -> None:
        nonlocal last, cpu
        times[name], last = time.perf_counter() - last, time.perf_counter()
        times[f"{name} (cpu)"], cpu = spent() - cpu, spent()

    received = actions.receive_submission(
        engine, actor=ME, circular="110/40", workbooks=[Workbook(path.name, path.read_bytes(), "drugs")]
    )
    number = received.submission_id
    step("receive")
    state = actions.import_submission(engine, submission_id=number, workdir=home / "work")
    if state != "draft":
        raise SystemExit(f"the workbook was not taken: {state}")
    step("read, check, load")
    with transaction(engine) as session:
        submission = queries.submission_or_error(session, number)
        for terminology, _ in differences.drafted(session, submission):
            differences.draft_counts(session, submission, terminology)
        asked = [f.confirm for f in queries.findings(session, number) if f.confirm]
    step("diff")
    actions.submit_for_review(engine, submission_id=number, actor=ME, confirm=[a for a in asked if a])
    actions.approve_submission(engine, submission_id=number, actor=ME, one_person=True)
    step("review")
    actions.publish_submission(engine, submission_id=number, actor=ME)
    step("publish")
    project_shelf(engine, home / "shelf")
    step("seal")
    times["total"], times["cpu"] = time.perf_counter() - begun, spent() - cpu_begun
    peaks = [resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return {**times, "peak here (MB)": peaks[0], "peak of the parser (MB)": peaks[1]}


def in_a_process(*words: str) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.import_irc", *words], cwd=PROJECT, check=True, stdout=subprocess.PIPE
    )
    return dict(orjson.loads(done.stdout.splitlines()[-1]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--step", nargs="*")
    given = parser.parse_args()
    if given.step:
        kind, *words = given.step
        result = (
            read_with_openpyxl(Path(words[0]))
            if kind == "openpyxl"
            else whole_way(Path(words[0]), words[1], Path(words[2]), int(words[3]))
        )
        sys.stdout.write(orjson.dumps(result).decode() + "\n")
        return
    FOLDER.mkdir(parents=True, exist_ok=True)
    books = [FOLDER / f"irc-{given.rows}-{edition}.xlsx" for edition in (1, 2)]
    for edition, book in enumerate(books, start=1):
        if not book.exists():
            write_irc_workbook(book, given.rows, edition)
    rounds: dict[str, list[dict[str, float]]] = {"openpyxl": [], "first": [], "every row changes": []}
    for n in range(given.rounds):
        rounds["openpyxl"].append(in_a_process("--step", "openpyxl", str(books[0])))
        home = Path(f"/tmp/maxa-bench-{n}")
        shutil.rmtree(home, ignore_errors=True)
        with EmbeddedPostgres(home / "postgres") as postgres:
            upgrade(postgres.url)
            if postgres.child is None:
                raise SystemExit(f"the PostgreSQL in {home} is another process's: its time can't be told")
            server = str(postgres.child.pid)
            for name, book in (("first", books[0]), ("every row changes", books[1])):
                rounds[name].append(in_a_process("--step", "whole", str(home), postgres.url, str(book), server))
        shutil.rmtree(home, ignore_errors=True)
    report(given.rows, rounds)


def report(rows: int, rounds: dict[str, list[dict[str, float]]]) -> None:
    reading = statistics.median(r["openpyxl"] for r in rounds["openpyxl"])
    print(f"{rows:,} rows, medians of {len(rounds['openpyxl'])} rounds")
    cpu = statistics.median(r["cpu"] for r in rounds["openpyxl"])
    print(f"  openpyxl, read-only, just reading: {reading:.2f} s (cpu {cpu:.2f})")
    for name in ("first", "every row changes"):
        median = {key: statistics.median(r[key] for r in rounds[name]) for key in rounds[name][0]}
        print(f"  {name}: {median['total']:.2f} s = {median['total'] / reading:.2f} × openpyxl's reading;"
              f" cpu {median['cpu']:.2f} s = {median['cpu'] / cpu:.2f} ×")  # fmt: skip
        print("    " + ", ".join(f"{key} {value:.2f}" for key, value in median.items() if key not in ("total", "cpu")))


if __name__ == "__main__":
    main()
