"""A mirror belongs to its own user: whoever else works on it, without sudo, is told whose it is."""

from __future__ import annotations

import os
import pwd
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from maxa.errors import NotAllowed
from maxa.lock import PidLock
from maxa.mirror import places as places_module
from maxa.mirror.archive_file import export
from maxa.mirror.keep import prune, set_up
from maxa.mirror.troubles import Refused
from maxa.mirror.verify import verify
from tests.mirror.world import Centre, Mirror, Server

NOBODY = 65_534
OWNER = pwd.getpwuid(os.geteuid()).pw_name


@contextmanager
def as_somebody_else(*closed: Path) -> Iterator[None]:
    """Folders of mode 0700 as another user finds them: root becomes nobody for a while, others shut themselves out."""
    modes = {path: path.stat().st_mode for path in closed}
    me = os.geteuid()
    for path in closed:
        path.chmod(0o700 if me == 0 else 0o000)
    if me == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if me == 0:
            os.seteuid(0)
        for path, mode in modes.items():
            path.chmod(mode)


VERBS: dict[str, Callable[[Mirror, Centre], object]] = {
    "init": lambda mirror, centre: set_up(mirror.places, centre.root(), None),
    "sync": lambda mirror, centre: mirror.sync("http://127.0.0.1:9/shelf/"),
    "prune": lambda mirror, centre: prune(mirror.places, None),
    "verify": lambda mirror, centre: verify(mirror.places),
    "config": lambda mirror, centre: mirror.places.config(),
    "root": lambda mirror, centre: mirror.places.trusted_root(),
    "export": lambda mirror, centre: export(mirror.places.shelf, centre.home / "a.zip"),
}


@pytest.mark.parametrize("verb", VERBS)
def test_whoever_is_not_the_owner_is_told_who_is(verb: str, mirror: Mirror, centre: Centre, server: Server) -> None:
    mirror.sync(server.url)
    mirror.home.chmod(0o755)
    root = centre.root()
    centre.root = lambda version=1: root  # type: ignore[method-assign]
    with (
        as_somebody_else(mirror.places.home, mirror.places.shelf),
        pytest.raises(NotAllowed, match=f"as the user {OWNER}"),
    ):
        VERBS[verb](mirror, centre)
    assert mirror.is_whole()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_file_that_goes_while_root_gives_files_to_their_owner_is_no_trouble(
    mirror: Mirror, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in (mirror.home, mirror.places.home):
        os.chown(folder, NOBODY, NOBODY)
    walk = os.fwalk
    monkeypatch.setattr(
        os, "fwalk", lambda top: ((at, dirs, ["gone.json", *files], fd) for at, dirs, files, fd in walk(top))
    )
    assert mirror.sync(server.url).serial == 8
    assert mirror.places.config().url == server.url
    assert {p.stat().st_uid for p in mirror.places.home.iterdir()} == {NOBODY}


def test_files_that_can_not_be_given_away_hide_no_result_and_hold_no_lock(
    mirror: Mirror, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(folder: Path) -> None:
        raise PermissionError(1, "Operation not permitted", str(folder))

    monkeypatch.setattr(places_module, "_give_to_owner", refused)
    assert mirror.sync(server.url).serial == 8
    server.meddle = lambda name, content: b"{}" if name.endswith("timestamp.json") else content
    with pytest.raises(Refused):
        mirror.sync(server.url)
    lock = PidLock(mirror.places.home / "lock")
    assert lock.acquire()
    lock.release()
