"""The way in for readers: one object a process that hands out catalogues and open releases."""

from __future__ import annotations

import sqlite3
import threading
from collections import OrderedDict
from pathlib import Path
from time import monotonic

from maxa.errors import Unavailable
from maxa.shelf.catalogue import CATALOGUE_NAME, EMPTY, Catalogue, CodeIndex, Edition, load_catalogue
from maxa.shelf.release import SealedRelease, Signature
from maxa.shelf.sealed_file import open_sealed, sha256_of

_OLD_EDITIONS_KEPT_OPEN = 64


class Shelf:
    """Readers' view of a shelf folder.

    ``catalogue()`` costs one stat and notices a publication at once; ``release(edition)`` opens a file once, after
    checking its bytes against the catalogue, and checks again when the file was touched. With ``look_every`` (seconds)
    neither looks again so soon: a stat lets another thread take over, and so costs a busy server far more than its
    microsecond.
    """

    def __init__(self, folder: Path, *, look_every: float = 0.0) -> None:
        self.folder = folder
        self.look_every = look_every
        self._next_look = 0.0
        self._catalogue_path = folder / CATALOGUE_NAME
        self._lock = threading.RLock()
        self._catalogue: Catalogue = EMPTY
        self._seen: Signature | None = None
        self._releases: OrderedDict[str, SealedRelease] = OrderedDict()
        self._where: CodesWhere | None = None

    def catalogue(self) -> Catalogue:
        """The current catalogue; an empty one with serial 0 while nothing is published."""
        now = monotonic()
        if now < self._next_look:
            return self._catalogue
        path = self._catalogue_path
        try:
            signature = Signature.of(path)
        except FileNotFoundError:
            if self._seen is None:
                return EMPTY
            raise Unavailable(
                "فهرست قفسه پیدا نیست. «maxa shelf rebuild» را اجرا کنید.",
                "The shelf's catalogue is missing. Run `maxa shelf rebuild`.",
            ) from None
        if signature != self._seen:
            with self._lock:
                self._catalogue, self._seen = load_catalogue(path.read_bytes()), signature
        self._next_look = now + self.look_every
        return self._catalogue

    def release(self, edition: Edition) -> SealedRelease:
        """The open release of an edition. Raises :class:`Unavailable` when its file is missing or not as listed."""
        release = self._held(edition)
        if release is not None:
            return release
        with self._lock:
            release = self._held(edition)  # another thread may have opened it meanwhile
            if release is None:
                release = SealedRelease(self.folder / edition.file, edition)
                self._releases[edition.file] = release
                self._releases.move_to_end(edition.file)
                self._close_old()
        return release

    def _held(self, edition: Edition) -> SealedRelease | None:
        """The release as it was opened before, unless its file was touched since."""
        release = self._releases.get(edition.file)
        if release is None or release.edition.sha256 != edition.sha256:
            return None
        now = monotonic()
        if now >= release.next_look:
            if not release.is_untouched():
                return None
            release.next_look = now + self.look_every
        return release

    def _close_old(self) -> None:
        """Forget the longest unused releases that are not current; their connections close with their last reader."""
        current = {t.current.file for t in self._catalogue.terminologies}
        old = [name for name in self._releases if name not in current]
        for name in old[: max(0, len(old) - _OLD_EDITIONS_KEPT_OPEN)]:
            del self._releases[name]

    def where(self, catalogue: Catalogue) -> CodesWhere | None:
        """Which terminologies hold a code; None while nothing is published."""
        index = catalogue.code_index
        if index is None:
            return None
        if self._where is None or self._where.index != index:
            with self._lock:
                self._where = CodesWhere(self.folder / index.file, index)
        return self._where


class CodesWhere:
    """The shared index from a code's key to the terminologies that have it, in any edition."""

    def __init__(self, path: Path, index: CodeIndex) -> None:
        self.path, self.index = path, index
        self._local = threading.local()
        try:
            sound = path.stat().st_size == index.size and sha256_of(path) == index.sha256
        except OSError:
            sound = False
        if not sound:
            raise Unavailable(
                "نمایهٔ مشترک کدها با فهرست نمی‌خواند. «maxa shelf rebuild» را اجرا کنید.",
                "The shared index of codes does not match the catalogue. Run `maxa shelf rebuild`.",
            )

    def terminologies(self, key: str) -> list[str]:
        """Ids of the terminologies that hold a code with this :func:`maxa.persian.fold.code_key`."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = open_sealed(self.path)
        rows = connection.execute(
            "SELECT t.id FROM code c JOIN terminology t ON t.n = c.terminology WHERE c.key = ? ORDER BY t.id", (key,)
        )
        return [row[0] for row in rows]
