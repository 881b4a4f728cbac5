"""Differences between editions, and between a draft and what is current, field by field, from the versioned rows.

All give :class:`maxa.diff.Change`, in the binary order of codes (a pair's is source and target, joined by
``PAIR_SEPARATOR``), and page by keyset: ``after`` is the last code of the page before. Reads only.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from maxa.diff import KINDS, Change
from maxa.errors import NotFound, UnknownVersion, WrongState
from maxa.map_ids import map_id
from maxa.persian.fold import latin_digits
from maxa.registry.decided import decisions_with, overlaid, standing_decisions
from maxa.registry.history import day_of, plan_history, standing
from maxa.registry.models import DECISIONS, Release, State, Submission, SubmissionTable, Terminology
from maxa.registry.parts import needs_parts, united
from maxa.registry.staging import RETIRED_HASH
from maxa.registry.transaction import read_whole_lists

_FETCH = 5_000
_COMPARED = (State.DRAFT, State.IN_REVIEW, State.APPROVED)
_SORT_MEMORY = "SET LOCAL work_mem = '64MB'"
_CONCEPT = ("status", "part", "title_fa", "title_en", "parent", "replaced_by", "properties")
_PAIR = ("status", "part", "source_code", "target_code", "relationship", "properties")

# Both sides hold only rows that the other lacks or has with another content. A list's two states are read with a plan
# for whole lists; few changes of a long list are found by the index of what was closed.
_CHANGES = """
    WITH b AS ({before}), a AS ({after})
    SELECT coalesce(a.code, b.code) AS code, {kind} AS kind, {columns}
    FROM b FULL JOIN a ON a.code = b.code
    WHERE ({differs}){chosen}
