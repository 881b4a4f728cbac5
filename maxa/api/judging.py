"""``POST /validate``: the gateway's own ``ValidateCts`` (CONTRACT.md §5), behind another door."""

from __future__ import annotations

import orjson
from flask import request

from maxa.api.answering import Answer, Asked, no_body
from maxa.gateway.batch import validate_many, validate_one
from maxa.gateway.envelope import Reply
from maxa.gateway.parameters import VALIDATE_CTS, Table
from maxa.usage.counting import ISSUES

_PARTS = Table(VALIDATE_CTS, only=("Terminology_id", "Coded_string", "Value"), spoken_of="DO_CODED_TEXT")
_EXAMPLE = '{"Terminology_id": "LNC", "Coded_string": "718-7", "Value": "هموگلوبین"}'


def validate(asked: Asked) -> Answer:
    """An item for one coded text, or ``{"items", "page"}`` for an array of up to 10,000."""
    strict = {"Strict": asked.get("strict", False)}
    if asked.body.elements is not None:
        reply = _counted(validate_many(asked.body.elements, strict, asked.reading, asked.ignored))
        return Answer(b'{"items":' + reply.data + b',"page":' + orjson.dumps(reply.page) + b"}")
    if not asked.body.pairs:
        raise no_body(_EXAMPLE)
    triple = _PARTS.read(asked.body.pairs, asked.ignored)
    return Answer(_counted(validate_one({**triple, **strict}, asked.reading, posted=True)).data)


def _counted(reply: Reply) -> Reply:
    if reply.issues is not None:
        request.environ[ISSUES] = reply.issues
    return reply
