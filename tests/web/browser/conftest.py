"""A Chromium and a running server for the tests that click and type."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright
from werkzeug.serving import make_server

from maxa.app import create_app
from maxa.settings import read_settings
from tests.web.browser.finding import find_browser

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
SERIOUS = {"serious", "critical"}


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = find_browser()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def address(library_shelf: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The library's shelf, served on this machine."""
    home = tmp_path_factory.mktemp("browser")
    chosen = read_settings(
        {"MAXA_HOME": str(home), "MAXA_SHELF": str(library_shelf), "MAXA_ACCESS": "open", "MAXA_LOG_LEVEL": "error"}
    )
    server = make_server("127.0.0.1", 0, create_app(chosen), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(10)


@pytest.fixture
def open_page(chromium: Browser, address: str) -> Iterator[Callable[..., Page]]:
    """``open_page("/search?q=x", language="en", width=360)``. Whatever a page asks of another host, says on the console
    as an error, or is refused by the policy fails the test."""
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    def opened(path: str, *, language: str = "fa", width: int = 1_280, **options: Any) -> Page:
        context = chromium.new_context(viewport={"width": width, "height": 800}, base_url=address, **options)
        context.add_cookies([{"name": "lang", "value": language, "url": address}])
        contexts.append(context)
        page = context.new_page()
        page.on(
            "request",
            lambda request: request.url.startswith((address, "data:", "blob:")) or wrong.append(f"asked {request.url}"),
        )
        page.on("console", lambda said: wrong.append(f"{path}: {said.text}") if is_wrong(said) else None)
        page.on("pageerror", lambda error: wrong.append(f"{path}: {error}"))
        page.goto(path)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert wrong == []


def is_wrong(said: ConsoleMessage) -> bool:
    """An error on the console; that a reply was a refusal is no fault of the page."""
    return said.type == "error" and not said.text.startswith("Failed to load resource")


@pytest.fixture
def serious_violations() -> Callable[[Page], list[str]]:
    """What axe-core finds on a page: rule and place of each serious or critical one."""

    def found(page: Page) -> list[str]:
        # The page's policy runs no script of ours: axe is put in by the browser's own debugger.
        page.evaluate(AXE.read_text() + "; void 0")
        result = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        return [
            f"{one['id']}: {node['target']}"
            for one in result["violations"]
            if one["impact"] in SERIOUS
            for node in one["nodes"]
        ]

    return found
