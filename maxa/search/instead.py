"""What is searched when nothing matches: the words with other spaces, on the other keyboard layout, in the other script,
in their nearest spelling, or without those that say little (DESIGN §5).

Readings are tried from the least to the most that has to be changed, and the first that finds something is taken; the
reply tells it, and the user can insist on the words as typed. All editions are searched at once: a reading is tried only
in those whose words allow it (:mod:`maxa.search.vocabulary`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import and_
from typing import Any, NamedTuple

from maxa.persian.fold import code_key
from maxa.search.keyboard import other_layouts
from maxa.search.lexicon import lexicon_of
from maxa.search.pieces import is_little, names_letters, pieces_of, says_enough
from maxa.search.plan import plan_for, typed_code
from maxa.search.query import Every, Node, Query, Words, plain_query, read_query
from maxa.search.rank import has_hits, is_code
from maxa.search.readings import ANY, BEGUN, CODE, COSTS, FEWER, LAYOUT, LETTERS, RELATED, SPACES, SPELLING, Readings
from maxa.search.several import several_in_one
from maxa.search.vocabulary import vocabulary_of
from maxa.search.ways import Ways
from maxa.shelf.release import SealedRelease

_TOLD = {
    SPACES: ("با فاصله‌گذاری دیگر", "with other spaces"),
    LAYOUT: ("با چیدمان دیگر صفحه‌کلید", "on the other keyboard layout"),
    LETTERS: ("با خط دیگر", "in the other script"),
    SPELLING: ("با نزدیک‌ترین املا", "in the nearest spelling"),
    FEWER: ("بی واژه‌های کم‌اثر", "without words that say little"),
    RELATED: ("با واژه‌ای نزدیک", "with a related word"),
    ANY: ("هر کدام جداگانه", "each by itself"),
    BEGUN: ("با واژه‌هایی که چنین آغاز می‌شوند", "with words that begin so"),
    CODE: ("کد و واژه‌ها جداگانه", "the code and the words each by itself"),
}
_NOTHING = ("برای آنچه نوشتید چیزی یافت نشد", "Nothing matched what you typed")
_CONTRARY = ("آنچه یافت شد خلاف نوشتهٔ شما را می‌گوید", "What matched says the contrary of what you typed")
_ANY_COST = 9.0  # the last of all
_NUMBER_AFTER = re.compile(r"(?<!\w)([^\W\d_]{4,})(\d+)")  # metformin500
_MOST_WORDS = 8  # of a query that is read anew
_SHORTEST_CODE = 3  # signs of a code that stands beside words
_MOST_WAYS = 96
_MOST_TRIED = 32  # readings in editions
_LONGEST_KEPT = 2_000  # characters
_MOST_READ = 120_000  # index entries that one search may go through in its tries: some milliseconds


class Kept(NamedTuple):
    """What tells an :class:`Instead`; ``form`` is how ``text`` is read, of :data:`_FORMS`."""

    text: str
    kinds: tuple[str, ...]
    form: str
    contrary: bool


@dataclass(frozen=True, slots=True)
class Instead:
    """``query`` was searched in the place of what was typed; ``kinds`` tell what is different, the chief one first.
    ``contrary``: what was typed is found only where titles deny it."""

    query: Query
    kinds: tuple[str, ...]
    cost: float
    contrary: bool = False

    @property
    def kept(self) -> Kept:
        """For cursors: :func:`read_again` makes this of it."""
        node, form = self.query.node, "query"
        if self.query.plain and isinstance(node, Words):
            form = "begun" if node.beginning else "words"
        return Kept(self.query.text, self.kinds, form, self.contrary)

    def told(self) -> dict[str, object]:
        """For replies."""
        fa, en = _TOLD[self.kinds[0]]
        why_fa, why_en = _CONTRARY if self.contrary else _NOTHING
        return {
            "text": self.query.text, "kinds": list(self.kinds),
            "message_fa": f"{why_fa}؛ «{self.query.text}» ({fa}) جست‌وجو شد.",
            "message_en": f"{why_en}; searched {self.query.text!r} instead ({en}).",
        }  # fmt: skip


def kept_of(fields: Any) -> Kept:
    """Of a cursor's plain values; raises ValueError or TypeError for what is none of :attr:`Instead.kept`."""
    text, kinds, form, contrary = fields
    if type(text) is not str or not 0 < len(text) <= _LONGEST_KEPT or type(kinds) is not list or not kinds:
        raise ValueError("no query")
    if (
        not all(type(kind) is str and kind in _TOLD for kind in kinds)
        or form not in _FORMS
        or type(contrary) is not bool
    ):
        raise ValueError("no kinds")
    return Kept(text, tuple(kinds), form, contrary)


def read_again(kept: Kept, releases: Sequence[SealedRelease], asked: Query, status: str = "all") -> Instead | None:
    """What was searched in the place of ``asked`` on the page before."""
    several = kept.kinds == (ANY,)
    query = several_in_one(releases, asked.text, status) if several else _FORMS[kept.form](kept.text)
    return Instead(query, kept.kinds, 0.0, kept.contrary) if query is not None else None


def searched_instead(releases: Sequence[SealedRelease], query: Query, status: str = "all") -> Instead | None:
    """The reading of ``query`` that changes least and finds something of ``status`` in one of ``releases``; None when
    none does."""
    found = _Search(releases, status).read(query)
    if found is None and (named := several_in_one(releases, query.text, status)):
        found = Instead(named, (ANY,), _ANY_COST)
    return found


