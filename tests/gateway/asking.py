"""Ask the gateway as a client does, and read its envelope."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import Headers

from maxa.app import create_app
from maxa.settings import read_settings

SHORT = "/gwmaksa"
MINISTRY = "/api/client/apim/v1/maksaservice/gwmaksa"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Headers
    text: str

    @property
    def envelope(self) -> dict[str, Any]:
        return orjson.loads(self.text)

    @property
    def data(self) -> Any:
        assert self.status == 200, self.text
        envelope = self.envelope
        assert (envelope["isSuccess"], envelope["statusCode"], envelope["message"]) == (True, 200, [])
        return envelope["data"]

    @property
    def page(self) -> dict[str, Any]:
        assert self.status == 200, self.text
        return self.envelope["page"]

    @property
    def codes(self) -> list[str]:
        return [item["Coded_string"] for item in self.data]

    @property
    def error(self) -> dict[str, Any]:
        """The one error of a refusal, after checking that the envelope around it is whole."""
        envelope = self.envelope
        assert set(envelope) == {"data", "isSuccess", "waitTime", "statusCode", "message", "errors"}, self.text
        assert (envelope["data"], envelope["isSuccess"], envelope["statusCode"]) == (None, False, self.status)
        (error,) = envelope["errors"]
        assert set(error) == {"code", "parameter", "detail_fa", "detail_en", "suggestions"}
        assert envelope["message"] == [error["detail_fa"]]
        return error

    @property
    def refusal(self) -> tuple[int, str, str | None]:
        error = self.error
        return self.status, error["code"], error["parameter"]


class Door:
    """A client of the gateway in an app."""

    def __init__(self, app: Flask, base: str = SHORT) -> None:
        self.app = app
        self.http: FlaskClient = app.test_client()
        self.base = base

    def get(self, service: str, headers: Mapping[str, str] | None = None, /, **parameters: Any) -> Answer:
        return self._answer(self.http.get(f"{self.base}/{service}", query_string=parameters, headers=headers))

    def raw(self, path: str, method: str = "GET", **options: Any) -> Answer:
        """``path`` is whole; for queries that are written in their own way."""
        return self._answer(self.http.open(path, method=method, **options))

    def post(self, service: str, body: Any, /, **query: Any) -> Answer:
        """A JSON body; bytes are sent as they are."""
        content = body if isinstance(body, bytes) else orjson.dumps(body)
        path = f"{self.base}/{service}"
        return self._answer(self.http.post(path, data=content, content_type="application/json", query_string=query))

    def form(self, service: str, fields: dict[str, str], content_type: str | None = None) -> Answer:
        return self._answer(self.http.post(f"{self.base}/{service}", data=fields, content_type=content_type))

    def validate(self, terminology: str, code: str, value: str, **query: Any) -> dict[str, Any]:
        """The reply item to a POSTed coded text."""
        triple = {"Value": value, "Terminology_id": terminology, "Coded_string": code}
        return self.post("ValidateCts", triple, **query).data

    def whole_list(self, terminology: str, **parameters: Any) -> list[dict[str, Any]]:
        return self.get("SearchTerminology", Terminology=terminology, **parameters).data

    @staticmethod
    def _answer(reply: Any) -> Answer:
        with reply:  # closing it is what the access log waits for
            return Answer(reply.status_code, reply.headers, reply.get_data(as_text=True))


def door_to(shelf: Path, home: Path, **settings: str) -> Door:
    """A door to the app over a shelf; access is open unless said otherwise."""
    given = {"home": str(home), "shelf": str(shelf), "access": "open", "log_level": "error", **settings}
    settings = read_settings({f"MAXA_{name.upper()}": value for name, value in given.items()})
    # Tests publish, and damage files, faster than a server looks.
    return Door(create_app(settings, look_every=0.0))


def issues(item: dict[str, Any]) -> dict[str, str]:
    """Issue code → severity of a reply item of ValidateCts."""
    return {issue["code"]: issue["severity"] for issue in item["Issues"]}
