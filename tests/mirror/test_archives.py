"""By stick: whole archives, differences, and archives that are none."""

from __future__ import annotations

import os
import stat
import zipfile
from pathlib import Path

import pytest

from maxa.errors import BadParameter, MaxaError, NotFound, WrongState
from maxa.mirror.archive_file import ArchiveSource, export
from maxa.mirror.troubles import Refused
from maxa.mirror.verify import verify
from tests.gateway.clinic import HEMOGLOBIN
from tests.mirror.world import Centre, Mirror, Server, stick


@pytest.fixture
def offline(centre: Centre, tmp_path: Path) -> Mirror:
    """A mirror that knows no address."""
    return Mirror(tmp_path / "offline").init(centre)


def test_a_whole_archive_makes_the_very_shelf(centre: Centre, offline: Mirror, tmp_path: Path) -> None:
    done = offline.take(stick(centre, tmp_path / "a.zip"))
    assert (done.serial, len(done.fetched)) == (8, 9)
    assert (offline.places.shelf / "catalogue.json").read_bytes() == (centre.folder / "catalogue.json").read_bytes()
    assert offline.answers() == HEMOGLOBIN
    assert verify(offline.places).problems == []
    assert not offline.take(tmp_path / "a.zip").changed


def test_a_difference_since_a_serial_holds_only_what_is_new(centre: Centre, offline: Mirror, tmp_path: Path) -> None:
    offline.take(stick(centre, tmp_path / "a.zip"))
    centre.publish("LNC", codes=20)
    centre.publish("ATC")
    part = stick(centre, tmp_path / "b.zip", since=8)
    assert part.stat().st_size < (tmp_path / "a.zip").stat().st_size / 2
    assert sorted(offline.take(part).fetched) == ["ATC/1403-01-01.9.maxa", "LNC/1403-01-01.8.maxa"]
    assert offline.serial == 10
    assert verify(offline.places).problems == []


def test_a_difference_that_begins_too_late_is_refused_and_says_so(
    centre: Centre, offline: Mirror, tmp_path: Path
) -> None:
    offline.take(stick(centre, tmp_path / "a.zip"))
    centre.publish("LNC")
    centre.publish("ATC")
    with pytest.raises(Refused, match="begins after serial 9") as refused:
        offline.take(stick(centre, tmp_path / "b.zip", since=9))
    assert refused.value.kind == "incomplete"
    assert offline.serial == 8
    assert offline.is_whole()
    assert offline.take(stick(centre, tmp_path / "c.zip", since=8)).serial == 10


def test_an_older_archive_is_refused_as_a_rollback(centre: Centre, offline: Mirror, tmp_path: Path) -> None:
    old = stick(centre, tmp_path / "a.zip")
    centre.publish()
    offline.take(stick(centre, tmp_path / "b.zip"))
    with pytest.raises(Refused) as refused:
        offline.take(old)
    assert refused.value.kind == "rollback"
    assert offline.serial == 9


def test_network_and_stick_may_take_turns(centre: Centre, server: Server, mirror: Mirror, tmp_path: Path) -> None:
    mirror.sync(server.url)
    centre.publish()
    mirror.take(stick(centre, tmp_path / "a.zip", since=8))
    centre.publish("LNC")
    assert mirror.sync(server.url).serial == 10
    assert mirror.is_whole()


def test_a_mirror_exports_for_the_next(centre: Centre, server: Server, mirror: Mirror, tmp_path: Path) -> None:
    mirror.sync(server.url)
    centre.publish()
    mirror.sync(server.url)
    export(mirror.places.shelf, tmp_path / "m.zip")
    far = Mirror(tmp_path / "far").init(centre)
    assert far.take(tmp_path / "m.zip").serial == 9
    assert far.is_whole()


def test_the_roots_travel_with_the_archive(centre: Centre, offline: Mirror, tmp_path: Path) -> None:
    offline.take(stick(centre, tmp_path / "a.zip"))
    for _ in range(3):
        centre.rotate("root", "targets", "snapshot", "timestamp")
    centre.publish()
    assert offline.take(stick(centre, tmp_path / "b.zip", since=8)).serial == 9


