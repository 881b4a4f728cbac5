"""Files: only what is missing, in ranges, resumed where the last attempt broke off, verified, durable.

tuf's own downloader begins anew each time and does not fsync; so here a file grows as ``.parts/<sha256>`` until it has
the signed length, its hash is taken as it comes (of a resumed one the beginning is read from the disk first), and only
then does it get its name. A part whose hash is wrong is thrown away: a resumed one is tried once more from its
beginning, since a power cut may have left zeros in it.
"""

from __future__ import annotations

import hashlib
import random
import shutil
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from maxa.mirror.http_source import Patience
from maxa.mirror.source import Source
from maxa.mirror.troubles import NotThere, Refused, SourceTrouble, no_space
from maxa.shelf.durable import sync_file, sync_folder
from maxa.shelf.signed_names import hashed_name

Progress = Callable[[str, int, int], None]
SLICE = 8 << 20  # asked for at a time: a busy server gives turns
_SMALLEST, _LARGEST = 256 << 10, 64 << 20
_SLICE_SECONDS = 4.0
_MARGIN = 16 << 20  # bytes that must be left on the disk
_READ = 1 << 20
_SYNC_THREADS = 4


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file as it is signed: its path on the shelf, length, hash."""

    path: str
    size: int
    sha256: str


def check_space(folder: Path, wanted: list[Wanted], parts: Path) -> None:
    """Raise :class:`NoSpace` before anything is fetched when it can't fit."""
    have = sum(_size(parts / w.sha256) for w in wanted)
    needed = sum(w.size for w in wanted) - have + _MARGIN
    free = shutil.disk_usage(folder).free
    if wanted and needed > free:
        raise no_space(needed, free)


class Downloads:
    """The downloads of one sync, into ``parts``. ``progress("download", done, total)`` counts bytes."""

    def __init__(self, source: Source, parts: Path, patience: Patience | None = None) -> None:
        self.source = source
        self.parts = parts
        self.patience = patience or Patience()
        self._slice = SLICE
        self._done = 0

    def fetch_all(self, wanted: list[Wanted], progress: Progress) -> None:
        """Each of ``wanted`` whole, verified and fsynced in ``parts``."""
        self.parts.mkdir(parents=True, exist_ok=True)
        total = sum(w.size for w in wanted)
        with ThreadPoolExecutor(_SYNC_THREADS, thread_name_prefix="fsync") as threads:
            written = []
            for one in wanted:
                before = self._done
                self._fetch(one, lambda here, before=before: progress("download", before + here, total))  # type: ignore[misc]
                self._done = before + one.size
                written.append(threads.submit(sync_file, self.parts / one.sha256))  # while the next one comes
            for done in written:
                done.result()
        if wanted:
            sync_folder(self.parts)

    def _fetch(self, wanted: Wanted, progress: Callable[[int], None]) -> None:
        part = self.parts / wanted.sha256
        resumed = _size(part) > 0
        if self._filled(wanted, part, progress):
            return
        part.unlink(missing_ok=True)
        if resumed and self._filled(wanted, part, progress):
            return
        part.unlink(missing_ok=True)
        raise Refused.of("tampered", wanted.path, "its content has another hash than was signed")

    def _filled(self, wanted: Wanted, part: Path, progress: Callable[[int], None]) -> bool:
        """Bring the part to its signed length. False: the hash is another."""
        digest = hashlib.sha256()
        with open(part, "ab+") as file:
            file.seek(0)
            if _size(part) > wanted.size:
                file.truncate(0)
            while chunk := file.read(_READ):
                digest.update(chunk)
            self._grow(wanted, file, digest, progress)
            if digest.hexdigest() != wanted.sha256:
                return False
        return True

    def _grow(self, wanted: Wanted, file: Any, digest: Any, progress: Callable[[int], None]) -> None:
        have = file.tell()
        progress(have)
        tries, pause = 0, self.patience.pause
        while have < wanted.size:
            began, before = time.monotonic(), have
            try:
                have = self._slice_of(wanted, file, digest, have, progress)
                trouble: SourceTrouble | None = None
            except NotThere:
                raise
            except SourceTrouble as error:
                trouble = error
                have = file.tell()
            self._adapt(have - before, time.monotonic() - began)
            if have > before:
                tries, pause = 0, self.patience.pause
                continue
            tries += 1
            if tries >= self.patience.tries:
                raise trouble or SourceTrouble(
                    f"منبع {self.source.name} از {wanted.path} چیزی نمی‌فرستد.",
                    f"The source {self.source.name} sends nothing of {wanted.path}.",
                )
            time.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 - jitter
            pause = min(pause * 2, self.patience.longest_pause)

    def _slice_of(self, wanted: Wanted, file: Any, digest: Any, have: int, progress: Callable[[int], None]) -> int:
        """Ask for the next slice and write what comes of it; returns the new length. Bytes past the signed length are
        not read, bytes before what we have (a server without ranges) are skipped."""
        length = min(self._slice, wanted.size - have)
        with self.source.piece(hashed_name(wanted.path, wanted.sha256), have, length) as piece:
            skip = have - piece.start
            for chunk in piece.chunks:
                if skip >= len(chunk):
                    skip -= len(chunk)
                    continue
                useful = chunk[skip : skip + wanted.size - have]
                skip = 0
                file.write(useful)
                digest.update(useful)
                have += len(useful)
                progress(have)
                if have >= wanted.size:
                    break
        file.flush()
        return have

    def _adapt(self, gained: int, seconds: float) -> None:
        """Slices of some seconds each: short turns at a slow link, few requests at a quick one."""
        if gained > 0:
            aim = int(gained / max(seconds, 0.001) * _SLICE_SECONDS)
            self._slice = min(max(aim, _SMALLEST, self._slice // 4), _LARGEST, self._slice * 4)


def _size(path: Path) -> int:
    with suppress(OSError):
        return path.stat().st_size
    return 0


def is_there(shelf: Path, wanted: Wanted, *, thoroughly: bool) -> bool:
    """Whether the shelf has the file: by its length, and ``thoroughly`` by its hash."""
    path = shelf / wanted.path
    try:
        if path.stat().st_size != wanted.size:
            return False
        if not thoroughly:
            return True
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == wanted.sha256
    except OSError:
        return False
