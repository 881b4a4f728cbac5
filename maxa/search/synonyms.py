"""Synonyms and abbreviations (data/synonyms.toml): groups of words that mean the same, expanded when a query is read.

Groups are two-way and not chained: what ``CT`` stands for does not stand for what one of those words also means.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from maxa.persian.analysis import Word, items_of
from maxa.shelf.index_text import EMPTY_WORDS

SYNONYMS = Path(__file__).resolve().parents[2] / "data" / "synonyms.toml"
Key = tuple[str, ...]
_LEAST_SPACED = 3


class Form(NamedTuple):
    """One way to say it: its words, and the same written as one (``""`` for a single word)."""

    words: tuple[Word, ...]
    joined: str


class Synonyms:
    """``of(words)`` gives the other forms of what the words say, in the order of the file; ``longest`` is the most
    words that a form has."""

    def __init__(self, groups: list[list[str]]) -> None:
        self._forms: dict[Key, list[Form]] = {}
        self._begin: dict[str, list[str]] = {}
        self._as_one: dict[str, list[Form]] = {}
        first: set[str] = set()
        self.longest = 1
        for group in groups:
            forms = {key_of(form.words): form for form in map(_form, group) if form.words}
            spoken = {spoken: form for form in forms.values() if (spoken := _without_empty_words(form))}
            for key, form in ({**spoken, **forms}).items():
                self.longest = max(self.longest, len(key))
                others = self._forms.setdefault(key, [])
                others += [other for other in forms.values() if other is not form and other not in others]
                self._spaced_otherwise(form, list(forms.values()), first)
                if form.joined:
                    alike = self._forms.setdefault((form.joined,), [])
                    alike += [other for other in forms.values() if other not in alike]
        self.first_words = frozenset(key[0] for key in self._forms) | first
        for key in self._forms:
            if len(key) == 1:
                self._begin.setdefault(key[0][:2], []).append(key[0])

    def of(self, key: Key) -> list[Form]:
        found = self._forms.get(key)
        if found is None and len(key) > 1:
            found = self._as_one.get("".join(key))
        return found or []

    def _spaced_otherwise(self, form: Form, group: list[Form], first: set[str]) -> None:
        """``پرکردن دندان`` for ``پر کردن دندان``: forms of three words and more are known with some of their spaces."""
        if len(form.words) < _LEAST_SPACED:
            return
        for written in ([word.stem for word in form.words], [word.written for word in form.words]):
            others = self._as_one.setdefault("".join(written), [])
            others += [other for other in group if other is not form and other not in others]
            first.update("".join(written[:end]) for end in range(2, len(written)))

    def single_words(self) -> list[str]:
        """Every word that has synonyms by itself."""
        return [key[0] for key in self._forms if len(key) == 1]

    def beginning(self, text: str) -> list[Form]:
        """Forms for what begins so in one word: ``paraceta`` → what paracetamol also means."""
        found: list[Form] = []
        for word in self._begin.get(text[:2], []):
            if word.startswith(text):
                found += [form for form in self._forms[word,] if form not in found]
        return found


def key_of(words: tuple[Word, ...]) -> Key:
    return tuple(word.stem for word in words)


def _without_empty_words(form: Form) -> Key:
    """How a query says a form of which it leaves out the empty words (``در صورت نیاز``); ``()`` where that is one word."""
    key = tuple(word.stem for word in form.words if word.text not in EMPTY_WORDS)
    return key if 1 < len(key) < len(form.words) else ()


def _form(text: str) -> Form:
    items = items_of(text)
    words = tuple(word for item in items for word in item.words)
    joined = "".join(word.written for word in words) if len(words) > 1 else ""
    return Form(words, joined)


class Section(NamedTuple):
    """``orderable``: what its forms name is ordered side by side; an organ beside an examination is not."""

    title: str
    groups: list[list[str]]
    orderable: bool


@cache
def sections(kind: str = "section", path: Path = SYNONYMS) -> tuple[Section, ...]:
    """The sections of the file of one kind, ``section`` or ``related``."""
    return tuple(Section(one["title"], one["groups"], one.get("orderable", False)) for one in _file(path).get(kind, []))


@cache
def _file(path: Path) -> dict[str, list[dict[str, Any]]]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def read_groups(path: Path = SYNONYMS) -> list[list[str]]:
    """Every group of the file. Raises :class:`ValueError` for a group of fewer than two forms."""
    groups = [group for section in sections(path=path) for group in section.groups]
    for group in groups:
        if len(group) < 2:
            raise ValueError(f"a group of synonyms needs two forms: {group}")
    return groups


@cache
def synonyms() -> Synonyms:
    return Synonyms(read_groups())


@cache
def related() -> dict[Key, list[str]]:
    """Words and phrases that stand near each other without meaning the same (``قرص``, ``کپسول``): searched only where nothing
    matches what was typed, and told then."""
    found: dict[Key, list[str]] = {}
    for section in sections("related"):
        for group in section.groups:
            forms = {key_of(_form(text).words): text for text in group}
            for key in forms:
                found.setdefault(key, []).extend(text for other, text in forms.items() if other != key)
    return found
