"""One file that carries a signed shelf, for a USB stick: a zip of stored members, named as ``/shelf/`` names them.

    archive.json                          for people and first messages; nothing in it is trusted
    metadata/…                            every root, and one whole signed state
    targets/<folder>/<sha256>.<name>      the files: all of them, or those published after a serial

Nothing is ever extracted by its name: an import asks for the names that signed metadata wants. An archive with any other
name in it (absolute, with ``..``, a link, twice the same) is refused as a whole all the same.
"""

from __future__ import annotations

import hashlib
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from maxa.errors import BadParameter, MaxaError, NotFound, WrongState
from maxa.mirror.download import Progress
from maxa.mirror.places import check_readable
from maxa.mirror.source import Piece
from maxa.mirror.troubles import NotThere, Refused, edition_of, reading, writing_to
from maxa.shelf.catalogue import CATALOGUE_NAME, Catalogue, load_catalogue
from maxa.shelf.durable import new_file
from maxa.shelf.signed_names import METADATA, TIMESTAMP, hashed_name, is_metadata_file, metadata_file, of_hashed_name
from maxa.shelf.standing import NAME, Standing, read_standing

ARCHIVE_FORMAT = 1
_HEADER = "archive.json"
_CHUNK = 1 << 20
_LARGEST_HEADER = 64 << 10
_MOST_MEMBERS = 200_000


@dataclass(frozen=True, slots=True)
class Exported:
    """``unsigned`` publications came after the signed ``serial`` and are not in the archive."""

    serial: int
    since: int
    files: int
    size: int
    expires: datetime
    unsigned: int = 0


