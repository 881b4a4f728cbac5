"""The way of a list: received, imported, reviewed, published, withdrawn."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from maxa.errors import (
    BadParameter,
    BadWorkbook,
    BaseMoved,
    HasErrors,
    NeedsConfirmation,
    NotAllowed,
    WrongState,
)
from maxa.persian.dates import TEHRAN, jalali_version
from maxa.registry import actions, differences, queries
from maxa.registry.actions import publishing
from maxa.registry.actions.imports import Workbook
from maxa.registry.models import State, Submission
from maxa.registry.transaction import transaction
from tests.lists import ADMIN, MINA, SARA, Committee, ListOf, codes, workbook


def state_of(committee: Committee, number: int) -> State:
    with transaction(committee.engine) as session:
        return State(queries.submission_or_error(session, number).state)


def test_a_list_is_published_under_its_circulars_day(committee: Committee) -> None:
    published = committee.publish(ListOf("LNC", codes(a="آ", b="ب")), circular="110/37")
    assert published.serial == 1
    assert [(name, version) for name, version, _ in published.releases] == [("LNC", "1402-02-18")]
    assert committee.current("LNC") == {"a": ("آ", True), "b": ("ب", True)}
    committee.check_invariants()


def test_a_list_without_a_circular_bears_the_day_of_publication(committee: Committee) -> None:
    published = committee.publish(ListOf("LNC", codes(a="آ")))
    assert published.releases[0][1] == jalali_version(datetime.now(TEHRAN).date())


def test_the_same_workbook_again_is_a_no_op_while_the_first_is_alive(committee: Committee) -> None:
    book = workbook(ListOf("LNC", codes(a="آ")))
    first = actions.receive_submission(committee.engine, actor=SARA, workbooks=[book], circular="110/37")
    again = actions.receive_submission(committee.engine, actor=SARA, workbooks=[book], circular="37/110")
    assert again.existing
    assert again.submission_id == first.submission_id
    actions.import_submission(committee.engine, submission_id=first.submission_id, workdir=committee.home)
    actions.reject_submission(committee.engine, submission_id=first.submission_id, actor=MINA, reason="نه")
    assert not actions.receive_submission(committee.engine, actor=SARA, workbooks=[book], circular="110/37").existing


def test_other_content_under_the_same_circular_becomes_dot_two(committee: Committee) -> None:
    committee.publish(ListOf("LNC", codes(a="آ")), circular="110/37")
    second = committee.publish(ListOf("LNC", codes(a="آ۲")), circular="110/37")
    assert second.releases[0][1] == "1402-02-18.2"


def test_a_full_list_retires_what_its_own_part_no_longer_names(committee: Committee) -> None:
    committee.publish(ListOf("LNC", codes(a="آ", b="ب"), part="clinical"))
    committee.publish(ListOf("LNC", codes(g="ژ"), part="genetics"))
    published = committee.publish(ListOf("LNC", codes(a="آ"), part="clinical"))
    assert published.releases[0][2] == (0, 0, 1, 0)
    assert committee.current("LNC") == {"a": ("آ", True), "b": ("ب", False), "g": ("ژ", True)}
    restored = committee.publish(ListOf("LNC", codes(a="آ", b="ب"), part="clinical"))
    assert restored.releases[0][2] == (0, 0, 0, 1)
    committee.check_invariants()


def test_an_amendment_changes_only_what_it_names(committee: Committee) -> None:
    committee.publish(ListOf("LNC", codes(a="آ", b="ب")))
    committee.publish(ListOf("LNC", [{"code": "b", "title_fa": "ب", "status": "retired", "replaced_by": "c"},
                                     {"code": "c", "title_fa": "پ"}]), scope="amendment")  # fmt: skip
    assert committee.current("LNC") == {"a": ("آ", True), "b": ("ب", False), "c": ("پ", True)}


def test_a_code_of_another_part_is_not_taken_over(committee: Committee) -> None:
    committee.publish(ListOf("LNC", codes(a="آ"), part="clinical"))
    number = committee.draft(workbook(ListOf("LNC", codes(a="آ"), part="genetics")))
    with pytest.raises(HasErrors):
        actions.submit_for_review(committee.engine, submission_id=number, actor=SARA)
    assert rules(committee, number) == {"code-in-other-part"}


def rules(committee: Committee, number: int) -> set[str]:
    with transaction(committee.engine) as session:
        return {f.rule for f in queries.findings(session, number)}


def test_a_submission_with_errors_cannot_be_published(committee: Committee) -> None:
    finding = {"rule": "bad-code", "severity": "error", "sheet": "۱", "row": 3, "column": "A", "value": "؟"}
    number = committee.draft(workbook(ListOf("LNC", codes(a="آ")), findings=[finding]))
    with pytest.raises(HasErrors, match="1 errors"):
        actions.submit_for_review(committee.engine, submission_id=number, actor=SARA)
    assert state_of(committee, number) is State.DRAFT


def test_a_short_full_list_blocks_and_an_amendment_does_not(committee: Committee) -> None:
    short = ListOf("LNC", codes(a="آ"), expected={"min_rows": 10})
    number = committee.draft(workbook(short))
    assert rules(committee, number) == {"too-few-rows"}
    number = committee.draft(workbook(short), scope="amendment")
    assert rules(committee, number) == set()


def test_retiring_more_than_the_declared_share_needs_the_figure_confirmed(committee: Committee) -> None:
    committee.publish(ListOf("LNC", codes(a="آ", b="ب", c="پ")))
    number = committee.draft(workbook(ListOf("LNC", codes(a="آ"), expected={"min_rows": 0, "max_retired_share": 0.5})))
    with pytest.raises(NeedsConfirmation) as refused:
        actions.submit_for_review(committee.engine, submission_id=number, actor=SARA)
    assert refused.value.suggestions == ["retired:LNC=2"]
    with pytest.raises(BadParameter):
        actions.submit_for_review(committee.engine, submission_id=number, actor=SARA, confirm=["retired:LNC=1"])
    actions.submit_for_review(committee.engine, submission_id=number, actor=SARA, confirm=["retired:LNC=2"])
    assert state_of(committee, number) is State.IN_REVIEW


def test_who_imports_does_not_approve(committee: Committee) -> None:
    both = type(SARA)("sara", frozenset({"importer", "approver"}))
    number = committee.draft(workbook(ListOf("LNC", codes(a="آ"))))
    actions.submit_for_review(committee.engine, submission_id=number, actor=both)
    with pytest.raises(NotAllowed):
        actions.approve_submission(committee.engine, submission_id=number, actor=both)
    with pytest.raises(NotAllowed):
        actions.approve_submission(committee.engine, submission_id=number, actor=SARA)
    actions.approve_submission(committee.engine, submission_id=number, actor=both, one_person=True)
    assert state_of(committee, number) is State.APPROVED


def test_an_administrator_overrides_with_a_reason_that_is_audited(committee: Committee) -> None:
    number = actions.receive_submission(
        committee.engine, actor=ADMIN, workbooks=[workbook(ListOf("LNC", codes(a="آ")))]
    ).submission_id
    actions.import_submission(committee.engine, submission_id=number, workdir=committee.home)
    actions.submit_for_review(committee.engine, submission_id=number, actor=ADMIN)
    with pytest.raises(NotAllowed):
        actions.approve_submission(committee.engine, submission_id=number, actor=ADMIN, override_reason=" ")
    actions.approve_submission(committee.engine, submission_id=number, actor=ADMIN, override_reason="تنها منم")
    assert committee.scalar("SELECT detail->>'override' FROM audit_event WHERE action = 'approve'") == "تنها منم"


def test_an_approval_whose_base_has_moved_is_reviewed_anew(committee: Committee) -> None:
    first = committee.draft(workbook(ListOf("LNC", codes(a="آ"))))
    second = committee.draft(workbook(ListOf("LNC", codes(b="ب"))))
    other = committee.draft(workbook(ListOf("RVU3", codes(r="ر"))))
    committee.approve(first)
    committee.approve(second)
    committee.approve(other)
    actions.publish_submission(committee.engine, submission_id=first, actor=MINA)
    with pytest.raises(BaseMoved):
        actions.publish_submission(committee.engine, submission_id=second, actor=MINA)
    assert state_of(committee, second) is State.IN_REVIEW
    assert "many-retired" not in rules(committee, second)
    actions.publish_submission(committee.engine, submission_id=other, actor=MINA)
    actions.approve_submission(committee.engine, submission_id=second, actor=MINA)
    actions.publish_submission(committee.engine, submission_id=second, actor=MINA)
    committee.project()
    assert committee.current("LNC") == {"a": ("آ", False), "b": ("ب", True)}
    committee.check_invariants()


def test_rows_tampered_with_after_the_approval_are_not_published(committee: Committee) -> None:
    number = committee.draft(workbook(ListOf("LNC", codes(a="آ"))))
    committee.approve(number)
    with committee.engine.begin() as connection:
        connection.execute(text("UPDATE staged_concept SET content_hash = '\\x00'"))
    with pytest.raises(WrongState):
        actions.publish_submission(committee.engine, submission_id=number, actor=MINA)


def test_a_list_that_changes_nothing_makes_no_edition(committee: Committee) -> None:
    committee.publish(ListOf("LNC", codes(a="آ")))
    with pytest.raises(WrongState, match="changes nothing"):
        committee.publish(ListOf("LNC", codes(a="آ"), expected={"min_rows": 1}))
    assert committee.scalar("SELECT count(*) FROM publication") == 1


def test_an_approval_for_later_is_published_when_its_time_has_come(committee: Committee) -> None:
    number = committee.draft(workbook(ListOf("LNC", codes(a="آ"))))
    actions.submit_for_review(committee.engine, submission_id=number, actor=SARA)
    at = datetime.now(UTC) + timedelta(days=1)
    actions.approve_submission(committee.engine, submission_id=number, actor=MINA, publish_at=at)
    assert actions.publish_due(committee.engine) == []
    [(due, published)] = actions.publish_due(committee.engine, now=at)
    assert due == number
    assert published.serial == 1  # type: ignore[union-attr]


def test_withdrawing_brings_the_earlier_rows_back_as_a_new_edition(committee: Committee) -> None:
    committee.publish(ListOf("LNC", codes(a="آ", b="ب", c="پ")), circular="110/37")
    before = committee.current("LNC")
    committee.publish(ListOf("LNC", codes(a="دیگر", c="پ", d="ت")), circular="110/37")
    withdrawn = committee.withdraw("LNC", "1402-02-18.2")
    assert withdrawn.serial == 3
    now = committee.current("LNC")
    assert {k: v for k, v in now.items() if v[1]} == before
    assert now["d"] == ("ت", False), "a code once published never disappears"
    entry = committee.shelf.catalogue().terminology("LNC")
    assert [e.withdrawn for e in entry.editions] == [False, True, False]
    assert entry.current.reverses == "1402-02-18.2"
    assert committee.shelf.release(entry.editions[1]).concept("d") is not None, "it stays readable by its version"
    committee.check_invariants()


def test_withdrawing_the_first_edition_retires_its_codes(committee: Committee) -> None:
    version = committee.publish(ListOf("LNC", codes(a="آ"))).releases[0][1]
    committee.withdraw("LNC", version)
    assert committee.current("LNC") == {"a": ("آ", False)}
    committee.check_invariants()


def test_withdrawing_an_older_edition_only_marks_it(committee: Committee) -> None:
    committee.publish(ListOf("LNC", codes(a="آ")), circular="110/37")
    committee.publish(ListOf("LNC", codes(a="آ۲")), circular="110/37")
    withdrawn = committee.withdraw("LNC", "1402-02-18")
    assert withdrawn.releases == []
    assert committee.current("LNC") == {"a": ("آ۲", True)}
    with pytest.raises(WrongState):
        committee.withdraw("LNC", "1402-02-18")


def test_a_workbook_that_cannot_be_read_fails_and_changes_nothing(committee: Committee) -> None:
    number = committee.draft(Workbook("x.json", b"not json"))
    assert state_of(committee, number) is State.FAILED
    assert committee.scalar("SELECT failure->>'reason' FROM submission") == "not-a-workbook"
    assert committee.scalar("SELECT count(*) FROM staged_concept") == 0
    with pytest.raises(BadWorkbook):
        committee.receive(Workbook("empty.json", b""))


def test_an_import_that_broke_off_starts_anew(committee: Committee, monkeypatch: pytest.MonkeyPatch) -> None:
    number = committee.receive(workbook(ListOf("LNC", codes(a="آ"))))

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("maxa.registry.actions.imports.check_draft", die)
        with pytest.raises(KeyboardInterrupt):
            actions.import_submission(committee.engine, submission_id=number, workdir=committee.home)
    assert state_of(committee, number) is State.IMPORTING
    assert committee.scalar("SELECT count(*) FROM staged_concept") == 0
    actions.import_submission(committee.engine, submission_id=number, workdir=committee.home)
    assert committee.scalar("SELECT count(*) FROM staged_concept") == 1


def test_an_import_that_keeps_breaking_off_is_given_up(committee: Committee, monkeypatch: pytest.MonkeyPatch) -> None:
    number = committee.receive(workbook(ListOf("LNC", codes(a="آ"))))

    def die(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr("maxa.registry.actions.imports.check_draft", die)
    for _ in range(3):
        with pytest.raises(MemoryError):
            actions.import_submission(committee.engine, submission_id=number, workdir=committee.home)
    assert actions.import_submission(committee.engine, submission_id=number, workdir=committee.home) is State.FAILED
    assert committee.scalar("SELECT failure->>'reason' FROM submission") == "crashed"


def test_an_older_list_of_the_same_part_is_refused(committee: Committee) -> None:
    committee.publish(ListOf("LNC", codes(a="آ"), part="clinical"), circular="110/37")
    number = committee.draft(workbook(ListOf("LNC", codes(a="آ"), part="clinical")), circular="110/501")
    assert rules(committee, number) == {"back-dated"}
    other_part = committee.draft(workbook(ListOf("LNC", codes(g="ژ"), part="genetics")), circular="110/501")
    assert rules(committee, other_part) == set()


def test_a_circular_that_is_not_known_needs_its_day(committee: Committee) -> None:
    with pytest.raises(BadParameter, match="--date"):
        committee.receive(workbook(ListOf("LNC", codes(a="آ"))), circular="110/999")
    committee.receive(workbook(ListOf("LNC", codes(a="آ"))), circular="110/999", day=date(2024, 1, 1))


def test_the_audit_trail_and_the_outbox_only_grow(committee: Committee) -> None:
    committee.publish(ListOf("LNC", codes(a="آ")))
    for table in ("audit_event", "publication", "shelving"):
        for sql in (f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):
            with pytest.raises(DBAPIError, match="never changed"), committee.engine.begin() as connection:
                connection.execute(text(sql))


# --- codes that Excel rounded ------------------------------------------------------------------------------------

ROUNDED = {"kind": "rounded", "candidates": ["9275740779753125", "9275740779753139"]}


def irc(code: str, title: str = "قرص", **more: object) -> dict[str, object]:
    return {"code": code, "title_fa": title, **more}


def test_a_rounded_code_is_taken_when_one_code_has_its_digits_and_title(committee: Committee) -> None:
    held = [irc("9275740779753128", "قرص يك"), irc("9275740779753131", "قرص دو")]
    committee.publish(ListOf("IRC", held))
    number = committee.draft(
        workbook(
            ListOf("IRC", [irc("9275740779753130", "قرص یک", doubt=ROUNDED), irc("9275740779753131", "قرص دو")]),
            ListOf("eRx→IRC", [{"source": "60000", "target": "9275740779753130", "row": 2, "doubt": ROUNDED}]),
        )
    )
    assert rules(committee, number) == {"rounded-code-restored"}
    committee.approve(number)
    actions.publish_submission(committee.engine, submission_id=number, actor=MINA)
    committee.project()
    assert set(committee.current("IRC")) == {"9275740779753128", "9275740779753131"}
    entry = committee.shelf.catalogue().terminology("eRx→IRC", kind="map")
    assert [p.target for p in committee.shelf.release(entry.current).targets("60000")] == ["9275740779753128"]


@pytest.mark.parametrize(
    "held",
    [
        [],
        [irc("9275740779753128", "شربت")],
        [irc("9275740779753128"), irc("9275740779753129")],
    ],
    ids=["none in range", "other title", "two with this title"],
)
def test_a_rounded_code_is_an_error_when_it_is_not_certain(committee: Committee, held: list[dict[str, object]]) -> None:
    committee.publish(ListOf("IRC", [*held, irc("1111111111111111", "دیگر")]))
    number = committee.draft(workbook(ListOf("IRC", [irc("9275740779753130", doubt=ROUNDED)])))
    assert "rounded-code" in rules(committee, number)
    with pytest.raises(HasErrors):
        actions.submit_for_review(committee.engine, submission_id=number, actor=SARA)


def test_a_pair_that_leads_nowhere_is_a_warning(committee: Committee) -> None:
    committee.publish(ListOf("RVU3", codes(r="ر")))
    number = committee.draft(
        workbook(
            ListOf("LNC", codes(a="آ")),
            ListOf("LNC→RVU3", [{"source": "a", "target": "r"}, {"source": "a", "target": "nowhere"}]),
        )
    )
    assert rules(committee, number) == {"unknown-map-target"}


def test_what_a_draft_would_change_is_told_code_by_code(committee: Committee) -> None:
    committee.publish(ListOf("LNC", codes(a="آ", b="ب", c="پ")))
    number = committee.draft(workbook(ListOf("LNC", codes(a="آ", b="ب۲", d="ت"))))
    with transaction(committee.engine) as session:
        submission = queries.submission_or_error(session, number)
        ((terminology, _),) = differences.drafted(session, submission)
        changes = {c.code: c.kind for c in differences.draft_changes(session, submission, terminology)}
    assert changes == {"b": "changed", "c": "retired", "d": "added"}


# --- what an independent review found ----------------------------------------------------------------------------


def test_withdrawals_step_back_past_what_is_withdrawn(committee: Committee) -> None:
    for title in ("خوب", "بد", "بدتر"):
        committee.publish(ListOf("LNC", codes(a=title)), circular="110/37")
    committee.withdraw("LNC", "1402-02-18.2")
    assert committee.current("LNC") == {"a": ("بدتر", True)}
    committee.withdraw("LNC", "1402-02-18.3")
    assert committee.current("LNC") == {"a": ("خوب", True)}
    committee.check_invariants()


def test_withdrawing_what_was_brought_back_steps_further_back(committee: Committee) -> None:
    for title in ("خوب", "بد", "بدتر"):
        committee.publish(ListOf("LNC", codes(a=title)), circular="110/37")
    undo = committee.withdraw("LNC", "1402-02-18.3").releases[0][1]
    assert committee.current("LNC") == {"a": ("بد", True)}
    committee.withdraw("LNC", undo)
    assert committee.current("LNC") == {"a": ("خوب", True)}
    assert [e.withdrawn for e in committee.shelf.catalogue().terminology("LNC").editions] == [
        False, True, True, True, False,
    ]  # fmt: skip
    committee.check_invariants()


def test_withdrawing_the_edition_that_is_served_again_takes_it_away(committee: Committee) -> None:
    for title in ("خوب", "بد", "بدتر"):
        committee.publish(ListOf("LNC", codes(a=title)), circular="110/37")
    committee.withdraw("LNC", "1402-02-18.3")
    committee.withdraw("LNC", "1402-02-18.2")
    assert committee.current("LNC") == {"a": ("خوب", True)}
    committee.check_invariants()


def test_a_workbook_can_be_imported_again_once_one_of_its_releases_is_withdrawn(committee: Committee) -> None:
    book = workbook(ListOf("LNC", codes(a="آ")), ListOf("RVU3", codes(r="ر")))
    number = committee.draft(book, circular="110/37")
    actions.submit_for_review(committee.engine, submission_id=number, actor=SARA, confirm=["circular:RVU3"])
    actions.approve_submission(committee.engine, submission_id=number, actor=MINA)
    actions.publish_submission(committee.engine, submission_id=number, actor=MINA)
    committee.project()
    committee.withdraw("LNC", "1402-02-18")
    assert not actions.receive_submission(committee.engine, actor=SARA, workbooks=[book], circular="110/37").existing


def test_a_list_under_another_lists_circular_wants_a_confirmation(committee: Committee) -> None:
    number = committee.draft(workbook(ListOf("LNC", codes(a="آ"))), circular="110/40")
    with pytest.raises(NeedsConfirmation) as asked:
        actions.submit_for_review(committee.engine, submission_id=number, actor=SARA)
    assert asked.value.suggestions == ["circular:LNC"]


def test_a_new_figure_after_a_moved_base_is_confirmed_with_the_approval(committee: Committee) -> None:
    guarded = {"min_rows": 0, "max_retired_share": 0.1}
    committee.publish(ListOf("LNC", codes(a="آ", b="ب", c="پ")))
    number = committee.draft(workbook(ListOf("LNC", codes(a="آ"), expected=guarded)))
    actions.submit_for_review(committee.engine, submission_id=number, actor=SARA, confirm=["retired:LNC=2"])
    committee.publish(ListOf("LNC", codes(d="ت")), scope="amendment")
    with pytest.raises(BaseMoved):
        actions.approve_submission(committee.engine, submission_id=number, actor=MINA)
    with pytest.raises(NeedsConfirmation):
        actions.approve_submission(committee.engine, submission_id=number, actor=MINA)
    actions.approve_submission(committee.engine, submission_id=number, actor=MINA, confirm=["retired:LNC=3"])
    assert state_of(committee, number) is State.APPROVED


def test_codes_retired_by_their_status_and_pairs_count_towards_the_share(committee: Committee) -> None:
    guarded = {"min_rows": 0, "max_retired_share": 0.1}
    pairs = [{"source": s, "target": "r"} for s in "abc"]
    committee.publish(ListOf("LNC", codes(a="آ", b="ب", c="پ")), ListOf("LNC→RVU3", pairs))
    marked = [{"code": c, "title_fa": t, "status": "retired"} for c, t in (("a", "آ"), ("b", "ب"))]
    number = committee.draft(
        workbook(
            ListOf("LNC", [*marked, *codes(c="پ")], expected=guarded), ListOf("LNC→RVU3", pairs[:1], expected=guarded)
        )
    )
    with pytest.raises(NeedsConfirmation) as asked:
        actions.submit_for_review(committee.engine, submission_id=number, actor=SARA)
    assert asked.value.suggestions == ["retired:LNC=2", "retired:LNC→RVU3=2"]


def test_a_code_moves_between_parts_within_one_submission(committee: Committee) -> None:
    committee.publish(ListOf("LNC", codes(a="آ", b="ب"), part="clinical"))
    committee.publish(ListOf("LNC", codes(a="آ"), part="clinical"), ListOf("LNC", codes(b="ب"), part="genetics"))
    assert committee.current("LNC") == {"a": ("آ", True), "b": ("ب", True)}
    assert committee.scalar("SELECT part FROM concept WHERE code = 'b' AND until IS NULL") == "genetics"
    committee.check_invariants()


def test_what_is_approved_for_later_is_published_before_only_on_purpose(committee: Committee) -> None:
    number = committee.draft(workbook(ListOf("LNC", codes(a="آ"))))
    actions.submit_for_review(committee.engine, submission_id=number, actor=SARA)
    later = datetime.now(UTC) + timedelta(days=1)
    actions.approve_submission(committee.engine, submission_id=number, actor=MINA, publish_at=later)
    with pytest.raises(WrongState, match="--now"):
        actions.publish_submission(committee.engine, submission_id=number, actor=MINA)
    assert actions.publish_submission(committee.engine, submission_id=number, actor=MINA, now=True).serial == 1


def test_a_submission_that_changes_nothing_is_closed(committee: Committee) -> None:
    committee.publish(ListOf("LNC", codes(a="آ")))
    number = committee.draft(workbook(ListOf("LNC", codes(a="آ"))))
    committee.approve(number)
    [(_, refused)] = actions.publish_due(committee.engine)
    assert isinstance(refused, WrongState)
    assert state_of(committee, number) is State.REJECTED
    assert actions.publish_due(committee.engine) == []


def test_a_fault_in_one_submission_does_not_keep_others_from_publication(
    committee: Committee, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = [committee.draft(workbook(ListOf(name, codes(a="آ")))) for name in ("LNC", "RVU3")]
    for number in numbers:
        committee.approve(number)
    merge = publishing.merge_tables

    def merge_or_fail(session: Any, submission: Submission, *more: Any) -> Any:
        if submission.id == numbers[0]:
            session.execute(text("SELECT 1 / 0"))  # nobody foresaw it
        return merge(session, submission, *more)

    monkeypatch.setattr(publishing, "merge_tables", merge_or_fail)
    (first, fault), (second, published) = actions.publish_due(committee.engine)
    assert [first, second] == numbers
    assert isinstance(fault, DBAPIError)
    assert isinstance(published, publishing.Published)
    assert state_of(committee, first) is State.APPROVED, "nothing of it is half done"
    monkeypatch.undo()
    assert [number for number, _ in actions.publish_due(committee.engine)] == [first]


def test_a_draft_that_was_rejected_does_not_name_a_terminology(committee: Committee) -> None:
    number = committee.draft(workbook(ListOf("lnc", codes(a="آ"))))
    actions.reject_submission(committee.engine, submission_id=number, actor=SARA, reason="نام نادرست")
    committee.publish(ListOf("LNC", codes(a="آ")))
    assert (
        committee.scalar("SELECT name || '، ' || title_fa || '، ' || title_en FROM terminology")
        == "LNC، فهرست LNC، LNC"
    )
    committee.publish(ListOf("lnc", codes(a="آ", b="ب")))
    assert committee.scalar("SELECT name || '، ' || title_fa FROM terminology") == "LNC، فهرست LNC"


def test_somebody_who_can_administer_always_remains(committee: Committee) -> None:
    with pytest.raises(BadParameter, match="administrator must be there first"):
        actions.add_account(committee.engine, actor=ADMIN, name="sara", roles=["importer"])
    actions.add_account(committee.engine, actor=ADMIN, name="root", roles=["administrator"])
    with pytest.raises(BadParameter, match="must be there first"):
        actions.change_roles(committee.engine, actor=ADMIN, name="root", roles=["importer"])
    with pytest.raises(BadParameter, match="must be there first"):
        actions.disable_account(committee.engine, actor=ADMIN, name="root")
    actions.add_account(committee.engine, actor=ADMIN, name="sara", roles=["importer"])


def test_a_day_given_once_by_mistake_does_not_make_a_known_number_ambiguous(committee: Committee) -> None:
    committee.receive(workbook(ListOf("LNC", codes(a="آ"))), circular="110/37", day=date(2024, 1, 1))
    committee.receive(workbook(ListOf("LNC", codes(a="آ"))), circular="110/37")
    with pytest.raises(BadParameter):
        committee.receive(workbook(ListOf("LNC", codes(a="آ"))), circular="110/[/x]/37", day=date(2024, 1, 1))


def test_an_importer_closes_only_what_is_their_own(committee: Committee) -> None:
    number = committee.draft(workbook(ListOf("LNC", codes(a="آ"))))
    other = type(SARA)("omid", frozenset({"importer"}))
    with pytest.raises(NotAllowed):
        actions.reject_submission(committee.engine, submission_id=number, actor=other, reason="؟")
    actions.reject_submission(committee.engine, submission_id=number, actor=SARA, reason="اشتباه")


def test_many_rounded_codes_are_settled_together(committee: Committee) -> None:
    held = [irc(f"{5_000_000_000_000_000 + 20 * i + 3}", f"قرص {i}") for i in range(600)]
    committee.publish(ListOf("IRC", held))
    rounded = [
        irc(row["code"][:15] + "0", str(row["title_fa"]),  # type: ignore[index]
            doubt={"kind": "rounded", "candidates": [row["code"][:15] + "0", row["code"][:15] + "9"]})
        for row in held
    ]  # fmt: skip
    rounded[0]["title_fa"] = "قرصی دیگر با همان رقم‌ها"
    number = committee.draft(workbook(ListOf("IRC", rounded[1:])))
    committee.approve(number)
    with transaction(committee.engine) as session:
        told = {(s, r): n for s, r, n in queries.finding_counts(session, number)}
    assert told == {("warning", "rounded-code-restored"): 599}
    held_codes = {row["code"] for row in held[1:]}
    with committee.engine.connect() as connection:
        staged = set(connection.scalars(text("SELECT code FROM staged_concept")))
    assert staged == held_codes
