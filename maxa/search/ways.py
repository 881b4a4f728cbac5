"""Ways to read a whole query anew, from readings of its words: each of :mod:`maxa.search.readings`, two written as one, a
known phrase in its other forms, without words that say little."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import reduce
from operator import and_, or_

from maxa.persian.analysis import items_of
from maxa.persian.fold import fold
from maxa.search.known import known_words
from maxa.search.pieces import contraries, is_little, key_of_pieces, known_right, words_of
from maxa.search.plan import INJECTED, WITHOUT
from maxa.search.readings import (
    COSTS,
    EVERYWHERE,
    FEWER,
    LETTERS,
    SPACES,
    Reading,
    Readings,
    Way,
    few_in_each,
    other_form,
    together,
)
from maxa.search.sounding import spelled_letters
from maxa.search.synonyms import related

_WITH = frozenset({"با", "with"})
_LEAST_BEGUN = 3  # letters of two words written as one that may be the beginning of another


class Ways:
    def __init__(self, readings: Readings, pieces: list[str]) -> None:
        self.readings = readings
        self.among = readings.among
        self.pieces = pieces
        self.last = len(pieces) - 1
        self.right = known_right(pieces)
        self.little = [is_little(piece) and words < 2 for piece, words in zip(pieces, self.right, strict=True)]

    def all(self) -> list[Way]:
        """The cheapest first; of those that cost the same, the one that is named first here."""
        known = self.known()
        anew = [*self.each_anew(known)]  # the likeliest: what it costs is spent first
        found = [*self.spelled(), *self.said_otherwise(), *self.joined(known), *self.without_what_it_is_with()]
        if any(self.little) and not all(self.little):
            found.append(
                _way(
                    Reading(COSTS[FEWER], "", FEWER) if little else Reading(0.0, piece)
                    for piece, little in self._pieces()
                )
            )
        return sorted([*found, *anew], key=lambda way: way.cost)

    def known(self) -> list[int]:
        """The editions that know each word, by itself or together with its neighbours (``سی تی``, ``ام آر آی``)."""
        known = [self.readings.knows(piece, at == self.last) for at, piece in enumerate(self.pieces)]
        alone = list(known)
        for size in (2, 3):
            for at in range(len(self.pieces) - size + 1):
                if reduce(and_, alone[at : at + size]) == self.among:
                    continue
                together = self.readings.may_hold(" ".join(self.pieces[at : at + size]))
                for n in range(at, at + size):
                    known[n] |= together
        return known

    def each_anew(self, known: list[int]) -> Iterator[Way]:
        """Unknown words are read anew; where all are known, each in turn."""
        beside = reduce(or_, known)
        choices = [self.choices(at, known[at], beside) for at in range(len(self.pieces))]
        yield from together(choices)
        everything = reduce(and_, known)
        if not everything:
            return
        for at, piece in enumerate(self.pieces):
            others = self.readings.of(piece, at == self.last, right=self.right[at] > 0)
            if others:
                yield from together([*choices[:at], others, *choices[at + 1 :]], everything)

    def choices(self, at: int, known: int, beside: int) -> list[Reading]:
        found = self.readings.or_as_typed(
            self.pieces[at], known, at == self.last, beside=beside, right=self.right[at] > 0
        )
        if self.little[at] and not all(self.little):
            found.append(Reading(COSTS[FEWER], "", FEWER))
        return found

    def without_what_it_is_with(self) -> Iterator[Way]:
        """``مغز با تزریق`` without ``با تزریق``, and without what says the contrary: a list that knows one way only does not
        name it. ``با`` alone is never left out."""
        pieces, little = self.pieces, self.little
        for at, piece in enumerate(pieces):
            injected = fold(piece) == INJECTED
            bits = self.readings.vocabulary.word(WITHOUT[0]) & self.among if injected else EVERYWHERE
            if not bits or not (injected or (fold(piece) in _WITH and at < self.last)):
                continue
            ends = {at + 1} if injected else {len(pieces), at + 2}
            ends |= {
                end
                for end in range(at + 3, len(pieces))
                if known_words().others(key_of_pieces(pieces[at + 1 : end])) is not None
            }
            for end in sorted(ends, reverse=True):
                without = [f'-"{contrary}"' for contrary in contraries(pieces[at + (not injected) : end])]
                dropped = Reading(COSTS[FEWER], " ".join(without), FEWER, bits)
                # What stands first is what is looked for.
                rest = [n for n in range(len(pieces)) if not at <= n < end] if at else [*range(1, len(pieces))]
                for less in dict.fromkeys([False, any(little[n] for n in rest) and not all(little[n] for n in rest)]):
                    yield _way([*(Reading(0.0, pieces[n]) for n in rest if not (less and little[n])), dropped])

    def joined(self, known: list[int]) -> Iterator[Way]:
        """Two neighbours written as one."""
        for at in range(self.last):
            options = self.as_one(at, known[at] & known[at + 1])
            if not options:
                continue
            others = [
                self.readings.or_as_typed(
                    piece, self.readings.knows(piece, n == self.last), False, right=self.right[n] > 0
                )
                for n, piece in enumerate(self.pieces)
                if n not in (at, at + 1)
            ]
            yield from together([*others[:at], options, *others[at:]])

    def as_one(self, at: int, both_known: int) -> list[Reading]:
        apart = [item.one or item.words[0].written for piece in self.pieces[at : at + 2] for item in items_of(piece)]
        one = "".join(apart)
        last = at + 1 == self.last
        there = self.readings.vocabulary.word(one)
        if last and len(one) > _LEAST_BEGUN:
            there |= self.readings.vocabulary.beginning(one)
        there &= self.among
        found = [Reading(COSTS[SPACES], one, SPACES, there)]
        elsewhere = self.among & ~there & ~both_known
        if elsewhere and not (self.right[at] and self.right[at + 1]):
            near = [
                reading._replace(cost=reading.cost + COSTS[SPACES], bits=reading.bits & elsewhere)
                for reading in self.readings.near(one, last)
                if reading.text not in apart  # that would leave the other word out
            ]
            found += few_in_each(near, 2, self.among)
        return [reading for reading in found if reading.bits]

    def said_otherwise(self) -> Iterator[Way]:
        """A known phrase in its other forms, or one that stands near it."""
        pieces = self.pieces
        for start in range(len(pieces)):
            for end in range(start + 2, len(pieces) + 1):
                said = pieces[start:end]
                stems = tuple(word.stem for word in words_of(said))
                others = [*(known_words().others(key_of_pieces(said)) or []), *related().get(stems, [])]
                for text in others:
                    other = other_form(pieces[start], text, EVERYWHERE)
                    yield _way([*_as_typed(pieces[:start]), other, *_as_typed(pieces[end:])])

    def spelled(self) -> list[Way]:
        """A run of letter names as the abbreviation that it spells."""
        pieces = self.pieces
        for start in range(len(pieces)):
            for end in range(len(pieces), start, -1):
                texts = spelled_letters([word.text for word in words_of(pieces[start:end])])
                readings = [Reading(COSTS[LETTERS], text, LETTERS, self.readings.spelled(text)) for text in texts]
                found = [
                    _way([*before, one, *after])
                    for one in readings
                    if one.bits
                    for before, after in self.with_and_without_little(start, end)
                ]
                if found:
                    return found
        return []

    def with_and_without_little(self, start: int, end: int) -> list[tuple[list[Reading], list[Reading]]]:
        """What stands before and after some words, as typed, then without what says little."""
        told = [Reading(0.0, piece) for piece in self.pieces]
        less = [Reading(COSTS[FEWER], "", FEWER) if little else told[n] for n, little in enumerate(self.little)]
        both = [(told[:start], told[end:]), (less[:start], less[end:])]
        return both if both[0] != both[1] else both[:1]

    def _pieces(self) -> Iterator[tuple[str, bool]]:
        return zip(self.pieces, self.little, strict=True)


def _as_typed(pieces: list[str]) -> list[Reading]:
    return [Reading(0.0, piece) for piece in pieces]


def _way(given: Iterable[Reading]) -> Way:
    readings = tuple(given)
    return Way(sum(one.cost for one in readings), reduce(and_, (one.bits for one in readings)), readings)
