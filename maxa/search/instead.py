"""What is searched when nothing matches: the words with other spaces, on the other keyboard layout, in the other script,
in their nearest spelling, or without those that say little (DESIGN §5).

Readings are tried from the least to the most that has to be changed, and the first that finds something is taken; the
reply tells it, and the user can insist on the words as typed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

from maxa.persian.analysis import Item, items_of
from maxa.persian.fold import fold
from maxa.search.keyboard import other_layouts
from maxa.search.known import known_words
from maxa.search.lexicon import Lexicon, lexicon_of
from maxa.search.nearest import nearest, same_sound, spelled_by_ear, word_list
from maxa.search.plan import CONTRAST, INJECTED, WITHOUT, Plan, has_synonym, plan_for, typed_code
from maxa.search.query import Query, Words, plain_query, read_query
from maxa.search.rank import count_of, is_code
from maxa.search.several import several_in_one
from maxa.search.sounding import LETTER_NAMES, spelled_letters
from maxa.search.synonyms import key_of, related
from maxa.shelf.index_text import EMPTY_WORDS
from maxa.shelf.release import SealedRelease

SPACES, LAYOUT, LETTERS, SPELLING = "spaces", "layout", "letters", "spelling"
FEWER, RELATED, ANY = "fewer-words", "related-word", "any-word"
_TOLD = {
    SPACES: ("با فاصله‌گذاری دیگر", "with other spaces"),
    LAYOUT: ("با چیدمان دیگر صفحه‌کلید", "on the other keyboard layout"),
    LETTERS: ("با خط دیگر", "in the other script"),
    SPELLING: ("با نزدیک‌ترین املا", "in the nearest spelling"),
    FEWER: ("بی واژه‌های کم‌اثر", "without words that say little"),
    RELATED: ("با واژه‌ای نزدیک", "with a related word"),
    ANY: ("هر کدام جداگانه", "each by itself"),
}
_NOTHING = ("برای آنچه نوشتید چیزی یافت نشد", "Nothing matched what you typed")
_CONTRARY = ("آنچه یافت شد خلاف نوشتهٔ شما را می‌گوید", "What matched says the contrary of what you typed")
_COSTS = {SPACES: 0.4, FEWER: 0.5, LAYOUT: 0.6, LETTERS: 0.7, SPELLING: 0.6, RELATED: 0.65}
_ANY = 9.0  # the last of all
_BY_EAR = 0.75  # Persian in Latin letters, letter by letter
_SAME_SOUND = 1.15  # a name in the other script: less likely than a vowel left out, likelier than a wrong letter
# Words that a clinician adds and a list leaves out.
LITTLE = EMPTY_WORDS | {
    "ازمایش", "تست", "سطح", "میزان", "اندازه", "گیری", "اندازهگیری", "بررسی", "تعیین", "مقدار", "خون", "سرم", "پلاسما", "سرمی",
    "خونی", "کمی", "کیفی", "دارو", "داروی", "انجام", "خدمت", "عمل", "جراحی", "بخش", "نمونه", "برگه", "کد", "test", "level",
    "assay", "serum", "plasma", "blood", "measurement", "code", "icd", "loinc", "lnc", "erx", "irc", "snomed", "rvu",
}  # fmt: skip
_WITH = frozenset({"با", "with"})
_LEAST_LEFT = 3  # letters of a word that is searched when others were left out
_NUMBER_AFTER = re.compile(r"(?<!\w)([^\W\d_]{4,})(\d+)")  # metformin500
_MOST_WORDS = 8  # of a query that is read anew
_MOST_READINGS = 4  # of one word
_MOST_TRIED = 24
_MOST_READ = 120_000  # index entries that one search may go through in its tries: some milliseconds
_MOST_WORDS_COMPARED = 400_000  # over all editions of one search


@dataclass(frozen=True, slots=True)
class Instead:
    """``query`` was searched in the place of what was typed; ``kinds`` tell what is different, the chief one first.
    ``contrary``: what was typed is found only where titles deny it."""

    query: Query
    kinds: tuple[str, ...]
    cost: float
    contrary: bool = False

    def told(self) -> dict[str, object]:
        """For replies."""
        fa, en = _TOLD[self.kinds[0]]
        why_fa, why_en = _CONTRARY if self.contrary else _NOTHING
        return {
            "text": self.query.text, "kinds": list(self.kinds),
            "message_fa": f"{why_fa}؛ «{self.query.text}» ({fa}) جست‌وجو شد.",
            "message_en": f"{why_en}; searched {self.query.text!r} instead ({en}).",
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Reading:
    cost: float
    text: str
    kind: str


def searched_instead(releases: Sequence[SealedRelease], query: Query) -> Instead | None:
    """The reading of ``query`` that changes least and finds something in one of ``releases``; None when none does."""
    best: Instead | None = None
    compared = 0
    for release in releases:
        lexicon = lexicon_of(release)
        compared += len(word_list(lexicon, latin=True).counts) + len(word_list(lexicon, latin=False).counts)
        if compared > _MOST_WORDS_COMPARED and release is not releases[0]:
            break
        found = _Reader(lexicon).read(query, best.cost if best else 9.0)
        if found is not None and (best is None or found.cost < best.cost):
            best = found
    if best is None:
        named = next(filter(None, (several_in_one(release, query.text) for release in releases)), None)
        best = Instead(named, (ANY,), _ANY) if named else None
    return best


def left_open(releases: Sequence[SealedRelease], query: Query) -> Instead | None:
    """Where all titles deny what ``query`` says it is with: the query without that, and without what says the contrary."""
    for release in releases:
        found = _Reader(lexicon_of(release)).read_left_open(query)
        if found is not None:
            return replace(found, contrary=True)
    return None


class _Reader:
    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self.tried = 0
        self.read_so_far = 0
        self.right: list[int] = []  # of each piece, of how many words the longest phrase is that is known to be right

    def read(self, query: Query, below: float) -> Instead | None:
        pieces = _pieces(query.text)
        self.right = _known_right(pieces)
        if not _names_letters(pieces) and not all(self.right):  # those are spelled
            for text in other_layouts(query.text):
                if _COSTS[LAYOUT] < below and self.finds(text):
                    return Instead(plain_query(text), (LAYOUT,), _COSTS[LAYOUT])
        if not pieces or len(pieces) > _MOST_WORDS:
            return None
        divided = _NUMBER_AFTER.sub(r"\1 \2", query.text)
        if divided != query.text and _COSTS[SPACES] < below and self.finds(divided):
            return Instead(plain_query(divided), (SPACES,), _COSTS[SPACES])
        ways = sorted(self.ways(pieces), key=lambda way: sum(one.cost for one in way))
        seen: set[str] = set()
        for way in ways[: 4 * _MOST_TRIED]:
            cost = sum(one.cost for one in way)
            text = " ".join(one.text for one in way if one.text)
            shortened = any(one.kind == FEWER for one in way)
            if shortened and not _says_enough([one.text for one in way if one.text]):
                continue
            if cost >= below or self.tried > _MOST_TRIED or self.read_so_far > _MOST_READ:
                return None
            if text in seen or not text:
                continue
            seen.add(text)
            query = _query(text, whole=shortened)
            if self.finds_any(query):
                changed = sorted((one for one in way if one.kind), key=lambda one: -one.cost)
                kinds = tuple(dict.fromkeys(one.kind for one in changed)) or (SPACES,)
                return Instead(query, kinds, cost)
        return None

    def read_left_open(self, query: Query) -> Instead | None:
        pieces = _pieces(query.text)
        if len(pieces) > _MOST_WORDS:
            return None
        for way in self.without_what_it_is_with(pieces, [_is_little(piece) for piece in pieces]):
            read = _query(" ".join(one.text for one in way if one.text), whole=True)
            if self.finds_any(read):
                return Instead(read, (FEWER,), _COSTS[FEWER])
        return None

    def finds(self, text: str) -> bool:
        return self.finds_any(plain_query(text))

    def finds_any(self, query: Query) -> bool:
        plan = plan_for(query, self.lexicon.release)
        code = typed_code(query) if query.plain else ""
        if code and is_code(self.lexicon.release, code):
            return True
        if plan is None:
            return False
        self.tried += 1
        # Finding that words never meet takes going through all that hold the rarest of them.
        counts = [self.lexicon.count(word.text) for item in query.words for word in item.words if word.text.isalpha()]
        self.read_so_far += min(filter(None, counts), default=1_000)
        return self.read_so_far <= _MOST_READ and _has_hits(self.lexicon.release, plan)

    def ways(self, pieces: list[str]) -> Iterator[tuple[_Reading, ...]]:
        """Readings of the whole: where words are unknown they are read anew, else each in turn."""
        spelled = self.letters(pieces)
        if spelled:
            yield from spelled
        known = self.known(pieces)
        yield from self.said_otherwise(pieces)
        yield from self.joined(pieces, known)
        last = len(pieces) - 1
        little = [_is_little(piece) and words < 2 for piece, words in zip(pieces, self.right, strict=True)]
        yield from self.without_what_it_is_with(pieces, little)
        if any(little) and not all(little):
            yield tuple(
                _Reading(_COSTS[FEWER], "", FEWER) if said else _Reading(0.0, piece, "")
                for piece, said in zip(pieces, little, strict=True)
            )
        as_typed = [_Reading(0.0, piece, "") for piece in pieces]
        choices = []
        for at, piece in enumerate(pieces):
            options = [] if not known[at] else [as_typed[at]]
            if little[at] and not all(little):
                options.append(_Reading(_COSTS[FEWER], "", FEWER))
            if not known[at]:
                options += self.readings(piece, at == last, beside=any(known), right=self.right[at] > 0)
            choices.append(options)
        if all(choices):
            yield from _product(choices)
        if all(known):
            for at, piece in enumerate(pieces):
                for other in self.readings(piece, at == last, right=self.right[at] > 0):
                    for kept in _product([c for n, c in enumerate(choices) if n != at]):
                        yield (*kept[:at], other, *kept[at:])

    def without_what_it_is_with(self, pieces: list[str], little: list[bool]) -> Iterator[tuple[_Reading, ...]]:
        """``مغز با تزریق`` without ``با تزریق``, and without what says the contrary: a list that knows one way only does not
        name it. ``با`` alone is never left out."""
        for at, piece in enumerate(pieces):
            injected = fold(piece) == INJECTED and self.lexicon.count(WITHOUT[0])
            if not (injected or (fold(piece) in _WITH and at + 1 < len(pieces))):
                continue
            ends = {at + 1} if injected else {len(pieces), at + 2}
            ends |= {
                end
                for end in range(at + 3, len(pieces))
                if known_words().others(_key(pieces[at + 1 : end])) is not None
            }
            for end in sorted(ends, reverse=True):
                without = [f'-"{contrary}"' for contrary in _contraries(pieces[at + (not injected) : end])]
                dropped = _Reading(_COSTS[FEWER], " ".join(without), FEWER)
                # What stands first is what is looked for.
                rest = [n for n in range(len(pieces)) if not at <= n < end] if at else [*range(1, len(pieces))]
                for less in dict.fromkeys([False, any(little[n] for n in rest) and not all(little[n] for n in rest)]):
                    kept = [_Reading(0.0, pieces[n], "") for n in rest if not (less and little[n])]
                    yield (*kept, dropped)

    def known(self, pieces: list[str]) -> list[bool]:
        """Which words the edition knows, by themselves or together with their neighbours (``سی تی``, ``ام آر آی``)."""
        last = len(pieces) - 1
        known = [self.knows(piece, at == last) for at, piece in enumerate(pieces)]
        for size in (2, 3):
            for at in range(len(pieces) - size + 1):
                span = slice(at, at + size)
                if not all(known[span]) and plan_for(plain_query(" ".join(pieces[span])), self.lexicon.release):
                    known[span] = [True] * size
        return known

    def knows(self, piece: str, last: bool) -> bool:
        query = plain_query(piece if last else f"{piece} .")
        plan = plan_for(query, self.lexicon.release)
        if plan is None:
            return False
        if last:
            return True
        return any(
            self.lexicon.count(form)
            for item in query.words
            for word in item.words
            for form in (word.stem, word.written)
        ) or has_synonym([word for item in query.words for word in item.words], self.lexicon)

    def readings(self, piece: str, last: bool, *, beside: bool = False, right: bool = False) -> list[_Reading]:
        """What one written word may mean, other than it says; ``beside`` other words, which are known. One that is known
        to be ``right`` may be said in the other script, and is not misspelled."""
        found: list[_Reading] = []
        for text in [] if right else other_layouts(piece):
            if self.knows(text, last):
                found.append(_Reading(_COSTS[LAYOUT], text, LAYOUT))
        for item in items_of(piece):
            if len(item.words) == 1:
                found += [_Reading(_COSTS[RELATED], text, RELATED) for text in related().get(key_of(item.words), [])]
            if not right:
                found += self.of_word(item, last, beside)
        if right:
            others = known_words().others(_key([piece])) or []
            found += [_other_form(piece, text) for text in others if self.knows(text, False)]
        best: dict[str, _Reading] = {}
        for one in sorted(found, key=lambda reading: reading.cost):
            best.setdefault(one.text, one)
        return list(best.values())[:_MOST_READINGS]

    def of_word(self, item: Item, last: bool, beside: bool) -> list[_Reading]:
        if len(item.words) > 1 and not item.joined:
            return []
        word = item.one or item.words[0].written
        found = [_Reading(_COSTS[SPACES], text, SPACES) for text in self.split(word)]
        found += [_Reading(_BY_EAR, text, LETTERS) for text in spelled_by_ear(self.lexicon, word, 2)]
        found += [_Reading(_SAME_SOUND, text, LETTERS) for text in same_sound(self.lexicon, word, 2)]
        if len(item.words) > 1:
            found += [
                _Reading(_COSTS[LETTERS], text, LETTERS) for text in spelled_letters([w.text for w in item.words])
            ]
        for near in nearest(self.lexicon, word, beginning=last, limit=_MOST_READINGS, beside=beside):
            found.append(_Reading(_COSTS[SPELLING] + near.cost, near.word, SPELLING))
        if len(item.words) > 1:
            parts = [self.part(one.written, last and n == len(item.words) - 1) for n, one in enumerate(item.words)]
            if all(parts):
                found += [
                    _Reading(sum(one.cost for one in way), " ".join(one.text for one in way), SPELLING)
                    for way in _product(parts)
                ]
        return found

    def part(self, word: str, last: bool) -> list[_Reading]:
        if self.lexicon.count(word):
            return [_Reading(0.0, word, "")]
        near = nearest(self.lexicon, word, beginning=last, limit=2)
        return [_Reading(_COSTS[SPELLING] + one.cost, one.word, SPELLING) for one in near]

    def split(self, word: str) -> list[str]:
        """``سرمخون`` → ``سرم خون``, where the edition has both."""
        if len(word) < 5 or not word.isalpha():
            return []
        found = []
        for at in range(2, len(word) - 1):
            left, right = word[:at], word[at:]
            if self.lexicon.count(left) and (self.lexicon.count(right) or self.lexicon.completions(right)):
                found.append((abs(len(left) - len(right)), f"{left} {right}"))
        return [text for _, text in sorted(found)[:2]]

    def joined(self, pieces: list[str], known: list[bool]) -> Iterator[tuple[_Reading, ...]]:
        """Two neighbours as one, spelled right, or nearly so where one of them is unknown by itself."""
        for at in range(len(pieces) - 1):
            items = [*items_of(pieces[at]), *items_of(pieces[at + 1])]
            apart = [item.one or item.words[0].written for item in items]
            one = "".join(apart)
            last = at + 2 == len(pieces)
            options = []
            if self.lexicon.count(one) or (last and len(one) > 3 and self.lexicon.completions(one)):
                options.append(_Reading(_COSTS[SPACES], one, SPACES))
            elif not (known[at] and known[at + 1]) and not (self.right[at] and self.right[at + 1]):
                options += [
                    _Reading(_COSTS[SPELLING] + _COSTS[SPACES] + near.cost, near.word, SPELLING)
                    for near in nearest(self.lexicon, one, beginning=last, limit=2)
                    if near.word not in apart  # that would leave the other word out
                ]
            others = [
                [_Reading(0.0, piece, "")]
                if self.knows(piece, n == len(pieces) - 1)
                else self.readings(piece, False, right=self.right[n] > 0)
                for n, piece in enumerate(pieces)
                if n not in (at, at + 1)
            ]
            if options and all(others):
                yield from _product([*others[:at], options, *others[at:]])

    def said_otherwise(self, pieces: list[str]) -> Iterator[tuple[_Reading, ...]]:
        """A known phrase in its other forms, or one that stands near it."""
        for start in range(len(pieces)):
            for end in range(start + 2, len(pieces) + 1):
                key = _key(pieces[start:end])
                others = [*(known_words().others(key) or []), *related().get(_stems(pieces[start:end]), [])]
                before = [_Reading(0.0, piece, "") for piece in pieces[:start]]
                after = [_Reading(0.0, piece, "") for piece in pieces[end:]]
                for text in others:
                    yield (*before, _other_form(pieces[start], text), *after)

    def letters(self, pieces: list[str]) -> list[tuple[_Reading, ...]]:
        """A run of letter names as the abbreviation that it spells."""
        words = [[word.text for item in items_of(piece) for word in item.words] for piece in pieces]
        found: list[tuple[_Reading, ...]] = []
        for start in range(len(pieces)):
            for end in range(len(pieces), start, -1):
                spelled = spelled_letters([word for run in words[start:end] for word in run])
                readings = [_Reading(_COSTS[LETTERS], text, LETTERS) for text in spelled if self.knows(text, False)]
                if readings:
                    before = [_Reading(0.0, piece, "") for piece in pieces[:start]]
                    after = [_Reading(0.0, piece, "") for piece in pieces[end:]]
                    found += [(*before, one, *after) for one in readings]
                    return found
        return found


def _product(choices: list[list[_Reading]]) -> Iterator[tuple[_Reading, ...]]:
    for n, way in enumerate(product(*choices)):
        if n > 200:
            return
        yield way


def _pieces(text: str) -> list[str]:
    return [piece for piece in text.split() if items_of(piece)]


def _query(text: str, *, whole: bool) -> Query:
    """``whole``: the last word is no beginning, as it is where somebody may still be typing."""
    query = read_query(text)
    if query.plain and whole and query.words:
        return replace(query, node=Words(query.words))
    return query


def _says_enough(texts: list[str]) -> bool:
    """Whether something is left to look for: a word of three letters, a code, or an abbreviation that is known."""
    return any(
        len(word.text) >= _LEAST_LEFT or known_words().others((word.text,)) is not None
        for text in texts
        if not text.startswith("-")
        for item in items_of(text)
        for word in item.words
    )


def _contraries(pieces: list[str]) -> list[str]:
    """What says that a thing is without ``pieces``."""
    told = " ".join(_key(pieces))
    if told in CONTRAST or told == INJECTED:
        return [f"{WITHOUT[form.isascii()]} {form}" for form in CONTRAST]
    return [f"{WITHOUT[told.isascii()]} {told}"]


def _names_letters(pieces: list[str]) -> bool:
    return bool(pieces) and all(
        word.text in LETTER_NAMES for piece in pieces for item in items_of(piece) for word in item.words
    )


def _key(pieces: list[str]) -> tuple[str, ...]:
    return tuple(word.text for piece in pieces for item in items_of(piece) for word in item.words)


def _stems(pieces: list[str]) -> tuple[str, ...]:
    return tuple(word.stem for piece in pieces for item in items_of(piece) for word in item.words)


def _other_form(typed: str, text: str) -> _Reading:
    kind = RELATED if typed.isascii() == text.isascii() else LETTERS
    return _Reading(_COSTS[kind], text, kind)


def _known_right(pieces: list[str]) -> list[int]:
    """Of each piece, of how many pieces the longest phrase is that is known to be right; 0 for none."""
    found = [0] * len(pieces)
    for start in range(len(pieces)):
        for end in range(start + 1, min(len(pieces), start + known_words().longest) + 1):
            if known_words().others(_key(pieces[start:end])) is not None:
                found[start:end] = [max(size, end - start) for size in found[start:end]]
    return found


def _is_little(piece: str) -> bool:
    return all(word.text in LITTLE for item in items_of(piece) for word in item.words)


def _has_hits(release: SealedRelease, plan: Plan) -> bool:
    return count_of(release, plan, 1, release.count("all"), 1) > 0
