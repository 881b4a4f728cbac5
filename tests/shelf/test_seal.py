"""Sealing: the shelf is a projection of the registry, resumable at every step, and never rewritten."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

import pytest
from sqlalchemy import Engine, text

from maxa.errors import Unavailable, WrongState
from maxa.shelf import Shelf, seal
from maxa.shelf.check import check_shelf
from maxa.shelf.seal import project_shelf, restore_missing
from maxa.shelf.sealed_file import sha256_of
from tests.lists import Committee, ListOf, codes

Break = Callable[..., None]


def test_nothing_published_is_an_empty_shelf(committee: Committee) -> None:
    assert committee.project() == []
    assert committee.shelf.catalogue().serial == 0


def test_a_second_projection_has_nothing_to_do(committee: Committee) -> None:
    committee.publish(ListOf("LNC", codes(a="آ")), seal=False)
    assert committee.project() == [1]
    before = (committee.folder / "catalogue.json").read_bytes()
    assert committee.project() == []
    assert (committee.folder / "catalogue.json").read_bytes() == before


class Killed(BaseException):
    """Stands for the end of the process: nothing may catch it."""


@pytest.mark.parametrize("step", ["seal_release", "write_code_index", "write_catalogue", "index_files", "sha256_of"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_projection_that_broke_off_is_finished(
    committee: Committee, monkeypatch: pytest.MonkeyPatch, step: str, when: str
) -> None:
    committee.publish(ListOf("LNC", codes(a="آ")))
    committee.publish(ListOf("LNC", codes(a="آ۲")), ListOf("RVU3", codes(r="ر")), seal=False)
    real = getattr(seal, step)

    def break_off(*args: object, **kwargs: object) -> object:
        if when == "after":
            real(*args, **kwargs)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(seal, step, break_off)
        with pytest.raises(Killed):
            committee.project()
    served = committee.current("LNC")
    assert served in ({"a": ("آ", True)}, {"a": ("آ۲", True)}), "the shelf is whole at every moment"
    committee.project()
    assert committee.current("LNC") == {"a": ("آ۲", True)}
    committee.check_invariants()
    assert not list(committee.folder.rglob(".unfinished-*"))


def test_a_reader_notices_a_publication_without_a_restart(committee: Committee) -> None:
    committee.publish(ListOf("LNC", codes(a="آ")))
    shelf = Shelf(committee.folder)
    assert shelf.catalogue().serial == 1
    committee.publish(ListOf("LNC", codes(a="آ۲")))
    assert shelf.catalogue().serial == 2


def test_what_was_published_is_visible_no_later_than_the_instant_it_bears(committee: Committee) -> None:
    committee.publish(ListOf("LNC", codes(a="آ")))
    committee.publish(ListOf("LNC", codes(a="آ۲")))
    catalogue = committee.shelf.catalogue()
    first, second = catalogue.terminology("LNC").editions
    assert first.published_at <= second.published_at == catalogue.published_at
    assert second.published_at.microsecond == 0


@pytest.mark.parametrize("damage", ["missing", "cut", "flipped", "empty", "other file"])
def test_a_damaged_file_is_refused_and_restored(committee: Committee, damage: str) -> None:
    committee.publish(ListOf("LNC", codes(**{f"c{i}": f"عنوان {i}" for i in range(200)})))
    committee.publish(ListOf("RVU3", codes(r="ر")))
    entry = committee.shelf.catalogue().terminology("LNC")
    path = committee.folder / entry.current.file
    content = path.read_bytes()
    if damage == "missing":
        path.unlink()
    elif damage == "cut":
        path.write_bytes(content[: len(content) // 2])
    elif damage == "flipped":
        middle = len(content) // 2
        path.write_bytes(content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :])
    elif damage == "empty":
        path.write_bytes(b"")
    else:
        other = committee.shelf.catalogue().terminology("RVU3").current
        path.write_bytes((committee.folder / other.file).read_bytes())
    with pytest.raises(Unavailable) as refused:
        committee.shelf.release(entry.current)
    assert str(committee.folder) not in refused.value.detail_en
    assert [p.file for p in check_shelf(committee.folder).problems] == [entry.current.file]
    assert restore_missing(committee.engine, committee.folder) == [entry.current.file]
    committee.check_invariants()
    assert path.read_bytes() == content, "the same bytes within one version of SQLite"


def test_a_file_that_is_touched_while_open_is_checked_again(committee: Committee) -> None:
    committee.publish(ListOf("LNC", codes(a="آ")))
    shelf = Shelf(committee.folder)
    edition = shelf.catalogue().terminology("LNC").current
    assert shelf.release(edition).concept("a") is not None
    path = committee.folder / edition.file
    path.write_bytes(path.read_bytes().replace("آ".encode(), "ب".encode()))
    with pytest.raises(Unavailable):
        shelf.release(edition)


@pytest.mark.parametrize("version", [0, 1, 99])
def test_a_file_of_another_format_is_refused_saying_what_was_found(committee: Committee, version: int) -> None:
    committee.publish(ListOf("LNC", codes(a="آ")))
    edition = committee.shelf.catalogue().terminology("LNC").current
    path = committee.folder / edition.file
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version={version}")
    connection.close()
    from maxa.shelf.sealed_file import open_sealed

    with pytest.raises(Unavailable, match=f"format is {version}.*reads format 2"):
        open_sealed(path)


def test_a_sound_file_of_an_older_format_is_sealed_anew_by_a_rebuild(committee: Committee) -> None:
    committee.publish(ListOf("LNC", codes(a="آ")))
    edition = committee.shelf.catalogue().terminology("LNC").current
    path = committee.folder / edition.file
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version=1")
    connection.close()
    with committee.engine.begin() as registry:  # as it was listed when that format was written
        registry.execute(
            text("UPDATE release SET sealed_size = :size, sealed_sha256 = :sha WHERE sealed_file = :name"),
            {"size": path.stat().st_size, "sha": sha256_of(path), "name": edition.file},
        )
    assert restore_missing(committee.engine, committee.folder) == [edition.file]
    assert restore_missing(committee.engine, committee.folder) == []
    committee.check_invariants()
    found = committee.shelf.release(committee.shelf.catalogue().terminology("LNC").current).concept("a")
    assert found is not None


def test_a_damaged_catalogue_is_said_and_rebuilt(committee: Committee) -> None:
    committee.publish(ListOf("LNC", codes(a="آ")))
    (committee.folder / "catalogue.json").write_bytes(b'{"format": 1')
    with pytest.raises(Unavailable):
        committee.shelf.catalogue()
    restore_missing(committee.engine, committee.folder)
    committee.check_invariants()


def test_a_shelf_that_is_ahead_of_the_registry_is_left_alone(committee: Committee, empty_registry: Engine) -> None:
    committee.publish(ListOf("LNC", codes(a="آ")))
    with pytest.raises(WrongState, match="ahead"):
        project_shelf(empty_registry, committee.folder)
    committee.check_invariants()


def test_an_older_edition_is_rebuilt_from_history(committee: Committee) -> None:
    committee.publish(ListOf("LNC", codes(a="آ", b="ب")))
    committee.publish(ListOf("LNC", codes(b="ب۲", c="پ")))
    committee.publish(ListOf("LNC", codes(a="آ۳", c="پ")))
    files = [committee.folder / e.file for e in committee.shelf.catalogue().terminology("LNC").editions]
    before = [f.read_bytes() for f in files]
    for file in files:
        file.unlink()
    restore_missing(committee.engine, committee.folder)
    assert [f.read_bytes() for f in files] == before
    committee.check_invariants()


def test_a_publication_while_sealing_takes_no_row_away(committee: Committee, monkeypatch: pytest.MonkeyPatch) -> None:
    committee.publish(ListOf("LNC", codes(a="یک", b="یک")))
    committee.publish(ListOf("LNC", codes(a="دو", b="یک")), seal=False)
    real = seal._concepts

    def publish_meanwhile(*given: object) -> object:
        monkeypatch.setattr(seal, "_concepts", real)
        committee.publish(ListOf("LNC", codes(a="سه", b="یک")), seal=False)
        return real(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(seal, "_concepts", publish_meanwhile)
    assert committee.project() == [2]
    assert committee.current("LNC") == {"a": ("دو", True), "b": ("یک", True)}
    assert committee.project() == [3]
    committee.check_invariants()


def test_a_restored_older_database_does_not_overwrite_what_was_listed(
    committee: Committee, empty_registry: Engine
) -> None:
    committee.publish(ListOf("LNC", codes(a="آ")), circular="110/37")
    before = (committee.folder / "LNC" / "1402-02-18.maxa").read_bytes()
    restored = Committee(empty_registry, committee.home)
    restored.publish(ListOf("LNC", codes(b="ب")), circular="110/37", seal=False)
    with pytest.raises(WrongState, match="ahead"):
        restored.project()
    assert (committee.folder / "LNC" / "1402-02-18.maxa").read_bytes() == before


def test_a_damaged_catalogue_is_written_anew_by_the_next_projection(committee: Committee) -> None:
    committee.publish(ListOf("LNC", codes(a="آ")))
    (committee.folder / "catalogue.json").write_bytes(b"{")
    committee.project()
    committee.check_invariants()
