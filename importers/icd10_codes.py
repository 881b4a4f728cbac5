"""Codes of ICD-10: chapters, blocks, categories and subcategories, their marks, and what stands above what."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from importers.codes import DASHES, Code, unbracketed
from importers.fields import Notes
from maxa.persian.fold import latin_digits

# First and last category of each chapter (ICD-10 volume 1, list of chapters).
CHAPTERS = {
    "I": ("A00", "B99"), "II": ("C00", "D48"), "III": ("D50", "D89"), "IV": ("E00", "E90"), "V": ("F00", "F99"),
    "VI": ("G00", "G99"), "VII": ("H00", "H59"), "VIII": ("H60", "H95"), "IX": ("I00", "I99"), "X": ("J00", "J99"),
    "XI": ("K00", "K93"), "XII": ("L00", "L99"), "XIII": ("M00", "M99"), "XIV": ("N00", "N99"), "XV": ("O00", "O99"),
    "XVI": ("P00", "P96"), "XVII": ("Q00", "Q99"), "XVIII": ("R00", "R99"), "XIX": ("S00", "T98"), "XX": ("V01", "Y98"),
    "XXI": ("Z00", "Z99"), "XXII": ("U00", "U99"),
}  # fmt: skip
_CHAPTER = "|".join(sorted(CHAPTERS, key=len, reverse=True))
_BLOCK = re.compile(r"([A-Z]\d\d)-([A-Z]\d\d)", re.ASCII)
_NO_DOT = re.compile(r"([A-Z]\d\d)(\d{1,2})", re.ASCII)
_LEVEL = re.compile(r"^\s*(?:فصل|دسته|بلوک|chapter|block)[\s:.]+", re.IGNORECASE)  # the word before a code
_COMMA = re.compile(r"([A-Z]\d\d)[,،٫](\d{1,2})", re.ASCII)
_MARKS = {"†": "dagger", "+": "dagger", "*": "asterisk", "٭": "asterisk"}


@dataclass(frozen=True)
class Icd10Code(Code):
    """A code in the spelling of the WHO's volumes (``A00.0``), without its mark.

    ``A000`` and ``A00,0`` get their dot, ``(A00-A09)`` loses its brackets and ``Chapter I`` its word, small letters become
    capitals; † or + and * behind a code, which say that it is one of a pair of aetiology and manifestation, are kept
    beside it as ``dagger`` and ``asterisk``.
    """

    def _of_text(self, text: str, index: int, notes: Notes) -> str | None:
        plain = unbracketed("".join(latin_digits(_LEVEL.sub("", text)).split()))
        mark = _MARKS.get(plain[-1:])
        plain = unbracketed(plain[:-1]) if mark else plain
        code = plain.upper().translate(DASHES).removesuffix(".-")
        if comma := _COMMA.fullmatch(code):
            code = f"{comma[1]}.{comma[2]}"
        if dotless := _NO_DOT.fullmatch(code):
            code = f"{dotless[1]}.{dotless[2]}"
        found = super()._of_text(code if self.matches(code) else text, index, notes)
        if found is not None and mark:
            notes.beside[index] = mark
        written = text.strip()[:-1].strip() if mark else text
        if found is not None and found != written and found == code:
            notes.add("code-spelling-mended", index, text, mended=found)
        return found


ICD10_CODE = Icd10Code(
    rf"[A-Z]\d\d(?:\.\d{{1,2}})?|[A-Z]\d\d-[A-Z]\d\d|{_CHAPTER}",
    "فصل (I تا XXII)، دسته (A00-A09)، ردهٔ سه‌نویسه‌ای (A00) یا زیررده (A00.0)",
    "a chapter (I to XXII), a block (A00-A09), a category (A00) or a subcategory (A00.0)",
    word="ICD-?10",
)


class Icd10Parents:
    """``A00.0`` → ``A00`` → ``A00-A09`` → ``I``: of these, the nearest that the list has."""

    def __init__(self) -> None:
        self._codes: set[str] = set()
        self._blocks: list[tuple[str, str]] = []  # those within others come before what is around them

    def foresee(self, codes: Iterable[Any]) -> None:
        for code in codes:
            if isinstance(code, str) and code not in self._codes:
                self._codes.add(code)
                if block := _BLOCK.fullmatch(code):
                    self._blocks.append((block[1], block[2]))
        self._blocks.sort(key=lambda block: block[1])
        self._blocks.sort(key=lambda block: block[0], reverse=True)

    def parent_of(self, code: str) -> str | None:
        if code in CHAPTERS:
            return None
        if (category := code.partition(".")[0]) != code and category in self._codes:
            return category
        block = _BLOCK.fullmatch(code)
        first, last = (block[1], block[2]) if block else (category, category)
        for low, high in self._blocks:
            if low <= first and last <= high and (low, high) != (first, last):
                return f"{low}-{high}"
        for chapter, (low, high) in CHAPTERS.items():
            if chapter in self._codes and low <= first and last <= high:
                return chapter
        return None
