"""Rows that may be the heading row of a sheet: each by itself, and each two or three below each other."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice, pairwise

from importers.cells import Cell, Merged, column_letters, column_number, shown
from importers.heading_keys import heading_key, words_key

ROWS_LOOKED_AT = 60  # rows with any value, from the top, among which the headings must stand
_LONGEST_HEADING = 200
_MOST_HEADINGS = 1_000
_MOST_ROWS = 3  # that headings stand in

_FOOTNOTE = re.compile(r"(?:\s*(?:[(\[]\s*[\d۰-۹٠-٩]{1,2}\s*[)\]]|[¹²³⁴-⁹]))+\s*$")

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
    bare = bare_heading(text)
    return [key, heading_key(bare)] if bare != text else [key]


def bare_heading(text: str) -> str:
    """The heading without the mark of a footnote."""
    return _FOOTNOTE.sub("", text) or text


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
