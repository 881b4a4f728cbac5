"""What the full-text index holds of a title: its tokens, and the title as it is ranked.

Two kinds of tokens are no words of a title, and bear a mark so that they never meet one: the first word of a title
(``›قرص``), from which titles that begin so are found without reading all that hold the word, and two or three
neighbours written as one (``سیتی‹``), since ``سی تی``, ``سی‌تی`` and ``سیتی`` must find each other (FACTS §6).
"""

from __future__ import annotations

from functools import lru_cache

from maxa.persian.analysis import UNITS, items_of

START = "›"
PAIR = "‹"
# Words that say nothing by themselves: never asked for beside others, never joined to a neighbour.
EMPTY_WORDS = frozenset({
    "و", "در", "از", "به", "برای", "که", "این", "را", "the", "of", "in", "for", "and", "by", "on", "an", "at", "to", "is",
})  # fmt: skip
_LONGEST_JOINED = 13  # letters; of longer ones, spellings as one are not seen
_ONE_IS_SHORT = 5
_SHORT_RUN = 3  # letters of each word of an abbreviation that is spelled out: ام آر آی
_LATIN_JOINED = 7
_NUMBERED = 5  # letters and digits of CA 125, HIV 2


def index_text(title: str) -> tuple[list[str], str]:
    """Tokens of a title, and its words in order, divided by spaces and between spaces (``""`` when it has none)."""
    items = items_of(title)
    if not items:
        return [], ""
    tokens: list[str] = []
    extras: list[str] = []
    words: list[str] = []
    run: tuple[str, ...] = ()  # short words just before, not divided by punctuation
    last = ""
    for item in items:
        tokens += item.tokens
        extras += item.extras
        words.append(item.ranked)
        if item.opened:
            last = ""
        if last and item.one:
            pairs, run = _written_as_one(run, last, item.one)
            extras += pairs
        else:
            run = ()
        last = "" if item.closed else item.one
    extras.append(START + items[0].words[0].text)
    return tokens + extras, f" {' '.join(words)} "


@lru_cache(maxsize=65_536)
def _written_as_one(run: tuple[str, ...], left: str, right: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Tokens of ``left`` and ``right`` written as one, and where all are short, of the words of ``run`` before them too;
    then the run that ends with ``left``."""
    if not may_be_one(left, right):
        return (), ()
    if max(len(left), len(right)) > _SHORT_RUN or left.isascii():
        return (left + right + PAIR,), ()
    run = (*run, left)[-3:]
    return tuple("".join(run[at:]) + right + PAIR for at in range(len(run))), run


def may_be_one(left: str, right: str) -> bool:
    """Whether two neighbours may well be written as one word: ``سی تی``, ``آموکسی سیلین``, ``CA 125``."""
    if left in EMPTY_WORDS or right in EMPTY_WORDS:
        return False
    if left.isascii() or right.isascii():
        return (
            left.isascii()
            and right.isascii()
            and left.isalpha()
            and len(left) + len(right) <= _LATIN_JOINED
            and (right.isalpha() or len(right) + len(left) <= _NUMBERED)
            and left not in UNITS
            and right not in UNITS
        )
    short = min(len(left), len(right)) <= _ONE_IS_SHORT
    return short and len(left) + len(right) <= _LONGEST_JOINED
