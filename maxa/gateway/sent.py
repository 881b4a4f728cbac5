"""What a client sent: the query string and the body, down to names and values. Nothing here knows what they mean.

A body is JSON (whatever its content type says: it is told by its first letter, since ``curl -d`` calls everything a
form), a form, or a multipart form. Everything is UTF-8.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge
from werkzeug.wrappers import Request

from maxa.errors import BadBody, BadParameter, BodyTooLarge, DuplicateParameter

LONGEST_QUERY = 64 << 10  # bytes
MOST_FIELDS = 100
_ESCAPES = re.compile(rb"(?:%[0-9A-Fa-f]{2})+")  # run by run: a third of the time of urllib's, letter by letter
_BOM = b"\xef\xbb\xbf"
_UTF8 = frozenset({"utf-8", "utf8", "utf_8", "us-ascii", "ascii"})

Pairs = list[tuple[str, Any]]


@dataclass(slots=True)
class Body:
    """Names and values, or (``elements`` is not None) the elements of a JSON array."""

    pairs: Pairs = field(default_factory=list)
    elements: list[Any] | None = None


def query_pairs(query: str) -> Pairs:
    """Names and values of a query string as WSGI gives it (bytes in Latin-1). Raises :class:`BadParameter`."""
    if not query:
        return []
    if len(query) > LONGEST_QUERY:
        raise BadParameter(
            f"رشتهٔ پرس‌وجو بیش از {LONGEST_QUERY >> 10} کیلوبایت است؛ داده‌ها را با POST در بدنه بفرستید.",
            f"The query string is longer than {LONGEST_QUERY >> 10} kB: send the data by POST in the body.",
        )
    return list(_form_pairs(query.encode("latin-1", "replace")))


def _form_pairs(content: bytes) -> Iterator[tuple[str, str]]:
    parts = content.split(b"&")
    if len(parts) > MOST_FIELDS:
        raise BadParameter(
            f"بیش از {MOST_FIELDS} پارامتر فرستاده شده است.",
            f"There are more than {MOST_FIELDS} parameters.",
        )
    for part in parts:
        if part:
            name, _, value = part.partition(b"=")
            yield _decoded(name), _decoded(value)


def _decoded(part: bytes) -> str:
    try:
        if b"+" in part:
            part = part.replace(b"+", b" ")
        if b"%" in part:
            part = _ESCAPES.sub(_unescaped, part)
        return part.decode()
    except UnicodeDecodeError:
        raise BadParameter(
            "پارامترها باید UTF-8 باشند (و در نشانی، با ٪ کدگذاری شوند).",
            "Parameters must be UTF-8 (and percent-encoded in an address).",
        ) from None


def _unescaped(run: re.Match[bytes]) -> bytes:
    return bytes.fromhex(run[0].replace(b"%", b"").decode("ascii"))


def read_body(request: Request, limit: int) -> bytes:
    """The body, up to ``limit`` bytes. Raises :class:`BodyTooLarge`, or :class:`BadBody` when it was cut off."""
    # werkzeug cuts a chunked body at its limit and says nothing: one byte more tells.
    request.max_content_length = limit + 1
    try:
        body = request.get_data(cache=False)
    except RequestEntityTooLarge:
        raise _too_large(limit) from None
    except (BadRequest, OSError):
        raise BadBody(
            "بدنهٔ درخواست ناقص رسید؛ دوباره بفرستید.", "The request body was cut off: send it again."
        ) from None
    if len(body) > limit:
        raise _too_large(limit)
    return body


def _too_large(limit: int) -> BodyTooLarge:
    return BodyTooLarge(
        f"بدنهٔ درخواست بیش از {_size(limit)} است؛ آن را چند بخش کنید.",
        f"The request body is larger than {_size(limit)}: send it in several parts.",
    )


def _size(limit: int) -> str:
    return f"{limit >> 20} MB" if limit >= 1 << 20 else f"{limit >> 10} kB"


def parse_body(request: Request, limit: int) -> Body:
    """Raises :class:`BadBody` saying what is wrong and where, and :class:`BodyTooLarge`."""
    content_type = request.mimetype
    charset = request.mimetype_params.get("charset", "utf-8").strip("\"' ").lower()
    if charset not in _UTF8:
        raise BadBody(
            f"بدنه باید UTF-8 باشد، نه {charset[:20]}.", f"The body must be UTF-8, not {charset[:20]}.", "Content-Type"
        )
    if content_type == "multipart/form-data":
        return Body(_multipart_pairs(request, limit))
    content = read_body(request, limit).removeprefix(_BOM)
    start = content.lstrip()[:1]
    if not start:
        return Body()
    if start in (b"{", b"[") or content_type.endswith("json"):
        return _json(content)
    if content_type in ("application/x-www-form-urlencoded", ""):
        return Body(list(_form_pairs(content)))
    raise BadBody(
        f"بدنه از گونهٔ «{content_type[:60]}» خوانده نمی‌شود؛ JSON یا فرم (application/x-www-form-urlencoded) بفرستید.",
        f"A body of type {content_type[:60]!r} is not read: send JSON or a form (application/x-www-form-urlencoded).",
        "Content-Type",
    )


def _multipart_pairs(request: Request, limit: int) -> Pairs:
    request.max_content_length = limit
    request.max_form_memory_size = limit
    request.max_form_parts = MOST_FIELDS
    try:
        form, files = request.form, request.files
    except RequestEntityTooLarge:
        raise BodyTooLarge(
            f"فرم چندبخشی بیش از {_size(limit)} یا بیش از {MOST_FIELDS} بخش است.",
            f"The multipart form is larger than {_size(limit)} or has more than {MOST_FIELDS} parts.",
        ) from None
    except (BadRequest, ValueError, OSError):
        raise BadBody("فرم چندبخشی خوانده نمی‌شود.", "The multipart form can't be read.") from None
    if files:
        raise BadBody("این سرویس پرونده نمی‌گیرد.", "This service takes no files.")
    return list(form.items(multi=True))


def _json(content: bytes) -> Body:
    try:
        found = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise BadBody(
            f"بدنه JSON درست نیست (سطر {error.lineno}، نویسهٔ {error.colno}): {_why(error)[0]}.",
            f"The body is no valid JSON (line {error.lineno}, character {error.colno}): {_why(error)[1]}.",
        ) from None
    if not isinstance(found, dict | list):
        raise BadBody(
            "بدنهٔ JSON باید یک شیء { } یا آرایه‌ای از اشیا [ ] باشد.",
            "A JSON body must be an object { } or an array of objects [ ].",
        )
    if not _surely_unique(found, content):
        _refuse_duplicates(content)
    return Body(list(found.items())) if isinstance(found, dict) else Body(elements=found)


def _why(error: orjson.JSONDecodeError) -> tuple[str, str]:
    """orjson's reason for the commonest cases in both languages; its words hold nothing of ours."""
    said = error.msg
    if "UTF-8" in said:
        return "متن UTF-8 نیست", "it is not UTF-8"
    if "depth" in said:
        return "بیش از اندازه تودرتو است", "it is nested too deeply"
    if "end of" in said or "unexpected end" in said:
        return "ناتمام است", "it ends too early"
    return "نویسه‌ای نابجا (JSON مقدارهای NaN و ویرگول پایانی نمی‌پذیرد)", said


