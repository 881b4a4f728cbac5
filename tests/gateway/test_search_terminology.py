"""docs/contract.md §4: the list, paging, cursors. What FromDate gives is in test_sync.py."""

from __future__ import annotations

import base64
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maxa.cursor_text import sealed
from maxa.errors import BadCursor
from maxa.gateway import cursors
from maxa.gateway.cursors import Choice, ListCursor, SearchCursor, read_cursor, write_cursor
from maxa.search.instead import Kept
from tests.gateway.asking import SHORT, Door, door_to
from tests.gateway.clinic import LAB_1
from tests.gateway.rules import rule
from tests.shelves import START, ShelfBuilder, concept

ACTIVE = ["2345-7", "26453-1", "4548-4", "718-7", "777-3"]


def pages(door: Door, **asked: Any) -> list[list[dict[str, Any]]]:
    """The data of every page, following the cursors."""
    found, cursor = [], ""
    while cursor is not None:
        answer = door.get("SearchTerminology", Cursor=cursor, **asked)
        found.append(answer.data)
        assert answer.page["size"] == len(answer.data)
        cursor = answer.page["next"]
    return found


@rule("4.1")
def test_the_list_is_of_coded_texts_with_their_status_in_code_order(door: Door) -> None:
    answer = door.get("SearchTerminology", Terminology="lnc")
    assert answer.codes == ACTIVE
    assert answer.data[0] == {"Value": "گلوکز", "Terminology_id": "LNC", "Coded_string": "2345-7", "Status": "active"}
    assert answer.page == {"total": 5, "size": 5, "next": None}


@rule("4.1")
@pytest.mark.parametrize(
    ("status", "codes"),
    [("active", ACTIVE), ("retired", ["789-8"]), ("all", [*ACTIVE, "789-8"]), ("ALL", [*ACTIVE, "789-8"])],
)
def test_status_says_which_ones(door: Door, status: str, codes: list[str]) -> None:
    answer = door.get("SearchTerminology", Terminology="LNC", Status=status)
    assert (answer.codes, answer.page["total"]) == (codes, len(codes))
    assert {i["Status"] for i in answer.data} <= (
        {status.lower()} if status.lower() != "all" else {"active", "retired"}
    )


@rule("4.1")
def test_codes_are_ordered_by_their_bytes(tmp_path: Path) -> None:
    codes = ["10", "9", "a", "B", "é", "آ", "\U0001f600", "\ue000", "A-1", "A1"]
    ShelfBuilder(tmp_path / "shelf").publish("Local", [concept(c, "عنوان") for c in codes])
    door = door_to(tmp_path / "shelf", tmp_path)
    assert door.get("SearchTerminology", Terminology="Local").codes == sorted(codes, key=str.encode)
    assert [i["Coded_string"] for p in pages(door, Terminology="Local", PageSize=1) for i in p] == sorted(
        codes, key=str.encode
    )


@rule("4.2")
def test_without_a_page_size_the_whole_list_is_streamed(tmp_path: Path) -> None:
    ShelfBuilder(tmp_path / "shelf").publish("LNC", [concept(f"{n:05}", f"عنوان {n}") for n in range(6_001)])
    door = door_to(tmp_path / "shelf", tmp_path)
    reply = door.http.get(f"{SHORT}/SearchTerminology?Terminology=LNC")
    assert "Content-Length" not in reply.headers
    assert len(list(reply.response)) > 3
    answer = door.get("SearchTerminology", Terminology="LNC")
    assert answer.codes == [f"{n:05}" for n in range(6_001)]
    assert answer.page == {"total": 6_001, "size": 6_001, "next": None}


@rule("4.2")
@pytest.mark.parametrize("count", [0, 1, 2_000, 2_001, 4_000])
def test_a_streamed_list_of_any_length_is_whole(tmp_path: Path, count: int) -> None:
    ShelfBuilder(tmp_path / "shelf").publish(
        "A", [concept(f"{n:05}", "عنوان") for n in range(count)] or [concept("x", "x", active=False)]
    )
    answer = door_to(tmp_path / "shelf", tmp_path).get("SearchTerminology", Terminology="A")
    assert (len(answer.data), answer.page["total"]) == (count, count)


@rule("4.2")
def test_what_can_not_be_read_is_refused_before_a_stream_begins(tmp_path: Path) -> None:
    shelf = ShelfBuilder(tmp_path / "shelf")
    edition = shelf.publish("LNC", [concept("1", "یک")])
    (tmp_path / "shelf" / edition.file).write_bytes(b"damaged")
    answer = door_to(tmp_path / "shelf", tmp_path).get("SearchTerminology", Terminology="LNC")
    assert answer.refusal == (503, "unavailable", None)


