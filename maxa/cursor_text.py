"""The text of a cursor: base64url of a checksum and a JSON array.

A cursor is opaque to clients. The checksum tells a cut or mistyped one; it is no secret, since a cursor opens nothing
that its client may not read anyway. So what reaches a query from a cursor is checked by whoever reads it.
"""

from __future__ import annotations

import base64
from hashlib import blake2b
from typing import Any, NoReturn

import orjson

from maxa.errors import BadCursor, ExpiredCursor

_CHECK = 6  # bytes
_LONGEST = 16_384  # characters
_WHOLE = 2**53


def sealed(content: list[Any], person: bytes) -> str:
    """``person``: whose cursors these are; those of others are none."""
    told = orjson.dumps(content)
    return base64.urlsafe_b64encode(_check(told, person) + told).rstrip(b"=").decode()


def opened(text: str, person: bytes) -> list[Any]:
    """Raises :class:`ValueError` for anything that :func:`sealed` did not give."""
    text = text.strip()
    if len(text) > _LONGEST or not text.isascii():
        raise ValueError("no cursor")
    raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    if _check(raw[_CHECK:], person) != raw[:_CHECK]:
        raise ValueError("checksum")
    content = orjson.loads(raw[_CHECK:])
    if not isinstance(content, list):
        raise ValueError("no array")
    return content


def whole(value: Any, least: int = 0) -> int:
    if type(value) is not int or not least <= value <= _WHOLE:
        raise ValueError("no whole number")
    return value


def _check(content: bytes, person: bytes) -> bytes:
    return blake2b(content, digest_size=_CHECK, person=person).digest()


def refuse_unreadable(parameter: str) -> NoReturn:
    raise BadCursor(
        f"مکان‌نما («{parameter}») خوانده نمی‌شود؛ همان «next» پاسخ پیشین را بی‌کم‌وکاست بفرستید یا از نو آغاز کنید.",
        "The cursor can't be read: send the 'next' of the reply before exactly as it was, or start anew.",
        parameter,
    )


def refuse_outdated(parameter: str) -> NoReturn:
    """Its numbers are places in an order that is no longer so."""
    raise ExpiredCursor(
        f"این مکان‌نما را نسخهٔ پیشین کارساز ساخته است؛ جست‌وجو را از نو، بی «{parameter}»، آغاز کنید.",
        "An earlier version of the server made this cursor: start the search anew, without it.",
        parameter,
    )
