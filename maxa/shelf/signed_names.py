"""How things on a shelf are named where they are signed and fetched: TUF roles, metadata files, hashed targets.

metadata/1.root.json          every root since the first (TUF spec §5.3: a client walks from one to the next)
metadata/timestamp.json       the one name whose content changes
metadata/<n>.<role>.json      all other metadata, versioned (consistent snapshots, TUF spec §6.2)
targets/<folder>/<sha256>.<name>   links to the sealed files, by content, so that caches may keep them for ever
"""

from __future__ import annotations

import os
import re
import time
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote, unquote

from maxa.shelf.durable import sync_files
from maxa.shelf.sealed_file import folder_name

METADATA = "metadata"
TARGETS = "targets"
TIMESTAMP = "timestamp.json"
MAKING_KEYS = ".making-keys"  # in metadata/, from before the first key until something is signed by a root
TOP = ("root", "timestamp", "snapshot", "targets")
_SUPERSEDED_SECONDS = 3_600
EDITIONS_A_ROLE = 250  # 250 editions make some 150 kB of metadata; a longer history goes on in another role

_TARGET_PATH = re.compile(r"(?!\.)[A-Za-z0-9._%-]{1,200}/(?!\.)[A-Za-z0-9._%-]{1,200}\.maxa\Z")
_HASHED = re.compile(r"targets/(?P<folder>(?!\.)[A-Za-z0-9._%-]{1,200})/(?P<sha>[0-9a-f]{64})\.(?P<name>[^/]+)\Z")
_METADATA_FILE = re.compile(r"(?:[1-9]\d{0,18}\.(?!\.)[A-Za-z0-9._%-]{1,220}|timestamp)\.json\Z")


def role_of(terminology: str, ordinal: int) -> str:
    """The delegated role that vouches for an edition: ``LNC.1`` for the first 250, then ``LNC.2``."""
    return f"{folder_name(terminology)}.{(ordinal - 1) // EDITIONS_A_ROLE + 1}"


def role_pattern(role: str) -> str:
    """The target paths that a role may vouch for."""
    return f"{role.rpartition('.')[0]}/*"


def is_target_path(path: str) -> bool:
    """Whether a path that metadata names may be written below the shelf: one folder, one ``.maxa`` file, no dots first.

    Signed or not: whoever stole the online keys must not be able to write elsewhere.
    """
    return _TARGET_PATH.match(path) is not None


def is_metadata_file(name: str) -> bool:
    return _METADATA_FILE.match(name) is not None


def metadata_file(role: str, version: int | None) -> str:
    """File of a role's metadata, as it lies in ``metadata/``."""
    return f"{role}.json" if version is None else f"{version}.{role}.json"


def hashed_name(path: str, sha256: str) -> str:
    """``LNC/1402-02-18.maxa`` → ``targets/LNC/<sha256>.1402-02-18.maxa`` (TUF spec §6.2)."""
    folder, _, name = path.rpartition("/")
    return f"{TARGETS}/{folder}/{sha256}.{name}"


def of_hashed_name(name: str) -> tuple[str, str] | None:
    """The other way: (path, sha256); None for anything that is no such name."""
    found = _HASHED.match(name)
    if found is None:
        return None
    path = f"{found['folder']}/{found['name']}"
    return (path, found["sha"]) if is_target_path(path) else None


def as_url(name: str) -> str:
    """A name below the shelf as the path of a URL: a ``%`` of a folder's name must be escaped once more."""
    return quote(name, safe="/")


def from_url(name: str) -> str:
    return unquote(name)


def link_target(shelf: Path, path: str, sha256: str) -> None:
    """Let the file also be found by its content: a relative link, so that a shelf may be moved and copied."""
    link = shelf / hashed_name(path, sha256)
    aim = f"../../{path}"
    with suppress(OSError):
        if os.readlink(link) == aim:
            return
    link.parent.mkdir(parents=True, exist_ok=True)
    beside = link.with_name(f".{link.name}.new")
    beside.unlink(missing_ok=True)
    os.symlink(aim, beside)
    beside.replace(link)


def keep_links(shelf: Path, wanted: dict[str, str]) -> None:
    """Exactly the links of ``wanted`` (path → sha256), durably."""
    names = {hashed_name(path, sha256) for path, sha256 in wanted.items()}
    for path, sha256 in wanted.items():
        link_target(shelf, path, sha256)
    root = shelf / TARGETS
    if not root.is_dir():
        return
    for folder in [f for f in root.iterdir() if f.is_dir()]:
        for link in folder.iterdir():
            if f"{TARGETS}/{folder.name}/{link.name}" not in names:
                link.unlink(missing_ok=True)
    sync_files([root, *(f for f in root.iterdir() if f.is_dir())])


def forget_superseded(folder: Path, wanted: set[str]) -> None:
    """Remove versioned metadata that is not ``wanted`` and older than an hour; roots stay."""
    for path in folder.glob("[1-9]*.*.json"):
        if path.name not in wanted and not path.name.endswith(".root.json"):
            with suppress(FileNotFoundError):
                if time.time() - path.stat().st_mtime > _SUPERSEDED_SECONDS:
                    path.unlink()