def test_an_archive_of_some_terminologies(centre: Centre, server: Server, mirror: Mirror, tmp_path: Path) -> None:
    mirror.choose(("LNC",))
    mirror.sync(server.url)
    export(mirror.places.shelf, tmp_path / "m.zip")
    far = Mirror(tmp_path / "far").init(centre)
    with pytest.raises(MaxaError):
        far.take(tmp_path / "m.zip")
    far.init(centre, terminologies=("LNC",))
    assert far.take(tmp_path / "m.zip").serial == 8


def test_a_damaged_file_is_not_passed_on(centre: Centre, tmp_path: Path) -> None:
    path = centre.folder / centre.catalogue.terminology("IRC").current.file
    content = bytearray(path.read_bytes())
    content[9_000] ^= 1
    path.write_bytes(content)
    with pytest.raises(WrongState, match="IRC/"):
        export(centre.folder, tmp_path / "a.zip")
    assert list(tmp_path.glob("*.zip")) == []


def test_a_shelf_that_is_not_signed_is_not_exported(tmp_path: Path) -> None:
    with pytest.raises(WrongState, match="not signed"):
        export(tmp_path, tmp_path / "a.zip")


def test_a_serial_that_lies_ahead_is_refused(centre: Centre, tmp_path: Path) -> None:
    with pytest.raises(BadParameter, match="ahead"):
        export(centre.folder, tmp_path / "a.zip", since=9)


def hostile(good: Path, bad: Path, name: str, *, mode: int = stat.S_IFREG | 0o644, content: bytes = b"x") -> Path:
    """The good archive with one more member."""
    with zipfile.ZipFile(good) as source, zipfile.ZipFile(bad, "w") as sink:
        for info in source.infolist():
            sink.writestr(info, source.read(info))
        more = zipfile.ZipInfo("placeholder")
        more.filename = more.orig_filename = name
        more.external_attr = mode << 16
        sink.writestr(more, content)
    return bad


NAMES = (
    "../evil", "../../etc/cron.d/evil", "/etc/passwd", "metadata/../../evil.json", "targets/../../evil.maxa",
    "targets/LNC/../../../evil.maxa", "targets/..//" + "0" * 64 + ".x.maxa", "C:\\evil", "targets\\LNC\\x", "evil",
    "targets/LNC/" + "0" * 64 + "..hidden.maxa", "metadata/standing.json", "catalogue.json", "targets/LNC/",
    "metadata/1.root.json/x", "",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_leads_elsewhere_refuses_the_archive(
    centre: Centre, offline: Mirror, tmp_path: Path, name: str
) -> None:
    good = stick(centre, tmp_path / "good.zip")
    before = sorted(p for p in tmp_path.rglob("*") if p.name != "bad.zip")
    with pytest.raises(Refused) as refused:
        offline.take(hostile(good, tmp_path / "bad.zip", name))
    assert refused.value.kind in ("path", "archive")
    assert sorted(p for p in tmp_path.rglob("*") if p.name != "bad.zip") == before
    assert offline.take(good).serial == 8


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFIFO, stat.S_IFDIR])
def test_links_and_devices_refuse_the_archive(centre: Centre, offline: Mirror, tmp_path: Path, kind: int) -> None:
    good = stick(centre, tmp_path / "good.zip")
    name = "metadata/9.targets.json"
    with pytest.raises(Refused) as refused:
        offline.take(hostile(good, tmp_path / "bad.zip", name, mode=kind | 0o777, content=b"/etc/passwd"))
    assert refused.value.kind == "path"


def test_a_member_twice_refuses_the_archive(centre: Centre, offline: Mirror, tmp_path: Path) -> None:
    good = stick(centre, tmp_path / "good.zip")
    with pytest.warns(UserWarning, match="Duplicate"), pytest.raises(Refused, match="twice"):
        offline.take(hostile(good, tmp_path / "bad.zip", "metadata/timestamp.json"))


