"""The desk over a real registry, as people at browsers meet it."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from maxa.app import create_app
from maxa.hashing import HASHER
from maxa.registry import actions
from maxa.settings import Settings
from tests.lists import ADMIN, Committee
from tests.test_worker import url_of
from tests.web.asking import Page

PASSWORD = "چهار واژهٔ نامربوط"
LOCAL = "http://localhost"
PEOPLE = {"root": "administrator", "sara": "importer", "mina": "approver", "vida": "viewer"}


@dataclass
class Person:
    """Someone at a browser, signed in or not. Forms are sent with the token of the page that they stand on."""

    http: FlaskClient
    base: str = LOCAL
    said: list[TestResponse] = field(default_factory=list)

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.http.get(
            path, base_url=self.base, headers={"Accept": "text/html", **options.pop("headers", {})}, **options
        )

    def token(self, path: str = "/desk/sign-in") -> str:
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.get(path).text)
        assert found, f"there is no form at {path}"
        return found[1]

    def post(
        self, path: str, data: dict[str, Any] | None = None, *, on: str | None = None, **options: Any
    ) -> TestResponse:
        given = {"csrf_token": self.token(on or "/desk/sessions"), **(data or {})}
        return self.http.post(
            path, base_url=self.base, data=MultiDict(given), headers={"Accept": "text/html"}, **options
        )

    def sign_in(self, name: str, password: str = PASSWORD, **more: Any) -> TestResponse:
        return self.post("/desk/sign-in", {"name": name, "password": password, **more}, on="/desk/sign-in")

    def upload(self, *books: Any, **said: Any) -> TestResponse:
        files = [(io.BytesIO(book.content), book.name) for book in books]
        return self.post("/desk/upload", {"workbook": files, "scope": "full", **said}, on="/desk/upload")

    def told(self, path: str) -> str:
        """The page's text, as it reads."""
        reply = self.get(path)
        assert reply.status_code == 200, f"{path}: {reply.status_code}\n{reply.text[:2000]}"
        return text_of(reply)


def text_of(reply: TestResponse) -> str:
    """What stands in the page's main part; tags that are not closed in order fail here."""
    [main] = Page(reply.status_code, reply.headers, reply.text).all("main")
    return re.sub(r"\s+", " ", main.text)


@pytest.fixture
def desk_settings(committee: Committee, settings_for: Callable[..., Settings]) -> Settings:
    return settings_for(database_url=url_of(committee), shelf=committee.folder, access="open", log_level="error")


@pytest.fixture
def app(desk_settings: Settings) -> Iterator[Flask]:
    app = create_app(desk_settings, look_every=0.0)
    yield app
    app.extensions["maxa.desk"].engine.dispose()


@pytest.fixture(scope="session")
def cheap_hash() -> str:
    return HASHER.hash(PASSWORD.encode())


@pytest.fixture
def people(committee: Committee, monkeypatch: pytest.MonkeyPatch, cheap_hash: str) -> None:
    """root, sara, mina and vida, all with the same password; hashed once a run."""
    with monkeypatch.context() as patch:
        patch.setattr("maxa.registry.actions.accounts.hash_password", lambda _: cheap_hash)
        for name, role in PEOPLE.items():
            actions.add_account(committee.engine, actor=ADMIN, name=name, roles=[role], password=PASSWORD)


@pytest.fixture
def browser(app: Flask) -> Callable[[], Person]:
    return lambda: Person(app.test_client())


@pytest.fixture
def person(people: None, browser: Callable[[], Person]) -> Callable[[str], Person]:
    def come(name: str) -> Person:
        who = browser()
        assert who.sign_in(name).status_code == 303
        return who

    return come
