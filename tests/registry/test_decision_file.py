"""Decisions as people write them: CSV, TSV and JSON, in Persian and English, and what is wrong with them."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from maxa.errors import BadParameter
from maxa.registry.decision_file import Decision, make_decision, read_decisions

PERSIAN = """کد مبدأ,عنوان مبدأ,کد مقصد,نظر,نوع ارتباط,دلیل,بیمه‌گر
۷۱۸-۷,هموگلوبین,801515,برقرار,خاص‌تر,صورت‌جلسهٔ ۳,تأمین
2345-7,گلوکز,,بی همتا,,در کتاب نیست,

4548-4,,801520,نه,,روش دیگر,
"""
LATIN_DIGITS = str.maketrans("۰۱۲۳۴۵۶۷۸۹", "0123456789")
READ = [
    Decision("718-7", "801515", "holds", "صورت‌جلسهٔ ۳", "narrower", {"بیمه‌گر": "تأمین"}),
    Decision("2345-7", None, "no-target", "در کتاب نیست"),
    Decision("4548-4", "801520", "not", "روش دیگر"),
]


@pytest.mark.parametrize(
    "content",
    [
        PERSIAN.encode(), b"\xef\xbb\xbf" + PERSIAN.encode(), PERSIAN.replace(",", "\t").encode(),
        PERSIAN.replace(",", ";").replace("\n", "\r\n").encode(),
        PERSIAN.replace("ی", "ي").replace("\u0654", "").translate(LATIN_DIGITS).encode("cp1256"),
    ],
    ids=["utf-8", "with its mark", "tabs", "semicolons", "windows-1256"],
)  # fmt: skip
def test_a_table_in_persian_is_read_however_it_was_saved(content: bytes) -> None:
    read = read_decisions(content, name="تصمیم.csv")
    told = [(d.source, d.target, d.verdict, d.relationship) for d in read]
    assert told == [(d.source, d.target, d.verdict, d.relationship) for d in READ]


def test_a_persian_table_gives_all_that_stands_in_it() -> None:
    assert read_decisions(PERSIAN.encode(), name="t.csv") == READ


def test_json_gives_the_same() -> None:
    rows = [
        {"source": "718-7", "target": "801515", "relationship": "narrower", "reason": "صورت‌جلسهٔ ۳",
         "properties": {"بیمه‌گر": "تأمین"}},
        {"source": "2345-7", "verdict": "no-target", "reason": "در کتاب نیست"},
        {"source": "4548-4", "target": "801520", "verdict": "not", "reason": "روش دیگر"},
    ]  # fmt: skip
    assert read_decisions(orjson.dumps(rows), name="t.json") == READ


def test_a_reason_for_all_stands_where_a_row_gives_none() -> None:
    read = read_decisions(b"source,target,reason\na,x,\nb,y,own\n", name="t.csv", reason="minutes")
    assert [d.reason for d in read] == ["minutes", "own"]


def test_cells_in_quotes_may_hold_separators_and_lines() -> None:
    (one,) = read_decisions(b'source,target,reason\na,x,"one, two\nthree"\n', name="t.csv")
    assert one.reason == "one, two\nthree"


def test_an_empty_object_of_properties_says_that_there_are_none() -> None:
    (one,) = read_decisions(b'[{"source":"a","target":"x","reason":"r","properties":{}}]', name="t.json")
    assert one.properties == {}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "empty"), ("\ufeff\u200f \u2003".encode(), "empty"), (b"  \n ", "empty"),
        (b"PK\x03\x04rest of a workbook", "CSV UTF-8"), (b"a\0b", "no text"),
        ("کد مبدأ,کد مقصد\na,x".encode("utf-16"), "CSV UTF-8"),
        (b"code,title\na,b\n", "headings"), (b"source,source,target\na,a,x\n", "stands twice"),
        (b"source,target,reason\n", "no decision"), (b"source,target,reason\na,x,r,more\n", "line 2"),
        (b"source,target,reason\na,x,r\n,y,r\n", "line 3: The source code is missing"),
        (b"source,target,reason\na,,r\n", "line 2: The target code is missing"),
        (b"source,target,verdict,reason\na,x,maybe,r\n", "line 2: The verdict 'maybe'"),
        (b"source,target,verdict,reason\na,x,no-target,r\n", "line 2: A verdict of no-target takes no target"),
        (b"source,target,relationship,reason\na,x,same,r\n", "line 2: The relationship 'same'"),
        (b"source,target\na,x\n", "line 2: Give the reason"),
        (b"source,target,verdict,relationship,reason\na,x,not,broader,r\n", "line 2: A relationship or properties"),
        (b'source,target,reason\na,x,"r\n', "no table"),
        (b"source,target,verdict,reason\na,x,revoke,r\n", "line 2: Decisions are not revoked by a file"),
        ("map,source,target,reason\nLNC→RVU3,a,x,r\nIRC→eRx,a,x,r\n".encode(), "line 3: the decision is on IRC→eRx"),
        (b"source,target,state,reason\na,x,ended,r\na,y,standing,r\nb,y,rejected,r\n", "2 rows (line 2, 4)"),
        ("کد مبدأ,کد مقصد,حالت,دلیل\na,x,پایان یافته,r\n".encode(), "1 rows (line 2)"),
        (b"source,target,state,reason\na,x,perhaps,r\n", "line 2: the state 'perhaps'"),
        (b"[1]", "array of objects"), (b'{"source":"a"}', "array of objects"), (b"[{]", "not JSON (line 1"),
        (b'[{"source":"a","traget":"x"}]', "element 1: 'traget'"),
        (b'[{"source":5,"target":"x","reason":"r"}]', "element 1: source must be a text"),
        (b'[{"source":"a","target":"x","reason":"r","properties":{"p":{"q":1}}}]', "element 1: properties"),
        (b'[{"source":"a\\u0000","target":"x","reason":"r"}]', "control character"),
        (b'[{"source":"a","target":"x","reason":"r","properties":{"p":"\\u0000"}}]', "properties"),
        (b'[{"source":"a\\u001fb","target":"x","reason":"r"}]', "control character"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_line(content: bytes, told: str) -> None:
    with pytest.raises(BadParameter) as refused:
        read_decisions(content, name="d.csv")
    assert told in refused.value.detail_en
    assert refused.value.detail_en.startswith("d.csv: ")
    assert "«d.csv»" in refused.value.detail_fa


def test_rows_of_another_map_than_the_one_decided_on_are_refused() -> None:
    content = "map,source,target,state,reason\nLNC→RVU3,a,x,standing,r\n,b,x,,r\n".encode()
    for name in ("LNC→RVU3", "lnc--rvu3", "LNC -> RVU3"):
        assert [d.source for d in read_decisions(content, name="d.csv", map_name=name)] == ["a", "b"]
    with pytest.raises(BadParameter, match=r"line 2: the decision is on LNC→RVU3, not on LNC→RVU2"):
        read_decisions(content, name="d.csv", map_name="LNC→RVU2")


@given(
    st.one_of(
        st.binary(max_size=200), st.text(max_size=200).map(lambda t: ("source,target\n" + t).encode("utf-8", "replace"))
    )
)
def test_whatever_comes_is_read_or_refused(content: bytes) -> None:
    try:
        read = read_decisions(content, name="f", reason="چون")
    except BadParameter:
        return
    assert read
    assert all(one.source and (one.target is None) == (one.verdict == "no-target") for one in read)


@pytest.mark.parametrize(
    "given_", [{"source": "a" * 201, "target": "x"}, {"source": "a\nb", "target": "x"}, {"target": "x"}]
)
def test_codes_that_are_none_are_refused(given_: dict[str, Any]) -> None:
    with pytest.raises(BadParameter):
        make_decision({**given_, "reason": "r"})
