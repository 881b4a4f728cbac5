"""Order on disk that is safe against power loss: temporary sibling, fsync, rename, fsync of the folder (DESIGN §4)."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_file(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


TEMPORARY = ".unfinished-"


@contextmanager
def new_file(final: Path, *, replace: bool = True, mode: int = 0o644) -> Iterator[Path]:
    """Yield a temporary sibling to write; when the block ends well it becomes ``final`` in one step, else it is gone.

    With ``replace=False`` an existing ``final`` stays as it is and :class:`FileExistsError` is raised.
    """
    final.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=TEMPORARY, suffix=final.suffix, dir=final.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(mode)
        sync_file(temporary)
        if replace:
            temporary.replace(final)
        else:
            os.link(temporary, final)
            temporary.unlink()
        sync_folder(final.parent)
    finally:
        with suppress(FileNotFoundError):
            temporary.unlink()


def write_durably(final: Path, content: bytes, *, mode: int = 0o644) -> None:
    with new_file(final, mode=mode) as temporary:
        temporary.write_bytes(content)


def sweep_unfinished(folder: Path) -> int:
    """Remove what a killed writer left behind; returns how many files. Only while no other writer works there."""
    left = list(folder.rglob(f"{TEMPORARY}*")) if folder.is_dir() else []
    for path in left:
        with suppress(FileNotFoundError):
            path.unlink()
    return len(left)
