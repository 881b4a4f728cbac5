"""A centre and mirrors of it for tests: shelves that are signed as at the centre, served over loopback or from a stick."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from maxa.mirror.archive_file import ArchiveSource, export
from maxa.mirror.http_source import HttpSource, Patience
from maxa.mirror.keep import set_up
from maxa.mirror.places import Places
from maxa.mirror.sync import Synced, sync
from maxa.shelf.catalogue import Catalogue, load_catalogue
from maxa.shelf.check import check_shelf
from maxa.shelf.key_ceremony import Plan, make_keys, rotate_keys
from maxa.shelf.keys import KeyRing, read_keys
from maxa.shelf.reading import Shelf
from maxa.shelf.trust import Life, Signing, sign_shelf
from tests.gateway.clinic import clinic
from tests.shelves import ShelfBuilder, concept

QUICK = Patience(connect=2.0, read=2.0, metadata=2.0, tries=3, pause=0.001, longest_pause=0.002, busy=2.0, window=0.5)


class Centre:
    """A centre's shelf with its keys. ``publish`` seals, lists and signs."""

    def __init__(self, home: Path, plans: dict[str, Plan] | None = None, life: Life | None = None) -> None:
        self.home = home
        self.folder = home / "shelf"
        self.keys, self.root_keys = home / "keys", home / "root-keys"
        self.life = life or Life()
        self.builder: ShelfBuilder = clinic(self.folder)
        make_keys(self.folder, keys=self.keys, root_keys=self.root_keys, plans=plans, life=self.life)

    @property
    def catalogue(self) -> Catalogue:
        return self.builder.catalogue

    @property
    def metadata(self) -> Path:
        return self.folder / "metadata"

    def root(self, version: int = 1) -> bytes:
        return (self.metadata / f"{version}.root.json").read_bytes()

    def ring(self) -> KeyRing:
        return read_keys([self.keys, self.root_keys])

    def sign(self, **over: Any) -> Signing:
        return sign_shelf(self.folder, over.pop("keys", None) or read_keys([self.keys]), life=self.life, **over)

    def publish(self, terminology: str = "ATC", codes: int = 1, *, sign: bool = True, **over: Any) -> None:
        n = self.catalogue.serial
        rows = [concept(f"N{n:02}{i:04}", f"داروی {n} {i}") for i in range(codes)]
        version = over.pop("version", f"1403-01-01.{n}")
        self.builder.publish(terminology, rows, version=version, **over)
        if sign:
            self.sign()

    def rotate(self, *roles: str, **over: Any) -> Signing:
        return rotate_keys(
            self.folder, self.ring(), roles, keys=self.keys, root_keys=self.root_keys, life=self.life, **over
        )


@dataclass
class Mirror:
    """A mirror's home and what a test asks of it."""

    home: Path
    places: Places = field(init=False)

    def __post_init__(self) -> None:
        self.places = Places(self.home / "mirror", self.home / "shelf")

    def init(self, centre: Centre, url: str | None = None, **over: Any) -> Mirror:
        set_up(self.places, centre.root(), url, **over)
        return self

    def sync(self, url: str, *, patience: Patience = QUICK, now: datetime | None = None, **over: Any) -> Synced:
        source = HttpSource(url, patience)
        try:
            return sync(self.places, source, patience=patience, now=now, **over)
        finally:
            source.close()

    def take(self, file: Path, **over: Any) -> Synced:
        source = ArchiveSource(file)
        try:
            return sync(self.places, source, patience=QUICK, **over)
        finally:
            source.close()

    def choose(self, terminologies: tuple[str, ...] | None) -> None:
        """Keep these from the next sync on, whether the source has them or not."""
        self.places.write_config(replace(self.places.config(), terminologies=terminologies))

    @property
    def catalogue(self) -> Catalogue:
        return load_catalogue((self.places.shelf / "catalogue.json").read_bytes())

    @property
    def serial(self) -> int:
        return self.catalogue.serial

    def is_whole(self) -> bool:
        return check_shelf(self.places.shelf).problems == []

    def answers(self) -> str:
        """A title through the readers' own way in."""
        shelf = Shelf(self.places.shelf)
        entry = shelf.catalogue().terminology("LNC")
        found = shelf.release(entry.current).concept("718-7")
        assert found is not None
        return found.title


Meddle = Callable[[str, bytes], bytes]
Answer = Callable[[http.server.BaseHTTPRequestHandler], bool]


class Server:
    """A static file server over a shelf, with ranges, that a test can turn into any kind of wretch.

    ``meddle(path, content)`` changes what is sent; ``answer(handler)`` answers by itself and returns True.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.meddle: Meddle | None = None
        self.answer: Answer | None = None
        self.ranges = True
        self.asked: list[str] = []
        self.sent = 0
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                outer.serve(self)

            def log_message(self, *_: Any) -> None:
                return

        class Quiet(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: Any) -> None:
                return

        self.http = Quiet(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http.server_port}/shelf/"

    @property
    def files_asked(self) -> list[str]:
        return [a.rpartition("/")[2].partition(".")[2] for a in self.asked if "/targets/" in a]

    def serve(self, handler: Any) -> None:
        self.asked.append(handler.path)
        if self.answer is not None and self.answer(handler):
            return
        name = handler.path.removeprefix("/shelf/")
        path = self.folder / name
        if not path.is_file():
            self.reply(handler, 404, b"{}")
            return
        content = path.read_bytes()
        if self.meddle is not None:
            content = self.meddle(name, content)
        asked = handler.headers.get("Range")
        if asked and self.ranges:
            first, _, last = asked.removeprefix("bytes=").partition("-")
            stretch = content[int(first) : int(last) + 1]
            span = f"bytes {first}-{int(first) + len(stretch) - 1}/{len(content)}"
            self.reply(handler, 206, stretch, {"Content-Range": span})
        else:
            self.reply(handler, 200, content)

    def reply(self, handler: Any, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        handler.send_response(status)
        for name, value in (headers or {}).items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)
        self.sent += len(body)

    def close(self) -> None:
        self.http.shutdown()
        self.http.server_close()


@contextmanager
def serving(folder: Path) -> Iterator[Server]:
    server = Server(folder)
    try:
        yield server
    finally:
        server.close()


def stick(centre: Centre, file: Path, since: int = 0) -> Path:
    export(centre.folder, file, since=since)
    return file


YEAR = timedelta(days=365)
