"""Differences between editions, and between a draft and what is current, field by field."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from maxa.diff import Change, flat_concept, flat_pair, summary
from maxa.diff import differences as pure_differences
from maxa.errors import NotFound, UnknownVersion, WrongState
from maxa.registry import actions, differences, queries
from maxa.registry.actions.decision_sets import map_named
from maxa.registry.decision_file import Decision
from maxa.registry.models import Concept, Mapping
from maxa.registry.transaction import transaction
from tests.lists import MINA, SARA, Committee, ListOf, codes, workbook
from tests.registry.test_decisions_property import NO_SHRINKING

MAP = "LNC→RVU3"


def between(committee: Committee, name: str, before: int, to: int, **chosen: Any) -> list[Change]:
    """Changes from the edition of ordinal ``before`` to that of ``to``."""
    with transaction(committee.engine) as session:
        terminology = differences.terminology_named(session, name)
        line = {release.ordinal: release for release in differences.editions(session, terminology)}
        return list(differences.edition_changes(session, terminology, line[before], line[to], **chosen))


def counts(committee: Committee, name: str, before: int, to: int, **chosen: Any) -> dict[str, Any]:
    with transaction(committee.engine) as session:
        terminology = differences.terminology_named(session, name)
        line = {release.ordinal: release for release in differences.editions(session, terminology)}
        return differences.edition_counts(session, terminology, line[before], line[to], **chosen).as_dict()


def of_draft(committee: Committee, number: int, name: str) -> tuple[list[Change], dict[str, Any]]:
    with transaction(committee.engine) as session:
        submission = queries.submission_or_error(session, number)
        terminology = differences.terminology_named(session, name)
        changes = list(differences.draft_changes(session, submission, terminology))
        return changes, differences.draft_counts(session, submission, terminology).as_dict()


def publish(committee: Committee, *lists: ListOf, **more: Any) -> int:
    """As ``committee.publish``, confirming whatever guards ask for: these lists are as odd as they like."""
    number = committee.draft(workbook(*lists), **more)
    publish_draft(committee, number)
    return number


def publish_draft(committee: Committee, number: int) -> None:
    with transaction(committee.engine) as session:
        asked = tuple(f.confirm for f in queries.findings(session, number) if f.confirm)
    committee.approve(number, confirm=asked)
    actions.publish_submission(committee.engine, submission_id=number, actor=MINA)


@pytest.fixture
def history(committee: Committee) -> Committee:
    """Three editions of LNC."""
    first = [
        {"code": "a", "title_fa": "آ", "properties": {"unit": "mg", "price": 5}},
        {"code": "b", "title_fa": "ب"}, {"code": "c", "title_fa": "پ", "title_en": "C"},
    ]  # fmt: skip
    publish(committee, ListOf("LNC", first))
    second = [
        {"code": "a", "title_fa": "آ", "title_en": "A", "properties": {"unit": "g", "group": "۱"}},
        {"code": "b", "title_fa": "ب"}, {"code": "d", "title_fa": "ت", "parent": "b"},
    ]  # fmt: skip
    publish(committee, ListOf("LNC", second))
    publish(committee, ListOf("LNC", first))
    return committee


def test_each_field_that_differs_is_told(history: Committee) -> None:
    changes = {c.code: c for c in between(history, "LNC", 1, 2)}
    assert {code: c.kind for code, c in changes.items()} == {"a": "changed", "c": "retired", "d": "added"}
    assert {(f.field, f.before, f.after) for f in changes["a"].fields()} == {
        ("title_en", None, "A"), ("properties.unit", "mg", "g"), ("properties.price", 5, None),
        ("properties.group", None, "۱"),
    }  # fmt: skip
    assert changes["d"].after == {"title_fa": "ت", "status": "active", "parent": "b"}
    assert [(f.field, f.before, f.after) for f in changes["c"].fields()] == [("status", "active", "retired")]


def test_what_was_changed_and_changed_back_does_not_differ(history: Committee) -> None:
    assert {(c.code, c.kind) for c in between(history, "LNC", 1, 3)} == {("d", "added")}
    assert between(history, "LNC", 2, 2) == []


def test_the_other_way_round_is_the_reverse(history: Committee) -> None:
    assert {(c.code, c.kind) for c in between(history, "LNC", 2, 1)} == {
        ("a", "changed"), ("c", "restored"), ("d", "removed"),
    }  # fmt: skip


def test_counts_by_kind_and_field(history: Committee) -> None:
    assert counts(history, "LNC", 1, 2) == {
        "added": 1, "changed": 1, "retired": 1, "restored": 0, "removed": 0,
        "fields": {"properties.group": 1, "properties.price": 1, "properties.unit": 1, "status": 1, "title_en": 1},
    }  # fmt: skip


def test_changes_can_be_chosen_and_paged(history: Committee) -> None:
    assert [c.code for c in between(history, "LNC", 1, 2, kinds=["added", "retired"])] == ["c", "d"]
    assert [c.code for c in between(history, "LNC", 1, 2, limit=2)] == ["a", "c"]
    assert [c.code for c in between(history, "LNC", 1, 2, after="a")] == ["c", "d"]
    assert [c.code for c in between(history, "LNC", 1, 2, query="ت")] == ["d"]
    assert [c.code for c in between(history, "LNC", 1, 2, query="A")] == ["a"]
    assert between(history, "LNC", 1, 2, query="%") == []
    assert counts(history, "LNC", 1, 2, kinds=["added"])["retired"] == 0


def test_changes_of_one_part(committee: Committee) -> None:
    committee.publish(ListOf("LNC", codes(a="آ"), part="clinical"))
    committee.publish(ListOf("LNC", codes(a="آ۲"), part="clinical"), ListOf("LNC", codes(g="ژ"), part="genetics"))
    assert [c.code for c in between(committee, "LNC", 1, 2, part="genetics")] == ["g"]
    assert between(committee, "LNC", 1, 2, part="blood") == []


def test_a_draft_is_compared_with_the_current_edition(history: Committee) -> None:
    number = history.draft(workbook(ListOf("LNC", codes(a="آ", b="ب۲", e="ث"))))
    changes, told = of_draft(history, number, "LNC")
    assert [(c.code, c.kind) for c in changes] == [("a", "changed"), ("b", "changed"), ("c", "retired"), ("e", "added")]
    assert changes[2].after == {"title_fa": "پ", "title_en": "C", "status": "retired"}
    assert told == summary(changes)
    amendment = history.draft(workbook(ListOf("LNC", codes(b="ب۲"))), scope="amendment")
    assert [(c.code, c.kind) for c in of_draft(history, amendment, "LNC")[0]] == [("b", "changed")]


def test_of_a_map_the_draft_is_compared_with_decisions_over_it(committee: Committee) -> None:
    rows = [{"source": "a", "target": "x"}, {"source": "b", "target": "y"}]
    committee.publish(ListOf(MAP, rows))
    number = actions.draft_decisions(
        committee.engine, actor=SARA, map_name=MAP,
        decisions=[Decision("a", "x", "holds", "چون", "broader"), Decision("b", None, "no-target", "چون")],
    ).submission_id  # fmt: skip
    changes, told = of_draft(committee, number, MAP)
    assert [(c.code, c.kind) for c in changes] == [("a\x1fx", "changed"), ("b\x1fy", "retired")]
    assert [(f.field, f.before, f.after) for f in changes[0].fields()] == [("relationship", "equivalent", "broader")]
    assert told == summary(changes)
    committee.approve(number)
    actions.publish_submission(committee.engine, submission_id=number, actor=MINA)
    later = committee.draft(workbook(ListOf(MAP, [{"source": "b", "target": "z"}, {"source": "c", "target": "x"}])))
    assert [(c.code, c.kind) for c in of_draft(committee, later, MAP)[0]] == [("c\x1fx", "added")]


def test_what_is_published_is_no_draft_any_more(history: Committee) -> None:
    with transaction(history.engine) as session, pytest.raises(WrongState, match="maxa diff"):
        differences.require_draft(queries.submission_or_error(session, 1))


def test_editions_are_found_in_any_digits_and_unknown_ones_are_told(history: Committee) -> None:
    with transaction(history.engine) as session:
        terminology = differences.terminology_named(session, "lnc")
        newest = differences.release_of(session, terminology)
        persian = newest.version.replace("-", "/").translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))
        assert differences.release_of(session, terminology, persian) is newest
        with pytest.raises(UnknownVersion) as refused:
            differences.release_of(session, terminology, "1300-01-01")
        assert newest.version in refused.value.suggestions
        with pytest.raises(NotFound):
            differences.terminology_named(session, "LNX")


def test_a_long_list_comes_whole(committee: Committee) -> None:
    """Over the driver's blocks none is lost and none comes twice."""
    for title in ("یک", "دو"):
        committee.publish(ListOf("LNC", [{"code": f"{n:05}", "title_fa": title} for n in range(12_001)]), seal=False)
    changes = between(committee, "LNC", 1, 2)
    assert [c.code for c in changes] == [f"{n:05}" for n in range(12_001)]
    assert counts(committee, "LNC", 1, 2)["changed"] == 12_001


