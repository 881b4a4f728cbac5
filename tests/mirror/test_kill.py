"""kill -9 at random moments of sync, import and prune: what is served is whole at each moment, old or new."""

from __future__ import annotations

import random
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

from maxa.errors import WrongState
from maxa.mirror.archive_file import export
from maxa.mirror.keep import prune
from maxa.mirror.verify import verify
from maxa.settings import PROJECT
from tests.mirror.world import Centre, Mirror, Server, serving, stick

PATIENCE = 60.0


def victim_of(mirror: Mirror, action: str, what: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.mirror.victim", str(mirror.home), action, what],
        cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def kill_at_random_moments(
    centre: Centre, server: Server, mirror: Mirror, tmp_path: Path, kills: int, seed: int
) -> dict[str, int]:
    """Returns how often the killed one had switched, had not, or had ended by itself."""
    chance = random.Random(seed)
    mirror.sync(server.url)
    told = {"before": 0, "after": 0, "done": 0}
    for n in range(kills):
        action = ("sync", "import", "prune")[n % 3]
        before = mirror.serial
        for _ in range(chance.randrange(1, 4)):
            centre.publish(chance.choice(["IRC", "ATC", "UCUM", f"list{n}"]), codes=chance.randrange(1, 300))
        what = server.url
        if action == "import":
            what = str(stick(centre, tmp_path / "stick.zip", since=before))
        elif action == "prune":
            what = str(chance.randrange(1, 4))
        victim = victim_of(mirror, action, what)
        assert victim.stdout is not None
        assert victim.stdin is not None
        assert victim.stdout.readline() == b"ready\n", victim.communicate()
        victim.stdin.write(b"go\n")
        victim.stdin.flush()
        time.sleep(0)  # let it run
        ended, _, _ = select.select([victim.stdout], [], [], chance.uniform(0, 0.03 if action == "prune" else 0.8))
        victim.kill()
        rest, trouble = victim.communicate(timeout=PATIENCE)
        assert b"Traceback" not in trouble, trouble.decode()
        assert mirror.is_whole(), f"after a kill of {action}"
        assert mirror.serial in (before, centre.catalogue.serial)
        assert mirror.answers()
        told["done" if b"done" in rest or ended else "before" if mirror.serial == before else "after"] += 1
        mirror.sync(server.url)
        assert mirror.serial == centre.catalogue.serial
    assert verify(mirror.places).problems == []
    assert not list(mirror.places.shelf.rglob(".un*-*"))
    assert not list(mirror.places.parts.iterdir())
    return told


def test_a_kill_at_any_moment_leaves_the_old_or_the_new(
    centre: Centre, server: Server, mirror: Mirror, tmp_path: Path
) -> None:
    kill_at_random_moments(centre, server, mirror, tmp_path, kills=6, seed=random.randrange(10**6))


@pytest.mark.deep
def test_a_hundred_and_fifty_kills_leave_the_old_or_the_new(
    centre: Centre, server: Server, mirror: Mirror, tmp_path: Path
) -> None:
    """Fifty of each: sync, import, prune."""
    print(kill_at_random_moments(centre, server, mirror, tmp_path, kills=150, seed=1405))


def cut_off(mirror: Mirror, url: str, step: str) -> None:
    """A sync that the power leaves just before ``step`` of the switch."""

    def power_cut(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch().context() as cut:
        cut.setattr(f"maxa.mirror.accept.{step}", power_cut)
        with pytest.raises(KeyboardInterrupt):
            mirror.sync(url)


def test_a_sync_that_stopped_just_before_the_switch_is_finished_by_the_next(
    centre: Centre, server: Server, mirror: Mirror
) -> None:
    """The one moment where what is accepted and what is served differ: the next sync sees it, though nothing is new."""
    mirror.sync(server.url)
    centre.publish()
    cut_off(mirror, server.url, "write_durably")
    assert mirror.serial == 8
    assert mirror.is_whole()
    assert mirror.sync(server.url).serial == 9
    assert mirror.serial == 9


def test_a_prune_at_that_moment_does_not_make_the_old_pass_for_what_was_accepted(
    centre: Centre, server: Server, mirror: Mirror
) -> None:
    mirror.sync(server.url)
    centre.publish("LNC")
    cut_off(mirror, server.url, "write_durably")
    assert prune(mirror.places, 1).files > 0
    assert mirror.is_whole()
    assert mirror.serial == 8
    done = mirror.sync(server.url)
    assert (done.before, done.serial, mirror.serial) == (8, 9, 9)
    assert [e.kept for e in mirror.catalogue.terminology("LNC").editions] == [False, False, True]
    assert verify(mirror.places).problems == []


@pytest.mark.parametrize("step", ["keep_links", "publish_metadata", "tidy"])
def test_a_sync_that_stopped_just_after_the_switch_is_finished_for_mirrors_of_this_mirror(
    centre: Centre, server: Server, mirror: Mirror, tmp_path: Path, step: str
) -> None:
    mirror.sync(server.url)
    centre.publish("LNC")
    cut_off(mirror, server.url, step)
    assert mirror.serial == 9
    with serving(mirror.places.shelf) as second:
        far = Mirror(tmp_path / "far").init(centre, second.url)
        assert far.sync(second.url).serial == (9 if step == "tidy" else 8), "what timestamp.json names can be had"
        mirror.sync(server.url)
        assert verify(mirror.places).problems == []
        far.sync(second.url)
        assert far.serial == 9


def test_an_export_of_a_shelf_without_its_timestamp_is_told(server: Server, mirror: Mirror, tmp_path: Path) -> None:
    mirror.sync(server.url)
    (mirror.places.shelf / "metadata" / "timestamp.json").unlink()
    with pytest.raises(WrongState, match="maxa mirror sync"):
        export(mirror.places.shelf, tmp_path / "a.zip")
    assert not (tmp_path / "a.zip").exists()
