"""The developer page: examples that are answered, error codes, and the API's own documents."""

from __future__ import annotations

import html
from pathlib import Path

from maxa.api.problems import TITLES
from maxa.gateway.issues import ISSUES
from tests.web.asking import Browser, browser_over


def test_every_example_is_answered_by_this_server(site: Browser) -> None:
    page = site.get("/developers")
    examples = [button.attributes["data-run"] or "" for button in page.all("button") if "data-run" in button.attributes]
    assert len(examples) == 11
    for address in examples:
        reply = site.http.get(address)
        assert reply.status_code == 200, address
        assert reply.is_json
        assert f"curl -s 'http://localhost{address}'" in html.unescape(page.html)


def test_every_error_and_every_issue_is_listed_without_what_a_message_fills_in(site: Browser) -> None:
    for reader in (site, site.in_english()):
        page = reader.get("/developers")
        listed = {row.text.split()[0] for row in page.all("tr")}
        assert set(TITLES) | set(ISSUES) <= listed
        assert not [row.text for row in page.all("tr") if "{" in row.text]


def test_a_server_that_asks_for_tokens_says_how_to_take_one(library_shelf: Path, tmp_path: Path) -> None:
    page = browser_over(library_shelf, tmp_path, access="token").get("/developers")
    assert "oauth/token" in page.html
    assert "Authorization: Bearer TOKEN" in html.unescape(page.html)
    assert "oauth/token" not in browser_over(library_shelf, tmp_path / "open").get("/developers").html


def test_an_empty_shelf_has_no_examples_and_still_its_page(tmp_path: Path) -> None:
    page = browser_over(tmp_path / "nothing", tmp_path).get("/developers")
    assert page.status == 200
    assert not page.all("article")


def test_the_api_docs_load_our_own_swagger_ui_over_our_own_document(site: Browser) -> None:
    page = site.get("/developers/api")
    (place,) = page.all("div", id="swagger-ui")
    assert site.http.get(place.attributes["data-document"] or "").status_code == 200
    assert [script for script in page.all("script") if "swagger-ui-bundle" in (script.attributes["src"] or "")]
    assert page.headers["Content-Security-Policy"].count("data:") == 1
