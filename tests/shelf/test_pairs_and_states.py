"""Look-ups in a map's sealed file, and what sealed files tell of withdrawals, over a real registry."""

from __future__ import annotations

from pathlib import Path

import orjson

from maxa.api.publications import events
from maxa.shelf.pairs import count_pairs, ends, pair_page, pair_tails, pairs_of, size_of, with_pairs
from maxa.shelf.reading import Shelf
from maxa.shelf.release import SealedRelease
from maxa.shelf.states import Differences
from tests.lists import Committee, ListOf, codes
from tests.shelves import ShelfBuilder, pair


def a_map(folder: Path) -> SealedRelease:
    edition = ShelfBuilder(folder).publish(
        "A→B", [pair("1", "x"), pair("1", "y", "narrower"), pair("2", "x", part="p"), pair("3", "z", active=False)]
    )
    return Shelf(folder).release(edition)


def test_pairs_are_found_from_either_side_and_retired_ones_are_not(tmp_path: Path) -> None:
    release = a_map(tmp_path)
    forward = pairs_of(release, ["1", "3", "4"])
    assert {code: [p.target for p in found] for code, found in forward.items()} == {"1": ["x", "y"]}
    backward = pairs_of(release, ["x", "z"], reverse=True)
    assert {code: [p.source for p in found] for code, found in backward.items()} == {"x": ["1", "2"]}
    ((near, far, tail),) = pair_tails(release, ["2"])
    assert (near, far) == ("2", "x")
    assert orjson.loads(b"{" + tail[1:]) == {"relationship": "equivalent", "part": "p", "properties": {}}
    assert with_pairs(release, ["1", "3"]) == {"1"}


def test_codes_that_json_or_sql_might_stumble_over(tmp_path: Path) -> None:
    odd = ["'", '"', "\\", "%", "_", "ک\u200c۱", "a\nb", "😀", "1.0", "null", "[]"]
    edition = ShelfBuilder(tmp_path).publish("A→B", [pair(code, code) for code in odd])
    release = Shelf(tmp_path).release(edition)
    assert set(pairs_of(release, [*odd, "a\0b"])) == set(odd)
    assert {c for some in ends(release) for c in some} == set(odd)
    assert {code for code, *_ in pair_tails(release, odd, reverse=True)} == set(odd)


def test_pages_and_counts(tmp_path: Path) -> None:
    release = a_map(tmp_path)
    first = pair_page(release, after=None, limit=2)
    rest = pair_page(release, after=(first[-1].source, first[-1].target), limit=2)
    assert [(p.source, p.target) for p in first + rest] == [("1", "x"), ("1", "y"), ("2", "x")]
    assert [p.source for p in pair_page(release, after=None, limit=9, part="p")] == ["2"]
    assert (count_pairs(release, status="all", part=None), count_pairs(release, status="all", part="p")) == (4, 1)
    assert tuple(size_of(release)) == (3, 2, 2)


def test_a_withdrawal_is_told_with_the_serial_and_instant_that_marked_it(committee: Committee) -> None:
    for title in ("یک", "دو", "سه"):
        committee.publish(ListOf("LNC", codes(a=title)), circular="110/37")
    first, second, third = (e.version for e in committee.shelf.catalogue().terminology("LNC").editions)
    committee.withdraw("LNC", second)  # not the current one: it is marked and nothing else
    told = [(e.serial, e.kind, e.edition.version) for e in events(committee.shelf.catalogue(), 3)]
    assert told == [(4, "withdrawn", second)]
    committee.withdraw("LNC", third)
    catalogue = committee.shelf.catalogue()
    entry = catalogue.terminology("LNC")
    told = [(e.serial, e.kind, e.edition.version) for e in events(catalogue, 4)]
    assert told == [(5, "withdrawn", third), (5, "published", entry.current.version)]
    marked = entry.edition(version=third)
    assert (marked.withdrawn_serial, marked.withdrawn_at) == (5, entry.current.published_at)
    assert entry.edition(version=first).withdrawn_serial is None
    committee.check_invariants()


def test_editions_of_the_registry_differ_as_their_rows_do(committee: Committee) -> None:
    committee.publish(ListOf("LNC", codes(a="یک", b="دو")), circular="110/37")
    committee.publish(ListOf("LNC", codes(a="یک", b="سه", c="نو")), circular="110/37")
    committee.publish(ListOf("LNC", codes(a="یک", c="نو")), circular="110/37")
    entry = committee.shelf.catalogue().terminology("LNC")
    first, second, third = (committee.shelf.release(edition) for edition in entry.editions)
    assert {c.code: c.kind for c in Differences(first, second).changes()} == {"b": "changed", "c": "added"}
    assert {c.code: c.kind for c in Differences(second, third).changes()} == {"b": "retired"}
    assert {c.code: c.kind for c in Differences(first, third).changes()} == {"b": "retired", "c": "added"}
    assert {c.code: c.kind for c in Differences(third, first).changes()} == {"b": "restored", "c": "removed"}