"""
_DIFFERS = "a.code IS NULL OR b.code IS NULL OR a.content_hash <> b.content_hash"
_KIND = (
    "CASE WHEN b.code IS NULL THEN 'added' WHEN a.code IS NULL THEN '{gone}' WHEN b.status = a.status THEN 'changed'"
    " WHEN a.status = 'active' THEN 'restored' ELSE 'retired' END"
)


@dataclass(slots=True)
class Counts:
    """Changes by kind, and of codes that stood in both states, by field."""

    kinds: dict[str, int] = field(default_factory=lambda: dict.fromkeys(KINDS, 0))
    fields: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(self.kinds.values())

    def as_dict(self) -> dict[str, Any]:
        return {**self.kinds, "fields": dict(sorted(self.fields.items()))}


@dataclass(frozen=True, slots=True)
class _Comparison:
    """Two states of one terminology as SQL, each a relation of code, content_hash and the columns of its kind."""

    before: str
    after: str
    values: dict[str, Any]
    is_map: bool = False
    differs: str = _DIFFERS
    gone: str = "removed"  # the kind of what the later state lacks; retired: it has it, retired, unsaid

    def sql(
        self, *, after: str | None, kinds: Collection[str] | None, part: str | None, query: str | None
    ) -> tuple[str, dict[str, Any]]:
        """One row a change, unordered, with the columns of both states; and what its parameters are."""
        chosen, values, kind = "", dict(self.values), _KIND.format(gone=self.gone)
        if after is not None:
            chosen += " AND coalesce(a.code, b.code) > :after_code"
            values["after_code"] = after
        if kinds is not None:
            chosen += f" AND {kind} = ANY(:kinds)"
            values["kinds"] = list(kinds)
        if part is not None:
            chosen += " AND coalesce(a.part, b.part) = :part_wanted"
            values["part_wanted"] = part
        if query is not None:
            texts = ("source_code", "target_code") if self.is_map else ("title_fa", "title_en")
            wanted = " OR ".join(f"strpos(lower({s}.{c}), :wanted) > 0" for s in "ab" for c in texts)
            chosen += f" AND (strpos(lower(coalesce(a.code, b.code)), :wanted) > 0 OR {wanted})"
            values["wanted"] = query.strip().lower()
        names = _PAIR if self.is_map else _CONCEPT
        columns = ", ".join(f"{s}.{_selected(n)} AS {s}_{n}" for s in "ba" for n in names)
        return (
            _CHANGES.format(
                before=self.before, after=self.after, kind=kind, columns=columns, differs=self.differs, chosen=chosen
            ),
            values,
        )


def _selected(name: str) -> str:
    return "properties::text" if name == "properties" else name


def _changes(
    session: Session,
    comparison: _Comparison,
    *,
    after: str | None,
    limit: int | None,
    kinds: Collection[str] | None,
    part: str | None,
    query: str | None,
) -> Iterator[Change]:
    sql, values = comparison.sql(after=after, kinds=kinds, part=part, query=query)
    values["limit"] = limit
    make = _pair_state if comparison.is_map else _concept_state
    width = len(_PAIR if comparison.is_map else _CONCEPT)
    read_whole_lists(session)
    session.execute(text(_SORT_MEMORY))
    for rows in _fetched(session, f"SELECT * FROM ({sql}) x ORDER BY code LIMIT :limit", values):  # noqa: S608
        for row in rows:
            was = None if row[2] is None else make(row[2 : 2 + width])
            is_ = None if row[2 + width] is None else make(row[2 + width :])
            if is_ is None and was is not None and comparison.gone == "retired":
                is_ = {**was, "status": "retired"}
            yield Change(row[0], row[1], was, is_)


def _fetched(session: Session, sql: str, values: dict[str, Any]) -> Iterator[list[tuple[Any, ...]]]:
    """Rows in blocks through a cursor of the driver's own: a list of any length in little memory, and without the rows
    that SQLAlchemy would make of it."""
    connection = session.connection()
    compiled = str(text(sql).compile(dialect=connection.dialect))
    with connection.connection.driver_connection.cursor(name="differences") as cursor:  # type: ignore[union-attr]
        cursor.execute(compiled, values)
        while rows := cursor.fetchmany(_FETCH):
            yield rows


def _concept_state(row: tuple[Any, ...]) -> dict[str, Any]:
    """maxa.diff.flat_concept of a row, without its detours: this runs for every code of a long list."""
    status, part, title_fa, title_en, parent, replaced_by, properties = row
    state: dict[str, Any] = {}
    if title_fa:
        state["title_fa"] = title_fa
    if title_en:
        state["title_en"] = title_en
    state["status"] = status
    if part:
        state["part"] = part
    if parent:
        state["parent"] = parent
    if replaced_by:
        state["replaced_by"] = replaced_by
    if properties is not None:
        for name, value in orjson.loads(properties).items():  # kept with sorted keys, without what is empty
            state["properties." + name] = value
    return state


def _pair_state(row: tuple[Any, ...]) -> dict[str, Any]:
    status, part, source, target, relationship, properties = row
    state: dict[str, Any] = {"source": source, "target": target, "relationship": relationship, "status": status}
    if part:
        state["part"] = part
    if properties is not None:
        for name, value in orjson.loads(properties).items():
            state["properties." + name] = value
    return state


# --- editions ----------------------------------------------------------------------------------------------------------


def terminology_named(session: Session, name: str) -> Terminology:
    """A terminology or map, a map in any spelling. Raises :class:`NotFound`."""
    wanted = {name.strip().lower(), map_id(name).lower()}
    found = session.scalar(select(Terminology).where(func.lower(Terminology.name).in_(wanted)))
    if found is None:
        raise NotFound(
            f"واژگان یا نگاشتی به نام «{name}» نیست («maxa releases»).",
            f"There is no terminology or map {name!r} (see `maxa releases`).",
        )
    return found


def release_of(session: Session, terminology: Terminology, version: str | None = None) -> Release:
    """An edition by its version (any digits, ``/`` or ``-``), or the newest. Raises :class:`UnknownVersion`."""
    query = select(Release).where(Release.terminology_id == terminology.id).order_by(Release.ordinal.desc())
    if version is not None:
        query = query.where(Release.version == latin_digits(version).strip().replace("/", "-"))
    release = session.scalar(query.limit(1))
    if release is None:
        newest = session.scalars(
            select(Release.version)
            .where(Release.terminology_id == terminology.id)
            .order_by(Release.ordinal.desc())
            .limit(5)
        ).all()
        if version is None:
            raise UnknownVersion(
                f"{terminology.name} هنوز منتشر نشده است.", f"{terminology.name} has no edition yet.", "version"
            )
        raise UnknownVersion(
            f"{terminology.name} ویرایش {version} ندارد («maxa releases {terminology.name}»).",
            f"{terminology.name} has no edition {version} (see `maxa releases {terminology.name}`).",
            "version",
            list(newest),
        )
    return release


def editions(session: Session, terminology: Terminology) -> list[Release]:
    """All editions, in the order of their publication."""
    return list(
        session.scalars(
            select(Release).where(Release.terminology_id == terminology.id).order_by(Release.ordinal)
        ).unique()
    )


def _editions(terminology: Terminology, before: int, after: int) -> _Comparison:
    """Only rows that one edition has and the other has not: those opened, and those closed, between the two."""
    live = "mapping" if terminology.kind == "map" else "concept"
    columns = ", ".join(("code", "content_hash", *(_PAIR if live == "mapping" else _CONCEPT)))
    older, newer = sorted((before, after))
    closed = (
        f"SELECT {columns} FROM {live} WHERE terminology_id = :tid AND since <= {older} AND until > {older}"  # noqa: S608
        f" AND until <= {newer}"
    )
    opened = (
        f"SELECT {columns} FROM {live} r WHERE terminology_id = :tid AND since > {older} AND {standing('r', newer)}"  # noqa: S608
    )
    first, then = (closed, opened) if before <= after else (opened, closed)
    return _Comparison(first, then, {"tid": terminology.id}, is_map=live == "mapping")


def edition_changes(
    session: Session,
    terminology: Terminology,
    before: Release,
    to: Release,
    *,
    after: str | None = None,
    limit: int | None = None,
    kinds: Collection[str] | None = None,
    part: str | None = None,
    query: str | None = None,
) -> Iterator[Change]:
    """What changed from one edition to another, whichever is the older. ``part`` is a change's part as it is, or else as
    it was; ``query`` is looked for in codes and titles, letter for letter."""
    comparison = _editions(terminology, before.ordinal, to.ordinal)
    return _changes(session, comparison, after=after, limit=limit, kinds=kinds, part=part, query=query)


def edition_counts(
    session: Session,
    terminology: Terminology,
    before: Release,
    to: Release,
    *,
    part: str | None = None,
    kinds: Collection[str] | None = None,
    query: str | None = None,
) -> Counts:
    return _count(session, _editions(terminology, before.ordinal, to.ordinal), part=part, kinds=kinds, query=query)


def _count(
    session: Session, comparison: _Comparison, *, part: str | None, kinds: Collection[str] | None, query: str | None
) -> Counts:
    """In one pass: kinds, and which of the columns differ; of properties, which of their names."""
    sql, values = comparison.sql(after=None, kinds=kinds, part=part, query=query)
    names = _PAIR if comparison.is_map else _CONCEPT
    both = "b_status IS NOT NULL AND a_status IS NOT NULL"
    by_kind = ", ".join(f"count(*) FILTER (WHERE kind = '{kind}') AS {kind}" for kind in KINDS)
    by_field = ", ".join(
        f"count(*) FILTER (WHERE {both} AND {_emptied('b', n)} IS DISTINCT FROM {_emptied('a', n)}) AS field_{n}"
        for n in names
    )
    read_whole_lists(session)
    session.execute(text(_SORT_MEMORY))
    unsaid = "count(*) FILTER (WHERE a_status IS NULL) AS unsaid"
    told = session.execute(text(f"SELECT {by_kind}, {by_field}, {unsaid} FROM ({sql}) x"), values).one()  # noqa: S608
    row = told._mapping
    counts = Counts(kinds={kind: row[kind] for kind in KINDS})
    for name in names:
        if name != "properties" and row[f"field_{name}"]:
            counts.fields[name.removesuffix("_code")] = row[f"field_{name}"]
    if comparison.gone == "retired" and row["unsaid"]:
        counts.fields["status"] = counts.fields.get("status", 0) + row["unsaid"]
    if row["field_properties"]:
        counts.fields |= _property_counts(session, sql, values, both)
    return counts


def _emptied(side: str, name: str) -> str:
    return f"nullif({side}_{name}, '')" if name != "properties" else f"{side}_{name}"


def _property_counts(session: Session, sql: str, values: dict[str, Any], both: str) -> dict[str, int]:
    differing = (
        f"SELECT b_properties, a_properties FROM ({sql}) x WHERE {both}"  # noqa: S608
        " AND b_properties IS DISTINCT FROM a_properties"
    )
    found: dict[str, int] = {}
    for rows in _fetched(session, differing, values):
        for before, after in rows:
            was = orjson.loads(before) if before else {}
            now = orjson.loads(after) if after else {}
            for name in was.keys() | now.keys():
                if was.get(name) != now.get(name):
                    found[name] = found.get(name, 0) + 1
    return {f"properties.{name}": count for name, count in found.items()}


# --- drafts ------------------------------------------------------------------------------------------------------------

# What the lists would say of a map: the draft's pairs, and those that it does not name. A full list retires the rest of
# its parts.
_LISTED = """
    SELECT code, content_hash, {columns} FROM staged_mapping s WHERE s.submission_id = :sid AND s.terminology_id = :tid
    UNION ALL
    SELECT code, CASE WHEN left_out AND status = 'active' THEN {retired_hash} ELSE content_hash END,
        CASE WHEN left_out THEN 'retired' ELSE status END, {others}
    FROM (SELECT *, :full AND part = ANY(CAST(:parts AS text[])) AS left_out FROM {observed} c
          WHERE c.terminology_id = :tid AND {standing}) gone
    WHERE NOT EXISTS (SELECT 1 FROM staged_mapping s WHERE s.submission_id = :sid AND s.terminology_id = :tid
                      AND s.code = gone.code{same_part})
