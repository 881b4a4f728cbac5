"""Which declared source a workbook is: by the headings that match, and by the shape of the codes below them.

Many lists share headings (کد, عنوان, شرح). So a matched heading counts for the more, the fewer sources know it, and
codes that do not have the shape of a source's codes speak against it, whatever its headings say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

from importers.cells import shown
from importers.codes import Code
from importers.declare import Column, PartBy, Sheet, Source
from importers.fields import EDGES, EMPTY, Unheard
from importers.first_page import from_first_page
from importers.heading_keys import heading_key
from importers.heading_rows import ROWS_LOOKED_AT, Reading, Row, readings_of
from importers.headings import Header, best_header
from importers.profile import NO_CHOICES, Choices, Profile, choices_for
from importers.sources import SOURCES
from importers.workbook import Sheet as WorkbookSheet
from maxa.persian.fold import latin_digits

_CODES_LOOKED_AT = 40
_BLANKS_LOOKED_THROUGH = 10_000
MOST_FIT, HARDLY_ANY = 0.5, 0.2  # shares of the codes looked at
_STRICT = 0.75  # a pattern's strictness, from which on it speaks for one list alone
FEW_CODES = 3  # below this, one code that fits is enough
# One code of each shape in use: what a pattern takes of these tells how strict it is.
_PROBES = (
    "718-7", "58410-2", "801515", "90.1", "26", "0579693345955352", "60000", "A00", "A00.0", "4.1", "010", "24", "1402",
    "26643006", "900000000000207008", "C34.1", "IR", "LA6576-8", "12-345", "807307-004", "M8010/3", "ABC", "110/37", "B01AC06",
)  # fmt: skip


@dataclass(frozen=True)
class Seen:
    """A sheet of the workbook with its first rows; ``rows`` is empty for a hidden one."""

    order: int
    sheet: WorkbookSheet
    rows: list[Row]

    @cached_property
    def readings(self) -> list[Reading]:
        return readings_of(self.rows, self.sheet.merged)


def first_rows(sheet: WorkbookSheet) -> list[Row]:
    """The rows among which headings are looked for. They may stand below many blank ones."""
    rows: list[Row] = []
    blank = 0
    for batch in sheet.batches():
        rows += zip(batch.numbers, batch.cells, strict=True)
        blank += batch.blank
        if len(rows) >= ROWS_LOOKED_AT or (rows and blank > _BLANKS_LOOKED_THROUGH):
            break
    return rows[:ROWS_LOOKED_AT]


@dataclass(frozen=True)
class CodesSeen:
    """Of the first codes under a header, how many have the shape of the column."""

    given: int = 0
    fitting: int = 0
    examples: tuple[str, ...] = ()  # of those that do not
    counting: int = 0  # of those that do not: they would with zeros put back, but count up from 1 as rows do

    @property
    def share(self) -> float:
        return self.fitting / self.given if self.given else 1.0

    @property
    def readable(self) -> float:
        """The share of those that the column would take, whatever they look like."""
        return (self.fitting + self.counting) / self.given if self.given else 1.0

    def __add__(self, other: CodesSeen) -> CodesSeen:
        return CodesSeen(
            self.given + other.given, self.fitting + other.fitting, (self.examples + other.examples)[:_CODES_LOOKED_AT],
            self.counting + other.counting,
        )  # fmt: skip


@dataclass(frozen=True)
class Fit:
    """How a workbook fits one source. ``headers``: the sheets that can be read by it; ``partial``: those that lack a
    column. Both by the sheet's order in the workbook."""

    source: Source
    headers: dict[int, Header] = field(default_factory=dict)
    partial: dict[int, Header] = field(default_factory=dict)
    codes: CodesSeen = CodesSeen()
    evidence: float = 0.0
    told: bool = True  # of one sheet at least it is told which part its rows belong to
    partial_codes: bool = False  # the codes of a partial sheet have the source's shape, and no other list's
    instead_of: tuple[Source, ...] = ()  # sources that fit as well, where nothing tells which of them it is

    @property
    def complete(self) -> bool:
        return bool(self.headers)

    @property
    def plausible(self) -> bool:
        """Whether the codes speak for the source, or there are none to ask."""
        return self.codes.share >= MOST_FIT

    @property
    def matched(self) -> int:
        """Columns of the sheet that matches best."""
        return max((h.declared for h in (*self.headers.values(), *self.partial.values())), default=0)

    @property
    def refuted(self) -> bool:
        """Whether not one of the codes, few as they may be, has the shape of the source's."""
        return self.codes.given > 0 and self.codes.fitting == 0

    @property
    def lacks_a_column(self) -> bool:
        """Not complete, but the codes are plainly the source's."""
        return not self.complete and self.partial_codes

    @property
    def rank(self) -> tuple[int, float, int]:
        return self.grade, round(self.evidence, 3), self.matched

    @property
    def grade(self) -> int:
        """What the codes say, before all headings."""
        if not self.complete:
            return 0
        return 1 if self.refuted else 3 if self.plausible and self.told else 2


