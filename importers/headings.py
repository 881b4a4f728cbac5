"""Find the heading row of a sheet, and which declared sheet it is the heading row of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice, pairwise

from importers.cells import Cell, column_number, shown
from importers.declare import Column, Sheet, Source, heading_key
from importers.refusals import refusal

ROWS_LOOKED_AT = 60  # rows with any value, from the top, among which the headings must stand
_LONGEST_HEADING = 200
_MOST_HEADINGS = 1_000

Row = tuple[int, dict[str, Cell]]


@dataclass(frozen=True)
class Header:
    """How one sheet's columns fit a declaration. Keys of the dictionaries are column letters."""

    sheet: Sheet
    rows: tuple[int, ...]  # the heading row, or two of them
    columns: dict[str, Column]
    headings: dict[str, str]  # as they stand in the workbook
    ignored: frozenset[str]
    missing: tuple[Column, ...]
    twice: tuple[str, ...] = ()  # a heading that stands over two columns, and their letters
    texts: frozenset[tuple[str, str]] = field(default=frozenset())  # letters and folded text: to know it again below

    @property
    def complete(self) -> bool:
        return not self.missing

    @property
    def unknown(self) -> dict[str, str]:
        """Columns with a heading that is neither declared nor ignored by name."""
        return {
            letters: text
            for letters, text in self.headings.items()
            if letters not in self.columns and letters not in self.ignored
        }

    def refuse_duplicates(self, sheet_name: str) -> None:
        if self.twice:
            heading, *letters = self.twice
            raise refusal(
                "duplicate-heading", sheet=sheet_name, row=self.rows[-1], heading=heading, columns=", ".join(letters)
            )


def best_header(sheet_name: str, rows: list[Row], sheets: Iterable[Sheet]) -> Header | None:
    """The declared sheet and heading rows that match the most columns; complete ones, and ones chosen by the name of
    the sheet, come first. ``None`` when not even two headings match anywhere."""
    best: Header | None = None
    best_rank: tuple[bool, bool, int, int] = (False, False, 1, 0)
    name = heading_key(sheet_name)
    readings = list(_readings(rows))
    for sheet in sheets:
        named = any(key in name for key in sheet.name_keys)
        if sheet.name_keys and not named:
            continue
        for at, headings, alternatives in readings:
            header = _fit(sheet, at, headings, alternatives)
            # A tie is won by the first reading: a single row before two, the upper before the lower.
            rank = (header.complete, named, len(header.columns), -len(at))
            if rank > best_rank:
                best, best_rank = header, rank
    return best


def resembles(header: Header | None) -> int:
    """How many columns of a complete header match: 0 when it is none."""
    return len(header.columns) if header is not None and header.complete else 0


def best_source(name: str, rows: list[Row], sources: Iterable[Source]) -> tuple[Source, Header] | None:
    """The source whose complete header matches the most columns."""
    found = [
        (resembles(header), source, header) for source in sources if (header := best_header(name, rows, source.sheets))
    ]
    count, source, header = max(found, key=lambda one: one[0], default=(0, None, None))
    return (source, header) if count and source is not None and header is not None else None


def _readings(rows: list[Row]) -> Iterator[tuple[tuple[int, ...], dict[str, str], dict[str, list[str]]]]:
    """Each row as a heading row, then each two adjacent ones: rows, shown headings, all texts that a column may match.

    In two-row headings the upper row names a group, merged over its columns, and the lower one the columns; a column
    outside of groups is merged downwards. So a column may match the lower text, both, or the upper alone.
    """
    texts = [(number, _heading_texts(cells)) for number, cells in rows]
    for number, row in texts:
        yield (number,), row, {letters: [text] for letters, text in row.items()}
    for (upper_number, upper), (lower_number, lower) in pairwise(texts):
        if lower_number - upper_number != 1 or len(upper) < 2:
            continue
        alternatives: dict[str, list[str]] = {}
        headings: dict[str, str] = {}
        group = ""
        for letters in sorted(upper.keys() | lower.keys(), key=column_number):
            group = upper.get(letters, group)
            if letters not in lower:
                alternatives[letters], headings[letters] = [group], group
            else:
                alternatives[letters] = [f"{group} {lower[letters]}", lower[letters]]
                headings[letters] = f"{group} {lower[letters]}" if group else lower[letters]
        yield (upper_number, lower_number), headings, alternatives


def _heading_texts(cells: dict[str, Cell]) -> dict[str, str]:
    found = {letters: " ".join(shown(cell).split()) for letters, cell in islice(cells.items(), _MOST_HEADINGS)}
    return {letters: text for letters, text in found.items() if text and len(text) <= _LONGEST_HEADING}


def _fit(sheet: Sheet, at: tuple[int, ...], headings: dict[str, str], alternatives: dict[str, list[str]]) -> Header:
    columns: dict[str, Column] = {}
    ignored: set[str] = set()
    taken: dict[str, str] = {}
    twice: tuple[str, ...] = ()
    for letters, texts in alternatives.items():
        keys = [heading_key(text) for text in texts]
        column = next((sheet.by_key[key] for key in keys if key in sheet.by_key), None)
        if column is None:
            if any(key in sheet.ignored_keys for key in keys):
                ignored.add(letters)
            continue
        if column.field in taken:
            twice = twice or (headings[letters], taken[column.field], letters)
            continue
        taken[column.field] = letters
        columns[letters] = column
    fields = {column.field for column in columns.values()}
    missing = [column for column in sheet.columns if column.must_exist and column.field not in fields]
    if sheet.any_of and not fields & set(sheet.any_of):
        missing += [column for column in sheet.columns if column.field in sheet.any_of][:1]
    return Header(
        sheet=sheet,
        rows=at,
        columns=columns,
        headings=headings,
        ignored=frozenset(ignored),
        missing=tuple(missing),
        twice=twice or _unknown_twice(headings, columns, ignored),
        texts=frozenset((letters, heading_key(text)) for letters, texts in alternatives.items() for text in texts),
    )


def _unknown_twice(headings: dict[str, str], columns: dict[str, Column], ignored: set[str]) -> tuple[str, ...]:
    seen: dict[str, str] = {}
    for letters, text in headings.items():
        if letters in columns or letters in ignored or not (key := heading_key(text)):
            continue
        if key in seen:
            return (text, seen[key], letters)
        seen[key] = letters
    return ()
