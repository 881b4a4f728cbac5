"""``/static/``: what the pages load. Names carry a piece of their digest (``maxa.1a2b3c4d.css``), so that a browser asks
once and keeps them for ever, and a new version is another name."""

from __future__ import annotations

import gzip
import hashlib
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from flask import Blueprint, Response, request

from maxa.errors import NotFound
from maxa.web.shelf_files import EACH_TIME, FOR_EVER

FOLDER = Path(__file__).resolve().parent / "static"
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
_REFERENCE = re.compile(rb'url\("([^":]+)"\)')  # in our own style sheet; Swagger UI's has data: only


@dataclass(frozen=True)
class Asset:
    """A file as it is sent, and the address it is sent from."""

    path: str
    content: bytes
    content_type: str

    @cached_property
    def digest(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    @cached_property
    def address(self) -> str:
        stem, dot, suffix = self.path.rpartition(".")
        return f"/static/{stem}.{self.digest[:10]}{dot}{suffix}"

    @cached_property
    def compressed(self) -> bytes | None:
        """None where compressing gains nothing."""
        if self.path.endswith(".woff2"):
            return None
        return gzip.compress(self.content, 9, mtime=0)


class StaticFiles:
    """Every file of the folder that pages may load, read once."""

    def __init__(self, folder: Path = FOLDER) -> None:
        paths = sorted(p for p in folder.rglob("*") if p.suffix in TYPES)
        self._assets: dict[str, Asset] = {}
        for path in sorted(paths, key=lambda p: p.suffix == ".css"):  # style sheets name the others
            content = path.read_bytes()
            named = path.relative_to(folder).as_posix()
            if path.suffix == ".css":
                content = _REFERENCE.sub(self._hashed, content)
            self._assets[named] = Asset(named, content, TYPES[path.suffix])
        self._by_address = {asset.address: asset for asset in self._assets.values()}

    def _hashed(self, match: re.Match[bytes]) -> bytes:
        asset = self._assets.get(match[1].decode())
        return f'url("{asset.address}")'.encode() if asset else match[0]

    def address(self, path: str) -> str:
        """Where ``path`` is served. Raises :class:`KeyError` for a file that is not there: a template is wrong."""
        return self._assets[path].address

    def find(self, address: str) -> tuple[Asset, bool] | None:
        """The asset at an address, and whether the address holds its digest."""
        if (asset := self._by_address.get(address)) is not None:
            return asset, True
        plain = self._assets.get(address.removeprefix("/static/"))
        return (plain, False) if plain else None


def static_blueprint(files: StaticFiles) -> Blueprint:
    blueprint = Blueprint("static_files", __name__)

    @blueprint.get("/static/<path:_name>")
    def static_file(_name: str) -> Response:
        found = files.find(request.path)
        if found is None:
            raise NotFound("چنین پرونده‌ای نیست.", "There is no such file.")
        asset, for_ever = found
        headers = {
            "Content-Type": asset.content_type,
            "Cache-Control": FOR_EVER if for_ever else EACH_TIME,
            "ETag": f'"{asset.digest[:32]}"',
            "X-Content-Type-Options": "nosniff",
            "Cross-Origin-Resource-Policy": "same-origin",
        }
        if asset.path.endswith(".svg"):  # may be opened as a page of its own
            headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'"
        if asset.compressed is not None:
            headers["Vary"] = "Accept-Encoding"
        if request.if_none_match.contains(asset.digest[:32]):
            return Response(status=304, headers=headers)
        if asset.compressed is not None and "gzip" in request.accept_encodings:
            return Response(asset.compressed, headers={**headers, "Content-Encoding": "gzip"})
        return Response(asset.content, headers=headers)

    return blueprint
