"""Find the heading row of a sheet, and which declared sheet it is the heading row of."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

from importers.declare import Column, Sheet, TerminologyBy
from importers.heading_keys import heading_key, words_key
from importers.heading_rows import Reading
from importers.profile import IGNORE, NO_CHOICES, Choices
from importers.refusals import refusal

_IN_BRACKETS = re.compile(r"([^()]+)\(([^()]+)\)").fullmatch


@dataclass(frozen=True)
class Header:
    """How one sheet's columns fit a declaration. Keys of the dictionaries are column letters."""

    sheet: Sheet
    rows: tuple[int, ...]  # the heading row, or several of them
    columns: dict[str, Column]
    headings: dict[str, str]  # as they stand in the workbook
    ignored: frozenset[str]
    missing: tuple[Column, ...]
    twice: tuple[str, str, str] | None = None  # a field, or "" for an unknown heading, and the letters of two columns
    texts: frozenset[tuple[str, str]] = field(default=frozenset())  # letters and folded text: to know it again below
    displaced: dict[str, str] = field(default_factory=dict)  # known by its heading, but another column was chosen
    chosen: frozenset[str] = frozenset()  # columns that a person mapped, now or earlier
    named: bool = False  # the sheet's name speaks for the declaration
    rest: frozenset[str] = frozenset()  # columns that nobody declared, taken along as properties

    @property
    def complete(self) -> bool:
        return not self.missing

    @property
    def declared(self) -> int:
        """Columns that are the declaration's own, not merely taken along as properties."""
        return len(self.columns) - len(self.rest)

    def keys_of(self, letters: str) -> list[str]:
        """Folded texts that the column was matched by."""
        return [key for at, key in self.texts if at == letters]

    def is_heading(self, letters: str, text: str) -> bool:
        """Whether this text in a row below is the column's heading once more, in the same or another spelling."""
        key = heading_key(text)
        return (letters, key) in self.texts or (letters in self.columns and key in self.columns[letters].keys)

    @property
    def key(self) -> str | None:
        """Letters of the column of codes."""
        return next((letters for letters, column in self.columns.items() if column.key), None)

    @property
    def unknown(self) -> dict[str, str]:
        """Columns with a heading that is neither declared nor ignored by name."""
        return {
            letters: text
            for letters, text in self.headings.items()
            if letters not in self.columns and letters not in self.ignored and letters not in self.displaced
        }

    def refuse_duplicates(self, sheet_name: str) -> None:
        """Raises BadWorkbook where two columns have one heading, or two headings one field."""
        if self.twice is None:
            return
        name, first, second = self.twice
        row, one, other = self.rows[-1], self.headings[first], self.headings[second]
        if heading_key(one) == heading_key(other):
            raise refusal(
                "duplicate-heading", sheet=sheet_name, row=row, heading=other, columns=f"{first}, {second}"
            )  # fmt: skip
        raise refusal(
            "two-columns-one-field", sheet=sheet_name, row=row, heading=one, column=first, other=other,
            other_column=second, field=name,
        )  # fmt: skip


def best_header(
    sheet_name: str,
    readings: list[Reading],
    sheets: Iterable[Sheet],
    choices: Choices = NO_CHOICES,
    plausible: Callable[[Header], bool] = lambda header: True,
) -> Header | None:
    """The declared sheet and heading rows that match the most columns; complete ones, those with plausible codes below,
    and those chosen by the name of the sheet come first. ``None`` when not even two headings match anywhere."""
    best: Header | None = None
    best_rank: tuple[bool, bool, bool, bool, int, int] = (False, False, False, False, 1, 0)
    sheets = list(sheets)
    several = {sheet.named for sheet in sheets if sheet.named and sheet.fits_name(sheet_name)}
    for sheet in sheets:
        named = sheet.fits_name(sheet_name)
        if named is False:
            continue
        rivalled = len(several) > 1 and sheet.named in several
        if rivalled and any(not other.named and other.key.keys < sheet.key.keys for other in sheets):
            named = None  # a name that tells several lists decides nothing where the headings can
        known = sheet.by_key.keys() | sheet.by_words.keys()
        for reading in readings:
            if not choices and not named and reading.columns_known(known) < 2:
                continue  # a row of data: most are, and looking closer takes its time
            header = _fit(sheet, sheet_name, reading, choices)
            # A tie is won by the first reading: a single row before two, the upper before the lower.
            rank = (
                header.complete,
                header.complete and plausible(header),
                bool(named),
                not rivalled,
                header.declared,
                -len(reading.rows),
            )
            if rank > best_rank:
                best, best_rank = header, rank
    return best and _with_rest(best)


def _with_rest(header: Header) -> Header:
    """The columns that nobody declared, where the declaration takes any: properties named by their headings."""
    rest = {
        letters: column
        for letters, heading in header.unknown.items()
        if heading_key(heading) and (column := header.sheet.rest_column(heading)) is not None
    }
    return replace(header, columns={**header.columns, **rest}) if rest else header


