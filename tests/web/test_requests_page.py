"""The pages of requests: filed and followed without a script, prefilled by links, refused with a sentence."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson
import pytest

from maxa.access.clients import RateLimit
from maxa.requests import place
from maxa.requests.asking import MOST_ROWS
from maxa.requests.spool import Spool
from maxa.requests.tracking import tracking_of
from maxa.web.public import requesting
from maxa.web.throttle import Throttle
from tests.web.asking import Browser, Page, browser_over
from tests.web.test_check_page import bomb, workbook

GOOD = {
    "kind": "missing-code",
    "terminology": "LNC",
    "organisation": "بیمهٔ نمونه",
    "rows": "آزمایش تازه\nH-204\tایزوآنزیم",
}


@pytest.fixture(autouse=True)
def fresh_allowance(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requesting, "filings", Throttle(RateLimit(1_000, "minute")))


@pytest.fixture
def centre(library_shelf: Path, tmp_path: Path) -> Browser:
    return browser_over(library_shelf, tmp_path)


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "requests")


def send(site: Browser, headers: dict[str, str] | None = None, /, **over: Any) -> Page:
    return site.post("/requests", {**GOOD, **over}, headers)


def upload(site: Browser, content: bytes, name: str = "list.xlsx") -> Page:
    return send(site, rows="", file=(io.BytesIO(content), name))


def rows_kept(spool: Spool) -> list[tuple[str, str, str]]:
    (record,) = spool.waiting()
    return [(row["code"], row["title"], row["note"]) for row in record["rows"]]


def test_a_request_is_filed_followed_and_told_to_be_without_personal_data(centre: Browser) -> None:
    form = centre.get("/requests")
    assert "کد ملی" in form.text
    done = send(centre)
    assert done.status == 303
    page = centre.get(done.headers["Location"])
    number = done.headers["Location"].split("/")[-1].partition("?")[0]
    assert number in page.title
    assert "درخواست شما ثبت شد" in page.text
    assert "آزمایش تازه" in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert "noindex" in page.headers["X-Robots-Tag"]
    assert "Received" in centre.in_english().get(f"/requests/{number}").text


def test_the_number_leads_there_however_it_is_typed(centre: Browser) -> None:
    number = send(centre).headers["Location"].split("/")[-1].partition("?")[0]
    typed = number.lower().replace("-", " ").translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))
    assert centre.get("/requests", number=typed).headers["Location"] == f"/requests/{number}"
    assert centre.get(f"/requests/{quote(typed)}").status == 200


@pytest.mark.parametrize("number", ["abc", tracking_of(7), "%00", "<script>", "x" * 300])
def test_a_wrong_number_is_told_beside_the_form(centre: Browser, number: str) -> None:
    page = centre.get(f"/requests/{quote(number)}")
    assert page.status == 404
    (alert,) = page.all("p", class_="bad")
    assert "شمارهٔ پیگیری" in alert.text
    assert "<script>" not in page.html
    assert page.all("textarea", name="rows")


def test_the_same_request_again_leads_to_the_first_one(centre: Browser, spool: Spool) -> None:
    first, again = send(centre).headers["Location"], send(centre).headers["Location"]
    assert again == first.replace("new", "again")
    assert "پیش‌تر رسیده بود" in centre.get(again).text
    assert len(list(spool.waiting())) == 1


def test_what_is_wrong_is_told_and_nothing_typed_is_lost(centre: Browser, spool: Spool) -> None:
    page = send(centre, organisation=" ", note="فوری <b>")
    assert page.status == 400
    assert "نام سازمان را بنویسید" in page.text
    assert "فوری <b>" in [area.text for area in page.all("textarea", name="note")]
    assert "ایزوآنزیم" in page.all("textarea", name="rows")[0].text
    assert not list(spool.waiting())


@pytest.mark.parametrize(
    ("over", "status"),
    [({"rows": ""}, 400), ({"kind": "x"}, 400), ({"terminology": "LNX"}, 404), ({"rows": "آ\n" * 3 + "x" * 501}, 400),
     ({"rows": "\n".join(f"کد {n}" for n in range(MOST_ROWS + 1))}, 413), ({"organisation": "x" * 201}, 400)],
)  # fmt: skip
def test_a_bad_request_is_refused(centre: Browser, spool: Spool, over: dict[str, str], status: int) -> None:
    assert send(centre, **over).status == status
    assert not list(spool.waiting())


def test_what_a_stranger_writes_is_never_markup(centre: Browser) -> None:
    hostile = "<img src=x onerror=alert(1)>"
    page = centre.get(send(centre, rows=hostile, organisation=hostile, note=hostile).headers["Location"])
    assert page.status == 200
    assert "<img src=x" not in page.html
    assert hostile in page.text


def test_many_codes_come_as_a_workbook_by_its_headings(centre: Browser, spool: Spool) -> None:
    rows = [("خدمت شمارهٔ " + str(n), None, f"X{n}") for n in range(300)]
    book = workbook(
        ("فهرست", None, None), ("نام", "توضیحات", "کد"), *rows, ("تنها نام", "فوری", None), ("نام", "توضیحات", "کد")
    )
    done = upload(centre, book)
    assert done.status == 303
    kept = rows_kept(spool)
    assert len(kept) == 301
    assert (kept[0], kept[-1]) == (("X0", "خدمت شمارهٔ 0", ""), ("", "تنها نام", "فوری"))
    page = centre.get(done.headers["Location"])
    assert "۲۰۰" in page.text
    assert "۲۰۱" not in [row.text.split()[0] for row in page.all("tr")]
    assert any(link.endswith("?page=2") for link in page.links)


def test_a_list_without_headings_is_read_by_what_its_cells_look_like(centre: Browser, spool: Spool) -> None:
    assert upload(centre, "1;AB-12;آزمایش یک\n2;AB-13;آزمایش دو\n".encode(), "list.csv").status == 303
    assert rows_kept(spool) == [("AB-12", "آزمایش یک", ""), ("AB-13", "آزمایش دو", "")]


def test_titles_alone_are_a_list_too(centre: Browser, spool: Spool) -> None:
    assert upload(centre, "عنوان\nآزمایش یک\nآزمایش دو\n".encode(), "list.csv").status == 303
    assert rows_kept(spool) == [("", "آزمایش یک", ""), ("", "آزمایش دو", "")]


@pytest.mark.parametrize(
    ("content", "name", "status"),
    [(b"", "empty.xlsx", 422), (b"%PDF-1.7", "letter.pdf", 422), (bomb(), "bomb.xlsx", 422), (b"\0" * 5_000, "zeros.xls", 422),
     (workbook((None,)), "blank.xlsx", 422), (workbook(*[(f"خدمت {n}",) for n in range(MOST_ROWS + 1)]), "long.xlsx", 413)],
)  # fmt: skip
def test_a_hostile_or_wrong_file_is_refused_beside_the_form(
    centre: Browser, spool: Spool, tmp_path: Path, content: bytes, name: str, status: int
) -> None:
    page = upload(centre, content, name)
    assert page.status == status
    assert page.all("p", class_="bad")
    assert GOOD["organisation"] in [one.attributes.get("value") for one in page.all("input")]
    assert not list(spool.waiting())
    assert not [path for path in (tmp_path / "work").rglob("*") if path.is_file()]


def test_a_body_over_the_limit_is_refused(library_shelf: Path, tmp_path: Path) -> None:
    page = upload(browser_over(library_shelf, tmp_path, max_body="2000"), b"x" * 5_000)
    assert page.status == 413
    assert page.all("textarea", name="rows")  # beside the form


def test_five_thousand_long_titles_are_pasted_into_the_form(centre: Browser, spool: Spool) -> None:
    pasted = "\n".join(f"{'آزمایش تازه ' * 12}{n}" for n in range(MOST_ROWS))
    assert len(pasted.encode()) > 500_000  # what werkzeug takes of a field unless told otherwise
    done = send(centre, rows=pasted, file=(io.BytesIO(b""), ""))
    assert done.status == 303
    assert len(rows_kept(spool)) == MOST_ROWS


@pytest.mark.parametrize(
    ("headers", "status"),
    [({}, 303), ({"Sec-Fetch-Site": "same-origin"}, 303), ({"Sec-Fetch-Site": "cross-site"}, 400),
     ({"Sec-Fetch-Site": "same-site"}, 400), ({"Origin": "http://localhost"}, 303), ({"Origin": "http://evil.example"}, 400),
     ({"Origin": "null"}, 400), ({"Origin": "http://evil.example", "Sec-Fetch-Site": "cross-site"}, 400)],
)  # fmt: skip
def test_a_form_of_another_site_files_nothing(
    centre: Browser, spool: Spool, headers: dict[str, str], status: int
) -> None:
    assert send(centre, headers).status == status
    assert bool(list(spool.waiting())) == (status == 303)


def test_one_address_may_not_file_or_guess_without_end(centre: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requesting, "filings", Throttle(RateLimit(1, "minute")))
    monkeypatch.setattr(requesting, "followings", Throttle(RateLimit(1, "minute")))
    assert send(centre).status == 303
    refused = send(centre, note="دیگر")
    assert refused.status == 429
    assert refused.headers["Retry-After"]
    assert centre.get("/requests/x").status == 404
    assert centre.get("/requests/x").status == 429


def test_an_address_reports_so_many_rows_a_day_by_page_and_api_together(
    centre: Browser, spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(place, "ROWS_A_DAY", 10)
    assert send(centre).status == 303
    page = send(centre, note="دیگر")
    assert page.status == 429
    assert "سهم امروز پر شده است" in page.text
    assert "ایزوآنزیم" in page.all("textarea", name="rows")[0].text
    body = {"kind": "missing-code", "organisation": "بیمه", "rows": [{"title": "آ"}]}
    assert centre.http.post("/api/v1/requests", json=body).status_code == 429
    assert len(list(spool.waiting())) == 1


def test_a_server_that_reads_other_lists_says_so(centre: Browser) -> None:
    held = [requesting._turns.acquire(blocking=False) for _ in range(2)]
    assert all(held)
    try:
        page = upload(centre, workbook(("آ",)))
        assert page.status == 503
        assert "دوباره بفرستید" in page.text
    finally:
        for _ in held:
            requesting._turns.release()


def test_answers_are_shown_with_links_to_what_is_published(centre: Browser, spool: Spool) -> None:
    location = send(centre).headers["Location"].partition("?")[0]
    (record,) = spool.waiting()
    answers = [
        {"kind": "existing", "terminology": "LNC", "code": "718-7", "reason": "", "expected": None},
        {"kind": "assigned", "terminology": "LNC", "code": "new-1", "reason": "", "expected": "2026-11-22"},
        {"kind": "refused", "terminology": "", "code": "", "reason": "خدمت <b>جداگانه‌ای</b> نیست", "expected": None},
        {"kind": "assigned", "terminology": "Gone", "code": "7", "reason": "", "expected": None},
    ]
    rows = [
        {"code": "", "title": f"سطر {n}", "note": "", "answer": {**one, "at": record["received_at"], "pending": True}}
        for n, one in enumerate(answers)
    ]
    spool.show({**record, "state": "answered", "rows": rows, "updated_at": record["received_at"]})
    page = centre.get(location)
    assert "/terminologies/LNC/concepts/718-7" in page.links
    assert "/terminologies/LNC/concepts/new-1" not in page.links
    assert "با ویرایش ۱۴۰۵/۰۹/۰۱ منتشر می‌شود" in page.text
    assert "خدمت <b>جداگانه‌ای</b> نیست" in page.text
    assert "یکی از ویرایش‌های آینده" in page.text
    assert "پاسخ داده شد" in page.title


def test_a_damaged_state_is_told_as_unavailable(centre: Browser, spool: Spool) -> None:
    location = send(centre).headers["Location"].partition("?")[0]
    (path,) = spool.received.iterdir()
    path.write_bytes(b"{")
    assert centre.get(location).status == 503


def test_links_from_search_code_and_check_fill_the_form_in(centre: Browser) -> None:
    (link,) = [one for one in centre.get("/search", q="zzqqxx", terminology="LNC").links if "title=" in one]
    assert centre.get(link).all("textarea", name="rows")[0].text == "zzqqxx"
    (link,) = [one for one in centre.get("/terminologies/LNC/concepts/718-7").links if "wrong-title" in one]
    page = centre.get(link)
    assert page.all("textarea", name="rows")[0].text == "718-7\tهموگلوبین خون"
    chosen = {one.attributes["value"] for one in page.all("option") if "selected" in one.attributes}
    assert chosen == {"wrong-title", "LNC"}
    report = centre.post("/check", {"terminology": "LNC", "codes": "718-8\tچیزی\n718-7\nnope-1"})
    (form,) = [one for one in report.all("form") if one.attributes.get("action") == "/requests"]
    assert form.attributes["method"] == "post"
    rows = report.all("textarea", name="rows")[0].text
    draft = centre.post("/requests", {"draft": "1", "kind": "missing-code", "terminology": "LNC", "rows": rows})
    assert draft.status == 200
    assert [line.split() for line in draft.all("textarea", name="rows")[0].text.split("\n") if line] == [
        ["718-8", "چیزی"], ["nope-1"],
    ]  # fmt: skip
    assert not [one for one in centre.post("/check", {"terminology": "LNC", "codes": "718-7"}).all("form") if
                one.attributes.get("action") == "/requests"]  # fmt: skip


@pytest.fixture
def mirror(library_shelf: Path, tmp_path: Path) -> Browser:
    (tmp_path / "mirror").mkdir()
    (tmp_path / "mirror" / "config.json").write_bytes(orjson.dumps({"url": "https://maxa.example.ir/shelf"}))
    return browser_over(library_shelf, tmp_path, role="mirror")


def test_a_mirror_takes_none_and_leads_to_the_centre(mirror: Browser, tmp_path: Path) -> None:
    page = mirror.get("/requests")
    assert page.status == 200
    assert "https://maxa.example.ir/requests" in page.links
    assert not page.all("textarea")
    refused = send(mirror)
    assert refused.status == 421
    assert "https://maxa.example.ir/requests" in refused.text
    assert mirror.get(f"/requests/{tracking_of(1)}").status == 421
    assert not (tmp_path / "requests").exists()
    (tmp_path / "mirror" / "config.json").unlink()
    assert "نشانی مرکز را" in mirror.get("/requests").text


def test_the_pages_go_on_without_the_registry(centre: Browser) -> None:
    """No PostgreSQL is named here at all."""
    assert centre.get(send(centre).headers["Location"]).status == 200
