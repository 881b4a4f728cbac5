"""``/shelf/`` as the app serves it: names, ranges, validators, turns; and what a server says of its shelf's standing."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from werkzeug.serving import BaseWSGIServer, make_server

from maxa.app import create_app
from maxa.settings import read_settings
from maxa.shelf.signed_names import hashed_name
from tests.gateway.asking import Door, door_to
from tests.mirror.world import Centre, Mirror, Server


@pytest.fixture
def door(centre: Centre, tmp_path: Path) -> Door:
    return door_to(centre.folder, tmp_path / "web")


@pytest.fixture
def target(centre: Centre) -> tuple[str, bytes]:
    """The path of a sealed file, and its content."""
    edition = centre.catalogue.terminology("LNC").current
    return f"/shelf/{hashed_name(edition.file, edition.sha256)}", (centre.folder / edition.file).read_bytes()


def test_a_sealed_file_is_served_for_ever_with_its_hash_as_tag(door: Door, target: tuple[str, bytes]) -> None:
    path, content = target
    with door.http.get(path) as reply:
        assert (reply.status_code, reply.data) == (200, content)
        assert reply.headers["ETag"] == f'"{hashlib.sha256(content).hexdigest()}"'
        assert "immutable" in reply.headers["Cache-Control"]
        assert reply.headers["Accept-Ranges"] == "bytes"
        tag = reply.headers["ETag"]
    with door.http.get(path, headers={"If-None-Match": tag}) as reply:
        assert (reply.status_code, reply.data) == (304, b"")
    with door.http.head(path) as reply:
        assert (reply.status_code, reply.headers["Content-Length"]) == (200, str(len(content)))


@pytest.mark.parametrize(
    ("asked", "begin", "end"),
    [("bytes=0-0", 0, 1), ("bytes=100-199", 100, 200), ("bytes=40000-", 40_000, None), ("bytes=-10", -10, None),
     ("bytes=0-999999999", 0, None)],
)  # fmt: skip
def test_a_range_is_given(door: Door, target: tuple[str, bytes], asked: str, begin: int, end: int | None) -> None:
    path, content = target
    with door.http.get(path, headers={"Range": asked}) as reply:
        assert (reply.status_code, reply.data) == (206, content[begin:end])
        first = begin % len(content)
        last = first + len(content[begin:end]) - 1
        assert reply.headers["Content-Range"] == f"bytes {first}-{last}/{len(content)}"


@pytest.mark.parametrize(("asked", "status"), [("bytes=99999999-", 416), ("bytes=9-2", 200), ("bytes=0-1,4-5", 200),
                                               ("lines=1-2", 200), ("bytes=-", 200), ("bytes=-0", 416)])  # fmt: skip
def test_a_range_that_is_none(door: Door, target: tuple[str, bytes], asked: str, status: int) -> None:
    path, content = target
    with door.http.get(path, headers={"Range": asked}) as reply:
        assert reply.status_code == status
        if status == 416:
            assert reply.headers["Content-Range"] == f"bytes */{len(content)}"
        else:
            assert reply.data == content


def test_a_range_of_another_file_than_the_client_began_is_the_whole(door: Door, target: tuple[str, bytes]) -> None:
    path, content = target
    with door.http.get(path, headers={"Range": "bytes=5-9", "If-Range": '"another"'}) as reply:
        assert (reply.status_code, reply.data) == (200, content)


def test_the_timestamp_is_asked_for_each_time_other_metadata_never_again(door: Door, centre: Centre) -> None:
    with door.http.get("/shelf/metadata/timestamp.json") as reply:
        assert reply.status_code == 200
        assert "no-cache" in reply.headers["Cache-Control"]
        tag = reply.headers["ETag"]
    with door.http.get("/shelf/metadata/timestamp.json", headers={"If-None-Match": tag}) as reply:
        assert reply.status_code == 304
    with door.http.get("/shelf/metadata/1.root.json") as reply:
        assert reply.data == centre.root()
        assert "immutable" in reply.headers["Cache-Control"]


@pytest.mark.parametrize(
    "path",
    [
        "metadata/2.root.json", "metadata/standing.json", "metadata/.signing.lock", "metadata/..%2fcatalogue.json",
        "metadata/%2e%2e/catalogue.json", "catalogue.json", "LNC/1402-05-01.maxa", "targets/LNC/1402-05-01.maxa",
        "targets/LNC/" + "0" * 64 + ".1402-05-01.maxa", "targets/../keys/x", "targets/%2e%2e/" + "0" * 64 + ".x.maxa",
        "targets/LNC/" + "0" * 64 + "...%2fx.maxa", "targets//etc/passwd", "targets/LNC", "targets/",
    ],
)  # fmt: skip
def test_nothing_else_is_served(door: Door, path: str) -> None:
    with door.http.get(f"/shelf/{path}") as reply:
        assert reply.status_code == 404
        assert b"Traceback" not in reply.data


def test_the_shelf_may_be_kept_to_oneself(centre: Centre, tmp_path: Path) -> None:
    door = door_to(centre.folder, tmp_path / "web", share_shelf="0")
    with door.http.get("/shelf/metadata/timestamp.json") as reply:
        assert reply.status_code == 404


def test_half_of_the_threads_are_kept_for_codes(centre: Centre, tmp_path: Path) -> None:
    centre.publish("big", codes=3_000)
    edition = centre.catalogue.terminology("big").current
    door = door_to(centre.folder, tmp_path / "web", web_threads="2")
    path = f"/shelf/{hashed_name(edition.file, edition.sha256)}"
    with door.http.get(path, buffered=False) as first:
        assert first.status_code == 200
        with door.http.get(path) as second:
            assert second.status_code == 503
            assert second.headers["Retry-After"] == "1"
        with door.http.get(path, headers={"Range": "bytes=0-999"}) as small:
            assert small.status_code == 206, "small answers take no turn"
    with door.http.get(path) as third:
        assert third.status_code == 200, "the turn was given back"


@pytest.fixture
def app_server(centre: Centre, tmp_path: Path) -> Iterator[BaseWSGIServer]:
    settings = read_settings({
        "MAXA_HOME": str(tmp_path / "web"), "MAXA_SHELF": str(centre.folder), "MAXA_ACCESS": "open",
        "MAXA_LOG_LEVEL": "error",
    })  # fmt: skip
    server = make_server("127.0.0.1", 0, create_app(settings, look_every=0.0), threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_a_mirror_syncs_from_the_app_and_feeds_the_next_from_its_own(
    centre: Centre, app_server: BaseWSGIServer, tmp_path: Path
) -> None:
    url = f"http://127.0.0.1:{app_server.server_port}/shelf/"
    mirror = Mirror(tmp_path / "m").init(centre, url)
    assert mirror.sync(url).serial == 8
    assert not mirror.sync(url).changed
    centre.publish("big", codes=3_000)
    assert mirror.sync(url).serial == 9
    assert mirror.is_whole()
    own = door_to(mirror.places.shelf, mirror.home, role="mirror")
    edition = mirror.catalogue.terminology("big").current
    with own.http.get(f"/shelf/{hashed_name(edition.file, edition.sha256)}") as reply:
        assert hashlib.sha256(reply.data).hexdigest() == edition.sha256


# --- standing ----------------------------------------------------------------------------------------------------------


def late(door: Door, days: int) -> Door:
    """The door, with the server's clock so many days ahead."""
    then = (datetime.now(UTC) + timedelta(days=days)).timestamp()
    door.app.extensions["maxa.standing"]._clock = lambda: then
    return door


