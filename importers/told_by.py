"""Which part or terminology a row belongs to, where a column, the sheet's name or the code tells it."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from importers.heading_keys import heading_key
from importers.rows import Expected as Expect
from importers.terminologies import FOREIGN

_ANY_SIZE = Expect()
_LONGEST_SHEET_NAME = 31  # Excel cuts the rest off


@dataclass(frozen=True)
class PartBy:
    """The part of each row stands in a column of its own; else the sheet's name tells it, by the spellings of that
    column's ``Choice``; else it is ``default``. ``None`` as default: a row of no part is an error.

    The sizes that a sheet declares are those of its default part, or of each part where there is no default; ``others``
    holds for all other parts. ``keeps``: the part is a property of the rows as well, under the column's field. ``named``:
    only sheets whose name tells the part are meant.
    """

    field: str
    default: str | None
    others: Expect = _ANY_SIZE
    keeps: bool = False
    named: bool = False


@dataclass(frozen=True)
class TerminologyBy:
    """The terminology of each row stands in the column ``field``; else the sheet's name tells it, when it names one that
    is ``known``; else it is ``default`` (``""``: such a row is an error).

    ``known``: ids in their canonical spelling → further spellings, ``|`` between them. ``prefix`` is what all ids begin
    with; it may be left out in columns and names. ``closed``: other ids than the known ones are errors. ``named``: only
    sheets whose name tells the terminology are meant. ``by_code``: what nothing else tells, the code's shape does
    (mixed_codes.py).
    """

    field: str = ""
    prefix: str = ""
    known: Mapping[str, str] = dataclasses.field(default_factory=dict, hash=False)
    default: str = ""
    closed: bool = False
    named: bool = False
    by_code: bool = False

    def id_of(self, text: str) -> str:
        """The canonical id that a cell names, ``""`` for one that is no id here."""
        found = self._by_spelling.get(heading_key(text))
        if found is not None or self.closed:
            return found or ""
        if not _ID(text):
            return ""
        if text.casefold() in FOREIGN:
            return FOREIGN[text.casefold()]
        if self.prefix and not text.casefold().startswith(self.prefix.casefold()):
            return f"{self.prefix}{text}"
        return self.prefix + text[len(self.prefix) :]

    def of_sheet(self, name: str) -> str:
        """The known id that a sheet's name tells, ``""`` for none. Excel cuts names after 31 characters."""
        key = heading_key(name)
        found = self._by_spelling.get(key)
        if found is None and len(name) >= _LONGEST_SHEET_NAME:
            cut = {known for spelling, known in self._by_spelling.items() if spelling.startswith(key)}
            found = cut.pop() if len(cut) == 1 else None
        return found or ""

    @cached_property
    def _by_spelling(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for name, spellings in self.known.items():
            short = name.removeprefix(self.prefix)
            for text in (name, short, *spellings.split("|")):
                if key := heading_key(text):
                    found.setdefault(key, name)
        return found


_ID = re.compile(r"(?=.{1,64}\Z)[A-Za-z][A-Za-z0-9]*(?:[._-][A-Za-z0-9]+)*", re.ASCII).fullmatch
