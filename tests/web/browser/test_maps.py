"""A map's work list by keyboard alone, in both languages."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.lists import Committee
from tests.web.browser.test_desk import Come, Violations, come, fits
from tests.web.desk.conftest import app, cheap_hash, desk_settings, people
from tests.web.desk.test_maps import WORK, lists

__all__ = ["app", "cheap_hash", "come", "desk_settings", "lists", "people"]  # fixtures


def current(page: Page) -> str:
    return page.locator("nav.rows a[aria-current] .code").inner_text()


@pytest.mark.parametrize("language", ["fa", "en"])
def test_a_work_list_is_worked_off_by_keyboard(
    come: Come, lists: Committee, serious_violations: Violations, language: str
) -> None:
    page = come("sara", language=language)
    page.goto("/desk/maps")
    fits(page, serious_violations)
    page.goto(WORK)
    assert current(page) == "c"
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_have_attribute("open", "")
    fits(page, serious_violations)
    page.keyboard.press("?")
    expect(page.locator("#keys")).not_to_have_attribute("open", "")
    # the key of j, as a Persian layout tells it
    page.evaluate("document.body.dispatchEvent(new KeyboardEvent('keydown', {key: 'ت', code: 'KeyJ', bubbles: true}))")
    page.wait_for_url("**code=d")
    assert current(page) == "d"
    page.keyboard.press("k")
    page.wait_for_url("**code=c")

    page.keyboard.press("f")  # another code is looked for by hand, and the first that was chosen stays
    page.keyboard.type("گلوکز")
    expect(page.locator("#candidates")).to_contain_text("y")
    page.keyboard.press("Escape")
    page.keyboard.press("1")
    page.keyboard.press("f")
    page.keyboard.press("Control+a")
    page.keyboard.type("سدیم")
    expect(page.locator("#candidates")).to_contain_text("z")
    expect(page.locator("#candidates input[value=y]")).to_be_checked()
    page.keyboard.press("Enter")
    page.keyboard.press("2")
    page.keyboard.press("n")
    expect(page.locator("#verdict-narrower")).to_be_checked()
    page.locator("#reason").fill("صورت‌جلسهٔ ۳")
    page.locator("#reason").press("Escape")
    page.keyboard.press("Enter")
    page.wait_for_url("**code=d")
    expect(page.locator(".notice.good")).to_be_visible()
    expect(page.locator("#reason")).to_have_value("صورت‌جلسهٔ ۳")
    fits(page, serious_violations)

    page.keyboard.press("u")  # back to the row whose decisions were taken back
    page.wait_for_url("**code=c")
    expect(page.locator("#undo")).to_have_count(0)
    page.keyboard.press("s")
    page.wait_for_url("**code=d")
    page.locator("#reason").fill("در کتاب نیست")
    page.locator("#reason").press("Escape")
    page.keyboard.press("1")
    page.keyboard.press("0")
    expect(page.locator("#choose [name=target]:checked")).to_have_count(0)
    page.keyboard.press("Enter")
    expect(page.locator(".drafted")).to_be_visible()
    page.goto(f"{WORK}?show=decided&code=d")
    expect(page.locator("ol.comments")).to_contain_text("در کتاب نیست")
    fits(page, serious_violations)
    page.locator(".drafted button").first.click()
    page.wait_for_url("**/desk/submissions/*")
    fits(page, serious_violations)
    page.goto(f"{WORK}?show=all&code=a")
    page.keyboard.press("1")
    page.keyboard.press("b")
    page.keyboard.press("Enter")
    page.wait_for_url("**code=b")
    page.goto(f"{WORK}?show=all&code=a")
    fits(page, serious_violations)


def test_keys_can_be_switched_off_and_stay_so(come: Come, lists: Committee) -> None:
    page = come("sara")
    page.goto(WORK)
    page.locator("#keys summary").click()
    page.locator("#keys-on").uncheck()
    page.reload()
    page.keyboard.press("j")
    page.keyboard.press("n")
    expect(page.locator("#verdict-equivalent")).to_be_checked()
    assert current(page) == "c"
    page.keyboard.press("?")  # the help opens all the same, where they are switched on again
    expect(page.locator("#keys-on")).not_to_be_checked()
    page.locator("#keys-on").check()
    page.keyboard.press("j")
    page.wait_for_url("**code=d")


def test_without_scripts_a_code_is_searched_and_decided(
    come: Come, lists: Committee, serious_violations: Violations
) -> None:
    signed_in = come("sara")
    browser, state = signed_in.context.browser, signed_in.context.storage_state()
    assert browser is not None
    context = browser.new_context(
        java_script_enabled=False, storage_state=state, base_url=signed_in.url.split("/desk")[0]
    )
    page = context.new_page()
    page.goto(f"{WORK}?code=c")
    page.locator("#q").fill("پتاسیم")
    page.locator("#look button").click()
    page.locator("#candidates input[value=p]").check()
    page.locator("#reason").fill("چون")
    page.locator("#choose button").click()
    expect(page.locator(".notice.good")).to_be_visible()
    assert current(page) == "d"
    context.close()