def _fit(sheet: Sheet, sheet_name: str, reading: Reading, choices: Choices) -> Header:
    """A column that a person chose for a field displaces the one that is known by its heading."""
    by_field = {column.field: column for column in sheet.columns}
    columns: dict[str, Column] = {}
    ignored: set[str] = set()
    taken: dict[str, str] = {}
    chosen: set[str] = set()
    displaced: dict[str, str] = {}
    twice: tuple[str, str, str] | None = None
    if choices:
        for letters, keys in reading.keys.items():
            choice = choices.of(keys)
            if choice is None or (choice != IGNORE and choice not in by_field and sheet.rest is None):
                continue
            chosen.add(letters)
            if choice == IGNORE:
                ignored.add(letters)
            elif choice in taken:
                twice = twice or (choice, taken[choice], letters)
            else:
                taken[choice] = letters
                columns[letters] = by_field.get(choice) or property_column(sheet, reading.headings[letters], choice)
    by_hand = frozenset(taken)
    by_key = sheet.by_key
    everyday: list[tuple[str, Column]] = []
    for letters, keys in reading.keys.items():
        if letters in chosen:
            continue
        key, column = next(((key, by_key[key]) for key in keys if key in by_key), ("", None))
        if column is not None and key in column.everyday_keys:
            everyday.append((letters, column))
        elif column is None:
            if any(key in sheet.ignored_keys for key in keys):
                ignored.add(letters)
        elif column.field in by_hand:
            displaced[letters] = taken[column.field]
        elif column.field in taken:
            twice = twice or (column.field, taken[column.field], letters)
        else:
            taken[column.field] = letters
            columns[letters] = column
    by_heading = frozenset(taken)
    for letters, column in everyday:
        if column.field in by_heading:
            continue
        if column.field in taken:
            twice = twice or (column.field, taken[column.field], letters)
        else:
            taken[column.field] = letters
            columns[letters] = column
    for letters, column in _by_words(sheet, reading, {*columns, *ignored, *displaced}):
        if column.field not in taken:
            taken[column.field] = letters
            columns[letters] = column
    _take_else_title(sheet, reading, columns, taken, chosen)
    rest: set[str] = set()
    for letters, heading in reading.headings.items():
        if (
            letters in columns
            or letters in ignored
            or letters in displaced
            or (column := sheet.rest_column(heading)) is None
        ):
            continue
        if column.field in taken:
            twice = twice or (column.field, taken[column.field], letters)
            continue
        taken[column.field] = letters
        columns[letters] = column
        rest.add(letters)
    missing = [column for column in sheet.columns if column.must_exist and column.field not in taken]
    missing += [column for column in _untold(sheet, sheet_name) if column.field not in taken and column not in missing]
    if sheet.any_of and not taken.keys() & set(sheet.any_of):
        missing += [column for column in sheet.columns if column.field in sheet.any_of][:1]
    return Header(
        sheet=sheet,
        rows=reading.rows,
        columns=columns,
        headings=reading.headings,
        ignored=frozenset(ignored),
        missing=tuple(missing),
        twice=twice or _unknown_twice(reading.headings, {*columns, *ignored, *displaced}),
        texts=reading.texts
        | {(letters, key) for letters, keys in reading.keys.items() for key in keys}
        | set(reading.words.items()),
        displaced=displaced,
        chosen=frozenset(chosen),
        named=bool(sheet.fits_name(sheet_name)),
        rest=frozenset(rest),
    )


def _by_words(sheet: Sheet, reading: Reading, known: set[str]) -> Iterator[tuple[str, Column]]:
    """Columns whose headings say it in another order. Where two say the same, which of them is meant is not guessed."""
    asked = {at: _of_words(sheet, reading.headings[at], key) for at, key in reading.words.items() if at not in known}
    fields = Counter(column.field for column in asked.values() if column is not None)
    yield from ((at, column) for at, column in asked.items() if column is not None and fields[column.field] == 1)


def _of_words(sheet: Sheet, heading: str, key: str) -> Column | None:
    """``نوع نمونه (specimen)``: what stands before the brackets, and in them, is the same column."""
    if key not in sheet.by_words and (pair := _IN_BRACKETS(heading)):
        outside, inside = (sheet.by_words.get(words_key(text)) for text in pair.groups())
        return outside if outside is inside else None
    return sheet.by_words.get(key)


def _take_else_title(
    sheet: Sheet, reading: Reading, columns: dict[str, Column], taken: dict[str, str], chosen: set[str]
) -> None:
    """A column of descriptions is that of titles where there is no other."""
    if not sheet.else_title or taken.keys() & set(sheet.any_of):
        return
    for letters, keys in reading.keys.items():
        name = next((sheet.titles_else[key] for key in keys if key in sheet.titles_else), None)
        if name is None or letters in chosen or name in taken:
            continue
        if letters in columns:
            del taken[columns[letters].field]
        taken[name] = letters
        columns[letters] = next(column for column in sheet.columns if column.field == name)


def _untold(sheet: Sheet, sheet_name: str) -> list[Column]:
    """Columns that must name the terminology of each row, since neither the sheet's name nor the declaration does."""
    ends = [sheet.terminology, *(end for pairs in sheet.pairs for end in (pairs.source, pairs.target))]
    asked = {
        end.field
        for end in ends
        if isinstance(end, TerminologyBy) and not end.default and not end.by_code and not end.of_sheet(sheet_name)
    }
    return [column for column in sheet.columns if column.field in asked]


def property_column(sheet: Sheet, heading: str, name: str) -> Column:
    """A column that a person took along as a property of this name."""
    if sheet.rest is None:
        raise ValueError(f"{name} is no field of the sheet")
    return Column(heading.replace("|", "/"), name, sheet.rest)


def _unknown_twice(headings: dict[str, str], known: set[str]) -> tuple[str, str, str] | None:
    seen: dict[str, str] = {}
    for letters, text in headings.items():
        if letters in known or not (key := heading_key(text)):
            continue
        if key in seen:
            return ("", seen[key], letters)
        seen[key] = letters
    return None
