"""The disk full at any moment, on a file system of its own that is as small as it takes."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from maxa.errors import MaxaError
from maxa.mirror import download
from maxa.mirror.keep import prune
from maxa.mirror.troubles import NoSpace
from tests.mirror.world import Centre, Mirror, Server, stick


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A tmpfs; its size is set by :func:`room`."""
    folder = tmp_path / "small"
    folder.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "maxa-test", folder], capture_output=True, check=False
    )
    if made.returncode != 0:
        pytest.skip("no right to mount a tmpfs here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)  # what a failure left open goes with it


def room(folder: Path, size: int) -> None:
    subprocess.run(["mount", "-o", f"remount,size={size}", folder], check=True)


def used(folder: Path) -> int:
    stat = os.statvfs(folder)
    return (stat.f_blocks - stat.f_bfree) * stat.f_frsize


def full_at_every_moment(small: Path, mirror: Mirror, action: object, serials: set[int], steps: int) -> int:
    """Run ``action`` with more and more room until it succeeds; between, what is served is whole. Returns the failures."""
    failures = 0
    base = used(small)
    step = max(4_096, (700_000 // steps) // 4_096 * 4_096)
    for n in range(400):
        room(small, base + n * step)
        try:
            action()  # type: ignore[operator]
        except NoSpace:
            failures += 1
        if (mirror.places.shelf / "catalogue.json").exists():
            assert mirror.is_whole()
            assert mirror.serial in serials
        if n and failures <= n:
            break
    return failures


@pytest.fixture(autouse=True)
def no_margin(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor the look at the free space beforehand: it would hide what comes after it."""
    monkeypatch.setattr(download, "check_space", lambda *_: None)
    monkeypatch.setattr("maxa.mirror.sync.check_space", lambda *_: None)


@pytest.mark.parametrize("steps", [12, pytest.param(120, marks=pytest.mark.deep)])
def test_a_full_disk_during_a_sync_harms_nothing(centre: Centre, server: Server, small: Path, steps: int) -> None:
    mirror = Mirror(small / "home").init(centre, server.url)
    assert full_at_every_moment(small, mirror, lambda: mirror.sync(server.url), {8}, steps) >= 5
    for n in range(4):
        centre.publish(f"list{n}", codes=300, sign=n == 3)
    assert full_at_every_moment(small, mirror, lambda: mirror.sync(server.url), {8, 12}, steps) >= 4
    assert mirror.serial == 12


def test_a_full_disk_during_an_import_and_a_prune_harms_nothing(
    centre: Centre, server: Server, small: Path, tmp_path: Path
) -> None:
    mirror = Mirror(small / "home").init(centre)
    file = stick(centre, tmp_path / "a.zip")
    assert full_at_every_moment(small, mirror, lambda: mirror.take(file), {8}, 12) >= 5
    room(small, 8 << 20)
    mirror.take(file)
    room(small, used(small))
    with pytest.raises(OSError, match="No space"):
        (small / "more").write_bytes(bytes(8_192))
    (small / "more").unlink()
    assert prune(mirror.places, 1).files > 0, "a prune is what a full disk needs: room is held for it"
    assert mirror.is_whole()
    assert mirror.places.reserve.exists()


def test_the_reserve_is_kept_where_there_is_no_room_for_a_larger_one(small: Path, tmp_path: Path) -> None:
    places = Mirror(small / "home").places
    places.shelf.mkdir(parents=True)
    catalogue = places.shelf / "catalogue.json"
    catalogue.write_bytes(b"")
    places.hold_reserve()
    held = places.reserve.stat().st_blocks
    assert held * 512 >= 64 << 10
    catalogue.write_bytes(bytes(4_096))
    room(small, used(small))
    places.hold_reserve()
    assert places.reserve.stat().st_blocks == held
    room(small, 8 << 20)
    places.hold_reserve()
    assert places.reserve.stat().st_blocks > held


def test_what_can_not_fit_is_not_begun(
    centre: Centre, server: Server, mirror: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**9, 10**9 - 1_000, 1_000))  # type: ignore[attr-defined]
    with pytest.raises(NoSpace, match="needed"):
        mirror.sync(server.url)
    assert not server.files_asked


def test_a_disk_that_fails_is_an_error_of_ours_too(centre: Centre, server: Server, mirror: Mirror) -> None:
    """A shelf that can't be written: named, and what was there is served on."""
    mirror.sync(server.url)
    centre.publish()
    target = mirror.places.shelf / "ATC"
    target.write_text("a file where a folder must be")
    with pytest.raises(MaxaError, match="disk can't be written"):
        mirror.sync(server.url)
    assert mirror.serial == 8
    target.unlink()
    assert mirror.sync(server.url).serial == 9
