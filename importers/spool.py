"""Writes the rows of each terminology part and map to a file of its own, and knows which codes have been seen.

Of a code that was seen only its place in the file is kept; what it said is read back when it comes again. Where rows of
one code are made one (gathering.py), the lines are held back: each such row writes the line of its code anew, and at the
end the last ones are copied, in the order in which the codes first came.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from importers.gathering import contradiction, joined, too_many
from importers.handover import leave_about
from importers.refusals import refusal
from importers.rows import ConceptRow, Expected, MapRow, Table, concept_line, map_line, says_nothing
from importers.terminologies import TERMINOLOGIES, titles_of
from maxa.persian.fold import title_key

Said = tuple[str, str, dict[str, Any], str]  # titles, properties and part of a code that may come again
_MOST_TABLES = 256  # a place is packed as offset × 256 + table
_BUFFER = 1 << 16  # bytes a table


@dataclass(frozen=True, slots=True)
class Clash:
    """What is wrong with a code that came again. ``fatal``: its row can't be taken."""

    rule: str
    first: str  # the place of the first one, as Excel writes it: sheet!column+row
    other: str = ""  # what the first one said
    fatal: bool = True
    field: str = ""  # where they differ


class _File:
    """``held``: its rows may change until the end, so that nobody may take them before."""

    def __init__(
        self, path: Path, kind: str, terminology: str, part: str, expected: Expected, source: str, target: str,
        held: bool = False,
    ) -> None:  # fmt: skip
        self.path, self.kind, self.terminology, self.part, self.expected = path, kind, terminology, part, expected
        self.source, self.target = source, target
        self.rows = 0
        self.offset = 0
        self.filled: Counter[str] = Counter()
        self.titles = titles_of(terminology, source, target)
        self.held = held
        self._written_to = path.with_suffix(".held") if held else path
        self._file: BinaryIO = self._written_to.open("w+b", buffering=_BUFFER)
        self._reader: BinaryIO | None = None
        self._anew: dict[int, int] = {}  # where a line stood first → where it stands now
        self._later: set[int] = set()  # where all lines begin that were written in place of others
        self.variants: set[int] = set()  # digests of codes with what each of their rows said for itself

    def write(self, line: bytes) -> int:
        """Where the line begins."""
        at = self.offset
        self._file.write(line)
        self.offset += len(line)
        self.rows += 1
        return at

    def write_anew(self, first: int, line: bytes) -> None:
        """In place of the line that stood first at ``first``."""
        self._later.add(self.offset)
        self._anew[first] = self.write(line)
        self.rows -= 1

    def row_at(self, offset: int) -> ConceptRow:
        """The row whose line stood there first, as it is now."""
        return ConceptRow(*orjson.loads(self._line_at(self._anew.get(offset, offset))))

    def _line_at(self, offset: int) -> bytes:
        self._file.flush()
        if self._reader is None:
            self._reader = self._written_to.open("rb")
        self._reader.seek(offset)
        return self._reader.readline()

    def close(self) -> None:
        if self._anew:
            self._copy_last_lines()
        self._file.close()
        if self._reader is not None:
            self._reader.close()
        if self.held:
            if self._anew:
                self._written_to.unlink()
            else:
                self._written_to.rename(self.path)

    def _copy_last_lines(self) -> None:
        """Lines that replace others are found at the place of the first one, and passed over where they stand."""
        self._file.flush()
        at = 0
        with self._written_to.open("rb") as lines, self.path.open("wb", buffering=_BUFFER) as out:
            for line in lines:
                if at in self._anew:
                    out.write(self._line_at(self._anew[at]))
                elif at not in self._later:
                    out.write(line)
                at += len(line)

    def table(self) -> Table:
        fa, en = self.titles
        return Table(
            kind=self.kind, terminology=self.terminology, part=self.part, path=self.path, rows=self.rows,
            expected=self.expected, title_fa=fa, title_en=en, source=self.source, target=self.target,
            filled=dict(self.filled),
        )  # fmt: skip


