"""One small file over all terminologies: a code's key → the terminologies that have it, in any edition.

Codes never leave a terminology (a retired one stays, marked), so the index only grows: a publication copies the
last one and adds what is new. It is derived from the sealed releases and can be built anew at any time.
"""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

from maxa.shelf.catalogue import Catalogue, CodeIndex
from maxa.shelf.durable import new_file
from maxa.shelf.sealed_file import APPLICATION_ID, FORMAT, PAGE_SIZE, sha256_of

_SCHEMA = """
CREATE TABLE terminology (n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, file TEXT NOT NULL);
CREATE TABLE code (key TEXT NOT NULL, terminology INTEGER NOT NULL, PRIMARY KEY (key, terminology)) WITHOUT ROWID;
"""


def write_code_index(shelf: Path, catalogue: Catalogue, previous: CodeIndex | None) -> CodeIndex:
    """Build ``codes/<serial>.maxa`` from the current releases of ``catalogue``, upon ``previous`` where it is sound."""
    name = f"codes/{catalogue.serial}.maxa"
    with new_file(shelf / name) as temporary:
        if previous is None or not _copy(shelf / previous.file, previous, temporary):
            _create(temporary)
        _add(temporary, shelf, catalogue)
        size, digest = temporary.stat().st_size, sha256_of(temporary)
    return CodeIndex(name, size, digest)


def _copy(source: Path, index: CodeIndex, target: Path) -> bool:
    try:
        shutil.copyfile(source, target)
    except OSError:
        return False
    return sha256_of(target) == index.sha256


def _create(path: Path) -> None:
    path.unlink()
    connection = sqlite3.connect(path, isolation_level=None)
    connection.executescript(
        f"PRAGMA page_size={PAGE_SIZE}; PRAGMA application_id={APPLICATION_ID}; PRAGMA user_version={FORMAT};{_SCHEMA}"
    )
    connection.close()


def _add(path: Path, shelf: Path, catalogue: Catalogue) -> None:
    connection = sqlite3.connect(path.as_uri(), uri=True, isolation_level=None)
    try:
        connection.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;")
        known = dict(connection.execute("SELECT id, file FROM terminology"))
        for entry in catalogue.codes:
            if known.get(entry.id) == entry.current.file:
                continue
            connection.execute("ATTACH ? AS sealed", (f"{(shelf / entry.current.file).as_uri()}?mode=ro&immutable=1",))
            connection.execute("BEGIN")
            connection.execute(
                "INSERT INTO terminology(id, file) VALUES (?, ?) ON CONFLICT(id) DO UPDATE SET file = excluded.file",
                (entry.id, entry.current.file),
            )
            connection.execute(
                "INSERT OR IGNORE INTO code SELECT code_key, (SELECT n FROM terminology WHERE id = ?)"
                " FROM sealed.concept ORDER BY code_key",
                (entry.id,),
            )
            connection.execute("COMMIT")
            connection.execute("DETACH sealed")
    finally:
        connection.close()


def index_files(shelf: Path) -> list[Path]:
    """Index files on the shelf, newest serial first; whatever else someone put there is none of ours."""
    ours = [p for p in (shelf / "codes").glob("*.maxa") if p.stem.isascii() and p.stem.isdigit()]
    return sorted(ours, key=lambda p: int(p.stem), reverse=True)
