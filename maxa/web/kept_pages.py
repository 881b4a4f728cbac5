"""Public pages that were made before, as they were sent. A page is decided by its address, the language, and the catalogue
that it was read from, and published files never change: what was made under a serial can't go stale."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import NamedTuple

from flask import Flask, Response, g, request

from maxa.errors import MaxaError
from maxa.usage.counting import UNFOUND
from maxa.web.headers import takes_gzip
from maxa.web.language import language

MOST_BYTES = 16 << 20  # of a process
LARGEST = 256 << 10
_HEADERS = ("Content-Type", "Content-Encoding", "ETag", "Content-Security-Policy")


class Kept(NamedTuple):
    """``unfound`` is what the page's search did not find: it is counted each time that the page is asked for."""

    content: bytes
    headers: list[tuple[str, str]]
    unfound: tuple[str, bool] | None = None


class KeptPages:
    """Safe to share between threads; what was asked for longest ago goes first."""

    def __init__(self, most: int = MOST_BYTES) -> None:
        self._most = most
        self._size = 0
        self._pages: OrderedDict[tuple[object, ...], Kept] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: tuple[object, ...]) -> Kept | None:
        with self._lock:
            found = self._pages.get(key)
            if found is not None:
                self._pages.move_to_end(key)
            return found

    def keep(self, key: tuple[object, ...], page: Kept) -> None:
        with self._lock:
            old = self._pages.pop(key, None)
            self._size += len(page.content) - (len(old.content) if old else 0)
            self._pages[key] = page
            while self._size > self._most:
                _, gone = self._pages.popitem(last=False)
                self._size -= len(gone.content)

    def clear(self) -> None:
        with self._lock:
            self._pages.clear()
            self._size = 0


def keep_pages(app: Flask, rooms: set[str]) -> None:
    """Keep the pages of these blueprints. To be called before whatever else works on replies, so that it comes last."""
    pages = app.extensions["maxa.kept_pages"] = KeptPages()

    @app.before_request
    def kept() -> Response | None:
        key = _key(app) if request.blueprint in rooms else None
        found = pages.get(key) if key is not None else None
        if found is None:
            g.page_key = key
            return None
        if found.unfound is not None:
            request.environ[UNFOUND] = found.unfound
        reply = Response(found.content, headers=found.headers)
        if "HTTP_IF_NONE_MATCH" in request.environ:
            reply.make_conditional(request)
        return reply

    @app.after_request
    def keep(reply: Response) -> Response:
        key = g.get("page_key")
        if key is not None and reply.status_code == 200 and reply.mimetype == "text/html" and not reply.is_streamed:
            content = reply.get_data()
            if len(content) <= LARGEST and "Set-Cookie" not in reply.headers:
                headers = [(name, reply.headers[name]) for name in _HEADERS if name in reply.headers]
                pages.keep(key, Kept(content, headers, request.environ.get(UNFOUND)))
        return reply


def _key(app: Flask) -> tuple[object, ...] | None:
    """None for what is not kept. The host is shown on some pages, and a shelf past its expiry warns on all."""
    query = request.query_string
    if request.method != "GET" or len(query) > 1_000 or b"cursor=" in query:
        return None
    try:
        catalogue = app.extensions["maxa.shelf"].catalogue()
    except (MaxaError, OSError):
        return None
    return (
        catalogue.serial, catalogue.published_at, request.scheme, request.host, request.path, query, language(),
        takes_gzip(request), app.extensions["maxa.standing"].expired(),
    )  # fmt: skip
