"""Set-based merging of a draft into the versioned rows. Only rows whose content changed are touched.

Rows of a map lie in up to three layers: what the lists of each part say (``part_mapping``), where two parts ever carried
the same pair (maxa.registry.parts); what the lists say (``listed_mapping``), where the committee ever decided anything; and
what is published (``mapping``), which is that with the decisions over it (maxa.registry.decided). Drafts are merged into
the lowest layer that there is.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.orm import Session

from maxa.registry.counts import Counts, counts_of
from maxa.registry.decided import has_layers, open_decisions, publish_decided, split_layers
from maxa.registry.models import DECISIONS, Submission, SubmissionTable, Terminology
from maxa.registry.parts import needs_parts, split_parts, unite_parts
from maxa.registry.staging import RETIRED_HASH
from maxa.registry.transaction import read_whole_lists

_PAIR = "part, code, source_code, target_code, relationship, properties"
# table of versioned rows → where its drafts are staged, and the columns of its content
_LAYERS = {
    "concept": ("staged_concept", "part, code, title_fa, title_en, parent, replaced_by, properties"),
    "part_mapping": ("staged_mapping", _PAIR),
    "listed_mapping": ("staged_mapping", _PAIR),
    "mapping": ("staged_mapping", _PAIR),
}

# Rows of two relations are of the same code, or pair; ``{c_s}`` in a pattern. Rows by part are so of one part only.
_SAME = ("c s", "c w", "d gone", "then_ gone", "kept stood", "stood gone", "then_ c", "s c")

# Close current rows whose content differs, telling what they were.
_CLOSE_CHANGED = """
    WITH closed AS (
        UPDATE {live} c SET until = :n FROM {staged} s
        WHERE s.submission_id = :sid AND s.terminology_id = :tid AND s.part = :part
          AND c.terminology_id = :tid AND {c_s} AND c.until IS NULL AND c.content_hash <> s.content_hash
        RETURNING c.status AS before, s.status AS after)
    SELECT before, after, count(*) FROM closed GROUP BY 1, 2
"""
# Open a row for each staged code that has no current one: new, or just closed. A code whose staged row was equal
# has kept its current row.
_OPEN = """
    INSERT INTO {live} (terminology_id, since, status, content_hash, {content})
    SELECT :tid, :n, s.status, s.content_hash, {s_content} FROM {staged} s
    WHERE s.submission_id = :sid AND s.terminology_id = :tid AND s.part = :part
      AND NOT EXISTS (SELECT 1 FROM {live} c WHERE c.terminology_id = :tid AND {c_s} AND c.until IS NULL)
"""
_OPEN_ALL = """
    INSERT INTO {live} (terminology_id, since, status, content_hash, {content})
    SELECT :tid, :n, s.status, s.content_hash, {s_content} FROM {staged} s
    WHERE s.submission_id = :sid AND s.terminology_id = :tid AND s.part = :part
"""
# What a full list no longer names is retired: its active row is closed, a retired one with the same content opened.
_RETIRE = """
    WITH gone AS (
        UPDATE {live} c SET until = :n
        WHERE c.terminology_id = :tid AND c.part = :part AND c.until IS NULL AND c.status = 'active'
          AND NOT EXISTS (SELECT 1 FROM {staged} s WHERE s.submission_id = :sid AND s.terminology_id = :tid
                          AND {s_c})
        RETURNING c.*)
    INSERT INTO {live} (terminology_id, since, status, content_hash, {content})
    SELECT :tid, :n, 'retired', {retired_hash}, {content} FROM gone
"""


def layer_sql(pattern: str, live: str) -> str:
    """A pattern filled in for one of the layers."""
    staged, content = _LAYERS[live]
    columns = content.split(", ")
    key = "{a}.code = {b}.code AND {a}.part = {b}.part" if live == "part_mapping" else "{a}.code = {b}.code"
    same = {"_".join(pair.split()): key.format(**dict(zip("ab", pair.split(), strict=True))) for pair in _SAME}

    def of(row: str) -> str:
        return ", ".join(f"{row}.{column}" for column in columns)

    return pattern.format(
        live=live, staged=staged, content=content, s_content=of("s"), gone_content=of("gone"), w_content=of("w"),
        r_content=of("r"), r_key="r.code, r.part" if live == "part_mapping" else "r.code",
        retired_hash=RETIRED_HASH.format(table="gone"), **same,
    )  # fmt: skip


def merge_tables(session: Session, submission: Submission, tables: Sequence[SubmissionTable], ordinal: int) -> Counts:
    """Merge what a submission carries for one terminology, all its parts, as release ``ordinal``: staged rows, and of a
    map its decisions. A full list also retires what it does not name. Counts are of what is published."""
    terminology = tables[0].terminology
    layered = is_layered(session, terminology)
    if submission.scope == DECISIONS:
        if not layered:
            split_layers(session, terminology.id)
        open_decisions(session, submission, terminology.id, ordinal)
        return publish_decided(session, terminology.id, ordinal)
    observed = observed_rows(terminology, layered=layered)
    if needs_parts(session, terminology, submission, [table.part for table in tables]):
        split_parts(session, terminology)
        for table in tables:
            _merge(session, submission, table, ordinal, "part_mapping")
        counts = unite_parts(session, terminology.id, ordinal, observed)
    else:
        counts = sum((_merge(session, submission, table, ordinal, observed) for table in tables), Counts())
    return publish_decided(session, terminology.id, ordinal) if layered else counts


def is_layered(session: Session, terminology: Terminology) -> bool:
    return terminology.kind == "map" and has_layers(session, terminology.id)


def observed_rows(terminology: Terminology, *, layered: bool) -> str:
    """The table of what the lists say, all parts in one."""
    if terminology.kind != "map":
        return "concept"
    return "listed_mapping" if layered else "mapping"


def _merge(session: Session, submission: Submission, table: SubmissionTable, ordinal: int, live: str) -> Counts:
    values = {"sid": submission.id, "tid": table.terminology_id, "part": table.part, "n": ordinal}
    empty = session.scalar(
        text(f"SELECT NOT EXISTS (SELECT 1 FROM {live} WHERE terminology_id = :tid AND until IS NULL)"),  # noqa: S608
        {"tid": table.terminology_id},
    )
    if empty:
        opened = rowcount(session, layer_sql(_OPEN_ALL, live), values)
        return Counts(added=opened)
    read_whole_lists(session)
    closed = session.execute(text(layer_sql(_CLOSE_CHANGED, live)), values).all()
    kinds = {(before, after): count for before, after, count in closed}
    opened = rowcount(session, layer_sql(_OPEN, live), values)
    counts = counts_of(kinds, added=opened - sum(kinds.values()))
    if submission.scope == "full":
        counts += Counts(retired=rowcount(session, layer_sql(_RETIRE, live), values))
    return counts


def rowcount(session: Session, sql: str, values: dict[str, object]) -> int:
    return session.execute(text(sql), values).rowcount  # type: ignore[attr-defined]
