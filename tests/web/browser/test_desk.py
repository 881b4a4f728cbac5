"""The desk in a browser: from sign-in to a published edition, with pages that go on by themselves."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import text
from werkzeug.serving import make_server

from maxa.registry import actions
from maxa.registry.actions.imports import Workbook
from tests.lists import Committee, ListOf, codes, workbook
from tests.web.browser.conftest import is_wrong
from tests.web.desk.conftest import PASSWORD, app, cheap_hash, desk_settings, people
from tests.web.desk.test_dashboard import counted, today

__all__ = ["app", "cheap_hash", "counted", "desk_settings", "people", "today"]  # fixtures

Come = Callable[..., Page]
Violations = Callable[[Page], list[str]]


@pytest.fixture
def come(chromium: Browser, app: Flask, people: None) -> Iterator[Come]:
    """``come("sara", language="en")``: signed in, at the list of submissions."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    address = f"http://127.0.0.1:{server.server_port}"
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    def signed_in(name: str, *, language: str = "fa") -> Page:
        context = chromium.new_context(viewport={"width": 1_280, "height": 800}, base_url=address)
        context.add_cookies([{"name": "lang", "value": language, "url": address}])
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: wrong.append(said.text) if is_wrong(said) else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", lambda asked: asked.url.startswith(address) or wrong.append(f"asked {asked.url}"))
        page.goto("/desk/submissions")
        page.locator("#name").fill(name)
        page.locator("#password").fill(PASSWORD)
        page.locator("#password").press("Enter")
        page.wait_for_url("**/desk/submissions")
        return page

    yield signed_in
    for context in contexts:
        context.close()
    server.shutdown()
    thread.join(10)
    assert wrong == []


def fits(page: Page, violations: Violations) -> None:
    assert violations(page) == []
    for width in (360, 1_280):
        page.set_viewport_size({"width": width, "height": 800})
        over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert over <= 0, f"{page.url} is wider than {width} px"


def test_a_list_goes_from_upload_to_the_shelf_and_the_pages_follow_it(
    come: Come, committee: Committee, serious_violations: Violations, tmp_path: Path
) -> None:
    committee.publish(ListOf("LNC", codes(a="آ", b="ب")), circular="110/186")
    file = tmp_path / "آزمایش.json"
    file.write_bytes(workbook(ListOf("LNC", codes(a="آ۲", c="پ"))).content)
    sara = come("sara")
    sara.goto("/desk/upload")
    fits(sara, serious_violations)
    sara.locator("#workbook").set_input_files(file)
    sara.locator("#circular").fill("110/37")
    sara.locator("main form button").click()
    expect(sara.locator("#progress")).to_contain_text("در نوبت کارگر")
    actions.import_submission(committee.engine, submission_id=2, workdir=committee.home / "work")
    sara.get_by_role("button", name="برای بررسی بفرست").wait_for()  # the page has noticed by itself
    fits(sara, serious_violations)
    sara.get_by_role("button", name="برای بررسی بفرست").click()
    expect(sara.locator("h1 + .tag")).to_have_text("در بررسی")
    mina = come("mina")
    mina.goto("/desk/submissions/2")
    fits(mina, serious_violations)
    mina.get_by_role("button", name="تأیید", exact=True).click()
    expect(mina.locator("#progress")).to_contain_text("مهر می‌شود")
    committee.project()
    expect(mina.locator("main")).to_contain_text("در قفسه")
    mina.goto("/terminologies/LNC/concepts/a")
    expect(mina.locator("h1")).to_contain_text("آ۲")


@pytest.mark.parametrize("language", ["fa", "en"])
def test_every_page_of_the_desk_is_fit_for_everyone(
    come: Come, committee: Committee, serious_violations: Violations, language: str
) -> None:
    committee.publish(ListOf("LNC", codes(a="آ", b="ب")), circular="110/37")
    finding = {"rule": "bad-code", "severity": "error", "sheet": "۱", "row": 3, "column": "A", "value": "؟" * 60}
    number = committee.draft(workbook(ListOf("LNC", codes(a="آ" * 80)), findings=[finding], name=f"{'x' * 60}.json"))
    root = come("root", language=language)
    for path in (
        "/desk/submissions", f"/desk/submissions/{number}", f"/desk/submissions/{number}/changes",
        f"/desk/submissions/{number}/findings", "/desk/editions", "/desk/editions/LNC/1402-02-18/withdraw", "/desk/jobs",
        "/desk/audit", "/desk/clients", "/desk/new-client", "/desk/accounts", "/desk/new-account", "/desk/accounts/sara",
        "/desk/sessions", "/desk/password",
    ):  # fmt: skip
        root.goto(path)
        assert not re.search("خطا|Error", root.title()), path
        fits(root, serious_violations)