def absent_headings(visible: Iterable[Seen], profile: Profile | None) -> list[str]:
    """Headings that a person mapped but no sheet has in its first rows."""
    if profile is None or not profile.columns:
        return []
    there = {key for one in visible for reading in one.readings for keys in reading.keys.values() for key in keys}
    return [heading for heading in profile.columns if heading_key(heading) not in there]


def recognised_sources() -> list[Source]:
    """The sources that a workbook may be recognised as; the others are only used when they are asked for."""
    return [source for source in SOURCES.values() if source.recognised]


def ranked_fits(visible: Sequence[Seen], sources: Iterable[Source], profile: Profile | None = None) -> list[Fit]:
    """All sources, the one that fits best first; equal ones in the order of declaration."""
    fits = [fit_of(visible, source, choices_for(profile, source)) for source in sources]
    return sorted(fits, key=lambda fit: fit.rank, reverse=True)


def fit_of(visible: Sequence[Seen], source: Source, choices: Choices = NO_CHOICES) -> Fit:
    headers: dict[int, Header] = {}
    partial: dict[int, Header] = {}
    codes, evidence, told = CodesSeen(), 0.0, False
    for one in visible:
        header = best_header(
            one.sheet.name, one.readings, source.sheets, choices, lambda h, one=one: _plausible(h, one.rows)  # type: ignore[misc]
        )  # fmt: skip
        if header is None:
            continue
        if not header.complete:
            partial[one.order] = header
            continue
        headers[one.order] = header = from_first_page(header, one.readings)
        fields, last = {column.field for column in header.columns.values()}, header.rows[-1]
        told = told or part_is_told(header.sheet, fields, one, last)
        if isinstance(header.sheet.part, PartBy) and header.sheet.part.default is None:
            evidence += 1.0 if _sections_tell(header.sheet, one, last) else 0.0  # as the name of a sheet counts
        here = codes_under(header, one.rows)
        codes += here
        evidence += _weight(header) + here.share * _strictness_of(header)
    if headers:
        return Fit(source, headers, partial, codes, evidence, told)
    plainly = any(_plainly_its_own(partial[one.order], one) for one in visible if one.order in partial)
    evidence = max(map(_weight, partial.values()), default=0.0)
    return Fit(source, headers, partial, codes, evidence, told, plainly)


def _plainly_its_own(header: Header, one: Seen) -> bool:
    """Whether a sheet that lacks a column has codes as this source alone has them."""
    if _strictness_of(header) < 2 * _STRICT:
        return False
    codes = codes_under(header, one.rows)
    return codes.given > 0 and codes.share >= 1 - HARDLY_ANY


def part_is_told(sheet: Sheet, fields: Iterable[str], one: Seen, last: int) -> bool:
    """Whether a column, the sheet's name, or the title of a section below row ``last`` says which part the rows belong
    to, where they can't be without one. A list that has all headings but says none of this is hardly one of parts."""
    if not isinstance(sheet.part, PartBy) or sheet.part.default is not None:
        return True
    told = sheet.part.field in fields or sheet.part_of_name(one.sheet.name) is not None
    return told or _sections_tell(sheet, one, last)


