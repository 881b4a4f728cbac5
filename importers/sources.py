"""All declared sources by name, and which of them a circular's list is."""

from __future__ import annotations

import re

from importers.declare import Source
from importers.drugs import DRUGS
from importers.lab import LAB
from importers.rvu3 import RVU3
from maxa.persian.fold import fold

SOURCES: dict[str, Source] = {source.name: source for source in (LAB, DRUGS, RVU3)}

_PIECE = re.compile(r"\d+|[^\W\d_]+")


def source_for(circular_number: str) -> Source | None:
    """The source whose list came with this circular, ``None`` when no source names it.

    The number may be written either way round and in any digits (``1927/110/د``, ``110/1927/د``). Numbers restart
    each year: two sources that name the same number leave the choice to the headings, and give ``None``.
    """
    key = _number_key(circular_number)
    found = [source for source in SOURCES.values() if key in {_number_key(number) for number in source.circulars}]
    return found[0] if len(found) == 1 else None


def _number_key(number: str) -> tuple[str, ...]:
    return tuple(sorted(_PIECE.findall(fold(number))))
