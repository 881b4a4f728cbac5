"""Decisions of the committee on a map: what a set of them would do, and lists that say otherwise."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from maxa.registry.decided import standing_decisions
from maxa.registry.decision_file import NO_TARGET, NOT, RELATIONSHIP_FA
from maxa.registry.guards.draft import PLACE, SHOWN, Draft, shown_code
from maxa.registry.models import DECISIONS, SubmissionTable

# What the lists say now of each drafted subject; of a code without target, which targets they give it.
_SEE = """
    UPDATE mapping_decision d SET seen = now.seen FROM (
        SELECT m.id, CASE WHEN m.verdict = 'no-target' THEN led.seen ELSE pair.seen END AS seen
        FROM mapping_decision m
        LEFT JOIN (SELECT code, jsonb_strip_nulls(jsonb_build_object('status', status, 'relationship', relationship,
                                                                     'properties', properties)) AS seen
                   FROM observed_mapping WHERE terminology_id = :tid AND until IS NULL) pair ON pair.code = m.code
        LEFT JOIN (SELECT source_code,
                       jsonb_build_object('targets', jsonb_agg(target_code ORDER BY target_code)) AS seen
                   FROM observed_mapping WHERE terminology_id = :tid AND until IS NULL AND status = 'active'
                   GROUP BY source_code) led ON led.source_code = m.source_code
        WHERE m.submission_id = :sid AND m.terminology_id = :tid) now
    WHERE now.id = d.id
"""
_DRAFTED = "SELECT * FROM mapping_decision WHERE submission_id = :sid AND terminology_id = :tid"
_CONTRADICTIONS = f"""
    SELECT n.source_code AS code, string_agg(h.target_code, '، ' ORDER BY h.target_code) AS targets FROM ({_DRAFTED}) n
    JOIN ({_DRAFTED}) h ON h.source_code = n.source_code AND h.verdict = 'holds'
    WHERE n.verdict = 'no-target' GROUP BY 1 ORDER BY 1
"""  # noqa: S608
_REPLACES = f"""
    SELECT d.code, old.id AS old_id, old.verdict AS old_verdict, old.code AS old_code, old.actor,
        old.verdict = d.verdict AND old.relationship IS NOT DISTINCT FROM d.relationship
            AND old.properties::text IS NOT DISTINCT FROM d.properties::text AS same
    FROM ({_DRAFTED}) d JOIN ({standing_decisions()}) old
        ON old.code = d.code OR (old.source_code = d.source_code
            AND (d.verdict, old.verdict) IN (('no-target', 'holds'), ('holds', 'no-target')))
    WHERE d.verdict <> 'revoke' ORDER BY d.id, old.id
"""  # noqa: S608
_NOT_STANDING = f"""
    SELECT d.code, d.revokes FROM ({_DRAFTED}) d WHERE d.verdict = 'revoke' AND NOT EXISTS
        (SELECT 1 FROM decision_standing s WHERE s.decision_id = d.revokes AND s.until IS NULL) ORDER BY d.id
"""  # noqa: S608
_AGREES = f"""
    SELECT d.code FROM ({_DRAFTED}) d WHERE d.verdict = 'holds' AND d.seen->>'status' = 'active'
        AND d.seen->>'relationship' = d.relationship
        AND (d.properties IS NULL OR d.properties::jsonb = coalesce(d.seen->'properties', '{{}}'))
       OR d.verdict = 'not' AND coalesce(d.seen->>'status', 'retired') <> 'active'
       OR d.verdict = 'no-target' AND d.seen IS NULL
    ORDER BY d.id
"""  # noqa: S608
# Codes of drafted decisions that their terminology does not have, or has retired. Nothing is said of one without a list.
_CODES = """
    SELECT d.code, d.verdict, d.{side}_code AS named, c.status, c.replaced_by, t.name AS terminology
    FROM ({drafted}) d JOIN terminology m ON m.id = :tid JOIN terminology t ON lower(t.name) = lower(m.{side})
    LEFT JOIN concept c ON c.terminology_id = t.id AND c.code = d.{side}_code AND c.until IS NULL
    WHERE d.verdict <> 'revoke' AND d.{side}_code IS NOT NULL AND (c.code IS NULL OR c.status = 'retired')
      AND EXISTS (SELECT 1 FROM concept k WHERE k.terminology_id = t.id AND k.until IS NULL)
    ORDER BY d.id
