"""When two headings, or the names of a sheet and of a list, are the same to us."""

from __future__ import annotations

import re
from functools import lru_cache

from maxa.persian.fold import fold

_NOISE = re.compile(r"[\W_]+")
_LATIN_PIECES = re.compile(r"[a-z]+|\d+")


@lru_cache(maxsize=4096)
def heading_key(text: str) -> str:
    """Headings that differ in letters' forms, spaces, half-spaces, case or punctuation alone share one key. One of
    punctuation alone (``#``) is its own."""
    folded = fold(text)
    return _NOISE.sub("", folded) or "".join(folded.split())


# Words that mean the same in a heading, folded, and words that say nothing of what a column is.
_SAME_WORD = {
    "انگلیسی": "لاتین", "عنوان": "نام", "title": "name", "farsi": "persian", "fa": "persian", "per": "persian",
    "en": "english", "eng": "english", "latin": "english", "num": "code", "number": "code", "id": "code",
    "desc": "description",
}  # fmt: skip
_NUMBERS = frozenset(
    {"id", "num", "number"}
)  # mean a code beside what it is of; alone, most often the number of the row
_SAYS_NOTHING = frozenset({"به", "ریال", "rial", "rials", "irr", "الزامی", "اجباری", "اختیاری"})
_WORD = re.compile(r"[^\W_]+")


@lru_cache(maxsize=4096)
def words_key(text: str) -> str:
    """A looser key: headings of the same words in another order, with or without brackets, share it
    (``نام آزمایش (انگلیسی)``, ``نام لاتین آزمایش``). It can't be mistaken for a :func:`heading_key`."""
    words = _telling_words(text)
    if len(words) > 1 or _NUMBERS.isdisjoint(words):
        words = [_SAME_WORD.get(word, word) for word in words]
    return f"~{''.join(sorted(words))}" if words else ""


def says_one_word(text: str) -> bool:
    """Whether a heading of several words says one alone: the ``به`` of ``به کد`` tells it from ``کد``."""
    return len(_telling_words(text)) == 1 < len(_WORD.findall(fold(text)))


def _telling_words(text: str) -> list[str]:
    return [word for word in _WORD.findall(fold(text)) if word not in _SAYS_NOTHING]


def names_it(word: str, name: str) -> bool:
    """Whether a sheet's name holds this word: a Latin one whole, since ``us`` is also in ``status``; a Persian one
    wherever it stands, since its endings are joined to it."""
    key = heading_key(word)
    if not key.isascii():
        return key in heading_key(name)
    pieces = _LATIN_PIECES.findall(fold(name))
    return any(
        "".join(pieces[start:end]) == key for start in range(len(pieces)) for end in range(start + 1, len(pieces) + 1)
    )
