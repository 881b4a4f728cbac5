"""Files of any size on their way into the registry and out of it."""

from __future__ import annotations

import os
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from maxa.errors import BadWorkbook
from maxa.registry import actions
from maxa.registry.actions import importing_again
from maxa.registry.actions.importing_again import Mapped, import_again
from maxa.registry.actions.imports import Letter, Workbook
from maxa.registry.actions.receiving import Received, receive_submission
from maxa.registry.models import SubmissionFile
from maxa.registry.sent import PIECE, OnDisk, pieces, write_to
from maxa.registry.transaction import transaction
from tests.lists import SARA, Committee, ListOf, codes, workbook

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj"


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """Of several pieces, the last one not full."""
    path = tmp_path / "large.json"
    path.write_bytes(os.urandom(6 * PIECE + 17))
    return path


def test_a_file_of_many_pieces_comes_back_byte_for_byte(committee: Committee, large: Path, tmp_path: Path) -> None:
    committee.receive(Workbook("large.json", OnDisk.at(large)))
    with transaction(committee.engine) as session:
        row = session.get_one(SubmissionFile, committee.scalar("SELECT id FROM submission_file"))
        write_to(session, row, tmp_path / "back")
        assert max(map(len, pieces(session, row))) == PIECE
    assert (tmp_path / "back").read_bytes() == large.read_bytes()
    assert row.size == large.stat().st_size
    assert row.sha256 == OnDisk.at(large).sha256


def test_a_large_file_is_kept_without_being_held_in_memory(committee: Committee, large: Path) -> None:
    committee.receive(Workbook("small.json", b"{}"))  # whatever is loaded at first use
    content = OnDisk.at(large)
    tracemalloc.start()
    try:
        committee.receive(Workbook("large.json", content))
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 3 * PIECE < content.size


def test_the_same_bytes_are_the_same_submission_however_they_come(committee: Committee, large: Path) -> None:
    number = committee.receive(Workbook("large.json", OnDisk.at(large)))
    with large.open("rb") as stream:
        sent = OnDisk(stream, large.stat().st_size, OnDisk.at(large).sha256)
        assert committee.receive(Workbook("again.json", sent)) == number
    assert committee.receive(Workbook("bytes.json", large.read_bytes())) == number


def test_a_file_that_changes_while_it_is_received_is_refused_and_nothing_is_kept(
    committee: Committee, large: Path
) -> None:
    hashed = OnDisk.at(large)
    large.write_bytes(bytes(hashed.size))
    with pytest.raises(BadWorkbook, match="changed while it was read"):
        committee.receive(Workbook("large.json", hashed))
    assert committee.scalar("SELECT count(*) FROM submission") == 0


def test_what_is_imported_again_is_copied_where_it_lies_with_its_letter(committee: Committee, large: Path) -> None:
    first = committee.receive(Workbook("large.json", OnDisk.at(large)), letter=Letter("letter.pdf", PDF))
    actions.reject_submission(committee.engine, submission_id=first, actor=SARA, reason="ستون‌ها")
    tracemalloc.start()
    try:
        again = import_again(committee.engine, actor=SARA, submission_id=first, mapped={})
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert not again.existing
    assert most < PIECE
    assert committee.scalar("SELECT count(DISTINCT content) FROM submission_file") == 1
    assert committee.scalar("SELECT bool_and(octet_length(content) = size) FROM submission_file")
    assert committee.scalar("SELECT count(DISTINCT content) FROM submission_letter") == 1
    assert committee.scalar("SELECT count(*) FROM submission_letter") == 2


def test_an_earlier_draft_that_was_handed_over_meanwhile_stays_as_it_is(
    committee: Committee, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = committee.draft(workbook(ListOf("LNC", codes(a="آ"))))

    def handed_over_first(*given: Any, **named: Any) -> Received:
        actions.submit_for_review(committee.engine, submission_id=first, actor=SARA)
        return receive_submission(*given, **named)

    monkeypatch.setattr(importing_again, "receive_submission", handed_over_first)
    mapped = {committee.scalar("SELECT id FROM submission_file"): Mapped({"ستون": "title_fa"})}
    again = import_again(committee.engine, actor=SARA, submission_id=first, mapped=mapped)
    assert not again.existing
    assert committee.scalar("SELECT state FROM submission WHERE id = :id", id=first) == "in_review"


def test_a_draft_that_is_imported_again_is_closed(committee: Committee) -> None:
    first = committee.draft(workbook(ListOf("LNC", codes(a="آ"))))
    mapped = {committee.scalar("SELECT id FROM submission_file"): Mapped({"ستون": "title_fa"})}
    assert not import_again(committee.engine, actor=SARA, submission_id=first, mapped=mapped).existing
    assert committee.scalar("SELECT state FROM submission WHERE id = :id", id=first) == "rejected"


def test_files_lie_uncompressed_so_that_a_piece_is_read_without_all_before_it(
    committee: Committee, tmp_path: Path
) -> None:
    plain = tmp_path / "plain.json"
    plain.write_bytes(b'{"a": 1}' * (PIECE // 4))
    first = committee.receive(Workbook("plain.json", OnDisk.at(plain)), letter=Letter("letter.pdf", PDF + bytes(PIECE)))
    actions.reject_submission(committee.engine, submission_id=first, actor=SARA, reason="ستون‌ها")
    import_again(committee.engine, actor=SARA, submission_id=first, mapped={})
    for table in ("submission_file", "submission_letter"):
        assert committee.scalar(f"SELECT count(*) FROM {table} WHERE pg_column_size(content) >= size") == 2, table
