"""The committee's decisions over what the lists say of a map (docs/adr/0009-decisions-over-observed-maps.md).

Three layers, each versioned by the ordinals of the map's releases: ``listed_mapping`` (what the lists say),
``decision_standing`` (which decisions stand), ``mapping`` (published). At every release

    published = what the lists say, overlaid by the standing decisions

and no import touches the second layer. Here is that rule, as SQL, and the writes that keep it. A map on which nothing was
ever decided has one layer, ``mapping``; ``observed_mapping`` is a view of what the lists say of any map.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from maxa.registry.counts import Counts, counts_of
from maxa.registry.history import standing
from maxa.registry.models import Submission
from maxa.registry.staging import RETIRED_HASH
from maxa.registry.transaction import read_whole_lists

# staging.content_hash of an active pair, in SQL: PostgreSQL writes a text in JSON as orjson does.
PAIR_HASH = (
    "sha256(convert_to('[' || to_json({part})::text || ',' || to_json({relationship})::text || ','"
    " || coalesce(to_json({properties}::text)::text, 'null') || ']', 'UTF8'))"
)

# ``{observed}``: SQL of pairs as observed_mapping has them; ``{decisions}``: SQL of decisions, one a subject.
OVERLAY = """
    SELECT coalesce(o.code, d.code) AS code, coalesce(o.source_code, d.source_code) AS source_code,
        coalesce(o.target_code, d.target_code) AS target_code, coalesce(o.part, d.part) AS part,
        CASE WHEN d.verdict = 'holds' THEN 'active'
             WHEN d.verdict = 'not' OR alone.source_code IS NOT NULL THEN 'retired' ELSE o.status END AS status,
        CASE WHEN d.verdict = 'holds' THEN d.relationship ELSE o.relationship END AS relationship,
        {decided_properties} AS properties,
        CASE WHEN d.verdict = 'holds' THEN {decided_hash}
             WHEN o.status = 'active' AND (d.verdict = 'not' OR alone.source_code IS NOT NULL) THEN {retired_hash}
             ELSE o.content_hash END AS content_hash,
        d.verdict = 'not' OR d.verdict IS NULL AND alone.source_code IS NOT NULL AS off
    FROM ({observed}) o
    FULL JOIN (SELECT * FROM ({decisions}) x WHERE verdict <> 'no-target') d ON d.code = o.code
    LEFT JOIN (SELECT source_code FROM ({decisions}) x WHERE verdict = 'no-target') alone
        ON alone.source_code = coalesce(o.source_code, d.source_code)
    WHERE o.code IS NOT NULL OR d.verdict = 'holds'
"""
# A decision may say that a pair has none, ``{}``; None leaves those of the list.
_DECIDED_PROPERTIES = (
    "(CASE WHEN d.verdict = 'holds' AND d.properties IS NOT NULL THEN nullif(d.properties::text, '{}')::json"
    " ELSE o.properties END)"
)


def overlaid(observed: str, decisions: str) -> str:
    """SQL of what is to be published: ``observed`` with ``decisions`` over it. A decided pair that the lists do not
    carry is there too; one that they carry and that does not hold is retired, and ``off``."""
    return OVERLAY.format(
        observed=observed, decisions=decisions, decided_properties=_DECIDED_PROPERTIES,
        retired_hash=RETIRED_HASH.format(table="o"),
        decided_hash=PAIR_HASH.format(
            part="coalesce(o.part, d.part)", relationship="d.relationship", properties=_DECIDED_PROPERTIES
        ),
    )  # fmt: skip


def standing_decisions(at: int | None = None) -> str:
    """SQL of the decisions of the map ``:tid`` that stand, or that stood at release ``at``."""
    return (
        "SELECT m.*, s.since AS stands_since FROM decision_standing s JOIN mapping_decision m ON m.id = s.decision_id"  # noqa: S608
        f" WHERE s.terminology_id = :tid AND {standing('s', at)}"
    )


# Which standing decisions a draft's ones end: those they revoke, those of the same pair or code, and, between "no target"
# and pairs of that code that hold, the older ones.
ENDED_BY = """
    d.id IN (SELECT revokes FROM mapping_decision WHERE submission_id = :sid AND revokes IS NOT NULL)
    OR EXISTS (SELECT 1 FROM mapping_decision n WHERE n.submission_id = :sid AND n.terminology_id = d.terminology_id
               AND n.verdict <> 'revoke'
               AND (n.code = d.code OR n.source_code = d.source_code
                    AND (n.verdict, d.verdict) IN (('no-target', 'holds'), ('holds', 'no-target'))))
