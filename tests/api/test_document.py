"""The OpenAPI document: complete, true to the code, and held against the running app by schemathesis."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from marshmallow import Schema
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import positive_data_acceptance

from maxa.access.clients import RateLimit
from maxa.api import request_schemas, requesting, schemas
from maxa.api.document import openapi
from maxa.api.parameters import PARAMETERS, documented
from maxa.api.problems import statuses
from maxa.web.throttle import Throttle
from tests.api.asking import BASE, SAMPLE, Api

DOCUMENT = openapi()
OPERATIONS = [
    (path, method, operation)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
    if method != "parameters"
]
# What CONTRACT.md §6 names.
CONTRACT = {
    "GET /terminologies", "GET /terminologies/{}", "GET /terminologies/{}/releases",
    "GET /terminologies/{}/releases/{}", "GET /terminologies/{}/releases/{}/diff",
    "GET /terminologies/{}/releases/{}/export.csv", "GET /terminologies/{}/releases/{}/export.json",
    "GET /terminologies/{}/releases/{}/export.xlsx", "GET /terminologies/{}/concepts",
    "GET /terminologies/{}/concepts/{}", "GET /maps", "GET /maps/{}", "GET /maps/{}/translate",
    "POST /maps/{}/translate", "GET /maps/{}/unmapped", "POST /validate", "GET /changes", "GET /feed.atom", "GET /openapi.json",
    "GET /search", "GET /suggest", "POST /requests", "GET /requests/{}",
}  # fmt: skip


def bare(path: str) -> str:
    """Without the names of what varies."""
    parts = path.removeprefix(BASE).split("/")
    return "/".join("{}" if part.startswith("{") else part for part in parts)


def test_every_address_of_the_contract_is_served_and_documented() -> None:
    assert {f"{method.upper()} {bare(path)}" for path, method, _ in OPERATIONS} >= CONTRACT


def test_every_address_of_the_app_is_documented(api: Api) -> None:
    served = {
        (str(rule.rule).replace("<any_code:", "<").replace("<", "{").replace(">", "}"), method.lower())
        for rule in api.app.url_map.iter_rules()
        if rule.rule.startswith(BASE)
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert served == {(path, method) for path, method, _ in OPERATIONS}


def test_the_document_is_served_as_it_is_made(api: Api) -> None:
    assert api.get("/openapi.json").json == orjson.loads(orjson.dumps(DOCUMENT))
    assert DOCUMENT["openapi"].startswith("3.1")


@pytest.mark.parametrize(("path", "method", "operation"), OPERATIONS)
def test_every_operation_tells_what_it_does_takes_and_answers(
    path: str, method: str, operation: dict[str, Any]
) -> None:
    assert operation["summary"]
    assert operation["operationId"]
    assert operation["tags"][0] in {tag["name"] for tag in DOCUMENT["tags"]}
    good = operation["responses"]["200"]
    assert good["content"]
    assert "X-Maxa-Serial" in good["headers"]
    if method == "get":
        assert "ETag" in good["headers"]
        assert "304" in operation["responses"]
    else:
        assert {"400", "413", "415"} <= set(operation["responses"])
        assert operation["requestBody"]["content"]["application/json"]["example"]
    if operation.get("security") != []:
        assert {"400", "401", "403", "429", "503"} <= set(operation["responses"])
    if "{" in path:
        assert "404" in operation["responses"]
    for parameter in operation.get("parameters", []):
        assert parameter["description"]


def test_operation_ids_are_unique() -> None:
    ids = [operation["operationId"] for _, _, operation in OPERATIONS]
    assert len(ids) == len(set(ids))


def test_every_parameter_is_documented_where_it_is_read() -> None:
    told = {
        parameter["name"]
        for _, _, operation in OPERATIONS
        for parameter in operation.get("parameters", [])
        if parameter["in"] == "query"
    }
    assert told == {parameter.name for parameter in PARAMETERS}
    for parameter in PARAMETERS:
        assert all(any(p["name"] == parameter.name for p in documented(name)) for name in parameter.services)


def test_every_error_has_a_documented_reply() -> None:
    responses = DOCUMENT["components"]["responses"]
    for code, status in statuses().items():
        assert f"`{code}`" in responses[f"Problem{status}"]["description"]


def test_whatever_is_named_is_there() -> None:
    text = orjson.dumps(DOCUMENT).decode()
    for kind, names in DOCUMENT["components"].items():
        for name in names:
            if kind in ("schemas", "responses") and not name.startswith("Problem"):
                assert f"#/components/{kind}/{name}" in text, f"{name} is documented and never used"


# --- schemas and replies, field by field -------------------------------------------------------------------------------

SHOWN: list[tuple[str, type[Schema]]] = [
    ("/terminologies", schemas.Terminologies),
    ("/terminologies/Imaging", schemas.TerminologyDetails),
    ("/terminologies/LNC/concepts", schemas.Concepts),
    ("/terminologies/LNC/concepts/718-7", schemas.ConceptDetails),
    ("/terminologies/Odd/concepts/A00", schemas.ConceptDetails),
    ("/terminologies/LNC/releases", schemas.Releases),
    ("/terminologies/Imaging/releases/current", schemas.ReleaseDetails),
    ("/terminologies/Imaging/releases/1401-05-05/diff", schemas.Differences),
    ("/maps/LNC--RVU3/releases/current/diff", schemas.Differences),
    ("/maps", schemas.Maps),
    ("/maps/LNC--RVU3", schemas.MapDetails),
    ("/maps/LNC--RVU3/pairs", schemas.Pairs),
    ("/maps/LNC--RVU3/translate?code=789-8", schemas.Translation),
    ("/maps/LNC--RVU3/unmapped", schemas.Unmapped),
    ("/search?q=هموگلوبین", schemas.Hits),
    ("/search?q=hemoglobyn", schemas.Hits),
    ("/suggest?q=ه", schemas.Suggestions),
    ("/changes", schemas.Changes),
    ("/errors/bad-date", schemas.ErrorKind),
    (f"/requests/{SAMPLE}", request_schemas.RequestState),
]


@pytest.mark.parametrize(("path", "schema"), SHOWN)
def test_a_reply_has_the_fields_of_its_schema_and_no_others(api: Api, path: str, schema: type[Schema]) -> None:
    assert schema().validate(api.get(path).json) == {}


def test_so_have_replies_to_posts(api: Api) -> None:
    codes = ["718-7", "۷۸۹-۸", "nope", "777-3", "2345-7"]
    assert schemas.Translations().validate(api.post("/maps/LNC--RVU3/translate", codes).json) == {}
    triples = [{"Terminology_id": "LNC", "Coded_string": c, "Value": "x"} for c in codes]
    assert schemas.ValidatedMany().validate(api.post("/validate", triples).json) == {}
    assert schemas.Validated().validate(api.post("/validate", triples[0]).json) == {}
    missing = {"kind": "missing-code", "organisation": "بیمهٔ نمونه", "rows": [{"title": "آ"}]}
    assert request_schemas.Receipt().validate(api.post("/requests", missing).json) == {}
    assert schemas.Problem().validate(api.get("/terminologies/LNX").problem) == {}


# --- schemathesis ----------------------------------------------------------------------------------------------------

# The API is open to all here; tests/api/test_access.py has the tokens.
# Too many codes are 413, not 400.
REFUSALS = ["400", "403", "404", "405", "413", "415"]
schema = schemathesis.openapi.from_dict(
    {**DOCUMENT, "security": []},
    config=SchemathesisConfig.from_dict({"checks": {"negative_data_rejection": {"expected-statuses": REFUSALS}}}),
)
# What no schema can say: a day must be in the calendar, a part in the edition, a cursor our own.
LEFT_OUT = [positive_data_acceptance]


@pytest.fixture(autouse=True)
def allowance(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is refused counts as well; how much may be asked is tested in test_requests."""
    for name in ("filings", "followings"):
        monkeypatch.setattr(requesting, name, Throttle(RateLimit(100_000, "minute")))


def held_against_the_document(case: schemathesis.Case, api: Api) -> None:
    case.call_and_validate(app=api.app, excluded_checks=LEFT_OUT)


@schema.parametrize()
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_app_does_what_the_document_says(case: schemathesis.Case, api: Api) -> None:
    held_against_the_document(case, api)


@pytest.mark.deep
@schema.parametrize()
@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_app_does_what_the_document_says_at_length(case: schemathesis.Case, api: Api) -> None:
    held_against_the_document(case, api)
