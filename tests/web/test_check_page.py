"""The check page: codes that are pasted, and whole lists, both ways; nothing is kept."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from maxa.access.clients import RateLimit
from maxa.errors import TooManyRequests
from maxa.web.public import checking
from maxa.web.throttle import Throttle
from tests.web.asking import Browser, Page, browser_over

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def workbook(*rows: tuple[Any, ...]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)  # type: ignore[union-attr]
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


PRODUCTS = workbook(
    ("فهرست بیمهٔ نمونه", None, None),
    ("ردیف", "کد IRC", "نام"),
    (1, "0579693345955352", "استامینوفن کدئین قرص"),
    (2, "579693345955352", "استامینوفن کدئین قرص"),
    (3, "1114266489716699", "چیزی دیگر"),
    (4, "5555555555555555", "داروی بی‌کد"),
    (5, "0579693345955352", "استامینوفن کدئین قرص"),
    ("ردیف", "کد IRC", "نام"),
)


def upload(site: Browser, content: bytes, name: str = "list.xlsx", *, terminology: str = "IRC", **form: str) -> Any:
    """The raw reply to an uploaded list."""
    data = {"terminology": terminology, "file": (io.BytesIO(content), name), **form}
    return site.http.post("/check", data=data, headers={"Accept": "text/html"})


def page_of(reply: Any) -> Page:
    return Page(reply.status_code, reply.headers, reply.text)


@pytest.fixture(autouse=True)
def fresh_allowance(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "uploads", Throttle(RateLimit(1_000, "minute")))


def test_pasted_codes_are_judged_one_a_line_with_suggestions(site: Browser) -> None:
    codes = "718-7\tهموگلوبین خون\n\n۲۳۴۵-۷\n718-8\n789-8, شمارش گلبول قرمز"
    page = site.post("/check", {"terminology": "lnc", "codes": codes})
    assert page.status == 200
    rows = [" ".join(row.text.split()) for row in page.all("tr")][1:]
    assert [row.split()[0] for row in rows] == ["۳", "۴", "۵"]
    assert "کدی که مکسا ندارد" in rows[1]
    assert "/terminologies/LNC/concepts/718-7" in page.links
    assert "کد بازنشسته" in rows[2]
    assert "/terminologies/LNC/concepts/26453-1" in page.links
    assert "۴ سطر" in page.text
    english = site.in_english().post("/check", {"terminology": "LNC", "codes": "718-8"})
    assert "has no code" in english.text


def test_a_code_without_a_title_is_not_told_that_one_is_missing(site: Browser) -> None:
    assert "همهٔ سطرها درست است" in site.post("/check", {"terminology": "LNC", "codes": "718-7"}).text


def test_a_whole_list_is_told_both_ways(site: Browser) -> None:
    page = page_of(upload(site, PRODUCTS))
    assert page.status == 200
    tables = page.all("table")
    issues = [" ".join(row.text.split()) for row in page.all("tr")]
    by_row = {row.split()[0]: row for row in issues}
    assert "کد آسیب‌دیده در اکسل" in by_row["۴"]
    assert "0579693345955352" in by_row["۴"]
    assert "عنوان دیگر" in by_row["۵"]
    assert "کدی که مکسا ندارد" in by_row["۶"]
    assert "در ردیف 3 آمده است" in by_row["۷"]
    assert "۸" not in by_row  # the repeated headings
    assert "در فهرست شما نیست: ۳" in page.text
    assert "9275740779753124" in tables[1].text
    assert "1114266489716699" not in tables[1].text


def test_the_marked_workbook_is_the_users_own_with_notes_and_what_it_lacks(site: Browser) -> None:
    reply = upload(site, PRODUCTS, "فهرست من.xlsx", **{"as": "workbook"})
    assert reply.headers["Content-Type"] == XLSX
    assert "checked.xlsx" in reply.headers["Content-Disposition"]
    book = openpyxl.load_workbook(io.BytesIO(reply.data))
    assert book.sheetnames == ["یافته‌ها", "Sheet", "کدهایی که در فهرست نیست"]
    cell = book["Sheet"]["B4"]
    assert cell.value == "579693345955352"
    assert cell.comment is not None
    assert "0579693345955352" in cell.comment.text
    assert book["Sheet"]["B3"].comment is None
    assert [row[0].value for row in book.worksheets[2].iter_rows(min_row=2)] == [
        "7210201495605784", "9275740779753124", "9275740779753128",
    ]  # fmt: skip


def test_a_list_without_known_headings_is_read_by_its_codes(site: Browser) -> None:
    page = page_of(
        upload(
            site,
            "x;y;z\n1;718-7;هموگلوبین خون\n2;777-3;پلاکت\n3;2345-7;گلوکز\n4;1-1;نیست\n".encode(),
            "list.csv",
            terminology="LNC",
        )
    )
    assert page.status == 200
    assert "1-1" in page.text


def test_nothing_uploaded_is_kept(library_shelf: Path, tmp_path: Path) -> None:
    site = browser_over(library_shelf, tmp_path / "home")
    for content in (PRODUCTS, b"PK\x03\x04 broken"):
        upload(site, content)
        upload(site, content, **{"as": "workbook"})
    assert [path for path in (tmp_path / "home").rglob("*") if path.is_file() and path.suffix != ".key"] == []


def test_what_a_killed_server_left_is_deleted_when_the_next_one_starts_and_before_each_check(
    library_shelf: Path, tmp_path: Path
) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    work = tmp_path / "home" / "work"

    def leave(pid: int) -> Path:
        left = work / f"list-{pid}-abc" / "list"
        left.parent.mkdir(parents=True)
        left.write_bytes(PRODUCTS)
        return left

    left, another = leave(ended.pid), leave(os.getpid())
    site = browser_over(library_shelf, tmp_path / "home")
    assert not left.exists()
    assert another.exists(), "its process lives, and may be checking it"
    left = leave(ended.pid)
    upload(site, PRODUCTS)
    assert not left.exists()


def bomb() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<x>" + b" " * 50_000_000 + b"</x>")
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "name"),
    [(b"", "empty.xlsx"), (b"%PDF-1.7", "letter.pdf"), (PRODUCTS[:-200], "cut.xlsx"), (bomb(), "bomb.xlsx"),
     (b"\0" * 5_000, "zeros.xls"), (workbook(("رنگ", "اندازه"), ("سرخ", 3)), "other.xlsx"), (b"<html>no table", "page.html"),
     (b'<!DOCTYPE x [<!ENTITY a "aaaa">]><table><tr><td>&a;</td></tr></table>', "entity.xls")],
)  # fmt: skip
def test_a_hostile_or_wrong_file_is_refused_with_a_sentence(site: Browser, content: bytes, name: str) -> None:
    page = page_of(upload(site, content, name))
    assert page.status in (400, 422)
    assert page.title == "درخواست پذیرفته نشد"
    assert "Traceback" not in page.html


def test_what_a_list_says_is_never_markup_nor_a_formula(site: Browser) -> None:
    content = workbook(("کد", "عنوان"), ("<img src=x onerror=alert(1)>", "=1+1"), ("=cmd|' /C calc'!A0", "@x"))
    page = page_of(upload(site, content, "<b>.xlsx"))
    assert page.status == 200
    assert "<img src=x" not in page.html
    book = openpyxl.load_workbook(io.BytesIO(upload(site, content, **{"as": "workbook"}).data))
    assert not any(cell.data_type == "f" for row in book["یافته‌ها"].iter_rows() for cell in row)


@pytest.mark.parametrize(
    "form",
    [{}, {"terminology": "LNC"}, {"terminology": "LNK", "codes": "1"}, {"terminology": "LNC", "codes": "1\n" * 1_001}],
)
def test_what_can_not_be_checked_is_told(site: Browser, form: dict[str, str]) -> None:
    assert site.post("/check", form).status in (400, 404, 413)


def test_an_error_comes_as_the_part_of_the_page_that_was_asked_for(site: Browser) -> None:
    part = site.post("/check", {"terminology": "LNC"}, {"HX-Request": "true", "HX-Target": "results"})
    assert part.status == 400
    (section,) = part.all("section")
    assert section.attributes["id"] == "results"


def test_a_body_over_the_limit_is_refused(library_shelf: Path, tmp_path: Path) -> None:
    site = browser_over(library_shelf, tmp_path / "home", max_body="2000")
    assert upload(site, b"x" * 5_000).status_code == 413


def test_one_address_may_not_upload_without_end_and_others_still_may() -> None:
    now = [0.0]
    throttle = Throttle(RateLimit(2, "minute"), clock=lambda: now[0])
    throttle.take("a")
    throttle.take("a")
    with pytest.raises(TooManyRequests) as refused:
        throttle.take("a")
    assert refused.value.data["headers"]["Retry-After"] == "30"
    throttle.take("b")
    now[0] = 31.0
    throttle.take("a")


def test_uploads_are_throttled_and_busy_servers_say_so(site: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "uploads", Throttle(RateLimit(1, "minute")))
    assert upload(site, b"").status_code == 422
    assert upload(site, b"").status_code == 429
    monkeypatch.setattr(checking, "uploads", Throttle(RateLimit(9, "minute")))
    for _ in range(checking.AT_ONCE):
        assert checking._turns.acquire(blocking=False)
    try:
        assert upload(site, PRODUCTS).status_code == 503
    finally:
        for _ in range(checking.AT_ONCE):
            checking._turns.release()


def test_the_form_works_without_a_script_and_offers_every_terminology(site: Browser) -> None:
    page = site.get("/check?terminology=RVU3")
    (form,) = page.all("form", action="/check")
    assert form.attributes["enctype"] == "multipart/form-data"
    (chosen,) = [option for option in page.all("option") if "selected" in option.attributes]
    assert chosen.attributes["value"] == "RVU3"
