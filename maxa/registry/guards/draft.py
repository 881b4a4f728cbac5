"""A draft under inspection: its tables, the edition that it is held against, and where findings are told."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from maxa.registry.guards.rules import MORE, RULES
from maxa.registry.history import Plan, standing
from maxa.registry.models import Finding, Submission, SubmissionTable

SHOWN = 200  # findings of a rule that are listed one by one; beyond, they are counted
PLACE = 's.sheet, s.row, s."column", f.name AS file'  # of a staged row s and its file f
_IN_TEXT = 80  # characters of a value that a sentence quotes


_STAGED = """
    SELECT terminology_id, bool_or(parent IS NOT NULL) AS parent, bool_or(replaced_by IS NOT NULL) AS replaced_by,
           bool_or(replaced_by IS NOT NULL AND status = 'active') AS active_with_successor
    FROM staged_concept WHERE submission_id = :id GROUP BY 1
"""


class Staged(NamedTuple):
    """Whether any row of a terminology has a parent, a successor, a successor although it is active."""

    parent: bool = False
    replaced_by: bool = False
    active_with_successor: bool = False


@dataclass
class Draft:
    """``plans``: terminology id → where its rows belong in time, for those that come in as history."""

    session: Session
    submission: Submission
    plans: dict[int, Plan] = field(default_factory=dict)

    @property
    def is_full(self) -> bool:
        return self.submission.scope == "full"

    @cached_property
    def tables(self) -> list[SubmissionTable]:
        return (
            self.session.query(SubmissionTable)
            .filter_by(submission_id=self.submission.id)
            .order_by(SubmissionTable.id)
            .all()
        )

    @cached_property
    def staged(self) -> dict[int, Staged]:
        """What its rows hold, by terminology; one pass spares the checks that have nothing to look at."""
        rows = self.session.execute(text(_STAGED), {"id": self.submission.id})
        return {row.terminology_id: Staged(row.parent, row.replaced_by, row.active_with_successor) for row in rows}

    def parts_of(self, terminology_id: int) -> list[str]:
        """The parts that this submission carries."""
        return [table.part for table in self.tables if table.terminology_id == terminology_id]

    def replaced(self, terminology_id: int) -> list[str]:
        """The parts whose other codes it retires."""
        return self.parts_of(terminology_id) if self.is_full else []

    def standing(self, terminology_id: int, alias: str = "c") -> str:
        """SQL: a row of the edition that the draft is held against, the current one unless it is history."""
        plan = self.plans.get(terminology_id)
        return standing(alias, plan.base if plan else None)

    def tell(
        self,
        rule: str,
        *,
        place: dict[str, Any] | None = None,
        confirm: str | None = None,
        guard: bool = True,
        severity: str | None = None,
        **data: Any,
    ) -> None:
        """Add a finding. ``data`` fills the rule's sentences; ``guard`` ones are told anew when the base has moved."""
        declared = RULES[rule]
        words = {k: _brief(v) for k, v in data.items()} | {"confirm": confirm}
        self._add(
            rule, severity or declared.severity, declared.fa.format(**words), declared.en.format(**words), guard,
            confirm=confirm, **(place or {}),
        )  # fmt: skip

    def tell_each(
        self,
        rule: str,
        rows: Iterable[Any],
        data: Callable[[Any], dict[str, Any]],
        *,
        total: int | None = None,
        guard: bool = True,
        severity: str | None = None,
    ) -> None:
        """A finding for each of the first :data:`SHOWN` rows, which hold their place; the rest of ``total`` is counted."""
        told = 0
        rows = list(rows)
        for row in rows[:SHOWN]:
            words = {"code": row.code, **data(row)}
            self.tell(rule, place=place_of(row), guard=guard, severity=severity, **words)
            told += 1
        more = (len(rows) if total is None else total) - told
        if more > 0:
            fa, en = MORE.fa.format(count=more), MORE.en.format(count=more)
            self._add(rule, severity or RULES[rule].severity, fa, en, guard, cases=more)

    def _add(self, rule: str, severity: str, fa: str, en: str, guard: bool, **more: Any) -> None:
        self.session.add(
            Finding(
                submission_id=self.submission.id, rule=rule, severity=severity, message_fa=fa, message_en=en, guard=guard,
                **more,
            )
        )  # fmt: skip


def place_of(row: Any) -> dict[str, Any]:
    """Where a row with ``file, sheet, row, column, code`` stands; the pair separator is shown as an arrow."""
    return {"file": row.file, "sheet": row.sheet, "row": row.row, "column": row.column, "value": shown_code(row.code)}


def shown_code(code: str | None) -> str | None:
    return code.replace("\x1f", " → ") if code else code


def list_name(table: SubmissionTable) -> str:
    """``LNC/clinical``, or ``LNC`` where a terminology is kept whole."""
    return f"{table.terminology.name}/{table.part}" if table.part else table.terminology.name


def units_of(table: SubmissionTable) -> dict[str, Any]:
    """What a list consists of, for its sentences."""
    fa, en = ("جفت", "pairs") if table.terminology.kind == "map" else ("کد", "codes")
    return {"units_fa": fa, "units_en": en}


def live_of(table: SubmissionTable) -> str:
    """The versioned rows that a list is held against, as SQL that may want ``:part``: of a map what earlier lists of its
    part said, decisions apart, since a pair may be of several parts; codes may come from another part."""
    return "(SELECT * FROM mapping_by_part WHERE part = :part)" if table.terminology.kind == "map" else "concept"


def staged_of(table: SubmissionTable) -> str:
    return "staged_mapping" if table.terminology.kind == "map" else "staged_concept"


def _brief(value: Any) -> Any:
    if isinstance(value, str) and len(value) > _IN_TEXT:
        return value[: _IN_TEXT - 1] + "…"
    return value
