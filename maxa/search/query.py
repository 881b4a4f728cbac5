"""The query language: a text becomes a tree of a few kinds of nodes; it never fails.

Plain words are read at once. What holds operators (``"a b"``, ``-a``, ``a یا b``, ``(…)``, ``code:718*``, ``fa:``,
``en:``, ``modality:CT``) goes through Whoosh's parser. What can't be parsed is taken as plain words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from whoosh import query as whoosh_query
from whoosh.qparser import FieldsPlugin, GroupPlugin, OperatorsPlugin, PhrasePlugin, QueryParser, WhitespacePlugin
from whoosh.qparser.plugins import PrefixPlugin
from whoosh.qparser.syntax import NotGroup, OrGroup, PrefixOperator

from maxa.persian.analysis import Item, items_of
from maxa.persian.fold import ZWNJ, fold

FA, EN, CODE, STATUS = "fa", "en", "code", "status"
_NAMES = {
    "fa": FA, "فارسی": FA, "en": EN, "لاتین": EN, "انگلیسی": EN, "code": CODE, "کد": CODE, "status": STATUS, "وضعیت": STATUS,
}  # fmt: skip
_STATUS = {"active": "active", "فعال": "active", "retired": "retired", "بازنشسته": "retired", "غیرفعال": "retired"}
MOST_CLAUSES = 32


@dataclass(frozen=True, slots=True)
class Words:
    """All of ``items`` in any order; with ``beginning`` the last word may be the beginning of one. ``column`` is
    :data:`FA` or :data:`EN` where only that title is meant; ``literal`` words stand for nothing but themselves."""

    items: tuple[Item, ...]
    beginning: bool = False
    column: str = ""
    literal: bool = False


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words side by side, in this order."""

    items: tuple[Item, ...]
    column: str = ""


@dataclass(frozen=True, slots=True)
class Codes:
    """A code, or with ``beginning`` all that begin so; ``code`` is as it was typed."""

    code: str
    beginning: bool


@dataclass(frozen=True, slots=True)
class Property:
    """A property's text: ``name`` is folded. Where an edition has no such property, ``words`` are taken as they stand."""

    name: str
    value: str
    words: Words


@dataclass(frozen=True, slots=True)
class Every:
    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Either:
    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Without:
    node: Node


Node = Words | Phrase | Codes | Property | Every | Either | Without


@dataclass(frozen=True, slots=True)
class Query:
    """``text`` as typed, but for an operator that nothing follows yet; ``words`` are the plain words among it, by which
    hits are ranked and marked; ``plain`` tells that there is nothing else. ``status`` is ``active`` or ``retired`` where
    the query says so, ``code`` the code that it names (``code:718``) where it asks for that alone."""

    text: str
    node: Node | None
    words: tuple[Item, ...]
    plain: bool
    status: str = ""
    code: str = ""

    def __hash__(self) -> int:
        """Of the text alone: queries are looked up for every title that is marked."""
        return hash(self.text)


# The half-space and the joiner would be parts of words to \s and \w alike: they are no letters here.
_OPERATORS = re.compile(r"[\"()*«»“”„‟]|[^\W\d_]:\S|(?:^|\s)-\S|\s(?:یا|OR)\s")
_QUOTES = str.maketrans(dict.fromkeys("«»“”„‟", '"'))
_UNFINISHED = re.compile(r"(?<=\S)(?:\s+(?:یا|OR))+\s*$")  # what may come after is still to be typed
_OR = r"(?<=\s)(?:یا|OR)(?=\s)"
_NOT = r"(?:^|(?<=[\s(]))-(?=[^\s-])"


def _parser() -> QueryParser:
    operators = OperatorsPlugin(
        [
            (OperatorsPlugin.OpTagger(_NOT, NotGroup, PrefixOperator, memo="not"), 0),
            (OperatorsPlugin.OpTagger(_OR, OrGroup, memo="or"), 0),
        ],
        clean=True,
    )
    plugins = [
        WhitespacePlugin(), PhrasePlugin(r'"(?P<text>[^"]*)"(?P<slop>(?!))?'), GroupPlugin(), _Beginning(), operators,
        FieldsPlugin(rf"(?P<text>[^\W\d][\w.{ZWNJ}]*):(?=\S)", remove_unknown=False),
    ]  # fmt: skip
    return QueryParser("", schema=None, plugins=plugins)


class _Beginning(PrefixPlugin):
    expr = r'(?P<text>[^\s*:()"]+)[*](?=\s|$|\))'


_PARSER = _parser()


