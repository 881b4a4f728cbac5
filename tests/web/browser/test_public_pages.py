"""The public pages in a browser: every page for everyone, and what the scripts add."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from tests.web.test_check_page import PRODUCTS

Open = Callable[..., Page]
PAGES = [
    "/", "/search?q=هموگلوبین", "/search?q=هموگلوبن", "/search", "/search?q=zzqqxx", "/terminologies/Imaging",
    "/terminologies/LNC/concepts/718-7", "/terminologies/LNC/concepts/789-8", "/terminologies/Imaging/releases/1401-05-05",
    "/terminologies/LNC/codes?status=all", "/maps/LNC--RVU3", "/check", "/developers", "/shelf/",
    "/requests?kind=wrong-title&code=718-7", "/requests/7K3M-9QXD-2TRZ",
]  # fmt: skip


@pytest.mark.parametrize("language", ["fa", "en"])
@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_fit_for_everyone_at_every_width(
    open_page: Open, serious_violations: Callable[[Page], list[str]], path: str, language: str
) -> None:
    page = open_page(path, language=language, width=1_440)
    assert serious_violations(page) == []
    for width in (1_440, 360):
        page.set_viewport_size({"width": width, "height": 800})
        over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert over <= 0, f"{path} is wider than {width} px"
    assert serious_violations(page) == []


@pytest.mark.parametrize("language", ["fa", "en"])
def test_the_font_is_ours_and_codes_run_left_to_right(open_page: Open, language: str) -> None:
    page = open_page("/terminologies/LNC/concepts/718-7", language=language)
    assert page.evaluate("document.fonts.ready.then(() => document.fonts.check('16px Vazirmatn'))")
    code = page.locator(".bigcode .code")
    assert code.evaluate("one => getComputedStyle(one).direction") == "ltr"
    assert page.locator("html").get_attribute("dir") == {"fa": "rtl", "en": "ltr"}[language]


@pytest.mark.parametrize("language", ["fa", "en"])
def test_typing_offers_codes_and_the_keyboard_chooses_one(open_page: Open, language: str) -> None:
    page = open_page("/", language=language)
    field = page.get_by_role("combobox")
    field.press_sequentially("هموگ")
    options = page.get_by_role("option")
    expect(options).to_have_count(2)
    assert field.get_attribute("aria-expanded") == "true"
    field.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    assert field.get_attribute("aria-activedescendant") == options.first.get_attribute("id")
    field.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    assert field.input_value() == "هموگ"
    field.press("ArrowDown")
    expect(options).to_have_count(2)
    field.press("ArrowDown")
    field.press("Enter")
    page.wait_for_url("**/terminologies/LNC/concepts/718-7")


def test_enter_without_a_choice_searches_and_the_slash_key_leads_to_the_box(open_page: Open) -> None:
    page = open_page("/developers")
    page.keyboard.press("/")
    expect(page.locator("#search-field")).to_be_focused()
    page.keyboard.type("گلوکز")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=*")
    expect(page.locator("mark").first).to_have_text("گلوکز")


def test_filters_change_the_page_without_a_reload_and_keep_a_stable_link(open_page: Open) -> None:
    page = open_page("/search?q=1")
    page.evaluate("window.stays = true")
    page.get_by_label("محدود کردن نتیجه‌ها").get_by_role("link", name="Imaging").click()
    page.wait_for_url("**/search?q=1&terminology=Imaging")
    expect(page.locator(".group")).to_have_count(1)
    assert page.evaluate("window.stays") is True
    page.go_back()
    expect(page.locator(".group").nth(1)).to_be_visible()


def test_a_code_and_its_triple_are_copied(open_page: Open) -> None:
    page = open_page("/terminologies/LNC/concepts/718-7", permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="رونوشت کد").click()
    assert page.evaluate("navigator.clipboard.readText()") == "718-7"
    page.get_by_role("button", name="رونوشت", exact=True).first.click()
    assert '"Terminology_id": "LNC"' in page.evaluate("navigator.clipboard.readText()")


@pytest.mark.parametrize("language", ["fa", "en"])
def test_a_list_is_checked_on_the_page_and_given_back_as_a_workbook(
    open_page: Open, language: str, tmp_path: Path
) -> None:
    page = open_page("/check?terminology=IRC", language=language)
    page.locator("#file").set_input_files(
        {"name": "list.xlsx", "mimeType": "application/octet-stream", "buffer": PRODUCTS}
    )
    page.locator("#check-button").click()
    expect(page.locator("#results table")).to_have_count(2)
    expect(page.locator("#results")).to_contain_text("0579693345955352")
    assert page.url.endswith("/check?terminology=IRC")
    with page.expect_download() as download:  # the file is still chosen
        page.locator("button[name=as]").click()
    book = openpyxl.load_workbook(io.BytesIO(Path(download.value.path()).read_bytes()))
    assert "یافته‌ها" in book.sheetnames


def test_an_error_is_shown_where_the_answer_would_stand(open_page: Open) -> None:
    page = open_page("/check")
    with page.expect_response("**/check") as reply:
        page.locator("#codes").fill("1\n" * 1_001)
        page.locator("#check-button").click()
    assert reply.value.status == 413
    expect(page.locator("#results [role=alert]")).to_contain_text("1000")


def test_an_example_is_run_where_it_stands(open_page: Open) -> None:
    page = open_page("/developers", language="en")
    page.locator("[data-run]").first.click()
    expect(page.locator(".answer").first).to_contain_text("HTTP 200")
    expect(page.locator(".answer").first).to_contain_text('"isSuccess": true')


def test_swagger_ui_runs_under_the_policy(open_page: Open) -> None:
    page = open_page("/developers/api", language="en")
    expect(page.locator("#swagger-ui .opblock").first).to_be_visible()
    page.locator("#operations-about-openapi .opblock-summary-control").click()
    page.get_by_role("button", name="Execute").click()
    expect(page.locator(".live-responses-table tbody .response-col_status").first).to_contain_text("200")


@pytest.mark.parametrize("path", PAGES)
def test_a_page_reads_the_same_without_scripts(open_page: Open, path: str) -> None:
    with_scripts, without = open_page(path), open_page(path, java_script_enabled=False)
    said = [re.sub(r"\s+", " ", one.locator("h1").inner_text()) for one in (with_scripts, without)]
    assert said[0] == said[1]
    assert without.locator("button[data-copy]:visible, button[data-run]:visible").count() == 0
