"""Editions of the past, brought in after those that followed them (docs/adr/0008-history.md)."""

from __future__ import annotations

from datetime import date, datetime
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maxa.errors import BadParameter, HasErrors, UnknownVersion, WrongState
from maxa.persian.dates import parse_day
from maxa.registry import actions, queries
from maxa.registry.transaction import transaction
from maxa.shelf.changes import Bases, ChangesSince
from maxa.timeline import in_order
from tests.lists import MINA, Committee, ListOf, codes, workbook

MAP = "LNC→RVU3"


def past(committee: Committee, day: str, *lists: ListOf, scope: str = "full") -> Any:
    """Publish a list as history, in force from a Jalali day."""
    number = drafted(committee, day, *lists, scope=scope)
    committee.approve(number)
    published = actions.publish_submission(committee.engine, submission_id=number, actor=MINA)
    committee.project()
    return published


def drafted(committee: Committee, day: str, *lists: ListOf, scope: str = "full") -> int:
    return committee.draft(workbook(*lists), day=parse_day(day), history=True, scope=scope)


def live(committee: Committee, day: str, *lists: ListOf) -> Any:
    return committee.publish(*lists, circular=f"110/{day[:4]}{day[5:7]}", day=parse_day(day))


def on(committee: Committee, day: str, terminology: str = "LNC") -> dict[str, bool]:
    """``{code: active}`` as ``Date=`` answers."""
    entry = committee.shelf.catalogue().terminology(terminology)
    release = committee.shelf.release(entry.edition(on=parse_day(day)))
    return {c.code: bool(c.active) for page in release.everything(status="all") for c in page}


def rules(committee: Committee, number: int) -> dict[str, str]:
    with transaction(committee.engine) as session:
        return {f.rule: f.severity for f in queries.findings(session, number)}


def versions(committee: Committee, terminology: str = "LNC") -> list[str]:
    return [e.version for e in committee.shelf.catalogue().terminology(terminology).editions]


def test_an_older_edition_answers_for_its_days_and_what_is_current_stays(committee: Committee) -> None:
    live(committee, "1402/02/18", ListOf("LNC", codes(b="ب", c="پ")))
    file = committee.folder / committee.shelf.catalogue().terminology("LNC").current.file
    sealed = file.read_bytes()
    past(committee, "1400/06/20", ListOf("LNC", codes(a="آ", b="ب")))
    assert on(committee, "1401/01/01") == {"a": True, "b": True}, "codes that came later were unknown then"
    assert on(committee, "1402/02/18") == {"a": False, "b": True, "c": True}
    with pytest.raises(UnknownVersion):
        on(committee, "1400/06/19")
    assert versions(committee) == ["1402-02-18", "1400-06-20", "1402-02-18.2"]
    assert file.read_bytes() == sealed
    committee.check_invariants()


def test_what_is_current_is_what_it_would_be_had_they_come_oldest_first(committee: Committee) -> None:
    lists = {"1398/01/01": codes(a="آ", b="ب"), "1400/01/01": codes(b="ب۲", c="پ"), "1402/01/01": codes(c="پ", d="ت")}
    for day in sorted(lists):
        live(committee, day, ListOf("RVU3", lists[day]))
    live(committee, "1402/01/01", ListOf("LNC", lists["1402/01/01"]))
    past(committee, "1398/01/01", ListOf("LNC", lists["1398/01/01"]))
    past(committee, "1400/01/01", ListOf("LNC", lists["1400/01/01"]))
    for day in ("1398/05/05", "1399/12/29", "1400/01/01", "1401/12/01"):
        ours = {code: active for code, active in on(committee, day).items() if active}
        assert ours == {code: active for code, active in on(committee, day, "RVU3").items() if active}
    held, expected = committee.current("LNC"), committee.current("RVU3")
    assert {c: active for c, (_, active) in held.items()} == {c: active for c, (_, active) in expected.items()}
    committee.check_invariants()


