"""How many rows a list has, and what it would do to the edition it is held against."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text

from maxa.registry.guards.draft import Draft, list_name, live_of, staged_of, units_of
from maxa.registry.models import DECISIONS, SubmissionTable

_FEW_KNOWN = 0.05  # of a list's codes: fewer are hardly the same list
_WORTH_COMPARING = 20  # codes on either side
_FEW_OF_AMENDMENT = 0.5  # of an amendment's codes: as it may well bring new ones only, another list must have the rest
_SOME = 3  # codes that stand in another list with the same title
_USUAL_GROWTH = 0.10  # of drafts from before it was declared


def check_size(draft: Draft, table: SubmissionTable) -> None:
    """Under the declared minimum a full list is broken off or the wrong one; over the maximum it wants a look.

    A map that is carried without a pair is none of these: its pairs are retired, which :func:`check_shares` guards.
    """
    low, high = table.expected["min_rows"], table.expected["max_rows"]
    emptied_map = table.terminology.kind == "map" and not table.rows and low <= 1
    if draft.is_full and table.rows < low and not emptied_map:
        draft.tell("too-few-rows", name=list_name(table), rows=table.rows, limit=low)
    if table.rows > high:
        draft.tell("too-many-rows", name=list_name(table), rows=table.rows, limit=high)


# ``known``: codes of the list that the part has now; ``added``: codes of it that are not active now and would be.
_SHARES = """
    SELECT (SELECT count(*) FROM {live} c WHERE c.terminology_id = :tid AND c.part = :part AND {standing}
            AND c.status = 'active') AS held,
        {known} AS known, {retired} AS retired,
        count(*) FILTER (WHERE s.status = 'active' AND c.status = 'active' AND s.content_hash <> c.content_hash) AS changed,
        count(*) FILTER (WHERE s.status = 'active' AND c.status IS DISTINCT FROM 'active') AS added
    FROM {joined} AND s.submission_id = :id
"""
_OF_FULL = {
    "known": "count(s.code)",
    "retired": "count(*) FILTER (WHERE s.code IS NULL OR s.status = 'retired')",
    "joined": """(SELECT * FROM {live} c WHERE c.terminology_id = :tid AND c.part = :part AND {standing}
                  AND c.status = 'active') c
        LEFT JOIN {staged} s ON s.terminology_id = c.terminology_id AND s.code = c.code{same_part}""",
}
_OF_AMENDMENT = {
    "known": "count(c.code)",
    "retired": "count(*) FILTER (WHERE s.status = 'retired' AND c.status = 'active')",
    "joined": """(SELECT * FROM {staged} WHERE terminology_id = :tid AND part = :part) s
        LEFT JOIN (SELECT * FROM {live} c WHERE c.terminology_id = :tid AND {standing}) c
            ON c.code = s.code{same_part}
        WHERE true""",
}


def check_shares(draft: Draft, table: SubmissionTable) -> None:
    """A list that retires or changes more than its declared share of the part needs the figure confirmed, and so does
    one in which hardly any code of the part is known: it is another list, whatever its headings say.

    Amendments bring new codes and name what they retire, so that few of either are nobody's mistake; one that lets the
    part grow by more than its declared share is asked about, and one whose codes stand in another list.
    """
    if draft.submission.scope == DECISIONS or not (table.rows or draft.is_full):
        return
    row = _shares(draft, table)
    if not row.held:
        return
    name = list_name(table)
    if draft.is_full:
        if min(row.held, table.rows) >= _WORTH_COMPARING and row.known < _FEW_KNOWN * table.rows:
            _tell_other_list(draft, table, row, _elsewhere(draft, table, row))
    elif row.known < _FEW_OF_AMENDMENT * table.rows:
        other = _elsewhere(draft, table, row)
        if other is not None and other.named >= max(_SOME, _FEW_OF_AMENDMENT * table.rows):
            _tell_other_list(draft, table, row, other)
    for kind, figure in (("retired", row.retired), ("changed", row.changed), ("added", row.added)):
        limit = table.expected.get(f"max_{kind}_share", _USUAL_GROWTH)
        if figure > limit * row.held and (draft.is_full or _is_many(kind, figure, row.held)):
            draft.tell(
                f"many-{kind}", figure=figure, held=row.held, name=name, limit=limit, confirm=f"{kind}:{name}={figure}",
                **units_of(table),
            )  # fmt: skip


def _is_many(kind: str, figure: int, held: int) -> bool:
    """Of the codes that an amendment itself names: a few are no accident, unless they are half of what is there."""
    return figure >= _WORTH_COMPARING or (kind != "added" and held >= _WORTH_COMPARING / 2 and figure > held / 2)


def _shares(draft: Draft, table: SubmissionTable) -> Any:
    of = _OF_FULL if draft.is_full else _OF_AMENDMENT
    values = {"id": draft.submission.id, "tid": table.terminology_id, "part": table.part}
    names = {
        "live": live_of(table), "staged": staged_of(table), "standing": draft.standing(table.terminology_id),
        "same_part": " AND s.part = c.part" if table.terminology.kind == "map" else "",  # a code may move to another part
    }  # fmt: skip
    sql = _SHARES.format(known=of["known"], retired=of["retired"], joined=of["joined"].format(**names), **names)
    return draft.session.execute(text(sql), values).one()


# ``named``: how many bear the same title there; codes of value sets alone are the same small numbers everywhere.
_ELSEWHERE = """
    SELECT t.name, c.part, count(*) AS codes,
        count(*) FILTER (WHERE s.title_fa <> '' AND s.title_fa = c.title_fa
                            OR s.title_en <> '' AND s.title_en = c.title_en) AS named
    FROM staged_concept s JOIN concept c ON c.code = s.code AND c.until IS NULL
    JOIN terminology t ON t.id = c.terminology_id
    WHERE s.submission_id = :id AND s.terminology_id = :tid AND s.part = :part
      AND (c.terminology_id, c.part) <> (:tid, :part)
    GROUP BY 1, 2 ORDER BY {first} DESC, 1, 2 LIMIT 1
"""


def _elsewhere(draft: Draft, table: SubmissionTable, row: Any) -> Any | None:
    """The list that has the most of these codes; of an amendment, with their titles."""
    if table.terminology.kind == "map":
        return None
    values = {"id": draft.submission.id, "tid": table.terminology_id, "part": table.part}
    first = "codes" if draft.is_full else "named"
    return draft.session.execute(text(_ELSEWHERE.format(first=first)), values).first()


def _tell_other_list(draft: Draft, table: SubmissionTable, row: Any, other: Any | None) -> None:
    fa = en = ""
    if other is not None and other.codes > row.known:
        place = f"{other.name}/{other.part}" if other.part else other.name
        fa, en = f" و {other.codes} تا در {place}", f" and {other.codes} in {place}"
    name = list_name(table)
    draft.tell(
        "other-list", rows=table.rows, known=row.known, held=row.held, name=name, elsewhere_fa=fa, elsewhere_en=en,
        **units_of(table), confirm=f"other-list:{name}={row.known}",
    )  # fmt: skip