@pytest.fixture(scope="module")
def long_list(tmp_path_factory: pytest.TempPathFactory) -> Door:
    folder = tmp_path_factory.mktemp("long")
    rows = [concept(f"{n * 37 % 211:03}-{n % 10}", f"عنوان {n}", active=n % 7 > 0) for n in range(211)]
    ShelfBuilder(folder / "shelf").publish("LNC", rows)
    return door_to(folder / "shelf", folder)


@rule("4.3")
@settings(max_examples=40, deadline=None)
@given(size=st.integers(1, 250), status=st.sampled_from(["active", "retired", "all"]))
def test_pages_of_any_size_make_up_the_whole_list(long_list: Door, size: int, status: str) -> None:
    whole = long_list.whole_list("LNC", Status=status)
    turned = pages(long_list, Terminology="LNC", PageSize=size, Status=status)
    assert [item for page in turned for item in page] == whole
    assert all(len(page) == size for page in turned[:-1])
    assert 0 < len(turned[-1]) <= size


@rule("4.3")
def test_what_the_cursor_knows_may_be_left_out_and_the_page_size_may_change(door: Door) -> None:
    first = door.get("SearchTerminology", Terminology="LNC", PageSize=2, Status="all", Version=LAB_1)
    second = door.get("SearchTerminology", Terminology="LNC", Cursor=first.page["next"])
    assert (first.codes, second.codes) == (["2345-7", "4548-4"], ["718-7", "777-3"])
    third = door.get(
        "SearchTerminology", TERMINOLOGY_ID="lnc", Cursor=second.page["next"], PageSize=9, Status="all", Version=LAB_1
    )
    assert (third.codes, third.page["next"]) == (["789-8"], None)


@rule("4.3")
@pytest.mark.parametrize(
    ("other", "named"),
    [
        ({"Terminology": "IRC"}, "Terminology"), ({"Status": "active"}, "Status"), ({"Version": "1402-05-01"}, "Version"),
        ({"Date": "1402/03/01"}, "Date"), ({"FromDate": "1402/01/01"}, "FromDate"), ({"Search": "خون"}, "Search"),
    ],
)  # fmt: skip
def test_a_cursor_with_other_parameters_is_refused_and_the_parameter_named(
    door: Door, other: dict[str, str], named: str
) -> None:
    asked = {"Terminology": "LNC", "Status": "all", "PageSize": "2", "Version": LAB_1}
    cursor = door.get("SearchTerminology", **asked).page["next"]
    if "Search" in other:
        del asked["Version"]
    answer = door.get("SearchTerminology", **{**asked, **other, "Cursor": cursor})
    assert answer.refusal == (400, "bad-cursor", "Cursor")
    assert f"'{named}'" in answer.error["detail_en"]


@rule("4.3")
@pytest.mark.parametrize(
    ("other", "named"),
    [({"Search": "دیگر"}, "Search"), ({"Terminology": "IRC"}, "Terminology"), ({"Date": "1402/03/01"}, "Date")],
)
def test_a_search_cursor_with_other_parameters_is_refused(door: Door, other: dict[str, str], named: str) -> None:
    asked = {"Terminology": "LNC", "Search": "هموگلوبین", "PageSize": "1"}
    cursor = door.get("Terminology", **asked).page["next"]
    answer = door.get("Terminology", **{**asked, **other, "Cursor": cursor})
    assert answer.refusal == (400, "bad-cursor", "Cursor")
    assert f"'{named}'" in answer.error["detail_en"]
    for also in ({"Status": "active"}, {"Literal": "true"}, {"FromDate": "1402/01/01"}):
        answer = door.get("SearchTerminology", Terminology="LNC", Cursor=cursor, **also)
        assert answer.status == 400, also
    assert door.get("Terminology", Terminology="LNC", Code="718-7", Cursor=cursor).refusal == (
        400,
        "bad-cursor",
        "Cursor",
    )


@rule("4.7")
@pytest.mark.parametrize("literal", ["false", "true"])
@pytest.mark.parametrize("status", ["active", "retired", "all"])
def test_what_the_cursor_of_a_search_knows_may_be_left_out(tmp_path: Path, status: str, literal: str) -> None:
    rows = [concept(f"{n:02}", f"قرص {n}", active=n % 2 > 0) for n in range(9)]
    ShelfBuilder(tmp_path / "shelf").publish("LNC", rows)
    door = door_to(tmp_path / "shelf", tmp_path)
    asked = {"Terminology": "LNC", "Search": "قرص", "Status": status, "Literal": literal}
    asked["Version"] = door.get("CtsTerminologies").data[0]["Version"]
    whole = door.get("SearchTerminology", **asked)
    first = door.get("SearchTerminology", **asked, PageSize="2")
    found, cursor = list(first.data), first.page["next"]
    while cursor is not None:
        answer = door.get("SearchTerminology", Terminology="lnc", Cursor=cursor)
        assert answer.page["total"] == len(whole.codes)
        found += answer.data
        cursor = answer.page["next"]
    assert found == whole.data
    assert len(found) == {"active": 4, "retired": 5, "all": 9}[status]