@lru_cache(maxsize=4_096)
def read_query(text: str) -> Query:
    """Never fails: what can't be parsed is taken as plain words."""
    text = _UNFINISHED.sub("", text)
    if _OPERATORS.search(text):
        try:
            parsed = _PARSER.parse(text.translate(_QUOTES), normalize=False)
            query = _Reader(text).read(parsed)
        except (RecursionError, ValueError, IndexError, AttributeError, TypeError, whoosh_query.QueryError):
            query = None
        if query is not None:
            return query
    return plain_query(text)


def plain_query(text: str, *, literal: bool = False) -> Query:
    """The words of ``text``, whatever else it holds."""
    items = tuple(items_of(text))
    return Query(text, Words(items, True, "", literal) if items else None, items, True)


class _TooMuch(ValueError):
    pass


class _Reader:
    """Whoosh's tree into ours."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.status = ""
        self.code = ""
        self.named: Node | None = None
        self.words: list[Item] = []
        self.clauses = 0
        self.last = fold(text.rstrip("*")).split()[-1:] or [""]

    def read(self, parsed: whoosh_query.Query) -> Query | None:
        node = self.node(parsed, "", wanted=True)
        if node is None and self.status:
            node = Every(())  # all that bear the status
        if node is None or isinstance(node, Without):
            return None
        if isinstance(node, Every) and node.nodes and all(isinstance(one, Without) for one in node.nodes):
            return None
        code = self.code if node is self.named else ""
        return Query(self.text, node, tuple(self.words), False, self.status, code)

    def node(self, q: whoosh_query.Query, column: str, *, wanted: bool) -> Node | None:
        self.clauses += 1
        if self.clauses > MOST_CLAUSES:
            raise _TooMuch
        if isinstance(q, whoosh_query.Not):
            inner = self.node(q.query, column, wanted=False)
            return Without(inner) if inner is not None else None
        if isinstance(q, whoosh_query.And | whoosh_query.Or):
            found = [self.node(one, column, wanted=wanted) for one in q]
            nodes = tuple(node for node in found if node is not None)
            if isinstance(q, whoosh_query.And):
                nodes = _plain_together(nodes)
            else:
                nodes = tuple(
                    node for node in nodes if not isinstance(node, Without)
                )  # "this or not that" is everything
            if len(nodes) < 2:
                return nodes[0] if nodes else None
            return Every(nodes) if isinstance(q, whoosh_query.And) else Either(nodes)
        if isinstance(q, whoosh_query.Phrase):
            return self.clause(q.fieldname, " ".join(q.words), "phrase", wanted)
        if isinstance(q, whoosh_query.Prefix):
            return self.clause(q.fieldname, q.text, "beginning", wanted)
        if isinstance(q, whoosh_query.Term):
            return self.clause(q.fieldname, q.text, "word", wanted)
        return None

    def clause(self, name: str, text: str, how: str, wanted: bool) -> Node | None:
        field = fold(name or "").replace(" ", "_")  # a heading's spaces and half-spaces are written as one sign
        known = _NAMES.get(field)
        if known == STATUS and fold(text) in _STATUS:
            self.status = _STATUS[fold(text)]
            return None
        if known == CODE and any(c.isalnum() for c in text):
            return self.codes(text, how)
        if known not in (FA, EN) and field:
            items = tuple(items_of(f"{name} {text}"))
            return Property(field, text, Words(items)) if items else None
        items = tuple(items_of(text))
        if not items:
            return None
        column = known or ""
        if wanted:
            self.words += items
        if how == "phrase":
            return Phrase(items, column)
        typing = how == "beginning" or (how == "word" and wanted and fold(text).split()[-1:] == self.last)
        return Words(items, typing, column)

    def codes(self, text: str, how: str) -> Node:
        """A code by its name: in quotes that one alone, with ``*`` what begins so, else both."""
        if how != "word":
            return Codes(text, how == "beginning")
        self.code, self.named = text, Either((Codes(text, False), Codes(text, True)))
        return self.named


def _plain_together(nodes: tuple[Node, ...]) -> tuple[Node, ...]:
    """Neighbouring plain words become one node, so that synonyms of several words are seen."""
    found: list[Node] = []
    for node in nodes:
        before = found[-1] if found else None
        if (
            isinstance(node, Words) and isinstance(before, Words)
            and node.column == before.column and not before.beginning
        ):  # fmt: skip
            found[-1] = Words((*before.items, *node.items), node.beginning, node.column)
        else:
            found.append(node)
    return tuple(found)