class Spool:
    """The tables of one workbook, in files ``table-<n>.jsonl`` of ``folder``.

    ``titles``: terminology → Persian and English title, for lists that nobody declared.
    """

    def __init__(self, folder: Path, titles: Mapping[str, tuple[str, str]] | None = None) -> None:
        self._folder = folder
        self._titles = titles or {}
        self._spellings = {name.casefold(): name for name in TERMINOLOGIES}
        self._files: list[_File] = []
        self._by_key: dict[tuple[str, str, str], int] = {}
        self._seen: dict[str, dict[str, int]] = {}
        self._repeated: dict[str, dict[str, Said]] = {}

    def add_concept(self, terminology: str, part: str, expected: Expected, row: ConceptRow) -> Clash | None:
        """One code that may stand once only. A doubtful one is not compared: its true code is not known yet."""
        seen = self._seen.setdefault(terminology, {})
        number = self._by_key.get(("concept", terminology, part))
        if number is None:
            number = self._new_file("concept", terminology, part, expected)
        if row.doubt is None:
            before = seen.get(row.code)
            if before is not None:
                return self._clash(before, row, part)
            seen[row.code] = self._files[number].write(concept_line(row)) * _MOST_TABLES + number
        else:
            self._files[number].write(concept_line(row))
        return None

    def add_gathered(
        self, terminology: str, part: str, expected: Expected, row: ConceptRow, lists: Sequence[str], variant: str
    ) -> Clash | set[str] | None:
        """One code that may come again as another row of the same thing (gathering.py). ``variant``: what the row may
        say for itself. Gives, for a row that was added to earlier ones, the fields that it was the first to fill."""
        if ("concept", terminology, part) not in self._by_key:
            self._new_file("concept", terminology, part, expected, held=True)
        before = self._seen.setdefault(terminology, {}).get(row.code)
        said = hash((row.code, variant))
        if before is None or row.doubt is not None:
            self._file_of(terminology, part).variants.add(said)
            return self.add_concept(terminology, part, expected, row)
        offset, number = divmod(before, _MOST_TABLES)
        file = self._files[number]
        first = file.row_at(offset)
        if not (row.title_fa or row.title_en):  # left to the row that has them
            row.title_fa, row.title_en = first.title_fa, first.title_en
        clash = self._clash(before, row, part)
        if clash.rule != "duplicate-code" or not file.held:
            return clash
        if differs := contradiction(first, row, lists):
            name, other = differs
            return Clash("code-with-two-values", clash.first, other, field=name)
        if too_many(first, row, lists):
            return clash
        new = joined(first, row, lists)
        if said in file.variants and not new:
            return clash
        file.variants.add(said)
        file.write_anew(offset, concept_line(first))
        return new

    def _file_of(self, terminology: str, part: str) -> _File:
        return self._files[self._by_key["concept", terminology, part]]

    def repeats(self, terminology: str, code: str, said: Said) -> bool:
        """Whether the code was seen with exactly these titles, properties and part."""
        return self._repeated.get(terminology, {}).get(code) == said

    def add_repeated(
        self, terminology: str, part: str, expected: Expected, row: ConceptRow, names: tuple[str, ...] = ()
    ) -> Clash | None:
        """One code that may come again, with the same title: only its first row is kept. ``names``: its properties."""
        said = self._repeated.setdefault(terminology, {})
        before = said.get(row.code)
        if before is None:
            clash = self.add_concept(terminology, part, expected, row)
            if clash is not None and clash.rule != "duplicate-code":
                return clash
            if clash is None:
                filled = {"title_fa": row.title_fa, "title_en": row.title_en, **dict.fromkeys(names), **row.properties}
                self.count_filled(
                    terminology, part, {name: int(not says_nothing(value)) for name, value in filled.items()}
                )
            said[row.code] = (row.title_fa, row.title_en, row.properties, part)  # a sheet of its own may have had it
            return None
        clash = self._clash(self._seen[terminology][row.code], row, part)
        if clash.rule != "duplicate-code":
            return clash
        differs = before[2] != row.properties
        return Clash("repeated-row-differs" if differs else "title-spelling-varies", clash.first, fatal=False)

    def add_pair(self, source: str, target: str, part: str, expected: Expected, row: MapRow) -> None:
        """``source`` and ``target``: the terminologies of the pair's codes."""
        number = self._by_key.get(("map", f"{source}→{target}", part))
        if number is None:
            number = self._new_file("map", f"{source}→{target}", part, expected, source, target)
        self._files[number].write(map_line(row))

    def have_pairs(self, source: str, target: str, part: str, expected: Expected) -> None:
        """Let the map have a table for this part, even if no row of the list gives a pair: it may be empty."""
        if ("map", f"{source}→{target}", part) not in self._by_key:
            self._new_file("map", f"{source}→{target}", part, replace(expected, min_rows=0), source, target)

    def count_filled(self, terminology: str, part: str, counts: Mapping[str, int]) -> None:
        """Rows of a concept table in which each field is filled, added to what was counted before."""
        number = self._by_key.get(("concept", terminology, part))
        if number is not None:
            filled = self._files[number].filled
            for name, count in counts.items():
                filled[name] += count

    def count_filled_pairs(self, source: str, target: str, part: str, counts: Mapping[str, int]) -> None:
        """The same of a map's pairs; ``relationship`` counts those that were given one."""
        self._files[self._by_key["map", f"{source}→{target}", part]].filled.update(counts)

    def one_spelling(self, terminology: str) -> str:
        """Ids that differ in case alone are one: the first spelling holds."""
        return self._spellings.setdefault(terminology.casefold(), terminology)

    def holds(self, terminology: str, code: str) -> bool:
        return code in self._seen.get(terminology, {})

    def tables(self) -> list[Table]:
        """Close all files and say what they hold."""
        for file in self._files:
            file.close()
            if file.held:
                leave_about(file.table(), self._folder)
        return [file.table() for file in self._files]

    def _new_file(
        self, kind: str, terminology: str, part: str, expected: Expected, source: str = "", target: str = "",
        held: bool = False,
    ) -> int:  # fmt: skip
        number = len(self._files)
        if number == _MOST_TABLES:
            raise refusal("too-many-lists", limit=_MOST_TABLES)
        path = self._folder / f"table-{number}.jsonl"
        self._files.append(_File(path, kind, terminology, part, expected, source, target, held))
        if any(given := self._titles.get(terminology, ("", ""))):
            fa, en = given
            self._files[number].titles = (fa or en, en or fa)
        self._by_key[(kind, terminology, part)] = number
        if not held:
            leave_about(self._files[number].table(), self._folder)
        return number

    def _first(self, packed: int) -> tuple[ConceptRow, str]:
        offset, number = divmod(packed, _MOST_TABLES)
        return self._files[number].row_at(offset), self._files[number].part

    def _clash(self, packed: int, row: ConceptRow, part: str) -> Clash:
        first, first_part = self._first(packed)
        place = f"{first.sheet}!{first.column}{first.row}"
        if not _same_titles(first, row):
            return Clash("code-with-two-titles", place, _title(first))
        if first_part != part:
            return Clash("code-in-two-parts", place, first_part)
        return Clash("duplicate-code", place)


def _same_titles(one: ConceptRow, other: ConceptRow) -> bool:
    """Whether each title that both rows have is the same value (FACTS §6: spelling does not count)."""
    pairs = ((one.title_fa, other.title_fa), (one.title_en, other.title_en))
    given = [(a, b) for a, b in pairs if a and b]
    return bool(given) and all(title_key(a) == title_key(b) for a, b in given)


def _title(row: ConceptRow) -> str:
    return row.title_fa or row.title_en
