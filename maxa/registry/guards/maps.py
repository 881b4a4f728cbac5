"""Pairs of a map should lead from a known code to a known code."""

from __future__ import annotations

from functools import partial
from typing import Any

from sqlalchemy import func, select, text

from maxa.registry.guards.draft import PLACE, SHOWN, Draft
from maxa.registry.models import SubmissionTable, Terminology

# Active codes of a terminology as it will be once the draft is published.
_KNOWN_CODES = """
    SELECT code FROM staged_concept WHERE submission_id = :id AND terminology_id = :other AND status = 'active'
    UNION ALL
    SELECT c.code FROM concept c WHERE c.terminology_id = :other AND c.until IS NULL AND c.status = 'active'
        AND c.part <> ALL(CAST(:replaced AS text[]))
        AND NOT EXISTS (SELECT 1 FROM staged_concept s WHERE s.submission_id = :id AND s.terminology_id = :other
                        AND s.code = c.code AND s.status = 'retired')
"""
_LEADING_NOWHERE = """
    SELECT m.{side}_code AS code, {place}, count(*) OVER () AS total FROM staged_mapping m
    JOIN submission_file f ON f.id = m.file_id
    LEFT JOIN ({known}) known ON known.code = m.{side}_code
    WHERE m.submission_id = :id AND m.terminology_id = :tid AND m.part = :part AND known.code IS NULL
    ORDER BY m.id LIMIT :shown
"""


def check_map_targets(draft: Draft, table: SubmissionTable) -> None:
    """Nothing is said of a terminology that has no list yet."""
    session = draft.session
    for side in ("source", "target"):
        other = getattr(table.terminology, side)
        other_id = session.scalar(select(Terminology.id).where(func.lower(Terminology.name) == other.lower()))
        values = {
            "id": draft.submission.id, "tid": table.terminology_id, "part": table.part, "other": other_id,
            "shown": SHOWN, "replaced": draft.replaced(other_id) if other_id is not None else [],
        }  # fmt: skip
        if other_id is None or not session.scalar(text(f"SELECT EXISTS ({_KNOWN_CODES})"), values):
            continue
        rows = session.execute(
            text(_LEADING_NOWHERE.format(side=side, known=_KNOWN_CODES, place=PLACE.replace("s.", "m."))), values
        ).all()
        words = {"terminology": other}
        draft.tell_each(f"unknown-map-{side}", rows, partial(_said, words), total=rows[0].total if rows else 0)


def _said(words: dict[str, Any], _: Any) -> dict[str, Any]:
    return words
