"""Syncing: only what is missing, whole editions, nothing new in two requests."""

from __future__ import annotations

import os
import pwd
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from maxa.errors import AlreadyRunning, UnknownTerminology
from maxa.mirror.keep import prune
from maxa.mirror.sync import Choice
from maxa.mirror.troubles import NotThere, SourceTrouble
from maxa.mirror.verify import verify
from maxa.shelf.check import check_shelf
from maxa.shelf.reading import Shelf
from tests.gateway.clinic import HEMOGLOBIN
from tests.mirror.world import Centre, Mirror, Server, serving


def test_a_first_sync_gives_the_very_catalogue_of_the_centre(centre: Centre, server: Server, mirror: Mirror) -> None:
    done = mirror.sync(server.url)
    assert (done.before, done.serial, len(done.fetched)) == (0, 8, 9)
    assert (mirror.places.shelf / "catalogue.json").read_bytes() == (centre.folder / "catalogue.json").read_bytes()
    assert mirror.is_whole()
    assert mirror.answers() == HEMOGLOBIN
    assert not list(mirror.places.parts.iterdir())


def test_nothing_new_takes_two_requests_and_few_bytes(server: Server, mirror: Mirror) -> None:
    mirror.sync(server.url)
    server.asked, server.sent = [], 0
    before = {p: p.stat().st_mtime_ns for p in mirror.places.shelf.rglob("*")}
    done = mirror.sync(server.url)
    assert not done.changed
    assert server.asked == ["/shelf/metadata/2.root.json", "/shelf/metadata/timestamp.json"]
    assert server.sent <= 2_000
    assert {p: p.stat().st_mtime_ns for p in mirror.places.shelf.rglob("*")} == before


def test_a_publication_transfers_its_file_and_metadata_only(centre: Centre, server: Server, mirror: Mirror) -> None:
    for n in range(20):
        centre.publish(f"list{n}", codes=40, sign=n == 19)
    mirror.sync(server.url)
    centre.publish("list3", codes=2)
    server.asked = []
    done = mirror.sync(server.url)
    assert done.fetched == ("list3/1403-01-01.28.maxa",)
    assert len(server.files_asked) == 1
    metadata = [a.rpartition("/")[2].partition(".")[2] for a in server.asked if "/metadata/" in a]
    assert sorted(metadata) == ["json", "list3.1.json", "root.json", "snapshot.json", "targets.json"]
    assert mirror.is_whole()
    assert mirror.serial == 29


def test_readers_notice_within_a_moment_and_see_whole_editions(centre: Centre, server: Server, mirror: Mirror) -> None:
    mirror.sync(server.url)
    shelf = Shelf(mirror.places.shelf)
    assert shelf.catalogue().serial == 8
    centre.publish()
    mirror.sync(server.url)
    assert shelf.catalogue().serial == 9
    assert shelf.release(shelf.catalogue().terminology("ATC").current).count() == 1


def test_the_catalogue_switches_after_every_file_is_there(centre: Centre, server: Server, mirror: Mirror) -> None:
    mirror.sync(server.url)
    centre.publish("ATC")
    centre.publish("UCUM")
    server.meddle = lambda name, content: content[:-1] if "/UCUM/" in name else content
    with pytest.raises(SourceTrouble):
        mirror.sync(server.url)
    assert mirror.serial == 8
    server.meddle = None
    server.asked = []
    assert mirror.sync(server.url).serial == 10
    assert not [f for f in server.asked if "/ATC/" in f], "what had come is not fetched again"


def test_some_terminologies_and_the_maps_between_them(centre: Centre, server: Server, mirror: Mirror) -> None:
    mirror.choose(("lnc", "RVU3"))
    mirror.sync(server.url)
    assert {t.id for t in mirror.catalogue.terminologies} == {"LNC", "RVU3", "LNC→RVU3"}
    assert mirror.is_whole()
    server.asked = []
    assert not mirror.sync(server.url).changed
    assert len(server.asked) == 2
    assert verify(mirror.places).problems == []
    mirror.choose(None)
    mirror.sync(server.url)
    assert len(mirror.catalogue.terminologies) == 7
    assert mirror.is_whole()
    mirror.choose(("eRx",))
    mirror.sync(server.url)
    prune(mirror.places, None)
    assert [p.name for p in mirror.places.shelf.iterdir() if p.name == "LNC"] == []
    assert mirror.is_whole()


