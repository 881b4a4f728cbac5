"""Codes: rounded by Excel, stated twice, of another part, brought back."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from sqlalchemy import text

from maxa.persian.fold import title_key
from maxa.registry.guards.draft import PLACE, SHOWN, Draft, Staged, shown_code
from maxa.registry.models import Terminology
from maxa.registry.parts import needs_parts
from maxa.registry.staging import PAIR_SEPARATOR

_DOUBTFUL = """
    SELECT s.id, s.terminology_id, s.file_id, f.name AS file, s.sheet, s.row, s."column", s.code,
           s.title_fa, s.title_en, c.code AS found, c.title_fa AS found_fa, c.title_en AS found_en
    FROM staged_concept s JOIN submission_file f ON f.id = s.file_id
    LEFT JOIN concept c ON c.terminology_id = s.terminology_id AND c.until IS NULL
        AND c.code BETWEEN s.doubt->'candidates'->>0 AND s.doubt->'candidates'->>1
    WHERE s.submission_id = :id AND s.doubt IS NOT NULL ORDER BY s.id
"""


def settle_rounded_codes(draft: Draft) -> None:
    """A 16-digit code that Excel rounded (FACTS §8) is taken when the current edition holds exactly one code in its
    range with this title; else it is an error. Pairs from the same row follow their concept."""
    session, number = draft.session, draft.submission.id
    found: dict[int, set[str]] = defaultdict(set)
    doubtful = {}
    for row in session.execute(text(_DOUBTFUL), {"id": number}):
        doubtful[row.id] = row
        titles = {title_key(row.title_fa), title_key(row.title_en)} - {""}
        if row.found is not None and titles & {title_key(row.found_fa), title_key(row.found_en)}:
            found[row.id].add(row.found)
    taken: list[Any] = []
    refused: list[Any] = []
    for key, row in doubtful.items():
        (taken if len(found[key]) == 1 else refused).append(row)
    true_codes = {row.id: next(iter(found[row.id])) for row in taken}
    _take_restored(draft, taken, true_codes)
    draft.tell_each("rounded-code-restored", taken, lambda row: {"mended": true_codes[row.id]}, guard=False)
    draft.tell_each("rounded-code", refused, lambda row: {}, guard=False)
    session.execute(text("DELETE FROM staged_mapping WHERE submission_id = :id AND doubt IS NOT NULL"), {"id": number})
    session.flush()


# The true code in place of the damaged one: in the concept, and on its side of the pairs that came from its row.
_TAKE_CONCEPTS = """
    UPDATE staged_concept s SET code = r.new, doubt = NULL FROM restored r WHERE s.id = r.id
"""
_TAKE_PAIRS = """
    UPDATE staged_mapping m SET {side}_code = r.new, doubt = NULL, code = {joined}
    FROM restored r JOIN terminology own ON own.id = r.terminology_id JOIN terminology t ON t.{side} = own.name
    WHERE m.submission_id = :id AND m.terminology_id = t.id AND m.file_id = r.file_id AND m.sheet = r.sheet
      AND m.row = r.row AND m.{side}_code = r.old
"""


def _take_restored(draft: Draft, taken: list[Any], true_codes: dict[int, str]) -> None:
    if not taken:
        return
    draft.session.execute(
        text(
            "CREATE TEMP TABLE restored (id bigint, terminology_id int, file_id bigint, sheet text, row int, old text,"
            " new text) ON COMMIT DROP"
        )
    )
    columns = ("id", "terminology_id", "file_id", "sheet", "row", "code")
    draft.session.execute(
        text("INSERT INTO restored VALUES (:id, :terminology_id, :file_id, :sheet, :row, :code, :new)"),
        [{**{c: getattr(row, c) for c in columns}, "new": true_codes[row.id]} for row in taken],
    )
    draft.session.execute(text(_TAKE_CONCEPTS))
    for side, joined in (("source", "r.new || :sep || m.target_code"), ("target", "m.source_code || :sep || r.new")):
        draft.session.execute(
            text(_TAKE_PAIRS.format(side=side, joined=joined)), {"id": draft.submission.id, "sep": PAIR_SEPARATOR}
        )
    draft.session.execute(text("DROP TABLE restored"))


_TWICE = """
    SELECT s.code, {more}, {place}, t.name AS terminology, count(*) OVER () AS total FROM {staged} s
    JOIN (SELECT {key} FROM {staged} WHERE submission_id = :id GROUP BY {key} HAVING count(*) > 1) twice USING ({key})
    JOIN submission_file f ON f.id = s.file_id JOIN terminology t ON t.id = s.terminology_id
    WHERE s.submission_id = :id ORDER BY s.code, s.id LIMIT :shown
"""
_SAME_PAIRS = """
    DELETE FROM staged_mapping a USING staged_mapping b WHERE a.submission_id = :id AND b.submission_id = :id
    AND a.terminology_id = b.terminology_id AND a.part = b.part AND a.code = b.code AND a.content_hash = b.content_hash
    AND a.id > b.id
