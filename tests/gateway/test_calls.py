"""docs/contract.md §1: addresses, methods and bodies."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest

from maxa.gateway.parameters import SERVICES
from tests.gateway.asking import MINISTRY, SHORT, Door, door_to
from tests.gateway.rules import rule

LOOK_UP = {"Terminology": "LNC", "Code": "718-7"}


@rule("1.1")
@pytest.mark.parametrize("base", [MINISTRY, SHORT])
def test_both_paths_lead_to_the_four_services(door: Door, base: str) -> None:
    assert len(door.raw(f"{base}/CtsTerminologies").data) == 6
    assert door.raw(f"{base}/Terminology?Terminology=LNC&Code=718-7").data["Coded_string"] == "718-7"
    assert len(door.raw(f"{base}/SearchTerminology?Terminology=LNC").data) == 5
    assert door.raw(f"{base}/ValidateCts?Terminology_id=LNC&Coded_string=718-7").data["IsValid"] is True


@rule("1.2")
@pytest.mark.parametrize("written", ["terminology", "TERMINOLOGY", "Terminology/"])
def test_a_service_is_found_in_any_letter_case(door: Door, written: str) -> None:
    assert door.raw(f"{MINISTRY}/{written}?Terminology=LNC&Code=718-7").data["Coded_string"] == "718-7"


@rule("1.2")
@pytest.mark.parametrize("path", ["", "/", "/Nope", "/Terminology/718-7", "//Terminology", "/%D9%85%DA%A9%D8%B3%D8%A7"])
def test_any_other_name_below_the_paths_is_not_found_in_the_envelope(door: Door, path: str) -> None:
    answer = door.raw(SHORT + path)
    assert answer.refusal == (404, "not-found", None)
    assert set(answer.error["suggestions"]) <= set(SERVICES)


@rule("1.2")
def test_a_misspelled_service_is_told_its_right_name(door: Door) -> None:
    assert door.get("ValidateCtc").error["suggestions"] == ["ValidateCts"]


@rule("1.3")
def test_get_json_form_and_multipart_say_the_same(door: Door) -> None:
    expected = door.get("Terminology", **LOOK_UP).data
    assert door.post("Terminology", LOOK_UP).data == expected
    assert door.form("Terminology", LOOK_UP).data == expected
    assert door.form("Terminology", LOOK_UP, "multipart/form-data").data == expected
    assert door.post("Terminology", {"Code": "718-7"}, Terminology="LNC").data == expected
    assert door.raw(f"{SHORT}/Terminology?Terminology=LNC&Code=718-7", "POST").data == expected


@rule("1.3")
def test_a_multipart_form_with_a_file_is_refused(door: Door) -> None:
    fields = {**LOOK_UP, "list": (BytesIO(b"x"), "list.xlsx")}
    assert door.form("Terminology", fields, "multipart/form-data").refusal == (400, "bad-body", None)  # type: ignore[arg-type]


@rule("1.3")
def test_head_is_get_without_the_body(door: Door) -> None:
    for path in ("Terminology?Terminology=LNC&Code=718-7", "SearchTerminology?Terminology=LNC"):
        whole, head = door.raw(f"{SHORT}/{path}"), door.raw(f"{SHORT}/{path}", "HEAD")
        assert (head.status, head.text) == (200, "")
        assert head.headers["ETag"] == whole.headers["ETag"]


@rule("1.3")
@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("base", [MINISTRY, SHORT])
def test_other_methods_are_refused_and_the_right_ones_named(door: Door, base: str, method: str) -> None:
    answer = door.raw(f"{base}/Terminology?Terminology=LNC&Code=718-7", method)
    assert answer.refusal == (405, "method-not-allowed", None)
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS, POST"


@rule("1.3")
@pytest.mark.parametrize("method", ["TRACE", "BREW"])
def test_methods_that_no_one_knows_are_refused_too(door: Door, method: str) -> None:
    answer = door.raw(f"{SHORT}/Terminology", method)
    assert answer.refusal == (405, "method-not-allowed", None)
    assert "GET" in answer.headers["Allow"]


@rule("1.3")
def test_options_tells_the_methods(door: Door) -> None:
    answer = door.raw(f"{SHORT}/ValidateCts", "OPTIONS")
    assert (answer.status, answer.headers["Allow"], answer.text) == (204, "GET, HEAD, OPTIONS, POST", "")


@rule("1.4")
@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "text/plain", "", "application/xml"])
def test_json_is_told_by_its_first_letter(door: Door, content_type: str) -> None:
    body = b'\xef\xbb\xbf \r\n{"Terminology": "LNC", "Code": "718-7"}'
    answer = door.raw(f"{SHORT}/Terminology", "POST", data=body, content_type=content_type)
    assert answer.data["Coded_string"] == "718-7"


@rule("1.4")
@pytest.mark.parametrize(
    "body",
    [
        b"{", b"[", b'{"Code": NaN}', b'{"Code": "718-7",}', b"{'Code': '718-7'}", b'{"Code": "\xff"}', b"[" * 5_000,
        b'{"a":' * 1_100 + b"1" + b"}" * 1_100, b'{"Code": "\\ud800"}', b'"718-7"', b"718", b"null", b"\x00", b"{}{}",
        b'{"x": ' + b"9" * 5_000 + b', "x:": 1}', "{}".encode("utf-16"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("service", ["Terminology", "ValidateCts"])
def test_what_is_no_json_is_refused(door: Door, service: str, body: bytes) -> None:
    assert door.post(service, body).refusal == (400, "bad-body", None)


@rule("1.4")
def test_the_place_of_the_mistake_is_named(door: Door) -> None:
    error = door.post("ValidateCts", b'{"Value": "x",\n "Code" "718-7"}').error
    assert "line 2, character 9" in error["detail_en"]
    assert "سطر 2، نویسهٔ 9" in error["detail_fa"]


@rule("1.4")
def test_another_charset_is_refused(door: Door) -> None:
    answer = door.raw(
        f"{SHORT}/ValidateCts", "POST", data="{}".encode("cp1256"), content_type="application/json; charset=windows-1256"
    )  # fmt: skip
    assert answer.refusal == (400, "bad-body", "Content-Type")


@rule("1.4")
def test_a_form_or_query_that_is_not_utf8_is_refused(door: Door) -> None:
    assert door.raw(f"{SHORT}/Terminology?Terminology=LNC&Search=%C7%D3%CA").refusal[:2] == (400, "bad-parameter")
    answer = door.raw(
        f"{SHORT}/Terminology", "POST", data=b"Search=%FF", content_type="application/x-www-form-urlencoded"
    )
    assert answer.refusal[:2] == (400, "bad-parameter")


@rule("1.4")
def test_a_body_of_a_type_that_is_not_read_is_refused(door: Door) -> None:
    answer = door.raw(f"{SHORT}/ValidateCts", "POST", data=b"<DO_CODED_TEXT/>", content_type="application/xml")
    assert answer.refusal == (400, "bad-body", "Content-Type")


@rule("1.4")
def test_an_array_is_for_validation_only(door: Door) -> None:
    for service in ("CtsTerminologies", "Terminology", "SearchTerminology"):
        assert door.post(service, [LOOK_UP]).refusal == (400, "bad-body", None)
        assert door.post(service, []).refusal == (400, "bad-body", None)


@rule("1.5")
@pytest.mark.parametrize(
    "content_type", ["application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
)
def test_a_body_over_the_limit_is_refused(clinic_shelf: Path, tmp_path: Path, content_type: str) -> None:
    small = door_to(clinic_shelf, tmp_path, max_body="2000")
    body = b'{"Value": "' + b"x" * 3_000 + b'"}'
    answer = small.raw(f"{SHORT}/ValidateCts", "POST", data=body, content_type=content_type)
    assert answer.refusal[:2] == (413, "body-too-large")
    assert "1 kB" in answer.error["detail_en"]


@rule("1.5")
def test_a_body_of_unknown_length_is_held_to_the_limit_too(clinic_shelf: Path, tmp_path: Path) -> None:
    small = door_to(clinic_shelf, tmp_path, max_body="2000")
    stream = {"input_stream": BytesIO(b'{"Value": "' + b"x" * 3_000 + b'"}'), "environ_overrides": {
        "wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": "",
    }}  # fmt: skip
    answer = small.raw(f"{SHORT}/ValidateCts", "POST", content_type="application/json", **stream)
    assert answer.refusal[:2] == (413, "body-too-large")


@rule("1.5")
def test_a_body_that_breaks_off_is_refused(door: Door) -> None:
    answer = door.raw(
        f"{SHORT}/ValidateCts", "POST", content_type="application/json", input_stream=BytesIO(b'{"Value"'),
        environ_overrides={"CONTENT_LENGTH": "5000"},
    )  # fmt: skip
    assert answer.refusal == (400, "bad-body", None)


@rule("1.5")
def test_a_query_of_ten_megabytes_is_refused(door: Door) -> None:
    answer = door.raw(f"{SHORT}/Terminology", environ_overrides={"QUERY_STRING": "Code=" + "7" * 10_000_000})
    assert answer.refusal == (400, "bad-parameter", None)


@rule("1.5")
def test_more_than_a_hundred_fields_are_refused(door: Door) -> None:
    query = "&".join(f"x{i}=1" for i in range(101))
    assert door.raw(f"{SHORT}/CtsTerminologies?{query}").refusal == (400, "bad-parameter", None)
    answer = door.raw(f"{SHORT}/CtsTerminologies", "POST", data=query, content_type="application/x-www-form-urlencoded")
    assert answer.refusal == (400, "bad-parameter", None)


@rule("1.6")
def test_a_code_may_be_a_json_number_and_null_is_as_good_as_nothing(door: Door) -> None:
    assert door.post("Terminology", {"Terminology": "RVU3", "Code": 801515, "Search": None}).data["Value"] == "ویزیت"
    assert door.post("ValidateCts", {"Terminology_id": "RVU3", "Coded_string": 801515, "Value": "ویزیت"}).data[
        "IsValid"
    ]


@rule("1.6")
@pytest.mark.parametrize("code", [90.1, True, ["718-7"], {"Code": "718-7"}])
def test_other_json_types_are_no_text(door: Door, code: object) -> None:
    assert door.post("Terminology", {"Terminology": "RVU3", "Code": code}).refusal == (400, "bad-parameter", "Code")