def test_an_unknown_terminology_is_named_with_those_there_are(server: Server, mirror: Mirror) -> None:
    mirror.choose(("LNX",))
    with pytest.raises(UnknownTerminology) as refused:
        mirror.sync(server.url)
    assert "LNC" in refused.value.suggestions


def test_a_choice_is_noted_once_the_source_was_found_to_have_it(centre: Centre, server: Server, mirror: Mirror) -> None:
    mirror.choose(("LNC",))
    mirror.sync(server.url)
    with pytest.raises(UnknownTerminology):
        mirror.sync(server.url, choice=Choice(("LNX",)))
    assert mirror.places.config().terminologies == ("LNC",)
    assert not mirror.sync(server.url).changed, "a slip of the pen costs nothing"
    mirror.sync(server.url, choice=Choice(("LNC", "IRC")))
    assert mirror.places.config().terminologies == ("LNC", "IRC")
    assert {t.id for t in mirror.catalogue.terminologies} == {"LNC", "IRC"}
    mirror.choose(("ATC",))
    mirror.sync(server.url, choice=Choice(("LNC", "IRC")))
    assert mirror.places.config().terminologies == ("LNC", "IRC"), "also where nothing is new"
    mirror.sync(server.url, choice=Choice(None))
    assert mirror.places.config().terminologies is None
    assert len(mirror.catalogue.terminologies) == 7


def test_a_mirror_feeds_other_mirrors(centre: Centre, server: Server, mirror: Mirror, tmp_path: Path) -> None:
    mirror.sync(server.url)
    centre.publish()
    mirror.sync(server.url)
    centre.publish("LNC", codes=3)
    mirror.sync(server.url)
    with serving(mirror.places.shelf) as second:
        far = Mirror(tmp_path / "far").init(centre, second.url)
        assert far.sync(second.url).serial == 10
        assert far.is_whole()
        assert not far.sync(second.url).changed
    assert {t.id: t.editions for t in far.catalogue.terminologies} == {
        t.id: t.editions for t in centre.catalogue.terminologies
    }


def test_a_mirror_of_a_mirror_of_some_terminologies_says_what_is_missing(
    centre: Centre, server: Server, mirror: Mirror, tmp_path: Path
) -> None:
    mirror.choose(("LNC",))
    mirror.sync(server.url)
    with serving(mirror.places.shelf) as second:
        far = Mirror(tmp_path / "far").init(centre, second.url)
        with pytest.raises(SourceTrouble, match="does not have"):
            far.sync(second.url)
        far.init(centre, second.url, terminologies=("LNC",))
        assert far.sync(second.url).serial == 8


def test_two_syncs_at_once_the_second_is_told_of_the_first(server: Server, mirror: Mirror) -> None:
    with mirror.places.alone(), pytest.raises(AlreadyRunning, match="at work"):
        mirror.sync(server.url)
    assert mirror.sync(server.url).serial == 8


def test_old_editions_are_pruned_and_stay_in_the_list(centre: Centre, server: Server, mirror: Mirror) -> None:
    mirror.sync(server.url)
    done = prune(mirror.places, 1)
    assert done.files == 1
    kept = mirror.catalogue.terminology("LNC").editions
    assert [e.kept for e in kept] == [False, True]
    assert mirror.is_whole()
    server.asked = []
    assert not mirror.sync(server.url).changed, "what was pruned does not come back"
    centre.publish("LNC")
    mirror.sync(server.url)
    assert [e.kept for e in mirror.catalogue.terminology("LNC").editions] == [False, False, True]
    assert verify(mirror.places).problems == []


@pytest.mark.parametrize("name", ["catalogue.json", "metadata/standing.json", "LNC/1402-05-01.maxa", "codes/8.maxa"])
@pytest.mark.parametrize("how", ["gone", "cut", "flipped"])
def test_what_is_damaged_on_the_disk_is_told_and_mended(server: Server, mirror: Mirror, name: str, how: str) -> None:
    mirror.sync(server.url)
    path = mirror.places.shelf / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    if how == "gone":
        path.unlink()
    else:
        path.write_bytes(content[:-20] if how == "cut" else content)
    assert verify(mirror.places).problems
    mirror.sync(server.url, thoroughly=True)
    assert verify(mirror.places).problems == []
    assert check_shelf(mirror.places.shelf).problems == []


LINKS = ("LNC", "IRC", "codes")


