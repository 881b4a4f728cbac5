"""Folding of Persian and Latin text for matching; what is shown is always the text as published.

Source of the equivalences: FACTS §6 (spellings seen on the wire). The Unicode parts follow UAX #15 (NFKC).
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

ZWNJ = "\u200c"

_LETTERS = {
    "ي": "ی", "ى": "ی", "ئ": "ی", "ێ": "ی", "ې": "ی", "ے": "ی", "ۍ": "ی",
    "ك": "ک", "ڪ": "ک", "ګ": "گ",
    "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ٵ": "ا",
    "ؤ": "و", "ۇ": "و", "ۆ": "و", "ۋ": "و",
    "ة": "ه", "ۀ": "ه", "ە": "ه", "ہ": "ه", "ھ": "ه", "ۂ": "ه", "ۃ": "ه",
    "ء": None,
    "٫": ".", "٬": ",", "،": ",", "؛": ";", "؟": "?", "٪": "%", "۔": ".", "×": "x",
    "–": "-", "—": "-", "−": "-", "‐": "-", "‑": "-", "‒": "-",
    "’": "'", "‘": "'", "`": "'", "“": '"', "”": '"',
    "ـ": None,
}  # fmt: skip
_DIGITS = {ord(c): str(i % 10) for i, c in enumerate("۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩")}
# Invisible marks that editors and Excel leave in cells: direction marks, joiners (ZWNJ apart), BOM, soft hyphen.
INVISIBLE = dict.fromkeys(
    [0x200B, 0x200D, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xFEFF, 0xAD]
)
_MARKS = dict.fromkeys([*range(0x610, 0x61B), *range(0x64B, 0x660), 0x670, *range(0x6D6, 0x6EE)])  # Arabic diacritics
_TABLE: dict[int, str | int | None] = {
    **_MARKS,
    **{ord(k): v for k, v in _LETTERS.items()},
    **_DIGITS,
    **INVISIBLE,
}
_ACCENTED = re.compile("[\u00c0-\u036f\u1e00-\u1fff]")
_COMBINING = re.compile("[\u0300-\u036f]")
_CODE_NOISE = re.compile(r"[\W_]+")


def latin_digits(text: str) -> str:
    """``۱۴۰۲`` and ``١٤٠٢`` → ``1402``; everything else is left as it is."""
    return text.translate(_DIGITS)


@lru_cache(maxsize=32_768)
def _fold_word(word: str) -> str:
    """Lists repeat their words: a remembered one costs a tenth of folding it anew."""
    if not unicodedata.is_normalized("NFKC", word):
        word = unicodedata.normalize("NFKC", word)
    word = word.translate(_TABLE)
    if _ACCENTED.search(word):
        word = _COMBINING.sub("", unicodedata.normalize("NFKD", word))
    return word.replace(ZWNJ, " ").casefold()


def fold(text: str) -> str:
    """One spelling for matching: Persian letters, Latin digits, no marks, lower case, single spaces.

    Half-spaces become spaces; use :func:`title_key` where a half-space, a space and nothing must be the same.
    """
    if text.isascii():
        return " ".join(text.lower().split())
    folded = " ".join(map(_fold_word, text.replace(ZWNJ, " ").split()))
    return " ".join(folded.split())


@lru_cache(maxsize=16_384)
def title_key(text: str) -> str:
    """Two titles with the same key are the same value (FACTS §6): spaces and half-spaces do not count either."""
    return fold(text).replace(" ", "")


def code_spelling(code: str) -> str:
    """A code with only digits' script, letter case, spaces and invisible marks evened out."""
    return fold(code).replace(" ", "")


def code_key(code: str) -> str:
    """A code's letters and digits alone: ``A00.0``, ``a000`` and ``A00-0`` share one key."""
    if code.isascii() and code.isalnum():
        return code.lower()
    return _CODE_NOISE.sub("", fold(code))