def left_open(releases: Sequence[SealedRelease], query: Query, status: str = "all") -> Instead | None:
    """Where all titles deny what ``query`` says it is with: the query without that, and without what says the contrary."""
    found = _Search(releases, status).read_left_open(query)
    return replace(found, contrary=True) if found else None


class _Search:
    """One search over ``releases``, with one budget for all of them. What costs too much is counted, not timed: answers do
    not depend on how busy the server is."""

    def __init__(self, releases: Sequence[SealedRelease], status: str) -> None:
        self.vocabulary, bits = vocabulary_of(releases)
        self.releases = dict(zip(bits, releases, strict=True))
        self.among = sum(self.releases)
        self.status = status
        self.tried = 0
        self.read_so_far = 0

    def read(self, query: Query) -> Instead | None:
        pieces = pieces_of(query.text)
        if not pieces or not self.releases:
            return None
        ways = Ways(Readings(self.vocabulary, self.among), pieces[:_MOST_WORDS])
        if (named := self.code_and_words(pieces)) is not None:
            return named
        if not names_letters(pieces) and not all(ways.right):  # those are spelled
            for text in other_layouts(query.text):
                if self.finds(plain_query(text)):
                    return Instead(plain_query(text), (LAYOUT,), COSTS[LAYOUT])
        if len(pieces) > _MOST_WORDS:
            return None
        divided = _NUMBER_AFTER.sub(r"\1 \2", query.text)
        if divided != query.text and self.finds(plain_query(divided)):
            return Instead(plain_query(divided), (SPACES,), COSTS[SPACES])
        seen: set[str] = set()
        for way in ways.all()[:_MOST_WAYS]:
            texts = [one.text for one in way.readings if one.text]
            text = " ".join(texts)
            shortened = any(one.kind == FEWER for one in way.readings)
            if not text or text in seen or (shortened and not says_enough(texts)):
                continue
            seen.add(text)
            read = _query(text, whole=shortened)
            if self.finds(read, way.bits):
                changed = sorted((one for one in way.readings if one.kind), key=lambda one: -one.cost)
                kinds = tuple(dict.fromkeys(one.kind for one in changed)) or (SPACES,)
                return Instead(read, kinds, way.cost)
        return None

    def code_and_words(self, pieces: list[str]) -> Instead | None:
        """``718-7 هموگلوبین``: a code beside words of its title, or beside words that say little or name the list."""
        for at, piece in enumerate(pieces):
            if len(pieces) == 1 or len(code_key(piece)) < _SHORTEST_CODE or not any(map(str.isdigit, piece)):
                continue
            rest = [*pieces[:at], *pieces[at + 1 :]]
            for release in self.releases.values():
                if not is_code(release, piece, self.status):
                    continue
                name = code_key(release.edition.terminology)
                kept = [one for one in rest if code_key(one) != name and not is_little(one)]
                if not kept:
                    return Instead(plain_query(piece), (FEWER,), COSTS[FEWER])
                read = read_query(" ".join([f'code:"{piece}"', *kept]))
                plan = plan_for(read, release)
                if plan is not None and has_hits(release, plan, self.status, read.status):
                    return Instead(read, (CODE,), COSTS[CODE])
        return None

    def read_left_open(self, query: Query) -> Instead | None:
        pieces = pieces_of(query.text)
        if not 0 < len(pieces) <= _MOST_WORDS:
            return None
        for way in Ways(Readings(self.vocabulary, self.among), pieces).without_what_it_is_with():
            read = _query(" ".join(one.text for one in way.readings if one.text), whole=True)
            if self.finds(read, way.bits):
                return Instead(read, (FEWER,), way.cost)
        return None

    def finds(self, query: Query, bits: int = -1) -> bool:
        """Whether an edition of ``bits`` has hits."""
        code = typed_code(query) if query.plain else ""
        if any(map(str.isdigit, code)) and any(
            is_code(release, code, self.status) for release in self.releases.values()
        ):
            return True
        bits &= self.among
        if query.node is not None:
            bits &= self.may_match(query.node)
        return any(self.finds_in(release, query) for bit, release in self.releases.items() if bit & bits)

    def may_match(self, node: Node) -> int:
        """The editions that may have what a node asks for."""
        if isinstance(node, Words):
            return self.vocabulary.matching(node.items, beginning=node.beginning)
        if isinstance(node, Every):
            return reduce(and_, map(self.may_match, node.nodes), self.among)
        return self.among

    def finds_in(self, release: SealedRelease, query: Query) -> bool:
        if self.read_so_far > _MOST_READ or self.tried == _MOST_TRIED:
            return False
        plan = plan_for(query, release)
        if plan is None:
            return False
        self.tried += 1
        # Finding that words never meet takes going through all that hold the rarest of them.
        count = lexicon_of(release).count
        counts = [count(word.text) for item in query.words for word in item.words if word.text.isalpha()]
        self.read_so_far += min(filter(None, counts), default=1_000)
        return self.read_so_far <= _MOST_READ and has_hits(release, plan, self.status, query.status)


def _query(text: str, *, whole: bool) -> Query:
    """``whole``: the last word is no beginning, as it is where somebody may still be typing."""
    query = read_query(text)
    return _words(query.text) if query.plain and whole else query


def _words(text: str) -> Query:
    """Plain words, of which the last is no beginning."""
    query = plain_query(text)
    return replace(query, node=Words(query.words)) if query.words else query


_FORMS: dict[str, Callable[[str], Query]] = {"query": read_query, "begun": plain_query, "words": _words}
