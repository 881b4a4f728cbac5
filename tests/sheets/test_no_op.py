"""The whole way, through PostgreSQL: what the samples publish is exported, imported as full lists, and changes nothing."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import Engine

from importers import SOURCES
from importers.profile import Profile
from maxa.registry import actions, queries
from maxa.registry.actions.receiving import Workbook
from maxa.registry.differences import draft_counts
from maxa.registry.models import State
from maxa.registry.people import Actor
from maxa.registry.transaction import transaction
from maxa.settings import PROJECT
from maxa.sheets.export import export_release, sheets_of
from maxa.sheets.rows import parts_of
from maxa.shelf import Shelf
from maxa.shelf.seal import project_shelf

SAMPLES = PROJECT / "data" / "samples"
# Targets of maps before their sources.
LISTS = (
    "rvu3.xlsx", "drugs-110-40.xlsx", "natural-110-100.xlsx", "lab-110-37.xlsx", "imaging-110-124.xlsx",
    "genetics-110-368.xlsx", "blood-bank.xlsx", "forensic.xlsx", "pathology.xlsx", "usage-110-128.xlsx",
    "ambulance-110-90.xlsx", "physiotherapy-110-121.xlsx", "icd10.xlsx", "value-sets.xlsx", "snomed.xlsx",
    "prescription-map-110-356.xlsx",
)  # fmt: skip
ALONE = Actor("demo", frozenset({"importer", "approver", "administrator"}))


def drafted(engine: Engine, home: Path, book: Workbook) -> int:
    number = actions.receive_submission(engine, actor=ALONE, workbooks=[book]).submission_id
    actions.import_submission(engine, submission_id=number, workdir=home / "work")
    with transaction(engine) as session:
        submission = queries.submission_or_error(session, number)
        errors = [finding.message_en for finding in queries.findings(session, number, severity="error")]
        assert (submission.state, errors) == (State.DRAFT, []), f"{book.name}: {submission.failure}"
    return number


def publish(engine: Engine, home: Path, book: Workbook) -> None:
    number = drafted(engine, home, book)
    with transaction(engine) as session:
        confirm = tuple({f.confirm for f in queries.findings(session, number) if f.confirm})
    actions.submit_for_review(engine, submission_id=number, actor=ALONE, confirm=confirm)
    actions.approve_submission(engine, submission_id=number, actor=ALONE, one_person=True, confirm=confirm)
    actions.publish_submission(engine, submission_id=number, actor=ALONE)


@pytest.fixture
def shelf(engine: Engine, home: Path) -> Shelf:
    for name in LISTS:
        if (SAMPLES / name).exists():
            source = max((one for one in SOURCES if name.startswith(one)), key=len)
            publish(engine, home, Workbook(name, (SAMPLES / name).read_bytes(), source))
    project_shelf(engine, home / "shelf")
    return Shelf(home / "shelf")


def test_every_export_of_the_samples_imports_as_a_no_op(engine: Engine, home: Path, shelf: Shelf) -> None:
    """Part by part where a terminology is kept by several sources, since a workbook is read by one of them."""
    entries = shelf.catalogue().terminologies
    assert len(entries) >= 4
    wrong: dict[str, object] = {}
    seen: Counter[str] = Counter()
    for entry in entries:
        release = shelf.release(entry.current)
        seen.update({sheet.source for sheet in sheets_of(release, parts_of(release))})
        if "thritaEHR" in entry.id and seen["value-sets"] > 3:
            continue  # some dozens of the same kind
        parts: list[str | None] = [None]
        if len({sheet.source for sheet in sheets_of(release, parts_of(release))}) > 1:
            parts = [*parts_of(release)]
        for part in parts:
            sheets = sheets_of(release, parts_of(release) if part is None else [part])
            (source,) = {sheet.source for sheet in sheets}
            for kind in ("xlsx", "csv") if len(sheets) == 1 else ("xlsx",):
                content = b"".join(export_release(release, kind, part=part))
                # A CSV has no sheet name but its own, and some lists are told apart by it.
                book = Workbook(f"{sheets[0].sheet}.{kind}", content, source, Profile(terminology=entry.id))
                if changed := changes(engine, home, book, entry.id):
                    wrong[f"{entry.id} {part} {kind} {source}"] = changed
    assert wrong == {}


def changes(engine: Engine, home: Path, book: Workbook, terminology: str) -> object:
    """What the workbook would change; it is rejected after the look."""
    try:
        number = drafted(engine, home, book)
    except AssertionError as error:
        return str(error)
    with transaction(engine) as session:
        submission = queries.submission_or_error(session, number)
        touched = dict.fromkeys(table.terminology for table in submission.tables)
        counts = {one.name: draft_counts(session, submission, one) for one in touched}
    actions.reject_submission(engine, submission_id=number, actor=ALONE, reason="سنجش")
    assert set(counts) == {terminology}
    return {name: one.as_dict() for name, one in counts.items() if one.total}
