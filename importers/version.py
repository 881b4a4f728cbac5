"""The version of the importers: the same bytes through the same version give the same rows."""

from __future__ import annotations

import hashlib
import platform
from importlib.metadata import version
from pathlib import Path
from xml.parsers.expat import EXPAT_VERSION

from maxa.persian import fold

_READERS = ("python-calamine", "orjson")


def _version() -> str:
    """A digest of the importers' source, of the folding of headings and titles, and of the libraries that read."""
    folder = Path(__file__).parent
    digest = hashlib.sha256()
    for path in [*sorted(folder.rglob("*.py")), Path(fold.__file__)]:
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    for name in _READERS:
        digest.update(f"{name} {version(name)}\0".encode())
    digest.update(f"{platform.python_version()} {EXPAT_VERSION}".encode())
    return digest.hexdigest()[:16]


VERSION = _version()
