"""The query language over two small lists, and that no query fails."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from maxa.errors import BadParameter
from maxa.search.find import LONGEST_QUERY, MOST_WORDS, ask, find
from maxa.search.highlight import highlight
from maxa.search.query import Either, Phrase, read_query
from maxa.search.suggest import suggest
from maxa.shelf.reading import Shelf
from maxa.shelf.release import SealedRelease
from tests.search.lists import DIAGNOSES
from tests.shelves import ShelfBuilder, concept

HALF_SPACE = "\u200c"


def codes(release: SealedRelease, text: str, **how: object) -> list[str]:
    found = find([release], ask(text, literal=bool(how.get("literal"))), limit=100, **how)  # type: ignore[arg-type]
    return [hit.concept.code for hit in found.hits]


@pytest.mark.parametrize(
    ("where", "text", "found"),
    [
        ("ICD10", "E11.9", ["E11.9"]), ("ICD10", "e119", ["E11.9"]), ("ICD10", "E11", ["E11", "E11.9"]),
        ("ICD10", "e 11.9", ["E11.9"]), ("ICD10", "E11 - 9", ["E11.9"]),
        ("ICD10", "code:E11", ["E11", "E11.9"]), ("ICD10", 'code:"E11"', ["E11"]),
        ("ICD10", "code:e1*", ["E11", "E10.9", "E11.9"]), ("ICD10", "کد:A00*", ["A00", "A00.0"]),
        ("ICD10", "وبا", ["A00", "A00.0"]), ("ICD10", "حاد", ["K35", "I21.9"]), ("ICD10", "عارضه دیابت", ["E10.9", "E11.9"]),
        ("ICD10", '"نوع ۲" دیابت', ["E11", "E11.9"]), ("ICD10", '"۲ نوع"', []), ("ICD10", "دیابت -عارضه", ["E11"]),
        ("ICD10", '-"بدون عارضه" دیابت', ["E11"]), ("ICD10", '-"عارضه بدون" دیابت', ["E11", "E10.9", "E11.9"]),
        ("ICD10", '"نوع ۲" یا آسم', ["J45", "E11", "E11.9"]), ("ICD10", '"۲ نوع" یا آسم', ["J45"]),
        ("ICD10", '("بدون نوع" یا "بدون عارضه") دیابت', ["E10.9", "E11.9"]), ("ICD10", "code:A00* یا آسم", ["J45", "A00", "A00.0"]),
        ("ICD10", "-code:A00* (وبا یا آسم)", ["J45"]), ("ICD10", "آسم یا وبا", ["A00", "J45", "A00.0"]),
        ("ICD10", "asthma OR cholera", ["A00", "J45", "A00.0"]), ("ICD10", "(آسم یا وبا) -کلاسیک", ["A00", "J45"]),
        ("ICD10", "fa:asthma", []), ("ICD10", "en:asthma", ["J45"]), ("ICD10", "فارسی:آسم", ["J45"]), ("ICD10", "en:آسم", []),
        ("ICD10", "سردر", ["R51", "G44.2"]), ("ICD10", "سر درد", ["R51", "G44.2"]), ("ICD10", "معاینه", ["Z00.00", "Z00.0"]),
        ("ICD10", "status:retired معاینه", ["Z00.0"]), ("ICD10", "وضعیت:فعال معاینه", ["Z00.00"]),
        ("ICD10", "factor viii", ["D68.2"]), ("ICD10", "فاکتور هشت", ["D68.2"]),
        ("Imaging", "modality:MRI", ["MR001", "MR002"]), ("Imaging", "modality:mri زانو", ["MR002"]),
        ("Imaging", "region:شکم -modality:US", ["CT003"]), ("Imaging", "modality:US یا modality:NM", ["NM001", "US001", "US002"]),
        ("Imaging", "modality:PET", []), ("Imaging", "colour:red", []), ("Imaging", "MRI مغز", ["MR001"]),
        ("Imaging", "سیتی اسکن مغز با ماده حاجب", ["CT002"]), ("Imaging", f"سی{HALF_SPACE}تی شکم", ["CT003"]),
        ("Imaging", "((", []), ("Imaging", "", []), ("Imaging", "-", []), ("Imaging", '"', []),
    ],
)  # fmt: skip
def test_the_query_language(releases: dict[str, SealedRelease], where: str, text: str, found: list[str]) -> None:
    hits = find([releases[where]], ask(text), limit=100)
    assert [hit.concept.code for hit in hits.hits] == found
    assert (hits.total, hits.total_is_exact, hits.instead) == (len(found), True, None)


def test_a_filter_may_be_called_by_the_heading_of_its_column(tmp_path: Path) -> None:
    """However its spaces are typed, and in the edition whose manifest has the heading alone."""
    builder = ShelfBuilder(tmp_path)
    layout = [
        {"columns": [{"field": "dosage_form", "heading": f"شكل{HALF_SPACE}دارويي"}, {"field": "code", "heading": "کد"}]}
    ]
    rows = [
        concept("1", "آهن", properties={"dosage_form": "قرص"}),
        concept("2", "آهن خوراکی", properties={"dosage_form": "کپسول"}),
    ]
    builder.publish("With", rows, layout=layout)
    builder.publish("Without", rows)
    shelf = Shelf(tmp_path)
    told, plain = (shelf.release(entry.current) for entry in shelf.catalogue().codes)
    for name in ("شکل_دارویی", f"شکل{HALF_SPACE}دارویی", "dosage_form", "form"):
        assert codes(told, f"{name}:قرص آهن") == ["1"], name
        assert codes(told, f"آهن -{name}:قرص") == ["2"], name
    assert codes(plain, "شکل_دارویی:قرص آهن") == []
    assert codes(plain, "form:کپسول") == ["2"]


def test_a_status_alone_lists_all_that_bear_it(releases: dict[str, SealedRelease]) -> None:
    assert codes(releases["ICD10"], "status:retired") == ["Z00.0"]
    assert find([releases["ICD10"]], ask("وضعیت:فعال"), limit=5).total == len(DIAGNOSES) - 1


def test_a_code_by_its_name_comes_before_those_that_begin_so(tmp_path: Path) -> None:
    builder = ShelfBuilder(tmp_path)
    builder.publish("LNC", [concept("7180-1", "آ"), concept("718-7", "هموگلوبین"), concept("718", "قند خون ناشتا")])
    shelf = Shelf(tmp_path)
    release = shelf.release(shelf.catalogue().codes[0].current)
    assert codes(release, "کد:718") == ["718", "718-7", "7180-1"]
    assert codes(release, "code:7187") == ["718-7"]
    assert codes(release, 'code:"718"') == ["718"]
    assert codes(release, "هموگلوبین code:718") == ["718-7"]
    assert codes(release, "خون -code:7180") == ["718"]


@pytest.mark.parametrize("text", ["“نوع ۲”", "„نوع ۲“", "«نوع ۲»", '"نوع ۲"'])
def test_quotes_of_any_kind_hold_a_phrase(releases: dict[str, SealedRelease], text: str) -> None:
    assert isinstance(read_query(text).node, Phrase)
    assert codes(releases["ICD10"], text) == ["E11", "E11.9"]
    assert codes(releases["ICD10"], text.replace("نوع ۲", "۲ نوع")) == []


@pytest.mark.parametrize("text", ["دیابت یا", "دیابت یا ", "دیابت OR", "دیابت یا یا"])
def test_an_operator_after_which_nothing_is_typed_yet_is_left_out(text: str) -> None:
    assert read_query(text) == read_query("دیابت")


def test_or_in_small_letters_is_a_word() -> None:
    assert read_query("asthma or cholera").plain
    assert isinstance(read_query("asthma OR cholera").node, Either)
    assert isinstance(read_query("آسم یا وبا").node, Either)
    assert read_query("یا").words


def test_only_exclusions_are_taken_as_plain_words(releases: dict[str, SealedRelease]) -> None:
    assert codes(releases["ICD10"], "-آسم") == ["J45"]


def test_what_a_clinician_excludes_is_never_there(releases: dict[str, SealedRelease]) -> None:
    assert "CT001" not in codes(releases["Imaging"], "CT مغز -بدون")


@pytest.mark.parametrize(
    ("text", "meant", "kind", "found"),
    [
        ("astma", "asthma", "spelling", "J45"), ("آپاندیسط حاد", "", "spelling", "K35"), ("kvnvn", "", "", ""),
        ("کلرا", "cholera", "letters", "A00"), ("پنومونیا", "پنومونی", "spelling", "J18.9"),
        ("svnvn", "سردرد", "layout", "R51"), ("شسفاپش", "asthma", "layout", "J45"),
        ("گرافی زانو", "", "", ""), ("migren", "", "letters", "G43.9"), ("shekastegi", "", "letters", "S52.5"),
        ("آپاندیسیت حلد", "آپاندیسیت حاد", "spelling", "K35"), ("آپاندیسیت xyz", "", "", ""),
        ("ICD E11.9", "E11.9", "fewer-words", "E11.9"),
        ("تست آسم", "آسم", "fewer-words", "J45"), ("شکستگیرادیوس", "شکستگی رادیوس", "spaces", "S52.5"),
    ],
)  # fmt: skip
def test_when_nothing_matches_another_reading_is_searched_and_told(
    releases: dict[str, SealedRelease], text: str, meant: str, kind: str, found: str
) -> None:
    page = find([releases["ICD10"]], ask(text), limit=5)
    if not kind:
        assert page.instead is None
        assert page.hits == []
        return
    assert page.instead is not None
    assert page.instead.kinds[0] == kind
    assert page.hits[0].concept.code == found
    if meant:
        assert page.instead.query.text == meant
    assert page.instead.query.text in str(page.instead.told()["message_fa"])
    assert find([releases["ICD10"]], ask(text, literal=True), limit=5, literal=True).hits == []


@pytest.mark.parametrize(
    ("text", "read", "kind", "codes"),
    [
        ("متفور 500", "متفورمین 500", "beginnings", ["1", "2"]), ("metfo 850", "metformin 850", "beginnings", ["3"]),
        ("سفا 500", "سفا* 500", "beginnings", ["4", "5"]), ("10-5 متفورمین", 'code:"10-5" متفورمین', "code-and-words", ["10-5"]),
        ("متفورمین شربت 10-5", 'code:"10-5" متفورمین شربت', "code-and-words", ["10-5"]), ("erx 10-5", "10-5", "fewer-words", ["10-5"]),
        ("سف 500", None, None, []), ("met 500", None, None, []), ("کد ملی 0012345678", None, None, []), ("10-5 سفالکسین", None, None, []),
    ],
)  # fmt: skip
def test_a_word_only_begun_and_a_code_beside_words_are_read_where_nothing_matches(
    tmp_path: Path, text: str, read: str | None, kind: str | None, codes: list[str]
) -> None:
    builder = ShelfBuilder(tmp_path)
    builder.publish(
        "eRx",
        [
            concept("1", "متفورمین قرص 500"), concept("2", "متفورمین قرص رهش 500"), concept("3", "قرص 850", "metformin 850 tablet"),
            concept("4", "سفالکسین کپسول 500"), concept("5", "سفازولین ویال تزریقی 500"), concept("10-5", "متفورمین شربت"),
        ],
    )  # fmt: skip
    shelf = Shelf(tmp_path)
    found = find([shelf.release(shelf.catalogue().codes[0].current)], ask(text), limit=5)
    assert [hit.concept.code for hit in found.hits] == codes
    told = found.instead.told() if found.instead else {"text": None, "kinds": [None]}
    assert (told["text"], told["kinds"]) == (read, [kind])


def test_a_related_phrase_is_searched_only_where_nothing_matches(tmp_path: Path) -> None:
    builder = ShelfBuilder(tmp_path)
    builder.publish("ICD10", [concept("E78", "اختلال سوخت‌وساز چربی")])
    builder.publish("LNC", [concept("1", "پنل چربی‌های خون")])
    shelf = Shelf(tmp_path)
    diagnoses, tests = (shelf.release(entry.current) for entry in shelf.catalogue().codes)
    found = find([diagnoses], ask("چربی خون"), limit=5)
    assert [hit.concept.code for hit in found.hits] == ["E78"]
    assert found.instead is not None
    assert found.instead.kinds == ("related-word",)
    assert [hit.concept.code for hit in find([diagnoses, tests], ask("چربی خون"), limit=5).hits] == ["1"]


def test_a_related_word_is_searched_only_where_nothing_matches(tmp_path: Path) -> None:
    builder = ShelfBuilder(tmp_path)
    builder.publish("eRx", [concept("1", "فلوکستین کپسول"), concept("2", "آهن قرص"), concept("3", "آهن کپسول")])
    shelf = Shelf(tmp_path)
    release = shelf.release(shelf.catalogue().codes[0].current)
    found = find([release], ask("قرص فلوکستین"), limit=5)
    assert [hit.concept.code for hit in found.hits] == ["1"]
    assert found.instead is not None
    assert found.instead.kinds == ("related-word",)
    found = find([release], ask("قرص آهن"), limit=5)
    assert ([hit.concept.code for hit in found.hits], found.instead) == (["2"], None)


def test_literal_words_have_no_synonyms(releases: dict[str, SealedRelease]) -> None:
    assert codes(releases["ICD10"], "UTI") == ["N39.0"]
    assert codes(releases["ICD10"], "UTI", literal=True) == []


def test_another_reading_is_sought_only_when_no_terminology_matches(releases: dict[str, SealedRelease]) -> None:
    both = [releases["ICD10"], releases["Imaging"]]
    found = find(both, ask("سردرد"), limit=5)
    assert found.instead is None
    assert found.counts == (2, 0)
    found = find(both, ask("سونوگارفی شکم"), limit=5)
    assert [hit.concept.code for hit in found.hits] == ["US001"]
    assert found.counts == (0, 1)


def test_a_query_that_can_not_be_honoured_whole_is_refused() -> None:
    assert ask("x " * (MOST_WORDS - 1)).words
    for text in ("x" * (LONGEST_QUERY + 1), "x " * MOST_WORDS):
        with pytest.raises(BadParameter):
            ask(text)


ODD = st.text("()\"*:-«»یا ORAND آسمab0123./\u200c\ud800\x00'^{}[]+~", max_size=40)
PIECES = st.sampled_from([
    "یا", "OR", "AND", "NOT", "NEAR", '"', '"دیابت', 'نوع"', "«", "»", "(", ")", "-", "-(", '-"', "*", "دیا*", ":", "code:", "code:A00*",
    "کد:*", "fa:", "en:asthma", "fa:\"", "modality:", "modality:CT", '-modality:"M', "status:retired", "وضعیت:هیچ", "name:value:x", "\x00",
    "\ud800", "\udfff", "\ufdd0", "\ue000", "›قرص", "سیتی‹", "\u200c", "ـ", "ً", "آسم", "دیابت", "وبا", "cholera", "E11.9", "۲/۵", "٪",
    "漢字", "ελλ", "Кард", "שלום", "ไทย", "🙂", "e\u0301", "\u202e", "{id}", "?1", "'); DROP TABLE word; --", "%", "_",
    "ا" * 90, "a.b.c.d", "0" * 40,
])  # fmt: skip
PUT_TOGETHER = st.lists(st.tuples(PIECES, st.sampled_from(["", " ", " ", "\t", "\n"])), max_size=31).map(
    lambda pieces: "".join(piece + space for piece, space in pieces)[:LONGEST_QUERY]
)
LONG = st.text('آسمab1 "(:*-یا\u200c', min_size=400, max_size=LONGEST_QUERY)


@settings(max_examples=600, deadline=None)
@given(st.one_of(st.text(max_size=60), ODD, PUT_TOGETHER, LONG))
@example(" ".join(["دیابت"] * 31)).via("as many words as may be")
@example("آ" * LONGEST_QUERY).via("one word as long as may be")
@example(" ".join(['"آسم وبا"', "یا"] * 10)).via("phrases and either")
def test_no_query_fails(releases: dict[str, SealedRelease], text: str) -> None:
    if len(text.split()) >= MOST_WORDS:
        return
    every = list(releases.values())
    for literal in (False, True):
        found = find(every, ask(text, literal=literal), limit=5, literal=literal)
        assert found.total >= len(found.hits) > -1
        for hit in found.hits:
            highlight(hit.concept.title_fa, hit.concept.title_en, found.query)
    suggest(every, text)


@pytest.mark.parametrize(
    "text", ["((((" * 100, '"' * 101, "a:" * 200, "-" * 300, "یا " * 31, "(" * 200 + "a" + ")" * 200, "a OR " * 15]
)
def test_hostile_queries_are_answered_quickly(releases: dict[str, SealedRelease], text: str) -> None:
    find(list(releases.values()), read_query(text), limit=5)
