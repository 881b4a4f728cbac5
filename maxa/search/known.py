"""Words and phrases that are known to be right (data/known_words.txt and the forms of data/synonyms.toml): none of them is
a misspelling of another, even where an edition holds neither."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import chain
from pathlib import Path

from maxa.persian.analysis import items_of
from maxa.search.synonyms import SYNONYMS, read_groups

KNOWN_WORDS = SYNONYMS.with_name("known_words.txt")
Key = tuple[str, ...]
_DIVIDED = " = "


class KnownWords:
    """``others(key)`` are the other ways to say what is known by those words, None for what is not known; ``longest`` is
    the most words that a known phrase has."""

    def __init__(self, lines: list[list[str]], forms: list[str]) -> None:
        self._others: dict[Key, list[str]] = {}
        for line in lines:
            for form in line:
                for key in _keys(form):
                    others = self._others.setdefault(key, [])
                    others += [other for other in line if other != form and other not in others]
        for form in forms:
            for key in _keys(form):
                self._others.setdefault(key, [])
        self.longest = max(map(len, self._others), default=1)

    def others(self, key: Key) -> list[str] | None:
        return self._others.get(key)

    def single_words(self) -> Iterator[str]:
        return (key[0] for key in self._others if len(key) == 1)


def read_known(path: Path = KNOWN_WORDS) -> list[list[str]]:
    """The forms of each line; empty lines and those after ``#`` say nothing."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line.split(_DIVIDED) for line in map(str.strip, lines) if line and not line.startswith("#")]


@cache
def known_words() -> KnownWords:
    return KnownWords(read_known(), list(chain.from_iterable(read_groups())))


def _keys(form: str) -> list[Key]:
    """Its words, and the same written as one."""
    items = items_of(form)
    words = tuple(word.text for item in items for word in item.words)
    one = "".join(item.one or "".join(word.written for word in item.words) for item in items)
    return list(dict.fromkeys([words, (one,)])) if words else []
