"""A request in a browser: from a search that finds nothing to the answer, in both languages, with scripts and without."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.lists import Committee, ListOf, codes
from tests.web.browser.test_desk import Come, Violations, come, fits
from tests.web.desk.conftest import app, cheap_hash, desk_settings, people

__all__ = ["app", "cheap_hash", "come", "desk_settings", "people"]  # fixtures

SAID = {
    "fa": ("گزارش کدی که نیست", "ثبت درخواست", "ثبت شد", "همین است", "با یکی از ویرایش‌های آینده", "کد تازه"),
    "en": ("Report a missing code", "File the request", "is recorded", "This one", "with a coming edition", "New code"),
}


@pytest.mark.parametrize("language", ["fa", "en"])
def test_a_missing_code_is_reported_answered_and_followed(
    come: Come, committee: Committee, serious_violations: Violations, tmp_path: Path, language: str
) -> None:
    link, file, filed, this_one, coming, new_code = SAID[language]
    committee.publish(ListOf("LNC", codes(a="هموگلوبین خون", b="قند ناشتا")), circular="110/37")
    page = come("sara", language=language)
    page.goto("/search?q=zzqqxx&terminology=LNC")
    page.get_by_role("link", name=link).click()
    expect(page.locator("#rows")).to_have_value("zzqqxx")
    expect(page.locator("#terminology")).to_have_value("LNC")
    fits(page, serious_violations)
    book = tmp_path / "list.csv"
    book.write_text("کد;عنوان\nH-1;هموگلوبین\nH-2;آزمایشی بسیار تازه با نامی بلند که در هیچ فهرستی نیست\n")
    page.locator("#file").set_input_files(book)
    page.locator("#organisation").fill("بیمهٔ نمونه")
    page.get_by_role("button", name=file).click()
    expect(page.locator("p.notice.good")).to_contain_text(filed)
    fits(page, serious_violations)
    number = page.locator(".bigcode").inner_text()
    desk = come("mina", language=language)
    desk.goto("/desk/requests")
    fits(desk, serious_violations)
    desk.get_by_role("link", name=number).click()
    expect(desk.locator("h1")).to_contain_text(number)
    fits(desk, serious_violations)
    desk.get_by_role("button", name=this_one).first.click()
    expect(desk.locator("p.notice.good")).to_be_visible()
    desk.locator("#row-2").check()
    desk.locator("#kind").select_option("assigned")
    desk.locator("[name=code-2]").fill("H-204")
    desk.locator("[name=code-2]").press("Enter")  # answers with what is typed, not with the first candidate
    expect(desk.locator("main")).to_contain_text("H-204")
    fits(desk, serious_violations)
    page.goto("/requests")
    page.locator("#number").fill(number.lower().replace("-", " "))
    page.locator("#number").press("Enter")
    expect(page.locator("tbody tr").nth(0).get_by_role("link", name="a", exact=True)).to_be_visible()
    expect(page.locator("tbody tr").nth(1)).to_contain_text(new_code)
    expect(page.locator("tbody tr").nth(1)).to_contain_text(coming)
    fits(page, serious_violations)
