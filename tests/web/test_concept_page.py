"""The page of a code: all that is known of it, and the forms in which systems want it."""

from __future__ import annotations

import json
from urllib.parse import quote
from xml.etree import ElementTree

import pytest

from tests.api.library import ODD_CODES
from tests.gateway.clinic import HEMOGLOBIN
from tests.web.asking import Browser


def test_titles_code_status_and_properties_are_told(site: Browser) -> None:
    page = site.get("/terminologies/LNC/concepts/718-7")
    assert page.title == HEMOGLOBIN
    assert "Hemoglobin [Mass/volume] in Blood" in page.text
    assert "فعال" in page.text
    assert "g/dL" in page.text
    (button,) = page.all("button", data_copy="718-7")
    assert button.attributes["data-copied"]
    assert site.in_english().get("/terminologies/LNC/concepts/718-7").title == "Hemoglobin [Mass/volume] in Blood"


def test_properties_go_by_the_headings_of_their_workbook(site: Browser) -> None:
    page = site.get("/terminologies/Imaging/concepts/1")
    assert [term.text for term in page.all("dt")][:2] == ["ناحیهٔ بدن", "price"]


def test_the_triple_can_be_copied_as_json_and_as_xml(site: Browser) -> None:
    page = site.get("/terminologies/Odd/concepts/q%22'%26%3C%3E")
    triple = {"Value": "کد q\"'&<>", "Terminology_id": "Odd", "Coded_string": "q\"'&<>"}
    as_json, as_xml = (pre.text for pre in page.all("pre"))
    assert json.loads(as_json) == triple
    element = ElementTree.fromstring(as_xml)
    assert (element.tag, element.attrib) == ("DO_CODED_TEXT", triple)


def test_a_retired_code_leads_to_its_successor_and_back(site: Browser) -> None:
    page = site.get("/terminologies/LNC/concepts/789-8")
    assert "دیگر پذیرفته نیست" in page.text
    assert "/terminologies/LNC/concepts/26453-1" in page.links
    successor = site.get("/terminologies/LNC/concepts/26453-1")
    assert "جانشین این کدها" in successor.text
    assert "/terminologies/LNC/concepts/789-8" in successor.links


def test_parents_and_children_are_links(site: Browser) -> None:
    child = site.get("/terminologies/Odd/concepts/A00.0")
    assert child.links[child.links.index("/terminologies/Odd") + 1] == "/terminologies/Odd/concepts/A00"
    parent = site.get("/terminologies/Odd/concepts/A00")
    assert "/terminologies/Odd/concepts/A00.0" in parent.links
    assert f"زیرشاخه‌ها {len(ODD_CODES) - 1}".translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")) in parent.text


def test_maps_lead_out_and_in(site: Browser) -> None:
    out = site.get("/terminologies/LNC/concepts/718-7")
    assert {"/terminologies/RVU3/concepts/801515", "/terminologies/RVU3/concepts/90.1"} <= set(out.links)
    assert "خاص‌تر" in out.text
    assert "تامین" in out.text
    inward = site.get("/terminologies/RVU3/concepts/801515")
    assert {"/terminologies/LNC/concepts/718-7", "/maps/LNC--RVU3"} <= set(inward.links)


def test_the_history_tells_what_each_edition_changed_with_its_circular(site: Browser) -> None:
    page = site.get("/terminologies/Imaging/concepts/1")
    history = page.all("table")[-1].text
    assert history.count("سی‌تی سر") == 3
    assert "110/125" in history
    assert [change.text for change in page.all("ins")] == ["سی‌تی سر", "10", "سی‌تی اسکن سر", "12"]
    assert "پس‌گرفته" in history


def test_an_older_edition_is_shown_as_such(site: Browser) -> None:
    page = site.get("/terminologies/LNC/concepts/718-7?version=1402-02-18")
    assert page.title == "هموگلوبین"
    assert "نه ویرایش جاری را" in page.text


@pytest.mark.parametrize("code", ODD_CODES)
def test_every_code_has_its_page_whatever_letters_it_has(site: Browser, code: str) -> None:
    link = f"/terminologies/Odd/concepts/{quote(code, safe='')}"
    assert link in site.get("/terminologies/Odd/codes").links
    page = site.get(link)
    assert page.status == 200
    assert [span.text for span in page.all("span", class_="bigcode")] == [code]


def test_another_spelling_of_a_code_is_found_and_told(site: Browser) -> None:
    page = site.get("/terminologies/lnc/concepts/۷۱۸-۷")
    assert page.title == HEMOGLOBIN
    assert "به شکل 718-7 منتشر شده است" in page.text


def test_an_unknown_code_is_answered_with_the_nearest(site: Browser) -> None:
    page = site.get("/terminologies/LNC/concepts/718-8")
    assert (page.status, page.title) == (404, "پیدا نشد")
    assert "718-7" in page.text
    assert site.get("/terminologies/LNK/concepts/718-8").status == 404
    assert site.get("/terminologies/LNC/concepts/718-7?version=1300-01-01").status == 404
    assert site.get("/terminologies/LNC/concepts/718-7?history=x").status == 400
