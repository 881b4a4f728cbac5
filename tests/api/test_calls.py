"""How /api/v1 is called: parameters, bodies, problems, validators, and what never leaves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

import maxa.errors
from maxa.api.problems import TITLES, statuses
from maxa.errors import MaxaError
from tests.api.asking import BASE, Api, api_over
from tests.gateway.clinic import clinic

CODES = "/terminologies/LNC/concepts"
TRANSLATE = "/maps/LNC--RVU3/translate"


# --- parameters ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["page_size", "PAGE_SIZE", "Page_Size", "PageSize", "pagesize"])
def test_parameters_are_read_in_any_letter_case(api: Api, name: str) -> None:
    assert len(api.get(CODES, **{name: 2}).items) == 2


@pytest.mark.parametrize(
    ("name", "meant"), [("page_siz", "page_size"), ("versoin", "version"), ("statsu", "status"), ("cusror", "cursor")]
)
def test_a_near_miss_is_refused_and_the_right_name_is_told(api: Api, name: str, meant: str) -> None:
    answer = api.get(CODES, **{name: 1})
    assert answer.refusal == (400, "unknown-parameter", name)
    assert answer.problem["suggestions"] == [meant]


def test_a_parameter_of_another_address_is_refused(api: Api) -> None:
    answer = api.get(CODES, kind="added")
    assert answer.refusal == (400, "unknown-parameter", "kind")
    assert "page_size" in answer.problem["detail_en"]
    assert api.get("/terminologies/LNC/releases", page_size=3).refusal == (400, "unknown-parameter", "page_size")


def test_any_other_unknown_parameter_is_ignored_and_named(api: Api) -> None:
    answer = api.get(CODES, _="1", utm="x")
    assert answer.status == 200
    assert answer.headers["X-Maxa-Ignored"] == "_, utm"


@pytest.mark.parametrize(
    ("query", "refusal"),
    [
        ("page_size=0", (400, "bad-parameter", "page_size")),
        ("page_size=x", (400, "bad-parameter", "page_size")),
        ("page_size=10001", (400, "page-too-large", "page_size")),
        ("page_size=1&PageSize=2", (400, "duplicate-parameter", "page_size")),
        ("status=old", (400, "bad-parameter", "status")),
        ("status=", (400, "bad-parameter", "status")),
        ("date=1402/13/01", (400, "bad-date", "date")),
        ("date=1402/12/30", (400, "bad-date", "date")),
        ("date=1390/01/01", (404, "unknown-version", "date")),
        ("version=1300-01-01", (404, "unknown-version", "version")),
        ("version=", (400, "bad-parameter", "version")),
        ("cursor=abc", (400, "bad-cursor", "cursor")),
        ("parent=%FF", (400, "bad-parameter", None)),
    ],
)
def test_a_wrong_value_is_refused_by_its_parameter(api: Api, query: str, refusal: tuple[int, str, str | None]) -> None:
    assert api.get(f"{CODES}?{query}").refusal == refusal


@pytest.mark.parametrize("history", ["-1", "101", "x", "9" * 30])
def test_a_count_out_of_range_is_refused(api: Api, history: str) -> None:
    assert api.get(f"{CODES}/718-7", history=history).refusal == (400, "bad-parameter", "history")


# --- bodies ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [TRANSLATE, "/validate"])
@pytest.mark.parametrize("body", [b"", b"{", b"[1,]", b'"718-7"', b"null", b"\xff\xfe", b"[" * 5_000])
def test_a_body_that_is_no_json_is_refused(api: Api, path: str, body: bytes) -> None:
    assert api.post(path, body).refusal[:2] == (400, "bad-body")


@pytest.mark.parametrize("path", [TRANSLATE, "/validate"])
@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
)
def test_another_media_type_is_refused(api: Api, path: str, content_type: str) -> None:
    answer = api.ask("POST", path, data=b'["718-7"]', content_type=content_type)
    assert answer.refusal == (415, "unsupported-media-type", "Content-Type")
    assert answer.headers["Accept"] == "application/json"


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "application/vnd.api+json", None])
def test_json_goes_by_several_names(api: Api, content_type: str | None) -> None:
    assert api.ask("POST", TRANSLATE, data=b'["718-7"]', content_type=content_type).status == 200


def test_a_body_too_large_is_refused(library_shelf: Path, tmp_path: Path) -> None:
    small = api_over(library_shelf, tmp_path, max_body="2048")
    assert small.post(TRANSLATE, ["718-7"] * 1_000).refusal == (413, "body-too-large", None)
    assert small.post(TRANSLATE, ["718-7"]).status == 200


def test_a_name_given_twice_in_a_body_is_refused(api: Api) -> None:
    assert api.post(TRANSLATE, b'{"codes": [], "codes": []}').refusal == (400, "duplicate-parameter", "codes")


# --- validation, as the gateway's ------------------------------------------------------------------------------------


def test_validation_says_what_the_gateway_says(api: Api) -> None:
    triple = {"Terminology_id": "lnc", "Coded_string": "718-7", "Value": "گلوکز"}
    gateway = orjson.loads(api.http.post("/gwmaksa/ValidateCts", json=triple).data)["data"]
    assert api.post("/validate", triple).json == gateway
    assert api.post("/validate", [triple, triple]).items == [gateway, gateway]
    assert [i["severity"] for i in api.post("/validate", triple, strict="true").json["Issues"]] == ["info", "error"]


def test_validation_reads_the_edition_asked_for(api: Api) -> None:
    triple = {"Terminology_id": "LNC", "Coded_string": "789-8", "Value": "شمارش گلبول قرمز"}
    assert not api.post("/validate", triple).json["IsValid"]
    assert api.post("/validate", triple, date="1402/03/01").json["IsValid"]


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        ([{"Terminology_id": "LNC"}, 5], (400, "bad-body", "[1]")),
        ([{"Coded_strin": "1"}], (400, "unknown-parameter", "[0].Coded_strin")),
        ({"x": 1}, (400, "missing-parameter", "Terminology_id")),
        ({}, (400, "bad-body", None)),
        ([{}] * 10_001, (413, "too-many-codes", None)),
    ],
)
def test_what_is_no_coded_text_is_refused_by_its_place(
    api: Api, body: Any, refusal: tuple[int, str, str | None]
) -> None:
    assert api.post("/validate", body).refusal == refusal


# --- problems --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["/nothing", "", "/", "/terminologies/LNC/nothing", "//terminologies", "/concepts/%00"]
)
def test_an_unknown_address_is_a_problem(api: Api, path: str) -> None:
    assert api.ask("GET", f"{BASE}{path}").refusal[:2] == (404, "not-found")


@pytest.mark.parametrize(
    ("method", "path"), [("DELETE", CODES), ("PUT", "/maps"), ("GET", "/validate"), ("POST", "/changes")]
)
def test_a_wrong_method_is_a_problem_with_the_right_ones(api: Api, method: str, path: str) -> None:
    answer = api.ask(method, path)
    assert answer.refusal == (405, "method-not-allowed", None)
    assert answer.headers["Allow"]


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        (None, "en"),
        ("fa", "fa"),
        ("fa-IR,fa;q=0.9,en;q=0.5", "fa"),
        ("en;q=0.1, fa;q=0.2", "fa"),
        ("de", "en"),
        ("*", "en"),
    ],
)
def test_problems_speak_the_language_asked_for(api: Api, accepted: str | None, language: str) -> None:
    for path in ("/terminologies/LNX", "/nothing"):
        answer = api.get(path, {"Accept-Language": accepted} if accepted else None)
        assert answer.headers["Content-Language"] == language
        assert answer.problem["detail"] == answer.problem[f"detail_{language}"]
        assert answer.problem["title"] == getattr(TITLES[answer.problem["code"]], language)


def test_every_error_that_a_reader_may_meet_has_a_title_and_an_address(api: Api) -> None:
    for code, status in statuses().items():
        told = api.get(f"/errors/{code}").json
        assert (told["code"], told["status"], told["title_fa"]) == (code, status, TITLES[code].fa)
    assert api.get("/errors/nothing").refusal == (404, "not-found", "error")
    kinds = {k.code: k for k in vars(maxa.errors).values() if isinstance(k, type) and issubclass(k, MaxaError)}
    assert set(TITLES) <= set(kinds)
    # What only the registry, the importers and the command line raise.
    others = {kind.code for kind in kinds.values()} - set(TITLES)
    assert all(kinds[code].status in (409, 422, 500) for code in others)


def test_what_was_not_foreseen_shows_no_trace(
    library_shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("SELECT * FROM secrets")

    monkeypatch.setattr("maxa.api.publications.events", broken)
    answer = api_over(library_shelf, tmp_path).get("/changes")
    assert answer.refusal == (500, "internal-error", None)
    assert "SELECT" not in answer.body.decode()


def test_a_shelf_that_can_not_be_read_is_unavailable(tmp_path: Path) -> None:
    clinic(tmp_path / "shelf")
    api = api_over(tmp_path / "shelf", tmp_path)
    (tmp_path / "shelf" / "catalogue.json").write_text("{")
    assert api.get("/terminologies").refusal == (503, "unavailable", None)


def test_an_empty_shelf_is_served(tmp_path: Path) -> None:
    api = api_over(tmp_path / "none", tmp_path)
    assert (api.get("/terminologies").items, api.get("/maps").items) == ([], [])
    assert api.get("/changes").json == {"after": 0, "serial": 0, "more": False, "items": []}


# --- validators ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/terminologies", "/terminologies/LNC", CODES, f"{CODES}/718-7", "/terminologies/LNC/releases", "/maps",
        "/terminologies/LNC/releases/current", "/terminologies/LNC/releases/current/diff", f"{TRANSLATE}?code=718-7",
        "/terminologies/LNC/releases/current/diff.csv", "/terminologies/LNC/releases/current/export.csv",
        "/terminologies/LNC/releases/current/export.json", "/terminologies/LNC/releases/current/export.xlsx",
        "/maps/LNC--RVU3/unmapped", "/changes", "/openapi.json", "/errors/not-found",
    ],
)  # fmt: skip
def test_what_a_client_holds_is_not_sent_again(api: Api, path: str) -> None:
    first = api.get(path)
    assert first.headers["X-Maxa-Serial"] == "13"
    tag = first.headers["ETag"]
    again = api.get(path, {"If-None-Match": tag})
    assert (again.status, again.body, again.headers["ETag"]) == (304, b"", tag)
    assert api.get(path, {"If-None-Match": '"other"'}).status == 200
    head = api.ask("HEAD", path)
    assert (head.status, head.body, head.headers["ETag"]) == (200, b"", tag)


def test_a_publication_changes_what_it_touches_alone(tmp_path: Path) -> None:
    shelf = clinic(tmp_path / "shelf")
    api = api_over(tmp_path / "shelf", tmp_path)
    tags = {path: api.get(path).headers["ETag"] for path in (CODES, "/terminologies/IRC/concepts")}
    from tests.shelves import concept

    shelf.publish("IRC", [concept("0579693345955352", "تازه")], day="1403/01/01")
    assert api.get(CODES, {"If-None-Match": tags[CODES]}).status == 304
    assert api.get("/terminologies/IRC/concepts", {"If-None-Match": tags["/terminologies/IRC/concepts"]}).status == 200


# --- publications ----------------------------------------------------------------------------------------------------


def test_every_publication_and_withdrawal_is_told_in_order(api: Api) -> None:
    reply = api.get("/changes").json
    told = [(e["serial"], e["event"], e["release"]["terminology"], e["release"]["version"]) for e in reply["items"]]
    assert [serial for serial, *_ in told] == [*range(1, 13), 13, 13]
    assert told[-2:] == [
        (13, "withdrawn", "Imaging", "1401-05-05"), (13, "published", "Imaging", "1401-06-01"),
    ]  # fmt: skip
    assert (reply["serial"], reply["more"]) == (13, False)


def test_a_client_that_goes_on_from_the_serial_misses_nothing_and_repeats_nothing(api: Api) -> None:
    whole = api.get("/changes").items
    for size in (1, 2, 5, 13, 100):
        found: list[Any] = []
        after, more = 0, True
        while more:
            reply = api.get("/changes", after=after, page_size=size).json
            found += reply["items"]
            after, more = reply["serial"], reply["more"]
        assert found == whole
        assert after == 13
    assert api.get("/changes", after=13).items == []


def test_after_a_serial_that_is_still_to_come_the_true_one_is_told(api: Api) -> None:
    true = int(api.get("/changes").headers["X-Maxa-Serial"])
    told = api.get("/changes", after=true + 86).json
    assert (told["after"], told["serial"], told["more"], told["items"]) == (true + 86, true, False, [])


@pytest.mark.parametrize("after", ["-1", "x", "1.5", str(2**60), ""])
def test_a_serial_that_is_none_is_refused(api: Api, after: str) -> None:
    assert api.get(f"/changes?after={after}").refusal == (400, "bad-parameter", "after")
