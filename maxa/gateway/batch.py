"""From what was sent to ``ValidateCts`` to the triples to judge (CONTRACT.md §5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from maxa.errors import BadBody, MaxaError, MissingParameter, TooManyCodes
from maxa.gateway.envelope import Reply
from maxa.gateway.issues import issues_of
from maxa.gateway.parameters import VALIDATE_CTS, Table
from maxa.gateway.reading import Reading
from maxa.gateway.validate import Triple, Validator

MOST_CODES = 10_000
_PARTS = ("Terminology_id", "Coded_string", "Value")
_ELEMENT = Table(VALIDATE_CTS, only=_PARTS, spoken_of="DO_CODED_TEXT")


def validate_one(asked: Mapping[str, Any], reading: Reading, *, posted: bool) -> Reply:
    """One coded text out of the parameters. What a GET leaves out is an error of the request, what is empty an issue
    of the coded text; a POSTed coded text is always answered."""
    given = [name for name in _PARTS if asked.get(name)]
    needed = () if posted and given else ("Terminology_id", "Coded_string")
    for name in needed:
        if name not in asked:
            raise MissingParameter(
                f"پارامتر «{name}» لازم است؛ برای نمونه Terminology_id=LNC&Coded_string=718-7&Value=Hemoglobin.",
                f"The parameter {name!r} is required; for example Terminology_id=LNC&Coded_string=718-7&Value=Hemoglobin.",
                name,
            )
    triple = Triple(asked.get("Terminology_id", ""), asked.get("Coded_string", ""), asked.get("Value", ""))
    validator = Validator(reading, posted=posted, strict=asked.get("Strict", False))
    [item] = validator.judge([triple])
    return Reply(orjson.dumps(item), issues=issues_of([item]))


def validate_many(elements: list[Any], asked: Mapping[str, Any], reading: Reading, ignored: dict[str, None]) -> Reply:
    """A reply item for each element of a POSTed array, in its order. Raises :class:`TooManyCodes`, and
    :class:`BadBody` naming the first element that is no coded text at all."""
    if len(elements) > MOST_CODES:
        raise TooManyCodes(
            f"آرایه {len(elements)} کد دارد؛ در هر درخواست حداکثر {MOST_CODES} کد بفرستید.",
            f"The array holds {len(elements)} codes: send at most {MOST_CODES} in one request.",
        )
    for name in _PARTS:
        if name in asked:
            raise BadBody(
                f"کدها در آرایهٔ بدنه فرستاده شده‌اند؛ «{name}» را در نشانی نفرستید.",
                f"The codes come in the body's array: leave {name!r} out of the address.",
                name,
            )
    triples = [_triple(element, place, ignored) for place, element in enumerate(elements)]
    items = Validator(reading, posted=True, strict=asked.get("Strict", False)).judge(triples)
    page = {"total": len(items), "size": len(items), "next": None}
    return Reply(orjson.dumps(items), page=page, issues=issues_of(items))


def _triple(element: Any, place: int, ignored: dict[str, None]) -> Triple:
    try:  # the three names as the contract writes them and nothing else: what nearly every client sends
        terminology, code, value = element["Terminology_id"], element["Coded_string"], element["Value"]
        if len(element) == 3 and type(terminology) is type(code) is type(value) is str:
            return Triple(terminology, code, value)
    except (KeyError, TypeError):
        pass
    if not isinstance(element, dict):
        raise BadBody(
            f"عضو {place} آرایه یک DO_CODED_TEXT نیست؛ هر عضو باید شیئی با Value، Terminology_id و Coded_string باشد.",
            f"Element {place} of the array is no DO_CODED_TEXT: each must be an object with Value, Terminology_id and "
            "Coded_string.",
            f"[{place}]",
        )
    try:
        parts = _ELEMENT.read(element.items(), ignored)
    except MaxaError as error:
        error.detail_fa = f"عضو {place} آرایه: {error.detail_fa}"
        error.detail_en = f"Element {place} of the array: {error.detail_en}"
        error.parameter = f"[{place}].{error.parameter}"
        raise
    return Triple(parts.get("Terminology_id", ""), parts.get("Coded_string", ""), parts.get("Value", ""))
