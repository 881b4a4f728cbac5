"""From a query to what one edition's index is asked: a full-text expression, conditions, and the titles wished for.

An expression is a text in FTS5's own syntax. ``None`` stands for what matches nothing: words that the edition does not
have are seen in its word list, and the index is not asked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import orjson

from maxa.persian.analysis import Word
from maxa.persian.fold import code_key
from maxa.search.expression import INDEXED_BEGINNING, MOST_FORMS, Expressions, either, required_words
from maxa.search.lexicon import MOST_COMPLETIONS, Lexicon, lexicon_of
from maxa.search.query import Codes, Either, Every, Node, Phrase, Property, Query, Without, Words
from maxa.shelf.index_text import EMPTY_WORDS, PAIR, START
from maxa.shelf.release import SealedRelease

Condition = tuple[str, tuple[Any, ...]]  # SQL on {id}, and its values
MOST_TITLES = 4  # ways of saying the query that hits are ranked by
_MOST_SAID = 3
_ONE_WORD = re.compile(f'"([^"{START}]+)"')
_MOST_PIECES = 6  # of a code
_LONGEST_LETTERS = 2  # of a piece without a digit
WITHOUT = ("بدون", "without")
CONTRAST = ("تزریق", "ماده حاجب", "contrast")  # what an image is made with or without
INJECTED = "تزریقی"


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
    conditions: tuple[Condition, ...] = ()
    said: tuple[
        tuple[str, ...], ...
    ] = ()  # the words that ``strict`` asks for, then those of each synonym of the whole
    whole: bool = False  # the query is known as a whole (``MI``): it is less likely the beginning of another word
    code: str = ""  # where the query may be a code: as typed
    least: int = 0  # so many match at least
    alone: str = ""  # the one word of the index that is asked for, where there are no conditions


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
        plan.code = typed_code(query)
        if not plan.conditions and (alone := _ONE_WORD.fullmatch(wide)):
            plan.alone = alone[1] if not alone[1][0].isdigit() else ""
        if len(words) == 1:
            plan.least = planner.most_common(words[0], query.node.beginning)
    return plan


def typed_code(query: Query) -> str:
    """The query where it may be a code: one word, or short pieces as clerks divide it (``58410 - 2``, ``i 21``)."""
    if len(query.words) == 1:
        return query.text.strip()
    pieces = query.text.split()
    if len(pieces) > _MOST_PIECES or any(len(piece) > _LONGEST_LETTERS and not _digits(piece) for piece in pieces):
        return ""
    return query.text if any(map(_digits, pieces)) else ""


def _digits(piece: str) -> bool:
    return any(map(str.isdigit, piece))


class _Planner(Expressions):
    """The expressions of a whole query, the conditions beside them, and what hits are ranked by."""

    def __init__(self, lexicon: Lexicon, literal: bool) -> None:
        super().__init__(lexicon, literal)
        self.edition = lexicon
        self.conditions: list[Condition] = []

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
            return self.one_of(node)
        if isinstance(node, Every):
            return self.every(node)
        raise TypeError(node)  # a Without by itself is read as plain words

    def every(self, node: Every) -> str | None:
        wanted: list[str] = []
        unwanted: list[str] = []
        for one in node.nodes:
            if isinstance(one, Without):
                held, conditions = self.apart(one.node)
                if held is not None and conditions:
                    told, values = _as_condition(held, conditions)
                    self.conditions.append((f"NOT {told}", values))
                elif held:
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

    def one_of(self, node: Either) -> str | None:
        """What any of the nodes finds. Where one of them has conditions (a phrase, a code), each is a condition."""
        found = [one for one in map(self.apart, node.nodes) if one[0] is not None]
        if not found or not any(conditions for _, conditions in found):
            return either([expression for expression, _ in found if expression])
        told = [_as_condition(expression or "", conditions) for expression, conditions in found]
        values = tuple(value for _, given in told for value in given)
        self.conditions.append((f"({' OR '.join(condition for condition, _ in told)})", values))
        if all(expression for expression, _ in found):
            return either([expression or "" for expression, _ in found])
        return ""

    def apart(self, node: Node) -> tuple[str | None, list[Condition]]:
        """The expression of a node, and the conditions that go with it alone."""
        before, self.conditions = self.conditions, []
        expression = self.node(node)
        found, self.conditions = self.conditions, before
        return expression, found

    def phrase(self, node: Phrase) -> str | None:
        words = [word for item in node.items for word in item.words]
        expression = self.all_of(word.text for word in words)
        if expression is not None and len(words) > 1:
            text = f" {' '.join(word.text for word in words)} "
            columns = [node.column] if node.column else ["fa", "en"]
            told = " OR ".join(f"instr({column}, ?)" for column in columns)
            self.conditions.append(
                (f"EXISTS (SELECT 1 FROM title WHERE title.id = {{id}} AND ({told}))", (text,) * len(columns))  # noqa: S608
            )
        return _in_column(expression, node.column)

    def codes(self, node: Codes) -> str | None:
        key = code_key(node.code)
        if not key:
            return None
        if node.beginning:
            condition = "{id} IN (SELECT id FROM concept WHERE code_key >= ? AND code_key < ?)"
            self.conditions.append((condition, (key, key + "\U0010ffff")))
        else:
            condition = "{id} IN (SELECT id FROM concept WHERE code_key IN (SELECT value FROM json_each(?)))"
            self.conditions.append((condition, (orjson.dumps(other_zeros(key)).decode(),)))
        return ""

    def property(self, node: Property) -> str | None:
        tokens = self.edition.filter_tokens(node.name, node.value)
        if tokens is None:
            return self.words(node.words)
        return either([f'"{token}"' for token in tokens])

    # --- ranking -------------------------------------------------------------------------------------------------

    def strict(self, words: list[Word]) -> str | None:
        tokens = [word.written if self.lexicon.count(word.written) else word.text for word in words]
        return self.all_of([token for token in tokens if not self.lexicon.has_everywhere(token)] or tokens[-1:])

    def starts(self, words: list[Word], wide: str, beginning: bool) -> str | None:
        """What matches and begins with the first word, or with the first word of a synonym of the whole."""
        alone = len(words) == 1 and beginning
        first = f'"{START}{words[0].text}"'
        if alone and len(words[0].text) < INDEXED_BEGINNING:
            return f"({first} *)"
        found = [first]
        if alone and len(words[0].text) >= INDEXED_BEGINNING:
            completed = self.lexicon.completions(words[0].written)
            if len(completed) > MOST_COMPLETIONS:
                found = [f'"{START}{words[0].text}" *']
            else:
                found += [f'"{START}{word.word}"' for word in completed if not word.word.endswith(PAIR)]
        key = tuple(word.stem for word in words)
        first_asked = required_words(words)[0] is words[0]
        if (
            first_asked
            and self.after_first is not None
            and not (words[0].stem in self.synonyms.first_words and self.synonyms.of(key))
        ):
            # A title that begins with the word has it.
            started = " OR ".join(dict.fromkeys(found))
            return f"({started}) AND {self.after_first}" if self.after_first else f"({started})"
        if words[0].stem in self.synonyms.first_words:
            found += [f'"{START}{form.words[0].text}"' for form in self.synonyms.of(key)[:MOST_FORMS]]
        started = " OR ".join(dict.fromkeys(found))
        return f"({started}) AND {wide}"

    def said(self, words: list[Word], required: list[Word]) -> tuple[tuple[tuple[str, ...], ...], bool]:
        """The words of each way of saying the query, and whether it has synonyms as a whole that the edition knows."""
        typed = tuple(word.text for word in required)
        if words[0].stem not in self.synonyms.first_words:
            return (typed,), False
        others: list[tuple[str, ...]] = []
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


def other_zeros(key: str) -> list[str]:
    """A key, and where it begins with a digit, with other leading zeros: spreadsheets drop them (FACTS §8)."""
    if not key[:1].isdigit():
        return [key]
    bare = key.lstrip("0")
    return list(dict.fromkeys([key, *("0" * n + bare for n in range(4))]))


def _as_condition(expression: str, conditions: list[Condition]) -> Condition:
    """What matches ``expression`` and fulfils ``conditions``, as one condition."""
    told = [condition for condition, _ in conditions]
    values = [value for _, given in conditions for value in given]
    if expression:
        told.append("{id} IN (SELECT rowid FROM words WHERE words MATCH ?)")
        values.append(expression)
    # The sign keeps SQLite from looking rows up by id in either half, which a full-text table can't do.
    return f"({' AND '.join(told)})".replace("{id}", "+{id}"), tuple(values)


def _in_column(expression: str | None, column: str) -> str | None:
    return f"{{{column}}} : ({expression})" if expression and column else expression
