"""Rows of one code that say different things of which a code may have several: panels it belongs to, targets of a map.

A list may give such a code a row for each of them. What else the rows say must be the same; what one row leaves empty,
another may fill in.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from importers.codes import Code
from importers.declare import Column
from importers.rows import ConceptRow
from maxa.persian.fold import title_key

if TYPE_CHECKING:
    from importers.check import SheetReading
    from importers.records import Values

_SINGLE = ("parent", "replaced_by")
MOST_VALUES = 500  # of one property, from rows of one code: each row writes the line of its code anew


class Gathering:
    """How rows of one code are made one, in one sheet. ``lists``: properties that may hold several values."""

    def __init__(self, reading: SheetReading) -> None:
        declared, given = reading.declared, reading.columns
        own, key = declared.properties, declared.key.field
        self._reading = reading
        self.lists = tuple(name for name in own if name in given and _is_many(given[name].column))
        ends = [end for pairs in declared.pairs for end in (pairs.source_field, pairs.target_field) if end != key]
        several = [name for name in ends if name in given and _is_many(given[name].column)]
        self.wanted = bool(declared.terminology) and bool(self.lists or several)
        of_pairs = (name for pairs in declared.pairs for name in pairs.fields if name in given and name != key)
        self._varying = tuple(dict.fromkeys((*self.lists, *of_pairs)))
        self._first, self._rows, self._codes = (0, ""), 0, set[tuple[str, str]]()

    def variant(self, values: Values, index: int) -> str:
        """What a row says that other rows of its code need not say: a row that repeats it is a duplicate."""
        return repr([values[name][index] for name in self._varying])

    def note(self, terminology: str, code: str, row: int) -> None:
        """A row was added to what earlier rows said of its code."""
        self._first = self._first if self._rows else (row, code)
        self._rows += 1
        self._codes.add((terminology, code))

    def tell(self) -> None:
        """One finding for the sheet."""
        if self._rows:
            key, (row, code) = self._reading.key, self._first
            self._reading.tell(
                "rows-of-one-code", row, code, column=key.letters, heading=key.heading,
                count=self._rows, codes=len(self._codes),
            )  # fmt: skip


def _is_many(column: Column) -> bool:
    return isinstance(column.type, Code) and column.type.many


def contradiction(first: ConceptRow, row: ConceptRow, lists: Iterable[str]) -> tuple[str, str] | None:
    """The field in which two rows of one code cannot both be right, and what the first one says there."""
    several = set(lists)
    if first.status != row.status:
        return "status", first.status
    for name in _SINGLE:
        before, now = getattr(first, name), getattr(row, name)
        if before and now and before != now:
            return name, before
    for name, now in row.properties.items():
        before = first.properties.get(name)
        if name not in several and before is not None and not _same(before, now):
            return name, str(before)
    return None


def too_many(first: ConceptRow, row: ConceptRow, lists: Iterable[str]) -> bool:
    """Whether ``row`` adds to a list of more values than a code has: such rows say nothing of one thing."""
    for name in lists:
        before, now = first.properties.get(name) or (), row.properties.get(name) or ()
        if len({*before, *now}) > max(MOST_VALUES, len(before)):
            return True
    return False


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return title_key(one) == title_key(other)
    return bool(one == other)


def joined(first: ConceptRow, row: ConceptRow, lists: Iterable[str]) -> set[str]:
    """Put what ``row`` says besides into ``first``. Gives the fields that were empty there before."""
    new: set[str] = set()
    for name in ("title_fa", "title_en", *_SINGLE):
        if not getattr(first, name) and (value := getattr(row, name)):
            setattr(first, name, value)
            new.add(name)
    several = set(lists)
    for name, value in row.properties.items():
        before = first.properties.get(name)
        if before is None:
            first.properties[name] = value
            new.add(name)
        elif name in several:
            first.properties[name] = list(dict.fromkeys([*before, *value]))
    return new
