"""Checks of a draft that need the current edition. Each adds findings (rules.py); some want a figure confirmed."""

from __future__ import annotations

from sqlalchemy import delete, text
from sqlalchemy.orm import Session

from maxa.registry.guards.amendments import check_amendment
from maxa.registry.guards.bases import anything_has_moved, base_has_moved, current_bases
from maxa.registry.guards.codes import (
    check_active_with_successor,
    check_codes_stated_twice,
    check_other_parts,
    check_pairs_of_other_parts,
    settle_rounded_codes,
)
from maxa.registry.guards.columns import check_emptied_columns
from maxa.registry.guards.decisions import check_against_decisions, check_decisions
from maxa.registry.guards.draft import Draft
from maxa.registry.guards.keeping import keep_what_is_not_named
from maxa.registry.guards.letters import check_circular, check_day
from maxa.registry.guards.maps import check_map_targets
from maxa.registry.guards.names import check_names
from maxa.registry.guards.references import check_references
from maxa.registry.guards.rules import RULES
from maxa.registry.guards.sizes import check_shares, check_size
from maxa.registry.guards.titles import check_titles
from maxa.registry.models import Finding, Submission, SubmissionTable
from maxa.registry.staging import digest_of_draft
from maxa.registry.transaction import read_whole_lists

__all__ = ["RULES", "anything_has_moved", "base_has_moved", "check_draft", "compare_with_current", "current_bases"]


# Lists are grouped and joined whole; with the default memory that spills to disk. One draft is checked at a time.
_MEMORY = "SET LOCAL work_mem = '64MB'"


def check_draft(session: Session, submission: Submission) -> None:
    """Run every guard over a freshly staged draft, and note which editions it was compared with."""
    settle_rounded_codes(Draft(session, submission))
    compare_with_current(session, submission)


def compare_with_current(session: Session, submission: Submission) -> None:
    """(Re-)run the guards that may answer differently when another edition has become current."""
    read_whole_lists(session)
    session.execute(text(_MEMORY))
    session.execute(delete(Finding).where(Finding.submission_id == submission.id, Finding.guard))
    if submission.confirmed and base_has_moved(session, submission):
        submission.confirmed = []  # the same figure may be that of other rows
    submission.bases = current_bases(session, submission)
    draft = Draft(session, submission)
    check_codes_stated_twice(draft)
    check_day(draft)
    check_circular(draft)
    check_names(draft)
    check_decisions(draft)
    if not draft.is_full:
        for table in draft.tables:
            keep_what_is_not_named(draft, table)
    for terminology_id in dict.fromkeys(t.terminology_id for t in draft.tables if t.terminology.kind != "map"):
        check_other_parts(draft, terminology_id)
        check_active_with_successor(draft, terminology_id)
        check_references(draft, terminology_id)
    for terminology in {t.terminology_id: t.terminology for t in draft.tables if t.terminology.kind == "map"}.values():
        check_pairs_of_other_parts(draft, terminology)
    for table in draft.tables:
        _check_table(draft, table)
    submission.content_digest = digest_of_draft(session, submission.id)
    session.flush()


def _check_table(draft: Draft, table: SubmissionTable) -> None:
    check_size(draft, table)
    check_shares(draft, table)
    if not draft.is_full:
        check_amendment(draft, table)
    check_emptied_columns(draft, table)
    if table.terminology.kind == "map":
        check_map_targets(draft, table)
        check_against_decisions(draft, table)
    else:
        check_titles(draft, table)
