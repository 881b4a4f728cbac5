"""/api/v1 …/releases/{version}/diff: any two editions, field by field, as JSON, CSV and a workbook; and exports."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import openpyxl
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from maxa.diff import differences, summary
from maxa.shelf.catalogue import TerminologyEntry
from maxa.shelf.reading import Shelf
from maxa.shelf.release import SealedRelease
from maxa.shelf.states import Counts, Differences, concept_state
from tests.api.asking import Api
from tests.gateway.clinic import LAB_1
from tests.shelves import ShelfBuilder, concept

LAB = "/terminologies/LNC/releases/current/diff"


def test_the_edition_before_is_compared_with_unless_another_is_named(api: Api) -> None:
    reply = api.get(LAB).json
    assert (reply["from"], reply["to"]) == (LAB_1, "1402-05-01")
    assert [(c["code"], c["kind"]) for c in reply["items"]] == [
        ("26453-1", "added"), ("4548-4", "restored"), ("718-7", "changed"), ("789-8", "retired"),
    ]  # fmt: skip
    assert reply["summary"] == {
        "added": 1, "changed": 1, "retired": 1, "restored": 1, "removed": 0,
        "fields": {"replaced_by": 1, "status": 2, "title_fa": 1},
    }  # fmt: skip


def test_fields_are_told_with_headings_before_and_after(api: Api) -> None:
    reply = api.get("/terminologies/Imaging/releases/1401-05-05/diff", kind="changed").json
    (change,) = reply["items"]
    assert {"field": "properties.price", "label": None, "before": 10, "after": 12} in change["fields"]
    assert change["fields"][0]["label"] == "عنوان فارسی"
    assert api.get("/terminologies/Imaging/releases/1401-05-05/diff", kind="retired").items[0]["replaced_by"] == "4"


def test_the_first_edition_adds_everything(api: Api) -> None:
    reply = api.get(f"/terminologies/LNC/releases/{LAB_1}/diff").json
    assert (reply["from"], reply["summary"]["added"], reply["page"]["total"]) == (None, 5, 5)


def test_backwards_is_the_inverse(api: Api) -> None:
    path = "/terminologies/Imaging/releases/{}/diff"
    forward = api.get(path.format("1401-05-05"), **{"from": "1400-05-05"}).json
    backward = api.get(path.format("1400-05-05"), **{"from": "1401-05-05"}).json
    turned = {"added": "removed", "retired": "restored", "restored": "retired", "changed": "changed"}
    assert {c["code"]: turned[c["kind"]] for c in forward["items"]} == {c["code"]: c["kind"] for c in backward["items"]}
    assert backward["summary"]["removed"] == forward["summary"]["added"] == 1


def test_an_edition_does_not_differ_from_itself(api: Api) -> None:
    reply = api.get(LAB, **{"from": "current"}).json
    assert (reply["items"], reply["page"]["total"]) == ([], 0)


def test_what_came_and_went_between_is_told_as_it_now_is(api: Api) -> None:
    reply = api.get("/terminologies/Imaging/releases/current/diff", **{"from": "1400-05-05"}).json
    assert [(c["code"], c["kind"]) for c in reply["items"]] == [("4", "added")]


def test_part_selects_items_and_summary(api: Api) -> None:
    path = "/terminologies/Imaging/releases/1400-05-05/diff"
    reply = api.get(path, part="mri").json
    assert ([c["code"] for c in reply["items"]], reply["summary"]["added"]) == (["3"], 1)
    assert api.get(path, part="nope").refusal == (400, "bad-parameter", "part")


def test_a_map_differs_pair_by_pair(api: Api) -> None:
    reply = api.get("/maps/LNC->RVU3/releases/current/diff").json
    kinds = {(c["source"], c["target"]): c["kind"] for c in reply["items"]}
    assert kinds[("718-7", "801515")] == "changed"
    assert kinds[("718-7", "90.1")] == "added"
    assert {c["code"] for c in reply["items"]} >= {"718-7 → 801515"}
    assert api.whole("/maps/LNC->RVU3/releases/current/diff", page_size=2) == reply["items"]


def test_an_edition_that_is_none_is_refused_by_its_parameter(api: Api) -> None:
    assert api.get(LAB, **{"from": "1300-01-01"}).refusal == (404, "unknown-version", "from")
    path = "/terminologies/LNC/releases/1300-01-01/diff"
    assert api.get(path).refusal == (404, "unknown-version", "version")


def test_a_kind_that_is_none_is_refused_with_those_there_are(api: Api) -> None:
    assert "restored" in api.get(LAB, kind="new").problem["suggestions"]


# --- files -----------------------------------------------------------------------------------------------------------


def test_differences_as_csv(api: Api) -> None:
    answer = api.get("/terminologies/LNC/releases/current/diff.csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert 'filename="LNC-1402-02-18-1402-05-01.diff.csv"' in answer.headers["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(answer.body.decode("utf-8-sig"))))
    assert {row[1] for row in rows[1:]} == {"26453-1", "4548-4", "718-7", "789-8"}


def test_differences_as_a_right_to_left_workbook(api: Api) -> None:
    answer = api.get("/maps/LNC--RVU3/releases/current/diff.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(answer.body))
    assert all(sheet.sheet_view.rightToLeft for sheet in book)
    cells = {str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row}
    assert {"718-7", "90.1"} <= cells


@pytest.mark.parametrize("below", ["/terminologies/LNC", "/maps/LNC--RVU3"])
@pytest.mark.parametrize("form", ["csv", "json", "xlsx"])
def test_an_edition_is_exported(api: Api, below: str, form: str) -> None:
    answer = api.get(f"{below}/releases/current/export.{form}")
    assert answer.status == 200
    assert f'.{form}"' in answer.headers["Content-Disposition"]
    if form == "csv":
        assert "718-7" in answer.body.decode("utf-8-sig")
    elif form == "json":
        exported = orjson.loads(answer.body)
        assert len(exported.get("concepts") or exported["pairs"]) in (5, 6)
    else:
        assert openpyxl.load_workbook(io.BytesIO(answer.body)).active is not None


def test_an_export_of_a_part_alone(api: Api) -> None:
    exported = orjson.loads(api.get("/terminologies/Imaging/releases/current/export.json", part="mri").body)
    assert [c["code"] for c in exported["concepts"]] == ["3"]


@pytest.mark.parametrize(
    "path",
    [
        "/terminologies/Imaging/concepts", "/terminologies/Imaging/releases/current/diff",
        "/terminologies/Imaging/releases/current/diff.csv", "/terminologies/Imaging/releases/current/diff.xlsx",
        "/terminologies/Imaging/releases/current/export.csv", "/terminologies/Imaging/releases/current/export.json",
        "/terminologies/Imaging/releases/current/export.xlsx", "/maps/LNC--RVU3/pairs", "/maps/LNC--RVU3/unmapped",
        "/maps/LNC--RVU3/releases/current/diff", "/maps/LNC--RVU3/releases/current/export.csv",
    ],
)  # fmt: skip
def test_a_part_that_is_none_is_refused_everywhere_alike(api: Api, path: str) -> None:
    assert api.get(path, part="x").refusal == (400, "bad-parameter", "part")


def test_a_format_that_is_none_is_not_found(api: Api) -> None:
    assert api.get("/terminologies/LNC/releases/current/export.pdf").refusal == (404, "not-found", None)


# --- against the whole files -----------------------------------------------------------------------------------------

ROWS = st.dictionaries(
    st.sampled_from(["1", "2", "10", "a", "ب", "a/b"]),
    st.tuples(st.sampled_from(["یک", "دو"]), st.booleans(), st.sampled_from(["", "p"]), st.sampled_from([None, 1, 2])),
    min_size=1,
)


def whole(release: SealedRelease) -> list[tuple[str, dict[str, object]]]:
    return [(c.code, concept_state(c)) for page in release.everything(status="all") for c in page]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(editions=st.lists(ROWS, min_size=2, max_size=4))
def test_looking_at_touched_codes_alone_finds_what_comparing_everything_finds(
    editions: list[dict[str, tuple[str, bool, str, int | None]]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder: Path = tmp_path_factory.mktemp("any") / "shelf"
    builder = ShelfBuilder(folder)
    held: dict[str, object] = {}
    for n, rows in enumerate(editions):
        for code in held:  # codes never disappear
            rows.setdefault(code, ("یک", False, "", None))
        held = dict(rows)
        told = [
            concept(code, title, active=active, part=part, properties={"n": number} if number else None)
            for code, (title, active, part, number) in rows.items()
        ]
        builder.publish("T", told, day=f"140{n}/01/01")
    shelf = Shelf(folder)
    entry: TerminologyEntry = shelf.catalogue().terminology("T")
    releases = [shelf.release(edition) for edition in entry.editions]
    for before in releases:
        for after in releases:
            found = Differences(before, after)
            expected = list(differences(whole(before), whole(after)))
            assert list(found.changes()) == expected
            added_up = Counts()
            for one in found.counts().values():
                added_up.kinds.update(one.kinds)
                added_up.fields.update(one.fields)
            assert added_up.as_dict() == summary(expected)
