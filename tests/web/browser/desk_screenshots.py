"""``MAXA_DESK_PASSWORD=… python -m tests.web.browser.desk_screenshots ADDRESS FOLDER NAME``: the desk's pages of a running
server, in Persian at 360 and 1440 pixels and in English at 1440, as the administrator NAME sees them.

It makes something to be seen first, so this is for a server that was begun for trying out: a list with faults, one with a
heading that nobody knows, one in review, a request of a laboratory's software, a client, searches without a hit."""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from openpyxl import load_workbook
from playwright.sync_api import Browser, Page, sync_playwright

from maxa.settings import PROJECT
from tests.web.browser.finding import find_browser
from tests.web.browser.screenshots import picture

SAMPLES = PROJECT / "data" / "samples"
UPDATE = SAMPLES / "lab-update-1402-07-01.xlsx"
PAGES = {
    "dashboard": "/desk/dashboard",
    "submissions": "/desk/submissions",
    "upload": "/desk/upload",
    "editions": "/desk/editions",
    "withdraw": "/desk/editions/LNC/1403-11-27/withdraw",
    "maps": "/desk/maps",
    "map-work": "/desk/maps/LNC--RVU3",
    "requests": "/desk/requests",
    "request": "/desk/requests/1",
    "clients": "/desk/clients",
    "new-client": "/desk/new-client",
    "accounts": "/desk/accounts",
    "new-account": "/desk/new-account",
    "sessions": "/desk/sessions",
    "password": "/desk/password",
    "audit": "/desk/audit",
    "jobs": "/desk/jobs",
}
_CODE = re.compile(r"\d+-\d\Z")


def main(address: str, folder: Path, name: str, password: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=["--no-sandbox"])
        pages = PAGES | scene(sign_in(browser, address, name, password, "fa", 1_440))
        for language, width in (("fa", 360), ("fa", 1_440), ("en", 1_440)):
            page = sign_in(browser, address, name, password, language, width, folder)
            for called, path in pages.items():
                page.goto(path)
                if called == "map-work":
                    page.keyboard.press("j")
                page.wait_for_load_state("networkidle")
                picture(page, folder / f"desk-{called}-{language}-{width}.png")
        browser.close()


def sign_in(
    browser: Browser, address: str, name: str, password: str, language: str, width: int, folder: Path | None = None
) -> Page:
    context = browser.new_context(viewport={"width": width, "height": 800}, base_url=address)
    context.add_cookies([{"name": "lang", "value": language, "url": address}])
    page = context.new_page()
    page.goto("/desk/")
    if folder is not None:
        picture(page, folder / f"desk-sign-in-{language}-{width}.png")
    page.locator("#name").fill(name)
    page.locator("#password").fill(password)
    page.locator("#password").press("Enter")
    page.wait_for_url("**/desk/submissions")
    return page


def scene(page: Page) -> dict[str, str]:
    """Make what there is to be seen; the addresses that it got."""
    with tempfile.TemporaryDirectory() as made:
        faulty = _send(page, _with_faults(Path(made)))
        strange = _send(page, _with_a_strange_heading(Path(made)))
    update = _send(page, UPDATE)
    page.locator("form[action$='/submit'] button").click()
    page.locator("form[action$='/comments'] textarea").fill(
        "واحد سه ردیف پایانی را با آزمایشگاه مرجع سنجیدم؛ درست است."
    )
    page.locator("form[action$='/comments'] button").click()
    page.goto(strange)
    page.locator("a[href*='/columns/']").first.click()
    page.wait_for_selector("form[action*='/columns/'] select", timeout=60_000)
    columns = page.url
    for _ in range(3):
        page.request.get("/api/v1/search", params={"q": "ایندوسیانین سبز"})
    for code, title in (("718-7", "هموگلوبین خون"), ("999-1", "آزمایشی که نیست"), ("2345-7", "چیز دیگری")):
        page.request.get("/gwmaksa/ValidateCts", params={"Terminology_id": "LNC", "Coded_string": code, "Value": title})
    asked = {
        "kind": "missing-code", "terminology": "LNC", "organisation": "آزمایشگاه نمونه",
        "note": "این دو آزمایش در فهرست ما هست و کدی برایشان نیافتیم.",
        "rows": [{"title": "اسید اوریک خون"}, {"title": "آنتی‌بادی ضد سم مار جعفری"}],
    }  # fmt: skip
    filed = page.request.post("/api/v1/requests", data=asked)
    assert filed.ok, filed.text()
    _wait_for(page, "/desk/requests/1", lambda: page.locator("h1").inner_text() != "پیدا نشد")
    _wait_for(page, "/desk/dashboard", lambda: page.locator("main svg").count() > 0)
    return {
        "faulty": faulty, "findings": f"{faulty}/findings", "columns": columns, "in-review": update,
        "changes": f"{update}/changes",
    }  # fmt: skip


def _send(page: Page, path: Path) -> str:
    """Upload, and wait until the import has ended; the submission's address."""
    page.goto("/desk/upload")
    page.locator("#workbook").set_input_files(path)
    page.locator("main form button").click()
    page.wait_for_url(re.compile(r"/desk/submissions/\d+"))
    page.wait_for_selector("progress", state="detached", timeout=60_000)
    page.reload()
    return page.url.partition("?")[0]


def _wait_for(page: Page, path: str, there: Callable[[], bool]) -> None:
    """Until the worker has taken up what was asked and counted: within two minutes."""
    for _ in range(40):
        page.goto(path)
        if there():
            return
        page.wait_for_timeout(3_000)
    raise TimeoutError(path)


def _with_faults(folder: Path) -> Path:
    """The update of the laboratory's list with what people do to a workbook."""
    book = load_workbook(UPDATE)
    rows = [row for row in book.worksheets[0].iter_rows() if _CODE.match(str(row[1].value or ""))]
    rows[0][1].value, rows[1][1].value, rows[2][2].value = "718-8", "45A4-3", None
    rows[4][1].value = rows[3][1].value
    rows[5][10].value = "شاید"
    path = folder / "lab-with-faults.xlsx"
    book.save(path)
    return path


def _with_a_strange_heading(folder: Path) -> Path:
    book = load_workbook(SAMPLES / "rvu3.xlsx")
    heading = next(cell for row in book.worksheets[0].iter_rows() for cell in row if cell.value == "کد")
    heading.value = "نشان خدمت در کتاب"
    path = folder / "rvu3-of-a-stranger.xlsx"
    book.save(path)
    return path


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3], os.environ["MAXA_DESK_PASSWORD"])
