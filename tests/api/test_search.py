"""``/search`` and ``/suggest``: what may be asked, and how each wrong question ends."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from maxa.api.parameters import PARAMETERS
from tests.api.asking import Api, api_over
from tests.gateway.clinic import HALF_SPACE, HEMOGLOBIN, LAB_1, LAB_2
from tests.search.lists import IMAGING
from tests.shelves import ShelfBuilder, concept


def codes(reply: dict[str, Any]) -> list[tuple[str, str]]:
    return [(item["terminology"], item["code"]) for item in reply["items"]]


# --- what is found ---------------------------------------------------------------------------------------------------


def test_a_hit_is_the_concept_with_its_title_marked(api: Api) -> None:
    (hit, *_) = api.get("/search", q="هموگلوبين", terminology="lnc").items
    assert hit["highlight"] == "<em>هموگلوبین</em> خون"
    told = api.get("/terminologies/LNC/concepts/718-7").json
    assert hit["title"] == HEMOGLOBIN
    assert {name: hit[name] for name in hit if name != "highlight"} == {
        name: told[name] for name in hit if name in told
    }


def test_one_several_or_all_terminologies_with_counts_for_each(api: Api) -> None:
    every = api.get("/search", q="استامینوفن").json
    assert every["counts"] == {"IRC": 1, "eRx": 1}
    assert every["page"]["total"] == 2
    assert every["total_is_exact"] is True
    assert api.get("/search", q="استامینوفن", terminology="erx").json["counts"] == {"eRx": 1}
    for several in ("/search?q=استامینوفن&terminology=erx,LNC", "/search?q=استامینوفن&terminology=LNC&Terminology=eRx"):
        assert api.get(several).json["counts"] == {"eRx": 1}
    assert api.get("/search", q="استامینوفن", terminology="LNC,IRC,eRx").json["counts"] == {"IRC": 1, "eRx": 1}


def test_what_was_searched_instead_is_told_and_can_be_forbidden(api: Api) -> None:
    instead = api.get("/search", q="hemoglobyn").json
    assert instead["searched_instead"]["text"] == "هموگلوبین"
    assert instead["searched_instead"]["kinds"] == ["letters"]
    assert "هموگلوبین" in instead["searched_instead"]["message_fa"]
    assert ("LNC", "718-7") in codes(instead)
    literal = api.get("/search", q="hemoglobyn", literal="true").json
    assert literal["searched_instead"] is None
    assert literal["items"] == []


def test_filters_narrow_by_declared_properties(api: Api) -> None:
    assert codes(api.get("/search?q=سی‌تی&filter=region:سر").json) == [("Imaging", "1")]
    assert codes(api.get("/search?filter=region:سر&filter=region:زانو").json) == [("Imaging", "1"), ("Imaging", "3")]
    assert codes(api.get("/search?filter=region:سر&filter=part:mri").json) == []
    assert codes(api.get("/search?filter=ناحیه_بدن:زانو").json) == [("Imaging", "3")]


def test_retired_codes_stand_last_and_can_be_left_out(api: Api) -> None:
    every = api.get("/search", q="شکم", terminology="Imaging").json
    assert [item["status"] for item in every["items"]] == ["active", "retired"]
    assert codes(api.get("/search", q="شکم", status="active").json) == [("Imaging", "2")]
    assert codes(api.get("/search", q="شکم", status="retired").json) == [("Imaging", "4")]


def test_an_older_edition_is_searched_with_its_own_index(api: Api) -> None:
    asked = {"q": "هموگلوبین خون", "terminology": "LNC", "literal": "true"}
    assert [item["version"] for item in api.get("/search", **asked).items] == [LAB_2]
    assert api.get("/search", version=LAB_1, **asked).items == []
    assert api.get("/search", date="1402/03/01", **asked).items == []
    (older, *_) = api.get("/search", q="هموگلوبین", terminology="LNC", date="1402/03/01").items
    assert (older["version"], older["title"]) == (LAB_1, "هموگلوبین")
    assert api.get("/search", version="current", **asked).json == api.get("/search", **asked).json


def test_suggestions_follow_every_letter(api: Api) -> None:
    for length in range(1, len(HEMOGLOBIN)):
        items = api.get("/suggest", q=HEMOGLOBIN[:length]).items
        assert "718-7" in [item["code"] for item in items]
        titles = [item["title"] for item in items]
        assert len(titles) == len(set(titles))
    (one,) = api.get("/suggest", q="استا", terminology="IRC,LNC").items
    assert one["terminology"] == "IRC"
    assert one["highlight"].startswith("<em>استا")
    assert api.get("/suggest", q=" ").items == []
    assert len(api.get("/suggest", q="س", limit=1).items) == 1


# --- pages -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 2, 3, 200])
def test_pages_put_together_are_the_whole(tmp_path: Path, size: int) -> None:
    shelf = ShelfBuilder(tmp_path / "shelf")
    shelf.publish("Imaging", IMAGING)
    shelf.publish("T", [concept(str(n), f"سونوگرافی {n}") for n in range(9)])
    api = api_over(tmp_path / "shelf", tmp_path)
    whole = api.get("/search", q="سونوگرافی", page_size=200).json
    assert whole["page"] == {"total": 11, "size": 11, "next": None}
    pages = list(api.pages("/search", q="سونوگرافی", page_size=size))
    assert [hit for page in pages for hit in codes(page)] == codes(whole)
    assert {page["page"]["total"] for page in pages} == {11}


def test_a_cursor_goes_on_after_a_publication_and_refuses_another_question(tmp_path: Path) -> None:
    shelf = ShelfBuilder(tmp_path / "shelf")
    shelf.publish("T", [concept(str(n), f"سونوگرافی {n}") for n in range(4)], day="1401/01/01")
    api = api_over(tmp_path / "shelf", tmp_path)
    first = api.get("/search", q="سونوگرافی", page_size=2).json
    shelf.publish("T", [concept("9", "سونوگرافی تازه")], day="1402/01/01")
    second = api.get("/search", q="سونوگرافی", cursor=first["page"]["next"]).json
    assert [code for _, code in codes(first) + codes(second)] == ["0", "1", "2", "3"]
    assert {item["version"] for item in second["items"]} == {"1401-01-01"}
    answer = api.get("/search", q="رادیوگرافی", cursor=first["page"]["next"])
    assert answer.refusal == (400, "bad-cursor", "cursor")
    listed = api.get("/terminologies/T/concepts", page_size=1, version="1401-01-01").json["page"]["next"]
    assert api.get("/search", cursor=listed).refusal == (400, "bad-cursor", "cursor")


def test_the_same_search_is_not_sent_twice(api: Api) -> None:
    for path in ("/search", "/suggest"):
        first = api.get(path, q="هموگلوبین")
        again = api.get(path, {"If-None-Match": first.headers["ETag"]}, q="هموگلوبین")
        assert (again.status, again.body) == (304, b"")
        assert again.headers["X-Maxa-Serial"] == first.headers["X-Maxa-Serial"]


# --- what can't be answered ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "refusal"),
    [
        ("/search", (400, "missing-parameter", "q")),
        ("/search?q=", (400, "missing-parameter", "q")),
        ("/suggest", (400, "missing-parameter", "q")),
        ("/search?q=a&q=b", (400, "duplicate-parameter", "q")),
        ("/search?q=a&terminology=LNX", (404, "unknown-terminology", "terminology")),
        ("/suggest?q=a&terminology=LNX", (404, "unknown-terminology", "terminology")),
        ("/search?q=a&terminology=LNC,", (400, "bad-parameter", "terminology")),
        ("/search?q=a&terminology=LNC--RVU3", (404, "unknown-terminology", "terminology")),
        ("/search?q=a&terminology=" + ",".join("abcdefgh"[n % 8] + str(n) for n in range(201)),
         (400, "bad-parameter", "terminology")),
        ("/search?q=a&filter=color:red", (400, "bad-parameter", "filter")),
        ("/search?q=a&filter=red", (400, "bad-parameter", "filter")),
        ("/search?q=a&filter=unit:" + "x" * 200, (400, "bad-parameter", "filter")),
        ("/search?q=a" + "&filter=unit:x" * 17, (400, "bad-parameter", "filter")),
        ("/search?q=a&version=1300-01-01", (404, "unknown-version", "version")),
        ("/search?q=a&terminology=LNC&date=1300/01/01", (404, "unknown-version", "date")),
        ("/search?q=a&page_size=201", (400, "page-too-large", "page_size")),
        ("/search?q=a&page_size=0", (400, "bad-parameter", "page_size")),
        ("/search?q=a&limit=3", (400, "unknown-parameter", "limit")),
        ("/suggest?q=a&limit=21", (400, "bad-parameter", "limit")),
        ("/search?q=a&status=old", (400, "bad-parameter", "status")),
        ("/search?q=a&cursor=abc", (400, "bad-cursor", "cursor")),
        ("/search?q=" + "x" * 10_000, (400, "bad-parameter", "q")),
        ("/suggest?q=" + "x+" * 40, (400, "bad-parameter", "q")),
        ("/search?q=%ED%A0%80", (400, "bad-parameter", None)),
    ],
)  # fmt: skip
def test_a_question_that_is_wrong_is_refused_by_name(api: Api, path: str, refusal: tuple[int, str, str | None]) -> None:
    assert api.get(path).refusal == refusal


@pytest.mark.parametrize(
    "q",
    [
        "((",
        'a:b:"c',
        "\0",
        "code:\0*",
        '"',
        "-",
        "- -",
        "*:*",
        "NOT",
        "یا یا",
        HALF_SPACE,
        "\u202e",
        "{fa} : x",
        "'; --",
    ],
)
def test_a_hostile_question_is_answered(api: Api, q: str) -> None:
    for path in ("/search", "/suggest"):
        assert api.get(path, q=q).status == 200


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(q=st.text(max_size=60), filters=st.lists(st.text(max_size=20), max_size=2), literal=st.booleans())
def test_any_question_is_answered_or_refused(api: Api, q: str, filters: list[str], literal: bool) -> None:
    q = q.encode(errors="surrogatepass").decode(errors="replace")
    answer = api.get("/search", q=q, literal=literal, filter=[f.encode(errors="replace").decode() for f in filters])
    assert answer.status in (200, 400)
    assert api.get("/suggest", q=q).status in (200, 400)


@pytest.mark.parametrize(
    "text",
    [
        "unit:g/dL",
        "unit:10 mg",
        " unit : 10 mg ",
        "ناحیه بدن:سر و گردن",
        "unit:a:b",
        "unit",
        ":x",
        " :x",
        "unit:",
        "unit: ",
        ":unit:x",
    ],
)
def test_the_documents_pattern_of_a_filter_takes_what_the_server_takes(api: Api, text: str) -> None:
    [declared] = [one for one in PARAMETERS if one.name == "filter"]
    documented = re.search(declared.schema["items"]["pattern"], text) is not None
    reply = api.get("/search?q=x&filter=" + quote(text, safe=""))
    assert (b"property:value" in reply.body) is not documented
