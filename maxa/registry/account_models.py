"""Tables of the people who work at the desk: accounts, what they keep, their sessions, guesses, and what they say."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from maxa.registry.base import Base, now


class Account(Base):
    """A person of the committee. Roles: viewer, importer, approver, administrator; over all terminologies."""

    __tablename__ = "account"

    name: Mapped[str] = mapped_column(primary_key=True)
    roles: Mapped[list[str]]
    password_hash: Mapped[str | None]  # none: for the command line only
    disabled: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = now()
    password_at: Mapped[datetime | None]
    # of a one-time password: until when it opens a session, in which nothing can be done but changing it
    change_until: Mapped[datetime | None]

    stewardships: Mapped[list[Stewardship]] = relationship(
        order_by="Stewardship.terminology, Stewardship.role", cascade="all, delete-orphan"
    )


class Stewardship(Base):
    """A role over one terminology or map, for those who keep a list (FACTS §2). The list may not be here yet, so it is
    named and not referred to; ``terminology`` is in lower case, ``title`` as it was written."""

    __tablename__ = "stewardship"
    __table_args__ = (CheckConstraint("role IN ('importer', 'approver')"),)

    account: Mapped[str] = mapped_column(ForeignKey("account.name"), primary_key=True)
    terminology: Mapped[str] = mapped_column(primary_key=True)
    role: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]


class DeskSession(Base):
    """Someone signed in. The cookie's token is kept as its SHA-256, so a copy of this table opens nothing."""

    __tablename__ = "desk_session"
    __table_args__ = (
        Index("desk_session_token", "token_hash", unique=True),
        Index("desk_session_account", "account", postgresql_where=text("ended_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    token_hash: Mapped[bytes]
    account: Mapped[str] = mapped_column(ForeignKey("account.name"))
    created_at: Mapped[datetime] = now()
    seen_at: Mapped[datetime] = now()
    address: Mapped[str]
    agent: Mapped[str]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]  # an account, or "system" where it ran out


class Guessing(Base):
    """Wrong passwords counted by name and address, by address, and by name; shared by all web processes."""

    __tablename__ = "guessing"
    __table_args__ = (Index("guessing_last", "last"),)

    key: Mapped[str] = mapped_column(primary_key=True)
    failures: Mapped[int]
    last: Mapped[datetime]
    blocked_until: Mapped[datetime | None]


class SubmissionComment(Base):
    """What people say to each other about a submission. Append-only by trigger."""

    __tablename__ = "submission_comment"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"), index=True)
    actor: Mapped[str]
    at: Mapped[datetime] = now()
    text: Mapped[str]


class SeenWorkbook(Base):
    """What ``importers.inspection`` said of a workbook that was sent in, for mapping its columns by hand."""

    __tablename__ = "seen_workbook"

    file_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("submission_file.id"), primary_key=True, autoincrement=False
    )
    at: Mapped[datetime] = now()
    seen: Mapped[dict[str, Any] | None]
    failure: Mapped[dict[str, Any] | None]