def test_who_syncs_by_from_date_is_told_only_of_codes_that_had_been_forgotten(committee: Committee) -> None:
    live(committee, "1402/02/18", ListOf("LNC", codes(b="ب", c="پ")))
    copied = committee.current("LNC")
    past(committee, "1400/06/20", ListOf("LNC", codes(a="آ", b="بی دیگر")))
    entry = committee.shelf.catalogue().terminology("LNC")
    since = entry.editions[1].ordinal
    changes = ChangesSince(committee.shelf.release(entry.current), Bases(since, since)).page(after=None, limit=10)
    assert [(c.kind, c.concept.code) for c in changes] == [("retired", "a")]
    for change in changes:
        copied[change.concept.code] = (change.concept.title, bool(change.concept.active))
    assert copied == committee.current("LNC")


def test_other_parts_keep_what_they_were_on_each_day(committee: Committee) -> None:
    """Between an old clinical list and the next one the genetic list changed: each day has its own union."""
    live(committee, "1399/01/01", ListOf("LNC", codes(g1="ژ"), part="genetics"))
    live(committee, "1401/01/01", ListOf("LNC", codes(g1="ژ", g2="ژ"), part="genetics"))
    live(committee, "1402/01/01", ListOf("LNC", codes(c2="پ"), part="clinical"))
    before = committee.current("LNC")
    past(committee, "1400/01/01", ListOf("LNC", codes(c1="پ"), part="clinical"))
    assert on(committee, "1399/06/01") == {"g1": True}
    assert on(committee, "1400/06/01") == {"g1": True, "c1": True}
    assert on(committee, "1401/06/01") == {"g1": True, "g2": True, "c1": True}
    assert on(committee, "1402/06/01") == {"g1": True, "g2": True, "c2": True, "c1": False}
    assert committee.current("LNC") == before | {"c1": ("پ", False)}
    committee.check_invariants()


def test_history_is_brought_in_in_any_order_and_corrected(committee: Committee) -> None:
    live(committee, "1403/01/01", ListOf("LNC", codes(z="ی")))
    past(committee, "1401/01/01", ListOf("LNC", codes(m="م")))
    past(committee, "1399/01/01", ListOf("LNC", codes(a="آ")))
    past(committee, "1402/01/01", ListOf("LNC", codes(q="ق")))
    past(committee, "1399/01/01", ListOf("LNC", codes(a="آ", aa="آآ")))
    days = {"1399/02/01": {"a", "aa"}, "1401/02/01": {"m"}, "1402/02/01": {"q"}, "1403/02/01": {"z"}}
    for day, held in days.items():
        assert {code for code, active in on(committee, day).items() if active} == held
    assert "1399-01-01.2" in versions(committee)
    committee.check_invariants()


def test_the_next_live_edition_goes_on_from_the_current_one(committee: Committee) -> None:
    live(committee, "1402/01/01", ListOf("LNC", codes(b="ب")))
    past(committee, "1400/01/01", ListOf("LNC", codes(a="آ")))
    live(committee, "1403/01/01", ListOf("LNC", codes(b="ب", c="پ")))
    assert committee.current("LNC") == {"a": ("آ", False), "b": ("ب", True), "c": ("پ", True)}
    assert on(committee, "1400/06/01") == {"a": True}
    older = committee.draft(workbook(ListOf("LNC", codes(b="ب"))), circular="110/9", day=parse_day("1402/06/01"))
    assert rules(committee, older) == {"back-dated": "error"}
    committee.check_invariants()


def test_a_past_edition_that_was_wrong_is_withdrawn_with_those_made_for_it(committee: Committee) -> None:
    live(committee, "1399/01/01", ListOf("LNC", codes(g1="ژ"), part="genetics"))
    live(committee, "1401/01/01", ListOf("LNC", codes(g1="ژ", g2="ژ"), part="genetics"))
    live(committee, "1402/01/01", ListOf("LNC", codes(c2="پ"), part="clinical"))
    wrong = workbook(ListOf("LNC", codes(c1="پ"), part="clinical"))
    number = committee.draft(wrong, day=parse_day("1400/01/01"), history=True)
    committee.approve(number)
    actions.publish_submission(committee.engine, submission_id=number, actor=MINA)
    committee.project()
    now = committee.current("LNC")
    committee.withdraw("LNC", "1400-01-01")
    assert on(committee, "1400/06/01") == {"g1": True}
    assert on(committee, "1401/06/01") == {"g1": True, "g2": True}
    assert committee.current("LNC") == now
    committee.check_invariants()
    again = committee.receive(wrong, day=parse_day("1400/01/01"), history=True)
    assert again != number


