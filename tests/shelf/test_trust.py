"""The centre's signatures: keys and their files, renewal before expiry, sizes that stay small."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tuf.api.metadata import Metadata

from maxa.errors import SettingsError, WrongState
from maxa.shelf.catalogue import Catalogue, Edition, TerminologyEntry, write_catalogue
from maxa.shelf.durable import new_file
from maxa.shelf.key_ceremony import Plan, keys_status, make_keys, rotate_keys
from maxa.shelf.keys import new_key, read_keys, write_key
from maxa.shelf.signed_catalogue import read_back, tell
from maxa.shelf.signed_names import as_url, hashed_name, is_target_path, of_hashed_name, role_of
from maxa.shelf.standing import read_standing
from maxa.shelf.trust import Life, sign_shelf
from tests.mirror.world import Centre
from tests.shelves import START

DAY = timedelta(days=1)


@pytest.fixture
def centre(tmp_path: Path) -> Centre:
    return Centre(tmp_path / "centre")


def test_private_keys_are_for_their_owner_alone_and_the_roots_lie_apart(centre: Centre) -> None:
    files = [*centre.keys.iterdir(), *centre.root_keys.iterdir()]
    assert len(files) == 4
    assert {stat.S_IMODE(f.stat().st_mode) for f in files} == {0o600}
    assert {stat.S_IMODE(f.stat().st_mode) for f in (centre.keys, centre.root_keys)} == {0o700}
    assert not [f for f in centre.folder.rglob("*") if f.is_file() and b"PRIVATE KEY" in f.read_bytes()]


def test_a_key_that_others_may_read_is_refused_with_the_command_that_mends_it(centre: Centre) -> None:
    key = next(centre.keys.glob("*.pem"))
    key.chmod(0o640)
    with pytest.raises(SettingsError, match="chmod 600"):
        read_keys([centre.keys])


def on_a_stick_without_modes(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As FAT is: no links, and every file open to all, whatever chmod says."""

    def no_links(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", no_links)
    for path in folder.iterdir() if folder.is_dir() else ():
        path.chmod(0o755)


def test_root_keys_on_a_fat_stick_are_written_and_read_with_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf, keys, stick = tmp_path / "shelf", tmp_path / "keys", tmp_path / "stick"
    shelf.mkdir()
    on_a_stick_without_modes(stick, monkeypatch)
    make_keys(shelf, keys=keys, root_keys=stick)
    on_a_stick_without_modes(stick, monkeypatch)
    ring = read_keys([keys], root_folders=[stick])
    assert ring.open == tuple(str(p) for p in stick.glob("root-*.pem"))
    rotate_keys(shelf, ring, ["root"], keys=keys, root_keys=stick)
    on_a_stick_without_modes(stick, monkeypatch)
    assert len(read_keys([keys], root_folders=[stick]).open) == 2
    with pytest.raises(SettingsError, match="chmod 600"):
        read_keys([keys, stick], root_folders=[stick])


def test_a_file_that_is_there_stays_where_there_are_no_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    on_a_stick_without_modes(tmp_path, monkeypatch)
    for content in (b"first", b"second"):
        with suppress(FileExistsError), new_file(tmp_path / "x.pem", replace=False) as unfinished:
            unfinished.write_bytes(content)
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("x.pem", b"first")]


