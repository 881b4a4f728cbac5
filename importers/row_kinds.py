"""Tell rows of data from what else stands between headings and the end of a sheet.

Section titles, notes, totals, repeated headings and blank rows are passed over, each counted and, where it says
something, told as a finding: nothing is dropped in silence. A second table, under headings that stand otherwise, is not
read by the headings of the first.

A title that stands alone in its row, in the column of titles, may be a section's or that of a row whose code was
forgotten. It is the latter where other sections of the sheet look otherwise (merged, or in another column), where rows of data came
before without a section, and where the list has no sections.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, Protocol

from importers.cells import Cell, Formula, Merged, Number, column_number, shown
from importers.codes import Code
from importers.declare import PartBy
from importers.fields import EDGES, EMPTY
from importers.findings import CONTROLS
from importers.headings import Header
from importers.repeated_headings import RepeatedHeadings
from maxa.persian.fold import fold, latin_digits


class Tell(Protocol):
    def __call__(self, rule: str, row: int, value: str, **data: Any) -> None: ...


class _Lone(NamedTuple):
    """A text that stands alone in its row. ``title``: in the column of titles, and in no merged cells."""

    row: int
    text: str
    title: bool


_LONGEST_SIGN = 5
_NOTE = re.compile(
    r"(\*\s*\w|جمع(?! ?اوری)|مجموع|تعداد|توضیح|تذکر|نکته|یادداشت|توجه|منبع|ماخذ|پایان|total\b|sum\b|note\b|source\b)"
)
_LONGEST_SECTION = 300  # characters; a longer text is a remark
_FEW_ROWS = 2
_HEADINGS_SHOWN = 120  # characters of a heading row
_SECTIONS_NAMED, _NAMED = 3, 40  # sections that are named, and characters of each
_TITLES = ("title_fa", "title_en", "service", "source_title")
_SHORTEST_CODE = 3  # of those by which rows above the headings are told from titles: 26 is a number like any other
_NUMBERED = re.compile(r"\d{1,2}(?:\.\d{1,2})*(?![\d.])")
_CODE_LIKE = re.compile(r"(?=\D*\d)[\w.\-/]+")


class _OtherTable:
    """Rows below headings that are known, but stand in other columns than those of the sheet."""

    def __init__(self, row: int, text: str, columns: str) -> None:
        self.row, self.text, self.columns, self.count = row, text, columns, 0


class RowKinds:
    """Sorts the rows of one sheet, which come in order. ``passed_over`` counts by reason."""

    def __init__(self, header: Header, tell: Tell, merged: Iterable[Merged] = ()) -> None:
        self._tell = tell
        self._header = header
        self._mapped = list(header.columns)
        self._key = next(letters for letters, column in header.columns.items() if column.key)
        self._words = RepeatedHeadings(header, self._key)
        key_type = header.columns[self._key].type
        self._joined: Callable[[str], str] = key_type.joined if isinstance(key_type, Code) else _none
        self._begins_with_range = key_type.begins_with_range if isinstance(key_type, Code) else _never
        # A loose pattern takes words as well: then a code alone does not make a row one of data.
        self._matches: Callable[[str], Any] = bool
        self._loose = isinstance(key_type, Code) and key_type.loose
        if isinstance(key_type, Code):
            self._matches = _never if key_type.loose else key_type.matches
        self._last_column = max(column_number(letters) for letters in header.headings)
        self._titles = {letters for letters, column in header.columns.items() if column.field in _TITLES}
        key, last = column_number(self._key), header.rows[-1]
        across = [one for one in merged if one.top > last and one.left < one.right]
        self._merged = {(one.top, one.left) for one in across}
        # Whether sections of this sheet look otherwise than a lone title does.
        self._marked_otherwise = any(one.top == one.bottom and one.left <= key <= one.right for one in across)
        part = header.sheet.part
        self._by_titles = (
            isinstance(part, PartBy)
            and part.default is None
            and all(column.field != part.field for column in header.columns.values())
            and not header.named
        )  # titles of sections alone tell the parts of the rows
        self._pending: list[_Lone] = []
        self._sections: list[_Lone] = []  # the first of them
        self._kept = 0
        self._any_data = False
        self._other: _OtherTable | None = None
        self._coded_above: list[tuple[int, str]] = []
        self._headings_above: tuple[int, str] | None = None
        self._rows_lost = False  # of this table: one is enough to tell
        self.passed_over: Counter[str] = Counter()
        self.section: str | None = None
        self.part: str | None = None  # that the last section title told which told one: others may stand below it

    def data_rows(
        self, numbers: list[int], cells: list[dict[str, Cell]]
    ) -> tuple[list[int], list[str | None], list[str | None]]:
        """Indices of the rows of data, the section title that each stands under, and the part that titles tell."""
        kept: list[int] = []
        sections: list[str | None] = []
        parts: list[str | None] = []
        key, matches = self._key, self._matches
        for index, row in enumerate(cells):
            if self._other is not None and not self._other_ends(row):
                continue
            cell = row.get(key)
            plain = cell.__class__ is Number or (cell.__class__ is str and matches(cell))
            if not plain and not self._is_data(numbers[index], row):
                continue
            if self._pending:
                self._settle("section")
            self._any_data = True
            kept.append(index)
            sections.append(self.section)
            parts.append(self.part)
        return kept, sections, parts

    def above(self, numbers: Iterable[int], cells: Iterable[dict[str, Cell]]) -> None:
        """Rows down to the headings: titles, and the headings themselves. Rows of codes are no titles."""
        for number, row in zip(numbers, cells, strict=True):
            if number in self._header.rows:
                self.passed_over["header"] += 1
                continue
            self.passed_over["title"] += 1
            if number < self._header.rows[0]:
                self._look_above(number, row)

    def _look_above(self, number: int, row: dict[str, Cell]) -> None:
        texts = {letters: text for letters, cell in row.items() if (text := shown(cell).strip(EDGES)) not in EMPTY}
        text = CONTROLS.sub("", " ".join(texts.values()))
        if self._words.like_headings(texts):
            self._headings_above = (number, text)
            return
        fills = self._fills(texts)
        if fills and (self._headings_above or (self._matches(texts[self._key]) and len(texts) > _FEW_ROWS)):
            self._rows_lost = True
        elif not (len(row) > 1 and any(map(self._is_long_code, row.values()))):
            return
        self._coded_above.append((number, text))

    def _fills(self, texts: dict[str, str]) -> bool:
        """Whether the row looks like one of the list. Numbers of columns, which count up, do not."""
        if self._key not in texts or not self._words.may_be_code(texts[self._key]):
            return False
        counting = [str(at) for at in range(1, len(texts) + 1)]
        filled = sum(letters in texts for letters in self._mapped)
        return filled >= 2 and 2 * filled >= len(self._mapped) and list(map(latin_digits, texts.values())) != counting

    def _is_long_code(self, cell: Cell) -> bool:
        if not isinstance(cell, str | Number):
            return False
        text = shown(cell).strip(EDGES)
        return len(text) >= _SHORTEST_CODE and bool(self._matches(text))

    def end(self) -> None:
        """After the last row: lone texts that no data followed were notes."""
        if self._pending:
            self._settle("note")
        self._end_other()
        if self._rows_lost or len(self._coded_above) >= _FEW_ROWS:
            self._tell_rows_above()
        if self._sections:
            first = self._sections[0]
            places = "، ".join(f"«{one.text[:_NAMED]}» ({one.row})" for one in self._sections)
            self._tell("section-titles", first.row, first.text, count=self._kept, places=places)

    def _tell_rows_above(self) -> None:
        (row, text), count = self._coded_above[0], len(self._coded_above)
        like_fa = like_en = ""
        if self._headings_above is not None:
            at, headings = self._headings_above
            like_fa = f"؛ ردیف {at} («{headings[:_HEADINGS_SHOWN]}») نیز سرستون می‌نماید و شاید یکی از آن‌ها نادرست نوشته شده باشد"
            like_en = f"; row {at} (“{headings[:_HEADINGS_SHOWN]}”) looks like headings, too, perhaps with one mistyped"
        self.passed_over["title"] -= 1  # the row that is told of
        self._tell(
            "rows-above-headings", row, text, count=count, header=self._header.rows[0], like_fa=like_fa, like_en=like_en
        )

    def _settle(self, reason: str) -> None:
        has_sections = bool(self._header.sheet.section)
        if reason == "section" and any(not one.title and len(one.text) <= _LONGEST_SECTION for one in self._pending):
            self._marked_otherwise = True
        for one in self._pending:
            short = len(one.text) <= _LONGEST_SECTION
            uncoded = one.title and short and not _NOTE.match(fold(one.text))
            unfit = not has_sections or (self.section is None and self._any_data)
            if uncoded and (self._marked_otherwise or (reason == "section" and unfit)):
                self._tell("missing-code", one.row, one.text)
                continue
            self.passed_over[reason] += 1
            if reason == "section" and short:
                self.section = one.text
                told = self._header.sheet.part_of_name(one.text)
                if told is None and self.part and self._by_titles:
                    self._tell("section-without-part", one.row, one.text, part=self.part)
                self.part = told or self.part
                if has_sections:  # a property of the rows below
                    self._kept += 1
                    self._sections += [one] if len(self._sections) < _SECTIONS_NAMED else []
                    continue
            self._tell("row-passed-over", one.row, one.text)
        self._pending = []

    def _is_data(self, number: int, row: dict[str, Cell]) -> bool:
        texts = {letters: text for letters, cell in row.items() if (text := shown(cell).strip(EDGES)) not in EMPTY}
        mapped = any(letters in texts or _is_odd(row.get(letters)) for letters in self._mapped)
        if len(texts) == 1 and not any(_is_odd(row.get(at)) for at in self._mapped if at not in texts):
            letters, text = next(iter(texts.items()))
            inside = column_number(letters) <= self._last_column
            across = (number, column_number(letters)) in self._merged
            coded = self._holds_codes(text) or (letters == self._key and self._is_lone_code(text))
            if inside and not isinstance(row[letters], Number) and (across or not coded):
                plain = letters in self._titles and not across
                self._pending.append(_Lone(number, " ".join(CONTROLS.sub("", text).split()), plain))
                return False
        if not mapped:
            return self._outside(number, texts)
        if self._words.repeat(texts):
            self._take_headings(number, texts)
            return False
        if len(texts) <= 2 and _NOTE.match(fold(next(iter(texts.values()), ""))) and not self._may_be_coded(row, texts):
            self.passed_over["note"] += 1
            self._tell("row-passed-over", number, " ".join(texts.values()))
            return False
        return True

    def _holds_codes(self, text: str) -> bool:
        """A code, or one with its title, or several in one cell. A number of two digits, perhaps with others behind
        points, is that of a chapter, and a range of codes says what stands in it."""
        if self._begins_with_range(text) and not self._loose:
            return False
        if _CODE_LIKE.fullmatch(text):
            return True
        return not self._loose and not _NUMBERED.match(text) and bool(self._joined(text))

    def _is_lone_code(self, text: str) -> bool:
        """A short sign in capitals that is a code stands where codes stand: its title was forgotten (``BID``). ``TOTAL`` is a
        note, and other words are titles of sections."""
        short = len(text) <= _LONGEST_SIGN and text.isupper() and text.isalnum()
        return short and self._words.is_code(text) and not _NOTE.match(fold(text))

    def _may_be_coded(self, row: dict[str, Cell], texts: dict[str, str]) -> bool:
        """Whether the key cell may hold a code. Where codes may be words, ``SUM`` is one unless figures stand beside it."""
        key = texts.get(self._key, "")
        if any(map(str.isdigit, key)):
            return True
        beside = [row[letters] for letters in texts if letters != self._key]
        return self._loose and bool(key) and key.isascii() and not all(isinstance(cell, Number) for cell in beside)

    def _outside(self, number: int, texts: dict[str, str]) -> bool:
        if all(letters in self._header.ignored for letters in texts):
            self.passed_over["blank"] += 1  # numbered beforehand, or only dashes
        else:
            self.passed_over["outside-columns"] += 1
            self._tell("row-outside-columns", number, " ".join(texts.values()))
        return False

    def _take_headings(self, number: int, texts: dict[str, str]) -> None:
        """The headings once more, or those of another table. One that nobody knows is no reason to read no further."""
        row = " ".join(texts.values())
        if columns := self._words.elsewhere(texts, any_data=self._any_data):
            self._other = _OtherTable(number, row, columns)
            return
        self.passed_over["repeated-header"] += 1
        if columns := self._words.unknown(texts, any_data=self._any_data):
            self._tell("repeated-heading-differs", number, row, columns=columns)

    def _other_ends(self, row: dict[str, Cell]) -> bool:
        """Whether the headings of the sheet stand here again, in their places; else the row is the other table's."""
        if self._other is None:
            return True
        texts = {letters: text for letters, cell in row.items() if (text := shown(cell).strip(EDGES)) not in EMPTY}
        if self._words.repeat(texts) and not self._words.elsewhere(texts, any_data=self._any_data):
            self._end_other()
            return True
        self._other.count += 1
        self.passed_over["other-table"] += 1
        return False

    def _end_other(self) -> None:
        if self._other is not None:
            other, self._other = self._other, None
            self._tell("headings-change", other.row, other.text, count=other.count, columns=other.columns)


def _none(text: str) -> str:
    return ""


def _never(text: str) -> bool:
    return False


def _is_odd(cell: Cell) -> bool:
    """A cell that shows nothing but must be told of: a formula without a saved value. One whose value is an empty text,
    as in rows that were filled with formulas beforehand, is as good as empty."""
    if isinstance(cell, Formula):
        return cell.value is None
    return cell is not None and not isinstance(cell, str | Number)
