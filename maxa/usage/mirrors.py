"""How a mirror that has a name says which serial it holds: ``Maxa-Mirror: hospital-17; serial=42``, sent when it asks for
what is new. It is shown to people and trusted for nothing: anyone can send it."""

from __future__ import annotations

import re
from typing import NamedTuple

HEADER = "Maxa-Mirror"
LONGEST_NAME = 64
_NAME = rf"[A-Za-z0-9][A-Za-z0-9._-]{{0,{LONGEST_NAME - 1}}}"
_IS_NAME = re.compile(rf"{_NAME}\Z")
_FORM = re.compile(rf"({_NAME}); serial=(0|[1-9][0-9]{{0,14}})\Z")


class MirrorSays(NamedTuple):
    name: str
    serial: int


def is_mirror_name(text: str) -> bool:
    """1 to :data:`LONGEST_NAME` Latin letters, digits and ``. _ -``, beginning with a letter or digit."""
    return _IS_NAME.match(text) is not None


def write_header(says: MirrorSays) -> str:
    return f"{says.name}; serial={says.serial}"


def read_header(text: str | None) -> MirrorSays | None:
    """None for whatever is not exactly of the form."""
    found = _FORM.match(text) if text else None
    return MirrorSays(found[1], int(found[2])) if found else None