def test_withdrawing_the_current_list_steps_back_in_time_not_in_order_of_publication(committee: Committee) -> None:
    live(committee, "1401/01/01", ListOf("LNC", codes(m="م")))
    live(committee, "1402/01/01", ListOf("LNC", codes(z="ی")))
    past(committee, "1400/01/01", ListOf("LNC", codes(a="آ")))
    committee.withdraw("LNC", "1402-01-01")
    assert {code for code, (_, active) in committee.current("LNC").items() if active} == {"m"}
    committee.check_invariants()


def test_maps_have_their_history_too(committee: Committee) -> None:
    def pairs(*targets: str) -> ListOf:
        return ListOf("LNC→RVU3", [{"source": "a", "target": t} for t in targets])

    live(committee, "1402/01/01", pairs("new"))
    past(committee, "1400/01/01", pairs("old", "older"))
    entry = committee.shelf.catalogue().terminology("LNC→RVU3", kind="map")
    then = committee.shelf.release(entry.edition(on=parse_day("1401/01/01")))
    assert [p.target for p in then.targets("a")] == ["old", "older"]
    assert [p.target for p in committee.shelf.release(entry.current).targets("a")] == ["new"]
    committee.check_invariants()


# --- what is refused ----------------------------------------------------------------------------------------------


def test_history_needs_its_day_and_a_day_needs_a_circular_else(committee: Committee) -> None:
    book = workbook(ListOf("LNC", codes(a="آ")))
    with pytest.raises(BadParameter, match="needs its day"):
        committee.receive(book, history=True)
    with pytest.raises(BadParameter, match="goes with --circular"):
        committee.receive(book, day=date(2020, 1, 1))


def test_what_nothing_newer_is_there_of_becomes_current_and_says_so(committee: Committee) -> None:
    number = drafted(committee, "1400/01/01", ListOf("LNC", codes(a="آ")))
    assert rules(committee, number) == {"not-history": "info"}
    committee.approve(number)
    assert actions.publish_submission(committee.engine, submission_id=number, actor=MINA).releases[0][1] == "1400-01-01"
    committee.project()
    assert committee.current("LNC") == {"a": ("آ", True)}


def test_parts_with_and_without_a_newer_edition_come_apart(committee: Committee) -> None:
    live(committee, "1402/01/01", ListOf("LNC", codes(a="آ"), part="clinical"))
    number = drafted(
        committee, "1400/01/01", ListOf("LNC", codes(a="آ"), part="clinical"),
        ListOf("LNC", codes(g="ژ"), part="genetics"),
    )  # fmt: skip
    assert rules(committee, number) == {"history-of-some-parts": "error"}
    with pytest.raises(HasErrors):
        committee.approve(number)


def test_an_amendment_is_history_only_where_a_full_list_follows(committee: Committee) -> None:
    live(committee, "1400/01/01", ListOf("LNC", codes(a="آ", b="ب")))
    committee.publish(ListOf("LNC", codes(c="پ")), circular="110/1", day=parse_day("1402/01/01"), scope="amendment")
    number = drafted(committee, "1401/01/01", ListOf("LNC", codes(d="ت")), scope="amendment")
    assert rules(committee, number) == {"history-by-amendment": "error"}
    live(committee, "1403/01/01", ListOf("LNC", codes(a="آ", b="ب", c="پ")))
    past(committee, "1402/06/01", ListOf("LNC", [{"code": "b", "title_fa": "بی"}]), scope="amendment")
    assert on(committee, "1402/07/01") == {"a": True, "b": True, "c": True}
    entry = committee.shelf.catalogue().terminology("LNC")
    then = committee.shelf.release(entry.edition(on=parse_day("1402/07/01")))
    changed = then.concept("b")
    assert changed is not None
    assert changed.title_fa == "بی"
    assert committee.current("LNC")["b"] == ("ب", True)
    committee.check_invariants()


