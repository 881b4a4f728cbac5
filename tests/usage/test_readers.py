"""What the readers let be counted, from the gateway to a mirror's sync."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from werkzeug.serving import make_server

from maxa.usage.mirrors import HEADER
from tests.gateway.asking import Door, door_to
from tests.gateway.clinic import clinic
from tests.mirror.test_cli import Run, maxa, root
from tests.mirror.world import Centre
from tests.test_worker import eventually
from tests.usage.test_counting import entries

__all__ = ["maxa", "root"]  # fixtures


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clinic") / "shelf"
    clinic(folder)
    return folder


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


@pytest.fixture
def door(shelf: Path, home: Path) -> Door:
    return door_to(shelf, home)


def counted(door: Door, home: Path, kind: str) -> list[list[object]]:
    door.app.extensions["maxa.usage"].flush()
    return sorted(entries(home / "usage", kind))


def test_each_service_is_counted(door: Door, home: Path) -> None:
    door.get("Terminology", Terminology="LNC", Code="718-7")
    door.get("SearchTerminology", Terminology="nothing")
    door.get("NoService")
    door.http.get("/api/v1/terminologies").close()
    door.http.get("/search?q=هموگلوبین").close()
    door.http.get("/requests").close()
    door.http.get("/suggest?q=هموگ").close()
    door.http.get("/healthz").close()
    assert counted(door, home, "requests") == [
        ["SearchTerminology", "-", "refused", 1], ["Terminology", "-", "ok", 1], ["api", "-", "ok", 1],
        ["pages", "-", "ok", 2],
    ]  # fmt: skip


def test_validation_failures_are_counted_by_terminology_and_issue_through_both_doors(door: Door, home: Path) -> None:
    door.validate("LNC", "718-7", "هموگلوبین خون")
    door.validate("lnc", "0000", "چیزی")
    door.validate("Nothing", "1", "x")
    batch = [{"Terminology_id": "LNC", "Coded_string": "0000", "Value": "x"}] * 3
    door.post("ValidateCts", batch)
    door.http.post("/api/v1/validate", json=batch).close()
    assert counted(door, home, "issues") == [["-", "unknown-terminology", 1], ["LNC", "unknown-code", 7]]


@pytest.mark.parametrize(
    "path",
    ["/gwmaksa/SearchTerminology?Terminology=LNC&Search={}&PageSize=5", "/gwmaksa/SearchTerminology?Terminology=LNC&Search={}",
     "/gwmaksa/Terminology?Terminology=*&Search={}", "/api/v1/search?q={}", "/search?q={}", "/search?q={}&terminology=LNC"],
)  # fmt: skip
def test_words_that_found_nothing_as_typed_are_counted_whether_or_not_something_else_was_found(
    door: Door, home: Path, path: str
) -> None:
    for words in ("qqqqwwww", "QQQQwwww ", "hemoglobim", "hemoglobin"):
        door.http.get(path.format(words)).close()
    assert counted(door, home, "words") == [["hemoglobim", 1, 1], ["qqqqwwww", 2, 0]]


def test_a_page_that_is_kept_is_counted_each_time(door: Door, home: Path) -> None:
    for _ in range(3):
        door.http.get("/search?q=qqqqwwww").close()
    assert counted(door, home, "words") == [["qqqqwwww", 3, 0]]


def test_further_pages_of_a_search_are_not_counted_again(door: Door, home: Path) -> None:
    path = "/api/v1/search?q=hemoglobim&page_size=1"
    with door.http.get(path) as first:
        following = first.json["page"]["next"]
    assert following
    door.http.get("/api/v1/search", query_string={"cursor": following}).close()
    assert counted(door, home, "words") == [["hemoglobim", 1, 1]]


def test_a_mirror_counts_nothing_since_nobody_collects_there(shelf: Path, home: Path) -> None:
    door = door_to(shelf, home, role="mirror")
    door.get("Terminology", Terminology="LNC", Code="718-7")
    assert "maxa.usage" not in door.app.extensions
    assert not (home / "usage").exists()


@pytest.fixture
def centres_door(centre: Centre, home: Path) -> Door:
    return door_to(centre.folder, home)


@pytest.fixture
def centre(tmp_path: Path) -> Centre:
    return Centre(tmp_path / "centre")


@pytest.fixture
def address(centres_door: Door) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, centres_door.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/shelf/"
    server.shutdown()
    thread.join(10)


def told(door: Door, home: Path) -> list[tuple[object, object]]:
    return [(name, serial) for name, serial, _ in counted(door, home, "mirrors")]


def test_a_mirror_with_a_name_tells_the_centre_which_serial_it_holds(
    maxa: Run, root: str, address: str, centres_door: Door, centre: Centre, home: Path
) -> None:
    maxa("mirror", "init", "--root", root, "--name", "shiraz-namazi", address)
    maxa("mirror", "sync")
    # a request is counted when its reply has left, which the mirror does not wait for
    eventually(lambda: ("shiraz-namazi", 8) in told(centres_door, home), "told at once, not at the next look")
    centre.publish()
    maxa("mirror", "sync")
    eventually(lambda: ("shiraz-namazi", 9) in told(centres_door, home), "told")


def test_a_mirror_without_a_name_tells_nothing(
    maxa: Run, root: str, address: str, centres_door: Door, home: Path
) -> None:
    maxa("mirror", "init", "--root", root, address)
    maxa("mirror", "sync")
    maxa("mirror", "init", "--name", "shiraz")
    maxa("mirror", "init", "--name", "")
    maxa("mirror", "sync")
    assert told(centres_door, home) == []


def test_a_name_that_is_none_is_refused_and_changes_nothing(maxa: Run, root: str, address: str) -> None:
    assert "Latin letters" in maxa("mirror", "init", "--root", root, "--name", "شیراز", address, code=2).output
    assert "mirror init" in maxa("mirror", "sync", code=78).output


@pytest.mark.parametrize("sent", ["x", "a b; serial=1", "<script>; serial=1", "a; serial=9999999999999999999"])
def test_whatever_else_is_sent_in_its_place_is_not_kept(centres_door: Door, home: Path, sent: str) -> None:
    with centres_door.http.get("/shelf/metadata/timestamp.json", headers={HEADER: sent}) as reply:
        assert reply.status_code == 200
    assert told(centres_door, home) == []
