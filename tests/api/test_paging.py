"""Pages put together are the whole, whatever their size and whatever is published meanwhile."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api.asking import Api, api_over
from tests.shelves import ShelfBuilder, concept, pair

LISTS = (
    ("/terminologies/LNC/concepts", {"status": "all"}),
    ("/terminologies/Odd/concepts", {"parent": "A00"}),
    ("/terminologies/LNC/releases/current/diff", {}),
    ("/terminologies/Imaging/releases/1400-05-05/diff", {"from": "1401-05-05"}),
    ("/maps/LNC--RVU3/pairs", {"status": "all"}),
    ("/maps/LNC--RVU3/releases/current/diff", {}),
    ("/maps/LNC--RVU3/unmapped", {}),
)


@pytest.mark.parametrize(("path", "parameters"), LISTS)
@pytest.mark.parametrize("size", [1, 2, 3, 4, 100])
def test_pages_put_together_are_the_whole(api: Api, path: str, parameters: dict[str, str], size: int) -> None:
    whole = api.get(path, page_size=10_000, **parameters).json
    assert whole["page"]["next"] is None
    pages = list(api.pages(path, page_size=size, **parameters))
    assert [item for page in pages for item in page["items"]] == whole["items"]
    assert {page["page"]["total"] for page in pages} == {len(whole["items"])}
    assert all(page["page"]["size"] == len(page["items"]) <= size for page in pages)
    assert all(page["page"]["size"] == size for page in pages[:-1])


CODES = st.sets(
    st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=8).map(str.strip), max_size=30
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(codes=CODES, size=st.integers(1, 7))
def test_any_codes_come_whole_and_in_order(
    codes: set[str], size: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder: Path = tmp_path_factory.mktemp("codes")
    codes.discard("")
    shelf = ShelfBuilder(folder / "shelf")
    shelf.publish("T", [concept(code, "عنوان") for code in codes])
    shelf.publish("T→U", [pair(code, other) for code in list(codes)[:5] for other in list(codes)[:3]])
    api = api_over(folder / "shelf", folder)
    told = [item["code"] for item in api.whole("/terminologies/T/concepts", page_size=size)]
    assert told == sorted(codes, key=str.encode)
    pairs = api.whole("/maps/T--U/pairs", page_size=size)
    assert len(pairs) == len({(p["source"], p["target"]) for p in pairs}) == api.get("/maps/T--U").json["pair_count"]
    unmapped = {item["code"] for item in api.whole("/maps/T--U/unmapped", page_size=size)}
    assert unmapped == codes - {p["source"] for p in pairs}


def test_a_cursor_stays_on_its_edition(tmp_path: Path) -> None:
    shelf = ShelfBuilder(tmp_path / "shelf")
    shelf.publish("T", [concept(code, "کهنه") for code in "abcd"], day="1401/01/01")
    api = api_over(tmp_path / "shelf", tmp_path)
    first = api.get("/terminologies/T/concepts", page_size=2).json
    shelf.publish("T", [concept(code, "تازه") for code in "axyz"], day="1402/01/01")
    second = api.get("/terminologies/T/concepts", cursor=first["page"]["next"]).json
    assert [c["code"] for c in first["items"] + second["items"]] == list("abcd")
    assert second["version"] == first["version"] == "1401-01-01"


def test_a_diff_of_the_current_edition_goes_on_with_a_fixed_one_or_is_refused(tmp_path: Path) -> None:
    shelf = ShelfBuilder(tmp_path / "shelf")
    shelf.publish("T", [concept(code, "کهنه") for code in "abcd"], day="1401/01/01")
    shelf.publish("T", [concept(code, "تازه") for code in "abcd"], day="1402/01/01")
    api = api_over(tmp_path / "shelf", tmp_path)
    path = "/terminologies/T/releases/{}/diff"
    cursor = api.get(path.format("current"), page_size=2).json["page"]["next"]
    shelf.publish("T", [concept(code, "تازه‌تر") for code in "abcd"], day="1403/01/01")
    assert api.get(path.format("current"), cursor=cursor).refusal == (400, "bad-cursor", "cursor")
    assert [c["code"] for c in api.get(path.format("1402-01-01"), cursor=cursor).items] == ["c", "d"]


def test_an_edition_that_was_made_anew_ends_its_cursors(tmp_path: Path) -> None:
    def made(title: str, name: str) -> Api:
        shelf = ShelfBuilder(tmp_path / name / "shelf")
        shelf.publish("T", [concept(code, title) for code in "abcd"])
        return api_over(tmp_path / name / "shelf", tmp_path / name)

    cursor = made("یکی", "one").get("/terminologies/T/concepts", page_size=2).json["page"]["next"]
    answer = made("دیگری", "two").get("/terminologies/T/concepts", cursor=cursor)
    assert answer.refusal == (410, "expired-cursor", "cursor")


@pytest.mark.parametrize(
    ("path", "more", "parameter"),
    [
        ("/terminologies/LNC/concepts", {"status": "retired"}, "status"),
        ("/terminologies/LNC/concepts", {"date": "1402/03/01"}, "date"),
        ("/terminologies/Odd/concepts", {}, "terminology"),
        ("/maps/LNC--RVU3/pairs", {}, "cursor"),
    ],
)
def test_a_cursor_does_not_go_with_other_parameters(api: Api, path: str, more: dict[str, str], parameter: str) -> None:
    cursor = api.get("/terminologies/LNC/concepts", page_size=2).json["page"]["next"]
    assert api.get(path, cursor=cursor, **more).problem["code"] == "bad-cursor"
    same = api.get("/terminologies/LNC/concepts", cursor=cursor, status="active", page_size=1)
    assert len(same.items) == 1


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_cursor_that_was_tampered_with_is_refused(api: Api, data: st.DataObject) -> None:
    cursor = api.get("/terminologies/LNC/concepts", page_size=2).json["page"]["next"]
    place = data.draw(st.integers(0, len(cursor) - 2))
    other = data.draw(st.sampled_from("ABCxyz019_-"))
    changed = cursor[:place] + other + cursor[place + 1 :]
    if changed != cursor:
        assert api.get("/terminologies/LNC/concepts", cursor=changed).refusal == (400, "bad-cursor", "cursor")
