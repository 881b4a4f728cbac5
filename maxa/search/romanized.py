"""Persian typed in Latin letters (``ghand khoon``): the pattern of the Persian words that a Latin one may stand for.

People spell by ear: one Latin letter stands for all Persian letters of its sound, and short vowels are not written in
Persian. Words are in the folded spelling of the index (``آ`` is ``ا``, ``ئ`` is ``ی``).
"""

from __future__ import annotations

import re
from functools import lru_cache

_TOGETHER = {
    "sh": "ش", "ch": "[چش]", "kh": "خ", "gh": "[قغ]", "zh": "ژ", "ph": "ف", "th": "[تطث]", "ck": "ک", "oo": "و", "ou": "و?", "ow": "و",
    "ee": "ی", "aa": "ا", "ei": "ی?", "ey": "ی?", "ia": "یا", "io": "یو",
}  # fmt: skip
_ALONE = {
    "b": "ب", "c": "[کس]", "d": "د", "f": "ف", "g": "[گجغ]", "h": "[هح]", "j": "[جژ]", "k": "[کق]", "l": "ل", "m": "م", "n": "ن",
    "p": "پ", "q": "[قغ]", "r": "ر", "s": "[سصث]", "t": "[تط]", "v": "و", "w": "و", "x": "کس", "y": "ی", "z": "[زذضظ]",
    "a": "[اع]?", "e": "[هیع]?", "i": "[یع]?ی?", "o": "[وع]?", "u": "و?",
}  # fmt: skip
_FIRST = {"a": "[اع]", "e": "[اع]ی?", "i": "[اع]ی?", "o": "[اع]و?", "u": "[اع]و?", "oo": "او"}
_PIECE = re.compile("|".join([*_TOGETHER, "[a-z]"]))
_TWICE = re.compile(r"([bcdfghjklmnpqrstvwxyz])\1+")
_VOWEL = re.compile("[aeiou]")


def has_vowel(word: str) -> bool:
    """Whether a Latin word can be spoken: ``cxr`` is an abbreviation and no word by ear."""
    return _VOWEL.search(word) is not None


@lru_cache(maxsize=1_024)
def persian_pattern(word: str) -> re.Pattern[str] | None:
    """What the Persian spelling of a Latin word looks like, to be matched in full; None for what is no spoken word."""
    if not (word.isascii() and word.isalpha() and has_vowel(word)):
        return None
    pieces = _PIECE.findall(_TWICE.sub(r"\1", word.lower()))
    found = [_FIRST.get(pieces[0]) or _TOGETHER.get(pieces[0]) or _ALONE[pieces[0]]]
    found += [_TOGETHER.get(piece) or _ALONE[piece] for piece in pieces[1:]]
    return re.compile("".join(found))
