"""The way of every request to /api/v1: access, parameters, one catalogue, the reply with its validators, and the
OpenAPI document of all that, from one declaration an address.

A view gets an :class:`Asked` and what stands in the path, and returns an :class:`Answer`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import wraps
from typing import Any
from urllib.parse import quote

import flask_smorest
import orjson
from flask import Response, current_app, request
from marshmallow import Schema
from werkzeug.routing import BaseConverter
from werkzeug.wrappers import Request

from maxa.access.check import Access
from maxa.api.parameters import CURRENT, documented, gathered, table_of
from maxa.api.problems import CONTENT_TYPE, problem
from maxa.errors import BadBody, MaxaError, Unavailable, UnsupportedMediaType
from maxa.gateway.envelope import content_tag, is_held
from maxa.gateway.parameters import ignored_header
from maxa.gateway.reading import Reading
from maxa.gateway.sent import Body, parse_body, query_pairs
from maxa.shelf.catalogue import Catalogue
from maxa.shelf.reading import Shelf

SERVICE = "api"  # as the access check, the rate limits and the counts call it
JSON = "application/json"
_CACHE = "private, no-cache"
_VARIABLE = re.compile(r"<(?:\w+:)?(\w+)>")

PATH_PARAMETERS: dict[str, tuple[str, str]] = {
    "terminology": ("Id of a terminology, in any letter case.", "LNC"),
    "map_id": ("Id of a map, in any letter case: `LNC--RVU3`, `LNC->RVU3` and `LNC→RVU3` are one.", "LNC--RVU3"),
    "version": ("Version of an edition, or `current`.", "1402-02-18"),
    "code": ("A code; whatever is no letter or digit is percent-encoded, `/` too.", "718-7"),
    "error": ("A stable error code.", "unknown-code"),
    "tracking": ("A tracking number, in any letter case, with or without dashes.", "7K3M-9QXD-2TRZ"),
}
# What may go wrong wherever a token is asked for and a parameter is read.
_ALWAYS = (400, 401, 403, 429, 503)


class AnyCode(BaseConverter):
    """The rest of the path, whatever it holds: codes may have slashes, also as their first letter."""

    part_isolating = False
    regex = ".+?"


@dataclass(slots=True)
class Answer:
    """``data`` is the whole body, or ``chunks`` are its pieces; ``tag`` identifies what it says where that is known
    without making it; ``filename`` makes a download of it."""

    data: bytes = b""
    chunks: Iterator[bytes] | None = None
    tag: str | None = None
    content_type: str = JSON
    filename: str | None = None

    @classmethod
    def of(cls, told: Any) -> Answer:
        return cls(orjson.dumps(told))


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: the catalogue that it reads, and its parameters by name. ``body`` is what was POSTed."""

    shelf: Shelf
    catalogue: Catalogue
    parameters: Mapping[str, Any]
    body: Body
    ignored: dict[str, None] = field(default_factory=dict)

    @property
    def reading(self) -> Reading:
        """The catalogue, read at the edition that ``version`` or ``date`` name."""
        version, on = self.parameters.get("version"), self.parameters.get("date")
        if version is not None and version.casefold() == CURRENT:
            version = on = None
        return Reading(self.shelf, self.catalogue, version, on)

    def get(self, name: str, default: Any = None) -> Any:
        return self.parameters.get(name, default)


View = Callable[..., Answer]


class Blueprint(flask_smorest.Blueprint):
    """Addresses of the API with their documentation."""

    def answers(
        self,
        rule: str,
        gives: type[Schema] | dict[str, Any] | None,
        *,
        operation: str | None = None,
        method: str = "GET",
        tag: str,
        refuses: Sequence[int] = (),
        takes: Mapping[str, Any] | None = None,
        content_type: str = JSON,
        open_to_all: bool = False,
        headers: Sequence[Mapping[str, Any]] = (),
    ) -> Callable[[View], View]:
        """Register a view. ``operation`` names its query parameters (default: the view's name), ``takes`` is the schema
        of the JSON body of a POST, ``headers`` document those that it reads, ``refuses`` are the statuses of errors
        beyond those that any address may have."""

        def register(view: View) -> View:
            asks = operation or view.__name__
            posts = method == "POST"

            @wraps(view)
            def answer(**names: Any) -> Response:
                return _answer(view, asks, names, posts=posts, open_to_all=open_to_all)

            described = self._describe(
                answer,
                rule,
                gives,
                asks,
                refuses=refuses,
                takes=takes,
                content_type=content_type,
                open_to_all=open_to_all,
                headers=headers,
            )
            # Its description alone is wanted: each decorator of flask-smorest would be one more call for every request.
            answer._apidoc = described._apidoc  # type: ignore[attr-defined]
            self.route(rule, methods=[method], tags=[tag], endpoint=view.__name__, parameters=_path_parameters(rule))(
                answer
            )
            return view

        return register

    def _describe(
        self,
        answer: Callable[..., Response],
        rule: str,
        gives: type[Schema] | dict[str, Any] | None,
        asks: str,
        *,
        refuses: Sequence[int],
        takes: Mapping[str, Any] | None,
        content_type: str,
        open_to_all: bool,
        headers: Sequence[Mapping[str, Any]],
    ) -> Callable[..., Response]:
        schema: Any = gives if gives is not None else {"type": "string", "format": "binary"}
        if content_type in ("text/csv; charset=utf-8", "application/atom+xml"):
            schema = {"type": "string"}
        told = {"X-Maxa-Serial": _SERIAL_HEADER} if takes is not None else {"ETag": _ETAG_HEADER, **_SERIAL}
        described = self.response(200, schema, headers=told, content_type=content_type, description=_GOOD)(answer)
        if takes is None:
            described = self.alt_response(304, "NotModified")(described)
        statuses = {*refuses, *(() if open_to_all else _ALWAYS)}
        if _VARIABLE.search(rule):
            statuses.add(404)
        if takes is not None:
            statuses |= {400, 413, 415}
        for status in sorted(statuses):
            described = self.alt_response(status, f"Problem{status}")(described)
        manual: dict[str, Any] = {"operationId": answer.__name__, "parameters": [*documented(asks), *headers]}
        if takes is not None:
            manual["requestBody"] = {"required": True, "content": {JSON: dict(takes)}}
        if open_to_all:
            manual["security"] = []
        return self.doc(**manual)(described)


