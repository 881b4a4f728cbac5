"""What every table of the registry is declared on."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, BigInteger, DateTime, LargeBinary, Text, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

Code = Text(collation="C")  # binary order, the same on every server and in SQLite


class Base(DeclarativeBase):
    type_annotation_map = {  # noqa: RUF012
        str: Text,
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB,
        list[Any]: JSONB,
        list[str]: ARRAY(Text),
        bytes: LargeBinary,
    }


class Versioned:
    """What every version of a row has: it stands from release ``since`` of its terminology until ``until`` closed it."""

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    terminology_id: Mapped[int]
    part: Mapped[str]
    code: Mapped[str] = mapped_column(Code)
    since: Mapped[int]
    until: Mapped[int | None]
    status: Mapped[str]


def now() -> Any:
    """A column that holds the moment of the write."""
    return mapped_column(server_default=func.clock_timestamp())
