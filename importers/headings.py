"""Find the heading row of a sheet, and which declared sheet it is the heading row of."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice, pairwise

from importers.cells import Cell, Merged, column_letters, column_number, shown
from importers.declare import Column, Sheet, TerminologyBy, heading_key, words_key
from importers.profile import IGNORE, NO_CHOICES, Choices
from importers.refusals import refusal

ROWS_LOOKED_AT = 60  # rows with any value, from the top, among which the headings must stand
_LONGEST_HEADING = 200
_MOST_HEADINGS = 1_000
_MOST_ROWS = 3  # that headings stand in

_FOOTNOTE = re.compile(r"(?:\s*(?:[(\[]\s*[\d۰-۹٠-٩]{1,2}\s*[)\]]|[¹²³⁴-⁹]))+\s*$")
_IN_BRACKETS = re.compile(r"([^()]+)\(([^()]+)\)").fullmatch

Row = tuple[int, dict[str, Cell]]


@dataclass(frozen=True)
class Reading:
    """One way to take a row, or up to three adjacent ones, for the heading row. Keys of the dictionaries are column letters."""

    rows: tuple[int, ...]
    headings: dict[str, str]  # as they are shown
    keys: dict[str, list[str]]  # folded texts that a column may match, the best one first
    texts: frozenset[tuple[str, str]]  # letters and folded text of all cells: to know the rows again below

    @cached_property
    def all_keys(self) -> frozenset[str]:
        return frozenset(key for keys in self.keys.values() for key in keys)

    @cached_property
    def words(self) -> dict[str, str]:
        """The looser key of each heading."""
        return {letters: key for letters, text in self.headings.items() if (key := words_key(text))}

    @cached_property
    def every_key(self) -> frozenset[str]:
        return self.all_keys | frozenset(self.words.values())

    def columns_known(self, known: Collection[str]) -> int:
        """How many columns have one of these keys, exact or loose. Most rows are data, and have none."""
        if self.every_key.isdisjoint(known):
            return 0
        return sum(
            1 for at, keys in self.keys.items() if self.words.get(at) in known or any(key in known for key in keys)
        )


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


def readings_of(rows: list[Row], merged: Iterable[Merged] = ()) -> list[Reading]:
    """Each row as a heading row, then each two or three adjacent ones.

    In headings of several rows the upper ones name groups, merged over their columns, and the lowest one the columns; a column
    outside of groups is merged downwards. So a column may match the lowest text, all, or an upper one alone.
    """
    last = rows[-1][0] if rows else 0
    across: dict[int, list[Merged]] = {}
    for one in merged:
        if one.left < one.right and one.top <= last:
            across.setdefault(one.top, []).append(one)
    return list(_readings(rows, across))


def _readings(rows: list[Row], across: dict[int, list[Merged]]) -> Iterator[Reading]:
    texts = [(number, _heading_texts(cells)) for number, cells in rows]
    folded = [{letters: heading_key(text) for letters, text in row.items()} for _, row in texts]
    above: dict[str, str] = {}  # names of groups over the headings, or a title: they may be repeated with them
    singles: list[Reading] = []
    for (number, row), keys in zip(texts, folded, strict=True):
        again = frozenset((*keys.items(), *(above.items() if len(above) > 1 else ())))
        own = Reading((number,), row, {letters: _with_bare(row[letters], key) for letters, key in keys.items()}, again)
        singles.append(replace(own, texts=frozenset(keys.items())))
        above = keys
        yield own
    higher: list[Reading] = []
    for upper, lower in pairwise(singles):
        higher = [
            _below_each_other(group, lower, across)
            for group in (upper, *(one for one in higher if len(one.rows) < _MOST_ROWS))
            if lower.rows[0] - group.rows[-1] == 1 and len(group.headings) > 1
        ]
        yield from higher


def _with_bare(text: str, key: str) -> list[str]:
    """The key of a heading, and that without the mark of a footnote: ``نام آزمایش (۱)``."""
    bare = _FOOTNOTE.sub("", text)
    return [key, heading_key(bare)] if bare and bare != text else [key]


def _below_each_other(group: Reading, lower: Reading, across: dict[int, list[Merged]]) -> Reading:
    """Names of groups, in one row or two, and the headings below them."""
    merged = [one for row in group.rows for one in across.get(row, [])]
    groups = _groups(group.headings, lower.headings, merged)
    keys_of: dict[str, list[str]] = {}
    headings: dict[str, str] = {}
    for letters in sorted(group.headings.keys() | lower.headings.keys(), key=column_number):
        name, own = groups.get(letters, ""), lower.headings.get(letters)
        if own is None:
            headings[letters] = name
            keys_of[letters] = group.keys.get(letters) or [heading_key(name)]
        else:
            headings[letters] = f"{name} {own}" if name else own
            keys_of[letters] = [heading_key(headings[letters]), *lower.keys[letters]]
    return Reading((*group.rows, *lower.rows), headings, keys_of, group.texts | lower.texts)


def _groups(upper: dict[str, str], lower: dict[str, str], across: list[Merged]) -> dict[str, str]:
    """The upper text that each column stands under: that of the merged cells over it, or, where the file knows no
    merged cells, the last one before it."""
    groups: dict[str, str] = {}
    group = ""
    for letters in sorted(upper.keys() | lower.keys(), key=column_number):
        if letters in upper:
            group = upper[letters]
        elif across:
            at = column_number(letters)
            over = next((one for one in across if one.left < at <= one.right), None)
            group = upper.get(column_letters(over.left), "") if over is not None else ""
        groups[letters] = group
    return groups


def _heading_texts(cells: dict[str, Cell]) -> dict[str, str]:
    found = {letters: " ".join(shown(cell).split()) for letters, cell in islice(cells.items(), _MOST_HEADINGS)}
    return {letters: text for letters, text in found.items() if text and len(text) <= _LONGEST_HEADING}


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