@rule("4.7")
def test_terminology_goes_on_by_its_cursor_alone(door: Door) -> None:
    asked = {"Terminology": "LNC", "Search": "هموگلوبین"}
    whole = door.get("Terminology", **asked)
    first = door.get("Terminology", **asked, PageSize="1")
    rest = door.get("Terminology", Terminology="LNC", Cursor=first.page["next"], PageSize="50")
    assert [*first.data, *rest.data] == whole.data
    assert len(rest.data) > 0
    listed = door.get("SearchTerminology", Terminology="LNC", PageSize="1").page["next"]
    assert door.get("Terminology", Terminology="LNC", Cursor=listed).refusal[:2] == (400, "missing-parameter")


@rule("4.3")
@pytest.mark.parametrize("cursor", ["x", "eyJhIjoxfQ", "=", "AAAA", "قرص", "-" * 20_000, "a b", "\x00", "null", "0"])
def test_garbage_is_no_cursor(door: Door, cursor: str) -> None:
    answer = door.post("SearchTerminology", {"Terminology": "LNC", "Cursor": cursor})
    assert answer.refusal == (400, "bad-cursor", "Cursor")


@rule("4.3")
@given(data=st.data())
def test_a_cursor_with_one_letter_changed_is_refused(data: st.DataObject) -> None:
    cursor = write_cursor(ListCursor("LNC", Choice(None, None), "1", "d", "active", 0, 0, None, 10, "718-7"))
    place = data.draw(st.integers(0, len(cursor) - 1))
    letter = data.draw(st.sampled_from("abcXYZ019-_"))
    changed = cursor[:place] + letter + cursor[place + 1 :]
    if base64.urlsafe_b64decode(changed + "==") != base64.urlsafe_b64decode(cursor + "=="):
        with pytest.raises(BadCursor):
            read_cursor(changed)


@rule("4.3")
@given(st.text(max_size=200))
def test_any_text_is_read_as_a_cursor_or_refused(text: str) -> None:
    with pytest.raises(BadCursor):
        read_cursor(text)


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
numbers = st.integers(0, 2**53)
choices = st.builds(Choice, st.none() | texts, st.none() | st.dates().map(lambda d: d.isoformat()))
statuses = st.sampled_from(["active", "retired", "all"])


@given(
    st.builds(SearchCursor, texts, choices, numbers, texts, statuses, texts, st.integers(1, 10_000), st.tuples(numbers, numbers))
    | st.builds(ListCursor, texts, choices, texts, texts, statuses, st.just(3), st.integers(3, 9),
                st.none() | st.tuples(numbers, numbers), st.integers(1, 10_000), texts)
)  # fmt: skip
def test_a_cursor_is_read_as_it_was_written(cursor: ListCursor | SearchCursor) -> None:
    written = write_cursor(cursor)
    assert read_cursor(written) == cursor
    assert written.isascii()
    assert set(written) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


@rule("4.3")
@pytest.mark.parametrize(
    "forged",
    [
        ListCursor("LNC", Choice(None, None), "1402-05-01", "d", "active", 0, 2**40, None, 10, ""),
        ListCursor("LNC", Choice(None, None), "1402-05-01", "d", "all", 1, 2**40, None, 10, ""),
        ListCursor("LNC", Choice(None, None), "1402-05-01", "d", "none", 0, 0, None, 10, ""),
        ListCursor("LNC", Choice(None, None), "1402-05-01", "d", "all", 0, 0, None, 0, ""),
        ListCursor("LNC", Choice(None, None), "1402-05-01", "d", "all", 0, 0, None, 10**9, ""),
        ListCursor("LNC", Choice(None, None), "x", "d", "all", -5, -1, None, 10, ""),
        ListCursor("LNC", Choice(None, "x"), "1402-05-01", "d", "all", 0, 0, None, 10, ""),
        SearchCursor("LNC", Choice(None, None), 8, "x", "active", "x", 10, (2**60,)),
        SearchCursor("LNC", Choice(None, None), 8, "x", "active", "x", 10, (1, 2, 3)),
    ],
)  # fmt: skip
def test_a_forged_cursor_does_no_harm(door: Door, forged: ListCursor | SearchCursor) -> None:
    cursor = write_cursor(forged)
    asked = {"Search": "x"} if isinstance(forged, SearchCursor) else {}
    answer = door.get("SearchTerminology", Terminology="LNC", Cursor=cursor, **asked)
    assert answer.refusal[:2] in ((400, "bad-cursor"), (410, "expired-cursor"))