def test_a_past_list_that_says_nothing_new_is_closed(committee: Committee) -> None:
    live(committee, "1402/01/01", ListOf("LNC", codes(b="ب")))
    past(committee, "1400/01/01", ListOf("LNC", codes(a="آ")))
    with pytest.raises(WrongState, match="changes nothing"):
        past(committee, "1400/01/01", ListOf("LNC", codes(a="آ")))
    assert versions(committee) == ["1402-01-01", "1400-01-01", "1402-01-01.2"]
    committee.check_invariants()


def test_a_release_without_a_circular_has_older_ones_too(committee: Committee) -> None:
    committee.publish(ListOf("IRC", codes(b="ب")))
    past(committee, "1400/02/07", ListOf("IRC", codes(a="آ")))
    assert on(committee, "1401/01/01", "IRC") == {"a": True}
    assert committee.current("IRC") == {"a": ("آ", False), "b": ("ب", True)}


def test_the_instants_of_publication_never_go_back(committee: Committee) -> None:
    live(committee, "1402/01/01", ListOf("LNC", codes(b="ب")))
    past(committee, "1400/01/01", ListOf("LNC", codes(a="آ")))
    at: list[datetime] = [e.published_at for e in committee.shelf.catalogue().terminology("LNC").editions]
    assert at == sorted(at)


# --- the order in time --------------------------------------------------------------------------------------------


@given(st.lists(st.integers(0, 3), max_size=12))
def test_every_edition_has_one_place_and_keeps_it(picks: list[int]) -> None:
    """Each edition is put at the end or before one that is there; replaying them gives the same line each time."""
    editions: list[Any] = []
    lines: list[list[int]] = []
    for ordinal, pick in enumerate(picks, start=1):
        line = in_order(editions)
        before = line[pick % len(line)].ordinal if line and pick else None
        editions.append(SimpleNamespace(ordinal=ordinal, before=before))
        lines.append([e.ordinal for e in in_order(editions)])
    for earlier, later in pairwise(lines):
        assert [o for o in later if o in earlier] == earlier
    assert sorted(lines[-1]) == list(range(1, len(picks) + 1)) if lines else True


def test_pairs_that_came_later_were_unknown_then(committee: Committee) -> None:
    def pairs(*given: str, part: str = "") -> ListOf:
        return ListOf(MAP, [dict(zip(("source", "target"), pair.split(), strict=True)) for pair in given], part=part)

    def rows_on(day: str) -> dict[str, bool]:
        entry = committee.shelf.catalogue().terminology(MAP, kind="map")
        release = committee.shelf.release(entry.edition(on=parse_day(day)))
        found = release.rows("SELECT source, target, active FROM pair")
        return {f"{source} {target}": bool(active) for source, target, active in found}

    live(committee, "1402/02/18", pairs("b y", "c z"))
    past(committee, "1400/06/20", pairs("a x", "b y"))
    assert rows_on("1401/01/01") == {"a x": True, "b y": True}
    assert rows_on("1402/02/18") == {"a x": False, "b y": True, "c z": True}
    past(committee, "1399/06/20", pairs("b y", "d x"))
    assert rows_on("1399/10/01") == {"b y": True, "d x": True}
    assert rows_on("1402/02/18") == {"a x": False, "b y": True, "c z": True, "d x": False}
    committee.check_invariants()


def test_pairs_that_parts_have_in_common_come_in_as_history(committee: Committee) -> None:
    def pairs(*given: str, part: str) -> ListOf:
        return ListOf(MAP, [dict(zip(("source", "target"), pair.split(), strict=True)) for pair in given], part=part)

    def active_on(day: str) -> set[str]:
        entry = committee.shelf.catalogue().terminology(MAP, kind="map")
        release = committee.shelf.release(entry.edition(on=parse_day(day)))
        return {f"{s} {t}" for s, t in release.rows("SELECT source, target FROM pair WHERE active = 1")}

    live(committee, "1399/01/01", pairs("a x", "g y", part="genetics"))
    live(committee, "1402/01/01", pairs("c z", part="clinical"))
    past(committee, "1400/01/01", pairs("a x", "b y", part="clinical"))
    assert active_on("1400/06/01") == {"a x", "b y", "g y"}
    assert active_on("1402/06/01") == {"a x", "c z", "g y"}
    live(committee, "1403/01/01", pairs("g y", part="genetics"))
    assert active_on("1403/06/01") == {"c z", "g y"}
    committee.check_invariants()
