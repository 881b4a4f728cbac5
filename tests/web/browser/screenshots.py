"""``python -m tests.web.browser.screenshots ADDRESS FOLDER``: every public page of a running server, at 360 and 1440
pixels, in both languages. Those of docs/screenshots were taken of ``make run`` with the sample circulars."""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.web.browser.finding import find_browser

PROJECT = Path(__file__).resolve().parents[3]
LIST = PROJECT / "data" / "samples" / "drugs-110-40.xlsx"
PAGES = {
    "start": "/",
    "search": "/search?q=قند",
    "search-instead": "/search?q=hl,;sd",
    "concept": "/terminologies/LNC/concepts/2345-7",
    "terminology": "/terminologies/LNC",
    "edition": "/terminologies/LNC/releases/current",
    "codes": "/terminologies/eRx/codes",
    "map": "/maps/LNC--RVU3",
    "check": "/check?terminology=IRC",
    "requests": "/requests?kind=missing-code&terminology=LNC",
    "developers": "/developers",
    "api": "/developers/api",
    "shelf": "/shelf/",
}
TALLEST = 1_600  # pixels of a picture: the rest of a long list looks like its beginning


def take(page: Page, name: str, path: str, target: Path) -> None:
    page.goto(path)
    if name == "check":
        page.locator("#file").set_input_files(LIST)
        page.locator("#check-button").click()
        page.wait_for_selector("#results table")
    page.wait_for_load_state("networkidle")
    picture(page, target)


def picture(page: Page, target: Path) -> None:
    height = min(TALLEST, page.evaluate("document.documentElement.scrollHeight"))
    width = page.viewport_size["width"] if page.viewport_size else 0
    page.screenshot(path=target, full_page=True, clip={"x": 0, "y": 0, "width": width, "height": height})


def main(address: str, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=["--no-sandbox"])
        for language in ("fa", "en"):
            for width in (360, 1_440):
                context = browser.new_context(viewport={"width": width, "height": 800}, base_url=address)
                context.add_cookies([{"name": "lang", "value": language, "url": address}])
                page = context.new_page()
                for name, path in PAGES.items():
                    take(page, name, path, folder / f"{name}-{language}-{width}.png")
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
