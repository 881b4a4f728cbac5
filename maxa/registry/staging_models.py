"""Tables of a draft's rows before publication, with their place in the workbook.

No index but the key: drafts are read as a whole, by hash joins, and an index on codes would cost a fifth of the load.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from maxa.registry.base import Base, Code


class _Staged:
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    submission_id: Mapped[int] = mapped_column(BigInteger)
    terminology_id: Mapped[int]
    part: Mapped[str]
    code: Mapped[str] = mapped_column(Code)
    status: Mapped[str]
    properties: Mapped[Any | None] = mapped_column(JSON)
    content_hash: Mapped[bytes]
    file_id: Mapped[int] = mapped_column(BigInteger)
    sheet: Mapped[str]
    row: Mapped[int]
    column: Mapped[str]
    doubt: Mapped[dict[str, Any] | None]


class StagedConcept(_Staged, Base):
    __tablename__ = "staged_concept"

    title_fa: Mapped[str]
    title_en: Mapped[str]
    parent: Mapped[str | None]
    replaced_by: Mapped[str | None]


class StagedMapping(_Staged, Base):
    __tablename__ = "staged_mapping"

    source_code: Mapped[str] = mapped_column(Code)
    target_code: Mapped[str] = mapped_column(Code)
    relationship: Mapped[str]
