"""Files on their way in: written to the server's work folder as they come, hashed while they are written, and gone with
the request. Never held whole in memory."""

from __future__ import annotations

import hashlib
import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from flask import Request, current_app
from flask import request as this_request
from werkzeug.datastructures import FileStorage
from werkzeug.wsgi import LimitedStream

from maxa.errors import BodyTooLarge, Unavailable
from maxa.registry.sent import OnDisk

LARGEST_LETTER = 30 << 20
_SPARE = 64 << 20  # bytes of the disk that an upload leaves free
_AT_A_TIME, _DRAIN_SECONDS = 1 << 16, 20.0


class ArrivingFile:
    """One file of a form: a stream for werkzeug to write into, and for us to read from afterwards.

    It has no name on the disk, so a kill -9 leaves nothing behind. Raises :class:`BodyTooLarge` at the first byte above
    ``largest``, :class:`Unavailable` when the disk is full.
    """

    def __init__(self, folder: Path, *, name: str, largest: int) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file: IO[bytes] = tempfile.TemporaryFile(dir=folder, prefix="upload-")  # noqa: SIM115 - closed by werkzeug
        except OSError as error:
            raise _no_room() from error
        self._name, self._largest = name, largest
        self._hashed = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> int:
        self.size += len(data)
        if self.size > self._largest:
            raise too_large(self._name, self._largest)
        self._hashed.update(data)
        try:
            return self._file.write(data)
        except OSError as error:
            raise _no_room() from error

    def as_sent(self) -> OnDisk:
        try:
            self._file.flush()
        except OSError as error:
            raise _no_room() from error
        return OnDisk(self._file, self.size, self._hashed.hexdigest())

    def __getattr__(self, name: str) -> Any:  # read, seek, tell, close and the rest of a file
        return getattr(self._file, name)


class DeskRequest(Request):
    """Files of the desk's forms go into the work folder; of other forms to where werkzeug puts them."""

    def _get_file_stream(
        self, total_content_length: int | None, content_type: str | None, filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:  # fmt: skip
        view = current_app.view_functions.get(str(self.endpoint))
        if not getattr(view, "takes_files", False):
            return super()._get_file_stream(total_content_length, content_type, filename, content_length)
        settings = current_app.extensions["maxa.desk"].settings
        return ArrivingFile(settings.work, name=filename or "", largest=settings.max_workbook)  # type: ignore[return-value]


def as_sent(file: FileStorage, *, largest: int | None = None) -> OnDisk:
    """A file of the form, as the registry takes it."""
    stream: Any = file.stream
    if largest is not None and stream.size > largest:
        raise too_large(file.filename or "", largest)
    sent: OnDisk = stream.as_sent()
    return sent


def require_room(folder: Path, length: int | None) -> None:
    """Before the first byte of a body: on the disk and in the registry, which may lie on the same one."""
    with suppress(OSError):
        place = next(one for one in (folder, *folder.parents) if one.exists())
        if length and shutil.disk_usage(place).free < 2 * length + _SPARE:
            raise _no_room()


def drain() -> None:
    """Take in and forget what the browser is still sending of a body that was refused: it reads the refusal only
    afterwards. Not for ever, though. For people who are signed in: it holds one of the server's threads."""
    until = time.monotonic() + _DRAIN_SECONDS
    stream = this_request.__dict__.get("stream")  # of what was begun to be read; it knows where the body ends
    if stream is None and this_request.content_length:
        stream = LimitedStream(this_request.environ["wsgi.input"], this_request.content_length)
    with suppress(Exception), _no_longer(_DRAIN_SECONDS):  # whatever ails the connection, the refusal is told
        while stream is not None and time.monotonic() < until and stream.read(_AT_A_TIME):
            pass


@contextmanager
def _no_longer(seconds: float) -> Iterator[None]:
    """After so long nothing more is read from the connection: a read waits for all that it asked for, and a sender may
    let its bytes drip. What we answer still goes out."""
    connection: socket.socket | None = this_request.environ.get("gunicorn.socket")

    def end() -> None:
        with suppress(OSError):
            if connection is not None:
                connection.shutdown(socket.SHUT_RD)

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def too_large(name: str, largest: int) -> BodyTooLarge:
    shown = name.replace("\\", "/").rpartition("/")[2][-100:]
    return BodyTooLarge(
        f"پروندهٔ «{shown}» از اندازهٔ مجاز ({_megabytes(largest)} مگابایت) بزرگ‌تر است؛ برگه‌ها و تصویرهای اضافی را بردارید،"
        " یا فهرست را در چند کارپوشه بفرستید.",
        f"{shown} is larger than the {_megabytes(largest)} MB allowed: take out sheets and pictures that the list does not"
        " need, or send it in several workbooks.",
    )


def too_much(largest: int) -> BodyTooLarge:
    return BodyTooLarge(
        f"پرونده‌ها با هم از اندازهٔ مجاز ({_megabytes(largest)} مگابایت) بزرگ‌ترند؛ آن‌ها را در چند بارگذاری بفرستید.",
        f"The files together are larger than the {_megabytes(largest)} MB allowed: send them in several uploads.",
    )


def _megabytes(size: int) -> str:
    return f"{size / (1 << 20):.3g}" if size < 10 << 20 else str(size >> 20)


def _no_room() -> Unavailable:
    return Unavailable(
        "جای خالی دیسک سرور برای این پرونده‌ها بس نیست؛ چیزی نگه داشته نشد. به مدیر سرور بگویید و سپس دوباره بفرستید.",
        "The server's disk has no room for these files; nothing was kept. Tell the operator, then send them again.",
    )
