"""docs/contract.md §1: the envelope, errors, caching."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from maxa.gateway import door as door_module
from maxa.gateway.envelope import WholeResponse, is_held
from tests.gateway.asking import MINISTRY, SHORT, Answer, Door, door_to
from tests.gateway.clinic import clinic
from tests.gateway.rules import rule
from tests.shelves import ShelfBuilder, concept

GETS = (
    "CtsTerminologies", "Terminology?Terminology=LNC&Code=718-7", "Terminology?Terminology=LNC&Search=گلبول",
    "SearchTerminology?Terminology=LNC", "SearchTerminology?Terminology=LNC&PageSize=2",
    "SearchTerminology?Terminology=LNC&FromDate=1404/10/11 16:30:00", "SearchTerminology?Terminology=LNC&Search=خون",
    "ValidateCts?Terminology_id=LNC&Coded_string=718-7",
)  # fmt: skip
REFUSALS = (
    "Nope",
    "Terminology",
    "Terminology?Terminology=LNC&Code=none",
    "SearchTerminology?Terminology=LNC&Serach=x",
)


def everything(door: Door) -> Iterator[Answer]:
    for path in GETS + REFUSALS:
        yield door.raw(f"{SHORT}/{path}")


@rule("1.19")
@pytest.mark.parametrize("path", GETS)
def test_the_envelope_has_these_members_in_this_order(door: Door, path: str) -> None:
    answer = door.raw(f"{MINISTRY}/{path}")
    is_list = isinstance(answer.data, list)
    expected = ["data", "isSuccess", "waitTime", "statusCode", "message"] + (["page"] if is_list else [])
    assert list(answer.envelope) == expected
    assert type(answer.envelope["waitTime"]) is int
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"


@rule("1.20")
@pytest.mark.parametrize("path", GETS)
def test_lists_tell_their_total_and_size(door: Door, path: str) -> None:
    answer = door.raw(f"{SHORT}/{path}")
    if isinstance(answer.data, list):
        assert set(answer.page) == {"total", "size", "next"}
        assert answer.page["size"] == len(answer.data)
        assert answer.page["total"] >= answer.page["size"]
        assert (answer.page["next"] is None) == (answer.page["total"] == answer.page["size"])
    else:
        assert "page" not in answer.envelope


@rule("1.21")
@pytest.mark.parametrize("path", REFUSALS)
def test_errors_speak_persian_and_english(door: Door, path: str) -> None:
    error = door.raw(f"{SHORT}/{path}").error
    assert re.search("[آ-ی]", error["detail_fa"])
    assert re.search("[A-Za-z]{3}", error["detail_en"])
    assert "ي" not in error["detail_fa"]
    assert "ك" not in error["detail_fa"]


@rule("1.22")
def test_what_was_not_foreseen_says_nothing_of_itself(
    clinic_shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("SELECT secret FROM /var/lib/maxa")

    monkeypatch.setitem(door_module._ANSWERS, "Terminology", fail)
    answer = door_to(clinic_shelf, tmp_path).get("Terminology", Terminology="LNC", Code="718-7")
    assert answer.refusal == (500, "internal-error", None)
    assert "SELECT" not in answer.text
    assert "/var" not in answer.text
    assert "Traceback" not in answer.text
    assert answer.headers["X-Request-Id"]


@rule("1.22")
def test_a_damaged_file_is_unavailable_and_the_others_go_on(tmp_path: Path) -> None:
    clinic(tmp_path / "shelf")
    door = door_to(tmp_path / "shelf", tmp_path)
    assert door.get("Terminology", Terminology="LNC", Code="718-7").status == 200
    path = tmp_path / "shelf" / "LNC" / "1402-05-01.maxa"
    whole = path.read_bytes()
    damaged = {
        "truncated": whole[:-100],
        "tampered": whole.replace("هموگلوبین".encode(), "هموگلوبان".encode()),
        "empty": b"",
    }
    for content in damaged.values():
        path.write_bytes(content)
        for service, asked in (("Terminology", {"Code": "718-7"}), ("SearchTerminology", {})):
            answer = door.get(service, Terminology="LNC", **asked)
            assert answer.refusal == (503, "unavailable", None)
            assert answer.headers["Retry-After"]
            assert str(tmp_path) not in answer.text
            assert answer.headers["X-Maxa-Serial"] == "8"
    path.unlink()
    assert door.get("ValidateCts", Terminology_id="LNC", Coded_string="718-7").refusal[:2] == (503, "unavailable")
    assert door.get("Terminology", Terminology="IRC", Code="0579693345955352").status == 200
    assert door.get("Terminology", Terminology="LNC", Code="718-7", Version="1402-02-18").status == 200
    path.write_bytes(whole)
    assert door.get("Terminology", Terminology="LNC", Code="718-7").status == 200


@rule("1.22")
@pytest.mark.parametrize("content", [b"{", b"[]", b'{"format": 99}', b"\xff", b""])
def test_a_damaged_catalogue_is_unavailable(tmp_path: Path, content: bytes) -> None:
    clinic(tmp_path / "shelf")
    door = door_to(tmp_path / "shelf", tmp_path)
    (tmp_path / "shelf" / "catalogue.json").write_bytes(content)
    assert door.get("CtsTerminologies").refusal == (503, "unavailable", None)


@rule("1.22")
def test_a_catalogue_that_can_not_be_read_at_all_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "shelf" / "catalogue.json").mkdir(parents=True)
    assert door_to(tmp_path / "shelf", tmp_path).get("CtsTerminologies").refusal == (503, "unavailable", None)


def test_an_empty_shelf_is_served(tmp_path: Path) -> None:
    door = door_to(tmp_path / "shelf", tmp_path)
    answer = door.get("CtsTerminologies")
    assert (answer.data, answer.page["total"], answer.headers["X-Maxa-Serial"]) == ([], 0, "0")
    assert door.get("Terminology", Terminology="LNC", Code="1").refusal[:2] == (404, "unknown-terminology")
    item = door.get("ValidateCts", Terminology_id="LNC", Coded_string="718-7", Value="x").data
    assert (item["IsValid"], item["Suggestions"]) == (False, [])


@rule("1.23")
def test_every_get_carries_serial_and_etag(door: Door) -> None:
    for answer in everything(door):
        assert answer.headers["X-Maxa-Serial"] == "8"
        assert re.fullmatch(r'W/"[0-9a-f]{24}"', answer.headers["ETag"])


@rule("1.23")
@pytest.mark.parametrize("path", GETS)
def test_a_client_that_holds_the_reply_gets_304(door: Door, path: str) -> None:
    tag = door.raw(f"{SHORT}/{path}").headers["ETag"]
    for held in (tag, tag.removeprefix("W/"), f'"other", {tag}', "*", f'W/"x",{tag}'):
        answer = door.raw(f"{MINISTRY}/{path}", headers={"If-None-Match": held})
        assert (answer.status, answer.text) == (304, "")
        assert (answer.headers["ETag"], answer.headers["X-Maxa-Serial"]) == (tag, "8")
        assert "Content-Type" not in answer.headers
    for other in ('"other"', tag.strip("W/").strip('"'), "", "x" * 10_000):
        assert door.raw(f"{SHORT}/{path}", headers={"If-None-Match": other}).status == 200


@rule("1.23")
def test_an_error_is_never_304(door: Door) -> None:
    assert door.raw(f"{SHORT}/Terminology?Terminology=LNC&Code=no", headers={"If-None-Match": "*"}).status == 404


@rule("1.23")
def test_the_etag_changes_with_the_content_and_with_nothing_else(tmp_path: Path) -> None:
    shelf = ShelfBuilder(tmp_path / "shelf")
    shelf.publish("LNC", [concept("1", "یک"), concept("2", "دو")], day="1402/01/01")
    door = door_to(tmp_path / "shelf", tmp_path)
    paths = ("Terminology?Terminology=LNC&Code=1", "SearchTerminology?Terminology=LNC", "Terminology?Terminology=LNC&Search=یک",
             "SearchTerminology?Terminology=LNC&PageSize=1", "ValidateCts?Terminology_id=LNC&Coded_string=1")  # fmt: skip
    before = [door.raw(f"{SHORT}/{p}").headers["ETag"] for p in paths]
    assert len(set(before)) == len(paths)
    shelf.publish("ICD10", [concept("A", "وبا")])
    again = [door.raw(f"{SHORT}/{p}") for p in paths]
    assert [a.headers["ETag"] for a in again] == before
    assert {a.headers["X-Maxa-Serial"] for a in again} == {"2"}
    shelf.publish("LNC", [concept("1", "یکم"), concept("2", "دو")], day="1402/02/01")
    after = [door.raw(f"{SHORT}/{p}").headers["ETag"] for p in paths]
    assert all(a != b for a, b in zip(after, before, strict=True))


@rule("1.23")
@pytest.mark.parametrize(
    ("header", "held"),
    [
        ('W/"a"', True),
        ('"a"', True),
        ('"b", "a"', True),
        ("*", True),
        ('"b"', False),
        ("a", False),
        ('"', False),
        ("", False),
    ],
)
def test_tags_are_compared_weakly(header: str, held: bool) -> None:
    assert is_held(header, "a") is held


@rule("1.24")
def test_persian_is_not_escaped_and_titles_are_as_published(door: Door) -> None:
    for path in (*GETS, *REFUSALS[1:]):
        assert "\\u" not in door.raw(f"{SHORT}/{path}").text
    assert "\u200c" in door.get("Terminology", Terminology="LNC", Code="777-3").data["Value"]


def test_a_post_has_no_etag(door: Door) -> None:
    answer = door.post("Terminology", {"Terminology": "LNC", "Code": "718-7"})
    assert "ETag" not in answer.headers
    assert answer.headers["X-Maxa-Serial"] == "8"


def served(reply: WholeResponse) -> tuple[str, dict[str, str], bytes]:
    told: list[Any] = []
    body = b"".join(reply({"REQUEST_METHOD": "GET"}, lambda status, headers: told.extend((status, dict(headers)))))  # type: ignore[arg-type,typeddict-item]
    return told[0], told[1], body


def test_a_whole_response_is_a_usual_one_to_whoever_touches_it() -> None:
    def fresh() -> WholeResponse:
        return WholeResponse(b"abc", [("Content-Type", "application/json")])

    assert served(fresh()) == ("200 OK", {"Content-Type": "application/json", "Content-Length": "3"}, b"abc")
    read = fresh()
    assert (read.status_code, read.data, read.headers["Content-Type"]) == (200, b"abc", "application/json")
    assert served(read) == served(fresh())
    changed = fresh()
    changed.status_code = 404
    changed.set_data(b"other")
    changed.headers["X-Other"] = "1"
    assert served(changed) == (
        "404 NOT FOUND", {"Content-Type": "application/json", "Content-Length": "5", "X-Other": "1"}, b"other",
    )  # fmt: skip
    with pytest.raises(AttributeError):
        _ = fresh().nothing
