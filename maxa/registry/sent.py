"""What people send in, piece by piece: a workbook of any size goes from a disk into the registry and back to a disk, and
a process holds a piece of it at a time.

A file is a ``bytea`` of its row (``submission_file``, ``submission_letter``). PostgreSQL puts the pieces together itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from sqlalchemy import text
from sqlalchemy.orm import Session

from maxa.errors import BadWorkbook
from maxa.registry.models import SubmissionFile, SubmissionLetter

PIECE = 1 << 20  # bytes
_KEYS = {SubmissionFile.__tablename__: "id", SubmissionLetter.__tablename__: "submission_id"}


@dataclass(frozen=True, slots=True)
class OnDisk:
    """A file that stays on a disk while it is received: a path, or a stream open for reading that can be sought.
    ``sha256`` is of the bytes that were written there."""

    place: Path | IO[bytes]
    size: int
    sha256: str

    @classmethod
    def at(cls, path: Path) -> OnDisk:
        """Hash a file that is there already."""
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256")
            return cls(path, file.tell(), digest.hexdigest())


@dataclass(frozen=True, slots=True)
class InRegistry:
    """A file that came with an earlier submission: it is copied where it lies."""

    table: str
    key: int
    size: int
    sha256: str

    @classmethod
    def of(cls, row: SubmissionFile | SubmissionLetter) -> InRegistry:
        return cls(row.__tablename__, _key_of(row), row.size, row.sha256)


Content = bytes | OnDisk | InRegistry


def size_of(content: Content) -> int:
    return len(content) if isinstance(content, bytes) else content.size


def sha256_of(content: Content) -> str:
    return hashlib.sha256(content).hexdigest() if isinstance(content, bytes) else content.sha256


def begins(content: Content, count: int) -> bytes:
    """The first ``count`` bytes of what someone sends; of what the registry holds, which was looked at then, none."""
    if isinstance(content, bytes):
        return content[:count]
    if isinstance(content, InRegistry):
        return b""
    with _opened(content) as file:
        return file.read(count)


def keep(session: Session, row: SubmissionFile | SubmissionLetter, content: Content) -> None:
    """Put a file into its row, which is flushed with an empty one first; all within the session's transaction."""
    table, key = row.__tablename__, _KEYS[row.__tablename__]
    where = f"UPDATE {table} SET content = {{}} WHERE {key} = :row"  # noqa: S608 - our own names
    if isinstance(content, InRegistry):
        held = f"(SELECT content FROM {content.table} WHERE {_KEYS[content.table]} = :held)"  # noqa: S608 - our own names
        session.execute(text(where.format(held)), {"row": _key_of(row), "held": content.key})
        return
    if isinstance(content, bytes):
        session.execute(text(where.format(":content")), {"row": _key_of(row), "content": content})
        return
    session.execute(text("CREATE TEMP TABLE sent_piece (number int, piece bytea) ON COMMIT DROP"))
    hashed = hashlib.sha256()
    with _opened(content) as file:
        for number, piece in enumerate(iter(lambda: file.read(PIECE), b"")):
            hashed.update(piece)
            session.execute(text("INSERT INTO sent_piece VALUES (:number, :piece)"), {"number": number, "piece": piece})
    if hashed.hexdigest() != content.sha256:
        raise BadWorkbook(
            "پرونده هنگام خواندن دگرگون شد؛ دوباره بفرستید.", "The file changed while it was read: send it again."
        )
    session.execute(
        text(where.format("(SELECT string_agg(piece, ''::bytea ORDER BY number) FROM sent_piece)")),
        {"row": _key_of(row)},
    )
    session.execute(text("DROP TABLE sent_piece"))


@contextmanager
def _opened(content: OnDisk) -> Iterator[IO[bytes]]:
    if isinstance(content.place, Path):
        with content.place.open("rb") as file:
            yield file
    else:
        content.place.seek(0)
        yield content.place


def piece_at(session: Session, row: SubmissionFile | SubmissionLetter, start: int) -> bytes:
    """Up to :data:`PIECE` bytes of a file from ``start`` on; empty at its end."""
    query = f"SELECT substring(content FROM :start FOR :count) FROM {row.__tablename__}"  # noqa: S608 - our own names
    found = session.scalar(
        text(f"{query} WHERE {_KEYS[row.__tablename__]} = :row"),
        {"start": start + 1, "count": PIECE, "row": _key_of(row)},
    )
    return bytes(found or b"")


def pieces(session: Session, row: SubmissionFile | SubmissionLetter) -> Iterator[bytes]:
    start = 0
    while start < row.size and (piece := piece_at(session, row, start)):
        yield piece
        start += len(piece)


def write_to(session: Session, row: SubmissionFile | SubmissionLetter, path: Path) -> None:
    with path.open("wb") as file:
        for piece in pieces(session, row):
            file.write(piece)


def write_into(session: Session, row: SubmissionFile | SubmissionLetter, folder: Path) -> Path:
    """Write a file into a folder, under a name that is safe there and tells its kind; gives its place."""
    path = folder / f"{_key_of(row)}{Path(row.name).suffix.lower()[:8]}"
    write_to(session, row, path)
    return path


def _key_of(row: SubmissionFile | SubmissionLetter) -> int:
    return row.id if isinstance(row, SubmissionFile) else row.submission_id
