"""Order on disk that is safe against power loss: temporary sibling, fsync, rename, fsync of the folder (DESIGN §4)."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
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
_SYNC_THREADS = 8
_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS)


@contextmanager
def new_file(final: Path, *, replace: bool = True, mode: int = 0o644, prefix: str = TEMPORARY) -> Iterator[Path]:
    """Yield a temporary sibling to write; when the block ends well it becomes ``final`` in one step, else it is gone.

    With ``replace=False`` an existing ``final`` stays as it is and :class:`FileExistsError` is raised. Writers that may
    work in one folder at a time have temporary names of their own (``prefix``), and sweep none but those.
    """
    final.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=prefix, suffix=final.suffix, dir=final.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(mode)
        sync_file(temporary)
        if replace:
            temporary.replace(final)
        else:
            _name_anew(temporary, final)
        sync_folder(final.parent)
    finally:
        with suppress(FileNotFoundError):
            temporary.unlink()


def _name_anew(temporary: Path, final: Path) -> None:
    """Give the file its name unless that is taken. FAT and the like know no links: there the name is taken first, empty,
    and a kill in between leaves it so."""
    try:
        os.link(temporary, final)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        os.close(os.open(final, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        try:
            temporary.replace(final)
        except BaseException:
            final.unlink(missing_ok=True)
            raise
    else:
        temporary.unlink()


def write_durably(final: Path, content: bytes, *, mode: int = 0o644, prefix: str = TEMPORARY) -> None:
    with new_file(final, mode=mode, prefix=prefix) as temporary:
        temporary.write_bytes(content)


def sync_files(paths: Iterable[Path]) -> None:
    """fsync many files side by side: a journal then commits for several at once, where one by one each would wait."""
    with ThreadPoolExecutor(_SYNC_THREADS, thread_name_prefix="fsync") as threads:
        for done in [threads.submit(sync_file, path) for path in paths]:
            done.result()


def write_many_durably(folder: Path, contents: Mapping[str, bytes], *, prefix: str = TEMPORARY) -> None:
    """Files of one folder by name, as :func:`write_durably` would each, at the cost of few fsyncs. All of them are on
    the disk before the first one is renamed."""
    folder.mkdir(parents=True, exist_ok=True)
    made: dict[str, Path] = {}
    try:
        for name, content in contents.items():
            handle, temporary = tempfile.mkstemp(prefix=prefix, dir=folder)
            made[name] = Path(temporary)
            with open(handle, "wb") as file:
                file.write(content)
            os.chmod(temporary, 0o644)
        sync_files(made.values())
        for name, path in made.items():
            path.replace(folder / name)
        sync_folder(folder)
    finally:
        for path in made.values():
            path.unlink(missing_ok=True)


def sweep_unfinished(folder: Path, prefix: str = TEMPORARY) -> int:
    """Remove what a killed writer left behind; returns how many files. Only while no other writer works there."""
    left = list(folder.rglob(f"{prefix}*")) if folder.is_dir() else []
    for path in left:
        with suppress(FileNotFoundError):
            path.unlink()
    return len(left)
