"""Tables of the registry. Rows are versioned by release ordinals; ``publication`` and ``audit_event`` only grow.

``since``/``until`` are ordinals of a terminology's releases: a row stands from ``since`` until ``until`` closed it,
and ``until IS NULL`` is current. A code once published never disappears: retiring closes the active row and opens
one with status ``retired``.

``concept``, ``mapping`` and the staging tables carry no foreign keys: a check a row would cost a third of a load,
terminologies and submissions are never deleted, and only maxa.registry writes here.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    UniqueConstraint,
    literal_column,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from maxa.registry.account_models import (  # noqa: F401 - tables of the same registry, to be had here as well
    Account,
    DeskSession,
    Guessing,
    SeenWorkbook,
    Stewardship,
    SubmissionComment,
)
from maxa.registry.base import Base, Versioned
from maxa.registry.base import now as _now
from maxa.registry.map_models import (  # noqa: F401 - tables of the same registry, to be had here as well
    DecisionStanding,
    ListedMapping,
    Mapping,
    MappingByPart,
    MappingDecision,
    ObservedMapping,
    PartMapping,
)
from maxa.registry.request_models import (  # noqa: F401 - tables of the same registry, to be had here as well
    CodeRequest,
    RequestAnswer,
    RequestComment,
    RequestRow,
)
from maxa.registry.staging_models import StagedConcept, StagedMapping  # noqa: F401 - likewise
from maxa.registry.submission_models import (  # noqa: F401 - tables of the same registry, to be had here as well
    ALIVE,
    DECISIONS,
    ColumnProfile,
    Finding,
    State,
    Submission,
    SubmissionFile,
    SubmissionLetter,
    SubmissionTable,
)
from maxa.registry.usage_models import (  # noqa: F401 - tables of the same registry, to be had here as well
    MirrorSeen,
    UsageDropped,
    UsageIssue,
    UsageRequest,
    UsageSpool,
    UsageWords,
)


class Terminology(Base):
    """A coding system under one id, or a map between two of them (``kind`` = codes | map)."""

    __tablename__ = "terminology"
    __table_args__ = (Index("terminology_name", text("lower(name)"), unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    kind: Mapped[str]
    title_fa: Mapped[str] = mapped_column(default="")
    title_en: Mapped[str] = mapped_column(default="")
    source: Mapped[str] = mapped_column(default="")
    target: Mapped[str] = mapped_column(default="")
    # of a map: two of its parts carried the same pair, so that its rows are kept by part (maxa.registry.parts)
    parted: Mapped[bool] = mapped_column(default=False, server_default=text("false"))


class Circular(Base):
    """A numbered letter of the ministry. Numbers restart each year, so the key is number *and* day (FACTS §2)."""

    __tablename__ = "circular"
    __table_args__ = (UniqueConstraint("number_key", "day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str]
    number_key: Mapped[str]
    day: Mapped[date] = mapped_column(Date)
    subject: Mapped[str] = mapped_column(default="")


class Publication(Base):
    """The outbox: one row a publication or withdrawal; its serial is the catalogue's. Append-only by trigger."""

    __tablename__ = "publication"

    serial: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    kind: Mapped[str]  # publish | withdraw
    submission_id: Mapped[int | None] = mapped_column(ForeignKey("submission.id"))
    actor: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime] = _now()


class Shelving(Base):
    """When a publication became visible on the shelf. ``visible_at`` is never before the switch of the catalogue."""

    __tablename__ = "shelving"

    serial: Mapped[int] = mapped_column(ForeignKey("publication.serial"), primary_key=True, autoincrement=False)
    visible_at: Mapped[datetime]


class Release(Base):
    """An edition of a terminology or map. The ``sealed_*`` fields are filled once, when its file is on the shelf."""

    __tablename__ = "release"
    __table_args__ = (UniqueConstraint("terminology_id", "ordinal"), UniqueConstraint("terminology_id", "version"))

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    terminology_id: Mapped[int] = mapped_column(ForeignKey("terminology.id"))
    ordinal: Mapped[int]
    version: Mapped[str]
    submission_id: Mapped[int | None] = mapped_column(ForeignKey("submission.id"))
    circular_id: Mapped[int | None] = mapped_column(ForeignKey("circular.id"))
    in_force: Mapped[date] = mapped_column(Date)
    serial: Mapped[int] = mapped_column(ForeignKey("publication.serial"), index=True)
    parts: Mapped[list[str]] = mapped_column(default=list)
    added: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    retired: Mapped[int] = mapped_column(default=0)
    restored: Mapped[int] = mapped_column(default=0)
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("release.id"))
    restores: Mapped[int | None]  # ordinal of the edition whose rows it brought back, 0 for none
    before: Mapped[int | None]  # of history: ordinal of the edition that came after it in time (maxa.timeline)
    withdrawn_serial: Mapped[int | None] = mapped_column(ForeignKey("publication.serial"))
    sealed_file: Mapped[str | None]
    sealed_size: Mapped[int | None] = mapped_column(BigInteger)
    sealed_sha256: Mapped[str | None]
    sealed_digest: Mapped[str | None]
    active_count: Mapped[int | None]
    retired_count: Mapped[int | None]

    terminology: Mapped[Terminology] = relationship(lazy="joined")
    circular: Mapped[Circular | None] = relationship(lazy="joined")


class Concept(Versioned, Base):
    """A version of one code's row. One current row a code, whatever its part (partial unique index)."""

    __tablename__ = "concept"
    __table_args__ = (
        Index("concept_current", "terminology_id", "code", unique=True, postgresql_where=text("until IS NULL")),
        Index("concept_past", "terminology_id", "until", postgresql_where=text("until IS NOT NULL")),
        Index(
            "concept_references",
            "terminology_id",
            postgresql_where=text("until IS NULL AND (parent IS NOT NULL OR replaced_by IS NOT NULL)"),
        ),
        CheckConstraint("until IS NULL OR until > since"),
    )

    title_fa: Mapped[str]
    title_en: Mapped[str]
    parent: Mapped[str | None]
    replaced_by: Mapped[str | None]
    properties: Mapped[Any | None] = mapped_column(JSON)  # canonical text kept as it is: keys sorted
    content_hash: Mapped[bytes]


class Client(Base):
    """An API client (FACTS §5), projected to the file that readers check tokens against. Secrets are hashed."""

    __tablename__ = "client"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    record: Mapped[dict[str, Any]]  # as in the clients file
    created_at: Mapped[datetime] = _now()


class AuditEvent(Base):
    """Who did what, when, and why. Append-only by trigger."""

    __tablename__ = "audit_event"
    __table_args__ = (
        Index(
            "audit_event_subject",
            literal_column("lower(subject)").label("lowered"),
            postgresql_ops={"lowered": "text_pattern_ops"},
        ),
        Index("audit_event_actor", "actor", "id"),
        Index("audit_event_action", "action", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    at: Mapped[datetime] = _now()
    actor: Mapped[str]
    action: Mapped[str]
    subject: Mapped[str]
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)
