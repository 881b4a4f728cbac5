"""``maxa mirror init``: everything is checked before anything is changed, and what is not said stays as it was."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from maxa.errors import BadParameter, SettingsError, WrongState
from maxa.mirror import installer
from maxa.mirror.keep import set_up
from maxa.mirror.places import Config
from tests.mirror.test_cli import Run, maxa, root
from tests.mirror.world import Centre, Mirror, Server, stick

__all__ = ["maxa", "root"]  # fixtures


def everything(folder: Path) -> dict[str, bytes]:
    return {
        str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file() and p.name != "lock"
    }  # fmt: skip


def test_a_wrong_address_changes_nothing_of_what_is_trusted(mirror: Mirror, server: Server, tmp_path: Path) -> None:
    mirror.sync(server.url)
    before = everything(mirror.home)
    other = Centre(tmp_path / "other")
    with pytest.raises(BadParameter, match="no address"):
        set_up(mirror.places, other.root(), "ftp://x", again=True)
    assert everything(mirror.home) == before


def test_again_forgets_what_was_accepted_with_the_same_root_too(mirror: Mirror, server: Server, centre: Centre) -> None:
    mirror.sync(server.url)
    assert (mirror.places.shelf / "metadata" / "standing.json").exists()
    mirror.init(centre, again=True)
    assert not (mirror.places.shelf / "metadata" / "standing.json").exists()
    assert not list((mirror.places.tuf / "root_history").glob("*"))
    assert mirror.sync(server.url).serial == 8


def test_all_terminologies_are_chosen_again_by_all_and_kept_where_none_are_said(
    mirror: Mirror, centre: Centre, server: Server
) -> None:
    mirror.init(centre, terminologies=("LNC",))
    mirror.init(centre)
    assert mirror.places.config() == Config(server.url, ("LNC",))
    mirror.init(centre, terminologies="all")
    assert mirror.places.config() == Config(server.url, None)


def test_a_damaged_configuration_is_mended_by_what_its_message_advises(mirror: Mirror, centre: Centre) -> None:
    (mirror.places.home / "config.json").write_bytes(b"{")
    with pytest.raises(SettingsError, match="maxa mirror init"):
        mirror.places.config()
    mirror.init(centre, "http://127.0.0.1:9/shelf/")
    assert mirror.places.config().url == "http://127.0.0.1:9/shelf/"


def test_the_address_alone_is_changed_without_a_root(mirror: Mirror, centre: Centre, tmp_path: Path) -> None:
    set_up(mirror.places, None, "http://127.0.0.1:9/shelf")
    assert mirror.places.config().url == "http://127.0.0.1:9/shelf/"
    assert mirror.places.root.read_bytes() == centre.root()
    fresh = Mirror(tmp_path / "fresh")
    with pytest.raises(SettingsError, match="--root"):
        set_up(fresh.places, None, "http://127.0.0.1:9/shelf")


def test_a_newer_root_that_the_trusted_one_vouches_for_is_taken(mirror: Mirror, centre: Centre, server: Server) -> None:
    mirror.sync(server.url)
    centre.rotate("root", "targets")
    set_up(mirror.places, centre.root(2), None)
    assert mirror.places.root.read_bytes() == centre.root(2)
    assert mirror.sync(server.url).serial == 8
    assert mirror.is_whole()


def test_a_root_that_keys_of_an_older_root_signed_is_not_taken_once_a_newer_one_is_known(
    mirror: Mirror, centre: Centre, server: Server, tmp_path: Path
) -> None:
    thief = Centre(tmp_path / "thief")
    for mine, his in ((centre.root_keys, thief.root_keys), (centre.keys, thief.keys)):
        for key in his.glob("*.pem"):
            key.unlink()
        for key in mine.glob("*.pem"):
            (his / key.name).write_bytes(key.read_bytes())
            (his / key.name).chmod(0o600)
    (thief.metadata / "1.root.json").write_bytes(centre.root())
    thief.rotate("targets")
    thief.rotate("targets")
    centre.rotate("root")
    mirror.sync(server.url)
    with pytest.raises(WrongState, match="another root"):
        set_up(mirror.places, thief.root(3), None)


def test_init_says_what_comes_next_by_the_address_that_is_kept(maxa: Run, root: str) -> None:
    assert "Next: maxa mirror sync" in maxa("mirror", "init", "--root", root, "http://127.0.0.1:9/shelf").output
    assert "Next: maxa mirror sync" in maxa("mirror", "init", "--root", root).output
    maxa("mirror", "init", "--root", root, "--terminologies", ",", code=2)


@pytest.mark.parametrize("rotations", [1, 2])
def test_a_kit_with_an_address_upgrades_a_mirror_that_has_not_seen_the_rotations(
    rotations: int, mirror: Mirror, centre: Centre, server: Server, tmp_path: Path, maxa: Run,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    mirror.sync(server.url)
    for _ in range(rotations):
        centre.rotate("root", "targets")
    centre.publish()
    unpacked = tmp_path / "kit"
    unpacked.mkdir()
    (unpacked / "root.json").write_bytes(centre.root(1 + rotations))
    stick(centre, unpacked / "shelf.zip")
    monkeypatch.setattr(
        installer, "_maxa", lambda prefix, home, account, *words: maxa(*words, home=Path(home)).exit_code
    )
    options = argparse.Namespace(url="http://127.0.0.1:9/shelf/")
    installer._fill(options, str(tmp_path), str(mirror.home), str(unpacked), None)
    assert mirror.serial == 9
    assert mirror.places.config().url == options.url
