"""Tables of the registry. Rows are versioned by release ordinals; ``publication`` and ``audit_event`` only grow.

``since``/``until`` are ordinals of a terminology's releases: a row stands from ``since`` until ``until`` closed it,
and ``until IS NULL`` is current. A code once published never disappears: retiring closes the active row and opens
one with status ``retired``.

``concept``, ``mapping`` and the staging tables carry no foreign keys: a check a row would cost a third of a load,
terminologies and submissions are never deleted, and only maxa.registry writes here.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from maxa.registry.account_models import (  # noqa: F401 - tables of the same registry, to be had here as well
    Account,
    DeskSession,
    Guessing,
    SeenWorkbook,
    Stewardship,
    SubmissionComment,
)
from maxa.registry.base import Base
from maxa.registry.base import now as _now
from maxa.registry.request_models import (  # noqa: F401 - tables of the same registry
    CodeRequest,
    RequestAnswer,
    RequestComment,
    RequestRow,
)
from maxa.registry.usage_models import (  # noqa: F401 - tables of the same registry, to be had here as well
    MirrorSeen,
    UsageDropped,
    UsageIssue,
    UsageRequest,
    UsageSpool,
    UsageWords,
)

Code = Text(collation="C")  # binary order, the same on every server and in SQLite


class State(StrEnum):
    """States of a submission (DESIGN §1)."""

    IMPORTING = "importing"
    DRAFT = "draft"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    PUBLISHED = "published"
    FAILED = "failed"
    REJECTED = "rejected"


DECISIONS = "decisions"  # scope of a submission that carries no list but decisions of the committee on a map
ALIVE = (State.IMPORTING, State.DRAFT, State.IN_REVIEW, State.APPROVED, State.PUBLISHED)


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


class Submission(Base):
    """Workbooks sent in together, reviewed and published as a whole. ``scope`` is full or amendment."""

    __tablename__ = "submission"
    __table_args__ = (
        Index("submission_state", "state"),
        Index("submission_fingerprint", "fingerprint"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    state: Mapped[str]
    scope: Mapped[str]
    circular_id: Mapped[int | None] = mapped_column(ForeignKey("circular.id"))
    note: Mapped[str] = mapped_column(default="")
    fingerprint: Mapped[str]
    created_by: Mapped[str]
    created_at: Mapped[datetime] = _now()
    attempts: Mapped[int] = mapped_column(default=0)
    progress: Mapped[dict[str, Any] | None]
    failure: Mapped[dict[str, Any] | None]
    content_digest: Mapped[str | None]
    confirmed: Mapped[list[str]] = mapped_column(default=list)  # keys of guards that a person confirmed
    approved_by: Mapped[str | None]
    approved_at: Mapped[datetime | None]
    approved_digest: Mapped[str | None]
    bases: Mapped[dict[str, Any] | None]  # terminology → ordinal that the approval was compared with
    publish_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    reason: Mapped[str | None]
    history: Mapped[bool] = mapped_column(
        default=False, server_default=text("false")
    )  # may be older than what is current
    day: Mapped[date | None] = mapped_column(Date)  # in force from, of history without a circular

    circular: Mapped[Circular | None] = relationship(lazy="joined")
    files: Mapped[list[SubmissionFile]] = relationship(order_by="SubmissionFile.id")
    letter: Mapped[SubmissionLetter | None] = relationship(uselist=False)
    tables: Mapped[list[SubmissionTable]] = relationship(order_by="SubmissionTable.id")


class SubmissionFile(Base):
    """One workbook as it was sent in, kept whole: what was published can always be traced to its source."""

    __tablename__ = "submission_file"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"), index=True)
    name: Mapped[str]
    sha256: Mapped[str]
    size: Mapped[int]
    content: Mapped[bytes] = mapped_column(deferred=True)
    source: Mapped[str | None]  # declared source, or None to recognise it
    sheets: Mapped[list[Any] | None]
    profile: Mapped[dict[str, Any]] = mapped_column(
        default=dict, server_default=text("'{}'::jsonb")
    )  # importers.profile


class SubmissionLetter(Base):
    """The circular itself, as a PDF, kept beside the workbooks that came with it. It is not read."""

    __tablename__ = "submission_letter"

    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"), primary_key=True, autoincrement=False)
    name: Mapped[str]
    sha256: Mapped[str]
    size: Mapped[int]
    content: Mapped[bytes] = mapped_column(deferred=True)


class ColumnProfile(Base):
    """A heading that a person mapped to a field (``""``: not to be read), remembered for the next workbook of the
    source. ``key`` is the folded heading; ``terminology`` tells apart lists of the generic sources."""

    __tablename__ = "column_profile"

    source: Mapped[str] = mapped_column(primary_key=True)
    terminology: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    heading: Mapped[str]
    field: Mapped[str]
    actor: Mapped[str]
    at: Mapped[datetime] = _now()


class SubmissionTable(Base):
    """What a submission carries for one terminology part or map, with the declared sizes of the list."""

    __tablename__ = "submission_table"
    __table_args__ = (UniqueConstraint("submission_id", "terminology_id", "part"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"))
    terminology_id: Mapped[int] = mapped_column(ForeignKey("terminology.id"))
    part: Mapped[str]
    rows: Mapped[int]
    expected: Mapped[dict[str, Any]]
    # field → rows with a value that is neither empty nor zero
    filled: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=text("'{}'::jsonb"))
    kept: Mapped[list[Any] | None]  # of an amendment: what each sheet does not name (guards.amendments)
    named: Mapped[dict[str, Any] | None]  # name and titles that the terminology has by this list

    terminology: Mapped[Terminology] = relationship(lazy="joined")


class Finding(Base):
    """One finding of the importer or of a guard; ``confirm`` names the figure that a person must confirm."""

    __tablename__ = "finding"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"), index=True)
    rule: Mapped[str]
    severity: Mapped[str]
    message_fa: Mapped[str]
    message_en: Mapped[str]
    file: Mapped[str | None]
    sheet: Mapped[str | None]
    row: Mapped[int | None]
    column: Mapped[str | None]
    heading: Mapped[str | None]
    value: Mapped[str | None]
    confirm: Mapped[str | None]
    guard: Mapped[bool] = mapped_column(default=False)  # told by a guard, so told anew when the base has moved
    cases: Mapped[int] = mapped_column(
        default=1, server_default=text("1")
    )  # more than 1: these are not listed one by one


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


class Concept(Base):
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

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    terminology_id: Mapped[int]
    part: Mapped[str]
    code: Mapped[str] = mapped_column(Code)
    since: Mapped[int]
    until: Mapped[int | None]
    status: Mapped[str]
    title_fa: Mapped[str]
    title_en: Mapped[str]
    parent: Mapped[str | None]
    replaced_by: Mapped[str | None]
    properties: Mapped[Any | None] = mapped_column(JSON)  # canonical text kept as it is: keys sorted
    content_hash: Mapped[bytes]


class Mapping(Base):
    """A version of one pair of a map; ``code`` joins source and target (maxa.shelf's pair separator)."""

    __tablename__ = "mapping"
    __table_args__ = (
        Index("mapping_current", "terminology_id", "code", unique=True, postgresql_where=text("until IS NULL")),
        Index("mapping_past", "terminology_id", "until", postgresql_where=text("until IS NOT NULL")),
        CheckConstraint("until IS NULL OR until > since"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    terminology_id: Mapped[int]
    part: Mapped[str]
    code: Mapped[str] = mapped_column(Code)
    since: Mapped[int]
    until: Mapped[int | None]
    status: Mapped[str]
    source_code: Mapped[str] = mapped_column(Code)
    target_code: Mapped[str] = mapped_column(Code)
    relationship: Mapped[str]
    properties: Mapped[Any | None] = mapped_column(JSON)
    content_hash: Mapped[bytes]


class ListedMapping(Base):
    """A version of one pair as the lists say it, of a map on which something was ever decided: what lies under
    ``mapping``, which is what was published (docs/adr/0009-decisions-over-observed-maps.md)."""

    __tablename__ = "listed_mapping"
    __table_args__ = (
        Index("listed_mapping_current", "terminology_id", "code", unique=True, postgresql_where=text("until IS NULL")),
        Index("listed_mapping_past", "terminology_id", "until", postgresql_where=text("until IS NOT NULL")),
        CheckConstraint("until IS NULL OR until > since"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    terminology_id: Mapped[int]
    part: Mapped[str]
    code: Mapped[str] = mapped_column(Code)
    since: Mapped[int]
    until: Mapped[int | None]
    status: Mapped[str]
    source_code: Mapped[str] = mapped_column(Code)
    target_code: Mapped[str] = mapped_column(Code)
    relationship: Mapped[str]
    properties: Mapped[Any | None] = mapped_column(JSON)
    content_hash: Mapped[bytes]


class PartMapping(Base):
    """A version of one pair as the lists of one part say it, of a map two parts of which carried the same pair: what lies
    under the pair as its lists say it (docs/adr/0018-pairs-of-several-parts.md)."""

    __tablename__ = "part_mapping"
    __table_args__ = (
        Index(
            "part_mapping_current",
            "terminology_id",
            "code",
            "part",
            unique=True,
            postgresql_where=text("until IS NULL"),
        ),
        Index("part_mapping_past", "terminology_id", "until", postgresql_where=text("until IS NOT NULL")),
        CheckConstraint("until IS NULL OR until > since"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    terminology_id: Mapped[int]
    part: Mapped[str]
    code: Mapped[str] = mapped_column(Code)
    since: Mapped[int]
    until: Mapped[int | None]
    status: Mapped[str]
    source_code: Mapped[str] = mapped_column(Code)
    target_code: Mapped[str] = mapped_column(Code)
    relationship: Mapped[str]
    properties: Mapped[Any | None] = mapped_column(JSON)
    content_hash: Mapped[bytes]


class Views(DeclarativeBase):
    """Read only; made by migrations."""


class ObservedMapping(Views):
    """A view: what the lists say of any map, ``listed_mapping`` where it has a layer of its own, else ``mapping``."""

    __tablename__ = "observed_mapping"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    terminology_id: Mapped[int]
    part: Mapped[str] = mapped_column(Text)
    code: Mapped[str] = mapped_column(Code)
    since: Mapped[int]
    until: Mapped[int | None]
    status: Mapped[str] = mapped_column(Text)


class MappingByPart(Views):
    """A view: what the lists of each part say of any map, ``part_mapping`` where it is kept by part."""

    __tablename__ = "mapping_by_part"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    terminology_id: Mapped[int]
    part: Mapped[str] = mapped_column(Text)
    code: Mapped[str] = mapped_column(Code)
    since: Mapped[int]
    until: Mapped[int | None]
    status: Mapped[str] = mapped_column(Text)


class MappingDecision(Base):
    """What the committee decided on a pair of a map, or on a code of its source; it never changes once it is published.

    ``verdict`` is holds | not | no-target | revoke; ``code`` joins source and target as in ``mapping``, a ``no-target``
    has an empty target. Of ``holds``, ``properties`` None leaves those of the list. ``revokes`` is the decision that a
    ``revoke`` ends; ``seen`` what the lists said of the pair when the draft was last compared with them.
    """

    __tablename__ = "mapping_decision"
    __table_args__ = (
        Index("mapping_decision_subject", "terminology_id", "code"),
        UniqueConstraint("submission_id", "terminology_id", "code"),
        CheckConstraint("verdict IN ('holds', 'not', 'no-target', 'revoke')"),
        CheckConstraint("(verdict = 'revoke') = (revokes IS NOT NULL)"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    terminology_id: Mapped[int] = mapped_column(ForeignKey("terminology.id"))
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"))
    code: Mapped[str] = mapped_column(Code)
    source_code: Mapped[str] = mapped_column(Code)
    target_code: Mapped[str | None] = mapped_column(Code)
    verdict: Mapped[str]
    relationship: Mapped[str | None]
    properties: Mapped[Any | None] = mapped_column(JSON(none_as_null=True))
    part: Mapped[str] = mapped_column(default="")
    reason: Mapped[str]
    actor: Mapped[str]
    at: Mapped[datetime] = _now()
    revokes: Mapped[int | None] = mapped_column(ForeignKey("mapping_decision.id"))
    seen: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))


class DecisionStanding(Base):
    """From which release of its map a decision stands, and until which: None while it does. One a subject."""

    __tablename__ = "decision_standing"
    __table_args__ = (
        Index(
            "decision_standing_current", "terminology_id", "code", unique=True, postgresql_where=text("until IS NULL")
        ),
        Index("decision_standing_map", "terminology_id"),
        CheckConstraint("until IS NULL OR until > since"),
    )

    decision_id: Mapped[int] = mapped_column(ForeignKey("mapping_decision.id"), primary_key=True, autoincrement=False)
    since: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    until: Mapped[int | None]
    terminology_id: Mapped[int]
    code: Mapped[str] = mapped_column(Code)


class StagedConcept(Base):
    """A draft's rows before publication, with their place in the workbook. No index but the key: drafts are read as a
    whole, by hash joins, and an index on codes would cost a fifth of the load."""

    __tablename__ = "staged_concept"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    submission_id: Mapped[int] = mapped_column(BigInteger)
    terminology_id: Mapped[int]
    part: Mapped[str]
    code: Mapped[str] = mapped_column(Code)
    status: Mapped[str]
    title_fa: Mapped[str]
    title_en: Mapped[str]
    parent: Mapped[str | None]
    replaced_by: Mapped[str | None]
    properties: Mapped[Any | None] = mapped_column(JSON)
    content_hash: Mapped[bytes]
    file_id: Mapped[int] = mapped_column(BigInteger)
    sheet: Mapped[str]
    row: Mapped[int]
    column: Mapped[str]
    doubt: Mapped[dict[str, Any] | None]


class StagedMapping(Base):
    __tablename__ = "staged_mapping"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    submission_id: Mapped[int] = mapped_column(BigInteger)
    terminology_id: Mapped[int]
    part: Mapped[str]
    code: Mapped[str] = mapped_column(Code)
    status: Mapped[str]
    source_code: Mapped[str] = mapped_column(Code)
    target_code: Mapped[str] = mapped_column(Code)
    relationship: Mapped[str]
    properties: Mapped[Any | None] = mapped_column(JSON)
    content_hash: Mapped[bytes]
    file_id: Mapped[int] = mapped_column(BigInteger)
    sheet: Mapped[str]
    row: Mapped[int]
    column: Mapped[str]
    doubt: Mapped[dict[str, Any] | None]


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

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    at: Mapped[datetime] = _now()
    actor: Mapped[str]
    action: Mapped[str]
    subject: Mapped[str]
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)
