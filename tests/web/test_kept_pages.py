"""Pages that were made before are sent again, as long as what they were made of is current."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from maxa.web import pages
from maxa.web.kept_pages import Kept, KeptPages
from maxa.web.public import views
from tests.shelves import ShelfBuilder, concept
from tests.web.asking import Browser

ADDRESS = "/terminologies/LNC/concepts/1"


@pytest.fixture
def builder(tmp_path: Path) -> ShelfBuilder:
    builder = ShelfBuilder(tmp_path / "shelf")
    builder.publish("LNC", [concept("1", "یک", "One")], day="1402/01/01")
    return builder


def never(*_: object, **__: object) -> str:
    raise AssertionError("made anew")


def test_a_page_is_made_once_and_sent_again_with_all_its_headers(
    builder: ShelfBuilder, site_over: Callable[[Path], Browser], monkeypatch: pytest.MonkeyPatch
) -> None:
    site = site_over(builder.folder)
    first = site.get(ADDRESS)
    monkeypatch.setattr(views, "render_template", never)
    again = site.get(ADDRESS)
    assert again.html == first.html
    ignored = {"X-Request-Id", "Date"}
    assert {k: v for k, v in again.headers if k not in ignored} == {k: v for k, v in first.headers if k not in ignored}
    assert site.get(ADDRESS, {"If-None-Match": first.headers["ETag"]}).status == 304


def test_a_publication_and_another_language_make_it_anew(
    builder: ShelfBuilder, site_over: Callable[[Path], Browser]
) -> None:
    site = site_over(builder.folder)
    assert site.get(ADDRESS).title == "یک"
    assert site.in_english().get(ADDRESS).title == "One"
    assert site.get(ADDRESS).title == "یک"
    builder.publish("LNC", [concept("1", "یکم", "First")], day="1403/01/01")
    assert site.get(ADDRESS).title == "یکم"
    assert site.in_english().get(ADDRESS).title == "First"


def test_the_choice_of_a_language_is_remembered_each_time(
    builder: ShelfBuilder, site_over: Callable[[Path], Browser]
) -> None:
    site = site_over(builder.folder)
    for _ in range(2):
        assert "lang=en" in Browser(site.app).get("/?lang=en").headers["Set-Cookie"]


def test_errors_are_not_kept(
    builder: ShelfBuilder, site_over: Callable[[Path], Browser], monkeypatch: pytest.MonkeyPatch
) -> None:
    site = site_over(builder.folder)
    assert site.get("/terminologies/LNC/concepts/2").status == 404
    monkeypatch.setattr(pages, "render_template", lambda *_, **__: "made anew")
    assert site.get("/terminologies/LNC/concepts/2").html == "made anew"


def test_no_more_is_kept_than_there_is_room_for_and_the_oldest_goes_first() -> None:
    kept = KeptPages(most=10)
    for number in range(3):
        kept.keep((number,), Kept(b"1234", []))
        kept.get((0,))
    assert [number for number in range(3) if kept.get((number,))] == [0, 2]
    kept.keep((0,), Kept(b"1234567", []))
    assert [number for number in range(3) if kept.get((number,))] == [0]
