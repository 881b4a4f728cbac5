"""Persian and Latin keyboards: what was typed on the other layout, which keys are neighbours, which letters sound alike.

Layouts: ISIRI 9147 (the Persian standard keyboard) and, where Windows' older Persian layout differs, that one as a
second reading.
"""

from __future__ import annotations

_LATIN = "qwertyuiop[]asdfghjkl;'zxcvbnm,\\"
_STANDARD = "ضصثقفغعهخحجچشسیبلاتنمکگظطزرذدپوپ"
_OLD = {
    "\\": "پ",
    "m": "ئ",
    "`": "پ",
    "C": "ژ",
    "H": "آ",
    "M": "ء",
    "N": "أ",
    "V": "ؤ",
    "B": "إ",
    "J": "ـ",
    "Z": "ة",
    "X": "ي",
}
_TO_PERSIAN = str.maketrans(_LATIN.rstrip("\\") + "H", _STANDARD[:-1] + "آ")
_TO_PERSIAN_OLD = str.maketrans({**dict(zip(_LATIN, _STANDARD, strict=True)), **_OLD})
_TO_LATIN = str.maketrans(
    {
        **dict(zip(_STANDARD[:-1], _LATIN.rstrip("\\"), strict=True)),
        "آ": "h",
        "ا": "h",
        "ئ": "m",
        "ي": "d",
        "ك": ";",
        "ژ": "c",
    }
)
_TO_LATIN_OLD = str.maketrans(
    {**dict(zip(_STANDARD[:-1], _LATIN.rstrip("\\"), strict=True)), "پ": "\\", "ئ": "m", "ي": "d", "ك": ";", "ژ": "c"}
)

# Letters that are pronounced alike in Persian, each group under its first.
SOUNDS = ("سصث", "زذضظ", "تط", "قغ", "هح", "اع")
SOUND = str.maketrans({letter: group[0] for group in SOUNDS for letter in group})

_ROWS = (
    ("ضصثقفغعهخحجچ", "شسیبلاتنمکگ", "ظطزرذدپو"),
    ("qwertyuiop", "asdfghjkl", "zxcvbnm"),
)


def _neighbours() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for rows in _ROWS:
        for y, row in enumerate(rows):
            for x, letter in enumerate(row):
                near = found.setdefault(letter, set())
                for dy in (-1, 0, 1):
                    if 0 <= y + dy < len(rows):
                        other = rows[y + dy]
                        # Each row is set half a key to the right of the one above it.
                        near |= {other[x + dx] for dx in (-1, 0, 1) if 0 <= x + dx < len(other)}
                near.discard(letter)
    return {letter: frozenset(near) for letter, near in found.items()}


NEIGHBOURS = _neighbours()


_LEAST_TYPED = 3  # letters: shorter runs come out as a word of the other script by chance


def other_layouts(text: str) -> list[str]:
    """``text`` as it would have come out on the other layout, both ways, likeliest first; only where it changes, and all
    that comes out is letters, digits and spaces, with a word of three letters at least among it."""
    lowered = "".join(c.lower() if c not in _OLD else c for c in text)
    latin = sum(c.isascii() and c.isalpha() for c in text)
    persian = sum(not c.isascii() and c.isalpha() for c in text)
    if latin >= persian:
        found = [text.lower().translate(_TO_PERSIAN), lowered.translate(_TO_PERSIAN_OLD)]
    else:
        found = [text.translate(_TO_LATIN), text.translate(_TO_LATIN_OLD)]
    return [one for one in dict.fromkeys(found) if one != text and _is_typed(one)]


def _is_typed(text: str) -> bool:
    """Whether somebody may have meant to type it: what leaves punctuation behind (``jak[``) was no slip of the layout."""
    words = text.split()
    return all(word.isalnum() for word in words) and any(map(_says_enough, words))


def _says_enough(word: str) -> bool:
    letters = sum(map(str.isalpha, word))
    return letters >= _LEAST_TYPED or 0 < letters < len(word)  # t3: letters with a number