# --- the same as the plain comparison of two whole states -------------------------------------------------------------

values = st.sampled_from(["", "یک", "دو"])
concepts = st.dictionaries(
    st.sampled_from("abcdB1"),
    st.fixed_dictionaries({
        "title_fa": values, "title_en": values, "properties": st.dictionaries(st.sampled_from("pq"), values),
        "status": st.sampled_from(["active", "active", "retired"]),
    }),
    min_size=1,
)  # fmt: skip
names = iter(range(10_000))


def state_at(session: Any, terminology: Any, ordinal: int) -> list[tuple[str, dict[str, Any]]]:
    live = Mapping if terminology.kind == "map" else Concept
    rows = session.query(live).filter(
        live.terminology_id == terminology.id, live.since <= ordinal, (live.until.is_(None)) | (live.until > ordinal)
    )
    return [(row.code, _flat(row)) for row in sorted(rows, key=lambda row: row.code.encode())]


def _flat(row: Any) -> dict[str, Any]:
    if isinstance(row, Mapping):
        return flat_pair(source=row.source_code, target=row.target_code, relationship=row.relationship,
                         status=row.status, part=row.part, properties=row.properties)  # fmt: skip
    return flat_concept(title_fa=row.title_fa, title_en=row.title_en, status=row.status, part=row.part,
                        parent=row.parent, replaced_by=row.replaced_by, properties=row.properties)  # fmt: skip


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), phases=NO_SHRINKING)
@given(first=concepts, second=concepts, third=concepts, scope=st.sampled_from(["full", "amendment"]))
def test_differences_are_those_of_the_whole_states(
    committee: Committee, first: Any, second: Any, third: Any, scope: str
) -> None:
    name = f"T{next(names)}"
    told: dict[int, list[Change]] = {}
    for rows in (first, second, third):
        listed = [{"code": code, **row} for code, row in rows.items()]
        number = committee.draft(workbook(ListOf(name, listed)), scope=scope)
        drafted, counted = of_draft(committee, number, name)
        assert counted == summary(drafted)
        try:
            publish_draft(committee, number)
        except WrongState:
            assert drafted == []
            continue
        told[len(told) + 1] = drafted
    with transaction(committee.engine) as session:
        terminology = differences.terminology_named(session, name)
        line = differences.editions(session, terminology)
        for before in line:
            for to in line:
                found = list(differences.edition_changes(session, terminology, before, to))
                states = (state_at(session, terminology, release.ordinal) for release in (before, to))
                assert found == list(pure_differences(*states))
                assert summary(found) == differences.edition_counts(session, terminology, before, to).as_dict()
                if to.ordinal == before.ordinal + 1:
                    assert found == told[to.ordinal]


def test_a_map_is_named_as_in_a_shell(committee: Committee) -> None:
    committee.publish(ListOf(MAP, [{"source": "a", "target": "x"}]))
    with transaction(committee.engine) as session:
        assert {differences.terminology_named(session, name) for name in ("lnc->rvu3", "LNC--RVU3", MAP)} == {
            map_named(session, MAP)
        }