def test_a_shelf_past_its_expiry_is_served_on_and_says_so_everywhere(
    centre: Centre, server: Server, mirror: Mirror
) -> None:
    mirror.sync(server.url)
    door = door_to(mirror.places.shelf, mirror.home, role="mirror")
    before = door.get("Terminology", Terminology="LNC", Code="718-7")
    assert "X-Maxa-Expired" not in before.headers
    assert "warning" not in door.raw("/readyz").envelope
    late(door, 100)
    after = door.get("Terminology", Terminology="LNC", Code="718-7")
    assert after.data == before.data
    assert after.headers["X-Maxa-Expired"].startswith("20")
    ready = door.raw("/readyz")
    assert ready.status == 200
    assert ready.envelope["trust"]["expired"] is True
    assert ready.envelope["trust"]["expires_in_seconds"] < 0
    assert "گذشته" in ready.envelope["warning"]["detail_fa"]
    page = door.raw("/shelf/")
    assert 'role="alert"' in page.text
    assert page.headers["X-Maxa-Expired"]


def test_readyz_tells_serial_age_expiry_disk_and_the_last_attempt(
    centre: Centre, server: Server, mirror: Mirror
) -> None:
    mirror.sync(server.url)
    door = door_to(mirror.places.shelf, mirror.home, role="mirror")
    ready: dict[str, Any] = door.raw("/readyz").envelope
    assert ready["serial"] == ready["trust"]["serial"] == 8
    assert ready["disk"]["free_bytes"] > 0
    assert ready["trust"]["expires_in_seconds"] > 80 * 86_400
    assert ready["mirror"]["problem"] is None
    server.answer = lambda handler: bool(server.reply(handler, 500, b"")) or True
    with pytest.raises(Exception, match="500"):
        mirror.sync(server.url)
    ready = door.raw("/readyz").envelope
    assert ready["status"] == "ready"
    assert ready["mirror"]["problem"]["code"] == "source-unavailable"
    assert ready["mirror"]["good_at"]
    metrics = door.raw("/metrics").text
    for name in ("expires_timestamp_seconds", "published_timestamp_seconds", "disk_free_bytes"):
        assert f"maxa_shelf_{name}" in metrics
    assert "maxa_mirror_last_attempt_ok 0.0" in metrics


def test_the_page_tells_what_lies_there_and_how_to_mirror_it(door: Door) -> None:
    page = door.raw("/shelf/")
    assert 'dir="rtl"' in page.text
    assert "1402-05-01" in page.text
    assert "maxa mirror init --root" in page.text
    assert "alert" not in page.text


def test_a_shelf_that_was_never_signed_says_so(tmp_path: Path) -> None:
    door = door_to(tmp_path / "shelf", tmp_path)
    assert "امضا نشده" in door.raw("/shelf/").text
    assert "trust" not in door.raw("/readyz").envelope
