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
_INVISIBLE = dict.fromkeys(
    [0x200B, 0x200D, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xFEFF, 0xAD]
)
_TABLE: dict[int, str | int | None] = {
    **{ord(k): v for k, v in _LETTERS.items()},
    **_DIGITS,
    **_INVISIBLE,
}
_SPACES = re.compile(rf"[\s{ZWNJ}]+")
_CODE_NOISE = re.compile(r"[\W_]+")


def latin_digits(text: str) -> str:
    """``۱۴۰۲`` and ``١٤٠٢`` → ``1402``; everything else is left as it is."""
    return text.translate(_DIGITS)


def fold(text: str) -> str:
    """One spelling for matching: Persian letters, Latin digits, no marks, lower case, single spaces.

    Half-spaces become spaces; use :func:`title_key` where a half-space, a space and nothing must be the same.
    """
    if text.isascii():
        return " ".join(text.lower().split())
    text = unicodedata.normalize("NFKC", text).translate(_TABLE)
    if not text.isascii():
        text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return _SPACES.sub(" ", text.casefold()).strip()


@lru_cache(maxsize=16_384)
def title_key(text: str) -> str:
    """Two titles with the same key are the same value (FACTS §6): spaces and half-spaces do not count either."""
    return fold(text).replace(" ", "")


def code_spelling(code: str) -> str:
    """A code with only digits' script, letter case, spaces and invisible marks evened out."""
    return fold(code).replace(" ", "")


def code_key(code: str) -> str:
    """A code's letters and digits alone: ``A00.0``, ``a000`` and ``A00-0`` share one key."""
    return _CODE_NOISE.sub("", fold(code))
