"""Titles that deny what was asked for: ``تزریقی`` does not ask for ``بدون تزریق``.

A title denies a word when it has the word, or what means the same, after a negation and nowhere else. What is both
(``با و بدون تزریق``) is no negation; a query that holds a negation itself asks for such titles.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from maxa.persian.endings import stem
from maxa.search.synonyms import synonyms
from maxa.shelf.index_text import EMPTY_WORDS

NEGATIONS = ("بدون", "غیر", "without", "no", "non")
_ASKED = (*NEGATIONS, "بی", "w o")  # a query says it in these ways as well
_BOTH = (" با و بدون ", " با یا بدون ", " with and without ", " with or without ")
_LEAST_BEGUN = 3  # letters that may be the beginning of a longer word
_Forms = tuple[tuple[str, tuple[str, ...]], ...]  # each way of saying a word, and the same after each negation


def asks_for_negation(titles: Iterable[str]) -> bool:
    """Whether one of the ways of saying a query holds a negation."""
    return any(f" {negation} " in f" {title} " for title in titles for negation in _ASKED)


def denies(title: str, typed: str) -> bool:
    """Whether ``title`` (both titles of a concept, folded, words between spaces) denies a word of ``typed``."""
    for both in _BOTH:
        title = title.replace(both, " ")
    return any(_is_denied(title, forms) for forms in _forms(typed))


def _is_denied(title: str, forms: _Forms) -> bool:
    there = denied = 0
    for form, after_negation in forms:
        count = title.count(form)
        if count:
            there += count
            denied += sum(map(title.count, after_negation))
    return 0 < denied == there


@lru_cache(maxsize=1_024)
def _forms(typed: str) -> tuple[_Forms, ...]:
    """Of each word that may be denied; numbers are not."""
    words = [word for word in typed.split() if word not in EMPTY_WORDS and not any(map(str.isdigit, word))]
    found = []
    for word in words:
        other = [" ".join(one.text for one in form.words) for form in synonyms().of((stem(word),))]
        told = [
            f" {form}" if len(form) >= _LEAST_BEGUN else f" {form} "
            for form in dict.fromkeys((stem(word), word, *other))
        ]
        # What begins with another form is counted with that one.
        told = [form for form in told if not any(form != one and form.startswith(one) for one in told)]
        found.append(tuple((form, tuple(f" {negation}{form}" for negation in NEGATIONS)) for form in told))
    return tuple(found)
