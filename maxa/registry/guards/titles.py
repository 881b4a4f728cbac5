"""The same title on many codes: a truncated name, or a row copied and not corrected (FACTS §8).

Lists of products name many codes alike, and a book of values repeats a title with other marks. So the list's own habit
decides: the current edition's, or the list's where there is none. Above :data:`HABIT` sharing is told as one figure,
unless it is only :data:`FEW` groups.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import text

from maxa.persian.fold import ZWNJ
from maxa.registry.guards.draft import PLACE, SHOWN, Draft, list_name
from maxa.registry.models import SubmissionTable

HABIT = 0.05  # of the codes share their title with another one
FEW = 20  # groups are told one by one, habit or not
_GROWN = 1.5  # times as many as before, and more than the habit more: no habit any more
_CODES_NAMED = 5


def _key(alias: str) -> str:
    """SQL: both titles in one spelling. What people mix up most (spaces, half-spaces, ي/ی, ك/ک, case) is folded; all of
    maxa.persian.fold would take longer than the other guards together."""
    value = f'lower(({alias}.title_fa || chr(1) || {alias}.title_en) COLLATE "C")'
    for old, new in ((" ", ""), (ZWNJ, ""), ("ي", "ی"), ("ك", "ک")):
        value = f"replace({value}, '{old}', '{new}')"
    return f"hashtextextended({value}, 0)"


_STAGED = f"""
    SELECT {_key("s")} AS key, s.id, s.code FROM staged_concept s
    WHERE s.submission_id = :id AND s.terminology_id = :tid AND s.part = :part AND s.status = 'active'
"""  # noqa: S608
_CURRENT = f"""
    SELECT {_key("c")} AS key, c.code FROM concept c
    WHERE c.terminology_id = :tid AND c.part = :part AND {{standing}} AND c.status = 'active'
"""  # noqa: S608
# An amendment is held together with the codes that it leaves as they are.
_WITH_OTHERS = """
    {staged} UNION ALL SELECT x.key, NULL, x.code FROM ({current}) x
    WHERE NOT EXISTS (SELECT 1 FROM staged_concept o WHERE o.submission_id = :id AND o.terminology_id = :tid
                      AND o.code = x.code)
"""
_SHARE = """
    SELECT coalesce(sum(n) FILTER (WHERE n > 1), 0) AS shared, coalesce(sum(n), 0) AS rows,
           count(*) FILTER (WHERE n > 1) AS groups
    FROM (SELECT count(*) AS n FROM ({titles}) t GROUP BY key) g
"""
_GROUPS = """
    SELECT first.code, first.title_fa, first.title_en, g.codes, g.n, {place},
           count(*) OVER () AS total
    FROM (SELECT key, min(id) AS id, count(*) AS n, (array_agg(code ORDER BY code))[1:{named}] AS codes
          FROM ({titles}) t GROUP BY key HAVING count(*) > 1 AND min(id) IS NOT NULL) g
    LEFT JOIN (SELECT key, count(*) AS n FROM ({current}) t GROUP BY key) held ON held.key = g.key
    JOIN staged_concept first ON first.id = g.id JOIN submission_file f ON f.id = first.file_id
    WHERE g.n > coalesce(held.n, 1) ORDER BY g.n DESC, first.id LIMIT :shown
"""


def check_titles(draft: Draft, table: SubmissionTable) -> None:
    """Groups of codes with one title that are new, or larger than they were."""
    current = _CURRENT.format(standing=draft.standing(table.terminology_id))
    titles = _STAGED if draft.is_full else _WITH_OTHERS.format(staged=_STAGED, current=current)
    values = {"id": draft.submission.id, "tid": table.terminology_id, "part": table.part}
    now = draft.session.execute(text(_SHARE.format(titles=titles)), values).one()
    if not now.shared:
        return
    before = draft.session.execute(text(_SHARE.format(titles=current)), values).one()
    share = float(now.shared / now.rows)
    usual = float(before.shared / before.rows) if before.rows else None
    if now.groups > FEW and _is_habit(share, usual):
        _tell_habit(draft, table, now, before)
        return
    sql = _GROUPS.format(place=PLACE.replace("s.", "first."), titles=titles, current=current, named=_CODES_NAMED)
    groups = draft.session.execute(text(sql), {**values, "shown": SHOWN}).all()
    draft.tell_each("same-title", groups, _words, total=groups[0].total if groups else 0)


def _is_habit(share: float, usual: float | None) -> bool:
    if usual is None:
        return share > HABIT
    return usual > HABIT and share <= max(usual * _GROWN, usual + HABIT)


def _tell_habit(draft: Draft, table: SubmissionTable, now: Any, before: Any) -> None:
    was = f"{before.shared / before.rows:.0%}" if before.rows else ""
    draft.tell(
        "titles-shared", name=list_name(table), figure=int(now.shared), rows=int(now.rows),
        before_fa=f" (در ویرایش جاری {was})" if was else "", before_en=f" (in the current edition {was})" if was else "",
    )  # fmt: skip


def _words(row: Any) -> dict[str, Any]:
    more = ", …" if row.n > len(row.codes) else ""
    return {"count": row.n, "title": row.title_fa or row.title_en, "codes": ", ".join(row.codes) + more}