@rule("4.4")
@pytest.mark.parametrize("more", [(), (None,)])
def test_a_searchs_cursor_of_an_earlier_version_is_refused_as_outdated(door: Door, more: tuple[None, ...]) -> None:
    told = [1, "search", "LNC", [None, None], 8, "x", "active", "~x", 10, [1, 2], *more]
    cursor = sealed(told, b"maxa-cursor")
    answer = door.get("SearchTerminology", Terminology="LNC", Cursor=cursor)
    assert answer.refusal[:2] == (410, "expired-cursor")


@rule("4.4")
@pytest.mark.parametrize("form", [0, 3, -1, True, "2", None])
def test_a_cursor_of_a_format_that_never_was_is_no_cursor(door: Door, form: object) -> None:
    told = [form, "search", "LNC", [None, None], 8, "x", "active", "~x", 10, [1, 2], None]
    answer = door.get("SearchTerminology", Terminology="LNC", Cursor=sealed(told, b"maxa-cursor"))
    assert answer.refusal == (400, "bad-cursor", "Cursor")


@rule("4.4")
@pytest.mark.parametrize("span", [[], [1], {}, "", 3, [None, None]])
def test_a_lists_cursor_made_up_by_someone_is_no_cursor(door: Door, span: object) -> None:
    told = [cursors._FORMATS["list"], "list", "LNC", [None, None], "1", "x", "active", 0, 1, span, 10, "a"]
    answer = door.get("SearchTerminology", Terminology="LNC", Cursor=sealed(told, b"maxa-cursor"))
    assert answer.refusal == (400, "bad-cursor", "Cursor")


@rule("4.3")
def test_a_cursor_keeps_what_was_searched_instead() -> None:
    kept = Kept("asthma", ("spelling",), "begun", contrary=False)
    cursor = SearchCursor("LNC", Choice(None, None), 8, "x", "active", "~astma", 10, (5, 0), kept)
    assert read_cursor(write_cursor(cursor)) == cursor


@rule("4.4")
def test_a_publication_in_between_neither_skips_nor_repeats(tmp_path: Path) -> None:
    shelf = ShelfBuilder(tmp_path / "shelf")
    rows = [concept(f"{n:02}", f"قرص {n}") for n in range(20)]
    shelf.publish("LNC", rows, day="1402/01/01")
    shelf.publish("LNC", [*rows[:-1], concept("19", "دگر")], day="1402/02/01")
    door = door_to(tmp_path / "shelf", tmp_path)
    asked = {
        "list": ("SearchTerminology", {"Terminology": "LNC", "PageSize": 6}),
        "by day": ("SearchTerminology", {"Terminology": "LNC", "PageSize": 6, "Date": "1405/01/01"}),
        "changes": ("SearchTerminology", {"Terminology": "LNC", "PageSize": 6, "FromDate": "1402/01/01"}),
        "search": ("Terminology", {"Terminology": "LNC", "PageSize": 6, "Search": "قرص"}),
        "search all": ("Terminology", {"Terminology": "*", "PageSize": 6, "Search": "قرص", "Date": "1405/01/01"}),
    }
    expected = {k: door.get(service, **{**q, "PageSize": 200}).data for k, (service, q) in asked.items()}
    first = {k: door.get(service, **q) for k, (service, q) in asked.items()}
    shelf.publish(
        "LNC",
        [concept(f"{n:02}", f"قرص تازه {n}") for n in range(5, 40)],
        day="1403/01/01",
        at=START + timedelta(days=9),
    )
    shelf.publish("AAA", [concept("1", "قرص")], day="1403/01/01", at=START + timedelta(days=10))
    for key, (service, query) in asked.items():
        found, cursor = list(first[key].data), first[key].page["next"]
        while cursor is not None:
            answer = door.get(service, **query, Cursor=cursor)
            found += answer.data
            cursor = answer.page["next"]
        assert found == expected[key], key
        assert door.get(service, **{**query, "PageSize": 200}).data != expected[key], key