def _sections_tell(sheet: Sheet, one: Seen, last: int) -> bool:
    titles = (shown(next(iter(row.values()))) for number, row in one.rows if len(row) == 1 and number > last)
    return any(sheet.part_of_name(title) for title in titles)


def _plausible(header: Header, rows: list[Row]) -> bool:
    return codes_under(header, rows).readable >= MOST_FIT


def codes_under(header: Header, rows: list[Row]) -> CodesSeen:
    """Titles of sections and notes, which stand alone in their row, are no codes."""
    letters = header.key
    if letters is None:
        return CodesSeen()
    cells = [
        row[letters]
        for number, row in rows
        if number > header.rows[-1]
        and len(row) > 1
        and letters in row
        and shown(row[letters]).strip(EDGES) not in EMPTY
        and not header.is_heading(letters, shown(row[letters]))
    ][:_CODES_LOOKED_AT]
    return shape_of(header.columns[letters], cells)


def shape_of(column: Column, cells: list[Any]) -> CodesSeen:
    """How many of these cells the column's type takes, after all that it mends. Numbers of rows, which would be codes with
    zeros before them, are none of it."""
    if not isinstance(column.type, Code):
        return CodesSeen(len(cells), len(cells))
    notes = Unheard()
    values = column.type.read(cells, notes)
    texts = [shown(cell).strip(EDGES)[:60] for cell in cells]
    counting = column.type.zeros_from and len(texts) > 1 and _count_up(texts) and None not in values
    if counting:
        return CodesSeen(len(cells), 0, tuple(texts), len(cells))
    wrong = tuple(text for text, value in zip(texts, values, strict=True) if value is None)
    return CodesSeen(len(cells), len(cells) - len(wrong), wrong)


def _count_up(texts: list[str]) -> bool:
    return [latin_digits(text) for text in texts] == [str(number) for number in range(1, len(texts) + 1)]


@lru_cache(maxsize=1)
def _commonness() -> dict[str, int]:
    """Folded heading → how many sources know it."""
    return Counter(
        key
        for source in recognised_sources()
        for key in {key for sheet in source.sheets for key in (*sheet.by_key, *sheet.by_words)}
    )


def _weight(header: Header) -> float:
    """What the matched headings say for a source: a heading of its own counts 1, one that many know a little over ¼."""
    common = _commonness()
    weight = 0.0
    for letters, column in header.columns.items():
        if letters in header.rest:
            continue
        keys = header.keys_of(letters)
        known = [common.get(key, 1) for key in keys if key in column.keys] or [
            common.get(key, 1) for key in keys if key in column.word_keys or key in header.sheet.titles_else
        ]
        weight += 1.0 if letters in header.chosen else 0.25 + 0.75 / max(min(known, default=1), 1)
    return weight + (1.0 if header.named else 0.0)


def _strictness_of(header: Header) -> float:
    letters = header.key
    if letters is None or not isinstance(header.columns[letters].type, Code):
        return 0.0
    return 2.0 * strictness(header.columns[letters].type.matches)  # type: ignore[attr-defined]


@lru_cache(maxsize=256)
def strictness(matches: Callable[[str], Any]) -> float:
    """0 for a pattern that takes codes of every shape, nearly 1 for one that takes its own alone."""
    return 1 - sum(1 for probe in _PROBES if matches(probe)) / len(_PROBES)


def terminology_of_codes(codes: Sequence[str], share: float = 1 - HARDLY_ANY) -> str:
    """The terminology whose codes these look like, by the strictest pattern that takes most of them; else ``""``."""
    found = [
        (strictness(column.type.matches), terminology)
        for source in recognised_sources()
        for sheet in source.sheets
        if (column := key_of(sheet)) is not None
        and isinstance(column.type, Code)
        and (terminology := sheet.shown_terminology)
        and sum(bool(column.type.matches(code)) for code in codes) > share * len(codes)
    ]
    best, name = max(found, key=lambda one: one[0], default=(0.0, ""))
    return name if best > 0.5 else ""


def key_of(sheet: Sheet) -> Column | None:
    return next((column for column in sheet.columns if column.key), None)
