"""Columns of codes, and what Excel does to long ones (FACTS §8 of the design notes; docs/findings.md).

Excel keeps 15 digits of a number. A code in a numeric cell may therefore have lost its leading zeros (which are put
back, since the width of the code is known) or its last digit (which nobody can put back from the workbook alone: the
row is handed on with a doubt, and the range that the true code lies in).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from importers.cells import Cell, Number, integer_text, is_date_format, number_text, zeros_of_format
from importers.fields import EDGES, EMPTY, Field, Notes, plain_cells
from maxa.persian.fold import INVISIBLE, latin_digits

_DOUBLE_IS_EXACT = 1 << 53  # from here on a double can hold no odd number
_DASHES = "‐‑‒–—−"
DASHES = dict.fromkeys(map(ord, _DASHES), "-")  # for str.translate
_NOISE = {**INVISIBLE, 0x200C: None, **DASHES}
_BREAK = re.compile(r"[,;،؛/|+&\s]+|(?<=\s)(?:و|and)(?=\s)", re.IGNORECASE)
_RANGES = (
    re.compile(r"(.+?)\s+(?:تا|الی|to)\s+(.+)", re.IGNORECASE),
    re.compile(rf"(.+?)\s*(?:\.{{2,3}}|…|[-{_DASHES}])\s*(.+)"),
)
_RANGE_FIRST = re.compile(
    rf"[(\[]?\s*([^\s()\[\]]+?)\s*(?:\s(?:تا|الی|to)\s|\.{{2,3}}|…|[-{_DASHES}])\s*([^\s()\[\]:،,;؛]+)", re.IGNORECASE
)  # A00-B99 and what it is of
_BESIDE_TITLE = re.compile(
    rf"(\S+?)(?:\s*[:،,;؛|]\s*|\s*[-{_DASHES}]\s+|\s+[-{_DASHES}]\s*|\s+)(?=\D)(.*[^\W\d_]{{2}}.*)", re.DOTALL
)
_SCIENTIFIC = re.compile(r"\d(?:[.,]\d+)?[eE]\+?\d{1,2}", re.ASCII)
_NONE = frozenset({"ندارد", "فاقدکد", "n/a", "none", "null"})  # spaces are taken out
WRONG_CODES = frozenset({"bad-code", "code-range", "several-codes", "code-with-title"})  # rules of what is no one code
_LONGEST_JOINED = 300  # characters that are searched for several codes: the expressions take long over long texts
_QUOTES = "'’‘`\"“”«»"
_DIGITS_KEPT = 15  # by Excel, of any number
_ROUNDED_FROM = 20  # codes in a column before their last digits are looked at together


def evened_out(text: str) -> str:
    """Latin digits and plain dashes, without spaces and invisible marks."""
    return "".join(latin_digits(text).translate(_NOISE).split())


def unbracketed(text: str) -> str:
    """Without brackets around all of it, as blocks are printed: ``(A00-A09)``."""
    return text[1:-1] if text[:1] in ("(", "[") and text[-1:] in (")", "]") else text


@dataclass(frozen=True)
class Code(Field):
    """A code of one ``pattern`` (ASCII, whole cell).

    ``width``: all codes have this many digits; one of ``zeros_from`` digits or more has lost leading zeros.
    ``check`` gives a code with its right check digit when the digit is wrong: a warning, since local codes exist, or with
    ``strict`` an error. ``many``: a cell may hold several codes, and gives a list. ``0`` is an empty cell unless it is a
    code. ``padded``: codes may begin with zeros, without a width that is known beforehand. ``loose``: the pattern takes
    words as well, so that only its neighbours tell a code from a heading. ``word``: names of the system, ``|`` between
    them, that people write before a code (``LOINC 718-7``).
    """

    pattern: str
    shape_fa: str
    shape_en: str
    width: int = 0
    zeros_from: int = 0
    check: Callable[[str], str | None] | None = None
    many: bool = False
    strict: bool = False
    padded: bool = False
    loose: bool = False
    word: str = ""

    @cached_property
    def matches(self) -> Callable[[str], re.Match[str] | None]:
        return re.compile(self.pattern, re.ASCII).fullmatch

    def read(self, cells: list[Cell], notes: Notes) -> list[Any]:
        plain = plain_cells(cells, notes)
        if self.width >= 16:
            self._look_for_exact_numbers(plain, notes)
        if self.padded:
            self._look_for_zeros(plain, notes)
        matches, many = self.matches, self.many
        codes: list[Any] = [
            (cell if not many else [cell])
            if cell.__class__ is str and matches(cell)
            else self._mended(cell, index, notes)
            for index, cell in enumerate(plain)
        ]
        if self.width >= 16:
            self._count_last_digits(codes, notes)
        if self.check is not None:
            self._check_digits(codes, notes)
        return codes

    def finish(self, notes: Notes) -> None:
        count, zeros = notes.tally["long"], notes.tally["ending in 0"]
        if count >= _ROUNDED_FROM and 2 * zeros >= count:
            notes.add_for_column("codes-look-rounded", count=count, zeros=zeros)

    def _mended(self, cell: str | Number | None, index: int, notes: Notes) -> Any:
        if cell is None:
            return None
        if isinstance(cell, Number):
            code = self._of_number(cell, index, notes)
            return [code] if code and self.many else code
        text = cell.strip(EDGES)
        if text in EMPTY:
            return None
        if not self.many:
            return self._of_text(text, index, notes)
        if self._is_range(text):
            self._tell_bad(text, index, notes)
            return None
        pieces = [piece for piece in _BREAK.split(text) if piece]
        found = [self._of_text(piece, index, notes) for piece in pieces]
        return list(dict.fromkeys(code for code in found if code)) or None

    def _of_number(self, cell: Number, index: int, notes: Notes) -> str | None:
        if is_date_format(cell.format):
            notes.add("code-became-date", index, number_text(cell))
            return None
        whole = integer_text(cell.raw)
        text = whole if whole is not None else number_text(cell)
        if whole is not None and len(whole) > _DIGITS_KEPT and self.width < len(whole):
            notes.add("digits-lost", index, whole)
            return None
        shown_digits = zeros_of_format(cell.format)
        if whole is not None and shown_digits > len(whole) and self.matches(whole.zfill(shown_digits)):
            notes.add("shown-with-zeros", index, whole, mended=whole.zfill(shown_digits))
            return whole.zfill(shown_digits)
        if not self.matches(text):
            return self._of_text(text, index, notes)
        if self.padded and (whole is None or len(whole) < notes.tally["padded to"]):
            notes.add("zeros-may-be-lost", index, text)
        if self.width >= 16 and len(text) == self.width:
            self._doubt(cell.raw, int(text), index, notes)
        return text

    def _of_text(self, text: str, index: int, notes: Notes) -> str | None:
        code = evened_out(text)
        if not self.matches(code):
            code = next((other for other in self._other_spellings(code) if self.matches(other)), code)
        if not self.matches(code) and code.endswith(".0") and self.matches(code[:-2]):
            code = code[:-2]  # a program took the column for numbers
        if self.matches(code):
            if code != text:
                notes.add("code-spelling-mended", index, text, mended=code)
            return code
        if code == "0" or code.lower() in _NONE:
            return None
        digits = code[:-2] if code.endswith(".0") else code
        if digits.isascii() and digits.isdigit() and 0 < self.zeros_from <= len(digits) < self.width:
            padded = digits.zfill(self.width)
            if self.matches(padded):
                notes.add("leading-zero-restored", index, text, mended=padded)
                return padded
        if _SCIENTIFIC.fullmatch(code):
            notes.add("scientific-notation", index, text)
        else:
            self._tell_bad(text, index, notes)
        return None

    def _tell_bad(self, text: str, index: int, notes: Notes) -> None:
        rule = self.joined(text) or "bad-code"
        notes.add(rule, index, text, shape_fa=self.shape_fa, shape_en=self.shape_en)
        notes.tally["bad"] += 1

    def joined(self, text: str) -> str:
        """What the cell holds besides one code, as the rule that says so: a range, several codes, a title. Else ``""``."""
        if len(text) > _LONGEST_JOINED:
            return ""
        if self._is_range(text):
            return "code-range"
        pieces = [piece for piece in _BREAK.split(text) if piece]
        if len(pieces) > 1 and all(self._is_code(piece) for piece in pieces):
            return "several-codes"
        parts = _BESIDE_TITLE.fullmatch(text)
        return "code-with-title" if parts and any(map(str.isdigit, parts[1])) and self._is_code(parts[1]) else ""

    def begins_with_range(self, text: str) -> bool:
        """Whether a range of codes stands here, by itself or before its title: ``(A00-B99) Infectious diseases``."""
        ends = _RANGE_FIRST.match(text[:_LONGEST_JOINED])
        return ends is not None and all(map(self._is_code, ends.groups())) and not self._is_code(text)

    def _is_range(self, text: str) -> bool:
        if len(text) > _LONGEST_JOINED:
            return False
        for pattern in _RANGES:
            ends = pattern.fullmatch(text)
            if ends is not None and all(self._is_code(end) for end in ends.groups()):
                first, last = (latin_digits(end) for end in ends.groups())
                upwards = not (first.isdigit() and last.isdigit()) or int(first) < int(last)
                return upwards and not self._is_code(text)
        return False

    def _is_code(self, text: str) -> bool:
        code = evened_out(text)
        return bool(self.matches(code)) or any(map(self.matches, self._other_spellings(code)))

    def _other_spellings(self, code: str) -> Iterator[str]:
        """What the code may be without quotes, brackets, the name of its system, and dashes between groups of digits."""
        bare = unbracketed(code.strip(_QUOTES))
        if self.word:
            bare = re.sub(rf"^(?:{self.word})[:.-]?(?=[\dA-Z])", "", bare, flags=re.IGNORECASE)
        yield from (bare, bare.upper(), bare.lower())
        if len(bare) > self.width >= 16:  # a shorter one could be a code of another kind: 4544-3
            yield bare.replace("-", "").replace(".", "")

    def _doubt(self, raw: str, number: int, index: int, notes: Notes) -> None:
        """Excel leaves a 0 in the last place, cut off or rounded with a carry. Another program leaves the nearest
        double, which is exact below 2**53, and even above."""
        if number % 10 == 0:
            low, high = number - 5, number + 9
        elif number >= _DOUBLE_IS_EXACT and not (raw.isdigit() and (number % 2 or notes.tally["exact"])):
            low, high = number - 1, number + 1
        else:
            return
        candidates = [str(low).zfill(self.width), str(min(high, 10**self.width - 1)).zfill(self.width)]
        notes.doubts[index] = {"kind": "rounded", "candidates": candidates}

    def _look_for_exact_numbers(self, cells: list[str | Number | None], notes: Notes) -> None:
        """One odd whole number above 2**53 shows that the program which wrote the column kept integers, not doubles:
        then its even ones are exact as well."""
        if notes.tally["exact"]:
            return
        for cell in cells:
            if not isinstance(cell, Number) or not cell.raw.isdigit() or len(cell.raw) != self.width:
                continue
            if int(cell.raw) > _DOUBLE_IS_EXACT and cell.raw[-1] in "13579":
                notes.tally["exact"] = 1
                return

    def _look_for_zeros(self, cells: list[str | Number | None], notes: Notes) -> None:
        """The longest code that begins with a zero: a shorter one in a numeric cell has probably lost its own."""
        padded = (len(code) for cell in cells if isinstance(cell, str) and (code := cell.strip(EDGES))[:1] == "0")
        notes.tally["padded to"] = max(notes.tally["padded to"], *padded, 0)

    def _count_last_digits(self, codes: list[Any], notes: Notes) -> None:
        given = [code for codes_of_cell in codes if codes_of_cell for code in codes_of_cell] if self.many else codes
        given = [code for code in given if code]
        notes.tally["long"] += len(given)
        notes.tally["ending in 0"] += sum(1 for code in given if code[-1] == "0")

    def _check_digits(self, codes: list[Any], notes: Notes) -> None:
        if self.check is None:
            return
        for index, code in enumerate(codes):
            for one in code if self.many and code else [code]:
                right = self.check(one) if one else None
                if right is not None:
                    notes.add("wrong-check-digit" if self.strict else "check-digit", index, one, mended=right)
