"""What the search box offers while one types: when it asks, which answer it shows, and what it tells a screen reader."""

from __future__ import annotations

import time
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, Route, expect

Open = Callable[..., Page]
PAUSE = 120  # as in maxa.js


def asked_by(page: Page) -> list[str]:
    """The words of every request for suggestions, filled while the page lives."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(words_of(request.url)) if "/suggest?" in request.url else None)
    return asked


def words_of(address: str) -> str:
    return parse_qs(urlsplit(address).query)["q"][0]


def stop_the_clock(page: Page) -> None:
    """Time goes on only as far as the test lets it."""
    page.clock.install(time=0)
    page.clock.pause_at(3_600)


class Held:
    """Requests for suggestions that wait until the test lets one go."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.routes: dict[str, Route] = {}
        page.route("**/suggest?*", lambda route: self.routes.update({words_of(route.request.url): route}))

    def answer(self, words: str, title: str) -> None:
        deadline = time.monotonic() + 30
        while words not in self.routes and time.monotonic() < deadline:
            self.page.evaluate("0")  # the browser tells of a request before it hands it over
        self.routes[words].fulfill(body=f'<li role="option" id="suggestion-1" aria-selected="false">{title}</li>')


def type_and_wait(page: Page, text: str) -> None:
    page.locator("#search-field").fill(text)
    with page.expect_request("**/suggest?*"):
        page.clock.run_for(PAUSE)


def test_it_asks_once_when_the_typing_pauses(open_page: Open) -> None:
    page = open_page("/")
    asked = asked_by(page)
    stop_the_clock(page)
    field = page.locator("#search-field")
    for letters in ("ه", "هم", "همو", "هموگ"):
        field.fill(letters)
        page.clock.run_for(PAUSE - 1)
    assert asked == []
    with page.expect_response("**/suggest?*"):
        page.clock.run_for(1)
    assert asked == ["هموگ"]
    expect(page.get_by_role("option")).to_have_count(2)


def test_an_answer_that_comes_late_does_not_take_the_place_of_a_newer_one(open_page: Open) -> None:
    page = open_page("/")
    stop_the_clock(page)
    held = Held(page)
    type_and_wait(page, "گل")
    type_and_wait(page, "گلوکز")
    held.answer("گلوکز", "newer")
    expect(page.get_by_role("option")).to_have_text("newer")
    with page.expect_response("**/suggest?*"):
        held.answer("گل", "older")
    page.evaluate("new Promise((done) => queueMicrotask(done))")
    expect(page.get_by_role("option")).to_have_text("newer")


def test_after_escape_no_answer_opens_the_list(open_page: Open) -> None:
    page = open_page("/")
    stop_the_clock(page)
    held = Held(page)
    type_and_wait(page, "گل")
    page.locator("#search-field").press("Escape")
    with page.expect_response("**/suggest?*"):
        held.answer("گل", "late")
    expect(page.get_by_role("listbox", include_hidden=True)).to_be_hidden()
    page.locator("#search-field").fill("گلو")
    page.locator("#search-field").press("Escape")
    asked = asked_by(page)
    page.clock.run_for(PAUSE * 3)
    assert asked == []


@pytest.mark.parametrize("broken", ["refused", "gone"])
def test_without_an_answer_the_list_closes_and_enter_still_searches(open_page: Open, broken: str) -> None:
    page = open_page("/")
    field = page.get_by_role("combobox")
    field.fill("هموگ")
    expect(page.get_by_role("option")).to_have_count(2)
    page.route("**/suggest?*", lambda route: route.fulfill(status=429) if broken == "refused" else route.abort())
    field.fill("هموگلوبین خون")
    expect(page.get_by_role("listbox", include_hidden=True)).to_be_hidden()
    assert field.get_attribute("aria-expanded") == "false"
    field.press("Enter")
    page.wait_for_url("**/search?q=*")


@pytest.mark.parametrize("language", ["fa", "en"])
def test_a_screen_reader_is_told_what_the_field_is_and_which_option_is_chosen(
    open_page: Open, serious_violations: Callable[[Page], list[str]], language: str
) -> None:
    page = open_page("/", language=language)
    field = page.get_by_role("combobox")
    label = field.evaluate("one => one.labels[0].textContent")
    assert field.get_attribute("aria-autocomplete") == "list"
    field.fill("هموگ")
    options = page.get_by_role("option")
    expect(options).to_have_count(2)
    box = page.get_by_role("listbox", name=label)
    assert field.get_attribute("aria-controls") == box.get_attribute("id")
    assert serious_violations(page) == []
    field.press("ArrowUp")  # from the field to the last one
    expect(options.last).to_have_attribute("aria-selected", "true")
    assert field.get_attribute("aria-activedescendant") == options.last.get_attribute("id")
    field.press("ArrowDown")  # and round to the field
    assert field.get_attribute("aria-activedescendant") is None
    expect(page.locator("[role=option][aria-selected=true]")).to_have_count(0)


def test_a_click_opens_the_code(open_page: Open) -> None:
    page = open_page("/terminologies/LNC", width=360)
    page.locator("#search-field").fill("718")
    page.locator("[role=option]").first.click()
    page.wait_for_url("**/terminologies/LNC/concepts/718-7")