_GOOD = "What was asked for."
_ETAG_HEADER = {"description": "Send it as If-None-Match to be told 304.", "schema": {"type": "string"}}
_SERIAL_HEADER = {"description": "Serial of the catalogue that answered.", "schema": {"type": "integer"}}
_SERIAL = {"X-Maxa-Serial": _SERIAL_HEADER}


def _path_parameters(rule: str) -> list[dict[str, Any]]:
    told = []
    for name in _VARIABLE.findall(rule):
        about, example = PATH_PARAMETERS[name]
        schema = {"type": "string", "minLength": 1}
        told.append({"in": "path", "name": name, "description": about, "example": example, "schema": schema})
    return told


def _answer(view: View, operation: str, names: Mapping[str, Any], *, posts: bool, open_to_all: bool) -> Response:
    shelf: Shelf = current_app.extensions["maxa.shelf"]
    ignored: dict[str, None] = {}
    try:
        if not open_to_all:
            access: Access = current_app.extensions["maxa.access"]
            access.authorize(request.environ, SERVICE)
        catalogue = shelf.catalogue()
        pairs = query_pairs(request.environ.get("QUERY_STRING", ""))
        body = _json_body() if posts else Body()
        if operation == "translate_many":  # the object that holds the codes may hold parameters too
            pairs += [(name, value) for name, value in body.pairs if name.lower() != "codes"]
        parameters = table_of(operation).read(gathered(pairs, operation), ignored)
        answer = view(Asked(shelf, catalogue, parameters, body, ignored), **names)
        reply = reply_of(answer, posts=posts)
    except MaxaError as error:
        reply = refuse(error)
    except OSError:
        reply = refuse(_unreadable())
    else:
        reply.headers["X-Maxa-Serial"] = str(catalogue.serial)
    if ignored:
        reply.headers["X-Maxa-Ignored"] = ignored_header(ignored)
    return reply


def _json_body() -> Body:
    """What was POSTed. Raises :class:`UnsupportedMediaType` for anything but JSON."""
    sent = Request(request.environ)
    if sent.mimetype not in ("", JSON) and not sent.mimetype.endswith("+json"):
        shown = sent.mimetype[:60]
        raise UnsupportedMediaType(
            f"بدنه باید JSON باشد (Content-Type: application/json)، نه «{shown}».",
            f"The body must be JSON (Content-Type: application/json), not {shown!r}.",
            "Content-Type",
            data={"headers": {"Accept": JSON}},
        )
    return parse_body(sent, int(current_app.config["MAX_CONTENT_LENGTH"]))


def no_body(example: str) -> BadBody:
    return BadBody(
        f"بدنهٔ درخواست خالی است؛ برای نمونه {example} بفرستید.", f"The body is empty: send, for example, {example}."
    )


def reply_of(answer: Answer, *, posts: bool = False) -> Response:
    """An answer with its validators, or 304 for whoever holds it."""
    headers = {"Cache-Control": _CACHE, "Content-Type": answer.content_type}
    if not posts:
        tag = answer.tag or content_tag(answer.data)
        headers["ETag"] = f'W/"{tag}"'
        held = request.environ.get("HTTP_IF_NONE_MATCH")
        if held is not None and is_held(held, tag):
            close = getattr(answer.chunks, "close", None)
            if close is not None:
                close()
            del headers["Content-Type"]
            return Response(status=304, headers=headers)
    if answer.filename is not None:
        plain = answer.filename.encode("ascii", "replace").decode().replace("?", "_")
        named = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(answer.filename)}"
        headers["Content-Disposition"] = named
    if answer.chunks is not None:
        first = next(answer.chunks, b"")  # what can't be read at all is refused before the reply has begun
        return Response(_joined(first, answer.chunks), 200, headers)
    return Response(answer.data, 200, headers)


def _joined(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def refuse(error: MaxaError) -> Response:
    """An error as a problem, in the words that the request's Accept-Language asks for."""
    request.environ["maxa.error"] = error.code
    try:
        serial: int | None = current_app.extensions["maxa.shelf"].catalogue().serial
    except (MaxaError, OSError):
        serial = None
    return problem(error, request.accept_languages, serial)


def _unreadable() -> Unavailable:
    return Unavailable(
        "قفسه خوانده نمی‌شود؛ اندکی دیگر دوباره بپرسید و اگر ماند، به مدیر سامانه بگویید.",
        "The shelf can't be read: ask again in a moment, and tell the operator if it stays so.",
    )


__all__ = ["CONTENT_TYPE", "Answer", "AnyCode", "Asked", "Blueprint", "no_body", "refuse", "reply_of"]
