"""What holds for every page: security, languages, digits, files, errors."""

from __future__ import annotations

import gzip
import re
import tomllib
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from flask import Flask

from maxa.settings import PROJECT
from maxa.web import formats
from maxa.web.static_files import FOLDER, StaticFiles
from tests.web import catalogues
from tests.web.asking import Browser, browser_over

PAGES = [
    "/", "/search?q=1", "/terminologies/LNC/concepts/789-8", "/terminologies/Imaging", "/maps/LNC--RVU3",
    "/terminologies/Imaging/releases/current", "/terminologies/LNC/codes", "/check", "/developers", "/developers/api",
    "/shelf/", "/requests", "/no/such/page",
]  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
def test_a_page_runs_no_script_of_its_own_and_loads_nothing_from_elsewhere(site: Browser, path: str) -> None:
    page = site.get(path)
    policy = page.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert {"default-src 'none'", "frame-ancestors 'none'", "script-src 'self'"} <= set(policy.split("; "))
    for element in page.elements:
        assert not [name for name in element.attributes if name.startswith(("on", "style"))], element
        assert not (element.tag == "script" and (element.text.strip() or not element.attributes.get("src")))
        assert element.tag != "style"
        for name in ("src", "href", "action"):
            address = element.attributes.get(name) or ""
            assert address.startswith(("/", "#", "?")) or not address, address
            assert not address.startswith("//")


@pytest.mark.parametrize("path", PAGES)
def test_a_page_guards_itself_against_guessing_framing_and_leaking(site: Browser, path: str) -> None:
    headers = site.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"


def test_a_page_is_persian_unless_english_is_chosen_and_the_choice_is_remembered(site: Browser) -> None:
    reader = Browser(site.app)
    (html,) = reader.get("/").all("html")
    assert (html.attributes["lang"], html.attributes["dir"]) == ("fa", "rtl")
    (html,) = reader.get("/?lang=en").all("html")
    assert (html.attributes["lang"], html.attributes["dir"]) == ("en", "ltr")
    (html,) = reader.get("/").all("html")
    assert html.attributes["lang"] == "en"
    (html,) = reader.get("/?lang=fa").all("html")
    assert html.attributes["lang"] == "fa"
    (html,) = reader.get("/?lang=%3Cscript%3E").all("html")
    assert html.attributes["lang"] == "fa"


def test_the_language_link_keeps_what_the_page_was_asked(site: Browser) -> None:
    assert "/no/page?q=a+b&lang=en" in site.get("/no/page?q=a%20b&lang=fa").links


def test_every_text_has_its_english() -> None:
    known = catalogues.translated()
    missing = []
    for key, (text, _) in catalogues.asked_for().items():
        message = known.get(key)
        strings = (
            [message.string] if message and isinstance(message.string, str) else list(message.string) if message else []
        )
        if not strings or not all(strings) or any(re.search("[\u0600-\u06ff]", one) for one in strings):
            missing.append(text)
    assert missing == [], "write them into maxa/web/translations (python -m tests.web.catalogues)"


def test_translations_keep_the_placeholders_and_nothing_is_left_over() -> None:
    asked = catalogues.asked_for()
    for key, message in catalogues.translated().items():
        assert key in asked, f"no page says {key[0]!r} any more"
        strings = [message.string] if isinstance(message.string, str) else message.string
        for one in strings:
            assert set(re.findall(r"%\(\w+\)s", one)) == set(re.findall(r"%\(\w+\)s", key[0])), key[0]


def test_figures_are_persian_in_persian_and_codes_stay_as_published(site: Browser) -> None:
    with site.app.test_request_context("/"):
        assert formats.number(1_234_567) == "۱٬۲۳۴٬۵۶۷"
        assert formats.number(2.5) == "۲٫۵"
        assert formats.code("718-7") == '<bdi dir="ltr" class="code">718-7</bdi>'
        assert ">۱۸ اردیبهشت ۱۴۰۲<" in formats.day(date(2023, 5, 8))
        assert 'datetime="2023-05-08"' in formats.short_day("1402/02/18")
        assert formats.name("قند خون (FBS)") == "<bdi>قند خون (FBS)</bdi>"
        assert formats.name("IgE اختصاصی: آموکسی‌سیلین") == '<bdi dir="rtl">IgE اختصاصی: آموکسی‌سیلین</bdi>'
        assert formats.name("25-OH ویتامین دی") == '<bdi dir="rtl">25-OH ویتامین دی</bdi>'
        assert formats.name("Glucose [قند]") == "<bdi>Glucose [قند]</bdi>"
        assert formats.name("<b>") == "<bdi>&lt;b&gt;</bdi>"
        assert formats.highlighted("A&amp;B <em>سرم</em>") == '<bdi dir="rtl">A&amp;B <mark>سرم</mark></bdi>'
        assert formats.highlighted("<em>IgE</em> اختصاصی") == '<bdi dir="rtl"><mark>IgE</mark> اختصاصی</bdi>'
        assert formats.day("پیش از عید") == "<bdi>پیش از عید</bdi>"
        assert formats.day(None) == "—"
        assert "۱۲:۳۰" in formats.moment(datetime(2026, 1, 1, 9, 0, tzinfo=UTC))
    with site.app.test_request_context("/?lang=en"):
        assert (formats.number(1_234_567), formats.number(2.5)) == ("1,234,567", "2.5")
        assert ">18 Ordibehesht 1402<" in formats.day(date(2023, 5, 8))


