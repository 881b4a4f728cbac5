"""Where an older edition belongs among those that were published before it (docs/adr/0008-history.md). Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from maxa.registry.models import Release, Submission
from maxa.timeline import in_order


@dataclass(frozen=True, slots=True)
class Step:
    """One edition to be made: the rows of release ``at`` (0: none) with the submission's ``parts`` in place of its own,
    in force from ``day``, directly before release ``before`` in time."""

    at: int
    before: int
    day: date
    circular_id: int | None
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """How a terminology's older rows come in: ``steps`` oldest first, and the release ``top`` whose rows stay current.

    The first step is the edition itself. The others are editions of other parts that lie between it and the next list of
    its part: they are made anew, with its rows.
    """

    steps: tuple[Step, ...]
    top: int

    @property
    def base(self) -> int:
        """The release that was in force on that day, 0 for none: what the rows are compared with."""
        return self.steps[0].at


def standing(alias: str, ordinal: int | None) -> str:
    """SQL: the rows of an edition of the versioned tables, ``None`` being the current one."""
    if ordinal is None:
        return f"{alias}.until IS NULL"
    k = int(ordinal)
    return f"{alias}.since <= {k} AND ({alias}.until IS NULL OR {alias}.until > {k})"


def timeline(session: Session, terminology_id: int) -> list[Release]:
    """All editions of a terminology in the order of time."""
    return in_order(session.scalars(select(Release).where(Release.terminology_id == terminology_id)).unique())


def later_editions(session: Session, terminology_id: int, parts: Sequence[str], day: date) -> dict[str, Release]:
    """Part → the first edition that carries it and is in force later than ``day``, for those parts that have one."""
    found: dict[str, Release] = {}
    for release in timeline(session, terminology_id):
        if release.withdrawn_serial is None and release.in_force > day:
            for part in set(parts) & set(release.parts):
                found.setdefault(part, release)
    return found


def plan_history(
    session: Session, terminology_id: int, parts: Sequence[str], day: date, circular_id: int | None
) -> Plan | None:
    """How these parts come in as of ``day``. ``None`` when nothing later of them is there: then they are no history."""
    later = later_editions(session, terminology_id, parts, day)
    if not later:
        return None
    line = timeline(session, terminology_id)
    at = {release.id: place for place, release in enumerate(line)}
    ends = {part: at[release.id] for part, release in later.items()}
    first = min(ends.values())
    base = next((p for p in reversed(range(first)) if _answers(line[p]) and line[p].in_force <= day), None)
    begin = 0 if base is None else base + 1
    steps = [Step(0 if base is None else line[base].ordinal, line[begin].ordinal, day, circular_id, tuple(parts))]
    for place in range(begin, max(ends.values())):
        release, following = line[place], line[place + 1]
        left = tuple(part for part in parts if part in ends and ends[part] > place)
        if _answers(release) and left and not (_answers(following) and following.in_force == release.in_force):
            steps.append(Step(release.ordinal, following.ordinal, release.in_force, release.circular_id, left))
    return Plan(tuple(steps), max(release.ordinal for release in line))


def _answers(release: Release) -> bool:
    return release.withdrawn_serial is None


def day_of(submission: Submission) -> date | None:
    """The day from which a submission's list is in force: its circular's, or one that was given with it."""
    return submission.circular.day if submission.circular is not None else submission.day
