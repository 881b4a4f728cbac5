from __future__ import annotations

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maxa.search.highlight import highlight
from maxa.search.query import read_query

HALF_SPACE = "\u200c"


@pytest.mark.parametrize(
    ("title", "query", "expected"),
    [
        ("قرص استامینوفن", "استامينوفن", "قرص <em>استامینوفن</em>"),
        ("قرص استامینوفن", "قرص استا", "<em>قرص</em> <em>استامینوفن</em>"),
        ("قرص استامینوفن", "استا قرص", "<em>قرص</em> استامینوفن"),
        ("آمپول ۵۰۰", "آمپول 500", "<em>آمپول</em> <em>۵۰۰</em>"),
        (f"می{HALF_SPACE}شود", "میشود", f"<em>می{HALF_SPACE}شود</em>"),
        (f"می{HALF_SPACE}شود", "شود", f"می{HALF_SPACE}<em>شود</em>"),
        (f"می{HALF_SPACE}شود", "میش", f"<em>می{HALF_SPACE}شود</em>"),
        (f"می{HALF_SPACE}شود", "می", f"<em>می</em>{HALF_SPACE}شود"),
        ("Hemoglobin [Mass/volume]", "MASS", "Hemoglobin [<em>Mass</em>/volume]"),
        ("a<b>&\"c'", "b", "a&lt;<em>b</em>&gt;&amp;\"c'"),
        ("قُرص", "قرص", "<em>قُرص</em>"),
        ("تأمين", "تامین", "<em>تأمين</em>"),
        ("قرص", "شربت", "قرص"),
        ("718-7 چیزی", "718-7", "<em>718</em>-<em>7</em> چیزی"),
        ("", "x", ""),
        ("گلبول‌های سفید", "گلبول سفید", "<em>گلبول‌های</em> <em>سفید</em>"),
        ("سی تی اسکن مغز", "سیتی اسکن", "<em>سی تی</em> <em>اسکن</em> مغز"),
        ("متوترکسات 2.5 mg", "۲/۵ میلی‌گرم", "متوترکسات <em>2.5</em> <em>mg</em>"),
        ("شمارش کامل سلول‌های خون", "CBC", "<em>شمارش</em> <em>کامل</em> <em>سلول‌های</em> <em>خون</em>"),
        ("قرص استامینوفن", "قرص -شربت", "<em>قرص</em> استامینوفن"),
        ("خون در ادرار", "خون ادرار", "<em>خون</em> در <em>ادرار</em>"),
    ],
)
def test_what_matched_is_marked_in_the_original(title: str, query: str, expected: str) -> None:
    assert highlight(title, "", read_query(query)) == expected


@given(st.text(max_size=60), st.text(max_size=30))
def test_without_its_marks_the_title_is_as_it_was(title: str, query: str) -> None:
    marked = highlight(title, "", read_query(query))
    plain = marked.replace("<em>", "").replace("</em>", "")
    assert unescape(plain) == unescape(title.replace("&", "&amp;")) if "&" not in title else True
    assert not re.search("<(?!/?em>)", marked)
    assert marked.count("<em>") == marked.count("</em>")


def test_the_latin_title_is_marked_where_only_it_matches() -> None:
    assert highlight("آسم", "Asthma", read_query("asth")) == "<em>Asthma</em>"
    assert highlight("آسم", "Asthma", read_query("آسم")) == "<em>آسم</em>"
    assert highlight("", "Asthma", read_query("x")) == "Asthma"
