"""Words known to be right, and what a misspelling may be at most."""

from __future__ import annotations

from pathlib import Path

import pytest

from maxa.persian.fold import fold
from maxa.search.find import ask, find
from maxa.search.instead import searched_instead
from maxa.search.known import KnownWords, known_words, read_known
from maxa.search.nearest import nearest, same_sound
from maxa.search.query import plain_query
from maxa.search.vocabulary import Vocabulary
from maxa.shelf.reading import Shelf
from maxa.shelf.release import SealedRelease
from tests.shelves import ShelfBuilder, concept


def release_of(folder: Path, *titles: tuple[str, str]) -> SealedRelease:
    builder = ShelfBuilder(folder)
    builder.publish("Words", [concept(f"W{n}", fa, en) for n, (fa, en) in enumerate(titles)])
    shelf = Shelf(folder)
    return shelf.release(shelf.catalogue().codes[0].current)


def test_the_list_holds_names_of_medicines_in_both_scripts_and_no_form_twice() -> None:
    lines = read_known()
    assert len([line for line in lines if len(line) > 1]) >= 600
    forms = [form for line in lines for form in line]
    assert sorted({form for form in forms if forms.count(form) > 1}) == []
    assert all(form == form.strip() and form for form in forms)
    assert known_words().others(("atenolol",)) == ["آتنولول"]
    assert known_words().others((fold("آتنولول"),)) == ["atenolol"]
    assert known_words().others(("atenollol",)) is None


def test_a_phrase_is_known_by_its_words_and_written_as_one() -> None:
    known = KnownWords([["glaucoma", "آب سیاه"]], ["C/S"])
    assert known.others(("اب", "سیاه")) == known.others(("ابسیاه",)) == ["glaucoma"]
    assert known.others(("c", "s")) == []
    assert known.longest == 2


def test_a_known_word_is_never_taken_for_another_but_found_in_the_other_script(tmp_path: Path) -> None:
    release = release_of(tmp_path, ("کلونازپام", "clonazepam"), ("", "ethanol"), ("", "praziquantel"))
    assert searched_instead([release], plain_query("lorazepam")) is None
    assert searched_instead([release], plain_query("آتنولول")) is None
    found = searched_instead([release], plain_query("پرازیکوانتل"))
    assert found is not None
    assert (found.query.text, found.kinds) == ("praziquantel", ("letters",))


@pytest.mark.parametrize(
    ("typed", "held"),
    [
        ("lorazpam", "clonazepam"),  # a slip of a known word is that word
        ("noncontrast", "contrast"),
        ("contrast", "noncontrast"),
        ("بیهوازی", "هوازی"),
        ("ناپایدار", "پایدار"),
        ("کرانیوتومین", "کرانوپلاستی"),  # two other letters
    ],
)
def test_another_word_is_no_misspelling(tmp_path: Path, typed: str, held: str) -> None:
    words = Vocabulary([release_of(tmp_path, (held, held))])
    assert fold(held) not in [near.word for near in nearest(words, fold(typed), beginning=False)]


@pytest.mark.parametrize(
    ("typed", "held"), [("تزریقات", "تزریق"), ("triglycrid", "triglyceride"), ("losratan", "losartan")]
)
def test_slips_and_endings_are(tmp_path: Path, typed: str, held: str) -> None:
    words = Vocabulary([release_of(tmp_path, (held, held))])
    assert held in [near.word for near in nearest(words, typed, beginning=False)]


@pytest.mark.parametrize(
    ("typed", "held", "same"),
    [("هولتر", "eltor", False), ("esrd", "زرد", False), ("sezarian", "سزارین", True), ("کرم", "cream", False)],
)
def test_of_few_consonants_the_vowels_stand_in_the_same_places(
    tmp_path: Path, typed: str, held: str, same: bool
) -> None:
    words = Vocabulary([release_of(tmp_path, (held, held))])
    assert (held in same_sound(words, fold(typed))) is same


def test_a_letter_that_ends_a_known_name_is_not_the_beginning_of_a_word(tmp_path: Path) -> None:
    release = release_of(tmp_path, ("ویتامین C آلفا", "vitamin C"), ("ویتامین D", "vitamin D"))
    assert find([release], ask("ویتامین آ"), limit=5).hits == []
    assert find([release], ask("ویتامین دی"), limit=5).total == 1
    assert find([release], ask("ویتامین آل"), limit=5).total == 1


def test_letters_by_name_are_read_beside_words_that_say_little(tmp_path: Path) -> None:
    release = release_of(tmp_path, ("مراقبت قلب", "CCU"), ("بخش داخلی", "internal ward"))
    found = find([release], ask("بخش سی سی یو"), limit=5)
    assert [hit.concept.title_en for hit in found.hits] == ["CCU"]
    assert found.instead is not None
    assert found.instead.kinds == ("letters", "fewer-words")


def test_a_letter_beside_other_words_is_not_the_beginning_of_a_word_that_says_nothing(tmp_path: Path) -> None:
    release = release_of(tmp_path, ("عفونت به روش الیزا", ""), ("عفونت بدون عامل", ""), ("عفونت باکتریایی", ""))
    found = find([release], ask("عفونت ب"), limit=5)
    assert [hit.concept.title for hit in found.hits] == ["عفونت باکتریایی"]
    assert find([release], ask("عفونت به"), limit=5).total == 1


@pytest.mark.parametrize("text", ["کم خونی", "تست xy"])
def test_what_remains_without_little_words_is_no_beginning(tmp_path: Path, text: str) -> None:
    release = release_of(tmp_path, ("کمپلمان", "xylose"), ("کم و زیاد", "other"))
    assert find([release], ask(text), limit=5).hits == []


def test_with_is_never_left_out_alone(tmp_path: Path) -> None:
    release = release_of(tmp_path, ("سنگ بدون انسداد", "stone without blockage"), ("سنگ", "stone"))
    for text in ("سنگ با انسداد", "stone with blockage"):
        found = find([release], ask(text), limit=5)
        assert [hit.concept.title for hit in found.hits] == ["سنگ"]
        assert found.instead is not None
        assert found.instead.kinds == ("fewer-words",)
    assert find([release], ask("سنگ بدون انسداد"), limit=5).total == 1


def test_with_and_without_is_with(tmp_path: Path) -> None:
    release = release_of(tmp_path, ("لگن بدون تزریق", ""), ("لگن با و بدون تزریق", ""))
    found = find([release], ask("لگن تزریقی"), limit=5)
    assert [hit.concept.title for hit in found.hits] == ["لگن با و بدون تزریق", "لگن بدون تزریق"]
