from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from maxa.diff import Change, FieldChange, change_of, differences, flat_concept, flat_pair, summary

LISTS = st.dictionaries(
    st.text("abc12", min_size=1, max_size=3),
    st.fixed_dictionaries(
        {"status": st.sampled_from(["active", "retired"])}, optional={"title_fa": st.sampled_from(["الف", "ب"])}
    ),
    max_size=12,
)


def _stream(states: dict[str, dict[str, str]]) -> list[tuple[str, dict[str, str]]]:
    return sorted(states.items())


@given(LISTS, LISTS)
def test_changes_lead_from_the_one_list_to_the_other(before: dict, after: dict) -> None:
    applied = dict(before)
    for change in differences(_stream(before), _stream(after)):
        if change.after is None:
            del applied[change.code]
        else:
            applied[change.code] = change.after
    assert applied == after


@given(LISTS, LISTS)
def test_changes_come_once_a_code_and_in_order(before: dict, after: dict) -> None:
    codes = [change.code for change in differences(_stream(before), _stream(after))]
    assert codes == sorted(set(codes))
    assert set(codes) == {c for c in before.keys() | after.keys() if before.get(c) != after.get(c)}


def test_kinds_tell_what_became_of_a_code() -> None:
    active, other, retired = {"status": "active"}, {"status": "active", "parent": "A"}, {"status": "retired"}
    cases = {
        "added": (None, active), "removed": (active, None), "changed": (active, other), "retired": (other, retired),
        "restored": (retired, active),
    }  # fmt: skip
    for kind, (before, after) in cases.items():
        assert change_of("1", before, after) == Change("1", kind, before, after)
    assert change_of("1", active, dict(active)) is None


def test_a_change_names_its_fields() -> None:
    before = flat_concept(title_fa="الف", title_en="", status="active", properties={"unit": "g", "group": "x"})
    after = flat_concept(title_fa="ب", title_en="", status="active", properties={"unit": "g", "price": 5})
    change = change_of("1", before, after)
    assert change is not None
    assert change.fields() == [
        FieldChange("title_fa", "الف", "ب"),
        FieldChange("properties.price", None, 5),
        FieldChange("properties.group", "x", None),
    ]


def test_a_summary_counts_kinds_and_fields() -> None:
    one = flat_pair(source="1", target="2", relationship="equivalent", status="active")
    other = {**one, "relationship": "broader"}
    told = summary(differences([("1", one), ("2", one)], [("1", other), ("3", one)]))
    assert told == {
        "added": 1, "changed": 1, "retired": 0, "restored": 0, "removed": 1, "fields": {"relationship": 1},
    }  # fmt: skip
