"""What people mapped by hand, remembered for the next workbook of the same source."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Engine, delete, func, select
from sqlalchemy.orm import Session

import importers
from importers.heading_keys import heading_key
from importers.profile import Profile, choices_for
from importers.rows import Finding, Severity
from maxa.errors import NotFound
from maxa.registry.models import ColumnProfile
from maxa.registry.people import Actor, audit
from maxa.registry.transaction import transaction


def remembered_columns(session: Session, terminology: str = "") -> dict[str, dict[str, str]]:
    """Source → heading → field (``""``: not to be read). The generic sources hold any list, so of them only what was
    said of this ``terminology`` counts."""
    rows = session.scalars(
        select(ColumnProfile)
        .where(ColumnProfile.terminology.in_(("", terminology.lower())))
        .order_by(ColumnProfile.source, ColumnProfile.terminology, ColumnProfile.key)
    )
    found: dict[str, dict[str, str]] = {}
    for row in rows:
        found.setdefault(row.source, {})[row.heading] = row.field
    return found


def remember_columns(
    session: Session, *, actor: Actor, source: str, profile: Profile, findings: Iterable[Finding]
) -> list[str]:
    """Remember the headings that a person mapped in a workbook that was read; gives those that were new or changed.

    A heading that the workbook does not have is not remembered, nor one whose column holds errors: it was mapped to the
    wrong field, most likely.
    """
    if not profile.columns:
        return []
    doubtful = _doubtful(findings)
    resolved = _resolved(profile, source)
    told = []
    for heading, field in profile.columns.items():
        key = heading_key(heading)
        if any(key == other or other.endswith(key) for other in doubtful):
            continue
        place = (source, profile.terminology.lower(), key)
        row = session.get(ColumnProfile, place)
        field = resolved.get(key, field)
        if row is not None and row.field == field:
            continue
        before = row.field if row is not None else None
        if row is None:
            row = ColumnProfile(source=source, terminology=place[1], key=key)
            session.add(row)
        row.heading, row.field, row.actor = heading, field, actor.name
        row.at = session.scalars(select(func.clock_timestamp())).one()
        audit(session, actor, "remember-column", source, heading=heading, field=field, before=before,
              terminology=profile.terminology)  # fmt: skip
        told.append(heading)
    session.flush()
    return told


def _doubtful(findings: Iterable[Finding]) -> set[str]:
    """Folded headings that were not found, or whose columns hold errors."""
    keys = set()
    for finding in findings:
        if finding.rule == "mapped-heading-absent":
            keys.add(heading_key(finding.value or ""))
        elif finding.severity is Severity.ERROR and finding.heading:
            keys.add(heading_key(finding.heading))
    return keys - {""}


def _resolved(profile: Profile, source: str) -> dict[str, str]:
    """Folded heading → name of the field, which a person may have named by one of its headings."""
    declared = importers.SOURCES.get(source)
    return dict(choices_for(Profile(columns=profile.columns), declared).asked) if declared is not None else {}


def remembered(session: Session, source: str | None = None) -> list[ColumnProfile]:
    """All that is remembered, or what is of one source. Raises :class:`NotFound` for a source that nobody declared."""
    _require_source(source)
    query = select(ColumnProfile).order_by(ColumnProfile.source, ColumnProfile.terminology, ColumnProfile.heading)
    return list(session.scalars(query.where(ColumnProfile.source == source) if source else query))


def _require_source(source: str | None) -> None:
    if source is not None and source not in importers.SOURCES:
        raise NotFound(
            f"منبع «{source}» شناخته نیست.", f"There is no source {source!r}.", suggestions=sorted(importers.SOURCES)
        )


def forget_columns(
    engine: Engine, *, actor: Actor, source: str, heading: str | None = None, terminology: str | None = None
) -> int:
    """Forget one heading of a source, or all of them; gives how many. Raises :class:`NotFound` when there is none."""
    actor.require("import")
    _require_source(source)
    with transaction(engine) as session:
        which = [ColumnProfile.source == source]
        if heading is not None:
            which.append(ColumnProfile.key == heading_key(heading))
        if terminology is not None:
            which.append(ColumnProfile.terminology == terminology.lower())
        held = session.scalars(select(ColumnProfile).where(*which)).all()
        if not held:
            raise NotFound(
                f"برای منبع «{source}» چنین سرستونی به یاد سپرده نشده است («maxa profiles list»).",
                f"Nothing of the kind is remembered for the source {source!r} (see `maxa profiles list`).",
            )
        session.execute(delete(ColumnProfile).where(*which))
        audit(session, actor, "forget-columns", source, columns={row.heading: row.field for row in held})
        return len(held)
