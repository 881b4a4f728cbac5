"""Light Persian endings: what is taken off a word so that ``قرص‌ها``, ``قرص‌های`` and ``قرص`` find each other.

Light means: plural and comparison endings, and the ``ی`` of adjectives. Verbs, possessives and Arabic plurals are
left alone: in titles they are rare, and taking them off would make other words of names (``کلرات``, ``کلر``).
"""

from __future__ import annotations

# Written apart from their word (with a half-space or a space) these belong to it.
APART = frozenset(("ها", "های", "هایی", "ی", "ای", "تر", "ترین"))
_INFLECTION = ("هایی", "های", "ها", "ترین")
_LEAST = 3  # letters that must stay


def without_inflection(word: str) -> str:
    """``گلبولهای`` → ``گلبول``; ``بها`` stays."""
    for ending in _INFLECTION:
        if word.endswith(ending) and len(word) - len(ending) >= _LEAST:
            return word[: -len(ending)]
    return word


def stem(word: str) -> str:
    """Without inflection and without the ``ی`` of an adjective: ``چشمی`` → ``چشم``, ``غذایی`` → ``غذا``; ``روی`` stays."""
    word = without_inflection(word)
    if word.endswith("یی") and len(word) - 2 >= _LEAST:
        return word[:-2]
    if word.endswith("ی") and len(word) - 1 >= _LEAST:
        return word[:-1]
    return word


def may_stand_apart(ending: str, word: str) -> bool:
    """``هسته ای``: ``ای`` is an ending only after ``ه``; the others after any Persian word."""
    return ending in APART and (ending not in ("ای", "ی") or word.endswith(("ه", "ا", "و")))
