"""Tables of what is asked of the readers, by days in Tehran, and of the mirrors that say which serial they hold."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, Date, Text
from sqlalchemy.orm import Mapped, mapped_column

from maxa.registry.base import Base


class UsageRequest(Base):
    """``outcome``: ok, refused, limited (429), failed. ``client`` is ``-`` where none was named."""

    __tablename__ = "usage_request"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    service: Mapped[str] = mapped_column(primary_key=True)
    client: Mapped[str] = mapped_column(primary_key=True)
    outcome: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger)


class UsageIssue(Base):
    """What ValidateCts had to tell, by terminology (``-``: one that there is not)."""

    __tablename__ = "usage_issue"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    terminology: Mapped[str] = mapped_column(primary_key=True)
    issue: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger)


class UsageWords(Base):
    """Words that found nothing as they were typed; ``instead`` of these times something else was found."""

    __tablename__ = "usage_words"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    words: Mapped[str] = mapped_column(Text(collation="C"), primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger)
    instead: Mapped[int] = mapped_column(BigInteger)


class UsageDropped(Base):
    """Bytes of counts that went because nobody collected them in time."""

    __tablename__ = "usage_dropped"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    bytes: Mapped[int] = mapped_column(BigInteger)


class UsageSpool(Base):
    """How far a spool file was collected: in the transaction of its counts, so that nothing is counted twice."""

    __tablename__ = "usage_spool"

    name: Mapped[str] = mapped_column(primary_key=True)
    read_to: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime]


class MirrorSeen(Base):
    """The serial that a mirror told last. Anyone can send it: it is shown, and trusted for nothing."""

    __tablename__ = "mirror_seen"

    name: Mapped[str] = mapped_column(primary_key=True)
    serial: Mapped[int] = mapped_column(BigInteger)
    first_seen_at: Mapped[datetime]
    seen_at: Mapped[datetime]
