"""How a shelf stands: which signed state was accepted last, how long it vouches for itself.

``metadata/standing.json`` is written by whoever writes the shelf: the centre when it signs, a mirror when it accepts. It
is a mirror's floor (nothing older is taken, whatever tuf's cache says), and what readers look at to say that the shelf
is past its expiry. It goes with the shelf, because web servers may see nothing else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from maxa.shelf.durable import write_durably
from maxa.shelf.signed_names import METADATA

NAME = f"{METADATA}/standing.json"
PREFIX = ".unsigned-"  # temporary files of who signs or accepts


@dataclass(frozen=True, slots=True)
class Standing:
    """``expires`` is the earliest expiry of all that vouches for the shelf; ``signed_at`` a lower bound of the true time.

    ``versions`` and ``keys`` (key ids) are by top-level role; ``catalogue`` is the sha256 of the accepted
    ``catalogue.json``; ``terminologies`` what a mirror keeps, None for all.
    """

    serial: int
    signed_at: datetime
    expires: datetime
    versions: Mapping[str, int]
    keys: Mapping[str, list[str]]
    catalogue: str
    published_at: datetime
    terminologies: list[str] | None = None
    more: Mapping[str, Any] = field(default_factory=dict)

    def expired(self, now: datetime | None = None) -> bool:
        return (now or datetime.now(UTC)) >= self.expires


def write_standing(shelf: Path, standing: Standing) -> None:
    content = asdict(standing)
    digest = hashlib.sha256(orjson.dumps(content)).hexdigest()
    write_durably(shelf / NAME, orjson.dumps(content | {"sha256": digest}, option=orjson.OPT_INDENT_2), prefix=PREFIX)


def read_standing(shelf: Path) -> Standing | None:
    """None when there is none, or it is damaged: then it is made anew from the metadata."""
    try:
        data = orjson.loads((shelf / NAME).read_bytes())
        if data.pop("sha256") != hashlib.sha256(orjson.dumps(data)).hexdigest():
            return None
        for name in ("signed_at", "expires", "published_at"):
            data[name] = datetime.fromisoformat(data[name])
        return Standing(**data)
    except (OSError, AttributeError, KeyError, TypeError, ValueError):
        return None
