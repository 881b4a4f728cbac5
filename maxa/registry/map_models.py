"""Tables of maps: the pairs as they were published, as the lists say them, and the committee's decisions on them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from maxa.registry.base import Base, Code, Versioned
from maxa.registry.base import now as _now


class _Pair(Versioned):
    """A version of one pair of a map; ``code`` joins source and target (maxa.shelf's pair separator)."""

    source_code: Mapped[str] = mapped_column(Code)
    target_code: Mapped[str] = mapped_column(Code)
    relationship: Mapped[str]
    properties: Mapped[Any | None] = mapped_column(JSON)
    content_hash: Mapped[bytes]


class Mapping(_Pair, Base):
    """A version of one pair of a map as it was published."""

    __tablename__ = "mapping"
    __table_args__ = (
        Index("mapping_current", "terminology_id", "code", unique=True, postgresql_where=text("until IS NULL")),
        Index("mapping_past", "terminology_id", "until", postgresql_where=text("until IS NOT NULL")),
        CheckConstraint("until IS NULL OR until > since"),
    )


class ListedMapping(_Pair, Base):
    """A version of one pair as the lists say it, of a map on which something was ever decided: what lies under
    ``mapping``, which is what was published (docs/adr/0009-decisions-over-observed-maps.md)."""

    __tablename__ = "listed_mapping"
    __table_args__ = (
        Index("listed_mapping_current", "terminology_id", "code", unique=True, postgresql_where=text("until IS NULL")),
        Index("listed_mapping_past", "terminology_id", "until", postgresql_where=text("until IS NOT NULL")),
        CheckConstraint("until IS NULL OR until > since"),
    )


class PartMapping(_Pair, Base):
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


class Views(DeclarativeBase):
    """Read only; made by migrations."""


class _Listed:
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    terminology_id: Mapped[int]
    part: Mapped[str] = mapped_column(Text)
    code: Mapped[str] = mapped_column(Code)
    since: Mapped[int]
    until: Mapped[int | None]
    status: Mapped[str] = mapped_column(Text)


class ObservedMapping(_Listed, Views):
    """A view: what the lists say of any map, ``listed_mapping`` where it has a layer of its own, else ``mapping``."""

    __tablename__ = "observed_mapping"


class MappingByPart(_Listed, Views):
    """A view: what the lists of each part say of any map, ``part_mapping`` where it is kept by part."""

    __tablename__ = "mapping_by_part"


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
