"""All declared sources by name, and which of them a circular's list is."""

from __future__ import annotations

import re
from collections.abc import Iterable

from importers.ambulance import AMBULANCE
from importers.declare import Column, Source
from importers.drugs import DRUGS
from importers.generic import GENERIC, generic_map
from importers.icd10 import ICD10
from importers.imaging import IMAGING
from importers.lab import LAB
from importers.lab_parts import BLOOD_BANK, FORENSIC, GENETICS, PATHOLOGY
from importers.natural import NATURAL
from importers.physiotherapy import PHYSIOTHERAPY
from importers.prescription_map import PRESCRIPTION_MAP
from importers.rvu3 import RVU3
from importers.snomed import SNOMED
from importers.usage import USAGE
from importers.value_sets import VALUE_SETS
from maxa.persian.fold import fold

# In the order in which they are preferred where a workbook fits several equally well.
DECLARED: tuple[Source, ...] = (
    LAB, DRUGS, RVU3, IMAGING, GENETICS, BLOOD_BANK, FORENSIC, PATHOLOGY, NATURAL, USAGE, PHYSIOTHERAPY, AMBULANCE,
    PRESCRIPTION_MAP, ICD10, VALUE_SETS, SNOMED,
)  # fmt: skip


def _properties_of_pairs(sources: Iterable[Source]) -> tuple[Column, ...]:
    """One column for each property that declared maps have, known by its headings and by its field's name."""
    own = generic_map().sheets[0].columns
    fields, taken = {column.field for column in own}, {key for column in own for key in column.keys}
    found: dict[str, Column] = {}
    for source in sources:
        for sheet in source.sheets:
            wanted = {name for pairs in sheet.pairs for name in pairs.properties}
            for column in sheet.columns:
                if column.field in wanted and column.field not in fields | found.keys():
                    spellings = [*column.spellings, column.field]
                    free = [text for text in spellings if not Column(text, "", column.type).keys & taken]
                    taken |= Column("|".join(free), "", column.type).keys
                    found[column.field] = Column("|".join(free), column.field, column.type)
    return tuple(found.values())


_KNOWN = _properties_of_pairs(DECLARED)
SOURCES: dict[str, Source] = {source.name: source for source in (*DECLARED, GENERIC, generic_map(_KNOWN))}

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
