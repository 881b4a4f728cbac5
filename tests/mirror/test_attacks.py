"""Whoever stands between: what was tampered with, held back, mixed or signed by other keys is refused by its name, and
never served."""

from __future__ import annotations

import random
import shutil
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from maxa.errors import MaxaError
from maxa.mirror.client import forget_cache
from maxa.mirror.troubles import Refused
from maxa.shelf.key_ceremony import Plan
from maxa.shelf.keys import read_keys
from maxa.shelf.standing import read_standing
from maxa.shelf.trust import Life, sign_shelf
from tests.gateway.clinic import HEMOGLOBIN
from tests.mirror.world import Centre, Mirror, Server, serving, stick

DAY = timedelta(days=1)


@contextmanager
def the_time_being(moment: datetime) -> Iterator[None]:
    """This machine's clock says ``moment`` (tuf takes it from the datetime module)."""
    patch = pytest.MonkeyPatch()

    clock = types.SimpleNamespace(
        now=moment.astimezone, fromisoformat=datetime.fromisoformat, fromtimestamp=datetime.fromtimestamp
    )
    module = types.SimpleNamespace(datetime=clock, timezone=timezone)
    patch.setattr("tuf.ngclient._internal.trusted_metadata_set.datetime", module)
    patch.setattr("maxa.mirror.client.datetime", clock)
    try:
        yield
    finally:
        patch.undo()


def refusal(mirror: Mirror, url: str) -> Refused:
    with pytest.raises(Refused) as refused:
        mirror.sync(url)
    last = mirror.places.last()
    assert last is not None
    assert last.problem is not None
    assert last.problem["kind"] == refused.value.kind
    return refused.value


def copy_of(centre: Centre, to: Path) -> Path:
    shutil.copytree(centre.folder, to, symlinks=True)
    return to


def test_a_rollback_to_an_older_serial_is_refused(
    centre: Centre, server: Server, mirror: Mirror, tmp_path: Path
) -> None:
    old = copy_of(centre, tmp_path / "old")
    centre.publish()
    mirror.sync(server.url)
    with serving(old) as thief:
        assert refusal(mirror, thief.url).kind == "rollback"
        shutil.rmtree(mirror.places.tuf)  # a power cut may take tuf's cache; our own record stands
        assert refusal(mirror, thief.url).kind == "rollback"
    assert mirror.serial == 9
    assert mirror.sync(server.url).serial == 9


def test_a_centre_restored_from_an_old_backup_is_refused_as_a_rollback(
    centre: Centre, server: Server, mirror: Mirror, tmp_path: Path
) -> None:
    """Its signatures are newer, its serial is not."""
    catalogue = (centre.folder / "catalogue.json").read_bytes()
    centre.publish()
    mirror.sync(server.url)
    (centre.folder / "catalogue.json").write_bytes(catalogue)
    centre.sign()
    found = refusal(mirror, server.url)
    assert found.kind == "rollback"
    assert "serial 8 < 9" in found.detail_en
    assert mirror.serial == 9


def test_a_source_frozen_in_the_past_is_refused_past_its_expiry_and_served_on(
    centre: Centre, server: Server, mirror: Mirror
) -> None:
    mirror.sync(server.url)
    with the_time_being(datetime.now(UTC) + 100 * DAY):
        found = refusal(mirror, server.url)
    assert found.kind == "expired"
    assert "clock" in found.detail_en
    assert "ساعت" in found.detail_fa
    assert mirror.answers() == HEMOGLOBIN
    centre.sign(now=datetime.now(UTC) + 99 * DAY)
    with the_time_being(datetime.now(UTC) + 100 * DAY):
        assert mirror.sync(server.url).renewed


def test_nothing_new_is_taken_that_has_expired(centre: Centre, server: Server, mirror: Mirror) -> None:
    mirror.sync(server.url)
    centre.publish(sign=False)
    centre.sign(now=datetime.now(UTC) - 100 * DAY)
    assert refusal(mirror, server.url).kind in ("expired", "rollback")
    assert mirror.serial == 8


@pytest.mark.parametrize("years", [-30, -3, 3, 30])
def test_a_clock_wrong_by_years_is_told_and_harms_nothing(
    centre: Centre, server: Server, mirror: Mirror, years: int
) -> None:
    mirror.sync(server.url)
    centre.publish()
    with the_time_being(datetime.now(UTC) + timedelta(days=365 * years)):
        if years > 0:
            assert refusal(mirror, server.url).kind == "expired"
            assert mirror.serial == 8
        else:
            done = mirror.sync(server.url)
            assert "set the clock" in done.warnings[0]
            assert mirror.serial == 9
    assert mirror.sync(server.url).serial == 9
    assert mirror.is_whole()