"""


def check_codes_stated_twice(draft: Draft) -> None:
    """The same code twice in a submission: across its workbooks or parts, or because a damaged code was restored. A pair
    of a map may stand once in each part (:func:`check_pairs_of_other_parts`)."""
    session, values = draft.session, {"id": draft.submission.id, "shown": SHOWN}
    rows = session.execute(
        text(_TWICE.format(staged="staged_concept", key="terminology_id, code", more="s.part", place=PLACE)), values
    ).all()
    draft.tell_each("duplicate-code", rows, lambda row: {"terminology": row.terminology}, total=_total(rows))
    session.execute(text(_SAME_PAIRS), {"id": draft.submission.id})
    pairs = session.execute(
        text(
            _TWICE.format(
                staged="staged_mapping", key="terminology_id, part, code", more="s.source_code, s.target_code", place=PLACE
            )
        ),
        values,
    ).all()  # fmt: skip
    draft.tell_each(
        "duplicate-pair", pairs, lambda row: {"source": row.source_code, "target": row.target_code}, total=_total(pairs)
    )


def _total(rows: Any) -> int:
    """Of a query that counts all its rows although it gives the first ones only."""
    return rows[0].total if rows else 0


# Pairs that another part, as it will be once the draft is published, lists as active with another content.
_OTHERWISE = """
    WITH other AS (
        SELECT c.part, c.code, c.relationship, c.properties::text AS properties FROM mapping_by_part c
        WHERE c.terminology_id = :tid AND {standing} AND c.status = 'active' AND c.part <> ALL(CAST(:replaced AS text[]))
          AND NOT EXISTS (SELECT 1 FROM staged_mapping n WHERE n.submission_id = :id AND n.terminology_id = :tid
                          AND n.part = c.part AND n.code = c.code)
        UNION ALL
        SELECT part, code, relationship, properties::text FROM staged_mapping
        WHERE submission_id = :id AND terminology_id = :tid AND status = 'active'),
    beside AS (
        SELECT s.id, min(o.part COLLATE "C") AS first, min(o.part COLLATE "C") FILTER (
            WHERE o.relationship <> s.relationship OR o.properties IS DISTINCT FROM s.properties::text) AS otherwise
        FROM staged_mapping s JOIN other o ON o.code = s.code AND o.part <> s.part
        WHERE s.submission_id = :id AND s.terminology_id = :tid AND s.status = 'active' GROUP BY s.id)
    SELECT s.code, {place}, b.otherwise, least(b.first, s.part COLLATE "C") AS wins, count(*) OVER () AS total
    FROM beside b JOIN staged_mapping s ON s.id = b.id JOIN submission_file f ON f.id = s.file_id
    WHERE b.otherwise IS NOT NULL ORDER BY s.id LIMIT :shown
"""


def check_pairs_of_other_parts(draft: Draft, terminology: Terminology) -> None:
    """A pair may be of several parts of a map; what the first of them says of it is published (maxa.registry.parts)."""
    parts = draft.parts_of(terminology.id)
    if not needs_parts(draft.session, terminology, draft.submission, parts):
        return
    rows = draft.session.execute(
        text(_OTHERWISE.format(place=PLACE, standing=draft.standing(terminology.id))),
        {"id": draft.submission.id, "tid": terminology.id, "shown": SHOWN, "replaced": draft.replaced(terminology.id)},
    ).all()

    def named(part: str) -> str:
        return f"{terminology.name}/{part}" if part else terminology.name

    draft.tell_each(
        "pair-differs-in-part", rows,
        lambda row: {"code": shown_code(row.code), "other": named(row.otherwise), "wins": named(row.wins)},
        total=_total(rows),
    )  # fmt: skip


_OTHER_PART = """
    SELECT s.code, c.part, s.part AS new_part, {place}, count(*) OVER () AS total FROM staged_concept s
    JOIN concept c ON c.terminology_id = s.terminology_id AND c.code = s.code AND {standing}
    JOIN submission_file f ON f.id = s.file_id
    WHERE s.submission_id = :id AND s.terminology_id = :tid AND c.part <> s.part AND c.status = 'active'
      AND c.part <> ALL(CAST(:replaced AS text[]))
    ORDER BY s.id LIMIT :shown
"""


def check_other_parts(draft: Draft, terminology_id: int) -> None:
    """A code belongs to one part; an active one of another part is not taken over silently. It may move when the full
    list of its old part, in the same submission, no longer names it."""
    rows = draft.session.execute(
        text(_OTHER_PART.format(place=PLACE, standing=draft.standing(terminology_id))),
        {"id": draft.submission.id, "tid": terminology_id, "shown": SHOWN, "replaced": draft.replaced(terminology_id)},
    ).all()
    draft.tell_each(
        "code-in-other-part", rows, lambda row: {"part": row.part, "new_part": row.new_part}, total=_total(rows)
    )


_ACTIVE_WITH_SUCCESSOR = """
    SELECT s.code, s.replaced_by, {place}, count(*) OVER () AS total FROM staged_concept s
    JOIN submission_file f ON f.id = s.file_id
    WHERE s.submission_id = :id AND s.terminology_id = :tid AND s.status = 'active' AND s.replaced_by IS NOT NULL
    ORDER BY s.id LIMIT :shown
"""


def check_active_with_successor(draft: Draft, terminology_id: int) -> None:
    """A code that names its successor is a retired one; the importer takes it so unless its status says otherwise."""
    if not draft.staged.get(terminology_id, Staged()).active_with_successor:
        return
    rows = draft.session.execute(
        text(_ACTIVE_WITH_SUCCESSOR.format(place=PLACE)),
        {"id": draft.submission.id, "tid": terminology_id, "shown": SHOWN},
    ).all()
    draft.tell_each("active-with-successor", rows, lambda row: {"successor": row.replaced_by}, total=_total(rows))
