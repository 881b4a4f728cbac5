"""Errors of /api/v1 as ``application/problem+json`` (RFC 9457), in the codes of CONTRACT.md §1.

``type`` is an address below :data:`TYPES` that tells what the error means; ``title`` and ``detail`` are Persian where
``Accept-Language`` asks for it, ``detail_fa`` and ``detail_en`` always stand beside them.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import orjson
from flask import Response
from werkzeug.datastructures import LanguageAccept

import maxa.errors
from maxa.api.parameters import spelled
from maxa.errors import MaxaError, Unavailable

BASE = "/api/v1"
TYPES = f"{BASE}/errors/"
CONTENT_TYPE = "application/problem+json"
_RETRY_SECONDS = "5"


class Title(NamedTuple):
    fa: str
    en: str


TITLES: dict[str, Title] = {
    "unknown-terminology": Title("واژگان شناخته نیست", "Unknown terminology"),
    "unknown-map": Title("نگاشت شناخته نیست", "Unknown map"),
    "unknown-code": Title("کد شناخته نیست", "Unknown code"),
    "unknown-version": Title("چنین ویرایشی نیست", "Unknown edition"),
    "not-found": Title("نشانی وجود ندارد", "Not found"),
    "method-not-allowed": Title("روش پذیرفته نیست", "Method not allowed"),
    "unknown-parameter": Title("پارامتر شناخته نیست", "Unknown parameter"),
    "bad-parameter": Title("مقدار پارامتر نادرست است", "Wrong value of a parameter"),
    "missing-parameter": Title("پارامتری کم است", "Missing parameter"),
    "duplicate-parameter": Title("پارامتر دو بار آمده است", "Parameter given twice"),
    "page-too-large": Title("صفحه بیش از اندازه بزرگ است", "Page too large"),
    "bad-date": Title("تاریخ نادرست است", "Wrong date"),
    "bad-cursor": Title("مکان‌نما خوانده نمی‌شود", "Unreadable cursor"),
    "expired-cursor": Title("ویرایش این مکان‌نما دیگر نیست", "Expired cursor"),
    "bad-body": Title("بدنه خوانده نمی‌شود", "Unreadable body"),
    "unsupported-media-type": Title("بدنه از گونهٔ دیگری است", "Unsupported media type"),
    "body-too-large": Title("بدنه بیش از اندازه بزرگ است", "Body too large"),
    "too-many-codes": Title("کدها بیش از اندازه است", "Too many codes"),
    "not-authenticated": Title("توکن درستی نیست", "Not authenticated"),
    "not-allowed": Title("اجازه نیست", "Not allowed"),
    "too-many-requests": Title("درخواست‌ها بیش از اندازه است", "Too many requests"),
    "only-at-centre": Title("تنها در مرکز", "Only at the centre"),
    "unavailable": Title("اکنون در دسترس نیست", "Unavailable"),
    "internal-error": Title("خطای سرور", "Internal error"),
}  # fmt: skip


def statuses() -> dict[str, int]:
    """Error code → HTTP status, of every error that /api/v1 may answer with."""
    kinds = (kind for kind in vars(maxa.errors).values() if isinstance(kind, type) and issubclass(kind, MaxaError))
    return {kind.code: kind.status for kind in kinds if kind.code in TITLES}


def speaks_persian(accepted: LanguageAccept) -> bool:
    """English unless Persian is asked for before it."""
    return accepted.best_match(["en", "fa"]) == "fa"


def problem_of(error: MaxaError, *, persian: bool) -> dict[str, Any]:
    title = TITLES.get(error.code) or TITLES["internal-error"]
    return {
        "type": f"{TYPES}{error.code}",
        "title": title.fa if persian else title.en,
        "status": error.status,
        "detail": error.detail_fa if persian else error.detail_en,
        "code": error.code,
        "detail_fa": error.detail_fa,
        "detail_en": error.detail_en,
        "parameter": spelled(error.parameter),
        "suggestions": error.suggestions,
    }


def problem(error: MaxaError, accepted: LanguageAccept, serial: int | None) -> Response:
    """The reply to a request that went wrong, with whatever headers the error asks for."""
    persian = speaks_persian(accepted)
    reply = Response(orjson.dumps(problem_of(error, persian=persian)), error.status, content_type=CONTENT_TYPE)
    reply.headers["Cache-Control"] = "private, no-cache"
    reply.headers["Content-Language"] = "fa" if persian else "en"
    reply.headers["Vary"] = "Accept-Language"
    if serial is not None:
        reply.headers["X-Maxa-Serial"] = str(serial)
    reply.headers.extend(error.data.get("headers", {}))
    if isinstance(error, Unavailable) and "Retry-After" not in reply.headers:
        reply.headers["Retry-After"] = _RETRY_SECONDS
    return reply
