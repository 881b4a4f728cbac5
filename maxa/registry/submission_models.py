"""Tables of what is sent in: a submission, its files, what they carry, and what is found wrong in them."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Date, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from maxa.registry.base import Base
from maxa.registry.base import now as _now

if TYPE_CHECKING:
    from maxa.registry.models import Circular, Terminology


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
