"""The pages of a terminology, of a map, and of their editions: time line, chart, differences, downloads, feed."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import openpyxl
import orjson
import pytest

from maxa.shelf.happenings import happenings
from maxa.shelf.reading import Shelf
from maxa.web.public import downloads
from maxa.web.public.chart import chart_of
from tests.shelves import ShelfBuilder, concept
from tests.web.asking import Browser

ATOM = "{http://www.w3.org/2005/Atom}"


def test_editions_are_told_newest_first_with_what_each_did(site: Browser) -> None:
    page = site.get("/terminologies/Imaging")
    lines = [" ".join(row.text.split()) for row in page.all("tr")][1:]
    assert [line.split()[0] for line in lines] == ["1401-06-01", "1401-05-05", "1400-05-05"]
    assert "جاری" in lines[0]
    assert "بازگشت از 1401-05-05" in lines[0]
    assert "پس‌گرفته" in lines[1]
    assert lines[1].endswith("۳ ۱ ۱ ۱ ۰")  # active, added, changed, retired, restored
    assert lines[2].endswith("۳ ۳ ۰ ۰ ۰")


def test_what_each_release_did_is_counted_as_the_differences_tell_it(site: Browser, library_shelf: Path) -> None:
    shelf = Shelf(library_shelf)
    for entry in shelf.catalogue().terminologies:
        did = happenings(shelf.release(entry.current))
        room = "maps" if entry.kind == "map" else "terminologies"
        for edition in entry.editions:
            told = site.http.get(f"/api/v1/{room}/{entry.id.replace('→', '--')}/releases/{edition.version}/diff").json[
                "summary"
            ]
            del told["fields"]
            assert Counter(told) == did.get(edition.ordinal, Counter()), (entry.id, edition.version)


def test_the_chart_has_a_bar_for_each_edition_but_the_first(site: Browser) -> None:
    page = site.get("/terminologies/Imaging")
    (svg,) = page.all("svg")
    assert svg.attributes["role"] == "img"
    assert svg.attributes["aria-label"]
    titles = [group.text.split() for group in page.all("g")]
    assert [words[-1] for words in titles] == ["1401-06-01", "1401-05-05"]
    assert [words[-1] for words in (group.text.split() for group in site.in_english().get("/terminologies/Imaging").all("g"))] == [
        "1401-05-05", "1401-06-01",
    ]  # fmt: skip
    assert len(page.all("rect", class_="retired")) == 2
    assert site.get("/terminologies/IRC").all("svg") == []


def test_forty_editions_are_told_whole_in_the_table_and_the_newest_in_the_chart(
    tmp_path: Path, site_over: Callable[[Path], Browser]
) -> None:
    builder = ShelfBuilder(tmp_path / "shelf")
    for year in range(40):
        rows = [concept("a", f"آ {year}"), concept("b", "ب", active=year % 3 > 0)]
        builder.publish("LNC", rows, day=f"{1363 + year}/01/01")
    builder.publish("LNC", rows, day="1403/01/01", withdraws="1402-01-01")
    page = site_over(builder.folder).get("/terminologies/LNC")
    bars = [group.text.split()[-1] for group in page.all("g")]
    assert (len(bars), bars[0], bars[-1]) == (30, "1403-01-01", "1374-01-01")
    assert [group.text.split()[-1] for group in page.all("g", class_="withdrawn")] == ["1402-01-01"]
    assert "(۳۰ ویرایش تازه‌تر)" in page.text
    (region,) = page.all("div", class_="timeline")
    assert (region.attributes["tabindex"], region.attributes["role"]) == ("0", "region")
    cells = page.all("td", data_label="بازگردانده")
    assert len(cells) == 41
    assert sum(cell.text == "۱" for cell in cells) == 13, "what the chart shows as restored stands in the table, too"


def test_bars_are_in_proportion_and_stay_inside_the_chart() -> None:
    first = ("1", Counter(added=1_000_000))
    chart = chart_of([first, ("2", Counter(added=30, retired=10)), ("3", Counter(changed=1))], rightwards=True)
    assert chart is not None
    added, retired = chart.bars[0].pieces
    assert added.height == pytest.approx(3 * retired.height)
    for bar in chart.bars:
        for piece in bar.pieces:
            assert piece.y >= 0
            assert piece.y + piece.height <= chart.height
    assert chart_of([first], rightwards=True) is None


def test_parts_headings_and_maps_of_a_list_are_told(site: Browser) -> None:
    page = site.get("/terminologies/imaging")
    assert "ct ۲" in page.text
    assert "/maps/LNC--RVU3" in site.get("/terminologies/LNC").links
    assert {"/terminologies/LNC", "/terminologies/RVU3"} <= set(site.get("/maps/LNC--RVU3").links)


def test_an_edition_shows_what_differs_from_the_one_before_field_by_field(site: Browser) -> None:
    page = site.get("/terminologies/Imaging/releases/1401-05-05")
    assert [change.text for change in page.all("ins")] == ["سی‌تی اسکن سر", "12"]
    assert [change.text for change in page.all("del")] == ["سی‌تی سر", "10"]
    assert "تفاوت‌ها از 1400-05-05 تا 1401-05-05" in page.text
    only = site.get("/terminologies/Imaging/releases/1401-05-05?kind=retired")
    assert [row.text.split()[0] for row in only.all("tr")][1:] == ["2"]
    assert "/terminologies/Imaging/concepts/4" in only.links
    assert "Persian title" in site.in_english().get("/terminologies/Imaging/releases/1401-05-05").text


def test_any_two_editions_are_compared_by_a_form_that_leads_to_a_stable_address(site: Browser) -> None:
    reply = site.http.get("/terminologies/LNC/compare?from=1402-05-01&to=1402-02-18")
    assert reply.status_code == 302
    assert reply.headers["Location"] == "/terminologies/LNC/releases/1402-02-18?from=1402-05-01"
    assert "تفاوت‌ها از 1402-05-01 تا 1402-02-18" in site.get(reply.headers["Location"]).text
    assert site.get("/terminologies/LNC/compare?from=1&to=2").status == 404
    assert site.get("/maps/LNC--RVU3/releases/current").status == 200


def test_long_differences_go_on_over_pages(site_over: Callable[[Path], Browser], tmp_path: Path) -> None:
    builder = ShelfBuilder(tmp_path / "shelf")
    builder.publish("LNC", [concept(f"{n:03}", f"آزمایش {n}") for n in range(120)])
    site = site_over(tmp_path / "shelf")
    page, seen, pages = site.get("/terminologies/LNC/releases/current?kind=added"), [], 0
    while True:
        seen += [row.text.split()[0] for row in page.all("tr")][1:]
        pages += 1
        following = page.all("a", rel="next")
        if not following or pages > 5:
            break
        page = site.get((following[0].attributes["href"] or "").partition("#")[0])
    assert (pages, seen) == (3, [f"{n:03}" for n in range(120)])


def test_an_edition_is_downloaded_as_workbook_csv_and_json_without_a_token(library_shelf: Path, site: Browser) -> None:
    book = openpyxl.load_workbook(io.BytesIO(site.http.get("/terminologies/Imaging/releases/current/export.xlsx").data))
    assert book.sheetnames
    reply = site.http.get("/terminologies/LNC/releases/current/export.csv")
    assert "attachment" in reply.headers["Content-Disposition"]
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    rows = list(csv.reader(io.StringIO(reply.data.decode("utf-8-sig"))))
    assert "718-7" in {cell for row in rows for cell in row}
    assert orjson.loads(site.http.get("/maps/LNC--RVU3/releases/current/export.json").data)
    again = site.http.get(reply.request.path, headers={"If-None-Match": reply.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert site.http.get("/terminologies/Imaging/releases/1401-05-05/diff.xlsx").status_code == 200


def test_too_many_downloads_at_a_time_are_told_to_come_again(site: Browser) -> None:
    for _ in range(downloads.AT_ONCE):
        assert downloads._turns.acquire(blocking=False)
    try:
        page = site.get("/terminologies/LNC/releases/current/export.csv")
    finally:
        for _ in range(downloads.AT_ONCE):
            downloads._turns.release()
    assert (page.status, page.headers["Retry-After"]) == (503, "2")
    for _ in range(2 * downloads.AT_ONCE):
        assert site.get("/terminologies/LNC/releases/current/export.csv").status == 200


def test_codes_are_browsed_page_by_page_and_by_part_and_status(site: Browser) -> None:
    codes = [row.text.split()[0] for row in site.get("/terminologies/Imaging/codes?part=mri").all("tr")][1:]
    assert codes == ["3"]
    assert "4" in [row.text.split()[0] for row in site.get("/terminologies/Imaging/codes?status=retired").all("tr")]
    assert "801515" in site.get("/maps/LNC--RVU3/codes").text
    assert site.get("/terminologies/Imaging/codes?part=xray").status == 400
    assert site.get("/terminologies/Imaging/codes?status=new").status == 400
    children = site.get("/terminologies/Odd/codes?parent=A00")
    assert "زیرشاخه‌های A00" in children.title


@pytest.mark.parametrize(
    "address", ["/feed.atom", "/api/v1/feed.atom", "/terminologies/LNC/feed.atom", "/maps/LNC--RVU3/feed.atom"]
)
def test_publications_and_withdrawals_are_a_feed(site: Browser, address: str) -> None:
    reply = site.http.get(address)
    assert reply.headers["Content-Type"].startswith("application/atom+xml")
    top = ElementTree.fromstring(reply.data)
    ids = [entry.findtext(f"{ATOM}id") or "" for entry in top.iter(f"{ATOM}entry")]
    assert len(set(ids)) == len(ids) > 0
    for entry in top.iter(f"{ATOM}entry"):
        link = entry.find(f"{ATOM}link")
        assert link is not None
        assert site.get(link.attrib["href"].removeprefix("http://localhost")).status == 200
    if address == "/feed.atom":
        assert any(":withdrawn:" in one for one in ids)
    else:
        own = top.find(f"{ATOM}link[@rel='self']")
        assert own is not None
        assert own.attrib["href"] == f"http://localhost{address}"


@pytest.mark.parametrize(
    "path", ["/terminologies/none", "/maps/LNC--X", "/terminologies/LNC/releases/1300-01-01", "/maps/none/codes"]
)
def test_what_there_is_not_is_told_on_a_page(site: Browser, path: str) -> None:
    page = site.get(path)
    assert (page.status, page.title) == (404, "پیدا نشد")


def test_a_kind_or_a_cursor_that_there_is_not_is_refused(site: Browser) -> None:
    assert site.get("/terminologies/LNC/releases/current?kind=lost").status == 400
    assert site.get("/terminologies/LNC/releases/current?cursor=x").status == 400
    assert site.get("/terminologies/LNC/codes?cursor=x").status == 400
