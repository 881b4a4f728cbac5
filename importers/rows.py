"""What importing hands on: checked rows, findings, and a summary of the workbook.

Rows are spooled to files, one a table (``Extract.tables``), as JSON lines, so that a list of any length is passed on
without being held in memory. The registry loads them; nothing here knows a database.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

import orjson

# What programs and people write into a cell that has no value, besides leaving it empty; compared without case.
NOTHING = (
    "-", "--", "---", "–", "—", "ـ", "_", ".", "?", "؟", "0", "0.0", "0.00", "n/a", "na", "#n/a", "null", "none", "nan",
    "ندارد", "نامشخص", "نامعلوم", "خالی", "هیچ", "[]", "{}",
)  # fmt: skip
_NOTHING = frozenset(NOTHING)


def says_nothing(value: Any) -> bool:
    """Whether a value is empty, zero, or a word for it."""
    return not value or (isinstance(value, str) and value.strip().lower() in _NOTHING)


class Severity(StrEnum):
    """``error`` forbids publishing, ``warning`` wants a look, ``info`` says what was mended on the way in."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, doubtful or was mended, at its place in the user's own workbook.

    ``rule`` is a stable id (documented in docs/findings.md); ``row`` is Excel's row number, from 1; ``column`` is the
    column's letter and ``heading`` its text as it stands in the workbook; ``value`` is the cell as read (cut at 200
    characters). File-wide findings leave the place empty.
    """

    rule: str
    severity: Severity
    message_fa: str
    message_en: str
    file: str | None = None
    sheet: str | None = None
    row: int | None = None
    column: str | None = None
    heading: str | None = None
    value: str | None = None


@dataclass(slots=True)
class ConceptRow:
    """One code of a terminology as the workbook gives it.

    ``properties`` holds the declared extra columns (JSON scalars or lists). ``doubt`` is set when the code itself is
    uncertain and only the current edition can settle it: ``{"kind": "rounded", "candidates": [low, high]}`` for a
    16-digit code that Excel rounded (FACTS §8), with the inclusive range that the true code lies in.
    """

    code: str
    title_fa: str = ""
    title_en: str = ""
    status: str = "active"
    parent: str | None = None
    replaced_by: str | None = None
    properties: dict[str, Any] = field(default_factory=dict)
    sheet: str = ""
    row: int = 0
    column: str = ""
    doubt: dict[str, Any] | None = None


@dataclass(slots=True)
class MapRow:
    """One pair of a map: a code of the source terminology related to a code of the target terminology."""

    source: str
    target: str
    relationship: str = "equivalent"
    properties: dict[str, Any] = field(default_factory=dict)
    sheet: str = ""
    row: int = 0
    column: str = ""
    doubt: dict[str, Any] | None = None
    status: str = "active"


@dataclass(frozen=True, slots=True)
class Expected:
    """The declared size of a list: under ``min_rows`` blocks publishing, over ``max_rows`` warns; one that retires or
    changes more than the shares (0..1) of the current codes of its part needs a confirmation, and so does an amendment
    that adds more than ``max_added_share`` of them."""

    min_rows: int = 1
    max_rows: int = 1_100_000
    max_retired_share: float = 0.05
    max_changed_share: float = 0.30
    max_added_share: float = 0.10


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of one terminology part, or of one map, that a workbook carried.

    ``terminology`` is a terminology id (``LNC``) or, for a map, its id (``LNC→RVU3``); ``part`` is ``""`` where a
    terminology is kept whole. ``path`` is the spool file; read it with :func:`read_concepts` or :func:`read_pairs`.
    ``filled``: for each field that the declaration has for these concepts (titles, parent, replaced_by, properties) or
    pairs (relationship, properties), in how many rows it says something (:func:`says_nothing`); 0 also for a column that
    the workbook does not have.
    """

    kind: str  # "concept" | "map"
    terminology: str
    part: str
    path: Path
    rows: int
    expected: Expected = Expected()
    title_fa: str = ""
    title_en: str = ""
    source: str = ""  # maps only: terminology ids
    target: str = ""
    filled: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SheetSummary:
    """What was seen in one sheet: rows present = rows read + rows passed over (by reason) + rows with errors."""

    name: str
    hidden: bool
    header_row: int | None
    rows_present: int
    rows_read: int
    passed_over: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Extract:
    """The whole result of reading one workbook. ``findings`` are in sheet and row order."""

    source: str  # name of the declaration: "lab", "drugs", "rvu3"
    importer_version: str  # changes whenever the same bytes may give other rows
    tables: list[Table]
    findings: list[Finding]
    sheets: list[SheetSummary]

    @property
    def has_errors(self) -> bool:
        return any(f.severity is Severity.ERROR for f in self.findings)


CONCEPT_FIELDS = (
    "code", "title_fa", "title_en", "status", "parent", "replaced_by", "properties", "sheet", "row", "column", "doubt",
)  # fmt: skip
MAP_FIELDS = ("source", "target", "relationship", "properties", "sheet", "row", "column", "doubt", "status")


def concept_line(row: ConceptRow) -> bytes:
    """The spool form: a JSON array in the order of CONCEPT_FIELDS, and a line feed."""
    return orjson.dumps(
        [row.code, row.title_fa, row.title_en, row.status, row.parent, row.replaced_by, row.properties,
         row.sheet, row.row, row.column, row.doubt],
        option=orjson.OPT_APPEND_NEWLINE,
    )  # fmt: skip


def map_line(row: MapRow) -> bytes:
    """The spool form: a JSON array in the order of MAP_FIELDS, and a line feed."""
    return orjson.dumps(
        [row.source, row.target, row.relationship, row.properties, row.sheet, row.row, row.column, row.doubt,
         row.status],
        option=orjson.OPT_APPEND_NEWLINE,
    )  # fmt: skip


def read_concepts(path: Path) -> Iterator[ConceptRow]:
    with path.open("rb") as lines:
        for line in lines:
            yield ConceptRow(*orjson.loads(line))


def read_pairs(path: Path) -> Iterator[MapRow]:
    with path.open("rb") as lines:
        for line in lines:
            yield MapRow(*orjson.loads(line))
