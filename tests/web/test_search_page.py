"""The search page and what the search box offers while one types."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import request

from maxa.access.clients import RateLimit
from maxa.web.public import views
from maxa.web.throttle import Throttle, sender
from tests.shelves import ShelfBuilder, concept
from tests.web.asking import Browser, Page


def hits(page: Page) -> list[str]:
    """Codes of the hits, in order."""
    return [link.attributes["href"].rpartition("/")[2] for link in page.all("a", class_="hit")]  # type: ignore[union-attr]


def test_hits_are_grouped_by_terminology_with_what_matched_marked(site: Browser) -> None:
    page = site.get("/search", q="هموگلوبین")
    assert hits(page) == ["718-7", "4548-4"]
    assert [mark.text for mark in page.all("mark")] == ["هموگلوبین"] * 2
    assert [" ".join(group.text.split()) for group in page.all("h2")][2:] == ["آزمایشگاه LNC"]


def test_every_terminology_that_has_hits_is_offered_with_its_count_also_when_one_is_chosen(site: Browser) -> None:
    for page in (site.get("/search", q="1"), site.get("/search", q="1", terminology="Imaging")):
        offered = [
            parse_qs(urlsplit(link).query).get("terminology") for link in page.links if link.startswith("/search?q=1&")
        ]
        assert {"Imaging", "thritaEHR.WardType"} <= {one for names in offered if names for one in names}
    page = site.get("/search", q="1", terminology="imaging")
    assert {link.attributes["href"].split("/")[2] for link in page.all("a", class_="hit")} == {"Imaging"}  # type: ignore[union-attr]


def test_what_was_searched_instead_is_told_and_the_words_as_typed_can_be_insisted_on(site: Browser) -> None:
    page = site.get("/search", q="i,'g,fdk")  # هموگلوبین on the Persian layout, with a slip
    page = site.get("/search", q="هموگلوبن") if not hits(page) else page
    assert hits(page)[0] == "718-7"
    assert "برای آنچه نوشتید چیزی یافت نشد" in page.text
    (insist,) = {link for link in page.links if "literal=1" in link}
    literal = site.get(insist)
    assert hits(literal) == []
    assert "همان‌گونه که نوشته شده‌اند" in literal.text
    assert "as typed" in site.in_english().get(insist).text


def test_retired_codes_are_marked_with_their_successor_and_can_be_left_out(site: Browser) -> None:
    page = site.get("/search", q="گلبول قرمز")
    assert "بازنشسته" in page.all("ol", class_="hits")[0].text
    assert "/terminologies/LNC/concepts/26453-1" in page.links
    assert hits(site.get("/search", q="789-8", status="active", literal="1")) == []
    assert hits(site.get("/search", q="789-8", status="retired")) == ["789-8"]


def test_pages_follow_each_other_without_gap_or_repetition(
    site_over: Callable[[Path], Browser], tmp_path: Path
) -> None:
    shelf = tmp_path / "shelf"
    builder = ShelfBuilder(shelf)
    builder.publish("LNC", [concept(f"{n:03}", f"آزمایش {n}") for n in range(45)])
    site = site_over(shelf)
    page = site.get("/search", q="آزمایش")
    found = hits(page)
    links = []
    while following := page.all("a", rel="next"):
        links.append(following[0].attributes["href"] or "")
        page = site.get(links[-1])
        found += hits(page)
        assert len(links) < 10
    assert found == sorted(found, key=lambda code: (len(f"آزمایش {int(code)}"), code))
    assert len(set(found)) == len(found) == 45
    builder.publish("LNC", [concept("001", "آزمایش تازه")], day="1403/01/01")
    again = site.get(links[0])
    assert hits(again) == found[20:40], "a link goes on in the edition that it was made of"


@pytest.mark.parametrize(
    "query", ["((", '"', "-", "a:b:'c'", "%00", "<script>alert(1)</script>", "یا یا", "٪", "\u202e"]
)
def test_no_query_breaks_the_page_and_none_becomes_markup(site: Browser, query: str) -> None:
    page = site.get("/search", q=query)
    assert page.status == 200
    assert "<script>alert" not in page.html


def test_without_words_the_page_tells_how_to_search(site: Browser) -> None:
    assert "code:718*" in site.get("/search").text


@pytest.mark.parametrize(
    ("asked", "status"),
    [({"q": "x", "terminology": "LNK"}, 404), ({"q": "x", "status": "new"}, 400), ({"q": "x" * 600}, 400),
     ({"q": "x", "cursor": "%%"}, 400)],
)  # fmt: skip
def test_what_can_not_be_answered_is_told_on_a_page(site: Browser, asked: dict[str, str], status: int) -> None:
    page = site.get("/search", **asked)
    assert page.status == status
    assert re.search("[آ-ی]{3}", page.text)


def test_the_box_is_offered_codes_and_titles_to_choose_from(site: Browser) -> None:
    part = site.get("/suggest", q="هموگ")
    option, _ = part.all("li", role="option")
    assert option.attributes["data-href"] == "/terminologies/LNC/concepts/718-7"
    assert option.attributes["id"] == "suggestion-1"
    assert "<html" not in part.html
    assert site.get("/suggest", q=" ").html.strip() == ""
    assert len(site.get("/suggest", q="1").all("li")) <= 8


def test_a_code_with_odd_letters_is_linked_so_that_its_page_is_found(site: Browser) -> None:
    page = site.get("/search", q="A/B", terminology="Odd")
    assert "/terminologies/Odd/concepts/A%2FB" in [link.attributes["href"] for link in page.all("a", class_="hit")]


def test_one_address_may_not_search_without_end(site: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "searches", Throttle(RateLimit(2, "minute")))
    asked = [
        site.get(f"/suggest?q=no{number}", {"X-Forwarded-For": "10.0.0.1, 10.0.0.2"}).status for number in range(3)
    ]
    assert asked == [200, 200, 429]
    assert site.get("/suggest?q=yes", {"X-Forwarded-For": "10.0.0.2, 10.0.0.3"}).status == 200


def test_only_a_proxy_of_this_machine_is_believed(site: Browser) -> None:
    with site.app.test_request_context(
        "/", headers={"X-Forwarded-For": "1.2.3.4"}, environ_base={"REMOTE_ADDR": "9.9.9.9"}
    ):
        assert sender(request) == "9.9.9.9"
    with site.app.test_request_context("/", headers={"X-Forwarded-For": "6.6.6.6, 1.2.3.4"}):
        assert sender(request) == "1.2.3.4"
