"""Tracking numbers: as they are read out, mistyped, guessed."""

from __future__ import annotations

import random
from itertools import combinations

import pytest

from maxa.requests.tracking import ALPHABET, read_tracking, tracking_of

NUMBERS = [tracking_of(random.Random(seed).getrandbits(128)) for seed in range(50)]


def test_a_number_has_three_groups_of_letters_that_nobody_misreads() -> None:
    for number in NUMBERS:
        assert [len(group) for group in number.split("-")] == [4, 4, 4]
        assert not set(number) & set("ILOUV")


@pytest.mark.parametrize("number", NUMBERS[:5])
def test_it_is_read_however_it_was_typed(number: str) -> None:
    persian = number.translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))
    spaced = " ".join(number.replace("-", "").lower())
    misread = number.replace("0", "o").replace("1", "l")
    for typed in (
        number,
        number.lower(),
        persian,
        spaced,
        misread,
        f"\u200e {number}\n",
        number.replace("-", "\u2013"),
    ):
        assert read_tracking(typed) == number


def test_every_single_wrong_letter_is_found() -> None:
    for number in NUMBERS[:5]:
        plain = number.replace("-", "")
        for place in range(12):
            for letter in set(ALPHABET) - {plain[place]}:
                assert read_tracking(plain[:place] + letter + plain[place + 1 :]) is None


def test_any_two_letters_that_changed_places_are_found() -> None:
    for number in NUMBERS:
        letters = list(number.replace("-", ""))
        for one, other in combinations(range(12), 2):
            if letters[one] != letters[other]:
                swapped = letters.copy()
                swapped[one], swapped[other] = swapped[other], swapped[one]
                assert read_tracking("".join(swapped)) is None


@pytest.mark.parametrize(
    "typed", ["", "1", "../../etc/passwd", "0" * 13, "٪" * 12, "UUUU-UUUU-UUUU", "²" * 12, "A" * 10_000, "\0"]
)
def test_what_is_none_is_none(typed: str) -> None:
    assert read_tracking(typed) is None


def test_numbers_beyond_all_places_are_numbers_too() -> None:
    assert read_tracking(tracking_of(2**256)) == tracking_of(2**256)
    assert len(set(NUMBERS)) == len(NUMBERS)
