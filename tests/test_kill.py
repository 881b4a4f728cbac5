"""kill -9 at random moments of import, publication and sealing: nothing lost, nothing half visible."""

from __future__ import annotations

import os
import random
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import Engine

from maxa.settings import PROJECT
from tests.lists import Committee
from tests.test_worker import eventually, url_of

PATIENCE = 90.0
LONGEST_LIFE = 3.0  # seconds; one round of the victim takes less


def start(committee: Committee, seed: int, *options: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.kill_victim", url_of(committee), str(committee.home), str(seed), *options],
        cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip


def wait_until_ready(victim: subprocess.Popen[bytes]) -> None:
    assert victim.stdout is not None
    readable, _, _ = select.select([victim.stdout], [], [], PATIENCE)
    assert readable, "the victim did not finish what its predecessor began"
    assert victim.stdout.readline() == b"ready\n"


def processes_over(home: Path) -> list[str]:
    """Command lines of living processes that name this home."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                command = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if str(home).encode() in command and b"postgres" not in command:
                found.append(command.replace(b"\0", b" ").decode(errors="replace"))
    return found


def kill_at_random_moments(committee: Committee, kills: int, seed: int) -> None:
    chance = random.Random(seed)
    for n in range(kills):
        victim = start(committee, seed + n)
        try:
            wait_until_ready(victim)
            committee.check_invariants()
            assert victim.stdin is not None
            victim.stdin.write(b"go on\n")
            victim.stdin.flush()
            deadline = time.monotonic() + chance.uniform(0.0, LONGEST_LIFE)
            while time.monotonic() < deadline and victim.poll() is None:
                select.select([], [], [], 0.01)
        finally:
            assert victim.poll() is None, "the victim ended by itself"
            victim.kill()
            victim.communicate(timeout=PATIENCE)
        eventually(lambda: not processes_over(committee.home), "its children died with it")
        shelf_is_whole(committee)
    last = start(committee, seed, "--recover-only")
    wait_until_ready(last)
    assert last.wait(PATIENCE) == 0
    committee.check_invariants()
    open_ones = committee.scalar("SELECT count(*) FROM submission WHERE state NOT IN ('published', 'rejected')")
    assert open_ones == 0, "every workbook that was received came to its end"
    assert committee.scalar("SELECT count(*) FROM staged_concept") == 0
    assert not list(committee.folder.rglob(".unfinished-*"))


def shelf_is_whole(committee: Committee) -> None:
    """Before anything is repaired: what the catalogue lists is there, sound, and one serial's."""
    from maxa.shelf.check import check_shelf

    if (committee.folder / "catalogue.json").exists():
        assert check_shelf(committee.folder).problems == []


def test_a_kill_at_any_moment_loses_nothing(engine: Engine, home: Path) -> None:
    kill_at_random_moments(Committee(engine, home), kills=3, seed=random.randrange(10**6))


@pytest.mark.deep
def test_fifty_kills_lose_nothing(engine: Engine, home: Path) -> None:
    kill_at_random_moments(Committee(engine, home), kills=50, seed=1402)
