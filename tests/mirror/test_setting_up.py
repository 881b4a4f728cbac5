"""``maxa mirror init``: everything is checked before anything is changed, and what is not said stays as it was."""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path

import pytest
from click.testing import CliRunner

from maxa.cli import main
from maxa.errors import BadParameter, SettingsError, WrongState
from maxa.mirror import installer
from maxa.mirror.keep import set_up
from maxa.mirror.places import Config
from maxa.mirror.troubles import Refused
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


def test_a_choice_of_nothing_that_an_earlier_version_took_keeps_everything(mirror: Mirror, server: Server) -> None:
    (mirror.places.home / "config.json").write_text(f'{{"url": "{server.url}", "terminologies": []}}')
    assert mirror.places.config() == Config(server.url, None)
    assert mirror.sync(server.url).serial == 8
    assert mirror.catalogue.terminologies
    (mirror.places.home / "config.json").write_text("[]")
    with pytest.raises(SettingsError, match="is damaged"):
        mirror.places.config()


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


def test_a_root_does_not_go_back_to_one_that_was_walked_past(mirror: Mirror, centre: Centre, server: Server) -> None:
    centre.rotate("root", "targets")
    mirror.sync(server.url)
    set_up(mirror.places, centre.root(2), None)
    told = set_up(mirror.places, centre.root(1), "http://127.0.0.1:9/shelf")
    assert mirror.places.root.read_bytes() == centre.root(2)
    assert told == hashlib.sha256(centre.root(2)).hexdigest()
    assert mirror.places.config().url == "http://127.0.0.1:9/shelf/"
    mirror.init(centre, again=True)
    assert mirror.places.root.read_bytes() == centre.root(1)


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


OTHER_URL = "http://127.0.0.1:9/shelf/"


def kit_of(centre: Centre, folder: Path, root: bytes | None = None) -> Path:
    """What a kit of this centre holds for the mirror itself, unpacked."""
    unpacked = folder / "kit"
    unpacked.mkdir()
    (unpacked / "root.json").write_bytes(root or centre.root())
    stick(centre, unpacked / "shelf.zip")
    return unpacked


def install(unpacked: Path, mirror: Mirror, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fill the mirror as a kit with --url does."""

    def run(prefix: str, home: str, account: None, *words: str) -> int:
        env = {"MAXA_HOME": home, "MAXA_ROLE": "mirror", "MAXA_LANG": "en", "MAXA_DATABASE_URL": ""}
        return CliRunner().invoke(main, list(words), env=env).exit_code

    monkeypatch.setattr(installer, "_maxa", run)
    installer._fill(argparse.Namespace(url=OTHER_URL), str(mirror.home), str(mirror.home), str(unpacked), None)


def test_a_kit_with_an_address_fills_a_new_mirror(
    centre: Centre, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mirror = Mirror(tmp_path / "new")
    install(kit_of(centre, tmp_path), mirror, monkeypatch)
    assert (mirror.serial, mirror.places.config().url) == (8, OTHER_URL)


def test_a_kit_of_another_centre_leaves_the_mirror_its_address(
    mirror: Mirror, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    mirror.sync(server.url)
    before = mirror.places.root.read_bytes()
    with pytest.raises(SystemExit):
        install(kit_of(Centre(tmp_path / "other"), tmp_path), mirror, monkeypatch)
    assert "could not be taken" in capsys.readouterr().err
    assert (mirror.places.config().url, mirror.places.root.read_bytes(), mirror.serial) == (server.url, before, 8)


def test_a_kit_whose_codes_are_older_than_the_mirrors_gives_it_the_address(
    mirror: Mirror, centre: Centre, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unpacked = kit_of(centre, tmp_path)
    centre.publish()
    mirror.sync(server.url)
    install(unpacked, mirror, monkeypatch)
    assert (mirror.serial, mirror.places.config().url) == (9, OTHER_URL)


def test_a_damaged_kit_is_not_taken_for_an_older_one_because_one_was_tried_before(
    mirror: Mirror, centre: Centre, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unpacked = kit_of(centre, tmp_path)
    file = stick(centre, tmp_path / "older.zip")
    centre.publish()
    mirror.sync(server.url)
    with pytest.raises(Refused) as rollback:
        mirror.take(file)
    assert rollback.value.kind == "rollback"
    (unpacked / "shelf.zip").write_bytes(b"no archive")
    with pytest.raises(SystemExit):
        install(unpacked, mirror, monkeypatch)
    assert mirror.places.config().url == server.url


@pytest.mark.parametrize("rotations", [1, 2])
def test_a_kit_with_an_address_upgrades_a_mirror_that_has_not_seen_the_rotations(
    rotations: int, mirror: Mirror, centre: Centre, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mirror.sync(server.url)
    for _ in range(rotations):
        centre.rotate("root", "targets")
    centre.publish()
    install(kit_of(centre, tmp_path, centre.root(1 + rotations)), mirror, monkeypatch)
    assert mirror.serial == 9
    assert mirror.places.config().url == OTHER_URL
