"""What the full-text index holds of a title: its tokens, and the title as it is ranked.

Two kinds of tokens are no words of a title, and bear a mark so that they never meet one: the first word of a title
(``›قرص``), from which titles that begin so are found without reading all that hold the word, and two or three
neighbours written as one (``سیتی‹``), since ``سی تی``, ``سی‌تی`` and ``سیتی`` must find each other (FACTS §6).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from maxa.persian.analysis import REMEMBERED_DIGITS, UNITS, Item, analysed, items_of

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


class Piece(NamedTuple):
    """What the index takes of one written word: its ``tokens`` and how it is ``ranked``, each divided by spaces; the first
    word of it (``begins``); and how it may be written as one with the word before (``after``) and the next one
    (``before``), ``""`` where that is never done. Only pieces of one script are (``latin`` or not)."""

    tokens: str
    ranked: str
    begins: str
    after: str
    before: str
    latin: bool


Ending = tuple[()]
_ENDING: Ending = ()


class Pieces(dict[str, Piece | Ending | None]):
    """Pieces by written word, each analysed once: lists repeat their words. None for punctuation alone, ``()`` for what
    may be an ending of the word before.

    Forgets all when it holds ``most``: no list makes it grow without end, and frequent words are soon there again.
    """

    def __init__(self, most: int = 65_536) -> None:
        self._most = most

    def __missing__(self, written: str) -> Piece | Ending | None:
        if len(written) > REMEMBERED_DIGITS and written.isdigit() and written.isascii():
            return Piece(written, written, written, "", "", True)  # long numbers are all different
        item = analysed(written)
        piece = None if item is None else _ENDING if item.ending else _piece(item)
        if len(self) >= self._most:
            self.clear()
        self[written] = piece
        return piece


def index_text(title: str, pieces: Pieces | None = None) -> tuple[str, str]:
    """Tokens of a title, and its words in order, both divided by spaces; the latter between spaces, too (``""`` when it
    has none). ``pieces`` are remembered from title to title."""
    pieces = Pieces() if pieces is None else pieces
    text = _text_of(map(pieces.__getitem__, title.split()))
    return text or _text_of(map(_piece, items_of(title))) or ("", "")


def _text_of(pieces: Iterable[Piece | Ending | None]) -> tuple[str, str] | None:
    """None when there is no word, and when there may be an ending written apart."""
    tokens: list[str] = []
    words: list[str] = []
    run: tuple[str, ...] = ()  # short words just before, not divided by punctuation
    last, last_latin, begins = "", False, ""
    for piece in pieces:
        if not piece:
            if piece is not None:
                return None
            last = ""
            continue
        text, ranked, first, after, before, latin = piece
        if last and after and latin is last_latin:
            pairs, run = _written_as_one(run, last, after)
            tokens += pairs
        else:
            run = ()
        begins = begins or first
        tokens.append(text)
        words.append(ranked)
        last, last_latin = before, latin
    if not words:
        return None
    tokens.append(START + begins)
    return " ".join(tokens), f" {' '.join(words)} "


def _piece(item: Item) -> Piece:
    one, latin = item.one, item.one.isascii()
    longest = (_LATIN_JOINED if latin else _LONGEST_JOINED) - 1
    never = not one or len(one) > longest or one in EMPTY_WORDS or (latin and one in UNITS)
    return Piece(
        " ".join(item.tokens + item.extras),
        item.ranked,
        item.words[0].text,
        "" if never or item.opened else one,
        "" if never or item.closed or (latin and not one.isalpha()) else one,
        latin,
    )


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
