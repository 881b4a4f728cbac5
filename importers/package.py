"""The zip container of .xlsx, .xlsb and .ods: what it holds, and whether it is safe to unpack."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import IO

from importers.refusals import broken_input_is_refused, damaged, refusal

MOST_ENTRIES = 5_000
MOST_UNPACKED = 1 << 30  # bytes; 1,048,576 rows of ten filled columns unpack to about half of it
MOST_RATIO = 150  # XML of a workbook packs to 1/5 … 1/60; what packs tighter than this is nothing but repetition
RATIO_FROM = 64 << 20  # small files may repeat themselves as they like


class Package:
    """A zip file that passed :func:`open_package`. Names are looked up without regard to case, as Excel does."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._names = {info.filename.lower().lstrip("/"): info for info in archive.infolist()}

    def __contains__(self, name: str) -> bool:
        return name.lower().lstrip("/") in self._names

    @property
    def names(self) -> list[str]:
        return list(self._names)

    def size(self, name: str) -> int:
        """Unpacked bytes of one entry."""
        return self._info(name).file_size

    def open(self, name: str) -> IO[bytes]:
        return self._archive.open(self._info(name))

    def read(self, name: str, limit: int = 16 << 20) -> bytes:
        """A small part whole. One over ``limit`` bytes is refused."""
        if self.size(name) > limit:
            raise refusal("zip-bomb", detail=f"{name}: {self.size(name) >> 20} MB")
        with broken_input_is_refused(name):
            return self._archive.read(self._info(name))

    def _info(self, name: str) -> zipfile.ZipInfo:
        try:
            return self._names[name.lower().lstrip("/")]
        except KeyError:
            raise damaged(f"{name[:80]} missing") from None


def open_package(path: Path) -> Package:
    """Look at the list of contents before anything is unpacked. Raises BadWorkbook (damaged, encrypted, zip-bomb).

    zipfile gives no more bytes of an entry than the list says, so that what is judged here is what can be read.
    """
    with broken_input_is_refused("zip"):
        archive = zipfile.ZipFile(path)
        entries = archive.infolist()
    if len(entries) > MOST_ENTRIES:
        raise refusal("zip-bomb", detail=f"{len(entries)} entries")
    if any(entry.flag_bits & 1 for entry in entries):
        raise refusal("encrypted")
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > MOST_UNPACKED:
        raise refusal("zip-bomb", detail=f"{unpacked >> 20} MB")
    for entry in entries:
        if entry.file_size > RATIO_FROM and entry.file_size > MOST_RATIO * max(entry.compress_size, 1):
            raise refusal("zip-bomb", detail=f"{entry.filename[-80:]}: {entry.file_size >> 20} MB")
    return Package(archive)
