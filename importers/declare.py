"""How a source is declared: heading → field → type, as data (lab.py is a good one to read first).

A :class:`Source` is one of the ministry's lists. Its :class:`Sheet` names the terminology and part that a sheet's
rows belong to, and its columns; a sheet may give concepts of further terminologies (:class:`Concepts`) and maps
(:class:`MapTo`, :class:`MapFrom`, :class:`Pairs`) from the same rows. In a workbook each sheet is held against all
sheets of the source and read by the one whose columns it matches best.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache

from importers.fields import Choice, Field
from importers.rows import Expected as Expect
from maxa.persian.fold import fold

__all__ = ["Column", "Concepts", "Expect", "MapFrom", "MapTo", "Pairs", "PartBy", "Sheet", "Source", "SumOf"]

CONCEPT_PARTS = ("code", "title_fa", "title_en", "status", "parent", "replaced_by")
_ANY_SIZE = Expect()
_NOISE = re.compile(r"[\W_]+")


@lru_cache(maxsize=4096)
def heading_key(text: str) -> str:
    """Headings that differ in letters' forms, spaces, half-spaces, case or punctuation alone share one key."""
    return _NOISE.sub("", fold(text))


@dataclass(frozen=True)
class Column:
    """One column. ``headings`` holds its spellings, ``|`` between them, the first one being shown to people.

    ``required``: the column must be there, and no cell of it empty (``key``: the same, and it is the row's code).
    ``refers_to``: its codes should be codes that this workbook gives of that terminology.
    """

    headings: str
    field: str
    type: Field
    key: bool = False
    required: bool = False
    refers_to: str | None = None

    @property
    def heading(self) -> str:
        return self.headings.split("|")[0]

    @property
    def must_exist(self) -> bool:
        return self.key or self.required

    @cached_property
    def keys(self) -> frozenset[str]:
        return frozenset(heading_key(text) for text in self.headings.split("|"))


@dataclass(frozen=True)
class PartBy:
    """The part of each row stands in a column of its own (a ``Choice``); ``default`` where that is empty or absent.

    The sizes that a sheet declares are those of its default part; ``others`` holds for all other parts.
    """

    field: str
    default: str
    others: Expect = _ANY_SIZE


@dataclass(frozen=True)
class Concepts:
    """Concepts of a further terminology in the same rows. A code may stand in many rows, with one title."""

    terminology: str
    code: str
    title_fa: str = ""
    title_en: str = ""
    properties: tuple[str, ...] = ()
    expect: Expect = _ANY_SIZE


@dataclass(frozen=True)
class Pairs:
    """A map that the rows give: fields of the two codes, each of which may hold several."""

    source: str
    source_field: str
    target: str
    target_field: str
    properties: tuple[str, ...] = ()
    relationship: str = "equivalent"
    expect: Expect = _ANY_SIZE

    @cached_property
    def terminology(self) -> str:
        return f"{self.source}→{self.target}"


@dataclass(frozen=True)
class MapTo:
    """A map from the sheet's own codes to codes of ``terminology`` in the column ``field``."""

    terminology: str
    field: str
    properties: tuple[str, ...] = ()
    relationship: str = "equivalent"
    expect: Expect = _ANY_SIZE


@dataclass(frozen=True)
class MapFrom:
    """The same the other way round: from codes of ``terminology`` in the column ``field`` to the sheet's own."""

    terminology: str
    field: str
    properties: tuple[str, ...] = ()
    relationship: str = "equivalent"
    expect: Expect = _ANY_SIZE


@dataclass(frozen=True)
class SumOf:
    """A check of a row: ``total`` is the sum of ``parts`` (an empty part counts as nothing)."""

    total: str
    parts: tuple[str, ...]


@dataclass(frozen=True)
class Sheet:
    """One kind of sheet.

    ``named``: words of which the sheet's name must hold one (``|`` between them). ``any_of``: of these fields one
    column must exist, and one cell of each row be filled; the others may be missing. ``section``: the property that
    section-title rows between the data set for the rows below them. Fields that are no part of a concept, and are not
    used up by ``also`` or ``maps``, become its properties.
    """

    terminology: str
    columns: tuple[Column, ...]
    part: str | PartBy = ""
    named: str = ""
    any_of: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    also: tuple[Concepts, ...] = ()
    maps: tuple[MapTo | MapFrom | Pairs, ...] = ()
    checks: tuple[SumOf, ...] = ()
    section: str = ""
    expect: Expect = _ANY_SIZE

    @cached_property
    def by_key(self) -> dict[str, Column]:
        """Folded heading → column."""
        return {key: column for column in self.columns for key in column.keys}

    @cached_property
    def ignored_keys(self) -> frozenset[str]:
        return frozenset(heading_key(text) for text in self.ignore)

    @cached_property
    def name_keys(self) -> tuple[str, ...]:
        return tuple(heading_key(text) for text in self.named.split("|") if text)

    @cached_property
    def key(self) -> Column:
        """The column of the row's own code; for a sheet of pairs alone, of the pair's first code."""
        return next(column for column in self.columns if column.key)

    @cached_property
    def pairs(self) -> tuple[Pairs, ...]:
        """All maps in one form."""
        return tuple(_as_pairs(self, given) for given in self.maps)

    @cached_property
    def properties(self) -> tuple[str, ...]:
        """Fields that become properties of the sheet's own concepts."""
        used = {*CONCEPT_PARTS, *(c for also in self.also for c in (also.code, also.title_fa, also.title_en))}
        used |= {name for also in self.also for name in also.properties}
        used |= {name for pairs in self.pairs for name in (pairs.source_field, pairs.target_field, *pairs.properties)}
        if isinstance(self.part, PartBy):
            used.add(self.part.field)
        return tuple(column.field for column in self.columns if column.field not in used)

    def parts(self) -> tuple[str, ...]:
        """All parts that rows of this sheet can belong to."""
        if not isinstance(self.part, PartBy):
            return (self.part,)
        named = next((c.type for c in self.columns if isinstance(c.type, Choice) and c.field == self.part.field), None)
        return tuple(named.values) if named else (self.part.default,)

    def expected(self, part: str, declared: Expect) -> Expect:
        """``declared``, unless the rows are of another part than the default one."""
        return self.part.others if isinstance(self.part, PartBy) and part != self.part.default else declared

    def wanted(self) -> list[Column]:
        """Columns without which the sheet can't be read, the first of ``any_of`` standing for all of them."""
        alternatives = [column for column in self.columns if column.field in self.any_of][:1]
        return [column for column in self.columns if column.must_exist] + alternatives


def _as_pairs(sheet: Sheet, given: MapTo | MapFrom | Pairs) -> Pairs:
    if isinstance(given, Pairs):
        return given
    own, other = (sheet.terminology, sheet.key.field), (given.terminology, given.field)
    (source, source_field), (target, target_field) = (own, other) if isinstance(given, MapTo) else (other, own)
    return Pairs(source, source_field, target, target_field, given.properties, given.relationship, given.expect)


@dataclass(frozen=True)
class Source:
    """One list of the ministry. ``circulars``: numbers of the letters that it came with, in any spelling."""

    name: str
    title_fa: str
    title_en: str
    sheets: tuple[Sheet, ...]
    circulars: tuple[str, ...] = ()