def test_what_a_list_says_never_becomes_markup(site: Browser) -> None:
    hostile = '"><script>alert(1)</script>'
    with site.app.test_request_context("/"):
        for show in (formats.code, formats.latin, formats.name, formats.day):
            assert "<script>" not in show(hostile)


def test_a_static_file_is_kept_for_ever_under_its_hashed_name_and_asked_for_anew_under_its_plain_one(
    site: Browser,
) -> None:
    files = StaticFiles()
    address = files.address("maxa.css")
    assert re.fullmatch(r"/static/maxa\.[0-9a-f]{10}\.css", address)
    reply = site.http.get(address, headers={"Accept-Encoding": "gzip"})
    assert "immutable" in reply.headers["Cache-Control"]
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    whole = gzip.decompress(reply.data)
    assert f'url("{files.address("fonts/vazirmatn.woff2")}")'.encode() in whole
    assert site.http.get(address).data == whole
    plain = site.http.get("/static/maxa.css")
    assert (plain.data, plain.headers["Cache-Control"]) == (whole, "public, no-cache")
    again = site.http.get("/static/maxa.css", headers={"If-None-Match": plain.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize(
    "path", ["/static/", "/static/nothing.css", "/static/../app.py", "/static/README.md", "/static/%00.css"]
)
def test_no_other_file_is_given(site: Browser, path: str) -> None:
    assert site.http.get(path).status_code == 404


def test_every_vendored_file_has_its_licence_and_is_listed() -> None:
    listed = (FOLDER / "README.md").read_text()
    for folder in [FOLDER / "fonts", *(p for p in (FOLDER / "vendor").iterdir())]:
        assert list(folder.glob("LICENSE*")) or list(folder.glob("OFL.txt")), folder
        assert f"{folder.relative_to(FOLDER).as_posix()}/" in listed


def test_a_wheel_holds_what_the_pages_need() -> None:
    declared = tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]["setuptools"]["package-data"]["maxa"]
    package = PROJECT / "maxa"
    packed = {path for pattern in declared for path in package.glob(pattern)}
    needed = [
        p
        for room in ("templates", "static", "translations")
        for p in (package / "web" / room).rglob("*")
        if p.is_file()
    ]
    assert [p for p in needed if p not in packed] == []


def test_an_address_that_there_is_not_is_a_page_for_people_and_the_envelope_for_programs(site: Browser) -> None:
    page = site.get("/no/such/page")
    assert (page.status, page.title) == (404, "پیدا نشد")
    assert site.in_english().get("/no/such/page").title == "Not found"
    reply = site.http.get("/no/such/page")
    assert (reply.status_code, reply.json["errors"][0]["code"]) == (404, "not-found")


def test_a_part_of_a_page_gets_the_sentence_alone(site: Browser) -> None:
    part = site.get("/no/such/page", {"HX-Request": "true"})
    assert part.status == 404
    assert part.html.startswith('<p class="notice bad" role="alert">')


def test_what_nobody_foresaw_is_told_without_a_trace(site: Browser) -> None:
    app: Flask = site.app
    page = Browser(app).get("/" + "%ff" * 3)
    assert page.status in (400, 404)
    assert "Traceback" not in page.html


def test_a_page_that_is_held_is_told_unchanged_and_sent_compressed(site: Browser) -> None:
    reply = site.http.get("/", headers={"Accept-Encoding": "gzip"})
    assert reply.headers["Content-Encoding"] == "gzip"
    assert "مکسا" in gzip.decompress(reply.data).decode()
    assert {"Cookie", "Accept-Encoding"} <= set(reply.vary)
    again = site.http.get("/", headers={"If-None-Match": reply.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize(
    "path", ["/", "/search?q=هموگلوبین", "/terminologies/Imaging", "/terminologies/LNC/concepts/718-7", "/check"]
)
def test_a_mirror_shows_the_same_pages(site: Browser, library_shelf: Path, tmp_path: Path, path: str) -> None:
    mirror = browser_over(library_shelf, tmp_path, role="mirror", access="token")
    assert mirror.get(path).html == site.get(path).html


def test_a_shelf_past_its_expiry_warns_on_every_page(site: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    standing = site.app.extensions["maxa.standing"]
    monkeypatch.setattr(standing, "warning", lambda: ("مهلت گذشته است.", "It has expired."))
    monkeypatch.setattr(standing, "expired", lambda: True)
    (banner,) = site.get("/").all("div", class_="banner")
    assert banner.text.strip() == "مهلت گذشته است."
    assert "It has expired." in site.in_english().get("/check").html


def test_the_shelf_page_says_how_to_mirror_and_what_there_is(site: Browser) -> None:
    page = site.get("/shelf/")
    assert "maxa mirror init --root root.json http://localhost/shelf/" in page.text
    assert "هنوز امضا نشده است" in page.text
    assert "LNC→RVU3" in page.text
    assert site.in_english().get("/shelf").title == "Shelf for mirrors"


def test_a_server_that_keeps_its_shelf_to_itself_does_not_offer_it(library_shelf: Path, tmp_path: Path) -> None:
    assert "/shelf/" not in browser_over(library_shelf, tmp_path, share_shelf="0").get("/").links
