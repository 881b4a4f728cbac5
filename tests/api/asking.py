"""Ask /api/v1 as a client does, and read its JSON and its problems."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson
from flask import Flask
from werkzeug.datastructures import Headers

from maxa.api.problems import TITLES
from maxa.app import create_app
from maxa.settings import read_settings

BASE = "/api/v1"
SAMPLE = "7K3M-9QXD-2TRZ"  # tracking number of the request that docs/api.md follows
PROBLEM = {"type", "title", "status", "detail", "code", "detail_fa", "detail_en", "parameter", "suggestions"}


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Headers
    body: bytes

    @property
    def json(self) -> Any:
        assert self.status == 200, self.body.decode()
        assert self.headers["Content-Type"] == "application/json"
        return orjson.loads(self.body)

    @property
    def items(self) -> list[Any]:
        return list(self.json["items"])

    @property
    def problem(self) -> dict[str, Any]:
        """The problem of a refusal, after checking that it has the whole form."""
        assert self.headers["Content-Type"] == "application/problem+json", self.body.decode()
        problem: dict[str, Any] = orjson.loads(self.body)
        assert set(problem) == PROBLEM
        assert problem["status"] == self.status
        assert problem["type"] == f"{BASE}/errors/{problem['code']}"
        assert problem["code"] in TITLES
        assert problem["detail"] in (problem["detail_fa"], problem["detail_en"])
        return problem

    @property
    def refusal(self) -> tuple[int, str, str | None]:
        problem = self.problem
        return self.status, problem["code"], problem["parameter"]


class Api:
    """A client of /api/v1 in an app."""

    def __init__(self, app: Flask, headers: dict[str, str] | None = None) -> None:
        self.app = app
        self.http = app.test_client()
        self.headers = headers or {}

    def get(self, path: str, headers: dict[str, str] | None = None, /, **parameters: Any) -> Answer:
        return self.ask("GET", path, headers, **({"query_string": parameters} if parameters else {}))

    def post(self, path: str, body: Any, /, **query: Any) -> Answer:
        """A JSON body; bytes are sent as they are."""
        content = body if isinstance(body, bytes) else orjson.dumps(body)
        return self.ask("POST", path, data=content, content_type="application/json", query_string=query)

    def ask(self, method: str, path: str, headers: dict[str, str] | None = None, /, **options: Any) -> Answer:
        whole = path if path.startswith("/api") else f"{BASE}{path}"
        with self.http.open(whole, method=method, headers={**self.headers, **(headers or {})}, **options) as reply:
            return Answer(reply.status_code, reply.headers, reply.get_data())

    def pages(self, path: str, /, **parameters: Any) -> Iterator[dict[str, Any]]:
        """Every page of a list; what follows the first is asked for by its cursor alone."""
        reply = self.get(path, **parameters).json
        yield reply
        while reply["page"]["next"] is not None:
            reply = self.get(path, cursor=reply["page"]["next"]).json
            yield reply

    def whole(self, path: str, /, **parameters: Any) -> list[dict[str, Any]]:
        return [item for page in self.pages(path, **parameters) for item in page["items"]]


def api_over(shelf: Path, home: Path, **settings: str) -> Api:
    """The API over a shelf; access is open unless said otherwise."""
    given = {"home": str(home), "shelf": str(shelf), "access": "open", "log_level": "error", **settings}
    chosen = read_settings({f"MAXA_{name.upper()}": value for name, value in given.items()})
    return Api(create_app(chosen, look_every=0.0))


def encoded(code: str) -> str:
    """A code as it stands in a path."""
    return quote(code, safe="")
