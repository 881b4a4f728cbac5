"""Types of columns: what a cell may hold, what is mended on the way in, and what is said of the rest.

A field reads a whole column of a batch at a time, since most cells of a list need nothing done to them. It tells what
it found through :class:`Notes`; a cell that it can't take becomes ``None`` with a finding.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

from importers.cells import Cell, ErrorValue, Formula, Number, is_date_format, number_text, number_value, shown
from maxa.persian.fold import INVISIBLE, fold, latin_digits

EMPTY = frozenset(["", "-", "--", "---", "–", "—", "ـ", "_"])
_NOISE = re.compile(r"[\W_]+")
_INVISIBLE = "".join(map(chr, INVISIBLE)) + "\u200c"
EDGES = (
    " \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    + ("\u2028\u2029\u202f\u205f\u3000" + _INVISIBLE)
)
_CONTROL = "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff"
_CONTROLS = re.compile(f"[{_CONTROL}]+")
_BREAKS = re.compile("[\t\n\x0b\x0c\r\x85\u2028\u2029]+")
_ODD = re.compile(f"[{_CONTROL}\t\n\x0b\x0c\r\x85\u2028\u2029]")
_LOOK_ALIKE = re.compile("[\u0400-\u04ff]|" + r"\b(?:[VXI]+l+[VXIl]*|l+[VXI]+l*|l{2,})\b")
_PERSIAN = re.compile("[\u0600-\u06ff\ufb50-\ufdff\ufe70-\ufefc]")
_THOUSANDS = re.compile(r"[,٬،\s]")
_GROUPED = re.compile(r"-?\d{1,3}(?:[,٬،\s]\d{3})+(?:\.\d+)?", re.ASCII)  # 1,234,567.5
_COMMA = re.compile(r"-?\d+[,،]\d+", re.ASCII)  # 2,5 where the comma is the decimal point
_DECIMAL_SIGN = re.compile("[,،/]")
_SLASH = re.compile(r"-?\d+/\d+", re.ASCII)

TITLE, DESCRIPTION = 1_000, 8_000  # characters that a cell may hold; codes are held to their pattern


class Notes(Protocol):
    """Where a field tells what it found. ``tally`` is kept over all batches of the column."""

    tally: Counter[str]
    doubts: dict[int, dict[str, Any]]  # index in the batch → ConceptRow.doubt
    beside: dict[int, str]  # index in the batch → text to be kept apart from the value

    def add(self, rule: str, index: int, value: str | None = None, **data: Any) -> None: ...

    def add_for_column(self, rule: str, **data: Any) -> None: ...


class Unheard:
    """Notes for a look at some cells whose findings nobody wants."""

    def __init__(self) -> None:
        self.tally: Counter[str] = Counter()
        self.doubts: dict[int, dict[str, Any]] = {}
        self.beside: dict[int, str] = {}

    def add(self, rule: str, index: int, value: str | None = None, **data: Any) -> None:
        pass

    def add_for_column(self, rule: str, **data: Any) -> None:
        pass


class Field:
    """Base of all types."""

    def read(self, cells: list[Cell], notes: Notes) -> list[Any]:
        """One value for each cell, ``None`` for an empty or unusable one."""
        raise NotImplementedError

    def finish(self, notes: Notes) -> None:
        """Checks of the column as a whole, after its last cell."""


def plain_cells(cells: list[Cell], notes: Notes) -> list[str | Number | None]:
    """Formulas by their saved values, truth values as Excel shows them, error cells and formulas without value told."""
    if set(map(type, cells)) <= {str, Number, type(None)}:
        return cells  # type: ignore[return-value]
    plain: list[str | Number | None] = []
    for index, cell in enumerate(cells):
        if isinstance(cell, Formula):
            if cell.value is None:
                notes.add("formula-without-value", index, "")
            else:
                notes.tally["formula"] += 1
            cell = cell.value
        if isinstance(cell, ErrorValue):
            notes.add("error-cell", index, cell.text)
            cell = None
        plain.append(shown(cell) if isinstance(cell, bool) else cell)
    if notes.tally["formula"] and not notes.tally["formula told"]:
        notes.tally["formula told"] = 1
        notes.add_for_column("formula")
    return plain


def _may_be_odd(text: str) -> bool:
    """Whether a control character or line break is in it. Half-spaces are not printable to Python, but no oddity;
    asking so is ten times faster than the expression alone."""
    return not text.isprintable() and not text.replace("\u200c", "").isprintable() and _ODD.search(text) is not None


@dataclass(frozen=True)
class Text(Field):
    """Text as published: edges are stripped, control characters removed, everything else is left as it is.

    ``lines`` keeps line breaks (descriptions); without it they become spaces (titles).
    """

    longest: int = DESCRIPTION
    lines: bool = True
    script: str = ""  # "fa" or "en": most cells should be in it

    def read(self, cells: list[Cell], notes: Notes) -> list[Any]:
        plain = plain_cells(cells, notes)
        if Number in set(map(type, plain)):
            plain = [number_text(cell) if isinstance(cell, Number) else cell for cell in plain]
        texts: list[str | None] = [
            None if cell is None or (text := cell.strip(EDGES)) in EMPTY else text  # type: ignore[union-attr]
            for cell in plain
        ]
        given = [text for text in texts if text is not None]
        if not given:
            return texts
        joined = " ".join(given)
        if _may_be_odd(joined) or max(map(len, given)) > self.longest:
            texts = [text and self._mended(text, index, notes) for index, text in enumerate(texts)]
        if self.script:
            self._look_at_script(texts, given, joined, notes)
        return texts

    def _mended(self, text: str, index: int, notes: Notes) -> str | None:
        if _CONTROLS.search(text):
            notes.add("control-character", index, _CONTROLS.sub("\N{REPLACEMENT CHARACTER}", text))
            text = _CONTROLS.sub("", text).strip(EDGES)
        if _BREAKS.search(text):
            if self.lines:
                text = "\n".join(line.strip() for line in _BREAKS.sub("\n", text).split("\n"))
            else:
                text = " ".join(piece.strip(" ") for piece in _BREAKS.split(text))
                notes.add("line-break-mended", index, text)
        if len(text) > self.longest:
            notes.add("too-long", index, text[:200], length=len(text), limit=self.longest)
            return text[: self.longest].rstrip()
        return text or None

    def _look_at_script(self, texts: list[str | None], given: list[str], joined: str, notes: Notes) -> None:
        notes.tally["given"] += len(given)
        if self.script == "fa":
            notes.tally["odd"] += sum(map(str.isascii, given))
            return
        if not joined.isascii():
            notes.tally["odd"] += sum(1 for text in given if not text.isascii() and _PERSIAN.search(text))
        if ("l" in joined or not joined.isascii()) and _LOOK_ALIKE.search(joined):
            for index, text in enumerate(texts):
                if text and _LOOK_ALIKE.search(text):
                    notes.add("look-alike-letters", index, text)

    def finish(self, notes: Notes) -> None:
        count, odd = notes.tally["given"], notes.tally["odd"]
        if count >= 20 and odd > 0.8 * count:
            script_fa, script_en = ("فارسی", "Persian") if self.script == "fa" else ("لاتین", "Latin")
            notes.add_for_column("wrong-script", count=count, odd=odd, script_fa=script_fa, script_en=script_en)


PersianText = Text(longest=TITLE, lines=False, script="fa")
LatinText = Text(longest=TITLE, lines=False, script="en")
Title = Text(longest=TITLE, lines=False)
Description = Text()


_RIALS = re.compile(r"(?<=\d)\s*(?:ریال|rials?|irr)\Z", re.IGNORECASE)


@dataclass(frozen=True)
class Decimal(Field):
    """A number, given on as ``int`` where it is whole. Thousands separators, Persian digits and signs are read.

    Words in place of a number (``طبق پرونده``) are kept beside it as text, with a warning. ``zero_is_empty``: nobody
    means a 0 in this column.
    """

    zero_is_empty: bool = False

    def read(self, cells: list[Cell], notes: Notes) -> list[Any]:
        numbers = [
            None
            if cell is None
            else int(cell.raw)
            if cell.__class__ is Number and not cell.format and cell.raw.isdigit() and len(cell.raw) < 16
            else self._number(cell, index, notes)
            for index, cell in enumerate(plain_cells(cells, notes))
        ]
        return [number or None for number in numbers] if self.zero_is_empty else numbers

    def _number(self, cell: str | Number, index: int, notes: Notes) -> int | float | None:
        if isinstance(cell, Number) and not is_date_format(cell.format):
            value = number_value(cell.raw)
            text = cell.raw
        else:
            text = (shown(cell)).strip(EDGES)
            if text in EMPTY:
                return None
            digits = latin_digits(text).replace("٫", ".").replace("−", "-").strip(_INVISIBLE)
            digits = _RIALS.sub("", digits)
            if _GROUPED.fullmatch(digits):
                digits = _THOUSANDS.sub("", digits)
            value = number_value(digits)
            if value is None and (_SLASH.fullmatch(digits) or _COMMA.fullmatch(digits)):
                value = float(_DECIMAL_SIGN.sub(".", digits))
                notes.add("decimal-slash", index, text, mended=f"{value:g}")
        if value is None:
            notes.add("not-a-number", index, text)
            notes.beside[index] = _CONTROLS.sub("", text)[:DESCRIPTION]
            return None
        return int(value) if value.is_integer() and abs(value) < 1 << 53 else value


def choice_key(text: str) -> str:
    """Spaces, half-spaces and punctuation do not tell values apart (FACTS §6), unless nothing else is there (†, *)."""
    folded = fold(text)
    return _NOISE.sub("", folded) or folded


@dataclass(frozen=True)
class Choice(Field):
    """One of a few values. ``values``: the value to keep → its spellings, ``|`` between them.

    ``decides``: the value says where the row belongs, so that an unknown one is an error, not a warning.
    """

    values: dict[str, str] = field(hash=False)
    decides: bool = False

    @cached_property
    def _by_spelling(self) -> dict[str, str]:
        spellings = {choice_key(text): value for value, texts in self.values.items() for text in texts.split("|")}
        return spellings | {choice_key(value): value for value in self.values}

    def read(self, cells: list[Cell], notes: Notes) -> list[Any]:
        texts = Title.read(cells, notes)
        known: dict[str | None, str | None] = {None: None}
        for index, text in enumerate(texts):
            if text is None or text in known:
                continue
            value = self._by_spelling.get(choice_key(text))
            if value is not None:
                known[text] = value
            else:
                rule = "unknown-status" if self.decides else "unknown-choice"
                choices = "، ".join(spellings.split("|")[0] for spellings in self.values.values())
                notes.add(rule, index, text, choices=choices)
        return [known.get(text, None if self.decides else text) for text in texts]


MARKS_ALIKE = str.maketrans({"٭": "*", "＊": "*", "＃": "#", "＋": "+"})  # full-width and Arabic forms of marks
_MARKS = {**MARKS_ALIKE, **dict.fromkeys(map(ord, " \t\u00a0\u200c()[],،"))}  # and what people put around them


@dataclass(frozen=True)
class Marks(Field):
    """A string of marks such as ``#*+``: kept without spaces, each once, in the order of ``allowed``."""

    allowed: str

    def read(self, cells: list[Cell], notes: Notes) -> list[Any]:
        texts = Title.read(cells, notes)
        known: dict[str | None, str | None] = {None: None}
        for index, text in enumerate(texts):
            if text is None or text in known:
                continue
            marks = set(text.translate(_MARKS))
            if marks <= set(self.allowed):
                known[text] = "".join(mark for mark in self.allowed if mark in marks)
            else:
                notes.add("unknown-mark", index, text, choices=" ".join(self.allowed))
        return [known.get(text, text) for text in texts]