"""
_DRAFT_DIFFERS = (
    "a.code IS NOT NULL AND (b.code IS NULL OR a.content_hash <> b.content_hash)"
    " OR a.code IS NULL AND :full AND b.status = 'active' AND b.part = ANY(CAST(:parts AS text[]))"
)
# As decided.publish_decided has it.
_MAP_DRAFT_DIFFERS = (
    "b.code IS NULL AND a.off IS NOT TRUE OR a.code IS NULL AND b.status = 'active'"
    " OR a.content_hash <> b.content_hash AND (a.status = 'active' OR b.status = 'active')"
)


def drafted(session: Session, submission: Submission) -> list[tuple[Terminology, list[str]]]:
    """The terminologies and maps that a draft would change, with the parts it carries, in the order of its workbooks."""
    found: dict[int, tuple[Terminology, list[str]]] = {}
    tables = select(SubmissionTable).where(SubmissionTable.submission_id == submission.id).order_by(SubmissionTable.id)
    for table in session.scalars(tables).unique():
        found.setdefault(table.terminology_id, (table.terminology, []))[1].append(table.part)
    return list(found.values())


def _draft(session: Session, submission: Submission, terminology: Terminology) -> _Comparison:
    parts = next((parts for one, parts in drafted(session, submission) if one.id == terminology.id), [])
    at = _base(session, submission, terminology, parts)
    values = {"sid": submission.id, "tid": terminology.id, "parts": parts, "full": submission.scope == "full"}
    live, names = ("mapping", _PAIR) if terminology.kind == "map" else ("concept", _CONCEPT)
    columns = ", ".join(names)
    current = (
        f"SELECT code, content_hash, {columns} FROM {live} c WHERE c.terminology_id = :tid AND {standing('c', at)}"  # noqa: S608
    )
    if live == "concept":
        staged = (
            f"SELECT code, content_hash, {columns} FROM staged_concept WHERE submission_id = :sid"  # noqa: S608
            " AND terminology_id = :tid"
        )
        return _Comparison(current, staged, values, differs=_DRAFT_DIFFERS, gone="retired")
    by_part = needs_parts(session, terminology, submission, parts)
    listed = _LISTED.format(
        columns=columns, others=", ".join(names[1:]), standing=standing("c", at),
        observed="mapping_by_part" if by_part else "observed_mapping",
        same_part=" AND s.part = gone.part" if by_part else "", retired_hash=RETIRED_HASH.format(table="gone"),
    )  # fmt: skip
    if by_part:
        now = f"SELECT * FROM observed_mapping c WHERE c.terminology_id = :tid AND {standing('c', at)}"  # noqa: S608
        listed = united(listed, now)
    decided = decisions_with(at) if submission.scope == DECISIONS else standing_decisions(at)
    return _Comparison(
        current, overlaid(listed, decided), values, is_map=True, differs=_MAP_DRAFT_DIFFERS, gone="retired"
    )


def _base(session: Session, submission: Submission, terminology: Terminology, parts: list[str]) -> int | None:
    """The release that the draft is held against: the current one (None), unless it is history."""
    day = day_of(submission)
    if not submission.history or day is None:
        return None
    plan = plan_history(session, terminology.id, parts, day, submission.circular_id)
    return plan.base if plan else None


def draft_changes(
    session: Session,
    submission: Submission,
    terminology: Terminology,
    *,
    after: str | None = None,
    limit: int | None = None,
    kinds: Collection[str] | None = None,
    part: str | None = None,
    query: str | None = None,
) -> Iterator[Change]:
    """What a draft would change in one of its terminologies or maps (:func:`drafted`), decisions over it included, as
    :func:`edition_changes` tells it once it is published."""
    comparison = _draft(session, submission, terminology)
    return _changes(session, comparison, after=after, limit=limit, kinds=kinds, part=part, query=query)


def draft_counts(
    session: Session,
    submission: Submission,
    terminology: Terminology,
    *,
    part: str | None = None,
    kinds: Collection[str] | None = None,
    query: str | None = None,
) -> Counts:
    return _count(session, _draft(session, submission, terminology), part=part, kinds=kinds, query=query)


def require_draft(submission: Submission) -> None:
    """Raises :class:`WrongState` where there is nothing to compare any more, and says where the changes are now."""
    if submission.state in _COMPARED:
        return
    raise WrongState(
        f"فهرست {submission.id} پیش‌نویس نیست ({submission.state})؛ تفاوت ویرایش‌ها: maxa diff TERMINOLOGY VERSION VERSION.",
        f"Submission {submission.id} is no draft ({submission.state}); of editions: maxa diff TERMINOLOGY VERSION VERSION.",
        data={"state": str(submission.state)},
    )
