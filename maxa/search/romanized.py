"""Persian typed in Latin letters (``ghand khoon``): the pattern of the Persian words that a Latin one may stand for.

People spell by ear: one Latin letter stands for all Persian letters of its sound, and short vowels are not written in
Persian. Words are in the folded spelling of the index (``آ`` is ``ا``, ``ئ`` is ``ی``).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

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
_STEP = re.compile(r"\[([^]]+)\](\??)|(.)(\??)")  # of the spellings above: letters, and whether they may be left out


def has_vowel(word: str) -> bool:
    """Whether a Latin word can be spoken: ``cxr`` is an abbreviation and no word by ear."""
    return _VOWEL.search(word) is not None


class Spelling(NamedTuple):
    """Letters that may stand one after another, each with whether it may be left out."""

    steps: tuple[tuple[str, bool], ...]

    def fullmatch(self, text: str) -> bool:
        """Whether the whole text is spelled so. Takes time by the steps alone, not by the ways through them: whoever asks
        may write a word of hundreds of vowels."""
        places: dict[str, int] = {}  # letter → a bit for each of its places in the text
        for at, letter in enumerate(text):
            places[letter] = places.get(letter, 0) | 1 << at
        reached = 1  # a bit for each place up to which the steps so far may have come
        for letters, optional in self.steps:
            taken = 0
            for letter in letters:
                taken |= reached & places.get(letter, 0)
            reached = taken << 1 | (reached if optional else 0)
            if not reached:
                return False
        return bool(reached >> len(text) & 1)


@lru_cache(maxsize=1_024)
def persian_pattern(word: str) -> Spelling | None:
    """What the Persian spelling of a Latin word looks like, to be matched in full; None for what is no spoken word."""
    if not (word.isascii() and word.isalpha() and has_vowel(word)):
        return None
    pieces = _PIECE.findall(_TWICE.sub(r"\1", word.lower()))
    found = [_FIRST.get(pieces[0]) or _TOGETHER.get(pieces[0]) or _ALONE[pieces[0]]]
    found += [_TOGETHER.get(piece) or _ALONE[piece] for piece in pieces[1:]]
    steps = _STEP.findall("".join(found))
    return Spelling(tuple((several or one, bool(of_several or of_one)) for several, of_several, one, of_one in steps))