@pytest.mark.parametrize("content", [b"", b"PK", b"not a zip" * 100, b"PK\x05\x06" + bytes(18), os.urandom(5_000)])
def test_what_is_no_archive_is_refused_in_a_sentence(offline: Mirror, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.zip").write_bytes(content)
    with pytest.raises(Refused, match="no sound MAXA archive"):
        offline.take(tmp_path / "x.zip")


def test_another_zip_is_refused(offline: Mirror, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("photo.jpg", "x")
    with pytest.raises(Refused):
        offline.take(tmp_path / "x.zip")


def test_a_bomb_is_read_no_further_than_what_was_signed(centre: Centre, offline: Mirror, tmp_path: Path) -> None:
    good = stick(centre, tmp_path / "good.zip")
    bad = tmp_path / "bad.zip"
    with zipfile.ZipFile(good) as source, zipfile.ZipFile(bad, "w", zipfile.ZIP_DEFLATED) as sink:
        for info in source.infolist():
            blown = "LNC" in info.filename or info.filename.endswith("snapshot.json")
            sink.writestr(info.filename, bytes(40 << 20) if blown else source.read(info))
    with pytest.raises(Refused):
        offline.take(bad)
    assert sum(p.stat().st_size for p in offline.home.rglob("*") if p.is_file()) < 10 << 20


def test_an_archive_of_a_newer_format_says_to_upgrade(centre: Centre, offline: Mirror, tmp_path: Path) -> None:
    good, bad = stick(centre, tmp_path / "good.zip"), tmp_path / "bad.zip"
    with zipfile.ZipFile(good) as source, zipfile.ZipFile(bad, "w") as sink:
        for info in source.infolist():
            content = source.read(info)
            sink.writestr(
                info, content.replace(b'"format": 1', b'"format": 2') if info.filename == "archive.json" else content
            )
    with pytest.raises(Refused, match="upgrade") as refused:
        offline.take(bad)
    assert refused.value.kind == "format"


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        ArchiveSource(tmp_path / "nothing.zip")


@pytest.mark.parametrize("method", [12, 14, 99])
def test_a_member_packed_by_a_strange_method_is_refused(
    method: int, centre: Centre, offline: Mirror, tmp_path: Path
) -> None:
    file = stick(centre, tmp_path / "a.zip")
    content = bytearray(file.read_bytes())
    entry = content.index(b"PK\x01\x02", content.index(b"PK\x01\x02") + 4)  # the second one of the central directory
    content[entry + 10] = method
    file.write_bytes(content)
    with pytest.raises(Refused) as refused:
        offline.take(file)
    assert refused.value.kind == "archive"


def test_a_publication_that_is_not_signed_yet_is_not_exported_and_told(
    centre: Centre, offline: Mirror, tmp_path: Path
) -> None:
    centre.publish(sign=False)
    done = export(centre.folder, tmp_path / "a.zip")
    assert (done.serial, done.unsigned, done.files) == (8, 1, 8), (
        "editions alone: the index of codes is of the newer serial"
    )
    assert offline.take(tmp_path / "a.zip").serial == done.serial
    with pytest.raises(BadParameter, match="signed at serial 8"):
        export(centre.folder, tmp_path / "b.zip", since=9)
    centre.sign()
    assert export(centre.folder, tmp_path / "a.zip", since=8).unsigned == 0


@pytest.mark.parametrize(("name", "told"), [("metadata/timestamp.json", "keys sign"), ("catalogue.json", "catalogue")])
def test_a_shelf_that_lacks_what_an_archive_needs_says_how_to_mend_it(
    name: str, told: str, centre: Centre, tmp_path: Path
) -> None:
    (centre.folder / name).unlink()
    with pytest.raises(WrongState, match=told):
        export(centre.folder, tmp_path / "a.zip")


def test_an_edition_that_an_archive_lacks_is_named_as_people_know_it(
    centre: Centre, offline: Mirror, tmp_path: Path
) -> None:
    centre.publish("ATC", version="1403-01-01")
    with pytest.raises(Refused) as refused:
        offline.take(stick(centre, tmp_path / "a.zip", since=8))
    assert refused.value.kind == "incomplete"
    editions = {e.file.removesuffix(".maxa") for t in centre.catalogue.terminologies for e in t.editions}
    named = refused.value.detail_en.partition("(")[2].partition(";")[0]
    assert named in editions
    assert named in refused.value.detail_fa
    assert "از پس از سریال 8 آغاز می‌شود" in refused.value.detail_fa