@pytest.mark.parametrize("language", ["fa", "en"])
def test_the_dashboard_is_fit_for_everyone_and_leads_on(
    come: Come, counted: date, serious_violations: Violations, language: str
) -> None:
    root = come("root", language=language)
    root.locator("nav.desk").get_by_role("link", name=re.compile("^(داشبورد|Dashboard)$")).click()
    for days in (7, 90, 30):
        root.locator(f'.periods a[href$="days={days}"]').click()
        expect(root.locator(f'.periods a[href$="days={days}"]')).to_have_attribute("aria-current", "page")
        fits(root, serious_violations)
    root.locator("details summary").click()
    expect(root.locator("details table tbody tr")).to_have_count(30)
    fits(root, serious_violations)
    bars = root.locator("figure.days svg g").evaluate_all("all => all.map(one => one.getBoundingClientRect().left)")
    assert (bars[-1] > bars[0]) == (language == "en"), "time runs as the language does"
    for path in ("/desk/clients", "/desk/clients/noor", "/desk/submissions/2"):
        root.goto(path)
        fits(root, serious_violations)
    root.locator("details.mirrors summary").click()
    expect(root.locator("details.mirrors")).to_contain_text("tabriz")
    fits(root, serious_violations)
    root.goto("/desk/dashboard")
    root.get_by_role("link", name="قرص ابی").click()
    root.wait_for_url("**/search?q=*")


def test_an_upload_that_is_refused_or_outlives_its_session_keeps_what_was_typed_and_chosen(
    come: Come, committee: Committee, serious_violations: Violations, tmp_path: Path
) -> None:
    book, empty = tmp_path / "lab.json", tmp_path / "تهی.json"
    book.write_bytes(workbook(ListOf("LNC", codes(a="آ"))).content)
    empty.touch()
    sara = come("sara")
    sara.goto("/desk/upload")
    problem, send = sara.locator("#problem"), sara.locator("form[data-upload] button")
    sara.locator("#note").fill("نسخهٔ نهایی")
    sara.locator("#workbook").set_input_files(empty)
    expect(problem).to_contain_text("تهی است")
    send.click()
    expect(problem).to_contain_text("تهی است")
    assert committee.scalar("SELECT count(*) FROM submission") == 0
    sara.locator("#workbook").set_input_files(book)
    expect(problem).to_be_empty()
    sara.locator("#letter").set_input_files(book)
    send.click()
    expect(problem).to_contain_text("PDF نیست")
    fits(sara, serious_violations)
    sara.locator("#letter").set_input_files([])
    with committee.engine.begin() as connection:
        connection.execute(text("UPDATE desk_session SET ended_at = now()"))
    send.click()
    with sara.context.expect_page() as opened:
        problem.get_by_role("link").click()
    tab = opened.value
    tab.locator("#name").fill("sara")
    tab.locator("#password").fill(PASSWORD)
    tab.locator("#password").press("Enter")
    tab.wait_for_url("**/desk/submissions")
    send.click()
    expect(problem).to_contain_text("یک بار دیگر")
    send.click()
    sara.wait_for_url("**/desk/submissions/1")
    assert committee.scalar("SELECT note FROM submission") == "نسخهٔ نهایی"


@pytest.mark.parametrize("language", ["fa", "en"])
def test_pages_that_wait_for_the_worker_are_fit_for_everyone(
    come: Come, committee: Committee, serious_violations: Violations, language: str
) -> None:
    number = committee.draft(workbook(ListOf("LNC", codes(a="آ")), name=f"{'ب' * 60}.json"))
    with committee.engine.begin() as connection:
        connection.execute(text("UPDATE submission_file SET source = 'lab'"))
    committee.draft(Workbook("x.json", b"nothing"))
    file = committee.scalar("SELECT min(id) FROM submission_file")
    sara = come("sara", language=language)
    for path in (f"/desk/submissions/{number}/marked/{file}", "/desk/jobs", "/desk/submissions/2"):
        sara.goto(path)
        fits(sara, serious_violations)
