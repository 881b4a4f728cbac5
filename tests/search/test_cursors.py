"""A page after the first is of what the first one searched, whatever the process knows that answers it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner

from maxa.cli import main
from maxa.cursor_text import sealed
from maxa.errors import BadCursor, ExpiredCursor
from maxa.search import find as finding
from maxa.search import vocabulary as vocabularies
from maxa.search.api import search
from maxa.search.cursors import Asked, Cursor, read_cursor, write_cursor
from maxa.search.instead import Kept
from maxa.shelf.reading import Shelf
from tests.shelves import ShelfBuilder, concept


@pytest.fixture(scope="module")
def tablets(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    builder = ShelfBuilder(tmp_path_factory.mktemp("tablets"))
    builder.publish("Drugs", [concept(f"D{n}", f"متفورمین {n}", "metformin") for n in range(9)])
    builder.publish("Tests", [
        *(concept(f"N{n}", f"سدیم {n}", "Sodium") for n in range(5)),
        *(concept(f"K{n}", f"پتاسیم {n}", "Potassium") for n in range(5)),
        *(concept(f"W{n}", f"زانو بدون تزریق {n}") for n in range(5)), *(concept(f"O{n}", f"زانو {n}") for n in range(5)),
    ])  # fmt: skip
    return Shelf(builder.folder)


def test_on_the_command_line_the_next_page_needs_no_more_than_the_words_and_the_cursor(
    tablets: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAXA_SHELF", str(tablets.folder))
    first = _asked("متفورمین", "--status", "active", "--literal", "--limit", "4")
    second = _asked("متفورمین", "--limit", "9", "--cursor", first["next"])
    assert len({hit["code"] for hit in (*first["hits"], *second["hits"])}) == second["total"] == 9


def _asked(*words: str) -> dict[str, Any]:
    result = CliRunner().invoke(main, ["search", "--json", *words])
    assert result.exit_code == 0, result.output
    return dict(json.loads(result.output))


def _never(*_: object) -> None:
    raise AssertionError("the first page has told it")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("متفرومین", "letters"), ("sndl", "layout"), ("metfornin", "spelling"), ("متفور 5", "beginnings"),
        ("سدیم پتاسیم", "any-word"), ("زانو تزریقی", "fewer-words"),
    ],
)  # fmt: skip
def test_every_page_is_of_what_the_first_one_searched(
    tablets: Shelf, monkeypatch: pytest.MonkeyPatch, text: str, kind: str
) -> None:
    catalogue = tablets.catalogue()
    whole = search(tablets, catalogue, text, limit=50)
    assert whole.instead is not None
    assert kind in whole.instead["kinds"]  # type: ignore[operator]
    size = max(1, len(whole.hits) // 2)
    page = search(tablets, catalogue, text, limit=size)
    monkeypatch.setattr(finding, "searched_instead", _never)
    monkeypatch.setattr(finding, "left_open", _never)
    vocabularies._kept.clear()
    found = [*page.hits]
    while page.next is not None:
        page = search(tablets, catalogue, cursor=page.next)
        assert page.instead == whole.instead
        assert page.total == whole.total
        found += page.hits
    assert found == whole.hits


def test_a_cursor_keeps_what_was_searched_instead() -> None:
    kept = Kept("متفورمین", ("spelling",), "begun", contrary=False)
    cursor = Cursor(Asked("متفرومین").decided(), 1, "x", 5, (5, 0), kept)
    assert read_cursor(write_cursor(cursor), Asked()) == cursor


def _written(*fields: object) -> str:
    return sealed([*fields], b"maxa-search")


@pytest.mark.parametrize("more", [(), (None,), (None, None)])
def test_a_cursor_of_an_earlier_version_is_refused_as_outdated(more: tuple[None, ...]) -> None:
    with pytest.raises(ExpiredCursor) as refused:
        read_cursor(_written({"q": "ا"}, 1, "x", 5, [5, 0], *more), Asked())
    assert "earlier version" in refused.value.detail_en


@pytest.mark.parametrize(
    ("first", "then", "named"),
    [
        ({"status": "active"}, {"status": "all"}, "status"), ({}, {"status": "active"}, "status"),
        ({"literal": True}, {"literal": False}, "literal"), ({}, {"literal": True}, "literal"),
    ],
)  # fmt: skip
def test_what_is_sent_with_a_cursor_is_what_it_was_made_with(
    tablets: Shelf, first: dict[str, Any], then: dict[str, Any], named: str
) -> None:
    page = search(tablets, tablets.catalogue(), "متفورمین", limit=2, **first)
    with pytest.raises(BadCursor) as refused:
        search(tablets, tablets.catalogue(), cursor=page.next, **then)
    assert refused.value.data == {"differs": named}
    following = search(tablets, tablets.catalogue(), cursor=page.next)
    assert following == search(tablets, tablets.catalogue(), cursor=page.next, **first)


def test_to_send_what_holds_anyway_is_to_leave_it_out(tablets: Shelf) -> None:
    page = search(tablets, tablets.catalogue(), "متفورمین", limit=2)
    following = search(tablets, tablets.catalogue(), cursor=page.next, status="all", literal=False)
    assert following == search(tablets, tablets.catalogue(), cursor=page.next)


@pytest.mark.parametrize(
    "instead",
    [
        ["x"], ["", ["spelling"], "begun", False], ["x" * 3_000, ["spelling"], "begun", False], ["x", [], "begun", False],
        ["x", ["other"], "begun", False], ["x", ["spelling"], "other", False], ["x", ["spelling"], "begun", 1],
        ["x", [["spelling"]], "begun", False], ["x", ["spelling"], [], False], 7,
    ],
)  # fmt: skip
def test_what_no_search_put_into_a_cursor_is_refused(instead: object) -> None:
    with pytest.raises(BadCursor):
        read_cursor(_written(1, {"q": "ا"}, 1, "x", 5, [5, 0], instead), Asked())
