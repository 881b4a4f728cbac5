"""Latin spelled in Persian letters, and the other way: abbreviations letter by letter, names by their consonants.

``تی اس اچ`` is TSH by the names of its letters; ``پاراستامول`` and *paracetamol* share the consonants p-r-s-t-m-l. Vowels
are not compared, since Persian leaves most of them out.
"""

from __future__ import annotations

import re
from itertools import product

LETTER_NAMES: dict[str, str] = {
    "ای": "aei", "ا": "a", "بی": "b", "سی": "c", "دی": "d", "ایی": "e", "اف": "f", "جی": "gj", "اچ": "h", "هاش": "h", "ایچ": "h",
    "کی": "k", "ال": "l", "ام": "m", "ان": "n", "او": "o", "پی": "p", "کیو": "q", "ار": "r", "اس": "s", "تی": "t", "یو": "u",
    "وی": "v", "دبلیو": "w", "ایکس": "x", "وای": "y", "زد": "z", "زی": "z", "وان": "1", "تو": "2", "تری": "3", "فور": "4",
}  # fmt: skip
_MOST_READINGS = 64
_MOST_LETTERS = 7

_PERSIAN = {
    "ب": "b", "پ": "p", "ت": "t", "ث": "s", "ج": "g", "چ": "k", "ح": "", "خ": "k", "د": "d", "ذ": "s", "ر": "r", "ز": "s", "ژ": "g",
    "س": "s", "ش": "s", "ص": "s", "ض": "s", "ط": "t", "ظ": "s", "ع": "", "غ": "g", "ف": "f", "ق": "k", "ک": "k", "گ": "g", "ل": "l",
    "م": "m", "ن": "n", "و": "", "ه": "", "ی": "", "ا": "",
}  # fmt: skip
_DIGRAPHS = (
    ("ph", "f"), ("sch", "s"), ("sh", "s"), ("ch", "k"), ("th", "t"), ("kh", "k"), ("gh", "g"), ("rh", "r"), ("zh", "g"), ("ck", "k"),
    ("qu", "k"), ("x", "ks"),
)  # fmt: skip
_SOFT_C = re.compile(r"c(?=[eiy])")
_LATIN = str.maketrans(
    {
        "c": "k",
        "q": "k",
        "j": "g",
        "z": "s",
        "w": "",
        "v": "",
        "h": "",
        "y": "",
        "a": "",
        "e": "",
        "i": "",
        "o": "",
        "u": "",
    }
)
_TWICE = re.compile(r"(.)\1+")
_VOWELS, _SILENT = frozenset("اویعaeiouy"), frozenset("هحhwv")
LEAST = 3  # consonants by which a word is compared


def consonants(word: str, least: int = LEAST) -> str:
    """What a word of one script sounds like without its vowels; ``""`` when that says too little."""
    if word.isascii():
        text = word
        for letters, sound in _DIGRAPHS:
            text = text.replace(letters, sound)
        first = "v" if text[:1] in "vw" else ""
        text = first + _SOFT_C.sub("s", text).translate(_LATIN)
    else:
        first = "v" if word[:1] == "و" else ""
        text = first + "".join(_PERSIAN.get(letter, "") for letter in word)
    text = _TWICE.sub(r"\1", text)
    return text if len(text) >= least else ""


def rough_sound(word: str) -> str:
    """As :func:`consonants`, with *k* and *g* as one: what may be the same word in the other script has the same."""
    return _TWICE.sub(r"\1", consonants(word, 1).replace("g", "k"))


def vowel_places(word: str) -> tuple[int, frozenset[int]]:
    """How many consonants a word has, and after how many of them stand vowels: words that share few consonants are the
    same only if these agree."""
    places, passed = set(), 0
    for letter in word:
        if letter in _VOWELS:
            places.add(passed)
        elif letter not in _SILENT:
            passed += 1
    return passed, frozenset(places)


def spelled_letters(words: list[str]) -> list[str]:
    """The abbreviations that letter names may stand for: ``تی اس اچ`` → ``tsh``; none for other words."""
    if not 2 <= len(words) <= _MOST_LETTERS or any(word not in LETTER_NAMES for word in words):
        return []
    found = ["".join(letters) for letters in product(*(LETTER_NAMES[word] for word in words))]
    return found[:_MOST_READINGS]