"""
# Codes of a terminology that differ from the given ones in dashes, dots, spaces or case alone.
_NEAR = """
    WITH wanted AS MATERIALIZED (SELECT code, {key} AS key FROM unnest(CAST(:codes AS text[])) AS w(code)),
    held AS (SELECT code, {key} AS key FROM concept WHERE until IS NULL AND status = 'active'
             AND terminology_id = (SELECT id FROM terminology WHERE name = :terminology))
    SELECT w.code, min(h.code) FROM wanted w JOIN held h ON h.key = w.key WHERE w.key <> '' GROUP BY w.code
""".format(key="lower(regexp_replace(code, '[^[:alnum:]]', '', 'g'))")  # noqa: S608


def check_decisions(draft: Draft) -> None:
    """Of a submission of decisions: note what the lists say, and tell what it replaces and where it leads."""
    if draft.submission.scope != DECISIONS:
        return
    for table in draft.tables:
        values = {"sid": draft.submission.id, "tid": table.terminology_id}
        draft.session.execute(text(_SEE), values)

        def rows(sql: str, values: dict[str, Any] = values) -> list[Any]:
            return list(draft.session.execute(text(sql), values))

        _tell(draft, "decisions-contradict", rows(_CONTRADICTIONS), lambda row: {"targets": row.targets})
        _tell(draft, "decision-not-standing", rows(_NOT_STANDING), lambda row: {"number": row.revokes})
        replaced = rows(_REPLACES)
        for rule, same in (("decided-already", True), ("decision-replaces", False)):
            _tell(
                draft, rule, [row for row in replaced if row.same is same],
                lambda row: {"number": row.old_id, "old": _pair(row.old_code), "actor": row.actor},
            )  # fmt: skip
        _tell(draft, "decision-agrees", rows(_AGREES), lambda row: {})
        _check_codes(draft, values)
    draft.session.flush()


def _check_codes(draft: Draft, values: dict[str, Any]) -> None:
    for side in ("source", "target"):
        rows = draft.session.execute(text(_CODES.format(side=side, drafted=_DRAFTED)), values).all()
        retired = [row for row in rows if row.status == "retired"]
        unknown = [row for row in rows if row.status != "retired"]
        near = _near(draft, unknown)
        _tell(draft, "decision-on-retired-code", retired, _retired_words)
        for severity, holds in ((None, True), ("warning", False)):
            _tell(
                draft, "decision-on-unknown-code", [row for row in unknown if (row.verdict == "holds") is holds],
                partial(_unknown_words, near), severity=severity,
            )  # fmt: skip


def _retired_words(row: Any) -> dict[str, Any]:
    fa, en = f"؛ جانشین آن {row.replaced_by} است", f"; {row.replaced_by} took its place"
    if not row.replaced_by:
        fa = en = ""
    return {"named": row.named, "terminology": row.terminology, "successor_fa": fa, "successor_en": en}


def _unknown_words(near: dict[str, str], row: Any) -> dict[str, Any]:
    like = near.get(row.named)
    fa, en = (f"؛ شاید {like}", f"; perhaps {like}") if like else ("", "")
    return {"named": row.named, "terminology": row.terminology, "near_fa": fa, "near_en": en}


def _near(draft: Draft, unknown: list[Any]) -> dict[str, str]:
    """Unknown code → a like one that its terminology has."""
    if not unknown:
        return {}
    return near_codes(draft.session, unknown[0].terminology, {row.named for row in unknown})


def near_codes(session: Session, terminology: str, unknown: Collection[str]) -> dict[str, str]:
    """Unknown code → an active one of the terminology that differs in dashes, dots, spaces or case alone."""
    values = {"terminology": terminology, "codes": sorted(unknown)}
    return {code: like for code, like in session.execute(text(_NEAR), values)}  # noqa: C416


class _Unplaced(NamedTuple):
    """A decision stands in no workbook."""

    code: str
    row_: Any
    file: str | None = None
    sheet: str | None = None
    row: int | None = None
    column: str | None = None


def _tell(
    draft: Draft,
    rule: str,
    rows: list[Any],
    words: Callable[[Any], dict[str, Any]],
    *,
    total: int | None = None,
    severity: str | None = None,
) -> None:
    told = [_Unplaced(_pair(row.code), row) for row in rows]
    draft.tell_each(rule, told, lambda one: words(one.row_), total=total, severity=severity)


_DECIDED = {NOT: ("برقرار نیست", "does not hold"), NO_TARGET: ("همتا ندارد", "no target")}


def _pair(code: str) -> str:
    return (shown_code(code) or "").removesuffix(" → ")


# Rows of a list that say otherwise than what stands decided. The decision wins. ``known``: the committee saw just that.
_AGAINST = """
    WITH d AS ({standing}),
    against AS (
        SELECT s.id AS place, d.id AS number, d.verdict, d.relationship,
            d.seen IS NOT DISTINCT FROM jsonb_strip_nulls(jsonb_build_object('status', s.status,
                'relationship', s.relationship, 'properties', s.properties)) AS known
        FROM staged_mapping s JOIN d ON d.code = s.code
        WHERE s.submission_id = :sid AND s.terminology_id = :tid AND s.part = :part AND s.status = 'active'
          AND (d.verdict = 'not' OR d.relationship <> s.relationship
               OR d.properties IS NOT NULL AND d.properties::text <> coalesce(s.properties::text, '{{}}'))
        UNION ALL
        SELECT s.id, d.id, d.verdict, NULL, coalesce(d.seen->'targets' ? s.target_code, false)
        FROM staged_mapping s JOIN d ON d.source_code = s.source_code AND d.verdict = 'no-target'
        WHERE s.submission_id = :sid AND s.terminology_id = :tid AND s.part = :part AND s.status = 'active'
          AND NOT EXISTS (SELECT 1 FROM d own WHERE own.code = s.code))
    SELECT * FROM (
        SELECT s.code, {place}, a.number, a.verdict, a.relationship AS decided, s.relationship AS listed, a.known,
            count(*) OVER (PARTITION BY a.known) AS total, row_number() OVER (PARTITION BY a.known ORDER BY s.id) AS nth
        FROM against a JOIN staged_mapping s ON s.id = a.place JOIN submission_file f ON f.id = s.file_id) told
    WHERE nth <= :shown ORDER BY known, nth
