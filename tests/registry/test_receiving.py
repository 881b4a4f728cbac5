"""What people send: several workbooks at once, the letter, and headings that they mapped by hand."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import importers
from importers.codes import Code
from importers.declare import Column, Sheet, Source
from importers.fields import PersianText
from importers.handover import TakeRows
from importers.profile import Profile
from importers.rows import Extract
from maxa.errors import BadParameter, BadWorkbook, NotFound, WrongState
from maxa.registry import actions, queries
from maxa.registry.actions.imports import Letter, Workbook
from maxa.registry.actions.profiles import forget_columns, remembered, remembered_columns
from maxa.registry.models import State
from maxa.registry.transaction import transaction
from tests.lists import MINA, SARA, Committee, ListOf, codes, extract_json, workbook

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj"


def state_of(committee: Committee, number: int) -> State:
    with transaction(committee.engine) as session:
        return State(queries.submission_or_error(session, number).state)


# --- several workbooks --------------------------------------------------------------------------------------------


def test_several_workbooks_are_one_submission_and_one_publication(committee: Committee) -> None:
    books = [
        workbook(ListOf("IRC", codes(a="آ"), part="medicine"), name="drugs.json"),
        workbook(ListOf("IRC", codes(b="ب"), part="supplement"), name="supplements.json"),
    ]
    number = committee.draft(*books)
    committee.approve(number)
    published = actions.publish_submission(committee.engine, submission_id=number, actor=MINA)
    committee.project()
    assert [name for name, _, _ in published.releases] == ["IRC"]
    assert committee.current("IRC") == {"a": ("آ", True), "b": ("ب", True)}


def test_two_workbooks_of_one_part_are_its_list_together(committee: Committee) -> None:
    books = [workbook(ListOf("IRC", codes(a="آ"), expected={"min_rows": 2})), workbook(ListOf("IRC", codes(b="ب")))]
    number = committee.draft(*books)
    assert committee.scalar("SELECT rows FROM submission_table WHERE submission_id = :id", id=number) == 2
    assert committee.scalar("SELECT filled->>'title_fa' FROM submission_table") == "2"


@pytest.mark.parametrize("content", [workbook(ListOf("IRC", codes(a="آ"))).content, b"not json"])
def test_what_is_rejected_while_it_is_read_stays_rejected(committee: Committee, content: bytes) -> None:
    number = committee.receive(Workbook("list.json", content))

    def read_and_rejected(*args: Any, **more: Any) -> Extract:
        actions.reject_submission(committee.engine, submission_id=number, actor=SARA, reason="اشتباه")
        return extract_json(*args, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(importers, "extract", read_and_rejected)
        with pytest.raises(WrongState) if content != b"not json" else contextlib.nullcontext():
            actions.import_submission(committee.engine, submission_id=number, workdir=committee.folder)
    assert state_of(committee, number) is State.REJECTED
    assert committee.scalar("SELECT count(*) FROM staged_concept") == 0


def test_one_bad_workbook_keeps_all_out_and_is_named(committee: Committee) -> None:
    good = workbook(ListOf("IRC", codes(a="آ")), name="good.json")
    number = committee.draft(good, Workbook("bad.json", b"not json"))
    assert state_of(committee, number) is State.FAILED
    with transaction(committee.engine) as session:
        failure = queries.submission_or_error(session, number).failure or {}
    assert failure["file"] == "bad.json"
    assert failure["reason"] == "not-a-workbook"
    assert "bad.json" in failure["detail_fa"]
    assert committee.scalar("SELECT count(*) FROM staged_concept") == 0


def test_the_same_workbook_twice_in_one_submission_is_refused(committee: Committee) -> None:
    book = workbook(ListOf("IRC", codes(a="آ")), name="one.json")
    with pytest.raises(BadParameter, match="are the same workbook"):
        committee.receive(book, Workbook("two.json", book.content))


def test_workbooks_of_one_name_are_told_apart(committee: Committee) -> None:
    finding = {"rule": "bad-code", "severity": "error", "row": 3}
    books = [workbook(ListOf("IRC", codes(**{c: c})), name="list.json", findings=[finding]) for c in "ab"]
    number = committee.draft(*books)
    with transaction(committee.engine) as session:
        assert {f.file for f in queries.findings(session, number)} == {"list.json", "list (2).json"}
        assert queries.finding_counts(session, number, file="list (2).json") == [("error", "bad-code", 1)]


def test_a_file_name_from_a_hostile_folder_is_evened_out(committee: Committee) -> None:
    book = workbook(ListOf("IRC", codes(a="آ")), name="../../etc/li\x00st\udce9\n.json")
    number = committee.receive(book, note="رو\x00به‌رو")
    name = committee.scalar("SELECT name FROM submission_file WHERE submission_id = :id", id=number)
    assert name == "li\ufffdst\ufffd .json"


def test_a_nul_in_a_row_is_refused_with_its_place(committee: Committee) -> None:
    number = committee.draft(workbook(ListOf("IRC", [{"code": "a", "title_fa": "آ", "properties": {"x": "1\x002"}}])))
    assert state_of(committee, number) is State.FAILED
    assert committee.scalar("SELECT failure->>'reason' FROM submission") == "nul-character"
    assert "A2" in committee.scalar("SELECT failure->>'detail_en' FROM submission")


def test_what_only_looks_like_a_nul_is_taken(committee: Committee) -> None:
    number = committee.draft(workbook(ListOf("IRC", [{"code": "a", "title_fa": "متن \\u0000 است"}])))
    assert state_of(committee, number) is State.DRAFT


# --- the letter ---------------------------------------------------------------------------------------------------


def test_the_letter_is_kept_with_its_workbooks(committee: Committee) -> None:
    book = workbook(ListOf("IRC", codes(a="آ")))
    number = committee.receive(book, letter=Letter("/tmp/110-40.pdf", PDF))
    assert committee.scalar("SELECT name FROM submission_letter") == "110-40.pdf"
    assert bytes(committee.scalar("SELECT content FROM submission_letter")) == PDF
    again = actions.receive_submission(committee.engine, actor=SARA, workbooks=[book], letter=Letter("x.pdf", PDF))
    assert (again.submission_id, again.existing) == (number, True)


def test_a_letter_may_follow_and_is_never_replaced(committee: Committee) -> None:
    book = workbook(ListOf("IRC", codes(a="آ")))
    number = committee.draft(book)
    later = actions.receive_submission(committee.engine, actor=SARA, workbooks=[book], letter=Letter("l.pdf", PDF))
    assert (later.submission_id, later.existing) == (number, True)
    assert committee.scalar("SELECT count(*) FROM submission_letter") == 1
    with pytest.raises(WrongState, match="has a letter already"):
        actions.receive_submission(committee.engine, actor=SARA, workbooks=[book], letter=Letter("l.pdf", PDF + b"x"))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"x" * 2_000 + PDF], ids=["empty", "zip", "too late"])
def test_what_is_no_pdf_is_no_letter(committee: Committee, content: bytes) -> None:
    with pytest.raises(BadParameter, match="no PDF"):
        committee.receive(workbook(ListOf("IRC", codes(a="آ"))), letter=Letter("letter.pdf", content))
    assert committee.scalar("SELECT count(*) FROM submission") == 0


# --- headings mapped by hand --------------------------------------------------------------------------------------

JSON = Source(
    "json", "فهرست آزمون", "test list",
    (Sheet("IRC", (Column("کد", "code", Code(r"\w+", "کد", "a code"), key=True),
                   Column("نام فارسی|نام", "title_fa", PersianText))),),
)  # fmt: skip


@pytest.fixture
def asked(committee: Committee, monkeypatch: pytest.MonkeyPatch) -> list[Profile]:
    """Profiles that reading was asked for, and a source that has fields."""
    profiles: list[Profile] = []

    def extract(path: Path, *, profile: Profile, take: TakeRows, workdir: Path, **more: Any) -> Extract:
        profiles.append(profile)
        return extract_json(path, workdir=workdir, take=take, **more)

    monkeypatch.setattr(importers, "extract", extract)
    monkeypatch.setattr(importers, "SOURCES", {"json": JSON})
    return profiles


def mapped(columns: dict[str, str], **more: Any) -> Workbook:
    book = workbook(ListOf("IRC", codes(a="آ")), findings=more.pop("findings", None))
    return Workbook(book.name, book.content, profile=Profile(columns=columns, **more))


def held(committee: Committee, terminology: str = "") -> dict[str, dict[str, str]]:
    with transaction(committee.engine) as session:
        return remembered_columns(session, terminology)


def test_what_was_mapped_by_hand_is_remembered_and_used_for_the_next_workbook(
    committee: Committee, asked: list[Profile]
) -> None:
    committee.draft(mapped({"نام تست": "title_fa", "ملاحظات": ""}))
    assert held(committee) == {"json": {"نام تست": "title_fa", "ملاحظات": ""}}
    number = committee.draft(workbook(ListOf("IRC", codes(a="آ"))))
    assert asked[-1].remembered == held(committee)
    assert committee.scalar("SELECT profile->'remembered'->'json'->>'نام تست' FROM submission_file"
                            " WHERE submission_id = :id", id=number) == "title_fa"  # fmt: skip
    with transaction(committee.engine) as session:
        [first, _] = remembered(session, "json")
    assert first.actor == "sara"
    assert committee.scalar("SELECT count(*) FROM audit_event WHERE action = 'remember-column'") == 2


def test_the_same_command_again_is_a_no_op_although_it_is_remembered_now(
    committee: Committee, asked: list[Profile]
) -> None:
    book = mapped({"نام تست": "title_fa"})
    number = committee.draft(book)
    again = actions.receive_submission(committee.engine, actor=SARA, workbooks=[book])
    assert (again.submission_id, again.existing) == (number, True)
    other = Workbook(book.name, book.content, profile=Profile(columns={"نام تست": ""}))
    assert not actions.receive_submission(committee.engine, actor=SARA, workbooks=[other]).existing


def test_a_field_named_by_its_heading_is_remembered_by_its_name(committee: Committee, asked: list[Profile]) -> None:
    committee.draft(mapped({"نام تست": "نام"}))
    assert held(committee) == {"json": {"نام تست": "title_fa"}}


def test_a_mapping_that_failed_is_not_remembered(committee: Committee, asked: list[Profile]) -> None:
    committee.draft(Workbook("x.json", b"?", profile=Profile(columns={"نام": "title_fa"})))
    assert held(committee) == {}
    findings = [
        {"rule": "bad-code", "severity": "error", "heading": "گروه شناسه", "row": 3},
        {"rule": "mapped-heading-absent", "severity": "warning", "value": "نبود"},
        {"rule": "missing-value", "severity": "warning", "heading": "نام تست", "row": 3},
    ]
    columns = {"شناسه": "code", "نبود": "title_fa", "نام تست": "title_fa"}
    committee.draft(mapped(columns, findings=findings))
    assert held(committee) == {"json": {"نام تست": "title_fa"}}


def test_a_later_mapping_takes_the_place_of_an_earlier_one(committee: Committee, asked: list[Profile]) -> None:
    committee.draft(mapped({"نام تست": "title_fa"}))
    committee.draft(mapped({"نام  تست": ""}))
    assert held(committee) == {"json": {"نام  تست": ""}}


def test_lists_of_the_generic_sources_are_remembered_by_terminology(committee: Committee, asked: list[Profile]) -> None:
    committee.draft(mapped({"نام": "title_fa"}, terminology="thritaEHR.WardType"))
    assert held(committee) == {}
    assert held(committee, "THRITAEHR.wardtype") == {"json": {"نام": "title_fa"}}


def test_what_is_remembered_can_be_forgotten(committee: Committee, asked: list[Profile]) -> None:
    committee.draft(mapped({"نام تست": "title_fa", "ملاحظات": "", "شرح": ""}))
    forget: Callable[..., int] = lambda **more: forget_columns(committee.engine, actor=SARA, source="json", **more)  # noqa: E731
    assert forget(heading="نام‌تست") == 1
    assert set(held(committee)["json"]) == {"ملاحظات", "شرح"}
    with pytest.raises(NotFound):
        forget(heading="نام تست")
    assert forget() == 2
    with pytest.raises(NotFound, match="no source"):
        forget_columns(committee.engine, actor=SARA, source="drogs")


def test_an_empty_workbook_is_refused_before_anything_is_kept(committee: Committee) -> None:
    with pytest.raises(BadWorkbook):
        committee.receive(workbook(ListOf("IRC", codes(a="آ"))), Workbook("empty.xlsx", b""))
    assert committee.scalar("SELECT count(*) FROM submission") == 0
