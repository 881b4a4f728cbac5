"""What the index holds of a title does not depend on the titles before it, and what is remembered has its bounds."""

from __future__ import annotations

import string

from hypothesis import given
from hypothesis import strategies as st

from maxa.persian.analysis import analysed, item_of
from maxa.shelf.index_text import PAIR, START, Pieces, index_text

WORDS = st.sampled_from([
    "سی", "تی", "ام", "آر", "آی", "ها", "های", "هسته", "ای", "ترین", "(ها)", "قرص‌ها", "آموکسی", "سیلین", "CA", "125", "HIV", "2",
    "12345678", "۱۲۳۴۵۶", "2/5", "500mg", "mg", "x", "in", "و", "—", "(", "،", "Vlll", "d-dimer",
])  # fmt: skip
TITLES = st.lists(st.lists(WORDS, max_size=7).map(" ".join), max_size=12)


@given(TITLES, st.integers(1, 4))
def test_a_title_is_indexed_alike_whatever_is_remembered_and_forgotten(titles: list[str], most: int) -> None:
    pieces = Pieces(most)
    for title in titles:
        assert index_text(title, pieces) == index_text(title)
        assert len(pieces) <= most


def test_no_list_makes_the_memory_of_words_grow_without_end() -> None:
    pieces = Pieces(100)
    for number in range(1_000):
        index_text(f"واژه{number} ضد", pieces)
        assert 0 < len(pieces) <= 100


def test_long_numbers_do_not_push_words_out() -> None:
    pieces = Pieces(4)
    index_text("قرص تب", pieces)
    for number in range(10_000, 10_050):
        assert index_text(f"{number}", pieces) == (f"{number} {START}{number}", f" {number} ")
    assert set(pieces) == {"قرص", "تب"}


def test_an_ending_written_apart_belongs_to_its_word_though_both_are_remembered() -> None:
    pieces = Pieces()
    alone = index_text("ها", pieces)
    assert index_text("قرص ها", pieces)[1] == index_text("قرص‌ها", pieces)[1] == " قرص "
    assert index_text("ها", pieces) == alone == (f"ها {START}ها", " ها ")


def test_neighbours_of_one_script_alone_are_written_as_one() -> None:
    assert f"ca125{PAIR}" in index_text("CA 125")[0].split()
    assert PAIR not in index_text("قرص 125")[0]
    assert PAIR not in index_text("سی CA")[0]


@given(st.text(string.ascii_letters + string.digits + "۰۱۲۳/.-()آبی\u200c", max_size=8))
def test_a_word_is_analysed_alike_remembered_or_not(written: str) -> None:
    if written.split() == [written]:
        assert analysed(written) == item_of(written)