def _surely_unique(found: dict[str, Any] | list[Any], content: bytes) -> bool:
    """Each name is followed by a colon, so as many colons as names leave no room for a name that was given twice."""
    objects = found if isinstance(found, list) else [found]
    names = 0
    for item in objects:
        if not isinstance(item, dict):
            return False
        names += len(item)
    return content.count(b":") == names


class _Twice(Exception):
    """A JSON object names a member twice."""


def _refuse_duplicates(content: bytes) -> None:
    def check(members: list[tuple[str, Any]]) -> None:
        if len(dict(members)) < len(members):
            seen: set[str] = set()
            for name, _ in members:
                if name in seen:
                    raise _Twice(name)
                seen.add(name)

    try:
        json.loads(content, object_pairs_hook=check)
    except _Twice as twice:
        name = str(twice)[:60]
        raise DuplicateParameter(
            f"«{name}» در یک شیء JSON دو بار آمده است؛ یکی را بردارید.",
            f"{name!r} stands twice in one JSON object: leave one out.",
            name,
        ) from None
    except (RecursionError, ValueError):
        raise BadBody(
            "بدنهٔ JSON بیش از اندازه تودرتو یا عددی در آن بسیار بلند است.",
            "The JSON body is nested too deeply, or a number in it is too long.",
        ) from None