"""


def decisions_with(at: int | None = None) -> str:
    """As :func:`standing_decisions`, as they will be once those that the submission ``:sid`` drafts are published."""
    columns = "id, terminology_id, code, source_code, target_code, verdict, relationship, properties, part"
    named = ", ".join(f"d.{c}" for c in columns.split(", "))
    return (
        f"SELECT {named} FROM ({standing_decisions(at)}) d WHERE NOT ({ENDED_BY})"  # noqa: S608
        f" UNION ALL SELECT {columns} FROM mapping_decision"
        " WHERE submission_id = :sid AND terminology_id = :tid AND verdict <> 'revoke'"
    )


_COLUMNS = (
    "terminology_id, part, code, since, until, status, source_code, target_code, relationship, properties, content_hash"
)


def has_layers(session: Session, terminology_id: int) -> bool:
    """Whether anything was ever decided on the map."""
    return bool(
        session.scalar(
            text("SELECT EXISTS (SELECT 1 FROM decision_standing WHERE terminology_id = :tid)"), {"tid": terminology_id}
        )
    )


def split_layers(session: Session, terminology_id: int) -> None:
    """Before the first decision: all that was ever published of the map is what its lists said."""
    session.execute(
        text(
            f"INSERT INTO listed_mapping ({_COLUMNS}) SELECT {_COLUMNS} FROM mapping WHERE terminology_id = :tid"  # noqa: S608
            " ORDER BY id"
        ),
        {"tid": terminology_id},
    )


def open_decisions(session: Session, submission: Submission, terminology_id: int, ordinal: int) -> None:
    """Let the decisions that a submission drafts stand from release ``ordinal``, and end those they replace or revoke."""
    values = {"sid": submission.id, "tid": terminology_id, "n": ordinal}
    session.execute(
        text(
            "UPDATE decision_standing s SET until = :n FROM mapping_decision d"  # noqa: S608
            f" WHERE s.terminology_id = :tid AND s.until IS NULL AND d.id = s.decision_id AND ({ENDED_BY})"
        ),
        values,
    )
    session.execute(
        text(
            "INSERT INTO decision_standing (decision_id, terminology_id, code, since)"
            " SELECT id, terminology_id, code, :n FROM mapping_decision"
            " WHERE submission_id = :sid AND terminology_id = :tid AND verdict <> 'revoke'"
        ),
        values,
    )


def restore_decisions(session: Session, terminology_id: int, at: int, ordinal: int) -> None:
    """From release ``ordinal`` on, the decisions stand that stood at release ``at``."""
    values = {"tid": terminology_id, "n": ordinal}
    then = f"SELECT decision_id FROM decision_standing s WHERE terminology_id = :tid AND {standing('s', at)}"  # noqa: S608
    session.execute(
        text(
            "UPDATE decision_standing SET until = :n WHERE terminology_id = :tid AND until IS NULL"  # noqa: S608
            f" AND decision_id NOT IN ({then})"
        ),
        values,
    )
    session.execute(
        text(
            "INSERT INTO decision_standing (decision_id, terminology_id, code, since)"  # noqa: S608
            f" SELECT id, terminology_id, code, :n FROM mapping_decision WHERE id IN ({then}) AND NOT EXISTS"
            " (SELECT 1 FROM decision_standing s WHERE s.decision_id = mapping_decision.id AND s.until IS NULL)"
        ),
        values,
    )


_CONTENT = "part, code, source_code, target_code, relationship, properties"
_CURRENT = f"SELECT since AS observed_since, status, content_hash, {_CONTENT} FROM listed_mapping WHERE terminology_id = :tid AND until IS NULL"  # noqa: S608, E501
_PUBLISH_FIRST = f"""
    INSERT INTO mapping (terminology_id, since, status, content_hash, {_CONTENT})
    SELECT :tid, :n, status, content_hash, {_CONTENT} FROM ({{overlaid}}) w WHERE off IS NOT TRUE
