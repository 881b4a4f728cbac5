"""Rows of an amendment that change nothing, and codes that it brings back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import text

from maxa.registry.guards.draft import PLACE, SHOWN, Draft, live_of, shown_code, staged_of
from maxa.registry.models import SubmissionTable

_UNCHANGED = """
    SELECT s.code, {place}, count(*) OVER () AS total FROM {staged} s
    JOIN submission_file f ON f.id = s.file_id
    JOIN {live} c ON c.terminology_id = s.terminology_id AND c.code = s.code AND {standing}
        AND c.content_hash = s.content_hash
    WHERE s.submission_id = :id AND s.terminology_id = :tid AND s.part = :part ORDER BY s.id LIMIT :shown
"""
_RESTORED = """
    SELECT s.code, {place}, count(*) OVER () AS total FROM staged_concept s
    JOIN submission_file f ON f.id = s.file_id
    JOIN concept c ON c.terminology_id = s.terminology_id AND c.code = s.code AND {standing} AND c.status = 'retired'
    WHERE s.submission_id = :id AND s.terminology_id = :tid AND s.part = :part AND s.status = 'active'
    ORDER BY s.id LIMIT :shown
"""


def check_amendment(draft: Draft, table: SubmissionTable) -> None:
    """Rows of an amendment that would change nothing are told, and codes that it brings back."""
    live = live_of(table)
    for rule, rows in _amended(draft, table, live):
        draft.tell_each(rule, rows, lambda row: {"code": shown_code(row.code)}, total=rows[0].total)


def _amended(draft: Draft, table: SubmissionTable, live: str) -> Iterator[tuple[str, list[Any]]]:
    patterns = [("row-changes-nothing", _UNCHANGED)] + ([("code-restored", _RESTORED)] if live == "concept" else [])
    standing = draft.standing(table.terminology_id)
    values = {"id": draft.submission.id, "tid": table.terminology_id, "part": table.part, "shown": SHOWN}
    for rule, pattern in patterns:
        sql = text(pattern.format(place=PLACE, live=live, staged=staged_of(table), standing=standing))
        rows = draft.session.execute(sql, values).all()
        if rows:
            yield rule, list(rows)
