"""What is asked of the written words of a query before they are read anew: which say little, which are known to be right."""

from __future__ import annotations

from maxa.persian.analysis import Word, items_of
from maxa.search.known import known_words
from maxa.search.plan import CONTRAST, INJECTED, WITHOUT
from maxa.search.sounding import LETTER_NAMES
from maxa.shelf.index_text import EMPTY_WORDS

# Words that a clinician adds and a list leaves out.
LITTLE = EMPTY_WORDS | {
    "ازمایش", "تست", "سطح", "میزان", "اندازه", "گیری", "اندازهگیری", "بررسی", "تعیین", "مقدار", "خون", "سرم", "پلاسما", "سرمی",
    "خونی", "کمی", "کیفی", "دارو", "داروی", "انجام", "خدمت", "عمل", "جراحی", "بخش", "نمونه", "برگه", "کد", "شدید", "خفیف", "تعرفه",
    "قیمت", "نرخ", "هزینه", "جهت", "لوینک", "test", "level", "assay", "serum", "plasma", "blood", "measurement", "severe", "mild",
    "code", "icd", "loinc", "lnc", "erx", "irc", "snomed", "rvu",
}  # fmt: skip
_LEAST_LEFT = 3  # letters of a word that is searched when others were left out


def pieces_of(text: str) -> list[str]:
    return [piece for piece in text.split() if items_of(piece)]


def words_of(pieces: list[str]) -> list[Word]:
    return [word for piece in pieces for item in items_of(piece) for word in item.words]


def key_of_pieces(pieces: list[str]) -> tuple[str, ...]:
    return tuple(word.text for word in words_of(pieces))


def is_little(piece: str) -> bool:
    return all(word.text in LITTLE for word in words_of([piece]))


def known_right(pieces: list[str]) -> list[int]:
    """Of each piece, of how many pieces the longest phrase is that is known to be right; 0 for none."""
    found = [0] * len(pieces)
    for start in range(len(pieces)):
        for end in range(start + 1, min(len(pieces), start + known_words().longest) + 1):
            if known_words().others(key_of_pieces(pieces[start:end])) is not None:
                found[start:end] = [max(size, end - start) for size in found[start:end]]
    return found


def says_enough(texts: list[str]) -> bool:
    """Whether something is left to look for: a word of three letters, a code, or an abbreviation that is known."""
    return any(
        len(word.text) >= _LEAST_LEFT or known_words().others((word.text,)) is not None
        for word in words_of([text for text in texts if not text.startswith("-")])
    )


def contraries(pieces: list[str]) -> list[str]:
    """What says that a thing is without ``pieces``."""
    told = " ".join(key_of_pieces(pieces))
    if told in CONTRAST or told == INJECTED:
        return [f"{WITHOUT[form.isascii()]} {form}" for form in CONTRAST]
    return [f"{WITHOUT[told.isascii()]} {told}"]


def names_letters(pieces: list[str]) -> bool:
    return bool(pieces) and all(word.text in LETTER_NAMES for word in words_of(pieces))
