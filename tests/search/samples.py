"""The sample workbooks as a shelf, read by the importers and sealed as at the centre, without a registry."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

import importers
from importers.rows import read_concepts
from maxa.settings import PROJECT
from maxa.shelf.reading import Shelf
from maxa.shelf.release import SealedRelease
from maxa.shelf.sealed_file import SealedConcept
from tests.shelves import ShelfBuilder, concept

# The lists that the queries were judged over; other samples would put codes between theirs that nobody judged.
JUDGED = ("drugs-110-40", "lab-110-37", "rvu3")


def sample_workbooks(names: tuple[str, ...] = JUDGED) -> list[Path]:
    folder = PROJECT / "data" / "samples"
    return [folder / f"{name}.xlsx" for name in names]


@cache
def sample_shelf(names: tuple[str, ...] = JUDGED) -> Shelf:
    """Every terminology of those samples, each with one edition; made once a process."""
    home = Path(tempfile.mkdtemp(prefix="maxa-samples-"))
    rows: dict[str, dict[str, SealedConcept]] = {}
    for path in sample_workbooks(names):
        for table in importers.extract(path, workdir=home / "work").tables:
            if table.kind != "concept":
                continue
            held = rows.setdefault(table.terminology, {})
            for row in read_concepts(table.path):
                held[row.code] = concept(
                    row.code, row.title_fa, row.title_en, active=row.status == "active", part=table.part,
                    parent=row.parent, replaced_by=row.replaced_by, properties=row.properties or None,
                )  # fmt: skip
    builder = ShelfBuilder(home / "shelf")
    for terminology, held in sorted(rows.items()):
        builder.publish(terminology, list(held.values()))
    return Shelf(home / "shelf")


def sample_releases(*terminologies: str, names: tuple[str, ...] = JUDGED) -> list[SealedRelease]:
    """The current releases of the named terminologies, or of all."""
    shelf = sample_shelf(names)
    entries = [e for e in shelf.catalogue().codes if not terminologies or e.id in terminologies]
    return [shelf.release(entry.current) for entry in entries]
