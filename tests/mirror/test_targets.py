"""What `export` and `kit` write to: a plain file in a folder that is there, and nothing else, whatever the user names."""

from __future__ import annotations

import errno
import os
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from maxa.errors import BadParameter, MaxaError, Unavailable
from maxa.mirror.archive_file import export
from maxa.mirror.kit import make_kit
from maxa.mirror.troubles import NoSpace
from tests.mirror.world import Centre

Make = Callable[[Path, Path], object]
BOTH = pytest.mark.parametrize("make", [export, make_kit], ids=["export", "kit"])


@BOTH
def test_a_device_is_not_replaced(make: Make, centre: Centre, tmp_path: Path) -> None:
    device = tmp_path / "sdb1"
    os.mkfifo(device)  # stands for /dev/sdb1: no plain file either
    link = tmp_path / "stick.zip"
    link.symlink_to(device)
    for path in (device, link):
        with pytest.raises(BadParameter, match="is a device or a folder"):
            make(centre.folder, path)
    assert stat.S_ISFIFO(device.stat().st_mode)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["centre", "sdb1", "stick.zip"]


@BOTH
def test_a_folder_that_is_missing_is_not_made(make: Make, centre: Centre, tmp_path: Path) -> None:
    with pytest.raises(BadParameter, match="plugged in and mounted"):
        make(centre.folder, tmp_path / "stick" / "maxa.zip")
    assert not (tmp_path / "stick").exists()


@pytest.mark.parametrize(
    ("number", "kind", "told"),
    [
        (errno.EFBIG, NoSpace, "exFAT"),
        (errno.ENOSPC, NoSpace, "larger stick"),
        (errno.EIO, Unavailable, "Input/output"),
    ],
)
@BOTH
def test_a_stick_that_refuses_is_told_and_what_lay_there_stays(
    make: Make, number: int, kind: type[MaxaError], told: str, centre: Centre, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    stick = tmp_path / "stick"
    stick.mkdir()
    (stick / "maxa.zip").write_bytes(b"the last one")
    monkeypatch.setattr(zipfile.ZipFile, "writestr", refuse)
    with pytest.raises(kind, match=told):
        make(centre.folder, stick / "maxa.zip")
    assert [(p.name, p.read_bytes()) for p in stick.iterdir()] == [("maxa.zip", b"the last one")]


@BOTH
@pytest.mark.parametrize("name", ["metadata/1.root.json", "IRC/"])
def test_a_shelf_that_can_not_be_read_is_not_the_sticks_fault(
    make: Make, name: str, centre: Centre, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, read = Path.open, Path.read_bytes

    def refuse(path: Path) -> None:
        if name in str(path):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(Path, "open", lambda path, *a, **k: refuse(path) or opened(path, *a, **k))
    monkeypatch.setattr(Path, "read_bytes", lambda path: refuse(path) or read(path))
    with pytest.raises(MaxaError) as told:
        make(centre.folder, tmp_path / "stick.zip")
    assert "stick.zip" not in told.value.detail_en
    assert "shelf" in told.value.detail_en
    assert not (tmp_path / "stick.zip").exists()
