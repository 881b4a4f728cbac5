"""The start page: what there is, what is current, what was published last."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.shelves import ShelfBuilder, concept
from tests.web.asking import Browser, Element


def rows(site: Browser) -> dict[str, str]:
    """Text of each table row, by the id that it begins with."""
    found: list[Element] = site.get("/").all("tr")
    return {words[0]: " ".join(words) for row in found if (words := row.text.split())}


def test_every_list_is_told_with_its_edition_circular_and_counts(site: Browser) -> None:
    told = rows(site)
    assert "آزمایشگاه 1402-05-01" in told["LNC"]
    assert "110/356" in told["RVU3"]
    assert "۵ ۱" in told["LNC"]
    assert "مجموعه‌های مقدار پروندهٔ الکترونیک سلامت" in site.get("/").text
    assert {"thritaEHR.WardType", "LNC→RVU3"} <= told.keys()


def test_lists_and_codes_of_the_newest_publications_lead_to_their_pages(site: Browser) -> None:
    links = site.get("/").links
    assert {"/terminologies/LNC", "/terminologies/thritaEHR.WardType", "/maps/LNC--RVU3"} <= set(links)
    latest = [link for link in links if "/releases/" in link]
    assert len(latest) == 8
    assert latest[0].startswith("/terminologies/Imaging/releases/1401-06-01")


def test_a_withdrawal_is_among_what_changed_last(site: Browser) -> None:
    text = site.get("/").text
    assert "بازگشت از 1401-05-05" in text
    assert "پس گرفته شد" in text


def test_titles_follow_the_language(site: Browser) -> None:
    text = site.in_english().get("/").text
    assert "Laboratory" in text
    assert "آزمایشگاه" not in text


def test_an_empty_shelf_says_so(site_over: Callable[[Path], Browser], tmp_path: Path) -> None:
    page = site_over(tmp_path / "empty").get("/")
    assert page.status == 200
    assert "هنوز چیزی منتشر نشده است" in page.text


def test_a_damaged_shelf_is_told_as_a_page(site_over: Callable[[Path], Browser], tmp_path: Path) -> None:
    shelf = tmp_path / "shelf"
    ShelfBuilder(shelf).publish("LNC", [concept("1", "یک")])
    (shelf / "catalogue.json").write_text("{}")
    page = site_over(shelf).get("/")
    assert (page.status, page.title) == (503, "سرور نتوانست پاسخ دهد")
    assert "maxa shelf rebuild" in page.text
