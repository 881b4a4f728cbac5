"""The one chain of analysis, for what is indexed and for what is asked; docs/search.md tells it letter by letter.

It is a chain of Whoosh filters over the runs of one written word (what stands between two spaces), remembered by
written word: lists repeat their words, and a remembered one costs a twentieth of analysing it anew. What depends on the
neighbour (an ending written apart, two words written as one) is done in :func:`items_of`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from whoosh.analysis import Filter, Token, Tokenizer

from maxa.persian.endings import APART, may_stand_apart, stem, without_inflection
from maxa.persian.letters import runs_of

# Units that may be written onto their number; anything else that begins so (``17oh``, ``5fu``) is one word.
UNITS = frozenset({
    "mg", "g", "gr", "kg", "mcg", "ug", "ng", "pg", "ml", "l", "dl", "cl", "ul", "cc", "cm", "mm", "m", "iu", "u", "unit", "units",
    "mmol", "mol", "meq", "mmhg", "h", "hr", "hrs", "min", "s", "sec", "kcal", "cal", "fl", "mci", "mbq", "gy", "ppm", "mosm", "x",
})  # fmt: skip
PERCENT = "percent"
MOST_PARTS = 6  # of one written word
_SHORT = 3  # letters
REMEMBERED_DIGITS = 4
_MIXED = {"word": "latin", "number": "latin", "persian": "persian", "unit": "unit"}
_ROMAN = re.compile(r"x{0,2}v?[il]{2,3}")
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+")


class Word(NamedTuple):
    """``text`` is how a word is matched and ranked: folded, without plural endings. ``written`` has them still;
    ``stem`` is without the ``ی`` of an adjective as well. All three are in the index."""

    text: str
    written: str
    stem: str


class Item(NamedTuple):
    """What stands between two spaces: its words, and in ``joined`` the same written as one (``""`` for a single word);
    ``one`` is that or the single word (``""`` for words that are never one). ``opened`` and ``closed`` tell that
    punctuation divides it from what comes before and next. ``tokens`` and ``extras`` are what the index holds of it: its
    words in order, and other forms of them; ``ranked`` are its words divided by spaces. ``ending`` tells that it may be an
    ending written apart."""

    words: tuple[Word, ...]
    joined: str
    one: str
    opened: bool
    closed: bool
    tokens: tuple[str, ...]
    extras: tuple[str, ...]
    ranked: str
    ending: bool = False


class RunTokenizer(Tokenizer):
    """Folded runs of one script; ``glue`` is what stood before each."""

    def __call__(self, value: str, **kwargs: object) -> Iterator[Token]:
        token = Token()
        for run in runs_of(value):
            token.text, token.glue, token.kind = run.text, run.glue, "word"
            if run.is_number:
                token.kind = "number"
            elif run.is_persian:
                token.kind = "persian"
            elif run.text == "%":
                token.text, token.kind = PERCENT, "unit"
            yield token


class NumberFilter(Filter):
    """One token for a decimal, without idle zeros: ``2.50`` and ``2/5`` → ``2d5``, ``50,000`` → ``50000``.

    A slash is Persian's decimal point and the ratio's sign alike: the token is the same for ``2.4`` and ``2/4``; the
    numbers around a slash are also found by themselves (``parts``).
    """

    def __call__(self, tokens: Iterator[Token]) -> Iterator[Token]:
        held: Token | None = None
        chain: list[tuple[str, str]] = []
        after_letters = False  # the 00 of A00.0 is no decimal
        for token in tokens:
            if token.kind == "number" and held is not None and token.glue in (".", "/", ","):
                chain.append((token.glue, token.text))
                continue
            if held is not None:
                yield from self._numbers(held, chain)
                held = None
            if token.kind == "number" and not (after_letters and token.glue == ""):
                held, chain = token.copy(), []
            else:
                yield token
            after_letters = token.kind == "word"
        if held is not None:
            yield from self._numbers(held, chain)

    @staticmethod
    def _numbers(first: Token, chain: list[tuple[str, str]]) -> Iterator[Token]:
        written = first.text + "".join(glue + text for glue, text in chain)
        if _THOUSANDS.fullmatch(written):
            first.text = written.replace(",", "")
            yield first
            return
        for at, stretch in enumerate(written.split(",")):
            token = first.copy()
            if at:
                token.glue = ","
            numbers = [_decimal(number) for number in stretch.split("/")]
            token.text = "d".join(numbers)
            token.parts = tuple(numbers) if len(numbers) > 1 else ()
            if token.parts:
                token.text = _decimal(".".join(token.parts)) if len(numbers) == 2 else token.text
            yield token


class UnitFilter(Filter):
    """``500mg`` is two words; ``b12`` and ``17oh`` are one."""

    def __call__(self, tokens: Iterator[Token]) -> Iterator[Token]:
        after_number = False
        for token in tokens:
            if after_number and token.glue == "" and token.text in UNITS:
                token.kind = "unit"
                token.glue = " "
            after_number = token.kind == "number"
            yield token


class LookAlikeFilter(Filter):
    """``Vlll`` with lowercase L is ``viii`` (FACTS §8)."""

    def __call__(self, tokens: Iterator[Token]) -> Iterator[Token]:
        for token in tokens:
            text = token.text
            if token.kind == "word" and "l" in text and _ROMAN.fullmatch(text) and text not in ("il", "li"):
                token.text = text.replace("l", "i")
            yield token


class EndingFilter(Filter):
    """Endings written with a half-space go to their word: ``گلبول‌های`` is one word, ``گلبولهای``."""

    def __call__(self, tokens: Iterator[Token]) -> Iterator[Token]:
        held: Token | None = None
        for token in tokens:
            if held is not None and token.kind == "persian" and may_stand_apart(token.text, held.text):
                if not getattr(held, "bare", ""):
                    held.bare = held.text
                held.text += token.text
                continue
            if held is not None:
                yield held
            held = token.copy()
        if held is not None:
            yield held


CHAIN = RunTokenizer() | NumberFilter() | UnitFilter() | LookAlikeFilter() | EndingFilter()


def _decimal(number: str) -> str:
    whole, dot, rest = number.partition(".")
    if not dot:
        return number
    parts = rest.split(".")
    if len(parts) == 1:
        parts = [p for p in (rest.rstrip("0"),) if p]
    return "d".join([whole, *parts])


def item_of(written: str) -> Item | None:
    """The analysis of one written word; None when it holds no letter and no digit."""
    if len(written) > REMEMBERED_DIGITS and written.isascii() and written.isdigit():
        return _number(written)  # long numbers are all different: remembering them would push words out
    return _remembered(written)


def _number(written: str) -> Item:
    return Item((Word(written, written, written),), "", written, False, False, (written,), (), written)


def analysed(written: str) -> Item | None:
    """As :func:`item_of`, remembering nothing: for those who remember what they make of it."""
    if written.isascii() and written.isdigit():
        return _number(written)
    tokens = [token.copy() for token in CHAIN(written)]
    if not tokens:
        return None
    words: list[Word] = []
    index: list[str] = []
    extras: list[str] = []
    before: Token | None = None
    joinable = True
    for token in tokens:
        if before is not None and token.glue == "" and _MIXED[before.kind] == _MIXED[token.kind] == "latin":
            # b12, t4, ca125, hba1c: one word, whose number is found by itself too.
            if len(words[-1].text) <= _SHORT:
                extras += [words[-1].text, token.text]
            words[-1] = _plain(words[-1].text + token.text)
            index[-1] = words[-1].text
        else:
            word = _word(token)
            words.append(word)
            index.append(word.written)
            extras += [form for form in (word.text, word.stem) if form != word.written]
            extras += getattr(token, "parts", ())
            joinable = joinable and _joins(before, token)
        before = token
    joined = ""
    if 1 < len(words) <= MOST_PARTS and joinable:
        joined = "".join(word.written for word in words)
        extras += [joined, "".join(word.text for word in words)]
    opened = not _is_letter(written[0])
    closed = not _is_letter(written[-1])
    one = joined if len(words) > 1 else words[0].written
    ranked = " ".join(word.text for word in words)
    ending = len(words) == 1 and not opened and words[0].written in APART
    forms = tuple(dict.fromkeys(extras))
    return Item(tuple(words), joined, one, opened, closed, tuple(index), forms, ranked, ending)


_remembered = lru_cache(maxsize=131_072)(analysed)


def _joins(before: Token | None, token: Token) -> bool:
    """Whether a run may also be written onto the one before: ``d-dimer``, ``u/a``, ``آموکسی‌سیلین``; not ``mg/ml``."""
    if before is None:
        return True
    if token.kind == "unit" or token.text in UNITS - {"u"} or before.kind == "unit":
        return False
    if "/" in token.glue:
        return len(token.text) + len(before.text) <= _SHORT
    return token.glue != ""


def _word(token: Token) -> Word:
    if token.kind != "persian":
        return _plain(token.text)
    bare = getattr(token, "bare", "")
    text = bare or without_inflection(token.text)
    return Word(text, token.text, stem(text))


def _plain(text: str) -> Word:
    return Word(text, text, text)


def _is_letter(char: str) -> bool:
    return char.isalnum() or "\u064b" <= char <= "\u0670"


def items_of(text: str) -> list[Item]:
    """The analysis of a title or of plain words; endings written apart are put to their word."""
    items: list[Item] = []
    for written in text.split():
        item = item_of(written)
        if item is None:
            if items and not items[-1].closed:
                items[-1] = items[-1]._replace(closed=True)
            continue
        if item.ending and items and not items[-1].closed:
            ending, last = item.words[0].written, items[-1].words[-1]
            if may_stand_apart(ending, last.written) and not last.written.isascii():
                items[-1] = _with_ending(items[-1], ending, item.closed)
                continue
        items.append(item)
    return items


@lru_cache(maxsize=8_192)
def _with_ending(item: Item, ending: str, closed: bool) -> Item:
    last = item.words[-1]
    words = (*item.words[:-1], Word(last.text, last.written + ending, last.stem))
    extras = (*item.extras, last.written) if last.written not in item.extras else item.extras
    tokens = (*item.tokens[:-1], last.written + ending)
    joined = item.joined + ending if item.joined else ""
    extras = (*extras, joined) if joined else extras
    one = item.one + ending if item.one else ""
    return item._replace(words=words, tokens=tokens, extras=extras, joined=joined, one=one, closed=closed)