"""
# Another part that still lists the pair, and is not sent in anew itself, keeps it in the lists.
_DROPPED = """
    SELECT d.code, d.id AS number, count(*) OVER () AS total FROM ({standing}) d
    JOIN listed_mapping o ON o.terminology_id = :tid AND o.code = d.code AND o.until IS NULL AND o.status = 'active'
        AND o.part = :part
    WHERE d.verdict = 'holds' AND NOT EXISTS (SELECT 1 FROM staged_mapping s WHERE s.submission_id = :sid
        AND s.terminology_id = :tid AND s.code = d.code AND s.status = 'active')
      AND NOT EXISTS (SELECT 1 FROM part_mapping p WHERE p.terminology_id = :tid AND p.code = d.code AND p.until IS NULL
        AND p.status = 'active' AND p.part <> :part AND NOT EXISTS (SELECT 1 FROM submission_table t
            WHERE t.submission_id = :sid AND t.terminology_id = :tid AND t.part = p.part))
    ORDER BY d.code LIMIT :shown
"""


def check_against_decisions(draft: Draft, table: SubmissionTable) -> None:
    """A list's pairs that contradict standing decisions, and decided pairs that a full list no longer carries."""
    session = draft.session
    values = {"sid": draft.submission.id, "tid": table.terminology_id, "part": table.part, "shown": SHOWN}
    stands = text("SELECT EXISTS (SELECT 1 FROM decision_standing WHERE terminology_id = :tid AND until IS NULL)")
    if draft.submission.scope == DECISIONS or not session.scalar(stands, values):
        return
    sql = _AGAINST.format(standing=standing_decisions(), place=PLACE)
    against = session.execute(text(sql), values).all()
    for known in (False, True):
        rows = [row for row in against if row.known is known]
        draft.tell_each(
            "against-decision", rows, partial(_against_words, table), total=rows[0].total if rows else 0,
            severity="info" if known else None,
        )  # fmt: skip
    if not draft.is_full:
        return
    dropped = session.execute(text(_DROPPED.format(standing=standing_decisions())), values).all()
    _tell(
        draft, "decided-pair-dropped", list(dropped), lambda row: {"number": row.number, "map": _in_shell(table)},
        total=dropped[0].total if dropped else 0,
    )  # fmt: skip


def _against_words(table: SubmissionTable, row: Any) -> dict[str, Any]:
    decided_fa, decided_en = _DECIDED.get(row.verdict) or (RELATIONSHIP_FA[row.decided], row.decided)
    if row.decided == row.listed:
        decided_fa, decided_en = f"{decided_fa} با ویژگی‌های دیگر", f"{decided_en} with other properties"
    known_fa, known_en = (" با آگاهی از آن", ", knowing that,") if row.known else ("", "")
    return {
        "code": shown_code(row.code), "number": row.number, "map": _in_shell(table), "known_fa": known_fa,
        "known_en": known_en, "listed_fa": RELATIONSHIP_FA[row.listed], "listed_en": row.listed,
        "decided_fa": decided_fa, "decided_en": decided_en,
    }  # fmt: skip


def _in_shell(table: SubmissionTable) -> str:
    return table.terminology.name.replace("→", "--")