def test_a_clock_that_is_behind_does_not_bring_back_what_expired_before(
    centre: Centre, server: Server, mirror: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Held against the time that the last signature names, which is surely past: a new timestamp over old parts."""
    now = datetime.now(UTC)
    mirror.sync(server.url)
    centre.publish(sign=False)
    centre.sign(now=now - 200 * DAY)
    with monkeypatch.context() as careless:
        careless.setattr("maxa.shelf.trust._Bench._lasts", lambda *_: True)
        centre.sign(now=now)
    with the_time_being(now - 250 * DAY):
        assert refusal(mirror, server.url).kind == "expired"
    assert mirror.serial == 8


@pytest.mark.parametrize("mending", ["signing again", "new keys"])
def test_one_signature_from_the_future_does_not_stop_the_time(
    centre: Centre, server: Server, mirror: Mirror, mending: str
) -> None:
    """A centre whose clock was wrong for a moment: its next signature is taken, and the time noted is right again."""
    mirror.sync(server.url)
    centre.sign(now=datetime.now(UTC) + 3_650 * DAY)
    assert "set the clock" in mirror.sync(server.url).warnings[0]
    centre.publish(sign=False)
    if mending == "new keys":
        centre.rotate("targets", "snapshot", "timestamp")
    else:
        centre.sign()
    done = mirror.sync(server.url)
    assert (done.serial, done.warnings) == (9, ())
    standing = read_standing(mirror.places.shelf)
    assert standing is not None
    assert standing.signed_at < datetime.now(UTC) + DAY


def test_the_signature_from_the_future_itself_does_not_come_back(
    centre: Centre, server: Server, mirror: Mirror, tmp_path: Path
) -> None:
    mirror.sync(server.url)
    centre.sign(now=datetime.now(UTC) + 3_650 * DAY)
    future = copy_of(centre, tmp_path / "future")
    mirror.sync(server.url)
    centre.sign()
    mirror.sync(server.url)
    with serving(future) as thief:
        assert refusal(mirror, thief.url).kind == "rollback"


@pytest.mark.parametrize("role", ["snapshot", "targets", "LNC.1"])
def test_mixed_metadata_is_refused(centre: Centre, server: Server, mirror: Mirror, role: str) -> None:
    """Old content under the new name: each part is signed, the whole never was."""
    old = sorted(centre.metadata.glob(f"*.{role}.json"))[-1].read_bytes()
    mirror.sync(server.url)
    centre.publish("LNC")
    server.meddle = lambda name, content: old if name.endswith(f".{role}.json") else content
    assert refusal(mirror, server.url).kind == "mixed"
    assert mirror.serial == 8
    server.meddle = None
    assert mirror.sync(server.url).serial == 9


def test_a_new_timestamp_over_an_old_snapshot_is_refused(
    centre: Centre, server: Server, mirror: Mirror, tmp_path: Path
) -> None:
    """A thief of the timestamp's key alone can't turn back what is below it."""
    old = copy_of(centre, tmp_path / "old")
    centre.publish("LNC")
    mirror.sync(server.url)
    sign_shelf(old, read_keys([centre.keys]), now=datetime.now(UTC) + DAY)  # an old catalogue, freshly signed
    with serving(old) as thief:
        assert refusal(mirror, thief.url).kind == "rollback"
    assert mirror.serial == 9


def test_other_keys_are_refused(centre: Centre, mirror: Mirror, server: Server, tmp_path: Path) -> None:
    mirror.sync(server.url)
    other = Centre(tmp_path / "other")
    other.publish()
    with serving(other.folder) as thief:
        found = refusal(mirror, thief.url)
    assert found.kind == "keys"
    assert "mirror init --again --root" in found.detail_en
    assert mirror.serial == 8


def test_one_signature_is_not_enough_where_two_are_asked_for(tmp_path: Path) -> None:
    centre = Centre(tmp_path / "two", plans={"targets": Plan(2, 3), "root": Plan(2, 2)})
    with serving(centre.folder) as server:
        mirror = Mirror(tmp_path / "mirror").init(centre, server.url)
        assert mirror.sync(server.url).serial == 8
        centre.publish()

        def one_signature(name: str, content: bytes) -> bytes:
            if ".targets." not in name:
                return content
            import json

            data = json.loads(content)
            data["signatures"] = data["signatures"][:1]
            return json.dumps(data).encode()

        server.meddle = one_signature
        assert refusal(mirror, server.url).kind in ("mixed", "keys")


class Thief:
    """Someone with a copy of the online keys and of the shelf, who signs what they like."""

    def __init__(self, centre: Centre, folder: Path) -> None:
        self.folder = copy_of(centre, folder)
        self.keys = read_keys([centre.keys])

    def sign(self, *, ahead: timedelta = DAY) -> None:
        catalogue = (self.folder / "catalogue.json").read_bytes()
        assert catalogue
        sign_shelf(self.folder, self.keys, life=Life(timedelta(days=400)), now=datetime.now(UTC) + ahead)


def test_a_stolen_online_key_is_worth_nothing_after_a_rotation(
    centre: Centre, server: Server, mirror: Mirror, tmp_path: Path
) -> None:
    thief = Thief(centre, tmp_path / "thief")
    mirror.sync(server.url)
    centre.rotate("targets", "snapshot", "timestamp")
    mirror.sync(server.url)
    standing = read_standing(mirror.places.shelf)
    assert standing is not None
    assert standing.versions["root"] == 2
    thief.sign()
    with serving(thief.folder) as evil:
        assert refusal(mirror, evil.url).kind == "keys", "the new root is held back: the mirror has it"
        shutil.copy(centre.metadata / "2.root.json", thief.folder / "metadata")
        assert refusal(mirror, evil.url).kind == "keys", "the new root is shown: it does not know the old keys"
        forget_cache(mirror.places.tuf)
        assert refusal(mirror, evil.url).kind == "keys", "the roots are not forgotten with the cache"
        (thief.folder / "metadata" / "2.root.json").unlink()
        shutil.rmtree(mirror.places.tuf)
        assert refusal(mirror, evil.url).kind == "rollback", "even then our own record knows the root's version"
    assert mirror.sync(server.url).serial == 8
    assert mirror.is_whole()


@pytest.mark.parametrize("ahead", [timedelta(hours=1), 3_650 * DAY])
def test_what_a_thief_pushed_ahead_falls_with_the_keys(
    centre: Centre, server: Server, mirror: Mirror, tmp_path: Path, ahead: timedelta
) -> None:
    """Fast-forward: versions, serials and times from the future must not shut the true centre out for ever (spec §5.3.11)."""
    thief = Thief(centre, tmp_path / "thief")
    mirror.sync(server.url)
    for path in (thief.folder / "metadata").glob("*.json"):
        if "root" not in path.name:
            path.write_bytes(path.read_bytes())
    patch = pytest.MonkeyPatch()
    patch.setattr("maxa.shelf.trust.time.time_ns", lambda: 9_000_000_000_000_000_000)
    thief.sign(ahead=ahead)
    patch.undo()
    with serving(thief.folder) as evil:
        mirror.sync(evil.url)
    standing = read_standing(mirror.places.shelf)
    assert standing is not None
    assert standing.versions["timestamp"] == 9_000_000_000_000
    centre.publish()
    assert refusal(mirror, server.url).kind == "rollback", "as long as those keys are good"
    centre.rotate("targets", "snapshot", "timestamp")
    assert mirror.sync(server.url).serial == 9
    assert mirror.is_whole()


def test_lost_metadata_is_signed_anew_and_mirrors_go_on(centre: Centre, server: Server, mirror: Mirror) -> None:
    mirror.sync(server.url)
    for path in centre.metadata.glob("*.json"):
        if ".root." not in path.name:
            path.unlink()
    centre.publish()
    assert mirror.sync(server.url).serial == 9


def test_lost_online_keys_are_survived_with_the_root_key(centre: Centre, server: Server, mirror: Mirror) -> None:
    mirror.sync(server.url)
    for key in centre.keys.glob("*.pem"):
        key.unlink()
    with pytest.raises(MaxaError, match="rotate online"):
        centre.publish()
    centre.rotate("targets", "snapshot", "timestamp")
    assert mirror.sync(server.url).serial == 9


def test_the_root_key_itself_is_rotated(centre: Centre, server: Server, mirror: Mirror, tmp_path: Path) -> None:
    mirror.sync(server.url)
    for _ in range(3):
        centre.rotate("root")
    centre.publish()
    assert mirror.sync(server.url).serial == 9
    fresh = Mirror(tmp_path / "fresh").init(centre, server.url)
    assert fresh.sync(server.url).serial == 9


# --- every byte ------------------------------------------------------------------------------------------------------

Damage = Callable[[bytes, random.Random], bytes]


def flipped(content: bytes, chance: random.Random) -> bytes:
    changed = bytearray(content)
    changed[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def cut(content: bytes, chance: random.Random) -> bytes:
    return content[: chance.randrange(len(content))]


def zeroed(content: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(content))
    length = min(chance.randrange(1, 4_097), len(content) - start)
    return content[:start] + bytes(length) + content[start + length :]


def longer(content: bytes, chance: random.Random) -> bytes:
    return content + chance.randbytes(chance.randrange(1, 5_000))


def shuffled(content: bytes, chance: random.Random) -> bytes:
    middle = chance.randrange(1, len(content))
    return content[middle:] + content[:middle]


DAMAGES: tuple[Damage, ...] = (flipped, flipped, cut, cut, zeroed, longer, shuffled)


def damage_on_the_way(centre: Centre, server: Server, mirror: Mirror, cases: int, seed: int) -> dict[str, int]:
    """Each case damages one file on its way. Whatever comes of it, the mirror holds the old state or the true new one."""
    chance = random.Random(seed)
    mirror.sync(server.url)
    old = (mirror.places.shelf / "catalogue.json").read_bytes()
    centre.publish("LNC", codes=50)
    new = (centre.folder / "catalogue.json").read_bytes()
    behind = shutil.copytree(mirror.home, mirror.home.with_name("behind"), symlinks=True)
    names = ["timestamp.json", ".snapshot.json", ".targets.json", ".LNC.1.json", "1403-01-01.8.maxa"]
    told: dict[str, int] = {}
    for _ in range(cases):
        victim, damage = chance.choice(names), chance.choice(DAMAGES)

        def meddle(
            name: str,
            content: bytes,
            victim: str = victim,
            damage: Damage = damage,
            seed: int = chance.randrange(2**32),
        ) -> bytes:
            return damage(content, random.Random(seed)) if name.endswith(victim) else content

        server.meddle = meddle
        try:
            mirror.sync(server.url)
            how = "taken"
        except MaxaError as error:
            how = str(error.data.get("kind", error.code))
        told[how] = told.get(how, 0) + 1
        held = (mirror.places.shelf / "catalogue.json").read_bytes()
        assert held in (old, new_of(mirror, new)), (victim, damage.__name__)
        assert (how == "taken") == (held != old), (how, victim, damage.__name__)
        if held != old:
            assert mirror.is_whole()
            shutil.rmtree(mirror.home)
            shutil.copytree(behind, mirror.home, symlinks=True)
    assert mirror.is_whole()
    server.meddle = None
    assert mirror.sync(server.url).serial == 9
    return told


def new_of(mirror: Mirror, new: bytes) -> bytes:
    """The centre's catalogue as this mirror writes it: with the index of codes that it made itself."""
    from dataclasses import replace

    from maxa.shelf.catalogue import dump_catalogue, load_catalogue

    return dump_catalogue(replace(load_catalogue(new), code_index=mirror.catalogue.code_index))


def test_what_is_damaged_on_the_way_is_never_served(centre: Centre, server: Server, mirror: Mirror) -> None:
    told = damage_on_the_way(centre, server, mirror, cases=40, seed=random.randrange(10**6))
    assert told.get("taken", 0) <= 12, told


@pytest.mark.deep
def test_six_hundred_damages_on_the_way_are_never_served(centre: Centre, server: Server, mirror: Mirror) -> None:
    told = damage_on_the_way(centre, server, mirror, cases=600, seed=1405)
    print(told)


def damage_in_an_archive(centre: Centre, mirror: Mirror, server: Server, tmp_path: Path, cases: int, seed: int) -> None:
    chance = random.Random(seed)
    mirror.sync(server.url)
    centre.publish("LNC", codes=50)
    file = stick(centre, tmp_path / "a.zip", since=8)
    good = file.read_bytes()
    behind = shutil.copytree(mirror.home, mirror.home.with_name("behind"), symlinks=True)
    for _ in range(cases):
        damage = chance.choice(DAMAGES)
        file.write_bytes(damage(good, chance))
        taken = True
        try:
            mirror.take(file)
        except MaxaError:
            taken = False
        assert mirror.serial == (9 if taken else 8), damage.__name__
        assert {e.digest for e in mirror.catalogue.terminology("LNC").editions} <= {
            e.digest for e in centre.catalogue.terminology("LNC").editions
        }
        if taken:
            assert mirror.is_whole()
            shutil.rmtree(mirror.home)
            shutil.copytree(behind, mirror.home, symlinks=True)
    assert mirror.is_whole()


def test_a_damaged_archive_is_never_served(centre: Centre, server: Server, mirror: Mirror, tmp_path: Path) -> None:
    damage_in_an_archive(centre, mirror, server, tmp_path, 25, random.randrange(10**6))


@pytest.mark.deep
def test_four_hundred_damaged_archives_are_never_served(
    centre: Centre, server: Server, mirror: Mirror, tmp_path: Path
) -> None:
    damage_in_an_archive(centre, mirror, server, tmp_path, 400, 1405)
