"""Files on their way out: in pieces, with nothing of the registry held while a slow reader takes them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote

from flask import Response
from sqlalchemy import Engine
from werkzeug.utils import secure_filename

from maxa.errors import Unavailable
from maxa.registry.models import SubmissionFile, SubmissionLetter
from maxa.registry.sent import piece_at
from maxa.registry.transaction import transaction

_BLOCK = 1 << 18


class WrittenDown:
    """A file without a name, given out block by block; closed by the server when the reader has it, or has left."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.size = file.tell()
        file.seek(0)

    def __iter__(self) -> Iterator[bytes]:
        return iter(lambda: self._file.read(_BLOCK), b"")

    def close(self) -> None:
        self._file.close()


def written_down(blocks: Iterable[bytes], work: Path) -> WrittenDown:
    """Take all blocks now, on a disk: what they come from need not be held for as long as someone loads them."""
    try:
        work.mkdir(parents=True, exist_ok=True)
        file = tempfile.TemporaryFile(dir=work)  # noqa: SIM115 - closed by the server
        try:
            file.writelines(blocks)
            return WrittenDown(file)
        except BaseException:
            file.close()
            raise
    except OSError as error:
        raise Unavailable("پوشهٔ کار سرور در دسترس نیست.", "The server's work folder can't be used.") from error


def content_of(held: Engine, row: SubmissionFile | SubmissionLetter) -> Iterator[bytes]:
    """Piece by piece, each in a transaction of its own: whoever takes an hour to load it holds nothing meanwhile."""
    start = 0
    while start < row.size:
        with transaction(held) as session:
            piece = piece_at(session, row, start)
        if not piece:
            return
        yield piece
        start += len(piece)


def attachment(
    content: Any, name: str, media_type: str = "application/octet-stream", *, size: int | None = None
) -> Response:
    """To be saved, never opened in the browser: it is what someone sent."""
    reply = Response(content, content_type=media_type)
    if size is not None:
        reply.content_length = size
    last = name.replace("\\", "/").rpartition("/")[2] or "file"
    plain = secure_filename(last) or f"file{Path(last).suffix if Path(last).suffix.isascii() else ''}"
    reply.headers.set("Content-Disposition", "attachment", filename=plain)
    if plain != last:
        reply.headers["Content-Disposition"] += f"; filename*=UTF-8''{quote(last, safe='')}"
    reply.headers["X-Content-Type-Options"] = "nosniff"
    return reply