@pytest.mark.parametrize("folder", LINKS)
@pytest.mark.parametrize("how", ["gone", "astray", "a file of its own"])
def test_a_link_for_mirrors_of_this_mirror_is_told_and_mended(
    centre: Centre, server: Server, mirror: Mirror, tmp_path: Path, folder: str, how: str
) -> None:
    mirror.sync(server.url)
    links = mirror.places.shelf / "targets" / folder
    link = next(links.iterdir())
    link.unlink()
    if how == "astray":
        link.symlink_to("../../LNC/nowhere.maxa")
    elif how == "a file of its own":
        link.write_bytes(b"another")
    elif folder == "codes":
        links.rmdir()
    assert [p.file for p in verify(mirror.places).problems] == [f"targets/{folder}/{link.name}"]
    mirror.sync(server.url)
    assert verify(mirror.places).problems == []
    with serving(mirror.places.shelf) as second:
        assert Mirror(tmp_path / "far").init(centre, second.url).sync(second.url).serial == 8


@pytest.mark.parametrize("terminologies", [None, ("LNC",), ("LNC", "IRC")])
def test_what_was_pruned_or_made_here_needs_no_link(
    centre: Centre, server: Server, mirror: Mirror, terminologies: tuple[str, ...] | None
) -> None:
    mirror.choose(terminologies)
    mirror.sync(server.url)
    prune(mirror.places, 1)
    assert verify(mirror.places).problems == []
    assert not mirror.sync(server.url).changed
    centre.publish("LNC")  # the index of codes is this mirror's own from here on
    mirror.sync(server.url)
    assert verify(mirror.places).problems == []
    assert not mirror.sync(server.url).changed


@pytest.mark.parametrize("name", ["timestamp.json", "*.snapshot.json", "*.targets.json", "*.LNC.1.json"])
def test_metadata_for_mirrors_of_this_mirror_is_told_and_mended(server: Server, mirror: Mirror, name: str) -> None:
    mirror.sync(server.url)
    for path in (mirror.places.shelf / "metadata").glob(name):
        path.unlink()
    assert verify(mirror.places).problems
    mirror.sync(server.url)
    assert verify(mirror.places).problems == []


def test_verify_finds_metadata_that_was_touched(server: Server, mirror: Mirror) -> None:
    mirror.sync(server.url)
    assert verify(mirror.places).problems == []
    for path in (mirror.places.shelf / "metadata").glob("*.LNC.1.json"):
        path.write_bytes(path.read_bytes().replace(b"1402-02-18", b"1402-02-19"))
    assert [p.file for p in verify(mirror.places).problems] == ["metadata"]


def test_nothing_new_is_quick(server: Server, mirror: Mirror) -> None:
    mirror.sync(server.url)
    took = []
    for _ in range(5):
        began = time.perf_counter()
        mirror.sync(server.url)
        took.append(time.perf_counter() - began)
    assert min(took) < 0.5


@pytest.mark.skipif(os.geteuid() != 0, reason="only root writes into another's folders")
def test_a_sync_by_root_leaves_everything_to_the_mirrors_own_user(centre: Centre, server: Server) -> None:
    nobody = pwd.getpwnam("nobody")
    with TemporaryDirectory() as home:
        os.chown(home, nobody.pw_uid, nobody.pw_gid)
        mirror = Mirror(Path(home)).init(centre, server.url)
        mirror.sync(server.url)
        prune(mirror.places, 1)
        written = [p for p in Path(home).rglob("*") if not p.is_symlink()]
        assert len(written) > 10
        assert {p.stat().st_uid for p in written} == {nobody.pw_uid}


def test_a_stray_file_among_the_indexes_is_left_alone(centre: Centre, server: Server, mirror: Mirror) -> None:
    mirror.sync(server.url)
    for name in ("foo.maxa", "².maxa"):
        (mirror.places.shelf / "codes" / name).write_bytes(b"?")
    centre.publish()
    assert mirror.sync(server.url).serial == 9
    assert (mirror.places.shelf / "codes" / "foo.maxa").exists()


def test_a_source_that_was_pruned_is_told_as_such(
    centre: Centre, server: Server, mirror: Mirror, tmp_path: Path
) -> None:
    centre.publish("LNC")
    mirror.sync(server.url)
    prune(mirror.places, 1)
    far = Mirror(tmp_path / "far").init(centre)
    with serving(mirror.places.shelf) as other, pytest.raises(NotThere, match="a mirror that was pruned") as found:
        far.sync(other.url)
    named = found.value.detail_en.partition("the edition ")[2].partition(":")[0]
    assert named in {e.file.removesuffix(".maxa") for t in centre.catalogue.terminologies for e in t.editions}
    assert "prune" in found.value.detail_fa