def export(shelf: Path, file: Path, *, since: int = 0, progress: Progress = lambda *_: None) -> Exported:
    """Write the shelf's signed state, with the files published after serial ``since``, into one archive.

    Every file is held against its signed hash on the way: a damaged one is refused, not passed on. The archive gets its
    name when it is whole. Raises :class:`WrongState` when the shelf is not signed, :class:`MaxaError` naming the file.
    """
    check_readable(shelf, shelf / NAME)
    standing = read_standing(shelf)
    if standing is None:
        raise WrongState(
            "این قفسه امضا نشده است؛ در مرکز «maxa keys init»، در آینه «maxa mirror sync».",
            "This shelf is not signed: at the centre `maxa keys init`, on a mirror `maxa mirror sync`.",
        )
    catalogue, serial = _catalogue(shelf), standing.serial
    if since > serial:
        raise BadParameter(
            f"سریال امضاشدهٔ این قفسه {serial} است؛ ‎--since {since}‎ از آن جلوتر است.",
            f"This shelf is signed at serial {serial}; --since {since} is ahead of it.",
            "since",
        )
    editions = [e for t in catalogue.terminologies for e in t.editions if e.kept and since < e.serial <= serial]
    targets = [(e.file, e.size, e.sha256) for e in editions]
    index = catalogue.code_index
    if index is not None and since == 0 and (shelf / hashed_name(index.file, index.sha256)).is_symlink():
        targets.append((index.file, index.size, index.sha256))
    total, done = sum(size for _, size, _ in targets), 0
    metadata = _metadata(shelf)
    with writing_to(file), new_file(file) as temporary:
        with zipfile.ZipFile(temporary, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
            archive.writestr(_HEADER, _header(standing, since, len(targets), total))
            for name, content in metadata.items():
                archive.writestr(f"{METADATA}/{name}", content)
            for path, size, sha256 in targets:
                _add(archive, shelf, path, sha256)
                done += size
                progress("export", done, total)
    return Exported(serial, since, len(targets), total, standing.expires, max(0, catalogue.serial - serial))


def _catalogue(shelf: Path) -> Catalogue:
    try:
        return load_catalogue((shelf / CATALOGUE_NAME).read_bytes())
    except FileNotFoundError:
        raise _damaged(CATALOGUE_NAME) from None


def _header(standing: Standing, since: int, files: int, size: int) -> bytes:
    return orjson.dumps(
        {
            "format": ARCHIVE_FORMAT, "serial": standing.serial, "since": since, "files": files, "bytes": size,
            "expires": standing.expires, "terminologies": standing.terminologies, "made_at": datetime.now(UTC),
        },
        option=orjson.OPT_INDENT_2,
    )  # fmt: skip


def _metadata(shelf: Path) -> dict[str, bytes]:
    """All roots and the state that ``timestamp.json`` names, read so that a publication meanwhile does no harm."""
    folder = shelf / METADATA
    try:
        files = {p.name: p.read_bytes() for p in folder.glob("[1-9]*.root.json")}
        timestamp = (folder / TIMESTAMP).read_bytes()
        version = orjson.loads(timestamp)["signed"]["meta"]["snapshot.json"]["version"]
        snapshot = (folder / metadata_file("snapshot", version)).read_bytes()
        meta = orjson.loads(snapshot)["signed"]["meta"]
        for name, entry in meta.items():
            path = folder / metadata_file(name.removesuffix(".json"), entry["version"])
            if path.exists():  # a mirror of some terminologies has not all of them
                files[path.name] = path.read_bytes()
    except (OSError, KeyError, TypeError, ValueError):
        raise WrongState(
            "فرادادهٔ این قفسه خراب است؛ در مرکز «maxa keys sign»، در آینه «maxa mirror sync» یا «maxa mirror import».",
            "This shelf's metadata is damaged: at the centre `maxa keys sign`, on a mirror `maxa mirror sync` or `import`.",
        ) from None
    return {**files, metadata_file("snapshot", version): snapshot, TIMESTAMP: timestamp}


def _add(archive: zipfile.ZipFile, shelf: Path, path: str, sha256: str) -> None:
    digest = hashlib.sha256()
    info = zipfile.ZipInfo(hashed_name(path, sha256), date_time=(2020, 1, 1, 0, 0, 0))
    info.external_attr = (stat.S_IFREG | 0o644) << 16
    with reading(shelf / path):
        try:
            source = (shelf / path).open("rb")
        except FileNotFoundError:
            raise _damaged(path) from None
    with source, archive.open(info, "w", force_zip64=True) as sink:
        while True:
            with reading(shelf / path):
                chunk = source.read(_CHUNK)
            if not chunk:
                break
            digest.update(chunk)
            sink.write(chunk)
    if digest.hexdigest() != sha256:
        raise _damaged(path)


def _damaged(path: str) -> MaxaError:
    return WrongState(
        f"پروندهٔ {path} در این قفسه نیست یا خراب است؛ در مرکز «maxa shelf rebuild»، در آینه «maxa mirror sync --thorough» یا "
        "«maxa mirror import --thorough FILE».",
        f"{path} is missing from this shelf or damaged: at the centre `maxa shelf rebuild`, on a mirror `maxa mirror sync "
        "--thorough` or `maxa mirror import --thorough FILE`.",
    )


class ArchiveSource:
    """An archive as a source of a sync. Raises :class:`Refused` when it is no sound archive."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.name = file.name
        try:
            self._zip = zipfile.ZipFile(file)
            self._names = self._checked()
        except FileNotFoundError:
            raise NotFound(f"فایل {file} نیست.", f"There is no file {file}.") from None
        except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, ValueError, OSError) as error:
            raise Refused.of("archive", self.name, f"it can't be read ({type(error).__name__})") from None
        self.header = self._header()

    def _checked(self) -> dict[str, zipfile.ZipInfo]:
        found: dict[str, zipfile.ZipInfo] = {}
        members = self._zip.infolist()
        if len(members) > _MOST_MEMBERS:
            raise Refused.of("archive", self.name, "too many members")
        for info in members:
            name = info.orig_filename
            kind = stat.S_IFMT(info.external_attr >> 16)
            if kind not in (0, stat.S_IFREG) or name.endswith("/"):
                raise Refused.of("path", self.name, f"{name[:80]!r} is a link or a folder")
            head, _, rest = name.partition("/")
            ours = name == _HEADER or (head == METADATA and is_metadata_file(rest)) or of_hashed_name(name) is not None
            if not ours:
                raise Refused.of("path", self.name, repr(name[:80]))
            if name in found:
                raise Refused.of("archive", self.name, f"{name[:80]!r} is in it twice")
            if info.flag_bits & 0x1:
                raise Refused.of("archive", self.name, "it is encrypted")
            if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise Refused.of("archive", self.name, f"{name[:80]!r} is packed by method {info.compress_type}")
            found[name] = info
        return found

    def _header(self) -> dict[str, Any]:
        if _HEADER not in self._names:
            raise Refused.of("archive", self.name, "it lacks archive.json")
        try:
            header = orjson.loads(self._read(_HEADER, _LARGEST_HEADER))
            found = header["format"]
        except (KeyError, TypeError, ValueError):
            raise Refused.of("archive", self.name, "its archive.json is damaged") from None
        if found != ARCHIVE_FORMAT:
            raise Refused.of("format", self.name, f"archive format {found}, this version reads {ARCHIVE_FORMAT}")
        return header

    def clock(self) -> float | None:
        return None

    def close(self) -> None:
        self._zip.close()

    def metadata(self, name: str, limit: int) -> bytes:
        if name not in self._names:
            raise NotThere(
                f"بایگانی {self.name} فایل {name} را ندارد.", f"The archive {self.name} does not have {name}."
            )
        return self._read(name, limit)

    def _read(self, name: str, limit: int) -> bytes:
        try:
            with self._zip.open(self._names[name]) as member:
                content = member.read(limit + 1)
        except _BROKEN as error:
            raise Refused.of("tampered", f"{self.name}: {name}", type(error).__name__) from None
        if len(content) > limit:
            raise Refused.of("tampered", f"{self.name}: {name}", f"longer than {limit} bytes")
        return content

    @contextmanager
    def piece(self, name: str, start: int, length: int) -> Iterator[Piece]:
        if name not in self._names:
            if name.startswith("targets/codes/"):
                raise NotThere(f"بایگانی {self.name} نمایهٔ کدها ندارد.", f"{self.name} has no index of codes.")
            since = self.header.get("since")
            raise Refused.of("incomplete", self.name, f"{edition_of(name) or name}; it begins after serial {since}")
        try:
            member = self._zip.open(self._names[name])
            member.seek(start)
        except _BROKEN as error:
            raise Refused.of("tampered", f"{self.name}: {name}", type(error).__name__) from None
        with member:
            yield Piece(start, self._chunks(member, name))

    def _chunks(self, member: Any, name: str) -> Iterator[bytes]:
        try:
            while chunk := member.read(_CHUNK):
                yield chunk
        except _BROKEN as error:
            raise Refused.of("tampered", f"{self.name}: {name}", type(error).__name__) from None


_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError)
