"""From words to an expression of the full-text index, in FTS5's own syntax.

``None`` stands for what matches nothing: words that the edition does not have are seen in its word list, and the index
is not asked.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from maxa.persian.analysis import Item, Word
from maxa.search.lexicon import MOST_COMPLETIONS, WordCount
from maxa.search.measures import same_measures
from maxa.search.query import Words
from maxa.search.synonyms import Form, Synonyms, synonyms
from maxa.shelf.index_text import EMPTY_WORDS, PAIR, may_be_one

MOST_FORMS = 6  # of one word or words
INDEXED_BEGINNING = 3  # letters: the index holds beginnings up to here
_MOST_AS_ONE = 3  # words that are looked for written as one
_SHORT = 3  # letters of an abbreviation that is written with a slash
_NEVER_MEANT = EMPTY_WORDS | {"با", "بدون", "with", "without"}  # by their first letter
_LEAST_COMPLETED = 3  # letters of a synonym's beginning


def required_words(words: list[Word]) -> list[Word]:
    """Without those that say nothing by themselves, unless there are no others; the last one may be a beginning."""
    kept = [word for word in words[:-1] if word.text not in EMPTY_WORDS] + words[-1:]
    return kept or words


class WordSource(Protocol):
    """What is asked of a word list: :class:`maxa.search.lexicon.Lexicon`."""

    def count(self, word: str) -> int: ...

    def completions(self, beginning: str) -> tuple[WordCount, ...]: ...

    def next_letters(self, beginning: str) -> tuple[str, ...]: ...

    def has_everywhere(self, word: str) -> bool: ...

    def finds(self, expression: str) -> bool: ...

    def adds(self, other: str, to: str) -> bool: ...


class Expressions:
    """The expressions of words in one edition; ``literal`` words have no synonyms. ``every_form`` adds those that one
    edition need not be asked for, since it has a better one."""

    every_form = False

    def __init__(self, lexicon: WordSource, literal: bool) -> None:
        self.lexicon = lexicon
        self.literal = literal
        self.any_letter = False  # whether a last letter may begin a word that says nothing
        self.after_first: str | None = None  # what is asked for beside the first word, where that is said by itself
        self.abbreviations: set[tuple[int, int]] = set()
        self.synonyms = NO_SYNONYMS if literal else synonyms()

    def words(self, node: Words) -> str | None:
        """All words, each in any of its forms."""
        words = [word for item in node.items for word in item.words]
        if not words:
            return None
        joined = _joined_spans(node.items)
        self.abbreviations = self.abbreviated_in(node.items)
        if len(words) > 1:
            kept = required_words(words)
            if len(kept) < len(words):
                joined = {}
                self.abbreviations = set()
                words = kept
        found = self.span(words, joined, 0, len(words), node.beginning, whole=True, anywhere=not node.column)
        typing = node.beginning and len(words) > 1 and not self.any_letter
        if typing and _begins_empty(words[-1].written) and not (found and self.lexicon.finds(found)):
            # Whoever is typing ``نوع ۲ بدون`` sees it coming where nothing else is.
            self.any_letter = True
            found = self.span(words, joined, 0, len(words), node.beginning, whole=True, anywhere=not node.column)
        return found

    def abbreviated_in(self, items: tuple[Item, ...]) -> set[tuple[int, int]]:
        """Where the letters of known abbreviations stand (``s/e``): where no title says what one stands for, they are
        neither words by themselves nor the beginning of one."""
        found, at = set(), 0
        for item in items:
            end = at + len(item.words)
            short = len(item.words) > 1 and sum(len(word.text) for word in item.words) <= _SHORT
            if short and self.synonyms.of(tuple(word.stem for word in item.words)):
                found.add((at, end))
            at = end
        return found

    def span(
        self,
        words: list[Word],
        joined: dict[tuple[int, int], str],
        start: int,
        end: int,
        beginning: bool,
        *,
        whole: bool,
        anywhere: bool = False,
    ) -> str | None:
        """Words ``start`` to ``end``: those that can be said together in another way as one, the others by themselves.
        Looked for ``anywhere``, a word that every concept has is not asked for beside others."""
        found: list[str] = []
        idle: list[str] = []
        first_alone = False
        at = start
        while at < end:
            upto, others = at + 1, []
            most = self.synonyms.longest if words[at].stem in self.synonyms.first_words else _MOST_AS_ONE
            for reach in range(min(end, at + max(most, _MOST_AS_ONE)), at + 1, -1):
                if not whole and (at, reach) == (start, end):
                    continue
                others = self.together(words, joined, at, reach, beginning and reach == len(words))
                if others:
                    upto = reach
                    break
                if (at, reach) in self.abbreviations:
                    return None
            if upto == at + 1:
                typing = beginning and upto == len(words) and not self.ends_name(words, at)
                one = self.word(words[at], typing, alone=len(words) == 1)
            elif (at, upto) in joined:
                one = either(others)  # a half-space means the words side by side: the index has them as one
            else:
                one = either(list(filter(None, [self.span(words, joined, at, upto, beginning, whole=False), *others])))
            if one is None:
                return None
            first_alone = first_alone or upto == 1
            if anywhere and upto == at + 1 and self.lexicon.has_everywhere(words[at].text):
                idle.append(one)
            else:
                found.append(one)
            at = upto
        found = found or idle[-1:]
        if whole:
            self.after_first = _all(found[1:]) if first_alone and not idle else None
        return _all(found)

    def ends_name(self, words: list[Word], at: int) -> bool:
        """Whether a letter ends a name that is known (``ویتامین آ``): it is then not the beginning of a word."""
        return len(words[at].written) == 1 and at > 0 and bool(self.synonyms.of((words[at - 1].stem, words[at].stem)))

    def together(
        self, words: list[Word], joined: dict[tuple[int, int], str], start: int, end: int, beginning: bool
    ) -> list[str]:
        """Other ways of saying several words: written as one, or by synonyms."""
        found = []
        whole = joined.get((start, end))
        one = whole or _one(words[start:end])
        abbreviated = (start, end) in self.abbreviations
        if one:
            written = [one, "".join(word.text for word in words[start:end])]
            told = [form for form in dict.fromkeys(written) if self.lexicon.count(form)]
            told += [form + PAIR for form in dict.fromkeys(written) if whole and self.lexicon.count(form + PAIR)]
            found += [f'"{form}"' for form in told]
            alone = self.every_form or not told
            typed = whole or (end - start == 2 and alone and not _begins_empty(words[end - 1].written))
            if beginning and typed and not abbreviated and (completed := self.beginning(one)):
                found = [form for form in found if not form.startswith(f'"{one}')] + [completed]
        if (
            whole
            and (self.every_form or not found)
            and not abbreviated
            and (separate := self.span(words, {}, start, end, beginning, whole=False))
        ):
            found.append(separate)
        if words[start].stem in self.synonyms.first_words:
            others = self.forms(self.synonyms.of(tuple(word.stem for word in words[start:end])))
            found += self.adding(others, either(found) if whole else None)
        if words[start].text[0].isdigit() and not self.literal:
            measures = map(self.all_of, same_measures(words[start:end]))
            found += [measure for measure in measures if measure is not None]
        return found

    def adding(self, others: list[str], to: str | None) -> list[str]:
        """Those of ``others`` that find what ``to`` does not."""
        if to is None:
            return others
        return [other for other in others if self.lexicon.adds(other, to)]

    def word(self, word: Word, beginning: bool, *, alone: bool = True) -> str | None:
        """One word: its stem, what it is written as one with, its synonyms; and what begins so, if it is still typed."""
        count = self.lexicon.count
        forms = (word.stem, word.text, word.written, word.written + PAIR)
        found = [f'"{form}"' for form in dict.fromkeys(forms) if count(form)]
        found = found[:1] + self.adding(found[1:], found[0]) if found else []
        if word.stem in self.synonyms.first_words:
            found += self.adding(self.forms(self.synonyms.of((word.stem,))), either(found))
        if beginning:
            completed = (
                self.beginning(word.written)
                if alone or self.any_letter or len(word.written) > 1
                else self.letter(word.written)
            )
            nothing = self.every_form or not (completed or found)
            if completed:
                # What begins with the word as typed is among the completions.
                found = [form for form in found if not form.startswith(f'"{word.written}')]
                found.append(completed)
            if nothing and len(word.written) >= _LEAST_COMPLETED and not self.literal:
                found += self.forms(self.synonyms.beginning(word.written))
        return either(found)

    def beginning(self, text: str) -> str | None:
        """What begins so. The index holds beginnings of up to three letters; longer ones are spelled out from the word
        list, since the index would read all that they match before giving the first."""
        if text[0].isdigit():
            return f'"{text}" *'
        words = self.lexicon.completions(text)
        if len(text) <= INDEXED_BEGINNING:
            return f'"{text}" *' if words else None
        if len(words) > MOST_COMPLETIONS:
            return f'"{text}" *'
        return either([f'"{word}"' for word in _without_pairs_of(words)])

    def letter(self, text: str) -> str | None:
        """What begins with a letter beside other words, but for words that say nothing (``ب``: not ``به``, ``بدون``)."""
        empty = [word for word in _NEVER_MEANT if word.startswith(text)]
        if not empty:
            return self.beginning(text)
        found = [f'"{text}"'] if self.lexicon.count(text) and text not in empty else []
        for longer in self.lexicon.next_letters(text):
            completed = self.letter(longer)
            if completed:
                found.append(completed)
        return either(found)

    def most_common(self, word: Word, beginning: bool) -> int:
        """In how many concepts the most common form of a word stands."""
        found = [self.lexicon.count(form) for form in (word.stem, word.text) if not form[0].isdigit()]
        if beginning:
            found += [completed.n for completed in self.lexicon.completions(word.written)]
        return max(found, default=0)

    def forms(self, forms: list[Form]) -> list[str]:
        found: list[str] = []
        for form in forms:
            told = [
                f'"{one}"'
                for one in (form.joined, form.joined and form.joined + PAIR)
                if one and self.lexicon.count(one)
            ]
            if self.every_form or not told:
                apart = self.all_of(word.stem for word in form.words if word.text not in EMPTY_WORDS)
                told += [apart] if apart else []
            words = either(told)
            if words is not None:
                found.append(words)
            if len(found) == MOST_FORMS and not self.every_form:
                break
        return found

    def all_of(self, tokens: Iterable[str]) -> str | None:
        found = []
        for token in dict.fromkeys(tokens):
            if not self.lexicon.count(token):
                return None
            found.append(f'"{token}"')
        return _all(found) or None


def _begins_empty(text: str) -> bool:
    """Whether a letter is more likely the beginning of a word that says nothing."""
    return len(text) == 1 and any(word.startswith(text) for word in _NEVER_MEANT)


def _all(found: list[str]) -> str:
    return found[0] if len(found) == 1 else f"({' AND '.join(found)})" if found else ""


def _without_pairs_of(words: tuple[WordCount, ...]) -> list[str]:
    """Without the pairs written as one whose first word is itself among ``words``: it stands in the same titles."""
    found: list[str] = []
    for word, _ in words:
        if not (word.endswith(PAIR) and any(word.startswith(other) for other in found)):
            found.append(word)
    return found


def _one(words: list[Word]) -> str:
    """Neighbours written as one, where they may be."""
    one = words[0].written
    for word in words[1:]:
        if not may_be_one(one[-9:], word.written):
            return ""
        one += word.written
    return one


def _joined_spans(items: tuple[Item, ...]) -> dict[tuple[int, int], str]:
    spans, at = {}, 0
    for item in items:
        if item.joined:
            spans[at, at + len(item.words)] = item.joined
        at += len(item.words)
    return spans


def either(found: list[str]) -> str | None:
    found = list(dict.fromkeys(found))
    if not found:
        return None
    return found[0] if len(found) == 1 else f"({' OR '.join(found)})"


NO_SYNONYMS = Synonyms([])