@pytest.mark.parametrize("content", [b"", b"no key", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_a_file_that_holds_no_key_is_named(centre: Centre, content: bytes) -> None:
    path = centre.keys / "x.pem"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(SettingsError, match=r"x\.pem"):
        read_keys([centre.keys])


def test_online_keys_may_come_from_the_environment(centre: Centre) -> None:
    pem = "".join(k.read_text() for k in centre.keys.glob("*.pem"))
    ring = read_keys([], pem)
    assert len(ring.signers) == 3
    centre.publish(sign=False)
    assert "timestamp" in sign_shelf(centre.folder, ring).signed
    with pytest.raises(SettingsError, match="MAXA_KEYS_PEM"):
        read_keys([], "nonsense")


def test_a_missing_key_names_the_role_and_the_way_out(centre: Centre) -> None:
    next(centre.keys.glob("snapshot-*")).unlink()
    centre.publish(sign=False)
    with pytest.raises(SettingsError, match="snapshot needs 1 keys and 0"):
        centre.sign()


def test_keys_are_made_once(centre: Centre) -> None:
    with pytest.raises(WrongState, match="rotate"):
        make_keys(centre.folder, keys=centre.keys, root_keys=centre.root_keys)


def test_thresholds(tmp_path: Path) -> None:
    centre = Centre(tmp_path / "c", plans={"root": Plan(2, 3), "targets": Plan(2, 2)})
    root = Metadata.from_bytes(centre.root())
    assert (root.signed.roles["root"].threshold, len(root.signatures)) == (2, 3)
    next(centre.root_keys.glob("*.pem")).unlink()
    centre.rotate("timestamp")
    next(centre.root_keys.glob("*.pem")).unlink()
    with pytest.raises(SettingsError, match="needs 2 of the root's keys and 1"):
        centre.rotate("timestamp")
    with pytest.raises(ValueError, match="3/2"):
        Plan.parse("3/2")


def test_signing_again_changes_nothing(centre: Centre) -> None:
    before = {p: p.read_bytes() for p in centre.metadata.iterdir() if p.is_file()}
    assert centre.sign().signed == ()
    assert {p: p.read_bytes() for p in centre.metadata.iterdir() if p.is_file()} == before


@pytest.mark.parametrize(
    ("days", "signed"),
    [
        (1, set()),
        (8, set()),
        (10, {"timestamp"}),
        (91, {"timestamp"}),
        (93, {"timestamp", "snapshot", "targets", "LNC.1"}),
    ],
)
def test_signatures_are_renewed_long_before_they_expire(centre: Centre, days: int, signed: set[str]) -> None:
    done = centre.sign(now=datetime.now(UTC) + days * DAY)
    assert signed <= set(done.signed)
    assert bool(signed) == bool(done.signed)
    assert done.expires - (datetime.now(UTC) + days * DAY) >= 82 * DAY


def test_at_any_moment_an_offline_mirror_has_nine_tenths_of_the_life_before_it(tmp_path: Path) -> None:
    """As the worker renews, hour by hour (here: every eleven days) over three years."""
    centre = Centre(tmp_path / "c", life=Life(timedelta(days=60), timedelta(days=4_000)))
    start = datetime.now(UTC)
    for day in range(0, 1_000, 11):
        now = start + day * DAY
        assert centre.sign(now=now).expires - now >= 0.9 * 60 * DAY - 11 * DAY


def test_a_kill_after_each_written_file_leaves_the_old_state_or_the_new(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``timestamp.json`` comes last: until then clients see the state before."""
    old = (centre.metadata / "timestamp.json").read_bytes()
    centre.publish(sign=False)
    for function in ("keep_links", "write_many_durably", "write_durably"):
        with monkeypatch.context() as cut:

            def power_cut(*_: object, **__: object) -> None:
                raise KeyboardInterrupt

            cut.setattr(f"maxa.shelf.trust.{function}", power_cut)
            with pytest.raises(KeyboardInterrupt):
                centre.sign()
        assert (centre.metadata / "timestamp.json").read_bytes() == old
    assert centre.sign().serial == 9


def test_what_was_told_is_read_back(centre: Centre) -> None:
    told = tell(centre.catalogue)
    targets = Metadata.from_file(str(sorted(centre.metadata.glob("*.targets.json"))[-1])).signed
    roles = {r: Metadata.from_file(str(next(centre.metadata.glob(f"*.{r}.json")))).signed for r in told.roles}
    assert read_back(targets, roles) == centre.catalogue
    custom = roles["LNC.1"].targets["LNC/1402-05-01.maxa"].custom
    assert (custom["terminology"], custom["version"], custom["circular_number"]) == ("LNC", "1402-05-01", "110/99")
    assert (custom["active_count"], custom["retired_count"]) == (5, 1)


def many(terminologies: int, editions: int) -> Catalogue:
    def edition(name: str, n: int) -> Edition:
        return Edition(
            name, f"14{n:03}-02-18", n, f"{name}/14{n:03}-02-18.maxa", 123_456_789, f"{n:064x}", f"{n + 1:064x}",
            "1927/110/د", "1402/02/18", START.date(), START, n, 1_000_000, 20_000,
        )  # fmt: skip

    return Catalogue(
        editions,
        START,
        tuple(
            TerminologyEntry(
                f"thritaEHR.list{t:03}", "codes", "عنوان فارسی این واژگان", "English title of it", "", "",
                tuple(edition(f"thritaEHR.list{t:03}", n) for n in range(1, editions + 1)),
            )
            for t in range(terminologies)
        ),
    )  # fmt: skip


def test_no_metadata_file_passes_300_kb_however_long_the_history(tmp_path: Path) -> None:
    """200 terminologies of 12 editions, and one of 800: a publication re-signs some 150 kB of them."""
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    catalogue = many(200, 12)
    long = many(1, 800).terminologies[0]
    write_catalogue(shelf, Catalogue(800, START, (long, *catalogue.terminologies[1:])))
    make_keys(shelf, keys=tmp_path / "k", root_keys=tmp_path / "r")
    sizes = {p.name.partition(".")[2]: p.stat().st_size for p in (shelf / "metadata").glob("*.json")}
    assert len(sizes) > 200
    assert max(sizes.values()) < 300_000, sizes
    assert {f"thritaEHR.list000.{n}.json" for n in (1, 2, 3, 4)} <= set(sizes)


def test_names_that_are_signed_and_fetched() -> None:
    assert role_of("LNC→RVU3", 1) == "LNC--RVU3.1"
    assert (role_of("LNC", 250), role_of("LNC", 251)) == ("LNC.1", "LNC.2")
    name = hashed_name("LNC/1.maxa", "a" * 64)
    assert of_hashed_name(name) == ("LNC/1.maxa", "a" * 64)
    assert as_url("targets/%e9/x") == "targets/%25e9/x"
    assert is_target_path("thritaEHR.WardType/1402-02-18.2.maxa")


def test_a_terminology_with_a_foreign_name_is_signed_too(centre: Centre) -> None:
    centre.publish("واژگان/الف")
    assert (standing := read_standing(centre.folder)) is not None
    assert standing.serial == 9


def test_the_status_names_what_is_where(centre: Centre) -> None:
    write_key(centre.keys, "old", new_key())
    status = keys_status(centre.folder, centre.ring())
    assert [r.name for r in status.roles] == ["root", "timestamp", "snapshot", "targets"]
    assert all(r.at_hand == 1 and r.expires for r in status.roles)
    assert len(status.strangers) == 1
    assert len(status.root_sha256) == 64
