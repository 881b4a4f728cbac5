"""Tables of what vendors and insurers report, and what the committee answers. Answers and comments only grow."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Index, Text, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from maxa.registry.base import Base, now


class CodeRequest(Base):
    """One request of up to some thousand rows. ``revision`` grows with whatever its followers see, and ``shown`` is the one
    that they see: between the two, the worker has something to write."""

    __tablename__ = "code_request"
    __table_args__ = (
        CheckConstraint("state IN ('received', 'in_review', 'answered')"),
        Index("code_request_open", "id", postgresql_where=text("state <> 'answered'")),
        Index("code_request_unshown", "id", postgresql_where=text("revision > shown")),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    tracking: Mapped[str] = mapped_column(unique=True)
    digest: Mapped[str]
    kind: Mapped[str]
    terminology: Mapped[str]  # as the shelf named it; empty where the requester did not know
    organisation: Mapped[str]
    client_id: Mapped[str]
    authenticated: Mapped[bool]  # the client proved who it is; else it is what somebody typed
    channel: Mapped[str]  # page | api
    note: Mapped[str]
    received_at: Mapped[datetime]
    taken_up_at: Mapped[datetime] = now()
    state: Mapped[str] = mapped_column(default="received")
    reviewer: Mapped[str | None]
    updated_at: Mapped[datetime] = now()
    revision: Mapped[int] = mapped_column(default=1)
    shown: Mapped[int] = mapped_column(default=0)


class RequestAnswer(Base):
    """What was said to a row. A later answer to the same row goes before the earlier ones, which stay."""

    __tablename__ = "request_answer"
    __table_args__ = (CheckConstraint("kind IN ('assigned', 'existing', 'refused')"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("code_request.id"), index=True)
    position: Mapped[int]
    kind: Mapped[str]
    terminology: Mapped[str]
    code: Mapped[str] = mapped_column(Text(collation="C"))
    reason: Mapped[str]
    pending: Mapped[bool] = mapped_column(default=False, server_default=false())  # in no published edition then
    expected: Mapped[date | None] = mapped_column(Date)  # day of the edition that was to bring the code, if known
    actor: Mapped[str]
    at: Mapped[datetime] = now()


class RequestRow(Base):
    __tablename__ = "request_row"
    __table_args__ = (UniqueConstraint("request_id", "position"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("code_request.id"))
    position: Mapped[int]  # from 1, as it was sent
    code: Mapped[str]
    title: Mapped[str]
    note: Mapped[str]
    answer_id: Mapped[int | None] = mapped_column(ForeignKey("request_answer.id"))

    answer: Mapped[RequestAnswer | None] = relationship(lazy="joined")


class RequestComment(Base):
    """What the committee's people say to each other; no follower sees it."""

    __tablename__ = "request_comment"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("code_request.id"), index=True)
    actor: Mapped[str]
    at: Mapped[datetime] = now()
    text: Mapped[str]
