"""Requests by the API: taken once, followed, refused with a sentence, and at the centre alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from maxa.access.clients import RateLimit, write_clients
from maxa.api import requesting
from maxa.requests.asking import MOST_ROWS
from maxa.requests.spool import Spool
from maxa.web.throttle import Throttle
from tests.api.asking import SAMPLE, Answer, Api, api_over
from tests.api.test_access import client, headers

GOOD: dict[str, Any] = {
    "kind": "missing-code", "terminology": "lnc", "organisation": "بیمهٔ نمونه", "rows": [{"title": "آ"}, {"code": 12}]
}  # fmt: skip


@pytest.fixture(autouse=True)
def fresh_allowance(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("filings", "followings"):
        monkeypatch.setattr(requesting, name, Throttle(RateLimit(1_000, "minute")))


@pytest.fixture
def centre(library_shelf: Path, tmp_path: Path) -> Api:
    return api_over(library_shelf, tmp_path)


def send(api: Api, body: Any, known: dict[str, str] | None = None, key: str | None = None) -> Answer:
    given = {**(known or {}), **({"Idempotency-Key": key} if key is not None else {})}
    return api.ask("POST", "/requests", given, data=orjson.dumps(body), content_type="application/json")


def test_a_request_gets_a_number_and_is_followed_by_it(centre: Api) -> None:
    receipt = send(centre, GOOD).json
    assert receipt["rows"] == 2
    assert not receipt["existing"]
    for number in (receipt["tracking"], receipt["tracking"].lower().replace("-", "")):
        told = centre.get(f"/requests/{number}").json
        assert (told["state"], told["terminology"], told["updated_at"]) == ("received", "LNC", None)
        assert [(row["code"], row["title"], row["state"]) for row in told["items"]] == [
            ("", "آ", "received"), ("12", "", "received"),
        ]  # fmt: skip


def test_a_retry_is_known_by_its_key_or_its_content(centre: Api) -> None:
    first = send(centre, GOOD, key="k1").json["tracking"]
    again = send(centre, GOOD, key="k1").json
    assert (again["tracking"], again["existing"]) == (first, True)
    assert send(centre, {**GOOD, "note": "x"}, key="k1").refusal == (400, "bad-parameter", "Idempotency-Key")
    by_content = send(centre, GOOD).json["tracking"]
    assert send(centre, GOOD).json == {**send(centre, GOOD).json, "tracking": by_content, "existing": True}
    for bad in ("", "x" * 201, "a b"):
        assert send(centre, GOOD, key=bad).refusal == (400, "bad-parameter", "Idempotency-Key")


def test_answers_are_told_row_by_row_with_what_is_published(api: Api) -> None:
    told = api.get(f"/requests/{SAMPLE}").json
    first, second = told["items"]
    assert (first["state"], first["answer"]["code"], first["answer"]["published"]) == ("existing", "718-7", True)
    assert (second["state"], second["answer"]) == ("in_review", None)
    assert told["counts"] == {"received": 0, "in_review": 1, "assigned": 0, "existing": 1, "refused": 0}


def test_a_coming_code_is_told_with_its_day_until_readers_find_it(library_shelf: Path, tmp_path: Path) -> None:
    centre = api_over(library_shelf, tmp_path)
    spool = Spool(tmp_path / "requests")
    number = send(centre, GOOD).json["tracking"]
    (record,) = spool.waiting()
    for code, published, expected in (("new-1", False, "1405/09/01"), ("718-7", True, None)):
        answer = {
            "kind": "assigned", "terminology": "LNC", "code": code, "reason": "", "at": record["received_at"],
            "pending": True, "expected": "2026-11-22",
        }  # fmt: skip
        rows = [{**record["rows"][0], "answer": answer}]
        spool.show({**record, "state": "answered", "rows": rows, "updated_at": record["received_at"]})
        (row,) = centre.get(f"/requests/{number}").json["items"]
        assert (row["answer"]["published"], row["answer"]["expected"]) == (published, expected)


@pytest.mark.parametrize("number", ["x", "7K3M-9QXD-2TRA", "0000-0000-0000", "..%2F..%2Fclients", "%00", "٪٪"])
def test_a_wrong_number_is_not_found(centre: Api, number: str) -> None:
    assert centre.get(f"/requests/{number}").refusal[:2] == (404, "not-found")


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        ({}, (400, "bad-body", None)), ([], (400, "bad-body", "rows")), ([GOOD], (400, "bad-body", "rows")),
        ({**GOOD, "rows": "x"}, (400, "bad-body", "rows")), ({**GOOD, "rows": []}, (400, "missing-parameter", "rows")),
        ({**GOOD, "rows": ["x"]}, (400, "bad-body", "rows[1]")), ({**GOOD, "rows": [{}]}, (400, "bad-body", "rows[1]")),
        ({**GOOD, "rows": [{"title": "آ", "titel": 1}]}, (400, "unknown-parameter", "rows[1].titel")),
        ({**GOOD, "rows": [{"title": "x" * 501}]}, (400, "bad-parameter", "rows[1].title")),
        ({**GOOD, "rows": [{"title": ["آ"]}]}, (400, "bad-parameter", "rows[1].title")),
        ({**GOOD, "rows": [{"code": True}]}, (400, "bad-parameter", "rows[1].code")),
        ({**GOOD, "kind": "x"}, (400, "bad-parameter", "kind")), ({**GOOD, "organisation": ""}, (400, "missing-parameter", "organisation")),
        ({**GOOD, "terminology": "LNX"}, (404, "unknown-terminology", "terminology")),
        ({**GOOD, "email": "x"}, (400, "unknown-parameter", "email")),
        ({**GOOD, "rows": [{"code": str(n)} for n in range(MOST_ROWS + 1)]}, (413, "too-many-codes", "rows")),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_by_its_field_and_nothing_is_kept(
    centre: Api, tmp_path: Path, body: Any, refusal: tuple[int, str, str | None]
) -> None:
    assert send(centre, body).refusal == refusal
    assert not list((tmp_path / "requests").rglob("*.json"))


def test_a_token_is_asked_for_and_says_who_the_client_is(library_shelf: Path, tmp_path: Path) -> None:
    write_clients(tmp_path / "clients.json", [client("his"), client("other")])
    guarded = api_over(library_shelf, tmp_path, access="token")
    assert send(guarded, GOOD).refusal[:2] == (401, "not-authenticated")
    assert guarded.get(f"/requests/{SAMPLE}").refusal[:2] == (401, "not-authenticated")
    his, other = headers(guarded, "his"), headers(guarded, "other")
    first = send(guarded, {**GOOD, "client_id": "someone-else"}, his, key="1").json["tracking"]
    (record,) = Spool(tmp_path / "requests").waiting()
    assert (record["client_id"], record["authenticated"], record["channel"]) == ("his", True, "api")
    assert send(guarded, {**GOOD, "note": "x"}, other, key="1").json["tracking"] != first  # keys are each client's own
    assert guarded.get(f"/requests/{first}", his).status == 200


def test_one_client_may_not_file_without_end(centre: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requesting, "filings", Throttle(RateLimit(1, "minute")))
    assert send(centre, GOOD).status == 200
    refused = send(centre, {**GOOD, "note": "x"})
    assert refused.refusal[:2] == (429, "too-many-requests")
    assert int(refused.headers["Retry-After"]) > 0


def test_what_is_refused_counts_as_well(centre: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requesting, "filings", Throttle(RateLimit(2, "minute")))
    answers = [send(centre, body).refusal[0] for body in ([], {**GOOD, "rows": [7]}, {**GOOD, "rows": [7]})]
    assert answers == [400, 400, 429]


def test_numbers_are_not_guessed_without_end(centre: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    number = send(centre, GOOD).json["tracking"]
    monkeypatch.setattr(requesting, "followings", Throttle(RateLimit(2, "minute")))
    assert centre.get("/requests/0000-0000-0000").status == 404
    assert centre.get(f"/requests/{number}").status == 200
    refused = centre.get(f"/requests/{number}")
    assert refused.refusal[:2] == (429, "too-many-requests")
    assert int(refused.headers["Retry-After"]) > 0


@pytest.mark.parametrize(
    ("config", "address"),
    [({"url": "https://maxa.example.ir/shelf/"}, "https://maxa.example.ir/requests"), ({"url": None}, None),
     ({"url": "/mnt/stick"}, None), ({"url": 7}, None), (None, None)],
)  # fmt: skip
def test_a_mirror_takes_none_and_says_where_the_centre_is(
    library_shelf: Path, tmp_path: Path, config: dict[str, Any] | None, address: str | None
) -> None:
    if config is not None:
        (tmp_path / "mirror").mkdir()
        (tmp_path / "mirror" / "config.json").write_bytes(orjson.dumps(config))
    mirror = api_over(library_shelf, tmp_path, role="mirror")
    for answer in (send(mirror, GOOD), mirror.get(f"/requests/{SAMPLE}")):
        assert answer.refusal == (421, "only-at-centre", None)
        assert answer.problem["suggestions"] == ([address] if address else [])
    assert not (tmp_path / "requests").exists()
