"""docs/contract.md §1: names and values of parameters."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maxa.errors import MaxaError, UnknownParameter
from maxa.gateway.parameters import PARAMETERS, SERVICES, Table, ignored_header
from tests.gateway.asking import SHORT, Door
from tests.gateway.rules import rule

LOOK_UP = {"Terminology": "LNC", "Code": "718-7"}


@rule("1.7")
@pytest.mark.parametrize("name", ["Terminology", "terminology", "TERMINOLOGY_ID", "Terminology_id", "TerminologyId"])
def test_the_terminology_has_three_names_in_any_letter_case(door: Door, name: str) -> None:
    assert door.get("Terminology", **{name: "LNC", "cODE": "718-7"}).data["Coded_string"] == "718-7"
    assert door.get("SearchTerminology", **{name: "LNC", "PAGESIZE": "1"}).page["size"] == 1
    assert door.get("ValidateCts", **{name: "LNC", "coded_STRING": "718-7"}).data["IsValid"] is True


@rule("1.7")
@pytest.mark.parametrize(
    "written", ["thritaEHR.WardType", "ThritaEHR.WardType", "thritaehr.wardtype", " thritaEHR.WardType "]
)
def test_ids_are_found_in_any_letter_case_and_answered_as_published(door: Door, written: str) -> None:
    assert door.get("Terminology", Terminology=written, Code="1").data["Terminology_id"] == "thritaEHR.WardType"
    assert {i["Terminology_id"] for i in door.whole_list(written)} == {"thritaEHR.WardType"}
    item = door.get("ValidateCts", Terminology_id=written, Coded_string="1").data
    assert item["Terminology_id"] == "thritaEHR.WardType"


def test_an_unknown_terminology_is_told_the_nearest_ids(door: Door) -> None:
    for service in ("Terminology", "SearchTerminology"):
        answer = door.get(service, Terminology="WardTyp", **({"Code": "1"} if service == "Terminology" else {}))
        assert answer.refusal == (404, "unknown-terminology", "Terminology")
        assert answer.error["suggestions"][0] == "thritaEHR.WardType"


def test_a_map_is_no_terminology(door: Door) -> None:
    assert door.get("SearchTerminology", Terminology="LNC→RVU3").refusal[:2] == (404, "unknown-terminology")


@rule("1.8")
@pytest.mark.parametrize(
    ("service", "written", "meant"),
    [
        ("Terminology", "Serach", "Search"), ("Terminology", "seach", "Search"), ("Terminology", "Cdoe", "Code"),
        ("Terminology", "Codes", "Code"), ("Terminology", "Page_Size", "PageSize"), ("Terminology", "pagesise", "PageSize"),
        ("SearchTerminology", "from_date", "FromDate"), ("SearchTerminology", "FormDate", "FromDate"),
        ("SearchTerminology", "Staus", "Status"), ("SearchTerminology", "curser", "Cursor"),
        ("SearchTerminology", "Terminlogy", "Terminology"), ("SearchTerminology", "terminology-id", "Terminology"),
        ("ValidateCts", "CodedString", "Coded_string"), ("ValidateCts", "Terminologyid_", "Terminology_id"),
        ("ValidateCts", "Vlaue", "Value"), ("ValidateCts", "strickt", "Strict"), ("ValidateCts", "Vresion", "Version"),
        ("CtsTerminologies", "Fromdat", "FromDate"), ("CtsTerminologies", "Date ", "Date"),
    ],
)  # fmt: skip
def test_a_near_miss_is_refused_and_told_the_right_name(door: Door, service: str, written: str, meant: str) -> None:
    answer = door.get(service, **{written: "x"})
    assert answer.refusal == (400, "unknown-parameter", written)
    assert answer.error["suggestions"] == [meant]


@rule("1.9")
@pytest.mark.parametrize(
    ("service", "name", "instead"),
    [
        ("CtsTerminologies", "Code", []), ("CtsTerminologies", "terminology", []), ("CtsTerminologies", "PageSize", []),
        ("Terminology", "FromDate", ["Date"]), ("Terminology", "Coded_string", ["Code"]), ("Terminology", "Value", ["Search"]),
        ("SearchTerminology", "Code", []), ("SearchTerminology", "Strict", []), ("SearchTerminology", "value", ["Search"]),
        ("ValidateCts", "Code", ["Coded_string"]), ("ValidateCts", "Search", ["Value"]), ("ValidateCts", "Cursor", []),
    ],
)  # fmt: skip
def test_another_services_parameter_is_refused(door: Door, service: str, name: str, instead: list[str]) -> None:
    answer = door.get(service, **{name: "x"})
    assert answer.refusal[:2] == (400, "unknown-parameter")
    assert answer.error["suggestions"] == instead
    assert service in answer.error["detail_en"]


@rule("1.10")
@pytest.mark.parametrize(
    "query",
    [
        "Code=718-7&Code=718-7", "Code=718-7&code=789-8", "Terminology_id=LNC&Code=718-7", "Code=718-7&terminologyid=LNC",
    ],
)  # fmt: skip
def test_a_parameter_given_twice_is_refused(door: Door, query: str) -> None:
    answer = door.raw(f"{SHORT}/Terminology?Terminology=LNC&{query}")
    assert answer.refusal[:2] == (400, "duplicate-parameter")
    assert answer.error["parameter"] in ("Code", "Terminology")


@rule("1.10")
def test_address_and_body_count_together(door: Door) -> None:
    assert door.post("Terminology", LOOK_UP, Code="718-7").refusal == (400, "duplicate-parameter", "Code")
    assert door.post("Terminology", {**LOOK_UP, "TERMINOLOGY_ID": "LNC"}).refusal == (
        400, "duplicate-parameter", "Terminology",
    )  # fmt: skip
    assert door.post("Terminology", {**LOOK_UP, "code": None}).refusal == (400, "duplicate-parameter", "Code")


@rule("1.10")
@pytest.mark.parametrize(
    "body",
    [
        b'{"Terminology_id":"LNC","Coded_string":"718-7","Value":"x","Value":"y"}',
        b'[{"Terminology_id":"LNC","Coded_string":"1","Value":"x"},{"Value":"x:","Coded_string":"1","Value":""}]',
        b'{"Terminology_id" :"LNC", "Value" :"a", "Value":"b"}',
        b'{"Date":{"Year":1402,"Year":1403},"Terminology_id":"LNC"}',
    ],
)  # fmt: skip
def test_a_name_twice_in_a_json_object_is_refused(door: Door, body: bytes) -> None:
    answer = door.post("ValidateCts", body)
    assert answer.refusal[:2] == (400, "duplicate-parameter")
    assert answer.refusal[2] in ("Value", "Year")


@rule("1.11")
def test_other_unknown_parameters_are_ignored_and_named(door: Door) -> None:
    answer = door.raw(f"{SHORT}/Terminology?Terminology=LNC&_=17&Code=718-7&session=1&mode2=x&&=")
    assert answer.data["Coded_string"] == "718-7"
    assert answer.headers["X-Maxa-Ignored"] == "_, session, mode2"
    assert "X-Maxa-Ignored" not in door.get("Terminology", **LOOK_UP).headers


@rule("1.11")
def test_ignored_parameters_are_named_on_refusals_and_on_304_too(door: Door) -> None:
    assert door.get("Terminology", _="1").headers["X-Maxa-Ignored"] == "_"
    tag = door.get("Terminology", **LOOK_UP).headers["ETag"]
    answer = door.get("Terminology", {"If-None-Match": tag}, _="1", **LOOK_UP)
    assert (answer.status, answer.headers["X-Maxa-Ignored"]) == (304, "_")


@rule("1.11")
def test_no_name_can_break_out_of_the_header(door: Door) -> None:
    answer = door.raw(f"{SHORT}/CtsTerminologies?x%0D%0ASet-Cookie:%20a=b&نام=1&a,b=1")
    assert answer.status == 200
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["X-Maxa-Ignored"].isascii()
    assert answer.headers["X-Maxa-Ignored"].count(",") == 2


@rule("1.11")
def test_too_many_unknown_names_are_refused(door: Door) -> None:
    answer = door.post("ValidateCts", {f"x{i}": 1 for i in range(200)})
    assert answer.refusal[:2] == (400, "bad-parameter")


@given(st.lists(st.text(), max_size=120))
def test_the_header_is_always_clean(names: list[str]) -> None:
    value = ignored_header(name.encode("utf-8", "replace").decode() for name in names)
    assert value.isascii()
    assert value.isprintable()
    assert len(value) < 20 * (40 * 12 + 2)


@rule("1.12")
@pytest.mark.parametrize("name", ["Search", "Status", "PageSize", "FromDate", "Version", "Date"])
@pytest.mark.parametrize("value", ["", "  "])
def test_an_empty_parameter_is_refused(door: Door, name: str, value: str) -> None:
    assert door.get("SearchTerminology", Terminology="LNC", **{name: value}).refusal == (400, "bad-parameter", name)


@rule("1.12")
def test_an_empty_cursor_is_the_beginning(door: Door) -> None:
    assert door.get("SearchTerminology", Terminology="LNC", PageSize="2", Cursor="").page["size"] == 2


@rule("1.12")
@pytest.mark.parametrize(
    ("service", "given", "missing"),
    [
        ("Terminology", {}, "Terminology"), ("Terminology", {"Terminology": "", "Code": "1"}, "Terminology"),
        ("Terminology", {"Terminology": "LNC"}, "Code"), ("Terminology", {"Terminology": "LNC", "Code": ""}, "Code"),
        ("SearchTerminology", {}, "Terminology"), ("SearchTerminology", {"Search": "x"}, "Terminology"),
        ("ValidateCts", {}, "Terminology_id"), ("ValidateCts", {"Terminology_id": "LNC"}, "Coded_string"),
    ],
)  # fmt: skip
def test_what_is_required_and_missing_is_named(door: Door, service: str, given: dict[str, Any], missing: str) -> None:
    assert door.get(service, **given).refusal == (400, "missing-parameter", missing)


@pytest.mark.parametrize(
    ("service", "value", "code"),
    [
        ("Terminology", "0", "bad-parameter"), ("Terminology", "-1", "bad-parameter"), ("Terminology", "201", "page-too-large"),
        ("SearchTerminology", "0", "bad-parameter"), ("SearchTerminology", "abc", "bad-parameter"),
        ("SearchTerminology", "10001", "page-too-large"), ("SearchTerminology", "1.5", "bad-parameter"),
        ("SearchTerminology", "9" * 5_000, "page-too-large"), ("SearchTerminology", "-" + "9" * 5_000, "bad-parameter"),
        ("SearchTerminology", "²", "bad-parameter"), ("SearchTerminology", "--1", "bad-parameter"),
        ("SearchTerminology", "1e3", "bad-parameter"), ("SearchTerminology", "०", "bad-parameter"),
    ],
)  # fmt: skip
def test_a_page_size_out_of_range_is_refused(door: Door, service: str, value: str, code: str) -> None:
    answer = door.get(service, Terminology="LNC", Search="خون", PageSize=value)
    assert answer.refusal == (400, code, "PageSize")


@pytest.mark.parametrize("size", ["2", "۲", "٢", " 2 "])
def test_a_page_size_may_be_in_any_digits(door: Door, size: str) -> None:
    assert door.get("SearchTerminology", Terminology="LNC", PageSize=size).page["size"] == 2


@pytest.mark.parametrize(("name", "value"), [("Status", "retierd"), ("Strict", "maybe")])
def test_a_value_that_is_none_of_the_choices_is_refused(door: Door, name: str, value: str) -> None:
    service = "SearchTerminology" if name == "Status" else "ValidateCts"
    answer = door.get(service, **{"Terminology_id": "LNC", "Coded_string": "1"} if name == "Strict" else {"Terminology": "LNC"},
                      **{name: value})  # fmt: skip
    assert answer.refusal == (400, "bad-parameter", name)


def test_a_text_longer_than_a_cell_is_refused(door: Door) -> None:
    answer = door.post("ValidateCts", {"Terminology_id": "LNC", "Coded_string": "1", "Value": "x" * 32_768})
    assert answer.refusal == (400, "bad-parameter", "Value")
    assert door.post("Terminology", {"Terminology": "LNC", "Search": "x " * 251}).refusal[:2] == (400, "bad-parameter")
    assert door.post("Terminology", {"Terminology": "LNC", "Search": "x " * 32}).refusal[:2] == (400, "bad-parameter")


@given(st.text(max_size=30), st.sampled_from(SERVICES))
def test_every_name_is_known_ignored_or_refused_with_a_known_one(name: str, service: str) -> None:
    table = Table(service)
    try:
        found = table.find(name)
        told = {found.name} if found else set()
        known = set(table.names)
    except UnknownParameter as error:
        told, known = set(error.suggestions), {p.name for p in PARAMETERS}
    assert told <= known


@given(
    st.lists(st.tuples(st.sampled_from([p.name for p in PARAMETERS] + ["_", "x"]), st.text(max_size=20)), max_size=5)
)
def test_whatever_is_sent_is_read_or_refused_in_both_languages(sent: list[tuple[str, str]]) -> None:
    for service in SERVICES:
        refused: MaxaError | None = None
        try:
            Table(service).read(sent, {})
        except MaxaError as error:
            refused = error
        assert refused is None or (refused.status == 400 and refused.detail_fa and refused.detail_en)