@rule("4.4")
def test_a_cursor_of_an_edition_that_is_gone_has_expired(tmp_path: Path) -> None:
    for folder, day, title in (
        ("old", "1402/01/01", "قرص"),
        ("new", "1402/02/01", "قرص"),
        ("other", "1402/01/01", "قرص نو"),
    ):
        ShelfBuilder(tmp_path / folder).publish("LNC", [concept(f"{n}", title) for n in range(5)], day=day)
    old, new, other = (door_to(tmp_path / name, tmp_path) for name in ("old", "new", "other"))
    listing = old.get("SearchTerminology", Terminology="LNC", PageSize=2).page["next"]
    search = old.get("Terminology", Terminology="LNC", PageSize=2, Search="قرص").page["next"]
    for door in (new, other):
        assert door.get("SearchTerminology", Terminology="LNC", Cursor=listing).refusal == (
            410,
            "expired-cursor",
            "Cursor",
        )
        answer = door.get("Terminology", Terminology="LNC", Search="قرص", Cursor=search)
        assert answer.refusal == (410, "expired-cursor", "Cursor")


@rule("4.7")
def test_search_filters_the_list(door: Door) -> None:
    answer = door.get("SearchTerminology", Terminology="LNC", Search="گلبول")
    assert answer.codes == ["26453-1"]
    assert "<em>" in answer.data[0]["Highlight"]
    assert door.get("SearchTerminology", Terminology="LNC", Search="گلبول", Status="all").codes == ["26453-1", "789-8"]
    assert door.get("SearchTerminology", Terminology="LNC", Search="گلبول", Status="retired").codes == ["789-8"]
    assert {i["Terminology_id"] for i in door.get("SearchTerminology", Terminology="*", Search="قرص").data} == {"IRC"}


@rule("4.7")
def test_a_search_that_is_asked_again_is_answered_alike_until_something_is_published(tmp_path: Path) -> None:
    shelf = ShelfBuilder(tmp_path / "shelf")
    shelf.publish("LNC", [concept(f"{n}", "قرص") for n in range(5)], day="1402/01/01")
    door = door_to(tmp_path / "shelf", tmp_path)
    asked = {"Terminology": "LNC", "Search": "قرص", "PageSize": 2, "Status": "all"}
    first, second = (door.get("SearchTerminology", **asked) for _ in range(2))
    assert (first.data, first.page) == (second.data, second.page)
    following = door.get("SearchTerminology", **asked, Cursor=first.page["next"])
    assert following.codes == ["2", "3"]
    for other in ({"PageSize": 3}, {"Search": "قرص یا شربت"}, {"Status": "retired"}, {"Literal": True}):
        assert door.get("SearchTerminology", **{**asked, **other}).page != first.page
    assert len(door.get("Terminology", Terminology="LNC", Search="قرص").data) == 5  # its own default size

    shelf.publish("LNC", [concept(f"{n}", "قرص نو") for n in range(3)], day="1402/02/01")
    assert [item["Value"] for item in door.get("SearchTerminology", **asked).data] == ["قرص نو"] * 2
    dated = {**asked, "Date": "1402/01/15"}
    assert (
        door.get("SearchTerminology", **dated).data == door.get("SearchTerminology", **dated, Version="1402-01-01").data
    )


@rule("4.7")
def test_without_a_page_size_every_hit_comes(tmp_path: Path) -> None:
    ShelfBuilder(tmp_path / "shelf").publish("A", [concept(f"{n:04}", f"قرص {n % 3 * 'x'}") for n in range(2_345)])
    door = door_to(tmp_path / "shelf", tmp_path)
    answer = door.get("SearchTerminology", Terminology="A", Search="قرص")
    assert len(answer.data) == len({i["Coded_string"] for i in answer.data}) == 2_345
    assert answer.page == {"total": 2_345, "size": 2_345, "next": None}
    assert [i for p in pages(door, Terminology="A", Search="قرص", PageSize=1_000) for i in p] == answer.data


@rule("4.7")
def test_a_search_without_words_finds_nothing(door: Door) -> None:
    answer = door.get("SearchTerminology", Terminology="LNC", Search="((")
    assert (answer.data, answer.page["total"]) == ([], 0)


@rule("4.5", "4.7")
@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ({"Search": "x", "FromDate": "1402/01/01"}, "Search"), ({"Status": "active", "FromDate": "1402/01/01"}, "Status"),
        ({"Status": "retired", "FromDate": "1402/01/01"}, "Status"), ({"Terminology": "*"}, "Terminology"),
    ],
)  # fmt: skip
def test_parameters_that_do_not_go_together_are_refused(door: Door, asked: dict[str, str], named: str) -> None:
    assert door.get("SearchTerminology", **{"Terminology": "LNC", **asked}).refusal == (400, "bad-parameter", named)
