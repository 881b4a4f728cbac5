"""The form of requests for codes and of what is told of them, for the OpenAPI document."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from maxa.api.schemas import Strict, flag, many, text, whole
from maxa.requests.asking import (
    KINDS,
    LONGEST,
    LONGEST_CLIENT,
    LONGEST_NOTE,
    LONGEST_ORGANISATION,
    LONGEST_TERMINOLOGY,
    MOST_ROWS,
)
from maxa.requests.telling import ROW_STATES

STATES = ("received", "in_review", "answered")
IDEMPOTENCY_KEY = "Idempotency-Key"
LONGEST_KEY = 200


class Receipt(Strict):
    tracking = text("The tracking number: keep it, it is the only way to the answer.", example="7K3M-9QXD-2TRZ")
    address = text("The page where a person follows it.", example="/requests/7K3M-9QXD-2TRZ")
    received_at = text("When it was received, ISO 8601.")
    rows = whole("How many rows were taken; empty ones and repeated ones are left out.")
    existing = flag("Whether the same request had been received before.")


class RowAnswer(Strict):
    terminology = text("Terminology of the code; null of a refusal.", null=True)
    code = text("The code; null of a refusal.", null=True)
    reason = text("Why it was refused, or a remark.", null=True)
    answered_at = text("ISO 8601.")
    published = flag("Whether the current edition has the code.")
    expected = text("Jalali day of the edition that is to bring the code, where it is known.", null=True)


class RequestedRow(Strict):
    position = whole("From 1, as it was sent.")
    code = text("As it was sent.")
    title = text("As it was sent.")
    note = text("As it was sent.")
    state = text("How the row stands.", of=ROW_STATES)
    answer = fields.Nested(RowAnswer, required=True, allow_none=True, metadata={"description": "The committee's."})


class RowCounts(Strict):
    received = whole("Rows that nobody has looked at.")
    in_review = whole("Rows under review.")
    assigned = whole("Rows that got a new code.")
    existing = whole("Rows for which there is a code.")
    refused = whole("Rows that were refused.")


class RequestState(Strict):
    tracking = text("The tracking number.", example="7K3M-9QXD-2TRZ")
    state = text("How the whole request stands.", of=STATES)
    kind = text("What it is about.", of=KINDS)
    terminology = text("The terminology or map; null where it was not known.", null=True)
    organisation = text("Who asked.")
    note = text("As it was sent.")
    received_at = text("ISO 8601.")
    updated_at = text("When it last changed, ISO 8601; null until it is taken up.", null=True)
    counts = fields.Nested(RowCounts, required=True, metadata={"description": "Rows by state."})
    items = many(RequestedRow, "Every row, in the order sent.")


def _text(longest: int, *types: str) -> dict[str, Any]:
    return {"type": list(types or ("string", "null")), "maxLength": longest}


_ROW = {
    "type": "object",
    "additionalProperties": False,
    "description": "A code, a title, or both.",
    "properties": {
        "code": _text(LONGEST["code"], "string", "integer", "null"),
        "title": _text(LONGEST["title"]),
        "note": _text(LONGEST["note"]),
    },
    "anyOf": [{"required": ["code"]}, {"required": ["title"]}],
}
REQUEST_BODY = {
    "schema": {
        "type": "object",
        "additionalProperties": False,
        "required": ["kind", "organisation", "rows"],
        "properties": {
            "kind": {"type": "string", "enum": list(KINDS)},
            "terminology": {**_text(LONGEST_TERMINOLOGY), "description": "Id of a terminology or map, if known."},
            "organisation": {"type": "string", "pattern": r"\S", "maxLength": LONGEST_ORGANISATION},
            "client_id": {
                **_text(LONGEST_CLIENT), "description": "Read only where no token is asked for: else it is the token's.",
            },
            "note": _text(LONGEST_NOTE),
            "rows": {"type": "array", "items": _ROW, "minItems": 1, "maxItems": MOST_ROWS},
        },
    },
    "example": {
        "kind": "missing-code", "terminology": "LNC", "organisation": "بیمهٔ نمونه",
        "rows": [{"title": "هموگلوبین A2 به روش تازه"}, {"code": "H-204", "title": "ایزوآنزیم"}],
    },
}  # fmt: skip
KEY_HEADER = {
    "in": "header", "name": IDEMPOTENCY_KEY, "required": False,
    "description": "A key of your own for this request (a UUID, say): sent again with it, it is the same request for ever. Without"
    " one, the same content is the same request for a day.",
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY, "pattern": r"^[!-~]+$"},
    "example": "0d7f1c2e-6a57-4f0e-9a43-3a2a1d2b7f11",
}  # fmt: skip
