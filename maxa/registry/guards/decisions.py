"""Decisions of the committee on a map: what a set of them would do, and lists that say otherwise."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text

from maxa.registry.decided import standing_decisions
from maxa.registry.guards.draft import PLACE, SHOWN, Draft, shown_code
from maxa.registry.models import DECISIONS, SubmissionTable

_NOWHERE = {"file": None, "sheet": None, "row": None, "column": None}

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
_NEAR = """
    SELECT c.code FROM concept c JOIN terminology t ON t.id = c.terminology_id
    WHERE t.name = :terminology AND c.until IS NULL AND c.status = 'active'
      AND lower(regexp_replace(c.code, '[^[:alnum:]]', '', 'g')) = lower(regexp_replace(:code, '[^[:alnum:]]', '', 'g'))
    ORDER BY 1 LIMIT 1
"""
_SUGGESTED = 20  # unknown codes for which a like one is looked for


def check_decisions(draft: Draft) -> None:
    """Of a submission of decisions: note what the lists say, and tell what it replaces and where it leads."""
    if draft.submission.scope != DECISIONS:
        return
    for table in draft.tables:
        values = {"sid": draft.submission.id, "tid": table.terminology_id}
        draft.session.execute(text(_SEE), values)

        def rows(sql: str, values: dict[str, Any] = values) -> list[Any]:
            return list(draft.session.execute(text(sql), values))

        for row in rows(_CONTRADICTIONS):
            _tell(draft, "decisions-contradict", row, targets=row.targets)
        for row in rows(_NOT_STANDING):
            _tell(draft, "decision-not-standing", row, number=row.revokes)
        for row in rows(_REPLACES):
            rule = "decided-already" if row.same else "decision-replaces"
            _tell(draft, rule, row, number=row.old_id, old=_pair(row.old_code), actor=row.actor)
        for row in rows(_AGREES):
            _tell(draft, "decision-agrees", row)
        _check_codes(draft, values)
    draft.session.flush()


def _check_codes(draft: Draft, values: dict[str, Any]) -> None:
    suggested = 0
    for side in ("source", "target"):
        for row in draft.session.execute(text(_CODES.format(side=side, drafted=_DRAFTED)), values).all():
            words = {"named": row.named, "terminology": row.terminology}
            if row.status == "retired":
                after = (f"؛ جانشین آن {row.replaced_by} است", f"; {row.replaced_by} took its place")
                fa, en = after if row.replaced_by else ("", "")
                _tell(draft, "decision-on-retired-code", row, successor_fa=fa, successor_en=en, **words)
                continue
            near = None
            if suggested < _SUGGESTED:
                suggested += 1
                near = draft.session.scalar(text(_NEAR), {"terminology": row.terminology, "code": row.named})
            fa, en = (f"؛ شاید {near}", f"; perhaps {near}") if near else ("", "")
            severity = None if row.verdict == "holds" else "warning"
            _tell(draft, "decision-on-unknown-code", row, severity=severity, near_fa=fa, near_en=en, **words)


def _tell(draft: Draft, rule: str, row: Any, *, severity: str | None = None, **words: Any) -> None:
    draft.tell(rule, place={**_NOWHERE, "value": _pair(row.code)}, severity=severity, code=_pair(row.code), **words)


def _pair(code: str) -> str:
    return (shown_code(code) or "").removesuffix(" → ")


# Rows of a list that say otherwise than what stands decided. The decision wins.
_AGAINST = """
    WITH d AS ({standing}),
    against AS (
        SELECT s.id AS place, d.id AS number FROM staged_mapping s JOIN d ON d.code = s.code
        WHERE s.submission_id = :sid AND s.terminology_id = :tid AND s.part = :part AND s.status = 'active'
          AND (d.verdict = 'not' OR d.relationship <> s.relationship
               OR d.properties IS NOT NULL AND d.properties::text <> coalesce(s.properties::text, '{{}}'))
        UNION ALL
        SELECT s.id, d.id FROM staged_mapping s JOIN d ON d.source_code = s.source_code AND d.verdict = 'no-target'
        WHERE s.submission_id = :sid AND s.terminology_id = :tid AND s.part = :part AND s.status = 'active'
          AND NOT EXISTS (SELECT 1 FROM d own WHERE own.code = s.code))
    SELECT s.code, """ + PLACE + """, a.number, count(*) OVER () AS total
    FROM against a JOIN staged_mapping s ON s.id = a.place JOIN submission_file f ON f.id = s.file_id
    ORDER BY s.id LIMIT :shown
"""  # noqa: S608  # fmt: skip
_DROPPED = """
    SELECT d.code, d.id AS number, count(*) OVER () AS total FROM ({standing}) d
    JOIN listed_mapping o ON o.terminology_id = :tid AND o.code = d.code AND o.until IS NULL AND o.status = 'active'
        AND o.part = :part
    WHERE d.verdict = 'holds' AND NOT EXISTS (SELECT 1 FROM staged_mapping s WHERE s.submission_id = :sid
        AND s.terminology_id = :tid AND s.code = d.code AND s.status = 'active')
    ORDER BY d.code LIMIT :shown
"""


def check_against_decisions(draft: Draft, table: SubmissionTable) -> None:
    """A list's pairs that contradict standing decisions, and decided pairs that a full list no longer carries."""
    session = draft.session
    values = {"sid": draft.submission.id, "tid": table.terminology_id, "part": table.part, "shown": SHOWN}
    stands = text("SELECT EXISTS (SELECT 1 FROM decision_standing WHERE terminology_id = :tid AND until IS NULL)")
    if draft.submission.scope == DECISIONS or not session.scalar(stands, values):
        return
    against = session.execute(text(_AGAINST.format(standing=standing_decisions())), values).all()
    draft.tell_each(
        "against-decision", against, lambda row: {"code": _pair(row.code), "number": row.number},
        total=against[0].total if against else 0,
    )  # fmt: skip
    if not draft.is_full:
        return
    dropped = session.execute(text(_DROPPED.format(standing=standing_decisions())), values).all()
    for row in dropped:
        draft.tell("decided-pair-dropped", place={**_NOWHERE, "value": _pair(row.code)}, code=_pair(row.code),
                   number=row.number)  # fmt: skip
    if dropped and dropped[0].total > len(dropped):
        draft.tell_each("decided-pair-dropped", [], lambda _: {}, total=dropped[0].total - len(dropped))
