"""``/shelf/``: the signed shelf for mirrors, by the names that any static file server would use as well.

Hashed and versioned names never change their content and may be cached for ever; ``timestamp.json`` is asked for anew
each time. Single ranges are given, so that a broken download goes on. Only so many downloads at a time run in a worker
process: half of its threads are kept for those who ask for codes; whoever comes too many is told to come again (503).
"""

from __future__ import annotations

import hashlib
import os
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from flask import Blueprint, Response, current_app, request

from maxa.errors import NotFound, Unavailable
from maxa.shelf.signed_names import METADATA, TARGETS, TIMESTAMP, is_metadata_file, of_hashed_name
from maxa.usage.counting import MIRROR
from maxa.usage.mirrors import HEADER, read_header
from maxa.web.shelf_page import shelf_page

FOR_EVER = "public, max-age=31536000, immutable"
EACH_TIME = "public, no-cache"
CHUNK = 256 << 10
SMALL = 128 << 10  # bytes that are sent without taking a turn
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})\Z")


def shelf_blueprint(shelf: Path, *, downloads_at_once: int) -> Blueprint:
    """The routes over a shelf folder; ``downloads_at_once`` is of this process."""
    blueprint = Blueprint("shelf", __name__)
    turns = threading.BoundedSemaphore(downloads_at_once)

    @blueprint.get("/shelf")
    @blueprint.get("/shelf/")
    def page() -> Response:
        return shelf_page(current_app.extensions["maxa.standing"], current_app.extensions["maxa.shelf"])

    @blueprint.get(f"/shelf/{METADATA}/<name>")
    def metadata(name: str) -> Response:
        if not is_metadata_file(name):
            raise _nothing()
        if name == TIMESTAMP and HEADER in request.headers:
            request.environ[MIRROR] = read_header(request.headers[HEADER])
        try:
            content = (shelf / METADATA / name).read_bytes()
        except OSError:
            raise _nothing() from None
        tag = hashlib.sha256(content).hexdigest()
        headers = _headers(tag, EACH_TIME if name == TIMESTAMP else FOR_EVER, "application/json")
        if request.if_none_match.contains(tag):
            return Response(status=304, headers=headers)
        return Response(content, headers=headers)

    @blueprint.get(f"/shelf/{TARGETS}/<folder>/<name>")
    def target(folder: str, name: str) -> Response:
        hashed = f"{TARGETS}/{folder}/{name}"
        found = of_hashed_name(hashed)
        if found is None:
            raise _nothing()
        path, sha256 = found
        try:
            if os.readlink(shelf / hashed) != f"../../{path}":
                raise _nothing()
            file = os.open(shelf / path, os.O_RDONLY)
        except OSError:
            raise _nothing() from None
        return _file(file, _headers(sha256, FOR_EVER, "application/octet-stream"), sha256, turns)

    return blueprint


def _nothing() -> NotFound:
    return NotFound("قفسه چنین پرونده‌ای ندارد.", "The shelf has no such file.")


def _headers(tag: str, caching: str, kind: str) -> dict[str, str]:
    return {
        "ETag": f'"{tag}"', "Cache-Control": caching, "Content-Type": kind, "X-Content-Type-Options": "nosniff",
    }  # fmt: skip


def _file(file: int, headers: dict[str, str], tag: str, turns: threading.BoundedSemaphore) -> Response:
    """The file or a range of it; ``file`` is closed in any case."""
    sent = False
    try:
        size = os.fstat(file).st_size
        headers["Accept-Ranges"] = "bytes"
        if request.if_none_match.contains(tag):
            return Response(status=304, headers=headers)
        begin, end, status = _range(size, tag)
        if status == 416:
            return Response(status=416, headers={**headers, "Content-Range": f"bytes */{size}"})
        if status == 206:
            headers["Content-Range"] = f"bytes {begin}-{end - 1}/{size}"
        headers["Content-Length"] = str(end - begin)
        if request.method == "HEAD":
            return Response(status=status, headers=headers)
        done: Callable[[], None] | None = None
        if end - begin > SMALL:
            if not turns.acquire(blocking=False):
                raise _busy()
            done = turns.release
        sent = True
        return Response(_Sending(file, begin, end, done), status, headers, direct_passthrough=True)
    finally:
        if not sent:
            os.close(file)


def _range(size: int, tag: str) -> tuple[int, int, int]:
    """``(begin, end, status)`` of what was asked for (RFC 9110 §14). What is no single range gets the whole."""
    asked = _RANGE.match(request.headers.get("Range", "").strip())
    if_range = request.headers.get("If-Range")
    if asked is None or asked.group(0) == "bytes=-" or (if_range is not None and if_range.strip('" ') != tag):
        return 0, size, 200
    first, last = asked.groups()
    if not first:
        begin, end = max(0, size - int(last)), size
    else:
        begin, end = int(first), min(size, int(last) + 1) if last else size
        if last and int(last) < int(first):
            return 0, size, 200
    if begin >= end:
        return 0, 0, 416
    return begin, end, 206


class _Sending:
    """A stretch of a file as it is sent; closing it gives the turn back, however the client went."""

    def __init__(self, file: int, begin: int, end: int, done: Callable[[], None] | None) -> None:
        self._file: int | None = file
        self._at, self._end, self._done = begin, end, done

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if self._file is None or self._at >= self._end:
            raise StopIteration
        chunk = os.pread(self._file, min(CHUNK, self._end - self._at), self._at)
        if not chunk:
            raise StopIteration  # the file was cut: the client sees the length missing
        self._at += len(chunk)
        return chunk

    def close(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            os.close(file)
            if self._done is not None:
                self._done()

    def __del__(self) -> None:
        with suppress(Exception):
            self.close()


def _busy() -> Unavailable:
    return Unavailable(
        "اکنون آینه‌های دیگری در حال دریافت‌اند؛ اندکی دیگر دوباره بخواهید.",
        "Other mirrors are being served just now: ask again in a moment.",
        data={"headers": {"Retry-After": "1"}},
    )
