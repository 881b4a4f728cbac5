"""A server that is slow, breaks off, lies about lengths, never ends or sends one in circles: given up, told, tried again."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from maxa.errors import BadParameter
from maxa.mirror.http_source import HttpSource, Patience, shelf_url
from maxa.mirror.troubles import Refused, SourceTrouble
from maxa.usage.mirrors import MirrorSays
from tests.mirror.world import QUICK, Centre, Mirror, Server


def test_a_connection_cut_after_n_bytes_is_resumed_where_it_broke(
    centre: Centre, server: Server, mirror: Mirror
) -> None:
    """Never twice the same bytes: every answer breaks off after 5,000."""
    begun: dict[str, list[int]] = {}

    def cut(handler: Any) -> bool:
        if "/targets/" not in handler.path:
            return False
        content = (server.folder / handler.path.removeprefix("/shelf/")).read_bytes()
        first, _, last = handler.headers["Range"].removeprefix("bytes=").partition("-")
        begun.setdefault(handler.path, []).append(int(first))
        stretch = content[int(first) : int(last) + 1]
        handler.send_response(206)
        handler.send_header("Content-Range", f"bytes {first}-{int(first) + len(stretch) - 1}/{len(content)}")
        handler.send_header("Content-Length", str(len(stretch)))
        handler.end_headers()
        handler.wfile.write(stretch[:5_000])
        handler.close_connection = True
        return True

    server.answer = cut
    assert mirror.sync(server.url).serial == 8
    assert all(starts == sorted(set(starts)) for starts in begun.values())
    assert max(len(starts) for starts in begun.values()) >= 9
    assert mirror.is_whole()


def test_a_download_that_was_broken_off_goes_on_at_the_next_sync(
    centre: Centre, server: Server, mirror: Mirror
) -> None:
    path = "LNC/1402-05-01.maxa"
    sha256 = centre.catalogue.terminology("LNC").current.sha256
    content = (centre.folder / path).read_bytes()
    mirror.places.parts.mkdir(parents=True)
    (mirror.places.parts / sha256).write_bytes(content[:30_000])
    asked: list[str] = []

    def note(handler: Any) -> bool:
        if sha256 in handler.path:
            asked.append(handler.headers["Range"])
        return False

    server.answer = note
    mirror.sync(server.url)
    assert asked == [f"bytes=30000-{len(content) - 1}"]
    assert mirror.is_whole()


def test_a_part_that_a_power_cut_left_full_of_zeros_is_fetched_anew(
    centre: Centre, server: Server, mirror: Mirror
) -> None:
    for edition in centre.catalogue.terminology("LNC").editions:
        mirror.places.parts.mkdir(parents=True, exist_ok=True)
        (mirror.places.parts / edition.sha256).write_bytes(bytes(20_000))
    assert mirror.sync(server.url).serial == 8
    assert mirror.is_whole()


def test_a_server_without_ranges_serves_too(server: Server, mirror: Mirror) -> None:
    server.ranges = False
    assert mirror.sync(server.url).serial == 8
    assert mirror.is_whole()


def slow(handler: Any, _: bytes) -> bool:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000000")
    handler.end_headers()
    for _n in range(1_000):
        handler.wfile.write(b".")
        handler.wfile.flush()
        time.sleep(0.02)
    return True


def silent(handler: Any, _: bytes) -> bool:
    time.sleep(3.0)
    return True


def slow_head(handler: Any, _: bytes) -> bool:
    """Each byte within the read timeout, the header lines never at an end."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    for _n in range(1_000):
        handler.wfile.write(b"x")
        handler.wfile.flush()
        time.sleep(0.02)
    return True


def endless(handler: Any, _: bytes) -> bool:
    handler.send_response(200)
    handler.end_headers()
    for _n in range(400):
        handler.wfile.write(bytes(1 << 20))
    handler.close_connection = True
    return True


def too_long(handler: Any, _: bytes) -> bool:
    handler.send_response(200)
    handler.send_header("Content-Length", str(10**12))
    handler.end_headers()
    handler.wfile.write(bytes(5_000_000))
    handler.close_connection = True
    return True


def too_short(handler: Any, _: bytes) -> bool:
    handler.send_response(200)
    handler.send_header("Content-Length", "3")
    handler.end_headers()
    handler.wfile.write(b"abc")
    return True


def garbage(handler: Any, _: bytes) -> bool:
    handler.wfile.write(b"\x00\xff\x00 this is no HTTP\r\n\r\n" * 50)
    handler.close_connection = True
    return True


def hung_up(handler: Any, _: bytes) -> bool:
    handler.close_connection = True
    return True


def server_error(handler: Any, _: bytes) -> bool:
    handler.send_response(500)
    handler.send_header("Content-Length", "0")
    handler.end_headers()
    return True


