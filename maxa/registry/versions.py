"""Names of editions."""

from __future__ import annotations

from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from maxa.persian.dates import jalali_version
from maxa.registry.models import Release


def free_version(session: Session, terminology_id: int, day: date) -> str:
    """``1402-02-18``, or with ``.2``, ``.3`` … when that day has one already."""
    base = jalali_version(day)
    taken = set(
        session.scalars(
            select(Release.version).where(
                Release.terminology_id == terminology_id,
                or_(Release.version == base, Release.version.startswith(f"{base}.")),
            )
        )
    )
    version, n = base, 1
    while version in taken:
        n += 1
        version = f"{base}.{n}"
    return version
