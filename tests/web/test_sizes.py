"""What a visit costs: the first one with font, styles and scripts, and each one after."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from maxa.web.static_files import StaticFiles
from tests.shelves import ShelfBuilder, concept
from tests.web.asking import Browser, browser_over

FIRST, LATER = 150_000, 15_000
HEADERS = 700  # bytes of a reply's head, more or less
PAGES = [
    "/", "/search?q=آزمایش", "/terminologies/LNC", "/terminologies/LNC/concepts/1000-0",
    "/terminologies/LNC/releases/current", "/terminologies/LNC/codes", "/check", "/developers",
]  # fmt: skip


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Browser:
    """Forty lists, one of them with many codes and editions."""
    folder = tmp_path_factory.mktemp("large")
    builder = ShelfBuilder(folder / "shelf")
    for number in range(40):
        builder.publish(f"thritaEHR.list{number}", [concept("1", "یک")], title_fa=f"فهرست نمونهٔ {number}")
    for edition in range(12):
        codes = [
            concept(f"{1000 + n}-{n % 10}", f"آزمایش نمونهٔ شمارهٔ {n} ویرایش {edition if n % 3 else 0}", f"Sample laboratory test {n}",
                    parent="1000-0" if n else None, properties={"unit": f"g/{n}", "specimen": "سرم"})
            for n in range(300 + edition)
        ]  # fmt: skip
        builder.publish("LNC", codes, day=f"14{edition:02}/01/01", title_fa="کدینگ جامع آزمایشگاه")
    return browser_over(folder / "shelf", folder / "home")


def sent(site: Browser, address: str) -> int:
    """Bytes of a reply, compressed where the browser takes that."""
    reply = site.http.get(address, headers={"Accept": "text/html", "Accept-Encoding": "gzip"})
    assert reply.status_code == 200, address
    return len(reply.data) + HEADERS


@pytest.mark.parametrize("path", PAGES)
def test_a_first_visit_is_under_150_kilobytes_and_a_later_one_under_15(large: Browser, path: str) -> None:
    page = large.get(path)
    loaded = {element.attributes.get("src") or element.attributes.get("href") or "" for element in page.elements
              if element.tag in ("script", "img", "link")}  # fmt: skip
    static = {address for address in loaded if address.startswith("/static/")}
    assert StaticFiles().address("fonts/vazirmatn.woff2") in static
    own = sent(large, path)
    assert own <= LATER
    assert own + sum(sent(large, address) for address in static) <= FIRST


def test_the_font_has_every_letter_that_the_pages_write() -> None:
    listed = (Path(__file__).resolve().parents[2] / "maxa/web/static/README.md").read_text()
    ranges = re.search(r'--unicodes="([^"]+)"', listed)
    assert ranges is not None
    kept: set[int] = set()
    for piece in ranges[1].replace("\\\n", "").split(","):
        low, _, high = piece.removeprefix("U+").partition("-")
        kept |= set(range(int(low, 16), int(high or low, 16) + 1))
    web = Path(__file__).resolve().parents[2] / "maxa/web"
    written = {letter for path in web.rglob("*.html") for letter in path.read_text() if "\u0600" <= letter <= "\u06ff"}
    assert not [hex(ord(letter)) for letter in written if ord(letter) not in kept]
