"""What a request may say."""

from __future__ import annotations

from typing import Any

import pytest

from maxa.errors import BadParameter, MaxaError, MissingParameter, TooManyCodes, UnknownTerminology
from maxa.requests.asking import MOST_ROWS, Asking, asking_of
from maxa.shelf.catalogue import Catalogue
from maxa.shelf.reading import Shelf
from tests.api.library import library

GOOD = {"kind": "missing-code", "terminology": "lnc", "organisation": "بیمهٔ نمونه"}


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    folder = tmp_path_factory.mktemp("library") / "shelf"
    library(folder)
    return Shelf(folder).catalogue()


def ask(catalogue: Catalogue, rows: Any = ({"title": "آ"},), **over: Any) -> Asking:
    return asking_of({**GOOD, **over}, rows, catalogue)


def test_the_terminology_is_spelled_as_published_may_be_a_map_and_may_be_unknown(catalogue: Catalogue) -> None:
    assert ask(catalogue).terminology == "LNC"
    assert ask(catalogue, terminology="lnc→rvu3").terminology == "LNC→RVU3"
    assert ask(catalogue, terminology="").terminology == ""
    with pytest.raises(UnknownTerminology):
        ask(catalogue, terminology="LNX")


def test_rows_without_a_word_and_rows_that_stand_twice_are_left_out(catalogue: Catalogue) -> None:
    rows = [{"title": " آ  ب "}, {"code": ""}, {"note": "تنها"}, {"title": "آ ب"}, {"code": 123}]
    assert [(r["code"], r["title"]) for r in ask(catalogue, rows).rows] == [("", "آ ب"), ("123", "")]


def test_control_characters_become_spaces_and_half_spaces_stay(catalogue: Catalogue) -> None:
    (row,) = ask(catalogue, [{"title": "می\u200cشود\0\x1b[31m\ud800"}]).rows
    assert row["title"] == "می\u200cشود [31m"
    assert ask(catalogue, note="یک\r\nدو\0").note == "یک\nدو"


@pytest.mark.parametrize(
    ("over", "error"),
    [
        ({"kind": "complaint"}, BadParameter), ({"kind": None}, BadParameter), ({"organisation": " "}, MissingParameter),
        ({"organisation": "x" * 201}, BadParameter), ({"note": "x" * 4_001}, BadParameter), ({"note": ["x"]}, BadParameter),
        ({"client_id": True}, BadParameter),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_by_its_field(catalogue: Catalogue, over: dict[str, Any], error: type[MaxaError]) -> None:
    with pytest.raises(error) as refused:
        ask(catalogue, **over)
    assert refused.value.parameter == next(iter(over))


def test_too_many_rows_too_long_ones_and_none_are_refused(catalogue: Catalogue) -> None:
    with pytest.raises(TooManyCodes):
        ask(catalogue, ({"code": str(n)} for n in range(MOST_ROWS + 1)))
    with pytest.raises(BadParameter, match=r"rows\[2\]\.title"):
        ask(catalogue, [{"title": "آ"}, {"title": "x" * 501}])
    with pytest.raises(MissingParameter):
        ask(catalogue, [])
