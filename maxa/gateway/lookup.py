"""``Terminology``: search a coding in a terminology, by its code or by words (CONTRACT.md §3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from maxa.errors import BadCursor, BadParameter, MissingParameter, UnknownCode
from maxa.gateway.envelope import Reply
from maxa.gateway.parameters import require
from maxa.gateway.reading import ALL, Bound, Reading, coding
from maxa.gateway.searching import asks_for_words, search
from maxa.gateway.spelling import spelled_alike
from maxa.gateway.suggestions import Budget, nearest_codes
from maxa.shelf.release import Concept

DEFAULT_FOUND = 20


def look_up(asked: Mapping[str, Any], reading: Reading) -> Reply:
    terminology = require(asked, "Terminology", example="Terminology=LNC").strip()
    if "Search" in asked or ("Code" not in asked and asks_for_words(asked)):
        if "Code" in asked:
            raise BadParameter(
                "«Code» و «Search» با هم داده شده‌اند؛ یکی از آن دو را بفرستید.",
                "Both 'Code' and 'Search' are given: send one of them.",
                "Search",
            )
        return search(asked, reading, terminology, default_size=DEFAULT_FOUND, status="all")
    if "Code" not in asked:
        raise MissingParameter(
            "یکی از «Code» (کد) یا «Search» (عبارت جست‌وجو) لازم است؛ برای نمونه Code=718-7.",
            "One of 'Code' and 'Search' is required; for example Code=718-7.",
            "Code",
            suggestions=["Code", "Search"],
        )
    code = require(asked, "Code", example="Code=718-7")
    if asked.get("Cursor"):
        raise BadCursor(
            "«Cursor» تنها با «Search» به کار می‌آید.", "'Cursor' goes with 'Search' only.", "Cursor"
        )  # fmt: skip
    if terminology == ALL:
        raise BadParameter(
            "«Terminology=*» تنها برای Search است؛ کد را همیشه در واژگان خودش بجویید، زیرا بازهٔ کدها روی هم می‌افتد.",
            "'Terminology=*' is for Search alone: look a code up in its own terminology, since codes overlap.",
            "Terminology",
        )
    bound = reading.bind(terminology)
    concept = bound.release.concept(code) or spelled_alike(bound.release, code)
    if concept is None:
        raise _unknown(bound, code)
    return Reply(orjson.dumps(coding(bound, concept)))


def _unknown(bound: Bound, code: str) -> UnknownCode:
    near: list[Concept] = nearest_codes(bound.release, code, "", Budget())
    shown = code.strip()[:60]
    return UnknownCode(
        f"«{bound.entry.id}» (ویرایش {bound.edition.version}) کد «{shown}» ندارد.",
        f"{bound.entry.id} (edition {bound.edition.version}) has no code {shown!r}.",
        "Code",
        suggestions=[c.code for c in near],
    )
