"""How a source is declared: heading → field → type, as data (lab.py is a good one to read first).

A :class:`Source` is one of the ministry's lists. Its :class:`Sheet` names the terminology and part that a sheet's
rows belong to, and its columns; a sheet may give concepts of further terminologies (:class:`Concepts`) and maps
(:class:`MapTo`, :class:`MapFrom`, :class:`Pairs`) from the same rows. In a workbook each sheet is held against all
sheets of the source and read by the one whose columns it matches best.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from importers.fields import Choice, Field
from importers.heading_keys import heading_key, names_it, says_one_word, words_key
from importers.rows import Expected as Expect
from importers.told_by import PartBy, TerminologyBy

__all__ = [
    "Column", "Concepts", "Expect", "MapFrom", "MapTo", "Pairs", "PartBy", "Sheet", "Source", "SumOf", "TerminologyBy",
]  # fmt: skip

CONCEPT_PARTS = ("code", "title_fa", "title_en", "status", "parent", "replaced_by")
_ANY_SIZE = Expect()


@dataclass(frozen=True)
class Column:
    """One column. ``headings`` holds its spellings, ``|`` between them, the first one being shown to people. What stands
    behind ``||`` is said in everyday life: it holds where no other column has one of the first spellings.

    ``required``: the column must be there, and no cell of it empty (``key``: the same, and it is the row's code).
    ``present``: the column must be there, its cells may be empty.
    ``refers_to``: its codes should be codes that this workbook gives of that terminology.
    """

    headings: str
    field: str
    type: Field
    key: bool = False
    required: bool = False
    refers_to: str | None = None
    present: bool = False

    @property
    def heading(self) -> str:
        return self.spellings[0]

    @cached_property
    def spellings(self) -> tuple[str, ...]:
        return tuple(text for text in self.headings.split("|") if text)

    @property
    def must_exist(self) -> bool:
        return self.key or self.required or self.present

    @cached_property
    def keys(self) -> frozenset[str]:
        return frozenset(heading_key(text) for text in self.spellings)

    @cached_property
    def everyday_keys(self) -> frozenset[str]:
        return frozenset(heading_key(text) for text in self.headings.partition("||")[2].split("|") if text)

    @cached_property
    def word_keys(self) -> frozenset[str]:
        return frozenset(words_key(text) for text in self.spellings if not says_one_word(text)) - {""}


@dataclass(frozen=True)
class Concepts:
    """Concepts of a further terminology in the same rows. A code may stand in many rows, with one title."""

    terminology: str | TerminologyBy
    code: str
    title_fa: str = ""
    title_en: str = ""
    properties: tuple[str, ...] = ()
    expect: Expect = _ANY_SIZE

    @property
    def shown_terminology(self) -> str:
        """The id for people, as of a :class:`Sheet`."""
        return _shown(self.terminology)


@dataclass(frozen=True)
class Pairs:
    """A map that the rows give: fields of the two codes, each of which may hold several.

    ``relationship_by`` and ``status_by``: columns that say it of each pair. ``says``: properties that are the same for
    all pairs.
    """

    source: str | TerminologyBy
    source_field: str
    target: str | TerminologyBy
    target_field: str
    properties: tuple[str, ...] = ()
    relationship: str = "equivalent"
    expect: Expect = _ANY_SIZE
    relationship_by: str = ""
    status_by: str = ""
    says: Mapping[str, str] = dataclasses.field(default_factory=dict, hash=False)

    @cached_property
    def terminology(self) -> str:
        """The map's id; ``*`` stands for an end that each row names."""
        return f"{_shown(self.source)}→{_shown(self.target)}"

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """All fields that the pairs use up."""
        by = [end.field for end in (self.source, self.target) if isinstance(end, TerminologyBy)]
        named = (self.source_field, self.target_field, self.relationship_by, self.status_by, *by, *self.properties)
        return tuple(name for name in named if name)


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

    ``terminology``: of the rows' own codes, ``""`` for a sheet of pairs alone. ``named``: words of which the sheet's
    name must hold one (``|`` between them). ``any_of``: of these fields one column must exist, and one cell of each row
    be filled; the others may be missing. ``else_title``: fields of titles with headings (``|`` between them) of another
    column, which hold the title where the sheet has no other.

    ``section``: the property that section-title rows between the data set for the
    rows below them. ``parents``: how a parent is found from the code where no column names it (parents.py). ``rest``:
    the type of all columns that are neither declared nor ignored, which become properties named by their headings.
    ``label``: what a template calls the sheet, where its terminology does not tell it from its sisters.
    Fields that are no part of a concept, and are not used up by ``also`` or ``maps``, become its properties.
    """

    terminology: str | TerminologyBy
    columns: tuple[Column, ...]
    part: str | PartBy = ""
    named: str = ""
    any_of: tuple[str, ...] = ()
    else_title: tuple[tuple[str, str], ...] = ()
    ignore: tuple[str, ...] = ()
    also: tuple[Concepts, ...] = ()
    maps: tuple[MapTo | MapFrom | Pairs, ...] = ()
    checks: tuple[SumOf, ...] = ()
    section: str = ""
    parents: str = ""
    rest: Field | None = None
    expect: Expect = _ANY_SIZE
    label: str = ""

    @cached_property
    def by_key(self) -> dict[str, Column]:
        """Folded heading → column."""
        return {key: column for column in self.columns for key in column.keys}

    @cached_property
    def by_words(self) -> dict[str, Column]:
        """Looser key of a heading → the one column that has it; what two columns share decides nothing."""
        shared = Counter(key for column in self.columns for key in column.word_keys)
        return {key: column for column in self.columns for key in column.word_keys if shared[key] == 1}

    @cached_property
    def titles_else(self) -> dict[str, str]:
        """Folded heading → the title's field."""
        return {heading_key(text): name for name, texts in self.else_title for text in texts.split("|")}

    @cached_property
    def ignored_keys(self) -> frozenset[str]:
        return frozenset(heading_key(text) for text in self.ignore)

    @cached_property
    def name_keys(self) -> tuple[str, ...]:
        return _keys(self.named)

    @cached_property
    def shown_terminology(self) -> str:
        """The id for people: ``thritaEHR.*`` where each row names its own."""
        return _shown(self.terminology)

    def fits_name(self, name: str) -> bool | None:
        """Whether the sheet's name speaks for this declaration; ``False`` rules it out, ``None`` says nothing."""
        key = heading_key(name)
        by = self.terminology
        if isinstance(by, TerminologyBy) and by.named:
            return bool(by.of_sheet(name))
        if isinstance(self.part, PartBy) and self.part.named:
            return self.part_of_name(name) is not None
        return any(word in key for word in self.name_keys) if self.name_keys else None

    def part_of_name(self, name: str) -> str | None:
        """The part that the sheet's name tells, where the part is told row by row; ``None`` for none or several."""
        found = self.parts_of_name(name)
        return found.pop() if len(found) == 1 else None

    def parts_of_name(self, name: str) -> set[str]:
        choice = self._part_choice
        if choice is None:
            return set()
        return {
            part
            for part, spellings in choice.values.items()
            if any(names_it(word, name) for word in f"{part}|{spellings}".split("|"))
        }

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
        used |= {name for pairs in self.pairs for name in pairs.fields}
        if isinstance(self.part, PartBy) and not self.part.keeps:
            used.add(self.part.field)
        if isinstance(self.terminology, TerminologyBy):
            used.add(self.terminology.field)
        return tuple(column.field for column in self.columns if column.field not in used)

    def rest_column(self, heading: str) -> Column | None:
        """A column that nobody declared, as a property named by its heading."""
        return None if self.rest is None else Column(heading.replace("|", "/"), " ".join(heading.split()), self.rest)

    def parts(self) -> tuple[str, ...]:
        """All parts that rows of this sheet can belong to."""
        if not isinstance(self.part, PartBy):
            return (self.part,)
        choice = self._part_choice
        return tuple(choice.values) if choice else (self.part.default or "",)

    @cached_property
    def _part_choice(self) -> Choice | None:
        if not isinstance(self.part, PartBy):
            return None
        types = (column.type for column in self.columns if column.field == self.part.field)
        return next((type_ for type_ in types if isinstance(type_, Choice)), None)

    def expected(self, part: str, declared: Expect) -> Expect:
        """``declared``, unless the rows are of another part than the default one; where there is none, of all parts."""
        by = self.part
        return by.others if isinstance(by, PartBy) and by.default is not None and part != by.default else declared

    def wanted(self) -> list[Column]:
        """Columns without which the sheet can't be read, the first of ``any_of`` standing for all of them."""
        alternatives = [column for column in self.columns if column.field in self.any_of][:1]
        return [column for column in self.columns if column.must_exist] + alternatives


@lru_cache(maxsize=4096)
def _keys(words: str) -> tuple[str, ...]:
    return tuple(key for text in words.split("|") if (key := heading_key(text)))


def _shown(terminology: str | TerminologyBy) -> str:
    if isinstance(terminology, str):
        return terminology
    return terminology.default or f"{terminology.prefix}*"


def _as_pairs(sheet: Sheet, given: MapTo | MapFrom | Pairs) -> Pairs:
    if isinstance(given, Pairs):
        return given
    own, other = (sheet.terminology, sheet.key.field), (given.terminology, given.field)
    (source, source_field), (target, target_field) = (own, other) if isinstance(given, MapTo) else (other, own)
    return Pairs(source, source_field, target, target_field, given.properties, given.relationship, given.expect)


@dataclass(frozen=True)
class Source:
    """One list of the ministry. ``circulars``: numbers of the letters that it came with, in any spelling.

    ``recognised``: a workbook may be taken for it by its headings and codes; else it must be asked for by name.
    ``named``: words (``|`` between them) that tell it from another source that fits as well, in a sheet's name or a title.
    """

    name: str
    title_fa: str
    title_en: str
    sheets: tuple[Sheet, ...]
    circulars: tuple[str, ...] = ()
    recognised: bool = True
    named: str = ""