def html(handler: Any, _: bytes) -> bool:
    body = b"<html>Please log in to the hospital's network</html>"
    handler.send_response(200)
    handler.send_header("Content-Type", "text/html")
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)
    return True


def in_circles(handler: Any, _: bytes) -> bool:
    handler.send_response(302)
    handler.send_header("Location", handler.path)
    handler.send_header("Content-Length", "0")
    handler.end_headers()
    return True


def wrong_range(handler: Any, _: bytes) -> bool:
    handler.send_response(206)
    handler.send_header("Content-Range", "bytes 7-9/1000")
    handler.send_header("Content-Length", "3")
    handler.end_headers()
    handler.wfile.write(b"abc")
    return True


def redirect_without_end(handler: Any, _: bytes) -> bool:
    handler.send_response(302)
    handler.send_header("Location", handler.path)
    handler.end_headers()
    for _n in range(400):
        handler.wfile.write(bytes(1 << 20))
    handler.close_connection = True
    return True


def dripping_redirect(handler: Any, _: bytes) -> bool:
    return dripping(handler, 302)


def dripping_refusal(handler: Any, _: bytes) -> bool:
    return dripping(handler, 404)


def dripping_excuse(handler: Any, _: bytes) -> bool:
    return dripping(handler, 503)


def dripping(handler: Any, status: int) -> bool:
    """A body that would take minutes, each byte within the read timeout."""
    handler.send_response(status)
    handler.send_header("Location", handler.path)
    handler.send_header("Content-Length", "8000")
    handler.end_headers()
    for _n in range(8_000):
        handler.wfile.write(b".")
        handler.wfile.flush()
        time.sleep(0.05)
    return True


def redirect_to_nowhere(handler: Any, _: bytes) -> bool:
    handler.send_response(302)
    handler.send_header("Location", "http://[::1/shelf")
    handler.send_header("Content-Length", "0")
    handler.end_headers()
    return True


WRETCHES = (
    slow, slow_head, silent, endless, too_long, too_short, garbage, hung_up, server_error, html, in_circles, wrong_range,
    redirect_without_end, dripping_redirect, dripping_refusal, dripping_excuse, redirect_to_nowhere,
)  # fmt: skip


@pytest.mark.parametrize("wretch", WRETCHES)
@pytest.mark.parametrize("what", ["timestamp.json", "targets"])
def test_a_wretched_server_harms_nothing(
    centre: Centre, server: Server, mirror: Mirror, wretch: Callable[[Any, bytes], bool], what: str
) -> None:
    mirror.sync(server.url)
    centre.publish(codes=30)
    impatient = Patience(
        connect=0.5, read=0.3, head=0.5, metadata=0.5, slowest=10_000.0, window=0.2, tries=2, pause=0.001, longest_pause=0.001,
        busy=0.1,
    )  # fmt: skip
    server.answer = lambda handler: f"/{what}" in handler.path and wretch(handler, b"")
    began = time.monotonic()
    with pytest.raises((SourceTrouble, Refused)) as trouble:
        mirror.sync(server.url, patience=impatient)
    assert time.monotonic() - began < 10
    assert trouble.value.detail_fa
    assert mirror.serial == 8
    assert mirror.is_whole()
    assert sum(p.stat().st_size for p in mirror.places.parts.iterdir()) < 1 << 20, "no endless body fills the disk"
    server.answer = None
    assert mirror.sync(server.url).serial == 9
    assert mirror.is_whole()


def test_a_busy_server_is_waited_for(centre: Centre, server: Server, mirror: Mirror) -> None:
    turned_away = []

    def busy(handler: Any) -> bool:
        if "/targets/" in handler.path and handler.path not in turned_away:
            turned_away.append(handler.path)
            server.reply(handler, 503, b"", {"Retry-After": "0.01"})
            return True
        return False

    server.answer = busy
    assert mirror.sync(server.url).serial == 8
    assert len(turned_away) == 9


def test_a_server_that_is_not_there_is_told_with_its_address(centre: Centre, tmp_path: Path) -> None:
    mirror = Mirror(tmp_path / "m").init(centre, "http://127.0.0.1:9/shelf")
    with pytest.raises(SourceTrouble, match=r"http://127\.0\.0\.1:9/shelf/"):
        mirror.sync("http://127.0.0.1:9/shelf")
    last = mirror.places.last()
    assert last is not None
    assert last.problem is not None
    assert last.good_at is None


def test_an_address_without_a_shelf_is_told_what_it_should_look_like(
    centre: Centre, server: Server, mirror: Mirror
) -> None:
    with pytest.raises(SourceTrouble, match="usually ends in /shelf/"):
        mirror.sync(server.url + "elsewhere/")


