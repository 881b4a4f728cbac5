"""A centre that has lost its metadata says so, and how to get them back; it never becomes another repository by itself."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from maxa.errors import WrongState
from maxa.settings import Settings, read_settings
from maxa.shelf import key_ceremony
from maxa.shelf.key_ceremony import keys_status, make_keys
from maxa.shelf.keys import read_keys
from maxa.shelf.signing import bring_signatures_up, try_to_sign
from maxa.shelf.standing import read_standing
from tests.mirror.world import Centre, Mirror, serving


@pytest.fixture
def centre(tmp_path: Path) -> Centre:
    return Centre(tmp_path / "centre")


def settings_of(home: Path, **over: str) -> Settings:
    return read_settings({"MAXA_HOME": str(home), "MAXA_DATABASE_URL": "", **over})


def everything(folder: Path) -> set[Path]:
    return {p for p in folder.rglob("*") if not p.name.startswith(".") and p.suffix in (".pem", ".json")}


def test_lost_metadata_are_told_and_no_new_root_is_made(centre: Centre) -> None:
    shutil.rmtree(centre.metadata)
    before = everything(centre.home)
    with pytest.raises(WrongState, match="from a backup or any mirror"):
        bring_signatures_up(settings_of(centre.home))
    assert try_to_sign(settings_of(centre.home)) is not None, "the worker's way"
    with pytest.raises(WrongState, match="from a backup or any mirror"):
        make_keys(centre.folder, keys=centre.keys, root_keys=centre.root_keys)
    with pytest.raises(WrongState, match="from a backup or any mirror"):
        keys_status(centre.folder, centre.ring())
    with pytest.raises(WrongState, match="from a backup or any mirror"):
        centre.rotate("online")
    assert everything(centre.home) == before


def test_what_is_left_of_the_metadata_alone_is_enough_to_tell(centre: Centre) -> None:
    for folder in (centre.keys, centre.root_keys):
        shutil.rmtree(folder)
    centre.metadata.joinpath("1.root.json").unlink()
    assert read_standing(centre.folder) is not None
    with pytest.raises(WrongState, match="root metadata is lost"):
        bring_signatures_up(settings_of(centre.home))


def test_online_keys_from_the_environment_are_no_reason_to_make_new_ones(centre: Centre) -> None:
    pem = "".join(k.read_text() for k in centre.keys.glob("*.pem"))
    shutil.rmtree(centre.metadata)
    with pytest.raises(WrongState, match="root metadata is lost"):
        bring_signatures_up(settings_of(centre.home, MAXA_KEYS_PEM=pem))


def test_roots_from_a_mirror_mend_it_and_mirrors_follow(centre: Centre, tmp_path: Path) -> None:
    mirror = Mirror(tmp_path / "mirror").init(centre)
    with serving(centre.folder) as server:
        mirror.sync(server.url)
        shutil.rmtree(centre.metadata)
        centre.metadata.mkdir()
        for root in (mirror.places.shelf / "metadata").glob("*.root.json"):
            shutil.copy(root, centre.metadata)
        bring_signatures_up(settings_of(centre.home))
        centre.publish()
        assert mirror.sync(server.url).serial == 9


def test_keys_are_made_by_themselves_at_the_first_start(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    settings.shelf.mkdir(parents=True)
    bring_signatures_up(settings)
    assert len(list(settings.keys.glob("*.pem"))) == 3
    assert not (settings.shelf / "metadata" / ".making-keys").exists()


def test_a_kill_between_the_first_keys_and_the_root_is_no_loss(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_of(tmp_path)
    settings.shelf.mkdir(parents=True)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as m:
        m.setattr(key_ceremony, "_write_root", killed)
        with pytest.raises(KeyboardInterrupt):
            bring_signatures_up(settings)
    assert list(settings.keys.glob("*.pem"))
    bring_signatures_up(settings)
    assert keys_status(settings.shelf, read_keys([settings.keys, settings.root_keys])).root_sha256


def test_a_kill_between_the_root_and_the_end_leaves_no_mark_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_of(tmp_path)
    settings.shelf.mkdir(parents=True)
    unlink = Path.unlink

    def killed(path: Path, missing_ok: bool = False) -> None:
        if path.name == ".making-keys":
            raise KeyboardInterrupt
        unlink(path, missing_ok)

    with monkeypatch.context() as m:
        m.setattr(Path, "unlink", killed)
        with pytest.raises(KeyboardInterrupt):
            bring_signatures_up(settings)
    bring_signatures_up(settings)
    for lost in (settings.shelf / "metadata").glob("*.json"):
        lost.unlink()
    with pytest.raises(WrongState, match="root metadata is lost"):
        bring_signatures_up(settings)
