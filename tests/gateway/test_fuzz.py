"""Whatever is sent, the answer is an envelope, and never a 500."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote, urlencode

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from maxa.gateway.parameters import PARAMETERS, SERVICES
from tests.gateway.asking import SHORT, Answer, Door
from tests.gateway.rules import rule

names = st.sampled_from(sorted({n for p in PARAMETERS for n in (p.name, p.name.lower(), *p.aliases)})) | st.text(
    max_size=12
)
likely = st.sampled_from(
    [
        "LNC", "lnc", "*", "718-7", "789-8", "IRC", "7210201495605780", "هموگلوبین خون", "خون", "all", "active", "true", "1",
        "0", "-1", "10000", "1402/02/18", "1402-02-18", "1404/10/11 16:30", "1402/13/01", "9999-12-31", "((", '"', "",
    ]
)  # fmt: skip
values = likely | st.text(max_size=40)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | values,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=4),
    max_leaves=8,
)
asked = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def check(answer: Answer) -> None:
    assert answer.status in (200, 400, 404, 410, 413), answer.text
    if answer.status == 200:
        assert answer.data is not None
    else:
        assert answer.error["detail_fa"]
    assert answer.headers["X-Maxa-Serial"] == "8"


@rule("1.21", "1.22")
@asked
@given(st.sampled_from(SERVICES), st.lists(st.tuples(names, values), max_size=5))
@example("Terminology", [("Terminology", "*"), ("Search", "\u0301")])
@example("SearchTerminology", [("Terminology", "LNC"), ("FromDate", "9999-12-31T23:59:59-12:00")])
def test_any_query_is_answered_in_the_envelope(door: Door, service: str, pairs: list[tuple[str, str]]) -> None:
    query = urlencode([(n.encode("utf-8", "surrogatepass"), v.encode("utf-8", "surrogatepass")) for n, v in pairs])
    check(door.raw(f"{SHORT}/{service}?{query}"))


@asked
@given(st.sampled_from(SERVICES), st.binary(max_size=60))
def test_any_bytes_in_the_query_are_answered(door: Door, service: str, raw: bytes) -> None:
    check(door.raw(f"{SHORT}/{service}", environ_overrides={"QUERY_STRING": raw.decode("latin-1")}))


@asked
@given(st.sampled_from(SERVICES), json_values)
def test_any_json_is_answered(door: Door, service: str, body: Any) -> None:
    check(door.post(service, json.dumps(body).encode()))


content_types = st.sampled_from(
    [
        "application/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=b",
        "text/plain",
        "a;charset=x",
    ]
)
elements = st.dictionaries(
    st.sampled_from(["Value", "Terminology_id", "Coded_string", "value", "x"]), json_values, max_size=4
)


@asked
@given(st.sampled_from(SERVICES), st.binary(max_size=80), content_types)
def test_any_body_is_answered(door: Door, service: str, body: bytes, content_type: str) -> None:
    check(door.raw(f"{SHORT}/{service}", "POST", data=body, content_type=content_type))


@asked
@given(st.lists(elements, max_size=4))
def test_any_batch_is_answered(door: Door, batch: list[Any]) -> None:
    check(door.post("ValidateCts", json.dumps(batch).encode()))


@asked
@given(likely, st.text(max_size=30), st.text(max_size=30))
def test_any_triple_is_judged(door: Door, terminology: str, code: str, value: str) -> None:
    triple = {"Terminology_id": terminology, "Coded_string": _clean(code), "Value": _clean(value)}
    item = door.post("ValidateCts", triple).envelope
    if item["isSuccess"]:
        data = item["data"]
        assert data["IsValid"] == all(i["severity"] != "error" for i in data["Issues"])
        assert len(data["Suggestions"]) <= 5


@asked
@given(st.text(max_size=30))
def test_any_path_is_answered(door: Door, name: str) -> None:
    check(door.raw(f"{SHORT}/{quote(name.encode('utf-8', 'replace'))}"))


def _clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