@pytest.mark.parametrize(
    "url",
    [
        "ftp://x/shelf",
        "maxa.example/shelf",
        "http://",
        "http://x/?a=1",
        "file:///etc/passwd",
        "http://[::1",
        "http://x:99999/",
        "http://x:port/",
        "http://x:0/",
    ],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(BadParameter, match="no address"):
        shelf_url(url)


@pytest.mark.parametrize(
    "url", ["https://user:secret@x/shelf/", "https://secret@x/", "http://u:secret@[::1", "//u:secret@x"]
)
def test_an_address_with_a_password_is_refused_and_the_password_is_not_repeated(url: str) -> None:
    with pytest.raises(BadParameter, match="/readyz") as found:
        shelf_url(url)
    assert "secret" not in found.value.detail_en + found.value.detail_fa


@pytest.mark.parametrize(("login", "sent"), [("user:p%40ss@", "user:p@ss"), ("", None)])
@pytest.mark.parametrize("scheme", ["http://", ""])
def test_a_proxy_gets_the_password_of_its_address(
    login: str, sent: str | None, scheme: str, server: Server, mirror: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[str, str | None]] = []

    def proxied(handler: Any) -> bool:
        seen.append((handler.path, handler.headers.get("Proxy-Authorization")))
        handler.path = handler.path.removeprefix("http://maxa.invalid")
        return False

    server.answer = proxied
    monkeypatch.setenv("http_proxy", f"{scheme}{login}127.0.0.1:{server.http.server_port}")
    monkeypatch.setenv("no_proxy", "")
    assert mirror.sync("http://maxa.invalid/shelf/").serial == 8
    wanted = "Basic " + base64.b64encode(sent.encode()).decode() if sent else None
    assert {header for _, header in seen} == {wanted}
    assert all(path.startswith("http://maxa.invalid/") for path, _ in seen)


def test_a_redirect_is_followed(centre: Centre, server: Server, mirror: Mirror) -> None:
    def elsewhere(handler: Any) -> bool:
        if not handler.path.startswith("/old/"):
            return False
        target = f"http://127.0.0.1:{server.http.server_port}/shelf/{handler.path.removeprefix('/old/')}"
        server.reply(handler, 301, b"", {"Location": target})
        return True

    server.answer = elsewhere
    assert mirror.sync(server.url.replace("/shelf/", "/old/")).serial == 8


def test_what_a_mirror_is_called_is_told_to_its_source_alone(server: Server) -> None:
    told: list[tuple[str, str | None]] = []

    def elsewhere(handler: Any) -> bool:
        told.append((handler.path.split("/")[1], handler.headers["Maxa-Mirror"]))
        if not handler.path.startswith("/old/"):
            return False
        target = f"http://localhost:{server.http.server_port}/shelf/{handler.path.removeprefix('/old/')}"
        server.reply(handler, 302, b"", {"Location": target})
        return True

    server.answer = elsewhere
    HttpSource(server.url.replace("/shelf/", "/old/"), QUICK, says=lambda: MirrorSays("shiraz", 7)).tell()
    assert told == [("old", "shiraz; serial=7"), ("shelf", None)]


@pytest.mark.parametrize(
    ("url", "where", "following"),
    [
        ("http://a/x", "http://b/y", "http://b/y"),
        ("http://a/x/z", "../y", "http://a/y"),
        ("http://a/x", "https://a/x", "https://a/x"),
        ("https://a/x", "//b/y", "https://b/y"),
        ("https://a/x", "http://a/x", None),
        ("http://a/x", "file:///etc/passwd", None),
        ("http://a/x", "http://[::1/y", None),
        ("HTTP://a/x", "http://a/y", "http://a/y"),
        ("http://a/x", "https:///y", None),
    ],
)
def test_a_redirect_never_leads_from_https_to_http_nor_off_the_web(url: str, where: str, following: str | None) -> None:
    source = HttpSource(url, QUICK)
    if following is None:
        with pytest.raises(SourceTrouble, match="not followed"):
            source._next_url(url, where)
    else:
        assert source._next_url(url, where) == following


@pytest.mark.parametrize("date", [None, "yesterday", "Fri, 31 Dec 99999999999999 23:59:59 GMT", ""])
def test_a_reply_without_a_date_that_can_be_read_serves_too(
    server: Server, mirror: Mirror, monkeypatch: pytest.MonkeyPatch, date: str | None
) -> None:
    def send_response(handler: Any, status: int) -> None:
        handler.send_response_only(status)
        if date is not None:
            handler.send_header("Date", date)

    monkeypatch.setattr(server.http.RequestHandlerClass, "send_response", send_response)
    assert mirror.sync(server.url).serial == 8


def test_the_slices_adapt_to_the_link() -> None:
    from maxa.mirror.download import Downloads

    downloads = Downloads(HttpSource("http://127.0.0.1:9/shelf", QUICK), Path("/nowhere"))
    for _ in range(6):
        downloads._adapt(100_000, 1.0)
    assert downloads._slice == 400_000
    for _ in range(6):
        downloads._adapt(64 << 20, 0.1)
    assert downloads._slice == 64 << 20
