"""Net changes against one or several bases."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maxa.shelf.changes import Bases, ChangesSince, change_kind
from maxa.shelf.reading import Shelf
from maxa.shelf.release import SealedRelease
from tests.shelves import ShelfBuilder, concept

State = dict[str, tuple[str, bool]]
states = st.dictionaries(st.sampled_from("abcdefgh"), st.tuples(st.sampled_from("آبپ"), st.booleans()), min_size=1)


def publish_all(folder: Path, history: list[State]) -> SealedRelease:
    builder = ShelfBuilder(folder)
    for n, state in enumerate(history):
        builder.publish("A", [concept(c, t, active=a) for c, (t, a) in state.items()], version=f"v{n}")
    shelf = Shelf(folder)
    return shelf.release(shelf.catalogue().terminology("A").current)


def growing(steps: list[State]) -> list[State]:
    """Codes never leave a terminology: each state holds all codes of the one before."""
    history: list[State] = []
    for step in steps:
        history.append({**(history[-1] if history else {}), **step})
    return history


@settings(max_examples=15, deadline=None)
@given(st.lists(states, min_size=1, max_size=6), st.data())
def test_changes_are_what_differs_from_any_of_the_bases(
    tmp_path_factory: pytest.TempPathFactory, steps: list[State], data: st.DataObject
) -> None:
    history = growing(steps)
    release = publish_all(tmp_path_factory.mktemp("shelf"), history)
    first = data.draw(st.integers(1, len(history) + 1))
    last = data.draw(st.integers(first, len(history) + 1))
    size = data.draw(st.integers(1, 9))
    now = history[-1]
    bases = [history[n - 2] if n > 1 else {} for n in range(first, last + 1)]
    expected = {code for code, state in now.items() if any(base.get(code) != state for base in bases)}
    changes = ChangesSince(release, Bases(first, last))
    told, after = [], None
    while page := changes.page(after=after, limit=size):
        told += page
        after = page[-1].concept.code
    assert [c.concept.code for c in told] == sorted(expected)
    assert changes.count() == len(expected)
    for change in told:
        code = change.concept.code
        base = next(b for b in bases if b.get(code) != now[code])
        before, after_ = base.get(code), now[code]
        if before is None:
            assert change.kind == ("added" if after_[1] else "retired")
        elif before[1] != after_[1]:
            assert change.kind == ("restored" if after_[1] else "retired")
        else:
            assert change.kind == "changed"


def test_many_changes_are_paged_as_few_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    history = growing(
        [{f"{n:03}": ("آ", True) for n in range(300)}, {f"{n:03}": ("ب", n % 3 > 0) for n in range(0, 300, 2)}]
    )
    release = publish_all(tmp_path, history)
    few = ChangesSince(release, Bases(2, 2)).page(after="050", limit=40)
    monkeypatch.setattr("maxa.shelf.changes._FEW", 0)
    assert ChangesSince(release, Bases(2, 2)).page(after="050", limit=40) == few
    assert len(few) == 40


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        (None, (1, 7), "added"), (None, (0, 7), "retired"), ((1, 7), (1, 7), None), ((1, 7), (1, 8), "changed"),
        ((1, 7), (0, 7), "retired"), ((0, 7), (1, 7), "restored"), ((0, 7), (0, 8), "changed"),
    ],
)  # fmt: skip
def test_kinds_of_change(before: tuple[int, int] | None, after: tuple[int, int], kind: str | None) -> None:
    assert change_kind(before, after) == kind
