"""From a query to what one edition's index is asked: a full-text expression, conditions, and the titles wished for.

An expression is a text in FTS5's own syntax. ``None`` stands for what matches nothing: words that the edition does not
have are seen in its word list, and the index is not asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from maxa.persian.analysis import Item, Word
from maxa.persian.fold import code_key
from maxa.search.lexicon import MOST_COMPLETIONS, Lexicon, WordCount, lexicon_of
from maxa.search.query import Codes, Either, Every, Node, Phrase, Property, Query, Without, Words
from maxa.search.synonyms import Form, Synonyms, synonyms
from maxa.shelf.index_text import EMPTY_WORDS, PAIR, START, may_be_one
from maxa.shelf.release import SealedRelease

MOST_TITLES = 4  # ways of saying the query that hits are ranked by
_MOST_SAID = 3
_MOST_FORMS = 6  # of one word or words
_INDEXED_BEGINNING = 3  # letters: the index holds beginnings up to here
_LEAST_COMPLETED = 3  # letters of a synonym's beginning


@dataclass(slots=True)
class Plan:
    """``wide`` finds all that match. ``strict`` finds among them those that hold the words as typed (``""``: it would
    be the same), ``starts`` those whose title begins with the first word. ``titles`` are the ways of saying the query
    by which hits are ranked, words divided by spaces. ``conditions`` are SQL on ``{id}`` with their values.
    Without ``wide`` only the conditions select."""

    wide: str
    strict: str = ""
    starts: str = ""
    titles: tuple[str, ...] = ()
    conditions: tuple[tuple[str, tuple[Any, ...]], ...] = ()
    said: tuple[tuple[str, ...], ...] = ()  # the words that ``strict`` asks for, then those of each synonym of the whole
    whole: bool = False  # the query is known as a whole (``MI``): it is less likely the beginning of another word
    code: str = ""  # where the query may be a code: as typed
    least: int = 0  # so many match at least


def plan_for(query: Query, release: SealedRelease, *, literal: bool = False) -> Plan | None:
    """None when nothing can match in this edition."""
    if query.node is None:
        return None
    planner = _Planner(lexicon_of(release), literal)
    wide = planner.node(query.node)
    if wide is None:
        return None
    plan = Plan(wide, conditions=tuple(planner.conditions))
    words = [word for item in query.words for word in item.words]
    if words:
        plan.titles = planner.titles(words)
    if isinstance(query.node, Words) and not query.node.column:
        required = required_words(words)
        plan.strict = planner.strict(required) or ""
        plan.said, plan.whole = planner.said(words, required)
        plan.starts = planner.starts(words, wide, query.node.beginning) or ""
        if len(query.words) == 1:
            plan.code = query.text.strip()
        if len(words) == 1:
            plan.least = planner.most_common(words[0], query.node.beginning)
    return plan


def required_words(words: list[Word]) -> list[Word]:
    """Without those that say nothing by themselves, unless there are no others; the last one may be a beginning."""
    kept = [word for word in words[:-1] if word.text not in EMPTY_WORDS] + words[-1:]
    return kept or words


class _Planner:
    def __init__(self, lexicon: Lexicon, literal: bool) -> None:
        self.lexicon = lexicon
        self.synonyms = Synonyms([]) if literal else synonyms()
        self.literal = literal
        self.conditions: list[tuple[str, tuple[Any, ...]]] = []
        self.in_either = 0

    # --- nodes ---------------------------------------------------------------------------------------------------

    def node(self, node: Node) -> str | None:
        """The expression of a node; ``""`` where only conditions select."""
        if isinstance(node, Words):
            return _in_column(self.words(node), node.column)
        if isinstance(node, Phrase):
            return self.phrase(node)
        if isinstance(node, Codes):
            return self.codes(node)
        if isinstance(node, Property):
            return self.property(node)
        if isinstance(node, Either):
            self.in_either += 1
            found = [self.node(one) for one in node.nodes]
            self.in_either -= 1
            return _either([one for one in found if one])
        if isinstance(node, Every):
            return self.every(node)
        raise TypeError(node)  # a Without by itself is read as plain words

    def every(self, node: Every) -> str | None:
        wanted: list[str] = []
        unwanted: list[str] = []
        for one in node.nodes:
            if isinstance(one, Without):
                self.in_either += 1  # an order of words can't be ruled out by a condition of the whole
                held = self.node(one.node)
                self.in_either -= 1
                if held:
                    unwanted.append(held)
                continue
            expression = self.node(one)
            if expression is None:
                return None
            if expression:
                wanted.append(expression)
        if not wanted:
            return None if unwanted else ""
        expression = " AND ".join(wanted)
        return f"(({expression}) NOT ({' OR '.join(unwanted)}))" if unwanted else f"({expression})"

    def phrase(self, node: Phrase) -> str | None:
        words = [word for item in node.items for word in item.words]
        expression = self.all_of(word.text for word in words)
        if expression is not None and len(words) > 1 and not self.in_either:
            text = f" {' '.join(word.text for word in words)} "
            columns = [node.column] if node.column else ["fa", "en"]
            told = " OR ".join(f"instr({column}, ?)" for column in columns)
            self.conditions.append(
                (f"EXISTS (SELECT 1 FROM title WHERE title.id = {{id}} AND ({told}))", (text,) * len(columns))  # noqa: S608
            )
        return _in_column(expression, node.column)

    def codes(self, node: Codes) -> str | None:
        key = code_key(node.code)
        if not key or self.in_either:
            return None
        if node.beginning:
            condition = "{id} IN (SELECT id FROM concept WHERE code_key >= ? AND code_key < ?)"
            self.conditions.append((condition, (key, key + "\U0010ffff")))
        else:
            condition = "{id} IN (SELECT id FROM concept WHERE code_key IN (SELECT value FROM json_each(?)))"
            self.conditions.append((condition, (orjson.dumps(other_zeros(key)).decode(),)))
        return ""

    def property(self, node: Property) -> str | None:
        tokens = self.lexicon.filter_tokens(node.name, node.value)
        if tokens is None:
            return self.words(node.words)
        return _either([f'"{token}"' for token in tokens])

    # --- words ---------------------------------------------------------------------------------------------------

    def words(self, node: Words) -> str | None:
        """All words, each in any of its forms."""
        words = [word for item in node.items for word in item.words]
        if not words:
            return None
        joined = _joined_spans(node.items)
        if len(words) > 1:
            kept = required_words(words)
            if len(kept) < len(words):
                joined = {}
                words = kept
        return self.span(words, joined, 0, len(words), node.beginning, whole=True)

    def span(
        self,
        words: list[Word],
        joined: dict[tuple[int, int], str],
        start: int,
        end: int,
        beginning: bool,
        *,
        whole: bool,
    ) -> str | None:
        """Words ``start`` to ``end``: those that can be said together in another way as one, the others by themselves."""
        found: list[str] = []
        at = start
        while at < end:
            upto, others = at + 1, []
            for reach in range(min(end, at + max(3, self.synonyms.longest)), at + 1, -1):
                if not whole and (at, reach) == (start, end):
                    continue
                others = self.together(words, joined, at, reach, beginning and reach == len(words))
                if others:
                    upto = reach
                    break
            if upto == at + 1:
                one = self.word(words[at], beginning and upto == len(words))
            elif (at, upto) in joined:
                one = _either(others)  # a half-space means the words side by side: the index has them as one
            else:
                one = _either(list(filter(None, [self.span(words, joined, at, upto, beginning, whole=False), *others])))
            if one is None:
                return None
            found.append(one)
            at = upto
        return found[0] if len(found) == 1 else f"({' AND '.join(found)})"

    def together(
        self, words: list[Word], joined: dict[tuple[int, int], str], start: int, end: int, beginning: bool
    ) -> list[str]:
        """Other ways of saying several words: written as one, or by synonyms."""
        found = []
        whole = joined.get((start, end))
        one = whole or _one(words[start:end])
        if one:
            written = [one, "".join(word.text for word in words[start:end])]
            told = [form for form in dict.fromkeys(written) if self.lexicon.count(form)]
            told += [form + PAIR for form in dict.fromkeys(written) if whole and self.lexicon.count(form + PAIR)]
            found += [f'"{form}"' for form in told]
            if beginning and (whole or (end - start == 2 and not told)) and (completed := self.beginning(one)):
                found = [form for form in found if not form.startswith(f'"{one}')] + [completed]
        if whole and not found and (separate := self.span(words, {}, start, end, beginning, whole=False)):
            found.append(separate)
        if words[start].stem in self.synonyms.first_words:
            others = self.forms(self.synonyms.of(tuple(word.stem for word in words[start:end])))
            found += self.adding(others, _either(found) if whole else None)
        return found

    def adding(self, others: list[str], to: str | None) -> list[str]:
        """Those of ``others`` that find what ``to`` does not."""
        if to is None:
            return others
        return [other for other in others if self.lexicon.adds(other, to)]

    def word(self, word: Word, beginning: bool) -> str | None:
        """One word: its stem, what it is written as one with, its synonyms; and what begins so, if it is still typed."""
        count = self.lexicon.count
        forms = (word.stem, word.text, word.written, word.written + PAIR)
        found = [f'"{form}"' for form in dict.fromkeys(forms) if count(form)]
        if word.stem in self.synonyms.first_words:
            found += self.adding(self.forms(self.synonyms.of((word.stem,))), _either(found))
        if beginning:
            completed = self.beginning(word.written)
            if completed:
                # What begins with the word as typed is among the completions.
                found = [form for form in found if not form.startswith(f'"{word.written}')]
                found.append(completed)
            elif not found and len(word.written) >= _LEAST_COMPLETED and not self.literal:
                found += self.forms(self.synonyms.beginning(word.written))
        return _either(found)

    def beginning(self, text: str) -> str | None:
        """What begins so. The index holds beginnings of up to three letters; longer ones are spelled out from the word
        list, since the index would read all that they match before giving the first."""
        if text[0].isdigit() or len(text) <= _INDEXED_BEGINNING:
            return f'"{text}" *'
        words = self.lexicon.completions(text)
        if len(words) > MOST_COMPLETIONS:
            return f'"{text}" *'
        return _either([f'"{word}"' for word in _without_pairs_of(words)])

    def most_common(self, word: Word, beginning: bool) -> int:
        """In how many concepts the most common form of a word stands."""
        found = [self.lexicon.count(form) for form in (word.stem, word.text) if not form[0].isdigit()]
        if beginning:
            found += [completed.n for completed in self.lexicon.completions(word.written)]
        return max(found, default=0)

    def forms(self, forms: list[Form]) -> list[str]:
        found = []
        for form in forms[:_MOST_FORMS]:
            told = [
                f'"{one}"'
                for one in (form.joined, form.joined and form.joined + PAIR)
                if one and self.lexicon.count(one)
            ]
            words = _either(told) or self.all_of(word.stem for word in form.words if word.text not in EMPTY_WORDS)
            if words is not None:
                found.append(words)
        return found

    def all_of(self, tokens: Any) -> str | None:
        found = []
        for token in dict.fromkeys(tokens):
            if not self.lexicon.count(token):
                return None
            found.append(f'"{token}"')
        return f"({' AND '.join(found)})" if len(found) > 1 else found[0] if found else None

    # --- ranking -------------------------------------------------------------------------------------------------

    def strict(self, words: list[Word]) -> str | None:
        return self.all_of(word.written if self.lexicon.count(word.written) else word.text for word in words)

    def starts(self, words: list[Word], wide: str, beginning: bool) -> str | None:
        """What matches and begins with the first word, or with the first word of a synonym of the whole."""
        alone = len(words) == 1 and beginning
        first = f'"{START}{words[0].text}"'
        if alone and len(words[0].text) < _INDEXED_BEGINNING:
            return f"({first} *)"
        found = [first]
        if alone and len(words[0].text) >= _INDEXED_BEGINNING:
            completed = self.lexicon.completions(words[0].written)
            if len(completed) > MOST_COMPLETIONS:
                found = [f'"{START}{words[0].text}" *']
            else:
                found += [f'"{START}{word.word}"' for word in completed if not word.word.endswith(PAIR)]
        key = tuple(word.stem for word in words)
        if words[0].stem in self.synonyms.first_words:
            found += [f'"{START}{form.words[0].text}"' for form in self.synonyms.of(key)[:_MOST_FORMS]]
        started = " OR ".join(dict.fromkeys(found))
        return f"({started}) AND {wide}"

    def said(self, words: list[Word], required: list[Word]) -> tuple[tuple[tuple[str, ...], ...], bool]:
        """The words of each way of saying the query, and whether it has synonyms as a whole that the edition knows."""
        typed = tuple(word.text for word in required)
        if words[0].stem not in self.synonyms.first_words:
            return (typed,), False
        others = []
        for form in self.synonyms.of(tuple(word.stem for word in words)):
            told = [word for word in form.words if word.text not in EMPTY_WORDS]
            if told and len(others) < _MOST_SAID and all(self.lexicon.count(word.stem) for word in told):
                others.append(tuple(word.text for word in told))
        return (typed, *others), bool(others)

    def titles(self, words: list[Word]) -> tuple[str, ...]:
        """The query as a title would say it, then with a synonym in the place of the whole, or of words that no title has."""
        texts = [word.text for word in words]
        found = [" ".join(texts)]
        if self.literal or not any(word.stem in self.synonyms.first_words for word in words):
            return (found[0],)
        there = [self.lexicon.count(word.text) > 0 for word in words]
        for size in range(min(len(words), self.synonyms.longest), 0, -1):
            for at in range(len(words) - size + 1):
                if words[at].stem not in self.synonyms.first_words:
                    continue
                if size < len(words) and all(there[at : at + size]):
                    continue  # titles say it as typed
                for form in self.synonyms.of(tuple(word.stem for word in words[at : at + size])):
                    if all(self.lexicon.count(word.stem) for word in form.words):
                        said = [*texts[:at], *(word.text for word in form.words), *texts[at + size :]]
                        found.append(" ".join(said))
                        if len(found) == MOST_TITLES:
                            return tuple(dict.fromkeys(found))
        return tuple(dict.fromkeys(found))


def _without_pairs_of(words: tuple[WordCount, ...]) -> list[str]:
    """Without the pairs written as one whose first word is itself among ``words``: it stands in the same titles."""
    found: list[str] = []
    for word, _ in words:
        if not (word.endswith(PAIR) and any(word.startswith(other) for other in found)):
            found.append(word)
    return found


def has_synonym(words: list[Word], lexicon: Lexicon) -> bool:
    """Whether words have another form that the edition knows."""
    planner = _Planner(lexicon, literal=False)
    return bool(planner.forms(planner.synonyms.of(tuple(word.stem for word in words))))


def other_zeros(key: str) -> list[str]:
    """A key, and where it begins with a digit, with other leading zeros: spreadsheets drop them (FACTS §8)."""
    if not key[:1].isdigit():
        return [key]
    bare = key.lstrip("0")
    return list(dict.fromkeys([key, *("0" * n + bare for n in range(4))]))


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


def _either(found: list[str]) -> str | None:
    found = list(dict.fromkeys(found))
    if not found:
        return None
    return found[0] if len(found) == 1 else f"({' OR '.join(found)})"


def _in_column(expression: str | None, column: str) -> str | None:
    return f"{{{column}}} : ({expression})" if expression and column else expression
