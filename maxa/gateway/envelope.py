"""The envelope that every reply of the four services comes in, its ETag, and 304 (CONTRACT.md §1).

    {"data": …, "isSuccess": true, "waitTime": <ms>, "statusCode": 200, "message": [], "page": {…}}

Bodies are put together from parts that are JSON already: what is cached by a client (the content) is hashed without
``waitTime``, so the ETag is weak (RFC 9110 §8.8.3).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from time import perf_counter
from typing import TYPE_CHECKING, Any

import orjson
from flask import Response
from werkzeug.datastructures import Headers

from maxa.errors import MaxaError, Unavailable

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_TYPE = ("Content-Type", "application/json; charset=utf-8")
# A copy may be kept by the client that asked, and must be asked about each time (If-None-Match).
_CACHE = ("Cache-Control", "private, no-cache")
_RETRY_SECONDS = "5"
_FORM = b"maxa-reply-1"  # raise it when replies change their form, or clients would keep the old one
_TAGS = re.compile(r'(?:W/)?"([^"]*)"|(\*)')


@dataclass(slots=True)
class Reply:
    """What a service answers: ``data`` is JSON, or ``chunks`` make up the inside of an array that is streamed; ``page``
    is the page object of list replies. ``tag`` identifies the content where it is known without making it. For the usage
    counts: ``issues`` are those told, by terminology and kind, ``unfound`` words that found nothing, and whether something
    else was found instead."""

    data: bytes = b""
    page: dict[str, Any] | None = None
    chunks: Iterator[bytes] | None = None
    tag: str | None = None
    issues: dict[tuple[str, str], int] | None = None
    unfound: tuple[str, bool] | None = None


class WholeResponse(Response):
    """A 200 whose body and headers are complete and go to the server as they are: to check, copy and look through
    them takes werkzeug longer than a look-up takes. The first touch of anything else makes a usual response of it."""

    def __init__(self, body: bytes, headers: list[tuple[str, str]]) -> None:
        headers.append(("Content-Length", str(len(body))))
        self.__dict__["_whole"] = (body, headers)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        whole = self.__dict__.get("_whole")
        if whole is None:
            return super().__call__(environ, start_response)
        start_response("200 OK", whole[1])
        return () if environ["REQUEST_METHOD"] == "HEAD" else (whole[0],)

    def __getattr__(self, name: str) -> Any:
        if self._become_usual():
            return getattr(self, name)
        raise AttributeError(name)

    def __setattr__(self, name: str, value: Any) -> None:
        self._become_usual()
        super().__setattr__(name, value)

    def _become_usual(self) -> bool:
        whole = self.__dict__.pop("_whole", None)
        if whole is not None:
            super().__init__(whole[0], 200, Headers(whole[1]))
        return whole is not None


@dataclass(slots=True)
class Exchange:
    """What the envelope must know of a request: when it began, its validators, and what goes into its headers."""

    began: float
    is_get: bool
    if_none_match: str | None = None
    serial: int | None = None
    ignored: str = ""

    def wait_time(self) -> bytes:
        return b"%d" % int((perf_counter() - self.began) * 1000)

    def headers(self, tag: str | None) -> list[tuple[str, str]]:
        headers = [_TYPE, _CACHE]
        if self.serial is not None:
            headers.append(("X-Maxa-Serial", str(self.serial)))
        if tag is not None:
            headers.append(("ETag", f'W/"{tag}"'))
        if self.ignored:
            headers.append(("X-Maxa-Ignored", self.ignored))
        return headers


def content_tag(*parts: bytes) -> str:
    digest = blake2b(digest_size=12, person=_FORM)
    for part in parts:
        digest.update(part)
    return digest.hexdigest()


def success(reply: Reply, exchange: Exchange) -> Response:
    """The reply in its envelope, or 304 where the client holds it already."""
    page = b"" if reply.page is None else b',"page":' + orjson.dumps(reply.page)
    tag = None
    if exchange.is_get:
        tag = reply.tag or content_tag(reply.data, page)
        if exchange.if_none_match is not None and is_held(exchange.if_none_match, tag):
            if reply.chunks is not None and hasattr(reply.chunks, "close"):
                reply.chunks.close()
            return Response(status=304, headers=Headers(exchange.headers(tag)[1:]))
    if reply.chunks is not None:
        return _streamed(reply.chunks, page, exchange, tag)
    body = b"".join(
        (
            b'{"data":', reply.data, b',"isSuccess":true,"waitTime":', exchange.wait_time(),
            b',"statusCode":200,"message":[]', page, b"}",
        )
    )  # fmt: skip
    return WholeResponse(body, exchange.headers(tag))


def _streamed(chunks: Iterator[bytes], page: bytes, exchange: Exchange, tag: str | None) -> Response:
    """An array sent as it is read. ``waitTime`` is then the time to the end of the array, which it follows."""
    first = next(chunks, b"")  # what can't be read at all is refused before the reply has begun

    def body() -> Iterator[bytes]:
        yield b'{"data":[' + first
        yield from chunks
        yield b"".join(
            (b'],"isSuccess":true,"waitTime":', exchange.wait_time(), b',"statusCode":200,"message":[]', page, b"}")
        )

    return Response(body(), 200, Headers(exchange.headers(tag)))


def failure(error: MaxaError, exchange: Exchange) -> Response:
    """An error in the envelope, with whatever headers it asks for (``WWW-Authenticate``, ``Retry-After``, ``Allow``)."""
    errors = orjson.dumps([error.as_dict()])
    body = b"".join(
        (
            b'{"data":null,"isSuccess":false,"waitTime":', exchange.wait_time(), b',"statusCode":%d' % error.status,
            b',"message":', orjson.dumps([error.detail_fa]), b',"errors":', errors, b"}",
        )
    )  # fmt: skip
    headers = Headers(exchange.headers(content_tag(errors) if exchange.is_get else None))
    headers.extend(error.data.get("headers", {}))
    if isinstance(error, Unavailable) and "Retry-After" not in headers:
        headers["Retry-After"] = _RETRY_SECONDS
    return Response(body, error.status, headers)


def is_held(if_none_match: str, tag: str) -> bool:
    """Whether an ``If-None-Match`` names the tag, by weak comparison (RFC 9110 §13.1.2)."""
    if len(if_none_match) > 8_192:
        return False
    return any(held == tag or star for held, star in _TAGS.findall(if_none_match))


def array_chunks(pages: Iterable[list[Any]]) -> Iterator[bytes]:
    """Pages of items → pieces that make up the inside of one JSON array."""
    filled = (page for page in pages if page)
    first = next(filled, None)
    if first is not None:
        yield orjson.dumps(first)[1:-1]
        for page in filled:
            yield b"," + orjson.dumps(page)[1:-1]
