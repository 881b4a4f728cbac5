"""The OpenAPI 3.1 document, made once a process when it is first asked for, out of what the views declare."""

from __future__ import annotations

from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import flask_smorest
import orjson
from flask import Flask

from maxa.api import schemas
from maxa.api.answering import AnyCode
from maxa.api.problems import CONTENT_TYPE, TITLES, TYPES, statuses

OPENAPI_VERSION = "3.1.0"
_ABOUT = """\
Iran's national health codes, as the circulars of the Ministry of Health published them, out of sealed files.

Every address reads one catalogue and one edition (`version`, `date`; neither: the current one). Replies to a GET carry
an `ETag`; `X-Maxa-Serial` is the serial of the catalogue that answered. Parameters are read in any letter case; a near
miss of a known name is refused, any other unknown one is ignored and named in `X-Maxa-Ignored`.
"""
_TAGS = {
    "terminologies": "Coding systems and their codes.",
    "releases": "Editions, what differs between them, and whole lists as files.",
    "maps": "Codes of one terminology related to codes of another.",
    "search": "Codes by words of their titles.",
    "validation": "Are these codings right.",
    "requests": "Report a missing code or a difference between lists to the committee, and follow the answer.",
    "publications": "What was published, in order.",
    "about": "Of the API itself.",
}


class Document(flask_smorest.Api):
    """flask-smorest's document without its error handlers, its default error and its tags: ours are other ones."""

    DEFAULT_ERROR_RESPONSE_NAME = None
    ERROR_SCHEMA = schemas.Problem

    def _register_error_handlers(self) -> None:
        """Errors are rendered by :mod:`maxa.api.problems`."""

    def _register_responses(self) -> None:
        """The document holds the responses that it names."""

    def _register_etag_headers(self) -> None: ...

    def _register_pagination_header(self) -> None: ...


@cache
def openapi_document() -> bytes:
    return orjson.dumps(openapi())


def openapi() -> dict[str, Any]:
    from maxa.api.views import api

    app = Flask("document", static_folder=None)
    app.url_map.converters["any_code"] = AnyCode
    app.config.update(API_TITLE="MAXA", API_VERSION=f"v1 ({_version()})", OPENAPI_VERSION=OPENAPI_VERSION)
    document = Document(app)
    spec = document.spec
    spec.options |= {
        "info": {"description": _ABOUT},
        "servers": [{"url": "/"}],
        "security": [{"token": [], "pid": []}],
    }
    spec.components.security_scheme(
        "token", {"type": "http", "scheme": "bearer", "description": "From /oauth/token; none with MAXA_ACCESS=open."}
    )
    spec.components.security_scheme(
        "pid", {"type": "apiKey", "in": "header", "name": "pid", "description": "The client's package id."}
    )
    spec.components.schema("Validated", schema=schemas.Validated)
    spec.components.schema("ValidatedMany", schema=schemas.ValidatedMany)
    spec.components.response("NotModified", {"description": "The client holds this already (If-None-Match)."})
    for status in sorted(set(statuses().values())):
        spec.components.response(f"Problem{status}", _problem_response(status))
    document.register_blueprint(api)
    told: dict[str, Any] = spec.to_dict()
    told["tags"] = [{"name": name, "description": about} for name, about in _TAGS.items()]
    return told


def _problem_response(status: int) -> dict[str, Any]:
    codes = [code for code, its in statuses().items() if its == status]
    title = TITLES[codes[0]]
    example = {
        "type": f"{TYPES}{codes[0]}", "title": title.en, "status": status, "detail": f"{title.en}.", "code": codes[0],
        "detail_fa": f"{title.fa}.", "detail_en": f"{title.en}.", "parameter": None, "suggestions": [],
    }  # fmt: skip
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        "description": " · ".join(f"`{code}`" for code in codes),
        "content": {CONTENT_TYPE: {"schema": schema, "example": example}},
    }


def _version() -> str:
    try:
        return version("maxa")
    except PackageNotFoundError:
        return "0"