"""  # noqa: S608
_TO_PUBLISH = "CREATE TEMP TABLE to_publish ON COMMIT DROP AS {overlaid}"
# A retired pair whose content alone differs stays as it was published: nobody is led by it. And a pair that a list
# carries and the committee decided against is not published only to be retired (``off``).
_CLOSE = """
    WITH closed AS (
        UPDATE mapping c SET until = :n FROM to_publish w
        WHERE c.terminology_id = :tid AND c.code = w.code AND c.until IS NULL AND c.content_hash <> w.content_hash
          AND (c.status = 'active' OR w.status = 'active')
        RETURNING c.status AS before, w.status AS after)
    SELECT before, after, count(*) AS pairs FROM closed GROUP BY 1, 2
"""
_OPEN = f"""
    INSERT INTO mapping (terminology_id, since, status, content_hash, {_CONTENT})
    SELECT :tid, :n, w.status, w.content_hash, {", ".join(f"w.{c}" for c in _CONTENT.split(", "))} FROM to_publish w
    WHERE NOT EXISTS (SELECT 1 FROM mapping c WHERE c.terminology_id = :tid AND c.code = w.code AND c.until IS NULL)
      AND (w.off IS NOT TRUE
           OR EXISTS (SELECT 1 FROM mapping c WHERE c.terminology_id = :tid AND c.code = w.code AND c.until = :n))
"""  # noqa: S608
# What no list ever carried and no decision holds any more.
_RETIRE = f"""
    WITH gone AS (
        UPDATE mapping c SET until = :n
        WHERE c.terminology_id = :tid AND c.until IS NULL AND c.status = 'active'
          AND NOT EXISTS (SELECT 1 FROM to_publish w WHERE w.code = c.code)
        RETURNING c.*)
    INSERT INTO mapping (terminology_id, since, status, content_hash, {_CONTENT})
    SELECT :tid, :n, 'retired', {RETIRED_HASH.format(table="gone")}, {_CONTENT} FROM gone
"""  # noqa: S608


def publish_decided(session: Session, terminology_id: int, ordinal: int) -> Counts:
    """Bring the published rows of a map, as release ``ordinal``, to what its lists say with the decisions over it."""
    values = {"tid": terminology_id, "n": ordinal}
    read_whole_lists(session)
    wanted = overlaid(_CURRENT, standing_decisions())
    if not session.scalar(
        text("SELECT EXISTS (SELECT 1 FROM mapping WHERE terminology_id = :tid AND until IS NULL)"), values
    ):
        return Counts(added=_rowcount(session, _PUBLISH_FIRST.format(overlaid=wanted), values))
    session.execute(text(_TO_PUBLISH.format(overlaid=wanted)), values)
    kinds = {(r.before, r.after): r.pairs for r in session.execute(text(_CLOSE), values)}
    opened = _rowcount(session, _OPEN, values)
    retired = _rowcount(session, _RETIRE, values)
    session.execute(text("DROP TABLE to_publish"))
    return counts_of(kinds, added=opened - sum(kinds.values())) + Counts(retired=retired)


def _rowcount(session: Session, sql: str, values: dict[str, Any]) -> int:
    return session.execute(text(sql), values).rowcount  # type: ignore[attr-defined]


def changed_beneath(session: Session, terminology_id: int, ordinal: int) -> bool:
    """Whether release ``ordinal`` of a map changed what its lists say or what is decided, be it that nothing else was
    to be published."""
    return any(
        session.scalar(
            text(
                f"SELECT EXISTS (SELECT 1 FROM {table} WHERE terminology_id = :tid AND (since = :n OR until = :n))"  # noqa: S608
            ),
            {"tid": terminology_id, "n": ordinal},
        )
        for table in ("decision_standing", "listed_mapping", "part_mapping")
    )
