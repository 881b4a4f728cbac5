"""How many rows a list has, and what it would do to the edition it is held against."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text

from maxa.registry.guards.draft import Draft, list_name, live_of, staged_of
from maxa.registry.models import SubmissionTable

_FEW_KNOWN = 0.05  # of a list's codes: fewer are hardly the same list
_WORTH_COMPARING = 20  # codes on either side


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


_SHARES = """
    SELECT count(*) AS held, count(s.code) AS known,
           count(*) FILTER (WHERE s.code IS NULL OR s.status = 'retired') AS retired,
           count(*) FILTER (WHERE s.status = 'active' AND s.content_hash <> c.content_hash) AS changed
    FROM {live} c LEFT JOIN {staged} s
        ON s.submission_id = :id AND s.terminology_id = c.terminology_id AND s.code = c.code{same_part}
    WHERE c.terminology_id = :tid AND c.part = :part AND {standing} AND c.status = 'active'
"""


def check_shares(draft: Draft, table: SubmissionTable) -> None:
    """A full list that retires or changes more than its declared share of the part needs the figure confirmed, and so
    does one in which hardly any code of the part is known: it is another list, whatever its headings say."""
    if not draft.is_full:
        return
    values = {"id": draft.submission.id, "tid": table.terminology_id, "part": table.part}
    sql = _SHARES.format(
        live=live_of(table), staged=staged_of(table), standing=draft.standing(table.terminology_id),
        same_part=" AND s.part = c.part" if table.terminology.kind == "map" else "",  # a code may move to another part
    )  # fmt: skip
    row = draft.session.execute(text(sql), values).one()
    if not row.held:
        return
    name = list_name(table)
    if min(row.held, table.rows) >= _WORTH_COMPARING and row.known < _FEW_KNOWN * table.rows:
        _tell_other_list(draft, table, row)
    for kind, figure in (("retired", row.retired), ("changed", row.changed)):
        limit = table.expected[f"max_{kind}_share"]
        if figure > limit * row.held:
            draft.tell(
                f"many-{kind}", figure=figure, held=row.held, name=name, limit=limit, confirm=f"{kind}:{name}={figure}"
            )


_ELSEWHERE = """
    SELECT t.name, c.part, count(*) AS codes FROM staged_concept s
    JOIN concept c ON c.code = s.code AND c.until IS NULL JOIN terminology t ON t.id = c.terminology_id
    WHERE s.submission_id = :id AND s.terminology_id = :tid AND s.part = :part
      AND (c.terminology_id, c.part) <> (:tid, :part)
    GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT 1
"""


def _tell_other_list(draft: Draft, table: SubmissionTable, row: Any) -> None:
    values = {"id": draft.submission.id, "tid": table.terminology_id, "part": table.part}
    other = draft.session.execute(text(_ELSEWHERE), values).first() if table.terminology.kind != "map" else None
    fa = en = ""
    if other is not None and other.codes > row.known:
        place = f"{other.name}/{other.part}" if other.part else other.name
        fa, en = f" و {other.codes} تا در {place}", f" and {other.codes} in {place}"
    name = list_name(table)
    draft.tell(
        "other-list", rows=table.rows, known=row.known, held=row.held, name=name, elsewhere_fa=fa, elsewhere_en=en,
        confirm=f"other-list:{name}={row.known}",
    )  # fmt: skip
